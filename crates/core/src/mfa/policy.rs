//! Whether what somebody proved is enough: one pure function (contract 04 §2, §8.1, §8.2).
//!
//! Layers speak one after another: the tenant's policy, that of the API, what an Action commands,
//! what the request asks for. The last one with an opinion prevails; a request can only add to what
//! is demanded. The demand is then held against what is recorded about the person.

use crate::time::Timestamp;

/// Seconds for which a second factor is recent: the Default Policy's window (contract 04 §8.1).
pub const WINDOW: i64 = 900;

/// Who demands something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The tenant's policy.
    Tenant,
    /// The policy of the API that is asked for.
    Api,
    /// What an Action commands.
    Action,
    /// What the request asks for.
    Request,
}

impl Layer {
    /// The name in traces.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Api => "api",
            Self::Action => "action",
            Self::Request => "request",
        }
    }
}

/// What is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// A first factor will do.
    FirstFactor,
    /// A second factor with each sign-in; a remembered browser spares it, and whoever has none
    /// enrols one.
    EachLogin,
    /// A second factor at most so many seconds ago. Whoever has none must have signed in as
    /// recently, and enrols nothing.
    Recent(i64),
    /// A second factor, of whoever enrolled one besides a mail address: in this very transaction,
    /// or, once that has led to an authorization, with the sign-in it stems from.
    OfEnrolled {
        /// In this very transaction.
        here: bool,
    },
    /// A second factor in this very transaction; within so many seconds, if an API wants that, too.
    /// Whoever has none enrols one.
    Now(Option<i64>),
}

impl Demand {
    /// The name in traces.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstFactor => "first_factor",
            Self::EachLogin => "each_login",
            Self::OfEnrolled { .. } => "of_enrolled",
            Self::Recent(_) => "recent",
            Self::Now(_) => "now",
        }
    }
}

/// What each layer demands; none is no opinion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The tenant's policy.
    pub tenant: Option<Demand>,
    /// The policy of the API.
    pub api: Option<Demand>,
    /// What an Action commands.
    pub action: Option<Demand>,
    /// Whether the request asks for a second factor now.
    pub step_up: bool,
}

impl Layers {
    /// What they come to, and what each of those that spoke said.
    #[must_use]
    pub fn demand(&self) -> (Demand, Vec<(Layer, Demand)>) {
        let spoken =
            [(Layer::Tenant, self.tenant), (Layer::Api, self.api), (Layer::Action, self.action)];
        let mut trace: Vec<_> =
            spoken.into_iter().filter_map(|(layer, said)| Some((layer, said?))).collect();
        let before = trace.last().map_or(Demand::FirstFactor, |(_, said)| *said);
        if !self.step_up {
            return (before, trace);
        }
        let within = match before {
            Demand::Recent(seconds) => Some(seconds),
            Demand::Now(within) => within,
            Demand::FirstFactor | Demand::EachLogin | Demand::OfEnrolled { .. } => None,
        };
        trace.push((Layer::Request, Demand::Now(within)));
        (Demand::Now(within), trace)
    }

    /// What is demanded, held against what is recorded.
    #[must_use]
    pub fn decide(&self, facts: &Facts, now: Timestamp) -> Decision {
        let (demand, trace) = self.demand();
        Decision { demand, verdict: facts.verdict(demand, now), trace }
    }
}

/// Which second factors somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Has {
    /// One that can be asked for here.
    Usable,
    /// Only such that cannot be asked for here.
    Elsewhere,
    /// None.
    Nothing {
        /// One can be enrolled here.
        enrollable: bool,
    },
}

