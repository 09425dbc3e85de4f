//! `/users` and `/users-by-email` (contract 05 §9.1, §9.2).

use housekey_core::Call;
use housekey_core::id::{ClientId, ConnectionId, UserId};
use housekey_core::manage::ManageError;
use housekey_core::manage::users::{
    NewPerson, PersonChange, by_email, create, delete, find, search, update,
};
use housekey_core::port::Search;
use housekey_core::tenant::LoadedTenant;
use housekey_core::user::search::{Query as Wanted, Sort, parse};
use housekey_core::user::{Profile, UserRecord};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::body::{Members, Sent, merged, optional, refused};
use super::operation::{Operation, delete as removes, get, patch, post};
use super::page::{Fields, MAX_NUMBERED, Paging};
use super::query::Query;
use super::shape::{ANY_OBJECT, COUNT, Field, INSTANT, Shape, TEXT, field, text};
use super::{Ask, Reply};

/// An identity of a user.
pub(super) const IDENTITY: &[Field] = &[
    field("connection", TEXT).required(),
    field("user_id", TEXT).required(),
    field("provider", TEXT).required(),
    field("isSocial", Shape::Flag).required(),
    field("profileData", ANY_OBJECT),
];

const FIELDS: &[Field] = &[
    field("user_id", text(1, 255)).create_only(),
    field("connection", text(1, 128)).write_only(),
    field("email", Shape::Email),
    field("email_verified", Shape::Flag),
    field("verify_email", Shape::Flag).write_only(),
    field("phone_number", text(2, 16)),
    field("phone_verified", Shape::Flag),
    field("verify_phone_number", Shape::Flag).write_only(),
    field("username", text(1, 128)),
    field("password", text(1, 256)).write_only().secret(),
    field("verify_password", Shape::Flag).write_only(),
    field("name", text(1, 300)),
    field("nickname", text(1, 300)),
    field("given_name", text(1, 150)),
    field("family_name", text(1, 150)),
    field("picture", Shape::Uri),
    field("blocked", Shape::Flag),
    field("user_metadata", ANY_OBJECT),
    field("app_metadata", ANY_OBJECT),
    field("client_id", text(1, 64)).write_only(),
    field("created_at", INSTANT).read_only(),
    field("updated_at", INSTANT).read_only(),
    field("identities", Shape::List { of: &Shape::Object(IDENTITY), most: 100 }).read_only(),
    field("last_login", INSTANT).read_only(),
    field("last_ip", TEXT).read_only(),
    field("logins_count", COUNT).read_only(),
    field("last_password_reset", INSTANT).read_only(),
];
const USER: Shape = Shape::Object(FIELDS);
const USERS: Shape = Shape::List { of: &USER, most: usize::MAX };

/// A user in a list of those who have something.
pub(super) const MEMBER: Shape = Shape::Object(&[
    field("user_id", TEXT).required(),
    field("name", TEXT).required(),
    field("email", TEXT),
    field("picture", TEXT),
]);

const READ: &[&str] = &["read:users", "read:user_idp_tokens"];

pub(super) const OPERATIONS: &[Operation] = &[
    get("users", READ, "Find users", |ask| Box::pin(list(ask)))
        .query(&[
            ("q", text(0, 5000)),
            ("sort", text(0, 100)),
            ("search_engine", Shape::OneOf(&["v1", "v2", "v3"])),
            ("connection", text(0, 128)),
            ("primary_order", Shape::Flag),
        ])
        .pages("users", &USER),
    post("users", &["create:users"], "Add a user", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .picks_domain()
        .answers(201, &USER),
    get("users/{id}", READ, "One user", |ask| Box::pin(one(ask))).answers(200, &USER),
    patch("users/{id}", &["update:users", "update:users_app_metadata"], "Change a user", |ask| {
        Box::pin(change(ask))
    })
    .changes(FIELDS)
    .picks_domain()
    .answers(200, &USER),
    removes("users/{id}", &["delete:users"], "Remove a user", |ask| Box::pin(remove(ask))),
    get("users-by-email", READ, "Users with a mail address", |ask| Box::pin(of_email(ask)))
        .query(&[("email", text(0, 320))])
        .answers(200, &USERS),
];

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let paging = Paging::numbered(&ask.query).map_err(|_| out_of_reach())?;
    let (skip, take, count) = paging.numbers();
    let search_for =
        Search { query: wanted(&ask.query)?, sort: sort(&ask.query)?, skip, take, count };
    let listed = search(ask.app, ask.call, &search_for).await?;
    let length = listed.items.len();
    let mut body = paging.answer("users", listed.map(|record| wire(ask.call, &record)));
    if count {
        body["length"] = length.into();
    }
    Ok(Reply::ok(body))
}

