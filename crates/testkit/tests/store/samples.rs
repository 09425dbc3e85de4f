//! One of everything.

use housekey_core::access::{Approval, Consent, RequestedDetails};
use housekey_core::account::{Enrollment, Objection};
use housekey_core::client::{Client, ClientGrant, ClientSettings, GrantedScope, SubjectType};
use housekey_core::connection::{Connection, ConnectionOptions};
use housekey_core::factor::totp::Seen;
use housekey_core::factor::webauthn::{Aaguid, Credential};
use housekey_core::factor::{AuthenticationMethod, FactorType, MethodKind};
use housekey_core::id::{
    ApprovalId, ClientGrantId, ClientId, ConnectionId, ConsentId, FamilyId, KeyId, LogId,
    MessageId, MethodId, OrganizationId, ResourceServerId, SessionId, TenantId, UserId,
};
use housekey_core::log::{LogEvent, LogKind};
use housekey_core::login::{
    AuthorizationRequest, AuthorizeParams, Ending, LoginState, LoginTransaction, Prompt,
    PushedRequest, ResponseMode, Step, Ticket, TicketPurpose,
};
use housekey_core::message::{Channel, Happened, QueuedMessage};
use housekey_core::organization::{Organization, OrganizationSettings};
use housekey_core::passkey::{Ceremony, PasskeyState, PasskeyTransaction};
use housekey_core::resource_server::{ResourceServer, ResourceServerKind, ResourceServerSettings};
use housekey_core::scope::ScopeSet;
use housekey_core::secret::HandleHash;
use housekey_core::session::{MethodEvent, SeenFrom, Session, Usage};
use housekey_core::tenant::{Configuration, Domain, DomainSettings, Tenant, TenantSettings};
use housekey_core::time::Timestamp;
use housekey_core::token::dpop::Binding;
use housekey_core::token::{
    Audience, Authorization, AuthorizationCode, Family, Head, KeyState, Reign, Standing, StoredKey,
};
use housekey_core::user::{Profile, User};

/// The present.
pub const NOW: Timestamp = Timestamp(1_767_225_600_000);
/// A minute later: when most samples end.
pub const SOON: Timestamp = NOW.plus_seconds(60);
/// An hour later.
pub const LATER: Timestamp = NOW.plus_seconds(3600);

const ISSUER: &str = "https://home.example/";

/// A tenant with something of everything. All but its names is the same in every tenant.
pub fn configuration(tenant: &TenantId) -> Configuration {
    let settings = TenantSettings {
        friendly_name: "Ä \"quoted\" name".to_owned(),
        allowed_logout_urls: vec![ISSUER.to_owned()],
        ..TenantSettings::default()
    };
    Configuration {
        tenant: Tenant { id: tenant.clone(), settings, created_at: NOW, version: 1 },
        domains: vec![
            domain(&format!("{tenant}.example"), true, true),
            Domain {
                relying_party_identifier: Some(format!("{tenant}.example")),
                settings: DomainSettings { challenge: Some("c".to_owned()), ..Default::default() },
                ..domain(&format!("custom.{tenant}.example"), false, true)
            },
            domain(&format!("pending.{tenant}.example"), false, false),
        ],
        keys: vec![key(1, KeyState::Current), key(2, KeyState::Next)],
        connections: vec![Connection {
            id: connection_id(),
            name: "users".to_owned(),
            options: ConnectionOptions { requires_username: true, ..ConnectionOptions::default() },
        }],
        resource_servers: vec![
            ResourceServer {
                id: resource_server_id(),
                kind: ResourceServerKind::Custom { identifier: "urn:api".to_owned() },
                settings: ResourceServerSettings::default(),
            },
            ResourceServer::management(ResourceServerId::from_raw("management")),
            ResourceServer::my_account(ResourceServerId::from_raw("my-account")),
        ],
        documents: Vec::new(),
        clients: vec![client(1)],
        client_grants: vec![client_grant("all", SubjectType::User, GrantedScope::All), {
            let scope = GrantedScope::Only(ScopeSet::parse("read:x"));
            client_grant("one", SubjectType::Client, scope)
        }],
    }
}

