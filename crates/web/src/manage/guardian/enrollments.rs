//! `/guardian/enrollments/{id}`: one factor of one person.

use housekey_core::Call;
use housekey_core::factor::{AuthenticationMethod, MethodKind};
use housekey_core::manage::ManageError;
use housekey_core::manage::enrollments::{delete, find};
use serde_json::{Value, json};

use crate::manage::operation::{Operation, delete as removes, get};
use crate::manage::shape::{Field, INSTANT, Shape, TEXT, field};
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
];

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
