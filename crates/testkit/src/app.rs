//! A whole Housekey in the test's process: real router, core and store; own clock and dice.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use housekey_core::client::Client;
use housekey_core::id::{ClientId, TenantId};
use housekey_core::port::{Clock, Messenger, Resolver, SystemClock};
use housekey_core::tenant::phone::PhoneProvider;
use housekey_core::tenant::push::PushSettings;
use housekey_core::tenant::{Configuration, Domain, LoadedTenant};
use housekey_core::time::Timestamp;
use housekey_core::user::{NewUser, Profile, User};
use housekey_core::{App, Call};
use housekey_web::{Dev, Scheme, WebConfig, router};
use tokio::sync::Mutex;

use crate::clock::{BEGINNING, TestClock};
use crate::databases::TestDatabase;
use crate::dice::{SeededRandom, Stream};
use crate::messages::Unread;
use crate::oas::Validator;
use crate::request::Request;
use crate::seed::{self, HOST, OTHER_HOST};

/// The password of everybody [`TestApp::person`] makes.
pub const PASSWORD: &str = "Correct-horse-7";
/// Who calls, unless a test says otherwise: nobody's proxy.
pub const PEER: &str = "203.0.113.7:40000";

/// A running Housekey with one tenant on [`HOST`] and, when asked for, one on [`OTHER_HOST`].
pub struct TestApp {
    pub(crate) core: Arc<App>,
    pub(crate) router: Router,
    pub(crate) validator: Option<&'static Validator>,
    /// Draws what applications draw.
    pub(crate) dice: SeededRandom,
    pub(crate) unread: Mutex<Unread>,
    scheme: Scheme,
    clock: Arc<TestClock>,
    database: TestDatabase,
}

/// A Housekey that is not running yet.
pub struct Builder {
    database: TestDatabase,
    scheme: Scheme,
    trusted_proxies: Vec<String>,
    dev: bool,
    messenger: Option<Arc<dyn Messenger>>,
    resolver: Option<Arc<dyn Resolver>>,
    tenants: Vec<Configuration>,
}

impl Builder {
    /// Changes the configuration of the tenant on [`HOST`].
    #[must_use]
    pub fn configure(mut self, change: impl FnOnce(&mut Configuration)) -> Self {
        change(&mut self.tenants[0]);
        self
    }

    /// Changes the settings of one of the tenant's clients.
    #[must_use]
    pub fn client(
        self,
        id: &str,
        change: impl FnOnce(&mut housekey_core::client::ClientSettings),
    ) -> Self {
        self.configure(|tenant| {
            let client = tenant.clients.iter_mut().find(|client| client.id.as_str() == id);
            change(&mut client.expect("a client of the seed").settings);
        })
    }

    /// Lets people of the tenant on [`HOST`] have passkeys.
    #[must_use]
    pub fn passkeys(self) -> Self {
        self.connection(|options| options.passkey.enabled = true)
    }

    /// Changes the options of the tenant's connection.
    #[must_use]
    pub fn connection(
        self,
        change: impl FnOnce(&mut housekey_core::connection::ConnectionOptions),
    ) -> Self {
        self.configure(|tenant| change(&mut tenant.connections[0].options))
    }

    /// Has the tenant answer on `host`, too.
    #[must_use]
    pub fn custom_domain(self, host: &str) -> Self {
        let domain = Domain::verified(host, false);
        self.configure(|tenant| tenant.domains.push(domain))
    }

    /// Adds the tenant on [`OTHER_HOST`].
    pub async fn with_other_tenant(mut self) -> Self {
        self.tenants.push(seed::configuration(OTHER_HOST).await);
        self
    }

    /// Serves plain HTTP.
    #[must_use]
    pub fn plain_http(self) -> Self {
        Self { scheme: Scheme::Http, ..self }
    }

    /// Believes the forwarding headers of a proxy.
    #[must_use]
    pub fn trusting(mut self, proxy: &str) -> Self {
        self.trusted_proxies.push(proxy.to_owned());
        self
    }

    /// Serves `/dev`, too.
    #[must_use]
    pub fn dev(self) -> Self {
        Self { dev: true, ..self }
    }

    /// Sends messages whose sender waits by `messenger`; without one they all are queued.
    #[must_use]
    pub fn messenger(self, messenger: impl Messenger + 'static) -> Self {
        Self { messenger: Some(Arc::new(messenger)), ..self }
    }

    /// Asks `resolver` what domain names hold; without one nobody knows.
    #[must_use]
    pub fn resolver(self, resolver: Arc<dyn Resolver>) -> Self {
        Self { resolver: Some(resolver), ..self }
    }

    /// Lets people use their phones; messages stay in the outbox.
    #[must_use]
    pub fn phones(self) -> Self {
        self.configure(|tenant| {
            let settings = &mut tenant.tenant.settings;
            (settings.factors.sms, settings.factors.voice) = (true, true);
            settings.phone.provider = Some(PhoneProvider::outbox());
        })
    }

