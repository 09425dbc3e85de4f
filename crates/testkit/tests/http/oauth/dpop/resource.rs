//! Bound tokens at `/me` and `/userinfo` (contract 03 §12.4, 01 §7).

use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::dpop::{ProofDraft, ProofKey};
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase};

const PATHS: [&str; 2] = ["/me/v1/factors", "/userinfo"];

async fn signed_in<'a>(app: &'a TestApp, key: &ProofKey) -> Actor<'a> {
    app.person(EMAIL).await;
    app.sign_in_bound(key, EMAIL, &app.authorize("openid read:me:factors")).await
}

/// Its challenges and the code of its body, if that has one.
fn told(reply: &Reply) -> (Vec<&str>, String) {
    assert_eq!(reply.status, 401, "{}", reply.body);
    let challenges = reply.headers.get_all("www-authenticate").iter();
    let challenges = challenges.map(|value| value.to_str().expect("a text")).collect();
    let body = reply.json();
    let code = body["error"].as_str().or(body["type"].as_str()).expect("says what it is");
    (challenges, code.rsplit('/').next().unwrap_or_default().to_owned())
}

fn challenge(error: &str, description: &str) -> String {
    format!("DPoP error=\"{error}\", error_description=\"{description}\", algs=\"ES256\"")
}

async fn the_right_proof_opens_them(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let token = signed_in(&app, &key).await.tokens.access;
    for path in PATHS {
        let reply = app.bound(&key, "GET", path, &token).send().await.expect(200);
        assert!(reply.header("dpop-nonce").is_some());
        for scheme in ["dpop", "DPOP", "DPoP"] {
            let proof = app.resource_proof(&key, "GET", path, &token).sign();
            let request = app.get(path).header("authorization", &format!("{scheme} {token}"));
            let _ = request.header("dpop", &proof).send().await.expect(200);
        }
    }
    // The older form of a path is proved as it was called.
    let _ = app.bound(&key, "GET", "/me/factors", &token).send().await.expect(200);
    let _ = app.bound(&key, "POST", "/userinfo", &token).send().await.expect(200);
    let query = "/me/v1/authentication-methods?type=totp";
    let reply = app.bound(&key, "GET", query, &token).send().await;
    assert_eq!(reply.status, 403, "the proof holds, the scope is missing");
    assert!(reply.header("www-authenticate").is_none());
}

async fn a_bound_token_is_no_bearer_token(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let token = signed_in(&app, &key).await.tokens.access;
    let expected = challenge("invalid_token", "The access token is bound to a key");
    for path in PATHS {
        let bare = app.get(path).bearer(&token).send().await;
        assert_eq!(told(&bare).0, [expected.as_str()]);
        let proof = app.resource_proof(&key, "GET", path, &token).sign();
        let proved = app.get(path).bearer(&token).header("dpop", &proof).send().await;
        assert_eq!(told(&proved).0, [expected.as_str()]);
    }
    let form = app.post("/userinfo").form(&[("access_token", &token)]).send().await;
    assert_eq!(told(&form), (vec![expected.as_str()], "invalid_token".to_owned()));
}

async fn a_bearer_token_cannot_be_proved(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let token = app.sign_in_with("openid read:me:factors").await.tokens.access;
    let expected = challenge("invalid_token", "The access token is not bound to a key");
    for path in PATHS {
        let reply = app.bound(&key, "GET", path, &token).send().await;
        assert_eq!(told(&reply).0, [expected.as_str()]);
    }
}

async fn a_proof_that_does_not_hold_opens_nothing(database: TestDatabase) {
    type Change = fn(ProofDraft) -> ProofDraft;
    let changes: [(&str, Change); 5] = [
        ("The htm of the DPoP proof is not the method", |draft| draft.claim("htm", "POST")),
        ("The htu of the DPoP proof is not the URL", |draft| {
            draft.claim("htu", "https://acme.example/oauth/token")
        }),
        ("The iat of the DPoP proof is not recent", |draft| draft.claim("iat", 1_767_225_000)),
        ("The ath of the DPoP proof is not that of the access token", |draft| {
            draft.claim("ath", serde_json::Value::Null)
        }),
        ("The ath of the DPoP proof is not that of the access token", |draft| draft.token("other")),
    ];
    let app = TestApp::start(database).await;
    let (key, thief) = (ProofKey::default(), ProofKey::default());
    let token = signed_in(&app, &key).await.tokens.access;
    for path in PATHS {
        let call = |proof: Option<String>| {
            let request = app.get(path).header("authorization", &format!("DPoP {token}"));
            match proof {
                Some(proof) => request.header("dpop", &proof).send(),
                None => request.send(),
            }
        };
        let code = if path == "/userinfo" { "invalid_dpop_proof" } else { "A0E-401-0003" };
        for (why, change) in changes {
            let draft = change(app.resource_proof(&key, "GET", path, &token));
            let reply = call(Some(draft.sign())).await;
            let expected = challenge("invalid_dpop_proof", why);
            assert_eq!(told(&reply), (vec![expected.as_str()], code.to_owned()));
        }
        let stolen = app.resource_proof(&thief, "GET", path, &token).sign();
        let why = "The DPoP proof is not by the key of the access token";
        let expected = challenge("invalid_dpop_proof", why);
        assert_eq!(told(&call(Some(stolen)).await).0, [expected.as_str()]);
        let expected = challenge("invalid_dpop_proof", "A DPoP proof is required");
        let missing = call(None).await;
        assert_eq!(told(&missing).0, [expected.as_str()]);
        assert!(missing.header("dpop-nonce").is_some(), "what the next proof may need");
    }
}

/// Who sends no token, or a bad one, is told both ways; a script may read it.
async fn both_ways_are_told(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let origin = "https://spa.example";
    for (header, expected) in [
        (None, "Bearer realm=\"me\""),
        (Some("Bearer x"), "Bearer realm=\"me\", error=\"invalid_token\""),
        (Some("DPoP x"), "Bearer realm=\"me\", error=\"invalid_token\""),
    ] {
        let request = app.get("/me/v1/factors").header("origin", origin);
        let request = match header {
            Some(value) => request.header("authorization", value),
            None => request,
        };
        let reply = request.send().await;
        assert_eq!(told(&reply).0, [expected, "DPoP algs=\"ES256\""]);
        assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
    }
}

/// Requests without a proof do not go near what remembers them.
async fn only_proofs_are_remembered(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.sql("DROP TABLE replays").await;
    let user = app.sign_in().await;
    let _ = user.get("/factors").await.expect(200);
    let _ = app.get("/userinfo").bearer(&user.tokens.access).send().await.expect(200);
    let _ = app.refresh("spa", &user.tokens.refresh).await.expect(200);
}

on_both_engines! {
    the_right_proof_opens_them,
    a_bound_token_is_no_bearer_token,
    a_bearer_token_cannot_be_proved,
    a_proof_that_does_not_hold_opens_nothing,
    both_ways_are_told,
    only_proofs_are_remembered,
}
