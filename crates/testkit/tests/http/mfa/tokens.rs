//! Require 2FA at the token endpoint: codes, refresh tokens, passkeys (contract 03 §8.1, 04 §8.4).

use housekey_core::client::GrantType;
use housekey_testkit::TestDatabase;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::passkey::{Authenticator, KeyKind};
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, authenticator, jwt};
use serde_json::{Value, json};

use super::{
    always, give_app, refusal, refused, request, require_2fa, sign_in, unverified, with_app,
};

const UNMET: &str = "unmet_authentication_requirements";

async fn start(database: TestDatabase) -> TestApp {
    super::without_mail(database).await.configure(require_2fa).start().await
}

async fn a_refresh_token_is_good_for_fifteen_minutes(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    let (_, refresh) = sign_in(&app, &secret).await;
    app.clock().advance(899);
    let refresh = app.refresh(SPA, &refresh).await.expect(200).text("/refresh_token");
    app.clock().advance(1);
    let refresh = app.refresh(SPA, &refresh).await.expect(200).text("/refresh_token");
    app.clock().advance(1);
    let reply = app.refresh(SPA, &refresh).await;
    assert_shown!(reply.seen(), { ".body.mfa_token" => "[token]" }, @r#"
    {
      "body": {
        "error": "mfa_required",
        "error_description": "Multifactor authentication required",
        "mfa_requirements": {
          "challenge": [
            {
              "type": "otp"
            }
          ]
        },
        "mfa_token": "[token]"
      },
      "status": 403
    }
    "#);
    assert!(reply.headers.get("www-authenticate").is_none());
    // Nothing was used up, and nothing is reuse.
    for _ in 0..2 {
        assert_eq!(refusal(&app.refresh(SPA, &refresh).await), refused(403, "mfa_required"));
    }
}

async fn refreshing_moves_nothing(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    let (_, mut refresh) = sign_in(&app, &secret).await;
    for _ in 0..3 {
        app.clock().advance(300);
        refresh = app.refresh(SPA, &refresh).await.expect(200).text("/refresh_token");
    }
    app.clock().advance(1);
    assert_eq!(refusal(&app.refresh(SPA, &refresh).await), refused(403, "mfa_required"));
}

async fn whoever_has_none_is_held_to_the_login(database: TestDatabase) {
    let app = start(database).await;
    unverified(&app).await;
    let user = app.sign_in_as(EMAIL, SPA, &format!("openid offline_access {ME}")).await;
    app.clock().advance(900);
    let next = app.refresh(SPA, &user.tokens.refresh).await.expect(200).text("/refresh_token");
    app.clock().advance(1);
    for _ in 0..2 {
        let reply = app.refresh(SPA, &next).await;
        assert_eq!(refusal(&reply), refused(403, UNMET));
        assert!(reply.json().get("mfa_requirements").is_none());
    }
}

async fn a_verified_address_changes_the_class_at_once(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(require_2fa).start().await;
    unverified(&app).await;
    let user = app.sign_in_as(EMAIL, SPA, &format!("openid offline_access {ME}")).await;
    app.clock().advance(60);
    app.sql(
        "UPDATE users SET profile = replace(profile, '\"email_verified\":false', \
         '\"email_verified\":true')",
    )
    .await;
    app.clock().advance(60);
    let reply = app.refresh(SPA, &user.tokens.refresh).await;
    assert_eq!(refusal(&reply), refused(403, "mfa_required"));
    let requirements = &reply.json()["mfa_requirements"];
    assert_eq!(*requirements, json!({ "challenge": [{ "type": "email" }] }));
}

async fn the_first_factor_enrolled_by_the_api_counts(database: TestDatabase) {
    let app = start(database).await;
    let (user, _) = with_app(&app).await;
    // Enrolled half a minute ago with this token.
    app.clock().advance(870);
    let next = app.refresh(SPA, &user.tokens.refresh).await.expect(200).text("/refresh_token");
    let silent = request(&app).with("prompt", "none");
    let _code = user.browser.authorize(&silent).await.code();
    app.clock().advance(1);
    assert_eq!(refusal(&app.refresh(SPA, &next).await), refused(403, "mfa_required"));
}

async fn a_second_one_renews_nothing(database: TestDatabase) {
    let app = start(database).await;
    let (user, _) = with_app(&app).await;
    let begun = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    app.clock().advance(300);
    let second = begun.text("/manual_input_code");
    let proof = json!({
        "auth_session": begun.text("/auth_session"),
        "otp_code": authenticator::code(&second, app.now()),
    });
    let _ = user.verify(&begun.text("/id"), &proof).await.expect(201);
    app.messages().await;
    app.clock().advance(571);
    let reply = app.refresh(SPA, &user.tokens.refresh).await;
    assert_eq!(refusal(&reply), refused(403, "mfa_required"));
}

async fn a_code_is_looked_at_again(database: TestDatabase) {
    let app = start(database).await;
    let (user, _) = with_app(&app).await;
    // In time when it was issued, not when it was exchanged.
    let page = user.browser.authorize(&request(&app).with("prompt", "none")).await;
    let _code = page.code();
    app.clock().advance(860);
    let asked = request(&app).with("prompt", "none");
    let code = user.browser.authorize(&asked).await.code();
    app.clock().advance(50);
    assert_eq!(refusal(&app.exchange(&asked, &code).await), refused(403, UNMET));
}

async fn a_code_from_before_a_factor_was_added(database: TestDatabase) {
    let app = start(database).await;
    app.person(EMAIL).await;
    let asked = request(&app);
    let code = app.browser().authorize_as(&asked, EMAIL).await.code();
    // The same person adds a factor in another browser.
    let user = app.sign_in_as(EMAIL, SPA, &format!("openid {ME}")).await;
    let begun = user.enroll(&json!({ "type": "totp" })).await.expect(202);
    let otp = authenticator::code(&begun.text("/manual_input_code"), app.now());
    let proof = json!({ "auth_session": begun.text("/auth_session"), "otp_code": otp });
    let _ = user.verify(&begun.text("/id"), &proof).await.expect(201);
    app.messages().await;
    assert_eq!(refusal(&app.exchange(&asked, &code).await), refused(403, UNMET));
}

async fn id_tokens_tell_of_it_once(database: TestDatabase) {
    let app = start(database).await;
    let (_, secret) = with_app(&app).await;
    let browser = app.browser();
    let asked = request(&app);
    let page = browser.authorize_as(&asked, EMAIL).await;
    let code = give_app(&app, &browser, &page, &secret).await.code();
    let reply = app.exchange(&asked, &code).await.expect(200);
    let claims = jwt::claims(&reply.text("/id_token"));
    assert_eq!(claims["amr"], json!(["mfa"]));
    assert_eq!(claims["acr"], "http://schemas.openid.net/pape/policies/2007/06/multi-factor");
    let refreshed = app.refresh(SPA, &reply.text("/refresh_token")).await.expect(200);
    let silent = request(&app).with("prompt", "none");
    let code = browser.authorize(&silent).await.code();
    let silent = app.exchange(&silent, &code).await.expect(200);
    for reply in [refreshed, silent] {
        let claims = jwt::claims(&reply.text("/id_token"));
        assert!(claims.get("amr").is_none() && claims.get("acr").is_none(), "{claims}");
    }
}

/// Signs up on an app's page with a passkey; what the token endpoint says.
async fn with_passkey(app: &TestApp, scope: &str) -> housekey_testkit::request::Reply {
    let body = json!({ "client_id": SPA, "user_profile": { "email": "new@example.com" } });
    let begun = app.post("/passkey/register").json(&body).send().await.expect(200).json();
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, "https://acme.example");
    let made = authenticator.create(&begun["authn_params_public_key"]);
    let first = passkey_grant(&begun, &made, "openid");
    let _ = app.post("/oauth/token").json(&first).send().await;
    app.messages().await;
    app.sql(
        "UPDATE users SET profile = replace(profile, '\"email_verified\":false', \
         '\"email_verified\":true')",
    )
    .await;
    let body = json!({ "client_id": SPA });
    let begun = app.post("/passkey/challenge").json(&body).send().await.expect(200).json();
    let used = authenticator.get(&begun["authn_params_public_key"]);
    let mut grant = passkey_grant(&begun, &used, scope);
    grant["audience"] = format!("{}me/", app.issuer()).into();
    app.post("/oauth/token").json(&grant).send().await
}

