//! `/account` and its assets.

use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::ME;
use housekey_testkit::{TestApp, TestDatabase};
use serde_json::Value;

/// What the page tells its script.
fn config(html: &str) -> Value {
    let start = html.find("type=\"application/json\"").expect("a configuration");
    let text = html[start..].split_once('>').and_then(|(_, rest)| rest.split_once("</script>"));
    serde_json::from_str(text.expect("it ends").0).expect("JSON")
}

async fn it_is_an_ordinary_application_of_the_called_host(database: TestDatabase) {
    let custom = "login.acme.example";
    let app = TestApp::build(database).await.custom_domain(custom).start().await;
    app.person(EMAIL).await;
    for host in ["acme.example", custom] {
        let reply = app.get("/account").host(host).send().await.expect(200);
        let config = config(&reply.body);
        let text = |name: &str| config[name].as_str().expect("a text").to_owned();
        assert_eq!(text("redirectUri"), format!("https://{host}/account"));
        for scope in ME.split(' ') {
            assert!(text("scope").contains(scope), "{scope}");
        }
        let request = app
            .authorize_on(host, &text("clientId"), &text("scope"))
            .with("redirect_uri", &text("redirectUri"))
            .with("audience", &text("audience"));
        let page = app.browser().authorize(&request).await;
        assert_eq!(page.screen(), "login-id", "{host}");
    }
}

async fn assets_are_kept_for_good_under_their_version(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let page = app.get("/account").send().await.expect(200).body;
    let css = page.split('"').find(|own| own.ends_with("housekey.css")).expect("a style sheet");
    let css = housekey_testkit::html::unescape(css);
    let css = css.as_str();
    let reply = app.get(css).send().await.expect(200);
    assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert!(reply.header("content-type").is_some_and(|kind| kind.starts_with("text/css")));
    let etag = reply.header("etag").expect("a version").to_owned();
    let unchanged = app.get(css).header("if-none-match", &etag).send().await.expect(304);
    assert_eq!(unchanged.body, "");
    let old = css.replacen(css.split('/').nth(2).expect("a version"), "old", 1);
    let old = app.get(&old).send().await.expect(200);
    assert_eq!(old.header("cache-control"), Some("no-cache"));
    for path in ["/assets/x/nothing.js", "/assets/x/../Cargo.toml", "/assets/x/%2e%2e/a"] {
        let _ = app.get(path).send().await.expect(404);
    }
}

on_both_engines! {
    it_is_an_ordinary_application_of_the_called_host,
    assets_are_kept_for_good_under_their_version,
}
