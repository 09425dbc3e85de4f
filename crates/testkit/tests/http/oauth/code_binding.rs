//! `POST /oauth/token` with an authorization code: what a code is bound to (contract 03 §3.10).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::{ME, Tokens};
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};

use super::{INVALID_CODE, code_for, expected, refusal};

fn invalid_code() -> (u16, String, String) {
    expected(403, "invalid_grant", INVALID_CODE)
}

async fn a_code_works_once_and_its_replay_withdraws_what_it_gave(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize(&format!("offline_access {ME}"));
    let code = code_for(&app, &request).await;
    let first = app.exchange(&request, &code).await.expect(200);
    let tokens = Tokens::read(SPA, &first);
    let factors = || app.get("/me/v1/factors").bearer(&tokens.access).send();
    let _ = factors().await.expect(200);
    assert_eq!(refusal(&app.exchange(&request, &code).await), invalid_code());
    let _ = factors().await.expect(401);
    let _ = app.refresh(SPA, &tokens.refresh).await.expect(403);
}

async fn many_at_once_get_tokens_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize(ME);
    let code = code_for(&app, &request).await;
    let (a, b, c, d) = tokio::join!(
        app.exchange(&request, &code),
        app.exchange(&request, &code),
        app.exchange(&request, &code),
        app.exchange(&request, &code),
    );
    let mut statuses = [a, b, c, d].map(|reply| reply.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403]);
}

async fn a_code_lives_a_minute(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let (early, late) = (app.authorize(ME), app.authorize(ME));
    let (early_code, late_code) = (code_for(&app, &early).await, code_for(&app, &late).await);
    app.clock().advance(59);
    let _ = app.exchange(&early, &early_code).await.expect(200);
    app.clock().advance(1);
    assert_eq!(refusal(&app.exchange(&late, &late_code).await), invalid_code());
}

async fn made_up_codes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let request = app.authorize(ME);
    for code in ["made-up", "ü", &"x".repeat(10_000), "' OR 1=1"] {
        assert_eq!(refusal(&app.exchange(&request, code).await), invalid_code());
    }
    let missing = expected(400, "invalid_request", "Missing required parameter: code");
    assert_eq!(refusal(&app.exchange(&request, "").await), missing);
}

async fn the_verifier_must_fit_and_a_wrong_one_uses_the_code_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let wrong_verifier = expected(403, "invalid_grant", "Failed to verify code verifier");
    let another = app.authorize(ME);
    for verifier in [another.verifier(), "", "short", &"x".repeat(129)] {
        let request = app.authorize(ME);
        let code = code_for(&app, &request).await;
        let mut fields = request.token_fields(&code);
        fields.retain(|(name, _)| *name != "code_verifier");
        fields.push(("code_verifier", verifier));
        let refused = app.post("/oauth/token").form(&fields).send().await;
        assert_eq!(refusal(&refused), wrong_verifier, "{verifier}");
        assert_eq!(refusal(&app.exchange(&request, &code).await), invalid_code());
    }
}

async fn a_verifier_without_a_challenge_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app
        .authorize_on("acme.example", WEB, "openid")
        .with("code_challenge", "")
        .with("code_challenge_method", "");
    let refused = app.exchange(&request, &code_for(&app, &request).await).await;
    assert_eq!(refusal(&refused).2, "Failed to verify code verifier");
}

async fn the_redirect_uri_must_be_the_same(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    for sent in ["https://spa.example/other", "https://spa.example/callback/", ""] {
        let request = app.authorize(ME);
        let code = code_for(&app, &request).await;
        let refused = app.exchange(&request.with("redirect_uri", sent), &code).await;
        let text = format!(
            "The redirect URI is wrong. You sent {sent}, and we expected https://spa.example/callback"
        );
        assert_eq!(refusal(&refused), expected(403, "unauthorized_client", &text));
    }
}

async fn a_redirect_uri_that_was_not_sent_need_not_be(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize(ME).with("redirect_uri", "");
    let code = code_for(&app, &request).await;
    let _ = app.exchange(&request, &code).await.expect(200);
}

async fn another_clients_code_is_invalid(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize(ME);
    let code = code_for(&app, &request).await;
    let refused = app.exchange(&request.clone().with("client_id", WEB), &code).await;
    assert_eq!(refusal(&refused), invalid_code());
    assert_eq!(refusal(&app.exchange(&request, &code).await), invalid_code(), "used up");
}

async fn another_hosts_code_is_invalid(database: TestDatabase) {
    let custom = "login.acme.example";
    let app = TestApp::build(database).await.custom_domain(custom).start().await;
    app.person(EMAIL).await;
    let request = app.authorize(ME);
    let code = code_for(&app, &request).await;
    let post = app.post("/oauth/token").host(custom).form(&request.token_fields(&code));
    assert_eq!(refusal(&post.send().await), invalid_code());
}

async fn blocked_and_deleted_people_get_none(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let (one, two) = (app.authorize(ME), app.authorize(ME));
    let (first, second) = (code_for(&app, &one).await, code_for(&app, &two).await);
    app.sql("UPDATE users SET blocked = 1").await;
    let blocked = app.exchange(&one, &first).await;
    assert_eq!(refusal(&blocked), expected(401, "unauthorized", "user is blocked"));
    app.sql("DELETE FROM users").await;
    assert_eq!(app.exchange(&two, &second).await.status, 403);
}

on_both_engines! {
    a_code_works_once_and_its_replay_withdraws_what_it_gave,
    many_at_once_get_tokens_once,
    a_code_lives_a_minute,
    made_up_codes,
    the_verifier_must_fit_and_a_wrong_one_uses_the_code_up,
    a_verifier_without_a_challenge_is_refused,
    the_redirect_uri_must_be_the_same,
    a_redirect_uri_that_was_not_sent_need_not_be,
    another_clients_code_is_invalid,
    another_hosts_code_is_invalid,
    blocked_and_deleted_people_get_none,
}
