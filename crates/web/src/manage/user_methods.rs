//! `/users/{id}/authentication-methods` and its older kin (contract 05 §9.3).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use housekey_core::Call;
use housekey_core::factor::phone::{PhoneChannel, PhoneNumber};
use housekey_core::factor::webauthn::{Aaguid, CreationOptions, Credential};
use housekey_core::factor::{AuthenticationMethod, FactorType, MethodKind};
use housekey_core::manage::ManageError;
use housekey_core::manage::users::{
    Import, Imported, delete_method, delete_methods, import, method, methods,
    regenerate_recovery_code, replace, require, update_method,
};
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, Sent, refused};
use super::operation::{Operation, delete as removes, get, patch, post, put};
use super::page::{Fields, page};
use super::shape::{Field, INSTANT, Shape, TEXT, TEXTS, field, text};
use super::{Ask, Reply};

const CHANNEL: Shape = Shape::OneOf(&["sms", "voice"]);

const WAY: Shape = Shape::Object(&[field("type", TEXT).required(), field("id", TEXT).required()]);

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("type", Shape::OneOf(&["phone", "email", "totp", "webauthn-roaming", "passkey"]))
        .create_only()
        .required(),
    field("confirmed", Shape::Flag).read_only(),
    field("name", text(1, 20)),
    field("totp_secret", text(1, 300)).write_only().secret(),
    field("phone_number", text(2, 30)).create_only(),
    field("email", Shape::Email).create_only(),
    field("preferred_authentication_method", CHANNEL),
    field("key_id", text(1, 2000)).create_only(),
    field("public_key", text(1, 4000)).create_only(),
    field("relying_party_identifier", text(1, 253)).create_only(),
    field("aaguid", text(32, 36)).create_only(),
    field("credential_device_type", Shape::OneOf(&["single_device", "multi_device"])).create_only(),
    field("credential_backed_up", Shape::Flag).create_only(),
    field("identity_user_id", text(1, 300)).create_only(),
    field("user_agent", text(0, 500)).create_only(),
    field("user_handle", text(1, 100)).create_only(),
    field("transports", TEXTS).create_only(),
    field("authentication_methods", Shape::List { of: &WAY, most: 10 }).read_only(),
    field("created_at", INSTANT).read_only(),
    field("enrolled_at", INSTANT).read_only(),
    field("last_auth_at", INSTANT).read_only(),
];

/// The same with the types that others bring.
const ANSWER: Shape = Shape::Object(&[
    field("id", TEXT).required(),
    field("type", TEXT).required(),
    field("confirmed", Shape::Flag).required(),
    field("name", TEXT),
    field("phone_number", TEXT),
    field("email", TEXT),
    field("preferred_authentication_method", CHANNEL),
    field("key_id", TEXT),
    field("public_key", TEXT),
    field("relying_party_identifier", TEXT),
    field("aaguid", TEXT),
    field("credential_device_type", TEXT),
    field("credential_backed_up", Shape::Flag),
    field("identity_user_id", TEXT),
    field("user_agent", TEXT),
    field("user_handle", TEXT),
    field("transports", TEXTS),
    field("authentication_methods", Shape::List { of: &WAY, most: 10 }),
    field("created_at", INSTANT).required(),
    field("enrolled_at", INSTANT),
    field("last_auth_at", INSTANT),
]);

const REPLACED: Shape = Shape::List {
    of: &Shape::Object(&[
        field("type", Shape::OneOf(&["phone", "email", "totp"])).required(),
        field("name", text(1, 20)),
        field("totp_secret", text(1, 300)).secret(),
        field("phone_number", text(2, 30)),
        field("email", Shape::Email),
        field("preferred_authentication_method", CHANNEL),
    ]),
    most: 20,
};

const ENROLLMENT: Shape = Shape::Object(&[
    field("id", TEXT).required(),
    field("status", Shape::OneOf(&["pending", "confirmed"])).required(),
    field("type", TEXT).required(),
    field("name", TEXT),
    field("phone_number", TEXT),
    field("auth_method", TEXT).required(),
    field("enrolled_at", INSTANT),
    field("last_auth", INSTANT),
]);

