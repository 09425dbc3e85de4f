//! One question to one device, and what became of it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{MethodId, RichConsentId, UserId};
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// A question to a device. It is answered once, and an approval is used up once.
#[derive(Clone, Debug, PartialEq)]
pub struct PushTransaction {
    /// Hash of what whoever asked holds.
    pub handle: HandleHash,
    /// Hash of what the device holds: `txtkn`.
    pub token: HandleHash,
    /// Hash of what the device signs: `c`.
    pub challenge: HandleHash,
    /// Who is to approve.
    pub user_id: UserId,
    /// On which device.
    pub device_id: MethodId,
    /// What exactly is to be approved, if that is more than a login.
    pub consent: Option<RichConsent>,
    /// What became of it.
    pub state: State,
    /// Why the device rejected it, in its words.
    pub reason: Option<String>,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When it is too late.
    pub expires_at: Timestamp,
}

/// What became of a question, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not answered.
    Pending,
    /// Approved.
    Accepted,
    /// Refused.
    Rejected,
    /// Asked again, so that this one can be answered no longer.
    Superseded,
    /// Approved, and used up.
    Spent,
}

impl State {
    const ALL: [Self; 5] =
        [Self::Pending, Self::Accepted, Self::Rejected, Self::Superseded, Self::Spent];

    /// The name in storage.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
            Self::Spent => "spent",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What became of a question, for whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The device has not answered.
    Pending,
    /// The person approved.
    Accepted,
    /// The person refused; why, if they said.
    Rejected(Option<String>),
    /// Too late, asked again, used up, or never asked.
    Gone,
}

impl PushTransaction {
    /// What became of it, at `now`.
    #[must_use]
    pub fn answer(&self, now: Timestamp) -> Answer {
        match self.state {
            State::Rejected => Answer::Rejected(self.reason.clone()),
            State::Superseded | State::Spent => Answer::Gone,
            State::Pending | State::Accepted if now >= self.expires_at => Answer::Gone,
            State::Pending => Answer::Pending,
            State::Accepted => Answer::Accepted,
        }
    }
}

/// What a person is asked to approve, in detail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RichConsent {
    /// How the device asks for it: `txlnkid`.
    pub id: RichConsentId,
    /// The details.
    pub requested_details: RequestedDetails,
}

/// The details of a request for approval.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestedDetails {
    /// The API.
    pub audience: String,
    /// What the application wants to do there.
    pub scope: Vec<String>,
    /// What the person should compare.
    pub binding_message: Option<String>,
    /// The transaction (RFC 9396).
    pub authorization_details: Option<Vec<Value>>,
}
