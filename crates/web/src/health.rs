//! Health, for supervisors and load balancers. Needs no tenant.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::state::Web;

/// The process runs.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// The process runs and its database answers.
pub(crate) async fn ready(State(web): State<Web>) -> Response {
    match web.app.store().registry().ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}