    /// Lets people use devices for push messages; messages stay in the outbox.
    #[must_use]
    pub fn push(self) -> Self {
        self.configure(|tenant| {
            let settings = &mut tenant.tenant.settings;
            settings.factors.push_notification = true;
            settings.push = PushSettings::outbox();
        })
    }

    /// Starts it.
    pub async fn start(self) -> TestApp {
        let clock = Arc::new(TestClock::new(BEGINNING));
        let core = seed::app(&self.database, clock.clone(), Stream::Server);
        let core = match self.messenger {
            Some(messenger) => core.with_messenger(messenger),
            None => core,
        };
        let core = Arc::new(match self.resolver {
            Some(resolver) => core.with_resolver(resolver),
            None => core,
        });
        for tenant in &self.tenants {
            core.store().registry().create_tenant(tenant).await.expect("the tenant is new");
        }
        let config =
            WebConfig { public_scheme: self.scheme, trusted_proxies: self.trusted_proxies };
        let dev = self.dev.then(|| Dev { clock: Arc::new(SystemClock::default()) });
        TestApp {
            router: router(core.clone(), &config, dev),
            core,
            validator: Validator::reference(),
            dice: SeededRandom::new(Stream::Applications),
            unread: Mutex::new(Unread::default()),
            scheme: self.scheme,
            clock,
            database: self.database,
        }
    }
}

impl TestApp {
    /// A Housekey over `database`, to be changed before it starts.
    pub async fn build(database: TestDatabase) -> Builder {
        Builder {
            database,
            scheme: Scheme::Https,
            trusted_proxies: Vec::new(),
            dev: false,
            messenger: None,
            resolver: None,
            tenants: vec![seed::configuration(HOST).await],
        }
    }

    /// A Housekey as it comes.
    pub async fn start(database: TestDatabase) -> Self {
        Self::build(database).await.start().await
    }

    /// The services, for what has no door yet.
    #[must_use]
    pub fn core(&self) -> &App {
        &self.core
    }

    /// The tenant on [`HOST`].
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        TenantId::from_raw("acme")
    }

    /// The tenant on `host`, as it is configured now.
    pub async fn tenant_on(&self, host: &str) -> Arc<LoadedTenant> {
        let found = self.core.directory().by_host(host, self.now()).await;
        found.expect("the database answers").expect("a tenant answers there")
    }

    /// A request to [`HOST`] as operations see it, for those that have no door yet.
    pub async fn call(&self) -> Call {
        Call {
            tenant: self.tenant_on(HOST).await,
            host: HOST.to_owned(),
            issuer: self.issuer(),
            now: self.now(),
            ip: "203.0.113.7".to_owned(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0".to_owned(),
            accept_language: String::new(),
            request_id: "test".to_owned(),
        }
    }

    /// One of the clients on [`HOST`].
    pub async fn client(&self, id: &str) -> Arc<Client> {
        let tenant = self.tenant_on(HOST).await;
        tenant.client(&ClientId::from_raw(id)).expect("a client of the seed").clone()
    }

    /// The secret of one of the clients on [`HOST`].
    pub async fn secret_of(&self, id: &str) -> String {
        let client = self.client(id).await;
        let secret = client.reveal_secret(&self.core, &self.tenant_id()).expect("opens");
        secret.expect("a confidential client")
    }

    /// The present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// `https://` or `http://`, as it is served.
    #[must_use]
    pub fn issuer_of(&self, host: &str) -> String {
        format!("{}://{host}/", self.scheme.as_str())
    }

    /// The issuer of [`HOST`].
    #[must_use]
    pub fn issuer(&self) -> String {
        self.issuer_of(HOST)
    }

    /// Runs a statement past the store, for what no operation does yet.
    pub async fn sql(&self, statement: &'static str) {
        self.database.execute(statement).await;
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A new account on [`HOST`] with a verified address and [`PASSWORD`].
    pub async fn person(&self, email: &str) -> User {
        self.person_on(HOST, email).await
    }

    /// The same on another host.
    pub async fn person_on(&self, host: &str, email: &str) -> User {
        let profile =
            Profile { email: Some(email.to_owned()), email_verified: true, ..Profile::default() };
        let new = NewUser { id: None, profile, password: Some(PASSWORD.to_owned()) };
        let tenant = self.tenant_on(host).await;
        housekey_core::user::create(&self.core, &tenant, new).await.expect("a new address")
    }

    /// A request to [`HOST`].
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(self, method, HOST, path)
    }

    /// A GET on [`HOST`].
    #[must_use]
    pub fn get(&self, path: &str) -> Request<'_> {
        self.request("GET", path)
    }

    /// A POST on [`HOST`].
    #[must_use]
    pub fn post(&self, path: &str) -> Request<'_> {
        self.request("POST", path)
    }

    /// Where requests come from unless they say otherwise.
    pub(crate) fn peer() -> SocketAddr {
        PEER.parse().expect("an address")
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.fail_on_unread();
        }
    }
}
