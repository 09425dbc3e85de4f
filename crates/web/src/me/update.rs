//! `PATCH /authentication-methods/{id}`.

use housekey_core::account::{Change, Intent, update};
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
    let channel = fields.text("preferred_authentication_method", 0, usize::MAX);
    if channel.as_deref().is_some_and(|channel| !matches!(channel, "sms" | "voice")) {
        let rule = "must be equal to one of the allowed values";
        fields.refuse("preferred_authentication_method", rule);
    }
    fields.refuse_others();
    fields.finish()?;
    Ok(Change { name, prefers_channel: channel.is_some() })
}
