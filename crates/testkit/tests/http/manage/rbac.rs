//! Permissions take effect where an API asks for them (contract 03 §5, §10.1).

use housekey_core::resource_server::{ResourceServerKind, TokenDialect};
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::Tokens;
use housekey_testkit::jwt;
use housekey_testkit::seed::{CUSTOM_API, MACHINE, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::Machine;
use super::roles::{permissions, role};
use super::users::path;

const API: &str = "resource-servers/00000000000000000000000a";
const SCOPE: &str = "openid offline_access read:things write:things";

/// An application's API that asks, and skips consent.
async fn asking(database: TestDatabase, dialect: TokenDialect) -> TestApp {
    let change = |tenant: &mut housekey_core::tenant::Configuration| {
        for api in &mut tenant.resource_servers {
            if matches!(api.kind, ResourceServerKind::Custom { .. }) {
                api.settings.enforce_policies = true;
                api.settings.token_dialect = dialect;
                api.settings.skip_consent_for_verifiable_first_party_clients = true;
            }
        }
    };
    TestApp::build(database).await.configure(change).start().await
}

async fn sign_in(app: &TestApp) -> Tokens {
    let request = app.authorize(SCOPE).with("audience", CUSTOM_API);
    let code = app.browser().authorize_as(&request, EMAIL).await.code();
    Tokens::read(SPA, &app.exchange(&request, &code).await.expect(200))
}

async fn people_get_what_they_may(database: TestDatabase) {
    let app = asking(database, TokenDialect::AccessToken).await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    assert_eq!(sign_in(&app).await.scope, "openid offline_access", "nobody let them");
    let clerk = role(&machine, "Clerk", &["read:things"]).await;
    let _ = machine.post(&format!("{clerk}/users"), &json!({ "users": [id] })).await.expect(200);
    let tokens = sign_in(&app).await;
    assert_eq!(tokens.scope, "openid offline_access read:things");
    let claims = jwt::claims(&tokens.access);
    assert_eq!((claims.get("permissions"), &claims["azp"]), (None, &json!("spa")));
    let own = format!("{}/permissions", path(&id));
    let _ = machine.post(&own, &permissions(&["write:things"])).await.expect(201);
    assert_eq!(sign_in(&app).await.scope, SCOPE);
    // What is off asks nobody.
    let _ = machine.request("DELETE", &own).json(&permissions(&["write:things"])).send().await;
    let off = machine.patch(API, &json!({ "enforce_policies": false })).await.expect(200).json();
    assert_eq!(off.get("enforce_policies"), None);
    assert_eq!(sign_in(&app).await.scope, SCOPE);
}

async fn refreshing_asks_again(database: TestDatabase) {
    let app = asking(database, TokenDialect::AccessTokenAuthz).await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    let own = format!("{}/permissions", path(&id));
    let both = permissions(&["read:things", "write:things"]);
    let _ = machine.post(&own, &both).await.expect(201);
    let tokens = sign_in(&app).await;
    assert_eq!(tokens.scope, SCOPE);
    let fewer = permissions(&["write:things"]);
    let _ = machine.request("DELETE", &own).json(&fewer).send().await.expect(204);
    let next = app.refresh(SPA, &tokens.refresh).await.expect(200);
    assert_eq!(next.text("/scope"), "openid offline_access read:things");
    assert_eq!(jwt::claims(&next.text("/access_token"))["permissions"], json!(["read:things"]));
    let _ = machine.post(&own, &both).await.expect(201);
    let again = app.refresh(SPA, &next.text("/refresh_token")).await.expect(200);
    assert_eq!(again.text("/scope"), SCOPE, "within what was granted first");
}

async fn people_agree_to_what_they_may(database: TestDatabase) {
    let app = asking(database, TokenDialect::AccessToken).await;
    let machine = Machine::new(&app).await;
    let consent = json!({ "skip_consent_for_verifiable_first_party_clients": false });
    let _ = machine.patch(API, &consent).await.expect(200);
    let id = app.person(EMAIL).await.id.to_string();
    let own = format!("{}/permissions", path(&id));
    let _ = machine.post(&own, &permissions(&["read:things"])).await.expect(201);
    let request = app.authorize(SCOPE).with("audience", CUSTOM_API);
    let browser = app.browser();
    let page = browser.authorize_as(&request, EMAIL).await;
    assert_eq!(page.screen(), "consent");
    let asked = &page.reply.body;
    assert!(asked.contains("read your things") && !asked.contains("write"), "{asked}");
    let code = browser.submit(&page, &[("action", "accept")]).await.code();
    let tokens = Tokens::read(SPA, &app.exchange(&request, &code).await.expect(200));
    assert_eq!(tokens.scope, "openid offline_access read:things");
    let code = browser.authorize(&request).await.code();
    let _ = app.exchange(&request, &code).await.expect(200);
}

async fn tokens_name_all_permissions(database: TestDatabase) {
    let app = asking(database, TokenDialect::AccessTokenAuthz).await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    let own = format!("{}/permissions", path(&id));
    let both = permissions(&["read:things", "write:things"]);
    let _ = machine.post(&own, &both).await.expect(201);
    let request = app.authorize("openid read:things").with("audience", CUSTOM_API);
    let code = app.browser().authorize_as(&request, EMAIL).await.code();
    let tokens = Tokens::read(SPA, &app.exchange(&request, &code).await.expect(200));
    assert_eq!(tokens.scope, "openid read:things");
    let claims = jwt::claims(&tokens.access);
    assert_eq!(claims["permissions"], json!(["read:things", "write:things"]), "asked for or not");
}

async fn machine_token(app: &TestApp) -> String {
    let secret = app.secret_of(MACHINE).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", secret.as_str()),
        ("audience", CUSTOM_API),
    ];
    app.post("/oauth/token").form(&form).send().await.expect(200).text("/access_token")
}

