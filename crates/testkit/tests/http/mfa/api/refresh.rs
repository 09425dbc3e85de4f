//! Refresh tokens that are not enough for the My Account API any more, and what a second factor
//! makes of them (contract 03 §8, 04 §8.4).

use housekey_core::client::ClientSettings;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase, authenticator, jwt};
use serde_json::json;

use super::super::{give_app, request, require_2fa};
use super::{OTP, allow, build, give, give_otp, logged, refusal, tells, told, with_app};

async fn start(database: TestDatabase) -> TestApp {
    build(database).await.configure(require_2fa).start().await
}

/// Somebody who signed in with their app for the My Account API, that long ago.
async fn signed_in(app: &TestApp, seconds: i64) -> (String, String) {
    let (_, secret) = with_app(app).await;
    let (_, refresh) = super::super::sign_in(app, &secret).await;
    app.clock().advance(seconds);
    (secret, refresh)
}

async fn waiting(app: &TestApp, refresh: &str) -> String {
    let asked = app.refresh(SPA, refresh).await.expect(403);
    assert_eq!(asked.text("/error"), "mfa_required");
    asked.text("/mfa_token")
}

/// What auth0-spa-js does: it keeps what comes with the second factor.
async fn the_new_token_goes_on(database: TestDatabase) {
    let app = start(database).await;
    let (secret, old) = signed_in(&app, 901).await;
    let token = waiting(&app, &old).await;
    let reply = give_otp(&app, &token, &secret).await.expect(200);
    let claims = jwt::claims(&reply.text("/access_token"));
    assert_eq!(claims["aud"][0], "https://acme.example/me/");
    assert!(jwt::claims(&reply.text("/id_token")).get("amr").is_none());
    let scopes = format!("openid email offline_access {ME}");
    assert_eq!(reply.json()["scope"], scopes);
    let new = reply.text("/refresh_token");
    app.clock().advance(899);
    let next = app.refresh(SPA, &new).await.expect(200).text("/refresh_token");
    // The new one was used, so the old one's time is over.
    let reply = app.refresh(SPA, &old).await;
    assert_eq!(refusal(&reply), (403, "invalid_grant".to_owned()));
    let reply = app.refresh(SPA, &next).await;
    assert_eq!(refusal(&reply), (403, "invalid_grant".to_owned()), "that was reuse");
    assert_eq!(logged(&app, "seotpft").await, 1);
}

/// What nextjs-auth0 does: it keeps the token it had.
async fn the_old_token_goes_on(database: TestDatabase) {
    let app = start(database).await;
    let (secret, old) = signed_in(&app, 901).await;
    let token = waiting(&app, &old).await;
    let unused = give_otp(&app, &token, &secret).await.expect(200).text("/refresh_token");
    app.clock().advance(900);
    let next = app.refresh(SPA, &old).await.expect(200).text("/refresh_token");
    let reply = app.refresh(SPA, &unused).await;
    let text = "Unknown or invalid refresh token.";
    assert_eq!(told(&reply), tells(403, "invalid_grant", text), "it was retired");
    assert_eq!(logged(&app, "ferrt").await, 0, "and that is no reuse");
    let _ = app.refresh(SPA, &next).await.expect(200);
    app.clock().advance(1);
    assert_eq!(app.refresh(SPA, &old).await.status, 403);
}

async fn several_may_wait_at_once(database: TestDatabase) {
    let app = start(database).await;
    let (secret, old) = signed_in(&app, 901).await;
    let (first, second) = (waiting(&app, &old).await, waiting(&app, &old).await);
    let early = give_otp(&app, &first, &secret).await.expect(200).text("/refresh_token");
    app.clock().advance(30);
    let late = give_otp(&app, &second, &secret).await.expect(200).text("/refresh_token");
    assert_eq!(app.refresh(SPA, &early).await.status, 403, "the later one counts");
    let _ = app.refresh(SPA, &late).await.expect(200);
}

async fn a_token_used_meanwhile_gives_none(database: TestDatabase) {
    let app = start(database).await;
    let (secret, old) = signed_in(&app, 901).await;
    let (first, second) = (waiting(&app, &old).await, waiting(&app, &old).await);
    let _ = give_otp(&app, &first, &secret).await.expect(200);
    let next = app.refresh(SPA, &old).await.expect(200).text("/refresh_token");
    app.clock().advance(30);
    let reply = give_otp(&app, &second, &secret).await;
    assert_eq!(refusal(&reply), (403, "invalid_grant".to_owned()));
    let _ = app.refresh(SPA, &next).await.expect(200);
}

