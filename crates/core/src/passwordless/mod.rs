//! Signing in with a code and no password, on an application's own page (contract 04 §7):
//! `/passwordless/start` sends one, the token endpoint takes it.

mod start;
mod verify;

pub use start::{Answer, Start, StartError, Started, start};
pub(crate) use verify::{VerifyError, verify};

use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::connection::{Connection, Passwordless};
use crate::factor::phone::PhoneNumber;
use crate::id::UserId;
use crate::seal::Place;
use crate::secret::HandleHash;
use crate::user::Identifier;

/// Wrong tries that kill a code.
pub const MAX_ATTEMPTS: i64 = 3;

/// A code that was sent. Another one for the same application and address takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordlessCode {
    /// For which application, connection and address.
    pub name: HandleHash,
    /// Its keyed hash.
    pub mac: String,
    /// End.
    pub expires_at: crate::time::Timestamp,
}

/// The connection of that name, if people of this application sign in through it with codes.
fn connection_of<'a>(
    call: &'a Call,
    client: &Client,
    name: &str,
) -> Option<(&'a Connection, Passwordless)> {
    let connection = call.tenant.connection_named(name)?;
    let kind = connection.passwordless()?;
    let is_open = connection.options.active && connection.enables(&client.id);
    is_open.then_some((connection, kind))
}

/// An address as a connection of that kind knows it.
fn address(kind: Passwordless, typed: &str) -> Option<Identifier> {
    match kind {
        Passwordless::Email => Identifier::email(typed),
        Passwordless::Sms => {
            let number = PhoneNumber::parse(typed, None)?;
            Some(Identifier::Phone(number.as_str().to_owned()))
        }
    }
}

/// Under which name the code for an address is kept.
fn name_of(client: &Client, connection: &Connection, address: &Identifier) -> HandleHash {
    let text = format!("{}|{}|{}", client.id, connection.id, address.value());
    HandleHash::of(text.as_bytes())
}

/// The id somebody with that address has, or will have: it is told before anybody signed in, and
/// tells nothing.
fn user_id(
    app: &App,
    call: &Call,
    (connection, kind): (&Connection, Passwordless),
    address: &Identifier,
) -> UserId {
    let (tenant, row) = (call.tenant.id.as_str(), connection.id.as_str());
    let mac = app.sealer().mac(Place { tenant, table: "passwordless", row }, address.value());
    let digits: String =
        mac.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).map(char::from).collect();
    UserId::from_raw(format!("{}|{}", kind.as_str(), &digits[..24]))
}
