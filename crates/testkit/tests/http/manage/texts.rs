//! What pages say: `/api/v2/prompts/{prompt}/custom-text/{language}` and the tenant's languages
//! (contract 05 §12, §18).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use super::{Machine, refusal};

async fn say(machine: &Machine<'_>, prompt: &str, language: &str, texts: &Value) {
    let path = format!("prompts/{prompt}/custom-text/{language}");
    let put = machine.request("PUT", &path).json(texts).send().await.expect(200);
    assert_eq!(put.json(), *texts);
    assert_eq!(machine.get(&path).await.expect(200).json(), *texts);
}

async fn speak(machine: &Machine<'_>, languages: &[&str]) {
    let body = json!({ "enabled_locales": languages });
    let changed = machine.patch("tenants/settings", &body).await.expect(200).json();
    assert_eq!(changed["enabled_locales"], json!(languages));
}

/// The first page for somebody who asks for these languages.
async fn page(app: &TestApp, languages: &str) -> String {
    let request = app.authorize("openid").with("ui_locales", languages);
    app.browser().authorize(&request).await.reply.body
}

async fn pages_say_what_operators_wrote(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let name = app.client(housekey_testkit::seed::SPA).await.settings.name.clone();
    let texts = json!({ "login-id": {
        "title": "Hello <b>you</b>", "description": "${clientName} by ${companyName} ${nonsense}",
        "pageTitle": "In: ${clientName}", "buttonText": "Go on", "no-identifier": "Who are you?",
        "signupActionLinkText": "Join",
    } });
    say(&machine, "login-id", "en", &texts).await;
    say(&machine, "common", "en", &json!({ "common": { "logoAltText": "x" } })).await;
    let browser = app.browser();
    let shown = browser.authorize(&app.authorize("openid")).await;
    let html = &shown.reply.body;
    for part in [
        "<h1>Hello &lt;b&gt;you&lt;&#x2f;b&gt;</h1>".to_owned(),
        format!("{name} by The acme tenant ${{nonsense}}"),
        format!("<title>In: {name}</title>"),
        ">Go on</button>".to_owned(),
        ">Join</a>".to_owned(),
        "Don’t have an account?".to_owned(),
    ] {
        assert!(html.contains(&part), "{part} in {html}");
    }
    let again = browser.submit(&shown, &[("username", "")]).await;
    assert!(again.reply.body.contains(">Who are you?</span>"), "{}", again.reply.body);
    // Other screens and other languages have texts of their own.
    let next = browser.submit(&shown, &[("username", EMAIL)]).await;
    assert!(next.reply.body.contains("<h1>Enter Your Password</h1>"), "{}", next.reply.body);
    say(&machine, "login-id", "en", &json!({})).await;
    assert!(page(&app, "en").await.contains("<h1>Welcome</h1>"), "at once");
    let path = "prompts/login-id/custom-text/en";
    let wrong = json!({ "login-id": { "title": 1 } });
    assert_eq!(refusal(&machine.request("PUT", path).json(&wrong).send().await).0, 400);
}

async fn what_a_text_leaves_out_is_shown_all_the_same(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    let texts = json!({ "reset-password-email": { "emailDescription": "Look into your mail:" } });
    say(&machine, "reset-password", "en", &texts).await;
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    let page = browser.submit(&page, &[("username", EMAIL)]).await;
    let page = browser.open(&page.link("/u/login/password-reset-start/")).await;
    let page = browser.submit(&page, &[("email", "<i>@b.example")]).await;
    let expected = "Look into your mail: <strong>&lt;i&gt;@b.example</strong>";
    assert!(page.reply.body.contains(expected), "{}", page.reply.body);
    let texts = json!({ "reset-password-email": { "emailDescription": "To ${email}!" } });
    say(&machine, "reset-password", "en", &texts).await;
    let page = browser.submit(&page, &[]).await;
    let expected = "To <strong>&lt;i&gt;@b.example</strong>!";
    assert!(page.reply.body.contains(expected), "{}", page.reply.body);
}

async fn people_are_spoken_to_in_their_language(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let machine = Machine::new(&app).await;
    assert!(page(&app, "de").await.contains("<html lang=\"en\">"), "it is not enabled");
    speak(&machine, &["en", "de", "fr"]).await;
    let german = page(&app, "it de-CH en").await;
    assert!(german.contains("<html lang=\"de\">") && german.contains("<h1>Willkommen</h1>"));
    assert!(german.contains(">Weiter</button>") && !german.contains("Sign up"), "{german}");
    say(&machine, "login-id", "de", &json!({ "login-id": { "title": "Servus" } })).await;
    assert!(page(&app, "de").await.contains("<h1>Servus</h1>"));
    assert!(page(&app, "en de").await.contains("<h1>Welcome</h1>"));
    say(&machine, "login-id", "fr", &json!({ "login-id": { "title": "Bonjour" } })).await;
    let french = page(&app, "fr").await;
    assert!(french.contains("<h1>Bonjour</h1>") && french.contains(">Continue</button>"));

    // Without a request there is what the browser says.
    let dead = async |languages: &str| {
        let request = app.get("/u/email-verification?ticket=x");
        request.header("accept-language", languages).send().await.body
    };
    assert!(dead("de-AT,de;q=0.9,en;q=0.8").await.contains("Ungültiger Link"));
    assert!(dead("es,en;q=0.8").await.contains("Invalid Link"));
    speak(&machine, &["de", "en"]).await;
    assert!(dead("es").await.contains("Ungültiger Link"), "the usual language");
    // The page that a script draws speaks English alone.
    let account = app.get("/account").header("accept-language", "de").send().await.body;
    assert!(account.contains("<html lang=\"en\">"), "{account}");
}

on_both_engines! {
    pages_say_what_operators_wrote,
    what_a_text_leaves_out_is_shown_all_the_same,
    people_are_spoken_to_in_their_language,
}
