//! Documents that carry an authorization response to the application by script or by form instead
//! of by redirect.

use serde::Serialize;
use serde_json::{Value, json};

use crate::view::Page;

/// `response_mode=web_message`: posts the response to the window that opened or embeds this one.
///
/// The message is `{ "type": "authorization_response", "response": … }`.
#[derive(Clone, Serialize)]
pub struct WebMessage {
    /// The nonce named in this response's `Content-Security-Policy`.
    pub nonce: String,
    /// The origin of the redirect URI: the only one that may read the message.
    pub target_origin: String,
    /// The response parameters, an object.
    pub response: Value,
}

/// `response_mode=form_post` (OAuth 2.0 Form Post Response Mode): a form that submits itself, with
/// a button for browsers without scripts.
#[derive(Clone, Serialize)]
pub struct FormPost {
    /// The nonce named in this response's `Content-Security-Policy`.
    pub nonce: String,
    /// The redirect URI.
    pub action: String,
    /// The response parameters, in order.
    pub fields: Vec<(String, String)>,
}

impl Page for WebMessage {
    const TEMPLATE: &'static str = "web-message.html";

    fn screen(&self) -> &'static str {
        "web-message"
    }

    fn samples() -> Vec<Self> {
        vec![Self {
            nonce: "c2FtcGxlLW5vbmNl".to_owned(),
            target_origin: "http://localhost:3000".to_owned(),
            response: json!({ "code": "sample-code", "state": "c2FtcGxl" }),
        }]
    }
}

impl Page for FormPost {
    const TEMPLATE: &'static str = "form-post.html";

    fn screen(&self) -> &'static str {
        "form-post"
    }

    fn samples() -> Vec<Self> {
        vec![Self {
            nonce: "c2FtcGxlLW5vbmNl".to_owned(),
            action: "http://localhost:3000/callback".to_owned(),
            fields: vec![
                ("code".to_owned(), "sample-code".to_owned()),
                ("state".to_owned(), "c2FtcGxl".to_owned()),
            ],
        }]
    }
}
