//! "This was not me": the page behind the link in a mail about a change, and what comes of it.

use serde::Serialize;

use crate::view::{Form, FormError, Frame, Page};

/// Screen `objection`: what happened, and the question whether to object. The only action is
/// `default`.
#[derive(Clone, Serialize)]
pub struct Objection {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// The change.
    pub change: ObjectedChange,
    /// Objecting takes back what was added.
    pub revokes: bool,
}

/// A change as people recognise it.
#[derive(Clone, Serialize)]
pub struct ObjectedChange {
    /// What, as a sentence without its full stop.
    pub what: String,
    /// When, as programs write it.
    pub at: String,
    /// When, as people write it.
    pub at_in_words: String,
    /// From which address.
    pub ip: String,
    /// With which program.
    pub device: String,
}

/// Screen `objection-done`.
#[derive(Clone, Serialize)]
pub struct ObjectionDone {
    /// What surrounds the page.
    pub frame: Frame,
    /// What was added is gone.
    pub revoked: bool,
    /// On to a new password; none if the account has another mail address by now.
    pub reset_url: Option<String>,
}

impl Page for Objection {
    const TEMPLATE: &'static str = "objection.html";

    fn screen(&self) -> &'static str {
        "objection"
    }

    fn samples() -> Vec<Self> {
        let added = Self {
            frame: Frame::branded_sample(),
            form: Form::ticket_sample(),
            change: ObjectedChange {
                what: "An authenticator app was added to your account".to_owned(),
                at: "2026-01-01T00:00:00.000Z".to_owned(),
                at_in_words: "1 January 2026, 00:00 UTC".to_owned(),
                ip: "203.0.113.7".to_owned(),
                device: "Chrome 131.0.0 / Mac OS X 10.15.7".to_owned(),
            },
            revokes: true,
        };
        let forged = Self {
            form: Form::ticket_sample().with_errors(vec![FormError::banner("session-mismatch")]),
            revokes: false,
            ..added.clone()
        };
        vec![added, forged]
    }
}

impl Page for ObjectionDone {
    const TEMPLATE: &'static str = "objection-done.html";

    fn screen(&self) -> &'static str {
        "objection-done"
    }

    fn samples() -> Vec<Self> {
        let done = Self {
            frame: Frame::sample(),
            revoked: true,
            reset_url: Some("/u/reset-password/change?ticket=sample".to_owned()),
        };
        let moved = Self { revoked: false, reset_url: None, ..done.clone() };
        vec![done, moved]
    }
}
