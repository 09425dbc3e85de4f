//! The door of the token endpoint: what somebody proved must be enough for the API, whatever the
//! grant (contract 03 §8.1, 04 §2). Signing takes an [`Assured`], which only this door gives out.

use serde_json::{Map, Value, json};

use super::factors::{SecondFactors, Way, any_is_on};
use super::policy::{Decision, Demand, Facts, Has, Layers, Verdict, WINDOW};
use crate::call::Call;
use crate::error::Fault;
use crate::id::ResourceServerId;
use crate::port::Tx;
use crate::resource_server::{ResourceServer, ResourceServerKind};
use crate::session::{MethodEvent, Usage, last_event};
use crate::tenant::{MfaPolicy, TenantSettings};
use crate::user::User;

/// That what somebody proved is enough for one API.
#[derive(Debug)]
pub struct Assured {
    api: Option<ResourceServerId>,
}

impl Assured {
    /// Whether it is for that API.
    #[must_use]
    pub(crate) fn is_for(&self, api: Option<&ResourceServerId>) -> bool {
        self.api.as_ref() == api
    }
}

/// Why what somebody proved is not enough.
#[derive(Debug)]
pub enum Unassured {
    /// A second factor is to be given, with one of these; empty if none of theirs can be given to
    /// an application.
    SecondFactor(Vec<Way>),
    /// A second factor is to be enrolled, one of these.
    Enrollment(Vec<Way>),
    /// Only signing in anew would help.
    Unmet,
    /// Not the client's fault.
    Fault(Fault),
}

impl From<Fault> for Unassured {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What is asked of the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Somebody signs in by this very request, without our pages.
    SignIn,
    /// Somebody signed in before, on our pages or by an earlier grant: what the tenant demands of a
    /// sign-in was looked after then (contract 04 §8.2).
    Later,
}

/// What the layers say at the token endpoint.
fn layers(call: &Call, api: Option<&ResourceServer>, moment: Moment) -> Layers {
    let tenant = match moment {
        Moment::SignIn => tenant_demand(&call.tenant.settings),
        Moment::Later => None,
    };
    Layers { tenant, api: api.and_then(|api| api_demand(api, false)), ..Layers::default() }
}

/// What the tenant demands of a sign-in. Where no second factor is switched on there is nothing to
/// demand.
#[must_use]
pub(crate) fn tenant_demand(settings: &TenantSettings) -> Option<Demand> {
    match settings.mfa_policy {
        MfaPolicy::AllApplications if any_is_on(settings) => Some(Demand::EachLogin),
        MfaPolicy::AllApplications | MfaPolicy::ConfidenceScore | MfaPolicy::Never => None,
    }
}

/// What an API demands: with an authorization policy, the Default Policy, which is the only one.
/// Authenticators are managed with one's authenticator. `here` is whether this is a sign-in on our
/// pages.
#[must_use]
pub(crate) fn api_demand(api: &ResourceServer, here: bool) -> Option<Demand> {
    if api.kind == ResourceServerKind::Mfa {
        return Some(Demand::OfEnrolled { here });
    }
    api.settings.authorization_policy.as_ref().map(|_| Demand::Recent(WINDOW))
}

/// Asks at the door for a token for `api`, about `user` who proved what `events` tell.
///
/// # Errors
/// See [`Unassured`].
pub(crate) async fn assure(
    call: &Call,
    tx: &mut dyn Tx,
    api: Option<&ResourceServer>,
    user: &User,
    events: &[MethodEvent],
    moment: Moment,
) -> Result<Assured, Unassured> {
    let assured = Assured { api: api.map(|api| api.id.clone()) };
    let layers = layers(call, api, moment);
    if layers == Layers::default() {
        return Ok(assured);
    }
    let methods = tx.methods(&user.id).await.map_err(Fault::from)?;
    let factors = SecondFactors::of(call, user, &methods);
    let facts = Facts {
        has: factors.class(call),
        enrolled: factors.beyond_mail(),
        authenticated_at: last_event(events, Usage::Primary),
        second_factor_at: last_event(events, Usage::Secondary),
        second_factor_here: false,
        remembered: false,
    };
    match layers.decide(&facts, call.now).verdict {
        Verdict::Enough => Ok(assured),
        Verdict::SecondFactor => Err(Unassured::SecondFactor(ways(&factors))),
        Verdict::Enrollment => Err(Unassured::Enrollment(for_applications(call))),
        Verdict::Unmet if facts.has == Has::Elsewhere => Err(Unassured::SecondFactor(Vec::new())),
        Verdict::FirstFactor | Verdict::Unmet => Err(Unassured::Unmet),
    }
}

/// What an application can have somebody enrol. Codes by mail are not among it (contract 04 §3).
fn for_applications(call: &Call) -> Vec<Way> {
    let own = |way: &Way| !matches!(way, Way::Email | Way::RecoveryCode);
    Way::ALL.into_iter().filter(own).filter(|way| way.is_on(&call.tenant.settings)).collect()
}

fn ways(factors: &SecondFactors) -> Vec<Way> {
    factors.choices.iter().map(|choice| choice.way).collect()
}

/// A decision as log events tell it.
pub(crate) fn details(decision: &Decision) -> Map<String, Value> {
    let said = decision
        .trace
        .iter()
        .map(|(layer, demand)| json!({ "layer": layer.as_str(), "demand": demand.as_str() }));
    let mut details = Map::new();
    details.insert("verdict".into(), decision.verdict.as_str().into());
    details.insert("layers".into(), said.collect());
    details
}
