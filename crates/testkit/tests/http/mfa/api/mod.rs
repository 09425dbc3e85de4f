//! The MFA API and its grants: what applications do about the second factor on pages of their own
//! (contract 04 §3–§6).

mod associate;
mod audience;
mod challenge;
mod clients;
mod device;
mod guesses;
mod refresh;
mod tokens;

use housekey_core::client::{ClientSettings, GrantType};
use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::app::{Builder, PASSWORD};
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{MACHINE, NATIVE, SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase, authenticator};
use serde_json::{Value, json};

use super::{refusal, with_app};

const OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
const OOB: &str = "http://auth0.com/oauth/grant-type/mfa-oob";
const RECOVERY: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";
const ALL: [GrantType; 5] = [
    GrantType::Password,
    GrantType::PasswordRealm,
    GrantType::MfaOtp,
    GrantType::MfaOob,
    GrantType::MfaRecoveryCode,
];

fn allow(settings: &mut ClientSettings) {
    settings.grant_types.extend(ALL);
}

/// A tenant whose applications may do everything here.
pub(super) fn allowed(builder: Builder) -> Builder {
    builder.client(SPA, allow).client(NATIVE, allow).client(WEB, allow)
}

/// One in which mail is no second factor.
async fn build(database: TestDatabase) -> Builder {
    allowed(super::without_mail(database).await)
}

/// From now on everybody gives a second factor at each sign-in.
async fn demand(app: &TestApp) {
    let secret = app.secret_of(MACHINE).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", secret.as_str()),
        ("audience", "https://acme.example/api/v2/"),
    ];
    let token = app.post("/oauth/token").form(&form).send().await.expect(200);
    let put = app.request("PUT", "/api/v2/guardian/policies");
    let put = put.bearer(&token.text("/access_token")).json(&json!(["all-applications"]));
    let _ = put.send().await.expect(200);
}

/// Somebody with an authenticator app, whose secret this is, at a tenant that demands it.
async fn demanded(app: &TestApp) -> (Actor<'_>, String) {
    let user = with_app(app).await;
    demand(app).await;
    user
}

/// Asks for tokens with the password.
pub(super) async fn sign_in(app: &TestApp, more: &Value) -> Reply {
    let mut body = json!({
        "grant_type": "password", "client_id": SPA, "username": EMAIL, "password": PASSWORD,
        "scope": "openid email offline_access",
    });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    app.post("/oauth/token").json(&body).send().await
}

/// The same where a second factor is missing; what waits for it.
async fn waiting(app: &TestApp) -> String {
    sign_in(app, &json!({})).await.expect(403).text("/mfa_token")
}

/// Exchanges a second factor.
async fn give(app: &TestApp, token: &str, grant: &str, more: &Value) -> Reply {
    let mut body = json!({ "grant_type": grant, "client_id": SPA, "mfa_token": token });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    app.post("/oauth/token").json(&body).send().await
}

pub(super) async fn give_otp(app: &TestApp, token: &str, secret: &str) -> Reply {
    let otp = authenticator::code(secret, app.now());
    give(app, token, OTP, &json!({ "otp": otp })).await
}

async fn challenge(app: &TestApp, token: &str, more: &Value) -> Reply {
    let mut body = json!({ "client_id": SPA, "mfa_token": token });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    app.post("/mfa/challenge").json(&body).send().await
}

async fn associate(app: &TestApp, token: &str, body: &Value) -> Reply {
    app.post("/mfa/associate").bearer(token).json(body).send().await
}

async fn list(app: &TestApp, token: &str) -> Value {
    app.get("/mfa/authenticators").bearer(token).send().await.expect(200).json()
}

/// An error with its text, as SDKs compare it.
fn told(reply: &Reply) -> (u16, String, String) {
    (reply.status.as_u16(), reply.text("/error"), reply.text("/error_description"))
}

fn tells(status: u16, error: &str, description: &str) -> (u16, String, String) {
    (status, error.to_owned(), description.to_owned())
}

/// How often the log tells of something.
async fn logged(app: &TestApp, code: &str) -> usize {
    let mut tx = app.core().read(&app.tenant_id()).await.expect("reads");
    let events = tx.log_events(500).await.expect("the log");
    events.iter().filter(|event| event.kind.code() == code).count()
}

/// Enrols a phone for somebody.
async fn with_phone(app: &TestApp, user: &Actor<'_>) {
    let new = json!({ "type": "phone", "phone_number": "+4930123456" });
    let begun = user.enroll(&new).await.expect(202);
    let sent = app.message().await.content.code.expect("a code");
    let proof = json!({ "auth_session": begun.text("/auth_session"), "otp_code": sent });
    let _ = user.verify(&begun.text("/id"), &proof).await.expect(201);
    app.messages().await;
}
