//! `/api/v2/branding`, `/emails`, `/email-templates` and `/prompts` (contract 05 §18).

use housekey_core::port::Route;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, expected, refusal};

async fn put(machine: &Machine<'_>, path: &str, body: &Value) -> housekey_testkit::request::Reply {
    machine.request("PUT", path).json(body).send().await
}

async fn pages_look_as_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    assert_eq!(machine.get("branding").await.expect(200).json(), json!({}));
    let body = json!({
        "colors": { "primary": "#7a2e8e", "page_background": "#f3eef5" },
        "logo_url": "https://cdn.example/logo.png", "favicon_url": "https://icons.example/i.png",
        "font": { "url": "https://fonts.example/a.woff2" },
        "identifiers": { "login_display": "unified", "otp_autocomplete": false },
    });
    let changed = machine.patch("branding", &body).await.expect(200).json();
    assert_eq!(changed, body);
    assert_eq!(machine.get("branding").await.expect(200).json(), body);
    let page = app.browser().authorize(&app.authorize("openid")).await;
    let html = page.reply.body.replace("&#x2f;", "/");
    for part in [
        "--brand: #7a2e8e",
        "--brand-page: #f3eef5",
        "src=\"https://cdn.example/logo.png\"",
        "href=\"https://icons.example/i.png\"",
        "url(\"https://fonts.example/a.woff2\")",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let policy = page.reply.header("content-security-policy").expect("a policy").to_owned();
    assert!(
        policy.contains("img-src 'self' https://cdn.example https://icons.example;"),
        "{policy}"
    );
    assert!(policy.contains("font-src https://fonts.example;"), "{policy}");
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    let gradient =
        json!({ "type": "linear-gradient", "start": "#fff", "end": "#000", "angle_deg": 35 });
    let body = json!({ "colors": { "page_background": gradient }, "logo_url": null, "font": null, "favicon_url": "" });
    let changed = machine.patch("branding", &body).await.expect(200).json();
    assert_eq!(changed["colors"], json!({ "primary": "#7a2e8e", "page_background": gradient }));
    assert!(changed.get("logo_url").is_none() && changed.get("favicon_url").is_none());
    for wrong in [
        json!({ "colors": { "primary": "red" } }),
        json!({ "colors": { "primary": "#fff;}" } }),
        json!({ "logo_url": "http://cdn.example/logo.png" }),
        json!({ "font": { "url": "https://f.example/a');x" } }),
        json!({ "nonsense": 1 }),
    ] {
        assert_eq!(refusal(&machine.patch("branding", &wrong).await).1, "invalid_body", "{wrong}");
    }
    for other in [
        json!({ "identifiers": { "login_display": "separate" } }),
        json!({ "identifiers": { "phone_display": { "formatting": "regional" } } }),
    ] {
        let refused = refusal(&machine.patch("branding", &other).await);
        assert_eq!(refused.1, "operation_not_supported", "{other}");
    }
}

