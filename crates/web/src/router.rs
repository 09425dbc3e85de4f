//! Everything that is served, in one table.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, delete, get, patch, post};
use housekey_core::App;
use housekey_core::login::Screen;
use http::StatusCode;

use crate::host::TrustedProxies;
use crate::state::{Dev, Shared, Web, WebConfig};
use crate::view::Renderer;
use crate::{
    account_page, app_links, asset, authorize, avatar, dev, guardian, health, layer, manage, me,
    metadata, oauth, openapi, page,
};

/// What protects a route. The tests send every route what its guard must refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// An `mfa_token`, or an access token for authenticators, checked by the endpoint itself.
    Authenticators,
    /// Only in dev mode.
    DevOnly,
    /// A bearer token, checked by the endpoint itself.
    Bearer,
    /// A device's ticket, transaction token or signature, checked by the endpoint itself.
    Device,
    /// Client authentication or a public client's id.
    Client,
    /// The Management API's checks, per operation.
    Management,
    /// The My Account API's checks, per operation.
    MyAccount,
    /// Nothing: it tells and does nothing that anybody may not know and do.
    Public,
    /// A ticket from a mail.
    Ticket,
    /// A login transaction of this browser, and for posts the form's token.
    Transaction,
}

/// A route: path, methods, guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// As the router has it, `{name}` for parameters.
    pub path: &'static str,
    /// The methods it takes.
    pub methods: &'static [&'static str],
    /// What protects it.
    pub guard: Guard,
}

type Served = (Route, MethodRouter<Web>);

const METHODS: &[&str] = &["GET", "POST", "PATCH", "PUT", "DELETE"];
const GET: &[&str] = &["GET"];
const POST: &[&str] = &["POST"];
const GET_POST: &[&str] = &["GET", "POST"];

fn at(
    path: &'static str,
    methods: &'static [&'static str],
    guard: Guard,
    handler: MethodRouter<Web>,
) -> Served {
    (Route { path, methods, guard }, handler)
}

/// A page of a transaction: shown and answered at the same path.
fn screen(screen: Screen, path: &'static str, answer: MethodRouter<Web>) -> Served {
    let shown =
        get(move |web, call, query, headers| page::get_screen(screen, web, call, query, headers));
    at(path, GET_POST, Guard::Transaction, shown.merge(answer))
}

fn sign_up(screen: Screen) -> MethodRouter<Web> {
    post(move |submission| page::post_signup(screen, submission))
}

fn offer_passkey(local: bool) -> MethodRouter<Web> {
    let screen = if local { Screen::PasskeyEnrollmentLocal } else { Screen::PasskeyEnrollment };
    post(move |submission| page::post_enrollment(screen, submission))
}

fn table() -> Vec<Served> {
    let mut table = protocol();
    table.extend(embedded());
    table.extend(devices());
    table.extend(pages());
    table.extend(second_factor());
    table.extend(dev_only());
    table
}

fn protocol() -> Vec<Served> {
    use Guard::{Bearer, Client, Management, MyAccount, Public};
    let userinfo = get(oauth::userinfo).post(oauth::userinfo).options(oauth::preflight);
    let me = || any(me::serve);
    let passkey = |handler: MethodRouter<Web>| handler.options(oauth::preflight);
    vec![
        at("/.well-known/openid-configuration", GET, Public, get(metadata::discovery)),
        at("/.well-known/oauth-authorization-server", GET, Public, get(metadata::discovery)),
        at("/.well-known/jwks.json", GET, Public, get(metadata::jwks)),
        at("/authorize", GET_POST, Public, get(authorize::get).post(authorize::post)),
        at("/oauth/token", POST, Client, post(oauth::token).options(oauth::preflight)),
        at("/oauth/par", POST, Client, post(oauth::par).options(oauth::preflight)),
        at("/oauth/revoke", POST, Client, post(oauth::revoke).options(oauth::preflight)),
        at("/passkey/register", POST, Client, passkey(post(oauth::passkey::register))),
        at("/passkey/challenge", POST, Client, passkey(post(oauth::passkey::challenge))),
        at("/.well-known/apple-app-site-association", GET, Public, get(app_links::apple)),
        at("/.well-known/assetlinks.json", GET, Public, get(app_links::android)),
        at("/userinfo", GET_POST, Bearer, userinfo),
        at("/v2/logout", GET, Public, get(page::get_v2)),
        at("/oidc/logout", GET_POST, Public, get(page::get_oidc).post(page::post_oidc)),
        at("/api/v2/{*rest}", METHODS, Management, any(manage::serve)),
        at("/me", &[], MyAccount, me()),
        at("/me/", &[], MyAccount, me()),
        at("/me/{*rest}", &["GET", "POST", "PATCH", "DELETE"], MyAccount, me()),
    ]
}

/// What applications do on pages of their own, passkeys apart.
fn embedded() -> Vec<Served> {
    use Guard::{Authenticators, Client};
    let with = |handler: MethodRouter<Web>| handler.options(oauth::mfa::preflight);
    vec![
        at("/passwordless/start", POST, Client, with(post(oauth::passwordless::start))),
        at("/mfa/challenge", POST, Client, with(post(oauth::mfa::challenge))),
        at("/mfa/associate", POST, Authenticators, with(post(oauth::mfa::associate))),
        at("/mfa/authenticators", GET, Authenticators, with(get(oauth::mfa::authenticators))),
        at(
            "/mfa/authenticators/{id}",
            &["DELETE"],
            Authenticators,
            with(delete(oauth::mfa::remove)),
        ),
    ]
}

