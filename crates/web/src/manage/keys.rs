//! `/keys` (contract 05 §14).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use housekey_core::manage::ManageError;
use housekey_core::manage::keys::{find, revoke, rotate};
use housekey_core::token::{KeyState, SigningKey};
use http::StatusCode;
use serde_json::{Value, json};

use super::operation::{Operation, get, post, put};
use super::page::page;
use super::shape::{Field, INSTANT, Shape, TEXT, field};
use super::{Ask, Reply};

const FIELDS: &[Field] = &[
    field("kid", TEXT).read_only().required(),
    field("cert", TEXT).read_only().required(),
    field("fingerprint", TEXT).read_only().required(),
    field("thumbprint", TEXT).read_only().required(),
    field("current", Shape::Flag).read_only(),
    field("next", Shape::Flag).read_only(),
    field("previous", Shape::Flag).read_only(),
    field("revoked", Shape::Flag).read_only(),
];
const CHANGED: &[Field] =
    &[field("kid", TEXT).read_only().required(), field("cert", TEXT).read_only().required()];
const ENCRYPTION: &[Field] = &[
    field("kid", TEXT).read_only().required(),
    field("type", TEXT).read_only().required(),
    field("state", TEXT).read_only().required(),
    field("created_at", INSTANT).read_only().required(),
    field("updated_at", INSTANT).read_only().required(),
];

pub(super) const OPERATIONS: &[Operation] = &[
    get("keys/signing", &["read:signing_keys"], "Signing keys", |ask| {
        Box::pin(async move {
            let keys = ask.call.tenant.published_keys();
            Ok(Reply::ok(keys.into_iter().map(|(_, key)| wire(key)).collect()))
        })
    })
    .answers(200, &Shape::List { of: &Shape::Object(FIELDS), most: usize::MAX }),
    get("keys/signing/{kid}", &["read:signing_keys"], "One signing key", |ask| {
        Box::pin(async move { Ok(Reply::ok(wire(find(&ask.call.tenant, ask.id())?))) })
    })
    .answers(200, &Shape::Object(FIELDS)),
    post("keys/signing/rotate", &["create:signing_keys"], "Sign with the next key", |ask| {
        Box::pin(async move {
            let (id, certificate) = rotate(ask.app, ask.call, &ask.operator).await?;
            Ok(Reply::new(StatusCode::CREATED, changed(id.as_str(), &certificate)))
        })
    })
    .also(&["update:signing_keys"])
    .answers(201, &Shape::Object(CHANGED)),
    put("keys/signing/{kid}/revoke", &["update:signing_keys"], "Revoke a previous key", |ask| {
        Box::pin(async move {
            let certificate = revoke(ask.app, ask.call, &ask.operator, ask.id()).await?;
            Ok(Reply::ok(changed(ask.id(), &certificate)))
        })
    })
    .answers(200, &Shape::Object(CHANGED)),
    get(
        "keys/encryption",
        &["read:encryption_keys"],
        "What stored secrets are sealed with",
        |ask| Box::pin(async move { list(&ask) }),
    )
    .pages("keys", &Shape::Object(ENCRYPTION)),
];

/// The master key is the operator's and seals for all tenants; it has no face here but this.
fn list(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let since = ask.call.tenant.created_at.rfc3339();
    let root = json!({
        "kid": "root",
        "type": "environment-root-key",
        "state": "active",
        "created_at": since,
        "updated_at": since,
    });
    page(&ask.query, "keys", vec![root], "kid").map(Reply::ok)
}

fn changed(kid: &str, certificate: &[u8]) -> Value {
    json!({ "kid": kid, "cert": pem(certificate) })
}

fn wire(key: &SigningKey) -> Value {
    let pairs: Vec<_> = key.fingerprint().iter().map(|byte| format!("{byte:02X}")).collect();
    let mut body = json!({
        "kid": key.id.as_str(),
        "cert": pem(&key.certificate),
        "fingerprint": pairs.join(":"),
        "thumbprint": pairs.concat(),
        "revoked": false,
    });
    let state = match key.state {
        KeyState::Current => "current",
        KeyState::Next => "next",
        KeyState::Previous => "previous",
    };
    body[state] = true.into();
    body
}

/// A certificate in text (RFC 7468 §5).
fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<_> =
        (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!(
        "-----BEGIN CERTIFICATE-----\r\n{}\r\n-----END CERTIFICATE-----\r\n",
        lines.join("\r\n")
    )
}