async fn pages_stand_in_a_template(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = "branding/templates/universal-login";
    let own = "<!doctype html><html lang=\"{{ locale }}\"><head>{%- auth0:head -%}\
        <style>body { color: red }</style></head><body class=\"_widget-auto-layout\">\
        <h2>{{ application.name }} {{ prompt.screen.name }} {{ tenant.friendly_name }}</h2>\
        {% if prompt.name == \"login-id\" %}<p>In</p>{% endif %}{%- auth0:widget -%}\
        <img src=\"https://pictures.example/x.png\"></body></html>";
    let _ = put(&machine, path, &json!({ "template": own })).await.expect(204);
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let html = &page.reply.body;
    let name = app.client(housekey_testkit::seed::SPA).await.settings.name.clone();
    let policy = page.reply.header("content-security-policy").expect("a policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    let style = format!("<style nonce=\"{}\">body", nonce.expect("a nonce"));
    for part in [
        format!("<h2>{name} login-id The acme tenant</h2><p>In</p>"),
        style,
        "<title>Log in |".to_owned(),
        "<link rel=\"stylesheet\"".to_owned(),
        "<main class=\"_widget login-id\">".to_owned(),
    ] {
        assert!(html.contains(&part), "{part} in {html}");
    }
    assert_eq!((html.matches("<body").count(), html.matches("<head>").count()), (1, 1));
    assert!(policy.contains("img-src 'self' https:;"), "{policy}");
    let next = browser.submit(&page, &[("username", EMAIL)]).await;
    assert_eq!(next.screen(), "login-password", "and works");
    let account = app.get("/account").send().await.expect(200).body;
    assert!(!account.contains("<h2>"), "{account}");
    for wrong in ["{%- auth0:head -%}", "{%- auth0:head -%}{%- auth0:widget -%}{% if %}"] {
        let refused = refusal(&put(&machine, path, &json!({ "template": wrong })).await);
        assert_eq!(refused.1, "invalid_body", "{wrong}");
    }
    let _ = machine.delete(path).await.expect(204);
    let page = app.browser().authorize(&app.authorize("openid")).await.reply.body;
    assert!(!page.contains("<h2>"), "{page}");
}

