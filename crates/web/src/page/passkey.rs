//! Answers of the pages that offer a passkey, and what the identifier page posts when one is used.

use axum::response::Response;
use housekey_core::login::{
    PasskeyAnswer, Screen, answer_identifier, answer_passkey, answer_passkey_enrollment,
};
use serde_json::Value;

use super::form::{Fields, Submission};
use super::login::follow;
use crate::webauthn;

/// `POST /u/login/identifier`: a name, or a passkey.
pub(crate) async fn post_identifier(submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let has_platform = fields.get("webauthn-platform-available") == "true";
    let (username, answered) = match credential(fields) {
        None => {
            let username = fields.get("username");
            (username, answer_identifier(&web.app, call, posted, username, has_platform).await)
        }
        Some(json) => {
            let response = json.and_then(|json| webauthn::authentication(&json).ok());
            let response = response.as_ref();
            ("", answer_passkey(&web.app, call, posted, response, has_platform).await)
        }
    };
    follow(&submission, Screen::LoginId, username, answered).await
}

/// `POST /u/passkey-enrollment` and `POST /u/passkey-enrollment-local`.
pub(crate) async fn post_enrollment(screen: Screen, submission: Submission) -> Response {
    let Submission { web, call, fields, posted } = &submission;
    let answer = if fields.action() == "abort-passkey-enrollment" {
        PasskeyAnswer::Without { snooze: fields.get("dontShowAgain") == "on" }
    } else {
        let json = credential(fields).flatten();
        let response = json.and_then(|json| webauthn::registration(&json, false).ok());
        PasskeyAnswer::Made(response.map(Box::new))
    };
    let answered = answer_passkey_enrollment(&web.app, call, posted, screen, answer).await;
    follow(&submission, screen, "", answered).await
}

/// The field `passkey`, if it was filled in; nothing inside if it is not JSON.
#[expect(clippy::option_option, reason = "not filled in is not the same as not readable")]
fn credential(fields: &Fields) -> Option<Option<Value>> {
    let text = Some(fields.get("passkey")).filter(|text| !text.is_empty())?;
    Some(serde_json::from_str(text).ok())
}
