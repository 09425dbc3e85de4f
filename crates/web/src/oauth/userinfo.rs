//! `GET|POST /userinfo` (OpenID Connect Core §5.3).

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use housekey_core::Call;
use housekey_core::token::dpop::{PresentedToken, TokenScheme};
use housekey_core::token::userinfo::{Userinfo, UserinfoError, userinfo as userinfo_of};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use super::for_origin;
use crate::error::{OauthBody, fault};
use crate::state::Web;
use crate::{body, dpop, headers};

/// The claims that a token opens.
pub(crate) async fn userinfo(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let in_header = dpop::token(&headers, method.as_str(), uri.path());
    let in_form = match in_header {
        Some(_) => None,
        None => in_form(&headers, body).await,
    };
    let bearer = |token| PresentedToken { scheme: TokenScheme::Bearer, token, proof: None };
    let token = in_header.or_else(|| in_form.as_deref().map(bearer));
    let outcome = match token {
        Some(token) => userinfo_of(&web.app, &call, &token).await,
        None => Err(UserinfoError::InvalidToken),
    };
    let mut response = render(&call, &headers, outcome);
    dpop::offer_nonce(&mut response, &web.app, &call, &headers);
    response
}

fn render(call: &Call, headers: &HeaderMap, outcome: Result<Userinfo, UserinfoError>) -> Response {
    match outcome {
        Ok(info) => {
            let mut response = Json(&info.claims).into_response();
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            for_origin(response, call, headers, Some(&info.client))
        }
        Err(UserinfoError::InvalidToken) => {
            let text = "The access token is missing, expired or not for this endpoint";
            let challenge = "Bearer realm=\"Users\", error=\"invalid_token\", \
                             error_description=\"The access token is not valid\"";
            let challenges = [challenge.to_owned(), dpop::invitation()];
            for_origin(refusal("invalid_token", text, &challenges), call, headers, None)
        }
        Err(UserinfoError::Possession(error)) => {
            let (code, text) = dpop::told(&error);
            for_origin(refusal(code, text, &[dpop::challenge(&error)]), call, headers, None)
        }
        Err(UserinfoError::Fault(error)) => {
            for_origin(fault(&error, &call.request_id), call, headers, None)
        }
    }
}

fn refusal(code: &'static str, text: &str, challenges: &[String]) -> Response {
    let mut response = OauthBody::new(StatusCode::UNAUTHORIZED, code, text).into_response();
    headers::challenge(&mut response, challenges);
    response
}

/// A form post may carry the token in its body (RFC 6750 §2.2).
async fn in_form(headers: &HeaderMap, body: Body) -> Option<String> {
    if !body::is(headers, "application/x-www-form-urlencoded") {
        return None;
    }
    let pairs = body::pairs(&body::read(body).await?)?;
    pairs.into_iter().find(|(name, _)| name == "access_token").map(|(_, token)| token)
}
