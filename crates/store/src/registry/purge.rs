//! Removing what expired. Small transactions, so that nobody waits long for them.
//!
//! Sessions and families go at their absolute end, or at their idle end if they have no other: the
//! idle end moves with every use, and an index on it would have to follow.

use housekey_core::port::StoreError;
use housekey_core::time::Timestamp;

use crate::db::{Database, Durability};
use crate::statement::Statement;

/// Rows removed by one statement.
const BATCH: i64 = 500;

/// A statement that removes up to `$2` rows of a table in which a condition on `$1` holds.
macro_rules! delete {
    ($table:literal, $key:literal, $condition:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (tenant, ",
            $key,
            ") IN (SELECT tenant, ",
            $key,
            " FROM ",
            $table,
            " WHERE ",
            $condition,
            " LIMIT $2)"
        )
    };
}

const STATEMENTS: &[&str] = &[
    delete!("login_transactions", "handle", "expires_at < $1"),
    delete!("authorization_codes", "handle", "expires_at < $1"),
    delete!("enrollments", "handle", "expires_at < $1"),
    delete!("push_transactions", "handle", "expires_at < $1"),
    delete!("mfa_transactions", "handle", "expires_at < $1"),
    delete!("passwordless_codes", "name", "expires_at < $1"),
    delete!("objections", "handle", "expires_at < $1"),
    delete!("passkey_transactions", "handle", "expires_at < $1"),
    delete!("passkey_snoozes", "user_id", "until < $1"),
    delete!("pushed_requests", "handle", "expires_at < $1"),
    delete!("remembered_browsers", "handle", "expires_at < $1"),
    delete!("replays", "handle", "expires_at < $1"),
    delete!("tickets", "handle", "expires_at < $1"),
    delete!("sessions", "id", "expires_at < $1"),
    delete!("token_families", "id", "expires_at < $1"),
    delete!("token_families", "id", "expires_at IS NULL AND idle_expires_at < $1"),
    delete!("token_families", "id", "revoked_at < $1"),
    delete!("outbox", "id", "dies_at < $1"),
    delete!("jobs", "id", "touched_at < $1"),
    // No limit takes as long as a day to recover, and then nothing is to be remembered.
    delete!("buckets", "name", "at < $1"),
    // A method whose enrolment is still running stays; the enrolments that are over went above.
    "DELETE FROM authentication_methods WHERE (tenant, user_id, id) IN (
        SELECT m.tenant, m.user_id, m.id FROM authentication_methods m
        WHERE m.confirmed = 0 AND m.created_at < $1 AND NOT EXISTS (
            SELECT 1 FROM enrollments e
            WHERE e.tenant = m.tenant AND e.user_id = m.user_id AND e.method_id = m.id)
        LIMIT $2)",
];

/// Removes everything that expired before `before`; how many rows.
pub(super) async fn run(database: &Database, before: Timestamp) -> Result<u64, StoreError> {
    let mut removed = 0;
    for &statement in STATEMENTS {
        loop {
            let mut unit = database.writing(Durability::Full).await?;
            let rows = unit.change(Statement::new(statement).bind(before.0).bind(BATCH)).await?;
            unit.commit().await?;
            removed += rows;
            if rows < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(removed)
}
