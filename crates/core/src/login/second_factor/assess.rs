//! Whether what somebody proved is enough for what an application asks for.

use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::UserId;
use crate::log::{LogKind, LogSubject, record};
use crate::login::AuthorizationRequest;
use crate::mfa::grant::{api_demand, details, tenant_demand};
use crate::mfa::{Decision, Facts, Layers, SecondFactors, Verdict};
use crate::secret::Handle;
use crate::session::{MethodEvent, Session, Usage, last_event};
use crate::user::User;

/// What is known about somebody on the way in.
pub(in crate::login) struct Assessed<'a> {
    /// Who.
    pub user: &'a UserId,
    /// What they proved in this transaction.
    pub proved: &'a [MethodEvent],
    /// The browser's session; what was proved in it counts if it is theirs.
    pub session: Option<&'a Session>,
    /// What a remembered browser holds.
    pub remembered: Option<&'a Handle>,
}

/// What the layers say at a login.
pub(super) fn layers(call: &Call, request: &AuthorizationRequest) -> Layers {
    let api = request.audience.as_ref().and_then(|audience| audience.api(call));
    Layers {
        tenant: tenant_demand(&call.tenant.settings),
        api: api.and_then(|api| api_demand(api, true)),
        action: None,
        step_up: request.step_up,
    }
}

/// Decides what is to be done next about a second factor.
pub(in crate::login) async fn assess(
    app: &App,
    call: &Call,
    request: &AuthorizationRequest,
    person: Assessed<'_>,
) -> Result<Verdict, Fault> {
    let layers = layers(call, request);
    if layers == Layers::default() {
        return Ok(Verdict::Enough);
    }
    let mut tx = app.read(&call.tenant.id).await?;
    // Whoever is gone, or blocked, is told so at the end.
    let Some(user) = tx.user(person.user).await? else { return Ok(Verdict::Enough) };
    let methods = tx.methods(person.user).await?;
    let remembered = match person.remembered {
        Some(handle) => tx.is_browser_remembered(&handle.hash(), person.user, call.now).await?,
        None => false,
    };
    drop(tx);
    let own = person.session.filter(|session| session.user_id == *person.user);
    let earlier = own.map_or(&[][..], |session| &session.events);
    let last = |usage| last_event(earlier, usage).max(last_event(person.proved, usage));
    let factors = SecondFactors::of(call, &user, &methods);
    let facts = Facts {
        has: factors.class(call),
        enrolled: factors.beyond_mail(),
        authenticated_at: last(Usage::Primary),
        second_factor_at: last(Usage::Secondary),
        second_factor_here: last_event(person.proved, Usage::Secondary).is_some(),
        remembered,
    };
    let decision = layers.decide(&facts, call.now);
    if let Some(handle) = person.remembered.filter(|_| remembered) {
        let until = call.now.plus_seconds(call.tenant.settings.remembering.idle_lifetime);
        let mut tx = app.write_passing(&call.tenant.id).await?;
        tx.use_remembered_browser(&handle.hash(), person.user, until).await?;
        tx.commit().await?;
    }
    if decision.verdict != Verdict::Enough {
        log(app, call, request, &user, &decision).await?;
    }
    Ok(decision.verdict)
}

async fn log(
    app: &App,
    call: &Call,
    request: &AuthorizationRequest,
    user: &User,
    decision: &Decision,
) -> Result<(), Fault> {
    let subject = LogSubject { client: Some(&request.client_id), user: Some(user), name: None };
    let mut tx = app.write(&call.tenant.id).await?;
    record(app, call, &mut *tx, LogKind::MfaRequired, subject, details(decision)).await?;
    Ok(tx.commit().await?)
}
