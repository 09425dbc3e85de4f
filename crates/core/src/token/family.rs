//! Token families: everything that descends from one authorization, and the rules of rotation
//! (contract 03 §9.2; RFC 9700 §4.14).
//!
//! A refresh token is `handle ‖ secret`. The handle finds the family; the secret must be one of
//! the family's *heads*. Heads that were replaced for good are forgotten, so a secret that is not
//! among the heads has been used before: reuse. A family thus takes one row, however long it lives.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Audience;
use super::dpop::Binding;
use crate::client::RefreshTokenSettings;
use crate::id::{ClientId, FamilyId, SessionId, UserId};
use crate::port::Random;
use crate::scope::ScopeSet;
use crate::secret::{Handle, HandleHash};
use crate::session::{MethodEvent, SeenFrom};
use crate::time::Timestamp;

/// The length of the handle part of a refresh token.
const HANDLE_LEN: usize = 24;
/// The length of the secret part.
const SECRET_LEN: usize = 43;
/// How many heads a family may have at once; replays inside the leeway beyond that are refused.
const MAX_HEADS: usize = 128;

/// Everything that descends from one authorization.
#[derive(Clone, Debug)]
pub struct Family {
    /// Public id; access tokens carry it.
    pub id: FamilyId,
    /// Hash of the refresh tokens' handle; none without `offline_access`.
    pub handle: Option<HandleHash>,
    /// Who authorized.
    pub user_id: UserId,
    /// Whom.
    pub client_id: ClientId,
    /// The issuer that was asked.
    pub issuer: String,
    /// The session it began in.
    pub session_id: Option<SessionId>,
    /// The original API.
    pub audience: Option<Audience>,
    /// The scopes granted originally; exchanges never exceed them.
    pub scope: ScopeSet,
    /// The key its refresh tokens are bound to.
    pub binding: Option<Binding>,
    /// How the person authenticated, then and since.
    pub events: Vec<MethodEvent>,
    /// The refresh tokens that may be used.
    pub heads: Vec<Head>,
    /// Beginning.
    pub created_at: Timestamp,
    /// Last exchange.
    pub last_used_at: Timestamp,
    /// Absolute end; none is never.
    pub expires_at: Option<Timestamp>,
    /// End unless used before; none is never.
    pub idle_expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// From where it is used.
    pub device: SeenFrom,
    /// What operators note.
    pub metadata: Map<String, Value>,
    /// Grows with each change; changes are conditional on it.
    pub version: i64,
}

/// A refresh token that may be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Hash of its secret.
    pub secret: HandleHash,
    /// How many exchanges lie between it and the first token.
    pub generation: u32,
    /// When it was first exchanged; from then on it only works within the leeway.
    pub replaced_at: Option<Timestamp>,
    /// How it stands beside the token that it succeeds.
    #[serde(default)]
    pub standing: Standing,
}

/// How a token stands beside the one that it succeeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It takes its place.
    #[default]
    Successor,
    /// It was given out with a second factor, and the other stays good until this one is used: some
    /// applications keep the one, some the other (contract 03 §8).
    Beside,
    /// The other was used first. That this one comes back is no sign of a copy.
    Retired,
}

/// How many retired tokens are told from copied ones.
const MAX_RETIRED: usize = 8;

/// What presenting a refresh token leads to.
#[derive(Debug)]
pub enum Rotation {
    /// The token stays as it is.
    Keep,
    /// The family has a new head, whose token is this.
    Replace(Handle),
    /// The token is of no use, but never was used.
    Retired,
    /// The token was used up before: somebody has a copy.
    Reuse,
}

/// A refresh token taken apart.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Finds the family.
    pub handle: HandleHash,
    /// Proves possession.
    pub secret: HandleHash,
}

impl RefreshToken {
    /// Takes a presented token apart; none if it has not the shape of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != HANDLE_LEN + SECRET_LEN || !text.is_ascii() {
            return None;
        }
        let (handle, secret) = text.split_at(HANDLE_LEN);
        Some(Self {
            handle: HandleHash::of(handle.as_bytes()),
            secret: HandleHash::of(secret.as_bytes()),
        })
    }
}

impl Family {
    /// Gives the family its first refresh token.
    pub fn begin(&mut self, random: &dyn Random) -> Handle {
        let handle = random.alphanumeric(HANDLE_LEN);
        self.handle = Some(HandleHash::of(handle.as_bytes()));
        self.push_head(&handle, 0, random)
    }

