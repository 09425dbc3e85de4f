//! The page behind a link that enrols a second factor.

use serde::Serialize;

use crate::view::{Form, FormError, Frame, Page};

/// Screen `guardian-enroll`.
#[derive(Clone, Serialize)]
pub struct EnrollmentStart {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
}

impl Page for EnrollmentStart {
    const TEMPLATE: &'static str = "guardian-enroll.html";

    fn screen(&self) -> &'static str {
        "guardian-enroll"
    }

    fn samples() -> Vec<Self> {
        let errors = vec![FormError::banner("session-mismatch")];
        let plain = Self { frame: Frame::sample(), form: Form::ticket_sample() };
        let forged = Self {
            frame: Frame::branded_sample(),
            form: Form::ticket_sample().with_errors(errors),
        };
        vec![plain, forged]
    }
}
