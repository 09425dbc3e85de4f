//! Pages behind links in mails.

use housekey_core::job::run_due;
use housekey_testkit::TestApp;
use housekey_testkit::app::PASSWORD;
use housekey_testkit::application::ME;
use housekey_testkit::seed::{OTHER_HOST, SPA};
use housekey_web::manage::shown_user;
use serde_json::json;

use super::Called;

/// The link in the mail that a page of this path is behind.
async fn link(app: &TestApp, path: &str) -> String {
    let browser = app.browser();
    let address = format!("{}@example.com", path.replace('/', "-"));
    if path == "/u/email-verification" {
        let request = app.authorize("openid").with("screen_hint", "signup");
        let page = browser.authorize(&request).await;
        let page = browser.submit(&page, &[("email", &address)]).await;
        let _ = browser.submit(&page, &[("password", PASSWORD)]).await.code();
    } else if path == "/exports" {
        return export_link(app).await;
    } else if path == "/guardian/enroll" {
        return enrollment_link(app, &address).await;
    } else if path == "/u/objection" {
        app.person(&address).await;
        let user = app.sign_in_as(&address, SPA, ME).await;
        let enrolled = user.enroll(&json!({ "type": "recovery-code" })).await.expect(202);
        let word = json!({ "auth_session": enrolled.text("/auth_session") });
        let _ = user.verify(&enrolled.text("/id"), &word).await.expect(201);
    } else {
        app.person(&address).await;
        let page = browser.authorize(&app.authorize("openid")).await;
        let page = browser.submit(&page, &[("username", &address)]).await;
        let page = browser.open(&page.link("password-reset-start")).await;
        let _ = browser.submit(&page, &[("email", &address)]).await.reply.expect(200);
    }
    app.message().await.content.link.expect("a link")
}

/// The link to enrol a second factor.
async fn enrollment_link(app: &TestApp, address: &str) -> String {
    let user = app.person(address).await;
    let token = super::management::token(app, "acme.example", super::management::HERE, "").await;
    let token = token.expect(200).text("/access_token");
    let body = json!({ "user_id": user.id.as_str() });
    let made = app.post("/api/v2/guardian/enrollments/ticket").json(&body).bearer(&token);
    made.send().await.expect(200).text("/ticket_url")
}

/// The link to an export, which comes by no mail.
async fn export_link(app: &TestApp) -> String {
    let token = super::management::token(app, "acme.example", super::management::HERE, "").await;
    let token = token.expect(200).text("/access_token");
    let job = app.post("/api/v2/jobs/users-exports").json(&json!({})).bearer(&token).send().await;
    let done = run_due(app.core(), shown_user, &|| true).await.expect("the database answers");
    assert!(done, "there was a job");
    let path = format!("/api/v2/jobs/{}", job.expect(200).text("/id"));
    app.get(&path).bearer(&token).send().await.expect(200).text("/location")
}

pub(super) async fn check(app: &TestApp, called: &Called) {
    let link = link(app, &called.path).await;
    let ticket = link.split("ticket=").nth(1).expect("a ticket");
    let foreign = if called.path.contains("reset") { "verify" } else { "reset" };
    for (host, ticket) in [
        ("acme.example", ""),
        ("acme.example", "made-up"),
        ("acme.example", foreign),
        (OTHER_HOST, ticket),
    ] {
        for method in called.route.methods {
            let path = format!("{}?ticket={ticket}", called.path);
            let fields = [
                ("ticket", ticket),
                ("password-reset", "Battery-staple-8"),
                ("re-enter-password", "Battery-staple-8"),
            ];
            let request = app.request(method, &path).host(host).form(&fields);
            let _ = request.send().await.expect(400);
        }
    }
    let path = format!("{}?ticket={ticket}", called.path);
    let _ = app.get(&path).send().await.expect(200);
}
