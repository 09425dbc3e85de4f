//! Reading a body member by member. The first thing that is wrong is told, in the wording tools
//! know (contract 05 §2.1).

use housekey_core::manage::ManageError;
use serde_json::{Map, Value};

/// What was sent for a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent<T> {
    /// Nothing: it stays as it is.
    Nothing,
    /// `null`: it goes back to its default.
    Null,
    /// A value.
    Value(T),
}

/// A body being read.
pub(super) struct Members {
    members: Map<String, Value>,
    wrong: Option<String>,
}

impl Members {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self { members, wrong: None }
    }

    /// Notes what is wrong, if nothing was before.
    pub(super) fn refuse(&mut self, reason: &str, property: &str) {
        self.wrong.get_or_insert_with(|| {
            format!("Payload validation error: '{reason}' on property {property}.")
        });
    }

    /// A member of any type.
    pub(super) fn any(&mut self, name: &str) -> Sent<Value> {
        match self.members.remove(name) {
            None => Sent::Nothing,
            Some(Value::Null) => Sent::Null,
            Some(value) => Sent::Value(value),
        }
    }

    /// A member that `read` understands; `expected` names its type.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl FnOnce(Value) -> Option<T>,
    ) -> Sent<T> {
        match self.any(name) {
            Sent::Nothing => Sent::Nothing,
            Sent::Null => Sent::Null,
            Sent::Value(value) => {
                let found = kind(&value);
                match read(value) {
                    Some(value) => Sent::Value(value),
                    None if found == expected => {
                        self.refuse("No enum match", name);
                        Sent::Nothing
                    }
                    None => {
                        let reason = format!("Expected type {expected} but found type {found}");
                        self.refuse(&reason, name);
                        Sent::Nothing
                    }
                }
            }
        }
    }

    /// A text of `least` to `most` characters.
    pub(super) fn text(&mut self, name: &str, least: usize, most: usize) -> Sent<String> {
        let sent = self.read(name, "string", |value| value.as_str().map(str::to_owned));
        if let Sent::Value(text) = &sent {
            let length = text.chars().count();
            if length < least {
                let reason = format!("String is too short ({length} chars), minimum {least}");
                self.refuse(&reason, name);
            } else if length > most {
                let reason = format!("String is too long ({length} chars), maximum {most}");
                self.refuse(&reason, name);
            }
        }
        sent
    }

    /// The same, which must be there.
    pub(super) fn required_text(&mut self, name: &str, least: usize, most: usize) -> String {
        match self.text(name, least, most) {
            Sent::Value(text) => text,
            Sent::Nothing | Sent::Null => {
                self.refuse(&format!("Missing required property: {name}"), name);
                String::new()
            }
        }
    }

    /// True or false.
    pub(super) fn flag(&mut self, name: &str) -> Sent<bool> {
        self.read(name, "boolean", |value| value.as_bool())
    }

    /// A whole number in a range.
    pub(super) fn integer(&mut self, name: &str, least: i64, most: i64) -> Sent<i64> {
        let sent = self.read(name, "integer", |value| value.as_i64());
        if let Sent::Value(number) = sent
            && !(least..=most).contains(&number)
        {
            let reason = format!("Value {number} is not between {least} and {most}");
            self.refuse(&reason, name);
        }
        sent
    }

    /// One of the values that `parse` knows.
    pub(super) fn one_of<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Sent<T> {
        self.read(name, "string", |value| parse(value.as_str()?))
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, name: &str, most: usize) -> Sent<Vec<String>> {
        self.read(name, "array", |value| {
            let list = value.as_array()?;
            let text = |value: &Value| {
                let text = value.as_str()?;
                (text.chars().count() <= most).then(|| text.to_owned())
            };
            list.iter().map(text).collect()
        })
    }

    /// An object's members.
    pub(super) fn object(&mut self, name: &str) -> Sent<Members> {
        self.read(name, "object", |value| match value {
            Value::Object(members) => Some(Self::new(members)),
            _ => None,
        })
    }

    /// Takes over what was wrong with an object inside, and refuses its members nobody read.
    pub(super) fn finish_object(&mut self, name: &str, inside: Members) {
        if let Err(ManageError::InvalidBody(wrong)) = inside.finish() {
            self.wrong
                .get_or_insert(wrong.replace("on property ", &format!("on property {name}.")));
        }
    }

    /// Done, or what is wrong. Members nobody read are.
    pub(super) fn finish(mut self) -> Result<(), ManageError> {
        if let Some(name) = self.members.keys().next().cloned() {
            self.wrong.get_or_insert_with(|| {
                format!("Payload validation error: 'Additional properties not allowed: {name}'.")
            });
        }
        match self.wrong {
            None => Ok(()),
            Some(wrong) => Err(ManageError::InvalidBody(wrong)),
        }
    }
}

fn kind(value: &Value) -> &'static str {
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
