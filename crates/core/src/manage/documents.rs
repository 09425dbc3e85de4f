//! What operators write: page templates, themes, texts, templates of messages (contract 05 §18).

use serde_json::{Map, Value};

use super::record::{Done, commit};
use super::{ManageError, Operator, Thing};
use crate::app::App;
use crate::call::Call;

/// Which document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentName<'a> {
    /// The kind, which is the path of its collection.
    pub kind: &'static str,
    /// The name in it.
    pub name: &'a str,
    /// What is missing if it is.
    pub thing: Thing,
}

/// The document, if there is one.
///
/// # Errors
/// If the database is not available.
pub async fn find(
    app: &App,
    call: &Call,
    which: DocumentName<'_>,
) -> Result<Option<Map<String, Value>>, ManageError> {
    Ok(app.read(&call.tenant.id).await?.document(which.kind, which.name).await?)
}

/// Makes a document of the one there is; `change` gets none if there is none, and gives what is to
/// be kept.
///
/// # Errors
/// Those of `change`.
pub async fn change(
    app: &App,
    call: &Call,
    operator: &Operator,
    which: DocumentName<'_>,
    body: Value,
    change: impl FnOnce(Option<Map<String, Value>>) -> Result<Map<String, Value>, ManageError>,
) -> Result<Map<String, Value>, ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    // Two changes of one document follow each other.
    tx.reconfigure().await?;
    let document = change(tx.document(which.kind, which.name).await?)?;
    tx.put_document(which.kind, which.name, &document).await?;
    let done = Done { method: "PUT", resource: which.kind, id: which.name, body };
    commit(app, call, tx, operator, done).await?;
    Ok(document)
}

/// Removes a document.
///
/// # Errors
/// [`ManageError::NotFound`].
pub async fn remove(
    app: &App,
    call: &Call,
    operator: &Operator,
    which: DocumentName<'_>,
) -> Result<(), ManageError> {
    let mut tx = app.write(&call.tenant.id).await?;
    tx.reconfigure().await?;
    if !tx.delete_document(which.kind, which.name).await? {
        return Err(ManageError::NotFound(which.thing));
    }
    let done = Done { method: "DELETE", resource: which.kind, id: which.name, body: Value::Null };
    commit(app, call, tx, operator, done).await
}
