//! `/tenants/settings` (contract 05 §12).

mod apply;

use housekey_core::manage::ManageError;
use housekey_core::manage::settings;
use housekey_core::tenant::{CookieMode, TenantSettings};
use serde_json::{Value, json};

use super::body::extend;
use super::operation::{Operation, get, patch};
use super::page::Fields;
use super::shape::{ANY_OBJECT, Field, Shape, TEXT, TEXTS, field, text};
use super::{Ask, Reply};

/// A year of hours and of minutes, rounded up.
const HOURS: Shape = Shape::Number { least: 0, most: 8784 };
const MINUTES: Shape = Shape::Integer { least: 1, most: 8784 * 60 };
const COLORS: &[Field] = &[field("primary", text(0, 7)), field("page_background", Shape::Any)];

const FIELDS: &[Field] = &[
    field("friendly_name", text(0, 200)),
    field("picture_url", text(0, 2000)),
    field("support_email", text(0, 320)),
    field("support_url", text(0, 2000)),
    field("default_directory", text(0, 128)),
    field("default_audience", text(0, 600)),
    field("default_redirection_uri", text(0, 2000)),
    field("allowed_logout_urls", Shape::List { of: &text(1, 2000), most: 100 }),
    field("enabled_locales", Shape::List { of: &text(2, 20), most: 200 }),
    field("session_lifetime", HOURS),
    field("idle_session_lifetime", HOURS),
    field("ephemeral_session_lifetime", HOURS),
    field("idle_ephemeral_session_lifetime", HOURS),
    field("session_lifetime_in_minutes", MINUTES).write_only(),
    field("idle_session_lifetime_in_minutes", MINUTES).write_only(),
    field("ephemeral_session_lifetime_in_minutes", MINUTES).write_only(),
    field("idle_ephemeral_session_lifetime_in_minutes", MINUTES).write_only(),
    field(
        "session_cookie",
        Shape::Object(&[field("mode", Shape::OneOf(&["persistent", "non-persistent"])).required()]),
    ),
    field("sessions", Shape::Object(&[field("oidc_logout_prompt_enabled", Shape::Flag)])),
    field(
        "oidc_logout",
        Shape::Object(&[field("rp_logout_end_session_endpoint_discovery", Shape::Flag)]),
    ),
    field("customize_mfa_in_postlogin_action", Shape::Flag),
    field("acr_values_supported", Shape::List { of: &text(1, 255), most: 100 }),
    field("mtls", Shape::Object(&[field("enable_endpoint_aliases", Shape::Flag)])).kept(),
    field("pushed_authorization_requests_supported", Shape::Flag),
    field("authorization_response_iss_parameter_supported", Shape::Flag),
    field("resource_parameter_profile", Shape::OneOf(&["audience", "compatibility"])),
    field("allow_organization_name_in_authentication_api", Shape::Flag),
    field("skip_non_verifiable_callback_uri_confirmation_prompt", Shape::Flag),
    field(
        "device_flow",
        Shape::Object(&[
            field("charset", Shape::OneOf(&["base20", "digits"])),
            field("mask", text(1, 20)),
        ]),
    )
    .kept(),
    field(
        "error_page",
        Shape::Object(&[
            field("html", TEXT),
            field("show_log_link", Shape::Flag),
            field("url", text(0, 2000)),
        ]),
    ),
    field("change_password", CLASSIC_PAGE).kept(),
    field("guardian_mfa_page", CLASSIC_PAGE).kept(),
    field(
        "universal_login",
        Shape::Object(&[
            field("colors", Shape::Object(COLORS)),
            field("passwordless", ANY_OBJECT),
            field("is_custom_template_set", Shape::Flag),
        ]),
    )
    .kept(),
    field("default_token_quota", ANY_OBJECT).kept(),
    field("client_id_metadata_document_supported", Shape::Flag).kept(),
    field("dynamic_client_registration_security_mode", Shape::OneOf(&["strict", "permissive"]))
        .kept(),
    field("phone_consolidated_experience", Shape::Flag),
    field("enable_ai_guide", Shape::Flag).kept(),
    field("sandbox_version", text(1, 8)).kept(),
    field("legacy_sandbox_version", text(0, 8)).kept(),
    field("sandbox_versions_available", TEXTS).read_only(),
    field("country_codes", ANY_OBJECT).kept(),
    field("security_headers", ANY_OBJECT).kept(),
    field("include_session_metadata_in_tenant_logs", Shape::Flag).kept(),
    field("flags", Shape::Map { of: &Shape::Flag, most: 200 }),
];
const CLASSIC_PAGE: Shape = Shape::Object(&[field("enabled", Shape::Flag), field("html", TEXT)]);
const SETTINGS: Shape = Shape::Object(FIELDS);

