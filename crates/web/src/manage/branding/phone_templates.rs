//! `/branding/phone/templates`: what phones are told, one template for each kind of message.

use housekey_core::factor::phone::{PhoneChannel, PhoneNumber};
use housekey_core::liquid::Template;
use housekey_core::manage::documents::{self, DocumentName};
use housekey_core::manage::phone_trials::{self, PhoneTrial};
use housekey_core::manage::{ManageError, Thing};
use housekey_core::message::template::PHONE;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::manage::body::refused;
use crate::manage::kept::{remove as removes, replace};
use crate::manage::operation::{Operation, delete, get, patch, post};
use crate::manage::shape::{Field, Shape, TEXT, field, text, without_nulls};
use crate::manage::{Ask, Reply};

const TYPES: [&str; 5] =
    ["otp_verify", "otp_enroll", "change_password", "blocked_account", "password_breach"];

const BODY: &[Field] = &[field("text", text(0, 20_000)), field("voice", text(0, 20_000))];
const CONTENT: &[Field] = &[
    field("syntax", Shape::OneOf(&["liquid"])),
    field("from", text(0, 16)),
    field("body", Shape::Object(BODY)),
];
const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("tenant", TEXT).read_only(),
    field("channel", TEXT).read_only(),
    field("customizable", Shape::Flag).read_only(),
    field("type", Shape::OneOf(&TYPES)).create_only(),
    field("disabled", Shape::Flag),
    field("content", Shape::Object(CONTENT)),
];
const TEMPLATE: Shape = Shape::Object(FIELDS);
const LIST: Shape =
    Shape::Object(&[field("templates", Shape::List { of: &TEMPLATE, most: TYPES.len() })]);

/// What a trial takes, of templates and of providers.
pub(super) const TRIAL: &[Field] = &[
    field("to", text(1, 16)).required(),
    field("delivery_method", Shape::OneOf(&["text", "voice"])),
];
/// What a trial answers.
pub(super) const TRIED: Shape = Shape::Object(&[field("message", TEXT).required()]);

pub(in crate::manage) const OPERATIONS: &[Operation] = &[
    get("branding/phone/templates", &["read:phone_templates"], "What phones are told", |ask| {
        Box::pin(list(ask))
    })
    .query(&[("disabled", Shape::Flag)])
    .answers(200, &LIST),
    post("branding/phone/templates", &["create:phone_templates"], "Write a template", |ask| {
        Box::pin(add(ask))
    })
    .creates(FIELDS)
    .answers(201, &TEMPLATE),
    get("branding/phone/templates/{id}", &["read:phone_templates"], "One template", |ask| {
        Box::pin(async move {
            let kind = known(ask.id())?;
            let found = documents::find(ask.app, ask.call, named(kind)).await?;
            let found = found.ok_or(ManageError::NotFound(Thing::PhoneTemplate))?;
            Ok(Reply::ok(wire(&ask, kind, found)))
        })
    })
    .answers(200, &TEMPLATE),
    patch(
        "branding/phone/templates/{id}",
        &["update:phone_templates"],
        "Change a template",
        |ask| Box::pin(update(ask)),
    )
    .changes(FIELDS)
    .answers(200, &TEMPLATE),
    delete("branding/phone/templates/{id}", &["delete:phone_templates"], "Forget it", |ask| {
        Box::pin(async move { removes(&ask, named(known(ask.id())?)).await })
    }),
    patch(
        "branding/phone/templates/{id}/reset",
        &["update:phone_templates"],
        "Go back to the words that everybody begins with",
        |ask| Box::pin(reset(ask)),
    )
    .answers(200, &TEMPLATE),
    post(
        "branding/phone/templates/{id}/try",
        &["create:phone_templates"],
        "Send a template to a phone",
        |ask| Box::pin(attempt(ask)),
    )
    .creates(TRIAL)
    .answers(202, &TRIED),
];

fn id_of(kind: &str) -> String {
    format!("tem_{:0<22}", kind.replace('_', ""))
}

fn known(id: &str) -> Result<&'static str, ManageError> {
    let found = TYPES.into_iter().find(|kind| id_of(kind) == id);
    found.ok_or(ManageError::NotFound(Thing::PhoneTemplate))
}

