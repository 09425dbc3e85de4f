//! What messages say. Plain words; how they look is the sender's business.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Channel;
use super::words::{
    already_registered, changed, enrollment_code, guessed, login_code, phone_code, plain, question,
    reset, session_ended, sign_in_code, trial, with_link,
};
use crate::factor::FactorType;
use crate::factor::phone::PhoneChannel;
use crate::guardian::PushPayload;
use crate::id::{ClientId, SessionId, UserId};
use crate::time::Timestamp;

/// What to tell somebody. The serialised form is what is sealed into the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// Something about the account changed.
    AccountChanged {
        /// What.
        happened: Happened,
        /// Where.
        tenant: String,
        /// When.
        at: Timestamp,
        /// From which address.
        ip: String,
        /// With which program.
        user_agent: String,
        /// Where to look after it.
        account_url: String,
        /// Where to object; messages queued by an older version have none.
        #[serde(default)]
        objection_url: Option<String>,
    },
    /// Somebody tried to sign up with an address that has an account.
    AlreadyRegistered {
        /// Where.
        tenant: String,
        /// Where to sign in.
        account_url: String,
    },
    /// A code that confirms a mail address as a factor.
    EnrollmentCode {
        /// The code.
        code: String,
        /// Where.
        tenant: String,
    },
    /// A link to enrol a second factor.
    EnrollmentInvitation {
        /// The link.
        link: String,
        /// Where.
        tenant: String,
    },
    /// A code that confirms a telephone number as a factor.
    PhoneCode {
        /// The code.
        code: String,
        /// Where.
        tenant: String,
        /// By text message or call.
        channel: PhoneChannel,
    },
    /// A code to log in with, by mail.
    LoginCode {
        /// The code.
        code: String,
        /// Where.
        tenant: String,
    },
    /// A code to log in with, by phone.
    PhoneLoginCode {
        /// The code.
        code: String,
        /// Where.
        tenant: String,
        /// By text message or call.
        channel: PhoneChannel,
    },
    /// A code to sign in with, instead of a password.
    SignInCode {
        /// The code.
        code: String,
        /// Where.
        tenant: String,
        /// How long it is good.
        minutes: i64,
        /// By phone, and how; none is by mail.
        channel: Option<PhoneChannel>,
    },
    /// A question to a device.
    Push {
        /// Where somebody logs in.
        tenant: String,
        /// What the device needs to answer.
        payload: PushPayload,
    },
    /// For an application: a session that it took part in ended.
    LogoutToken {
        /// `iss`.
        issuer: String,
        /// Which application.
        client: ClientId,
        /// Whose session it was.
        user: UserId,
        /// Which session.
        session: SessionId,
    },
    /// Somebody guesses the password.
    PasswordGuessed {
        /// Where.
        tenant: String,
        /// When.
        at: Timestamp,
        /// From which address.
        ip: String,
        /// Where to look after it.
        account_url: String,
    },
    /// A trial of a telephone provider or of words for it.
    PhoneTrial {
        /// What a text message says.
        text: String,
        /// What a call says.
        spoken: String,
        /// Who it comes from, if not as usual.
        from: Option<String>,
        /// By text message or call.
        channel: PhoneChannel,
    },
    /// A link to choose a new password.
    PasswordReset {
        /// The link.
        link: String,
        /// Where.
        tenant: String,
    },
    /// A link that shows that mail arrives.
    VerifyEmail {
        /// The link.
        link: String,
        /// Where.
        tenant: String,
    },
    /// A first word, once mail is known to arrive; only in tenants that have one.
    Welcome {
        /// Where.
        tenant: String,
        /// Where to look around.
        account_url: String,
    },
}

/// What happened to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// A method was added.
    MethodAdded(FactorType),
    /// A method was removed.
    MethodRemoved(FactorType),
    /// A method was renamed.
    MethodRenamed(FactorType),
    /// The password was set or changed.
    PasswordChanged,
    /// A recovery code took the place of an older one.
    RecoveryCodeReplaced,
    /// A recovery code was used to log in, and replaced.
    RecoveryCodeUsed,
}

/// A message in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Subject line; empty where the channel has none.
    pub subject: String,
    /// Paragraphs, separated by empty lines.
    pub text: String,
    /// The same as HTML, where an operator wrote it.
    pub html: Option<String>,
    /// Who it comes from, where an operator said so.
    pub from: Option<String>,
    /// The name of the template it has or could have.
    pub template: Option<&'static str>,
    /// What a call says.
    pub spoken: Option<String>,
    /// What a program reads: a push message's members.
    pub data: Option<Map<String, Value>>,
    /// The code in it, if any.
    pub code: Option<String>,
    /// The link in it, if any.
    pub link: Option<String>,
    /// What the link does, in a word or two, where it is a button.
    pub link_label: Option<String>,
}

