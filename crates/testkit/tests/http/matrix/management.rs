//! Every operation of the Management API without the right token.

use housekey_testkit::TestApp;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{CUSTOM_API, MACHINE, OTHER_HOST};
use housekey_web::manage::{Operation, operations};

pub(super) async fn token(app: &TestApp, host: &str, audience: &str, scope: &str) -> Reply {
    let secret = app.secret_of(MACHINE).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", secret.as_str()),
        ("audience", audience),
        ("scope", scope),
    ];
    app.post("/oauth/token").host(host).form(&fields).send().await
}

pub(super) const HERE: &str = "https://acme.example/api/v2/";

async fn call(app: &TestApp, operation: &Operation, token: &str) -> Reply {
    let filled = |segment| if str::starts_with(segment, '{') { "0" } else { segment };
    let path: Vec<_> = operation.path.split('/').map(filled).collect();
    let path = format!("/api/v2/{}", path.join("/"));
    let request = app.request(operation.method, &path).header("content-type", "application/json");
    request.body("{}").bearer(token).send().await
}

pub(super) async fn check(app: &TestApp) {
    let other_api = token(app, "acme.example", CUSTOM_API, "").await.expect(200);
    let all = token(app, "acme.example", HERE, "").await.expect(200);
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        for wrong in ["", "x", &other_api.text("/access_token")] {
            assert_eq!(call(app, operation, wrong).await.status, 401, "{name}");
        }
        let elsewhere = app.request(operation.method, "/api/v2/clients").host(OTHER_HOST);
        let elsewhere = elsewhere.bearer(&all.text("/access_token")).send().await;
        assert_eq!(elsewhere.status, 401, "{name}");
        let others: Vec<_> = all.text("/scope").split(' ').map(str::to_owned).collect();
        let needs_one = |scope: &&String| !operation.scopes.contains(&scope.as_str());
        let others = others.iter().filter(needs_one);
        let others = others.map(String::as_str).collect::<Vec<_>>().join(" ");
        let without = token(app, "acme.example", HERE, &others).await.expect(200);
        let refused = call(app, operation, &without.text("/access_token")).await.expect(403);
        assert_eq!(refused.text("/errorCode"), "insufficient_scope", "{name}");
        for missing in operation.also {
            let but_one = all.text("/scope").replace(missing, "");
            let without = token(app, "acme.example", HERE, &but_one).await.expect(200);
            let refused = call(app, operation, &without.text("/access_token")).await.expect(403);
            assert_eq!(refused.text("/errorCode"), "insufficient_scope", "{name}");
        }
        for scope in operation.scopes {
            let needed = [&[*scope], operation.also].concat().join(" ");
            let alone = token(app, "acme.example", HERE, &needed).await.expect(200);
            let let_in = call(app, operation, &alone.text("/access_token")).await.status.as_u16();
            assert!(![401, 403].contains(&let_in), "{name} with {scope}: {let_in}");
        }
        app.clock().advance(60);
    }
}
