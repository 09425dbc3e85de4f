//! What else is under `/users/{id}` (contract 05 §9.3): organizations, and accounts elsewhere, of
//! which nobody can have any in this version.

use housekey_core::manage::ManageError;
use housekey_core::manage::users::{organizations, require};
use housekey_core::organization::Organization;
use serde_json::{Value, json};

use super::operation::{Operation, get};
use super::page::page;
use super::shape::{ANY_OBJECT, Shape, TEXT, field};
use super::{Ask, Reply};

const ORGANIZATION: Shape = Shape::Object(&[
    field("id", TEXT).required(),
    field("name", TEXT).required(),
    field("display_name", TEXT),
]);

pub(super) const OPERATIONS: &[Operation] = &[
    get("users/{id}/organizations", &["read:organizations"], "Where a user belongs", |ask| {
        Box::pin(of_user(ask))
    })
    .pages("organizations", &ORGANIZATION),
    get("users/{id}/connected-accounts", &["read:users"], "Accounts elsewhere", |ask| {
        Box::pin(async move {
            require(ask.app, ask.call, ask.id()).await?;
            page(&ask.query, "connected_accounts", Vec::new(), "id").map(Reply::ok)
        })
    })
    .pages("connected_accounts", &ANY_OBJECT),
    get(
        "users/{id}/federated-connections-tokensets",
        &["read:federated_connections_tokens"],
        "Tokens of accounts elsewhere",
        |ask| {
            Box::pin(async move {
                require(ask.app, ask.call, ask.id()).await?;
                Ok(Reply::ok(json!([])))
            })
        },
    )
    .answers(200, &Shape::List { of: &ANY_OBJECT, most: 0 }),
];

async fn of_user(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let all = organizations(ask.app, ask.call, ask.id()).await?;
    page(&ask.query, "organizations", all.iter().map(wire).collect(), "id").map(Reply::ok)
}

fn wire(organization: &Organization) -> Value {
    let mut body = json!({ "id": organization.id.as_str(), "name": organization.name });
    if let Some(name) = &organization.display_name {
        body["display_name"] = name.as_str().into();
    }
    body
}
