//! Signing in with a passkey on the identifier page.

use housekey_core::connection::ChallengeUi;
use housekey_core::secret::Handle;
use housekey_testkit::actor::{Actor, EMAIL};
use housekey_testkit::application::{ME, Tokens};
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::jwt;
use housekey_testkit::passkey::{Authenticator, Flags, KeyKind};
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::{Value, json};

use crate::me::passkey::{ORIGIN, add};

pub(super) async fn start(database: TestDatabase) -> TestApp {
    TestApp::build(database).await.passkeys().start().await
}

/// What a page's script gives to the authenticator.
pub(crate) fn options(page: &Page) -> Value {
    let body = &page.reply.body;
    let (_, rest) = body.split_once("id=\"passkey-options\">").expect("options on the page");
    let (json, _) = rest.split_once("</script>").expect("the element ends");
    serde_json::from_str(json).expect("JSON")
}

/// Somebody signed in who has a passkey.
async fn person(app: &TestApp) -> (Actor<'_>, Authenticator) {
    let user = app.sign_in().await;
    let mut authenticator = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
    add(app, &user, &mut authenticator).await;
    (user, authenticator)
}

async fn begin(app: &TestApp) -> (Browser<'_>, Page) {
    let browser = app.browser();
    let page = browser.authorize(&app.authorize(&format!("openid {ME}"))).await;
    assert_eq!(page.screen(), "login-id");
    (browser, page)
}

async fn answer(browser: &Browser<'_>, page: &Page, credential: &Value) -> Page {
    browser.submit(page, &[("passkey", &credential.to_string())]).await
}

async fn the_page_offers_what_the_connection_says(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let (_, page) = begin(&app).await;
    assert!(!page.reply.body.contains("passkey-options"), "passkeys are off");
    drop(page);
    for (ui, autofills, button) in [
        (ChallengeUi::Both, true, true),
        (ChallengeUi::Autofill, true, false),
        (ChallengeUi::Button, false, true),
    ] {
        let builder = TestApp::build(TestDatabase::sqlite().await).await.passkeys();
        let app = builder.connection(|options| options.passkey.challenge_ui = ui).start().await;
        let (_, page) = begin(&app).await;
        let body = &page.reply.body;
        assert_eq!(body.contains("autocomplete=\"username webauthn\""), autofills, "{ui:?}");
        assert_eq!(body.contains("Continue with a passkey"), button, "{ui:?}");
        let options = options(&page);
        assert_eq!(options["rpId"], "acme.example");
        assert_eq!(options["userVerification"], "preferred");
        assert_eq!(options.get("allowCredentials"), None);
    }
}

async fn a_passkey_signs_in(database: TestDatabase) {
    let app = start(database).await;
    let (user, mut authenticator) = person(&app).await;
    authenticator.flags = Flags { up: true, uv: false, be: false, bs: false };
    app.clock().advance(10);
    let browser = app.browser();
    let request = app.authorize(&format!("openid {ME}"));
    let page = browser.authorize(&request).await;
    let done = answer(&browser, &page, &authenticator.get(&options(&page))).await;
    let reply = app.exchange(&request, &done.code()).await.expect(200);
    let tokens = Tokens::read(SPA, &reply);
    let claims = jwt::claims(&tokens.id);
    assert_eq!(claims.get("amr"), None, "a passkey is no second factor");
    let me = app.get("/me/v1/authentication-methods").bearer(&tokens.access).send().await;
    let listed = me.expect(200).json();
    assert_eq!(listed["authentication_methods"][1]["last_auth_at"], app.now().rfc3339());

    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let events = tx.log_events(5).await.expect("the log");
    let login = events.iter().find(|event| event.kind.code() == "s").expect("a login");
    assert_eq!(login.details["prompts"][0]["performed_amr"], json!(["phr"]));
    drop(user);
}

