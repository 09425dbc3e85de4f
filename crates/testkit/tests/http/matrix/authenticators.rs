//! Endpoints about authenticators: an `mfa_token`, or an access token for them.

use housekey_testkit::TestApp;
use housekey_testkit::application::ME;
use housekey_testkit::jwt;
use housekey_testkit::seed::{OTHER_HOST, SPA};

use super::Called;
use super::my_account::CUSTOM;

pub(super) async fn check(app: &TestApp, called: &Called) {
    let email = format!("authenticators-{}@example.com", called.path.len());
    app.person(&email).await;
    app.person_on(OTHER_HOST, &email).await;
    let mine = app.sign_in_as(&email, SPA, &format!("openid {ME}")).await.tokens;
    let on = async |host: &str| {
        let request = app.authorize_on(host, SPA, "enroll read:authenticators");
        let request = request.with("audience", &format!("{}mfa/", app.issuer_of(host)));
        let code = app.browser().authorize_as(&request, &email).await.code();
        app.exchange(&request, &code).await.expect(200).text("/access_token")
    };
    let right = on("acme.example").await;
    let wrong = [
        ("nothing", String::new()),
        ("an ID token", mine.id.clone()),
        ("a token for another API", mine.access.clone()),
        ("an unsigned token", jwt::unsecured(&right)),
        ("another tenant's", on(OTHER_HOST).await),
        ("another host's", on(CUSTOM).await),
        ("an unknown mfa_token", "x".repeat(43)),
    ];
    for method in called.route.methods {
        let call = |token: &str| app.request(method, &called.path).bearer(token).send();
        let _ = app.request(method, &called.path).send().await.expect(401);
        for (name, token) in &wrong {
            assert_eq!(call(token).await.status, 401, "{method} {} with {name}", called.path);
        }
        // Scopes are looked at, too: this token may not remove anything.
        let expected = if *method == "DELETE" { 401 } else { 200 };
        if *method != "POST" {
            assert_eq!(call(&right).await.status, expected, "{method} {}", called.path);
        }
    }
}
