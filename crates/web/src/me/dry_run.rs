//! `?dry_run=true`: what a write would come to (docs/my-account.md).

use housekey_core::account::Intent;
use http::StatusCode;
use serde_json::{Value, json};

use super::{MeError, Reply, query_values};

const NAME: &str = "dry_run";

/// Whether a write with this query is to be done, or only asked about.
pub(super) fn intent(query: &str) -> Result<Intent, MeError> {
    let rule = "must be equal to one of the allowed values";
    let values = query_values(query, NAME).ok_or(MeError::InvalidQuery(NAME, rule))?;
    match values.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["false"] => Ok(Intent::Do),
        ["true"] => Ok(Intent::Ask),
        [_] => Err(MeError::InvalidQuery(NAME, rule)),
        _ => Err(MeError::InvalidQuery(NAME, "must be string")),
    }
}

/// What would happen, member by member.
pub(super) struct Would(Value);

impl Would {
    /// It would be answered with `status`.
    pub(super) fn answer(status: StatusCode) -> Self {
        Self(json!({ "status": status.as_u16() }))
    }

    /// These methods would go.
    pub(super) fn removing(mut self, ids: &[String]) -> Self {
        self.0["removes"] = ids.into();
        self
    }

    /// The method would be like this.
    pub(super) fn method(mut self, method: Value) -> Self {
        self.0["authentication_method"] = method;
        self
    }

    /// Whether whoever is signed in elsewhere would be so no more.
    pub(super) fn ending_other_sessions(mut self, ends: bool) -> Self {
        self.0["ends_other_sessions"] = ends.into();
        self
    }

    /// The answer to the question.
    pub(super) fn reply(self) -> Reply {
        Reply::ok(json!({ "dry_run": true, "would": self.0 }))
    }
}
