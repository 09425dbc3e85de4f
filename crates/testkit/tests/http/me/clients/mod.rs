//! What real clients of the My Account API rely on, read in their source. Each test is named after
//! the client that breaks without it; the file says which kind of client.

mod javascript;
mod native;
mod passkeys;
mod screens;
mod server;

use housekey_testkit::actor::Actor;
use housekey_testkit::authenticator::code;
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::Begun;

/// The last segment of a `Location`, as it stands there.
fn last_segment(reply: &Reply) -> &str {
    reply.location().rsplit('/').next().expect("a path")
}

/// Decodes the one character that ids need encoded.
fn decoded(segment: &str) -> String {
    segment.replace("%7C", "|")
}

/// Where every factor can be enrolled.
async fn with_every_factor(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.passkeys().phones().push().start().await
}

/// Begins an enrolment of every type that this person may enrol, each with its type's name.
async fn begin_every_type(app: &TestApp, user: &Actor<'_>) -> Vec<(String, Reply)> {
    let listed = user.get("/factors").await.expect(200).json();
    let factors = listed["factors"].as_array().expect("a list");
    let named = factors.iter().map(|factor| factor["type"].as_str().expect("a name"));
    let mut replies = Vec::new();
    for factor in named.chain(["password"]).filter(|name| !name.starts_with("webauthn-")) {
        let mut body = json!({ "type": factor });
        match factor {
            "email" => body["email"] = "second@example.com".into(),
            "phone" => body["phone_number"] = "+41791234567".into(),
            _ => {}
        }
        let reply = user.enroll(&body).await.expect(202);
        replies.push((factor.to_owned(), reply));
    }
    app.ignore_messages().await;
    replies
}

/// Enrols an authenticator app; the answer to its proof.
async fn verify_totp(app: &TestApp, user: &Actor<'_>) -> Reply {
    let begun = super::begin(user, "totp").await;
    let reply = user.verify(&begun.id, &begun.proof(&code(begun.secret(), app.now()))).await;
    app.ignore_messages().await;
    reply.expect(201)
}

/// A proof with a code that is certainly wrong.
fn wrong_proof(app: &TestApp, begun: &Begun) -> Value {
    begun.proof(&housekey_testkit::authenticator::wrong_code(begun.secret(), app.now()))
}
