//! `/account`: the page on which people look after their own sign-in methods. It is an ordinary
//! application; the server only hands it its client id and scopes.

use axum::extract::{Extension, State};
use axum::response::Response;
use housekey_core::Call;
use http::StatusCode;

use crate::me::Operation;
use crate::page::{error_page, show};
use crate::state::Web;
use crate::view::{Account, AccountConfig};

/// The page's shell.
pub(crate) async fn get(State(web): State<Web>, Extension(call): Extension<Call>) -> Response {
    let Some(client) = call.tenant.clients().find(|client| client.settings.is_system) else {
        let text = "The account page is not available.";
        return error_page(&web, &call, StatusCode::NOT_FOUND, "not_found", text);
    };
    let config = AccountConfig {
        issuer: call.issuer.clone(),
        client_id: client.id.to_string(),
        audience: call.my_account_audience(),
        redirect_uri: format!("{}account", call.issuer),
        scope: scope(),
    };
    // Its script speaks English.
    show(&web, &call, StatusCode::OK, None, |frame| Account { frame: frame.in_english(), config })
}

/// OpenID Connect's scopes and those of every operation.
fn scope() -> String {
    let mut scopes = vec!["openid", "profile", "email"];
    for operation in Operation::ALL {
        if !scopes.contains(&operation.scope()) {
            scopes.push(operation.scope());
        }
    }
    scopes.join(" ")
}
