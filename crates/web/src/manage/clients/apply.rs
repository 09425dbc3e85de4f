//! What was sent, applied to an application.

use housekey_core::client::{AuthMethod, ClientSettings, RefreshTokenSettings};
use housekey_core::id::CredentialId;
use housekey_core::manage::ManageError;
use housekey_core::manage::clients::Secret;
use housekey_core::session::{Ending, Endings, LogoutListener};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::body::{Members, Sent, merged, refused};
use super::fields::FIELDS;

/// Applies a body to settings; tells what becomes of the secret.
pub(super) fn apply(
    mut body: Members,
    settings: &mut ClientSettings,
) -> Result<Secret, ManageError> {
    let defaults = super::fresh();
    let name: Sent<String> = body.get("name")?;
    if matches!(&name, Sent::Value(name) if name.contains(['<', '>'])) {
        return Err(refused("String does not match pattern ^[^<>]+$", "name"));
    }
    name.set(&mut settings.name, defaults.name);
    body.set_some("description", &mut settings.description)?;
    body.set_some("logo_uri", &mut settings.logo_uri)?;
    body.set_some("app_type", &mut settings.app_type)?;
    body.set("is_first_party", &mut settings.is_first_party, defaults.is_first_party)?;
    apply_authentication(&mut body, settings)?;
    body.set("grant_types", &mut settings.grant_types, defaults.grant_types)?;
    apply_urls(&mut body, settings)?;
    body.set_some(
        "skip_non_verifiable_callback_uri_confirmation_prompt",
        &mut settings.skip_non_verifiable_callback_uri_confirmation_prompt,
    )?;
    body.set(
        "require_proof_of_possession",
        &mut settings.require_proof_of_possession,
        defaults.require_proof_of_possession,
    )?;
    body.set(
        "require_pushed_authorization_requests",
        &mut settings.require_pushed_authorization_requests,
        defaults.require_pushed_authorization_requests,
    )?;
    body.set_some("par_request_expiry", &mut settings.par_request_expiry)?;
    body.set("mobile", &mut settings.mobile, defaults.mobile)?;
    apply_metadata(&mut body, settings)?;
    apply_jwt(&mut body, settings)?;
    apply_logout(&mut body, settings)?;
    apply_refresh_token(&mut body, settings)?;
    body.keep(FIELDS, &mut settings.kept);
    refuse_unbuilt(&mut body, settings)?;
    Ok(match body.get("client_secret")? {
        Sent::Value(secret) => Secret::Set(secret),
        Sent::Nothing | Sent::Null => Secret::Keep,
    })
}

/// One way of authenticating takes the place of the other, and both must be said.
fn apply_authentication(
    body: &mut Members,
    settings: &mut ClientSettings,
) -> Result<(), ManageError> {
    const METHODS: &str = "client_authentication_methods";
    let had_keys = settings.client_authentication_methods.is_some();
    let method: Sent<AuthMethod> = body.get("token_endpoint_auth_method")?;
    match body.object(METHODS)? {
        Sent::Value(mut methods) => {
            if matches!(method, Sent::Value(_))
                || (method == Sent::Nothing && settings.token_endpoint_auth_method.is_some())
            {
                let reason = "token_endpoint_auth_method must be null beside it";
                return Err(refused(reason, METHODS));
            }
            let wanted = methods.object("private_key_jwt")?.value();
            let wanted = wanted.map(|mut own| own.get::<Vec<Key>>("credentials")).transpose()?;
            let keys = wanted.and_then(Sent::value).unwrap_or_default();
            if !settings.authenticate_by(keys.into_iter().map(|key| key.id).collect()) {
                let reason = "Not a credential of this client";
                return Err(refused(reason, &format!("{METHODS}.private_key_jwt.credentials")));
            }
        }
        Sent::Null => settings.client_authentication_methods = None,
        Sent::Nothing if had_keys && matches!(method, Sent::Value(_)) => {
            let reason = "client_authentication_methods must be null beside it";
            return Err(refused(reason, "token_endpoint_auth_method"));
        }
        Sent::Nothing => {}
    }
    match method {
        Sent::Nothing => {}
        Sent::Null => settings.token_endpoint_auth_method = None,
        Sent::Value(method) => settings.token_endpoint_auth_method = Some(method),
    }
    Ok(())
}

