//! Pages that only tell something.

use serde::Serialize;

use crate::view::{Frame, Link, Page};

/// Screen `error`: the request cannot go on.
#[derive(Clone, Serialize)]
pub struct ErrorPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// OAuth error code or a code of ours.
    pub error: String,
    /// What it means.
    pub error_description: String,
    /// Finds this failure in the logs.
    pub tracking_id: String,
    /// Where a person could start again.
    pub retry: Option<Link>,
}

/// Screen `status`: some other message.
#[derive(Clone, Serialize)]
pub struct Status {
    /// What surrounds the page.
    pub frame: Frame,
    /// The headline.
    pub heading: String,
    /// The message.
    pub text: String,
    /// Where to go on.
    pub link: Option<Link>,
}

/// Screen `email-verification`: what became of a link from a verification mail.
#[derive(Clone, Serialize)]
pub struct EmailVerification {
    /// What surrounds the page.
    pub frame: Frame,
    /// What became of it.
    pub outcome: EmailVerificationOutcome,
    /// Where to go on.
    pub continue_url: Option<String>,
}

/// What became of a verification link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailVerificationOutcome {
    /// The address was verified before.
    AlreadyVerified,
    /// The link is unknown, spent or too old.
    Invalid,
    /// The address is now verified.
    Verified,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn screen(&self) -> &'static str {
        "error"
    }

    fn samples() -> Vec<Self> {
        let callback = Self {
            frame: Frame::branded_sample(),
            error: "invalid_request".to_owned(),
            error_description: "Callback URL mismatch. The provided redirect_uri is not in the \
                                list of allowed callback URLs"
                .to_owned(),
            tracking_id: "9f2c1e7a6b5d4038".to_owned(),
            retry: None,
        };
        let expired = Self {
            frame: Frame::sample(),
            error: "transaction-not-found".to_owned(),
            error_description: crate::view::error_text("transaction-not-found").to_owned(),
            retry: Some(Link::new("https://app.example/", "Back to Acme Notes")),
            ..callback.clone()
        };
        vec![callback, expired]
    }
}

impl Page for Status {
    const TEMPLATE: &'static str = "status.html";

    fn screen(&self) -> &'static str {
        "status"
    }

    fn samples() -> Vec<Self> {
        let bare = Self {
            frame: Frame::branded_sample(),
            heading: "Nothing to do here".to_owned(),
            text: "This page was opened without a sign-in in progress.".to_owned(),
            link: None,
        };
        let linked = Self {
            frame: Frame::sample(),
            link: Some(Link::new("/account", "Go to your account")),
            ..bare.clone()
        };
        vec![bare, linked]
    }
}

impl Page for EmailVerification {
    const TEMPLATE: &'static str = "email-verification.html";

    fn screen(&self) -> &'static str {
        "email-verification"
    }

    fn samples() -> Vec<Self> {
        let page = |outcome, continue_url: Option<&str>| Self {
            frame: Frame::sample(),
            outcome,
            continue_url: continue_url.map(str::to_owned),
        };
        vec![
            page(EmailVerificationOutcome::Verified, Some("https://app.example/")),
            page(EmailVerificationOutcome::AlreadyVerified, None),
            page(EmailVerificationOutcome::Invalid, None),
        ]
    }
}
