//! Users and the names under which they are found.

use async_trait::async_trait;
use housekey_core::id::{ConnectionId, FamilyId, UserId};
use housekey_core::port::{Account, GrantState, StoreError, Users};
use housekey_core::time::Timestamp;
use housekey_core::user::{Identifier, LinkedIdentity, Password, Profile, User};

use crate::error::json;
use crate::methods::{self, method_columns};
use crate::passwords::{self, PASSWORD_COLUMNS, password_columns};
use crate::row::{Columns, read_one};
use crate::statement::Row;
use crate::terms;
use crate::tx::TenantTx;

/// The columns of table `u` that [`read`] reads.
macro_rules! user_columns {
    () => {
        "u.id, u.connection_id, u.profile, u.blocked, u.created_at, u.updated_at"
    };
}
pub(crate) use user_columns;

/// How many they are.
const USER_COLUMNS: usize = 6;

const SELECT: &str =
    concat!("SELECT ", user_columns!(), " FROM users u WHERE u.tenant = $1 AND u.id = $2");

const SELECT_WITH_SIGN_OUT: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", s.user_id, s.at FROM users u
      LEFT JOIN sign_outs s ON s.tenant = u.tenant AND s.user_id = u.id
      WHERE u.tenant = $1 AND u.id = $2"
);

const SELECT_BY_IDENTIFIER: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    password_columns!(),
    ", i.identity_id, u.linked FROM identifiers i
      JOIN users u ON u.tenant = i.tenant AND u.id = i.user_id
      LEFT JOIN passwords p ON p.tenant = u.tenant AND p.user_id = u.id
      WHERE i.tenant = $1 AND i.connection_id = $2 AND i.kind = $3 AND i.value = $4"
);

/// One row per method, or one without.
const SELECT_ACCOUNT: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", ",
    password_columns!(),
    ", f.id, ",
    method_columns!(),
    " FROM users u
      LEFT JOIN passwords p ON p.tenant = u.tenant AND p.user_id = u.id
      LEFT JOIN token_families f ON f.tenant = u.tenant AND f.id = $3
          AND f.user_id = u.id AND f.revoked_at IS NULL
      LEFT JOIN authentication_methods m ON m.tenant = u.tenant AND m.user_id = u.id
      WHERE u.tenant = $1 AND u.id = $2
      ORDER BY m.created_at, m.id"
);

