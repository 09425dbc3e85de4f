//! `GET|POST /userinfo` (OpenID Connect Core §5.3).

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::token::userinfo::UserinfoError;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::for_origin;
use crate::body;
use crate::error::{OauthBody, fault};
use crate::headers::bearer;
use crate::state::Web;

/// The claims that a token opens.
pub(crate) async fn userinfo(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let token = match bearer(&headers).map(str::to_owned) {
        Some(token) => token,
        None => in_form(&headers, body).await.unwrap_or_default(),
    };
    let outcome = housekey_core::token::userinfo::userinfo(&web.app, &call, &token).await;
    match outcome {
        Ok(info) => {
            let mut response = Json(&info.claims).into_response();
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            for_origin(response, &call, &headers, Some(&info.client))
        }
        Err(UserinfoError::InvalidToken) => {
            let text = "The access token is missing, expired or not for this endpoint";
            let body = OauthBody::new(StatusCode::UNAUTHORIZED, "invalid_token", text);
            let mut response = body.into_response();
            let challenge = "Bearer realm=\"Users\", error=\"invalid_token\", \
                             error_description=\"The access token is not valid\"";
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            for_origin(response, &call, &headers, None)
        }
        Err(UserinfoError::Fault(error)) => {
            for_origin(fault(&error, &call.request_id), &call, &headers, None)
        }
    }
}

/// A form post may carry the token in its body (RFC 6750 §2.2).
async fn in_form(headers: &HeaderMap, body: Body) -> Option<String> {
    if !body::is(headers, "application/x-www-form-urlencoded") {
        return None;
    }
    let pairs = body::pairs(&body::read(body).await?)?;
    pairs.into_iter().find(|(name, _)| name == "access_token").map(|(_, token)| token)
}
