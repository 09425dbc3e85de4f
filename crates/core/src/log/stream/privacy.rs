//! Hiding what is personal before it leaves.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use twox_hash::XxHash64;

/// What stands for it.
const MASK: &str = "*****";

/// What of people is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// Which fields.
    pub log_fields: Vec<PrivateField>,
    /// How.
    #[serde(default)]
    pub method: HideBy,
}

/// How something personal is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HideBy {
    /// The same stands for everything.
    #[default]
    Mask,
    /// Its xxHash stands for it, so that what is equal stays equal. Whoever guesses right can tell:
    /// it is no protection from the receiver.
    Hash,
}

impl HideBy {
    fn hide(self, text: &mut String) {
        *text = match self {
            Self::Mask => MASK.to_owned(),
            Self::Hash => format!("{:016x}", XxHash64::oneshot(0, text.as_bytes())),
        };
    }
}

/// Something personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateField {
    /// Where somebody lives.
    Address,
    /// Mail address.
    Email,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Telephone number.
    Phone,
    /// Username.
    Username,
}

impl PrivateField {
    fn is(self, name: &str, value: &str) -> bool {
        let is_phone = || value.starts_with('+') && value[1..].bytes().all(|b| b.is_ascii_digit());
        // A user's name in the log is whatever they are called by.
        let is_label = matches!(name, "user_name" | "name" | "nickname");
        match self {
            Self::Address => name == "address",
            Self::Email => name == "email" || value.contains('@'),
            Self::FirstName => matches!(name, "given_name" | "first_name") || name == "name",
            Self::LastName => matches!(name, "family_name" | "last_name") || name == "name",
            Self::Phone => name.starts_with("phone") || is_phone(),
            Self::Username => {
                name == "username" || (is_label && !value.contains('@') && !is_phone())
            }
        }
    }
}

impl Privacy {
    /// Hides what is to be hidden, however deep it is.
    pub fn hide(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) => {
                            if self.log_fields.iter().any(|field| field.is(name, text)) {
                                self.method.hide(text);
                            }
                        }
                        member => self.hide(member),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_personal_is_hidden_wherever_it_is() {
        use PrivateField::{Email, FirstName, Phone, Username};
        let event = json!({
            "type": "s", "user_name": "ada@example.com",
            "details": { "request": { "body": { "given_name": "Ada", "phone_number": "+15550001" } },
                "list": [{ "email": "ada@example.com", "username": "ada" }] },
        });
        let hidden = |log_fields: &[PrivateField]| {
            let mut event = event.clone();
            let privacy = Privacy { log_fields: log_fields.to_vec(), method: HideBy::Mask };
            privacy.hide(&mut event);
            event
        };
        assert_eq!(hidden(&[]), event);
        let some = hidden(&[Email]);
        assert_eq!(
            (&some["user_name"], &some["details"]["list"][0]["email"]),
            (&json!(MASK), &json!(MASK))
        );
        assert_eq!(some["details"]["request"], event["details"]["request"]);
        let all = hidden(&[Email, FirstName, Phone, Username]).to_string();
        assert!(!all.contains("ada") && !all.contains("Ada") && !all.contains("+1555"), "{all}");
    }

    #[test]
    fn what_is_hashed_stays_comparable() {
        let hashed = |text: &str| {
            let mut event = json!({ "email": text });
            let privacy = Privacy { log_fields: vec![PrivateField::Email], method: HideBy::Hash };
            privacy.hide(&mut event);
            event["email"].as_str().map(ToOwned::to_owned)
        };
        // The algorithm's own test vector: XXH64 of "abc" with seed 0.
        assert_eq!(hashed("abc").as_deref(), Some("44bc2cf5ad770999"));
        assert_ne!(hashed("ada@example.com"), hashed("eve@example.com"));
    }
}
