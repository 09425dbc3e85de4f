//! `PATCH /authentication-methods/{id}`.

use housekey_core::account::{Change, Intent, update};
use housekey_core::factor::phone::PhoneChannel;
use http::StatusCode;

use super::dry_run::Would;
use super::fields::Fields;
use super::wire::method;
use super::{Me, MeError, Reply};

pub(super) async fn run(mut me: Me<'_>) -> Result<Reply, MeError> {
    let change = parse(Fields::new(me.object().await?))?;
    let intent = me.intent()?;
    let updated = method(&update(me.app, me.call, &me.caller, &me.id, &change, intent).await?);
    Ok(match intent {
        Intent::Ask => Would::answer(StatusCode::OK).method(updated).reply(),
        Intent::Do => Reply::ok(updated),
    })
}

fn parse(mut fields: Fields) -> Result<Change, MeError> {
    let name = fields.text("name", 0, usize::MAX);
    let channel = fields.one_of("preferred_authentication_method", PhoneChannel::parse);
    fields.refuse_others();
    fields.finish()?;
    Ok(Change { name, channel })
}
