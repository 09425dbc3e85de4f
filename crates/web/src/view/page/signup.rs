//! Making an account, on one page or on two.

use housekey_core::connection::{Asked, Attribute, Attributes};
use serde::Serialize;

use crate::view::{Form, FormError, Frame, Page, PasswordRule};

/// Which part of signing up a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignupStep {
    /// Everything at once (screen `signup`).
    Full,
    /// Who the person is (screen `signup-id`).
    Identifier,
    /// The password (screen `signup-password`).
    Password,
}

/// Screens `signup`, `signup-id` and `signup-password`.
#[derive(Clone, Serialize)]
pub struct Signup {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Which of the three screens it is.
    pub step: SignupStep,
    /// What is already in the field `email`, or was given on the page before.
    pub email: String,
    /// What is asked for.
    pub asks: SignupNames,
    /// What was given as username.
    pub username: Option<String>,
    /// What was given as telephone number.
    pub phone_number: Option<String>,
    /// What a new password must be like.
    pub policy: Vec<PasswordRule>,
    /// "Log in"
    pub login_url: Option<String>,
    /// From the password page back to the identifier page.
    pub edit_url: Option<String>,
}

/// What new people are asked for.
#[derive(Clone, Copy, Serialize)]
pub struct SignupNames {
    /// Mail address.
    pub email: AskedFor,
    /// Username.
    pub username: AskedFor,
    /// Telephone number.
    pub phone_number: AskedFor,
}

/// Whether something is asked for.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedFor {
    /// It must be given.
    Required,
    /// It may be given.
    Optional,
    /// It is not asked for.
    Never,
}

impl SignupNames {
    /// What a connection asks for.
    #[must_use]
    pub fn of(names: &Attributes) -> Self {
        let asked = |own: Attribute| match own.signup {
            Asked::Required => AskedFor::Required,
            Asked::Optional => AskedFor::Optional,
            Asked::Inactive => AskedFor::Never,
        };
        Self {
            email: asked(names.email),
            username: asked(names.username),
            phone_number: asked(names.phone_number),
        }
    }
}

impl Page for Signup {
    const TEMPLATE: &'static str = "signup.html";

    fn screen(&self) -> &'static str {
        match self.step {
            SignupStep::Full => "signup",
            SignupStep::Identifier => "signup-id",
            SignupStep::Password => "signup-password",
        }
    }

    fn samples() -> Vec<Self> {
        let full = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            step: SignupStep::Full,
            email: String::new(),
            asks: SignupNames::of(&Attributes::default()),
            username: None,
            phone_number: None,
            policy: PasswordRule::samples(),
            login_url: Some("/u/login?state=hKFo2SBTYW1wbGVTdGF0ZQ".to_owned()),
            edit_url: None,
        };
        let refused = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![
                FormError::on("username", "invalid-username-length"),
                FormError::on("password", "password-too-weak"),
                FormError::on("password", "password-personal-info"),
            ]),
            email: "ada@example.com".to_owned(),
            asks: SignupNames {
                username: AskedFor::Required,
                phone_number: AskedFor::Optional,
                ..full.asks
            },
            login_url: None,
            ..full.clone()
        };
        let identifier = Self {
            form: Form::sample().with_errors(vec![FormError::on("email", "invalid-email-format")]),
            step: SignupStep::Identifier,
            email: "ada at example.com".to_owned(),
            ..full.clone()
        };
        let password = Self {
            step: SignupStep::Password,
            email: "ada@example.com".to_owned(),
            edit_url: Some("/u/signup/identifier?state=hKFo2SBTYW1wbGVTdGF0ZQ".to_owned()),
            ..full.clone()
        };
        vec![full, refused, identifier, password]
    }
}
