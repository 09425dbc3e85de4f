//! `PATCH /authentication-methods/{id}`.

use housekey_core::account::{Change, update};
use housekey_core::factor::phone::PhoneChannel;

use super::fields::Fields;
use super::wire::method;
use super::{Me, MeError, Reply};

pub(super) async fn run(mut me: Me<'_>) -> Result<Reply, MeError> {
    let change = parse(Fields::new(me.object().await?))?;
    let updated = update(me.app, me.call, &me.caller, &me.id, &change).await?;
    Ok(Reply::ok(method(&updated)))
}

fn parse(mut fields: Fields) -> Result<Change, MeError> {
    let name = fields.text("name", 0, usize::MAX);
    let channel = fields.one_of("preferred_authentication_method", PhoneChannel::parse);
    fields.refuse_others();
    fields.finish()?;
    Ok(Change { name, channel })
}
