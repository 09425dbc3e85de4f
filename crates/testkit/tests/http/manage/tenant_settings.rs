//! `/api/v2/tenants/settings` (contract 05 §12).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::seed::{CUSTOM_API, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

const PATH: &str = "tenants/settings";

async fn change(machine: &Machine<'_>, body: Value) -> Value {
    let changed = machine.patch(PATH, &body).await.expect(200).json();
    assert_eq!(machine.get(PATH).await.expect(200).json(), changed);
    changed
}

async fn a_tenant_begins_with_the_defaults(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    assert_shown!(machine.get(PATH).await.expect(200).json(), @r#"
    {
      "acr_values_supported": [],
      "allow_organization_name_in_authentication_api": false,
      "allowed_logout_urls": [
        "https://home.example/"
      ],
      "authorization_response_iss_parameter_supported": false,
      "customize_mfa_in_postlogin_action": false,
      "default_audience": "",
      "default_directory": "Username-Password-Authentication",
      "device_flow": {
        "charset": "base20",
        "mask": "****-****"
      },
      "enabled_locales": [
        "en"
      ],
      "ephemeral_session_lifetime": 72,
      "flags": {},
      "friendly_name": "The acme tenant",
      "idle_ephemeral_session_lifetime": 24,
      "idle_session_lifetime": 72,
      "mtls": {
        "enable_endpoint_aliases": false
      },
      "oidc_logout": {
        "rp_logout_end_session_endpoint_discovery": true
      },
      "phone_consolidated_experience": true,
      "pushed_authorization_requests_supported": false,
      "resource_parameter_profile": "audience",
      "sandbox_version": "22",
      "sandbox_versions_available": [
        "22"
      ],
      "session_cookie": {
        "mode": "persistent"
      },
      "session_lifetime": 168,
      "sessions": {
        "oidc_logout_prompt_enabled": true
      },
      "skip_non_verifiable_callback_uri_confirmation_prompt": false
    }
    "#);
    let some = machine.get(&format!("{PATH}?fields=session_lifetime,flags")).await.expect(200);
    assert_eq!(some.json(), json!({ "session_lifetime": 168, "flags": {} }));
}

async fn what_is_set_comes_back_and_null_resets_it(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let before = machine.get(PATH).await.expect(200).json();
    let all = json!({
        "friendly_name": "Acme", "picture_url": "https://acme.example/a.png",
        "support_email": "help@acme.example", "support_url": "https://acme.example/help",
        "default_redirection_uri": "https://acme.example/start", "default_audience": "https://a/",
        "allowed_logout_urls": ["https://acme.example/bye"], "enabled_locales": ["en", "de"],
        "session_cookie": { "mode": "non-persistent" },
        "sessions": { "oidc_logout_prompt_enabled": false },
        "oidc_logout": { "rp_logout_end_session_endpoint_discovery": false },
        "acr_values_supported": ["urn:a"], "authorization_response_iss_parameter_supported": true,
        "skip_non_verifiable_callback_uri_confirmation_prompt": true,
        "device_flow": { "charset": "digits", "mask": "***" },
        "error_page": { "html": "<p>", "show_log_link": true, "url": "https://acme.example/no" },
        "change_password": { "enabled": false, "html": "" }, "sandbox_version": "18",
        "mtls": { "enable_endpoint_aliases": true }, "default_token_quota": { "clients": {} },
    });
    let changed = change(&machine, all.clone()).await;
    for (name, value) in all.as_object().expect("an object") {
        assert_eq!(changed[name], *value, "{name}");
    }
    let names = all.as_object().expect("an object").keys();
    let nulls: Value =
        names.map(|name| (name.clone(), Value::Null)).collect::<serde_json::Map<_, _>>().into();
    let reset = change(&machine, nulls).await;
    // The test's tenant did not begin with all defaults.
    assert_eq!(reset["allowed_logout_urls"], json!([]));
    for (name, value) in reset.as_object().expect("an object") {
        if !matches!(name.as_str(), "allowed_logout_urls" | "friendly_name") {
            assert_eq!(before[name], *value, "{name}");
        }
    }
    let _ = change(&machine, json!({ "support_url": "https://a.example" })).await;
    assert_eq!(change(&machine, json!({ "support_url": "" })).await.get("support_url"), None);
}

async fn lifetimes_are_hours_or_minutes(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let changed = change(&machine, json!({ "session_lifetime_in_minutes": 181 })).await;
    assert_eq!(changed["session_lifetime"], json!(181.0 / 60.0));
    assert_eq!(changed["idle_session_lifetime"], 72);
    let again =
        json!({ "session_lifetime": changed["session_lifetime"], "idle_session_lifetime": 1 });
    assert_eq!(change(&machine, again).await["session_lifetime"], changed["session_lifetime"]);
    app.person(EMAIL).await;
    let browser = app.browser();
    let request = app.authorize("openid");
    let page = browser.authorize_as(&request, EMAIL).await;
    let cookie = page.reply.cookie("auth0").expect("a cookie").to_owned();
    assert!(cookie.contains(&format!("Max-Age={}", 181 * 60)), "{cookie}");
    app.clock().advance(3600);
    let page = browser.authorize(&request.with("prompt", "none")).await;
    assert_eq!(page.error().0, "login_required", "unused for an hour");
}

async fn sessions_can_end_with_the_browser(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({
        "session_cookie": { "mode": "non-persistent" },
        "ephemeral_session_lifetime": 2, "idle_ephemeral_session_lifetime_in_minutes": 90,
    });
    let _ = change(&machine, body).await;
    app.person(EMAIL).await;
    let browser = app.browser();
    let request = app.authorize("openid");
    let page = browser.authorize_as(&request, EMAIL).await;
    let cookie = page.reply.cookie("auth0").expect("a cookie").to_owned();
    assert!(!cookie.contains("Max-Age"), "{cookie}");
    let silent = request.with("prompt", "none");
    app.clock().advance(89 * 60);
    let _ = browser.authorize(&silent).await.code();
    app.clock().advance(31 * 60);
    assert_eq!(browser.authorize(&silent).await.error().0, "login_required", "after two hours");
}

async fn metadata_and_answers_follow(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = json!({
        "acr_values_supported": ["urn:a"], "authorization_response_iss_parameter_supported": true,
        "oidc_logout": { "rp_logout_end_session_endpoint_discovery": false },
        "flags": { "remove_alg_from_jwks": true, "some_new_flag": true },
    });
    let changed = change(&machine, body).await;
    assert_eq!(changed["flags"]["some_new_flag"], true);
    let document = app.get("/.well-known/openid-configuration").send().await.expect(200).json();
    assert_eq!(document["acr_values_supported"], json!(["urn:a"]));
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(document.get("end_session_endpoint"), None);
    let keys = app.get("/.well-known/jwks.json").send().await.expect(200).json();
    assert_eq!(keys["keys"][0].get("alg"), None);
    app.person(EMAIL).await;
    let page = app.browser().authorize_as(&app.authorize("openid"), EMAIL).await;
    assert_eq!(page.param("iss").as_deref(), Some("https://acme.example/"));
    let silent = app.authorize("openid").with("prompt", "none");
    let page = app.browser().authorize(&silent).await;
    assert_eq!(page.param("iss").as_deref(), Some("https://acme.example/"), "errors, too");
    // Flags are merged.
    let flags = change(&machine, json!({ "flags": { "remove_alg_from_jwks": false } })).await;
    assert_eq!(flags["flags"], json!({ "remove_alg_from_jwks": false, "some_new_flag": true }));
}

async fn errors_are_shown_where_the_tenant_says(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let url = "https://acme.example/oops?from=login";
    let _ = change(&machine, json!({ "error_page": { "url": url } })).await;
    let reply = app.get("/authorize?client_id=nobody&response_type=code").send().await;
    assert!(reply.status.is_redirection(), "{}", reply.status);
    assert!(reply.location().starts_with(&format!("{url}&error=")), "{}", reply.location());
    let _ = change(&machine, json!({ "error_page": null })).await;
    let uri = "https://acme.example/start";
    let _ = change(&machine, json!({ "default_redirection_uri": uri })).await;
    let lost = app.get("/u/login/identifier?state=gone").send().await.expect(400);
    assert!(lost.body.replace("&#x2f;", "/").contains(uri), "{}", lost.body);
}

async fn signing_out_asks_unless_told_not_to(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let page = user.browser.open("https://acme.example/oidc/logout").await;
    assert_eq!(page.reply.status, 200, "asks");
    let _ = change(&machine, json!({ "sessions": { "oidc_logout_prompt_enabled": false } })).await;
    let _ = user.browser.open("https://acme.example/oidc/logout").await;
    let silent = app.authorize("openid").with("prompt", "none");
    assert_eq!(user.browser.authorize(&silent).await.error().0, "login_required");
}

async fn requests_must_be_pushed_where_the_tenant_says(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let request = app.authorize("openid");
    let must = json!({ "flags": { "require_pushed_authorization_requests": true } });
    let _ = change(&machine, must).await;
    let refused = app.get(&request.path()).send().await.expect(302);
    assert_eq!(refused.answered("error").as_deref(), Some("invalid_request"));
    let push = app.post("/oauth/par").header("content-type", "application/x-www-form-urlencoded");
    let pushed = push.body(request.query()).send().await.expect(201).text("/request_uri");
    let pairs = [("client_id", SPA), ("request_uri", pushed.as_str())];
    let path = format!("/authorize?{}", housekey_testkit::request::encode_pairs(&pairs));
    assert!(app.get(&path).send().await.expect(302).location().starts_with("/u/"));
    let document = app.get("/.well-known/openid-configuration").send().await.expect(200).json();
    assert_eq!(document["require_pushed_authorization_requests"], true);
    // The account page is none of those.
    let tenant = app.tenant_on("acme.example").await;
    let account = tenant.clients().find(|client| client.settings.is_system).expect("the page");
    let own = app.authorize_on("acme.example", account.id.as_str(), "openid");
    let own = own.with("redirect_uri", "https://acme.example/account");
    assert!(app.get(&own.path()).send().await.expect(302).location().starts_with("/u/"));
}

async fn a_resource_can_stand_for_the_audience(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let named =
        app.authorize("openid").with("audience", "").with("resource", "https://nobody.example/");
    let location = async || app.get(&named.path()).send().await.expect(302);
    assert!(location().await.location().starts_with("/u/"), "nobody looks at it");
    let on = json!({ "resource_parameter_profile": "compatibility" });
    assert_eq!(change(&machine, on).await["resource_parameter_profile"], "compatibility");
    assert_eq!(location().await.answered("error").as_deref(), Some("access_denied"));
    let known = named.clone().with("resource", CUSTOM_API);
    assert!(app.get(&known.path()).send().await.expect(302).location().starts_with("/u/"));
    let _ = change(&machine, json!({ "resource_parameter_profile": null })).await;
    assert!(location().await.location().starts_with("/u/"));
}

async fn consent_is_asked_in_the_words_of_the_api(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let request = app.authorize("openid read:things").with("audience", CUSTOM_API);
    let page = app.browser().authorize_as(&request, EMAIL).await;
    assert!(page.screen() == "consent" && page.reply.body.contains("read your things"));
    let flag = json!({ "flags": { "use_scope_descriptions_for_consent": true } });
    let _ = change(&machine, flag).await;
    let page = app.browser().authorize_as(&request, EMAIL).await;
    assert!(page.reply.body.contains("See things"), "{}", page.reply.body);
}

async fn what_cannot_be_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for (body, code) in [
        (json!({ "default_directory": "nowhere" }), "invalid_body"),
        (json!({ "default_redirection_uri": "http://a.example" }), "invalid_body"),
        (json!({ "picture_url": "x" }), "invalid_body"),
        (json!({ "support_email": "x" }), "invalid_body"),
        (json!({ "session_lifetime": 0 }), "invalid_body"),
        (json!({ "session_lifetime_in_minutes": 0 }), "invalid_body"),
        (json!({ "session_cookie": {} }), "invalid_body"),
        (json!({ "error_page": { "url": "javascript:alert(1)" } }), "invalid_body"),
        (json!({ "flags": { "x": 1 } }), "invalid_body"),
        (json!({ "nonsense": 1 }), "invalid_body"),
        (json!({ "sandbox_versions_available": [] }), "invalid_body"),
        (json!({ "customize_mfa_in_postlogin_action": true }), "operation_not_supported"),
        (json!({ "flags": { "enable_sso": false } }), "operation_not_supported"),
        (
            json!({ "flags": { "enable_dynamic_client_registration": true } }),
            "operation_not_supported",
        ),
    ] {
        assert_eq!(refusal(&machine.patch(PATH, &body).await).1, code, "{body}");
    }
}

on_both_engines! {
    a_tenant_begins_with_the_defaults,
    what_is_set_comes_back_and_null_resets_it,
    lifetimes_are_hours_or_minutes,
    sessions_can_end_with_the_browser,
    metadata_and_answers_follow,
    errors_are_shown_where_the_tenant_says,
    signing_out_asks_unless_told_not_to,
    requests_must_be_pushed_where_the_tenant_says,
    a_resource_can_stand_for_the_audience,
    consent_is_asked_in_the_words_of_the_api,
    what_cannot_be_is_refused,
}
