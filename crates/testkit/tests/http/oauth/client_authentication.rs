//! Who asks at `/oauth/token` (contract 03 §6.2, O4, O23).

use housekey_core::client::Client;
use housekey_core::id::ClientId;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::request::Request;
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};

use super::{code_for, expected, refusal};

/// Nothing but the client is wrong, or right, in these.
fn post(app: &TestApp) -> Request<'_> {
    app.post("/oauth/token")
}

const GRANT: (&str, &str) = ("grant_type", "refresh_token");

async fn without_a_client(database: TestDatabase) {
    let app = TestApp::start(database).await;
    assert_shown!(post(&app).form(&[GRANT]).send().await.seen(), @r#"
    {
      "body": {
        "error": "invalid_client",
        "error_description": "Missing required parameter: client_id"
      },
      "status": 401
    }
    "#);
}

async fn unknown_clients_and_wrong_secrets_are_told_apart_by_nobody(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let secret = app.secret_of(WEB).await;
    let other = app.secret_of("ungranted").await;
    for (id, secret) in [
        ("nobody", "x"),
        ("nobody", &secret),
        (WEB, "wrong"),
        (WEB, ""),
        (WEB, &secret[1..]),
        (WEB, &other),
        ("", "x"),
    ] {
        let unauthorized = if id.is_empty() {
            expected(401, "invalid_client", "Missing required parameter: client_id")
        } else {
            expected(401, "access_denied", "Unauthorized")
        };
        let fields = [GRANT, ("client_id", id), ("client_secret", secret)];
        assert_eq!(refusal(&post(&app).form(&fields).send().await), unauthorized, "{id}");
        if !id.is_empty() {
            let basic = post(&app).basic(id, secret).form(&[GRANT]).send().await;
            assert_eq!(refusal(&basic), unauthorized, "{id}");
        }
    }
}

async fn the_client_comes_before_the_grant(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let refused = post(&app).form(&[("client_id", WEB), ("grant_type", "nonsense")]).send().await;
    assert_eq!(refused.status, 401);
}

async fn a_public_clients_secret_is_ignored(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let fields = [GRANT, ("client_id", SPA), ("client_secret", "x"), ("refresh_token", "x")];
    assert_eq!(refusal(&post(&app).form(&fields).send().await).1, "invalid_grant");
}

async fn secrets_with_any_character_work_by_header_and_body(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let secret = "a:b%c+d e&f=g\"ü";
    let id = ClientId::from_raw(WEB);
    let tenant = app.tenant_id();
    let core = app.core();
    let sealed = core.sealer().seal(Client::place(&tenant, &id), secret.as_bytes(), core.random());
    let sealed_secret = Some(sealed.expect("seals"));
    let client = Client { sealed_secret, ..(*app.client(WEB).await).clone() };
    core.store().registry().put_client(&tenant, &client).await.expect("stored");
    core.directory().forget(&tenant);
    for by_header in [true, false] {
        let request = app.authorize_on("acme.example", WEB, "openid");
        let code = code_for(&app, &request).await;
        let mut fields = request.token_fields(&code);
        if by_header {
            fields.retain(|(name, _)| *name != "client_id");
            let _ = post(&app).basic(WEB, secret).form(&fields).send().await.expect(200);
        } else {
            fields.push(("client_secret", secret));
            let _ = post(&app).form(&fields).send().await.expect(200);
        }
    }
}

async fn malformed_headers_do_not_authenticate(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for value in ["Basic", "Basic !", "Basic eA==", "Basic /////w==", "Bearer eDp5"] {
        let request = post(&app).header("authorization", value).form(&[GRANT]);
        assert_eq!(request.send().await.status, 401, "{value}");
    }
}

on_both_engines! {
    without_a_client,
    unknown_clients_and_wrong_secrets_are_told_apart_by_nobody,
    the_client_comes_before_the_grant,
    a_public_clients_secret_is_ignored,
    secrets_with_any_character_work_by_header_and_body,
    malformed_headers_do_not_authenticate,
}
