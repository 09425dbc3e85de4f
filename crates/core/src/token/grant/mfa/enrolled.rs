//! Tokens for somebody who enrolled an authenticator with a token for that: the same authorization
//! goes on (contract 04 §4.2).

use serde_json::Map;

use crate::access::permissions;
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::id::FamilyId;
use crate::log::{LogKind, LogSubject, record};
use crate::mfa::Unassured;
use crate::mfa::grant::{Moment, assure};
use crate::port::Tx;
use crate::session::{MethodEvent, append};
use crate::token::dpop::{Proof, bind};
use crate::token::grant::GrantError;
use crate::token::{Issued, TokenResponse};
use crate::user::User;

/// Somebody who enrolled an authenticator.
pub(super) struct Enrolled<'a> {
    /// With which application.
    pub client: &'a Client,
    /// Who.
    pub user: &'a User,
    /// By which authorization.
    pub family_id: &'a FamilyId,
    /// The record of it.
    pub event: MethodEvent,
    /// The event that tells of it.
    pub success: LogKind,
}

/// Gives out an access token like the one the authenticator was enrolled with.
pub(super) async fn issue(
    app: &App,
    call: &Call,
    mut tx: Box<dyn Tx>,
    enrolled: Enrolled<'_>,
    proof: Option<&Proof>,
) -> Result<TokenResponse, GrantError> {
    let Enrolled { client, user, family_id, event, success } = enrolled;
    if let Some(proof) = proof {
        proof.spend(call, &mut *tx).await?;
    }
    let found = tx.family(family_id).await?;
    let found = found.filter(|own| own.user_id == user.id && own.is_live(call.now));
    let mut family = found.ok_or(GrantError::ExpiredMfaToken)?;
    append(&mut family.events, &[event]);
    // Whoever refreshes it at this very moment was faster, and has what was known before.
    if !tx.advance_family(&family).await? {
        return Err(GrantError::ExpiredMfaToken);
    }
    let api = family.audience.as_ref().and_then(|own| own.api(call));
    let binding = bind(client, api, proof)?;
    let permissions = permissions(&mut *tx, api, &user.id).await?;
    let assured = assure(call, &mut *tx, api, user, &family.events, Moment::Later).await;
    let assured = assured.map_err(|unassured| match unassured {
        Unassured::Fault(fault) => GrantError::Fault(fault),
        _ => GrantError::Unmet,
    })?;
    let subject = LogSubject { client: Some(&client.id), user: Some(user), name: None };
    record(app, call, &mut *tx, success, subject, Map::new()).await?;
    tx.commit().await?;
    app.nudge_outbox();
    let issued = Issued {
        client,
        user,
        family: &family,
        audience: family.audience.as_ref(),
        scope: family.scope.filtered(|scope| scope != "offline_access"),
        permissions,
        nonce: None,
        auth_time: None,
        sid: None,
        grant: None,
        refresh_token: None,
        binding,
        assured,
        multi_factor: false,
    };
    Ok(issued.sign(app, call)?)
}
