//! A tenant's people as those who run the tenant see them.

use async_trait::async_trait;
use housekey_core::id::UserId;
use housekey_core::port::{Found, Listed, People, Search, StoreError};
use housekey_core::time::Timestamp;
use housekey_core::user::{LinkedIdentity, Statistics, UserRecord};

use crate::error::json;
use crate::row::{Columns, read_all, read_one};
use crate::search::{Compiled, MAX_CANDIDATES, compile};
use crate::statement::Statement;
use crate::terms;
use crate::tx::TenantTx;
use crate::users::{self, Named, user_columns};

/// The columns that [`read`] reads.
macro_rules! record_columns {
    () => {
        concat!(
            user_columns!(),
            ", u.last_login, u.last_ip, u.logins_count, p.changed_at, u.linked"
        )
    };
}
pub(crate) use record_columns;

/// The password tells when it was changed.
macro_rules! passwords {
    () => {
        " LEFT JOIN passwords p ON p.tenant = u.tenant AND p.user_id = u.id"
    };
}
pub(crate) use passwords;

const SELECT: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM users u",
    passwords!(),
    " WHERE u.tenant = $1 AND u.id = $2"
);

const SELECT_BY_EMAIL: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM user_terms t JOIN users u ON u.tenant = t.tenant AND u.id = t.user_id",
    passwords!(),
    " WHERE t.tenant = $1 AND t.path = 'email' AND t.value = $2 ORDER BY u.created_at, u.id"
);

/// Those with the role `$2`, behind the id `$3` if there is one.
pub(crate) const SELECT_OF_ROLE: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM user_roles o JOIN users u ON u.tenant = o.tenant AND u.id = o.user_id",
    passwords!(),
    " WHERE o.tenant = $1 AND o.role_id = $2 AND ($3 IS NULL OR o.user_id > $3)
      ORDER BY o.user_id LIMIT $4 OFFSET $5"
);

/// Those of the organization `$2`, behind the id `$3` if there is one.
pub(crate) const SELECT_OF_ORGANIZATION: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM organization_members o
      JOIN users u ON u.tenant = o.tenant AND u.id = o.user_id",
    passwords!(),
    " WHERE o.tenant = $1 AND o.organization_id = $2 AND ($3 IS NULL OR o.user_id > $3)
      ORDER BY o.user_id LIMIT $4 OFFSET $5"
);

const COUNT_ALL: &str = "SELECT COUNT(*) FROM users WHERE tenant = $1";

const COUNT_LOGIN: &str = "UPDATE users
    SET last_login = $3, last_ip = $4, logins_count = logins_count + 1
    WHERE tenant = $1 AND id = $2";

const SET_BLOCKED: &str =
    "UPDATE users SET blocked = $3, updated_at = $4 WHERE tenant = $1 AND id = $2";

const SET_LINKED: &str = "UPDATE users SET linked = $3 WHERE tenant = $1 AND id = $2";

const DELETE_LINKED_IDENTIFIERS: &str =
    "DELETE FROM identifiers WHERE tenant = $1 AND user_id = $2 AND identity_id <> ''";

const DELETE: &str = "DELETE FROM users WHERE tenant = $1 AND id = $2";

#[async_trait]
impl People for TenantTx {
    async fn user_record(&mut self, id: &UserId) -> Result<Option<UserRecord>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(id.as_str())).await?;
        read_one("users", row, read)
    }

    async fn users_by_email(&mut self, email: &str) -> Result<Vec<UserRecord>, StoreError> {
        let rows = self.all(self.statement(SELECT_BY_EMAIL).bind(email)).await?;
        read_all("users", &rows, read)
    }

    async fn search_users(&mut self, search: &Search) -> Result<Found, StoreError> {
        let compiled = compile(&search.query, search.sort);
        let total = if compiled.is_plain {
            let count = self.statement(COUNT_ALL);
            if search.count { Some(self.number(count).await?) } else { None }
        } else {
            let (seen, matching) = self.count_matching(&compiled).await?;
            if seen > MAX_CANDIDATES {
                return Ok(Found::TooMany);
            }
            search.count.then_some(matching)
        };
        let rows = self.all(self.page(&compiled, search)).await?;
        let items = read_all("users", &rows, read)?;
        let total = total.map(i64::unsigned_abs);
        Ok(Found::Users(Listed { items, total, next: None }))
    }

    async fn count_login(
        &mut self,
        user: &UserId,
        ip: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = self.statement(COUNT_LOGIN).bind(user.as_str()).bind(now.0).bind(ip);
        self.change(statement).await?;
        Ok(())
    }

    async fn set_blocked(
        &mut self,
        user: &UserId,
        blocked: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = self.statement(SET_BLOCKED).bind(user.as_str());
        self.change(statement.bind(i64::from(blocked)).bind(now.0)).await?;
        match self.user_record(user).await? {
            Some(record) => terms::replace(self, &record.user).await,
            None => Ok(()),
        }
    }

    async fn put_linked_identities(
        &mut self,
        user: &UserId,
        linked: &[LinkedIdentity],
    ) -> Result<(), StoreError> {
        let statement = self.statement(SET_LINKED).bind(user.as_str()).bind(json(&linked)?);
        self.change(statement).await?;
        self.change(self.statement(DELETE_LINKED_IDENTIFIERS).bind(user.as_str())).await?;
        for own in linked {
            let (identity, connection) = (Some(&own.id), &own.connection_id);
            let named = Named { user, identity, connection };
            users::insert_identifiers(self, named, &own.profile).await?;
        }
        Ok(())
    }

    async fn delete_user(&mut self, user: &UserId) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(user.as_str())).await
    }
}

impl TenantTx {
    /// How many candidates there are, one more than allowed at most, and how many are found.
    async fn count_matching(&mut self, compiled: &Compiled) -> Result<(i64, i64), StoreError> {
        let sql = format!(
            "SELECT COUNT(*), COUNT(CASE WHEN {} THEN 1 END) {}",
            compiled.predicate, compiled.matching
        );
        let statement = self.statement(sql).bind_all(compiled.arguments.iter().cloned());
        let Some(row) = self.one(statement).await? else { return Ok((0, 0)) };
        let mut columns = Columns::of("users", &row);
        Ok((columns.get("seen")?, columns.get("matching")?))
    }

    /// What a statement counts.
    pub(crate) async fn number(&mut self, statement: Statement) -> Result<i64, StoreError> {
        let row = self.one(statement).await?;
        row.map_or(Ok(0), |row| Columns::of("users", &row).get("number"))
    }

    fn page(&self, compiled: &Compiled, search: &Search) -> Statement {
        let (join, order) = &compiled.order;
        let next = compiled.arguments.len() + 2;
        let sql = format!(
            "SELECT {} {}{}{join} WHERE u.tenant = $1 AND {} {order} LIMIT ${next} OFFSET ${}",
            record_columns!(),
            compiled.matching,
            passwords!(),
            compiled.predicate,
            next + 1,
        );
        self.statement(sql)
            .bind_all(compiled.arguments.iter().cloned())
            .bind(i64::from(search.take))
            .bind(i64::from(search.skip))
    }
}

/// Reads [`record_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<UserRecord, StoreError> {
    let user = users::read(columns)?;
    let last_login = columns.time("last_login")?;
    Ok(UserRecord {
        user,
        statistics: Statistics {
            last_login: (last_login.0 > 0).then_some(last_login),
            last_ip: columns.get("last_ip")?,
            logins_count: columns.get("logins_count")?,
            last_password_reset: columns.optional_time("changed_at")?,
        },
        linked: columns.json("linked")?,
    })
}
