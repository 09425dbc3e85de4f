//! The end of every grant by which somebody signs in at the token endpoint: tokens, or what is
//! missing for them.

use serde_json::{Map, json};

use super::family::{NewFamily, open_family};
use super::{GrantError, MfaRequirements};
use crate::access::{granted, permissions};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::id::{FamilyId, UserId};
use crate::log::{LogKind, LogSubject, record};
use crate::mfa::grant::{Moment, assure};
use crate::mfa::{FirstGrant, MfaTransaction, Origin, SignIn, Unassured};
use crate::passkey::GRANT_TYPE;
use crate::port::Tx;
use crate::secret::Handle;
use crate::session::{Usage, last_event};
use crate::token::dpop::{Binding, Proof, bind};
use crate::token::{Audience, Issued, TokenResponse};
use crate::user::User;

/// Somebody who proved something.
pub(super) struct SignedIn<'a> {
    /// To which application.
    pub client: &'a Client,
    /// Who.
    pub user: &'a User,
    /// What they proved, and what for.
    pub sign_in: SignIn,
    /// The proof of possession that came with it; already spent.
    pub proof: Option<&'a Proof>,
    /// The event that tells of it.
    pub success: LogKind,
}

impl FirstGrant {
    /// `gty`.
    fn gty(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => GRANT_TYPE,
            Self::EmailCode | Self::SmsCode => super::passwordless::GRANT_TYPE,
        }
    }

    /// The method's name in log events (contract 04 §16.2).
    fn method(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Passkey => "passkey",
            Self::EmailCode => "email",
            Self::SmsCode => "sms",
        }
    }
}

/// Gives out tokens, if what was proved is enough; what else is needed waits behind an `mfa_token`.
pub(super) async fn issue(
    app: &App,
    call: &Call,
    mut tx: Box<dyn Tx>,
    signed_in: SignedIn<'_>,
) -> Result<TokenResponse, GrantError> {
    let SignedIn { client, user, sign_in, proof, success } = signed_in;
    let grant = sign_in.grant;
    let audience = sign_in.audience.as_ref();
    let api = audience.and_then(|own| own.api(call));
    let binding = bind(client, api, proof)?;
    let events = &sign_in.events;
    let assured = match assure(call, &mut *tx, api, user, events, Moment::SignIn).await {
        Ok(assured) => assured,
        Err(Unassured::Fault(fault)) => return Err(fault.into()),
        Err(unassured) => {
            log(app, call, &mut *tx, client, Some(user), (LogKind::MfaRequired, Some(grant)))
                .await?;
            let key = proof.map(|own| &own.binding);
            let waiting = (Handle::generate(app.random()), Origin::SignIn(sign_in));
            let error = demand(call, &mut *tx, client, &user.id, waiting, (key, unassured)).await?;
            tx.commit().await?;
            app.nudge_outbox();
            return Err(error);
        }
    };
    let permissions = permissions(&mut *tx, api, &user.id).await?;
    let scope = granted(call, client, api, &sign_in.scope, permissions.as_ref())
        .map_err(|_| GrantError::NotAuthorized { audience: value_of(audience) })?;
    let authenticated_at = last_event(events, Usage::Primary);
    let new = NewFamily {
        id: FamilyId::generate(app.random()),
        user_id: &user.id,
        session_id: None,
        audience,
        scope: &scope,
        events: sign_in.events.clone(),
        binding,
    };
    let (family, refresh_token) = open_family(app, call, &mut *tx, client, new).await?;
    tx.count_login(&user.id, &call.ip, call.now).await?;
    log(app, call, &mut *tx, client, Some(user), (success, Some(grant))).await?;
    tx.commit().await?;
    app.nudge_outbox();
    let issued = Issued {
        client,
        user,
        family: &family,
        audience,
        scope,
        permissions,
        nonce: None,
        auth_time: authenticated_at.filter(|_| client.settings.require_auth_time),
        sid: None,
        grant: Some(grant.gty()),
        refresh_token,
        binding,
        assured,
        multi_factor: false,
    };
    Ok(issued.sign(app, call)?)
}

/// What to answer to somebody who is not assured; what they asked for waits, if a second factor
/// helps.
pub(super) async fn demand(
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    user: &UserId,
    waiting: (Handle, Origin),
    (key, unassured): (Option<&Binding>, Unassured),
) -> Result<GrantError, Fault> {
    let requirements = match unassured {
        Unassured::SecondFactor(ways) => MfaRequirements::Challenge(ways),
        Unassured::Enrollment(ways) => MfaRequirements::Enroll(ways),
        Unassured::Unmet => return Ok(GrantError::Unmet),
        Unassured::Fault(fault) => return Err(fault),
    };
    let token = MfaTransaction::begin(call, tx, client, user, waiting, key).await?;
    Ok(GrantError::MfaRequired { requirements, token })
}

/// Writes what came of a grant.
pub(super) async fn log(
    app: &App,
    call: &Call,
    tx: &mut dyn Tx,
    client: &Client,
    user: Option<&User>,
    (kind, grant): (LogKind, Option<FirstGrant>),
) -> Result<(), Fault> {
    let subject = LogSubject { client: Some(&client.id), user, name: None };
    let mut details = Map::new();
    if let Some(grant) = grant {
        details.insert("authentication_methods".into(), json!([grant.method()]));
    }
    let name = grant.map_or("refresh_token", FirstGrant::gty);
    details.insert("grant_type".into(), name.into());
    record(app, call, tx, kind, subject, details).await
}

fn value_of(audience: Option<&Audience>) -> String {
    audience.map(|audience| audience.value.clone()).unwrap_or_default()
}
