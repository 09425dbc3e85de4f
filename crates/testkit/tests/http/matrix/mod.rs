//! The authorization matrix: every route times everything its guard must refuse.
//!
//! It is generated from the router's own table. A route without an entry below fails, and so does
//! a guard without checks, because the compiler wants one for each.

mod authenticators;
mod bearer;
mod client;
mod device;
mod management;
mod my_account;
mod ticket;
mod transaction;

use housekey_testkit::{TestApp, TestDatabase};
use housekey_web::{Guard, Route, routes};

/// A path with its parameters filled in.
struct Called {
    route: Route,
    path: String,
}

/// The pages about a second factor.
const MFA_PAGES: [&str; 15] = [
    "/u/mfa-begin-enroll-options",
    "/u/mfa-email-challenge",
    "/u/mfa-email-enrollment",
    "/u/mfa-email-enrollment-verify",
    "/u/mfa-login-options",
    "/u/mfa-otp-challenge",
    "/u/mfa-otp-enrollment",
    "/u/mfa-push-challenge",
    "/u/mfa-recovery-code-challenge",
    "/u/mfa-recovery-code-challenge-new-code",
    "/u/mfa-recovery-code-enrollment",
    "/u/mfa-sms-challenge",
    "/u/mfa-sms-enrollment",
    "/u/mfa-sms-enrollment-verify",
    "/u/mfa-voice-challenge",
];

/// Routes without parameters.
const PLAIN: [&str; 44] = [
    "/.well-known/apple-app-site-association",
    "/.well-known/assetlinks.json",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/account",
    "/appliance-mfa/api/enroll",
    "/appliance-mfa/api/resolve-transaction",
    "/authorize",
    "/authorize/resume",
    "/dev/clock",
    "/dev/outbox",
    "/exports",
    "/guardian/api/enroll",
    "/guardian/api/resolve-transaction",
    "/guardian/enroll",
    "/me",
    "/me/",
    "/mfa/associate",
    "/mfa/authenticators",
    "/mfa/challenge",
    "/oauth/par",
    "/oauth/revoke",
    "/oauth/token",
    "/oidc/logout",
    "/openapi.json",
    "/passkey/challenge",
    "/passkey/register",
    "/passwordless/start",
    "/u/confirmation",
    "/u/consent",
    "/u/email-verification",
    "/u/login",
    "/u/login/identifier",
    "/u/login/password",
    "/u/objection",
    "/u/passkey-enrollment",
    "/u/passkey-enrollment-local",
    "/u/reset-password/change",
    "/u/reset-verify",
    "/u/signup",
    "/u/signup/identifier",
    "/u/signup/password",
    "/userinfo",
];

/// Routes with parameters, and a path of each.
const FILLED: [(&str, &str); 10] = [
    ("/appliance-mfa/api/device-accounts/{id}", "/appliance-mfa/api/device-accounts/dev_0"),
    ("/guardian/api/device-accounts/{id}", "/guardian/api/device-accounts/dev_0"),
    ("/rich-consents/{id}", "/rich-consents/cns_0"),
    ("/api/v2/{*rest}", "/api/v2/resource-servers"),
    ("/assets/{version}/{*path}", "/assets/x/housekey.css"),
    ("/avatars/{name}", "/avatars/al-3.svg"),
    ("/mfa/authenticators/{id}", "/mfa/authenticators/totp%7Cdev_0"),
    ("/me/{*rest}", "/me/v1/factors"),
    ("/u/login/password-reset-start/{connection}", "/u/login/password-reset-start/x"),
    ("/u/reset-password/request/{connection}", "/u/reset-password/request/x"),
];

/// The entry of each route: its parameters' values. `/me/…` is called per operation.
fn entry(route: Route) -> Option<Called> {
    let path = PLAIN
        .iter()
        .chain(&MFA_PAGES)
        .copied()
        .find(|path| *path == route.path)
        .or_else(|| FILLED.iter().find(|(own, _)| *own == route.path).map(|(_, path)| *path))
        .or_else(|| (route.path == "/v2/logout").then_some("/v2/logout"))?;
    Some(Called { route, path: path.to_owned() })
}

/// Routes of anybody's, and why nothing has to be checked there.
fn why_public(path: &str) -> Option<&'static str> {
    match path {
        "/.well-known/openid-configuration"
        | "/.well-known/oauth-authorization-server"
        | "/.well-known/jwks.json"
        | "/.well-known/apple-app-site-association"
        | "/.well-known/assetlinks.json"
        | "/openapi.json" => Some("what applications must know"),
        "/account" | "/assets/{version}/{*path}" | "/avatars/{name}" => {
            Some("the same for everybody")
        }
        "/authorize" => Some("begins a transaction; what it tells is checked there"),
        "/v2/logout" | "/oidc/logout" => Some("ends the caller's own session at most"),
        "/u/login/password-reset-start/{connection}" | "/u/reset-verify" => {
            Some("leads to a page that checks")
        }
        _ => None,
    }
}

async fn every_guard_refuses_what_it_must(database: TestDatabase) {
    let app = TestApp::build(database)
        .await
        .custom_domain(my_account::CUSTOM)
        .with_other_tenant()
        .await
        .start()
        .await;
    for route in routes() {
        let called = entry(route).unwrap_or_else(|| panic!("{} has no entry", route.path));
        match route.guard {
            Guard::Authenticators => authenticators::check(&app, &called).await,
            Guard::Bearer => bearer::check(&app, &called).await,
            Guard::Client => client::check(&app, &called).await,
            Guard::Device => device::check(&app, &called).await,
            Guard::DevOnly => dev_only(&app, &called).await,
            Guard::Management => {
                let _ = app.get(&called.path).send().await.expect(401);
            }
            Guard::MyAccount => my_account::check_route(&app, &called).await,
            Guard::Public => {
                assert!(why_public(route.path).is_some(), "{} needs a reason", route.path);
            }
            Guard::Ticket => ticket::check(&app, &called).await,
            Guard::Transaction => transaction::check(&app, &called).await,
        }
    }
    my_account::check_operations(&app).await;
    management::check(&app).await;
    app.ignore_messages().await;
}

async fn dev_only(app: &TestApp, called: &Called) {
    for method in called.route.methods {
        let _ = app.request(method, &called.path).send().await.expect(404);
    }
}

async fn no_route_takes_more_methods_than_it_says(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for route in routes() {
        let called = entry(route).unwrap_or_else(|| panic!("{} has no entry", route.path));
        let takes_all = route.guard == Guard::MyAccount || route.guard == Guard::DevOnly;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if takes_all || route.methods.contains(&method) {
                continue;
            }
            let reply = app.request(method, &called.path).send().await;
            assert_eq!(reply.status, 405, "{method} {}", called.path);
        }
    }
}

async fn nothing_else_is_served(database: TestDatabase) {
    let app = TestApp::start(database).await;
    for path in ["/", "/nonsense", "/api/v3/users", "/oauth", "/u", "/.env", "/me2", "/mfa"] {
        let _ = app.get(path).send().await.expect(404);
    }
}

on_both_engines! {
    every_guard_refuses_what_it_must,
    no_route_takes_more_methods_than_it_says,
    nothing_else_is_served,
}
