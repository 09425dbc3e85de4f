//! Documents that tools keep here without an effect in this version: one way to read, write and
//! remove them all.

use housekey_core::manage::ManageError;
use housekey_core::manage::documents::{DocumentName, change, find, remove as forget};
use http::StatusCode;
use serde_json::{Map, Value};

use super::body::Members;
use super::{Ask, Reply};

/// Answers with a document.
///
/// # Errors
/// [`ManageError::NotFound`] if there is none.
pub(super) async fn read(ask: &Ask<'_>, which: DocumentName<'_>) -> Result<Reply, ManageError> {
    let found = find(ask.app, ask.call, which).await?;
    found.map(|own| Reply::ok(own.into())).ok_or(ManageError::NotFound(which.thing))
}

/// Answers with a document, or an empty one.
pub(super) async fn read_or_empty(
    ask: &Ask<'_>,
    which: DocumentName<'_>,
) -> Result<Reply, ManageError> {
    Ok(Reply::ok(find(ask.app, ask.call, which).await?.unwrap_or_default().into()))
}

/// Puts what was sent in the place of a document.
pub(super) async fn replace(
    ask: &mut Ask<'_>,
    which: DocumentName<'_>,
    fixed: &[(&str, Value)],
) -> Result<Map<String, Value>, ManageError> {
    let mut sent = ask.members_without_nulls().rest();
    sent.extend(fixed.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let (app, call, operator) = (ask.app, ask.call, &ask.operator);
    change(app, call, operator, which, ask.shown.take(), |_| Ok(sent)).await
}

/// Changes members of a document that is there.
pub(super) async fn update(
    ask: &mut Ask<'_>,
    which: DocumentName<'_>,
) -> Result<Reply, ManageError> {
    let sent = ask.members();
    let merge = |found: Option<Map<String, Value>>| {
        let found = found.ok_or(ManageError::NotFound(which.thing))?;
        Ok(super::body::merged(found, Members::rest(sent)))
    };
    let (app, call, operator) = (ask.app, ask.call, &ask.operator);
    let document = change(app, call, operator, which, ask.shown.take(), merge).await?;
    Ok(Reply::ok(document.into()))
}

/// Removes a document.
pub(super) async fn remove(ask: &Ask<'_>, which: DocumentName<'_>) -> Result<Reply, ManageError> {
    forget(ask.app, ask.call, &ask.operator, which).await?;
    Ok(Reply::bare(StatusCode::NO_CONTENT))
}
