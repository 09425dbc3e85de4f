//! `GET /u/email-verification?ticket=…`: the link in the mail.

use axum::extract::{Extension, RawQuery, State};
use axum::response::Response;
use housekey_core::Call;
use housekey_core::login::{Visitor, verify_email};
use housekey_core::secret::Handle;
use http::StatusCode;

use super::form::query_value;
use super::render::{login_error, show};
use super::result_url::result_url;
use crate::respond::redirect;
use crate::state::Web;
use crate::view::{EmailVerification, EmailVerificationOutcome};

/// Verifies the address and says so.
pub(crate) async fn get(
    State(web): State<Web>,
    Extension(call): Extension<Call>,
    RawQuery(query): RawQuery,
) -> Response {
    let ticket = Handle::presented(query_value(query.as_deref(), "ticket").unwrap_or_default());
    let (status, outcome) = match verify_email(&web.app, &call, &ticket).await {
        Ok(Some(ticket)) => {
            let text = "Your email was verified. You can continue using the application.";
            if let Some(url) = result_url(&ticket, text) {
                return redirect(&url);
            }
            (StatusCode::OK, EmailVerificationOutcome::Verified)
        }
        Ok(None) => (StatusCode::BAD_REQUEST, EmailVerificationOutcome::Invalid),
        Err(error) => {
            let nobody = Visitor { state: Handle::presented(""), browser: None };
            return login_error(&web, &call, &nobody, error);
        }
    };
    show(&web, &call, status, None, |frame| EmailVerification {
        frame,
        outcome,
        continue_url: Some("/account".to_owned()),
    })
}
