//! Passkeys on an app's own page: `/passkey/register`, `/passkey/challenge` and their grant.

use housekey_core::client::{AndroidApp, GrantType, IosApp, MobileSettings};
use housekey_testkit::application::{ME, Tokens};
use housekey_testkit::jwt;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{NATIVE, SPA, THIRD_PARTY, WEB};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

pub(super) const GRANT: &str = "urn:okta:params:oauth:grant-type:webauthn";
pub(super) const ORIGIN: &str = "https://acme.example";
pub(super) const EMAIL: &str = "new@example.com";

pub(super) async fn start(database: TestDatabase) -> TestApp {
    let allow = |settings: &mut housekey_core::client::ClientSettings| {
        settings.grant_types.push(GrantType::Webauthn);
    };
    let builder = TestApp::build(database).await.passkeys().client(SPA, allow).client(WEB, allow);
    builder.client(NATIVE, mobile).client(THIRD_PARTY, allow).start().await
}

fn mobile(settings: &mut housekey_core::client::ClientSettings) {
    settings.grant_types.push(GrantType::Webauthn);
    settings.mobile = MobileSettings {
        android: Some(AndroidApp {
            app_package_name: "com.example.native".to_owned(),
            sha256_cert_fingerprints: vec![["0F"; 32].join(":")],
        }),
        ios: Some(IosApp {
            team_id: "TEAM123456".to_owned(),
            app_bundle_identifier: "com.example.native".to_owned(),
        }),
    };
}

pub(super) async fn begin(app: &TestApp, what: &str, body: &Value) -> Reply {
    app.post(&format!("/passkey/{what}")).json(body).send().await
}

pub(super) async fn register(app: &TestApp, email: &str) -> Value {
    let body = json!({ "client_id": SPA, "user_profile": { "email": email, "name": "Ada" } });
    begin(app, "register", &body).await.expect(200).json()
}

pub(super) async fn challenge(app: &TestApp, client: &str) -> Value {
    begin(app, "challenge", &json!({ "client_id": client })).await.expect(200).json()
}

pub(super) fn grant(client: &str, begun: &Value, response: &Value) -> Value {
    json!({
        "grant_type": GRANT,
        "client_id": client,
        "auth_session": begun["auth_session"],
        "authn_response": response,
        "scope": "openid profile email offline_access",
    })
}

pub(super) async fn token(app: &TestApp, body: &Value) -> Reply {
    app.post("/oauth/token").json(body).send().await
}

/// Somebody who signed up with a passkey.
pub(super) async fn signed_up(app: &TestApp, number: u8, email: &str) -> Authenticator {
    let begun = register(app, email).await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, number, ORIGIN);
    let response = authenticator.create(&begun["authn_params_public_key"]);
    let _ = token(app, &grant(SPA, &begun, &response)).await.expect(200);
    assert_eq!(app.messages().await.len(), 1, "the mail that verifies the address");
    authenticator
}