const ALL: &str = "users/{id}/authentication-methods";
const ONE: &str = "users/{id}/authentication-methods/{method}";
const READ: &[&str] = &["read:authentication_methods"];
const CREATE: &[&str] = &["create:authentication_methods"];
const UPDATE: &[&str] = &["update:authentication_methods"];
const DELETE: &[&str] = &["delete:authentication_methods"];

pub(super) const OPERATIONS: &[Operation] = &[
    get(ALL, READ, "The authentication methods of a user", |ask| Box::pin(list(ask)))
        .pages("authenticators", &ANSWER),
    post(ALL, CREATE, "Bring an authentication method", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .answers(201, &ANSWER),
    put(ALL, UPDATE, "Replace all authentication methods", |ask| Box::pin(replace_all(ask)))
        .takes(&REPLACED)
        .answers(200, &Shape::List { of: &ANSWER, most: 20 }),
    removes(ALL, DELETE, "Remove all authentication methods", |ask| Box::pin(remove_all(ask))),
    get(ONE, READ, "One authentication method", |ask| Box::pin(one(ask))).answers(200, &ANSWER),
    patch(ONE, UPDATE, "Change an authentication method", |ask| Box::pin(change(ask)))
        .changes(FIELDS)
        .answers(200, &ANSWER),
    removes(ONE, DELETE, "Remove an authentication method", |ask| Box::pin(remove(ask))),
    get("users/{id}/enrollments", &["read:users"], "The second factors of a user", |ask| {
        Box::pin(enrollments(ask))
    })
    .answers(200, &Shape::List { of: &ENROLLMENT, most: 100 }),
    removes("users/{id}/authenticators", &["update:users"], "Remove all second factors", |ask| {
        Box::pin(remove_authenticators(ask))
    }),
    removes(
        "users/{id}/multifactor/{provider}",
        &["update:users"],
        "Remove a second factor of old",
        |ask| Box::pin(remove_provider(ask)),
    ),
    post(
        "users/{id}/multifactor/actions/invalidate-remember-browser",
        &["update:users"],
        "Forget browsers that need no second factor",
        |ask| Box::pin(forget_browsers(ask)),
    )
    .answers_nothing(204),
    post(
        "users/{id}/recovery-code-regeneration",
        &["update:users"],
        "Replace the recovery code",
        |ask| Box::pin(new_recovery_code(ask)),
    )
    .answers(200, &Shape::Object(&[field("recovery_code", TEXT).required()])),
];

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let methods = methods(ask.app, ask.call, ask.id()).await?;
    page(
        &ask.query,
        "authenticators",
        methods.iter().map(|own| wire(ask.call, own)).collect(),
        "id",
    )
    .map(Reply::ok)
}

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let method = wire(ask.call, &method(ask.app, ask.call, ask.id(), suffix(&ask)).await?);
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&method)))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let user = ask.id().to_owned();
    let new = read(&mut ask.members(), &user)?;
    let method = import(ask.app, ask.call, &ask.operator, &user, new, ask.shown).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(ask.call, &method)))
}

async fn replace_all(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let user = ask.id().to_owned();
    let sent = ask.sent.take();
    let items = sent.as_array().cloned().unwrap_or_default().into_iter();
    let members = items.filter_map(|item| match item {
        Value::Object(members) => Some(Members::new(members)),
        _ => None,
    });
    let all: Vec<_> = members.map(|mut item| read(&mut item, &user)).collect::<Result<_, _>>()?;
    let methods = replace(ask.app, ask.call, &ask.operator, &user, all, ask.shown).await?;
    Ok(Reply::ok(methods.iter().map(|own| wire(ask.call, own)).collect()))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let (user, id) = (ask.id().to_owned(), suffix(&ask).to_owned());
    let change = |method: &mut AuthenticationMethod| {
        body.get::<String>("name")?.map(Some).set(&mut method.name, None);
        match (body.get::<PhoneChannel>("preferred_authentication_method")?, &mut method.kind) {
            (Sent::Value(wanted), MethodKind::Phone { channel, .. }) => *channel = wanted,
            (Sent::Value(_), _) => {
                let path = "preferred_authentication_method";
                return Err(refused("Only phones have one", path));
            }
            (Sent::Nothing | Sent::Null, _) => {}
        }
        Ok(())
    };
    let ids = (user.as_str(), id.as_str());
    let method = update_method(ask.app, ask.call, &ask.operator, ids, change, ask.shown).await?;
    Ok(Reply::ok(wire(ask.call, &method)))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete_method(ask.app, ask.call, &ask.operator, ask.id(), suffix(&ask)).await?;
    Ok(Reply::gone())
}