pub(super) const OPERATIONS: &[Operation] = &[
    get("tenants/settings", &["read:tenant_settings"], "The tenant's settings", |ask| {
        Box::pin(async move {
            let settings = wire(&ask.call.tenant.settings);
            Ok(Reply::ok(Fields::of(&ask.query).of_item(&settings)))
        })
    })
    .query(&[("fields", TEXT), ("include_fields", Shape::Flag)])
    .answers(200, &SETTINGS),
    patch("tenants/settings", &["update:tenant_settings"], "Change the tenant's settings", |ask| {
        Box::pin(change(ask))
    })
    .changes(FIELDS)
    .answers(200, &SETTINGS),
];

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let body = ask.members();
    let (app, call) = (ask.app, ask.call);
    let apply = |settings: &mut TenantSettings| apply::apply(call, body, settings);
    let (settings, ()) =
        settings::change(app, call, &ask.operator, "tenants/settings", ask.shown, apply).await?;
    Ok(Reply::ok(wire(&settings)))
}

#[expect(clippy::cast_precision_loss, reason = "a year has few minutes")]
fn hours(minutes: i64) -> Value {
    if minutes % 60 == 0 { (minutes / 60).into() } else { (minutes as f64 / 60.0).into() }
}

fn wire(settings: &TenantSettings) -> Value {
    let sessions = &settings.sessions;
    let mode = match sessions.cookie {
        CookieMode::Persistent => "persistent",
        CookieMode::NonPersistent => "non-persistent",
    };
    let mut body = json!({
        "sandbox_version": "22",
        "sandbox_versions_available": ["22"],
        "device_flow": { "charset": "base20", "mask": "****-****" },
        "mtls": { "enable_endpoint_aliases": false },
    });
    extend(&mut body, settings.kept.clone().into());
    let own = json!({
        "enabled_locales": settings.enabled_locales,
        "default_directory": settings.default_directory.as_deref().unwrap_or_default(),
        "default_audience": settings.default_audience.as_deref().unwrap_or_default(),
        "allowed_logout_urls": settings.allowed_logout_urls,
        "session_lifetime": hours(sessions.lifetime),
        "idle_session_lifetime": hours(sessions.idle_lifetime),
        "ephemeral_session_lifetime": hours(sessions.ephemeral_lifetime),
        "idle_ephemeral_session_lifetime": hours(sessions.idle_ephemeral_lifetime),
        "session_cookie": { "mode": mode },
        "sessions": { "oidc_logout_prompt_enabled": settings.oidc_logout_prompt_enabled },
        "oidc_logout": {
            "rp_logout_end_session_endpoint_discovery": settings.rp_logout_discovery
        },
        "customize_mfa_in_postlogin_action": false,
        "acr_values_supported": settings.acr_values_supported,
        "pushed_authorization_requests_supported": settings.pushed_authorization_requests_supported,
        "authorization_response_iss_parameter_supported": settings.authorization_response_iss,
        "resource_parameter_profile":
            if settings.resource_names_audience { "compatibility" } else { "audience" },
        "allow_organization_name_in_authentication_api": false,
        "skip_non_verifiable_callback_uri_confirmation_prompt":
            settings.skip_non_verifiable_callback_uri_confirmation_prompt,
        "phone_consolidated_experience": true,
        "flags": settings.flags,
    });
    extend(&mut body, own);
    if let Some(url) = &settings.error_page_url {
        body["error_page"]["url"] = json!(url);
    }
    if !settings.friendly_name.is_empty() {
        body["friendly_name"] = json!(settings.friendly_name);
    }
    let optional = [
        ("picture_url", &settings.picture_url),
        ("support_email", &settings.support_email),
        ("support_url", &settings.support_url),
        ("default_redirection_uri", &settings.default_redirection_uri),
    ];
    for (name, value) in
        optional.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)))
    {
        body[name] = json!(value);
    }
    body
}