pub fn domain(host: &str, canonical: bool, verified: bool) -> Domain {
    Domain { verified, ..Domain::verified(host, canonical) }
}

pub fn key(n: u8, state: KeyState) -> StoredKey {
    StoredKey {
        id: KeyId::from_raw(format!("key-{n}")),
        state,
        sealed_private: vec![n, 0, 255],
        certificate: vec![n; 3],
        created_at: NOW.plus_seconds(n.into()),
        reign: Reign { since: Some(NOW), until: None },
    }
}

pub fn connection_id() -> ConnectionId {
    ConnectionId::from_raw("con_users")
}

pub fn resource_server_id() -> ResourceServerId {
    ResourceServerId::from_raw("api")
}

pub fn client(n: u8) -> Client {
    Client {
        id: client_id(n),
        sealed_secret: (n == 1).then(|| vec![0, 159, 146, 150]),
        settings: ClientSettings { name: format!("Client {n}"), ..ClientSettings::default() },
        created_at: NOW.plus_seconds(n.into()),
    }
}

pub fn client_id(n: u8) -> ClientId {
    ClientId::from_raw(format!("client-{n}"))
}

fn client_grant(id: &str, subject_type: SubjectType, scope: GrantedScope) -> ClientGrant {
    ClientGrant {
        id: ClientGrantId::from_raw(format!("cgr_{id}")),
        client_id: client_id(1),
        resource_server_id: resource_server_id(),
        subject_type,
        scope,
    }
}

pub fn user_id(n: u8) -> UserId {
    UserId::from_raw(format!("auth0|{n:024x}"))
}

