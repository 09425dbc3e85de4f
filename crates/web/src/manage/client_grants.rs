//! `/client-grants` (contract 05 §6).

use housekey_core::Call;
use housekey_core::client::{ClientGrant, GrantedScope, SubjectType};
use housekey_core::id::ClientId;
use housekey_core::manage::ManageError;
use housekey_core::manage::client_grants::{NewGrant, create, delete, find, update};
use housekey_core::scope::ScopeSet;
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, Sent};
use super::operation::Operation;
use super::page::{Query, page};
use super::{Ask, Reply};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "client-grants",
        scopes: &["read:client_grants"],
        run: |ask| Box::pin(async move { list(&ask) }),
    },
    Operation {
        method: "POST",
        path: "client-grants",
        scopes: &["create:client_grants"],
        run: |ask| Box::pin(add(ask)),
    },
    Operation {
        method: "GET",
        path: "client-grants/{id}",
        scopes: &["read:client_grants"],
        run: |ask| Box::pin(async move { Ok(Reply::ok(wire(ask.call, find(ask.call, &ask.id)?))) }),
    },
    Operation {
        method: "PATCH",
        path: "client-grants/{id}",
        scopes: &["update:client_grants"],
        run: |ask| Box::pin(change(ask)),
    },
    Operation {
        method: "DELETE",
        path: "client-grants/{id}",
        scopes: &["delete:client_grants"],
        run: |ask| Box::pin(remove(ask)),
    },
];

fn list(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let query = Query::parse(&ask.query)?;
    let matches = |grant: &Value| {
        ["audience", "client_id", "subject_type"]
            .iter()
            .all(|name| query.last(name).is_none_or(|wanted| grant[*name].as_str() == Some(wanted)))
    };
    let grants = ask.call.tenant.client_grants().map(|grant| wire(ask.call, grant));
    let grants: Vec<_> = grants.filter(matches).collect();
    page(&query, "client_grants", &grants, |grant| grant["id"].as_str()).map(Reply::ok)
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (mut body, sent) = ask.object().await?;
    let new = NewGrant {
        client_id: ClientId::from_raw(body.required_text("client_id", 1, 64)),
        audience: body.required_text("audience", 1, 600),
        subject_type: match body.one_of("subject_type", subject) {
            Sent::Value(subject) => subject,
            Sent::Nothing | Sent::Null => SubjectType::Client,
        },
        scope: scope(&mut body).unwrap_or_else(|| GrantedScope::Only(ScopeSet::default())),
    };
    body.finish()?;
    let grant = create(ask.app, ask.call, &ask.operator, new.clone(), sent).await?;
    let body = wire_for(&grant, &new.audience);
    Ok(Reply::new(StatusCode::CREATED, body))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (mut body, sent) = ask.object().await?;
    let scope = scope(&mut body);
    body.finish()?;
    let grant = update(ask.app, ask.call, &ask.operator, &ask.id, scope, sent).await?;
    Ok(Reply::ok(wire(ask.call, &grant)))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, &ask.id).await?;
    Ok(Reply::gone())
}

fn subject(name: &str) -> Option<SubjectType> {
    match name {
        "client" => Some(SubjectType::Client),
        "user" => Some(SubjectType::User),
        _ => None,
    }
}

/// `allow_all_scopes` makes `scope` pointless.
fn scope(body: &mut Members) -> Option<GrantedScope> {
    let listed = match body.texts("scope", 280) {
        Sent::Value(scopes) => Some(scopes.iter().map(String::as_str).collect::<ScopeSet>()),
        Sent::Nothing | Sent::Null => None,
    };
    match body.flag("allow_all_scopes") {
        Sent::Value(true) => Some(GrantedScope::All),
        Sent::Value(false) => Some(GrantedScope::Only(listed.unwrap_or_default())),
        Sent::Nothing | Sent::Null => listed.map(GrantedScope::Only),
    }
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
