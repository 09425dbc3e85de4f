//! `/authorize`: errors that go back to the application, and what becomes of a good request.

use housekey_testkit::application::Authorize;
use housekey_testkit::seed::CUSTOM_API;
use housekey_testkit::{TestApp, TestDatabase};

/// What the application is told.
async fn told(app: &TestApp, request: &Authorize) -> (String, String) {
    let reply = app.get(&request.path()).send().await.expect(302);
    assert!(reply.location().starts_with("https://spa.example/callback?"), "{}", reply.location());
    assert_eq!(reply.answered("state").as_deref(), request.get("state"));
    assert_eq!(reply.cookie("auth0"), None);
    let get = |name| reply.answered(name).unwrap_or_default();
    (get("error"), get("error_description"))
}

async fn parameters_that_are_wrong(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let service = "Service not found: https://nowhere.example/";
    for (name, value, error, description) in [
        ("response_type", "", "invalid_request", "Missing required parameter: response_type"),
        ("response_type", "token", "unsupported_response_type", "Unsupported response type: token"),
        ("code_challenge", "", "invalid_request", "Missing required parameter: code_challenge"),
        ("code_challenge", "short", "invalid_request", "code_challenge is malformed"),
        ("code_challenge_method", "", "invalid_request", "code_challenge_method must be S256"),
        ("code_challenge_method", "plain", "invalid_request", "code_challenge_method must be S256"),
        ("prompt", "none login", "invalid_request", "Invalid value for prompt: none login"),
        ("prompt", "dance", "invalid_request", "Invalid value for prompt: dance"),
        ("max_age", "-1", "invalid_request", "max_age must be a number of seconds"),
        ("max_age", "soon", "invalid_request", "max_age must be a number of seconds"),
        ("organization", "org_1", "invalid_request", "parameter organization is invalid: org_1"),
        ("invitation", "inv_1", "invalid_request", "parameter invitation is invalid: inv_1"),
        ("request", "x.y.z", "request_not_supported", "Request objects are not supported"),
        ("audience", "https://nowhere.example/", "access_denied", service),
        (
            "audience",
            "https://globex.example/me/",
            "access_denied",
            "Service not found: https://globex.example/me/",
        ),
        ("response_mode", "pigeon", "invalid_request", "Unknown response_mode: pigeon"),
        ("id_token_hint", "x", "invalid_request", "id_token_hint is not valid"),
        ("connection", "x", "invalid_request", "the connection x is not enabled for this client"),
    ] {
        let request = app.authorize("openid").with(name, value);
        let expected = (error.to_owned(), description.to_owned());
        assert_eq!(told(&app, &request).await, expected, "{name}={value}");
    }
    let both = app.authorize("online_access offline_access");
    let text = "Cannot request both online_access and offline_access scopes";
    assert_eq!(told(&app, &both).await.1, text);
}

async fn a_parameter_comes_once(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for (name, value) in [("scope", "openid"), ("nonce", "x"), ("client_id", "web"), ("x", "y")] {
        let request = app.authorize("openid").with("x", "y").and(name, value);
        let (error, description) = told(&app, &request).await;
        assert_eq!(error, "invalid_request", "{name}");
        assert_eq!(description, format!("Parameter {name} was sent more than once"));
    }
    let resource = app.authorize("openid").with("resource", "a").and("resource", "b");
    let shown = app.get(&resource.path()).send().await.expect(302);
    assert!(shown.location().starts_with("/u/login"), "{}", shown.location());
}

async fn clients_without_a_grant(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for (client, error) in
        [("ungranted", "invalid_request"), ("third-party", "unauthorized_client")]
    {
        let request = app.authorize_on("acme.example", client, "openid read:me:factors");
        let reply = app.get(&request.path()).send().await.expect(302);
        assert_eq!(reply.answered("error").as_deref(), Some(error), "{client}");
        let text =
            "Client is not authorized to access resource server \"https://acme.example/me/\"";
        assert_eq!(reply.answered("error_description").as_deref(), Some(text));
        let elsewhere = request.with("audience", CUSTOM_API);
        let shown = app.get(&elsewhere.path()).send().await.expect(302);
        assert!(shown.location().starts_with("/u/login"), "{}", shown.location());
    }
}

async fn a_form_post_is_as_good(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let kind = "application/x-www-form-urlencoded";
    let request = app.authorize("openid");
    let post = app.post("/authorize").header("content-type", kind).body(request.query());
    let reply = post.send().await.expect(302);
    assert!(reply.location().starts_with("/u/login/identifier?state="), "{}", reply.location());
}

async fn an_answer_has_what_was_asked_for_and_no_more(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person("user@example.com").await;
    let browser = app.browser();
    let request = app.authorize("openid");
    let page = browser.authorize_as(&request, "user@example.com").await;
    let names = |page: &housekey_testkit::browser::Page| {
        page.url.query_pairs().map(|(name, _)| name.into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&page), ["code", "state"]);
    assert_eq!(page.param("state").as_deref(), request.get("state"));
    let page = browser.authorize(&app.authorize("openid").with("state", "")).await;
    assert_eq!(names(&page), ["code"]);
    let strange = "a b&c=d#é<\">";
    let page = browser.authorize(&app.authorize("openid").with("state", strange)).await;
    assert_eq!(page.param("state").as_deref(), Some(strange));
}

async fn unknown_parameters_do_not_matter(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let request = app
        .authorize("openid")
        .with("auth0Client", "eyJ9")
        .with("claims", "{}")
        .with("display", "popup")
        .with("ext-x", "y")
        .with("offline_access", "x");
    let reply = app.get(&request.path()).send().await.expect(302);
    assert!(reply.location().starts_with("/u/login"), "{}", reply.location());
}

on_both_engines! {
    parameters_that_are_wrong,
    a_parameter_comes_once,
    clients_without_a_grant,
    a_form_post_is_as_good,
    an_answer_has_what_was_asked_for_and_no_more,
    unknown_parameters_do_not_matter,
}
