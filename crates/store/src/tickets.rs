//! Tickets: links sent by mail. A used ticket is gone.

use async_trait::async_trait;
use housekey_core::id::{ClientId, UserId};
use housekey_core::login::{Ending, Ticket, TicketPurpose};
use housekey_core::port::{StoreError, Tickets};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::statement::Statement;
use crate::tx::TenantTx;

macro_rules! ticket_columns {
    () => {
        "handle, purpose, user_id, email, client_id, result_url, created_at, expires_at"
    };
}

const DELETE_OLDER: &str =
    "DELETE FROM tickets WHERE tenant = $1 AND user_id = $2 AND purpose = $3";

const INSERT: &str = concat!(
    "INSERT INTO tickets (tenant, ",
    ticket_columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
);

const SELECT: &str = concat!(
    "SELECT ",
    ticket_columns!(),
    " FROM tickets WHERE tenant = $1 AND handle = $2 AND purpose = $3 AND expires_at > $4"
);

const SPEND: &str = concat!(
    "DELETE FROM tickets WHERE tenant = $1 AND handle = $2 AND purpose = $3 AND expires_at > $4
     RETURNING ",
    ticket_columns!()
);

#[async_trait]
impl Tickets for TenantTx {
    async fn insert_ticket(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        let older = self
            .statement(DELETE_OLDER)
            .bind(ticket.user_id.as_str())
            .bind(ticket.purpose.as_str());
        self.change(older).await?;
        let insert = self
            .statement(INSERT)
            .bind(ticket.handle.as_str())
            .bind(ticket.purpose.as_str())
            .bind(ticket.user_id.as_str())
            .bind(ticket.email.as_str())
            .bind(ticket.client_id.as_ref().map(ClientId::as_str))
            .bind(ending(ticket)?)
            .bind(ticket.created_at.0)
            .bind(ticket.expires_at.0);
        self.change(insert).await?;
        Ok(())
    }

    async fn ticket(
        &mut self,
        handle: &HandleHash,
        purpose: TicketPurpose,
        now: Timestamp,
    ) -> Result<Option<Ticket>, StoreError> {
        let row = self.one(self.ticket_statement(SELECT, handle, purpose, now)).await?;
        read_one("tickets", row, read)
    }

    async fn spend_ticket(
        &mut self,
        handle: &HandleHash,
        purpose: TicketPurpose,
        now: Timestamp,
    ) -> Result<Option<Ticket>, StoreError> {
        let row = self.change_one(self.ticket_statement(SPEND, handle, purpose, now)).await?;
        read_one("tickets", row, read)
    }
}

impl TenantTx {
    /// Binds [`SELECT`] and [`SPEND`].
    fn ticket_statement(
        &self,
        sql: &'static str,
        handle: &HandleHash,
        purpose: TicketPurpose,
        now: Timestamp,
    ) -> Statement {
        self.statement(sql).bind(handle.as_str()).bind(purpose.as_str()).bind(now.0)
    }
}

/// What most tickets end in is not written down.
fn ending(ticket: &Ticket) -> Result<Option<String>, StoreError> {
    (ticket.ending != Ending::default()).then(|| json(&ticket.ending)).transpose()
}

fn read(columns: &mut Columns<'_>) -> Result<Ticket, StoreError> {
    Ok(Ticket {
        handle: HandleHash::from_raw(columns.get::<String>("handle")?),
        purpose: columns.parse("purpose", TicketPurpose::parse)?,
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        email: columns.get("email")?,
        client_id: columns.get::<Option<String>>("client_id")?.map(ClientId::from_raw),
        ending: columns.optional_json("result_url")?.unwrap_or_default(),
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
    })
}
