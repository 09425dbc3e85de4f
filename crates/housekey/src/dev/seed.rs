//! What a dev server has from its first start: a tenant, four applications and a demo user.
//!
//! Their ids and the user's first password are drawn once and kept in `seed.json`, written before
//! anything else; the rest is added where it is missing. So a start that was cut short is
//! completed by the next one, and a later start changes nothing.

use anyhow::{Context, Result, bail};
use housekey_core::App;
use housekey_core::client::{
    AppType, AuthMethod, Client, ClientGrant, ClientSettings, GrantType, GrantedScope,
    RefreshTokenSettings, SubjectType, new_client,
};
use housekey_core::id::{ClientGrantId, ClientId, TenantId, UserId};
use housekey_core::resource_server::ResourceServerKind;
use housekey_core::tenant::phone::{PhoneProvider, PhoneSettings};
use housekey_core::tenant::push::{PushProvider, PushSettings};
use housekey_core::tenant::{
    self, Configuration, Domain, FactorSwitches, NewTenant, TenantSettings,
};
use housekey_core::user::{self, NewUser, Profile};
use serde::{Deserialize, Serialize};

use super::files::{self, DataDir};

/// The tenant's name.
const TENANT: &str = "dev";
/// Where developers' applications usually run.
const ORIGINS: [&str; 2] = ["http://localhost:3000", "http://localhost:5173"];

/// What was drawn at the first start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seed {
    /// The applications' ids.
    pub clients: SeedClients,
    /// The demo user.
    pub user: SeedUser,
}

/// The applications' ids.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeedClients {
    /// Runs in a browser.
    pub spa: ClientId,
    /// Renders on a server.
    pub web: ClientId,
    /// Installed on a device.
    pub native: ClientId,
    /// Acts for itself.
    pub management: ClientId,
}

/// The demo user.
#[derive(Clone, Serialize, Deserialize)]
pub struct SeedUser {
    /// `auth0|…`.
    pub user_id: UserId,
    /// Mail address.
    pub email: String,
    /// The first password.
    pub password: String,
}

impl std::fmt::Debug for SeedUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeedUser").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// The name of the tenant.
#[must_use]
pub fn tenant_id() -> TenantId {
    TenantId::from_raw(TENANT)
}

/// Makes sure that everything is there and that the tenant answers on `host`.
///
/// # Errors
/// If the database or the directory cannot be used, or belong to different servers.
pub async fn ensure(app: &App, directory: &DataDir, host: &str) -> Result<(Seed, Configuration)> {
    let found = app.store().registry().configuration(&tenant_id()).await?;
    let seed = match (read(directory)?, &found) {
        (Some(seed), _) => seed,
        (None, None) => draw(app, directory)?,
        (None, Some(_)) => bail!(
            "the database has a dev tenant, but {} is missing: restore the file, or start with an \
             empty directory and database",
            directory.file(FILE).display()
        ),
    };
    let configuration = match found {
        Some(configuration) => move_to(app, configuration, host).await?,
        None => create_tenant(app, &seed, host).await?,
    };
    ensure_providers(app, &configuration).await?;
    ensure_management_grant(app, &seed, &configuration).await?;
    ensure_user(app, &seed).await?;
    Ok((seed, configuration))
}

const FILE: &str = "seed.json";

fn read(directory: &DataDir) -> Result<Option<Seed>> {
    let path = directory.file(FILE);
    let Some(text) = files::read(&path)? else { return Ok(None) };
    let seed = serde_json::from_str(&text);
    seed.map(Some).with_context(|| format!("{} is damaged", path.display()))
}

fn draw(app: &App, directory: &DataDir) -> Result<Seed> {
    let random = app.random();
    let seed = Seed {
        clients: SeedClients {
            spa: ClientId::generate(random),
            web: ClientId::generate(random),
            native: ClientId::generate(random),
            management: ClientId::generate(random),
        },
        user: SeedUser {
            user_id: UserId::generate(random),
            email: "demo@example.com".to_owned(),
            password: password(app),
        },
    };
    files::write(&directory.file(FILE), &serde_json::to_string_pretty(&seed)?, 0o600)?;
    Ok(seed)
}

