//! `GET /consents`, `GET /consents/{id}` and `GET /organizations`.

use housekey_core::access::Approval;
use housekey_core::account::{Position, consent, consents, organizations};
use housekey_core::organization::Organization;
use serde_json::{Map, Value, json};

use super::{Me, MeError, Reply, query_values};

/// How many organizations a page has, unless the request says otherwise, and at most.
const TAKE: u32 = 50;
const MOST: u32 = 100;

pub(super) async fn list_consents(me: Me<'_>) -> Result<Reply, MeError> {
    // The one parameter is Housekey's own, and nothing makes this list an error.
    let asked_for = query_values(&me.query, "include_expired").unwrap_or_default();
    let include_expired = asked_for.iter().any(|value| value == "true");
    let found = consents(me.app, me.call, &me.caller, include_expired).await?;
    Ok(Reply::ok(json!({ "consents": found.iter().map(approval).collect::<Vec<_>>() })))
}

pub(super) async fn get_consent(me: Me<'_>) -> Result<Reply, MeError> {
    let found = consent(me.app, me.call, &me.caller, &me.id).await?;
    Ok(Reply::ok(approval(&found)))
}

pub(super) async fn list_organizations(me: Me<'_>) -> Result<Reply, MeError> {
    let take = match parameter(&me.query, "take")? {
        None => TAKE,
        Some(text) => take(&text)?,
    };
    let from = match parameter(&me.query, "from")? {
        None => None,
        Some(token) => Some(
            Position::parse(&token)
                .ok_or(MeError::InvalidQuery("from", "must be the next token of a page"))?,
        ),
    };
    let page = organizations(me.app, me.call, &me.caller, from.as_ref(), take).await?;
    let found: Vec<_> = page.items.iter().map(organization).collect();
    let mut body = json!({ "organizations": found });
    if let Some(next) = page.next {
        body["next"] = next.token().into();
    }
    Ok(Reply::ok(body))
}

/// A parameter that may be sent once.
fn parameter(query: &str, name: &'static str) -> Result<Option<String>, MeError> {
    let mut values =
        query_values(query, name).ok_or(MeError::InvalidQuery(name, "must be string"))?;
    match values.len() {
        0 | 1 => Ok(values.pop()),
        _ => Err(MeError::InvalidQuery(name, "must be string")),
    }
}

fn take(text: &str) -> Result<u32, MeError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let refused = |rule| MeError::InvalidQuery("take", rule);
    if !digits {
        return Err(refused("must be integer"));
    }
    match text.parse() {
        Ok(0) => Err(refused("must be >= 1")),
        Ok(take @ 1..=MOST) => Ok(take),
        _ => Err(refused("must be <= 100")),
    }
}

fn approval(approval: &Approval) -> Value {
    let mut body = json!({
        "id": approval.id.as_str(),
        "client_id": approval.client_id.as_str(),
        "created_at": approval.created_at.rfc3339(),
        "expires_at": approval.expires_at.rfc3339(),
    });
    let requested = &approval.requested;
    let details: Map<String, Value> = [
        ("binding_message", requested.binding_message.as_deref().map(Value::from)),
        ("audience", requested.audience.as_deref().map(Value::from)),
        ("scope", requested.scope.clone().map(Value::from)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    if !details.is_empty() {
        body["requested_details"] = details.into();
    }
    body
}

fn organization(organization: &Organization) -> Value {
    let mut body = json!({ "id": organization.id.as_str(), "name": organization.name });
    if let Some(display_name) = &organization.display_name {
        body["display_name"] = display_name.as_str().into();
    }
    body
}
