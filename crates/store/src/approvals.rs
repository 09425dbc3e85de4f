//! What people approved away from the browser.

use async_trait::async_trait;
use housekey_core::access::{Approval, RequestedDetails};
use housekey_core::id::{ApprovalId, ClientId, UserId};
use housekey_core::port::{Approvals, StoreError};
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_all, read_one};
use crate::tx::TenantTx;

macro_rules! approval_columns {
    () => {
        "id, user_id, client_id, binding_message, audience, scope, created_at, expires_at"
    };
}

const INSERT: &str = concat!(
    "INSERT INTO approvals (tenant, ",
    approval_columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);

const SELECT: &str = concat!(
    "SELECT ",
    approval_columns!(),
    " FROM approvals WHERE tenant = $1 AND user_id = $2 AND id = $3"
);

const SELECT_ALL: &str = concat!(
    "SELECT ",
    approval_columns!(),
    " FROM approvals WHERE tenant = $1 AND user_id = $2 AND ($3 IS NULL OR expires_at > $3)
      ORDER BY created_at, id"
);

#[async_trait]
impl Approvals for TenantTx {
    async fn insert_approval(&mut self, approval: &Approval) -> Result<(), StoreError> {
        let details = &approval.requested;
        let statement = self
            .statement(INSERT)
            .bind(approval.id.as_str())
            .bind(approval.user_id.as_str())
            .bind(approval.client_id.as_str())
            .bind(details.binding_message.as_deref())
            .bind(details.audience.as_deref())
            .bind(details.scope.as_ref().map(json).transpose()?)
            .bind(approval.created_at.0)
            .bind(approval.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn approval(
        &mut self,
        user: &UserId,
        id: &ApprovalId,
    ) -> Result<Option<Approval>, StoreError> {
        let row = self.one(self.statement(SELECT).bind(user.as_str()).bind(id.as_str())).await?;
        read_one("approvals", row, read)
    }

    async fn approvals(
        &mut self,
        user: &UserId,
        unexpired_at: Option<Timestamp>,
    ) -> Result<Vec<Approval>, StoreError> {
        let statement =
            self.statement(SELECT_ALL).bind(user.as_str()).bind(unexpired_at.map(|now| now.0));
        let rows = self.all(statement).await?;
        read_all("approvals", &rows, read)
    }
}

fn read(columns: &mut Columns<'_>) -> Result<Approval, StoreError> {
    Ok(Approval {
        id: ApprovalId::from_raw(columns.get::<String>("id")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        client_id: ClientId::from_raw(columns.get::<String>("client_id")?),
        requested: RequestedDetails {
            binding_message: columns.get("binding_message")?,
            audience: columns.get("audience")?,
            scope: columns.optional_json("scope")?,
        },
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
    })
}
