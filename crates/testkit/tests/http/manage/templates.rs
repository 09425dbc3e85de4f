//! Mails, text messages and calls in an operator's words: `/api/v2/email-templates`,
//! `/branding/phone/templates` and `/guardian/factors/phone/templates` (contract 05 §18, 04 §11.5).

use housekey_core::port::OutgoingMessage;
use housekey_core::tenant::phone::PhoneProvider;
use housekey_core::tenant::{Configuration, MfaPolicy};
use housekey_testkit::actor::EMAIL;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::browser::Page;
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

const ADDRESS: &str = "new@example.com";

async fn put(machine: &Machine<'_>, name: &str, body: &Value) -> Reply {
    machine.request("PUT", &format!("email-templates/{name}")).json(body).send().await
}

/// Signs somebody up, by which they are sent a link.
async fn sign_up(app: &TestApp, address: &str) {
    let request = app.authorize("openid").with("screen_hint", "signup").with("ui_locales", "it de");
    let browser = app.browser();
    let page = browser.authorize(&request).await;
    let page = browser.submit(&page, &[("email", address)]).await;
    let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
}

/// Asks for a new password.
async fn forget(app: &TestApp) {
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    let page = browser.open(&page.link("/u/login/password-reset-start/")).await;
    let _ = browser.submit(&page, &[("email", EMAIL)]).await;
}

async fn a_mail_says_what_its_template_says(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let settings = json!({ "support_email": "help@acme.example", "friendly_name": "Acme & Sons" });
    let _ = machine.patch("tenants/settings", &settings).await.expect(200);
    let body = "<h1>Hi {{ user.email | upcase }}</h1>{% if user.email_verified %}no{% endif %}\
        <p>{{ friendly_name }} {{ tenant }} {{ support_email }} [{{ nothing.at.all }}] \
        {{ connection.name }} {{ application.name }} {{ request_language | slice: 0, 2 }}</p>\
        <a href=\"{{ url }}\">Go</a>";
    let template = json!({
        "body": body, "subject": "{{ application.name }} & {{ friendly_name }}\r\nBcc: x@y.z",
        "from": "{{ friendly_name }} <hello@acme.example>", "enabled": true, "syntax": "liquid",
    });
    let _ = put(&machine, "verify_email", &template).await.expect(200);
    sign_up(&app, ADDRESS).await;
    let content = app.message().await.content;
    let client = app.client(housekey_testkit::seed::SPA).await.settings.name.clone();
    let link = content.link.expect("a link");
    let html = content.html.expect("the template's");
    let escaped = link.replace('&', "&amp;");
    assert!(html.starts_with("<h1>Hi NEW@EXAMPLE.COM</h1><p>Acme &amp; Sons acme "), "{html}");
    let middle = format!("help@acme.example [] Username-Password-Authentication {client} it</p>");
    assert!(html.contains(&middle), "{html}");
    assert!(html.ends_with(&format!("<a href=\"{escaped}\">Go</a>")), "{html}");
    assert!(content.text.contains(&format!("Go ({link})")), "{}", content.text);
    assert!(content.text.starts_with("Hi NEW@EXAMPLE.COM\n\nAcme & Sons"), "{}", content.text);
    assert!(content.subject.starts_with(&format!("{client} & Acme & Sons")), "{}", content.subject);
    assert_eq!(content.from.as_deref(), Some("Acme & Sons <hello@acme.example>"));

    // What it does not say is said in our words.
    let _ = put(&machine, "verify_email", &json!({ "subject": "Mine" })).await.expect(200);
    sign_up(&app, "second@example.com").await;
    let content = app.message().await.content;
    assert_eq!((content.subject.as_str(), content.html), ("Mine", None));
    assert!(content.text.contains("Please confirm"), "{}", content.text);
}

