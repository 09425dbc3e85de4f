//! Terms: what is known of a person as pairs of path and value, in the form in which they are
//! compared. The store keeps them beside the user, indexed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::user::User;

/// A path and one of its values.
pub type Term = (String, String);

/// How many values of somebody's metadata can be found; the rest cannot.
pub const MAX_METADATA_TERMS: usize = 500;
/// How much of a value is compared, in characters. Databases limit what an index holds.
const MAX_VALUE: usize = 256;
/// The longest path of a term, in characters.
const MAX_PATH: usize = 128;

/// Texts that are found whatever their case.
const CASELESS: &[&str] = &["email", "family_name", "given_name", "name", "nickname"];

/// A value as it is compared.
#[must_use]
pub fn comparable(path: &str, value: &str) -> String {
    let head = |text: &str| text.chars().take(MAX_VALUE).collect();
    if CASELESS.contains(&path) { head(&value.to_lowercase()) } else { head(value) }
}

/// All terms of a user.
#[must_use]
pub fn terms(user: &User) -> BTreeSet<Term> {
    let profile = &user.profile;
    let mut terms = Terms::default();
    terms.put("user_id", user.id.as_str());
    terms.put("name", user.shown_name());
    terms.put("nickname", user.shown_nickname());
    terms.put("blocked", flag(user.blocked));
    terms.put("email_verified", flag(profile.email_verified));
    if profile.phone_number.is_some() {
        terms.put("phone_verified", flag(profile.phone_verified));
    }
    for (path, value) in [
        ("email", &profile.email),
        ("username", &profile.username),
        ("phone_number", &profile.phone_number),
        ("given_name", &profile.given_name),
        ("family_name", &profile.family_name),
    ] {
        if let Some(value) = value {
            terms.put(path, value);
        }
    }
    terms.room = MAX_METADATA_TERMS;
    terms.put_members("app_metadata", &profile.app_metadata);
    terms.put_members("user_metadata", &profile.user_metadata);
    terms.found
}

fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[derive(Default)]
struct Terms {
    found: BTreeSet<Term>,
    /// How many more values of metadata may be added.
    room: usize,
}

impl Terms {
    fn put(&mut self, path: &str, value: &str) {
        // PostgreSQL takes no text with a NUL in it.
        let fits =
            path.chars().count() <= MAX_PATH && !path.contains('\0') && !value.contains('\0');
        if fits {
            self.found.insert((path.to_owned(), comparable(path, value)));
        }
    }

    fn put_members(&mut self, path: &str, members: &Map<String, Value>) {
        for (name, value) in members {
            self.put_value(&format!("{path}.{name}"), value);
        }
    }

    /// An array has the values of its elements.
    fn put_value(&mut self, path: &str, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.put_value(path, value)),
            Value::Object(members) => self.put_members(path, members),
            Value::Null => {}
            _ if self.room == 0 => {}
            Value::Bool(value) => self.put_counted(path, flag(*value)),
            Value::Number(number) => self.put_counted(path, &number.to_string()),
            Value::String(text) => self.put_counted(path, text),
        }
    }

    fn put_counted(&mut self, path: &str, value: &str) {
        self.room -= 1;
        self.put(path, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::id::{ConnectionId, UserId};
    use crate::time::Timestamp;
    use crate::user::Profile;

    fn user(profile: Profile) -> User {
        User {
            id: UserId::from_raw("auth0|1"),
            connection_id: ConnectionId::from_raw("con_1"),
            profile,
            blocked: false,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn values_are_found_wherever_they_are() {
        let app_metadata =
            object(&json!({ "plan": "Full", "a": { "b": [1, { "c": true }] }, "n": null }));
        let email = Some("Ada@Example.com".to_owned());
        let terms = terms(&user(Profile { email, app_metadata, ..Profile::default() }));
        let has = |path: &str, value: &str| terms.contains(&(path.to_owned(), value.to_owned()));
        assert!(has("email", "ada@example.com") && has("name", "ada@example.com"));
        assert!(has("nickname", "ada") && has("blocked", "false"));
        assert!(has("app_metadata.plan", "Full") && has("app_metadata.a.b", "1"));
        assert!(has("app_metadata.a.b.c", "true"));
        assert!(!terms.iter().any(|(path, _)| path == "app_metadata.n"));
    }

    #[test]
    fn what_is_kept_is_limited() {
        let many: Vec<_> = (0..2000).collect();
        let long = "x".repeat(1000);
        let user_metadata = object(&json!({ "long": long, "many": many, "nul": "a\0b" }));
        let terms = terms(&user(Profile { user_metadata, ..Profile::default() }));
        assert!(terms.len() <= MAX_METADATA_TERMS + 8);
        assert!(terms.iter().all(|(_, value)| value.chars().count() <= MAX_VALUE));
        assert!(terms.iter().all(|(_, value)| !value.contains('\0')));
    }
}
