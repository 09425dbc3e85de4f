//! Tickets: single-use links sent by mail.

use crate::id::{ClientId, UserId};
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// What a ticket is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketPurpose {
    /// Setting a new password.
    PasswordReset,
    /// Showing that mail arrives at the profile's address.
    VerifyEmail,
}

impl TicketPurpose {
    /// The name in storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::VerifyEmail => "verify_email",
        }
    }

    /// The purpose of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::PasswordReset, Self::VerifyEmail].into_iter().find(|own| own.as_str() == name)
    }
}

/// A single-use link.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Hash of the ticket.
    pub handle: HandleHash,
    /// What for.
    pub purpose: TicketPurpose,
    /// Whose account.
    pub user_id: UserId,
    /// The mail address it was sent to; worthless once the account has another.
    pub email: String,
    /// The application people came from.
    pub client_id: Option<ClientId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// End.
    pub expires_at: Timestamp,
}
