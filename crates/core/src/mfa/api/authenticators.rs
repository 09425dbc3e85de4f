//! `GET /mfa/authenticators` and `DELETE /mfa/authenticators/{id}` (contract 04 §4.3, §4.4).

use super::bearer::{Bearer, admit, caller};
use super::{Answer, MfaError};
use crate::account::{self, AccountError, Intent};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::factor::{AuthenticationMethod, FactorType};
use crate::id::{ClientId, MethodId};
use crate::mfa::factors::{profile_mailbox, ways_of};
use crate::mfa::person::Person;
use crate::mfa::{Choice, Way};
use crate::secret::HandleHash;
use crate::time::Timestamp;
use std::sync::Arc;

/// A way to prove a second factor as applications see it: a phone that gets messages and calls is
/// two, and so is a device that is asked and shows codes.
#[derive(Clone, Debug)]
pub struct Authenticator {
    /// `{kind}|dev_…`.
    pub id: String,
    /// Of which kind.
    pub kind: AuthenticatorKind,
    /// It was proved.
    pub active: bool,
    /// As far as that may be shown.
    pub name: Option<String>,
    /// Start of its enrolment.
    pub created_at: Option<Timestamp>,
    /// Last use.
    pub last_auth_at: Option<Timestamp>,
    /// What it is here; none for what only browsers can use.
    pub(crate) choice: Option<Choice>,
}

/// The kinds of authenticators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticatorKind {
    /// One that applications can use.
    Way(Way),
    /// A security key.
    SecurityKey,
    /// The device's own.
    Platform,
}

impl AuthenticatorKind {
    /// How ids of its kind begin.
    fn prefix(self) -> &'static str {
        match self {
            Self::Way(Way::Otp) => "totp",
            Self::Way(Way::PushNotification) => "push",
            Self::Way(way) => way.as_str(),
            Self::SecurityKey => FactorType::WebauthnRoaming.as_str(),
            Self::Platform => FactorType::WebauthnPlatform.as_str(),
        }
    }
}

/// All of a person's authenticators that the tenant has switched on.
pub(super) fn of_person(call: &Call, person: &Person) -> Vec<Authenticator> {
    let settings = &call.tenant.settings;
    let mut all: Vec<_> =
        person.methods.iter().flat_map(|method| of_method(person, method)).collect();
    let confirmed: Vec<_> = person.methods.iter().filter(|method| method.confirmed).collect();
    all.extend(profile_mailbox(&person.user, &confirmed).map(|choice| Authenticator {
        id: format!("email|{}", implicit_id(person)),
        kind: AuthenticatorKind::Way(Way::Email),
        active: true,
        name: Some(person.masked_target(&choice)),
        created_at: None,
        last_auth_at: None,
        choice: Some(choice),
    }));
    all.retain(|own| match own.kind {
        AuthenticatorKind::Way(way) => way.is_on(settings),
        AuthenticatorKind::SecurityKey => settings.factors.webauthn_roaming,
        AuthenticatorKind::Platform => settings.factors.webauthn_platform,
    });
    // The last resort last; the others as they were enrolled.
    all.sort_by_key(|own| own.kind == AuthenticatorKind::Way(Way::RecoveryCode));
    all
}

fn of_method(person: &Person, method: &AuthenticationMethod) -> Vec<Authenticator> {
    let own = |kind: AuthenticatorKind, choice: Option<Choice>| {
        let shown = choice.as_ref().map(|choice| person.masked_target(choice));
        Authenticator {
            id: format!("{}|{}", kind.prefix(), method.id),
            kind,
            active: method.confirmed,
            name: shown.or_else(|| method.name.clone()).filter(|name| !name.is_empty()),
            created_at: Some(method.created_at),
            last_auth_at: method.last_auth_at,
            choice,
        }
    };
    match method.kind.factor() {
        FactorType::WebauthnPlatform => vec![own(AuthenticatorKind::Platform, None)],
        FactorType::WebauthnRoaming => vec![own(AuthenticatorKind::SecurityKey, None)],
        _ => ways_of(&method.kind)
            .iter()
            .map(|way| {
                let choice = Choice { way: *way, method: Some(method.id.clone()) };
                own(AuthenticatorKind::Way(*way), Some(choice))
            })
            .collect(),
    }
}

/// What the verified address of a profile is called: it is no method, and stays the same.
fn implicit_id(person: &Person) -> MethodId {
    let hash = HandleHash::of(format!("email|{}", person.user.id).as_bytes());
    let letters = hash.as_str().chars().filter(char::is_ascii_alphanumeric);
    MethodId::from_raw(format!("dev_{}", letters.take(16).collect::<String>()))
}

/// Lists the authenticators of whoever calls.
pub async fn list(app: &App, call: &Call, token: Option<&str>) -> Answer<Vec<Authenticator>> {
    let (client, person) = match admit(app, call, token, "read:authenticators").await {
        Ok(Bearer::Waiting(waiting)) => (waiting.transaction.state.client_id, waiting.person),
        Ok(Bearer::Caller(caller)) => {
            let (user, methods) = (caller.account.user, caller.account.methods);
            (caller.client_id, Person { user, methods })
        }
        Err(error) => return Answer { client: None, outcome: Err(error) },
    };
    Answer { client: client_of(call, &client), outcome: Ok(of_person(call, &person)) }
}

pub(super) fn client_of(call: &Call, id: &ClientId) -> Option<Arc<Client>> {
    call.tenant.client(id).cloned()
}

/// Removes an authenticator, and its twin with it.
pub async fn remove(app: &App, call: &Call, token: Option<&str>, id: &str) -> Answer<()> {
    let scope = "remove:authenticators";
    let admitted = match token {
        Some(token) => caller(app, call, token, scope).await,
        None => Err(MfaError::BadBearer),
    };
    let caller = match admitted {
        Ok(caller) => caller,
        Err(error) => return Answer { client: None, outcome: Err(error) },
    };
    let client = client_of(call, &caller.client_id);
    let person =
        Person { user: caller.account.user.clone(), methods: caller.account.methods.clone() };
    let found = of_person(call, &person).into_iter().find(|own| own.id == id);
    let outcome = match found.map(|own| own.id.split_once('|').map(|(_, id)| id.to_owned())) {
        None | Some(None) => Err(MfaError::UnknownAuthenticator),
        Some(Some(suffix)) => {
            let method = person.methods.iter().find(|own| own.id.as_str() == suffix);
            match method.map(AuthenticationMethod::full_id) {
                Some(full_id) => account::delete(app, call, &caller, &full_id, Intent::Do)
                    .await
                    .map(|_| ())
                    .map_err(removal_error),
                None => Err(MfaError::Invalid(
                    "The verified email address of the profile cannot be removed".to_owned(),
                )),
            }
        }
    };
    Answer { client, outcome }
}

fn removal_error(error: AccountError) -> MfaError {
    match error {
        AccountError::Needed(_) => MfaError::Needed,
        AccountError::InvalidToken => MfaError::BadBearer,
        AccountError::Fault(fault) => MfaError::Fault(fault),
        _ => MfaError::UnknownAuthenticator,
    }
}
