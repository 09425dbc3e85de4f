//! Factors: kinds of proof. One file per factor answers the same questions; [`FactorType`]
//! dispatches.

pub mod code;
pub mod email;
pub mod password;
pub mod phone;
pub mod push;
pub mod recovery_code;
pub mod totp;
pub mod webauthn;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::phone::{PhoneChannel, PhoneNumber};
use self::totp::Seen;
use self::webauthn::Credential;
use crate::id::{MethodId, UserId};
use crate::time::Timestamp;

/// The nine kinds of proof, by their My Account names. No other value ever goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactorType {
    /// A password.
    Password,
    /// A discoverable WebAuthn credential as first factor.
    Passkey,
    /// The device's own authenticator as second factor.
    WebauthnPlatform,
    /// A security key as second factor.
    WebauthnRoaming,
    /// An authenticator app.
    Totp,
    /// Codes by text message or call.
    Phone,
    /// Codes by mail.
    Email,
    /// A push message to a device.
    PushNotification,
    /// A code on paper.
    RecoveryCode,
}

impl FactorType {
    /// Every factor, in the order `GET /factors` lists them (contract 01 §3.6), primary ones first.
    pub const ALL: [Self; 9] = [
        Self::Password,
        Self::Passkey,
        Self::Totp,
        Self::PushNotification,
        Self::Phone,
        Self::Email,
        Self::RecoveryCode,
        Self::WebauthnRoaming,
        Self::WebauthnPlatform,
    ];

    /// The wire name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::WebauthnPlatform => "webauthn-platform",
            Self::WebauthnRoaming => "webauthn-roaming",
            Self::Totp => "totp",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::PushNotification => "push-notification",
            Self::RecoveryCode => "recovery-code",
        }
    }

    /// The factor of that wire name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.as_str() == name)
    }

    /// `primary` or `secondary`.
    #[must_use]
    pub fn usage(self) -> &'static str {
        match self {
            Self::Password | Self::Passkey => "primary",
            _ => "secondary",
        }
    }
}

impl fmt::Display for FactorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One enrolled method of a user. Passwords are kept apart ([`crate::user::Password`]).
#[derive(Clone, Debug)]
pub struct AuthenticationMethod {
    /// Stable for the life of the method.
    pub id: MethodId,
    /// Whose.
    pub user_id: UserId,
    /// The factor, with what it needs to check a proof.
    pub kind: MethodKind,
    /// The name its owner gave it.
    pub name: Option<String>,
    /// Unconfirmed methods do not count for anything.
    pub confirmed: bool,
    /// Start of the enrolment.
    pub created_at: Timestamp,
    /// Last time it authenticated somebody.
    pub last_auth_at: Option<Timestamp>,
}

impl AuthenticationMethod {
    /// The full id, `{type}|{id}`.
    #[must_use]
    pub fn full_id(&self) -> String {
        format!("{}|{}", self.kind.factor(), self.id)
    }

    /// The part of its owner's id that My Account calls `identity_user_id`.
    #[must_use]
    pub fn identity_user_id(&self) -> &str {
        let id = self.user_id.as_str();
        id.split_once('|').map_or(id, |(_, identity)| identity)
    }
}

/// What a method needs to check a proof, per factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MethodKind {
    /// Codes by mail.
    Email {
        /// Where to, as the person writes it.
        address: String,
    },
    /// Codes by text message or call.
    Phone {
        /// Where to.
        number: PhoneNumber,
        /// Which of the two the person prefers.
        channel: PhoneChannel,
    },
    /// Push messages to a device, which also shows codes. The device is kept apart
    /// ([`crate::guardian::PushDevice`]).
    PushNotification {
        /// The secret of its codes, sealed.
        sealed_secret: Vec<u8>,
        /// What is known of the codes it has shown.
        seen: Seen,
    },
    /// A passkey.
    Passkey(Box<Credential>),
    /// A code on paper.
    RecoveryCode {
        /// Keyed hash of the code.
        mac: String,
    },
    /// An authenticator app.
    Totp {
        /// The shared secret, sealed.
        sealed_secret: Vec<u8>,
        /// What is known of the codes it has shown.
        seen: Seen,
    },
    /// The device's own authenticator as second factor.
    WebauthnPlatform(Box<Credential>),
    /// A security key as second factor.
    WebauthnRoaming(Box<Credential>),
}

impl MethodKind {
    /// The factor.
    #[must_use]
    pub fn factor(&self) -> FactorType {
        match self {
            Self::Email { .. } => FactorType::Email,
            Self::Phone { .. } => FactorType::Phone,
            Self::PushNotification { .. } => FactorType::PushNotification,
            Self::Passkey(_) => FactorType::Passkey,
            Self::RecoveryCode { .. } => FactorType::RecoveryCode,
            Self::Totp { .. } => FactorType::Totp,
            Self::WebauthnPlatform(_) => FactorType::WebauthnPlatform,
            Self::WebauthnRoaming(_) => FactorType::WebauthnRoaming,
        }
    }

    /// The WebAuthn credential, if it is one.
    #[must_use]
    pub fn credential(&self) -> Option<&Credential> {
        match self {
            Self::Passkey(credential)
            | Self::WebauthnPlatform(credential)
            | Self::WebauthnRoaming(credential) => Some(credential),
            Self::Email { .. }
            | Self::Phone { .. }
            | Self::PushNotification { .. }
            | Self::RecoveryCode { .. }
            | Self::Totp { .. } => None,
        }
    }
}
