//! What a tenant's flags and the rest of its settings do elsewhere (contract 05 §12).

use housekey_core::tenant::{Configuration, Domain, MfaPolicy};
use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::seed::{CUSTOM_API, SPA};
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, encoded};

const CUSTOM: &str = "login.acme.example";

async fn set(machine: &Machine<'_>, settings: &Value) {
    let _ = machine.patch("tenants/settings", settings).await.expect(200);
}

async fn flag(machine: &Machine<'_>, name: &str, value: bool) {
    set(machine, &json!({ "flags": { name: value } })).await;
}

async fn consent_speaks_as_the_tenant_wants(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let api = machine.get(&format!("resource-servers/{}", encoded(CUSTOM_API))).await.expect(200);
    let scopes = json!({ "scopes": [
        { "value": "read:things", "description": "Look at <all> your things" },
        { "value": "write:things", "description": "" },
    ] });
    let path = format!("resource-servers/{}", api.text("/id"));
    let _ = machine.patch(&path, &scopes).await.expect(200);
    let user = app.sign_in().await;
    let request = app.authorize("read:things write:things").with("audience", CUSTOM_API);
    let page = user.browser.authorize(&request).await.reply.body;
    assert!(page.contains("read and write your things"), "{page}");
    flag(&machine, "use_scope_descriptions_for_consent", true).await;
    let page = user.browser.authorize(&request).await.reply.body;
    assert!(page.contains("Look at &lt;all&gt; your things"), "{page}");
    assert!(page.contains("write your things") && !page.contains("read and write"), "{page}");
}

async fn pages_are_framed_only_if_wanted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let headers = async || {
        let reply = app.browser().authorize(&app.authorize("openid")).await.reply;
        let policy = reply.header("content-security-policy").expect("a policy").to_owned();
        (policy.contains("frame-ancestors 'none'"), reply.header("x-frame-options").is_some())
    };
    assert_eq!(headers().await, (true, true));
    flag(&machine, "disable_clickjack_protection_headers", true).await;
    assert_eq!(headers().await, (false, false));
}

async fn whether_somebody_exists_is_told_if_wanted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let sign_up = async || {
        let request = app.authorize("openid").with("screen_hint", "signup");
        let browser = app.browser();
        let page = browser.authorize(&request).await;
        let page = browser.submit(&page, &[("email", EMAIL)]).await;
        let page = browser.submit(&page, &[("password", PASSWORD)]).await;
        app.message().await;
        page.errors()
    };
    assert_eq!(sign_up().await, [":user-exists"]);
    flag(&machine, "enable_public_signup_user_exists_error", true).await;
    assert_eq!(sign_up().await, [":email-in-use"]);
}

fn several_factors(tenant: &mut Configuration) {
    let settings = &mut tenant.tenant.settings;
    settings.mfa_policy = MfaPolicy::AllApplications;
    (settings.factors.email, settings.factors.sms) = (false, true);
}

async fn signed_in(app: &TestApp, browser: &Browser<'_>) -> Page {
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    browser.submit(&page, &[("password", PASSWORD)]).await
}

async fn enrolling_begins_with_a_list_or_with_the_first(database: TestDatabase) {
    let app = TestApp::build(database).await.phones().configure(several_factors).start().await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let list = signed_in(&app, &app.browser()).await;
    assert_eq!(list.screen(), "mfa-begin-enroll-options");
    flag(&machine, "mfa_show_factor_list_on_enrollment", false).await;
    let browser = app.browser();
    let first = signed_in(&app, &browser).await;
    assert_eq!(first.screen(), "mfa-otp-enrollment-qr");
    let others = browser.submit(&first, &[("action", "pick-authenticator")]).await;
    assert_eq!(others.screen(), "mfa-begin-enroll-options");
}

async fn numbers_are_shown_as_wanted(database: TestDatabase) {
    let app = TestApp::build(database).await.phones().configure(several_factors).start().await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let user = machine.get(&format!("users-by-email?email={EMAIL}")).await.expect(200);
    let methods = format!("users/{}/authentication-methods", encoded(&user.text("/0/user_id")));
    let phone = json!({
        "type": "phone", "name": "p", "phone_number": "+4930123456",
        "preferred_authentication_method": "sms",
    });
    let made = machine.post(&methods, &phone).await.expect(201);
    assert_eq!(made.text("/phone_number"), "+4930123456");
    flag(&machine, "disable_management_api_sms_obfuscation", false).await;
    for path in [methods.clone(), format!("{methods}/{}", encoded(&made.text("/id")))] {
        let body = machine.get(&path).await.expect(200).body;
        assert!(body.contains("XXXXXXXX3456") && !body.contains("30123456"), "{body}");
    }
    for (masking, shown, autocomplete) in [
        ("mask_digits", "<strong>XXXXXXXX3456</strong>", "one-time-code"),
        ("hide_country_code", "<strong>30123456</strong>", "off"),
        ("show_all", "<strong>+4930123456</strong>", "one-time-code"),
    ] {
        let identifiers = json!({
            "otp_autocomplete": autocomplete != "off", "phone_display": { "masking": masking },
        });
        let _ = machine.patch("branding", &json!({ "identifiers": identifiers })).await.expect(200);
        let page = signed_in(&app, &app.browser()).await;
        assert_eq!(page.screen(), "mfa-sms-challenge");
        app.messages().await;
        assert!(page.reply.body.contains(shown), "{shown} in {}", page.reply.body);
        let attribute = format!("autocomplete=\"{autocomplete}\"");
        assert!(page.reply.body.contains(&attribute), "{attribute}");
    }
}

