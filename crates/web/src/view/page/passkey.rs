//! Offering a passkey to somebody who has just signed in.

use serde::Serialize;
use serde_json::{Value, json};

use crate::view::{Form, Frame, Page};

/// Screens `passkey-enrollment` and `passkey-enrollment-local`. Actions `default` and
/// `abort-passkey-enrollment`.
#[derive(Clone, Serialize)]
pub struct PasskeyEnrollment {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Whose account it is.
    pub user: String,
    /// The person signed in with a passkey of another device.
    pub local: bool,
    /// `PublicKeyCredentialCreationOptionsJSON`.
    pub options: Value,
}

impl Page for PasskeyEnrollment {
    const TEMPLATE: &'static str = "passkey-enrollment.html";

    fn screen(&self) -> &'static str {
        if self.local { "passkey-enrollment-local" } else { "passkey-enrollment" }
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            user: "ada@example.com".to_owned(),
            local: false,
            options: json!({ "challenge": "c2FtcGxl" }),
        };
        let refused = Self {
            frame: Frame::branded_sample(),
            form: Form::sample()
                .with_errors(vec![crate::view::FormError::banner("invalid-passkey")]),
            local: true,
            ..plain.clone()
        };
        vec![plain, refused]
    }
}
