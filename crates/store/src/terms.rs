//! The terms people are searched by, kept beside them.

use std::collections::BTreeSet;

use housekey_core::id::UserId;
use housekey_core::port::{StoreError, Users};
use housekey_core::user::User;
use housekey_core::user::search::{Term, terms};

use crate::row::{Columns, read_all};
use crate::statement::Statement;
use crate::tx::TenantTx;

const SELECT: &str = "SELECT path, value FROM user_terms WHERE tenant = $1 AND user_id = $2";

/// Terms that one statement adds: fewer ways to the database, and few different texts to prepare.
const AT_ONCE: usize = 16;

const DELETE: &str = "DELETE FROM user_terms
    WHERE tenant = $1 AND user_id = $2 AND path = $3 AND value = $4";

const SELECT_UNINDEXED: &str = "SELECT id FROM users
    WHERE tenant = $1 AND is_indexed = 0 ORDER BY id LIMIT $2";

/// Locks the user, too.
const MARK: &str = "UPDATE users SET is_indexed = 1
    WHERE tenant = $1 AND id = $2 AND is_indexed = 0";

/// Adds the terms of a new user.
pub(crate) async fn insert(tx: &mut TenantTx, user: &User) -> Result<(), StoreError> {
    put(tx, &user.id, &terms(user)).await
}

/// Brings a user's terms up to date; those that stay are not touched.
pub(crate) async fn replace(tx: &mut TenantTx, user: &User) -> Result<(), StoreError> {
    let rows = tx.all(tx.statement(SELECT).bind(user.id.as_str())).await?;
    let old: BTreeSet<Term> = read_all("user_terms", &rows, read)?.into_iter().collect();
    let new = terms(user);
    for (path, value) in old.difference(&new) {
        let statement = tx.statement(DELETE).bind(user.id.as_str());
        tx.change(statement.bind(path.as_str()).bind(value.as_str())).await?;
    }
    put(tx, &user.id, &new.difference(&old).cloned().collect()).await
}

/// Adds the terms of up to `limit` users whom a version wrote that did not keep them; of how many.
pub(crate) async fn catch_up(tx: &mut TenantTx, limit: i64) -> Result<u64, StoreError> {
    let rows = tx.all(tx.statement(SELECT_UNINDEXED).bind(limit)).await?;
    let ids = read_all("users", &rows, |columns| columns.get::<String>("id"))?;
    let mut done = 0;
    for id in ids {
        let id = UserId::from_raw(id);
        if tx.changed(tx.statement(MARK).bind(id.as_str())).await?
            && let Some(user) = tx.user(&id).await?
        {
            replace(tx, &user).await?;
            done += 1;
        }
    }
    Ok(done)
}

async fn put(tx: &mut TenantTx, user: &UserId, terms: &BTreeSet<Term>) -> Result<(), StoreError> {
    let terms: Vec<_> = terms.iter().collect();
    for terms in terms.chunks(AT_ONCE) {
        let statement = tx.statement(insert_of(terms.len())).bind(user.as_str());
        let bind = |statement: Statement, (path, value): &&Term| {
            statement.bind(path.as_str()).bind(value.as_str())
        };
        tx.change(terms.iter().fold(statement, bind)).await?;
    }
    Ok(())
}

/// The statement that adds so many terms.
fn insert_of(terms: usize) -> String {
    let row = |n: usize| format!("($1, $2, ${}, ${})", 2 * n + 3, 2 * n + 4);
    let rows = (0..terms).map(row).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO user_terms (tenant, user_id, path, value) VALUES {rows}
         ON CONFLICT (tenant, user_id, path, value) DO NOTHING"
    )
}

fn read(columns: &mut Columns<'_>) -> Result<Term, StoreError> {
    Ok((columns.get("path")?, columns.get("value")?))
}
