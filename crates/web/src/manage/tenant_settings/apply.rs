//! Applying what was sent to the tenant's settings.

use std::collections::BTreeMap;

use housekey_core::Call;
use housekey_core::manage::ManageError;
use housekey_core::tenant::{CookieMode, SessionSettings, TenantSettings};
use housekey_core::user::Identifier;
use serde_json::{Map, Value, json};
use url::Url;

use super::FIELDS;
use crate::manage::body::{Members, Sent, refuse_other, refused};

pub(super) fn apply(
    call: &Call,
    mut body: Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    let defaults = TenantSettings::default();
    names(call, &mut body, settings)?;
    sessions(&mut body, &mut settings.sessions)?;
    error_page(&mut body, settings)?;
    body.set("enabled_locales", &mut settings.enabled_locales, defaults.enabled_locales)?;
    body.set("allowed_logout_urls", &mut settings.allowed_logout_urls, Vec::new())?;
    body.set("acr_values_supported", &mut settings.acr_values_supported, Vec::new())?;
    body.set(
        "authorization_response_iss_parameter_supported",
        &mut settings.authorization_response_iss,
        false,
    )?;
    body.set(
        "skip_non_verifiable_callback_uri_confirmation_prompt",
        &mut settings.skip_non_verifiable_callback_uri_confirmation_prompt,
        false,
    )?;
    let member = "oidc_logout_prompt_enabled";
    let prompt = &mut settings.oidc_logout_prompt_enabled;
    body.object("sessions")?.set_member(member, prompt, defaults.oidc_logout_prompt_enabled)?;
    let member = "rp_logout_end_session_endpoint_discovery";
    let discovery = &mut settings.rp_logout_discovery;
    body.object("oidc_logout")?.set_member(member, discovery, defaults.rp_logout_discovery)?;
    body.set(
        "pushed_authorization_requests_supported",
        &mut settings.pushed_authorization_requests_supported,
        defaults.pushed_authorization_requests_supported,
    )?;
    match body.get::<String>("resource_parameter_profile")? {
        Sent::Nothing => {}
        Sent::Null => settings.resource_names_audience = false,
        Sent::Value(profile) => settings.resource_names_audience = profile == "compatibility",
    }
    flags(&mut body, &mut settings.flags)?;
    body.keep(FIELDS, &mut settings.kept);
    refuse_other(
        &mut body,
        &[
            ("customize_mfa_in_postlogin_action", json!(false)),
            ("allow_organization_name_in_authentication_api", json!(false)),
            ("phone_consolidated_experience", json!(true)),
        ],
    )
}

fn names(
    call: &Call,
    body: &mut Members,
    settings: &mut TenantSettings,
) -> Result<(), ManageError> {
    body.set("friendly_name", &mut settings.friendly_name, String::new())?;
    let is_web = |text: &str| Url::parse(text).is_ok_and(|url| url.has_host());
    let is_https = |text: &str| Url::parse(text).is_ok_and(|url| url.scheme() == "https");
    let is_mail = |text: &str| Identifier::email(text).is_some();
    optional(body, "picture_url", &mut settings.picture_url, "uri", is_web)?;
    optional(body, "support_url", &mut settings.support_url, "uri", is_web)?;
    optional(body, "support_email", &mut settings.support_email, "email", is_mail)?;
    let place = &mut settings.default_redirection_uri;
    optional(body, "default_redirection_uri", place, "absolute-https-uri-or-empty", is_https)?;
    optional(body, "default_audience", &mut settings.default_audience, "", |_| true)?;
    let is_connection = |name: &str| call.tenant.connection_named(name).is_some();
    let place = &mut settings.default_directory;
    optional(body, "default_directory", place, "name of a connection", is_connection)
}

