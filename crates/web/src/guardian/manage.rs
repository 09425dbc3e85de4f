//! `PATCH|DELETE …/api/device-accounts/{id}`.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::guardian::{self, DeviceChange, GuardianError};
use housekey_core::id::MethodId;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{body, credential, error};
use crate::state::Web;

/// Changes a device.
pub(crate) async fn update(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let bearer = credential(&headers, "Bearer");
    let id = MethodId::from_raw(id);
    let outcome = async {
        if bearer.is_none() {
            return Err(GuardianError::InvalidToken);
        }
        let change = parse(body).await?;
        guardian::update(&web.app, &call, &id, bearer.as_deref(), change).await
    };
    match outcome.await {
        Ok((device, address)) => super::json(
            StatusCode::OK,
            &json!({
                "id": id.as_str(),
                "identifier": device.identifier,
                "name": device.name,
                "push_credentials": {
                    "service": device.service.as_str(),
                    "token": address.expose(),
                },
            }),
        ),
        Err(error) => error::render(&call, error),
    }
}

async fn parse(body: Body) -> Result<DeviceChange, GuardianError> {
    let mut members = body::object(body).await?;
    // Apps send what they have; what they have not is null.
    members.retain(|_, value| *value != Value::Null);
    Ok(DeviceChange {
        identifier: body::label(&members, "identifier")?,
        name: body::label(&members, "name")?,
        address: body::address(&members)?,
    })
}

/// Removes a device.
pub(crate) async fn leave(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let bearer = credential(&headers, "Bearer");
    match guardian::leave(&web.app, &call, &MethodId::from_raw(id), bearer.as_deref()).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error::render(&call, error),
    }
}
