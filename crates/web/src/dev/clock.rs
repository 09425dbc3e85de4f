//! `/dev/clock`.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use crate::body;
use crate::error::OauthBody;
use crate::state::{Dev, Web};

/// A hundred years; the clock does not go further at once.
const MAX_ADVANCE: i64 = 3_155_760_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    advance_seconds: Option<i64>,
    #[serde(default)]
    reset: bool,
}

/// The present time.
pub(crate) async fn get(State(web): State<Web>) -> Response {
    match &web.dev {
        Some(dev) => now(&web, dev),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Moves the clock forward, or back to real time.
pub(crate) async fn post(State(web): State<Web>, body: Body) -> Response {
    let Some(dev) = &web.dev else { return StatusCode::NOT_FOUND.into_response() };
    let bytes = body::read(body).await.unwrap_or_default();
    match serde_json::from_slice::<Change>(&bytes) {
        Ok(Change { reset: true, advance_seconds: None }) => dev.clock.reset(),
        Ok(Change { reset: false, advance_seconds: Some(seconds) })
            if (0..=MAX_ADVANCE).contains(&seconds) =>
        {
            dev.clock.advance(seconds);
        }
        _ => {
            let text = "Send {\"advance_seconds\": n} with n from 0 on, or {\"reset\": true}";
            return OauthBody::invalid_request(text).into_response();
        }
    }
    now(&web, dev)
}

fn now(web: &Web, dev: &Dev) -> Response {
    Json(json!({
        "now": web.app.clock().now().rfc3339(),
        "offset_seconds": dev.clock.offset_seconds(),
    }))
    .into_response()
}
