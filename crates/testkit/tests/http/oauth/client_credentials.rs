//! `grant_type=client_credentials`: an application acts for itself (contract 03 §6.4).

use housekey_core::client::{ClientGrant, GrantType};
use housekey_core::id::ClientGrantId;
use housekey_core::resource_server::ResourceServerKind;
use housekey_core::tenant::Configuration;
use housekey_testkit::jwt;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{CUSTOM_API, MACHINE, SPA, UNGRANTED, WEB, machine_grant};
use housekey_testkit::{TestApp, TestDatabase};

use super::{expected, refusal};

const MANAGEMENT: &str = "https://acme.example/api/v2/";
const MY_ACCOUNT: &str = "https://acme.example/me/";

async fn ask(app: &TestApp, client: &str, fields: &[(&str, &str)]) -> Reply {
    let secret = app.secret_of(client).await;
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_secret", secret.as_str()),
    ];
    form.extend(fields);
    app.post("/oauth/token").form(&form).send().await
}

async fn a_token_comes_alone_and_says_whose_it_is(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let reply = ask(&app, MACHINE, &[("audience", CUSTOM_API)]).await.expect(200);
    assert_shown!(reply.seen(), { ".body.access_token" => "[token]" }, @r#"
    {
      "body": {
        "access_token": "[token]",
        "expires_in": 86400,
        "scope": "read:things",
        "token_type": "Bearer"
      },
      "status": 200
    }
    "#);
    let claims = jwt::claims(&reply.text("/access_token"));
    assert_shown!(claims, { ".jti" => "[jti]" }, @r#"
    {
      "aud": "https://api.example/",
      "azp": "machine",
      "exp": 1767312000,
      "gty": "client-credentials",
      "iat": 1767225600,
      "iss": "https://acme.example/",
      "jti": "[jti]",
      "scope": "read:things",
      "sub": "machine@clients"
    }
    "#);
    let again = ask(&app, MACHINE, &[("audience", CUSTOM_API)]).await.expect(200);
    assert_ne!(jwt::claims(&again.text("/access_token"))["jti"], claims["jti"]);
}

async fn without_a_scope_it_is_all_of_the_grant(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let all = ask(&app, MACHINE, &[("audience", MANAGEMENT)]).await.expect(200).text("/scope");
    for scope in ["read:users", "update:resource_servers", "read:logs", "delete:client_grants"] {
        assert!(all.split(' ').any(|own| own == scope), "{scope} in {all}");
    }
    let fields = [("audience", MANAGEMENT), ("scope", "read:users read:logs")];
    assert_eq!(
        ask(&app, MACHINE, &fields).await.expect(200).text("/scope"),
        "read:users read:logs"
    );
}

async fn more_than_the_grant_is_refused(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let fields = [("audience", CUSTOM_API), ("scope", "read:things write:things nonsense")];
    let text = "Client has not been granted scopes: write:things, nonsense";
    let reply = ask(&app, MACHINE, &fields).await;
    assert_eq!(refusal(&reply), expected(403, "access_denied", text));
}

async fn without_a_grant_there_is_nothing(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .client(UNGRANTED, |client| client.grant_types = vec![GrantType::ClientCredentials])
        .start()
        .await;
    let reply = ask(&app, UNGRANTED, &[("audience", CUSTOM_API)]).await;
    let text = "Client is not authorized to access \"https://api.example/\". You need to create a \
                \"client-grant\" associated to this API.";
    assert_eq!(refusal(&reply), expected(403, "access_denied", text));
    let unknown = ask(&app, MACHINE, &[("audience", "https://nowhere.example/")]).await;
    let text = "Service not found: https://nowhere.example/";
    assert_eq!(refusal(&unknown), expected(403, "access_denied", text));
    let nowhere = ask(&app, MACHINE, &[]).await;
    let text = "Non-global clients are not allowed access to APIv1";
    assert_eq!(refusal(&nowhere), expected(403, "access_denied", text));
}

/// No grant, made however, opens it: it is an API for people about themselves.
async fn the_my_account_api_is_never_an_applications_own(database: TestDatabase) {
    let opened = |tenant: &mut Configuration| {
        let api =
            tenant.resource_servers.iter().find(|api| api.kind == ResourceServerKind::MyAccount);
        let id = api.expect("activated").id.clone();
        tenant.client_grants.push(ClientGrant {
            id: ClientGrantId::from_raw("cgr_machineofmine1"),
            ..machine_grant(id)
        });
    };
    let app = TestApp::build(database).await.configure(opened).start().await;
    let reply = ask(&app, MACHINE, &[("audience", MY_ACCOUNT)]).await;
    let text = format!("Client is not authorized to access resource server \"{MY_ACCOUNT}\"");
    assert_eq!(refusal(&reply), expected(403, "access_denied", &text));
}

async fn public_applications_have_nothing_to_prove_themselves_with(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .client(SPA, |client| client.grant_types.push(GrantType::ClientCredentials))
        .start()
        .await;
    let fields =
        [("grant_type", "client_credentials"), ("client_id", SPA), ("audience", CUSTOM_API)];
    let reply = app.post("/oauth/token").form(&fields).send().await;
    let text = "Grant type 'client_credentials' not allowed for the client.";
    assert_eq!(refusal(&reply), expected(403, "unauthorized_client", text));
    let web = ask(&app, WEB, &[("audience", CUSTOM_API)]).await;
    assert_eq!(refusal(&web), expected(403, "unauthorized_client", text));
}

async fn an_applications_own_token_opens_nothing_of_a_persons(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let token = ask(&app, MACHINE, &[("audience", CUSTOM_API)]).await.text("/access_token");
    let _ = app.get("/me/v1/factors").bearer(&token).send().await.expect(401);
    let _ = app.get("/userinfo").bearer(&token).send().await.expect(401);
}

async fn go_clients_try_basic_first(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let secret = app.secret_of(MACHINE).await;
    let fields = [("grant_type", "client_credentials"), ("audience", MANAGEMENT)];
    let _ = app.post("/oauth/token").basic(MACHINE, &secret).form(&fields).send().await.expect(200);
}

on_both_engines! {
    a_token_comes_alone_and_says_whose_it_is,
    without_a_scope_it_is_all_of_the_grant,
    more_than_the_grant_is_refused,
    without_a_grant_there_is_nothing,
    the_my_account_api_is_never_an_applications_own,
    public_applications_have_nothing_to_prove_themselves_with,
    an_applications_own_token_opens_nothing_of_a_persons,
    go_clients_try_basic_first,
}
