//! Clients in browsers and in Node: auth0-spa-js, myaccount-js, nextjs-auth0.

use housekey_core::tenant::{Configuration, RateLimits};
use housekey_testkit::authenticator::code;
use housekey_testkit::seed::HOST;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::super::{Begun, add_totp, begin};
use super::{begin_every_type, decoded, last_segment, verify_totp, with_every_factor, wrong_proof};

/// It takes the id from `Location`, whatever the body says, and posts to `{location}/verify`.
async fn auth0_spa_js_follows_the_location(database: TestDatabase) {
    let app = with_every_factor(database).await;
    let user = app.sign_in().await;
    for (factor, reply) in begin_every_type(&app, &user).await {
        let prefix = format!("https://{HOST}/me/v1/authentication-methods/{factor}%7C");
        assert!(reply.location().starts_with(&prefix), "{}", reply.location());
        if let Some(id) = reply.json()["id"].as_str() {
            assert_eq!(decoded(last_segment(&reply)), id);
        }
    }
    let begun = Begun::read(&user.enroll(&json!({ "type": "totp" })).await);
    let path = format!("/me/v1/authentication-methods/{}/verify", begun.id.replace('|', "%7C"));
    let proof = begun.proof(&code(begun.secret(), app.now()));
    let reply = app.post(&path).bearer(&user.tokens.access).json(&proof).send().await.expect(201);
    app.ignore_messages().await;
    assert_eq!(decoded(last_segment(&reply)), reply.text("/id"));
}

/// A script of another origin sees no header that is not exposed to it.
async fn auth0_spa_js_reads_the_location_across_origins(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let request = user.request("POST", "/authentication-methods");
    let request = request.header("origin", "https://spa.example").json(&json!({ "type": "totp" }));
    let reply = request.send().await.expect(202);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://spa.example"));
    let exposed = reply.header("access-control-expose-headers").expect("sent");
    for name in ["Location", "DPoP-Nonce", "WWW-Authenticate", "Retry-After"] {
        assert!(exposed.split(", ").any(|own| own == name), "{name} in {exposed}");
    }
}

/// It passes on every member of its options; people spread the whole challenge into them.
async fn auth0_spa_js_sends_the_challenge_back_with_the_proof(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    let mut body = begun.body.clone();
    body["otp_code"] = code(begun.secret(), app.now()).into();
    assert!(body["barcode_uri"].is_string(), "more than a proof");
    let _ = user.verify(&begun.id, &body).await.expect(201);
    app.ignore_messages().await;
}

/// It parses every answer to a proof as JSON.
async fn auth0_spa_js_parses_the_verified_method(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = verify_totp(&app, &user).await;
    assert_eq!(reply.json(), user.get(&super::super::path_of(&reply)).await.expect(200).json());
}

/// It throws unless the scope it asked for is the scope it is told it got.
async fn auth0_spa_js_compares_the_granted_scope(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with("openid read:me:factors read:me:nonsense offline_access").await;
    let scope = user.tokens.scope.split(' ').collect::<Vec<_>>();
    assert!(
        scope.contains(&"read:me:factors") && !scope.contains(&"read:me:nonsense"),
        "{scope:?}"
    );
}

/// It sleeps as long as it is told, and repeats what failed with 408, 429 or 5xx, posts included.
async fn myaccount_js_waits_as_long_as_it_is_told(database: TestDatabase) {
    let limits = |tenant: &mut Configuration| {
        tenant.tenant.settings.my_account_limits = RateLimits::default();
    };
    let app = TestApp::build(database).await.configure(limits).start().await;
    let user = app.sign_in().await;
    let begun = begin(&user, "totp").await;
    for _ in 0..10 {
        let _ = user.verify(&begun.id, &wrong_proof(&app, &begun)).await.expect(403);
    }
    let refused = user.verify(&begun.id, &wrong_proof(&app, &begun)).await.expect(429);
    assert_eq!(refused.header("retry-after"), Some("1"), "a longer one freezes the form");
    let reset = refused.header("x-ratelimit-reset").expect("sent");
    let reset: i64 = reset.parse().expect("Unix seconds");
    assert!((0..=60).contains(&(reset - app.now().as_seconds())), "{reset}");
}

/// It encodes ids with `encodeURIComponent`; others write the bar as it is, or in lower case.
async fn myaccount_js_and_others_spell_ids_their_way(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let id = add_totp(&app, &user).await;
    for bar in ["%7C", "%7c", "|"] {
        let path = format!("/authentication-methods/{}", id.replace('|', bar));
        assert_eq!(user.get(&path).await.expect(200).text("/id"), id, "{bar}");
    }
    for bar in ["%7C", "%7c", "|"] {
        let begun = begin(&user, "totp").await;
        let path = format!("/authentication-methods/{}/verify", begun.id.replace('|', bar));
        let proof = begun.proof(&code(begun.secret(), app.now()));
        let _ = user.post(&path, &proof).await.expect(201);
    }
    app.ignore_messages().await;
}

/// It pastes the last segment of `Location`, as it is, into a path of its own.
async fn nextjs_auth0_pastes_the_last_segment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    let begun = Begun::read(&reply);
    let path = format!("/authentication-methods/{}/verify", last_segment(&reply));
    let _ = user.post(&path, &begun.proof(&code(begun.secret(), app.now()))).await.expect(201);
    app.ignore_messages().await;
}

/// Its HTTP library throws on any answer with a challenge, whatever the status.
async fn nextjs_auth0_cannot_read_a_challenge(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with("openid create:me:authentication_methods").await;
    let begun = begin(&user, "totp").await;
    let replies = [
        user.get("/factors").await.expect(403),
        user.verify(&begun.id, &wrong_proof(&app, &begun)).await.expect(403),
        user.post("/authentication-methods", &json!({})).await.expect(400),
        user.verify("totp|dev_0000000000000000", &begun.proof("000000")).await.expect(404),
        user.request("POST", "/authentication-methods").body("x").send().await.expect(415),
    ];
    for reply in replies {
        assert_eq!(reply.header("www-authenticate"), None, "{}", reply.body);
    }
    let refused = app.get("/me/v1/factors").send().await.expect(401);
    assert!(refused.header("www-authenticate").is_some(), "here the standard demands it");
}

/// Its proxy is told by the text of `type` that a scope is missing, and asks for it.
async fn nextjs_auth0_learns_which_scope_is_missing(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in_with("openid read:me:factors").await;
    let refused = user.get("/authentication-methods").await.expect(403);
    assert!(refused.text("/type").contains("A0E-403-0002"));
    assert_eq!(refused.text("/title"), "Insufficient Scope");
    let scope = "read:me:authentication_methods";
    assert!(refused.text("/detail").ends_with(scope), "{}", refused.body);
}

on_both_engines! {
    auth0_spa_js_follows_the_location,
    auth0_spa_js_reads_the_location_across_origins,
    auth0_spa_js_sends_the_challenge_back_with_the_proof,
    auth0_spa_js_parses_the_verified_method,
    auth0_spa_js_compares_the_granted_scope,
    myaccount_js_waits_as_long_as_it_is_told,
    myaccount_js_and_others_spell_ids_their_way,
    nextjs_auth0_pastes_the_last_segment,
    nextjs_auth0_cannot_read_a_challenge,
    nextjs_auth0_learns_which_scope_is_missing,
}
