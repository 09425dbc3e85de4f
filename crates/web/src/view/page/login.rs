//! Logging in with an identifier and a password, on one page or on two.

use serde::Serialize;
use serde_json::{Value, json};

use crate::view::{Form, FormError, Frame, Page};

/// What a connection lets people identify themselves with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// Whatever there is.
    Any,
    /// An email address.
    Email,
    /// Either.
    EmailOrUsername,
    /// A telephone number.
    Phone,
    /// A username.
    Username,
}

/// Screen `login`: identifier and password together.
#[derive(Clone, Serialize)]
pub struct Login {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// What the field `username` asks for.
    pub identifier: Identifier,
    /// What is already in the field `username`.
    pub username: String,
    /// "Sign up", where new accounts may be made.
    pub signup_url: Option<String>,
    /// "Forgot password?"
    pub reset_url: Option<String>,
}

/// How the identifier page offers passkeys.
#[derive(Clone, Debug, Serialize)]
pub struct Passkey {
    /// `PublicKeyCredentialRequestOptionsJSON`.
    pub options: Value,
    /// Among the browser's suggestions.
    pub autofill: bool,
    /// By a button.
    pub button: bool,
}

/// Screen `login-id`: the identifier alone.
#[derive(Clone, Serialize)]
pub struct LoginId {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// What the field `username` asks for.
    pub identifier: Identifier,
    /// Passkeys, where people may have them.
    pub passkey: Option<Passkey>,
    /// What is already in the field `username`.
    pub username: String,
    /// "Sign up", where new accounts may be made.
    pub signup_url: Option<String>,
    /// "Can't log in to your account?"
    pub reset_url: Option<String>,
}

/// Screen `login-password`: the password of an identifier given before.
#[derive(Clone, Serialize)]
pub struct LoginPassword {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// The identifier given on the page before.
    pub username: String,
    /// Back to that page.
    pub edit_url: String,
    /// "Forgot password?"
    pub reset_url: Option<String>,
    /// "Sign up", where new accounts may be made.
    pub signup_url: Option<String>,
}

impl Page for Login {
    const TEMPLATE: &'static str = "login.html";

    fn screen(&self) -> &'static str {
        "login"
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            identifier: Identifier::Email,
            username: String::new(),
            signup_url: Some("/u/signup?state=hKFo2SBTYW1wbGVTdGF0ZQ".to_owned()),
            reset_url: Some("/u/login/password-reset-start/db?state=hKFo2S".to_owned()),
        };
        let refused = Self {
            form: Form::sample()
                .with_errors(vec![FormError::on("password", "wrong-email-credentials")]),
            username: "ada@example.com".to_owned(),
            ..plain.clone()
        };
        let limited = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![FormError::banner("same-user-login")]),
            identifier: Identifier::EmailOrUsername,
            signup_url: None,
            reset_url: None,
            ..refused.clone()
        };
        vec![plain, refused, limited]
    }
}

impl Page for LoginId {
    const TEMPLATE: &'static str = "login-id.html";

    fn screen(&self) -> &'static str {
        "login-id"
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            identifier: Identifier::EmailOrUsername,
            passkey: None,
            username: String::new(),
            signup_url: Some("/u/signup/identifier?state=hKFo2SBTYW1wbGVTdGF0ZQ".to_owned()),
            reset_url: Some("/u/login/password-reset-start/db?state=hKFo2S".to_owned()),
        };
        let refused = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![FormError::on("username", "no-identifier")]),
            identifier: Identifier::Username,
            signup_url: None,
            reset_url: None,
            ..plain.clone()
        };
        let options = json!({ "challenge": "c2FtcGxl", "rpId": "acme.example" });
        let with = |autofill, button| Self {
            passkey: Some(Passkey { options: options.clone(), autofill, button }),
            ..plain.clone()
        };
        vec![plain.clone(), refused, with(true, true), with(false, true), with(true, false)]
    }
}

impl Page for LoginPassword {
    const TEMPLATE: &'static str = "login-password.html";

    fn screen(&self) -> &'static str {
        "login-password"
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            username: "ada@example.com".to_owned(),
            edit_url: "/u/login/identifier?state=hKFo2SBTYW1wbGVTdGF0ZQ".to_owned(),
            reset_url: Some("/u/login/password-reset-start/db?state=hKFo2S".to_owned()),
            signup_url: Some("/u/signup/identifier?state=hKFo2SBTYW1wbGVTdGF0ZQ".to_owned()),
        };
        let refused = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![FormError::on("password", "wrong-credentials")]),
            username: "a-person-with-a-very-long-address@mail.subsidiary.example.com".to_owned(),
            reset_url: None,
            signup_url: None,
            ..plain.clone()
        };
        vec![plain, refused]
    }
}
