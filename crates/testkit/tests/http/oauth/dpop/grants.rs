//! Every grant takes a proof.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::jwt;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::json;

use super::super::passkey;
use super::{api, as_machine, code_for, for_api, proof, refresh, says, spa_code};

async fn a_code(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let (request, code) = spa_code(&app).await;
    let reply = app.prove(&key, &request.token_fields(&code)).await.expect(200);
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
        "scope": "openid offline_access read:me:factors",
        "token_type": "DPoP"
      },
      "status": 200
    }
    "#);
    let claims = jwt::claims(&reply.text("/access_token"));
    assert_eq!(claims["cnf"], json!({ "jkt": key.thumbprint() }));
    assert!(jwt::claims(&reply.text("/id_token")).get("cnf").is_none());
}

async fn a_refresh_token(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let (request, code) = spa_code(&app).await;
    let first = app.prove(&key, &request.token_fields(&code)).await.expect(200);
    let proof = app.token_proof(&key).sign();
    let reply = refresh(&app, &first.text("/refresh_token"), Some(&proof)).await.expect(200);
    assert_eq!(reply.text("/token_type"), "DPoP");
    assert_ne!(reply.text("/refresh_token"), first.text("/refresh_token"));
    assert_eq!(jwt::claims(&reply.text("/access_token"))["cnf"]["jkt"], key.thumbprint());
}

async fn an_application_for_itself(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(api(Some(says(None)))).start().await;
    let key = ProofKey::default();
    let reply = as_machine(&app, &[app.token_proof(&key).sign()]).await.expect(200);
    assert_eq!(reply.text("/token_type"), "DPoP");
    assert_eq!(jwt::claims(&reply.text("/access_token"))["cnf"]["jkt"], key.thumbprint());
    assert!(reply.header("dpop-nonce").is_some());
    let plain = as_machine(&app, &[]).await.expect(200);
    assert_eq!(plain.text("/token_type"), "Bearer");
    assert!(jwt::claims(&plain.text("/access_token")).get("cnf").is_none());
    assert!(plain.header("dpop-nonce").is_none());
}

async fn a_passkey(database: TestDatabase) {
    let app = passkey::start(database).await;
    let key = ProofKey::default();
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, passkey::ORIGIN);
    let begun = passkey::register(&app, passkey::EMAIL).await;
    let response = authenticator.create(&begun["authn_params_public_key"]);
    let mut body = passkey::grant(SPA, &begun, &response);
    body["audience"] = "https://acme.example/me/".into();
    let send = |proof: String| app.post("/oauth/token").json(&body).header("dpop", &proof).send();
    let asked = send(app.token_proof(&key).sign()).await.expect(400);
    assert_eq!(asked.text("/error"), "use_dpop_nonce", "the ceremony is not used up");
    let reply = send(proof(&app, &key).await).await.expect(200);
    assert_eq!(reply.text("/token_type"), "DPoP");
    assert_eq!(jwt::claims(&reply.text("/access_token"))["cnf"]["jkt"], key.thumbprint());
    let stolen = refresh(&app, &reply.text("/refresh_token"), None).await.expect(400);
    assert_eq!(stolen.text("/error"), "invalid_dpop_proof");
    app.ignore_messages().await;
}

async fn an_application_with_a_secret_needs_no_nonce_and_keeps_its_refresh_token(
    database: TestDatabase,
) {
    let app = TestApp::build(database).await.configure(api(Some(says(None)))).start().await;
    app.person(EMAIL).await;
    let (key, secret) = (ProofKey::default(), app.secret_of(WEB).await);
    let request = for_api(&app, WEB);
    let code = code_for(&app, &request).await;
    let mut fields = request.token_fields(&code);
    fields.push(("client_secret", &secret));
    let proof = app.token_proof(&key).sign();
    let reply = app.post("/oauth/token").form(&fields).header("dpop", &proof).send().await;
    let token = reply.expect(200).text("/refresh_token");
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", WEB),
        ("client_secret", secret.as_str()),
        ("refresh_token", token.as_str()),
    ];
    let plain = app.post("/oauth/token").form(&fields).send().await.expect(200);
    assert_eq!(plain.text("/token_type"), "Bearer", "it is bound to the secret, not to the key");
    let other = ProofKey::default();
    let proof = app.token_proof(&other).sign();
    let reply = app.post("/oauth/token").form(&fields).header("dpop", &proof).send().await;
    let access = reply.expect(200).text("/access_token");
    assert_eq!(jwt::claims(&access)["cnf"]["jkt"], other.thumbprint());
}

on_both_engines! {
    a_code,
    a_refresh_token,
    an_application_for_itself,
    a_passkey,
    an_application_with_a_secret_needs_no_nonce_and_keeps_its_refresh_token,
}
