//! `DELETE /authentication-methods/{id}`.

use housekey_core::account::{Intent, delete};
use http::StatusCode;

use super::dry_run::Would;
use super::{Me, MeError, Reply};

pub(super) async fn run(me: Me<'_>) -> Result<Reply, MeError> {
    let (intent, status) = (me.intent()?, StatusCode::NO_CONTENT);
    let removed = delete(me.app, me.call, &me.caller, &me.id, intent).await?;
    Ok(match intent {
        Intent::Ask => Would::answer(status).removing(&removed).reply(),
        Intent::Do => Reply { status, body: None, location: None },
    })
}
