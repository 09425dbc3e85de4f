//! The messages a development server would have sent.

use serde::Serialize;

use crate::view::{Form, Frame, Page};

/// Screen `outbox`. The form posts the action `clear`.
#[derive(Clone, Serialize)]
pub struct Outbox {
    /// What surrounds the page.
    pub frame: Frame,
    /// The form that empties the outbox.
    pub form: Form,
    /// Newest first.
    pub messages: Vec<OutboxMessage>,
    /// The recipient the list is limited to.
    pub to: Option<String>,
}

/// One message.
#[derive(Clone, Serialize)]
pub struct OutboxMessage {
    /// Its id.
    pub id: String,
    /// `email`, `sms`, `voice` or `push`.
    pub channel: String,
    /// The recipient.
    pub to: String,
    /// The subject, where the channel has one.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// The one-time code in it.
    pub code: Option<String>,
    /// The link in it.
    pub link: Option<String>,
    /// When it was sent (RFC 3339).
    pub sent_at: String,
}

impl Page for Outbox {
    const TEMPLATE: &'static str = "outbox.html";

    fn screen(&self) -> &'static str {
        "outbox"
    }

    fn samples() -> Vec<Self> {
        let code = OutboxMessage {
            id: "msg_2".to_owned(),
            channel: "email".to_owned(),
            to: "ada@example.com".to_owned(),
            subject: Some("Your verification code".to_owned()),
            text: "Your code is 204913.\n\nIt is valid for five minutes.".to_owned(),
            code: Some("204913".to_owned()),
            link: None,
            sent_at: "2026-01-01T00:01:00.000Z".to_owned(),
        };
        let link = OutboxMessage {
            id: "msg_1".to_owned(),
            subject: None,
            text: "Choose a new password:\nhttp://localhost:4000/u/reset-verify?ticket=sample"
                .to_owned(),
            code: None,
            link: Some("http://localhost:4000/u/reset-verify?ticket=sample".to_owned()),
            sent_at: "2026-01-01T00:00:00.000Z".to_owned(),
            ..code.clone()
        };
        let full = Self {
            frame: Frame::sample(),
            form: Form::standalone("sample-csrf-token"),
            messages: vec![code, link],
            to: None,
        };
        let empty = Self {
            messages: Vec::new(),
            to: Some("nobody@example.com".to_owned()),
            ..full.clone()
        };
        vec![full, empty]
    }
}
