//! Started enrolments. Their method takes them along when it goes.

use async_trait::async_trait;
use housekey_core::account::Enrollment;
use housekey_core::factor::FactorType;
use housekey_core::id::{ClientId, MethodId, UserId};
use housekey_core::port::{Enrollments, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO enrollments
    (tenant, handle, user_id, client_id, factor, method_id, code_mac,
     created_at, expires_at, attempts, completed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const SELECT: &str = "SELECT handle, user_id, client_id, factor, method_id, code_mac,
    created_at, expires_at, attempts, completed_at
    FROM enrollments WHERE tenant = $1 AND handle = $2";

const COUNT_FAILED: &str = "UPDATE enrollments SET attempts = attempts + 1
    WHERE tenant = $1 AND handle = $2 RETURNING handle, attempts";

const COMPLETE: &str = "UPDATE enrollments SET completed_at = $4
    WHERE tenant = $1 AND handle = $2
    AND completed_at IS NULL AND attempts < $3 AND expires_at > $4";

const VOID: &str = "DELETE FROM enrollments
    WHERE tenant = $1 AND user_id = $2 AND factor = $3 AND completed_at IS NULL
    AND ($4 IS NULL OR method_id = $4)";

#[async_trait]
impl Enrollments for TenantTx {
    async fn insert_enrollment(&mut self, enrollment: &Enrollment) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(enrollment.handle.as_str())
            .bind(enrollment.user_id.as_str())
            .bind(enrollment.client_id.as_str())
            .bind(enrollment.factor.as_str())
            .bind(enrollment.method_id.as_ref().map(MethodId::as_str))
            .bind(enrollment.code_mac.as_deref())
            .bind(enrollment.created_at.0)
            .bind(enrollment.expires_at.0)
            .bind(enrollment.attempts)
            .bind(enrollment.completed_at.map(|at| at.0));
        self.change(statement).await?;
        Ok(())
    }

    async fn enrollment(&mut self, handle: &HandleHash) -> Result<Option<Enrollment>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(handle.as_str())).await?;
        read_one("enrollments", row, read)
    }

    /// Zero if there is no such enrolment: nobody can go on with it either.
    async fn count_failed_enrollment(&mut self, handle: &HandleHash) -> Result<i64, StoreError> {
        let row = self.change_one(self.statement(COUNT_FAILED).bind(handle.as_str())).await?;
        let attempts = read_one("enrollments", row, |columns| {
            let _handle: &str = columns.get("handle")?;
            columns.get("attempts")
        })?;
        Ok(attempts.unwrap_or(0))
    }

    async fn complete_enrollment(
        &mut self,
        handle: &HandleHash,
        max_attempts: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement =
            self.statement(COMPLETE).bind(handle.as_str()).bind(max_attempts).bind(now.0);
        self.changed(statement).await
    }

    async fn void_enrollments(
        &mut self,
        user: &UserId,
        factor: FactorType,
        method: Option<&MethodId>,
    ) -> Result<(), StoreError> {
        let statement = self
            .statement(VOID)
            .bind(user.as_str())
            .bind(factor.as_str())
            .bind(method.map(MethodId::as_str));
        self.change(statement).await?;
        Ok(())
    }
}

fn read(columns: &mut Columns<'_>) -> Result<Enrollment, StoreError> {
    Ok(Enrollment {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        client_id: ClientId::from_raw(columns.get::<String>("client_id")?),
        factor: columns.parse("factor", FactorType::parse)?,
        method_id: columns.get::<Option<String>>("method_id")?.map(MethodId::from_raw),
        code_mac: columns.get("code_mac")?,
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
        attempts: columns.get("attempts")?,
        completed_at: columns.optional_time("completed_at")?,
    })
}
