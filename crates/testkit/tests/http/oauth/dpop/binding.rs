//! `dpop_jkt`: a code that is worth nothing without a key (RFC 9449 §10).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::Authorize;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::{TestApp, TestDatabase};

use super::super::INVALID_CODE;
use super::{code_for, expected, for_api, refusal};

const OTHER_KEY: &str = "The DPoP proof is not by the key that the code was asked for with";

fn announcing(app: &TestApp, key: &ProofKey) -> Authorize {
    app.authorize("openid offline_access").with("dpop_jkt", &key.thumbprint())
}

async fn the_announced_key_gets_tokens(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let request = announcing(&app, &key);
    let code = code_for(&app, &request).await;
    let reply = app.prove(&key, &request.token_fields(&code)).await.expect(200);
    assert_eq!(reply.text("/token_type"), "DPoP");
}

async fn no_other_does_and_the_code_is_used_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let (key, thief) = (ProofKey::default(), ProofKey::default());
    let request = announcing(&app, &key);
    let code = code_for(&app, &request).await;
    let stolen = app.prove(&thief, &request.token_fields(&code)).await;
    assert_eq!(refusal(&stolen), expected(403, "invalid_grant", OTHER_KEY));
    let late = app.prove(&key, &request.token_fields(&code)).await;
    assert_eq!(refusal(&late), expected(403, "invalid_grant", INVALID_CODE));
    let code = code_for(&app, &request).await;
    let bare = app.exchange(&request, &code).await;
    assert_eq!(refusal(&bare), expected(403, "invalid_grant", OTHER_KEY));
}

/// Whoever announces a key has to prove it, whether or not the tokens come to be bound.
async fn it_counts_where_tokens_are_not_bound(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(super::api(None)).start().await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let request = for_api(&app, "spa").with("dpop_jkt", &key.thumbprint());
    let code = code_for(&app, &request).await;
    let bare = app.exchange(&request, &code).await;
    assert_eq!(refusal(&bare), expected(403, "invalid_grant", OTHER_KEY));
    let code = code_for(&app, &request).await;
    let reply = app.prove(&key, &request.token_fields(&code)).await.expect(200);
    assert_eq!(reply.text("/token_type"), "Bearer");
}

async fn what_is_no_thumbprint_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for jkt in ["x", &"x".repeat(42), &"x".repeat(44), &"/".repeat(43), &"é".repeat(21)] {
        let request = app.authorize("openid").with("dpop_jkt", jkt);
        let reply = app.get(&request.path()).send().await.expect(302);
        assert_eq!(reply.answered("error").as_deref(), Some("invalid_request"), "{jkt}");
        let text = reply.answered("error_description");
        assert_eq!(text.as_deref(), Some("dpop_jkt is malformed"), "{jkt}");
    }
}

on_both_engines! {
    the_announced_key_gets_tokens,
    no_other_does_and_the_code_is_used_up,
    it_counts_where_tokens_are_not_bound,
    what_is_no_thumbprint_is_refused,
}
