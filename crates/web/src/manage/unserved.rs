//! What this version does not serve. Paths of Auth0's catalogue answer that a scope is missing,
//! which its tools take for "not for you" and go on; an error of the server they would repeat for
//! minutes (contract 05 §20).

use http::StatusCode;

use super::error::ErrorBody;
use super::segments;

/// Collections of the catalogue, with the things their scopes are about where they differ.
const CATALOGUE: &[(&str, &str)] = &[
    ("actions", "actions"),
    ("anomaly", "anomaly_blocks"),
    ("attack-protection", "attack_protection"),
    ("branding", "branding"),
    ("clients", "clients"),
    ("connection-profiles", "connection_profiles"),
    ("connections", "connections"),
    ("connections-directory-provisionings", "connections"),
    ("connections-scim-configurations", "connections"),
    ("custom-domains", "custom_domains"),
    ("device-credentials", "device_credentials"),
    ("email-templates", "email_templates"),
    ("emails", "email_provider"),
    ("event-streams", "event_streams"),
    ("flows", "flows"),
    ("forms", "forms"),
    ("grants", "grants"),
    ("groups", "groups"),
    ("guardian", "guardian_factors"),
    ("hooks", "hooks"),
    ("jobs", "users"),
    ("keys", "signing_keys"),
    ("log-streams", "log_streams"),
    ("logs", "logs"),
    ("network-acls", "network_acls"),
    ("organizations", "organizations"),
    ("prompts", "prompts"),
    ("refresh-tokens", "refresh_tokens"),
    ("risk-assessments", "attack_protection"),
    ("roles", "roles"),
    ("rules", "rules"),
    ("rules-configs", "rules_configs"),
    ("self-service-profiles", "self_service_profiles"),
    ("sessions", "sessions"),
    ("stats", "stats"),
    ("supplemental-signals", "attack_protection"),
    ("tenants", "tenant_settings"),
    ("tickets", "user_tickets"),
    ("token-exchange-profiles", "token_exchange_profiles"),
    ("user-attribute-profiles", "user_attribute_profiles"),
    ("user-blocks", "users"),
    ("users", "users"),
    ("users-by-email", "users"),
    ("verifiable-credentials", "tenant_settings"),
];

/// The answer to whoever is let in and asks for something else.
pub(super) fn answer(method: &str, url: &str) -> ErrorBody {
    let segments = segments(url).unwrap_or_default();
    let known = segments.first().and_then(|first| CATALOGUE.iter().find(|(name, _)| name == first));
    let Some((_, entity)) = known else {
        return ErrorBody::new(StatusCode::NOT_FOUND, None, "Not Found");
    };
    // Only the people themselves add those, with tokens that nobody gets for this API yet.
    if (method, url) == ("POST", "/api/v2/device-credentials") {
        return ErrorBody::insufficient_scope("create:current_user_device_credentials");
    }
    let verb = match method {
        "GET" | "HEAD" => "read",
        "POST" => "create",
        "DELETE" => "delete",
        _ => "update",
    };
    ErrorBody::insufficient_scope(&format!("{verb}:{entity}"))
}
