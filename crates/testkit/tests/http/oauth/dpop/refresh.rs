//! Refresh tokens of applications without a secret are bound, too (RFC 9449 §5).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::jwt;
use housekey_testkit::{TestApp, TestDatabase};

use super::super::INVALID_TOKEN;
use super::{expected, refresh, refusal};

async fn bound<'a>(app: &'a TestApp, key: &ProofKey) -> Actor<'a> {
    app.person(EMAIL).await;
    app.sign_in_bound(key, EMAIL, &app.authorize("openid offline_access")).await
}

/// Neither retires the token, nor does it raise the alarm: the owner goes on as if nothing happened.
async fn without_the_key_it_is_worth_nothing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (key, thief) = (ProofKey::default(), ProofKey::default());
    let user = bound(&app, &key).await;
    let first = user.tokens.refresh.clone();
    let proof = app.token_proof(&key).sign();
    let second = refresh(&app, &first, Some(&proof)).await.expect(200).text("/refresh_token");
    for stolen in [&first, &second] {
        let other = app.token_proof(&thief).sign();
        let refused = refresh(&app, stolen, Some(&other)).await;
        assert_eq!(refusal(&refused), expected(403, "invalid_grant", INVALID_TOKEN));
        let refused = refresh(&app, stolen, None).await;
        let missing = expected(400, "invalid_dpop_proof", "A DPoP proof is required");
        assert_eq!(refusal(&refused), missing);
    }
    let proof = app.token_proof(&key).sign();
    let _ = refresh(&app, &second, Some(&proof)).await.expect(200);
}

async fn with_the_key_reuse_is_still_found(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let user = bound(&app, &key).await;
    let send = |token: String| {
        let proof = app.token_proof(&key).sign();
        let app = &app;
        async move { refresh(app, &token, Some(&proof)).await }
    };
    let first = user.tokens.refresh.clone();
    let second = send(first.clone()).await.expect(200).text("/refresh_token");
    assert_eq!(send(first).await.status, 403);
    assert_eq!(send(second).await.status, 403, "the family is gone");
}

/// The token that came without a proof goes; the one that comes for a proof takes one.
async fn a_proof_binds_what_was_not_bound(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let user = app.sign_in_with("openid offline_access").await;
    let proof = app.token_proof(&key).sign();
    let reply = refresh(&app, &user.tokens.refresh, Some(&proof)).await.expect(200);
    assert_eq!(jwt::claims(&reply.text("/access_token"))["cnf"]["jkt"], key.thumbprint());
    let next = reply.text("/refresh_token");
    assert_eq!(refresh(&app, &next, None).await.status, 400);
    let proof = app.token_proof(&key).sign();
    let _ = refresh(&app, &next, Some(&proof)).await.expect(200);
}

/// Ending it takes no key: who has a token may always give it up.
async fn it_can_be_revoked_without_the_key(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let user = bound(&app, &key).await;
    let fields = [("client_id", "spa"), ("token", user.tokens.refresh.as_str())];
    let _ = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
    let proof = app.token_proof(&key).sign();
    assert_eq!(refresh(&app, &user.tokens.refresh, Some(&proof)).await.status, 403);
}

on_both_engines! {
    without_the_key_it_is_worth_nothing,
    with_the_key_reuse_is_still_found,
    a_proof_binds_what_was_not_bound,
    it_can_be_revoked_without_the_key,
}
