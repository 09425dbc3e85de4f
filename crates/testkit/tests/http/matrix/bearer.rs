//! Endpoints that take a bearer token.

use housekey_testkit::TestApp;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::{OTHER_HOST, SPA};

use super::Called;
use super::my_account::CUSTOM;

const EMAIL: &str = "bearer@example.com";

pub(super) async fn check(app: &TestApp, called: &Called) {
    app.person(EMAIL).await;
    app.person_on(OTHER_HOST, EMAIL).await;
    let scope = format!("openid {ME}");
    let right = app.sign_in_as(EMAIL, SPA, &scope).await.tokens;
    let wrong = [
        ("nothing", String::new()),
        ("an ID token", right.id.clone()),
        ("an unsigned token", jwt::unsecured(&right.access)),
        ("a token without openid", app.sign_in_as(EMAIL, SPA, ME).await.tokens.access),
        ("another tenant's", app.sign_in_on(OTHER_HOST, EMAIL, SPA, &scope).await.tokens.access),
        ("another host's", app.sign_in_on(CUSTOM, EMAIL, SPA, &scope).await.tokens.access),
    ];
    for method in called.route.methods {
        let call = |token: &str| app.request(method, &called.path).bearer(token).send();
        let _ = call(&right.access).await.expect(200);
        let _ = app.request(method, &called.path).send().await.expect(401);
        for (name, token) in &wrong {
            assert_eq!(call(token).await.status, 401, "{method} {} with {name}", called.path);
        }
    }
}
