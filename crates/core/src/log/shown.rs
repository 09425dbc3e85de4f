//! Events as they are told, in answers and in streams (contract 05 §15).

use serde_json::{Map, Value, json};

use super::LogEvent;
use crate::id::{ClientId, ConnectionId};
use crate::tenant::LoadedTenant;
use crate::user_agent;

/// An event as it is told; what is not known is left out.
#[must_use]
pub fn shown(tenant: &LoadedTenant, event: &LogEvent) -> Value {
    let client = event.client_id.as_deref().map(ClientId::from_raw);
    let client = client.and_then(|id| tenant.client(&id).cloned());
    let connection = event.connection_id.as_deref().map(ConnectionId::from_raw);
    let connection = connection.and_then(|id| tenant.connection(&id));
    let told = |name: &str| event.details.get(name).and_then(Value::as_str);
    let texts = [
        ("_id", Some(event.id.as_str())),
        ("log_id", Some(event.id.as_str())),
        ("type", Some(event.kind.code())),
        ("description", Some(event.description.as_str())),
        ("connection", connection.map(|connection| connection.name.as_str())),
        ("connection_id", event.connection_id.as_deref()),
        ("client_id", event.client_id.as_deref()),
        ("client_name", client.as_ref().map(|client| client.settings.name.as_str())),
        ("ip", Some(event.ip.as_str())),
        ("hostname", Some(event.hostname.as_str())),
        ("user_id", event.user_id.as_deref()),
        ("user_name", event.user_name.as_deref()),
        ("audience", told("audience")),
        ("scope", told("scope")),
        ("strategy", connection.map(|_| "auth0")),
        ("strategy_type", connection.map(|_| "database")),
        ("user_agent", Some(event.user_agent.as_str())),
        ("environment_name", Some("housekey")),
        ("tenant_name", Some(tenant.id.as_str())),
    ];
    let known = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    let mut body = Value::Object(known.collect::<Map<_, _>>());
    body["date"] = json!(event.date.rfc3339());
    body["isMobile"] = user_agent::is_mobile(&event.user_agent).into();
    if !event.details.is_empty() {
        body["details"] = event.details.clone().into();
    }
    body
}
