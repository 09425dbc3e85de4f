//! `/keys` (contract 05 §14).

use housekey_core::manage::ManageError;
use housekey_core::manage::Thing;
use housekey_core::manage::keys::{find, revoke, revoked, rotate};
use housekey_core::time::Timestamp;
use housekey_core::token::{KeyState, Reign, RevokedKey, SigningKey, fingerprint};
use http::StatusCode;
use serde_json::{Value, json};

use super::body::optional;
use super::operation::{Operation, get, post, put};
use super::page::page;
use super::pem;
use super::shape::{Field, INSTANT, Shape, TEXT, field};
use super::{Ask, Reply};

const FIELDS: &[Field] = &[
    field("kid", TEXT).read_only().required(),
    field("cert", TEXT).read_only().required(),
    field("pkcs7", TEXT).read_only().required(),
    field("fingerprint", TEXT).read_only().required(),
    field("thumbprint", TEXT).read_only().required(),
    field("current", Shape::Flag).read_only(),
    field("next", Shape::Flag).read_only(),
    field("previous", Shape::Flag).read_only(),
    field("current_since", INSTANT).read_only(),
    field("current_until", INSTANT).read_only(),
    field("revoked", Shape::Flag).read_only(),
    field("revoked_at", INSTANT).read_only(),
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
        Box::pin(async move { all(&ask).await.map(Reply::ok) })
    })
    .answers(200, &Shape::List { of: &Shape::Object(FIELDS), most: usize::MAX }),
    get("keys/signing/{kid}", &["read:signing_keys"], "One signing key", |ask| {
        Box::pin(async move { one(&ask).await.map(Reply::ok) })
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

/// Those that are published, the signing one first, then those that were revoked.
async fn all(ask: &Ask<'_>) -> Result<Value, ManageError> {
    let published = ask.call.tenant.published_keys().into_iter().map(|(_, key)| wire(key));
    let revoked = revoked(ask.app, ask.call).await?;
    Ok(published.chain(revoked.iter().map(wire_revoked)).collect())
}

async fn one(ask: &Ask<'_>) -> Result<Value, ManageError> {
    if let Ok(key) = find(&ask.call.tenant, ask.id()) {
        return Ok(wire(key));
    }
    let revoked = revoked(ask.app, ask.call).await?;
    let found = revoked.iter().find(|key| key.id.as_str() == ask.id());
    found.map(wire_revoked).ok_or(ManageError::NotFound(Thing::Key))
}

fn changed(kid: &str, certificate: &[u8]) -> Value {
    json!({ "kid": kid, "cert": pem::certificate(certificate) })
}

fn wire(key: &SigningKey) -> Value {
    let mut body = described(key.id.as_str(), &key.certificate, key.reign);
    let state = match key.state {
        KeyState::Current => "current",
        KeyState::Next => "next",
        KeyState::Previous => "previous",
    };
    body[state] = true.into();
    body["revoked"] = false.into();
    body
}

fn wire_revoked(key: &RevokedKey) -> Value {
    let mut body = described(key.id.as_str(), &key.certificate, key.reign);
    body["revoked"] = true.into();
    body["revoked_at"] = key.revoked_at.rfc3339().into();
    body
}

/// What is told of every key.
fn described(kid: &str, certificate: &[u8], reign: Reign) -> Value {
    let pairs: Vec<_> = fingerprint(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    let mut body = json!({
        "kid": kid,
        "cert": pem::certificate(certificate),
        "pkcs7": pem::pkcs7(certificate),
        "fingerprint": pairs.join(":"),
        "thumbprint": pairs.concat(),
    });
    optional(&mut body, "current_since", reign.since.map(Timestamp::rfc3339));
    optional(&mut body, "current_until", reign.until.map(Timestamp::rfc3339));
    body
}
