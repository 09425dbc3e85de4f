//! Codes by mail.

use super::MethodKind;
use crate::user::Identifier;

/// The method for `address`, or none if that is no mail address.
#[must_use]
pub fn begin(address: &str) -> Option<MethodKind> {
    let address = address.trim();
    Identifier::email(address).map(|_| MethodKind::Email { address: address.to_owned() })
}

/// Whether two addresses are the same mailbox for us.
#[must_use]
pub fn same_mailbox(left: &str, right: &str) -> bool {
    Identifier::email(left).is_some_and(|left| Identifier::email(right) == Some(left))
}
