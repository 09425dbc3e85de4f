//! The second factor on the sign-in pages (contract 04 §15): asking for one, enrolling one.
//!
//! A transaction in which one is missing stands at a [`Task`]. Each answered page moves it to the
//! next task, or back to the step it came from with what was proved added; then everything is asked
//! again from the beginning.

mod answer;
mod assess;
mod enroll;
mod send;
mod start;
mod view;

use serde::{Deserialize, Serialize};

pub use answer::{SecondFactorAnswer, answer_second_factor};
pub(super) use assess::{Assessed, assess};
pub(super) use start::{enroll_by_ticket, start};
pub use view::look_at_push;
pub(super) use view::view;
pub use view::{ChallengeView, Offer, PushState, SecondFactorView};

use super::{Screen, Step};
use crate::call::Call;
use crate::factor::phone::{PhoneChannel, PhoneNumber};
use crate::id::{MethodId, UserId};
use crate::mfa::factors::enrollable;
use crate::mfa::{Choice, PendingCode, Problem, Way};
use crate::session::MethodEvent;

/// A page about a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaScreen {
    /// A second factor to enrol, of several.
    BeginEnrollOptions,
    /// A code by mail.
    EmailChallenge,
    /// A mail address for codes.
    EmailEnrollment,
    /// A code sent there.
    EmailEnrollmentVerify,
    /// A second factor, of several.
    LoginOptions,
    /// A code of an authenticator app.
    OtpChallenge,
    /// A new authenticator app.
    OtpEnrollment,
    /// An approval on a device.
    PushChallenge,
    /// The code on paper.
    RecoveryCodeChallenge,
    /// The first code on paper.
    RecoveryCodeEnrollment,
    /// The code on paper that takes the place of one that was used.
    RecoveryCodeNewCode,
    /// A code by text message.
    SmsChallenge,
    /// A phone number for codes.
    SmsEnrollment,
    /// A code sent there.
    SmsEnrollmentVerify,
    /// A code by call.
    VoiceChallenge,
}

/// What is asked of somebody who is to give a second factor, or to enrol one. The serialised form is
/// the stored form.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Choose one of those they have.
    Choose,
    /// Give this one.
    Challenge(Challenge),
    /// Choose one to enrol.
    ChooseEnrollment,
    /// Say where codes are to go.
    NameContact(Way),
    /// Prove one that is being enrolled.
    ProveEnrollment(NewFactor),
    /// Keep the recovery code.
    KeepRecoveryCode {
        /// The code, sealed.
        sealed_code: Vec<u8>,
        /// It takes the place of one that was just used.
        replaces: bool,
    },
}

/// A second factor that was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    /// Which.
    pub choice: Choice,
    /// The code that was sent, where one is.
    pub code: Option<PendingCode>,
    /// What gets at a device's answer, sealed.
    pub sealed_question: Option<Vec<u8>>,
    /// Why nothing was sent.
    pub problem: Option<Problem>,
}

/// A second factor that is being enrolled. Nothing else knows of it before it is proved.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewFactor {
    /// An authenticator app.
    App {
        /// The id it will have, to which the secret is sealed.
        id: MethodId,
        /// The secret, sealed.
        sealed_secret: Vec<u8>,
    },
    /// A mailbox.
    Email {
        /// Where.
        address: String,
        /// The code that was sent there.
        code: Option<PendingCode>,
        /// Why none was.
        problem: Option<Problem>,
    },
    /// A phone.
    Phone {
        /// Which.
        number: PhoneNumber,
        /// By text message or call.
        channel: PhoneChannel,
        /// The code that was sent there.
        code: Option<PendingCode>,
        /// Why none was.
        problem: Option<Problem>,
    },
}

impl Task {
    /// The page that asks for it.
    #[must_use]
    pub fn screen(&self) -> Screen {
        Screen::Mfa(match self {
            Self::Choose => MfaScreen::LoginOptions,
            Self::Challenge(challenge) => match challenge.choice.way {
                Way::Email => MfaScreen::EmailChallenge,
                Way::Otp => MfaScreen::OtpChallenge,
                Way::PushNotification => MfaScreen::PushChallenge,
                Way::RecoveryCode => MfaScreen::RecoveryCodeChallenge,
                Way::Sms => MfaScreen::SmsChallenge,
                Way::Voice => MfaScreen::VoiceChallenge,
            },
            Self::ChooseEnrollment => MfaScreen::BeginEnrollOptions,
            Self::NameContact(Way::Email) => MfaScreen::EmailEnrollment,
            Self::NameContact(_) => MfaScreen::SmsEnrollment,
            Self::ProveEnrollment(NewFactor::App { .. }) => MfaScreen::OtpEnrollment,
            Self::ProveEnrollment(NewFactor::Email { .. }) => MfaScreen::EmailEnrollmentVerify,
            Self::ProveEnrollment(NewFactor::Phone { .. }) => MfaScreen::SmsEnrollmentVerify,
            Self::KeepRecoveryCode { replaces: true, .. } => MfaScreen::RecoveryCodeNewCode,
            Self::KeepRecoveryCode { replaces: false, .. } => MfaScreen::RecoveryCodeEnrollment,
        })
    }
}

impl Step {
    /// Whoever has to give a second factor.
    pub(super) fn person(&self) -> Option<&UserId> {
        match self {
            Self::Agree { user_id, .. }
            | Self::Authenticated { user_id, .. }
            | Self::Enrolled { user_id }
            | Self::Enrollment { user_id, .. } => Some(user_id),
            Self::SecondFactor { before, .. } => before.person(),
            Self::Identify | Self::Password { .. } | Self::Signup { .. } => None,
        }
    }

    /// What can be enrolled from here.
    fn offered(&self, call: &Call) -> Vec<Way> {
        match self {
            Self::Enrollment { enrolls, .. } => enrolls.offered(call),
            _ => enrollable(call),
        }
    }

    /// The same step after something more was proved.
    fn having_proved(mut self, event: MethodEvent) -> Self {
        if let Self::Authenticated { events, .. } | Self::Agree { events, .. } = &mut self {
            events.push(event);
        }
        self
    }
}
