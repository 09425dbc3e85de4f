//! Who gets bound tokens and who must have them: the table of contract 03 §12.2.

use housekey_core::resource_server::{
    PossessionMechanism, ProofOfPossession, RequiredFor, ResourceServerKind,
};
use housekey_core::tenant::Configuration;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::Authorize;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::jwt;
use housekey_testkit::seed::{SPA, WEB};
use housekey_testkit::{TestApp, TestDatabase};

use super::{api, code_for, expected, for_api, insist, refusal, says};

const MISSING: &str = "A DPoP proof is required";
const NOT_TAKEN: &str = "The client requires tokens bound to a key, which the API does not take";

/// What comes of a code: `token_type`, or why there are no tokens.
async fn outcome(app: &TestApp, request: &Authorize, key: Option<&ProofKey>) -> String {
    let code = code_for(app, request).await;
    let secret = match request.get("client_id") {
        Some(WEB) => app.secret_of(WEB).await,
        _ => String::new(),
    };
    let mut fields = request.token_fields(&code);
    fields.push(("client_secret", &secret));
    let reply = match key {
        Some(key) => app.prove(key, &fields).await,
        None => app.post("/oauth/token").form(&fields).send().await,
    };
    if reply.status != 200 {
        assert_eq!(
            (reply.status.as_u16(), reply.text("/error").as_str()),
            (400, "invalid_dpop_proof")
        );
        return reply.text("/error_description");
    }
    let claims = jwt::claims(&reply.text("/access_token"));
    let (kind, is_bound) = (reply.text("/token_type"), claims.get("cnf").is_some());
    assert_eq!(is_bound, kind == "DPoP", "{claims}");
    kind
}

/// One API setting: what each application gets without a proof, and with one.
async fn row(
    database: TestDatabase,
    setting: Option<ProofOfPossession>,
    insists: bool,
    expected: [(&str, [&str; 2]); 2],
) {
    let mut builder = TestApp::build(database).await.configure(api(setting));
    if insists {
        builder = builder.client(SPA, insist).client(WEB, insist);
    }
    let app = builder.start().await;
    app.person(EMAIL).await;
    for (client, [without, with]) in expected {
        let request = for_api(&app, client);
        assert_eq!(outcome(&app, &request, None).await, without, "{client} without");
        assert_eq!(
            outcome(&app, &request, Some(&ProofKey::default())).await,
            with,
            "{client} with"
        );
    }
}

