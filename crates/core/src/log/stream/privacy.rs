//! Hiding what is personal before it leaves.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What stands for it.
const MASK: &str = "*****";

/// What of people is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// Which fields.
    pub log_fields: Vec<PrivateField>,
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
                                MASK.clone_into(text);
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
            Privacy { log_fields: log_fields.to_vec() }.hide(&mut event);
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
}
