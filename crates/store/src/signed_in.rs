//! Sessions, refresh tokens and consents as those who run the tenant see them.

use async_trait::async_trait;
use housekey_core::access::Consent;
use housekey_core::id::{ClientId, ConsentId, FamilyId, ResourceServerId, SessionId, UserId};
use housekey_core::port::{ConsentFilter, Listed, Part, SignedIn, StoreError};
use housekey_core::session::Session;
use housekey_core::time::Timestamp;
use housekey_core::token::Family;
use serde_json::{Map, Value};

use crate::error::json;
use crate::families::{self, family_columns};
use crate::row::{read_all, read_one};
use crate::sessions::{self, session_columns};
use crate::statement::{self, Row, Statement};
use crate::tx::TenantTx;
use crate::{consents, consents::consent_columns};

const SESSION: &str =
    concat!("SELECT ", session_columns!(), " FROM sessions s WHERE s.tenant = $1 AND s.id = $2");

const EXPIRED: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions s WHERE s.tenant = $1 AND (s.expires_at <= $2 OR s.idle_expires_at <= $2) \
     ORDER BY s.id LIMIT $3"
);

/// What an unbounded list is read from.
struct Source {
    columns: &'static str,
    table: &'static str,
    condition: String,
    id: &'static str,
}

const NOTE_SESSION: &str = "UPDATE sessions SET metadata = $3 WHERE tenant = $1 AND id = $2";

const FAMILY: &str = concat!(
    "SELECT ",
    family_columns!(),
    " FROM token_families f WHERE f.tenant = $1 AND f.id = $2 AND f.handle IS NOT NULL"
);

const NOTE_FAMILY: &str = "UPDATE token_families SET metadata = $3 WHERE tenant = $1 AND id = $2";

const REVOKE_OF_SESSION: &str = "UPDATE token_families
    SET revoked_at = $4, version = version + 1
    WHERE tenant = $1 AND user_id = $2 AND session_id = $3 AND revoked_at IS NULL";

const CONSENT: &str =
    concat!("SELECT ", consent_columns!(), " FROM consents c WHERE c.tenant = $1 AND c.id = $2");

#[async_trait]
impl SignedIn for TenantTx {
    async fn session(&mut self, id: &SessionId) -> Result<Option<Session>, StoreError> {
        let row = self.one(self.statement(SESSION).bind(id.as_str())).await?;
        read_one("sessions", row, sessions::read)
    }

    async fn sessions_of(
        &mut self,
        user: &UserId,
        part: &Part,
        now: Timestamp,
    ) -> Result<Listed<Session>, StoreError> {
        let source = Source {
            columns: session_columns!(),
            table: "sessions s",
            condition: "s.tenant = $1 AND s.user_id = $2 AND s.expires_at > $3 \
                        AND s.idle_expires_at > $3"
                .to_owned(),
            id: "s.id",
        };
        let (rows, total) =
            self.part(source, vec![user.as_str().into(), now.0.into()], part).await?;
        let items = read_all("sessions", &rows, sessions::read)?;
        Ok(Listed::fetched(items, total, part, |session| session.id.to_string()))
    }

    async fn expired_sessions(
        &mut self,
        now: Timestamp,
        take: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let rows = self.all(self.statement(EXPIRED).bind(now.0).bind(i64::from(take))).await?;
        read_all("sessions", &rows, sessions::read)
    }

    async fn note_session(
        &mut self,
        id: &SessionId,
        metadata: &Map<String, Value>,
    ) -> Result<bool, StoreError> {
        self.changed(self.statement(NOTE_SESSION).bind(id.as_str()).bind(json(metadata)?)).await
    }

    async fn refresh_family(&mut self, id: &FamilyId) -> Result<Option<Family>, StoreError> {
        let row = self.one(self.statement(FAMILY).bind(id.as_str())).await?;
        read_one("token_families", row, families::read)
    }

