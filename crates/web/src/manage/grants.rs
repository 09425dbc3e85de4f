//! `/grants`: what people allowed applications to do (contract 05 §9.3).

use housekey_core::access::Consent;
use housekey_core::id::{ClientId, UserId};
use housekey_core::manage::ManageError;
use housekey_core::manage::grants::{delete, delete_of, list as consents};
use housekey_core::manage::resource_servers;
use housekey_core::port::ConsentFilter;
use serde_json::{Value, json};

use super::operation::{Operation, delete as removes, get};
use super::page::Paging;
use super::shape::{Shape, TEXT, TEXTS, field, text};
use super::{Ask, Reply};

const GRANT: Shape = Shape::Object(&[
    field("id", TEXT).required(),
    field("clientID", TEXT).required(),
    field("user_id", TEXT).required(),
    field("audience", TEXT).required(),
    field("scope", TEXTS).required(),
]);

pub(super) const OPERATIONS: &[Operation] = &[
    get("grants", &["read:grants"], "What people allowed applications to do", |ask| {
        Box::pin(list(ask))
    })
    .query(&[("user_id", text(0, 300)), ("client_id", text(0, 64)), ("audience", text(0, 600))])
    .pages("grants", &GRANT),
    removes("grants", &["delete:grants"], "Withdraw all that a user allowed", |ask| {
        Box::pin(remove_of(ask))
    })
    .query(&[("user_id", text(1, 300))]),
    removes("grants/{id}", &["delete:grants"], "Withdraw what a user allowed", |ask| {
        Box::pin(remove(ask))
    }),
];

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let given = |name: &str| ask.query.last(name).filter(|value| !value.is_empty());
    let api = given("audience").map(|audience| resource_servers::find(ask.call, audience));
    let filter = ConsentFilter {
        user: given("user_id").map(UserId::from_raw),
        client: given("client_id").map(ClientId::from_raw),
        api: api.transpose()?.map(|api| api.id.clone()),
    };
    let paging = Paging::of(&ask.query)?;
    let listed = consents(ask.app, ask.call, &filter, paging.part()).await?;
    Ok(Reply::ok(paging.answer("grants", listed.map(|consent| wire(&ask, &consent)))))
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::gone())
}

async fn remove_of(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let user = ask.query.last("user_id").ok_or_else(|| {
        let text = "Query validation error: 'Missing required property: user_id' on property \
                    user_id.";
        ManageError::InvalidQuery(text.to_owned())
    })?;
    delete_of(ask.app, ask.call, &ask.operator, user).await?;
    Ok(Reply::gone())
}

fn wire(ask: &Ask<'_>, consent: &Consent) -> Value {
    let canonical = ask.call.canonical_issuer();
    let api = ask.call.tenant.resource_server(&consent.resource_server_id);
    json!({
        "id": consent.id.as_str(),
        "clientID": consent.client_id.as_str(),
        "user_id": consent.user_id.as_str(),
        "audience": api.map(|api| api.audience(&canonical, &canonical)).unwrap_or_default(),
        "scope": consent.scope.iter().collect::<Vec<_>>(),
    })
}
