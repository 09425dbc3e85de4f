//! The My Account API (`/me/v1`).

mod checks;
mod clients;
mod conformance;
mod consents;
mod delete;
mod dry_run;
mod enroll;
mod enroll_input;
mod factors;
mod get;
mod limits;
mod list;
mod log_events;
mod organizations;
pub(crate) mod passkey;
mod passkey_refused;
mod phone;
mod push;
mod reenroll;
mod tokens;
mod update;
mod verify;
mod verify_binding;
mod verify_password;
mod webauthn;

use housekey_testkit::TestApp;
use housekey_testkit::actor::Actor;
use housekey_testkit::authenticator;
use housekey_testkit::request::Reply;
use serde_json::{Value, json};

/// A begun enrolment, as far as every factor has it.
struct Begun {
    id: String,
    auth_session: String,
    body: Value,
}

impl Begun {
    fn read(reply: &Reply) -> Self {
        Self {
            id: reply.text("/id"),
            auth_session: reply.text("/auth_session"),
            body: reply.json(),
        }
    }

    /// What verifying sends, with a code.
    fn proof(&self, code: &str) -> Value {
        json!({ "auth_session": self.auth_session, "otp_code": code })
    }

    fn secret(&self) -> &str {
        self.body["manual_input_code"].as_str().expect("an authenticator app's secret")
    }
}

/// Begins the enrolment of a factor that needs nothing but its name.
async fn begin(user: &Actor<'_>, factor: &str) -> Begun {
    Begun::read(&user.enroll(&json!({ "type": factor })).await.expect(202))
}

/// Begins the enrolment of a mail address; returns the code that was sent, too.
async fn begin_email(app: &TestApp, user: &Actor<'_>, address: &str) -> (Begun, String) {
    let reply = user.enroll(&json!({ "type": "email", "email": address })).await.expect(202);
    let message = app.message().await;
    assert_eq!(message.to, address);
    (Begun::read(&reply), message.content.code.expect("the message has a code"))
}

/// Enrols an authenticator app and returns its id. Reads the message that tells of it.
pub(crate) async fn add_totp(app: &TestApp, user: &Actor<'_>) -> String {
    let begun = begin(user, "totp").await;
    let code = authenticator::code(begun.secret(), app.now());
    let _ = user.verify(&begun.id, &begun.proof(&code)).await.expect(201);
    assert_eq!(app.messages().await.len(), 1);
    begun.id
}

/// Enrols a mail address and returns its id.
async fn add_email(app: &TestApp, user: &Actor<'_>, address: &str) -> String {
    let (begun, code) = begin_email(app, user, address).await;
    let _ = user.verify(&begun.id, &begun.proof(&code)).await.expect(201);
    assert_eq!(app.messages().await.len(), 1);
    begun.id
}

/// Enrols a recovery code and returns its id.
async fn add_recovery_code(app: &TestApp, user: &Actor<'_>) -> String {
    let begun = begin(user, "recovery-code").await;
    let word = json!({ "auth_session": begun.auth_session });
    let _ = user.verify(&begun.id, &word).await.expect(201);
    assert_eq!(app.messages().await.len(), 1);
    begun.id
}

/// The path below `/me/v1` that an answer's `Location` names.
fn path_of(reply: &Reply) -> String {
    let (_, path) = reply.location().split_once("/me/v1").expect("a path of this API");
    path.to_owned()
}

/// The title and detail of a problem.
fn told(reply: &Reply) -> (String, String) {
    (reply.text("/title"), reply.text("/detail"))
}
