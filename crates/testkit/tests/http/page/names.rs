//! What people of a connection are called by (`attributes`, contract 05 §8.2), at sign-up, at
//! sign-in and over the Management API.

use housekey_testkit::app::PASSWORD;
use housekey_testkit::browser::Page;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::MACHINE;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

/// Changes the options of the tenant's connection over the Management API.
async fn set(app: &TestApp, options: &Value) -> Reply {
    let token = token(app).await;
    let all = app.get("/api/v2/connections").bearer(&token).send().await.expect(200).json();
    let path = format!("/api/v2/connections/{}", all[0]["id"].as_str().expect("an id"));
    let body = json!({ "options": options });
    app.request("PATCH", &path).json(&body).bearer(&token).send().await
}

async fn token(app: &TestApp) -> String {
    let secret = app.secret_of(MACHINE).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", secret.as_str()),
        ("audience", "https://acme.example/api/v2/"),
    ];
    app.post("/oauth/token").form(&form).send().await.expect(200).text("/access_token")
}

async fn sign_up(app: &TestApp, fields: &[(&str, &str)]) -> Page {
    let browser = app.browser();
    let request = app.authorize("openid").with("screen_hint", "signup");
    let page = browser.authorize(&request).await;
    assert_eq!(page.screen(), "signup-id");
    let page = browser.submit(&page, fields).await;
    if page.screen() != "signup-password" {
        return page;
    }
    browser.submit(&page, &[("password", PASSWORD)]).await
}

async fn is_let_in(app: &TestApp, name: &str) {
    let _ = app.browser().authorize_as(&app.authorize("openid"), name).await.code();
}

async fn is_refused(app: &TestApp, name: &str) {
    let page = app.browser().authorize_as(&app.authorize("openid"), name).await;
    assert!(!page.left && !page.errors().is_empty(), "{name}");
}

async fn a_username_is_asked_for_on_the_first_page(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let options = json!({
        "requires_username": true, "validation": { "username": { "min": 3, "max": 8 } },
    });
    let _ = set(&app, &options).await.expect(200);
    let email = ("email", "new@example.com");
    assert_eq!(sign_up(&app, &[email]).await.errors(), ["username:no-username"]);
    for wrong in ["ad", "adaadaada", "a@b.example"] {
        let page = sign_up(&app, &[email, ("username", wrong)]).await;
        assert_eq!(page.errors(), ["username:invalid-username"], "{wrong}");
    }
    let _ = sign_up(&app, &[email, ("username", "Adalove")]).await.code();
    app.ignore_messages().await;
    is_let_in(&app, "adalove").await;
    is_let_in(&app, "new@example.com").await;
    let taken = sign_up(&app, &[("email", "b@example.com"), ("username", "ADALOVE")]).await;
    assert_eq!(taken.errors(), [":user-exists"]);
}

async fn people_without_a_mail_address(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let attributes = json!({ "attributes": {
        "username": { "identifier": { "active": true }, "signup": { "status": "required" } },
        "email": { "identifier": { "active": false }, "signup": { "status": "optional" } },
    } });
    let shown = set(&app, &attributes).await.expect(200).json();
    let email = &shown["options"]["attributes"]["email"];
    assert_eq!((&email["unique"], &email["verification_method"]), (&json!(true), &json!("link")));
    let _ = sign_up(&app, &[("username", "ada")]).await.code();
    is_let_in(&app, "ada").await;
    let both = [("username", "eve"), ("email", "eve@example.com")];
    let _ = sign_up(&app, &both).await.code();
    assert_eq!(app.message().await.to, "eve@example.com");
    is_let_in(&app, "eve").await;
    is_refused(&app, "eve@example.com").await;
}

