//! What a test's tenant consists of: made once per process by the same code that makes real
//! tenants, because its RSA key takes long, and then copied into each test's database.

use std::collections::HashMap;
use std::sync::Arc;

use housekey_core::App;
use housekey_core::client::{
    AppType, AuthMethod, Client, ClientGrant, ClientSettings, GrantType, GrantedScope,
    RefreshTokenSettings, SubjectType, new_client,
};
use housekey_core::factor::password::{HashCost, PasswordHasher};
use housekey_core::id::{ClientGrantId, ClientId, ResourceServerId, TenantId};
use housekey_core::resource_server::{
    ResourceServer, ResourceServerKind, ResourceServerSettings, ScopeDescription,
};
use housekey_core::scope::ScopeSet;
use housekey_core::seal::{MasterKey, Sealer};
use housekey_core::tenant::{self, Configuration, NewTenant, RateLimits, TenantSettings};
use tokio::sync::Mutex;

use crate::clock::{BEGINNING, TestClock};
use crate::databases::TestDatabase;
use crate::dice::{SeededRandom, Stream};

/// Host of the tenant that tests are about.
pub const HOST: &str = "acme.example";
/// Host of the tenant that must not see anything of it.
pub const OTHER_HOST: &str = "globex.example";
/// The single-page application: public, its refresh tokens rotate.
pub const SPA: &str = "spa";
/// The web application: has a secret, its refresh tokens do not rotate.
pub const WEB: &str = "web";
/// The native application: public, answers on callbacks anybody could claim.
pub const NATIVE: &str = "native";
/// An application of the tenant's own without a client grant.
pub const UNGRANTED: &str = "ungranted";
/// Somebody else's application.
pub const THIRD_PARTY: &str = "third-party";
/// Acts for itself: may do everything at the Management API and read at [`CUSTOM_API`].
pub const MACHINE: &str = "machine";
/// An API whose owner wants people asked.
pub const CUSTOM_API: &str = "https://api.example/";

const MASTER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The sealer all tests share, so that a tenant made once opens everywhere.
#[must_use]
pub fn sealer() -> Sealer {
    let key = MasterKey::parse(MASTER_KEY).expect("64 hexadecimal digits");
    Sealer::new(&key).expect("keys derive")
}

/// The services over a database. Hashing is as cheap as Argon2 allows.
pub(crate) fn app(database: &TestDatabase, clock: Arc<TestClock>, stream: Stream<'_>) -> App {
    let random = Arc::new(SeededRandom::new(stream));
    let cost = HashCost { memory_kib: 8, passes: 1, lanes: 1 };
    let hasher = PasswordHasher::new(cost, 2, &*random).expect("an allowed cost");
    App::new(database.store().clone(), clock, random, sealer(), hasher)
}

/// The configuration of a test's tenant on `host`.
pub(crate) async fn configuration(host: &str) -> Configuration {
    static MADE: Mutex<Option<HashMap<String, Configuration>>> = Mutex::const_new(None);
    let mut made = MADE.lock().await;
    let made = made.get_or_insert_default();
    if let Some(configuration) = made.get(host) {
        return configuration.clone();
    }
    let configuration = make(host).await;
    made.insert(host.to_owned(), configuration.clone());
    configuration
}

async fn make(host: &str) -> Configuration {
    let database = TestDatabase::sqlite().await;
    let id = TenantId::from_raw(host.split('.').next().unwrap_or(host));
    let clock = Arc::new(TestClock::new(BEGINNING));
    let app = app(&database, clock, Stream::Tenant(id.as_str()));
    let settings = TenantSettings {
        friendly_name: format!("The {id} tenant"),
        allowed_logout_urls: vec!["https://home.example/".to_owned()],
        // The clock stands still, so a bucket never fills again; tests of limits set some.
        my_account_limits: RateLimits::OFF,
        ..TenantSettings::default()
    };
    let clients = clients(&app, &id);
    let new = NewTenant { id: id.clone(), host: host.to_owned(), settings, clients };
    tenant::create(&app, new).await.expect("the tenant is new");
    let found = app.store().registry().configuration(&id).await.expect("the database answers");
    let mut configuration = found.expect("the tenant was made");
    // Tests of passkeys switch them on; to the others a connection is one of passwords.
    configuration.connections[0].options.passkey.enabled = false;
    let custom = custom_api();
    let is_management = |api: &&ResourceServer| api.kind == ResourceServerKind::Management;
    let management = configuration.resource_servers.iter().find(is_management);
    let management = management.expect("every tenant has one").id.clone();
    let reads = ScopeSet::parse("read:things");
    configuration.client_grants.push(machine_grant(management));
    configuration.client_grants.push(ClientGrant {
        id: ClientGrantId::from_raw("cgr_machineofthing"),
        scope: GrantedScope::Only(reads),
        ..machine_grant(custom.id.clone())
    });
    configuration.resource_servers.push(custom);
    configuration
}