fn header(token: &str) -> Value {
    use base64::Engine;
    let header = token.split('.').next().expect("three parts");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

async fn the_standard_dialect(database: TestDatabase) {
    let app = asking(database, TokenDialect::Rfc9068ProfileAuthz).await;
    app.person(EMAIL).await;
    let tokens = sign_in(&app).await;
    let claims = jwt::claims(&tokens.access);
    assert_eq!(header(&tokens.access)["typ"], "at+jwt");
    assert_eq!(header(&tokens.id)["typ"], "JWT");
    assert_eq!((claims.get("azp"), &claims["client_id"]), (None, &json!("spa")));
    assert!(claims["jti"].is_string());
    assert_eq!(claims["permissions"], json!([]));
    let info = app.get("/userinfo").bearer(&tokens.access).send().await.expect(200).json();
    assert_eq!(info["sub"], claims["sub"]);
    let machine = machine_token(&app).await;
    let claims = jwt::claims(&machine);
    assert_eq!(claims["client_id"], "machine");
    let granted: Vec<_> = claims["scope"].as_str().expect("scopes").split(' ').collect();
    assert_eq!(claims["permissions"], json!(granted));
}

async fn a_dialect_is_set_and_reset(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({ "token_dialect": "rfc9068_profile", "enforce_policies": true });
    let set = machine.patch(API, &body).await.expect(200).json();
    assert_eq!(
        (&set["token_dialect"], &set["enforce_policies"]),
        (&json!("rfc9068_profile"), &json!(true))
    );
    assert_eq!(machine.get(API).await.json(), set);
    let token = machine_token(&app).await;
    assert_eq!(header(&token)["typ"], "at+jwt");
    assert_eq!(jwt::claims(&token).get("permissions"), None);
    let null = json!({ "token_dialect": null, "enforce_policies": null });
    let reset = machine.patch(API, &null).await.expect(200).json();
    assert_eq!((reset.get("token_dialect"), reset.get("enforce_policies")), (None, None));
    assert_eq!(header(&machine_token(&app).await)["typ"], "JWT");
}

async fn a_scope_that_goes_goes_everywhere(database: TestDatabase) {
    let app = asking(database, TokenDialect::AccessToken).await;
    let machine = Machine::new(&app).await;
    let id = app.person(EMAIL).await.id.to_string();
    let clerk = role(&machine, "Clerk", &["read:things", "write:things"]).await;
    let own = format!("{}/permissions", path(&id));
    let both = permissions(&["read:things", "write:things"]);
    let _ = machine.post(&own, &both).await.expect(201);
    let grant = json!({
        "client_id": SPA, "audience": CUSTOM_API, "scope": ["read:things", "write:things"]
    });
    let grant = machine.post("client-grants", &grant).await.expect(201).text("/id");
    let one = json!({ "scopes": [{ "value": "read:things" }] });
    let _ = machine.patch(API, &one).await.expect(200);
    let two = json!({ "scopes": [{ "value": "read:things" }, { "value": "write:things" }] });
    let _ = machine.patch(API, &two).await.expect(200);
    let of_role = machine.get(&format!("{clerk}/permissions")).await.expect(200).json();
    let of_user = machine.get(&own).await.expect(200).json();
    for left in [of_role, of_user] {
        assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
        assert_eq!(left[0]["permission_name"], "read:things");
    }
    let grant = machine.get(&format!("client-grants/{grant}")).await.expect(200).json();
    assert_eq!(grant["scope"], json!(["read:things"]));
}

on_both_engines! {
    people_get_what_they_may,
    refreshing_asks_again,
    people_agree_to_what_they_may,
    tokens_name_all_permissions,
    the_standard_dialect,
    a_dialect_is_set_and_reset,
    a_scope_that_goes_goes_everywhere,
}
