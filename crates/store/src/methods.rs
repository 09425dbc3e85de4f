//! Authentication methods other than passwords.

use async_trait::async_trait;
use housekey_core::factor::phone::{PhoneChannel, PhoneNumber};
use housekey_core::factor::totp::Seen;
use housekey_core::factor::webauthn::{Credential, credential_id_text};
use housekey_core::factor::{AuthenticationMethod, FactorType, MethodKind};
use housekey_core::id::{MethodId, UserId};
use housekey_core::port::{Methods, StoreError};
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_all, read_one};
use crate::statement::Statement;
use crate::tx::TenantTx;

/// The columns of table `m` that [`read`] reads.
macro_rules! method_columns {
    () => {
        "m.id, m.user_id, m.factor, m.name, m.confirmed, m.created_at, m.last_auth_at, \
         m.address, m.code_mac, m.sealed_secret, m.last_step, m.credential, m.channel, \
         m.drift"
    };
}
pub(crate) use method_columns;

const SELECT: &str = concat!(
    "SELECT ",
    method_columns!(),
    " FROM authentication_methods m WHERE m.tenant = $1 AND m.user_id = $2
      ORDER BY m.created_at, m.id"
);

const SELECT_BY_ID: &str = concat!(
    "SELECT ",
    method_columns!(),
    " FROM authentication_methods m WHERE m.tenant = $1 AND m.id = $2"
);

const SELECT_BY_CREDENTIAL: &str = concat!(
    "SELECT ",
    method_columns!(),
    " FROM authentication_methods m WHERE m.tenant = $1 AND m.credential_id = $2"
);

