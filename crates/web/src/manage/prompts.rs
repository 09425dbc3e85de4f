//! `/prompts` (contract 05 §18).

use housekey_core::manage::documents::DocumentName;
use housekey_core::manage::{ManageError, Thing};
use housekey_core::tenant::{TenantSettings, looks};
use serde_json::{Value, json};

use super::body::{Members, refuse_other};
use super::kept::{read_or_empty, replace};
use super::operation::{Operation, get, patch, put};
use super::page::page;
use super::setting::{Context, change, show};
use super::shape::{ANY_OBJECT, Field, Shape, field, text};
use super::{Ask, Reply};

const FIELDS: &[Field] = &[
    field("universal_login_experience", Shape::OneOf(&["new", "classic"])),
    field("identifier_first", Shape::Flag),
    field("webauthn_platform_first_factor", Shape::Flag),
];
/// Screens with their texts by key.
const TEXTS: Shape = Shape::Map { of: &Shape::Map { of: &text(0, 10_000), most: 500 }, most: 100 };
/// Screens with what is put into them.
const PARTIALS: Shape = Shape::Map { of: &ANY_OBJECT, most: 100 };

pub(super) const OPERATIONS: &[Operation] = &[
    get("prompts", &["read:prompts"], "How people are asked who they are", |ask| {
        Box::pin(async move { Ok(show(&ask, wire)) })
    })
    .answers(200, &Shape::Object(FIELDS)),
    patch("prompts", &["update:prompts"], "Say how people are asked who they are", |ask| {
        Box::pin(change(ask, "prompts", apply, wire))
    })
    .changes(FIELDS)
    .answers(200, &Shape::Object(FIELDS)),
    get("prompts/rendering", &["read:prompts"], "There is none", |ask| {
        Box::pin(async move { page(&ask.query, "configs", vec![], "prompt").map(Reply::ok) })
    })
    .pages("configs", &Shape::Any),
    get("prompts/{prompt}/custom-text/{language}", &["read:prompts"], "Texts of a prompt", |ask| {
        Box::pin(async move {
            let name = format!("{}/{}", ask.id(), ask.second_id());
            read_or_empty(&ask, texts(&name)).await
        })
    })
    .answers(200, &TEXTS),
    put(
        "prompts/{prompt}/custom-text/{language}",
        &["update:prompts"],
        "Say what a prompt says",
        |ask| Box::pin(set_texts(ask)),
    )
    .takes(&TEXTS)
    .answers(200, &TEXTS),
    get("prompts/{prompt}/partials", &["read:prompts"], "Additions to a prompt", |ask| {
        Box::pin(async move { read_or_empty(&ask, partials(ask.id())).await })
    })
    .answers(200, &PARTIALS),
    put("prompts/{prompt}/partials", &["update:prompts"], "Keep additions to a prompt", |ask| {
        Box::pin(set_partials(ask))
    })
    .takes(&PARTIALS)
    .answers(200, &PARTIALS),
];

fn wire(settings: &TenantSettings) -> Value {
    json!({
        "universal_login_experience": "new",
        "identifier_first": settings.identifier_first,
        "webauthn_platform_first_factor": false,
    })
}

fn apply(
    _: &Context<'_>,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let default = TenantSettings::default().identifier_first;
    body.set("identifier_first", &mut settings.identifier_first, default)?;
    let only = [
        ("universal_login_experience", json!("new")),
        ("webauthn_platform_first_factor", json!(false)),
    ];
    refuse_other(&mut body, &only)
}

fn texts(name: &str) -> DocumentName<'_> {
    DocumentName { kind: looks::TEXTS, name, thing: Thing::Part }
}

fn partials(name: &str) -> DocumentName<'_> {
    DocumentName { kind: "prompts/partials", name, thing: Thing::Part }
}

async fn set_texts(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let name = format!("{}/{}", ask.id(), ask.second_id());
    let document = replace(&mut ask, texts(&name), &[]).await?;
    Ok(Reply::ok(document.into()))
}

async fn set_partials(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let name = ask.id().to_owned();
    let document = replace(&mut ask, partials(&name), &[]).await?;
    Ok(Reply::ok(document.into()))
}