fn named(kind: &'static str) -> DocumentName<'static> {
    DocumentName { kind: PHONE, name: kind, thing: Thing::PhoneTemplate }
}

fn wire(ask: &Ask<'_>, kind: &str, mut stored: Map<String, Value>) -> Value {
    let content = stored.remove("content");
    json!({
        "id": id_of(kind),
        "tenant": ask.call.tenant.id.as_str(),
        "channel": "phone",
        "customizable": true,
        "type": kind,
        "disabled": stored.remove("disabled").unwrap_or(Value::Bool(false)),
        "content": content.unwrap_or_else(|| beginning(kind)),
    })
}

/// The words everybody begins with.
fn beginning(kind: &str) -> Value {
    let (text, voice) = match kind {
        "otp_verify" => (
            "{{ code }} is your code to log in to {{ friendly_name }}. Do not pass it on.",
            "Hello. Your code to log in to {{ friendly_name }} is: {{ code }}. Once more: {{ code }}.",
        ),
        "otp_enroll" => (
            "{{ code }} is your code to add this phone at {{ friendly_name }}. Do not pass it on.",
            "Hello. Your code to add this phone at {{ friendly_name }} is: {{ code }}. Once more: {{ code }}.",
        ),
        "change_password" => (
            "{{ code }} is your code to choose a new password at {{ friendly_name }}.",
            "Hello. Your code to choose a new password at {{ friendly_name }} is: {{ code }}.",
        ),
        "blocked_account" => (
            "Somebody tries to guess your password at {{ friendly_name }}.",
            "Hello. Somebody tries to guess your password at {{ friendly_name }}.",
        ),
        _ => (
            "Your password at {{ friendly_name }} is known from a data breach elsewhere. Choose another.",
            "Hello. Your password at {{ friendly_name }} is known from a data breach elsewhere.",
        ),
    };
    json!({ "syntax": "liquid", "body": { "text": text, "voice": voice } })
}

async fn list(ask: Ask<'_>) -> Result<Reply, ManageError> {
    let wanted = ask.query.last("disabled").map(|own| own == "true");
    let mut templates = Vec::new();
    for kind in TYPES {
        if let Some(stored) = documents::find(ask.app, ask.call, named(kind)).await? {
            let template = wire(&ask, kind, stored);
            if wanted.is_none_or(|wanted| template["disabled"] == wanted) {
                templates.push(template);
            }
        }
    }
    Ok(Reply::ok(json!({ "templates": templates })))
}

/// Refuses texts that could not be used.
fn check(content: &Value) -> Result<(), ManageError> {
    for name in ["text", "voice"] {
        let source = content["body"][name].as_str().unwrap_or_default();
        let wrong = |error| format!("The template does not parse: {error}");
        let path = format!("content.body.{name}");
        Template::parse(source).map_err(|error| refused(&wrong(error), &path))?;
    }
    Ok(())
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    check(&ask.sent["content"])?;
    let sent = ask.sent["type"].as_str().unwrap_or("otp_verify");
    let kind = TYPES.into_iter().find(|kind| *kind == sent).unwrap_or("otp_verify");
    if documents::find(ask.app, ask.call, named(kind)).await?.is_some() {
        return Err(ManageError::Conflict("There is a template of this type already.".to_owned()));
    }
    ask.sent["content"] = without_nulls(&Shape::Object(CONTENT), ask.sent["content"].take());
    let stored = replace(&mut ask, named(kind), &[("type", json!(kind))]).await?;
    Ok(Reply::new(StatusCode::CREATED, wire(&ask, kind, stored)))
}

/// Changes a template; `content` is merged member by member.
async fn update(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    check(&ask.sent["content"])?;
    let kind = known(ask.id())?;
    let sent = ask.members().rest();
    let merge = |found: Option<Map<String, Value>>| {
        let mut stored = found.ok_or(ManageError::NotFound(Thing::PhoneTemplate))?;
        for (name, value) in sent {
            match (name.as_str(), value) {
                (_, Value::Null) => drop(stored.remove(&name)),
                ("content", Value::Object(content)) => {
                    let mut own = stored.remove("content").unwrap_or_else(|| beginning(kind));
                    crate::manage::body::extend(&mut own, content.into());
                    stored.insert(name, without_nulls(&Shape::Object(CONTENT), own));
                }
                (_, value) => drop(stored.insert(name, value)),
            }
        }
        Ok(stored)
    };
    let (app, call, operator) = (ask.app, ask.call, &ask.operator);
    let stored =
        documents::change(app, call, operator, named(kind), ask.shown.take(), merge).await?;
    Ok(Reply::ok(wire(&ask, kind, stored)))
}

async fn reset(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let kind = known(ask.id())?;
    let without_content = |found: Option<Map<String, Value>>| {
        let mut stored = found.ok_or(ManageError::NotFound(Thing::PhoneTemplate))?;
        stored.remove("content");
        Ok(stored)
    };
    let (app, call, operator) = (ask.app, ask.call, &ask.operator);
    let body = ask.shown.take();
    let stored = documents::change(app, call, operator, named(kind), body, without_content).await?;
    Ok(Reply::ok(wire(&ask, kind, stored)))
}

async fn attempt(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let kind = known(ask.id())?;
    let stored = documents::find(ask.app, ask.call, named(kind)).await?;
    let mut stored = stored.ok_or(ManageError::NotFound(Thing::PhoneTemplate))?;
    let content = stored.remove("content").unwrap_or_else(|| beginning(kind));
    let content = serde_json::from_value(content).map_err(housekey_core::Fault::new)?;
    send_trial(&mut ask, Some(content), PHONE).await
}

/// Sends what was asked for.
pub(super) async fn send_trial(
    ask: &mut Ask<'_>,
    content: Option<housekey_core::message::template::PhoneContent>,
    resource: &'static str,
) -> Result<Reply, ManageError> {
    let to = PhoneNumber::parse(ask.sent["to"].as_str().unwrap_or_default(), None);
    let to = to.ok_or_else(|| refused("Object didn't pass validation for format e164", "to"))?;
    let is_call = ask.sent["delivery_method"] == "voice";
    let channel = if is_call { PhoneChannel::Voice } else { PhoneChannel::Sms };
    let trial = PhoneTrial { to, channel, content };
    let (app, call, operator, body) = (ask.app, ask.call, &ask.operator, ask.shown.take());
    phone_trials::send(app, call, operator, trial, (resource, ask.id()), body).await?;
    Ok(Reply::new(StatusCode::ACCEPTED, json!({ "message": "The message was sent." })))
}
