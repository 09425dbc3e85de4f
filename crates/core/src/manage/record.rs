//! Every change is a log event, with who made it (contract 05 §15).

use serde_json::{Map, Value, json};

use super::{ManageError, Operator};
use crate::app::App;
use crate::call::Call;
use crate::log::{LogKind, LogSubject, record};
use crate::port::Tx;

/// What was done to what. Nothing secret may be in it.
pub(super) struct Done<'a> {
    /// `POST`, `PATCH`, …
    pub method: &'static str,
    /// Kind of thing, as paths name it.
    pub resource: &'static str,
    /// Its id.
    pub id: &'a str,
    /// What was sent, or `null`.
    pub body: Value,
}

/// Writes a change of the configuration to the log, makes both durable, and lets everybody see the
/// change.
pub(super) async fn commit(
    app: &App,
    call: &Call,
    tx: Box<dyn Tx>,
    operator: &Operator,
    done: Done<'_>,
) -> Result<(), ManageError> {
    settle(app, call, tx, operator, done).await?;
    app.directory().forget(&call.tenant.id);
    Ok(())
}

/// The same for a change of what is no configuration.
pub(super) async fn settle(
    app: &App,
    call: &Call,
    mut tx: Box<dyn Tx>,
    operator: &Operator,
    done: Done<'_>,
) -> Result<(), ManageError> {
    let mut details = Map::new();
    let path = match done.method {
        "POST" => format!("/api/v2/{}", done.resource),
        _ => format!("/api/v2/{}/{}", done.resource, done.id),
    };
    let request = json!({
        "method": done.method,
        "path": path,
        "body": done.body,
        "channel": "api",
        "ip": call.ip,
        "userAgent": call.user_agent,
        "auth": { "credentials": { "jti": operator.token_id, "scopes": operator.scope.iter().collect::<Vec<_>>() } },
    });
    details.insert("request".to_owned(), request);
    details.insert("response".to_owned(), json!({ "body": { "id": done.id } }));
    let subject = LogSubject { client: Some(&operator.client_id), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::ManagementOperation, subject, details).await?;
    tx.commit().await?;
    Ok(())
}
