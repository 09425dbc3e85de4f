//! Links that operators have made to give to people themselves (contract 05 §16).

use serde_json::Value;

use super::record::{Done, settle};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;
use crate::id::{ConnectionId, UserId};
use crate::login::{NewLink, TicketPurpose, new_link};
use crate::port::Tx;
use crate::user::{Identifier, User};

/// Whom a link is for.
#[derive(Clone, Debug)]
pub enum Whose {
    /// The user of that id.
    User(UserId),
    /// Whoever has a mail address in a connection.
    Address {
        /// The connection.
        connection: ConnectionId,
        /// The mail address.
        email: String,
    },
}

/// Makes a link. Nothing is sent.
///
/// # Errors
/// [`ManageError::NotFound`]; [`ManageError::InvalidBody`] for somebody without a mail address.
pub async fn create(
    app: &App,
    call: &Call,
    operator: &Operator,
    whose: &Whose,
    (purpose, link): (TicketPurpose, NewLink),
    body: Value,
) -> Result<String, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    let user = find(call, &mut *tx, whose).await?.ok_or(ManageError::NotFound(Thing::User))?;
    if user.profile.email.is_none() {
        let text = "The user does not have an email address.";
        return Err(ManageError::InvalidBody(text.to_owned()));
    }
    let (_, link) = new_link(app, call, &mut *tx, &user, purpose, link).await?;
    let id = match purpose {
        TicketPurpose::Enrollment => "enrollment",
        TicketPurpose::PasswordReset => "password-change",
        TicketPurpose::VerifyEmail => "email-verification",
    };
    let done = Done { method: "POST", resource: "tickets", id, body };
    settle(app, call, tx, operator, done).await?;
    Ok(link)
}

async fn find(call: &Call, tx: &mut dyn Tx, whose: &Whose) -> Result<Option<User>, ManageError> {
    match whose {
        Whose::User(id) => Ok(tx.user(id).await?),
        Whose::Address { connection, email } => {
            let connection = call.tenant.connection(connection);
            let connection = connection.ok_or(ManageError::NotFound(Thing::Connection))?;
            let Some(email) = Identifier::email(email) else { return Ok(None) };
            let found = tx.user_by_identifier(&connection.id, &email).await?;
            Ok(found.map(|(user, _)| user))
        }
    }
}
