//! The second factor: giving one, enrolling one.

use serde::Serialize;

use crate::view::{Form, FormError, Frame, Page};

/// Screens that ask for a code: `mfa-otp-challenge`, `mfa-sms-challenge`, `mfa-voice-challenge`,
/// `mfa-email-challenge`, `mfa-recovery-code-challenge` and those that prove a new mailbox or phone.
/// Besides `default` the form has the actions `resend-code` and `pick-authenticator`.
#[derive(Clone, Serialize)]
pub struct MfaCode {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Which of the screens.
    #[serde(skip)]
    pub screen: &'static str,
    /// Where the code went, as far as that may be shown.
    pub target: String,
    /// Whether the person may wish not to be asked again here.
    pub may_remember: Option<RememberOffer>,
    /// Whether there are others to choose from.
    pub has_others: bool,
    /// Whether the code proves something new.
    pub enrolls: bool,
}

/// The wish not to be asked again in this browser.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RememberOffer {
    /// For how many days.
    pub days: i64,
    /// Whether it is ticked beforehand.
    pub is_preset: bool,
}

/// Screens `mfa-login-options` and `mfa-begin-enroll-options`: the action is the choice.
#[derive(Clone, Serialize)]
pub struct MfaOptions {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Which of the screens.
    #[serde(skip)]
    pub screen: &'static str,
    /// What there is to choose from.
    pub options: Vec<MfaOption>,
}

/// One of several second factors.
#[derive(Clone, Debug, Serialize)]
pub struct MfaOption {
    /// The form's action.
    pub action: String,
    /// Under which key an operator may call it something else.
    pub key: &'static str,
    /// What it is.
    pub text: String,
    /// Which one, if there may be several.
    pub target: String,
}

/// Screen `mfa-push-challenge-push`: waits for a device. Besides `default` the form has the actions
/// `resend`, `enter-otp-code` and `pick-authenticator`.
#[derive(Clone, Serialize)]
pub struct MfaPush {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// The screen.
    #[serde(skip)]
    pub screen: &'static str,
    /// The device's name.
    pub device: String,
    /// What became of it.
    pub state: MfaPushState,
    /// Whether the person may wish not to be asked again here.
    pub may_remember: Option<RememberOffer>,
    /// Whether there are others to choose from.
    pub has_others: bool,
}

/// What became of a question to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MfaPushState {
    /// It was approved.
    Approved,
    /// It was refused, came too late, or was never sent.
    Over,
    /// The device has yet to answer.
    Pending,
}

/// Screen `mfa-otp-enrollment-qr`: a new authenticator app.
#[derive(Clone, Serialize)]
pub struct MfaApp {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// The screen.
    #[serde(skip)]
    pub screen: &'static str,
    /// For the QR code.
    pub barcode_uri: String,
    /// For typing.
    pub key: String,
    /// Whether there are others to choose from.
    pub has_others: bool,
}

/// Screens `mfa-sms-enrollment` (field `phone`, and `type` where calls are possible, too) and
/// `mfa-email-enrollment` (field `email`).
#[derive(Clone, Serialize)]
pub struct MfaContact {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Which of the screens.
    #[serde(skip)]
    pub screen: &'static str,
    /// What is already in the field.
    pub typed: String,
    /// Whether text messages and calls are both possible.
    pub both_channels: bool,
    /// Whether there are others to choose from.
    pub has_others: bool,
}

/// Screens `mfa-recovery-code-enrollment` and `mfa-recovery-code-challenge-new-code`: the field
/// `saved` says that it is kept.
#[derive(Clone, Serialize)]
pub struct MfaRecoveryCode {
    /// What surrounds the page.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Which of the screens.
    #[serde(skip)]
    pub screen: &'static str,
    /// The code.
    pub code: String,
}

impl Page for MfaCode {
    const TEMPLATE: &'static str = "mfa-code.html";

