//! The fields a query may name.

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// The connection's name.
    Connection,
    /// A place in the metadata.
    Metadata {
        /// The whole path.
        path: String,
        /// Whether a value may end in `*`; people's own metadata is found exactly.
        wildcards: bool,
    },
    /// A number or an instant.
    Number(NumberField),
    /// The identity provider.
    Provider,
    /// A text.
    Text(&'static str),
}

/// A number of a user, or an instant as milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberField {
    /// Sign-up.
    CreatedAt,
    /// Last authentication; absent before the first.
    LastLogin,
    /// Number of authentications.
    LoginsCount,
    /// Last change.
    UpdatedAt,
}

/// Texts, by name; see [`super::comparable`] for those whose case does not matter.
const TEXTS: &[&str] = &[
    "blocked",
    "email",
    "email_verified",
    "family_name",
    "given_name",
    "name",
    "nickname",
    "phone_number",
    "phone_verified",
    "user_id",
    "username",
];

impl Field {
    /// The field of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if let Some(text) = TEXTS.iter().find(|text| **text == name) {
            return Some(Self::Text(text));
        }
        let in_metadata =
            |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
        Some(match name {
            "identities.connection" => Self::Connection,
            "identities.provider" => Self::Provider,
            "created_at" => Self::Number(NumberField::CreatedAt),
            "last_login" => Self::Number(NumberField::LastLogin),
            "logins_count" => Self::Number(NumberField::LoginsCount),
            "updated_at" => Self::Number(NumberField::UpdatedAt),
            _ if in_metadata("app_metadata.") => {
                Self::Metadata { path: name.to_owned(), wildcards: true }
            }
            _ if in_metadata("user_metadata.") => {
                Self::Metadata { path: name.to_owned(), wildcards: false }
            }
            _ => return None,
        })
    }
}
