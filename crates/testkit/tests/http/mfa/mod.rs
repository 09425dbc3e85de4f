//! The second factor on the way in, and what the token endpoint demands (contract 04 §8, §9, §15).

mod api;
mod challenge;
mod default_policy;
mod enroll;
mod model;
mod remember;
mod step_up;
mod tokens;

use housekey_core::resource_server::{AuthorizationPolicy, ResourceServerKind};
use housekey_core::tenant::{Configuration, MfaPolicy};
use housekey_core::user::{NewUser, Profile};
use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::app::{Builder, PASSWORD};
use housekey_testkit::application::{Authorize, ME};
use housekey_testkit::authenticator;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::request::Reply;
use housekey_testkit::seed::HOST;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const REQUIRED: &str = "Multifactor authentication required";

/// Turns on Require 2FA for the My Account API.
fn require_2fa(tenant: &mut Configuration) {
    let is_mine = |api: &&mut housekey_core::resource_server::ResourceServer| {
        api.kind == ResourceServerKind::MyAccount
    };
    let api = tenant.resource_servers.iter_mut().find(is_mine).expect("activated");
    api.settings.authorization_policy = Some(AuthorizationPolicy::require_2fa());
}

/// Asks everybody for a second factor at each login.
fn always(tenant: &mut Configuration) {
    tenant.tenant.settings.mfa_policy = MfaPolicy::AllApplications;
}

/// A tenant in which nobody has a second factor by a verified mail address alone.
async fn without_mail(database: TestDatabase) -> Builder {
    TestApp::build(database).await.configure(|tenant| tenant.tenant.settings.factors.email = false)
}

/// The request that most tests send: for the My Account API, with a refresh token.
fn request(app: &TestApp) -> Authorize {
    app.authorize(&format!("openid email offline_access {ME}"))
}

/// Somebody with an authenticator app, whose secret this is. They are signed in, in the browser in
/// which they enrolled it.
async fn with_app(app: &TestApp) -> (Actor<'_>, String) {
    let user = app.sign_in_with(&format!("openid email offline_access {ME}")).await;
    let begun = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    let secret = begun.text("/manual_input_code");
    let proof = json!({
        "auth_session": begun.text("/auth_session"),
        "otp_code": authenticator::code(&secret, app.now()),
    });
    let _ = user.verify(&begun.text("/id"), &proof).await.expect(201);
    app.messages().await;
    // The code that confirmed is used up.
    app.clock().advance(30);
    (user, secret)
}

/// Somebody whose mail address nobody has verified.
async fn unverified(app: &TestApp) {
    let profile = Profile { email: Some(EMAIL.to_owned()), ..Profile::default() };
    let new = NewUser { id: None, profile, password: Some(PASSWORD.to_owned()) };
    let tenant = app.tenant_on(HOST).await;
    housekey_core::user::create(app.core(), &tenant, new).await.expect("a new address");
}

/// Answers the page that asks for an app's code.
async fn give_app(app: &TestApp, browser: &Browser<'_>, page: &Page, secret: &str) -> Page {
    assert_eq!(page.screen(), "mfa-otp-challenge");
    let code = authenticator::code(secret, app.now());
    browser.submit(page, &[("code", &code)]).await
}

/// Signs in, password and app, and exchanges the code.
async fn sign_in(app: &TestApp, secret: &str) -> (Reply, String) {
    let (browser, request) = (app.browser(), request(app));
    let page = browser.authorize_as(&request, EMAIL).await;
    let code = give_app(app, &browser, &page, secret).await.code();
    let reply = app.exchange(&request, &code).await.expect(200);
    let refresh = reply.text("/refresh_token");
    (reply, refresh)
}

/// An error of the token endpoint.
fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.text("/error"))
}

fn refused(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}
