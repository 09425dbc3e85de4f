//! `/user-blocks` (contract 05 §9.3).

use housekey_core::manage::ManageError;
use housekey_core::manage::user_blocks::{Blocked, forgive_name, forgive_user, of_name, of_user};
use serde_json::{Value, json};

use super::operation::{Operation, delete as removes, get};
use super::shape::{Shape, TEXT, field, text};
use super::{Ask, Reply};

const BLOCKED: Shape = Shape::Object(&[field("identifier", TEXT).required(), field("ip", TEXT)]);
const BLOCKS: Shape =
    Shape::Object(&[
        field("blocked_for", Shape::List { of: &BLOCKED, most: usize::MAX }).required()
    ]);

const READ: &[&str] = &["read:users"];
const UPDATE: &[&str] = &["update:users"];

pub(super) const OPERATIONS: &[Operation] = &[
    get("user-blocks", READ, "Who is kept from trying passwords for a name", |ask| {
        Box::pin(async move { Ok(shown(&of_name(ask.app, ask.call, name(&ask)?).await?)) })
    })
    .query(&[("identifier", text(1, 320))])
    .answers(200, &BLOCKS),
    removes("user-blocks", UPDATE, "Let everybody try passwords for a name", |ask| {
        Box::pin(async move {
            forgive_name(ask.app, ask.call, &ask.operator, name(&ask)?).await?;
            Ok(Reply::gone())
        })
    })
    .query(&[("identifier", text(1, 320))]),
    get("user-blocks/{id}", READ, "Who is kept from trying a user's password", |ask| {
        Box::pin(async move { Ok(shown(&of_user(ask.app, ask.call, ask.id()).await?)) })
    })
    .answers(200, &BLOCKS),
    removes("user-blocks/{id}", UPDATE, "Let everybody try a user's password", |ask| {
        Box::pin(async move {
            forgive_user(ask.app, ask.call, &ask.operator, ask.id()).await?;
            Ok(Reply::gone())
        })
    }),
];

fn name<'a>(ask: &'a Ask<'_>) -> Result<&'a str, ManageError> {
    ask.query.last("identifier").ok_or_else(|| {
        let text = "Query validation error: 'Missing required property: identifier' on property \
                    identifier.";
        ManageError::InvalidQuery(text.to_owned())
    })
}

fn shown(blocked: &[Blocked]) -> Reply {
    let wire = |blocked: &Blocked| {
        let mut body = json!({ "identifier": blocked.identifier });
        if let Some(ip) = &blocked.ip {
            body["ip"] = ip.as_str().into();
        }
        body
    };
    Reply::ok(json!({ "blocked_for": blocked.iter().map(wire).collect::<Vec<Value>>() }))
}
