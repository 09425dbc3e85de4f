//! `/resource-servers` (contract 05 §5): APIs, the My Account API and its policy among them.

use housekey_core::manage::ManageError;
use housekey_core::manage::resource_servers::{create, delete, find, update};
use housekey_core::resource_server::{
    AccessPolicy, AuthorizationPolicy, PossessionMechanism, ResourceServer, ResourceServerKind,
    ResourceServerSettings, ScopeDescription, TokenDialect, TokenEncryption,
};
use housekey_core::token::SigningAlgorithm;
use housekey_core::{App, Call};
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, Sent, extend, optional, refuse_other, refused};
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::{Fields, page};
use super::shape::{Field, Shape, TEXT, field, text};
use super::{Ask, Reply};

/// The longest lifetime of a token, in seconds.
const LIFETIME: Shape = Shape::Integer { least: 0, most: 2_592_000 };

const SCOPE: &[Field] =
    &[field("value", text(1, 280)).required(), field("description", text(0, 500))];

const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("is_system", Shape::Flag).read_only(),
    field("identifier", text(1, 600)).create_only().required(),
    field("name", text(0, 200)),
    field("scopes", Shape::List { of: &Shape::Object(SCOPE), most: 1000 }),
    field("signing_alg", Shape::OneOf(&["HS256", "PS256", "RS256", "RS512"])),
    field("signing_secret", text(16, 512)).secret(),
    field("allow_offline_access", Shape::Flag),
    field("allow_online_access", Shape::Flag).kept(),
    field("allow_online_access_with_ephemeral_sessions", Shape::Flag).kept(),
    field("skip_consent_for_verifiable_first_party_clients", Shape::Flag),
    field("token_lifetime", LIFETIME),
    field("token_lifetime_for_web", LIFETIME).kept(),
    field("token_lifetime_for_anonymous_access_tokens", LIFETIME).kept(),
    field(
        "token_dialect",
        Shape::OneOf(&[
            "access_token",
            "access_token_authz",
            "rfc9068_profile",
            "rfc9068_profile_authz",
        ]),
    ),
    field("enforce_policies", Shape::Flag),
    field("token_encryption", Shape::Object(ENCRYPTION)),
    field("consent_policy", Shape::OneOf(&["transactional-authorization-with-mfa"])),
    field("authorization_details", Shape::List { of: &Shape::Open(DETAILS), most: 100 }).kept(),
    field("proof_of_possession", Shape::Object(POSSESSION)),
    field("subject_type_authorization", Shape::Object(SUBJECT_TYPES)),
    field("authorization_policy", Shape::Object(&[field("policy_id", text(1, 1024)).required()])),
];

const DETAILS: &[Field] = &[field("type", text(1, 255)).required()];

const ENCRYPTION: &[Field] = &[
    field("format", Shape::OneOf(&["compact-nested-jwe"])).required(),
    field("encryption_key", Shape::Object(ENCRYPTION_KEY)).required(),
];

const ENCRYPTION_KEY: &[Field] = &[
    field("name", text(1, 128)),
    field("alg", Shape::OneOf(&["RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"])).required(),
    field("kid", text(1, 64)),
    field("pem", text(1, 16_384)).required().write_only(),
    field("thumbprint_sha256", TEXT).read_only(),
];

const POSSESSION: &[Field] = &[
    field("mechanism", Shape::OneOf(&["dpop", "mtls"])).required(),
    field("required", Shape::Flag).required(),
    field("required_for", Shape::OneOf(&["public_clients", "all_clients"])),
];

const SUBJECT_TYPES: &[Field] = &[
    field("user", Shape::Object(&[field("policy", USER_POLICY)])),
    field("client", Shape::Object(&[field("policy", CLIENT_POLICY)])),
];
const USER_POLICY: Shape = Shape::OneOf(&["allow_all", "deny_all", "require_client_grant"]);
const CLIENT_POLICY: Shape = Shape::OneOf(&["deny_all", "require_client_grant"]);

const API: Shape = Shape::Object(FIELDS);

