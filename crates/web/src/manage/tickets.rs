//! `/tickets` (contract 05 §16).

use housekey_core::id::{ClientId, ConnectionId, UserId};
use housekey_core::login::{Ending, NewLink, TicketPurpose};
use housekey_core::manage::tickets::{Whose, create};
use housekey_core::manage::{ManageError, Thing};
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, refused};
use super::operation::{Operation, post};
use super::shape::{Field, Shape, TEXT, field, text};
use super::{Ask, Reply};

/// Seconds a link may live: a year.
const LIFETIME: Shape = Shape::Integer { least: 0, most: 31_536_000 };

const IDENTITY: Shape = Shape::Object(&[
    field("user_id", text(1, 300)).required(),
    field("provider", text(1, 50)).required(),
    field("connection_id", text(1, 64)),
]);

const VERIFICATION: &[Field] = &[
    field("user_id", text(1, 300)).required(),
    field("result_url", Shape::Uri),
    field("client_id", text(1, 64)),
    field("organization_id", text(1, 64)),
    field("ttl_sec", LIFETIME),
    field("includeEmailInRedirect", Shape::Flag),
    field("identity", IDENTITY),
];

const PASSWORD_CHANGE: &[Field] = &[
    field("user_id", text(1, 300)),
    field("connection_id", text(1, 64)),
    field("email", Shape::Email),
    field("result_url", Shape::Uri),
    field("client_id", text(1, 64)),
    field("organization_id", text(1, 64)),
    field("ttl_sec", LIFETIME),
    field("mark_email_as_verified", Shape::Flag),
    field("includeEmailInRedirect", Shape::Flag),
    field("identity", IDENTITY),
];

const TICKET: Shape = Shape::Object(&[field("ticket", TEXT).required()]);

pub(super) const OPERATIONS: &[Operation] = &[
    post(
        "tickets/email-verification",
        &["create:user_tickets"],
        "A link that verifies a mail address",
        |ask| Box::pin(verification(ask)),
    )
    .creates(VERIFICATION)
    .picks_domain()
    .answers(201, &TICKET),
    post(
        "tickets/password-change",
        &["create:user_tickets"],
        "A link that sets a password",
        |ask| Box::pin(password_change(ask)),
    )
    .creates(PASSWORD_CHANGE)
    .picks_domain()
    .answers(201, &TICKET),
];

async fn verification(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let whose = Whose::User(UserId::from_raw(body.text("user_id")?));
    let link = link(&ask, &mut body, &whose)?;
    answer(&mut ask, &whose, (TicketPurpose::VerifyEmail, link)).await
}

async fn password_change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let user: Option<String> = body.get("user_id")?.value();
    let connection: Option<String> = body.get("connection_id")?.value();
    let email: Option<String> = body.get("email")?.value();
    let whose = match (user, connection, email) {
        (Some(user), None, None) => Whose::User(UserId::from_raw(user)),
        (None, Some(connection), Some(email)) => {
            Whose::Address { connection: ConnectionId::from_raw(connection), email }
        }
        _ => return Err(refused("Expected user_id, or connection_id with email", "user_id")),
    };
    let mut link = link(&ask, &mut body, &whose)?;
    if link.client_id.is_some() && link.ending.result_url.is_some() {
        return Err(refused("Expected result_url or client_id, not both", "result_url"));
    }
    let marks = body.get("mark_email_as_verified")?.value();
    link.ending.proves_mailbox = marks.unwrap_or_default();
    answer(&mut ask, &whose, (TicketPurpose::PasswordReset, link)).await
}

async fn answer(
    ask: &mut Ask<'_>,
    whose: &Whose,
    what: (TicketPurpose, NewLink),
) -> Result<Reply, ManageError> {
    let shown: Value = ask.shown.take();
    let ticket = create(ask.app, ask.call, &ask.operator, whose, what, shown).await?;
    Ok(Reply::new(StatusCode::CREATED, json!({ "ticket": ticket })))
}

/// What both kinds of links have in common.
fn link(ask: &Ask<'_>, body: &mut Members, whose: &Whose) -> Result<NewLink, ManageError> {
    if body.get::<String>("organization_id")?.value().is_some() {
        let text = "organization_id cannot be set in this version of Housekey.";
        return Err(ManageError::NotSupported(text.to_owned()));
    }
    if let Some(identity) = body.get::<Value>("identity")?.value() {
        check_identity(whose, &identity)?;
    }
    let result_url: Option<String> = body.get("result_url")?.value();
    let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    if result_url.as_ref().is_some_and(|url| !is_web(url)) {
        return Err(refused("Expected an http or https address", "result_url"));
    }
    let client_id: Option<ClientId> = body.get("client_id")?.value();
    if client_id.as_ref().is_some_and(|id| ask.call.tenant.client(id).is_none()) {
        return Err(ManageError::NotFound(Thing::Client));
    }
    let lifetime: Option<i64> = body.get("ttl_sec")?.value();
    Ok(NewLink {
        client_id,
        // Zero is the default, too.
        lifetime: lifetime.filter(|seconds| *seconds > 0),
        ending: Ending {
            result_url,
            tells_email: body.get("includeEmailInRedirect")?.value().unwrap_or_default(),
            ..Ending::default()
        },
    })
}

/// People have one identity in this version, so it must be that.
fn check_identity(whose: &Whose, identity: &Value) -> Result<(), ManageError> {
    let text = |name: &str| identity[name].as_str().unwrap_or_default();
    let named = format!("{}|{}", text("provider"), text("user_id"));
    match whose {
        Whose::User(user) if user.as_str() != named => {
            Err(refused("The user has no such identity", "identity"))
        }
        Whose::User(_) | Whose::Address { .. } => Ok(()),
    }
}
