//! Every operation of the My Account API without the right token.

use housekey_testkit::TestApp;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{CUSTOM_API, OTHER_HOST, SPA};
use housekey_web::me::Operation;

use super::Called;

/// Another host of the same tenant.
pub(super) const CUSTOM: &str = "login.acme.example";

const EMAIL: &str = "me@example.com";

/// The routes themselves: what is no operation is nothing, token or not.
pub(super) async fn check_route(app: &TestApp, called: &Called) {
    let is_operation = called.path.ends_with("/factors");
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let expected = if is_operation && method == "GET" { 401 } else { 404 };
        let _ = app.request(method, &called.path).send().await.expect(expected);
    }
}

/// Tokens that are good somewhere, and nowhere in the My Account API of the first tenant.
async fn wrong_tokens(app: &TestApp) -> Vec<(&'static str, String)> {
    let all = format!("openid offline_access {ME}");
    let here = app.sign_in_as(EMAIL, SPA, &all).await;
    app.person_on(OTHER_HOST, EMAIL).await;
    let other_tenant = app.sign_in_on(OTHER_HOST, EMAIL, SPA, &all).await.tokens.access;
    let other_host = app.sign_in_on(CUSTOM, EMAIL, SPA, &all).await.tokens.access;
    let request = app.authorize("openid write:things").with("audience", CUSTOM_API);
    let page = here.browser.authorize(&request).await;
    let code = here.browser.submit(&page, &[("action", "accept")]).await.code();
    let other_audience = app.exchange(&request, &code).await.expect(200).text("/access_token");
    let request = app.authorize("openid").with("audience", "");
    let code = here.browser.authorize(&request).await.code();
    let opaque = app.exchange(&request, &code).await.expect(200).text("/access_token");
    let revoked = app.sign_in_as(EMAIL, SPA, &all).await.tokens;
    let fields = [("client_id", SPA), ("token", revoked.refresh.as_str())];
    let _ = app.post("/oauth/revoke").form(&fields).send().await.expect(200);
    vec![
        ("an ID token", here.tokens.id.clone()),
        ("a refresh token", here.tokens.refresh.clone()),
        ("a token of another tenant", other_tenant),
        ("a token of another host", other_host),
        ("a token for another API", other_audience),
        ("a token for no API", opaque),
        ("a revoked token", revoked.access),
        ("an unsigned token", jwt::unsecured(&here.tokens.access)),
        ("an altered token", jwt::with_claims(&here.tokens.access, |own| own["x"] = 1.into())),
    ]
}

async fn call(app: &TestApp, operation: Operation, token: &str) -> Reply {
    let (method, path) = operation.route();
    let path = format!("/me/v1{}", path.replace("{id}", "totp%7Cdev_0"));
    let request = app.request(method, &path).header("content-type", "application/json");
    let request = request.body(r#"{"type":"totp","auth_session":"x","otp_code":"1"}"#);
    if token.is_empty() { request.send().await } else { request.bearer(token).send().await }
}

pub(super) async fn check_operations(app: &TestApp) {
    app.person(EMAIL).await;
    let wrong = wrong_tokens(app).await;
    for operation in Operation::ALL {
        let _ = call(app, operation, "").await.expect(401);
        for (name, token) in &wrong {
            let reply = call(app, operation, token).await;
            assert_eq!(reply.status, 401, "{operation:?} with {name}");
        }
        check_scope(app, operation).await;
    }
    let right = app.sign_in_as(EMAIL, SPA, ME).await.tokens.access;
    app.clock().advance(600);
    for operation in Operation::ALL {
        let reply = call(app, operation, &right).await;
        assert_eq!(reply.status, 401, "{operation:?} with an expired token");
    }
}

/// With every scope but its own an operation is refused; with its own alone it is not.
async fn check_scope(app: &TestApp, operation: Operation) {
    let others: Vec<_> = ME.split(' ').filter(|scope| *scope != operation.scope()).collect();
    let without = app.sign_in_as(EMAIL, SPA, &others.join(" ")).await.tokens.access;
    let refused = call(app, operation, &without).await.expect(403);
    assert!(refused.text("/detail").ends_with(operation.scope()), "{}", refused.body);
    let alone = app.sign_in_as(EMAIL, SPA, operation.scope()).await.tokens.access;
    let let_in = call(app, operation, &alone).await.status.as_u16();
    assert!(![401, 403].contains(&let_in), "{operation:?} with {}: {let_in}", operation.scope());
}
