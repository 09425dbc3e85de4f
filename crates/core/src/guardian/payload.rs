//! What a push message carries (contract 04 §14.5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::source::Source;
use crate::time::Timestamp;

/// What a push message carries. The serialised form is sealed into the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PushPayload {
    /// Where the device answers.
    pub server: String,
    /// Which enrolment is meant.
    pub enrollment: String,
    /// What authorizes the answer.
    pub token: String,
    /// What the answer signs.
    pub challenge: String,
    /// When it was asked.
    pub at: Timestamp,
    /// Where details are to be read.
    pub link: Option<String>,
    /// What the person uses.
    pub source: Source,
}

impl PushPayload {
    /// The members by their wire names, objects as objects.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("sh".into(), self.server.as_str().into());
        members.insert("dai".into(), self.enrollment.as_str().into());
        members.insert("txtkn".into(), self.token.as_str().into());
        members.insert("c".into(), self.challenge.as_str().into());
        members.insert("d".into(), self.at.rfc3339().into());
        if let Some(link) = &self.link {
            members.insert("txlnkid".into(), link.as_str().into());
        }
        members.insert(
            "s".into(),
            json!({
                "b": { "n": self.source.browser, "v": self.source.browser_version },
                "os": { "n": self.source.system, "v": self.source.system_version },
            }),
        );
        members
    }
}
