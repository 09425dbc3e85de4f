//! Reading documents that others wrote: members are taken one by one, and everything that is wrong
//! is noted with its place, so that whoever has to mend it need not try once per mistake. The codes
//! are those of contract 05 §9.4.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// What kind of mistake.
    pub code: String,
    /// The mistake in words.
    pub message: String,
    /// Where; empty for the whole document.
    #[serde(default)]
    pub path: String,
}

impl Flaw {
    /// A mistake.
    pub fn new(code: &str, message: impl Into<String>, path: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), path: path.into() }
    }
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub struct Flaws(RefCell<Vec<Flaw>>);

impl Flaws {
    /// Notes one.
    pub fn add(&self, flaw: Flaw) {
        self.0.borrow_mut().push(flaw);
    }

    /// All of them.
    #[must_use]
    pub fn into_vec(self) -> Vec<Flaw> {
        self.0.into_inner()
    }
}

/// An object of a document, at a place of it. A member that is `null` is not there.
pub struct Document<'a> {
    members: &'a Map<String, Value>,
    path: String,
    flaws: &'a Flaws,
    taken: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Document<'a> {
    /// The whole document; nothing, and a flaw, if it is no object.
    #[must_use]
    pub fn of(value: &'a Value, path: &str, flaws: &'a Flaws) -> Option<Self> {
        let Value::Object(members) = value else {
            let text = format!("Expected type object but found type {}", kind(value));
            flaws.add(Flaw::new("OBJECT_REQUIRED", text, path));
            return None;
        };
        Some(Self { members, path: path.to_owned(), flaws, taken: RefCell::default() })
    }

    /// Notes a mistake in the member called `name`.
    pub fn flaw(&self, name: &str, code: &str, message: impl Into<String>) {
        self.flaws.add(Flaw::new(code, message, self.path_of(name)));
    }

    /// Notes that a member is missing.
    pub fn missing(&self, name: &str) {
        self.flaw(name, "MISSING_REQUIRED_PROPERTY", format!("Missing required property: {name}"));
    }

    /// Where the member called `name` is.
    #[must_use]
    pub fn path_of(&self, name: &str) -> String {
        let separator = if self.path.is_empty() || name.is_empty() { "" } else { "." };
        format!("{}{separator}{name}", self.path)
    }

    /// A member as it is.
    pub fn get(&self, name: &'static str) -> Option<&'a Value> {
        self.taken.borrow_mut().insert(name);
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A member that is a text of so many characters.
    pub fn text(&self, name: &'static str, length: RangeInclusive<usize>) -> Option<&'a str> {
        let Value::String(text) = self.get(name)? else { return self.mistyped(name, "string") };
        let count = text.chars().count();
        if text.contains('\0') {
            self.flaw(name, "PATTERN", "String contains a null character");
            return None;
        }
        if length.contains(&count) {
            return Some(text);
        }
        let (code, word, limit) = if count < *length.start() {
            ("MIN_LENGTH", "short", format!("minimum {}", length.start()))
        } else {
            ("MAX_LENGTH", "long", format!("maximum {}", length.end()))
        };
        self.flaw(name, code, format!("String is too {word} ({count} chars), {limit}"));
        None
    }

    /// The same for a member that must be there.
    pub fn required_text(
        &self,
        name: &'static str,
        length: RangeInclusive<usize>,
    ) -> Option<&'a str> {
        if self.get(name).is_none() {
            self.missing(name);
        }
        self.text(name, length)
    }

    /// A member that is true or false.
    pub fn flag(&self, name: &'static str) -> Option<bool> {
        let value = self.get(name)?;
        value.as_bool().or_else(|| self.mistyped(name, "boolean"))
    }

    /// A member that is a whole number in a range.
    pub fn number(&self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let value = self.get(name)?;
        let Some(number) = value.as_u64() else { return self.mistyped(name, "integer") };
        if range.contains(&number) {
            return Some(number);
        }
        let (code, text) = if number < *range.start() {
            ("MINIMUM", format!("Value {number} is less than minimum {}", range.start()))
        } else {
            ("MAXIMUM", format!("Value {number} is greater than maximum {}", range.end()))
        };
        self.flaw(name, code, text);
        None
    }

    /// A member that is one of these texts; what that stands for.
    pub fn one_of<T: Copy>(&self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let Value::String(text) = self.get(name)? else { return self.mistyped(name, "string") };
        let found = choices.iter().find(|(own, _)| own == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let names = choices.iter().map(|(own, _)| *own).collect::<Vec<_>>().join(", ");
            self.flaw(name, "ENUM_MISMATCH", format!("No enum match: expected one of {names}"));
        }
        found
    }

    /// A member that is an object.
    pub fn object(&self, name: &'static str) -> Option<Document<'a>> {
        Document::of(self.get(name)?, &self.path_of(name), self.flaws)
    }

    /// An object inside, at the place `path` of the document.
    pub fn inside(&self, value: &'a Value, path: &str) -> Option<Document<'a>> {
        Document::of(value, path, self.flaws)
    }

    /// A member that is a list.
    pub fn list(&self, name: &'static str) -> Option<&'a [Value]> {
        match self.get(name)? {
            Value::Array(items) => Some(items),
            _ => self.mistyped(name, "array"),
        }
    }

    /// Notes the members that nobody asked for.
    pub fn finish(&self) {
        let taken = self.taken.borrow();
        for name in self.members.keys().filter(|name| !taken.contains(name.as_str())) {
            let text = format!("Additional properties not allowed: {name}");
            self.flaw(name, "OBJECT_ADDITIONAL_PROPERTIES", text);
        }
    }

    /// Notes that a member is of another type than `expected`.
    fn mistyped<T>(&self, name: &str, expected: &str) -> Option<T> {
        let found = self.members.get(name).map_or("null", kind);
        let text = format!("Expected type {expected} but found type {found}");
        self.flaw(name, "INVALID_TYPE", text);
        None
    }
}

/// The JSON type of a value, as errors name it.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_flaw_is_told_with_its_place() {
        let value = json!({
            "short": "", "long": "abc", "flag": 1, "few": 1, "many": 9, "kind": "c", "no": {},
            "inner": { "deep": [] }, "nothing": null, "more": 1,
        });
        let flaws = Flaws::default();
        let document = Document::of(&value, "", &flaws).expect("an object");
        assert_eq!(document.text("short", 1..=2), None);
        assert_eq!(document.text("long", 1..=2), None);
        assert_eq!(document.flag("flag"), None);
        assert_eq!(document.number("few", 2..=3), None);
        assert_eq!(document.number("many", 2..=3), None);
        assert_eq!(document.one_of("kind", &[("a", 1), ("b", 2)]), None);
        assert!(document.list("no").is_none());
        assert_eq!(document.required_text("nothing", 0..=1), None);
        let inner = document.object("inner").expect("an object");
        assert_eq!(inner.text("deep", 0..=9), None);
        assert!(Document::of(&json!(3), "there", &flaws).is_none());
        document.finish();
        let found: Vec<_> = flaws
            .into_vec()
            .into_iter()
            .map(|flaw| format!("{} {}", flaw.code, flaw.path))
            .collect();
        let expected = [
            "MIN_LENGTH short",
            "MAX_LENGTH long",
            "INVALID_TYPE flag",
            "MINIMUM few",
            "MAXIMUM many",
            "ENUM_MISMATCH kind",
            "INVALID_TYPE no",
            "MISSING_REQUIRED_PROPERTY nothing",
            "INVALID_TYPE inner.deep",
            "OBJECT_REQUIRED there",
            "OBJECT_ADDITIONAL_PROPERTIES more",
        ];
        assert_eq!(found, expected);
    }
}