/// A text that goes when it is empty.
fn optional(
    body: &mut Members,
    name: &str,
    place: &mut Option<String>,
    format: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<(), ManageError> {
    match body.get::<String>(name)? {
        Sent::Nothing => {}
        Sent::Null => *place = None,
        Sent::Value(text) if text.is_empty() => *place = None,
        Sent::Value(text) if fits(&text) => *place = Some(text),
        Sent::Value(_) => {
            let reason = format!("Object didn't pass validation for format {format}");
            return Err(refused(&reason, name));
        }
    }
    Ok(())
}

fn sessions(body: &mut Members, sessions: &mut SessionSettings) -> Result<(), ManageError> {
    let defaults = SessionSettings::default();
    let of_each: [(&str, &mut i64, i64); 4] = [
        ("session_lifetime", &mut sessions.lifetime, defaults.lifetime),
        ("idle_session_lifetime", &mut sessions.idle_lifetime, defaults.idle_lifetime),
        (
            "ephemeral_session_lifetime",
            &mut sessions.ephemeral_lifetime,
            defaults.ephemeral_lifetime,
        ),
        (
            "idle_ephemeral_session_lifetime",
            &mut sessions.idle_ephemeral_lifetime,
            defaults.idle_ephemeral_lifetime,
        ),
    ];
    for (name, place, default) in of_each {
        match body.get::<f64>(name)? {
            Sent::Nothing => {}
            Sent::Null => *place = default,
            Sent::Value(hours) => *place = minutes(hours, name)?,
        }
        body.set(&format!("{name}_in_minutes"), place, default)?;
    }
    match body.object("session_cookie")? {
        Sent::Nothing => Ok(()),
        Sent::Null => {
            sessions.cookie = CookieMode::default();
            Ok(())
        }
        Sent::Value(mut cookie) => cookie.set("mode", &mut sessions.cookie, CookieMode::default()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
fn minutes(hours: f64, name: &str) -> Result<i64, ManageError> {
    let minutes = (hours * 60.0).round() as i64;
    if minutes < 1 {
        return Err(refused("A session lives for a minute at least", name));
    }
    Ok(minutes)
}

/// The address has an effect; the rest of the object is kept.
fn error_page(body: &mut Members, settings: &mut TenantSettings) -> Result<(), ManageError> {
    match body.get::<Map<String, Value>>("error_page")? {
        Sent::Nothing => {}
        Sent::Null => {
            settings.error_page_url = None;
            settings.kept.remove("error_page");
        }
        Sent::Value(mut page) => {
            let url = page.remove("url");
            let url = url.as_ref().and_then(Value::as_str).filter(|url| !url.is_empty());
            let is_web = |url: &&str| {
                Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
            };
            if url.is_some_and(|url| !is_web(&url)) {
                let reason = "Object didn't pass validation for format absolute-uri-or-empty";
                return Err(refused(reason, "error_page.url"));
            }
            settings.error_page_url = url.map(ToOwned::to_owned);
            settings.kept.insert("error_page".to_owned(), page.into());
        }
    }
    Ok(())
}

/// Flags that have one value here: registering without an operator is not there, and one session of a
/// browser always serves all applications.
const FIXED: &[(&str, bool)] =
    &[("enable_dynamic_client_registration", false), ("enable_sso", true)];

fn refuse_fixed(name: &str, value: bool) -> Result<(), ManageError> {
    match FIXED.iter().find(|(own, only)| *own == name && *only != value) {
        None => Ok(()),
        Some((_, only)) => {
            let text = format!("flags.{name} can only be {only} in this version of Housekey.");
            Err(ManageError::NotSupported(text))
        }
    }
}

fn flags(body: &mut Members, flags: &mut BTreeMap<String, bool>) -> Result<(), ManageError> {
    match body.get::<BTreeMap<String, Option<bool>>>("flags")? {
        Sent::Nothing => {}
        Sent::Null => flags.clear(),
        Sent::Value(sent) => {
            for (name, value) in sent {
                match value {
                    Some(value) => {
                        refuse_fixed(&name, value)?;
                        flags.insert(name, value);
                    }
                    None => {
                        flags.remove(&name);
                    }
                }
            }
        }
    }
    Ok(())
}
