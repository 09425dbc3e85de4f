//! Every change is a log event, with who made it, and so is every change that was refused
//! (contract 05 §15).

use serde_json::{Map, Value, json};

use super::{ManageError, Operator};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::guard::Limit;
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
    details.insert("request".to_owned(), request(call, operator, &done.body));
    let response = json!({ "statusCode": operator.asked.status, "body": { "id": done.id } });
    details.insert("response".to_owned(), response);
    let subject = LogSubject { client: Some(&operator.client_id), ..LogSubject::default() };
    record(app, call, &mut *tx, LogKind::ManagementOperation, subject, details).await?;
    tx.commit().await?;
    tracing::debug!(
        tenant = %call.tenant.id, method = done.method, resource = done.resource, id = done.id,
        "changed by an application",
    );
    Ok(())
}

/// Why a request was refused, as its sender was told.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// The status.
    pub status: u16,
    /// The error's code.
    pub code: Option<&'static str>,
    /// The error in words.
    pub message: &'a str,
}

/// Writes to the log that a change was refused. `body` is what was sent, secrets masked. That
/// somebody asks too often is told once a minute: the log is not for filling disks.
///
/// # Errors
/// If the database is not available.
pub async fn record_refusal(
    app: &App,
    call: &Call,
    operator: &Operator,
    refusal: Refusal<'_>,
    body: Value,
) -> Result<(), Fault> {
    const ONE_A_MINUTE: Limit = Limit { requests: 1, period_ms: 60_000 };
    let kind = if refusal.status == 429 {
        let bucket = format!("api_limit|{}|{}", call.tenant.id, operator.client_id);
        let told = app.limiter().take(bucket, ONE_A_MINUTE, call.now);
        if told.is_some_and(|decision| !decision.allowed) {
            return Ok(());
        }
        LogKind::ApiLimit
    } else {
        LogKind::ManagementOperationFailed
    };
    let mut details = Map::new();
    details.insert("request".to_owned(), request(call, operator, &body));
    let body = json!({ "errorCode": refusal.code, "message": refusal.message });
    let response = json!({ "statusCode": refusal.status, "body": body });
    details.insert("response".to_owned(), response);
    let subject = LogSubject { client: Some(&operator.client_id), ..LogSubject::default() };
    let mut tx = app.write(&call.tenant.id).await?;
    record(app, call, &mut *tx, kind, subject, details).await?;
    Ok(tx.commit().await?)
}

fn request(call: &Call, operator: &Operator, body: &Value) -> Value {
    let asked = &operator.asked;
    let scopes: Vec<_> = operator.scope.iter().collect();
    json!({
        "method": asked.method,
        "path": asked.path,
        "query": asked.query,
        "body": body,
        "channel": "api",
        "ip": call.ip,
        "userAgent": call.user_agent,
        "auth": {
            "user": {},
            "strategy": "jwt",
            "credentials": { "jti": operator.token_id, "scopes": scopes },
        },
    })
}
