//! The API for authenticators, `{issuer}mfa/`: who gets tokens for it, and what they open
//! (contract 04 §4.4, §4.5).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{HOST, SPA, THIRD_PARTY};
use housekey_testkit::{TestApp, TestDatabase, authenticator, jwt};
use serde_json::{Value, json};

use super::super::give_app;
use super::{
    OTP, allowed, associate, build, challenge, give, give_otp, list, refusal, sign_in, tells, told,
    with_app, with_phone,
};

const SCOPES: &str = "enroll read:authenticators remove:authenticators";

/// Asks for a token with the password.
async fn ask(app: &TestApp, audience: &str) -> Reply {
    let scope = format!("openid offline_access {SCOPES}");
    sign_in(app, &json!({ "audience": audience, "scope": scope })).await
}

async fn remove(app: &TestApp, token: &str, id: &str) -> Reply {
    let path = format!("/mfa/authenticators/{}", id.replace('|', "%7C"));
    app.request("DELETE", &path).bearer(token).send().await
}

async fn tokens_are_for_ten_minutes(database: TestDatabase) {
    let app = build(database).await.start().await;
    app.person(EMAIL).await;
    for audience in ["https://acme.example/mfa/", "https://acme.example/mfa"] {
        let reply = ask(&app, audience).await.expect(200);
        let claims = jwt::claims(&reply.text("/access_token"));
        assert_eq!(claims["aud"][0], "https://acme.example/mfa/");
        assert_eq!(reply.json()["expires_in"], 600);
        assert_eq!(reply.json()["scope"], format!("openid offline_access {SCOPES}"));
        let next = app.refresh(SPA, &reply.text("/refresh_token")).await.expect(200);
        assert_eq!(list(&app, &next.text("/access_token")).await, json!([]));
    }
}

async fn whoever_enrolled_one_gives_it(database: TestDatabase) {
    let app = build(database).await.start().await;
    let (user, secret) = with_app(&app).await;
    let asked = ask(&app, "https://acme.example/mfa/").await.expect(403);
    let reply = give_otp(&app, &asked.text("/mfa_token"), &secret).await.expect(200);
    let access = reply.text("/access_token");
    assert_eq!(list(&app, &access).await[0]["type"], "otp");
    // Long after, the grant still stems from a sign-in with a second factor.
    app.clock().advance(5000);
    let next = app.refresh(SPA, &reply.text("/refresh_token")).await.expect(200);
    assert_eq!(list(&app, &next.text("/access_token")).await[0]["active"], true);
    let old = app.get("/mfa/authenticators").bearer(&access).send().await;
    assert_eq!(told(&old), tells(401, "access_denied", "Invalid MFA token"), "it is over");
    // In a browser it is asked for whatever was given before.
    let request = app.authorize(SCOPES).with("audience", "https://acme.example/mfa/");
    for _ in 0..2 {
        let page = user.browser.authorize(&request).await;
        let code = give_app(&app, &user.browser, &page, &secret).await.code();
        let _ = app.exchange(&request, &code).await.expect(200);
        app.clock().advance(30);
    }
    let silent = user.browser.authorize(&request.clone().with("prompt", "none")).await;
    assert_eq!(silent.error().0, "login_required");
}

async fn a_mailbox_alone_is_not_asked_for(database: TestDatabase) {
    let app = allowed(TestApp::build(database).await).start().await;
    app.person(EMAIL).await;
    let token = ask(&app, "https://acme.example/mfa/").await.expect(200).text("/access_token");
    let listed = list(&app, &token).await;
    assert_eq!(listed[0]["type"], "email");
    let reply = remove(&app, &token, listed[0]["id"].as_str().expect("an id")).await;
    assert_eq!(refusal(&reply), (400, "invalid_request".to_owned()));
}

