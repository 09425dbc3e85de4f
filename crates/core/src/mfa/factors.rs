//! What somebody can prove a second factor with (contract 04 §8.1, §9.1).

use serde::{Deserialize, Serialize};

use super::policy::Has;
use crate::call::Call;
use crate::factor::phone::PhoneChannel;
use crate::factor::{AuthenticationMethod, FactorType, MethodKind, email};
use crate::id::MethodId;
use crate::tenant::TenantSettings;
use crate::user::User;

/// A way to prove a second factor, by the names of the sign-in pages (contract 04 §15.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A code by mail.
    Email,
    /// A code of an authenticator app.
    Otp,
    /// An approval on a device.
    PushNotification,
    /// The code on paper.
    RecoveryCode,
    /// A code by text message.
    Sms,
    /// A code by call.
    Voice,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Otp,
        Self::PushNotification,
        Self::Sms,
        Self::Voice,
        Self::Email,
        Self::RecoveryCode,
    ];

    /// The name in forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Otp => "otp",
            Self::PushNotification => "push-notification",
            Self::RecoveryCode => "recovery-code",
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }

    /// The way of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == name)
    }

    /// The factor that is proved by it.
    #[must_use]
    pub fn factor(self) -> FactorType {
        match self {
            Self::Email => FactorType::Email,
            Self::Otp => FactorType::Totp,
            Self::PushNotification => FactorType::PushNotification,
            Self::RecoveryCode => FactorType::RecoveryCode,
            Self::Sms | Self::Voice => FactorType::Phone,
        }
    }

    /// The name in `mfa_requirements` (contract 04 §3).
    #[must_use]
    pub fn requirement(self) -> &'static str {
        match self {
            Self::Sms | Self::Voice => "phone",
            other => other.as_str(),
        }
    }

    /// Whether the tenant lets people use it.
    #[must_use]
    pub fn is_on(self, settings: &TenantSettings) -> bool {
        let phone = |channel| settings.phone.allows(settings.factors, channel);
        match self {
            Self::Email => settings.factors.email,
            Self::Otp => settings.factors.otp,
            Self::PushNotification => {
                settings.factors.push_notification && settings.push.is_configured()
            }
            Self::RecoveryCode => settings.factors.recovery_code,
            Self::Sms => phone(PhoneChannel::Sms),
            Self::Voice => phone(PhoneChannel::Voice),
        }
    }
}

/// One thing somebody can prove a second factor with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// How.
    pub way: Way,
    /// The method; none is the verified mail address of the profile, which needs no enrolment.
    pub method: Option<MethodId>,
}

/// What somebody can prove a second factor with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactors {
    /// What can be asked for here, the most likely first; a recovery code is the last resort.
    pub choices: Vec<Choice>,
    /// One is enrolled, whether or not it can be asked for here: a provider that is missing makes
    /// nobody somebody without a second factor.
    enrolled: bool,
    /// One that is enrolled is more than a mailbox.
    beyond_mail: bool,
}

