//! `/logs` and `/users/{id}/logs` (contract 05 §15).

use housekey_core::id::LogId;
use housekey_core::log::{LogField, LogQuery, shown};
use housekey_core::manage::ManageError;
use housekey_core::manage::logs::{MAX_FOUND, Wanted, find, follow, search};
use housekey_core::percent;
use housekey_core::port::LogIndex;
use http::HeaderValue;

use super::operation::{Operation, Parameter, get};
use super::page::{Fields, Paging};
use super::shape::{ANY_OBJECT, Field, INSTANT, Shape, TEXT, field, text};
use super::{Ask, Reply};

const FIELDS: &[Field] = &[
    field("_id", TEXT).read_only().required(),
    field("log_id", TEXT).read_only().required(),
    field("date", INSTANT).read_only().required(),
    field("type", TEXT).read_only().required(),
    field("description", TEXT).read_only(),
    field("connection", TEXT).read_only(),
    field("connection_id", TEXT).read_only(),
    field("client_id", TEXT).read_only(),
    field("client_name", TEXT).read_only(),
    field("ip", TEXT).read_only(),
    field("hostname", TEXT).read_only(),
    field("user_id", TEXT).read_only(),
    field("user_name", TEXT).read_only(),
    field("audience", TEXT).read_only(),
    field("scope", TEXT).read_only(),
    field("strategy", TEXT).read_only(),
    field("strategy_type", TEXT).read_only(),
    field("isMobile", Shape::Flag).read_only(),
    field("user_agent", TEXT).read_only(),
    field("details", ANY_OBJECT).read_only(),
    field("environment_name", TEXT).read_only(),
    field("tenant_name", TEXT).read_only(),
];
const LOG: Shape = Shape::Object(FIELDS);

const SORT: Parameter = ("sort", Shape::OneOf(&["date:-1", "date:1"]));
const SEARCH: &[Parameter] =
    &[("q", text(0, 2000)), ("search", text(0, 2000)), SORT, ("from", text(0, 90))];

pub(super) const OPERATIONS: &[Operation] = &[
    get("logs", &["read:logs", "read:logs_users"], "What happened", |ask| Box::pin(list(ask)))
        .query(SEARCH)
        .pages("logs", &LOG),
    get("logs/{id}", &["read:logs", "read:logs_users"], "One event", |ask| Box::pin(one(ask)))
        .answers(200, &LOG),
    get("users/{id}/logs", &["read:logs", "read:logs_users"], "What happened to a user", |ask| {
        Box::pin(of_user(ask))
    })
    .query(&[SORT])
    .pages("logs", &LOG),
];

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let event = shown(&ask.call.tenant, &find(ask.app, ask.call, ask.id()).await?);
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&event)))
}

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    if is_checkpoint(&ask) {
        return from_checkpoint(ask, LogIndex::All, "logs").await;
    }
    let text = ask.query.last("q").or(ask.query.last("search")).unwrap_or_default();
    let connection = |name: &str| {
        ask.call.tenant.connection_named(name).map(|connection| connection.id.to_string())
    };
    let query = LogQuery::parse(text, connection).map_err(|error| {
        let text = format!("Query validation error: '{error}' on property q.");
        ManageError::InvalidQuery(text)
    })?;
    answer(&ask, &query).await
}

async fn of_user(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let id = ask.id().to_owned();
    if is_checkpoint(&ask) {
        let path = format!("users/{}/logs", percent::encode(&id));
        return from_checkpoint(ask, LogIndex::User(id), &path).await;
    }
    let query = LogQuery::is(LogField::UserId, id);
    answer(&ask, &query).await
}

fn is_checkpoint(ask: &Ask<'_>) -> bool {
    ask.query.last("from").is_some() || ask.query.last("take").is_some()
}

async fn answer(ask: &Ask<'_>, query: &LogQuery) -> Result<Reply, ManageError> {
    let paging = Paging::of(&ask.query)?;
    let (skip, take, count) = paging.numbers();
    if skip.saturating_add(take) > MAX_FOUND {
        return Err(ManageError::InvalidPaging(format!(
            "You can only page through the first {MAX_FOUND} records."
        )));
    }
    let oldest_first = ask.query.last("sort") == Some("date:1");
    let wanted = Wanted { skip, take, count, oldest_first };
    let found = search(ask.app, ask.call, query, wanted).await?;
    let length = found.items.len();
    let mut body = paging.answer("logs", found.map(|event| shown(&ask.call.tenant, &event)));
    if body.is_object() {
        body["length"] = length.into();
    }
    Ok(Reply::ok(body))
}

/// For whoever follows the log: what came behind an event, and where to ask for what comes next.
async fn from_checkpoint(ask: Ask<'_>, of: LogIndex, path: &str) -> Result<Reply, ManageError> {
    let refused = |why: &str| {
        let text = format!("Query validation error: '{why}' on property from.");
        Err(ManageError::InvalidQuery(text))
    };
    if ["q", "search", "page", "sort"].iter().any(|name| ask.query.last(name).is_some()) {
        return refused("Cannot be combined with q, search, page or sort");
    }
    let from = ask.query.last("from").filter(|from| !from.is_empty());
    let is_id = |from: &str| from.bytes().all(|byte| byte.is_ascii_digit());
    if from.is_some_and(|from| !is_id(from)) {
        return refused("Invalid cursor");
    }
    let take = ask.query.number("take").unwrap_or(50);
    let events = follow(ask.app, ask.call, of, from, take).await?;
    let last = events.last().map(|event| &event.id).map(LogId::as_str).or(from);
    let mut url = format!("{}api/v2/{path}?take={take}", ask.call.issuer);
    if let Some(last) = last {
        url.push_str("&from=");
        url.push_str(last);
    }
    let fields = Fields::of(&ask.query);
    let events = events.iter().map(|event| fields.of_item(&shown(&ask.call.tenant, event)));
    let link = HeaderValue::from_str(&format!("<{url}>; rel=\"next\"")).ok();
    Ok(Reply { link, ..Reply::ok(events.collect()) })
}