#[derive(Deserialize)]
struct Key {
    id: CredentialId,
}

fn apply_urls(body: &mut Members, settings: &mut ClientSettings) -> Result<(), ManageError> {
    let places = [
        ("callbacks", &mut settings.callbacks),
        ("allowed_logout_urls", &mut settings.allowed_logout_urls),
        ("allowed_origins", &mut settings.allowed_origins),
        ("web_origins", &mut settings.web_origins),
    ];
    for (name, place) in places {
        let urls: Sent<Vec<String>> = body.get(name)?;
        if let Sent::Value(urls) = &urls
            && let Some(wrong) = urls.iter().find(|url| url.contains('#') || !url.contains(':'))
        {
            let reason = format!("Object didn't pass validation for format absolute-uri: {wrong}");
            return Err(refused(&reason, name));
        }
        urls.set(place, Vec::new());
    }
    Ok(())
}

fn apply_metadata(body: &mut Members, settings: &mut ClientSettings) -> Result<(), ManageError> {
    match body.get::<Map<String, Value>>("client_metadata")? {
        Sent::Nothing => {}
        Sent::Null => settings.client_metadata = None,
        Sent::Value(sent) => {
            let all = merged(settings.client_metadata.take().unwrap_or_default(), sent);
            if all.len() > 10 {
                return Err(refused("Too many properties defined, maximum 10", "client_metadata"));
            }
            settings.client_metadata = Some(all);
        }
    }
    Ok(())
}

fn apply_jwt(body: &mut Members, settings: &mut ClientSettings) -> Result<(), ManageError> {
    const NAME: &str = "jwt_configuration";
    let defaults = ClientSettings::default();
    match body.get::<Map<String, Value>>(NAME)? {
        Sent::Nothing => {}
        Sent::Null => {
            settings.id_token_lifetime = defaults.id_token_lifetime;
            settings.id_token_alg = defaults.id_token_alg;
            settings.kept.remove(NAME);
        }
        Sent::Value(sent) => {
            let alg = sent.get("alg").filter(|alg| !alg.is_null()).cloned();
            let alg = alg.map(serde_json::from_value).transpose();
            let alg = alg.map_err(|_| refused("No enum match", "jwt_configuration.alg"))?;
            settings.id_token_alg = alg.unwrap_or_default();
            let lifetime = sent.get("lifetime_in_seconds").and_then(Value::as_i64);
            settings.id_token_lifetime = lifetime.unwrap_or(defaults.id_token_lifetime);
            settings.kept.insert(NAME.to_owned(), sent.into());
        }
    }
    Ok(())
}

/// How the application hears of sessions that ended. The object is replaced whole, and comes back as
/// it was sent.
fn apply_logout(body: &mut Members, settings: &mut ClientSettings) -> Result<(), ManageError> {
    const NAME: &str = "oidc_logout";
    let sent = match body.get::<Map<String, Value>>(NAME)? {
        Sent::Nothing => return Ok(()),
        Sent::Null => Map::new(),
        Sent::Value(sent) => sent,
    };
    settings.logout_listener = listener(sent.clone())?;
    if sent.is_empty() {
        settings.kept.remove(NAME);
    } else {
        settings.kept.insert(NAME.to_owned(), sent.into());
    }
    Ok(())
}

