//! `GET /authentication-methods/{id}`.

use super::wire::method;
use super::{Me, MeError, Reply};

pub(super) fn run(me: &Me<'_>) -> Result<Reply, MeError> {
    Ok(Reply::ok(method(&housekey_core::account::get(&me.caller, &me.id)?)))
}
