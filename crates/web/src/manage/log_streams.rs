//! `/log-streams` (contract 05 §15).

use housekey_core::log::stream::{
    CATEGORIES, HideBy, HttpSink, LogStream, Privacy, PrivateField, StreamSettings, StreamStatus,
};
use housekey_core::manage::ManageError;
use housekey_core::manage::log_streams::{create, delete, find, list, update};
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use url::Url;

use super::body::{Members, Sent, extend, merged, refused};
use super::operation::{Operation, delete as removes, get, patch, post};
use super::shape::{Field, Mode, Shape, TEXT, check_fields, field, text};
use super::{Ask, Reply};

const HTTP: &str = "http";
const TYPES: &[&str] =
    &["http", "eventbridge", "eventgrid", "datadog", "splunk", "sumo", "segment", "mixpanel"];
const HEADER: &[Field] =
    &[field("header", text(1, 200)).required(), field("value", text(0, 4000)).required().secret()];
const HTTP_SINK: &[Field] = &[
    field("httpEndpoint", Shape::Uri).required(),
    field("httpContentType", text(1, 200)),
    field("httpContentFormat", Shape::OneOf(&["JSONARRAY", "JSONLINES", "JSONOBJECT"])),
    field("httpAuthorization", text(0, 4000)).secret(),
    field("httpCustomHeaders", Shape::List { of: &Shape::Object(HEADER), most: 10 }),
    // Ours: what requests are signed with, in the form of the Standard Webhooks specification.
    field("httpSigningSecret", text(16, 255)).secret(),
];
const FILTER: &[Field] = &[
    field("type", Shape::OneOf(&["category"])).required(),
    field("name", Shape::OneOf(CATEGORIES)).required(),
];
const PII: &[Field] = &[
    field(
        "log_fields",
        Shape::List {
            of: &Shape::OneOf(&[
                "first_name",
                "last_name",
                "username",
                "email",
                "phone",
                "address",
            ]),
            most: 6,
        },
    )
    .required(),
    field("method", Shape::OneOf(&["mask", "hash"])),
    field("algorithm", Shape::OneOf(&["xxhash"])),
];
const FIELDS: &[Field] = &[
    field("id", TEXT).read_only().required(),
    field("name", text(1, 200)),
    field("type", Shape::OneOf(TYPES)).create_only().required(),
    field("status", Shape::OneOf(&["active", "paused", "suspended"])),
    field("sink", Shape::Map { of: &Shape::Any, most: 30 }).required().secret(),
    field("filters", Shape::List { of: &Shape::Object(FILTER), most: 50 }),
    field("pii_config", Shape::Object(PII)),
    field("isPriority", Shape::Flag).kept(),
    field("startFrom", text(0, 40)).kept(),
];
const STREAM: Shape = Shape::Object(FIELDS);

pub(super) const OPERATIONS: &[Operation] = &[
    get("log-streams", &["read:log_streams"], "Log streams", |ask| {
        Box::pin(async move {
            let streams = list(ask.app, ask.call).await?;
            let shown: Result<Vec<_>, _> = streams.iter().map(|own| wire(&ask, own)).collect();
            Ok(Reply::ok(shown?.into()))
        })
    })
    .answers(200, &Shape::List { of: &STREAM, most: usize::MAX }),
    post("log-streams", &["create:log_streams"], "Add a log stream", |ask| Box::pin(add(ask)))
        .creates(FIELDS)
        .answers(200, &STREAM),
    get("log-streams/{id}", &["read:log_streams"], "One log stream", |ask| {
        Box::pin(async move {
            let stream = find(ask.app, ask.call, ask.id()).await?;
            Ok(Reply::ok(wire(&ask, &stream)?))
        })
    })
    .answers(200, &STREAM),
    patch("log-streams/{id}", &["update:log_streams"], "Change a log stream", |ask| {
        Box::pin(change(ask))
    })
    .changes(FIELDS)
    .answers(200, &STREAM),
    removes("log-streams/{id}", &["delete:log_streams"], "Remove a log stream", |ask| {
        Box::pin(async move {
            delete(ask.app, ask.call, &ask.operator, ask.id()).await?;
            Ok(Reply::gone())
        })
    }),
];

/// Secrets come back in clear: tools compare them.
fn wire(ask: &Ask<'_>, stream: &LogStream) -> Result<Value, ManageError> {
    let own = &stream.settings;
    let mut body = Value::Object(own.kept.clone());
    let filters: Vec<_> =
        own.filters.iter().map(|name| json!({ "type": "category", "name": name })).collect();
    let shown = json!({
        "id": stream.id.as_str(),
        "name": own.name,
        "type": own.kind,
        "status": own.status,
        "sink": own.sink(&ask.call.tenant.id, ask.app.sealer())?,
        "filters": filters,
    });
    extend(&mut body, shown);
    if let Some(privacy) = &own.privacy {
        body["pii_config"] = json!(privacy);
        if privacy.method == HideBy::Hash {
            body["pii_config"]["algorithm"] = "xxhash".into();
        }
    }
    Ok(body)
}

