//! Browser sessions.

use async_trait::async_trait;
use housekey_core::id::{SessionId, UserId};
use housekey_core::port::{Sessions, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::session::Session;
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

/// The columns of table `s` that [`read`] reads.
macro_rules! session_columns {
    () => {
        "s.id, s.handle, s.user_id, s.events, s.clients, s.created_at, s.expires_at, \
         s.idle_expires_at, s.updated_at, s.device, s.metadata"
    };
}
pub(crate) use session_columns;

const INSERT: &str = "INSERT INTO sessions
    (tenant, id, handle, events, clients, expires_at, idle_expires_at, updated_at, device,
     user_id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const SELECT_BY_HANDLE: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions s WHERE s.tenant = $1 AND s.handle = $2"
);

/// What operators note is theirs to change.
const UPDATE: &str = "UPDATE sessions SET
    handle = $3, events = $4, clients = $5, expires_at = $6, idle_expires_at = $7,
    updated_at = $8, device = $9
    WHERE tenant = $1 AND id = $2";

const DELETE: &str = "DELETE FROM sessions WHERE tenant = $1 AND id = $2";

const DELETE_OF_USER: &str = "DELETE FROM sessions
    WHERE tenant = $1 AND user_id = $2 AND ($3 IS NULL OR id <> $3)";

const SIGN_OUT: &str = "INSERT INTO sign_outs (tenant, user_id, at) VALUES ($1, $2, $3)
    ON CONFLICT (tenant, user_id) DO UPDATE SET at = excluded.at";

#[async_trait]
impl Sessions for TenantTx {
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let statement = self
            .session_statement(INSERT, session)?
            .bind(session.user_id.as_str())
            .bind(session.created_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn session_by_handle(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<Session>, StoreError> {
        let row = self.one(self.statement(SELECT_BY_HANDLE).bind(handle.as_str())).await?;
        read_one("sessions", row, read)
    }

    async fn update_session(&mut self, session: &Session) -> Result<bool, StoreError> {
        self.changed(self.session_statement(UPDATE, session)?).await
    }

    async fn delete_session(&mut self, id: &SessionId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(id.as_str())).await
    }

    async fn sign_out_everywhere(
        &mut self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(self.statement(SIGN_OUT).bind(user.as_str()).bind(now.0)).await?;
        Ok(())
    }

    async fn delete_sessions_of(
        &mut self,
        user: &UserId,
        except: Option<&SessionId>,
    ) -> Result<u64, StoreError> {
        let statement =
            self.statement(DELETE_OF_USER).bind(user.as_str()).bind(except.map(SessionId::as_str));
        self.change(statement).await
    }
}

impl TenantTx {
    /// Binds `$2` to `$9` of [`INSERT`] and [`UPDATE`].
    fn session_statement(
        &self,
        sql: &'static str,
        session: &Session,
    ) -> Result<crate::statement::Statement, StoreError> {
        Ok(self
            .statement(sql)
            .bind(session.id.as_str())
            .bind(session.handle.as_str())
            .bind(json(&session.events)?)
            .bind(json(&session.clients)?)
            .bind(session.expires_at.0)
            .bind(session.idle_expires_at.0)
            .bind(session.updated_at.0)
            .bind(json(&session.device)?))
    }
}

/// Reads [`session_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: SessionId::from_raw(columns.get::<String>("id")?),
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        events: columns.json("events")?,
        clients: columns.json("clients")?,
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
        idle_expires_at: columns.time("idle_expires_at")?,
        updated_at: columns.time("updated_at")?,
        device: columns.json("device")?,
        metadata: columns.json("metadata")?,
    })
}