    fn screen(&self) -> &'static str {
        self.screen
    }

    fn samples() -> Vec<Self> {
        let app = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            screen: "mfa-otp-challenge",
            target: String::new(),
            may_remember: Some(RememberOffer { days: 30, is_preset: false }),
            has_others: true,
            enrolls: false,
        };
        let mail = Self {
            screen: "mfa-email-challenge",
            form: Form::sample().with_errors(vec![FormError::on("code", "invalid-code")]),
            target: "ad****@e***.com".to_owned(),
            ..app.clone()
        };
        let text = Self {
            frame: Frame::branded_sample(),
            screen: "mfa-sms-challenge",
            form: Form::sample().with_errors(vec![FormError::banner("too-many-sms")]),
            target: "XXXXXXXX3456".to_owned(),
            may_remember: None,
            has_others: false,
            ..app.clone()
        };
        let call = Self { screen: "mfa-voice-challenge", ..text.clone() };
        let paper = Self { screen: "mfa-recovery-code-challenge", ..app.clone() };
        let proof = |screen, target: &str| Self {
            screen,
            target: target.to_owned(),
            may_remember: None,
            enrolls: true,
            ..app.clone()
        };
        let new_mail = proof("mfa-email-enrollment-verify", "ada@example.com");
        let new_phone = proof("mfa-sms-enrollment-verify", "+4930123456");
        vec![app, mail, text, call, paper, new_mail, new_phone]
    }
}

impl Page for MfaOptions {
    const TEMPLATE: &'static str = "mfa-options.html";

    fn screen(&self) -> &'static str {
        self.screen
    }

    fn samples() -> Vec<Self> {
        let option = |action: &str, text: &str, target: &str| MfaOption {
            action: action.to_owned(),
            key: "authenticatorNamesOTP",
            text: text.to_owned(),
            target: target.to_owned(),
        };
        let challenge = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            screen: "mfa-login-options",
            options: vec![
                option("otp", "Authenticator app", ""),
                option("email", "Email", "ad****@e***.com"),
                option("email::1", "Email", "wo****@e***.com"),
            ],
        };
        let enroll = Self { screen: "mfa-begin-enroll-options", ..challenge.clone() };
        vec![challenge, enroll]
    }
}

impl Page for MfaPush {
    const TEMPLATE: &'static str = "mfa-push.html";

    fn screen(&self) -> &'static str {
        self.screen
    }

    fn samples() -> Vec<Self> {
        let pending = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            screen: "mfa-push-challenge-push",
            device: "Ada\u{2019}s phone".to_owned(),
            state: MfaPushState::Pending,
            may_remember: Some(RememberOffer { days: 30, is_preset: false }),
            has_others: true,
        };
        let approved = Self { state: MfaPushState::Approved, ..pending.clone() };
        let over = Self {
            form: Form::sample().with_errors(vec![FormError::banner("push-rejected")]),
            device: String::new(),
            may_remember: None,
            has_others: false,
            state: MfaPushState::Over,
            ..approved.clone()
        };
        vec![pending, approved, over]
    }
}

impl Page for MfaApp {
    const TEMPLATE: &'static str = "mfa-app.html";

    fn screen(&self) -> &'static str {
        self.screen
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            screen: "mfa-otp-enrollment-qr",
            barcode_uri: "otpauth://totp/Acme:ada?secret=JBSWY3DPEHPK3PXP&issuer=Acme".to_owned(),
            key: "JBSWY3DPEHPK3PXP".to_owned(),
            has_others: true,
        };
        let refused = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![FormError::on("code", "invalid-code")]),
            has_others: false,
            ..plain.clone()
        };
        vec![plain, refused]
    }
}

impl Page for MfaContact {
    const TEMPLATE: &'static str = "mfa-contact.html";

    fn screen(&self) -> &'static str {
        self.screen
    }

    fn samples() -> Vec<Self> {
        let phone = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            screen: "mfa-sms-enrollment",
            typed: String::new(),
            both_channels: true,
            has_others: true,
        };
        let mail = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![FormError::on("email", "no-email")]),
            screen: "mfa-email-enrollment",
            typed: "ada@".to_owned(),
            both_channels: false,
            has_others: false,
        };
        vec![phone, mail]
    }
}

impl Page for MfaRecoveryCode {
    const TEMPLATE: &'static str = "mfa-recovery-code.html";

    fn screen(&self) -> &'static str {
        self.screen
    }

    fn samples() -> Vec<Self> {
        let first = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            screen: "mfa-recovery-code-enrollment",
            code: "ABCD1234EFGH5678IJKL9012".to_owned(),
        };
        let next = Self {
            frame: Frame::branded_sample(),
            form: Form::sample().with_errors(vec![FormError::on("saved", "no-confirmation")]),
            screen: "mfa-recovery-code-challenge-new-code",
            ..first.clone()
        };
        vec![first, next]
    }
}
