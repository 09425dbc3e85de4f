//! Pages of a login: of one transaction, one browser, and for posts one form.

use housekey_testkit::TestApp;
use housekey_testkit::browser::{Browser, Page};
use housekey_testkit::request::Request;
use housekey_testkit::seed::{HOST, OTHER_HOST};
use url::Url;

use super::Called;

/// Everything a person might fill in anywhere, with a token that is never right.
fn fill<'a>(request: Request<'a>, state: &str, csrf: &str) -> Request<'a> {
    request.form(&[
        ("state", state),
        ("_csrf", csrf),
        ("action", "accept"),
        ("username", "transaction@example.com"),
        ("email", "transaction@example.com"),
        ("password", "Battery-staple-8"),
    ])
}

fn token(page: &Page) -> String {
    let token = page.form().hidden.into_iter().find(|(name, _)| name == "_csrf");
    token.expect("forms have a token").1
}

async fn begun(app: &TestApp) -> (Browser<'_>, Page) {
    let browser = app.browser();
    let page = browser.authorize(&app.authorize("openid")).await;
    (browser, page)
}

pub(super) async fn check(app: &TestApp, called: &Called) {
    let (browser, page) = begun(app).await;
    let (thief, thiefs_page) = begun(app).await;
    let state = page.param("state").expect("a transaction");
    let right = token(&page);
    let cookie = browser.cookie(HOST, "housekey_tx").await.expect("a transaction");
    thief.set_cookie(OTHER_HOST, "housekey_tx", &cookie).await;
    let url = |host: &str, state: &str| {
        let url = format!("https://{host}{}?state={state}", called.path);
        Url::parse(&url).expect("a URL")
    };
    let nobody = app.browser();
    let wrong = [
        ("no transaction", &browser, url(HOST, ""), "", right.clone()),
        ("a made-up transaction", &browser, url(HOST, "made-up"), "made-up", right.clone()),
        ("no cookie", &nobody, url(HOST, &state), state.as_str(), right.clone()),
        ("another browser", &thief, url(HOST, &state), state.as_str(), right.clone()),
        ("its own form", &thief, url(HOST, &state), state.as_str(), token(&thiefs_page)),
        ("another tenant", &thief, url(OTHER_HOST, &state), state.as_str(), right),
    ];
    for (name, browser, url, state, csrf) in &wrong {
        for method in called.route.methods {
            let target = housekey_testkit::browser::path_and_query(url);
            let request = fill(app.request(method, &target), state, csrf);
            let reply = browser.send(request, url).await;
            assert_eq!(reply.status, 400, "{method} {} with {name}", called.path);
        }
    }
    if called.route.methods.contains(&"POST") {
        for csrf in ["", "forged", token(&thiefs_page).as_str()] {
            let request = fill(app.post(&called.path), &state, csrf);
            let reply = browser.send(request, &url(HOST, &state)).await;
            assert_eq!(reply.status, 400, "POST {} with the token {csrf:?}", called.path);
        }
    }
    assert_eq!(browser.open(page.url.as_str()).await.screen(), "login-id", "nothing changed");
}