impl SecondFactors {
    /// Those of `user`. A recovery code only stands in for what somebody has besides it.
    #[must_use]
    pub fn of(call: &Call, user: &User, methods: &[AuthenticationMethod]) -> Self {
        let settings = &call.tenant.settings;
        let mut used: Vec<_> = methods.iter().filter(|method| method.confirmed).collect();
        used.sort_by_key(|method| (method.last_auth_at, method.created_at));
        let stored = used.iter().rev().flat_map(|method| choices(method));
        let mut all: Vec<_> = stored.filter(|choice| choice.way.is_on(settings)).collect();
        all.extend(profile_mailbox(user, &used).filter(|choice| choice.way.is_on(settings)));
        let (last_resort, mut real): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|choice| choice.way == Way::RecoveryCode);
        let counts = |factor: &FactorType| stands_alone(*factor) && settings.factors.allow(*factor);
        let own: Vec<_> = used.iter().map(|method| method.kind.factor()).filter(counts).collect();
        let enrolled = !own.is_empty();
        let beyond_mail = own.iter().any(|factor| *factor != FactorType::Email);
        if enrolled || !real.is_empty() {
            real.extend(last_resort);
        }
        Self { choices: real, enrolled, beyond_mail }
    }

    /// Whether one is enrolled that is more than a mailbox (contract 04 §4.5).
    #[must_use]
    pub fn beyond_mail(&self) -> bool {
        self.beyond_mail
    }

    /// Which of the two classes of contract 04 §8.1 somebody with these is in.
    #[must_use]
    pub fn class(&self, call: &Call) -> Has {
        if !self.choices.is_empty() {
            Has::Usable
        } else if self.enrolled {
            Has::Elsewhere
        } else {
            Has::Nothing { enrollable: !enrollable(call).is_empty() }
        }
    }
}

/// What somebody without a second factor can enrol on the way in.
#[must_use]
pub fn enrollable(call: &Call) -> Vec<Way> {
    let mut ways = vec![Way::Otp, Way::Sms, Way::Voice, Way::Email];
    ways.retain(|way| way.is_on(&call.tenant.settings));
    ways
}

/// Whether the tenant uses any second factor.
#[must_use]
pub fn any_is_on(settings: &TenantSettings) -> bool {
    let real = |way: &Way| *way != Way::RecoveryCode && way.is_on(settings);
    let factors = settings.factors;
    Way::ALL.iter().any(real) || factors.webauthn_roaming || factors.webauthn_platform
}

/// Whether a factor is a second one by itself. A passkey is none (contract 04 §10.9).
pub(crate) fn stands_alone(factor: FactorType) -> bool {
    match factor {
        FactorType::Password | FactorType::Passkey | FactorType::RecoveryCode => false,
        FactorType::WebauthnPlatform
        | FactorType::WebauthnRoaming
        | FactorType::Totp
        | FactorType::Phone
        | FactorType::Email
        | FactorType::PushNotification => true,
    }
}

/// How a method can be used: a device for push messages also shows codes, a phone that gets
/// messages can be called.
#[must_use]
pub(crate) fn ways_of(kind: &MethodKind) -> &'static [Way] {
    match kind {
        MethodKind::Email { .. } => &[Way::Email],
        MethodKind::Phone { channel: PhoneChannel::Sms, .. } => &[Way::Sms, Way::Voice],
        MethodKind::Phone { channel: PhoneChannel::Voice, .. } => &[Way::Voice, Way::Sms],
        MethodKind::PushNotification { .. } => &[Way::PushNotification, Way::Otp],
        MethodKind::RecoveryCode { .. } => &[Way::RecoveryCode],
        MethodKind::Totp { .. } => &[Way::Otp],
        MethodKind::Passkey(_)
        | MethodKind::WebauthnPlatform(_)
        | MethodKind::WebauthnRoaming(_) => &[],
    }
}

fn choices(method: &AuthenticationMethod) -> impl Iterator<Item = Choice> {
    let choice = |way: &Way| Choice { way: *way, method: Some(method.id.clone()) };
    ways_of(&method.kind).iter().map(choice)
}

/// The verified address of the profile, unless it is enrolled anyway.
pub(crate) fn profile_mailbox<'a>(
    user: &User,
    methods: &[&'a AuthenticationMethod],
) -> impl Iterator<Item = Choice> + use<'a> {
    let own = user.profile.email.as_deref().filter(|_| user.profile.email_verified);
    let is_enrolled = |own: &str| {
        methods.iter().any(|method| match &method.kind {
            MethodKind::Email { address } => email::same_mailbox(address, own),
            _ => false,
        })
    };
    let implicit = own.filter(|own| !is_enrolled(own));
    implicit.map(|_| Choice { way: Way::Email, method: None }).into_iter()
}
