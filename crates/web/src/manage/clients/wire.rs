//! An application as administrators see it.

use housekey_core::client::{Client, ClientSettings, MobileSettings, RefreshTokenSettings};
use housekey_core::error::Fault;
use housekey_core::time::Timestamp;
use housekey_core::{App, Call};
use serde_json::{Map, Value, json};

use super::super::body::{extend, optional};

/// How much of an application is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrets {
    /// All of it.
    Shown,
    /// All but what is secret.
    Hidden,
    /// Its name.
    Summary,
}

pub(super) fn wire(
    app: &App,
    call: &Call,
    client: &Client,
    secrets: Secrets,
) -> Result<Value, Fault> {
    let settings = &client.settings;
    if secrets == Secrets::Summary {
        let mut body = json!({ "client_id": client.id.as_str(), "name": settings.name });
        optional(&mut body, "logo_uri", settings.logo_uri.as_deref());
        return Ok(body);
    }
    let mut body = defaults(settings);
    extend(&mut body, Value::Object(settings.kept.clone()));
    extend(&mut body, fixed(call, client));
    if body["jwt_configuration"].get("secret_encoded").is_none() {
        body["jwt_configuration"]["secret_encoded"] = false.into();
    }
    optional(&mut body, "description", settings.description.as_deref());
    optional(&mut body, "logo_uri", settings.logo_uri.as_deref());
    optional(&mut body, "app_type", settings.app_type.as_ref());
    optional(&mut body, "token_endpoint_auth_method", settings.token_endpoint_auth_method.as_ref());
    optional(&mut body, "client_metadata", settings.client_metadata.as_ref());
    optional(&mut body, "mobile", mobile(&settings.mobile));
    optional(
        &mut body,
        "skip_non_verifiable_callback_uri_confirmation_prompt",
        settings.skip_non_verifiable_callback_uri_confirmation_prompt,
    );
    if settings.require_proof_of_possession {
        body["require_proof_of_possession"] = true.into();
    }
    if settings.require_pushed_authorization_requests {
        body["require_pushed_authorization_requests"] = true.into();
    }
    optional(&mut body, "par_request_expiry", settings.par_request_expiry);
    if let Some(methods) = &settings.client_authentication_methods {
        let keys: Vec<_> = methods.private_key_jwt.iter().map(|id| json!({ "id": id })).collect();
        body["client_authentication_methods"] =
            json!({ "private_key_jwt": { "credentials": keys } });
    }
    optional(&mut body, "updated_at", settings.updated_at.map(Timestamp::rfc3339));
    for (name, urls) in [
        ("callbacks", &settings.callbacks),
        ("allowed_logout_urls", &settings.allowed_logout_urls),
        ("allowed_origins", &settings.allowed_origins),
        ("web_origins", &settings.web_origins),
    ] {
        optional(&mut body, name, (!urls.is_empty()).then_some(urls));
    }
    if secrets == Secrets::Shown && settings.client_authentication_methods.is_none() {
        optional(&mut body, "client_secret", client.reveal_secret(app, &call.tenant.id)?);
    }
    Ok(body)
}

/// What an application shows of the members that are only kept, until somebody sets them.
fn defaults(settings: &ClientSettings) -> Value {
    let cross_origin = settings.kept.get("cross_origin_authentication").cloned();
    json!({
        "oidc_conformant": false,
        "sso_disabled": false,
        "cross_origin_authentication": false,
        "cross_origin_auth": cross_origin.unwrap_or_else(|| false.into()),
        "is_token_endpoint_ip_header_trusted": false,
        "custom_login_page_on": true,
        "jwt_configuration": {
            "lifetime_in_seconds": settings.id_token_lifetime,
            "secret_encoded": false,
        },
    })
}

fn fixed(call: &Call, client: &Client) -> Value {
    let settings = &client.settings;
    json!({
        "client_id": client.id.as_str(),
        "tenant": call.tenant.id.as_str(),
        "global": settings.is_global,
        "callback_url_template": false,
        "name": settings.name,
        "is_first_party": settings.is_first_party,
        "grant_types": settings.grant_types,
        "refresh_token": refresh_token(&settings.refresh_token),
        "created_at": client.created_at.rfc3339(),
    })
}

fn refresh_token(token: &RefreshTokenSettings) -> Value {
    let mut body = json!({
        "rotation_type": if token.rotating { "rotating" } else { "non-rotating" },
        "expiration_type": if token.expiring { "expiring" } else { "non-expiring" },
        "leeway": token.leeway,
        "token_lifetime": token.token_lifetime,
        "idle_token_lifetime": token.idle_token_lifetime,
        "infinite_token_lifetime": token.infinite_token_lifetime,
        "infinite_idle_token_lifetime": token.infinite_idle_token_lifetime,
    });
    optional(&mut body, "policies", (!token.policies.is_empty()).then_some(&token.policies));
    body
}

fn mobile(mobile: &MobileSettings) -> Option<Value> {
    let mut body = Value::Object(Map::new());
    optional(&mut body, "android", mobile.android.as_ref());
    optional(&mut body, "ios", mobile.ios.as_ref());
    body.as_object().is_some_and(|body| !body.is_empty()).then_some(body)
}