const INSERT: &str = "INSERT INTO users
    (tenant, id, connection_id, profile, blocked, created_at, updated_at, is_indexed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";

/// Changes nothing but locks the row, where beginning a transaction does not lock everything.
const LOCK: &str = "UPDATE users SET blocked = blocked WHERE tenant = $1 AND id = $2";

const UPDATE_PROFILE: &str =
    "UPDATE users SET profile = $3, updated_at = $4 WHERE tenant = $1 AND id = $2";

const INSERT_IDENTIFIER: &str = "INSERT INTO identifiers
    (tenant, connection_id, kind, value, user_id, identity_id) VALUES ($1, $2, $3, $4, $5, $6)";

const DELETE_IDENTIFIERS: &str =
    "DELETE FROM identifiers WHERE tenant = $1 AND user_id = $2 AND identity_id = ''";

#[async_trait]
impl Users for TenantTx {
    async fn insert_user(&mut self, user: &User) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(user.id.as_str())
            .bind(user.connection_id.as_str())
            .bind(json(&user.profile)?)
            .bind(i64::from(user.blocked))
            .bind(user.created_at.0)
            .bind(user.updated_at.0);
        self.change(statement).await?;
        let own = Named { user: &user.id, identity: None, connection: &user.connection_id };
        insert_identifiers(self, own, &user.profile).await?;
        terms::insert(self, user).await
    }

    async fn lock_user(&mut self, id: &UserId) -> Result<bool, StoreError> {
        self.changed(self.statement(LOCK).bind(id.as_str())).await
    }

    async fn user(&mut self, id: &UserId) -> Result<Option<User>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(id.as_str())).await?;
        read_one("users", row, read)
    }

    async fn user_and_sign_out(
        &mut self,
        id: &UserId,
    ) -> Result<Option<(User, Option<Timestamp>)>, StoreError> {
        let row = self.one(self.statement(SELECT_WITH_SIGN_OUT).bind(id.as_str())).await?;
        row.map(|row| {
            let mut columns = Columns::of("users", &row);
            let user = read(&mut columns)?;
            let mut columns = columns.join("sign_outs", USER_COLUMNS);
            if columns.is_absent() {
                return Ok((user, None));
            }
            let _user: &str = columns.get("user_id")?;
            Ok((user, Some(columns.time("at")?)))
        })
        .transpose()
    }

    async fn user_by_identifier(
        &mut self,
        connection: &ConnectionId,
        identifier: &Identifier,
    ) -> Result<Option<(User, Option<Password>)>, StoreError> {
        let statement = self
            .statement(SELECT_BY_IDENTIFIER)
            .bind(connection.as_str())
            .bind(identifier.kind())
            .bind(identifier.value());
        let row = self.one(statement).await?;
        row.map(|row| {
            let mut columns = Columns::of("users", &row);
            let user = read(&mut columns)?;
            let mut columns = columns.join("passwords", USER_COLUMNS);
            let own = passwords::read(&mut columns)?;
            let mut columns = columns.join("identifiers", PASSWORD_COLUMNS);
            let identity: String = columns.get("identity_id")?;
            if identity.is_empty() {
                return Ok((user, own));
            }
            let linked: Vec<LinkedIdentity> = columns.json("linked")?;
            let linked = linked.into_iter().find(|own| own.id.as_str() == identity);
            let password =
                linked.and_then(|own| Some(Password { identity: Some(own.id), ..own.password? }));
            Ok((user, password))
        })
        .transpose()
    }

    async fn account(
        &mut self,
        id: &UserId,
        family: &FamilyId,
    ) -> Result<Option<(Account, GrantState)>, StoreError> {
        let statement = self.statement(SELECT_ACCOUNT).bind(id.as_str()).bind(family.as_str());
        let rows = self.all(statement).await?;
        rows.first().map(|first| read_account(first, &rows)).transpose()
    }

    async fn update_profile(
        &mut self,
        user: &User,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let statement =
            self.statement(UPDATE_PROFILE).bind(user.id.as_str()).bind(json(profile)?).bind(now.0);
        if !self.changed(statement).await? {
            return Ok(());
        }
        self.change(self.statement(DELETE_IDENTIFIERS).bind(user.id.as_str())).await?;
        let own = Named { user: &user.id, identity: None, connection: &user.connection_id };
        insert_identifiers(self, own, profile).await?;
        let now = User { profile: profile.clone(), ..user.clone() };
        terms::replace(self, &now).await
    }

    async fn set_password(
        &mut self,
        user: &UserId,
        hash: &str,
        keep_history: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        passwords::set(self, user, hash, keep_history, now).await
    }

    async fn delete_password(&mut self, user: &UserId) -> Result<bool, StoreError> {
        passwords::delete(self, user).await
    }

    async fn rehash_password(
        &mut self,
        user: &UserId,
        old: &str,
        new: &str,
    ) -> Result<(), StoreError> {
        passwords::rehash(self, user, old, new).await
    }

    async fn password_history(
        &mut self,
        user: &UserId,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        passwords::newest(self, user, limit).await
    }
}

/// Reads [`user_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::from_raw(columns.get::<String>("id")?),
        connection_id: ConnectionId::from_raw(columns.get::<String>("connection_id")?),
        profile: columns.json("profile")?,
        blocked: columns.flag("blocked")?,
        created_at: columns.time("created_at")?,
        updated_at: columns.time("updated_at")?,
    })
}

fn read_account(first: &Row, rows: &[Row]) -> Result<(Account, GrantState), StoreError> {
    const FAMILY: usize = USER_COLUMNS + PASSWORD_COLUMNS;
    let mut columns = Columns::of("users", first);
    let user = read(&mut columns)?;
    let mut columns = columns.join("passwords", USER_COLUMNS);
    let password = passwords::read(&mut columns)?;
    let family = columns.join("token_families", PASSWORD_COLUMNS);
    let state = if family.is_absent() { GrantState::Revoked } else { GrantState::Live };
    let methods = rows
        .iter()
        .map(|row| Columns::of("users", row).join("authentication_methods", FAMILY + 1))
        .filter(|columns| !columns.is_absent())
        .map(|mut columns| methods::read(&mut columns))
        .collect::<Result<_, _>>()?;
    Ok((Account { user, password, methods }, state))
}

/// Whom names find.
pub(crate) struct Named<'a> {
    pub user: &'a UserId,
    /// The linked identity whose names they are.
    pub identity: Option<&'a UserId>,
    /// Where they find them.
    pub connection: &'a ConnectionId,
}

/// Adds the names of a profile.
pub(crate) async fn insert_identifiers(
    tx: &mut TenantTx,
    named: Named<'_>,
    profile: &Profile,
) -> Result<(), StoreError> {
    for identifier in profile.identifiers() {
        let statement = tx
            .statement(INSERT_IDENTIFIER)
            .bind(named.connection.as_str())
            .bind(identifier.kind())
            .bind(identifier.value())
            .bind(named.user.as_str())
            .bind(named.identity.map_or("", UserId::as_str));
        tx.change(statement).await?;
    }
    Ok(())
}
