//! `/resource-servers` (contract 05 §5): APIs, the My Account API and its policy among them.

use housekey_core::Call;
use housekey_core::manage::ManageError;
use housekey_core::manage::resource_servers::{create, delete, find, update};
use housekey_core::resource_server::{
    AccessPolicy, ResourceServer, ResourceServerKind, ScopeDescription,
};
use http::StatusCode;
use serde_json::{Value, json};

use super::body::{Members, Sent};
use super::operation::Operation;
use super::page::{Fields, Query, page};
use super::{Ask, Reply};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        path: "resource-servers",
        scopes: &["read:resource_servers"],
        run: |ask| Box::pin(async move { list(&ask) }),
    },
    Operation {
        method: "POST",
        path: "resource-servers",
        scopes: &["create:resource_servers"],
        run: |ask| Box::pin(add(ask)),
    },
    Operation {
        method: "GET",
        path: "resource-servers/{id}",
        scopes: &["read:resource_servers"],
        run: |ask| Box::pin(async move { get(&ask) }),
    },
    Operation {
        method: "PATCH",
        path: "resource-servers/{id}",
        scopes: &["update:resource_servers"],
        run: |ask| Box::pin(change(ask)),
    },
    Operation {
        method: "DELETE",
        path: "resource-servers/{id}",
        scopes: &["delete:resource_servers"],
        run: |ask| Box::pin(remove(ask)),
    },
];

/// The longest lifetime of a token, in seconds.
const MAX_LIFETIME: i64 = 2_592_000;

fn list(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let query = Query::parse(&ask.query)?;
    let wanted = query.all("identifiers");
    let matches = |api: &Value| {
        wanted.is_empty() || wanted.iter().any(|name| api["identifier"].as_str() == Some(name))
    };
    let apis = ask.call.tenant.resource_servers().map(|api| wire(ask.call, api));
    let apis: Vec<_> = apis.filter(matches).collect();
    page(&query, "resource_servers", &apis, |api| api["id"].as_str()).map(Reply::ok)
}

fn get(ask: &Ask<'_>) -> Result<Reply, ManageError> {
    let fields = Fields::of(&Query::parse(&ask.query)?);
    Ok(Reply::ok(fields.of_item(&wire(ask.call, find(ask.call, &ask.id)?))))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (mut body, sent) = ask.object().await?;
    let identifier = body.required_text("identifier", 1, 600);
    let apply = |api: &mut ResourceServer| {
        if api.is_system() {
            // Whatever name was sent, it is the fixed one.
            body.any("name");
        }
        apply(body, api)
    };
    let api = create(ask.app, ask.call, &ask.operator, &identifier, apply, sent).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(ask.call, &api)))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (body, sent) = ask.object().await?;
    let apply = |api: &mut ResourceServer| apply(body, api);
    let api = update(ask.app, ask.call, &ask.operator, &ask.id, apply, sent).await?;
    Ok(Reply::ok(wire(ask.call, &api)))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, &ask.id).await?;
    Ok(Reply::gone())
}

/// Applies what was sent to an API.
fn apply(mut body: Members, api: &mut ResourceServer) -> Result<(), ManageError> {
    let settings = &mut api.settings;
    let is_system = !matches!(api.kind, ResourceServerKind::Custom { .. });
    let name = body.text("name", 0, 200);
    let scopes = body.read("scopes", "array", |value| scopes(&value));
    if is_system {
        let same_name = matches!(&name, Sent::Value(name) if *name == settings.name);
        let same_scopes = matches!(&scopes, Sent::Value(scopes) if *scopes == settings.scopes);
        if !(same_name || name == Sent::Nothing) || !(same_scopes || scopes == Sent::Nothing) {
            return Err(fixed());
        }
    } else {
        if let Sent::Value(name) = name {
            if name.contains(['<', '>']) {
                body.refuse("String does not match pattern ^[^<>]*$", "name");
            }
            settings.name = name;
        }
        match scopes {
            Sent::Value(scopes) => settings.scopes = scopes,
            Sent::Null => settings.scopes.clear(),
            Sent::Nothing => {}
        }
    }
    if let Sent::Value(seconds) = body.integer("token_lifetime", 0, MAX_LIFETIME) {
        settings.token_lifetime = seconds;
    }
    if let Sent::Value(allow) = body.flag("allow_offline_access") {
        settings.allow_offline_access = allow;
    }
    let skip = body.flag("skip_consent_for_verifiable_first_party_clients");
    if let Sent::Value(skip) = skip {
        settings.skip_consent_for_verifiable_first_party_clients = skip;
    }
    apply_policies(&mut body, api);
    refuse_unbuilt(&mut body)?;
    body.finish()
}