fn out_of_reach() -> ManageError {
    ManageError::InvalidPaging(format!(
        "You can only page through the first {MAX_NUMBERED} records. Narrow the query down, or sort \
         by created_at and continue from the last user with a range."
    ))
}

fn wanted(query: &Query) -> Result<Wanted, ManageError> {
    if matches!(query.last("search_engine"), Some("v1" | "v2")) {
        return Err(invalid("'Only search engine v3 is there' on property search_engine"));
    }
    let text = query.last("q").unwrap_or_default();
    parse(text).map_err(|error| invalid(&format!("'{error}' on property q")))
}

fn sort(query: &Query) -> Result<Sort, ManageError> {
    match query.last("sort").filter(|text| !text.is_empty()) {
        None => Ok(Sort::default()),
        Some(text) => Sort::parse(text)
            .ok_or_else(|| invalid("'Expected field:1 or field:-1' on property sort")),
    }
}

fn invalid(why: &str) -> ManageError {
    ManageError::InvalidQuery(format!("Query validation error: {why}."))
}

async fn one(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let user = wire(ask.call, &find(ask.app, ask.call, ask.id()).await?);
    Ok(Reply::ok(Fields::of(&ask.query).of_item(&user)))
}

async fn of_email(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let missing = || invalid("'Missing required property: email' on property email");
    let email = ask.query.last("email").ok_or_else(missing)?;
    let fields = Fields::of(&ask.query);
    let users = by_email(ask.app, ask.call, email).await?;
    let users = users.iter().map(|record| fields.of_item(&wire(ask.call, record)));
    Ok(Reply::ok(users.collect()))
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    refuse_unbuilt(&mut body)?;
    let mut profile = Profile::default();
    let new = NewPerson {
        connection: body.text("connection")?,
        identity_id: body.get("user_id")?.value(),
        blocked: body.get("blocked")?.value().unwrap_or_default(),
        password: body.get("password")?.value(),
        verify_email: body.get("verify_email")?.value(),
        profile: {
            apply(body.clone(), &mut profile)?;
            body.set("email_verified", &mut profile.email_verified, false)?;
            body.set("phone_verified", &mut profile.phone_verified, false)?;
            profile
        },
    };
    let made = create(ask.app, ask.call, &ask.operator, new, ask.shown).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(ask.call, &made)))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let id = ask.id().to_owned();
    let mut body = ask.members();
    if !ask.operator.may("update:users") && !body.names().all(|name| name == "app_metadata") {
        return Err(ManageError::InsufficientScope(&["update:users"]));
    }
    refuse_unbuilt(&mut body)?;
    let change = PersonChange {
        connection: body.get("connection")?.value(),
        blocked: flag(&mut body, "blocked")?,
        password: body.get("password")?.value(),
        email_verified: flag(&mut body, "email_verified")?,
        phone_verified: flag(&mut body, "phone_verified")?,
        verify_email: body.get("verify_email")?.value(),
        client_id: body.get("client_id")?.value().map(|id: String| ClientId::from_raw(id)),
    };
    if change.client_id.is_some() && !body.names().any(|name| name == "email") {
        return Err(refused("client_id is only valid together with email", "client_id"));
    }
    let profile = |profile: &mut Profile| apply(body.clone(), profile);
    let changed = update(ask.app, ask.call, &ask.operator, &id, change, profile, ask.shown).await?;
    Ok(Reply::ok(wire(ask.call, &changed)))
}

/// `null` is the default: no.
fn flag(body: &mut Members, name: &str) -> Result<Option<bool>, ManageError> {
    Ok(match body.get(name)? {
        Sent::Nothing => None,
        Sent::Null => Some(false),
        Sent::Value(flag) => Some(flag),
    })
}

async fn remove(ask: Ask<'_>) -> Result<Reply, ManageError> {
    delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
    Ok(Reply::gone())
}