async fn authenticators_are_enrolled_with_a_token(database: TestDatabase) {
    let app = build(database).await.start().await;
    app.person(EMAIL).await;
    app.ignore_messages().await;
    let tokens = ask(&app, "https://acme.example/mfa/").await.expect(200);
    let access = tokens.text("/access_token");
    let new = json!({ "authenticator_types": ["otp"] });
    let begun = associate(&app, &access, &new).await.expect(200);
    // That token confirms, and is good for nothing else here.
    let malformed = tells(403, "invalid_grant", "Malformed mfa_token");
    assert_eq!(told(&challenge(&app, &access, &json!({})).await), malformed);
    let otp = authenticator::code(&begun.text("/secret"), app.now());
    let reply = give(&app, &access, OTP, &json!({ "otp": otp })).await.expect(200);
    let claims = jwt::claims(&reply.text("/access_token"));
    assert_eq!(claims["aud"][0], "https://acme.example/mfa/");
    assert_eq!(list(&app, &reply.text("/access_token")).await[0]["active"], true);
    let again = give(&app, &access, OTP, &json!({ "otp": otp })).await;
    assert_eq!(told(&again), malformed, "nothing is being enrolled any more");
    // It was given with this grant, which goes on.
    let _ = app.refresh(SPA, &tokens.text("/refresh_token")).await.expect(200);
}

async fn twins_go_together(database: TestDatabase) {
    let app = build(database).await.phones().start().await;
    let (user, secret) = with_app(&app).await;
    with_phone(&app, &user).await;
    app.ignore_messages().await;
    let asked = ask(&app, "https://acme.example/mfa/").await.expect(403);
    let reply = give_otp(&app, &asked.text("/mfa_token"), &secret).await.expect(200);
    let token = reply.text("/access_token");
    let listed = list(&app, &token).await;
    let ids: Vec<_> =
        listed.as_array().expect("a list").iter().filter_map(|own| own["id"].as_str()).collect();
    assert_eq!(ids.len(), 3);
    let gone = remove(&app, &token, ids[2]).await.expect(204);
    assert_eq!(gone.body, "");
    let listed = list(&app, &token).await;
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["type"]), (Some(1), &json!("otp")));
    let missing = tells(404, "invalid_authenticator", "Authenticator not found");
    for id in [ids[1], "totp|dev_0", "nonsense", "%20"] {
        assert_eq!(told(&remove(&app, &token, id).await), missing, "{id}");
    }
}

async fn tokens_need_the_scope(database: TestDatabase) {
    let app = build(database).await.start().await;
    app.person(EMAIL).await;
    let audience = "https://acme.example/mfa/";
    let few = sign_in(&app, &json!({ "audience": audience, "scope": "openid" })).await.expect(200);
    let token = few.text("/access_token");
    let bodies: [(&str, &str, Value); 3] = [
        ("GET", "/mfa/authenticators", json!({})),
        ("POST", "/mfa/associate", json!({ "authenticator_types": ["otp"] })),
        ("DELETE", "/mfa/authenticators/x", json!({})),
    ];
    for (method, path, body) in bodies {
        let reply = app.request(method, path).bearer(&token).json(&body).send().await;
        assert_eq!(refusal(&reply), (401, "invalid_token".to_owned()), "{method} {path}");
    }
}

async fn only_the_tenants_own_applications_get_tokens(database: TestDatabase) {
    let builder = build(database).await.client(THIRD_PARTY, super::allow);
    let app = builder.start().await;
    app.person(EMAIL).await;
    let text = "Client is not authorized to access resource server \"https://acme.example/mfa/\"";
    let more = json!({
        "client_id": THIRD_PARTY, "audience": "https://acme.example/mfa/", "scope": "enroll",
    });
    let reply = sign_in(&app, &more).await;
    assert!(reply.status == 401 || told(&reply) == tells(403, "access_denied", text));
    let machine = app.secret_of(housekey_testkit::seed::MACHINE).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", housekey_testkit::seed::MACHINE),
        ("client_secret", machine.as_str()),
        ("audience", "https://acme.example/mfa/"),
    ];
    let reply = app.post("/oauth/token").host(HOST).form(&form).send().await;
    assert_eq!(refusal(&reply), (403, "access_denied".to_owned()));
}

on_both_engines! {
    tokens_are_for_ten_minutes,
    whoever_enrolled_one_gives_it,
    a_mailbox_alone_is_not_asked_for,
    authenticators_are_enrolled_with_a_token,
    twins_go_together,
    tokens_need_the_scope,
    only_the_tenants_own_applications_get_tokens,
}