async fn remove_all(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete_methods(ask.app, ask.call, &ask.operator, ask.id(), |_| true).await?;
    Ok(Reply::gone())
}

async fn remove_authenticators(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let is_second = |method: &AuthenticationMethod| method.kind.factor() != FactorType::Passkey;
    delete_methods(ask.app, ask.call, &ask.operator, ask.id(), is_second).await?;
    Ok(Reply::gone())
}

async fn remove_provider(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let factor = match ask.second_id() {
        "google-authenticator" => Some(FactorType::Totp),
        // Nobody can have it here.
        "duo" => None,
        _ => {
            let text = "The provider is duo or google-authenticator.";
            return Err(ManageError::InvalidQuery(text.to_owned()));
        }
    };
    let is_it = |method: &AuthenticationMethod| Some(method.kind.factor()) == factor;
    delete_methods(ask.app, ask.call, &ask.operator, ask.id(), is_it).await?;
    Ok(Reply::gone())
}

/// No browser of this version is spared a second factor it was asked for.
async fn forget_browsers(ask: Ask<'_>) -> Result<Reply, ManageError> {
    require(ask.app, ask.call, ask.id()).await?;
    Ok(Reply::gone())
}

async fn new_recovery_code(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let code = regenerate_recovery_code(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::ok(json!({ "recovery_code": code })))
}

async fn enrollments(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let methods = methods(ask.app, ask.call, ask.id()).await?;
    Ok(Reply::ok(methods.iter().filter_map(|own| enrollment(ask.call, own)).collect()))
}

/// The part of the method's id behind the bar; what is before it, the rest tells anyway.
fn suffix<'a>(ask: &'a Ask<'_>) -> &'a str {
    let id = ask.second_id();
    id.split_once('|').map_or(id, |(_, suffix)| suffix)
}

/// The method a body brings.
fn read(body: &mut Members, user: &str) -> Result<Import, ManageError> {
    let kind = body.text("type")?;
    let name = body.get("name")?.value();
    let what = match kind.as_str() {
        "email" => Imported::Email(body.text("email")?),
        "phone" => {
            let channel = body.get("preferred_authentication_method")?.value();
            Imported::Phone(body.text("phone_number")?, channel.unwrap_or(PhoneChannel::Sms))
        }
        "totp" => Imported::Totp(body.text("totp_secret")?),
        "passkey" => Imported::Passkey(Box::new(credential(body, user)?)),
        _ => Imported::SecurityKey(Box::new(credential(body, user)?)),
    };
    Ok(Import { name, what })
}

fn credential(body: &mut Members, user: &str) -> Result<Credential, ManageError> {
    let handle: Option<String> = body.get("user_handle")?.value();
    let aaguid: Option<String> = body.get("aaguid")?.value();
    let aaguid = aaguid.map_or(Ok(Aaguid([0; 16])), Aaguid::try_from);
    let device: Option<String> = body.get("credential_device_type")?.value();
    let identity: Option<String> = body.get("identity_user_id")?.value();
    if identity.is_some_and(|own| !user.ends_with(&own)) {
        return Err(refused("The user has no such identity", "identity_user_id"));
    }
    Ok(Credential {
        id: bytes(&body.text("key_id")?, "key_id")?,
        public_key: bytes(&body.text("public_key")?, "public_key")?,
        relying_party_id: body.text("relying_party_identifier")?,
        user_handle: match handle {
            Some(handle) => bytes(&handle, "user_handle")?,
            None => CreationOptions::user_handle(user),
        },
        aaguid: aaguid.map_err(|why| refused(why, "aaguid"))?,
        transports: body.get("transports")?.value().unwrap_or_default(),
        user_agent: body.get("user_agent")?.value(),
        sign_count: 0,
        backup_eligible: device.as_deref() == Some("multi_device"),
        backed_up: body.get("credential_backed_up")?.value().unwrap_or_default(),
        user_verified: false,
    })
}

/// Base64 of either alphabet, padded or not.
fn bytes(text: &str, path: &str) -> Result<Vec<u8>, ManageError> {
    let plain = text.trim_end_matches('=').replace('+', "-").replace('/', "_");
    URL_SAFE_NO_PAD.decode(plain).map_err(|_| refused("Expected base64", path))
}

