//! Whom a message goes to, and what templates may say of them.

use crate::id::ClientId;
use crate::user::User;

/// An address or number, and what is known of who is there and why.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// Address, number or device.
    pub address: &'a str,
    /// The person.
    pub user: Option<&'a User>,
    /// The application they are on the way to.
    pub client: Option<&'a ClientId>,
    /// The languages they asked for, if not those of this request.
    pub languages: Option<&'a str>,
}

impl<'a> Addressee<'a> {
    /// `user`, at `address`.
    #[must_use]
    pub fn of(address: &'a str, user: &'a User) -> Self {
        Self { user: Some(user), ..Self::from(address) }
    }

    /// The same on the way to an application.
    #[must_use]
    pub fn towards(self, client: Option<&'a ClientId>) -> Self {
        Self { client, ..self }
    }

    /// The same with the languages of an authorization request.
    #[must_use]
    pub fn speaking(self, languages: Option<&'a str>) -> Self {
        Self { languages, ..self }
    }
}

impl<'a> From<&'a str> for Addressee<'a> {
    fn from(address: &'a str) -> Self {
        Self { address, user: None, client: None, languages: None }
    }
}

impl<'a> From<&'a String> for Addressee<'a> {
    fn from(address: &'a String) -> Self {
        Self::from(address.as_str())
    }
}