const INSERT: &str = "INSERT INTO authentication_methods
    (tenant, user_id, id, factor, name, confirmed, last_auth_at,
     address, code_mac, sealed_secret, last_step, credential_id, credential, channel,
     drift, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// The last time step only grows, or a method read before a code was accepted and written after it
/// would let the code be accepted again.
const UPDATE: &str = "UPDATE authentication_methods SET
    factor = $4, name = $5, confirmed = $6, last_auth_at = $7,
    address = $8, code_mac = $9, sealed_secret = $10,
    last_step = CASE WHEN last_step >= $11 OR $11 IS NULL THEN last_step ELSE $11 END,
    credential_id = $12, credential = $13, channel = $14, drift = $15
    WHERE tenant = $1 AND user_id = $2 AND id = $3";

const CLAIM_STEP: &str = "UPDATE authentication_methods SET last_step = $4
    WHERE tenant = $1 AND user_id = $2 AND id = $3 AND factor IN ('totp', 'push-notification')
    AND (last_step IS NULL OR last_step < $4)";

const REPLACE_CODE: &str = "UPDATE authentication_methods SET code_mac = $5, last_auth_at = $6
    WHERE tenant = $1 AND user_id = $2 AND id = $3 AND factor = 'recovery-code'
    AND confirmed = 1 AND code_mac = $4";

const DELETE: &str =
    "DELETE FROM authentication_methods WHERE tenant = $1 AND user_id = $2 AND id = $3";

const DELETE_UNCONFIRMED: &str = "DELETE FROM authentication_methods
    WHERE tenant = $1 AND user_id = $2 AND confirmed = 0 AND created_at < $3";

#[async_trait]
impl Methods for TenantTx {
    async fn insert_method(&mut self, method: &AuthenticationMethod) -> Result<(), StoreError> {
        let statement = bind(self.statement(INSERT), method)?.bind(method.created_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn methods(&mut self, user: &UserId) -> Result<Vec<AuthenticationMethod>, StoreError> {
        let rows = self.all(self.statement(SELECT).bind(user.as_str())).await?;
        read_all("authentication_methods", &rows, read)
    }

    async fn method(&mut self, id: &MethodId) -> Result<Option<AuthenticationMethod>, StoreError> {
        let row = self.one(self.statement(SELECT_BY_ID).bind(id.as_str())).await?;
        read_one("authentication_methods", row, read)
    }

    async fn update_method(&mut self, method: &AuthenticationMethod) -> Result<bool, StoreError> {
        self.changed(bind(self.statement(UPDATE), method)?).await
    }

    async fn method_by_credential(
        &mut self,
        credential_id: &[u8],
    ) -> Result<Option<AuthenticationMethod>, StoreError> {
        let statement = self.statement(SELECT_BY_CREDENTIAL);
        let row = self.one(statement.bind(credential_id_text(credential_id))).await?;
        read_one("authentication_methods", row, read)
    }

    async fn claim_totp_step(
        &mut self,
        user: &UserId,
        method: &MethodId,
        step: i64,
    ) -> Result<bool, StoreError> {
        let statement =
            self.statement(CLAIM_STEP).bind(user.as_str()).bind(method.as_str()).bind(step);
        self.changed(statement).await
    }

    async fn replace_recovery_code(
        &mut self,
        user: &UserId,
        method: &MethodId,
        old: &str,
        new: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = self
            .statement(REPLACE_CODE)
            .bind(user.as_str())
            .bind(method.as_str())
            .bind(old)
            .bind(new)
            .bind(now.0);
        self.changed(statement).await
    }

    async fn delete_method(
        &mut self,
        user: &UserId,
        method: &MethodId,
    ) -> Result<bool, StoreError> {
        self.changed(self.statement(DELETE).bind(user.as_str()).bind(method.as_str())).await
    }

    async fn delete_unconfirmed_methods(
        &mut self,
        user: &UserId,
        before: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(self.statement(DELETE_UNCONFIRMED).bind(user.as_str()).bind(before.0)).await?;
        Ok(())
    }
}

/// Reads [`method_columns`].
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<AuthenticationMethod, StoreError> {
    let id = MethodId::from_raw(columns.get::<String>("id")?);
    let user_id = UserId::from_raw(columns.get::<String>("user_id")?);
    let factor = columns.parse("factor", FactorType::parse)?;
    Ok(AuthenticationMethod {
        id,
        user_id,
        name: columns.get("name")?,
        confirmed: columns.flag("confirmed")?,
        created_at: columns.time("created_at")?,
        last_auth_at: columns.optional_time("last_auth_at")?,
        kind: read_kind(factor, columns)?,
    })
}

fn read_kind(factor: FactorType, columns: &mut Columns<'_>) -> Result<MethodKind, StoreError> {
    let address: Option<String> = columns.get("address")?;
    let mac: Option<String> = columns.get("code_mac")?;
    let sealed_secret: Option<Vec<u8>> = columns.get("sealed_secret")?;
    let last_step = columns.get("last_step")?;
    let credential = columns.optional_json("credential")?;
    let channel: Option<&str> = columns.get("channel")?;
    let seen = Seen { last_step, drift: columns.get("drift")? };
    match factor {
        FactorType::Email => address.map(|address| MethodKind::Email { address }),
        FactorType::Phone => address
            .as_deref()
            .and_then(PhoneNumber::from_stored)
            .zip(channel.and_then(PhoneChannel::parse))
            .map(|(number, channel)| MethodKind::Phone { number, channel }),
        FactorType::PushNotification => {
            sealed_secret.map(|sealed_secret| MethodKind::PushNotification { sealed_secret, seen })
        }
        FactorType::RecoveryCode => mac.map(|mac| MethodKind::RecoveryCode { mac }),
        FactorType::Totp => {
            sealed_secret.map(|sealed_secret| MethodKind::Totp { sealed_secret, seen })
        }
        FactorType::Passkey => credential.map(MethodKind::Passkey),
        FactorType::WebauthnPlatform => credential.map(MethodKind::WebauthnPlatform),
        FactorType::WebauthnRoaming => credential.map(MethodKind::WebauthnRoaming),
        FactorType::Password => None,
    }
    .ok_or_else(|| columns.corrupt("factor"))
}

/// Binds `$2` to `$15` of [`INSERT`] and [`UPDATE`].
fn bind(statement: Statement, method: &AuthenticationMethod) -> Result<Statement, StoreError> {
    let (mut address, mut code_mac, mut sealed_secret) = (None, None, None);
    let (mut channel, mut seen) = (None, Seen::default());
    match &method.kind {
        MethodKind::Email { address: own } => address = Some(own.as_str()),
        MethodKind::Phone { number, channel: own } => {
            address = Some(number.as_str());
            channel = Some(own.as_str());
        }
        MethodKind::RecoveryCode { mac } => code_mac = Some(mac.as_str()),
        MethodKind::PushNotification { sealed_secret: own, seen: codes }
        | MethodKind::Totp { sealed_secret: own, seen: codes } => {
            sealed_secret = Some(own.as_slice());
            seen = *codes;
        }
        MethodKind::Passkey(_)
        | MethodKind::WebauthnPlatform(_)
        | MethodKind::WebauthnRoaming(_) => {}
    }
    let credential = method.kind.credential();
    Ok(statement
        .bind(method.user_id.as_str())
        .bind(method.id.as_str())
        .bind(method.kind.factor().as_str())
        .bind(method.name.as_deref())
        .bind(i64::from(method.confirmed))
        .bind(method.last_auth_at.map(|at| at.0))
        .bind(address)
        .bind(code_mac)
        .bind(sealed_secret)
        .bind(seen.last_step)
        .bind(credential.map(Credential::key_id))
        .bind(credential.map(json).transpose()?)
        .bind(channel)
        .bind(seen.drift))
}
