//! `POST /oauth/par`: pushed authorization requests (RFC 9126, contract 03 §11.5).

use housekey_core::client::ClientSettings;
use housekey_core::id::ClientId;
use housekey_core::secret::Handle;
use housekey_core::tenant::Configuration;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::Authorize;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{Builder, TestApp, TestDatabase};

use super::{expected, refusal};

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
const UNKNOWN: &str = "The request_uri is unknown, expired or used";

/// A tenant that takes them.
async fn build(database: TestDatabase) -> Builder {
    let on = |tenant: &mut Configuration| {
        tenant.tenant.settings.pushed_authorization_requests_supported = true;
    };
    TestApp::build(database).await.configure(on)
}

async fn send(app: &TestApp, form: String) -> Reply {
    let request =
        app.post("/oauth/par").header("content-type", "application/x-www-form-urlencoded");
    request.body(form).send().await
}

/// The reference to a request that is pushed.
async fn push(app: &TestApp, request: &Authorize) -> String {
    send(app, request.query()).await.expect(201).text("/request_uri")
}

/// What people come with.
fn reference(client: &str, uri: &str) -> String {
    let pairs = [("client_id", client), ("request_uri", uri)];
    format!("/authorize?{}", housekey_testkit::request::encode_pairs(&pairs))
}

/// Fails the test unless the reference leads to the error page.
async fn is_refused(app: &TestApp, client: &str, uri: &str) {
    let page = app.get(&reference(client, uri)).send().await.expect(400);
    assert!(
        page.body.contains("invalid_request_uri") && page.body.contains(UNKNOWN),
        "{}",
        page.body
    );
}

