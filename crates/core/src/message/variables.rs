//! What templates can say: the variables Auth0 documents (contract 04 §11.5).

use serde_json::{Map, Value, json};

use super::{Addressee, Message};
use crate::call::Call;
use crate::client::{Client, origin_of};

/// The variables of a mail.
pub(super) fn of_mail(call: &Call, addressee: &Addressee<'_>, message: &Message) -> Value {
    let settings = &call.tenant.settings;
    let mut variables = shared(call, addressee);
    let mut add = |name: &str, value: Value| variables.insert(name.to_owned(), value);
    add("tenant", call.tenant.id.as_str().into());
    add("friendly_name", call.tenant.friendly_name().into());
    add("support_email", json!(settings.support_email));
    add("support_url", json!(settings.support_url));
    add("request_language", addressee.languages.unwrap_or(&call.accept_language).into());
    if let Some(name) = connection(call, addressee) {
        add("connection", json!({ "name": name }));
    }
    let mut user = user(call, addressee);
    if let Some(code) = message.code() {
        add("code", json!(code));
    }
    match message {
        Message::EnrollmentInvitation { link, .. } => {
            add("link", json!(link));
        }
        Message::PasswordReset { link, .. } | Message::VerifyEmail { link, .. } => {
            add("url", json!(link));
        }
        Message::PasswordGuessed { ip, account_url, .. } => {
            add("url", json!(account_url));
            user.insert("source_ip".to_owned(), json!(ip));
        }
        _ => {}
    }
    add("user", user.into());
    variables.into()
}

/// The variables of a text message or call. `is_older` is the form of `/guardian`.
pub(super) fn of_phone(
    call: &Call,
    addressee: &Addressee<'_>,
    (code, is_call): (&str, bool),
    is_older: bool,
) -> Value {
    let settings = &call.tenant.settings;
    let name = call.tenant.friendly_name();
    let languages = addressee.languages.unwrap_or(&call.accept_language);
    let mut variables = shared(call, addressee);
    let mut add = |name: &str, value: Value| variables.insert(name.to_owned(), value);
    let tenant = json!({ "friendlyName": name, "friendly_name": name });
    add("tenant", if is_older { tenant } else { call.tenant.id.as_str().into() });
    add("friendly_name", name.into());
    add("support_email", json!(settings.support_email));
    add("support_url", json!(settings.support_url));
    add("logo_url", json!(settings.branding.logo_url.as_ref().or(settings.picture_url.as_ref())));
    add("home_url", json!(settings.default_redirection_uri));
    add("locale", languages.split([',', ' ', ';']).next().into());
    add("requestInfo", json!({ "lang": languages }));
    add("message_type", (if is_call { "voice" } else { "sms" }).into());
    // A full stop makes a voice pause.
    add("pause", (if is_call { "." } else { "" }).into());
    add("connection", json!(connection(call, addressee)));
    let code = if is_call { digit_by_digit(code) } else { code.to_owned() };
    add("code", code.into());
    let mut user = user(call, addressee);
    user.insert("source_ip".to_owned(), call.ip.as_str().into());
    add("user", user.into());
    variables.into()
}

/// The variables of where a link leads: few, and fit for a URL.
pub(crate) fn of_result_url(call: &Call, client: Option<&Client>) -> Value {
    let mut own = client.map(|client| application(call, client)).unwrap_or_default();
    let name = own.get("name").and_then(Value::as_str).map(crate::percent::encode);
    own.insert("name".to_owned(), json!(name));
    own.retain(|name, _| matches!(name.as_str(), "name" | "clientID" | "callback_domain"));
    json!({ "application": own, "client": own })
}

fn shared(call: &Call, addressee: &Addressee<'_>) -> Map<String, Value> {
    let client = addressee.client.and_then(|id| call.tenant.client(id));
    let own = client.map(|client| application(call, client)).unwrap_or_default();
    let mut variables = Map::new();
    variables.insert("client".to_owned(), own.clone().into());
    variables.insert("application".to_owned(), own.into());
    if call.host != call.tenant.canonical_host() {
        variables.insert("custom_domain".to_owned(), json!({ "domain": call.host }));
    }
    variables
}

fn application(call: &Call, client: &Client) -> Map<String, Value> {
    let settings = &client.settings;
    let callback = client.callbacks(&call.issuer).next();
    Map::from_iter([
        ("name".to_owned(), json!(settings.name)),
        ("clientID".to_owned(), json!(client.id.as_str())),
        ("client_id".to_owned(), json!(client.id.as_str())),
        ("metadata".to_owned(), json!(settings.client_metadata)),
        ("client_metadata".to_owned(), json!(settings.client_metadata)),
        ("logo_uri".to_owned(), json!(settings.logo_uri)),
        ("callback_domain".to_owned(), json!(callback.and_then(|url| origin_of(&url)))),
    ])
}

fn connection<'a>(call: &'a Call, addressee: &Addressee<'_>) -> Option<&'a str> {
    let found = call.tenant.connection(&addressee.user?.connection_id);
    found.map(|connection| connection.name.as_str())
}

/// The person; of somebody nobody knows there is the address alone.
fn user(call: &Call, addressee: &Addressee<'_>) -> Map<String, Value> {
    let Some(user) = addressee.user else {
        return Map::from_iter([("email".to_owned(), addressee.address.into())]);
    };
    let profile = &user.profile;
    Map::from_iter([
        ("user_id".to_owned(), json!(user.id.as_str())),
        ("email".to_owned(), json!(profile.email)),
        ("email_verified".to_owned(), json!(profile.email_verified)),
        ("username".to_owned(), json!(profile.username)),
        ("phone_number".to_owned(), json!(profile.phone_number)),
        ("phone_verified".to_owned(), json!(profile.phone_verified)),
        ("name".to_owned(), json!(user.shown_name())),
        ("nickname".to_owned(), json!(user.shown_nickname())),
        ("given_name".to_owned(), json!(profile.given_name)),
        ("family_name".to_owned(), json!(profile.family_name)),
        ("picture".to_owned(), json!(user.shown_picture(&call.issuer))),
        ("user_metadata".to_owned(), profile.user_metadata.clone().into()),
        ("app_metadata".to_owned(), profile.app_metadata.clone().into()),
    ])
}

fn digit_by_digit(code: &str) -> String {
    code.chars().map(String::from).collect::<Vec<_>>().join(".")
}
