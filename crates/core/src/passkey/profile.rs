//! What must be known of somebody who signs up with a passkey (contract 04 §10.2).

use crate::connection::{Connection, NameError};
use crate::user::{Identifier, Profile};

/// Whether an account may be made from it: the names the connection wants, each well-formed.
///
/// # Errors
/// What is wrong, for the developer of the app.
pub(super) fn check_profile(
    connection: &Connection,
    profile: &Profile,
) -> Result<(), &'static str> {
    if connection.options.disable_signup {
        return Err("Signups are disabled for the connection.");
    }
    if profile.email.as_deref().is_some_and(|email| Identifier::email(email).is_none()) {
        return Err("user_profile.email is not a mail address");
    }
    connection.options.names().check_signup(profile).map_err(|error| match error {
        NameError::Missing("username") => "user_profile.username is required",
        NameError::Missing("phone_number") => "user_profile.phone_number is required",
        NameError::Missing(_) => "user_profile.email is required",
        NameError::Malformed(_) => "user_profile.username is not a username",
        NameError::Unknown(_) => "user_profile.username is not used by the connection",
    })?;
    match profile.phone_number.as_deref() {
        Some(number) if !is_e164(number) => Err("user_profile.phone_number is not an E.164 number"),
        _ => Ok(()),
    }
}

fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::ConnectionOptions;
    use crate::id::ConnectionId;

    fn checked(options: ConnectionOptions, profile: &Profile) -> Result<(), &'static str> {
        let id = ConnectionId::from_raw("con_1");
        check_profile(&Connection { id, name: "db".to_owned(), options }, profile)
    }

    fn ada() -> Profile {
        Profile { email: Some("ada@example.com".to_owned()), ..Profile::default() }
    }

    #[test]
    fn a_connection_decides_which_names_are_wanted() {
        let usernames =
            || ConnectionOptions { requires_username: true, ..ConnectionOptions::default() };
        let with = |username: &str| Profile { username: Some(username.to_owned()), ..ada() };
        assert_eq!(checked(ConnectionOptions::default(), &ada()), Ok(()));
        assert!(checked(ConnectionOptions::default(), &with("ada")).is_err());
        assert_eq!(checked(usernames(), &with("ada")), Ok(()));
        assert!(checked(usernames(), &with("a da")).is_err());
        assert!(checked(usernames(), &ada()).is_err());
        let closed = ConnectionOptions { disable_signup: true, ..ConnectionOptions::default() };
        assert!(checked(closed, &ada()).is_err());
    }

    #[test]
    fn phone_numbers_are_whole() {
        for (number, is_one) in [
            ("+4930123456", true),
            ("030123456", false),
            ("+0301234567", false),
            ("+49 30 1", false),
        ] {
            assert_eq!(is_e164(number), is_one, "{number}");
        }
    }
}