async fn backup_state_and_counter_are_kept_current(database: TestDatabase) {
    let app = start(database).await;
    let user = app.sign_in().await;
    let mut authenticator = Authenticator::new(KeyKind::Es256, 1, ORIGIN);
    authenticator.flags.be = true;
    let method = add(&app, &user, &mut authenticator).await;
    assert_eq!(method["credential_backed_up"], false);
    authenticator.flags.bs = true;
    let (browser, page) = begin(&app).await;
    let _code = answer(&browser, &page, &authenticator.get(&options(&page))).await.code();
    let listed = user.get("/authentication-methods?type=passkey").await.expect(200).json();
    assert_eq!(listed["authentication_methods"][0]["credential_backed_up"], true);

    // The counter stood at 2; somebody with a copy of the authenticator is behind.
    authenticator.counter = 1;
    let (browser, page) = begin(&app).await;
    let refused = answer(&browser, &page, &authenticator.get(&options(&page))).await;
    assert_eq!(refused.errors(), [":passkey-authentication-failed"]);
    // Counters that are not kept say nothing.
    authenticator.counter = 0;
    let (browser, page) = begin(&app).await;
    let _code = answer(&browser, &page, &authenticator.get(&options(&page))).await.code();
}

type Change = (&'static str, fn(&mut Authenticator));

async fn whatever_is_wrong_is_refused(database: TestDatabase) {
    let app = start(database).await;
    let (_user, mut authenticator) = person(&app).await;
    let changes: [Change; 6] = [
        ("origin", |own| own.origin = "https://evil.example".into()),
        ("subdomain", |own| own.origin = "https://app.acme.example".into()),
        ("frame", |own| own.cross_origin = true),
        ("relying party", |own| own.rp_id = Some("evil.example".into())),
        ("presence", |own| own.flags.up = false),
        ("eligibility", |own| own.flags.be = true),
    ];
    for (what, change) in changes {
        let mut wrong = Authenticator::new(KeyKind::EdDsa, 1, ORIGIN);
        wrong.counter = authenticator.counter;
        change(&mut wrong);
        let (browser, page) = begin(&app).await;
        let mut response = wrong.get(&options(&page));
        response["response"].as_object_mut().expect("an object").remove("userHandle");
        let refused = answer(&browser, &page, &response).await;
        assert_eq!(refused.reply.status.as_u16(), 400, "{what}");
        assert_eq!(refused.screen(), "login-id", "{what}");
        assert_eq!(refused.errors(), [":passkey-authentication-failed"], "{what}");
    }
    let (browser, page) = begin(&app).await;
    let good = authenticator.get(&options(&page));
    for (pointer, value) in [
        ("/response/signature", json!("AAAA")),
        ("/response/userHandle", json!("c29tZWJvZHk")),
        ("/response/authenticatorData", json!("AAAA")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("is there") = value;
        let refused = answer(&browser, &page, &bad).await;
        assert_eq!(refused.errors(), [":passkey-authentication-failed"], "{pointer}");
    }
    for garbage in ["{", "[]", "null", "\"x\"", "{\"id\":1}"] {
        let refused = browser.submit(&page, &[("passkey", garbage)]).await;
        assert_eq!(refused.errors(), [":invalid-passkey"], "{garbage}");
    }
    // None of it moved the transaction.
    let _code = answer(&browser, &page, &good).await.code();
}

async fn a_challenge_belongs_to_one_transaction_and_is_answered_in_time(database: TestDatabase) {
    let app = start(database).await;
    let (_user, mut authenticator) = person(&app).await;
    let (browser, page) = begin(&app).await;
    let (other, others_page) = begin(&app).await;
    let response = authenticator.get(&options(&page));
    let refused = answer(&other, &others_page, &response).await;
    assert_eq!(refused.errors(), [":passkey-authentication-failed"], "of another transaction");

    app.clock().advance(300);
    let late = answer(&browser, &page, &response).await;
    assert_eq!(late.errors(), [":passkey-expired"]);
    let response = authenticator.get(&options(&late));
    let _code = answer(&browser, &late, &response).await.code();
    let replayed = answer(&browser, &late, &response).await;
    assert!(!replayed.left, "the transaction is over");
    assert_eq!(replayed.screen(), "error");
}

async fn moving_on_makes_a_challenge_worthless(database: TestDatabase) {
    let app = start(database).await;
    let (_user, mut authenticator) = person(&app).await;
    let (browser, page) = begin(&app).await;
    let response = authenticator.get(&options(&page));
    let password = browser.submit(&page, &[("username", EMAIL)]).await;
    assert_eq!(password.screen(), "login-password");
    let refused = answer(&browser, &page, &response).await;
    assert_eq!(refused.errors(), [":passkey-authentication-failed"]);
    // Back on the page there is a new one.
    let _code = answer(&browser, &refused, &authenticator.get(&options(&refused))).await.code();
}

async fn strangers_passkeys_are_not_known(database: TestDatabase) {
    let app = start(database).await;
    let (user, mut authenticator) = person(&app).await;
    let mut stranger = Authenticator::new(KeyKind::EdDsa, 9, ORIGIN);
    let (browser, page) = begin(&app).await;
    let refused = answer(&browser, &page, &stranger.get(&options(&page))).await;
    assert_eq!(refused.errors(), [":no-passkey"]);

    let listed = user.get("/authentication-methods?type=passkey").await.json();
    let id = listed["authentication_methods"][0]["id"].as_str().expect("an id").to_owned();
    let _ = user.delete(&housekey_testkit::actor::method_path(&id)).await.expect(204);
    app.messages().await;
    let refused = answer(&browser, &page, &authenticator.get(&options(&page))).await;
    assert_eq!(refused.errors(), [":no-passkey"], "it was removed");
}

async fn blocked_people_stay_out(database: TestDatabase) {
    let app = start(database).await;
    let (_user, mut authenticator) = person(&app).await;
    app.sql("UPDATE users SET blocked = 1").await;
    let (browser, page) = begin(&app).await;
    let done = answer(&browser, &page, &authenticator.get(&options(&page))).await;
    assert_eq!(done.error(), ("unauthorized".to_owned(), "user is blocked".to_owned()));
}

async fn of_many_equal_answers_one_signs_in(database: TestDatabase) {
    let app = start(database).await;
    let (_user, mut authenticator) = person(&app).await;
    authenticator.counter = 0;
    let (browser, page) = begin(&app).await;
    let credential = authenticator.get(&options(&page)).to_string();
    let hidden = page.form().hidden;
    let mut fields: Vec<(&str, &str)> = hidden
        .iter()
        .filter(|(name, _)| name != "passkey")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.push(("passkey", &credential));
    let post = || browser.send(app.post("/u/login/identifier").form(&fields), &page.url);
    let replies = tokio::join!(post(), post(), post(), post(), post(), post());
    let replies = [replies.0, replies.1, replies.2, replies.3, replies.4, replies.5];
    let mut tx = app.core().read(&app.tenant_id()).await.expect("the database answers");
    let person = tx
        .method_by_credential(&authenticator.credential_id)
        .await
        .expect("the database answers")
        .expect("the passkey");
    assert_eq!(person.last_auth_at, Some(app.now()));
    let state = Handle::presented(page.param("state").expect("a transaction"));
    let login = tx.login(&state.hash()).await.expect("the database answers");
    assert_eq!(login.expect("not finished yet").version, 1, "it moved once");
    // The losers find the transaction elsewhere, or their challenge worthless.
    let refused = replies.iter().filter(|reply| reply.status.as_u16() == 400).count();
    let moved = replies.iter().filter(|reply| reply.status.is_redirection()).count();
    assert_eq!(refused + moved, 6);
    let resume = page.url.as_str().replace("u/login/identifier", "authorize/resume");
    let _code = browser.open(&resume).await.code();
}

async fn a_passkey_of_one_host_does_not_work_on_another(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .passkeys()
        .custom_domain("login.acme.example")
        .custom_domain("other.example")
        .configure(|tenant| {
            let parent = Some("acme.example".to_owned());
            tenant.domains[1].relying_party_identifier = parent;
        })
        .start()
        .await;
    let (_user, mut authenticator) = person(&app).await;
    let browser = app.browser();
    let beside = browser.authorize(&app.authorize_on("login.acme.example", SPA, "openid")).await;
    "https://login.acme.example".clone_into(&mut authenticator.origin);
    let response = authenticator.get(&options(&beside));
    let _code = answer(&browser, &beside, &response).await.code();

    let elsewhere = browser.authorize(&app.authorize_on("other.example", SPA, "openid")).await;
    assert_eq!(options(&elsewhere)["rpId"], "other.example");
    "https://other.example".clone_into(&mut authenticator.origin);
    let refused = answer(&browser, &elsewhere, &authenticator.get(&options(&elsewhere))).await;
    assert_eq!(refused.errors(), [":passkey-authentication-failed"]);
}

on_both_engines! {
    the_page_offers_what_the_connection_says,
    a_passkey_signs_in,
    backup_state_and_counter_are_kept_current,
    whatever_is_wrong_is_refused,
    a_challenge_belongs_to_one_transaction_and_is_answered_in_time,
    moving_on_makes_a_challenge_worthless,
    strangers_passkeys_are_not_known,
    blocked_people_stay_out,
    of_many_equal_answers_one_signs_in,
    a_passkey_of_one_host_does_not_work_on_another,
}
