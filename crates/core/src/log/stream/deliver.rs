//! Carrying what is due: claim a stream, read on behind its position, hand over, note how far.

use serde_json::{Value, json};

use super::{ContentFormat, HttpSink, LogStream};
use crate::app::App;
use crate::error::Fault;
use crate::id::LogId;
use crate::log::{LogEvent, shown};
use crate::port::{ClaimedStream, DeliveryError, LogIndex, LogStretch, Messenger};
use crate::tenant::LoadedTenant;
use crate::time::Timestamp;

/// Seconds a claimed stream stays with the process that claimed it.
const LEASE: i64 = 60;
/// Streams claimed at once.
const BATCH: u32 = 20;
/// Events carried at once.
const EVENTS: u32 = 100;
/// Seconds until a stream that has carried everything is looked at again.
const PAUSE: i64 = 5;
/// The longest pause after failures, in seconds.
const LONGEST_PAUSE: i64 = 3600;
/// The newest moments are left for later: an event written first may become visible second.
const SETTLED_AFTER_MS: i64 = 2000;

/// Events on their way.
#[derive(Clone, Debug)]
pub struct LogBatch {
    /// The same at each try, so that a receiver can tell a repetition.
    pub id: String,
    /// Where to.
    pub sink: HttpSink,
    /// What.
    pub body: String,
    /// The present.
    pub at: Timestamp,
}

/// Carries what the streams that are due have not carried yet; returns how many of them have more,
/// so that a caller can go on until there are none.
///
/// # Errors
/// If the database is not available. What a receiver refuses is tried again, later and later.
pub async fn deliver_streams(app: &App, messenger: &dyn Messenger) -> Result<usize, Fault> {
    let now = app.clock().now();
    let registry = app.store().registry();
    let claimed = registry.claim_log_streams(now, now.plus_seconds(LEASE), BATCH).await?;
    let mut unfinished = 0;
    for ClaimedStream { tenant, stream } in &claimed {
        let Some(loaded) = app.directory().by_id(tenant, now).await? else { continue };
        let carried = carry(app, messenger, &loaded, stream, now).await?;
        let due_at = match &carried.failure {
            Some(error) => {
                tracing::warn!(%tenant, stream = %stream.id, attempts = stream.attempts, %error, "events not carried");
                now.plus_seconds((PAUSE << stream.attempts.clamp(0, 12)).min(LONGEST_PAUSE))
            }
            None if carried.has_more => {
                unfinished += 1;
                now
            }
            None => now.plus_seconds(PAUSE),
        };
        let attempts = carried.failure.map_or(0, |_| stream.attempts + 1);
        let position = &carried.position;
        registry.log_stream_carried(tenant, &stream.id, position, attempts, due_at).await?;
    }
    Ok(unfinished)
}

/// How far a stream came.
struct Carried {
    position: String,
    has_more: bool,
    failure: Option<DeliveryError>,
}

async fn carry(
    app: &App,
    messenger: &dyn Messenger,
    tenant: &LoadedTenant,
    stream: &LogStream,
    now: Timestamp,
) -> Result<Carried, Fault> {
    let stretch = LogStretch {
        of: LogIndex::All,
        after: stream.position.clone(),
        before: LogId::floor(Timestamp(now.0 - SETTLED_AFTER_MS)),
        oldest_first: true,
        take: EVENTS,
    };
    let events = app.read(&tenant.id).await?.log_stretch(&stretch).await?;
    let has_more = events.len() == EVENTS as usize;
    let end = events.last().map_or(stream.position.clone(), |event| event.id.to_string());
    let wanted: Vec<_> = events.iter().filter(|event| stream.settings.wants(event)).collect();
    let mut carried = Carried { position: stream.position.clone(), has_more, failure: None };
    let sink = stream.settings.sink(&tenant.id, app.sealer())?;
    let sink: HttpSink = serde_json::from_value(sink).map_err(Fault::new)?;
    let size = match sink.http_content_format {
        ContentFormat::JsonObject => 1,
        ContentFormat::JsonArray | ContentFormat::JsonLines => EVENTS as usize,
    };
    for part in wanted.chunks(size) {
        let batch = batch(tenant, stream, &sink, part, now);
        if let Err(error) = messenger.carry(&batch).await {
            carried.failure = Some(error);
            carried.has_more = false;
            return Ok(carried);
        }
        if let Some(last) = part.last() {
            carried.position = last.id.to_string();
        }
    }
    carried.position = end;
    Ok(carried)
}

fn batch(
    tenant: &LoadedTenant,
    stream: &LogStream,
    sink: &HttpSink,
    events: &[&LogEvent],
    at: Timestamp,
) -> LogBatch {
    let told: Vec<Value> = events.iter().map(|event| told(tenant, stream, event)).collect();
    let body = match sink.http_content_format {
        ContentFormat::JsonArray => Value::Array(told).to_string(),
        ContentFormat::JsonLines => {
            told.iter().fold(String::new(), |lines, event| lines + &event.to_string() + "\n")
        }
        ContentFormat::JsonObject => told.first().map(ToString::to_string).unwrap_or_default(),
    };
    let last = events.last().map(|event| event.id.as_str()).unwrap_or_default();
    LogBatch { id: format!("{}_{last}", stream.id), sink: sink.clone(), body, at }
}

fn told(tenant: &LoadedTenant, stream: &LogStream, event: &LogEvent) -> Value {
    let mut data = shown(tenant, event);
    if let Some(privacy) = &stream.settings.privacy {
        privacy.hide(&mut data);
    }
    json!({ "log_id": event.id.as_str(), "data": data })
}