async fn a_theme_is_worn(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let theme = json!({
        "colors": { "primary_button": "#102030", "header": "#405060" }, "fonts": {},
        "borders": { "buttons_style": "pill" },
        "widget": { "logo_url": "https://cdn.example/theme.svg" },
        "page_background": { "background_image_url": "https://cdn.example/hills.jpg" },
    });
    let made = machine.post("branding/themes", &theme).await.expect(200);
    let reply = app.browser().authorize(&app.authorize("openid")).await.reply;
    let html = reply.body.replace("&#x2f;", "/");
    for part in [
        "--brand: #102030;",
        "--heading: #405060;",
        "--radius-button: 999px;",
        "src=\"https://cdn.example/theme.svg\"",
        "url(\"https://cdn.example/hills.jpg\")",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let _ = machine.delete(&format!("branding/themes/{}", made.text("/themeId"))).await.expect(204);
    let html = app.browser().authorize(&app.authorize("openid")).await.reply.body;
    assert!(!html.contains("--heading"), "{html}");
}

async fn templates_and_themes_are_kept(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = "branding/templates/universal-login";
    let missing = expected(404, "inexistent_templates_universal_login", "Template does not exist.");
    assert_eq!(refusal(&machine.get(path).await), missing);
    let html = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>";
    let _ = put(&machine, path, &json!({ "template": html })).await.expect(204);
    assert_eq!(machine.get(path).await.expect(200).json(), json!({ "body": html }));
    assert_eq!(refusal(&put(&machine, path, &json!({ "template": "x" })).await).1, "invalid_body");
    let _ = machine.delete(path).await.expect(204);
    assert_eq!(refusal(&machine.delete(path).await), missing);

    assert_eq!(refusal(&machine.get("branding/themes/default").await).1, "theme_not_found");
    let theme = json!({
        "displayName": "Ours", "borders": {}, "colors": { "primary_button": "#000" }, "fonts": {},
        "page_background": {}, "widget": {},
    });
    let made = machine.post("branding/themes", &theme).await.expect(200).json();
    let path = format!("branding/themes/{}", made["themeId"].as_str().expect("an id"));
    assert_eq!(machine.get("branding/themes/default").await.expect(200).json(), made);
    let changed = machine.patch(&path, &json!({ "displayName": "Mine" })).await.expect(200).json();
    assert_eq!((&changed["displayName"], &changed["colors"]), (&json!("Mine"), &theme["colors"]));
    assert_eq!(refusal(&machine.get("branding/themes/x").await).1, "theme_not_found");
    let _ = machine.delete(&path).await.expect(204);
    assert_eq!(refusal(&machine.get(&path).await).0, 404);
}

async fn a_phone_provider_is_set_up(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let list = "branding/phone/providers";
    assert_eq!(machine.get(list).await.expect(200).json(), json!({ "providers": [] }));
    let body = json!({
        "name": "twilio", "credentials": { "auth_token": "t0ken" },
        "configuration": { "sid": "AC1", "default_from": "+15550001", "delivery_methods": ["text"] },
    });
    let made = machine.post(list, &body).await.expect(201);
    assert!(!made.body.contains("t0ken"), "{}", made.body);
    let made = made.json();
    assert_eq!(made["configuration"], body["configuration"]);
    assert_eq!(
        (&made["disabled"], &made["channel"], &made["tenant"]),
        (&json!(false), &json!("phone"), &json!("acme"))
    );
    assert_eq!(refusal(&machine.post(list, &body).await).0, 409);
    let path = format!("{list}/{}", made["id"].as_str().expect("an id"));
    assert_eq!(machine.get(&path).await.expect(200).json(), made);
    let twin = machine.get("guardian/factors/phone/providers/twilio").await.expect(200).json();
    assert_eq!(twin["sid"], "AC1");
    let off = machine.patch(&path, &json!({ "disabled": true })).await.expect(200).json();
    assert_eq!(off["disabled"], true);
    assert!(app.tenant_on("acme.example").await.settings.phone.provider.is_none());
    let on = machine.patch(&path, &json!({ "disabled": false })).await.expect(200).json();
    assert_eq!(on, made);
    let custom = json!({
        "name": "custom", "credentials": { "secret": "sixteen characters" }, "disabled": true,
        "configuration": { "url": "https://sms.example/send", "delivery_methods": ["text", "voice"] },
    });
    let custom = machine.post(list, &custom).await.expect(201).json();
    assert_eq!(custom["disabled"], true);
    let all = machine.get(list).await.expect(200).json();
    assert_eq!(all["providers"].as_array().map(Vec::len), Some(2));
    for wrong in [
        json!({ "name": "custom" }),
        json!({ "name": "pigeon" }),
        json!({ "configuration": { "delivery_methods": [] } }),
    ] {
        assert_eq!(refusal(&machine.patch(&path, &wrong).await).1, "invalid_body", "{wrong}");
    }
    let _ = machine.delete(&path).await.expect(204);
    assert_eq!(refusal(&machine.get(&path).await).0, 404);
}

async fn mail_takes_the_tenants_own_way(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = "emails/provider";
    let text = "There is not a configured email provider";
    let missing = expected(404, "inexistent_email_provider", text);
    assert_eq!(refusal(&machine.get(path).await), missing);
    assert_eq!(refusal(&machine.patch(path, &json!({})).await), missing);
    assert_eq!(refusal(&machine.delete(path).await), missing);
    let body = json!({
        "name": "smtp", "default_from_address": "noreply@acme.example",
        "credentials": { "smtp_host": "mail.acme.example", "smtp_port": 465, "smtp_user": "acme", "smtp_pass": "p4ss" },
    });
    let made = machine.post(path, &body).await.expect(201).json();
    let shown = json!({ "smtp_host": "mail.acme.example", "smtp_port": 465, "smtp_user": "acme" });
    assert_eq!((&made["credentials"], &made["enabled"]), (&shown, &json!(true)));
    assert_eq!(refusal(&machine.post(path, &body).await).0, 409);
    let some = machine.get(&format!("{path}?fields=name,enabled&include_fields=true")).await;
    assert_eq!(some.expect(200).json(), json!({ "name": "smtp", "enabled": true }));
    assert!(!machine.get("logs").await.expect(200).body.contains("p4ss"));

    app.person(EMAIL).await;
    // Asks for a new password and tells which way the mail takes.
    let send = async || {
        let browser = app.browser();
        let page = browser.authorize(&app.authorize("openid")).await;
        let page = browser.submit(&page, &[("username", EMAIL)]).await;
        let page = browser.open(&page.link("/u/login/password-reset-start/")).await;
        let _ = browser.submit(&page, &[("email", EMAIL)]).await;
        app.message().await.route
    };
    let route = send().await;
    let Route::Smtp(smtp) = route else { panic!("{route:?}") };
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.acme.example", 465));
    let (user, password) = smtp.credentials.expect("credentials");
    assert_eq!((user.as_str(), password.expose()), ("acme", "p4ss"));
    // Without new credentials the old ones stay.
    let _ = machine.patch(path, &json!({ "enabled": false })).await.expect(200);
    assert!(matches!(send().await, Route::Mail));
    let other = json!({ "name": "sendgrid", "enabled": true, "credentials": { "api_key": "k3y" } });
    let other = machine.patch(path, &other).await.expect(200).json();
    assert_eq!(other["credentials"], json!({}));
    assert!(matches!(send().await, Route::Unsupported(_)));
    for wrong in [
        json!({ "name": "smtp", "credentials": { "smtp_user": "x" } }),
        json!({ "default_from_address": "x" }),
        json!({ "name": "pigeon" }),
    ] {
        assert_eq!(refusal(&machine.patch(path, &wrong).await).1, "invalid_body", "{wrong}");
    }
    let _ = machine.delete(path).await.expect(204);
    assert_eq!(refusal(&machine.get(path).await), missing);
}

async fn texts_and_mail_templates_are_kept(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let path = "email-templates/verify_email";
    let missing = expected(404, "inexistent_email_template", "The template does not exist.");
    assert_eq!(refusal(&machine.get(path).await), missing);
    assert_eq!(refusal(&machine.patch(path, &json!({ "enabled": false })).await), missing);
    assert_eq!(refusal(&machine.get("email-templates/nonsense").await), missing);
    let body = json!({
        "template": "verify_email", "body": "<p>{{url}}", "from": "a@b.example", "subject": "Hi",
        "syntax": "liquid", "enabled": true, "urlLifetimeInSeconds": 60,
    });
    assert_eq!(machine.post("email-templates", &body).await.expect(200).json(), body);
    assert_eq!(machine.get(path).await.expect(200).json(), body);
    let changed = machine.patch(path, &json!({ "enabled": false })).await.expect(200).json();
    assert_eq!((&changed["enabled"], &changed["subject"]), (&json!(false), &json!("Hi")));
    let replaced = put(&machine, path, &json!({ "subject": "Ho" })).await.expect(200).json();
    assert_eq!(replaced, json!({ "template": "verify_email", "subject": "Ho" }));

    let text = "prompts/login/custom-text/en";
    assert_eq!(machine.get(text).await.expect(200).json(), json!({}));
    let own = json!({ "login": { "title": "Hello" } });
    assert_eq!(put(&machine, text, &own).await.expect(200).json(), own);
    assert_eq!(machine.get(text).await.expect(200).json(), own);
    assert_eq!(machine.get("prompts/login/custom-text/de").await.expect(200).json(), json!({}));
    assert_eq!(machine.get("prompts/login/partials").await.expect(200).json(), json!({}));
    let rendering = machine.get("prompts/rendering?include_totals=true").await.expect(200).json();
    assert_eq!((&rendering["configs"], &rendering["total"]), (&json!([]), &json!(0)));
}

async fn people_are_asked_as_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let prompts = machine.get("prompts").await.expect(200).json();
    assert_eq!(prompts["identifier_first"], true);
    let changed = machine.patch("prompts", &json!({ "identifier_first": false })).await;
    assert_eq!(changed.expect(200).json()["identifier_first"], false);
    let page = app.browser().authorize(&app.authorize("openid")).await;
    assert_eq!(page.screen(), "login", "both on one page");
    for wrong in [
        json!({ "universal_login_experience": "classic" }),
        json!({ "webauthn_platform_first_factor": true }),
    ] {
        assert_eq!(refusal(&machine.patch("prompts", &wrong).await).1, "operation_not_supported");
    }
}

on_both_engines! {
    pages_look_as_said,
    pages_stand_in_a_template,
    a_theme_is_worn,
    templates_and_themes_are_kept,
    a_phone_provider_is_set_up,
    mail_takes_the_tenants_own_way,
    texts_and_mail_templates_are_kept,
    people_are_asked_as_said,
}