async fn telephone_numbers_are_names_too(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let attributes = json!({ "attributes": {
        "phone_number": { "identifier": { "active": true }, "signup": { "status": "optional" } },
        "email": { "identifier": { "active": true },
                   "signup": { "status": "optional", "verification": { "active": false } } },
    } });
    let _ = set(&app, &attributes).await.expect(200);
    assert_eq!(sign_up(&app, &[("email", "")]).await.errors(), ["email:no-email"]);
    let wrong = sign_up(&app, &[("phone_number", "12")]).await;
    assert_eq!(wrong.errors(), ["phone_number:invalid-phone-format"]);
    let _ = sign_up(&app, &[("phone_number", "+49 30 1234567")]).await.code();
    is_let_in(&app, "+49301234567").await;
    is_let_in(&app, "+49 (30) 123-4567").await;
    // Nothing is mailed where the connection does not want addresses shown to be theirs.
    let _ = sign_up(&app, &[("email", "new@example.com")]).await.code();
    is_let_in(&app, "new@example.com").await;
}

async fn sign_up_by_password_can_be_blocked(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let methods = |behavior: &str| json!({ "authentication_methods": { "password": { "signup_behavior": behavior } } });
    let _ = set(&app, &methods("block")).await.expect(200);
    let request = app.authorize("openid").with("screen_hint", "signup");
    let page = app.browser().authorize(&request).await;
    assert_eq!(page.screen(), "login-id");
    assert!(!page.reply.body.contains("/u/signup"), "nobody is sent there");
    let _ = set(&app, &methods("allow")).await.expect(200);
    assert_eq!(app.browser().authorize(&request).await.screen(), "signup-id");
}

async fn operators_add_people_as_the_connection_says(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = token(&app).await;
    let add = async |body: Value| {
        let mut whole = json!({ "connection": "Username-Password-Authentication" });
        for (name, value) in body.as_object().expect("an object") {
            whole[name] = value.clone();
        }
        app.post("/api/v2/users").json(&whole).bearer(&token).send().await
    };
    let without = json!({ "email": "a@example.com", "verify_email": false });
    let _ = add(without.clone()).await.expect(400);
    let optional = json!({
        "authentication_methods": { "password": { "api_behavior": "optional" } },
        "requires_username": true, "validation": { "username": { "min": 3, "max": 8 } },
    });
    let _ = set(&app, &optional).await.expect(200);
    let _ = add(without).await.expect(400);
    let named = |name: &str| json!({ "email": format!("{name}@example.com"), "username": name, "verify_email": false });
    let _ = add(named("toolongname")).await.expect(400);
    let made = add(named("ada")).await.expect(201);
    assert_eq!(made.text("/username"), "ada");
    is_refused(&app, "ada").await;
    let path = format!("/api/v2/users/{}", made.text("/user_id").replace('|', "%7C"));
    let change = json!({ "username": "toolongname" });
    let _ = app.request("PATCH", &path).json(&change).bearer(&token).send().await.expect(400);
}

async fn what_cannot_be_kept_to_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let email = |more: Value| {
        let mut email =
            json!({ "identifier": { "active": true }, "signup": { "status": "required" } });
        for (name, value) in more.as_object().expect("an object") {
            email[name] = value.clone();
        }
        json!({ "attributes": { "email": email } })
    };
    for (options, code) in [
        (
            email(
                json!({ "verification_method": "otp", "signup": { "status": "required", "verification": { "active": true } } }),
            ),
            "operation_not_supported",
        ),
        (
            email(json!({ "identifier": { "active": true, "default_method": "email_otp" } })),
            "operation_not_supported",
        ),
        (email(json!({ "signup": { "status": "x" } })), "invalid_body"),
        (
            email(json!({ "profile_required": true, "signup": { "status": "optional" } })),
            "invalid_body",
        ),
        (json!({ "attributes": { "nickname": {} } }), "invalid_body"),
        (json!({ "validation": { "username": { "min": 0 } } }), "invalid_body"),
        (json!({ "precedence": ["x"] }), "invalid_body"),
        (
            json!({ "authentication_methods": { "password": { "enabled": false } } }),
            "operation_not_supported",
        ),
    ] {
        assert_eq!(set(&app, &options).await.expect(400).text("/errorCode"), code, "{options}");
    }
}

on_both_engines! {
    a_username_is_asked_for_on_the_first_page,
    people_without_a_mail_address,
    telephone_numbers_are_names_too,
    sign_up_by_password_can_be_blocked,
    operators_add_people_as_the_connection_says,
    what_cannot_be_kept_to_is_refused,
}