async fn a_session_has_it_too(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    let browser = app.browser();
    let asked = request(&app);
    let page = browser.authorize_as(&asked, EMAIL).await;
    let code = give_app(&app, &browser, &page, &secret).await.code();
    let refresh = app.exchange(&asked, &code).await.expect(200).text("/refresh_token");
    app.clock().advance(901);
    let silent = || request(&app).with("prompt", "none");
    assert_eq!(browser.authorize(&silent()).await.error().0, "login_required");
    let token = waiting(&app, &refresh).await;
    let _ = give_otp(&app, &token, &secret).await.expect(200);
    let _code = browser.authorize(&silent()).await.code();
}

fn never_rotates(settings: &mut ClientSettings) {
    allow(settings);
    settings.refresh_token.rotating = false;
}

async fn one_that_does_not_rotate_comes_again(database: TestDatabase) {
    let builder = super::super::without_mail(database).await.client(WEB, never_rotates);
    let app = builder.configure(require_2fa).start().await;
    let (_, secret) = with_app(&app).await;
    let browser = app.browser();
    let asked = app
        .authorize_on("acme.example", WEB, &format!("openid offline_access {ME}"))
        .with("code_challenge", "")
        .with("code_challenge_method", "");
    let page = browser.authorize_as(&asked, EMAIL).await;
    let code = give_app(&app, &browser, &page, &secret).await.code();
    let client = app.secret_of(WEB).await;
    let post = async |fields: &[(&str, &str)]| -> Reply {
        let mut all = vec![("client_id", WEB), ("client_secret", client.as_str())];
        all.extend_from_slice(fields);
        app.post("/oauth/token").form(&all).send().await
    };
    let uri = "https://web.example/callback";
    let code = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", uri)];
    let refresh = post(&code).await.expect(200).text("/refresh_token");
    app.clock().advance(901);
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let token = post(&fields).await.expect(403).text("/mfa_token");
    let otp = authenticator::code(&secret, app.now());
    let fields = [("grant_type", OTP), ("mfa_token", token.as_str()), ("otp", otp.as_str())];
    let reply = post(&fields).await.expect(200);
    assert_eq!(reply.text("/refresh_token"), refresh);
}

/// The first two rows of contract 04 §8.4's table, and the boundary between them.
async fn the_window_ends_after_fifteen_minutes(database: TestDatabase) {
    let app = start(database).await;
    let (secret, mut refresh) = signed_in(&app, 0).await;
    for (seconds, status) in [(899, 200), (1, 200), (1, 403)] {
        app.clock().advance(seconds);
        let reply = app.refresh(SPA, &refresh).await.expect(status);
        if status == 200 {
            refresh = reply.text("/refresh_token");
        }
    }
    let token = waiting(&app, &refresh).await;
    let _ = give_otp(&app, &token, &secret).await.expect(200);
    let _ = app.refresh(SPA, &refresh).await.expect(200);
}

async fn scopes_and_apis_are_those_of_the_refresh(database: TestDatabase) {
    let app = start(database).await;
    let (secret, refresh) = signed_in(&app, 901).await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", SPA),
        ("refresh_token", refresh.as_str()),
        ("scope", "openid read:me:factors"),
        ("audience", "https://acme.example/me/"),
    ];
    let asked = app.post("/oauth/token").form(&fields).send().await.expect(403);
    let otp = authenticator::code(&secret, app.now());
    let body = json!({ "otp": otp, "scope": "openid read:me:factors update:me:everything" });
    let reply = give(&app, &asked.text("/mfa_token"), OTP, &body).await.expect(200);
    assert_eq!(reply.json()["scope"], "openid read:me:factors");
}

on_both_engines! {
    the_new_token_goes_on,
    the_old_token_goes_on,
    several_may_wait_at_once,
    a_token_used_meanwhile_gives_none,
    a_session_has_it_too,
    one_that_does_not_rotate_comes_again,
    the_window_ends_after_fifteen_minutes,
    scopes_and_apis_are_those_of_the_refresh,
}
