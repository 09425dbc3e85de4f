//! A proof is good once (contract 03 §12.1, `jti`).

use std::sync::Arc;

use housekey_testkit::actor::EMAIL;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::{TestApp, TestDatabase};
use tokio::task::JoinSet;

use super::{api, as_machine, code_for, expected, proof, refresh, refusal, says, spa_code};

fn used() -> (u16, String, String) {
    expected(400, "invalid_dpop_proof", "The DPoP proof was used before")
}

async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.configure(api(Some(says(None)))).start().await
}

async fn twice_is_once_too_often(database: TestDatabase) {
    let app = start(database).await;
    let key = ProofKey::default();
    let proof = [app.token_proof(&key).sign()];
    let _ = as_machine(&app, &proof).await.expect(200);
    assert_eq!(refusal(&as_machine(&app, &proof).await), used());
    app.clock().advance(299);
    assert_eq!(refusal(&as_machine(&app, &proof).await), used());
}

async fn another_key_may_use_the_same_number(database: TestDatabase) {
    let app = start(database).await;
    for key in [ProofKey::default(), ProofKey::default()] {
        let proof = app.token_proof(&key).claim("jti", "1").sign();
        let _ = as_machine(&app, &[proof]).await.expect(200);
    }
}

/// In the database, so whichever process is asked.
async fn of_many_at_once_one_succeeds(database: TestDatabase) {
    let app = Arc::new(start(database).await);
    let proof = app.token_proof(&ProofKey::default()).sign();
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (app, proof) = (app.clone(), proof.clone());
        tasks.spawn(async move { as_machine(&app, &[proof]).await.status.as_u16() });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 400, 400]);
}

async fn a_code_is_not_used_up_by_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let (request, code) = spa_code(&app).await;
    let proof = proof(&app, &key).await;
    let send = |code: &str, proof: &str| {
        app.post("/oauth/token").form(&request.token_fields(code)).header("dpop", proof).send()
    };
    let _ = send(&code, &proof).await.expect(200);
    let again = code_for(&app, &request).await;
    assert_eq!(refusal(&send(&again, &proof).await), used());
    let fresh = super::proof(&app, &key).await;
    let _ = send(&again, &fresh).await.expect(200);
}

async fn a_refresh_token_is_not_retired_by_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let request = app.authorize("openid offline_access");
    let user = app.sign_in_bound(&key, EMAIL, &request).await;
    let proof = app.token_proof(&key).sign();
    let next = refresh(&app, &user.tokens.refresh, Some(&proof)).await.expect(200);
    let next = next.text("/refresh_token");
    assert_eq!(refusal(&refresh(&app, &next, Some(&proof)).await), used());
    let fresh = app.token_proof(&key).sign();
    let _ = refresh(&app, &next, Some(&fresh)).await.expect(200);
}

async fn at_a_resource_too(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let request = app.authorize("openid read:me:factors");
    let user = app.sign_in_bound(&key, EMAIL, &request).await;
    for path in ["/me/v1/factors", "/userinfo"] {
        let proof = app.resource_proof(&key, "GET", path, &user.tokens.access).sign();
        let scheme = format!("DPoP {}", user.tokens.access);
        let send = || app.get(path).header("authorization", &scheme).header("dpop", &proof).send();
        let _ = send().await.expect(200);
        let refused = send().await.expect(401);
        let challenge = refused.header("www-authenticate").expect("with every 401");
        assert_eq!(
            challenge,
            "DPoP error=\"invalid_dpop_proof\", \
             error_description=\"The DPoP proof was used before\", algs=\"ES256\""
        );
    }
}

on_both_engines! {
    twice_is_once_too_often,
    another_key_may_use_the_same_number,
    of_many_at_once_one_succeeds,
    a_code_is_not_used_up_by_it,
    a_refresh_token_is_not_retired_by_it,
    at_a_resource_too,
}