/// A password with about 100 random bits and, whatever they are, all four kinds of characters.
fn password(app: &App) -> String {
    const UNAMBIGUOUS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let groups: Vec<_> = (0..3).map(|_| app.random().pick(UNAMBIGUOUS, 6)).collect();
    format!("Hk7-{}", groups.join("-"))
}

async fn create_tenant(app: &App, seed: &Seed, host: &str) -> Result<Configuration> {
    let tenant = tenant_id();
    let mut clients = Vec::new();
    for (id, settings, scope) in applications(&seed.clients) {
        let client = new_client(app, &tenant, id.clone(), settings)?;
        clients.push((client, scope));
    }
    let settings = TenantSettings {
        friendly_name: "Housekey Dev".to_owned(),
        // Callbacks of applications under development are on loopback, which always would ask.
        skip_non_verifiable_callback_uri_confirmation_prompt: true,
        factors: ALL_FACTORS,
        phone: PhoneSettings {
            provider: Some(PhoneProvider::outbox()),
            ..PhoneSettings::default()
        },
        push: PushSettings::outbox(),
        ..TenantSettings::default()
    };
    let new = NewTenant { id: tenant.clone(), host: host.to_owned(), settings, clients };
    tenant::create(app, new).await?;
    let created = app.store().registry().configuration(&tenant).await?;
    created.context("the new tenant is gone")
}

const ALL_FACTORS: FactorSwitches = FactorSwitches {
    otp: true,
    email: true,
    sms: true,
    voice: true,
    push_notification: true,
    recovery_code: true,
    webauthn_roaming: true,
    webauthn_platform: true,
};

/// Each application and what it may ask the My Account API for.
fn applications(ids: &SeedClients) -> [(&ClientId, ClientSettings, Option<GrantedScope>); 4] {
    let spa = ClientSettings {
        refresh_token: RefreshTokenSettings {
            rotating: true,
            leeway: 10,
            ..RefreshTokenSettings::default()
        },
        ..interactive("Dev SPA", AppType::Spa, AuthMethod::None)
    };
    let web = interactive("Dev Web", AppType::RegularWeb, AuthMethod::ClientSecretPost);
    let native = interactive("Dev Native", AppType::Native, AuthMethod::None);
    let management = ClientSettings {
        name: "Dev Management".to_owned(),
        app_type: Some(AppType::NonInteractive),
        grant_types: vec![GrantType::ClientCredentials],
        ..ClientSettings::default()
    };
    [
        (&ids.spa, spa, Some(GrantedScope::All)),
        (&ids.web, web, Some(GrantedScope::All)),
        (&ids.native, native, Some(GrantedScope::All)),
        (&ids.management, management, None),
    ]
}

fn interactive(name: &str, app_type: AppType, authentication: AuthMethod) -> ClientSettings {
    let origins = ORIGINS.map(ToOwned::to_owned).to_vec();
    ClientSettings {
        name: name.to_owned(),
        app_type: Some(app_type),
        token_endpoint_auth_method: Some(authentication),
        callbacks: origins.clone(),
        allowed_logout_urls: origins.clone(),
        web_origins: origins.clone(),
        allowed_origins: origins,
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::Password,
            GrantType::PasswordRealm,
            GrantType::MfaOob,
            GrantType::MfaOtp,
            GrantType::MfaRecoveryCode,
            GrantType::PasswordlessOtp,
            GrantType::Webauthn,
        ],
        ..ClientSettings::default()
    }
}

/// Lets the tenant answer on `host`; its other hosts follow to the new port.
async fn move_to(app: &App, mut configuration: Configuration, host: &str) -> Result<Configuration> {
    let domains = moved(&configuration.domains, host);
    if domains != configuration.domains {
        let tenant = &configuration.tenant.id;
        app.store().registry().set_domains(tenant, &domains).await?;
        app.directory().forget(tenant);
        configuration.domains = domains;
    }
    Ok(configuration)
}

