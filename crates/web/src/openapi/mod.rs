//! `/openapi.json`: what this version's APIs take and answer, built from the same tables that serve
//! them.

mod me;

use axum::Json;
use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::manage;

/// The document, with the called host as its server.
pub(crate) async fn get(Extension(call): Extension<Call>) -> Response {
    let mut response = Json(document(call.issuer.trim_end_matches('/'))).into_response();
    let anybody = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    response
}

/// The document for a server at `base`.
#[must_use]
pub fn document(base: &str) -> Value {
    let mut paths = me::paths();
    paths.extend(manage::paths());
    let mut schemas = me::schemas();
    schemas["ManagementError"] = management_error();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Housekey",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": base }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "dpop": { "type": "http", "scheme": "DPoP" },
            },
            "schemas": schemas,
            "responses": { "ManagementRefusal": manage::refusal() },
        },
    })
}

fn management_error() -> Value {
    json!({
        "type": "object",
        "required": ["statusCode", "error", "message"],
        "properties": {
            "statusCode": { "type": "integer" },
            "error": { "type": "string" },
            "message": { "type": "string" },
            "errorCode": { "type": "string" },
            "attributes": { "type": "object" },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;
    use crate::me::Operation;

    /// What is committed of it: a change of the surface is seen where changes are looked at.
    const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

    #[test]
    fn is_as_committed() {
        let served = by_line(&document("https://tenant.example"), 3);
        if env::var_os("HOUSEKEY_RENEW_OPENAPI").is_some() {
            fs::write(SNAPSHOT, &served).expect("a writable docs/openapi.json");
        }
        let committed = fs::read_to_string(SNAPSHOT).expect("a readable docs/openapi.json");
        let differs = served.lines().zip(committed.lines()).position(|(new, old)| new != old);
        assert!(
            served == committed,
            "docs/openapi.json is not what is served, from line {} on. If the change is meant, \
             renew it: HOUSEKEY_RENEW_OPENAPI=1 cargo test --release -p housekey-web openapi",
            differs.unwrap_or_else(|| served.lines().count().min(committed.lines().count())) + 1,
        );
    }

    /// JSON with a line for each value `depth` levels down, such as an operation: a change of one
    /// is one line of a difference.
    fn by_line(value: &Value, depth: usize) -> String {
        let Some(members) = value.as_object().filter(|_| depth > 0) else {
            return value.to_string();
        };
        let lines: Vec<String> = members
            .iter()
            .map(|(name, value)| format!("{}: {}", json!(name), by_line(value, depth - 1)))
            .collect();
        format!("{{\n{}\n}}", lines.join(",\n"))
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document("http://localhost");
        let text = document.to_string();
        for part in text.split("\"#/components/").skip(1) {
            let path = part.split('"').next().expect("a quoted path");
            let found = document["components"].pointer(&format!("/{path}"));
            assert!(found.is_some_and(Value::is_object), "{path}");
        }
    }

    #[test]
    fn every_operation_is_described() {
        let document = document("http://localhost");
        for operation in Operation::ALL {
            let (method, path) = operation.route();
            let path = format!("/me/v1{path}");
            let described = &document["paths"][&path][method.to_ascii_lowercase()];
            assert!(described["responses"].is_object(), "{method} {path}");
        }
        for operation in manage::operations() {
            let path = format!("/api/v2/{}", operation.path);
            let described = &document["paths"][&path][operation.method.to_ascii_lowercase()];
            assert!(described["responses"].is_object(), "{} {path}", operation.method);
        }
    }
}