async fn add(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let mut body = ask.members();
    let kind = body.text("type")?;
    let sink: Map<String, Value> = body.get("sink")?.value().unwrap_or_default();
    let sink = checked_sink(&ask, &kind, sink)?;
    let is_http = kind == HTTP;
    let mut settings = StreamSettings {
        name: body.get("name")?.value().unwrap_or_else(|| kind.clone()),
        status: if is_http { StreamStatus::Active } else { StreamStatus::Suspended },
        kind,
        filters: Vec::new(),
        privacy: None,
        sealed_sink: StreamSettings::seal(
            &sink,
            &ask.call.tenant.id,
            ask.app.sealer(),
            ask.app.random(),
        )?,
        kept: Map::new(),
    };
    apply(body, &mut settings)?;
    let (app, call, shown) = (ask.app, ask.call, ask.shown.take());
    let stream = create(app, call, &ask.operator, settings, shown).await?;
    Ok(Reply::ok(wire(&ask, &stream)?))
}

async fn change(mut ask: Ask<'_>) -> Result<Reply, ManageError> {
    let (mut body, shown, id) = (ask.members(), ask.shown.take(), ask.id().to_owned());
    let ask = &ask;
    let apply = |settings: &mut StreamSettings| {
        body.set("name", &mut settings.name, settings.kind.clone())?;
        if let Sent::Value(sent) = body.get::<Map<String, Value>>("sink")? {
            let (tenant, sealer) = (&ask.call.tenant.id, ask.app.sealer());
            let stored = settings.sink(tenant, sealer)?;
            let stored = stored.as_object().cloned().unwrap_or_default();
            let sink = checked_sink(ask, &settings.kind, merged(stored, sent))?;
            settings.sealed_sink = StreamSettings::seal(&sink, tenant, sealer, ask.app.random())?;
        }
        apply(body, settings)
    };
    let stream = update(ask.app, ask.call, &ask.operator, &id, apply, shown).await?;
    Ok(Reply::ok(wire(ask, &stream)?))
}

fn apply(mut body: Members, settings: &mut StreamSettings) -> Result<(), ManageError> {
    match body.get("status")? {
        Sent::Nothing | Sent::Null => {}
        Sent::Value(StreamStatus::Active | StreamStatus::Paused) if settings.kind != HTTP => {
            let text = format!("This version of Housekey does not carry to {}.", settings.kind);
            return Err(ManageError::NotSupported(text));
        }
        Sent::Value(status) => settings.status = status,
    }
    match body.get::<Vec<Map<String, Value>>>("filters")? {
        Sent::Nothing => {}
        Sent::Null => settings.filters.clear(),
        Sent::Value(filters) => {
            let names = filters.iter().filter_map(|filter| filter["name"].as_str());
            settings.filters = names.map(ToOwned::to_owned).collect();
        }
    }
    match body.object("pii_config")? {
        Sent::Nothing => {}
        Sent::Null => settings.privacy = None,
        Sent::Value(mut privacy) => {
            let log_fields: Vec<PrivateField> =
                privacy.get("log_fields")?.value().unwrap_or_default();
            let method = privacy.get("method")?.value().unwrap_or(HideBy::Hash);
            settings.privacy = Some(Privacy { log_fields, method });
        }
    }
    body.keep(FIELDS, &mut settings.kept);
    Ok(())
}

/// Where events go, with a secret to sign with if none was given. What other types have is kept.
fn checked_sink(
    ask: &Ask<'_>,
    kind: &str,
    mut sink: Map<String, Value>,
) -> Result<Value, ManageError> {
    sink.retain(|_, value| !value.is_null());
    if kind != HTTP {
        return Ok(sink.into());
    }
    check_fields(HTTP_SINK, &sink, Mode::Create, false).map_err(ManageError::InvalidBody)?;
    sink.entry("httpSigningSecret")
        .or_insert_with(|| format!("whsec_{}", ask.app.random().hex(24)).into());
    sink.entry("httpContentFormat").or_insert_with(|| "JSONARRAY".into());
    let read: HttpSink = serde_json::from_value(sink.clone().into())
        .map_err(|error| refused(&error.to_string(), "sink"))?;
    if Url::parse(&read.http_endpoint).is_ok_and(|url| url.scheme() != "https") {
        let reason = "Object didn't pass validation for format https-uri";
        return Err(refused(reason, "sink.httpEndpoint"));
    }
    let values = [&read.http_authorization, &read.http_content_type].into_iter().flatten();
    let is_value = |value: &str| HeaderValue::try_from(value).is_ok();
    let bad_value = values.clone().any(|value| !is_value(value));
    let bad_header = read
        .http_custom_headers
        .iter()
        .any(|own| HeaderName::try_from(own.header.as_str()).is_err() || !is_value(&own.value));
    if bad_value || bad_header {
        return Err(refused("It cannot be a header", "sink.httpCustomHeaders"));
    }
    Ok(sink.into())
}
