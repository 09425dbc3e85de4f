//! Who is calling, and may they: the checks before every operation, in the order clients rely on
//! (contract 01 §2): active → tenant limit → token → user limit → scope.

use crate::app::App;
use crate::call::Call;
use crate::guard::{Decision, Limit};
use crate::id::{ClientId, FamilyId, UserId};
use crate::log::LogSubject;
use crate::port::{Account, GrantState, Tx};
use crate::resource_server::Possession;
use crate::token::dpop::{PossessionError, PresentedToken, check_possession, spend_at_resource};
use crate::token::verify_access_token;

use super::{AccountError, UNCONFIRMED_LIFETIME};

/// What kind of request it is, for the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A list of the methods of one type.
    FilteredRead,
    /// Any other GET.
    Read,
    /// Everything else.
    Write,
}

/// A person acting through an application.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The application.
    pub client_id: ClientId,
    /// The authorization the token stems from.
    pub family_id: FamilyId,
    /// The person, with all that authenticates them.
    pub account: Account,
}

impl Caller {
    /// The person's id.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.account.user.id
    }

    /// Whom log events are about.
    pub(super) fn subject(&self) -> LogSubject<'_> {
        LogSubject { client: Some(&self.client_id), user: Some(&self.account.user), name: None }
    }
}

/// The caller's account as it is now. Nobody else changes it until the transaction ends, and whoever
/// has been signed out since the request came in is told so.
pub(super) async fn locked(
    call: &Call,
    tx: &mut dyn Tx,
    caller: &Caller,
) -> Result<Account, AccountError> {
    if !tx.lock_user(caller.user_id()).await? {
        return Err(AccountError::InvalidToken);
    }
    let found = tx.account(caller.user_id(), &caller.family_id).await?;
    live(call, found)
}

/// The account, if what the token stems from stands.
fn live(call: &Call, found: Option<(Account, GrantState)>) -> Result<Account, AccountError> {
    let mut account = match found {
        Some((account, GrantState::Live)) if !account.user.blocked => account,
        _ => return Err(AccountError::InvalidToken),
    };
    // Forgotten after a day, whether or not the row is already gone (contract 01 §4.6).
    let since = call.now.plus_seconds(-UNCONFIRMED_LIFETIME);
    account.methods.retain(|method| method.confirmed || method.created_at > since);
    Ok(account)
}

/// The tightest limit that was counted, for the response's headers; none if limits are off.
pub type Rate = Option<Decision>;

/// The outcome of the checks, with the limit's state in either case.
#[derive(Debug)]
pub struct Admission {
    /// For the headers.
    pub rate: Rate,
    /// Who calls, or why not.
    pub caller: Result<Caller, AccountError>,
}

/// Checks everything that comes before an operation.
pub async fn admit(
    app: &App,
    call: &Call,
    token: Option<&PresentedToken<'_>>,
    access: Access,
    scope: &'static str,
) -> Admission {
    let mut rate = None;
    let caller = check(app, call, token, access, scope, &mut rate).await;
    Admission { rate, caller }
}

async fn check(
    app: &App,
    call: &Call,
    token: Option<&PresentedToken<'_>>,
    access: Access,
    scope: &'static str,
    rate: &mut Rate,
) -> Result<Caller, AccountError> {
    let api = call.tenant.my_account().ok_or(AccountError::NotActivated)?;
    count(app, call, rate, tenant_bucket(call, access), true)?;
    let token = token.ok_or(AccountError::MissingToken)?;
    let claims = verify_access_token(call, token.token, &call.my_account_audience())
        .map_err(|_| AccountError::InvalidToken)?;
    // The application and its permission may be gone since the token was issued.
    let client = call.tenant.client(&claims.client_id).ok_or(AccountError::InvalidToken)?;
    let proof = check_possession(app, call, token, claims.binding.as_ref())?;
    if proof.is_none() && api.possession_of(client) == Possession::Required {
        return Err(PossessionError::Scheme("The API takes tokens that are bound to a key").into());
    }
    crate::access::granted(call, client, Some(api), &claims.scope, None)
        .map_err(|_| AccountError::InvalidToken)?;
    let mut tx = app.read(&call.tenant.id).await?;
    let account = live(call, tx.account(&claims.user_id, &claims.family_id).await?)?;
    count(app, call, rate, user_bucket(call, &claims.user_id, access), false)?;
    if !claims.scope.contains(scope) {
        return Err(AccountError::InsufficientScope(scope));
    }
    if let Some(proof) = proof {
        spend_at_resource(app, call, &proof).await?;
    }
    Ok(Caller { client_id: claims.client_id, family_id: claims.family_id, account })
}

fn tenant_bucket(call: &Call, access: Access) -> (String, Limit) {
    let limits = call.tenant.settings.my_account_limits;
    let requests = match access {
        Access::FilteredRead => limits.tenant_filtered_reads_per_second,
        Access::Read => limits.tenant_reads_per_second,
        Access::Write => limits.tenant_writes_per_second,
    };
    (format!("me|{}|{}", call.tenant.id, access.letter()), Limit { requests, period_ms: 1000 })
}

fn user_bucket(call: &Call, user: &UserId, access: Access) -> (String, Limit) {
    let limits = call.tenant.settings.my_account_limits;
    let requests = match access {
        Access::FilteredRead => limits.user_filtered_reads_per_minute,
        Access::Read => limits.user_reads_per_minute,
        Access::Write => limits.user_writes_per_minute,
    };
    let bucket = format!("me|{}|{}|{user}", call.tenant.id, access.letter());
    (bucket, Limit { requests, period_ms: 60_000 })
}

impl Access {
    /// What tells the buckets of one tenant or person apart.
    fn letter(self) -> char {
        match self {
            Self::FilteredRead => 'f',
            Self::Read => 'r',
            Self::Write => 'w',
        }
    }
}

fn count(
    app: &App,
    call: &Call,
    rate: &mut Rate,
    (bucket, limit): (String, Limit),
    tenant_wide: bool,
) -> Result<(), AccountError> {
    let Some(decision) = app.limiter().take(bucket, limit, call.now) else { return Ok(()) };
    *rate = Some(match *rate {
        Some(earlier) if decision.allowed => earlier.tighter(decision),
        _ => decision,
    });
    if decision.allowed { Ok(()) } else { Err(AccountError::RateLimited { tenant_wide }) }
}