/// Native SDKs put `/appliance-mfa` behind the domain they are given, the browser widget does not.
fn devices() -> Vec<Served> {
    use Guard::Device;
    let enroll = || post(guardian::enroll);
    let account = || patch(guardian::update).delete(guardian::leave);
    let resolve = || post(guardian::resolve);
    let changes = &["PATCH", "DELETE"];
    vec![
        at("/appliance-mfa/api/enroll", POST, Device, enroll()),
        at("/appliance-mfa/api/device-accounts/{id}", changes, Device, account()),
        at("/appliance-mfa/api/resolve-transaction", POST, Device, resolve()),
        at("/guardian/api/enroll", POST, Device, enroll()),
        at("/guardian/api/device-accounts/{id}", changes, Device, account()),
        at("/guardian/api/resolve-transaction", POST, Device, resolve()),
        at("/rich-consents/{id}", GET, Device, get(guardian::rich_consent)),
    ]
}

fn second_factor() -> impl Iterator<Item = Served> {
    page::MFA_SCREENS.into_iter().map(|own| {
        let answer = post(move |submission| page::post_mfa(own, submission));
        screen(Screen::Mfa(own), page::mfa_path(own), answer)
    })
}

fn pages() -> Vec<Served> {
    use Guard::{Public, Ticket, Transaction};
    let resume = get(authorize::resume_transaction);
    let ask = get(page::ask).post(page::post_ask);
    let change = get(page::change).post(page::post_change);
    vec![
        at("/authorize/resume", GET, Transaction, resume),
        screen(Screen::Confirmation, "/u/confirmation", post(page::post_confirmation)),
        screen(Screen::Consent, "/u/consent", post(page::post_consent)),
        screen(Screen::Login, "/u/login", post(page::post_login)),
        screen(Screen::LoginId, "/u/login/identifier", post(page::post_identifier)),
        screen(Screen::LoginPassword, "/u/login/password", post(page::post_password)),
        screen(Screen::PasskeyEnrollment, "/u/passkey-enrollment", offer_passkey(false)),
        screen(Screen::PasskeyEnrollmentLocal, "/u/passkey-enrollment-local", offer_passkey(true)),
        screen(Screen::Signup, "/u/signup", sign_up(Screen::Signup)),
        screen(Screen::SignupId, "/u/signup/identifier", sign_up(Screen::SignupId)),
        screen(Screen::SignupPassword, "/u/signup/password", sign_up(Screen::SignupPassword)),
        at("/u/login/password-reset-start/{connection}", GET, Public, get(page::start)),
        at("/u/reset-password/request/{connection}", GET_POST, Transaction, ask),
        at("/u/reset-verify", GET, Public, get(page::verify)),
        at("/u/reset-password/change", GET_POST, Ticket, change),
        at("/u/email-verification", GET, Ticket, get(page::verify_email)),
        at(
            "/guardian/enroll",
            GET_POST,
            Ticket,
            get(page::enrollment).post(page::post_enrollment_link),
        ),
        at("/u/objection", GET_POST, Ticket, get(page::objection).post(page::post_objection)),
        at("/exports", GET, Ticket, get(manage::download)),
        at("/account", GET, Public, get(account_page::get)),
        at("/openapi.json", GET, Public, get(openapi::get)),
        at("/assets/{version}/{*path}", GET, Public, get(asset::serve)),
        at("/avatars/{name}", GET, Public, get(avatar::serve)),
    ]
}

fn dev_only() -> Vec<Served> {
    use Guard::DevOnly;
    let outbox = get(dev::get_outbox).post(dev::post_outbox).merge(delete(dev::clear));
    let clock = get(dev::get_clock).post(dev::post_clock);
    vec![
        at("/dev/outbox", &["GET", "POST", "DELETE"], DevOnly, outbox),
        at("/dev/clock", GET_POST, DevOnly, clock),
    ]
}

/// The routes of a tenant's host.
#[must_use]
pub fn routes() -> Vec<Route> {
    table().into_iter().map(|(route, _)| route).collect()
}

/// The whole server as a service. Peer addresses come as `ConnectInfo<SocketAddr>`.
///
/// # Panics
/// If the embedded templates do not parse, which the tests rule out.
pub fn router(app: Arc<App>, config: &WebConfig, dev: Option<Dev>) -> Router {
    let web = Web::new(Shared {
        app,
        renderer: Renderer::new().expect("the embedded templates parse"),
        scheme: config.public_scheme,
        proxies: TrustedProxies::parse(&config.trusted_proxies),
        dev,
    });
    let is_dev = web.dev.is_some();
    let hosted = table()
        .into_iter()
        .filter(|(route, _)| is_dev || route.guard != Guard::DevOnly)
        .fold(Router::new(), |router, (route, handler)| router.route(route.path, handler))
        .fallback(not_found)
        .layer(from_fn_with_state(web.clone(), layer::enter));
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .merge(hosted)
        .layer(from_fn(layer::harden))
        .layer(from_fn(layer::drain))
        .with_state(web)
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Not Found\n").into_response()
}
