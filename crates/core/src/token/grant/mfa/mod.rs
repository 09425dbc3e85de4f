//! The grants that give a second factor: an app's code, one sent elsewhere or a device's approval,
//! the code on paper (contract 04 §5). What waited behind the `mfa_token` goes on with it.

mod enrolled;
mod proof;

use self::enrolled::Enrolled;
use super::sign_in::{SignedIn, issue};
use super::{GrantError, TokenRequest, refresh_token};
use crate::app::App;
use crate::call::Call;
use crate::client::Client;
use crate::error::Fault;
use crate::factor::FactorType;
use crate::log::LogKind;
use crate::mfa::person::Person;
use crate::mfa::waiting::{MfaTokenError, Waiting};
use crate::mfa::{FirstGrant, MfaState, MfaTransaction, Origin, SignIn};
use crate::session::{MethodEvent, Usage};
use crate::token::TokenResponse;
use crate::token::dpop::{MISSING, Proof, ProofError};

/// By which of the grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// A device's approval or a code that was sent.
    Oob,
    /// A code of an app.
    Otp,
    /// The code on paper.
    RecoveryCode,
}

impl Given {
    /// The event of a success (contract 04 §17).
    fn success(self, first: Option<FirstGrant>) -> LogKind {
        match (self, first) {
            (Self::Otp, Some(FirstGrant::Passkey)) => LogKind::PasskeyOtpExchange,
            (Self::Oob, Some(FirstGrant::Passkey)) => LogKind::PasskeyOobExchange,
            (Self::RecoveryCode, Some(FirstGrant::Passkey)) => LogKind::PasskeyRecoveryExchange,
            (Self::Otp, _) => LogKind::OtpExchange,
            (Self::Oob, _) => LogKind::OobExchange,
            (Self::RecoveryCode, _) => LogKind::RecoveryExchange,
        }
    }

    /// The event of a failure.
    fn failure(self) -> LogKind {
        match self {
            Self::Otp => LogKind::OtpExchangeFailed,
            Self::Oob => LogKind::OobExchangeFailed,
            Self::RecoveryCode => LogKind::RecoveryExchangeFailed,
        }
    }
}

/// What a second factor was proved with.
struct Proved {
    factor: FactorType,
    /// The code on paper that works from now on.
    recovery_code: Option<String>,
}

impl From<FactorType> for Proved {
    fn from(factor: FactorType) -> Self {
        Self { factor, recovery_code: None }
    }
}

