//! A new tenant, complete enough that somebody can sign in.

use super::{Configuration, Domain, Tenant, TenantSettings};
use crate::app::App;
use crate::client::{
    AppType, AuthMethod, Client, ClientGrant, ClientSettings, GrantType, GrantedScope, SubjectType,
};
use crate::connection::{Connection, ConnectionOptions, PasskeyOptions};
use crate::error::Fault;
use crate::id::{ClientGrantId, ClientId, ConnectionId, ResourceServerId, TenantId};
use crate::port::StoreError;
use crate::resource_server::ResourceServer;
use crate::token::{KeyState, generate_key};

/// The name of a new tenant's user directory.
const CONNECTION: &str = "Username-Password-Authentication";

/// What must be known of a new tenant.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Short name: 3 to 63 lower-case letters, digits and dashes.
    pub id: TenantId,
    /// The host of its own domain, with a port when it is not the scheme's default.
    pub host: String,
    /// Settings to begin with.
    pub settings: TenantSettings,
    /// Applications and client grants to begin with, beside the account page.
    pub clients: Vec<(Client, Option<GrantedScope>)>,
}

/// Why a tenant was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The name is not well-formed.
    #[error(
        "a tenant's name is 3 to 63 lower-case letters, digits and dashes, beginning with a letter"
    )]
    BadName,
    /// The host is not well-formed.
    #[error("{0} is not a host name")]
    BadHost(String),
    /// The name or the host is taken.
    #[error("a tenant of that name or on that host exists already")]
    Taken,
    /// Something else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Taken,
            other => Self::Fault(other.into()),
        }
    }
}

/// Creates a tenant with a signing key, a user directory, the My Account API (activated) and the
/// account page.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(app: &App, new: NewTenant) -> Result<(), CreateError> {
    if !is_name(new.id.as_str()) {
        return Err(CreateError::BadName);
    }
    if !is_host(&new.host) {
        return Err(CreateError::BadHost(new.host));
    }
    let configuration = configuration(app, new)?;
    app.store().registry().create_tenant(&configuration).await?;
    app.directory().forget(&configuration.tenant.id);
    Ok(())
}

fn is_name(name: &str) -> bool {
    (3..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// `host` or `host:port`, lower-case.
pub(crate) fn is_host(host: &str) -> bool {
    let Ok(url) = url::Url::parse(&format!("http://{host}/")) else { return false };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    url.host_str().is_some_and(|name| format!("{name}{port}") == host.trim_end_matches(":80"))
}

fn configuration(app: &App, new: NewTenant) -> Result<Configuration, Fault> {
    let (random, now) = (app.random(), app.clock().now());
    let my_account = ResourceServer::my_account(ResourceServerId::generate(random));
    let key = generate_key(&new.id, &new.host, KeyState::Current, app.sealer(), random, now)?;
    let account_page = (account_page(app), Some(GrantedScope::All));
    let mut settings = new.settings;
    settings.default_directory.get_or_insert_with(|| CONNECTION.to_owned());
    let (mut clients, mut client_grants) = (Vec::new(), Vec::new());
    for (client, scope) in new.clients.into_iter().chain([account_page]) {
        client_grants.extend(scope.map(|scope| ClientGrant {
            id: ClientGrantId::generate(random),
            client_id: client.id.clone(),
            resource_server_id: my_account.id.clone(),
            subject_type: SubjectType::User,
            scope,
        }));
        clients.push(client);
    }
    clients.push(global_client(app));
    Ok(Configuration {
        tenant: Tenant { id: new.id, settings, created_at: now, version: 1 },
        domains: vec![Domain::verified(new.host, true)],
        keys: vec![key],
        connections: vec![Connection {
            id: ConnectionId::generate(random),
            name: CONNECTION.to_owned(),
            // A new tenant allows what needs no provider.
            options: ConnectionOptions {
                passkey: PasskeyOptions { enabled: true, ..PasskeyOptions::default() },
                ..ConnectionOptions::default()
            },
        }],
        resource_servers: vec![
            my_account,
            ResourceServer::management(ResourceServerId::generate(random)),
        ],
        clients,
        client_grants,
        documents: Vec::new(),
    })
}

/// The account page: an ordinary application that lives on whatever host it is called on.
fn account_page(app: &App) -> Client {
    let here = vec!["{issuer}account".to_owned()];
    Client {
        id: ClientId::generate(app.random()),
        sealed_secret: None,
        settings: ClientSettings {
            name: "Your account".to_owned(),
            app_type: Some(AppType::Spa),
            token_endpoint_auth_method: Some(AuthMethod::None),
            callbacks: here.clone(),
            allowed_logout_urls: here,
            grant_types: vec![GrantType::AuthorizationCode],
            is_system: true,
            ..ClientSettings::default()
        },
        created_at: app.clock().now(),
    }
}

/// What stands for all applications (contract 05 §7). Nobody signs in with it.
fn global_client(app: &App) -> Client {
    Client {
        id: ClientId::generate(app.random()),
        sealed_secret: None,
        settings: ClientSettings {
            name: "All Applications".to_owned(),
            grant_types: Vec::new(),
            is_global: true,
            ..ClientSettings::default()
        },
        created_at: app.clock().now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hosts_are_strict() {
        for name in ["dev", "acme-1"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "ab", "1ab", "Acme", "a_b", "a.b", &"a".repeat(64)] {
            assert!(!is_name(name), "{name}");
        }
        for host in ["localhost:4000", "login.example.com", "127.0.0.1:80", "[::1]:4000"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["", "Login.example.com", "a/b", "a b", "https://a", "a:b", "a@b"] {
            assert!(!is_host(host), "{host}");
        }
    }
}