impl Message {
    /// How it travels.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::PhoneCode { channel, .. }
            | Self::PhoneLoginCode { channel, .. }
            | Self::PhoneTrial { channel, .. }
            | Self::SignInCode { channel: Some(channel), .. } => (*channel).into(),
            Self::Push { .. } => Channel::Push,
            Self::LogoutToken { .. } => Channel::Logout,
            Self::AccountChanged { .. }
            | Self::AlreadyRegistered { .. }
            | Self::EnrollmentCode { .. }
            | Self::EnrollmentInvitation { .. }
            | Self::LoginCode { .. }
            | Self::PasswordGuessed { .. }
            | Self::PasswordReset { .. }
            | Self::SignInCode { channel: None, .. }
            | Self::VerifyEmail { .. }
            | Self::Welcome { .. } => Channel::Email,
        }
    }

    /// Auth0's name for the template that may say it in other words.
    #[must_use]
    pub fn template(&self) -> Option<&'static str> {
        match self {
            Self::EnrollmentCode { .. } | Self::LoginCode { .. } => Some("mfa_oob_code"),
            Self::EnrollmentInvitation { .. } => Some("enrollment_email"),
            Self::PasswordGuessed { .. } => Some("blocked_account"),
            Self::PasswordReset { .. } => Some("reset_email"),
            Self::PhoneCode { .. } => Some("otp_enroll"),
            Self::PhoneLoginCode { .. } | Self::SignInCode { channel: Some(_), .. } => {
                Some("otp_verify")
            }
            Self::SignInCode { channel: None, .. } => Some("auth_email_by_code"),
            Self::VerifyEmail { .. } => Some("verify_email"),
            Self::Welcome { .. } => Some("welcome_email"),
            Self::AccountChanged { .. }
            | Self::AlreadyRegistered { .. }
            | Self::LogoutToken { .. }
            | Self::PhoneTrial { .. }
            | Self::Push { .. } => None,
        }
    }

    /// The code in it.
    pub(super) fn code(&self) -> Option<&str> {
        match self {
            Self::EnrollmentCode { code, .. }
            | Self::LoginCode { code, .. }
            | Self::PhoneCode { code, .. }
            | Self::PhoneLoginCode { code, .. }
            | Self::SignInCode { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The message in words.
    #[must_use]
    pub fn content(&self) -> Content {
        Content { template: self.template(), ..self.words() }
    }

    fn words(&self) -> Content {
        match self {
            Self::AccountChanged {
                happened,
                tenant,
                at,
                ip,
                user_agent,
                account_url,
                objection_url,
            } => {
                let what = happened.in_words();
                let device = crate::user_agent::in_words(user_agent);
                let facts =
                    format!("{what}.\n\nWhen: {}\nFrom: {ip}\nWith: {device}", at.in_words());
                changed(format!("{what} – {tenant}"), &facts, account_url, objection_url.as_deref())
            }
            Self::AlreadyRegistered { tenant, account_url } => {
                already_registered(tenant, account_url)
            }
            Self::EnrollmentCode { code, tenant } => enrollment_code(code, tenant),
            Self::EnrollmentInvitation { link, tenant } => with_link(
                format!("Secure your account – {tenant}"),
                &format!("Please add a second factor to your account at {tenant}:"),
                link,
            ),
            Self::LoginCode { code, tenant } => login_code(code, tenant),
            Self::SignInCode { code, tenant, minutes, channel: None } => {
                sign_in_code(code, tenant, *minutes)
            }
            Self::SignInCode { code, tenant, minutes, .. } => {
                let purpose = format!("to log in to {tenant}");
                phone_code(code, &purpose, *minutes)
            }
            Self::PhoneCode { code, tenant, .. } => {
                phone_code(code, &format!("to add this phone at {tenant}"), 5)
            }
            Self::PhoneLoginCode { code, tenant, .. } => {
                phone_code(code, &format!("to log in to {tenant}"), 5)
            }
            Self::PhoneTrial { text, spoken, from, .. } => trial(text, spoken, from.clone()),
            Self::Push { tenant, payload } => question(tenant, payload),
            Self::LogoutToken { client, user, session, .. } => session_ended(client, user, session),
            Self::PasswordGuessed { tenant, at, ip, account_url } => {
                guessed(tenant, *at, ip, account_url)
            }
            Self::PasswordReset { link, tenant } => reset(link, tenant),
            Self::VerifyEmail { link, tenant } => with_link(
                format!("Confirm your mail address – {tenant}"),
                &format!("Please confirm that this mail address at {tenant} is yours:"),
                link,
            ),
            Self::Welcome { tenant, account_url } => plain(
                format!("Welcome to {tenant}"),
                format!("Your account at {tenant} is ready. This is where it is: {account_url}"),
            ),
        }
    }
}

impl Happened {
    /// The change in words.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::MethodAdded(factor) => format!("{} was added to your account", called(factor)),
            Self::MethodRemoved(factor) => {
                format!("{} was removed from your account", called(factor))
            }
            Self::MethodRenamed(factor) => format!("{} was renamed", called(factor)),
            Self::PasswordChanged => "Your password was changed".to_owned(),
            Self::RecoveryCodeReplaced => "Your recovery code was replaced".to_owned(),
            Self::RecoveryCodeUsed => "Your recovery code was used to log in".to_owned(),
        }
    }

    /// The factor that the change is about.
    #[must_use]
    pub fn factor(self) -> FactorType {
        match self {
            Self::MethodAdded(factor)
            | Self::MethodRemoved(factor)
            | Self::MethodRenamed(factor) => factor,
            Self::PasswordChanged => FactorType::Password,
            Self::RecoveryCodeReplaced | Self::RecoveryCodeUsed => FactorType::RecoveryCode,
        }
    }
}

fn called(factor: FactorType) -> &'static str {
    match factor {
        FactorType::Password => "A password",
        FactorType::Passkey => "A passkey",
        FactorType::WebauthnPlatform => "A device authenticator",
        FactorType::WebauthnRoaming => "A security key",
        FactorType::Totp => "An authenticator app",
        FactorType::Phone => "A phone number",
        FactorType::Email => "A mail address for codes",
        FactorType::PushNotification => "A device for push messages",
        FactorType::RecoveryCode => "A recovery code",
    }
}
