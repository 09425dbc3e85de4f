//! `GET /authentication-methods`.

use housekey_core::account::list;
use housekey_core::factor::FactorType;
use serde_json::json;

use super::wire::method;
use super::{Me, MeError, Reply};

pub(super) fn run(me: &Me<'_>) -> Result<Reply, MeError> {
    let only = filter(&me.query)?;
    let methods: Vec<_> = list(&me.caller, only).iter().map(method).collect();
    Ok(Reply::ok(json!({ "authentication_methods": methods })))
}

fn filter(query: &str) -> Result<Option<FactorType>, MeError> {
    let malformed = MeError::InvalidQuery("type", "must be equal to one of the allowed values");
    let pairs: Vec<(String, String)> = match serde_urlencoded::from_str(query) {
        Ok(pairs) => pairs,
        Err(_) => return Err(malformed),
    };
    let mut types = pairs.iter().filter(|(name, _)| name == "type");
    match (types.next(), types.next()) {
        (None, _) => Ok(None),
        (Some((_, name)), None) => FactorType::parse(name).map(Some).ok_or(malformed),
        (Some(_), Some(_)) => Err(MeError::InvalidQuery("type", "must be string")),
    }
}