    async fn refresh_families_of(
        &mut self,
        user: &UserId,
        client: Option<&ClientId>,
        part: &Part,
        now: Timestamp,
    ) -> Result<Listed<Family>, StoreError> {
        let mut arguments = vec![user.as_str().into(), now.0.into()];
        let mut condition = "f.tenant = $1 AND f.user_id = $2 AND f.handle IS NOT NULL \
                             AND f.revoked_at IS NULL \
                             AND (f.expires_at IS NULL OR f.expires_at > $3) \
                             AND (f.idle_expires_at IS NULL OR f.idle_expires_at > $3)"
            .to_owned();
        if let Some(client) = client {
            arguments.push(client.as_str().into());
            condition.push_str(" AND f.client_id = $4");
        }
        let source =
            Source { columns: family_columns!(), table: "token_families f", condition, id: "f.id" };
        let (rows, total) = self.part(source, arguments, part).await?;
        let items = read_all("token_families", &rows, families::read)?;
        Ok(Listed::fetched(items, total, part, |family| family.id.to_string()))
    }

    async fn note_family(
        &mut self,
        id: &FamilyId,
        metadata: &Map<String, Value>,
    ) -> Result<bool, StoreError> {
        self.changed(self.statement(NOTE_FAMILY).bind(id.as_str()).bind(json(metadata)?)).await
    }

    async fn revoke_families_of_session(
        &mut self,
        user: &UserId,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let statement = self.statement(REVOKE_OF_SESSION).bind(user.as_str());
        self.change(statement.bind(session.as_str()).bind(now.0)).await
    }

    async fn consent_of_id(&mut self, id: &ConsentId) -> Result<Option<Consent>, StoreError> {
        let row = self.one(self.statement(CONSENT).bind(id.as_str())).await?;
        read_one("consents", row, consents::read)
    }

    async fn consents(
        &mut self,
        filter: &ConsentFilter,
        part: &Part,
    ) -> Result<Listed<Consent>, StoreError> {
        let wanted = [
            ("user_id", filter.user.as_ref().map(UserId::as_str)),
            ("client_id", filter.client.as_ref().map(ClientId::as_str)),
            ("resource_server_id", filter.api.as_ref().map(ResourceServerId::as_str)),
        ];
        let mut condition = "c.tenant = $1".to_owned();
        let mut arguments: Vec<statement::Value> = Vec::new();
        for (column, value) in wanted {
            if let Some(value) = value {
                arguments.push(value.into());
                condition = format!("{condition} AND c.{column} = ${}", arguments.len() + 1);
            }
        }
        let source =
            Source { columns: consent_columns!(), table: "consents c", condition, id: "c.id" };
        let (rows, total) = self.part(source, arguments, part).await?;
        let items = read_all("consents", &rows, consents::read)?;
        Ok(Listed::fetched(items, total, part, |consent| consent.id.to_string()))
    }
}

impl TenantTx {
    /// A part of a list in the order of ids, with one more behind a key, and how many there are if
    /// that is wanted. `$2` onwards are the condition's `arguments`.
    async fn part(
        &mut self,
        source: Source,
        arguments: Vec<statement::Value>,
        part: &Part,
    ) -> Result<(Vec<Row>, Option<u64>), StoreError> {
        let total = match part {
            Part::Numbered { count: true, .. } => {
                let sql =
                    format!("SELECT COUNT(*) FROM {} WHERE {}", source.table, source.condition);
                let counted = self.statement(sql).bind_all(arguments.iter().cloned());
                Some(self.number(counted).await?.unsigned_abs())
            }
            _ => None,
        };
        Ok((self.all(self.selection(&source, arguments, part)).await?, total))
    }

    fn selection(
        &self,
        source: &Source,
        arguments: Vec<statement::Value>,
        part: &Part,
    ) -> Statement {
        let Source { columns, table, condition, id } = source;
        let next = arguments.len() + 2;
        let list = format!("SELECT {columns} FROM {table} WHERE {condition}");
        let limits = format!("ORDER BY {id} LIMIT ${next} OFFSET ${}", next + 1);
        match part {
            Part::Numbered { skip, take, .. } => self
                .statement(format!("{list} {limits}"))
                .bind_all(arguments)
                .bind(i64::from(*take))
                .bind(i64::from(*skip)),
            Part::After { key, take } => self
                .statement(format!("{list} AND {id} > ${} {limits}", next + 2))
                .bind_all(arguments)
                .bind(i64::from(*take) + 1)
                .bind(0_i64)
                .bind(key.as_deref().unwrap_or_default()),
        }
    }
}