fn moved(domains: &[Domain], host: &str) -> Vec<Domain> {
    let port = |host: &str| host.split_once(':').map(|(_, port)| port.to_owned());
    let old = domains.iter().find(|domain| domain.canonical).and_then(|own| port(&own.host));
    let new = port(host).map(|port| format!(":{port}")).unwrap_or_default();
    let follow = |domain: &Domain| {
        let name = domain.host.split(':').next().unwrap_or_default();
        let host = match domain.canonical {
            true => host.to_owned(),
            false if port(&domain.host) == old => format!("{name}{new}"),
            false => domain.host.clone(),
        };
        Domain { host, ..domain.clone() }
    };
    domains.iter().map(follow).collect()
}

/// What cannot leave the machine stays in the outbox; directories of earlier versions learn it here.
async fn ensure_providers(app: &App, configuration: &Configuration) -> Result<()> {
    let tenant = &configuration.tenant;
    let settings = &tenant.settings;
    if settings.phone.provider.is_none() || settings.push.provider.is_none() {
        tenant::change_settings(app, &tenant.id, |settings| {
            settings.phone.provider.get_or_insert_with(PhoneProvider::outbox);
            settings.push.provider.get_or_insert(PushProvider::Outbox);
        })
        .await?;
    }
    Ok(())
}

/// The management application may do everything at the Management API.
async fn ensure_management_grant(
    app: &App,
    seed: &Seed,
    configuration: &Configuration,
) -> Result<()> {
    let id = &seed.clients.management;
    if configuration.client_grants.iter().any(|grant| grant.client_id == *id) {
        return Ok(());
    }
    let api = configuration
        .resource_servers
        .iter()
        .find(|api| api.kind == ResourceServerKind::Management)
        .context("the dev tenant has no Management API")?;
    let grant = ClientGrant {
        id: ClientGrantId::generate(app.random()),
        client_id: id.clone(),
        resource_server_id: api.id.clone(),
        subject_type: SubjectType::Client,
        scope: GrantedScope::All,
    };
    let tenant = &configuration.tenant.id;
    app.store().registry().add_client_grant(tenant, &grant).await?;
    app.directory().forget(tenant);
    Ok(())
}

async fn ensure_user(app: &App, seed: &Seed) -> Result<()> {
    let tenant = tenant_id();
    if app.read(&tenant).await?.user(&seed.user.user_id).await?.is_some() {
        return Ok(());
    }
    let loaded = app.directory().by_id(&tenant, app.clock().now()).await?;
    let loaded = loaded.context("the dev tenant is gone")?;
    let new = NewUser {
        id: Some(seed.user.user_id.clone()),
        profile: Profile {
            email: Some(seed.user.email.clone()),
            email_verified: true,
            name: Some("Demo User".to_owned()),
            nickname: Some("demo".to_owned()),
            ..Profile::default()
        },
        password: Some(seed.user.password.clone()),
    };
    user::create(app, &loaded, new).await?;
    app.hasher().release_memory();
    Ok(())
}

/// The secret of a seeded application.
///
/// # Errors
/// If the application was removed or its secret does not open.
pub fn secret_of(app: &App, configuration: &Configuration, id: &ClientId) -> Result<String> {
    let client: Option<&Client> = configuration.clients.iter().find(|client| client.id == *id);
    let client = client.with_context(|| format!("the application {id} was removed"))?;
    let secret = client.reveal_secret(app, &configuration.tenant.id)?;
    secret.with_context(|| format!("the application {id} has no secret any more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(host: &str, canonical: bool) -> Domain {
        Domain::verified(host, canonical)
    }

    #[test]
    fn hosts_follow_the_port() {
        let before = [
            domain("localhost:4000", true),
            domain("login.localhost:4000", false),
            domain("login.example.com", false),
        ];
        let hosts = |host: &str| moved(&before, host).into_iter().map(|domain| domain.host);
        assert!(hosts("localhost:9").eq(["localhost:9", "login.localhost:9", "login.example.com"]));
        assert!(hosts("localhost").eq(["localhost", "login.localhost", "login.example.com"]));
        assert_eq!(moved(&before, "localhost:4000"), before);
    }
}
