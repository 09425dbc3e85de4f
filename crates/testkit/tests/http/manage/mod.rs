//! The Management API (`/api/v2`).

mod access;
mod attack_protection;
mod branding;
mod client_credentials;
mod client_grants;
mod client_keys;
mod clients;
mod connections;
mod custom_domains;
mod enrollment_tickets;
mod guardian;
mod job_exports;
mod jobs;
mod jobs_resumed;
mod keys;
mod lists;
mod log_streams;
mod logs;
mod organizations;
mod rbac;
mod resource_servers;
mod roles;
mod sessions;
mod signing_algorithms;
mod templates;
mod tenant_flags;
mod tenant_settings;
mod texts;
mod tickets;
mod user_identities;
mod user_methods;
mod user_search;
mod users;

use housekey_testkit::TestApp;
use housekey_testkit::request::{Reply, Request};
use housekey_testkit::seed::MACHINE;
use serde_json::Value;

/// The audience of the first tenant's Management API.
const MANAGEMENT: &str = "https://acme.example/api/v2/";

/// Somebody's program that manages a tenant.
struct Machine<'a> {
    app: &'a TestApp,
    token: String,
}

impl<'a> Machine<'a> {
    /// With every scope.
    async fn new(app: &'a TestApp) -> Self {
        Self::with(app, "").await
    }

    /// With these scopes.
    async fn with(app: &'a TestApp, scope: &str) -> Self {
        let secret = app.secret_of(MACHINE).await;
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", MACHINE),
            ("client_secret", secret.as_str()),
            ("audience", MANAGEMENT),
        ];
        if !scope.is_empty() {
            form.push(("scope", scope));
        }
        let reply = app.post("/oauth/token").form(&form).send().await.expect(200);
        Self { app, token: reply.text("/access_token") }
    }

    fn request(&self, method: &str, path: &str) -> Request<'_> {
        self.app.request(method, &format!("/api/v2/{path}")).bearer(&self.token)
    }

    async fn get(&self, path: &str) -> Reply {
        self.request("GET", path).send().await
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        self.request("POST", path).json(body).send().await
    }

    async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.request("PATCH", path).json(body).send().await
    }

    async fn delete(&self, path: &str) -> Reply {
        self.request("DELETE", path).send().await
    }
}

/// An error as tools compare it.
fn refusal(reply: &Reply) -> (u16, String, String) {
    let body = reply.json();
    assert_eq!(body["statusCode"], reply.status.as_u16(), "{body}");
    assert!(body["error"].is_string(), "{body}");
    let code = body["errorCode"].as_str().unwrap_or_default();
    (reply.status.as_u16(), code.to_owned(), reply.text("/message"))
}

fn expected(status: u16, code: &str, message: &str) -> (u16, String, String) {
    (status, code.to_owned(), message.to_owned())
}

/// A text as part of a path or a query.
fn encoded(text: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let one = |byte: u8| {
        if keep(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(one).collect()
}