async fn a_link_lives_and_ends_as_said(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let template = json!({
        "urlLifetimeInSeconds": 60, "includeEmailInRedirect": true,
        "resultUrl": "https://acme.example/{{ application.name }}/{{ user.email }}?a=b",
    });
    let _ = put(&machine, "verify_email", &template).await.expect(200);
    sign_up(&app, ADDRESS).await;
    let link = app.message().await.content.link.expect("a link");
    app.clock().advance(59);
    let page = app.browser().open(&link).await;
    let name = app.client(housekey_testkit::seed::SPA).await.settings.name.replace(' ', "%20");
    let to = page.url.as_str();
    let start = format!("https://acme.example/{name}/?a=b&email=new%40example.com&success=true");
    assert!(to.starts_with(&start), "{to}");

    app.person(EMAIL).await;
    let _ = put(&machine, "reset_email", &json!({ "urlLifetimeInSeconds": 60 })).await.expect(200);
    forget(&app).await;
    let link = app.message().await.content.link.expect("a link");
    app.clock().advance(60);
    assert_eq!(app.browser().open(&link).await.reply.status, 400);
}

async fn what_is_switched_off_is_not_sent(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let off = json!({ "enabled": false, "subject": "Never" });
    for name in ["verify_email", "reset_email", "welcome_email"] {
        let _ = put(&machine, name, &off).await.expect(200);
    }
    sign_up(&app, ADDRESS).await;
    assert!(app.messages().await.is_empty());
    app.person(EMAIL).await;
    forget(&app).await;
    let reset = app.message().await.content;
    assert!(reset.subject.starts_with("Choose a new password"), "nobody is locked out");

    let _ = put(&machine, "verify_email", &json!({})).await.expect(200);
    let welcome = json!({ "subject": "Hello", "body": "<p>Welcome {{ user.email }}</p>" });
    let _ = put(&machine, "welcome_email", &welcome).await.expect(200);
    sign_up(&app, "third@example.com").await;
    let link = app.message().await.content.link.expect("a link");
    assert_eq!(app.browser().open(&link).await.reply.status, 200);
    let welcome = app.message().await;
    assert_eq!(welcome.to, "third@example.com");
    assert_eq!(welcome.content.html.as_deref(), Some("<p>Welcome third@example.com</p>"));
}

async fn a_template_that_fails_gives_way(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    for (name, wrong) in [
        ("body", "{% if %}"),
        ("subject", "{{ user.email"),
        ("from", "{{ x | nonsense }}"),
        ("resultUrl", "{% include 'x' %}"),
        ("from", "not an address"),
        ("resultUrl", "not a url"),
    ] {
        let refused = refusal(&put(&machine, "verify_email", &json!({ name: wrong })).await);
        assert_eq!((refused.0, refused.1.as_str()), (400, "invalid_body"), "{name}: {wrong}");
        assert!(refused.2.contains(name), "{}", refused.2);
    }
    let endless = "{% for a in (1..99999) %}{% for b in (1..99999) %}x{% endfor %}{% endfor %}";
    let _ = put(&machine, "verify_email", &json!({ "body": endless })).await.expect(200);
    sign_up(&app, ADDRESS).await;
    let content = app.message().await.content;
    assert_eq!(content.html, None);
    assert!(content.text.contains("Please confirm"), "{}", content.text);
}

async fn hostile_names_stay_text(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let body = "<p>{{ user.name }}|{{ user.name | escape }}|{{ user.user_metadata.x }}</p>";
    let _ = put(&machine, "verify_email", &json!({ "body": body })).await.expect(200);
    let user = json!({
        "connection": "Username-Password-Authentication", "email": ADDRESS, "password": PASSWORD,
        "name": "<script>{{ tenant }}", "user_metadata": { "x": "\"'><b>" }, "verify_email": true,
    });
    let _ = machine.post("users", &user).await.expect(201);
    let html = app.message().await.content.html.expect("the template's");
    let name = "&lt;script&gt;{{ tenant }}";
    assert_eq!(html, format!("<p>{name}|{name}|&#34;&#39;&gt;&lt;b&gt;</p>"));
}

/// Everybody gives a second factor, and there is a telephone provider that sends nothing.
fn by_phone(tenant: &mut Configuration) {
    let settings = &mut tenant.tenant.settings;
    settings.mfa_policy = MfaPolicy::AllApplications;
    (settings.factors.sms, settings.factors.voice) = (true, true);
    (settings.factors.otp, settings.factors.email) = (false, false);
    settings.factors.recovery_code = false;
    settings.phone.provider = Some(PhoneProvider::outbox());
}

