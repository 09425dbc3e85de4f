//! `/custom-domains` (contract 05 §13).

use std::collections::BTreeMap;

use housekey_core::Call;
use housekey_core::manage::custom_domains::{
    self, create, delete, find, record_text, set_default, update, verify,
};
use housekey_core::manage::{ManageError, Thing};
use housekey_core::secret::Handle;
use housekey_core::tenant::{Domain, DomainKind};
use housekey_core::time::Timestamp;
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, Sent, extend, merged, optional, refused};
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::page;
use super::shape::{ANY_OBJECT, Field, INSTANT, METADATA, Shape, TEXT, field, text};
use super::{Ask, Reply};

const TYPE: Shape = Shape::OneOf(&["auth0_managed_certs", "self_managed_certs"]);
const CLIENT_IP_HEADER: Shape = Shape::OneOf(&[
    "",
    "true-client-ip",
    "cf-connecting-ip",
    "x-forwarded-for",
    "x-azure-clientip",
]);
const METHOD: &[Field] = &[
    field("name", TEXT).required(),
    field("record", TEXT).required(),
    field("domain", TEXT).required(),
];
const VERIFICATION: &[Field] = &[
    field("methods", Shape::List { of: &Shape::Object(METHOD), most: 1 }).required(),
    field("status", Shape::OneOf(&["failed", "pending", "verified"])).required(),
    field("error_msg", TEXT),
    field("last_verified_at", INSTANT),
];
const FIELDS: &[Field] = &[
    field("custom_domain_id", TEXT).read_only().required(),
    field("domain", text(3, 255)).create_only().required(),
    field("type", TYPE).create_only().required(),
    field("status", Shape::OneOf(&["pending_verification", "ready"])).read_only().required(),
    field("primary", Shape::Flag).read_only().required(),
    field("is_default", Shape::Flag).read_only().required(),
    field("verification_method", Shape::OneOf(&["txt"])).create_only(),
    field("verification", Shape::Object(VERIFICATION)).read_only().required(),
    field("tls_policy", Shape::OneOf(&["recommended"])).kept(),
    field("custom_client_ip_header", CLIENT_IP_HEADER),
    field("domain_metadata", METADATA),
    field("relying_party_identifier", text(1, 255)),
    field("origin_domain_name", TEXT).read_only(),
    field("certificate", ANY_OBJECT).read_only(),
    field("created_at", INSTANT).read_only(),
    field("cname_api_key", TEXT).read_only().secret(),
];
const DOMAIN: Shape = Shape::Object(FIELDS);
const DEFAULT: &[Field] = &[field("domain", text(3, 255)).required()];
const TESTED: &[Field] = &[field("success", Shape::Flag).required(), field("message", TEXT)];
const READ: &[&str] = &["read:custom_domains"];
const CREATE: &[&str] = &["create:custom_domains"];
const UPDATE: &[&str] = &["update:custom_domains"];

pub(super) const OPERATIONS: &[Operation] = &[
    get("custom-domains", READ, "Custom domains", |ask| Box::pin(async move { list(&ask) }))
        .pages("custom_domains", &DOMAIN),
    post("custom-domains", CREATE, "Add a custom domain", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .answers(201, &DOMAIN),
    get("custom-domains/default", READ, "Where links lead by default", |ask| {
        Box::pin(async move { Ok(Reply::ok(default(ask.call))) })
    })
    .answers(200, &Shape::Open(DEFAULT)),
    patch("custom-domains/default", UPDATE, "Say where links lead by default", |ask| {
        Box::pin(choose(ask))
    })
    .changes(DEFAULT)
    .answers(200, &Shape::Open(DEFAULT)),
    get("custom-domains/{id}", READ, "One custom domain", |ask| {
        Box::pin(async move { Ok(Reply::ok(wire(ask.call, find(ask.call, ask.id())?))) })
    })
    .answers(200, &DOMAIN),
    patch("custom-domains/{id}", UPDATE, "Change a custom domain", |ask| Box::pin(change(ask)))
        .changes(FIELDS)
        .answers(200, &DOMAIN),
    removes("custom-domains/{id}", &["delete:custom_domains"], "Remove a custom domain", |ask| {
        Box::pin(async move {
            delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
            Ok(Reply::gone())
        })
    }),
    post("custom-domains/{id}/verify", CREATE, "Look the TXT record of a domain up", |ask| {
        Box::pin(look_up(ask))
    })
    .answers(201, &DOMAIN),
    post("custom-domains/{id}/test", READ, "Whether a domain is answered on", |ask| {
        Box::pin(async move { test(&ask) })
    })
    .answers(200, &Shape::Object(TESTED)),
];

fn list(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    if ask.query.last("q").is_some_and(|q| !q.trim().is_empty()) {
        let text = "Custom domains cannot be searched in this version of Housekey.";
        return Err(ManageError::InvalidQuery(text.to_owned()));
    }
    let domains = custom_domains::list(ask.call).map(|domain| wire(ask.call, domain));
    page(&ask.query, "custom_domains", domains.collect(), "custom_domain_id").map(Reply::ok)
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let host = body.text("domain")?.to_lowercase();
    let apply = |domain: &mut Domain| {
        body.set("type", &mut domain.settings.kind, DomainKind::default())?;
        let _: Sent<String> = body.get("verification_method")?;
        apply(body, domain)
    };
    let (app, call, shown) = (ask.app, ask.call, ask.shown.take());
    let domain = create(app, call, &ask.operator, &host, apply, shown).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(call, &domain)))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (body, shown) = (ask.members(), ask.shown.take());
    let apply = |domain: &mut Domain| apply(body, domain);
    let domain = update(ask.app, ask.call, &ask.operator, ask.id(), apply, shown).await?;
    Ok(Reply::ok(wire(ask.call, &domain)))
}

