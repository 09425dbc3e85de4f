//! The login against a stand-in for the sign-in pages, so that it is the visit that is tested:
//! cookies, hidden fields, redirects, PKCE.

use std::collections::HashMap;

use axum::{
    Form, Json, Router,
    extract::Query,
    http::HeaderMap,
    response::{AppendHeaders, Html, IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

type Fields = HashMap<String, String>;

/// The stand-in's only memory is the transaction's `state`: the request's `state` and challenge.
async fn authorize(Query(query): Query<Fields>) -> Response {
    let transaction = format!("{}&{}", query["state"], query["code_challenge"]);
    redirect("identifier", &transaction, "tx=1; Path=/u; HttpOnly")
}

async fn page(Query(query): Query<Fields>, headers: HeaderMap) -> Response {
    if cookie(&headers) != "tx=1" {
        return StatusCode::FORBIDDEN.into_response();
    }
    let state = query["state"].replace('&', "&amp;");
    Html(format!(
        "<form data-form-primary=\"true\"><input type=hidden name=state value=\"{state}\">\
         <input type=hidden name=_csrf value=csrf1><input name=username></form>"
    ))
    .into_response()
}

async fn identifier(Form(form): Form<Fields>) -> Response {
    let is_right = form["_csrf"] == "csrf1" && form["username"] == "demo@example.com";
    let next = if is_right { "password" } else { "identifier" };
    redirect(next, &form["state"], "seen=1; Path=/elsewhere")
}

async fn password(headers: HeaderMap, Form(form): Form<Fields>) -> Response {
    if cookie(&headers) != "tx=1" || form["password"] != "pw" || form["action"] != "default" {
        return (StatusCode::BAD_REQUEST, "Wrong username or password").into_response();
    }
    let location = format!("/authorize/resume?{}", query("state", &form["state"]));
    let headers = AppendHeaders([("set-cookie", "auth0=s"), ("location", &location)]);
    (StatusCode::FOUND, headers).into_response()
}

async fn resume(Query(fields): Query<Fields>, headers: HeaderMap) -> Response {
    let (state, challenge) = fields["state"].split_once('&').expect("a transaction");
    assert_eq!(cookie(&headers), "auth0=s");
    let callback = format!("{REDIRECT_URI}?code={challenge}&state={state}");
    (StatusCode::FOUND, [("location", callback)]).into_response()
}

async fn token(Form(form): Form<Fields>) -> Response {
    if challenge(&form["code_verifier"]) != form["code"] {
        return StatusCode::FORBIDDEN.into_response();
    }
    Json(json!({ "access_token": "a.b.c", "id_token": "d.e.f", "token_type": "Bearer" }))
        .into_response()
}

fn redirect(screen: &str, state: &str, cookie: &str) -> Response {
    let location = format!("/u/login/{screen}?{}", query("state", state));
    let headers = [("location", location), ("set-cookie", cookie.to_owned())];
    (StatusCode::FOUND, headers).into_response()
}

fn query(name: &str, value: &str) -> String {
    serde_urlencoded::to_string([(name, value)]).expect("a query")
}

fn cookie(headers: &HeaderMap) -> &str {
    headers.get("cookie").map_or("", |value| value.to_str().expect("a cookie"))
}

/// Signs in at the stand-in with this password.
fn sign_in(password_typed: &str) -> Result<Tokens> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = Origin::localhost(listener.local_addr()?.port())?;
        let router = Router::new()
            .route("/authorize", get(authorize))
            .route("/authorize/resume", get(resume))
            .route("/u/login/identifier", get(page).post(identifier))
            .route("/u/login/password", get(page).post(password))
            .route("/oauth/token", post(token));
        tokio::spawn(axum::serve(listener, router).into_future());
        let account = Account {
            client_id: "spa".to_owned(),
            audience: "http://localhost/me/".to_owned(),
            email: "demo@example.com".to_owned(),
            password: password_typed.to_owned(),
            origin,
        };
        let mut client = Client::connect(&account.origin).await?;
        login(&mut client, &account, "openid").await
    })
}

#[test]
fn the_visit_ends_in_tokens() {
    let tokens = sign_in("pw").expect("a login");
    assert_eq!((tokens.access.as_str(), tokens.id.as_str()), ("a.b.c", "d.e.f"));
}

#[test]
fn a_refused_password_is_reported() {
    let message = sign_in("other").err().expect("a refusal").to_string();
    assert!(message.contains("Wrong username or password"), "{message}");
}

#[test]
fn the_code_is_taken_only_from_the_answer_to_this_request() {
    let callback = "http://localhost:3000?code=a%2Fb&state=s1";
    assert_eq!(authorization_code(callback, "s1").expect("a code"), "a/b");
    assert!(authorization_code(callback, "s2").is_err());
    let refused = "http://localhost:3000?error=access_denied&state=s1";
    let message = authorization_code(refused, "s1").expect_err("no code").to_string();
    assert!(message.contains("access_denied"), "{message}");
}

#[test]
fn a_verifier_has_the_length_pkce_wants_and_is_never_the_same() {
    let (one, other) = (random_text().expect("text"), random_text().expect("text"));
    assert_eq!(one.len(), 43);
    assert_ne!(one, other);
}

#[test]
fn an_opaque_or_encrypted_token_is_not_signed() {
    assert!(is_signed("a.b.c"));
    for other in ["", "opaque", "a.b", "a..c", "a.b.", "a.b.c.d", "a.b.c.d.e"] {
        assert!(!is_signed(other), "{other}");
    }
}

#[test]
fn an_answer_without_id_token_is_refused() {
    let answer = |body: &'static str| Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: bytes::Bytes::from_static(body.as_bytes()),
    };
    assert!(Tokens::read(answer(r#"{"access_token":"a.b.c"}"#)).is_err());
    let tokens = Tokens::read(answer(r#"{"access_token":"a.b.c","id_token":"d.e.f"}"#));
    assert_eq!(tokens.expect("tokens").refresh, None);
}
