//! Resetting a forgotten password: ask for a mail, choose a new password, done.

use serde::Serialize;

use crate::view::{Form, FormError, Frame, Identifier, Page, PasswordRule};

/// Screen `reset-password-request`: asks where to send the mail. Besides `default` the form has
/// the action `back-to-login`.
#[derive(Clone, Serialize)]
pub struct ResetPasswordRequest {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// What to ask for: the field is `email`, or `username` unless only addresses identify.
    pub identifier: Identifier,
    /// What is already in the field.
    pub value: String,
    /// Whether there is a login page to go back to.
    pub back_to_login: bool,
}

/// Screen `reset-password-email`: a mail is on its way, if the account exists. The only action is
/// `resend-email-action`.
#[derive(Clone, Serialize)]
pub struct ResetPasswordEmail {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// What was entered on the page before.
    pub value: String,
    /// Whether this page follows another request for the mail.
    pub resent: bool,
    /// Back to the login page.
    pub login_url: Option<String>,
}

/// Screen `reset-password`: the new password, twice (`password-reset`, `re-enter-password`).
#[derive(Clone, Serialize)]
pub struct ResetPassword {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Whose password it is; helps password managers.
    pub username: String,
    /// What the password must be like.
    pub policy: Vec<PasswordRule>,
}

/// Screen `reset-password-success`.
#[derive(Clone, Serialize)]
pub struct ResetPasswordSuccess {
    /// What surrounds the page.
    pub frame: Frame,
    /// On to the login page.
    pub login_url: Option<String>,
}

impl Page for ResetPasswordRequest {
    const TEMPLATE: &'static str = "reset-password-request.html";

    fn screen(&self) -> &'static str {
        "reset-password-request"
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            identifier: Identifier::Email,
            value: String::new(),
            back_to_login: true,
        };
        let refused = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![FormError::on("username", "no-username")]),
            identifier: Identifier::EmailOrUsername,
            back_to_login: false,
            ..plain.clone()
        };
        vec![plain, refused]
    }
}

impl Page for ResetPasswordEmail {
    const TEMPLATE: &'static str = "reset-password-email.html";

    fn screen(&self) -> &'static str {
        "reset-password-email"
    }

    fn samples() -> Vec<Self> {
        let sent = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            value: "ada@example.com".to_owned(),
            resent: false,
            login_url: Some("/u/login?state=hKFo2SBTYW1wbGVTdGF0ZQ".to_owned()),
        };
        let limited = Self {
            form: Form::sample().with_errors(vec![FormError::banner("too-many-email")]),
            login_url: None,
            ..sent.clone()
        };
        let resent = Self { resent: true, ..sent.clone() };
        vec![sent, resent, limited]
    }
}

impl Page for ResetPassword {
    const TEMPLATE: &'static str = "reset-password.html";

    fn screen(&self) -> &'static str {
        "reset-password"
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            frame: Frame::branded_sample(),
            form: Form::ticket_sample(),
            username: "ada@example.com".to_owned(),
            policy: PasswordRule::samples(),
        };
        let refused = Self {
            frame: Frame::sample(),
            form: Form::ticket_sample()
                .with_errors(vec![FormError::on("re-enter-password", "password-mismatch")]),
            policy: Vec::new(),
            ..plain.clone()
        };
        vec![plain, refused]
    }
}

impl Page for ResetPasswordSuccess {
    const TEMPLATE: &'static str = "reset-password-success.html";

    fn screen(&self) -> &'static str {
        "reset-password-success"
    }

    fn samples() -> Vec<Self> {
        let linked = Self { frame: Frame::sample(), login_url: Some("/u/login".to_owned()) };
        let bare = Self { login_url: None, ..linked.clone() };
        vec![linked, bare]
    }
}
