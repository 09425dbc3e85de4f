//! `housekey token`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Folder, with_tenant};

const TARGET: &str = "--config housekey.toml --tenant acme";

/// The id of a new application that may manage to this extent.
fn manager(folder: &Folder, scopes: &str) -> String {
    let create = format!("client create {TARGET} --name Deploy --type non_interactive --json");
    let client = folder.json(&format!("{create} {scopes}"), "");
    client["client_id"].as_str().expect("a text").to_owned()
}

/// The claims of a token, unverified.
fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).expect("three parts");
    let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}

#[test]
fn a_token_is_that_of_the_client_grant() {
    let folder = with_tenant("token");
    let client = manager(&folder, "--management-scopes read:users,read:clients");
    let token = format!("token {TARGET} --client {client}");
    let answer = folder.json(&format!("{token} --json"), "");
    assert_eq!(answer["scope"], "read:clients read:users");
    assert_eq!(answer["expires_in"], 86_400);
    let alone = folder.done(&format!("{token} --scope read:users"), "");
    let claims = claims(alone.trim());
    assert_eq!(claims["aud"], "https://login.acme.example/api/v2/");
    assert_eq!(claims["iss"], "https://login.acme.example/");
    assert_eq!(claims["sub"], format!("{client}@clients"));
    assert_eq!(claims["scope"], "read:users");
}

#[test]
fn what_was_not_granted_is_refused_with_a_way_out() {
    let folder = with_tenant("token-refused");
    let client = manager(&folder, "--management-scopes read:users");
    let told = folder.refused(&format!("token {TARGET} --client {client} --scope read:roles"), &[]);
    assert!(told.contains("does not have read:roles"), "{told}");
    let told = folder.refused(&format!("token {TARGET} --client {client} --audience x"), &[]);
    assert!(told.contains("there is no API x; there is"), "{told}");
    let told = folder.refused(&format!("token {TARGET} --client nobody"), &[]);
    assert!(told.contains("has no application nobody"), "{told}");
    let other = manager(&folder, "--callback https://acme.example/");
    let told = folder.refused(&format!("token {TARGET} --client {other}"), &[]);
    assert!(told.contains("make a client grant"), "{told}");
    let spa = format!("client create {TARGET} --name Page --type spa --json");
    let spa = folder.json(&spa, "")["client_id"].as_str().expect("a text").to_owned();
    let told = folder.refused(&format!("token {TARGET} --client {spa}"), &[]);
    assert!(told.contains("keeps a secret"), "{told}");
}