async fn a_request_is_pushed_and_taken_up(database: TestDatabase) {
    let app = build(database).await.start().await;
    app.person(EMAIL).await;
    let request = app.authorize("openid offline_access read:me:factors");
    let reply = send(&app, request.query()).await;
    assert_shown!(reply.seen(), { ".body.request_uri" => "[request_uri]" }, @r#"
    {
      "body": {
        "expires_in": 30,
        "request_uri": "[request_uri]"
      },
      "status": 201
    }
    "#);
    let uri = reply.text("/request_uri");
    assert!(uri.strip_prefix(PREFIX).is_some_and(|handle| handle.len() == 43), "{uri}");
    let browser = app.browser();
    let beside = format!("{}&scope=openid&state=other", reference(SPA, &uri));
    let page = browser.open(&format!("https://acme.example{beside}")).await;
    let page = browser.log_in(&page, EMAIL, housekey_testkit::app::PASSWORD).await;
    assert_eq!(page.param("state").as_deref(), request.get("state"), "what is beside is ignored");
    let tokens = app.exchange(&request, &page.code()).await.expect(200);
    assert_eq!(tokens.text("/scope"), "openid offline_access read:me:factors");
}

async fn it_is_good_once(database: TestDatabase) {
    let app = build(database).await.start().await;
    let uri = push(&app, &app.authorize("openid")).await;
    let _ = app.get(&reference(SPA, &uri)).send().await.expect(302);
    is_refused(&app, SPA, &uri).await;
}

async fn it_is_good_for_a_while(database: TestDatabase) {
    let longer = |settings: &mut ClientSettings| settings.par_request_expiry = Some(600);
    let app = build(database).await.client(WEB, longer).start().await;
    for (seconds, status) in [(29, 302), (30, 400)] {
        let uri = push(&app, &app.authorize("openid")).await;
        app.clock().advance(seconds);
        assert_eq!(app.get(&reference(SPA, &uri)).send().await.status, status, "{seconds}");
    }
    let secret = app.secret_of(WEB).await;
    let request = app.authorize_on("acme.example", WEB, "openid").with("client_secret", &secret);
    let reply = send(&app, request.query()).await.expect(201);
    assert_eq!(reply.json()["expires_in"], 600);
    app.clock().advance(599);
    let uri = reply.text("/request_uri");
    let _ = app.get(&reference(WEB, &uri)).send().await.expect(302);
}

async fn it_is_good_for_its_client(database: TestDatabase) {
    let app = build(database).await.start().await;
    let uri = push(&app, &app.authorize("openid")).await;
    is_refused(&app, WEB, &uri).await;
    for nonsense in ["x", PREFIX, "https://spa.example/request", &format!("{PREFIX}x")] {
        is_refused(&app, SPA, nonsense).await;
    }
    let _ = app.get(&reference("", &uri)).send().await.expect(400);
    let _ = app.get(&reference(SPA, &uri)).send().await.expect(302);
}

async fn what_is_wrong_is_told_at_once(database: TestDatabase) {
    let app = build(database).await.start().await;
    let request = || app.authorize("openid");
    for (name, value, error, text) in [
        ("request_uri", "x", "invalid_request", "request_uri cannot be pushed"),
        ("response_type", "", "invalid_request", "Missing required parameter: response_type"),
        ("code_challenge", "", "invalid_request", "Missing required parameter: code_challenge"),
        ("prompt", "dance", "invalid_request", "Invalid value for prompt: dance"),
        ("audience", "https://x/", "access_denied", "Service not found: https://x/"),
        ("dpop_jkt", "x", "invalid_request", "dpop_jkt is malformed"),
    ] {
        let reply = send(&app, request().with(name, value).query()).await;
        assert_eq!(refusal(&reply), expected(400, error, text), "{name}={value}");
    }
    let elsewhere = request().with("redirect_uri", "https://evil.example/");
    assert_eq!(send(&app, elsewhere.query()).await.expect(400).text("/error"), "invalid_request");
    let twice = send(&app, request().and("scope", "email").query()).await;
    let text = "Parameter scope was sent more than once";
    assert_eq!(refusal(&twice), expected(400, "invalid_request", text));
    let text = "The request body must be a form of at most 10 KB";
    let long = send(&app, request().with("login_hint", &"x".repeat(10_240)).query()).await;
    assert_eq!(refusal(&long), expected(400, "invalid_request", text));
    let json = app.post("/oauth/par").json(&serde_json::json!({ "client_id": SPA })).send().await;
    assert_eq!(refusal(&json), expected(400, "invalid_request", text));
}

async fn applications_authenticate_and_their_secrets_are_not_kept(database: TestDatabase) {
    let app = build(database).await.start().await;
    let secret = app.secret_of(WEB).await;
    let request = app.authorize_on("acme.example", WEB, "openid");
    let bare = send(&app, request.query()).await;
    assert_eq!(refusal(&bare), expected(401, "access_denied", "Unauthorized"));
    let reply = send(&app, request.clone().with("client_secret", &secret).query()).await;
    let uri = reply.expect(201).text("/request_uri");
    let handle = uri.strip_prefix(PREFIX).expect("stands before every one");
    let mut tx = app.core().write(&app.tenant_id()).await.expect("the database answers");
    let handle = Handle::presented(handle).hash();
    let kept = tx.spend_pushed_request(&handle, &ClientId::from_raw(WEB)).await;
    let kept = kept.expect("the database answers").expect("is there").params;
    assert_eq!((kept.get("client_secret"), kept.get("scope")), (None, Some("openid")));
    drop(tx);
    let form = request.with("client_id", SPA).query();
    let basic = app.post("/oauth/par").basic(WEB, &secret);
    let basic = basic.header("content-type", "application/x-www-form-urlencoded").body(form);
    let text = "client_id is not the client that authenticates";
    assert_eq!(refusal(&basic.send().await), expected(400, "invalid_request", text));
}

async fn a_client_may_have_to(database: TestDatabase) {
    let must = |settings: &mut ClientSettings| {
        settings.require_pushed_authorization_requests = true;
    };
    let app = build(database).await.client(SPA, must).start().await;
    let request = app.authorize("openid");
    let refused = app.get(&request.path()).send().await.expect(302);
    assert_eq!(refused.answered("error").as_deref(), Some("invalid_request"));
    assert_eq!(refused.answered("state").as_deref(), request.get("state"));
    let uri = push(&app, &request).await;
    let taken = app.get(&reference(SPA, &uri)).send().await.expect(302);
    assert!(taken.location().starts_with("/u/"), "{}", taken.location());
}

async fn a_tenant_may_not_want_them(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let reply = send(&app, app.authorize("openid").query()).await;
    let text = "Pushed authorization requests are not enabled for this tenant";
    assert_eq!(refusal(&reply), expected(400, "invalid_request", text));
    let metadata = app.get("/.well-known/openid-configuration").send().await.expect(200).json();
    assert!(metadata.get("pushed_authorization_request_endpoint").is_none());
}

/// RFC 9449 §10.1: the key of the proof is as good as `dpop_jkt`.
async fn a_proof_announces_its_key(database: TestDatabase) {
    let app = build(database).await.start().await;
    app.person(EMAIL).await;
    let (key, other) = (ProofKey::default(), ProofKey::default());
    let request = app.authorize("openid");
    let url = "https://acme.example/oauth/par";
    let send = |form: String, nonce: String| {
        let proof = key.draft("POST", url, app.now()).claim("nonce", nonce).sign();
        let request = app.post("/oauth/par").header("dpop", &proof);
        request.header("content-type", "application/x-www-form-urlencoded").body(form).send()
    };
    let asked = send(request.query(), String::new()).await.expect(400);
    assert_eq!(asked.text("/error"), "use_dpop_nonce");
    let nonce = asked.header("dpop-nonce").expect("the nonce to come again with").to_owned();
    let contrary = request.clone().with("dpop_jkt", &other.thumbprint());
    let refused = send(contrary.query(), nonce.clone()).await;
    let text = "dpop_jkt is not the key of the DPoP proof";
    assert_eq!(refusal(&refused), expected(400, "invalid_request", text));
    let uri = send(request.query(), nonce).await.expect(201).text("/request_uri");
    let browser = app.browser();
    let page = browser.open(&format!("https://acme.example{}", reference(SPA, &uri))).await;
    let page = browser.log_in(&page, EMAIL, housekey_testkit::app::PASSWORD).await;
    let stolen = app.prove(&other, &request.token_fields(&page.code())).await.expect(403);
    assert_eq!(stolen.text("/error"), "invalid_grant");
}

on_both_engines! {
    a_request_is_pushed_and_taken_up,
    it_is_good_once,
    it_is_good_for_a_while,
    it_is_good_for_its_client,
    what_is_wrong_is_told_at_once,
    applications_authenticate_and_their_secrets_are_not_kept,
    a_client_may_have_to,
    a_tenant_may_not_want_them,
    a_proof_announces_its_key,
}
