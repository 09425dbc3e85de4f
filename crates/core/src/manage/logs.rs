//! Reading the tenant's log (contract 05 §15).

use super::{ManageError, Thing};
use crate::app::App;
use crate::call::Call;
use crate::id::LogId;
use crate::log::{LogEvent, LogQuery};
use crate::port::{Listed, LogIndex, LogStretch};
use crate::time::Timestamp;

/// How far a search reaches.
pub const MAX_FOUND: u32 = 1000;
/// How many events a search looks at before it is given up.
const MAX_LOOKED_AT: usize = 20_000;
/// How many are read at once.
const BATCH: u32 = 500;
/// Whoever follows the log does not see the newest moments: an event written first may become
/// visible second, and would be passed over.
const SETTLED_AFTER_MS: i64 = 2000;
/// An event's id and its date may differ by so much (see `LogOrder`).
const SLACK_MS: i64 = 1000;

/// Which of what was found are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How many to leave out.
    pub skip: u32,
    /// How many at most.
    pub take: u32,
    /// Also tell how many there are, as far as a search reaches.
    pub count: bool,
    /// The oldest come first.
    pub oldest_first: bool,
}

/// The event of that id.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn find(app: &App, call: &Call, id: &str) -> Result<LogEvent, ManageError> {
    let mut tx = app.read(&call.tenant.id).await?;
    tx.log_event(&LogId::from_raw(id)).await?.ok_or(ManageError::NotFound(Thing::LogEvent))
}

/// The events that match `query`.
///
/// # Errors
/// [`ManageError::InvalidQuery`] if it would take too long to find them.
pub async fn search(
    app: &App,
    call: &Call,
    query: &LogQuery,
    wanted: Wanted,
) -> Result<Listed<LogEvent>, ManageError> {
    let enough = if wanted.count { MAX_FOUND } else { wanted.skip.saturating_add(wanted.take) };
    let range = wanted.skip..wanted.skip.saturating_add(wanted.take);
    let (mut items, mut found) = (Vec::new(), 0);
    let mut tx = app.read(&call.tenant.id).await?;
    let mut stretch = first_stretch(query, wanted.oldest_first);
    let mut looked_at = 0;
    while found < enough {
        let events = tx.log_stretch(&stretch).await?;
        looked_at += events.len();
        let is_last = events.len() < BATCH as usize;
        if let Some(last) = events.last() {
            let end = if wanted.oldest_first { &mut stretch.after } else { &mut stretch.before };
            last.id.as_str().clone_into(end);
        }
        for event in events.into_iter().filter(|event| query.matches(event)) {
            if found < enough && range.contains(&found) {
                items.push(event);
            }
            found = (found + 1).min(enough);
        }
        if is_last {
            break;
        }
        if looked_at >= MAX_LOOKED_AT {
            return Err(too_slow());
        }
    }
    let total = wanted.count.then_some(u64::from(found));
    Ok(Listed { items, total, next: None })
}

fn too_slow() -> ManageError {
    ManageError::InvalidQuery(
        "The query takes too long. Name a user_id or a type, or narrow the date.".to_owned(),
    )
}

fn first_stretch(query: &LogQuery, oldest_first: bool) -> LogStretch {
    let (from, to) = query.span();
    let after = (from.0 > 0).then(|| LogId::floor(Timestamp(from.0 - SLACK_MS)));
    let before = (to.0 < i64::MAX - SLACK_MS).then(|| LogId::floor(Timestamp(to.0 + SLACK_MS)));
    LogStretch {
        of: query.index(),
        after: after.unwrap_or_default(),
        before: before.unwrap_or_else(|| LogId::END.to_owned()),
        oldest_first,
        take: BATCH,
    }
}

/// Up to `take` events `of` the log behind `from`, the oldest first: for whoever follows it.
///
/// # Errors
/// If the database is not available.
pub async fn follow(
    app: &App,
    call: &Call,
    of: LogIndex,
    from: Option<&str>,
    take: u32,
) -> Result<Vec<LogEvent>, ManageError> {
    let stretch = LogStretch {
        of,
        after: from.unwrap_or_default().to_owned(),
        before: LogId::floor(Timestamp(call.now.0 - SETTLED_AFTER_MS)),
        oldest_first: true,
        take,
    };
    Ok(app.read(&call.tenant.id).await?.log_stretch(&stretch).await?)
}