fn apply(mut body: Members, domain: &mut Domain) -> Result<(), ManageError> {
    body.set_some("relying_party_identifier", &mut domain.relying_party_identifier)?;
    body.set_some("custom_client_ip_header", &mut domain.settings.client_ip_header)?;
    domain.settings.client_ip_header.take_if(|header| header.is_empty());
    let is_managed = domain.settings.kind == DomainKind::Auth0ManagedCerts;
    if is_managed && domain.settings.client_ip_header.is_some() {
        let text = "Only domains of the type self_managed_certs have one";
        return Err(refused(text, "custom_client_ip_header"));
    }
    match body.get("domain_metadata")? {
        Sent::Nothing => {}
        Sent::Null => domain.settings.metadata.clear(),
        Sent::Value(sent) => {
            let stored = json!(domain.settings.metadata).as_object().cloned().unwrap_or_default();
            let all = merged(stored, sent);
            let text = |value: Value| value.as_str().map(ToOwned::to_owned);
            let texts = all.into_iter().filter_map(|(name, value)| Some((name, text(value)?)));
            let metadata: BTreeMap<_, _> = texts.collect();
            if metadata.len() > 10 {
                return Err(refused("Expected at most 10 properties", "domain_metadata"));
            }
            domain.settings.metadata = metadata;
        }
    }
    body.keep(FIELDS, &mut domain.settings.kept);
    Ok(())
}

async fn look_up(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (domain, key) = verify(ask.app, ask.call, &ask.operator, ask.id()).await?;
    let mut body = wire(ask.call, &domain);
    optional(&mut body, "cname_api_key", key.as_ref().map(Handle::expose));
    Ok(Reply::new(StatusCode::CREATED, body))
}

/// A verified domain is answered on; whether requests reach us is its owner's to see.
fn test(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let domain = find(ask.call, ask.id())?;
    let message = if domain.verified {
        format!("Requests for {} are answered.", domain.host)
    } else {
        format!("{} is not verified, so requests for it are refused.", domain.host)
    };
    Ok(Reply::ok(json!({ "success": domain.verified, "message": message })))
}

async fn choose(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let host = ask.members().text("domain")?.to_lowercase();
    let shown = ask.shown.take();
    let domain = match set_default(ask.app, ask.call, &ask.operator, &host, shown).await {
        Err(ManageError::NotFound(Thing::CustomDomain)) => {
            return Err(refused("The tenant has no such domain", "domain"));
        }
        outcome => outcome?,
    };
    let mut body =
        if domain.canonical { json!({ "domain": host }) } else { wire(ask.call, &domain) };
    if !domain.canonical {
        body["is_default"] = true.into();
    }
    Ok(Reply::ok(body))
}

/// The tenant's own domain until another one was chosen.
fn default(call: &Call) -> Value {
    let chosen = call.tenant.settings.default_domain.as_deref();
    match custom_domains::list(call).find(|domain| chosen == Some(domain.host.as_str())) {
        Some(domain) => wire(call, domain),
        None => json!({ "domain": call.tenant.canonical_host() }),
    }
}

fn wire(call: &Call, domain: &Domain) -> Value {
    let settings = &domain.settings;
    let is_default = call.tenant.settings.default_domain.as_ref() == Some(&domain.host);
    let mut body = Value::Object(settings.kept.clone());
    let own = json!({
        "custom_domain_id": domain.id(),
        "domain": domain.host,
        "type": settings.kind.as_str(),
        "status": if domain.verified { "ready" } else { "pending_verification" },
        "primary": false,
        "is_default": is_default,
        "verification": verification(domain),
    });
    extend(&mut body, own);
    if settings.kind == DomainKind::Auth0ManagedCerts {
        extend(&mut body, json!({ "tls_policy": "recommended" }));
    }
    if !settings.metadata.is_empty() {
        body["domain_metadata"] = json!(settings.metadata);
    }
    optional(&mut body, "custom_client_ip_header", settings.client_ip_header.as_ref());
    optional(&mut body, "relying_party_identifier", domain.relying_party_identifier.as_ref());
    optional(&mut body, "created_at", settings.created_at.map(Timestamp::rfc3339));
    body
}

fn verification(domain: &Domain) -> Value {
    let settings = &domain.settings;
    let method = record_text(domain).map(
        |record| json!({ "name": "TXT", "record": record, "domain": domain.challenge_name() }),
    );
    let status = match (domain.verified, &settings.failure) {
        (true, _) => "verified",
        (false, Some(_)) => "failed",
        (false, None) => "pending",
    };
    let mut body = json!({ "methods": method.into_iter().collect::<Vec<_>>(), "status": status });
    optional(&mut body, "error_msg", settings.failure.as_ref());
    optional(&mut body, "last_verified_at", settings.checked_at.map(Timestamp::rfc3339));
    body
}
