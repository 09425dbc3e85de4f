//! Whether a password is somebody's: the one operation behind the sign-in page and the grants of
//! applications that ask for the password themselves.

use serde_json::Map;

use super::guard::{count_wrong_password, forgive, may_try_password};
use super::password::MAX_INPUT;
use crate::app::App;
use crate::call::Call;
use crate::connection::Connection;
use crate::error::Fault;
use crate::id::ClientId;
use crate::log::{LogKind, LogSubject, record};
use crate::user::User;
use crate::user::password::is_right;

/// The longest password worth hashing.
const MAX_PASSWORD: usize = 256;

/// Where a password is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// On our page.
    Page,
    /// At the token endpoint.
    Token,
}

impl Door {
    /// The event of a failure.
    fn failure(self, is_known: bool) -> LogKind {
        match (self, is_known) {
            (Self::Page, true) => LogKind::WrongPassword,
            (Self::Page, false) => LogKind::WrongIdentifier,
            (Self::Token, _) => LogKind::PasswordExchangeFailed,
        }
    }
}

/// What came of a password.
pub(crate) enum Checked {
    /// It is theirs.
    Right(Box<User>),
    /// It was not looked at: too many were wrong.
    TooOften,
    /// It is nobody's of that name.
    Wrong,
}

/// What somebody says who they are.
#[derive(Clone, Copy)]
pub(crate) struct Presented<'a> {
    /// As typed.
    pub name: &'a str,
    /// As typed.
    pub password: &'a str,
}

/// Checks a password. Takes as long for unknown names as for known ones, and counts a wrong one
/// before anybody hears of it. No transaction may be open: this takes long.
pub(crate) async fn check_password(
    app: &App,
    call: &Call,
    client: &ClientId,
    connection: &Connection,
    presented: Presented<'_>,
    door: Door,
) -> Result<Checked, Fault> {
    let Presented { name, password } = presented;
    let calling_code = call.tenant.settings.phone.default_calling_code.as_deref();
    let names = connection.options.names();
    let identifier = names.read(name, calling_code).filter(|_| name.len() <= MAX_INPUT);
    let found = match identifier {
        Some(identifier) => {
            let mut tx = app.read(&call.tenant.id).await?;
            tx.user_by_identifier(&connection.id, &identifier).await?
        }
        None => None,
    };
    let (user, stored) = found.unzip();
    let known = stored.flatten();
    let policy = &connection.options.password;
    let hashable = policy.effective(password).chars().count() <= MAX_PASSWORD;
    let turn = app.hasher().turn().await?;
    let mut tx = app.read(&call.tenant.id).await?;
    if !may_try_password(app, call, &mut *tx, name).await? {
        return Ok(Checked::TooOften);
    }
    drop(tx);
    let stored = user.as_ref().zip(known.as_ref());
    // A linked identity's password is its own.
    let stored = stored
        .map(|(user, known)| (known.identity.as_ref().unwrap_or(&user.id), known.hash.as_str()));
    // Held until a wrong one is counted, so that many at once get no more tries than one by one.
    let (right, _held) = if hashable {
        is_right(app, call, turn, policy, password, stored).await?
    } else {
        (false, None)
    };
    match user {
        Some(user) if right => {
            // Whoever is blocked is told so, and forgiven nothing.
            if !user.blocked {
                forgive(app, call, name).await?;
            }
            Ok(Checked::Right(Box::new(user)))
        }
        user => {
            let subject =
                LogSubject { client: Some(client), user: user.as_ref(), name: Some(name) };
            let mut tx = app.write(&call.tenant.id).await?;
            let kind = door.failure(user.is_some());
            record(app, call, &mut *tx, kind, subject, Map::new()).await?;
            count_wrong_password(app, call, &mut *tx, name, subject).await?;
            tx.commit().await?;
            app.nudge_outbox();
            Ok(Checked::Wrong)
        }
    }
}
