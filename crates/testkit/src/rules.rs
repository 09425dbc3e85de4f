//! What holds for every answer, whatever the test is about.

use http::StatusCode;

use crate::oas::Validator;
use crate::request::Reply;

/// Fails the test if the answer breaks a rule.
pub(crate) fn check(validator: Option<&Validator>, method: &str, path: &str, reply: &Reply) {
    let at = format!("{method} {path}: {} {}", reply.status, reply.body);
    // Not about the input: the tenant has no directory that requests without a name could mean.
    let is_unconfigured = reply.body.contains("not configured with default connection");
    assert!(!reply.status.is_server_error() || is_unconfigured, "no input leads to a fault: {at}");
    assert!(reply.header("content-encoding").is_none(), "nothing is compressed: {at}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{at}");
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if path == "/me" || path.starts_with("/me/") {
        // Answers to questions are Housekey's own; no description but ours knows them.
        let is_ours = query == "dry_run=true" && reply.status.is_success();
        if let Some(validator) = validator.filter(|_| method != "OPTIONS" && !is_ours) {
            validator.check(method, path, reply);
        }
        my_account(method, reply, &at);
    } else if ["/appliance-mfa/", "/guardian/", "/rich-consents/"]
        .iter()
        .any(|own| path.starts_with(own))
        && path != "/guardian/enroll"
    {
        device(reply, &at);
    } else if ["/oauth/", "/passkey/", "/mfa/", "/passwordless/"]
        .iter()
        .any(|own| path.starts_with(own))
    {
        oauth(reply, &at);
    }
    if reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
        page(reply, &at);
    }
}

/// Contract 01 §1, §5.1, §7.
fn my_account(method: &str, reply: &Reply, at: &str) {
    if reply.status == StatusCode::NOT_FOUND && reply.header("cache-control").is_none() {
        assert!(reply.body.starts_with("There is no tenant"), "only unknown hosts: {at}");
        return;
    }
    let challenged = reply.header("www-authenticate").is_some();
    assert_eq!(challenged, reply.status == StatusCode::UNAUTHORIZED, "challenge: {at}");
    if matches!(method, "OPTIONS" | "HEAD") {
        return;
    }
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{at}");
    if reply.status == StatusCode::NO_CONTENT {
        assert_eq!(reply.body, "", "{at}");
        return;
    }
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{at}");
    let body = reply.json();
    if !reply.status.is_success() {
        assert_eq!(body["status"], reply.status.as_u16(), "{at}");
        for member in ["type", "title", "detail"] {
            assert!(body[member].is_string(), "{member}: {at}");
        }
        let kind = format!("https://auth0.com/api-errors/A0E-{}-", reply.status.as_u16());
        assert!(body["type"].as_str().is_some_and(|own| own.starts_with(&kind)), "{at}");
    }
    assert_eq!(reply.header("retry-after").is_some(), reply.status.as_u16() == 429, "{at}");
}

/// Contract 04 §14.1, §14.7: iOS takes no parameters of the media type.
fn device(reply: &Reply, at: &str) {
    let is_routed = reply.status != StatusCode::METHOD_NOT_ALLOWED
        && reply.header("content-type") != Some("text/plain; charset=utf-8");
    if reply.status == StatusCode::NO_CONTENT || !is_routed {
        return;
    }
    assert_eq!(reply.header("content-type"), Some("application/json"), "{at}");
    if !reply.status.is_success() {
        let body = reply.json();
        assert_eq!(body["statusCode"], reply.status.as_u16(), "{at}");
        for member in ["errorCode", "error", "message"] {
            assert!(body[member].is_string(), "{member}: {at}");
        }
    }
}

/// Contract 03 §6.3: a challenge makes error bodies unreadable for several SDKs.
fn oauth(reply: &Reply, at: &str) {
    assert!(reply.header("www-authenticate").is_none(), "{at}");
    if reply.status != StatusCode::NO_CONTENT && reply.header("vary").is_some() {
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{at}");
    }
}

/// Pages are not stored, and run no script but their own.
fn page(reply: &Reply, at: &str) {
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{at}");
    let policy = reply.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("default-src 'none'"), "{policy}: {at}");
    assert!(policy.contains("frame-ancestors"), "{policy}: {at}");
    assert!(!policy.contains("unsafe"), "{policy}: {at}");
    assert!(reply.header("cross-origin-opener-policy").is_none(), "popups need their opener: {at}");
}
