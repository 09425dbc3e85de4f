//! `/.well-known/…`: metadata, keys and their rotation (contract 03 §2).

use housekey_core::tenant::rotate_keys;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::jwt;
use housekey_testkit::seed::{OTHER_HOST, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::Value;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const JWKS: &str = "/.well-known/jwks.json";

async fn keys(app: &TestApp) -> Vec<Value> {
    let document = app.get(JWKS).send().await.expect(200).json();
    document["keys"].as_array().expect("keys").clone()
}

async fn discovery_lists_what_is_served(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let reply = app.get(DISCOVERY).send().await.expect(200);
    // Lists in one line each.
    let mut document = reply.json();
    for value in document.as_object_mut().expect("an object").values_mut() {
        if let Some(list) = value.as_array() {
            let texts: Vec<_> = list.iter().filter_map(Value::as_str).collect();
            *value = texts.join(" ").into();
        }
    }
    assert_shown!(document, @r#"
    {
      "authorization_endpoint": "https://acme.example/authorize",
      "claims_parameter_supported": false,
      "claims_supported": "aud auth_time created_at email email_verified exp family_name given_name iat iss name nickname phone_number picture sub",
      "code_challenge_methods_supported": "S256",
      "dpop_signing_alg_values_supported": "ES256",
      "end_session_endpoint": "https://acme.example/oidc/logout",
      "grant_types_supported": "authorization_code refresh_token urn:okta:params:oauth:grant-type:webauthn",
      "id_token_signing_alg_values_supported": "HS256 PS256 RS256 RS512",
      "issuer": "https://acme.example/",
      "jwks_uri": "https://acme.example/.well-known/jwks.json",
      "request_parameter_supported": false,
      "request_uri_parameter_supported": false,
      "require_request_uri_registration": false,
      "response_modes_supported": "query fragment form_post",
      "response_types_supported": "code",
      "revocation_endpoint": "https://acme.example/oauth/revoke",
      "scopes_supported": "openid profile offline_access name given_name family_name nickname email email_verified picture created_at phone",
      "subject_types_supported": "public",
      "token_endpoint": "https://acme.example/oauth/token",
      "token_endpoint_auth_methods_supported": "client_secret_basic client_secret_post private_key_jwt none",
      "token_endpoint_auth_signing_alg_values_supported": "RS256 RS384 PS256 ES256",
      "userinfo_endpoint": "https://acme.example/userinfo"
    }
    "#);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(reply.header("cache-control"), Some("public, max-age=15"));
    let twin = app.get("/.well-known/oauth-authorization-server").send().await.expect(200);
    assert_eq!(twin.body, reply.body);
}

async fn discovery_is_that_of_the_called_host(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .custom_domain("login.acme.example")
        .custom_domain("localhost:4000")
        .plain_http()
        .start()
        .await;
    for host in ["acme.example", "login.acme.example", "localhost:4000"] {
        let issuer = format!("http://{host}/");
        let body = app.get(DISCOVERY).host(host).send().await.expect(200).json();
        assert_eq!(body["issuer"], issuer);
        for (name, value) in body.as_object().expect("an object") {
            if name.ends_with("_endpoint") || name.ends_with("_uri") {
                assert!(value.as_str().is_some_and(|url| url.starts_with(&issuer)), "{name}");
            }
        }
    }
}

async fn the_logout_endpoint_can_be_left_out(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.rp_logout_discovery = false)
        .start()
        .await;
    let body = app.get(DISCOVERY).send().await.expect(200).json();
    assert!(body.get("end_session_endpoint").is_none());
}

async fn keys_have_what_verifiers_need(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let reply = app.get(JWKS).send().await.expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let keys = keys(&app).await;
    for key in &keys {
        assert_eq!(
            (&key["kty"], &key["use"], &key["alg"]),
            (&"RSA".into(), &"sig".into(), &"RS256".into())
        );
        for member in ["kid", "n", "e", "x5t"] {
            assert!(key[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
        }
        assert_eq!(key["x5c"].as_array().map(Vec::len), Some(1));
        assert_eq!(key.as_object().map(serde_json::Map::len), Some(8), "no private part");
    }
    assert_eq!(jwt::header(&user.tokens.access)["kid"], keys[0]["kid"]);
    assert!(verifies(&user.tokens.access, &keys[0]));
    assert!(verifies(&user.tokens.id, &keys[0]));
}

/// Checks a signature as an application would: with the published key.
fn verifies(token: &str, key: &Value) -> bool {
    let part = |name: &str| key[name].as_str().expect("a text").to_owned();
    let verifier = jsonwebtoken::DecodingKey::from_rsa_components(&part("n"), &part("e"));
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Value>(token, &verifier.expect("a key"), &validation).is_ok()
}

async fn rotation_keeps_live_tokens_good(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let old = jwt::header(&user.tokens.access)["kid"].clone();
    rotate_keys(app.core(), &app.tenant_id()).await.expect("rotates");
    let _ = user.get("/factors").await.expect(200);
    let later = app.sign_in_as(EMAIL, SPA, "openid read:me:factors").await;
    let new = jwt::header(&later.tokens.access)["kid"].clone();
    assert_ne!(old, new);
    let published = keys(&app).await;
    let kids: Vec<_> = published.iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids.len(), 3, "current, next and previous");
    assert_eq!(kids[0], new);
    assert!(kids.contains(&old));
    assert!(verifies(&later.tokens.access, &published[0]));
    let _ = later.get("/factors").await.expect(200);
    let hinted = app.authorize("openid").with("id_token_hint", &user.tokens.id);
    let page = user.browser.authorize(&hinted.with("prompt", "none")).await;
    let _ = page.code();
}

async fn a_removed_key_takes_its_tokens_along(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let old = jwt::header(&user.tokens.access)["kid"].as_str().expect("a kid").to_owned();
    rotate_keys(app.core(), &app.tenant_id()).await.expect("rotates");
    let key = housekey_core::id::KeyId::from_raw(old);
    let registry = app.core().store().registry();
    assert!(
        registry
            .revoke_key(&app.tenant_id(), &key, app.core().clock().now())
            .await
            .expect("answers")
    );
    app.core().directory().forget(&app.tenant_id());
    let _ = user.get("/factors").await.expect(401);
}

async fn tenants_have_their_own_keys(database: TestDatabase) {
    let app = TestApp::build(database).await.with_other_tenant().await.start().await;
    let own = keys(&app).await;
    let others = app.get(JWKS).host(OTHER_HOST).send().await.expect(200).json();
    assert_ne!(own[0]["kid"], others["keys"][0]["kid"]);
    assert_ne!(own[0]["n"], others["keys"][0]["n"]);
}

on_both_engines! {
    discovery_lists_what_is_served,
    discovery_is_that_of_the_called_host,
    the_logout_endpoint_can_be_left_out,
    keys_have_what_verifiers_need,
    rotation_keeps_live_tokens_good,
    a_removed_key_takes_its_tokens_along,
    tenants_have_their_own_keys,
}
