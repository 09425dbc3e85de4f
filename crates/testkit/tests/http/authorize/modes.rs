//! `/authorize`: how answers travel (contract 03 §3.6).

use housekey_testkit::actor::EMAIL;
use housekey_testkit::html;
use housekey_testkit::request::Reply;
use housekey_testkit::{TestApp, TestDatabase};

async fn answered(app: &TestApp, mode: &str, state: &str) -> Reply {
    let user = app.sign_in().await;
    let request = app.authorize("openid").with("response_mode", mode).with("state", state);
    user.browser.authorize(&request).await.reply
}

/// The document with what is random taken out.
fn shape(reply: &Reply, code: &str) -> String {
    let policy = reply.header("content-security-policy").expect("pages have a policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    let nonce = nonce.expect("scripts have a nonce");
    format!("{policy}\n{}", reply.body).replace(nonce, "[nonce]").replace(code, "[code]")
}

async fn in_the_fragment(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let reply = answered(&app, "fragment", "s").await.expect(302);
    let location = reply.location();
    assert!(location.starts_with("https://spa.example/callback#code="), "{location}");
    assert!(location.ends_with("&state=s"), "{location}");
}

async fn as_a_form(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let reply = answered(&app, "form_post", "a\"><script>b").await.expect(200);
    let form = html::form(&reply.body);
    assert_eq!(form.action.as_deref(), Some("https://spa.example/callback"));
    let (code_name, code) = form.hidden[0].clone();
    assert_eq!(code_name, "code");
    assert_eq!(form.hidden[1], ("state".to_owned(), "a\"><script>b".to_owned()));
    assert_text!(shape(&reply, &code), @r#"
    default-src 'none'; style-src 'self' 'nonce-[nonce]'; script-src 'self' 'nonce-[nonce]'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'
    <!doctype html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Submitting…</title></head>
    <body>
    <form method="post" action="https:&#x2f;&#x2f;spa.example&#x2f;callback">
      <input type="hidden" name="code" value="[code]">
      <input type="hidden" name="state" value="a&quot;&gt;&lt;script&gt;b">
      <noscript><button type="submit">Continue</button></noscript>
    </form>
    <script nonce="[nonce]">document.forms[0].submit();</script>
    </body>
    </html>
    "#);
}

async fn as_a_message(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let reply = answered(&app, "web_message", "</script><b>").await.expect(200);
    assert_eq!(reply.header("x-frame-options"), None);
    assert!(!reply.body.contains("</script><b>"), "{}", reply.body);
    let code = reply.body.split("\"code\":").nth(1).and_then(|rest| rest.split('"').nth(1));
    assert_text!(shape(&reply, code.expect("a code")), @r#"
    default-src 'none'; script-src 'nonce-[nonce]'; base-uri 'none'; frame-ancestors https://spa.example
    <!doctype html>
    <html lang="en">
    <head><meta charset="utf-8"><title>Authorization response</title></head>
    <body>
    <script nonce="[nonce]">
    (function () {
      var message = { type: "authorization_response", response: {"code":"[code]","state":"\u003c/script\u003e\u003cb\u003e"} };
      (window.opener || window.parent).postMessage(message, "https://spa.example");
    })();
    </script>
    </body>
    </html>
    "#);
}

async fn errors_travel_the_same_way(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for mode in ["query", "fragment", "form_post", "web_message"] {
        let request = app.authorize("openid").with("response_mode", mode).with("prompt", "none");
        let reply = app.get(&request.path()).send().await;
        match mode {
            "query" => assert!(reply.location().contains("?error=login_required&"), "{mode}"),
            "fragment" => assert!(reply.location().contains("#error=login_required&"), "{mode}"),
            "form_post" => {
                let hidden = html::form(&reply.body).hidden;
                assert_eq!(hidden[0], ("error".to_owned(), "login_required".to_owned()));
            }
            _ => assert!(reply.body.contains("\"error\":\"login_required\""), "{}", reply.body),
        }
    }
}

async fn a_message_after_a_login(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let request = app.authorize("openid").with("response_mode", "web_message");
    let page = app.browser().authorize_as(&request, EMAIL).await;
    assert!(!page.left, "a popup ends on the document");
    assert!(page.reply.body.contains("authorization_response"), "{}", page.reply.body);
    assert!(page.reply.body.contains("\"https://spa.example\""), "{}", page.reply.body);
}

on_both_engines! {
    in_the_fragment,
    as_a_form,
    as_a_message,
    errors_travel_the_same_way,
    a_message_after_a_login,
}
