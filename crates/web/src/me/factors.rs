//! `GET /factors`.

use serde_json::{Value, json};

use super::{Me, Reply};

pub(super) fn run(me: &Me<'_>) -> Reply {
    let factors: Vec<Value> = housekey_core::account::factors(me.call, &me.caller)
        .into_iter()
        .map(|factor| json!({ "type": factor.as_str(), "usage": [factor.usage()] }))
        .collect();
    Reply::ok(json!({ "factors": factors }))
}
