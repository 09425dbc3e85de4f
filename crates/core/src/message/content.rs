//! What messages say. Plain words; how they look is the sender's business.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Channel;
use crate::factor::FactorType;
use crate::factor::phone::PhoneChannel;
use crate::guardian::PushPayload;
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
            Self::PhoneTrial { text, spoken, from, .. } => Content {
                text: text.clone(),
                spoken: Some(spoken.clone()),
                from: from.clone(),
                ..Content::default()
            },
            Self::Push { tenant, payload } => Content {
                subject: format!("Log in to {tenant}?"),
                text: format!(
                    "Somebody logs in with {}. Approve only if it is you.",
                    payload.source.in_words()
                ),
                data: Some(payload.members()),
                ..Content::default()
            },
            Self::PasswordGuessed { tenant, at, ip, account_url } => {
                guessed(tenant, *at, ip, account_url)
            }
            Self::PasswordReset { link, tenant } => with_link(
                format!("Choose a new password – {tenant}"),
                &format!(
                    "Somebody asked for a new password for your account at {tenant}. If it was \
                     you, choose one here:"
                ),
                link,
            ),
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

fn enrollment_code(code: &str, tenant: &str) -> Content {
    let text = format!(
        "Your code to add this mail address as a sign-in method at {tenant}: {code}\n\nIt is valid \
         for five minutes. If you did not ask for it, do not pass it on, and change your password."
    );
    mailed_code(code, tenant, text)
}

fn login_code(code: &str, tenant: &str) -> Content {
    let text = format!(
        "Your code to log in to {tenant}: {code}\n\nIt is valid for five minutes. If you are not \
         logging in, do not pass it on, and change your password: somebody else knows it."
    );
    mailed_code(code, tenant, text)
}

fn sign_in_code(code: &str, tenant: &str, minutes: i64) -> Content {
    let text = format!(
        "Your code to log in to {tenant}: {code}\n\nIt is valid for {}. If you are not logging in, \
         do not pass it on.",
        in_words(minutes),
    );
    mailed_code(code, tenant, text)
}

fn in_words(minutes: i64) -> String {
    match minutes {
        1 => "one minute".to_owned(),
        3 => "three minutes".to_owned(),
        5 => "five minutes".to_owned(),
        other => format!("{other} minutes"),
    }
}

fn mailed_code(code: &str, tenant: &str, text: String) -> Content {
    let subject = format!("{code} is your code – {tenant}");
    Content { code: Some(code.to_owned()), ..plain(subject, text) }
}

/// Said twice, digit by digit: a full stop makes a voice pause.
fn phone_code(code: &str, purpose: &str, minutes: i64) -> Content {
    let digits = code.chars().map(String::from).collect::<Vec<_>>().join(". ");
    Content {
        subject: String::new(),
        text: format!(
            "{code} is your code {purpose}. It is valid for {}. Do not pass it on.",
            in_words(minutes),
        ),
        spoken: Some(format!(
            "Hello. Your code {purpose} is: {digits}. Once more: {digits}. If you did not ask for \
             it, hang up."
        )),
        code: Some(code.to_owned()),
        ..Content::default()
    }
}

/// News that somebody tried to sign up again.
fn already_registered(tenant: &str, account_url: &str) -> Content {
    plain(
        format!("You already have an account – {tenant}"),
        format!(
            "Somebody, perhaps you, tried to sign up at {tenant} with this address. There is an \
             account already.\n\nSign in, or choose a new password there: {account_url}\n\nIf it \
             was not you, there is nothing to do."
        ),
    )
}

/// News that somebody tries passwords.
fn guessed(tenant: &str, at: Timestamp, ip: &str, account_url: &str) -> Content {
    plain(
        format!("Somebody tries to sign in to your account – {tenant}"),
        format!(
            "Somebody gave a wrong password for your account at {tenant} many times in a row. \
             Further attempts are slowed down.\n\nWhen: {}\nFrom: {ip}\n\nIf it was you, wait a \
             few minutes and try again, or choose a new password. If not, there is nothing to do \
             as long as your password is hard to guess: {account_url}",
            at.in_words()
        ),
    )
}

/// News of a change, with a link to object if there is one.
fn changed(subject: String, facts: &str, account_url: &str, objection: Option<&str>) -> Content {
    let Some(link) = objection else {
        return plain(
            subject,
            format!(
                "{facts}\n\nIf this was you, there is nothing to do. If not, change your password \
                 and look at your sign-in methods: {account_url}"
            ),
        );
    };
    Content {
        link: Some(link.to_owned()),
        link_label: Some("This was not me".to_owned()),
        ..plain(
            subject,
            format!(
                "{facts}\n\nIf this was you, there is nothing to do. If not, say so here. It logs \
                 everybody out of your account and lets you choose a new password:\n\n{link}\n\n\
                 The link works once, for five days. Your sign-in methods: {account_url}"
            ),
        )
    }
}

fn plain(subject: String, text: String) -> Content {
    Content { subject, text, ..Content::default() }
}

fn with_link(subject: String, intro: &str, link: &str) -> Content {
    Content {
        link: Some(link.to_owned()),
        ..plain(subject, format!("{intro}\n\n{link}\n\nIf it was not you, there is nothing to do."))
    }
}