/// What lets [`MACHINE`] do everything at an API, for itself.
#[must_use]
pub fn machine_grant(api: ResourceServerId) -> ClientGrant {
    ClientGrant {
        id: ClientGrantId::from_raw("cgr_machineofapis"),
        client_id: ClientId::from_raw(MACHINE),
        resource_server_id: api,
        subject_type: SubjectType::Client,
        scope: GrantedScope::All,
    }
}

fn custom_api() -> ResourceServer {
    let scope = |value: &str, description: &str| ScopeDescription {
        value: value.to_owned(),
        description: description.to_owned(),
    };
    ResourceServer {
        id: ResourceServerId::from_raw("00000000000000000000000a"),
        kind: ResourceServerKind::Custom { identifier: CUSTOM_API.to_owned() },
        settings: ResourceServerSettings {
            name: "Things".to_owned(),
            scopes: vec![scope("read:things", "See things"), scope("write:things", "Make things")],
            allow_offline_access: true,
            skip_consent_for_verifiable_first_party_clients: false,
            ..ResourceServerSettings::default()
        },
    }
}

fn clients(app: &App, tenant: &TenantId) -> Vec<(Client, Option<GrantedScope>)> {
    let grant = Some(GrantedScope::All);
    [
        (SPA, spa(), grant.clone()),
        (WEB, web(WEB), grant.clone()),
        (NATIVE, native(), grant),
        (UNGRANTED, web(UNGRANTED), None),
        (THIRD_PARTY, ClientSettings { is_first_party: false, ..web(THIRD_PARTY) }, None),
        (MACHINE, machine(), None),
    ]
    .into_iter()
    .map(|(id, settings, grant)| {
        let client = new_client(app, tenant, ClientId::from_raw(id), settings);
        (client.expect("seals"), grant)
    })
    .collect()
}

fn spa() -> ClientSettings {
    ClientSettings {
        app_type: Some(AppType::Spa),
        token_endpoint_auth_method: Some(AuthMethod::None),
        web_origins: vec!["https://spa.example".to_owned()],
        allowed_origins: vec!["https://*.preview.example".to_owned()],
        refresh_token: RefreshTokenSettings { rotating: true, ..RefreshTokenSettings::default() },
        ..web(SPA)
    }
}

fn machine() -> ClientSettings {
    ClientSettings {
        name: MACHINE.to_owned(),
        app_type: Some(AppType::NonInteractive),
        grant_types: vec![GrantType::ClientCredentials],
        ..ClientSettings::default()
    }
}

fn web(name: &str) -> ClientSettings {
    let urls =
        |paths: &[&str]| paths.iter().map(|path| format!("https://{name}.example{path}")).collect();
    ClientSettings {
        name: format!("The {name} application"),
        callbacks: urls(&["/callback"]),
        allowed_logout_urls: urls(&["/bye", "/later"]),
        ..ClientSettings::default()
    }
}

fn native() -> ClientSettings {
    ClientSettings {
        app_type: Some(AppType::Native),
        token_endpoint_auth_method: Some(AuthMethod::None),
        callbacks: vec![
            "http://127.0.0.1:8080/callback".to_owned(),
            "com.example.native://acme.example/callback".to_owned(),
        ],
        ..web(NATIVE)
    }
}