/// Enrols a phone on the way in, and signs in with it once more.
async fn texts(app: &TestApp, kind: &str) -> (OutgoingMessage, OutgoingMessage) {
    let browser = app.browser();
    let mut page = signed_in(app, &browser).await;
    if page.screen() == "mfa-begin-enroll-options" {
        page = browser.submit(&page, &[("action", "sms")]).await;
    }
    let page = browser.submit(&page, &[("phone", "+4930123456"), ("type", kind)]).await;
    let enrolled = app.message().await;
    let code = enrolled.content.code.clone().expect("a code");
    let _ = browser.submit(&page, &[("code", &code)]).await.code();
    app.messages().await;
    let browser = app.browser();
    let page = signed_in(app, &browser).await;
    let asked = app.message().await;
    let code = asked.content.code.clone().expect("a code");
    let _ = browser.submit(&page, &[("code", &code)]).await.code();
    (enrolled, asked)
}

async fn signed_in(app: &TestApp, browser: &housekey_testkit::browser::Browser<'_>) -> Page {
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    browser.submit(&page, &[("password", PASSWORD)]).await
}

async fn phones_are_told_what_templates_say(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(by_phone).start().await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let list = "branding/phone/templates";
    assert_eq!(machine.get(list).await.expect(200).json(), json!({ "templates": [] }));
    let say = |kind: &str| {
        json!({ "type": kind, "content": { "syntax": "liquid", "from": "ACME", "body": {
            "text": format!("{kind} {{{{ code }}}} {{{{ tenant }}}} {{{{ user.email }}}} {{{{ message_type }}}}"),
            "voice": "Say {{ code }}",
        } } })
    };
    let made = machine.post(list, &say("otp_enroll")).await.expect(201).json();
    assert_eq!((&made["disabled"], &made["channel"]), (&json!(false), &json!("phone")));
    assert_eq!(refusal(&machine.post(list, &say("otp_enroll")).await).0, 409);
    let verify = machine.post(list, &say("otp_verify")).await.expect(201).json();
    let (enrolled, asked) = texts(&app, "sms").await;
    for (message, kind) in [(&enrolled, "otp_enroll"), (&asked, "otp_verify")] {
        let code = message.content.code.as_deref().expect("a code");
        assert_eq!(message.content.text, format!("{kind} {code} acme {EMAIL} sms"));
        let spoken = message.content.spoken.as_deref();
        assert_eq!(spoken, Some(format!("Say {code}").as_str()), "in a text message as it is");
        assert_eq!(message.content.from.as_deref(), Some("ACME"));
        assert_eq!(message.content.template, Some(kind));
    }

    let path = format!("{list}/{}", verify["id"].as_str().expect("an id"));
    assert_eq!(machine.get(&path).await.expect(200).json(), verify);
    let off = machine.patch(&path, &json!({ "disabled": true })).await.expect(200).json();
    assert_eq!(off["content"], verify["content"]);
    let on = machine.get(&format!("{list}?disabled=false")).await.expect(200).json();
    assert_eq!(on, json!({ "templates": [made] }));
    let reset = machine.request("PATCH", &format!("{path}/reset")).send().await.expect(200).json();
    assert!(reset["content"]["body"]["text"].as_str().expect("a text").contains("{{ code }}"));
    assert_ne!(reset["content"], verify["content"]);
    let own = json!({ "content": verify["content"] });
    let _ = machine.patch(&path, &own).await.expect(200);
    let unset = json!({ "content": { "from": null, "body": { "text": "x", "voice": null } } });
    let left = json!({ "syntax": "liquid", "body": { "text": "x" } });
    assert_eq!(machine.patch(&path, &unset).await.expect(200).json()["content"], left);
    for wrong in [
        json!({ "content": { "body": { "text": "{% if %}" } } }),
        json!({ "content": { "from": "x".repeat(17) } }),
        json!({ "type": "otp_enroll" }),
    ] {
        assert_eq!(refusal(&machine.patch(&path, &wrong).await).1, "invalid_body", "{wrong}");
    }
    let _ = machine.delete(&path).await.expect(204);
    for reply in [machine.get(&path).await, machine.delete(&path).await] {
        assert_eq!(refusal(&reply).0, 404);
    }
    assert_eq!(refusal(&machine.patch(&path, &json!({})).await).0, 404);
    assert_eq!(refusal(&machine.get(&format!("{list}/tem_x")).await).0, 404);
}