impl From<MfaTokenError> for GrantError {
    fn from(error: MfaTokenError) -> Self {
        match error {
            MfaTokenError::Malformed => Self::MalformedMfaToken,
            MfaTokenError::Expired => Self::ExpiredMfaToken,
            MfaTokenError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Exchanges a second factor for what waits for it. A wrong one is counted before it is told, and
/// what waits goes on waiting.
pub(super) async fn exchange(
    app: &App,
    call: &Call,
    client: &Client,
    request: &TokenRequest,
    proof: Option<&Proof>,
    given: Given,
) -> Result<TokenResponse, GrantError> {
    let token = request.mfa_token.as_deref().ok_or(GrantError::MissingParameter("mfa_token"))?;
    proof::check_parameters(request, given)?;
    let mut waiting = Waiting::behind(app, call, token).await?;
    let state = &waiting.transaction.state;
    if state.client_id != client.id {
        return Err(GrantError::ExpiredMfaToken);
    }
    check_key(state, proof)?;
    // The tokens are those that were asked for, whichever of the tenant's hosts it is now.
    let call = &Call { issuer: state.issuer.clone(), ..call.clone() };
    check_audience(call, request, state)?;
    let proved = match proof::prove(app, call, &mut waiting, request, given).await {
        Ok(proved) => proved,
        Err(GrantError::Fault(fault)) => return Err(fault.into()),
        Err(error) => return Err(refused(app, call, client, waiting, error, given).await?),
    };
    let recovery_code = proved.recovery_code.clone();
    let tokens = conclude(app, call, client, waiting, proof, (given, proved)).await?;
    Ok(TokenResponse { recovery_code, ..tokens })
}

/// Makes durable what was counted. A question that is still open is no failure.
async fn refused(
    app: &App,
    call: &Call,
    client: &Client,
    mut waiting: Waiting,
    error: GrantError,
    given: Given,
) -> Result<GrantError, Fault> {
    if !matches!(error, GrantError::Pending | GrantError::SlowDown) {
        let grant = first_grant(&waiting.transaction);
        let (tx, user) = (&mut *waiting.tx, Some(&waiting.person.user));
        super::sign_in::log(app, call, tx, client, user, (given.failure(), grant)).await?;
    }
    waiting.tx.commit().await?;
    app.nudge_outbox();
    Ok(error)
}

fn first_grant(transaction: &MfaTransaction) -> Option<FirstGrant> {
    match &transaction.state.origin {
        Origin::SignIn(sign_in) => Some(sign_in.grant),
        Origin::Refresh { .. } | Origin::Enrollment { .. } => None,
    }
}

/// What follows a request that came with a proof comes with one by the same key.
fn check_key(state: &MfaState, proof: Option<&Proof>) -> Result<(), GrantError> {
    match (&state.binding, proof) {
        (Some(_), None) => Err(ProofError::Invalid(MISSING).into()),
        (Some(binding), Some(proof)) if proof.binding != *binding => Err(ProofError::Invalid(
            "The DPoP proof is not by the key of the request that asked for a second factor",
        )
        .into()),
        _ => Ok(()),
    }
}

/// A request that names an API names that of the grant that waits. Scopes are those of the grant,
/// whatever is named now.
fn check_audience(call: &Call, request: &TokenRequest, state: &MfaState) -> Result<(), GrantError> {
    let Some(named) = request.audience.as_deref() else { return Ok(()) };
    let is_same = match &state.origin {
        Origin::SignIn(sign_in) => is_api(call, named, sign_in),
        Origin::Refresh { audience, .. } => audience.as_deref().is_none_or(|own| own == named),
        Origin::Enrollment { .. } => true,
    };
    if is_same {
        Ok(())
    } else {
        let text = "audience is not that of the request that asked for a second factor";
        Err(GrantError::InvalidParameter(text.to_owned()))
    }
}

fn is_api(call: &Call, named: &str, sign_in: &SignIn) -> bool {
    let found = call.api_named(named).map(|(_, audience)| audience);
    found.is_some() && found == sign_in.audience
}

/// Goes on with what waited: once.
async fn conclude(
    app: &App,
    call: &Call,
    client: &Client,
    waiting: Waiting,
    proof: Option<&Proof>,
    (given, proved): (Given, Proved),
) -> Result<TokenResponse, GrantError> {
    let Waiting { mut tx, transaction, person } = waiting;
    if !tx.finish_mfa_transaction(&transaction.handle).await? {
        return Err(GrantError::ExpiredMfaToken);
    }
    let Person { user, .. } = person;
    let success = given.success(first_grant(&transaction));
    let event = MethodEvent { usage: Usage::Secondary, factor: proved.factor, at: call.now };
    match transaction.state.origin {
        Origin::SignIn(mut sign_in) => {
            if let Some(proof) = proof {
                proof.spend(call, &mut *tx).await?;
            }
            sign_in.events.push(event);
            issue(app, call, tx, SignedIn { client, user: &user, sign_in, proof, success }).await
        }
        Origin::Refresh { sealed_token, audience, scope } => {
            let place = MfaTransaction::place(call, &transaction.handle);
            let token = app.sealer().open(place, &sealed_token)?;
            let refresh_token = Some(String::from_utf8(token).map_err(Fault::new)?);
            let request =
                TokenRequest { refresh_token, audience, scope, ..TokenRequest::default() };
            let step_up = refresh_token::StepUp { event, success };
            refresh_token::step_up(app, call, client, &request, proof, (tx, step_up)).await
        }
        Origin::Enrollment { family_id } => {
            let enrolled = Enrolled { client, user: &user, family_id: &family_id, event, success };
            enrolled::issue(app, call, tx, enrolled, proof).await
        }
    }
}
