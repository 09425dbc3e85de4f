//! Who may read answers from a browser (contract 01 §8, 03 §13).

use housekey_testkit::request::Reply;
use housekey_testkit::seed::SPA;
use housekey_testkit::{TestApp, TestDatabase};

const ALLOWED: [&str; 4] = [
    "https://spa.example",
    "https://web.example",
    "https://a.preview.example",
    "http://127.0.0.1:8080",
];
const FOREIGN: [&str; 7] = [
    "https://evil.example",
    "http://spa.example",
    "https://spa.example:8443",
    "https://a.b.preview.example",
    "https://preview.example",
    "null",
    "https://spa.example.evil.example",
];
const EXPOSED: &str = "Location, DPoP-Nonce, WWW-Authenticate, Retry-After, X-RateLimit-Limit, \
                       X-RateLimit-Remaining, X-RateLimit-Reset, X-Auth0-Error-Kind";

fn allowed(reply: &Reply) -> Option<&str> {
    assert_eq!(reply.header("vary"), Some("Origin"));
    reply.header("access-control-allow-origin")
}

async fn preflights_allow_any_clients_origin(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for path in [
        "/me/v1/factors",
        "/oauth/token",
        "/oauth/revoke",
        "/userinfo",
        "/mfa/challenge",
        "/mfa/associate",
        "/mfa/authenticators",
        "/mfa/authenticators/totp%7Cdev_0",
        "/passwordless/start",
    ] {
        for (origin, expected) in
            ALLOWED.map(|own| (own, true)).into_iter().chain(FOREIGN.map(|own| (own, false)))
        {
            let reply = app
                .request("OPTIONS", path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization, auth0-client, x-any")
                .send()
                .await
                .expect(204);
            assert_eq!(allowed(&reply), expected.then_some(origin), "{path} {origin}");
            let asked = expected.then_some("authorization, auth0-client, x-any");
            assert_eq!(reply.header("access-control-allow-headers"), asked);
            assert_eq!(reply.header("access-control-max-age"), expected.then_some("600"));
            assert_eq!(reply.header("access-control-allow-credentials"), None);
        }
    }
    let me = app.request("OPTIONS", "/me/v1/nonsense").header("origin", ALLOWED[0]).send().await;
    let methods = "GET, POST, PATCH, DELETE, OPTIONS";
    assert_eq!(me.header("access-control-allow-methods"), Some(methods));
    let headers = me.header("access-control-allow-headers").expect("a default");
    for name in ["Authorization", "Content-Type", "Accept", "DPoP", "Auth0-Client", "Auth0-Scope"] {
        assert!(headers.contains(name), "{name}");
    }
}

async fn answers_are_for_the_tokens_client(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for (origin, expected) in [
        ("https://spa.example", true),
        ("https://a.preview.example", true),
        ("https://web.example", false),
        ("https://evil.example", false),
    ] {
        for path in ["/factors", "/authentication-methods/totp%7Cdev_0"] {
            let reply = user.request("GET", path).header("origin", origin).send().await;
            assert_eq!(allowed(&reply), expected.then_some(origin), "{path} {origin}");
            let exposed = expected.then_some(EXPOSED);
            assert_eq!(reply.header("access-control-expose-headers"), exposed);
        }
        let info = app.get("/userinfo").bearer(&user.tokens.access).header("origin", origin);
        assert_eq!(allowed(&info.send().await.expect(200)), expected.then_some(origin));
    }
}

async fn errors_can_be_read_too(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .configure(|tenant| tenant.tenant.settings.my_account_limits.tenant_reads_per_second = 4)
        .start()
        .await;
    let user = app.sign_in_with("openid read:me:authentication_methods").await;
    let origin = "https://spa.example";
    let send = |method: &'static str, path: &'static str, token: &'static str| {
        let token = if token.is_empty() { user.tokens.access.as_str() } else { token };
        let request = app.request(method, &format!("/me/v1{path}")).bearer(token);
        request.header("origin", origin).send()
    };
    for (method, path, token, status) in [
        ("GET", "/nonsense", "", 404),
        ("GET", "/factors", "bad", 401),
        ("GET", "/factors", "", 403),
        ("GET", "/authentication-methods?type=x", "", 400),
        ("GET", "/authentication-methods/totp%7Cdev_0", "", 404),
        ("GET", "/authentication-methods/totp%7Cdev_0", "", 404),
        ("GET", "/authentication-methods", "", 429),
    ] {
        let reply = send(method, path, token).await.expect(status);
        assert_eq!(allowed(&reply), Some(origin), "{method} {path}");
    }
    let refused = app.post("/oauth/token").header("origin", origin).form(&[("client_id", SPA)]);
    assert_eq!(allowed(&refused.send().await.expect(400)), Some(origin));
}

async fn foreign_scripts_get_no_tokens_of_public_clients(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    for origin in FOREIGN {
        let token = user.tokens.refresh.as_str();
        let fields =
            [("grant_type", "refresh_token"), ("client_id", SPA), ("refresh_token", token)];
        let reply = app.post("/oauth/token").header("origin", origin).form(&fields).send().await;
        assert_eq!(
            (reply.status.as_u16(), reply.body.as_str()),
            (403, format!("Origin {origin} is not allowed.").as_str())
        );
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    let _ = app.refresh(SPA, &user.tokens.refresh).await.expect(200);
}

async fn clients_with_a_secret_are_served_wherever_from(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let secret = app.secret_of("web").await;
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("client_secret", secret.as_str()),
        ("refresh_token", "x"),
    ];
    let post = app.post("/oauth/token").header("origin", "https://evil.example").form(&fields);
    let reply = post.send().await.expect(403);
    assert_eq!(reply.text("/error"), "invalid_grant");
    assert_eq!(allowed(&reply), None);
}

async fn ones_own_origin_is_not_foreign(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let user = app.sign_in().await;
    let token = user.tokens.refresh.as_str();
    let fields = [("grant_type", "refresh_token"), ("client_id", SPA), ("refresh_token", token)];
    let post = app.post("/oauth/token").header("origin", "https://acme.example").form(&fields);
    let _ = post.send().await.expect(200);
}

async fn pages_are_for_no_script(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for path in ["/authorize", "/u/login?state=x", "/v2/logout", "/oidc/logout", "/account"] {
        let reply = app.get(path).header("origin", "https://spa.example").send().await;
        assert_eq!(reply.header("access-control-allow-origin"), None, "{path}");
    }
}

on_both_engines! {
    preflights_allow_any_clients_origin,
    answers_are_for_the_tokens_client,
    errors_can_be_read_too,
    foreign_scripts_get_no_tokens_of_public_clients,
    clients_with_a_secret_are_served_wherever_from,
    ones_own_origin_is_not_foreign,
    pages_are_for_no_script,
}