fn both(outcomes: [&'static str; 2]) -> [(&'static str, [&'static str; 2]); 2] {
    [(SPA, outcomes), (WEB, outcomes)]
}

async fn an_api_that_says_nothing_binds_nothing(database: TestDatabase) {
    row(database, None, false, both(["Bearer", "Bearer"])).await;
}

async fn an_api_of_certificates_binds_nothing(database: TestDatabase) {
    let mtls = ProofOfPossession {
        mechanism: PossessionMechanism::Mtls,
        ..says(Some(RequiredFor::AllClients))
    };
    row(database, Some(mtls), false, both(["Bearer", "Bearer"])).await;
}

async fn a_client_that_insists_gets_nothing_there(database: TestDatabase) {
    row(database, None, true, both([NOT_TAKEN, NOT_TAKEN])).await;
}

async fn optional_is_up_to_the_client(database: TestDatabase) {
    row(database, Some(says(None)), false, both(["Bearer", "DPoP"])).await;
}

async fn unless_the_client_insists(database: TestDatabase) {
    row(database, Some(says(None)), true, both([MISSING, "DPoP"])).await;
}

async fn required_of_all(database: TestDatabase) {
    let setting = says(Some(RequiredFor::AllClients));
    row(database, Some(setting), false, both([MISSING, "DPoP"])).await;
}

async fn required_of_all_if_it_does_not_say_of_whom(database: TestDatabase) {
    let setting = ProofOfPossession { required_for: None, ..says(Some(RequiredFor::AllClients)) };
    row(database, Some(setting), false, both([MISSING, "DPoP"])).await;
}

async fn required_of_public_clients(database: TestDatabase) {
    let setting = says(Some(RequiredFor::PublicClients));
    let expected = [(SPA, [MISSING, "DPoP"]), (WEB, ["Bearer", "DPoP"])];
    row(database, Some(setting), false, expected).await;
}

/// Tokens for no API are bound like those of an API that leaves it to the client.
async fn the_userinfo_endpoint_leaves_it_to_the_client(database: TestDatabase) {
    let app = TestApp::build(database).await.client(WEB, insist).start().await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let request = app.authorize("openid email").with("audience", "");
    let code = code_for(&app, &request).await;
    let plain = app.exchange(&request, &code).await.expect(200);
    assert_eq!(plain.text("/token_type"), "Bearer");
    let code = code_for(&app, &request).await;
    let bound = app.prove(&key, &request.token_fields(&code)).await.expect(200);
    assert_eq!(bound.text("/token_type"), "DPoP");
    let token = bound.text("/access_token");
    let _ = app.get("/userinfo").bearer(&token).send().await.expect(401);
    let _ = app.bound(&key, "GET", "/userinfo", &token).send().await.expect(200);
    let request = app.authorize_on("acme.example", WEB, "openid").with("audience", "");
    let code = code_for(&app, &request).await;
    let refused = app.exchange(&request, &code).await;
    assert_eq!(refusal(&refused), expected(400, "invalid_dpop_proof", MISSING));
}

/// A code is not used up for want of a proof.
async fn whoever_lacks_a_proof_may_come_again(database: TestDatabase) {
    let app = TestApp::build(database).await.client(SPA, insist).start().await;
    app.person(EMAIL).await;
    let request = app.authorize("openid offline_access");
    let code = code_for(&app, &request).await;
    assert_eq!(app.exchange(&request, &code).await.status, 400);
    let key = ProofKey::default();
    let reply = app.prove(&key, &request.token_fields(&code)).await.expect(200);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", SPA),
        ("refresh_token", &reply.text("/refresh_token")),
    ];
    let refused = app.post("/oauth/token").form(&fields).send().await;
    assert_eq!(refusal(&refused), expected(400, "invalid_dpop_proof", MISSING));
}

/// Tokens that were issued before it was required are no longer taken.
async fn the_my_account_api_can_require_it(database: TestDatabase) {
    let require = |tenant: &mut Configuration| {
        let mut apis = tenant.resource_servers.iter_mut();
        let api = apis.find(|api| api.kind == ResourceServerKind::MyAccount).expect("is active");
        assert_eq!(api.settings.proof_of_possession, Some(says(None)), "what it begins with");
        api.settings.proof_of_possession = Some(says(Some(RequiredFor::PublicClients)));
    };
    let app = TestApp::build(database).await.configure(require).start().await;
    app.person(EMAIL).await;
    let request = app.authorize("openid read:me:factors");
    assert_eq!(outcome(&app, &request, None).await, MISSING);
    let key = ProofKey::default();
    let user = app.sign_in_bound(&key, EMAIL, &request).await;
    let path = "/me/v1/factors";
    let _ = app.bound(&key, "GET", path, &user.tokens.access).send().await.expect(200);
    let web = app.sign_in_as(EMAIL, WEB, "openid read:me:factors").await;
    let _ = web.get("/factors").await.expect(200);
}

on_both_engines! {
    an_api_that_says_nothing_binds_nothing,
    an_api_of_certificates_binds_nothing,
    a_client_that_insists_gets_nothing_there,
    optional_is_up_to_the_client,
    unless_the_client_insists,
    required_of_all,
    required_of_all_if_it_does_not_say_of_whom,
    required_of_public_clients,
    the_userinfo_endpoint_leaves_it_to_the_client,
    whoever_lacks_a_proof_may_come_again,
    the_my_account_api_can_require_it,
}
