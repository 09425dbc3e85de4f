//! Which apps belong to this host: by these files iOS and Android let them use its passkeys and
//! open its links (contract 04 §10.1).

use axum::Json;
use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::client::MobileSettings;
use serde_json::{Value, json};

/// `/.well-known/apple-app-site-association`.
pub(crate) async fn apple(Extension(call): Extension<Call>) -> Response {
    let apps: Vec<_> = mobiles(&call)
        .filter_map(|mobile| mobile.ios)
        .filter(|app| !app.team_id.is_empty() && !app.app_bundle_identifier.is_empty())
        .collect();
    let ids: Vec<_> =
        apps.iter().map(|app| format!("{}.{}", app.team_id, app.app_bundle_identifier)).collect();
    let details: Vec<Value> = apps
        .iter()
        .zip(&ids)
        .map(|(app, id)| {
            json!({ "appID": id, "paths": [format!("/ios/{}/*", app.app_bundle_identifier)] })
        })
        .collect();
    Json(json!({
        "applinks": { "apps": [], "details": details },
        "webcredentials": { "apps": ids },
    }))
    .into_response()
}

/// `/.well-known/assetlinks.json`.
pub(crate) async fn android(Extension(call): Extension<Call>) -> Response {
    let statements: Vec<Value> = mobiles(&call)
        .filter_map(|mobile| mobile.android)
        .filter(|app| !app.app_package_name.is_empty())
        .map(|app| {
            json!({
                "relation": [
                    "delegate_permission/common.handle_all_urls",
                    "delegate_permission/common.get_login_creds",
                ],
                "target": {
                    "namespace": "android_app",
                    "package_name": app.app_package_name,
                    "sha256_cert_fingerprints": app.sha256_cert_fingerprints,
                },
            })
        })
        .collect();
    Json(statements).into_response()
}

/// The apps of the tenant's own applications, in a steady order.
fn mobiles(call: &Call) -> impl Iterator<Item = MobileSettings> {
    let mut clients: Vec<_> =
        call.tenant.clients().filter(|client| client.settings.is_first_party).collect();
    clients.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
    clients.into_iter().map(|client| client.settings.mobile.clone())
}