pub(super) const OPERATIONS: &[Operation] = &[
    get("resource-servers", &["read:resource_servers"], "APIs", |ask| {
        Box::pin(async move { list(&ask) })
    })
    .query(&[("identifiers", text(0, 600))])
    .pages("resource_servers", &API),
    post("resource-servers", &["create:resource_servers"], "Add an API", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .answers(201, &API),
    get("resource-servers/{id}", &["read:resource_servers"], "One API", |ask| {
        Box::pin(async move { one(&ask) })
    })
    .answers(200, &API),
    patch("resource-servers/{id}", &["update:resource_servers"], "Change an API", |ask| {
        Box::pin(change(ask))
    })
    .changes(FIELDS)
    .answers(200, &API),
    removes("resource-servers/{id}", &["delete:resource_servers"], "Remove an API", |ask| {
        Box::pin(remove(ask))
    }),
];

fn list(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let wanted = ask.query.all("identifiers");
    let matches = |api: &Value| {
        wanted.is_empty() || wanted.iter().any(|name| api["identifier"].as_str() == Some(name))
    };
    let apis = ask.call.tenant.resource_servers().map(|api| wire(ask.app, ask.call, api));
    let mut apis: Vec<Value> = apis.collect::<Result<_, _>>()?;
    apis.retain(matches);
    page(&ask.query, "resource_servers", apis, "id").map(Reply::ok)
}

fn one(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let api = wire(ask.app, ask.call, find(ask.call, ask.id())?)?;
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&api)))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let identifier = body.text("identifier")?;
    let apply = |api: &mut ResourceServer| {
        if api.is_system() {
            // Whatever name was sent, it is the fixed one.
            let _: Sent<Value> = body.get("name")?;
        }
        apply((ask.app, ask.call), body, api)
    };
    let api = create(ask.app, ask.call, &ask.operator, &identifier, apply, ask.shown).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(ask.app, ask.call, &api)?))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let body = ask.members();
    let id = ask.id().to_owned();
    let apply = |api: &mut ResourceServer| apply((ask.app, ask.call), body, api);
    let api = update(ask.app, ask.call, &ask.operator, &id, apply, ask.shown).await?;
    wire(ask.app, ask.call, &api).map(Reply::ok)
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::gone())
}

/// Applies what was sent to an API.
fn apply(
    ask: (&App, &Call),
    mut body: Members,
    api: &mut ResourceServer,
) -> Result<(), ManageError> {
    let defaults = ResourceServerSettings::default();
    let is_system = api.is_system();
    let settings = &mut api.settings;
    let name: Sent<String> = body.get("name")?;
    let scopes = scopes(&mut body)?;
    if is_system {
        let same_name = matches!(&name, Sent::Value(name) if *name == settings.name);
        let same_scopes = matches!(&scopes, Sent::Value(scopes) if *scopes == settings.scopes);
        if !(same_name || name == Sent::Nothing) || !(same_scopes || scopes == Sent::Nothing) {
            return Err(fixed());
        }
    } else {
        if matches!(&name, Sent::Value(name) if name.contains(['<', '>'])) {
            return Err(refused("String does not match pattern ^[^<>]*$", "name"));
        }
        name.set(&mut settings.name, defaults.name);
        scopes.set(&mut settings.scopes, defaults.scopes);
    }
    body.set("token_lifetime", &mut settings.token_lifetime, defaults.token_lifetime)?;
    body.set(
        "allow_offline_access",
        &mut settings.allow_offline_access,
        defaults.allow_offline_access,
    )?;
    body.set(
        "skip_consent_for_verifiable_first_party_clients",
        &mut settings.skip_consent_for_verifiable_first_party_clients,
        defaults.skip_consent_for_verifiable_first_party_clients,
    )?;
    body.set("enforce_policies", &mut settings.enforce_policies, defaults.enforce_policies)?;
    body.set("token_dialect", &mut settings.token_dialect, defaults.token_dialect)?;
    body.set_some("proof_of_possession", &mut settings.proof_of_possession)?;
    if let Some(possession) = settings.proof_of_possession
        && possession.mechanism == PossessionMechanism::Mtls
        && possession.required
    {
        let text = "Certificates cannot be required in this version of Housekey.";
        return Err(ManageError::NotSupported(text.to_owned()));
    }
    body.keep(FIELDS, &mut settings.kept);
    apply_policies(&mut body, api)?;
    apply_authorization_policy(&mut body, api)?;
    apply_demands(&mut body, api)?;
    apply_signing(ask, &mut body, api)
}

/// System APIs are checked here, so under a key pair of the tenant.
fn apply_signing(
    ask: (&App, &Call),
    body: &mut Members,
    api: &mut ResourceServer,
) -> Result<(), ManageError> {
    if api.is_system() {
        let only = [("signing_alg", json!("RS256")), ("signing_secret", Value::Null)];
        return refuse_other(body, &only);
    }
    let mut algorithm = api.settings.signing_alg;
    body.set("signing_alg", &mut algorithm, SigningAlgorithm::default())?;
    let mut secret = None;
    body.set_some("signing_secret", &mut secret)?;
    if secret.is_some() && algorithm != SigningAlgorithm::Hs256 {
        return Err(refused("Only HS256 has a secret", "signing_secret"));
    }
    let (app, call) = ask;
    api.set_signing(app, &call.tenant.id, algorithm, secret).map_err(ManageError::Fault)
}

/// Demands that keep everybody out while they are set: nobody can make them of a system API.
fn apply_demands(body: &mut Members, api: &mut ResourceServer) -> Result<(), ManageError> {
    if api.is_system() {
        let only = [("consent_policy", Value::Null), ("token_encryption", Value::Null)];
        return refuse_other(body, &only);
    }
    body.set_some("consent_policy", &mut api.settings.consent_policy)?;
    body.set_some("token_encryption", &mut api.settings.token_encryption)?;
    match &api.settings.token_encryption {
        None => Ok(()),
        Some(encryption) => encryption
            .encryption_key
            .thumbprint_sha256()
            .map(drop)
            .map_err(|why| refused(why, "token_encryption.encryption_key.pem")),
    }
}

