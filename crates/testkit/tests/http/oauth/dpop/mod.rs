//! Proof of possession (RFC 9449, contract 03 §12).

mod binding;
mod grants;
mod nonce;
mod proof;
mod refresh;
mod replay;
mod required;
mod resource;

use housekey_core::client::ClientSettings;
use housekey_core::resource_server::{
    PossessionMechanism, ProofOfPossession, RequiredFor, ResourceServerKind,
};
use housekey_core::tenant::Configuration;
use housekey_testkit::TestApp;
use housekey_testkit::actor::EMAIL;
use housekey_testkit::application::Authorize;
use housekey_testkit::dpop::ProofKey;
use housekey_testkit::request::Reply;
use housekey_testkit::seed::{CUSTOM_API, MACHINE, SPA};

use super::{code_for, expected, refusal};

const NONCE_WANTED: &str = "Authorization server requires nonce in DPoP proof";

/// What an API says: that bound tokens are possible, or necessary and for whom.
fn says(required: Option<RequiredFor>) -> ProofOfPossession {
    let mechanism = PossessionMechanism::Dpop;
    ProofOfPossession { mechanism, required: required.is_some(), required_for: required }
}

/// Has the API of somebody else say it. Nobody is asked for consent there.
fn api(setting: Option<ProofOfPossession>) -> impl FnOnce(&mut Configuration) {
    move |tenant| {
        let is_custom =
            |kind: &ResourceServerKind| matches!(kind, ResourceServerKind::Custom { .. });
        let mut apis = tenant.resource_servers.iter_mut();
        let api = apis.find(|api| is_custom(&api.kind)).expect("an API of the seed");
        api.settings.proof_of_possession = setting;
        api.settings.skip_consent_for_verifiable_first_party_clients = true;
    }
}

fn insist(settings: &mut ClientSettings) {
    settings.require_proof_of_possession = true;
}

/// A request for that API.
fn for_api(app: &TestApp, client: &str) -> Authorize {
    let scope = "openid offline_access read:things";
    app.authorize_on("acme.example", client, scope).with("audience", CUSTOM_API)
}

/// A code of the single-page application for the My Account API.
async fn spa_code(app: &TestApp) -> (Authorize, String) {
    app.person(EMAIL).await;
    let request = app.authorize("openid offline_access read:me:factors");
    let code = code_for(app, &request).await;
    (request, code)
}

/// A token request of the application that acts for itself, with a proof.
async fn as_machine(app: &TestApp, proofs: &[String]) -> Reply {
    let secret = app.secret_of(MACHINE).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", MACHINE),
        ("client_secret", secret.as_str()),
        ("audience", CUSTOM_API),
    ];
    let request = app.post("/oauth/token").form(&fields);
    let request = proofs.iter().fold(request, |request, proof| request.header("dpop", proof));
    request.send().await
}

/// A refresh of the single-page application.
async fn refresh(app: &TestApp, token: &str, proof: Option<&str>) -> Reply {
    let fields = [("grant_type", "refresh_token"), ("client_id", SPA), ("refresh_token", token)];
    let request = app.post("/oauth/token").form(&fields);
    match proof {
        Some(proof) => request.header("dpop", proof).send().await,
        None => request.send().await,
    }
}

/// The nonce the server would give now.
async fn nonce(app: &TestApp) -> String {
    let reply = refresh(app, "x", Some("x")).await;
    reply.header("dpop-nonce").expect("with every answer").to_owned()
}

/// A proof for the token endpoint that has all it needs.
async fn proof(app: &TestApp, key: &ProofKey) -> String {
    app.token_proof(key).claim("nonce", nonce(app).await).sign()
}