pub fn user(n: u8) -> User {
    User {
        id: user_id(n),
        connection_id: connection_id(),
        profile: Profile {
            email: Some(format!("User{n}@Example.com")),
            username: Some(format!("user{n}")),
            phone_number: Some(format!("+4930{n:07}")),
            name: Some("Ünï 'Code'".to_owned()),
            ..Profile::default()
        },
        blocked: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub fn handle(name: &str) -> HandleHash {
    HandleHash::of(name.as_bytes())
}

pub fn events() -> Vec<MethodEvent> {
    vec![
        MethodEvent { usage: Usage::Primary, factor: FactorType::Password, at: NOW },
        MethodEvent { usage: Usage::Secondary, factor: FactorType::Totp, at: SOON },
    ]
}

pub fn method(n: u8, kind: MethodKind) -> AuthenticationMethod {
    AuthenticationMethod {
        id: MethodId::from_raw(format!("dev_{n}")),
        user_id: user_id(1),
        kind,
        name: None,
        confirmed: true,
        created_at: NOW.plus_seconds(n.into()),
        last_auth_at: None,
    }
}

pub fn credential(n: u8) -> Credential {
    Credential {
        id: vec![n, 0, 255],
        public_key: vec![255, n],
        relying_party_id: "home.example".to_owned(),
        user_handle: b"auth0|1".to_vec(),
        aaguid: Aaguid([n; 16]),
        transports: vec!["internal".to_owned(), "hybrid".to_owned()],
        user_agent: Some("Chrome 131.0.0 / Mac OS X 10.15.7".to_owned()),
        sign_count: 1,
        backup_eligible: true,
        backed_up: false,
        user_verified: true,
    }
}

pub fn passkey_transaction(name: &str) -> PasskeyTransaction {
    PasskeyTransaction {
        handle: handle(name),
        state: PasskeyState {
            client_id: client_id(1),
            issuer: "https://home.example/".to_owned(),
            connection_id: connection_id(),
            ceremony: Ceremony::Login,
        },
        expires_at: SOON,
    }
}

pub fn totp(n: u8) -> AuthenticationMethod {
    method(n, MethodKind::Totp { sealed_secret: vec![0, 1, 255], seen: Seen::default() })
}

pub fn enrollment(name: &str, method: Option<&AuthenticationMethod>) -> Enrollment {
    Enrollment {
        handle: handle(name),
        user_id: user_id(1),
        client_id: client_id(1),
        factor: method.map_or(FactorType::Password, |method| method.kind.factor()),
        method_id: method.map(|method| method.id.clone()),
        code_mac: method.map(|_| "mac".to_owned()),
        created_at: NOW,
        expires_at: SOON,
        attempts: 0,
        completed_at: None,
    }
}

pub fn login(name: &str) -> LoginTransaction {
    let request = AuthorizationRequest {
        client_id: client_id(1),
        issuer: ISSUER.to_owned(),
        redirect_uri: "https://app.example/callback".to_owned(),
        redirect_uri_sent: true,
        response_mode: ResponseMode::Query,
        audience: Some(audience()),
        scope: ScopeSet::parse("openid read:x"),
        state: Some("state".to_owned()),
        nonce: None,
        code_challenge: Some("challenge".to_owned()),
        prompt: vec![Prompt::Login],
        max_age: Some(0),
        login_hint: None,
        ui_locales: None,
        sign_up_first: false,
        connection: None,
        hinted_user: None,
        step_up: true,
        dpop_jkt: None,
    };
    LoginTransaction {
        handle: handle(name),
        browser: handle("browser"),
        state: LoginState {
            request,
            step: Step::Identify,
            interacted: false,
            has_platform_authenticator: true,
            remember_browser: true,
        },
        expires_at: SOON,
        version: 1,
    }
}

pub fn audience() -> Audience {
    Audience { resource_server_id: resource_server_id(), value: "urn:api".to_owned() }
}

pub fn session(n: u8) -> Session {
    Session {
        id: SessionId::from_raw(format!("session-{n}")),
        handle: handle(&format!("session-{n}")),
        user_id: user_id(1),
        events: events(),
        clients: vec![client_id(1)],
        created_at: NOW,
        expires_at: LATER,
        idle_expires_at: SOON,
        updated_at: NOW,
        device: device(),
        metadata: serde_json::Map::new(),
    }
}

pub fn device() -> SeenFrom {
    SeenFrom {
        initial_issuer: "https://home.example/".to_owned(),
        initial_ip: "203.0.113.1".to_owned(),
        initial_user_agent: "Test/1.0".to_owned(),
        last_ip: "203.0.113.2".to_owned(),
        last_user_agent: "Test/1.1".to_owned(),
    }
}

pub fn pushed_request(name: &str) -> PushedRequest {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    PushedRequest {
        handle: handle(name),
        client_id: client_id(1),
        params: AuthorizeParams::new(vec![pair("scope", "openid"), pair("state", "x")]),
        expires_at: SOON,
    }
}

pub fn ticket(name: &str, purpose: TicketPurpose) -> Ticket {
    Ticket {
        handle: handle(name),
        purpose,
        user_id: user_id(1),
        email: "user1@example.com".to_owned(),
        client_id: Some(client_id(1)),
        created_at: NOW,
        ending: Ending { result_url: Some("https://app.example/".to_owned()), ..Ending::default() },
        expires_at: SOON,
    }
}

pub fn approval(n: u8) -> Approval {
    Approval {
        id: ApprovalId::from_raw(format!("cns_{n}")),
        user_id: user_id(1),
        client_id: client_id(1),
        requested: RequestedDetails {
            binding_message: Some("Ä \"quoted\" 42".to_owned()),
            audience: Some("urn:api".to_owned()),
            scope: Some(vec!["read:x".to_owned(), "write:x".to_owned()]),
        },
        created_at: NOW.plus_seconds(n.into()),
        expires_at: SOON,
    }
}

pub fn organization(name: &str) -> Organization {
    Organization {
        id: OrganizationId::from_raw(format!("org_{name}")),
        name: name.to_owned(),
        display_name: Some(format!("The {name} \"Ü\"")),
        settings: OrganizationSettings {
            metadata: [("k".to_owned(), "v".to_owned())].into(),
            ..OrganizationSettings::default()
        },
        created_at: NOW,
    }
}

pub fn objection(name: &str) -> Objection {
    Objection {
        handle: handle(name),
        user_id: user_id(1),
        method_id: Some(MethodId::from_raw("dev_1")),
        happened: Happened::MethodAdded(FactorType::Totp),
        address: "user1@example.com".to_owned(),
        ip: "203.0.113.7".to_owned(),
        user_agent: "Ä \"quoted\" browser".to_owned(),
        created_at: NOW,
        expires_at: SOON,
    }
}

pub fn consent(id: &str, scope: &str) -> Consent {
    Consent {
        id: ConsentId::from_raw(id),
        user_id: user_id(1),
        client_id: client_id(1),
        resource_server_id: resource_server_id(),
        scope: ScopeSet::parse(scope),
        updated_at: NOW,
    }
}

pub fn code(name: &str) -> AuthorizationCode {
    AuthorizationCode {
        handle: handle(name),
        family_id: FamilyId::from_raw("family-of-code"),
        authorization: Authorization {
            client_id: client_id(1),
            user_id: user_id(1),
            issuer: ISSUER.to_owned(),
            session_id: SessionId::from_raw("session-1"),
            events: events(),
            audience: Some(audience()),
            scope: ScopeSet::parse("openid read:x"),
            redirect_uri: "https://app.example/callback".to_owned(),
            redirect_uri_sent: true,
            code_challenge: None,
            nonce: Some("nonce".to_owned()),
            wants_auth_time: true,
            multi_factor: true,
            dpop_jkt: None,
        },
        expires_at: SOON,
    }
}

/// A family with a refresh token.
pub fn family(n: u8) -> Family {
    Family {
        id: FamilyId::from_raw(format!("family-{n}")),
        handle: Some(handle(&format!("family-{n}"))),
        user_id: user_id(1),
        client_id: client_id(1),
        issuer: ISSUER.to_owned(),
        session_id: Some(SessionId::from_raw("session-1")),
        audience: Some(audience()),
        scope: ScopeSet::parse("openid offline_access"),
        binding: Some(Binding::from_raw("key")),
        events: events(),
        heads: vec![head("first", 0)],
        created_at: NOW.plus_seconds(n.into()),
        last_used_at: NOW,
        expires_at: Some(LATER),
        idle_expires_at: Some(SOON),
        revoked_at: None,
        device: device(),
        metadata: serde_json::Map::new(),
        version: 1,
    }
}

/// A family that lives as long as its session.
pub fn session_family(n: u8) -> Family {
    Family { handle: None, heads: Vec::new(), audience: None, ..family(n) }
}

pub fn head(secret: &str, generation: u32) -> Head {
    Head { secret: handle(secret), generation, replaced_at: None, standing: Standing::Successor }
}

pub fn message(n: u8) -> QueuedMessage {
    QueuedMessage {
        id: MessageId::from_raw(format!("msg_{n}")),
        channel: Channel::Email,
        to: format!("user{n}@example.com"),
        sealed_payload: vec![0, n, 255],
        created_at: NOW,
        dies_at: LATER,
        due_at: NOW,
        attempts: 0,
        delivered_at: None,
    }
}

pub fn log_event(n: u8) -> LogEvent {
    let details = serde_json::json!({ "n": n, "nested": { "text": "ü" } });
    LogEvent {
        id: LogId::from_raw(format!("{}{n:018}", LogId::floor(NOW))),
        kind: LogKind::Login,
        date: NOW,
        description: "Success Login".to_owned(),
        client_id: Some(client_id(1).to_string()),
        user_id: None,
        user_name: Some("user1".to_owned()),
        connection_id: None,
        ip: "127.0.0.1".to_owned(),
        user_agent: String::new(),
        hostname: "home.example".to_owned(),
        details: details.as_object().cloned().unwrap_or_default(),
    }
}