fn fixed() -> ManageError {
    let text = "System resource servers cannot be patched: name, identifier and scopes are fixed.";
    ManageError::NotSupported(text.to_owned())
}

/// Who may ask for the API.
fn apply_policies(body: &mut Members, api: &mut ResourceServer) {
    let is_my_account = api.kind == ResourceServerKind::MyAccount;
    let settings = &mut api.settings;
    if let Sent::Value(mut subjects) = body.object("subject_type_authorization") {
        if let Sent::Value(mut user) = subjects.object("user") {
            if let Sent::Value(policy) = user.one_of("policy", policy) {
                settings.user_policy = policy;
            }
            subjects.finish_object("user", user);
        }
        if let Sent::Value(mut client) = subjects.object("client") {
            if let Sent::Value(policy) = client.one_of("policy", policy) {
                if policy == AccessPolicy::AllowAll
                    || (is_my_account && policy != AccessPolicy::DenyAll)
                {
                    client.refuse("No enum match", "policy");
                }
                settings.client_policy = policy;
            }
            subjects.finish_object("client", client);
        }
        body.finish_object("subject_type_authorization", subjects);
    }
}

/// Settings this version has one value of. Accepting another and not keeping to it would be worse
/// than refusing it.
fn refuse_unbuilt(body: &mut Members) -> Result<(), ManageError> {
    let fixed = [
        ("signing_alg", json!("RS256")),
        ("enforce_policies", json!(false)),
        ("token_dialect", json!("access_token")),
        ("consent_policy", Value::Null),
        ("authorization_details", Value::Null),
        // Asking for a second factor at sign-in is not built yet.
        ("authorization_policy", Value::Null),
        ("token_encryption", Value::Null),
        ("proof_of_possession", Value::Null),
    ];
    for (name, only) in fixed {
        if let Sent::Value(value) = body.any(name)
            && value != only
        {
            let text = format!("{name} can only be {only} in this version of Housekey.");
            return Err(ManageError::NotSupported(text));
        }
    }
    Ok(())
}

fn scopes(value: &Value) -> Option<Vec<ScopeDescription>> {
    let read = |scope: &Value| {
        let text = |name: &str| scope[name].as_str().map(str::to_owned);
        let value = text("value").filter(|value| (1..=280).contains(&value.chars().count()))?;
        let description = text("description").unwrap_or_default();
        let is_sound = !value.contains(char::is_whitespace) && description.chars().count() <= 500;
        is_sound.then_some(ScopeDescription { value, description })
    };
    value.as_array()?.iter().map(read).collect()
}

fn policy(name: &str) -> Option<AccessPolicy> {
    match name {
        "allow_all" => Some(AccessPolicy::AllowAll),
        "deny_all" => Some(AccessPolicy::DenyAll),
        "require_client_grant" => Some(AccessPolicy::RequireClientGrant),
        _ => None,
    }
}

fn policy_name(policy: AccessPolicy) -> &'static str {
    match policy {
        AccessPolicy::AllowAll => "allow_all",
        AccessPolicy::DenyAll => "deny_all",
        AccessPolicy::RequireClientGrant => "require_client_grant",
    }
}

fn wire(call: &Call, api: &ResourceServer) -> Value {
    let canonical = call.canonical_issuer();
    let settings = &api.settings;
    let scope = |scope: &ScopeDescription| match scope.description.as_str() {
        "" => json!({ "value": scope.value }),
        text => json!({ "value": scope.value, "description": text }),
    };
    let mut body = json!({
        "id": api.id.as_str(),
        "identifier": api.audience(&canonical, &canonical),
        "name": settings.name,
        "signing_alg": "RS256",
        "allow_offline_access": settings.allow_offline_access,
        "skip_consent_for_verifiable_first_party_clients":
            settings.skip_consent_for_verifiable_first_party_clients,
        "token_lifetime": settings.token_lifetime,
        "subject_type_authorization": {
            "user": { "policy": policy_name(settings.user_policy) },
            "client": { "policy": policy_name(settings.client_policy) },
        },
    });
    if api.is_system() {
        body["is_system"] = true.into();
    }
    if !settings.scopes.is_empty() {
        body["scopes"] = settings.scopes.iter().map(scope).collect();
    }
    if let Some(policy) = &settings.authorization_policy {
        body["authorization_policy"] = json!({ "policy_id": policy.policy_id });
    }
    body
}