/// What is recorded about somebody, as far as a demand depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The second factors they have now.
    pub has: Has,
    /// Whether one of them was enrolled and is more than a mailbox.
    pub enrolled: bool,
    /// The last first factor.
    pub authenticated_at: Option<Timestamp>,
    /// The last second factor.
    pub second_factor_at: Option<Timestamp>,
    /// Whether that was in this transaction.
    pub second_factor_here: bool,
    /// They gave one in this browser, and wished not to be asked again there for a while.
    pub remembered: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Enough,
    /// A second factor is to be given.
    SecondFactor,
    /// A second factor is to be enrolled.
    Enrollment,
    /// The first factor is to be given again.
    FirstFactor,
    /// Nothing that can be done here would be enough.
    Unmet,
}

impl Verdict {
    /// The name in traces.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enough => "enough",
            Self::SecondFactor => "second_factor",
            Self::Enrollment => "enrollment",
            Self::FirstFactor => "first_factor",
            Self::Unmet => "unmet",
        }
    }
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the layers come to.
    pub demand: Demand,
    /// What is to be done.
    pub verdict: Verdict,
    /// The layers that spoke, the one that prevails last.
    pub trace: Vec<(Layer, Demand)>,
}

/// Whether `then` is at most so many seconds ago.
fn is_within(then: Option<Timestamp>, seconds: i64, now: Timestamp) -> bool {
    then.is_some_and(|then| now.seconds_since(then) <= seconds)
}

impl Facts {
    fn verdict(&self, demand: Demand, now: Timestamp) -> Verdict {
        match demand {
            Demand::FirstFactor => Verdict::Enough,
            Demand::EachLogin if self.is_second_of_login() => Verdict::Enough,
            Demand::Now(within) if self.is_second_of_transaction(within, now) => Verdict::Enough,
            Demand::OfEnrolled { .. } if !self.enrolled || self.second_factor_here => {
                Verdict::Enough
            }
            Demand::OfEnrolled { here: false } if self.follows_login() => Verdict::Enough,
            Demand::EachLogin | Demand::Now(_) | Demand::OfEnrolled { .. } => self.missing(),
            Demand::Recent(seconds) => self.recent(seconds, now),
        }
    }

    /// A second factor counts for the sign-in it follows, not for a later one.
    fn is_second_of_login(&self) -> bool {
        let is_enrolled = !matches!(self.has, Has::Nothing { .. });
        self.follows_login() || (self.remembered && is_enrolled)
    }

    fn follows_login(&self) -> bool {
        self.second_factor_at.is_some() && self.second_factor_at >= self.authenticated_at
    }

    fn is_second_of_transaction(&self, within: Option<i64>, now: Timestamp) -> bool {
        self.second_factor_here
            && within.is_none_or(|seconds| is_within(self.second_factor_at, seconds, now))
    }

    /// Whoever has a second factor is held to it, whoever has none to the first: the two classes of
    /// contract 04 §8.1.
    fn recent(&self, seconds: i64, now: Timestamp) -> Verdict {
        match self.has {
            Has::Usable | Has::Elsewhere if is_within(self.second_factor_at, seconds, now) => {
                Verdict::Enough
            }
            Has::Usable | Has::Elsewhere => self.missing(),
            Has::Nothing { .. } if is_within(self.authenticated_at, seconds, now) => {
                Verdict::Enough
            }
            Has::Nothing { .. } => Verdict::FirstFactor,
        }
    }

