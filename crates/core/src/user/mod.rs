//! Users: profile, identities, and what is known of their passwords.

mod avatar;
mod create;
mod linked;
pub mod password;
pub mod search;
mod statistics;

pub use avatar::COLORS;
pub use create::{CreateError, NewUser, create};
pub use linked::LinkedIdentity;
pub use statistics::{Statistics, UserRecord};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{ConnectionId, UserId};
use crate::time::Timestamp;

/// A person with an account.
#[derive(Clone, Debug)]
pub struct User {
    /// `auth0|…`.
    pub id: UserId,
    /// The connection the account was made in.
    pub connection_id: ConnectionId,
    /// What is known of the person.
    pub profile: Profile,
    /// Blocked users get nothing.
    pub blocked: bool,
    /// Sign-up.
    pub created_at: Timestamp,
    /// Last change of the profile.
    pub updated_at: Timestamp,
}

impl User {
    /// The part of the id behind the provider, which My Account calls `identity_user_id`.
    #[must_use]
    pub fn identity_id(&self) -> &str {
        self.id.as_str().split_once('|').map_or(self.id.as_str(), |(_, id)| id)
    }

    /// How messages and authenticator apps call the person: mail, username, phone or name.
    #[must_use]
    pub fn label(&self) -> &str {
        let profile = &self.profile;
        profile
            .email
            .as_deref()
            .or(profile.username.as_deref())
            .or(profile.phone_number.as_deref())
            .or(profile.name.as_deref())
            .unwrap_or(self.id.as_str())
    }

    /// The full name; people who gave none are called as in [`Self::label`].
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.profile.name.as_deref().unwrap_or_else(|| self.label())
    }

    /// The short name; for people who gave none it is what precedes the `@`.
    #[must_use]
    pub fn shown_nickname(&self) -> &str {
        let own = self.profile.nickname.as_deref();
        own.unwrap_or_else(|| self.label().split('@').next().unwrap_or_default())
    }
}

/// A person's profile. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// Mail address as the person writes it.
    pub email: Option<String>,
    /// Whether the person has shown to receive mail there.
    pub email_verified: bool,
    /// Username.
    pub username: Option<String>,
    /// E.164.
    pub phone_number: Option<String>,
    /// Whether the person has shown to receive messages there.
    pub phone_verified: bool,
    /// Full name.
    pub name: Option<String>,
    /// Short name.
    pub nickname: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// URL of a picture.
    pub picture: Option<String>,
    /// What the person may change.
    pub user_metadata: Map<String, Value>,
    /// What only administrators change.
    pub app_metadata: Map<String, Value>,
}

/// A name under which a person can be found in a connection, in comparable form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identifier {
    /// Mail address, lower-case.
    Email(String),
    /// E.164 number.
    Phone(String),
    /// Username, lower-case.
    Username(String),
}

impl Identifier {
    /// A mail address if `text` has the shape of one.
    #[must_use]
    pub fn email(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let plausible = !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && text.len() <= 320
            && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        plausible.then(|| Self::Email(text.to_lowercase()))
    }

    /// A username: 1 to 128 characters without spaces or `@`.
    #[must_use]
    pub fn username(text: &str) -> Option<Self> {
        let text = text.trim();
        let plausible = (1..=128).contains(&text.chars().count())
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
        plausible.then(|| Self::Username(text.to_lowercase()))
    }

    /// What somebody typed into "email or username".
    #[must_use]
    pub fn guess(text: &str) -> Option<Self> {
        Self::email(text).or_else(|| Self::username(text))
    }

    /// `email`, `phone` or `username`, as stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Phone(_) => "phone",
            Self::Username(_) => "username",
        }
    }

    /// The comparable text.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Email(value) | Self::Phone(value) | Self::Username(value) => value,
        }
    }
}

impl Profile {
    /// The names under which this person is found.
    #[must_use]
    pub fn identifiers(&self) -> Vec<Identifier> {
        let email = self.email.as_deref().and_then(Identifier::email);
        let username = self.username.as_deref().and_then(Identifier::username);
        let phone = self.phone_number.clone().map(Identifier::Phone);
        [email, username, phone].into_iter().flatten().collect()
    }
}

/// A stored password. The serialised form is that of passwords of linked identities.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Password {
    /// PHC string.
    pub hash: String,
    /// When the account first had one.
    pub created_at: Timestamp,
    /// When it was last changed, if ever.
    pub changed_at: Option<Timestamp>,
    /// The linked identity whose it is; none if it is the account's own.
    #[serde(default)]
    pub identity: Option<UserId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_mail_addresses_from_usernames() {
        assert_eq!(
            Identifier::guess(" Ada@Example.com "),
            Some(Identifier::Email("ada@example.com".into()))
        );
        assert_eq!(Identifier::guess("Ada"), Some(Identifier::Username("ada".into())));
        for nonsense in ["", "@", "a@", "@b.c", "a b", "a@b", "a@.b"] {
            assert_eq!(Identifier::email(nonsense), None, "{nonsense}");
        }
    }
}
