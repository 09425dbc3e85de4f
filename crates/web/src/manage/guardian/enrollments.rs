//! `/guardian/enrollments/{id}`: one factor of one person, and links to enrol one.

use housekey_core::Call;
use housekey_core::factor::{AuthenticationMethod, MethodKind};
use housekey_core::id::UserId;
use housekey_core::login::Enrolls;
use housekey_core::manage::ManageError;
use housekey_core::manage::enrollment_tickets::{NewEnrollment, create};
use housekey_core::manage::enrollments::{delete, find};
use housekey_core::mfa::Way;
use serde_json::{Value, json};

use crate::manage::body::refused;
use crate::manage::operation::{Operation, delete as removes, get, post};
use crate::manage::shape::{Field, INSTANT, Shape, TEXT, field, text};
use crate::manage::user_methods::shown_number;
use crate::manage::{Ask, Reply};

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("status", Shape::OneOf(&["pending", "confirmed"])).read_only(),
    field("type", TEXT).read_only(),
    field("name", TEXT).read_only(),
    field("identifier", TEXT).read_only(),
    field("phone_number", TEXT).read_only(),
    field("enrolled_at", INSTANT).read_only(),
    field("last_auth", INSTANT).read_only(),
];

const TICKET: &[Field] = &[
    field("user_id", text(1, 300)).required(),
    field("email", Shape::Email),
    field("send_mail", Shape::Flag),
    field("email_locale", text(0, 40)),
    field(
        "factor",
        Shape::OneOf(&[
            "push-notification",
            "phone",
            "email",
            "otp",
            "webauthn-roaming",
            "webauthn-platform",
        ]),
    ),
    field("allow_multiple_enrollments", Shape::Flag),
];
const MADE: &[Field] =
    &[field("ticket_id", TEXT).required().secret(), field("ticket_url", TEXT).required().secret()];

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    get("guardian/enrollments/{id}", &["read:guardian_enrollments"], "One enrolment", |ask| {
        Box::pin(async move {
            let method = find(ask.app, ask.call, ask.id()).await?;
            Ok(Reply::ok(wire(ask.call, &method)))
        })
    })
    .answers(200, &Shape::Object(FIELDS)),
    removes(
        "guardian/enrollments/{id}",
        &["delete:guardian_enrollments"],
        "Remove an enrolment",
        |ask| Box::pin(remove(ask)),
    ),
    post(
        "guardian/enrollments/ticket",
        &["create:guardian_enrollment_tickets"],
        "A link by which somebody enrols a second factor",
        |ask| Box::pin(invite(ask)),
    )
    .creates(TICKET)
    .picks_domain()
    .answers(200, &Shape::Object(MADE)),
];

/// Makes a link.
async fn invite(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let factor: Option<String> = body.get("factor")?.value();
    let several: bool = body.get("allow_multiple_enrollments")?.value().unwrap_or_default();
    if several && factor.is_none() {
        let why = "allow_multiple_enrollments needs factor";
        return Err(refused(why, "allow_multiple_enrollments"));
    }
    let ways = match factor.as_deref() {
        None => Vec::new(),
        Some("phone") => vec![Way::Sms, Way::Voice],
        Some("email") => vec![Way::Email],
        Some("otp") => vec![Way::Otp],
        Some(other) => {
            let text = format!("{other} cannot be enrolled by a link in this version of Housekey.");
            return Err(ManageError::NotSupported(text));
        }
    };
    let new = NewEnrollment {
        user_id: UserId::from_raw(body.text("user_id")?),
        enrolls: Enrolls { ways, several },
        mailed: body.get("send_mail")?.value().unwrap_or_default(),
        email: body.get("email")?.value(),
    };
    let shown = ask.shown.take();
    let (ticket, link) = create(ask.app, ask.call, &ask.operator, new, shown).await?;
    Ok(Reply::ok(json!({ "ticket_id": ticket.expose(), "ticket_url": link })))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::gone())
}

fn wire(call: &Call, method: &AuthenticationMethod) -> Value {
    let mut body = json!({
        "id": method.id.as_str(),
        "status": if method.confirmed { "confirmed" } else { "pending" },
        "type": method.kind.factor().as_str(),
        "enrolled_at": method.created_at.rfc3339(),
    });
    if let Some(name) = &method.name {
        body["name"] = json!(name);
    }
    if let Some(at) = method.last_auth_at {
        body["last_auth"] = json!(at.rfc3339());
    }
    match &method.kind {
        MethodKind::Phone { number, .. } => {
            body["phone_number"] = shown_number(call, number).into();
        }
        MethodKind::Email { address } => body["identifier"] = json!(address),
        _ => {}
    }
    body
}