/// The Default Policy: there is no other, and only the My Account API can have it
/// (contract 05 §5.3).
fn apply_authorization_policy(
    body: &mut Members,
    api: &mut ResourceServer,
) -> Result<(), ManageError> {
    match body.get::<AuthorizationPolicy>("authorization_policy")? {
        Sent::Nothing => {}
        Sent::Null => api.settings.authorization_policy = None,
        Sent::Value(_) if api.kind != ResourceServerKind::MyAccount => {
            let text = "Only the My Account API can have an authorization policy.";
            return Err(refused(text, "authorization_policy"));
        }
        Sent::Value(policy) if policy == AuthorizationPolicy::require_2fa() => {
            api.settings.authorization_policy = Some(policy);
        }
        Sent::Value(_) => {
            return Err(refused(
                "There is no authorization policy of that id",
                "authorization_policy.policy_id",
            ));
        }
    }
    Ok(())
}

fn fixed() -> ManageError {
    let text = "System resource servers cannot be patched: name, identifier and scopes are fixed.";
    ManageError::NotSupported(text.to_owned())
}

/// Who may ask for the API.
fn apply_policies(body: &mut Members, api: &mut ResourceServer) -> Result<(), ManageError> {
    let is_my_account = api.kind == ResourceServerKind::MyAccount;
    let defaults = ResourceServerSettings::default();
    let Sent::Value(mut subjects) = body.object("subject_type_authorization")? else {
        return Ok(());
    };
    if let Sent::Value(mut user) = subjects.object("user")? {
        user.set("policy", &mut api.settings.user_policy, defaults.user_policy)?;
    }
    if let Sent::Value(mut client) = subjects.object("client")? {
        client.set("policy", &mut api.settings.client_policy, defaults.client_policy)?;
        if is_my_account && api.settings.client_policy != AccessPolicy::DenyAll {
            return Err(refused("No enum match", "subject_type_authorization.client.policy"));
        }
    }
    Ok(())
}

fn scopes(body: &mut Members) -> Result<Sent<Vec<ScopeDescription>>, ManageError> {
    let scopes: Sent<Vec<ScopeDescription>> = body.get("scopes")?;
    if let Sent::Value(scopes) = &scopes
        && scopes.iter().any(|scope| scope.value.contains(char::is_whitespace))
    {
        return Err(refused("A scope has no white space in it", "scopes"));
    }
    Ok(scopes)
}

fn policy_name(policy: AccessPolicy) -> &'static str {
    match policy {
        AccessPolicy::AllowAll => "allow_all",
        AccessPolicy::DenyAll => "deny_all",
        AccessPolicy::RequireClientGrant => "require_client_grant",
    }
}

fn wire(app: &App, call: &Call, api: &ResourceServer) -> Result<Value, ManageError> {
    let canonical = call.canonical_issuer();
    let settings = &api.settings;
    let scope = |scope: &ScopeDescription| match scope.description.as_str() {
        "" => json!({ "value": scope.value }),
        text => json!({ "value": scope.value, "description": text }),
    };
    let mut body = Value::Object(settings.kept.clone());
    let own = json!({
        "id": api.id.as_str(),
        "identifier": api.audience(&canonical, &canonical),
        "name": settings.name,
        "signing_alg": settings.signing_alg,
        "allow_offline_access": settings.allow_offline_access,
        "skip_consent_for_verifiable_first_party_clients":
            settings.skip_consent_for_verifiable_first_party_clients,
        "token_lifetime": settings.token_lifetime,
        "subject_type_authorization": {
            "user": { "policy": policy_name(settings.user_policy) },
            "client": { "policy": policy_name(settings.client_policy) },
        },
    });
    extend(&mut body, own);
    if api.is_system() {
        body["is_system"] = true.into();
    }
    if !settings.scopes.is_empty() {
        body["scopes"] = settings.scopes.iter().map(scope).collect();
    }
    if settings.enforce_policies {
        body["enforce_policies"] = true.into();
    }
    if settings.token_dialect != TokenDialect::AccessToken {
        body["token_dialect"] = json!(settings.token_dialect);
    }
    optional(&mut body, "proof_of_possession", settings.proof_of_possession);
    optional(&mut body, "consent_policy", settings.consent_policy);
    optional(&mut body, "token_encryption", settings.token_encryption.as_ref().map(encryption));
    if let Some(policy) = &settings.authorization_policy {
        body["authorization_policy"] = json!({ "policy_id": policy.policy_id });
    }
    let secret = api.reveal_signing_secret(app, &call.tenant.id).map_err(ManageError::Fault)?;
    optional(&mut body, "signing_secret", secret);
    Ok(body)
}

/// The key itself does not come back.
fn encryption(encryption: &TokenEncryption) -> Value {
    let mut shown = json!(encryption);
    if let Some(key) = shown["encryption_key"].as_object_mut() {
        key.remove("pem");
        if let Ok(thumbprint) = encryption.encryption_key.thumbprint_sha256() {
            key.insert("thumbprint_sha256".to_owned(), thumbprint.into());
        }
    }
    shown
}