fn passkey_grant(begun: &Value, response: &Value, scope: &str) -> Value {
    json!({
        "grant_type": "urn:okta:params:oauth:grant-type:webauthn",
        "client_id": SPA,
        "auth_session": begun["auth_session"],
        "authn_response": response,
        "scope": scope,
    })
}

async fn a_passkey_is_no_second_factor(database: TestDatabase) {
    let allow = |settings: &mut housekey_core::client::ClientSettings| {
        settings.grant_types.push(GrantType::Webauthn);
    };
    let builder = TestApp::build(database).await.passkeys().client(SPA, allow);
    let app = builder.configure(require_2fa).start().await;
    let reply = with_passkey(&app, &format!("openid {ME}")).await;
    assert_eq!(refusal(&reply), refused(403, "mfa_required"));
    let requirements = &reply.json()["mfa_requirements"];
    assert_eq!(*requirements, json!({ "challenge": [{ "type": "email" }] }));
}

async fn a_passkey_is_enough_where_nothing_is_demanded(database: TestDatabase) {
    let allow = |settings: &mut housekey_core::client::ClientSettings| {
        settings.grant_types.push(GrantType::Webauthn);
    };
    let builder = TestApp::build(database).await.passkeys().client(SPA, allow);
    let app = builder.start().await;
    let _ = with_passkey(&app, &format!("openid {ME}")).await.expect(200);
}

async fn the_tenants_policy_holds_for_passkeys_of_apps(database: TestDatabase) {
    let allow = |settings: &mut housekey_core::client::ClientSettings| {
        settings.grant_types.push(GrantType::Webauthn);
    };
    let builder = super::without_mail(database).await.passkeys().client(SPA, allow);
    let app = builder.configure(always).start().await;
    let reply = with_passkey(&app, "openid").await;
    assert_eq!(refusal(&reply), refused(403, "mfa_required"));
    let requirements = &reply.json()["mfa_requirements"];
    assert_eq!(*requirements, json!({ "enroll": [{ "type": "otp" }] }));
}

async fn the_tenants_policy_does_not_ask_on_a_refresh(database: TestDatabase) {
    let app = super::without_mail(database).await.start().await;
    let (user, _) = with_app(&app).await;
    app.clock().advance(5000);
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(200);
}

on_both_engines! {
    a_refresh_token_is_good_for_fifteen_minutes,
    refreshing_moves_nothing,
    whoever_has_none_is_held_to_the_login,
    a_verified_address_changes_the_class_at_once,
    the_first_factor_enrolled_by_the_api_counts,
    a_second_one_renews_nothing,
    a_code_is_looked_at_again,
    a_code_from_before_a_factor_was_added,
    id_tokens_tell_of_it_once,
    a_passkey_is_no_second_factor,
    a_passkey_is_enough_where_nothing_is_demanded,
    the_tenants_policy_holds_for_passkeys_of_apps,
    the_tenants_policy_does_not_ask_on_a_refresh,
}
