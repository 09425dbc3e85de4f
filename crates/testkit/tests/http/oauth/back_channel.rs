//! Applications hear of sessions that ended (contract 03 §11.7).

use housekey_core::client::ClientSettings;
use housekey_core::port::{OutgoingMessage, Route};
use housekey_core::session::{Ending, Endings, LogoutListener, end_expired};
use housekey_testkit::actor::EMAIL;
use housekey_testkit::seed::{MACHINE, WEB};
use housekey_testkit::{TestApp, TestDatabase, jwt};
use serde_json::{Value, json};

const HOOK: &str = "https://web.example/logged-out";

fn listening(endings: Endings) -> impl FnOnce(&mut ClientSettings) {
    move |settings| {
        settings.logout_listener = LogoutListener { urls: vec![HOOK.to_owned()], endings };
    }
}

/// Tokens that are on their way; other messages are not the subject.
async fn told(app: &TestApp) -> Vec<(String, String)> {
    let token = |message: OutgoingMessage| match message.route {
        Route::BackChannel(token) => Some((message.to, token.expose().to_owned())),
        _ => None,
    };
    app.messages().await.into_iter().filter_map(token).collect()
}

async fn start(database: TestDatabase, endings: Endings) -> TestApp {
    TestApp::build(database).await.client(WEB, listening(endings)).start().await
}

async fn logging_out_is_told(database: TestDatabase) {
    let app = start(database, Endings::default()).await;
    app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, WEB, "openid").await;
    let sid = jwt::claims(&user.tokens.id)["sid"].clone();
    let _ = user.browser.open("/v2/logout").await;
    let told = told(&app).await;
    assert_eq!(told.len(), 1);
    let (to, token) = &told[0];
    assert_eq!(to, HOOK);
    assert_eq!(jwt::header(token)["alg"], "RS256");
    assert_eq!(jwt::header(token)["typ"], "JWT");
    let claims = jwt::claims(token);
    let now = app.now().as_seconds();
    assert_eq!(claims["iss"], "https://acme.example/");
    assert_eq!(claims["aud"], WEB);
    assert_eq!(claims["sub"], jwt::claims(&user.tokens.id)["sub"]);
    assert_eq!(claims["sid"], sid);
    assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now), Some(now + 120)));
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    assert_eq!(claims["events"], event);
    assert!(claims["jti"].is_string() && claims.get("nonce").is_none(), "{claims}");
    let id = verified(&app, token).await;
    assert_eq!(id["aud"], WEB, "signed with the published key");
}

/// The claims, if the published key made the signature.
async fn verified(app: &TestApp, token: &str) -> Value {
    let keys = app.get("/.well-known/jwks.json").send().await.expect(200).json();
    let key = &keys["keys"][0];
    let part = |name: &str| key[name].as_str().expect("a text").to_owned();
    let key = jsonwebtoken::DecodingKey::from_rsa_components(&part("n"), &part("e"));
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    jsonwebtoken::decode(token, &key.expect("a key"), &validation).expect("verifies").claims
}

async fn only_applications_of_that_session_are(database: TestDatabase) {
    let app = start(database, Endings::All).await;
    let user = app.sign_in().await;
    let _ = user.browser.open("/v2/logout").await;
    assert_eq!(told(&app).await, []);
}

async fn whoever_chose_hears_of_that_alone(database: TestDatabase) {
    let only = Endings::Only(vec![Ending::PasswordChanged, Ending::SessionExpired]);
    let app = start(database, only).await;
    app.person(EMAIL).await;
    let user = app.sign_in_as(EMAIL, WEB, "openid").await;
    let _ = user.browser.open("/v2/logout").await;
    assert_eq!(told(&app).await, []);
    let _ = app.sign_in_as(EMAIL, WEB, "openid").await;
    app.clock().advance(31 * 86_400);
    assert_eq!(end_expired(app.core()).await.expect("ends"), 1);
    assert_eq!(end_expired(app.core()).await.expect("ends"), 0);
    assert_eq!(told(&app).await.len(), 1);
}

async fn what_operators_do_is_told(database: TestDatabase) {
    let app = start(database, Endings::All).await;
    let token = management_token(&app).await;
    for (email, method, below, body) in [
        ("ada@example.com", "DELETE", "/sessions", None),
        ("bob@example.com", "PATCH", "", Some(json!({ "password": "Another-horse-8" }))),
        ("cy@example.com", "PATCH", "", Some(json!({ "blocked": true }))),
        ("di@example.com", "DELETE", "", None),
    ] {
        let person = app.person(email).await;
        let _ = app.sign_in_as(email, WEB, "openid").await;
        let id = person.id.as_str().replace('|', "%7C");
        let mut request = app.request(method, &format!("/api/v2/users/{id}{below}")).bearer(&token);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let status = request.send().await.status.as_u16();
        assert!((200..300).contains(&status), "{method} {below}: {status}");
        assert_eq!(told(&app).await.len(), 1, "{method} {below} {body:?}");
    }
}

async fn management_token(app: &TestApp) -> String {
    let secret = app.secret_of(MACHINE).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", secret.as_str()),
        ("audience", "https://acme.example/api/v2/"),
    ];
    app.post("/oauth/token").form(&form).send().await.expect(200).text("/access_token")
}

async fn applications_are_registered_for_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = management_token(&app).await;
    let path = format!("/api/v2/clients/{WEB}");
    let patch =
        async |body: Value| app.request("PATCH", &path).bearer(&token).json(&body).send().await;
    let own = json!({
        "backchannel_logout_urls": [HOOK],
        "backchannel_logout_initiators": {
            "mode": "custom", "selected_initiators": ["rp-logout", "idp-logout", "account-deleted"],
        },
        "backchannel_logout_session_metadata": { "include": true },
    });
    let reply = patch(json!({ "oidc_logout": own })).await.expect(200);
    assert_eq!(reply.json()["oidc_logout"], own);
    let listener = app.client(WEB).await.settings.logout_listener.clone();
    let some = vec![Ending::RpLogout, Ending::IdpLogout, Ending::AccountDeleted];
    assert_eq!(
        listener,
        LogoutListener { urls: vec![HOOK.to_owned()], endings: Endings::Only(some) }
    );
    let all = json!({ "backchannel_logout_urls": [HOOK], "backchannel_logout_initiators": { "mode": "all" } });
    let _ = patch(json!({ "oidc_logout": all })).await.expect(200);
    assert_eq!(app.client(WEB).await.settings.logout_listener.endings, Endings::All);
    let none = patch(json!({ "oidc_logout": null })).await.expect(200).json();
    assert_eq!(none.get("oidc_logout"), None);
    assert_eq!(app.client(WEB).await.settings.logout_listener, LogoutListener::default());
    for wrong in [
        json!({ "backchannel_logout_urls": "x" }),
        json!({ "backchannel_logout_initiators": { "mode": "some" } }),
        json!({ "backchannel_logout_initiators": { "selected_initiators": ["weather"] } }),
    ] {
        assert_eq!(patch(json!({ "oidc_logout": wrong })).await.status, 400, "{wrong}");
    }
}

on_both_engines! {
    logging_out_is_told,
    only_applications_of_that_session_are,
    whoever_chose_hears_of_that_alone,
    what_operators_do_is_told,
    applications_are_registered_for_it,
}