fn listener(sent: Map<String, Value>) -> Result<LogoutListener, ManageError> {
    let mut sent = Members::new(sent);
    let mut listener = LogoutListener::default();
    sent.set("backchannel_logout_urls", &mut listener.urls, Vec::new())?;
    if let Sent::Value(mut initiators) = sent.object("backchannel_logout_initiators")? {
        let (mut mode, mut selected) = (String::new(), Vec::new());
        initiators.set("mode", &mut mode, String::new())?;
        initiators.set("selected_initiators", &mut selected, Ending::USUAL.to_vec())?;
        listener.endings = if mode == "all" { Endings::All } else { Endings::Only(selected) };
    }
    Ok(listener)
}

/// The object is replaced whole: what it does not say is the default.
fn apply_refresh_token(
    body: &mut Members,
    settings: &mut ClientSettings,
) -> Result<(), ManageError> {
    let has_secret = settings.token_endpoint_auth_method.is_some() && !settings.is_public();
    let mut sent = match body.object("refresh_token")? {
        Sent::Nothing => return Ok(()),
        Sent::Null => {
            settings.refresh_token = unset_refresh_token(has_secret);
            return Ok(());
        }
        Sent::Value(sent) => sent,
    };
    let mut token = unset_refresh_token(has_secret);
    token.rotating = sent.get::<String>("rotation_type")?.value().as_deref() == Some("rotating");
    token.expiring = match sent.get::<String>("expiration_type")?.value() {
        Some(kind) => kind == "expiring",
        None => token.rotating,
    };
    if token.rotating && !token.expiring {
        let reason = "Rotating refresh tokens must expire";
        return Err(refused(reason, "refresh_token.expiration_type"));
    }
    // What expires has ends unless told otherwise.
    let infinite = !token.expiring;
    sent.set("leeway", &mut token.leeway, 0)?;
    let (token_lifetime, idle) = (token.token_lifetime, token.idle_token_lifetime);
    sent.set("token_lifetime", &mut token.token_lifetime, token_lifetime)?;
    token.idle_token_lifetime = idle.min(token.token_lifetime);
    sent.set("idle_token_lifetime", &mut token.idle_token_lifetime, idle)?;
    token.infinite_token_lifetime =
        sent.get("infinite_token_lifetime")?.value().unwrap_or(infinite);
    token.infinite_idle_token_lifetime =
        sent.get("infinite_idle_token_lifetime")?.value().unwrap_or(infinite);
    sent.set("policies", &mut token.policies, Vec::new())?;
    if let (Some(absolute), Some(idle)) = (token.absolute(), token.idle())
        && idle > absolute
    {
        let reason = "The idle lifetime cannot be longer than the lifetime";
        return Err(refused(reason, "refresh_token.idle_token_lifetime"));
    }
    settings.refresh_token = token;
    Ok(())
}

/// The refresh tokens of applications created without a word about them.
pub(super) fn unset_refresh_token(has_secret: bool) -> RefreshTokenSettings {
    RefreshTokenSettings {
        expiring: false,
        token_lifetime: if has_secret { 31_557_600 } else { 2_592_000 },
        idle_token_lifetime: if has_secret { 2_592_000 } else { 1_296_000 },
        infinite_token_lifetime: true,
        infinite_idle_token_lifetime: true,
        ..RefreshTokenSettings::default()
    }
}

/// Settings that promise something this version does not do are refused rather than forgotten.
fn refuse_unbuilt(body: &mut Members, settings: &mut ClientSettings) -> Result<(), ManageError> {
    let only: [(&str, &[Value]); _] =
        [("organization_usage", &["deny".into(), "allow".into()]), ("default_organization", &[])];
    for (name, allowed) in only {
        match body.get::<Value>(name)? {
            Sent::Nothing => {}
            Sent::Null => {
                settings.kept.remove(name);
            }
            Sent::Value(value) if allowed.contains(&value) => {
                settings.kept.insert(name.to_owned(), value);
            }
            Sent::Value(value) => {
                let text = format!("{name} cannot be {value} in this version of Housekey.");
                return Err(ManageError::NotSupported(text));
            }
        }
    }
    Ok(())
}
