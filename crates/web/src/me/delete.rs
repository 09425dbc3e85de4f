//! `DELETE /authentication-methods/{id}`.

use http::StatusCode;

use super::{Me, MeError, Reply};

pub(super) async fn run(me: Me<'_>) -> Result<Reply, MeError> {
    housekey_core::account::delete(me.app, me.call, &me.caller, &me.id).await?;
    Ok(Reply { status: StatusCode::NO_CONTENT, body: None, location: None })
}
