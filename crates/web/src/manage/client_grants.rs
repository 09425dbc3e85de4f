//! `/client-grants` (contract 05 §6).

use housekey_core::Call;
use housekey_core::client::{ClientGrant, GrantedScope, SubjectType};
use housekey_core::id::ClientId;
use housekey_core::manage::ManageError;
use housekey_core::manage::client_grants::{self, NewGrant, create, delete, find, update};
use housekey_core::scope::ScopeSet;
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, Sent};
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::page;
use super::shape::{Field, Shape, TEXT, field, text};
use super::{Ask, Reply};

const SUBJECT: Shape = Shape::OneOf(&["client", "user"]);

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("client_id", text(1, 64)).create_only().required(),
    field("audience", text(1, 600)).create_only().required(),
    field("subject_type", SUBJECT).create_only(),
    field("scope", Shape::List { of: &text(1, 280), most: 1000 }),
    field("allow_all_scopes", Shape::Flag),
];
const GRANT: Shape = Shape::Object(FIELDS);

pub(super) const OPERATIONS: &[Operation] = &[
    get("client-grants", &["read:client_grants"], "Client grants", |ask| {
        Box::pin(async move { list(&ask) })
    })
    .query(&[("audience", text(0, 600)), ("client_id", text(0, 64)), ("subject_type", SUBJECT)])
    .pages("client_grants", &GRANT),
    post("client-grants", &["create:client_grants"], "Let an application ask an API", |ask| {
        Box::pin(add(ask))
    })
    .creates(FIELDS)
    .answers(201, &GRANT),
    get("client-grants/{id}", &["read:client_grants"], "One client grant", |ask| {
        Box::pin(async move { Ok(Reply::ok(wire(ask.call, find(ask.call, ask.id())?))) })
    })
    .answers(200, &GRANT),
    patch("client-grants/{id}", &["update:client_grants"], "Change a client grant", |ask| {
        Box::pin(change(ask))
    })
    .changes(FIELDS)
    .answers(200, &GRANT),
    removes("client-grants/{id}", &["delete:client_grants"], "Take a client grant back", |ask| {
        Box::pin(remove(ask))
    }),
];

fn list(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let matches = |grant: &Value| {
        ["audience", "client_id", "subject_type"].iter().all(|name| {
            ask.query.last(name).is_none_or(|wanted| grant[*name].as_str() == Some(wanted))
        })
    };
    let grants = client_grants::list(ask.call).map(|grant| wire(ask.call, grant));
    page(&ask.query, "client_grants", grants.filter(matches).collect(), "id").map(Reply::ok)
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let new = NewGrant {
        client_id: ClientId::from_raw(body.text("client_id")?),
        audience: body.text("audience")?,
        subject_type: body.get("subject_type")?.value().unwrap_or(SubjectType::Client),
        scope: scope(&mut body)?.unwrap_or_else(|| GrantedScope::Only(ScopeSet::default())),
    };
    let grant = create(ask.app, ask.call, &ask.operator, new.clone(), ask.shown).await?;
    let body = wire_for(&grant, &new.audience);
    Ok(Reply::new(StatusCode::CREATED, body))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let scope = scope(&mut ask.members())?;
    let id = ask.id().to_owned();
    let grant = update(ask.app, ask.call, &ask.operator, &id, scope, ask.shown).await?;
    Ok(Reply::ok(wire(ask.call, &grant)))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::gone())
}

/// `allow_all_scopes` makes `scope` pointless.
fn scope(body: &mut Members) -> Result<Option<GrantedScope>, ManageError> {
    let listed = body.get::<Vec<String>>("scope")?.value();
    let listed = listed.map(|scopes| scopes.iter().map(String::as_str).collect::<ScopeSet>());
    Ok(match body.get("allow_all_scopes")? {
        Sent::Value(true) => Some(GrantedScope::All),
        Sent::Value(false) => Some(GrantedScope::Only(listed.unwrap_or_default())),
        Sent::Nothing | Sent::Null => listed.map(GrantedScope::Only),
    })
}

fn wire(call: &Call, grant: &ClientGrant) -> Value {
    let canonical = call.canonical_issuer();
    let api = call.tenant.resource_server(&grant.resource_server_id);
    wire_for(grant, &api.map(|api| api.audience(&canonical, &canonical)).unwrap_or_default())
}

fn wire_for(grant: &ClientGrant, audience: &str) -> Value {
    let subject = match grant.subject_type {
        SubjectType::Client => "client",
        SubjectType::User => "user",
    };
    let mut body = json!({
        "id": grant.id.as_str(),
        "client_id": grant.client_id.as_str(),
        "audience": audience,
        "subject_type": subject,
    });
    match &grant.scope {
        GrantedScope::All => body["allow_all_scopes"] = true.into(),
        GrantedScope::Only(scopes) => body["scope"] = scopes.iter().collect::<Value>(),
    }
    body
}
