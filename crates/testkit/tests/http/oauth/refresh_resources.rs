//! One refresh token for several APIs (contract 03 §9.3).

use housekey_core::client::{ClientSettings, RefreshTokenPolicy};
use housekey_core::tenant::Configuration;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{CUSTOM_API, SPA};
use housekey_testkit::{TestApp, TestDatabase, jwt};
use serde_json::json;

use super::{INVALID_TOKEN, expected, refusal};

const MY_ACCOUNT: &str = "https://acme.example/me/";
const MANAGEMENT: &str = "https://acme.example/api/v2/";
const LOGIN: &str = "openid profile offline_access read:things";

fn policy(audience: &str, scope: &[&str]) -> RefreshTokenPolicy {
    let scope = scope.iter().map(|&scope| scope.to_owned()).collect();
    RefreshTokenPolicy { audience: audience.to_owned(), scope }
}

fn policies(settings: &mut ClientSettings) {
    settings.refresh_token.policies = vec![
        policy(MY_ACCOUNT, &["read:me:factors", "read:me:authentication_methods", "no:such"]),
        policy(CUSTOM_API, &["write:things"]),
        policy(MANAGEMENT, &["read:users"]),
        policy("https://gone.example/", &["read:all"]),
    ];
}

/// The custom API asks nobody for consent.
fn ask_nobody(configuration: &mut Configuration) {
    for api in &mut configuration.resource_servers {
        api.settings.skip_consent_for_verifiable_first_party_clients = true;
    }
}

async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.client(SPA, policies).configure(ask_nobody).start().await
}

/// Signs in for the custom API; its refresh token.
async fn sign_in(app: &TestApp) -> String {
    app.person(EMAIL).await;
    let request = app.authorize(LOGIN).with("audience", CUSTOM_API);
    let code = app.browser().authorize_as(&request, EMAIL).await.code();
    app.exchange(&request, &code).await.expect(200).text("/refresh_token")
}

async fn refresh(app: &TestApp, token: &str, more: &[(&str, &str)]) -> Reply {
    let mut form =
        vec![("grant_type", "refresh_token"), ("client_id", SPA), ("refresh_token", token)];
    form.extend(more);
    app.post("/oauth/token").form(&form).send().await
}

async fn a_policy_opens_another_api(database: TestDatabase) {
    let app = start(database).await;
    let token = sign_in(&app).await;
    let reply = refresh(&app, &token, &[("audience", MY_ACCOUNT)]).await.expect(200);
    let scope = "openid profile offline_access read:me:factors read:me:authentication_methods";
    assert_eq!(reply.text("/scope"), scope, "all of the policy that there is");
    let access = reply.text("/access_token");
    let claims = jwt::claims(&access);
    assert_eq!(claims["aud"], json!([MY_ACCOUNT, "https://acme.example/userinfo"]));
    let _ = app.get("/me/v1/factors").bearer(&access).send().await.expect(200);

    // The successor is good for all of them.
    let token = reply.text("/refresh_token");
    let narrow = [("audience", MY_ACCOUNT), ("scope", "openid read:me:factors read:users")];
    let reply = refresh(&app, &token, &narrow).await.expect(200);
    assert_eq!(reply.text("/scope"), "openid read:me:factors", "what is not there is left out");
    let reply = refresh(&app, &reply.text("/refresh_token"), &[]).await.expect(200);
    assert_eq!(jwt::claims(&reply.text("/access_token"))["aud"][0], CUSTOM_API);
    assert_eq!(reply.text("/scope"), "openid profile offline_access read:things write:things");
    let named = [("audience", CUSTOM_API), ("scope", "write:things")];
    let reply = refresh(&app, &reply.text("/refresh_token"), &named).await.expect(200);
    assert_eq!(reply.text("/scope"), "write:things");
}

fn not_authorized(audience: &str) -> (u16, String, String) {
    let text = format!("Client is not authorized to access resource server \"{audience}\"");
    expected(403, "access_denied", &text)
}

async fn without_one_there_is_none(database: TestDatabase) {
    let app = start(database).await;
    let token = sign_in(&app).await;
    for audience in [MANAGEMENT, "https://gone.example/", "https://other.example/", "x"] {
        let reply = refresh(&app, &token, &[("audience", audience)]).await;
        assert_eq!(refusal(&reply), not_authorized(audience));
    }
    let reply = refresh(&app, &token, &[("audience", MY_ACCOUNT)]).await.expect(200);
    let _ = app.get("/me/v1/factors").bearer(&reply.text("/access_token")).send().await.expect(200);
}

/// What an API's owner or administrators take back counts from the next exchange on.
async fn policies_are_read_anew_each_time(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .client(SPA, |settings| {
            policies(settings);
            settings.is_first_party = false;
        })
        .configure(ask_nobody)
        .start()
        .await;
    app.person(EMAIL).await;
    let request = app.authorize("openid offline_access").with("audience", "");
    let code = app.browser().authorize_as(&request, EMAIL).await.code();
    let token = app.exchange(&request, &code).await.expect(200).text("/refresh_token");
    let reply = refresh(&app, &token, &[("audience", CUSTOM_API)]).await;
    assert_eq!(refusal(&reply), not_authorized(CUSTOM_API), "third parties ask each person");
    let _ = refresh(&app, &token, &[]).await.expect(200);
}

/// Consent is asked for at the browser alone, so such an API is none for this.
async fn an_api_that_asks_people_is_none(database: TestDatabase) {
    let app = TestApp::build(database).await.client(SPA, policies).start().await;
    let token = app.sign_in().await.tokens.refresh;
    let reply = refresh(&app, &token, &[("audience", CUSTOM_API)]).await;
    assert_eq!(refusal(&reply), not_authorized(CUSTOM_API));
}

async fn reuse_is_found_out_across_apis(database: TestDatabase) {
    let app = start(database).await;
    let first = sign_in(&app).await;
    let second = refresh(&app, &first, &[("audience", MY_ACCOUNT)]).await.expect(200);
    let second = second.text("/refresh_token");
    let _ = refresh(&app, &second, &[]).await.expect(200);
    let invalid = expected(403, "invalid_grant", INVALID_TOKEN);
    assert_eq!(refusal(&refresh(&app, &first, &[("audience", MY_ACCOUNT)]).await), invalid);
    assert_eq!(refusal(&refresh(&app, &second, &[("audience", MY_ACCOUNT)]).await), invalid);
}

on_both_engines! {
    a_policy_opens_another_api,
    without_one_there_is_none,
    policies_are_read_anew_each_time,
    an_api_that_asks_people_is_none,
    reuse_is_found_out_across_apis,
}
