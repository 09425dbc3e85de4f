//! Many guesses at once: each is counted, and the lock falls exactly when it should.

use std::sync::Arc;

use housekey_testkit::actor::EMAIL;
use housekey_testkit::{TestApp, TestDatabase, authenticator};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{
    OOB, OTP, allowed, build, challenge, demand, demanded, give, give_otp, logged, refusal, tells,
    told, waiting,
};

/// Sends two hundred of the same at once; how many were looked at, and how many were not.
async fn guess(
    app: &Arc<TestApp>,
    token: &str,
    grant: &'static str,
    body: Value,
) -> (usize, usize) {
    let mut guesses = JoinSet::new();
    for _ in 0..200 {
        let (app, token, body) = (app.clone(), token.to_owned(), body.clone());
        guesses.spawn(async move { give(&app, &token, grant, &body).await });
    }
    let replies = guesses.join_all().await;
    let count = |wanted: (u16, &str)| {
        let wanted = (wanted.0, wanted.1.to_owned());
        replies.iter().filter(|reply| refusal(reply) == wanted).count()
    };
    (count((403, "invalid_grant")), count((429, "too_many_attempts")))
}

async fn at_an_apps_code(database: TestDatabase) {
    let app = Arc::new(build(database).await.start().await);
    let (_, secret) = demanded(&app).await;
    let token = waiting(&app).await;
    let otp = json!({ "otp": authenticator::wrong_code(&secret, app.now()) });
    assert_eq!(guess(&app, &token, OTP, otp).await, (10, 190));
    assert_eq!(logged(&app, "gd_auth_failed").await, 10);
    assert_eq!(logged(&app, "gd_otp_rate_limit_exceed").await, 190);
    // A new grant does not bring new guesses.
    let token = waiting(&app).await;
    let reply = give_otp(&app, &token, &secret).await;
    assert_eq!(refusal(&reply), (429, "too_many_attempts".to_owned()));
}

async fn at_a_code_that_was_sent(database: TestDatabase) {
    let app = Arc::new(allowed(TestApp::build(database).await).start().await);
    app.person(EMAIL).await;
    demand(&app).await;
    let token = waiting(&app).await;
    let asked = challenge(&app, &token, &json!({ "challenge_type": "email" })).await.expect(200);
    let right = app.message().await.content.code.expect("a code");
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let own = json!({ "oob_code": asked.text("/oob_code"), "binding_code": wrong });
    assert_eq!(guess(&app, &token, OOB, own).await, (10, 190));
}

/// Of many who have the right code one gets tokens.
async fn at_once_with_the_right_code(database: TestDatabase) {
    let app = Arc::new(build(database).await.start().await);
    let (_, secret) = demanded(&app).await;
    let token = waiting(&app).await;
    let mut tries = JoinSet::new();
    for _ in 0..20 {
        let (app, token, secret) = (app.clone(), token.clone(), secret.clone());
        tries.spawn(async move { give_otp(&app, &token, &secret).await });
    }
    let replies = tries.join_all().await;
    let (good, bad): (Vec<_>, Vec<_>) = replies.into_iter().partition(|own| own.status == 200);
    assert_eq!(good.len(), 1);
    let expired = tells(401, "expired_token", "mfa_token is expired");
    assert!(bad.iter().all(|reply| told(reply) == expired));
}

on_both_engines! {
    at_an_apps_code,
    at_a_code_that_was_sent,
    at_once_with_the_right_code,
}
