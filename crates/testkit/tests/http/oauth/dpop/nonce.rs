//! Nonces: where they are asked for, and where never (contract 03 §12.3).

use housekey_core::tenant::Configuration;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::OTHER_HOST;
use housekey_testkit::{TestApp, TestDatabase};

use super::{
    NONCE_WANTED, api, as_machine, code_for, expected, nonce, refresh, refusal, says, spa_code,
};

const DAY: i64 = 86_400;

fn wanted() -> (u16, String, String) {
    expected(400, "use_dpop_nonce", NONCE_WANTED)
}

async fn a_public_client_is_asked_for_one_and_comes_again(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    let (request, code) = spa_code(&app).await;
    let fields = request.token_fields(&code);
    let send = |proof: String| {
        let request = app.post("/oauth/token").form(&fields).header("dpop", &proof);
        request.header("origin", "https://spa.example").send()
    };
    let asked = send(app.token_proof(&key).sign()).await;
    assert_eq!(refusal(&asked), wanted());
    assert!(asked.header("www-authenticate").is_none());
    let nonce = asked.header("dpop-nonce").expect("the nonce to come again with").to_owned();
    let exposed = asked.header("access-control-expose-headers").expect("a script reads it");
    assert!(exposed.contains("DPoP-Nonce") && exposed.contains("WWW-Authenticate"), "{exposed}");
    for foreign in ["", "x", "490896", "490896.", "490896.AAAA", &format!("{nonce}x"), &nonce[1..]]
    {
        let proof = app.token_proof(&key).claim("nonce", foreign).sign();
        assert_eq!(refusal(&send(proof).await), wanted(), "{foreign}");
    }
    let answered = send(app.token_proof(&key).claim("nonce", nonce).sign()).await.expect(200);
    assert!(answered.header("dpop-nonce").is_some(), "the next one");
}

async fn one_is_good_for_a_day_and_not_for_ever(database: TestDatabase) {
    let app = TestApp::start(database).await;
    let key = ProofKey::default();
    app.person(EMAIL).await;
    let old = nonce(&app).await;
    for (seconds, is_good) in [(25 * 3600, true), (DAY, false)] {
        app.clock().advance(seconds);
        let request = app.authorize("openid");
        let code = code_for(&app, &request).await;
        let proof = app.token_proof(&key).claim("nonce", old.as_str()).sign();
        let request = app.post("/oauth/token").form(&request.token_fields(&code));
        let reply = request.header("dpop", &proof).send().await;
        assert_eq!(reply.status == 200, is_good, "{}", reply.body);
        let fresh = reply.header("dpop-nonce").expect("with every answer");
        assert_ne!(fresh, old);
    }
}

async fn one_is_good_on_its_own_host(database: TestDatabase) {
    let app = TestApp::build(database).await.with_other_tenant().await.start().await;
    let key = ProofKey::default();
    let fields = [("grant_type", "refresh_token"), ("client_id", "spa"), ("refresh_token", "x")];
    let abroad = app.post("/oauth/token").host(OTHER_HOST).form(&fields).header("dpop", "x");
    let foreign = abroad.send().await.header("dpop-nonce").expect("with every answer").to_owned();
    let (request, code) = spa_code(&app).await;
    let proof = app.token_proof(&key).claim("nonce", foreign).sign();
    let request = app.post("/oauth/token").form(&request.token_fields(&code));
    assert_eq!(refusal(&request.header("dpop", &proof).send().await), wanted());
}

/// auth0-spa-js throws its refresh token away when a refresh does not work at once.
async fn a_refresh_never_asks(database: TestDatabase) {
    let app = TestApp::start(database).await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let request = app.authorize("openid offline_access");
    let user = app.sign_in_bound(&key, EMAIL, &request).await;
    let mut token = user.tokens.refresh.clone();
    for draft in [
        app.token_proof(&key),
        app.token_proof(&key).claim("nonce", "x"),
        app.token_proof(&key).claim("nonce", nonce(&app).await),
    ] {
        let reply = refresh(&app, &token, Some(&draft.sign())).await.expect(200);
        assert!(reply.header("dpop-nonce").is_some());
        token = reply.text("/refresh_token");
    }
}

async fn an_application_with_a_secret_need_not_but_must_not_invent_one(database: TestDatabase) {
    let app = TestApp::build(database).await.configure(api(Some(says(None)))).start().await;
    let key = ProofKey::default();
    let _ = as_machine(&app, &[app.token_proof(&key).sign()]).await.expect(200);
    let invented = app.token_proof(&key).claim("nonce", "x").sign();
    assert_eq!(refusal(&as_machine(&app, &[invented]).await), wanted());
    let given = app.token_proof(&key).claim("nonce", nonce(&app).await).sign();
    let _ = as_machine(&app, &[given]).await.expect(200);
}

/// What both resources answer to a proof without a nonce; one with the nonce they gave is taken.
async fn at_resources(database: TestDatabase, wants: bool, told: impl Fn(&Reply)) {
    let change = |tenant: &mut Configuration| {
        tenant.tenant.settings.dpop_nonce_at_resources = wants;
    };
    let app = TestApp::build(database).await.configure(change).start().await;
    app.person(EMAIL).await;
    let key = ProofKey::default();
    let user = app.sign_in_bound(&key, EMAIL, &app.authorize("openid read:me:factors")).await;
    let token = &user.tokens.access;
    for path in ["/me/v1/factors", "/userinfo"] {
        let reply = app.bound(&key, "GET", path, token).send().await;
        told(&reply);
        let nonce = reply.header("dpop-nonce").expect("with every answer").to_owned();
        let proof = app.resource_proof(&key, "GET", path, token).claim("nonce", nonce).sign();
        let request = app.get(path).header("authorization", &format!("DPoP {token}"));
        let reply = request.header("dpop", &proof).send().await.expect(200);
        assert!(reply.header("dpop-nonce").is_some());
    }
}

async fn resources_do_not_ask(database: TestDatabase) {
    at_resources(database, false, |reply| assert_eq!(reply.status, 200)).await;
}

async fn resources_ask_where_the_tenant_wants_it(database: TestDatabase) {
    at_resources(database, true, |reply| {
        let challenges: Vec<_> = reply.headers.get_all("www-authenticate").iter().collect();
        let text = "DPoP error=\"use_dpop_nonce\", \
                    error_description=\"Resource server requires nonce in DPoP proof\"";
        assert_eq!(reply.status, 401);
        assert_eq!(challenges, [text]);
    })
    .await;
}

on_both_engines! {
    a_public_client_is_asked_for_one_and_comes_again,
    one_is_good_for_a_day_and_not_for_ever,
    one_is_good_on_its_own_host,
    a_refresh_never_asks,
    an_application_with_a_secret_need_not_but_must_not_invent_one,
    resources_do_not_ask,
    resources_ask_where_the_tenant_wants_it,
}