async fn the_older_templates_are_heard_too(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(by_phone).start().await;
    app.person(EMAIL).await;
    let machine = Machine::new(&app).await;
    let path = "guardian/factors/phone/templates";
    let wrong = json!({ "enrollment_message": "{{", "verification_message": "x" });
    assert_eq!(refusal(&machine.request("PUT", path).json(&wrong).send().await).0, 400);
    let body = json!({
        "enrollment_message": "E {{code}} {{tenant.friendlyName}} {{pause}}{{ message_type }}",
        "verification_message": "V {{code}} {{tenant.friendly_name}}",
    });
    let _ = machine.request("PUT", path).json(&body).send().await.expect(200);
    let (enrolled, asked) = texts(&app, "voice").await;
    let digits = |message: &OutgoingMessage| {
        let code = message.content.code.clone().expect("a code");
        code.chars().map(String::from).collect::<Vec<_>>().join(".")
    };
    let spoken = enrolled.content.spoken.as_deref().expect("a voice");
    assert_eq!(spoken, format!("E {} The acme tenant .voice", digits(&enrolled)));
    let spoken = asked.content.spoken.as_deref().expect("a voice");
    assert_eq!(spoken, format!("V {} The acme tenant", digits(&asked)));
}

async fn words_and_providers_can_be_tried(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let to = json!({ "to": "+4930123456", "delivery_method": "text" });
    let body = json!({ "type": "blocked_account", "content": { "from": "ACME", "body": { "text": "Hey {{ friendly_name }}" } } });
    let made = machine.post("branding/phone/templates", &body).await.expect(201).json();
    let path = format!("branding/phone/templates/{}/try", made["id"].as_str().expect("an id"));
    assert_eq!(refusal(&machine.post(&path, &to).await).1, "operation_not_supported");
    let provider = json!({
        "name": "twilio", "credentials": { "auth_token": "t0ken" },
        "configuration": { "sid": "AC1", "default_from": "+15550001", "delivery_methods": ["text"] },
    });
    let provider = machine.post("branding/phone/providers", &provider).await.expect(201).json();
    let _ = machine.post(&path, &to).await.expect(202);
    let message = app.message().await;
    assert_eq!(
        (message.to.as_str(), message.content.text.as_str()),
        ("+4930123456", "Hey The acme tenant")
    );
    assert_eq!(message.content.from.as_deref(), Some("ACME"));
    let wrong = json!({ "to": "030 1234" });
    assert_eq!(refusal(&machine.post(&path, &wrong).await).1, "invalid_body");

    let own = format!("branding/phone/providers/{}", provider["id"].as_str().expect("an id"));
    let path = format!("{own}/try");
    let _ = machine
        .post(&path, &json!({ "to": "+4930123456", "delivery_method": "voice" }))
        .await
        .expect(202);
    let message = app.message().await;
    assert_eq!(message.content.spoken.as_deref(), Some("This is a test by The acme tenant."));
    let _ = machine.patch(&own, &json!({ "disabled": true })).await.expect(200);
    assert_eq!(refusal(&machine.post(&path, &to).await).1, "operation_not_supported");
    assert_eq!(refusal(&machine.post("branding/phone/providers/x/try", &to).await).0, 404);
}

on_both_engines! {
    a_mail_says_what_its_template_says,
    a_link_lives_and_ends_as_said,
    what_is_switched_off_is_not_sent,
    a_template_that_fails_gives_way,
    hostile_names_stay_text,
    phones_are_told_what_templates_say,
    the_older_templates_are_heard_too,
    words_and_providers_can_be_tried,
}