async fn revoking_withdraws_what_was_allowed_if_wanted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in().await;
    let request = app.authorize("offline_access read:things").with("audience", CUSTOM_API);
    let page = user.browser.authorize(&request).await;
    let code = user.browser.submit(&page, &[("action", "accept")]).await.code();
    let first = app.exchange(&request, &code).await.expect(200).text("/refresh_token");
    let again = async || {
        let code = user.browser.authorize(&request).await.code();
        app.exchange(&request, &code).await.expect(200).text("/refresh_token")
    };
    let (second, third) = (again().await, again().await);
    let revoke = async |token: &str| {
        let form = [("client_id", SPA), ("token", token)];
        let _ = app.post("/oauth/revoke").form(&form).send().await.expect(200);
    };
    revoke(&first).await;
    assert_eq!(app.refresh(SPA, &second).await.status, 200, "only that one");
    flag(&machine, "revoke_refresh_token_grant", true).await;
    revoke(&third).await;
    assert_eq!(app.refresh(SPA, &second).await.status, 403);
    assert_eq!(user.browser.authorize(&request).await.screen(), "consent", "asked again");
}

async fn requests_are_pushed_and_values_known_if_wanted(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let ask = async |acr: &str| {
        app.browser().authorize(&app.authorize("openid").with("acr_values", acr)).await
    };
    assert_eq!(ask("urn:gold").await.screen(), "login-id");
    set(&machine, &json!({ "acr_values_supported": ["urn:silver"] })).await;
    assert_eq!(ask("urn:silver").await.screen(), "login-id");
    assert_eq!(ask("").await.screen(), "login-id");
    assert_eq!(ask("urn:silver urn:gold").await.error().0, "invalid_request");
    flag(&machine, "require_pushed_authorization_requests", true).await;
    assert_eq!(ask("").await.error().0, "invalid_request");
}

async fn mails_lead_to_the_domain_that_is_wanted(database: TestDatabase) {
    let add = |tenant: &mut Configuration| tenant.domains.push(Domain::verified(CUSTOM, false));
    let app = TestApp::build(database).await.configure(add).start().await;
    let machine = Machine::new(&app).await;
    let link = async |address: &str| {
        let request = app.authorize_on(CUSTOM, SPA, "openid").with("screen_hint", "signup");
        let browser = app.browser();
        let page = browser.authorize(&request).await;
        let page = browser.submit(&page, &[("email", address)]).await;
        let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
        app.message().await.content.link.expect("a link")
    };
    assert!(link("a@example.com").await.starts_with("https://login.acme.example/"));
    flag(&machine, "enable_custom_domain_in_emails", false).await;
    let own = link("b@example.com").await;
    assert!(own.starts_with("https://acme.example/"), "{own}");
    assert_eq!(app.browser().open(&own).await.reply.status, 200, "and works there");
}

async fn everybody_has_a_picture(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let user = app.sign_in_with("openid profile").await;
    let claims = housekey_testkit::jwt::claims(&user.tokens.id);
    let picture = claims["picture"].as_str().expect("a picture");
    assert!(picture.starts_with("https://acme.example/avatars/"), "{picture}");
    let path = picture.trim_start_matches("https://acme.example");
    let drawn = app.get(path).send().await.expect(200);
    assert_eq!(drawn.header("content-type"), Some("image/svg+xml"));
    assert!(drawn.body.starts_with("<svg "), "{}", drawn.body);
    for path in ["/avatars/x", "/avatars/%3Cb-1.svg", "/avatars/ab-99.svg"] {
        assert_eq!(app.get(path).send().await.status, 404, "{path}");
    }
    let found = machine.get(&format!("users-by-email?email={EMAIL}")).await.expect(200);
    assert_eq!(found.text("/0/picture"), picture);
    let own = json!({ "picture": "https://pictures.example/me.png" });
    let path = format!("users/{}", encoded(&found.text("/0/user_id")));
    assert_eq!(machine.patch(&path, &own).await.expect(200).text("/picture"), own["picture"]);
}

async fn colours_have_an_older_place_and_may_turn(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let colors = json!({ "primary": "#112233", "page_background": "#445566" });
    set(&machine, &json!({ "universal_login": { "colors": colors } })).await;
    let page = async || app.browser().authorize(&app.authorize("openid")).await.reply.body;
    let html = page().await;
    assert!(html.contains("--brand: #112233") && html.contains("--brand-page: #445566"), "{html}");
    let gradient =
        json!({ "type": "linear-gradient", "start": "#fff", "end": "#000", "angle_deg": 35 });
    let colors = json!({ "colors": { "primary": "#778899", "page_background": gradient } });
    let _ = machine.patch("branding", &colors).await.expect(200);
    let html = page().await;
    assert!(html.contains("--brand: #778899"), "{html}");
    assert!(html.contains("--brand-page: linear-gradient(35deg, #ffffff, #000000);"), "{html}");
}

on_both_engines! {
    consent_speaks_as_the_tenant_wants,
    pages_are_framed_only_if_wanted,
    whether_somebody_exists_is_told_if_wanted,
    enrolling_begins_with_a_list_or_with_the_first,
    numbers_are_shown_as_wanted,
    revoking_withdraws_what_was_allowed_if_wanted,
    requests_are_pushed_and_values_known_if_wanted,
    mails_lead_to_the_domain_that_is_wanted,
    everybody_has_a_picture,
    colours_have_an_older_place_and_may_turn,
}
