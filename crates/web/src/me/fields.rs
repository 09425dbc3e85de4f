//! Reading a JSON object member by member, collecting everything that is wrong with it in the
//! wording of JSON Schema validators (contract 01 §5.3).

use housekey_core::account::{AccountError, Violation};
use serde_json::{Map, Value};

use super::MeError;

/// An object being read.
pub(super) struct Fields {
    members: Map<String, Value>,
    violations: Vec<Violation>,
}

impl Fields {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self { members, violations: Vec::new() }
    }

    /// Notes a violation at a member.
    pub(super) fn refuse(&mut self, name: &str, rule: &str) {
        self.violations.push(Violation::new(format!("/{name}"), format!("data/{name} {rule}")));
    }

    /// Whether the member is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Takes a member out.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    /// A text of `least` to `most` characters, if it is there.
    pub(super) fn text(&mut self, name: &str, least: usize, most: usize) -> Option<String> {
        let Value::String(text) = self.take(name)? else {
            self.refuse(name, "must be string");
            return None;
        };
        let length = text.chars().count();
        if length < least {
            self.refuse(name, &format!("must NOT have fewer than {least} characters"));
        } else if length > most {
            self.refuse(name, &format!("must NOT have more than {most} characters"));
        }
        Some(text)
    }

    /// The same, and its absence is a violation.
    pub(super) fn required_text(&mut self, name: &str, least: usize, most: usize) -> String {
        if !self.has(name) {
            let detail = format!("data must have required property '{name}'");
            self.violations.push(Violation::new("", detail));
        }
        self.text(name, least, most).unwrap_or_default()
    }

    /// True or false, if it is there.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        if !value.is_boolean() {
            self.refuse(name, "must be boolean");
        }
        value.as_bool()
    }

    /// An object that `parse` reads, whose complaints point from its own root; its absence is a
    /// violation.
    pub(super) fn required_object<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Value) -> Result<T, Vec<Violation>>,
    ) -> Option<T> {
        let Some(value) = self.take(name) else {
            let detail = format!("data must have required property '{name}'");
            self.violations.push(Violation::new("", detail));
            return None;
        };
        let complain = |one: Violation| {
            let at = format!("/{name}{}", one.at);
            let detail = format!("data{at} {}", one.detail);
            Violation::new(at, detail)
        };
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(violations) => {
                self.violations.extend(violations.into_iter().map(complain));
                None
            }
        }
    }

    /// A text of that length in which every character `is_allowed`, if it is there.
    pub(super) fn text_of(
        &mut self,
        name: &str,
        most: usize,
        pattern: &str,
        is_allowed: impl Fn(char) -> bool,
    ) -> Option<String> {
        let text = self.text(name, 1, most)?;
        if !text.is_empty() && !text.chars().all(is_allowed) {
            self.refuse(name, &format!("must match pattern \"{pattern}\""));
        }
        Some(text)
    }

    /// One of the values that `parse` knows; anything else, and absence, is a violation.
    pub(super) fn required_one_of<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let is_text = self.members.get(name).is_some_and(Value::is_string);
        let value = parse(&self.required_text(name, 0, usize::MAX));
        if value.is_none() && is_text {
            self.refuse(name, "must be equal to one of the allowed values");
        }
        value
    }

    /// One of the values that `parse` knows, if it is there; anything else is a violation.
    pub(super) fn one_of<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = parse(&self.text(name, 0, usize::MAX)?);
        if value.is_none() {
            self.refuse(name, "must be equal to one of the allowed values");
        }
        value
    }

    /// Refuses members nobody asked for.
    pub(super) fn refuse_others(&mut self) {
        if !self.members.is_empty() {
            let detail = "data must NOT have additional properties";
            self.violations.push(Violation::new("", detail));
        }
    }

    /// Done, or everything that is wrong.
    pub(super) fn finish(self) -> Result<(), MeError> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(MeError::Account(AccountError::Invalid(self.violations)))
        }
    }
}