/// How operators' tools call a kind of method.
fn type_of(method: &AuthenticationMethod) -> &'static str {
    match method.kind.factor() {
        FactorType::PushNotification => "push",
        factor => factor.as_str(),
    }
}

fn wire(call: &Call, method: &AuthenticationMethod) -> Value {
    let kind = type_of(method);
    let mut body = json!({
        "id": format!("{kind}|{}", method.id),
        "type": kind,
        "confirmed": method.confirmed,
        "created_at": method.created_at.rfc3339(),
    });
    if let Some(name) = &method.name {
        body["name"] = name.as_str().into();
    }
    if method.confirmed {
        body["enrolled_at"] = method.created_at.rfc3339().into();
    }
    if let Some(last) = method.last_auth_at {
        body["last_auth_at"] = last.rfc3339().into();
    }
    let way = |kind: &str| json!({ "type": kind, "id": format!("{kind}|{}", method.id) });
    match &method.kind {
        MethodKind::Email { address } => body["email"] = address.as_str().into(),
        MethodKind::Phone { number, channel } => {
            body["phone_number"] = shown_number(call, number).into();
            body["preferred_authentication_method"] = channel.as_str().into();
            body["authentication_methods"] = json!([way(channel.as_str())]);
        }
        MethodKind::PushNotification { .. } => {
            body["authentication_methods"] = json!([way("push"), way("totp")]);
        }
        MethodKind::RecoveryCode { .. } | MethodKind::Totp { .. } => {}
        MethodKind::Passkey(own)
        | MethodKind::WebauthnPlatform(own)
        | MethodKind::WebauthnRoaming(own) => wire_credential(&mut body, method, own),
    }
    body
}

/// A number as tools may see it: hidden if `disable_management_api_sms_obfuscation` is false.
pub(super) fn shown_number(call: &Call, number: &PhoneNumber) -> String {
    match call.tenant.settings.flags.get("disable_management_api_sms_obfuscation") {
        Some(false) => number.masked(),
        _ => number.as_str().to_owned(),
    }
}

fn wire_credential(body: &mut Value, method: &AuthenticationMethod, credential: &Credential) {
    body["key_id"] = credential.key_id().into();
    body["public_key"] = STANDARD.encode(&credential.public_key).into();
    body["relying_party_identifier"] = credential.relying_party_id.as_str().into();
    if !matches!(method.kind, MethodKind::Passkey(_)) {
        return;
    }
    let device = if credential.backup_eligible { "multi_device" } else { "single_device" };
    body["credential_device_type"] = device.into();
    body["credential_backed_up"] = credential.backed_up.into();
    body["aaguid"] = credential.aaguid.to_string().into();
    body["user_handle"] = URL_SAFE_NO_PAD.encode(&credential.user_handle).into();
    body["identity_user_id"] = method.identity_user_id().into();
    body["transports"] = json!(credential.transports);
    if let Some(user_agent) = &credential.user_agent {
        body["user_agent"] = user_agent.as_str().into();
    }
}

/// A second factor as older tools know it; none of those they do not.
fn enrollment(call: &Call, method: &AuthenticationMethod) -> Option<Value> {
    let auth_method = match method.kind.factor() {
        FactorType::Totp => "authenticator",
        FactorType::PushNotification => "guardian",
        FactorType::Phone => "sms",
        FactorType::WebauthnPlatform => "webauthn-platform",
        FactorType::WebauthnRoaming => "webauthn-roaming",
        FactorType::Email
        | FactorType::Passkey
        | FactorType::Password
        | FactorType::RecoveryCode => return None,
    };
    let mut body = json!({
        "id": method.id.as_str(),
        "status": if method.confirmed { "confirmed" } else { "pending" },
        "type": type_of(method),
        "auth_method": auth_method,
    });
    if let Some(name) = &method.name {
        body["name"] = name.as_str().into();
    }
    if let MethodKind::Phone { number, .. } = &method.kind {
        body["phone_number"] = shown_number(call, number).into();
    }
    if method.confirmed {
        body["enrolled_at"] = method.created_at.rfc3339().into();
    }
    if let Some(last) = method.last_auth_at {
        body["last_auth"] = last.rfc3339().into();
    }
    Some(body)
}