async fn signing_up_begins_with_options(database: TestDatabase) {
    let app = start(database).await;
    let body = json!({
        "client_id": SPA,
        "realm": "Username-Password-Authentication",
        "user_profile": { "email": EMAIL, "name": "Ada Lovelace" },
        "user_metadata": { "colour": "blue" },
        "scope": "ignored", "audience": "ignored",
    });
    let reply = begin(&app, "register", &body).await;
    assert_shown!(reply.seen(), {
        ".body.auth_session" => "[auth_session]",
        ".body.authn_params_public_key.challenge" => "[challenge]",
        ".body.authn_params_public_key.user.id" => "[user]",
    }, @r#"
    {
      "body": {
        "auth_session": "[auth_session]",
        "authn_params_public_key": {
          "authenticatorSelection": {
            "residentKey": "required",
            "userVerification": "preferred"
          },
          "challenge": "[challenge]",
          "pubKeyCredParams": [
            {
              "alg": -8,
              "type": "public-key"
            },
            {
              "alg": -7,
              "type": "public-key"
            },
            {
              "alg": -257,
              "type": "public-key"
            }
          ],
          "rp": {
            "id": "acme.example",
            "name": "acme.example"
          },
          "timeout": 60000,
          "user": {
            "displayName": "Ada Lovelace",
            "id": "[user]",
            "name": "new@example.com"
          }
        }
      },
      "status": 200
    }
    "#);
}

async fn signing_up_makes_an_account_with_a_passkey(database: TestDatabase) {
    let app = start(database).await;
    let body = json!({
        "client_id": SPA,
        "user_profile": { "email": EMAIL, "name": "Ada Lovelace" },
        "user_metadata": { "colour": "blue" },
    });
    let reply = begin(&app, "register", &body).await;
    let identifier = housekey_core::user::Identifier::email(EMAIL).expect("an address");
    let tenant = app.tenant_on("acme.example").await;
    let connection = tenant.connection_named("Username-Password-Authentication").expect("it is");
    let user_of = async || {
        let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
        let found = tx.user_by_identifier(&connection.id, &identifier).await;
        found.expect("the database answers")
    };
    assert!(user_of().await.is_none(), "nobody yet");

    let begun = reply.json();
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    let response = authenticator.create(&begun["authn_params_public_key"]);
    let mut request = grant(SPA, &begun, &response);
    request["audience"] = format!("{}me/", app.issuer()).into();
    request["scope"] = format!("openid profile email offline_access {ME}").into();
    let reply = token(&app, &request).await.expect(200);
    let tokens = Tokens::read(SPA, &reply);
    let claims = jwt::claims(&tokens.id);
    assert_eq!((&claims["email"], &claims["name"]), (&json!(EMAIL), &json!("Ada Lovelace")));
    assert_eq!((claims.get("amr"), claims.get("nonce"), claims.get("sid")), (None, None, None));
    assert!(!tokens.refresh.is_empty());
    let (user, password) = user_of().await.expect("the account");
    assert!(password.is_none());
    assert_eq!(user.profile.user_metadata["colour"], "blue");
    let message = app.message().await;
    assert_eq!(message.to, EMAIL);
    assert!(message.content.link.is_some(), "it verifies the address");
    let listed = app.get("/me/v1/authentication-methods").bearer(&tokens.access).send().await;
    let listed = listed.expect(200).json();
    assert_eq!(listed["authentication_methods"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["authentication_methods"][0]["type"], "passkey");
    let refreshed = app.refresh(SPA, &tokens.refresh).await.expect(200);
    assert!(refreshed.json()["id_token"].is_string());
}

async fn logging_in_takes_json_forms_and_texts(database: TestDatabase) {
    let app = start(database).await;
    let mut authenticator = signed_up(&app, 1, EMAIL).await;
    let reply = begin(&app, "challenge", &json!({ "client_id": SPA })).await;
    let options = &reply.json()["authn_params_public_key"];
    assert_eq!(options["timeout"], 60000);
    assert_eq!(options["rpId"], "acme.example");
    assert_eq!(options["userVerification"], "preferred");
    assert_eq!(options.as_object().map(serde_json::Map::len), Some(4), "spa-js decodes no other");

    let begun = challenge(&app, SPA).await;
    let response = authenticator.get(&begun["authn_params_public_key"]);
    let tokens = token(&app, &grant(SPA, &begun, &response)).await.expect(200).json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid profile email offline_access");

    let begun = challenge(&app, SPA).await;
    let response = authenticator.get(&begun["authn_params_public_key"]).to_string();
    let body = grant(SPA, &begun, &json!(response));
    let _ = token(&app, &body).await.expect(200);

    // auth0-auth-js: a confidential client, a form, the answer as text.
    let secret = app.secret_of(WEB).await;
    let reply = app
        .post("/passkey/challenge")
        .form(&[("client_id", WEB), ("client_secret", &secret)])
        .send()
        .await;
    let begun = reply.expect(200).json();
    let response = authenticator.get(&begun["authn_params_public_key"]).to_string();
    let session = begun["auth_session"].as_str().expect("a session");
    let fields = [
        ("grant_type", GRANT),
        ("client_id", WEB),
        ("client_secret", secret.as_str()),
        ("auth_session", session),
        ("authn_response", response.as_str()),
        ("scope", "openid"),
    ];
    let _ = app.post("/oauth/token").form(&fields).send().await.expect(200);
}

async fn apps_have_origins_of_their_own(database: TestDatabase) {
    let app = start(database).await;
    let mut authenticator = signed_up(&app, 1, EMAIL).await;
    let android = "android:apk-key-hash:Dw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8PDw8";
    for (client, origin, status) in
        [(NATIVE, android, 200), (SPA, android, 403), (NATIVE, ORIGIN, 200)]
    {
        origin.clone_into(&mut authenticator.origin);
        let begun = challenge(&app, client).await;
        let response = authenticator.get(&begun["authn_params_public_key"]);
        let _ = token(&app, &grant(client, &begun, &response)).await.expect(status);
    }
}

async fn phones_learn_which_apps_are_ours(database: TestDatabase) {
    let app = start(database).await;
    let apple = app.get("/.well-known/apple-app-site-association").send().await;
    assert_eq!(apple.header("content-type"), Some("application/json"));
    assert_shown!(apple.expect(200).json(), @r#"
    {
      "applinks": {
        "apps": [],
        "details": [
          {
            "appID": "TEAM123456.com.example.native",
            "paths": [
              "/ios/com.example.native/*"
            ]
          }
        ]
      },
      "webcredentials": {
        "apps": [
          "TEAM123456.com.example.native"
        ]
      }
    }
    "#);
    let android = app.get("/.well-known/assetlinks.json").send().await.expect(200).json();
    assert_shown!(android, { "[0].target.sha256_cert_fingerprints" => "[fingerprints]" }, @r#"
    [
      {
        "relation": [
          "delegate_permission/common.handle_all_urls",
          "delegate_permission/common.get_login_creds"
        ],
        "target": {
          "namespace": "android_app",
          "package_name": "com.example.native",
          "sha256_cert_fingerprints": "[fingerprints]"
        }
      }
    ]
    "#);
}

on_both_engines! {
    signing_up_begins_with_options,
    signing_up_makes_an_account_with_a_passkey,
    logging_in_takes_json_forms_and_texts,
    apps_have_origins_of_their_own,
    phones_learn_which_apps_are_ours,
}
