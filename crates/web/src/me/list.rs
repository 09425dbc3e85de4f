//! `GET /authentication-methods`.

use housekey_core::account::list;
use housekey_core::factor::FactorType;
use serde_json::json;

use super::wire::method;
use super::{Me, MeError, Reply, query_values};

pub(super) fn run(me: &Me<'_>) -> Result<Reply, MeError> {
    let only = filter(&me.query)?;
    let methods: Vec<_> = list(&me.caller, only).iter().map(method).collect();
    Ok(Reply::ok(json!({ "authentication_methods": methods })))
}

fn filter(query: &str) -> Result<Option<FactorType>, MeError> {
    let malformed = MeError::InvalidQuery("type", "must be equal to one of the allowed values");
    let Some(types) = query_values(query, "type") else { return Err(malformed) };
    match types.as_slice() {
        [] => Ok(None),
        [name] => FactorType::parse(name).map(Some).ok_or(malformed),
        _ => Err(MeError::InvalidQuery("type", "must be string")),
    }
}
