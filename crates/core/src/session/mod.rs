//! Browser sessions and the record of how somebody authenticated.

mod device;
mod ending;

pub use device::SeenFrom;
pub use ending::{Ending, Endings, LogoutListener, end, end_all, end_expired, tell_all};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::factor::FactorType;
use crate::id::{ClientId, SessionId, UserId};
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// "This method succeeded, then." Append-only; policies read these and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodEvent {
    /// First or second factor.
    pub usage: Usage,
    /// Which factor.
    pub factor: FactorType,
    /// When.
    pub at: Timestamp,
}

/// Whether a method served as first or as second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Usage {
    /// First factor.
    Primary,
    /// Second factor.
    Secondary,
}

/// The last event of a kind, if there is one.
#[must_use]
pub fn last_event(events: &[MethodEvent], usage: Usage) -> Option<Timestamp> {
    events.iter().filter(|event| event.usage == usage).map(|event| event.at).max()
}

/// How many events are remembered of a session or a token family.
const MAX_EVENTS: usize = 32;

/// Adds what was proved now. Of a long past only the newest events are kept, and the last of each
/// usage always: policies ask for nothing else.
pub fn append(events: &mut Vec<MethodEvent>, new: &[MethodEvent]) {
    events.extend_from_slice(new);
    while events.len() > MAX_EVENTS {
        let last = |usage| events.iter().rposition(|event| event.usage == usage);
        let kept = [last(Usage::Primary), last(Usage::Secondary)];
        let oldest = (0..events.len()).find(|at| !kept.contains(&Some(*at)));
        events.remove(oldest.unwrap_or(0));
    }
}

/// Whether what was proved counts for somebody who was signed out everywhere at `signed_out`.
#[must_use]
pub fn still_count(events: &[MethodEvent], signed_out: Option<Timestamp>) -> bool {
    events.iter().all(|event| signed_out.is_none_or(|signed_out| event.at >= signed_out))
}

/// A browser in which somebody is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// `sid`.
    pub id: SessionId,
    /// Hash of the cookie's handle.
    pub handle: HandleHash,
    /// Who.
    pub user_id: UserId,
    /// How, and when.
    pub events: Vec<MethodEvent>,
    /// The applications that got tokens through it.
    pub clients: Vec<ClientId>,
    /// Beginning.
    pub created_at: Timestamp,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// End unless used before.
    pub idle_expires_at: Timestamp,
    /// Last use.
    pub updated_at: Timestamp,
    /// From where.
    pub device: SeenFrom,
    /// What operators note.
    pub metadata: Map<String, Value>,
}

impl Session {
    /// Whether the session is alive at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.idle_expires_at
    }

    /// The last primary authentication (`auth_time`).
    #[must_use]
    pub fn authenticated_at(&self) -> Timestamp {
        last_event(&self.events, Usage::Primary).unwrap_or(self.created_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(usage: Usage, at: i64) -> MethodEvent {
        MethodEvent { usage, factor: FactorType::Totp, at: Timestamp(at) }
    }

    #[test]
    fn a_long_past_is_forgotten_but_not_the_last_of_each_usage() {
        let mut events = vec![event(Usage::Primary, 0)];
        for at in 1..100 {
            append(&mut events, &[event(Usage::Secondary, at)]);
        }
        assert_eq!(events.len(), MAX_EVENTS);
        assert_eq!(last_event(&events, Usage::Primary), Some(Timestamp(0)));
        assert_eq!(last_event(&events, Usage::Secondary), Some(Timestamp(99)));
    }
}