/// Applies what was sent to a profile.
fn apply(mut body: Members, profile: &mut Profile) -> Result<(), ManageError> {
    let email: Sent<String> = body.get("email")?;
    let email = email.map(|email| email.to_lowercase());
    email.map(Some).set(&mut profile.email, None);
    let number: Sent<String> = body.get("phone_number")?;
    if matches!(&number, Sent::Value(number) if !is_number(number)) {
        return Err(refused("String does not match pattern ^\\+[0-9]{1,15}$", "phone_number"));
    }
    number.map(Some).set(&mut profile.phone_number, None);
    let username: Sent<String> = body.get("username")?;
    if matches!(&username, Sent::Value(name) if name.contains(['@', ' '])) {
        return Err(refused("A username has neither spaces nor an @ in it", "username"));
    }
    username.map(Some).set(&mut profile.username, None);
    for (name, place) in [
        ("name", &mut profile.name),
        ("nickname", &mut profile.nickname),
        ("given_name", &mut profile.given_name),
        ("family_name", &mut profile.family_name),
        ("picture", &mut profile.picture),
    ] {
        body.get::<String>(name)?.map(Some).set(place, None);
    }
    for (name, place) in
        [("user_metadata", &mut profile.user_metadata), ("app_metadata", &mut profile.app_metadata)]
    {
        let sent: Sent<Map<String, Value>> = body.get(name)?;
        sent.map(|sent| merged(place.clone(), sent)).set(place, Map::new());
    }
    Ok(())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Accepting these and not keeping to them would be worse than refusing them.
fn refuse_unbuilt(body: &mut Members) -> Result<(), ManageError> {
    for name in ["verify_phone_number", "verify_password"] {
        if body.get::<bool>(name)? == Sent::Value(true) {
            let text = format!("{name} can only be false in this version of Housekey.");
            return Err(ManageError::NotSupported(text));
        }
    }
    Ok(())
}

/// A user in a list of those who have something.
pub(super) fn wire_member(record: &UserRecord) -> Value {
    let user = &record.user;
    let mut body = json!({ "user_id": user.id.as_str(), "name": user.shown_name() });
    for (name, value) in [("email", &user.profile.email), ("picture", &user.profile.picture)] {
        if let Some(value) = value {
            body[name] = value.as_str().into();
        }
    }
    body
}

/// A user as they are answered.
pub(super) fn wire(call: &Call, record: &UserRecord) -> Value {
    let mut body = shown(&call.tenant, record);
    body["picture"] = record.user.shown_picture(&call.issuer).into();
    body
}

/// A user of a tenant in writing; what is not known is left out.
#[must_use]
pub fn shown(tenant: &LoadedTenant, record: &UserRecord) -> Value {
    let (user, statistics) = (&record.user, &record.statistics);
    let profile = &user.profile;
    let mut body = json!({
        "user_id": user.id.as_str(),
        "name": user.shown_name(),
        "nickname": user.shown_nickname(),
        "blocked": user.blocked,
        "created_at": user.created_at.rfc3339(),
        "updated_at": user.updated_at.rfc3339(),
        "identities": identities_of(tenant, record),
        "logins_count": statistics.logins_count,
        "user_metadata": profile.user_metadata,
    });
    if !profile.app_metadata.is_empty() {
        body["app_metadata"] = profile.app_metadata.clone().into();
    }
    if profile.email.is_some() {
        body["email_verified"] = profile.email_verified.into();
    }
    if profile.phone_number.is_some() {
        body["phone_verified"] = profile.phone_verified.into();
    }
    texts(&mut body, profile);
    optional(&mut body, "last_ip", statistics.last_ip.as_ref());
    for (name, at) in [
        ("last_login", statistics.last_login),
        ("last_password_reset", statistics.last_password_reset),
    ] {
        if let Some(at) = at {
            body[name] = at.rfc3339().into();
        }
    }
    body
}

/// The identities of a user, the account's own first.
pub(super) fn identities(call: &Call, record: &UserRecord) -> Value {
    identities_of(&call.tenant, record)
}

fn identities_of(tenant: &LoadedTenant, record: &UserRecord) -> Value {
    let own = identity(tenant, &record.user.id, &record.user.connection_id);
    let linked = record.linked.iter().map(|linked| {
        let mut body = identity(tenant, &linked.id, &linked.connection_id);
        body["profileData"] = profile_data(&linked.profile);
        body
    });
    std::iter::once(own).chain(linked).collect()
}

fn identity(tenant: &LoadedTenant, id: &UserId, connection: &ConnectionId) -> Value {
    let (provider, identity) = id.as_str().split_once('|').unwrap_or(("auth0", id.as_str()));
    let connection = tenant.connection(connection);
    json!({
        "connection": connection.map_or("", |connection| connection.name.as_str()),
        "user_id": identity,
        "provider": provider,
        "isSocial": false,
    })
}

fn profile_data(profile: &Profile) -> Value {
    let mut body = json!({});
    texts(&mut body, profile);
    if profile.email.is_some() {
        body["email_verified"] = profile.email_verified.into();
    }
    if profile.phone_number.is_some() {
        body["phone_verified"] = profile.phone_verified.into();
    }
    for (name, value) in [("name", &profile.name), ("nickname", &profile.nickname)] {
        optional(&mut body, name, value.as_ref());
    }
    body
}

/// What of a profile is told as it is.
fn texts(body: &mut Value, profile: &Profile) {
    for (name, value) in [
        ("email", &profile.email),
        ("phone_number", &profile.phone_number),
        ("username", &profile.username),
        ("given_name", &profile.given_name),
        ("family_name", &profile.family_name),
        ("picture", &profile.picture),
    ] {
        optional(body, name, value.as_ref());
    }
}
