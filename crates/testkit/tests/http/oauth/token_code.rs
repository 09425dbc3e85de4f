//! `POST /oauth/token` with an authorization code: what comes out.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::WEB;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::code_for;

async fn tokens_for_the_my_account_api(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("openid profile email offline_access read:me:factors");
    let reply = app.exchange(&request, &code_for(&app, &request).await).await;
    assert_shown!(reply.seen(), {
        ".body.access_token" => "[access_token]",
        ".body.id_token" => "[id_token]",
        ".body.refresh_token" => "[refresh_token]",
    }, @r#"
    {
      "body": {
        "access_token": "[access_token]",
        "expires_in": 600,
        "id_token": "[id_token]",
        "refresh_token": "[refresh_token]",
        "scope": "openid profile email offline_access read:me:factors",
        "token_type": "Bearer"
      },
      "status": 200
    }
    "#);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("pragma"), Some("no-cache"));
}

async fn what_the_tokens_say(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("openid profile email offline_access read:me:factors");
    let reply = app.exchange(&request, &code_for(&app, &request).await).await;
    let access = jwt::claims(&reply.text("/access_token"));
    assert_shown!(access, { ".sub" => "[sub]", ".grant_id" => "[family]" }, @r#"
    {
      "aud": [
        "https://acme.example/me/",
        "https://acme.example/userinfo"
      ],
      "azp": "spa",
      "exp": 1767226200,
      "grant_id": "[family]",
      "iat": 1767225600,
      "iss": "https://acme.example/",
      "scope": "openid profile email offline_access read:me:factors",
      "sub": "[sub]"
    }
    "#);
    let id = jwt::claims(&reply.text("/id_token"));
    assert_eq!(id["nonce"], request.get("nonce").expect("sent"));
    assert_shown!(id, {
        ".sub" => "[sub]",
        ".sid" => "[sid]",
        ".nonce" => "[nonce]",
        ".picture" => "[picture]",
    }, @r#"
    {
      "aud": "spa",
      "email": "user@example.com",
      "email_verified": true,
      "exp": 1767261600,
      "iat": 1767225600,
      "iss": "https://acme.example/",
      "name": "user@example.com",
      "nickname": "user",
      "nonce": "[nonce]",
      "picture": "[picture]",
      "sid": "[sid]",
      "sub": "[sub]",
      "updated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
    assert_eq!(id["sub"], access["sub"]);
    for token in ["/access_token", "/id_token"] {
        let header = jwt::header(&reply.text(token));
        assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
        assert!(header["kid"].is_string());
    }
}

async fn without_openid_there_is_no_id_token(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("read:me:factors");
    let reply = app.exchange(&request, &code_for(&app, &request).await).await.expect(200);
    let body = reply.json();
    assert!(body.get("id_token").is_none() && body.get("refresh_token").is_none(), "{body}");
    assert_eq!(jwt::claims(&reply.text("/access_token"))["aud"], "https://acme.example/me/");
}

async fn without_a_scope_there_is_no_scope(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("");
    let reply = app.exchange(&request, &code_for(&app, &request).await).await.expect(200);
    assert!(reply.json().get("scope").is_none(), "{}", reply.body);
    assert!(jwt::claims(&reply.text("/access_token")).get("scope").is_none());
}

async fn the_scope_says_what_was_granted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    for (asked, granted) in [
        ("read:me:factors openid", "read:me:factors openid"),
        ("openid openid read:me:factors", "openid read:me:factors"),
        ("openid read:nothing verify:me:authentication_methods", "openid"),
        (ME, ME),
    ] {
        let request = app.authorize(asked);
        let reply = app.exchange(&request, &code_for(&app, &request).await).await.expect(200);
        assert_eq!(reply.text("/scope"), granted, "{asked}");
    }
}

async fn without_an_api_the_token_is_opaque(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("openid email").with("audience", "");
    let reply = app.exchange(&request, &code_for(&app, &request).await).await.expect(200);
    let token = reply.text("/access_token");
    assert!(token.len() >= 32 && !token.contains('.'), "{token}");
    assert_eq!(reply.json()["expires_in"], 86_400);
}

async fn auth_time_is_told_when_asked_for(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let then = app.now().as_seconds();
    for (name, value, expected) in
        [("x", "", None), ("max_age", "600", Some(then)), ("prompt", "login", Some(then + 2))]
    {
        let request = app.authorize("openid").with(name, value);
        let code = browser.authorize_as(&request, EMAIL).await.code();
        let reply = app.exchange(&request, &code).await.expect(200);
        let claims = jwt::claims(&reply.text("/id_token"));
        assert_eq!(claims.get("auth_time").and_then(serde_json::Value::as_i64), expected, "{name}");
        app.clock().advance(1);
    }
}

async fn form_and_json_answer_the_same(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let mut answers = Vec::new();
    for as_json in [false, true] {
        let request = app.authorize("openid offline_access read:me:factors");
        let code = code_for(&app, &request).await;
        let mut fields = request.token_fields(&code);
        fields.extend([("audience", "https://x.example/"), ("scope", "more"), ("prompt", "none")]);
        let post = app.post("/oauth/token");
        let post = if as_json {
            let mut body: serde_json::Map<String, serde_json::Value> =
                fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            body.insert("authn_response".into(), json!({ "ignored": [1, null] }));
            post.json(&body.into())
        } else {
            post.form(&fields)
        };
        let body = post.send().await.expect(200).json();
        let claims = |name: &str| {
            let mut claims = jwt::claims(body[name].as_str().expect("a token"));
            for random in ["nonce", "sid", "grant_id"] {
                claims.as_object_mut().expect("claims").remove(random);
            }
            claims
        };
        let members: Vec<_> = body.as_object().expect("an object").keys().cloned().collect();
        answers.push((members, body["scope"].clone(), claims("access_token"), claims("id_token")));
    }
    assert_eq!(answers[0], answers[1]);
}

async fn scripts_of_the_application_may_read_the_answer(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("openid");
    let code = code_for(&app, &request).await;
    let post = app.post("/oauth/token").form(&request.token_fields(&code));
    let reply = post.header("origin", "https://spa.example").send().await.expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://spa.example"));
}

async fn confidential_clients_need_no_pkce(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app
        .authorize_on("acme.example", WEB, "openid")
        .with("code_challenge", "")
        .with("code_challenge_method", "");
    let code = code_for(&app, &request).await;
    let secret = app.secret_of(WEB).await;
    let mut fields = request.token_fields(&code);
    fields.retain(|(name, _)| *name != "code_verifier");
    fields.push(("client_secret", &secret));
    let _ = app.post("/oauth/token").form(&fields).send().await.expect(200);
}

on_both_engines! {
    tokens_for_the_my_account_api,
    what_the_tokens_say,
    without_openid_there_is_no_id_token,
    without_a_scope_there_is_no_scope,
    the_scope_says_what_was_granted,
    without_an_api_the_token_is_opaque,
    auth_time_is_told_when_asked_for,
    form_and_json_answer_the_same,
    scripts_of_the_application_may_read_the_answer,
    confidential_clients_need_no_pkce,
}
