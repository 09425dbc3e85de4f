//! Reading the members of a body that was found to have its form.

use housekey_core::manage::ManageError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::shape::{Field, refusal, without_nulls};

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

impl<T> Sent<T> {
    /// The value, if there is one.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Null => None,
        }
    }

    /// The same with its value turned into another.
    pub(super) fn map<U>(self, turn: impl FnOnce(T) -> U) -> Sent<U> {
        match self {
            Self::Nothing => Sent::Nothing,
            Self::Null => Sent::Null,
            Self::Value(value) => Sent::Value(turn(value)),
        }
    }

    /// Does to `place` what was asked for.
    pub(super) fn set(self, place: &mut T, default: T) {
        match self {
            Self::Nothing => {}
            Self::Null => *place = default,
            Self::Value(value) => *place = value,
        }
    }
}

impl Sent<Members> {
    /// Does to `place` what was asked for about a member of an object; an object that is `null` has
    /// all members at their defaults.
    pub(super) fn set_member<T: DeserializeOwned>(
        self,
        name: &str,
        place: &mut T,
        default: T,
    ) -> Result<(), ManageError> {
        match self {
            Self::Nothing => Ok(()),
            Self::Null => {
                *place = default;
                Ok(())
            }
            Self::Value(mut members) => members.set(name, place, default),
        }
    }
}

/// Refuses settings this version has one value of to have another. Accepting it and not keeping to
/// it would be worse.
pub(super) fn refuse_other(body: &mut Members, only: &[(&str, Value)]) -> Result<(), ManageError> {
    for (name, only) in only {
        if let Sent::Value(value) = body.get::<Value>(name)?
            && value != *only
        {
            let text = format!("{name} can only be {only} in this version of Housekey.");
            return Err(ManageError::NotSupported(text));
        }
    }
    Ok(())
}

/// What to say about a member that has its form but cannot be.
pub(super) fn refused(reason: &str, path: &str) -> ManageError {
    ManageError::InvalidBody(refusal(reason, path))
}

/// The members of a body, taken one by one.
#[derive(Clone, Debug, Default)]
pub(super) struct Members(Map<String, Value>);

impl Members {
    pub(super) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The names of those that were not taken out yet.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Takes a member out.
    ///
    /// # Errors
    /// [`ManageError::InvalidBody`] if it is no `T`.
    pub(super) fn get<T: DeserializeOwned>(&mut self, name: &str) -> Result<Sent<T>, ManageError> {
        match self.0.remove(name) {
            None => Ok(Sent::Nothing),
            Some(Value::Null) => Ok(Sent::Null),
            Some(value) => serde_json::from_value(value)
                .map(Sent::Value)
                .map_err(|error| refused(&error.to_string(), name)),
        }
    }

    /// Takes a member out and does to `place` what was asked for.
    ///
    /// # Errors
    /// [`ManageError::InvalidBody`] if it is no `T`.
    pub(super) fn set<T: DeserializeOwned>(
        &mut self,
        name: &str,
        place: &mut T,
        default: T,
    ) -> Result<(), ManageError> {
        self.get(name)?.set(place, default);
        Ok(())
    }

    /// Takes a member out that may be unset, and does to `place` what was asked for.
    ///
    /// # Errors
    /// [`ManageError::InvalidBody`] if it is no `T`.
    pub(super) fn set_some<T: DeserializeOwned>(
        &mut self,
        name: &str,
        place: &mut Option<T>,
    ) -> Result<(), ManageError> {
        match self.get(name)? {
            Sent::Nothing => {}
            Sent::Null => *place = None,
            Sent::Value(value) => *place = Some(value),
        }
        Ok(())
    }

    /// Takes out a member that is an object.
    ///
    /// # Errors
    /// [`ManageError::InvalidBody`] if it is none.
    pub(super) fn object(&mut self, name: &str) -> Result<Sent<Self>, ManageError> {
        Ok(match self.get(name)? {
            Sent::Nothing => Sent::Nothing,
            Sent::Null => Sent::Null,
            Sent::Value(members) => Sent::Value(Self(members)),
        })
    }

    /// Everything that was not taken out.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.0
    }

    /// Takes a required text out.
    ///
    /// # Errors
    /// [`ManageError::InvalidBody`] if it is not there.
    pub(super) fn text(&mut self, name: &str) -> Result<String, ManageError> {
        let missing = || refused(&format!("Missing required property: {name}"), name);
        self.get(name)?.value().ok_or_else(missing)
    }

    /// Takes out what is only to be kept, and keeps it.
    pub(super) fn keep(&mut self, fields: &[Field], kept: &mut Map<String, Value>) {
        for field in fields.iter().filter(|field| field.is_kept()) {
            match self.0.remove(field.name) {
                None => {}
                Some(Value::Null) => {
                    kept.remove(field.name);
                }
                Some(value) => {
                    kept.insert(field.name.to_owned(), without_nulls(&field.shape, value));
                }
            }
        }
    }
}

/// Metadata as it becomes when `sent` is merged into it: members are replaced, those sent as `null`
/// go (contract 05 §4).
pub(super) fn merged(
    mut stored: Map<String, Value>,
    sent: Map<String, Value>,
) -> Map<String, Value> {
    for (name, value) in sent {
        if value.is_null() {
            stored.remove(&name);
        } else {
            stored.insert(name, value);
        }
    }
    stored
}

/// Adds the members of one object to another.
pub(super) fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// Adds a member if there is a value for it: what is unset is left out of answers.
pub(super) fn optional(object: &mut Value, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        object[name] = value;
    }
}