    fn missing(&self) -> Verdict {
        match self.has {
            Has::Usable => Verdict::SecondFactor,
            Has::Nothing { enrollable: true } => Verdict::Enrollment,
            Has::Elsewhere | Has::Nothing { enrollable: false } => Verdict::Unmet,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(2_000_000_000);
    const ALWAYS: Layers =
        Layers { tenant: Some(Demand::EachLogin), api: None, action: None, step_up: false };
    const DEFAULT_POLICY: Layers =
        Layers { tenant: None, api: Some(Demand::Recent(WINDOW)), action: None, step_up: false };

    fn ago(seconds: i64) -> Timestamp {
        NOW.plus_seconds(-seconds)
    }

    /// Somebody who signed in and gave a second factor so many seconds ago.
    fn facts(has: Has, first: i64, second: Option<i64>) -> Facts {
        Facts {
            has,
            enrolled: true,
            authenticated_at: Some(ago(first)),
            second_factor_at: second.map(ago),
            second_factor_here: false,
            remembered: false,
        }
    }

    const NOTHING: Has = Has::Nothing { enrollable: true };

    /// The table of contract 04 §8.1, to the second.
    #[test]
    fn the_default_policy() {
        use Verdict::{Enough, FirstFactor, SecondFactor, Unmet};
        let cases = [
            (Has::Usable, 5000, Some(0), Enough),
            (Has::Usable, 5000, Some(899), Enough),
            (Has::Usable, 5000, Some(900), Enough),
            (Has::Usable, 5000, Some(901), SecondFactor),
            (Has::Usable, 0, None, SecondFactor),
            (Has::Elsewhere, 5000, Some(900), Enough),
            (Has::Elsewhere, 0, Some(901), Unmet),
            (NOTHING, 899, None, Enough),
            (NOTHING, 900, None, Enough),
            (NOTHING, 901, None, FirstFactor),
            // Whoever lost their factor is held to the first (contract 03 §8.1).
            (NOTHING, 901, Some(1), FirstFactor),
        ];
        for (has, first, second, expected) in cases {
            let decision = DEFAULT_POLICY.decide(&facts(has, first, second), NOW);
            assert_eq!(decision.verdict, expected, "{has:?} {first} {second:?}");
            assert_eq!(decision.trace, [(Layer::Api, Demand::Recent(WINDOW))]);
        }
    }

    #[test]
    fn a_remembered_browser_spares_the_tenants_demand_alone() {
        let remembered = Facts { remembered: true, ..facts(Has::Usable, 10, None) };
        assert_eq!(ALWAYS.decide(&remembered, NOW).verdict, Verdict::Enough);
        assert_eq!(DEFAULT_POLICY.decide(&remembered, NOW).verdict, Verdict::SecondFactor);
        let step_up = Layers { step_up: true, ..ALWAYS };
        assert_eq!(step_up.decide(&remembered, NOW).verdict, Verdict::SecondFactor);
        let unenrolled = Facts { has: NOTHING, ..remembered };
        assert_eq!(ALWAYS.decide(&unenrolled, NOW).verdict, Verdict::Enrollment);
    }

    #[test]
    fn a_second_factor_counts_for_the_sign_in_it_follows() {
        let verdict =
            |first, second| ALWAYS.decide(&facts(Has::Usable, first, second), NOW).verdict;
        assert_eq!(verdict(100_000, Some(100_000)), Verdict::Enough);
        assert_eq!(verdict(10, Some(11)), Verdict::SecondFactor);
        assert_eq!(verdict(10, None), Verdict::SecondFactor);
    }

    #[test]
    fn a_request_asks_once_per_transaction_and_takes_nothing_back() {
        let asked = Layers { step_up: true, ..DEFAULT_POLICY };
        let earlier = facts(Has::Usable, 10, Some(5));
        assert_eq!(asked.decide(&earlier, NOW).verdict, Verdict::SecondFactor);
        let here = Facts { second_factor_here: true, ..earlier };
        assert_eq!(asked.decide(&here, NOW).verdict, Verdict::Enough);
        // The transaction stood open for longer than the API allows.
        let stale = Facts { second_factor_at: Some(ago(901)), ..here };
        assert_eq!(asked.decide(&stale, NOW).verdict, Verdict::SecondFactor);
        let alone = Layers { api: None, ..asked };
        assert_eq!(alone.decide(&stale, NOW).verdict, Verdict::Enough);
        assert_eq!(alone.decide(&facts(NOTHING, 1, None), NOW).verdict, Verdict::Enrollment);
    }

    /// Contract 04 §4.5: authenticators are managed with one's authenticator.
    #[test]
    fn whoever_enrolled_one_gives_it_to_manage_them() {
        let decide = |here, facts: &Facts| {
            let api = Some(Demand::OfEnrolled { here });
            Layers { api, ..Layers::default() }.decide(facts, NOW).verdict
        };
        let given = facts(Has::Usable, 10, Some(5));
        assert_eq!(decide(true, &given), Verdict::SecondFactor, "not in this transaction");
        assert_eq!(decide(false, &given), Verdict::Enough, "with this sign-in");
        assert_eq!(decide(true, &Facts { second_factor_here: true, ..given }), Verdict::Enough);
        let missing = Facts { remembered: true, ..facts(Has::Usable, 5, Some(10)) };
        assert_eq!(decide(false, &missing), Verdict::SecondFactor, "before this sign-in");
        let by_mail = Facts { enrolled: false, ..missing };
        assert_eq!(decide(true, &by_mail), Verdict::Enough, "a mailbox alone");
        assert_eq!(decide(false, &Facts { has: NOTHING, ..by_mail }), Verdict::Enough);
    }

    fn demands() -> impl Strategy<Value = Demand> {
        prop_oneof![
            Just(Demand::FirstFactor),
            Just(Demand::EachLogin),
            (0i64..2000).prop_map(Demand::Recent),
            any::<bool>().prop_map(|here| Demand::OfEnrolled { here }),
            prop::option::of(0i64..2000).prop_map(Demand::Now),
        ]
    }

    fn layers() -> impl Strategy<Value = Layers> {
        let one = || prop::option::of(demands());
        (one(), one(), one(), any::<bool>()).prop_map(|(tenant, api, action, step_up)| Layers {
            tenant,
            api,
            action,
            step_up,
        })
    }

    prop_compose! {
        fn situations()(
            has in prop_oneof![
                Just(Has::Usable),
                Just(Has::Elsewhere),
                any::<bool>().prop_map(|enrollable| Has::Nothing { enrollable }),
            ],
            first in prop::option::of(0i64..2000),
            second in prop::option::of(0i64..2000),
            second_factor_here in any::<bool>(),
            (enrolled, remembered) in any::<(bool, bool)>(),
        ) -> Facts {
            Facts {
                has,
                enrolled,
                authenticated_at: first.map(ago),
                second_factor_at: second.map(ago),
                second_factor_here: second_factor_here && second.is_some(),
                remembered,
            }
        }
    }

    proptest! {
        #[test]
        fn a_later_layer_with_an_opinion_prevails(layers in layers()) {
            let (demand, trace) = layers.demand();
            let last = layers.action.or(layers.api).or(layers.tenant);
            if layers.step_up {
                prop_assert!(matches!(demand, Demand::Now(_)));
            } else {
                prop_assert_eq!(demand, last.unwrap_or(Demand::FirstFactor));
            }
            prop_assert_eq!(trace.last().map(|(_, said)| *said), (!trace.is_empty()).then_some(demand));
        }

        /// What was enough stays enough if the second factor was given again just now.
        #[test]
        fn a_fresh_event_never_makes_a_demand_stricter(layers in layers(), facts in situations()) {
            let fresh =
                Facts { second_factor_at: Some(NOW), second_factor_here: true, ..facts };
            let before = layers.decide(&facts, NOW).verdict;
            let after = layers.decide(&fresh, NOW).verdict;
            prop_assert!(after == Verdict::Enough || after == before);
            prop_assert!(before != Verdict::Enough || after == Verdict::Enough);
        }

        /// Whatever else is so: with the Default Policy alone nobody with a second factor passes on
        /// one older than the window, nor anybody without on such a sign-in.
        #[test]
        fn nothing_older_than_the_window_passes(facts in situations(), step_up: bool, tenant in prop::option::of(demands())) {
            let layers = Layers { tenant, step_up, ..DEFAULT_POLICY };
            if layers.decide(&facts, NOW).verdict == Verdict::Enough {
                let proved = match facts.has {
                    Has::Nothing { .. } if !step_up => facts.authenticated_at,
                    _ => facts.second_factor_at,
                };
                prop_assert!(is_within(proved, WINDOW, NOW));
            }
        }
    }
}