    /// Whether the family may still be used at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none()
            && self.expires_at.is_none_or(|end| now < end)
            && self.idle_expires_at.is_none_or(|end| now < end)
    }

    /// Uses the presented token. `text` is the whole token, whose handle successors keep.
    ///
    /// Inside the leeway a token that was just replaced may be replayed, each time for a successor
    /// of its own, until one of those successors is used.
    pub fn exchange(
        &mut self,
        text: &str,
        token: &RefreshToken,
        settings: &RefreshTokenSettings,
        now: Timestamp,
        random: &dyn Random,
    ) -> Rotation {
        let Some(at) = self.heads.iter().position(|head| head.secret.matches(&token.secret)) else {
            return Rotation::Reuse;
        };
        let Head { generation, replaced_at, standing, .. } = self.heads[at];
        if standing == Standing::Retired {
            return Rotation::Retired;
        }
        if let Some(replaced_at) = replaced_at {
            let newest_replaced = self
                .heads
                .iter()
                .filter(|head| head.replaced_at.is_some())
                .map(|head| head.generation)
                .max();
            // Without leeway there is none, not even within the same millisecond.
            let replayable = newest_replaced == Some(generation)
                && settings.leeway > 0
                && now.0 - replaced_at.0 <= settings.leeway * 1000
                && self.heads.len() < MAX_HEADS;
            if !replayable {
                return Rotation::Reuse;
            }
        }
        self.last_used_at = now;
        self.idle_expires_at = settings.idle().map(|life| now.plus_seconds(life));
        if !settings.rotating {
            return Rotation::Keep;
        }
        self.heads[at].replaced_at.get_or_insert(now);
        self.heads[at].standing = Standing::Successor;
        self.retire_beside(generation + 1);
        self.heads
            .retain(|head| head.generation >= generation || head.standing == Standing::Retired);
        Rotation::Replace(self.push_head(&text[..HANDLE_LEN], generation + 1, random))
    }

    /// Gives out a token for a second factor that was given because the presented one, which is
    /// still good, was not enough. Where tokens do not rotate it is the same again; none if the
    /// presented one is not good any more.
    pub fn step_up(
        &mut self,
        text: &str,
        token: &RefreshToken,
        settings: &RefreshTokenSettings,
        now: Timestamp,
        random: &dyn Random,
    ) -> Option<Handle> {
        let own = self.heads.iter().find(|head| head.secret.matches(&token.secret));
        let own = own.filter(|head| head.standing != Standing::Retired)?;
        let generation = own.generation + 1;
        if own.replaced_at.is_some() || self.heads.len() >= MAX_HEADS {
            return None;
        }
        self.last_used_at = now;
        self.idle_expires_at = settings.idle().map(|life| now.plus_seconds(life));
        if !settings.rotating {
            return Some(Handle::presented(text));
        }
        // One at a time: of two second factors the later one counts.
        self.retire_beside(generation);
        let child = self.push_head(&text[..HANDLE_LEN], generation, random);
        if let Some(head) = self.heads.last_mut() {
            head.standing = Standing::Beside;
        }
        Some(child)
    }

    /// Retires what stands beside the predecessors of a generation; the oldest of many retired ones
    /// are forgotten.
    fn retire_beside(&mut self, generation: u32) {
        for head in &mut self.heads {
            if head.standing == Standing::Beside && head.generation == generation {
                head.standing = Standing::Retired;
            }
        }
        let is_retired = |head: &Head| head.standing == Standing::Retired;
        let mut surplus =
            self.heads.iter().filter(|head| is_retired(head)).count().saturating_sub(MAX_RETIRED);
        self.heads.retain(|head| {
            let goes = is_retired(head) && surplus > 0;
            surplus -= usize::from(goes);
            !goes
        });
    }

    fn push_head(&mut self, handle: &str, generation: u32, random: &dyn Random) -> Handle {
        let secret = random.base64url(32);
        self.heads.push(Head {
            secret: HandleHash::of(secret.as_bytes()),
            generation,
            replaced_at: None,
            standing: Standing::Successor,
        });
        Handle::presented(format!("{handle}{secret}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::port::SystemRandom;

    const ROTATING: RefreshTokenSettings = RefreshTokenSettings {
        rotating: true,
        expiring: false,
        leeway: 10,
        token_lifetime: 1,
        idle_token_lifetime: 1,
        infinite_token_lifetime: false,
        infinite_idle_token_lifetime: false,
        policies: Vec::new(),
    };

    fn family() -> (Family, String) {
        let mut family = Family {
            id: FamilyId::from_raw("f"),
            handle: None,
            user_id: UserId::from_raw("auth0|1"),
            client_id: ClientId::from_raw("c"),
            issuer: "http://localhost/".into(),
            session_id: None,
            audience: None,
            scope: ScopeSet::default(),
            binding: None,
            events: Vec::new(),
            heads: Vec::new(),
            created_at: Timestamp(0),
            last_used_at: Timestamp(0),
            expires_at: None,
            idle_expires_at: None,
            revoked_at: None,
            device: SeenFrom::default(),
            metadata: Map::new(),
            version: 0,
        };
        let first = family.begin(&SystemRandom).expose().to_owned();
        (family, first)
    }

    fn exchange(family: &mut Family, text: &str, at: i64) -> Option<String> {
        let token = RefreshToken::parse(text).expect("well-formed");
        let now = Timestamp(at * 1000);
        match family.exchange(text, &token, &ROTATING, now, &SystemRandom) {
            Rotation::Replace(successor) => Some(successor.expose().to_owned()),
            Rotation::Keep => panic!("rotating families replace"),
            Rotation::Retired | Rotation::Reuse => None,
        }
    }

    #[test]
    fn successors_find_the_same_family() {
        let (mut family, first) = family();
        let second = exchange(&mut family, &first, 1).expect("first use");
        assert_eq!(RefreshToken::parse(&second).map(|t| t.handle), family.handle);
    }

    #[test]
    fn replay_inside_the_leeway_gives_a_working_successor() {
        let (mut family, first) = family();
        let lost = exchange(&mut family, &first, 1).expect("first use");
        let retried = exchange(&mut family, &first, 11).expect("replayed on the boundary");
        assert!(exchange(&mut family, &retried, 12).is_some());
        assert!(exchange(&mut family, &lost, 13).is_some(), "its sibling is as good");
    }

    #[test]
    fn replay_after_the_leeway_is_reuse() {
        let (mut family, first) = family();
        exchange(&mut family, &first, 1).expect("first use");
        assert!(exchange(&mut family, &first, 12).is_none());
    }

    #[test]
    fn without_leeway_replay_is_reuse_at_once() {
        let (mut family, first) = family();
        let settings = RefreshTokenSettings { leeway: 0, ..ROTATING };
        let token = RefreshToken::parse(&first).expect("well-formed");
        let mut exchange =
            || family.exchange(&first, &token, &settings, Timestamp(1), &SystemRandom);
        assert!(matches!(exchange(), Rotation::Replace(_)));
        assert!(matches!(exchange(), Rotation::Reuse));
    }

    #[test]
    fn replay_after_a_successor_was_used_is_reuse() {
        let (mut family, first) = family();
        let second = exchange(&mut family, &first, 1).expect("first use");
        exchange(&mut family, &second, 2).expect("second use");
        assert!(exchange(&mut family, &first, 3).is_none());
    }

    fn step_up(family: &mut Family, text: &str) -> Option<String> {
        let token = RefreshToken::parse(text).expect("well-formed");
        let child = family.step_up(text, &token, &ROTATING, Timestamp(0), &SystemRandom);
        child.map(|own| own.expose().to_owned())
    }

    #[test]
    fn a_second_factor_gives_a_token_beside_the_presented_one() {
        let (mut family, first) = family();
        let beside = step_up(&mut family, &first).expect("the first is good");
        let next = exchange(&mut family, &beside, 20).expect("its first use");
        assert!(exchange(&mut family, &first, 40).is_none(), "its time is over");
        let (mut family, first) = (family, next);
        let unused = step_up(&mut family, &first).expect("good");
        let second = exchange(&mut family, &first, 60).expect("the presented one stays good");
        let token = RefreshToken::parse(&unused).expect("well-formed");
        let late = family.exchange(&unused, &token, &ROTATING, Timestamp(61_000), &SystemRandom);
        assert!(matches!(late, Rotation::Retired), "no sign of a copy");
        assert!(exchange(&mut family, &second, 80).is_some());
        assert!(step_up(&mut family, &unused).is_none());
        assert!(step_up(&mut family, &first).is_none(), "used before");
    }

    #[test]
    fn many_second_factors_leave_a_family_small() {
        let (mut family, mut presented) = family();
        for at in 0..100 {
            step_up(&mut family, &presented).expect("good");
            presented = exchange(&mut family, &presented, at * 900).expect("good");
        }
        assert!(family.heads.len() <= MAX_RETIRED + 3, "{}", family.heads.len());
    }

    #[test]
    fn non_rotating_families_keep_their_token() {
        let (mut family, first) = family();
        let settings = RefreshTokenSettings { rotating: false, ..ROTATING };
        let token = RefreshToken::parse(&first).expect("well-formed");
        for at in 0..3 {
            let outcome = family.exchange(&first, &token, &settings, Timestamp(at), &SystemRandom);
            assert!(matches!(outcome, Rotation::Keep));
        }
        assert_eq!(family.heads.len(), 1);
    }

    #[test]
    fn refuses_what_has_not_the_shape_of_a_token() {
        for text in ["", "short", &"é".repeat(40), &"x".repeat(500)] {
            assert!(RefreshToken::parse(text).is_none());
        }
    }

    proptest! {
        /// However tokens are presented, a family stays small, and the token that came out last
        /// always works.
        #[test]
        fn the_newest_token_always_works(choices in prop::collection::vec((any::<prop::sample::Index>(), 0i64..20), 1..60)) {
            let (mut family, first) = family();
            let mut known = vec![first];
            let mut at = 0;
            for (choice, wait) in choices {
                at += wait;
                let presented = known[choice.index(known.len())].clone();
                let before = family.clone();
                match exchange(&mut family, &presented, at) {
                    Some(successor) => known.push(successor),
                    None => family = before,
                }
                prop_assert!(family.heads.len() <= MAX_HEADS + 1);
            }
            let newest = known.last().expect("not empty").clone();
            prop_assert!(exchange(&mut family, &newest, at).is_some());
        }
    }
}
