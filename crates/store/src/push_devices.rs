//! Devices for push messages and the tickets they enrol with. Their method takes them along.

use async_trait::async_trait;
use housekey_core::guardian::{Device, PushDevice, PushService, PushTicket};
use housekey_core::id::{MethodId, UserId};
use housekey_core::port::{PushDevices, StoreError};
use housekey_core::secret::HandleHash;
use housekey_core::time::Timestamp;

use crate::error::json;
use crate::row::{Columns, read_one};
use crate::tx::TenantTx;

const INSERT: &str = "INSERT INTO push_devices
    (tenant, id, user_id, ticket, ticket_expires_at) VALUES ($1, $2, $3, $4, $5)";

macro_rules! select {
    ($key:literal) => {
        concat!(
            "SELECT id, user_id, ticket, ticket_expires_at, enrolled_at, identifier, name, service,
             sealed_address, public_key, token FROM push_devices WHERE tenant = $1 AND ",
            $key,
            " = $2"
        )
    };
}

const USE_TICKET: &str = "UPDATE push_devices SET
    identifier = $3, name = $4, service = $5, sealed_address = $6, public_key = $7, token = $8,
    enrolled_at = $9
    WHERE tenant = $1 AND ticket = $2 AND enrolled_at IS NULL AND ticket_expires_at > $9";

const UPDATE: &str = "UPDATE push_devices SET
    identifier = $3, name = $4, service = $5, sealed_address = $6
    WHERE tenant = $1 AND id = $2 AND enrolled_at IS NOT NULL";

#[async_trait]
impl PushDevices for TenantTx {
    async fn insert_push_ticket(&mut self, ticket: &PushTicket) -> Result<(), StoreError> {
        let statement = self
            .statement(INSERT)
            .bind(ticket.id.as_str())
            .bind(ticket.user_id.as_str())
            .bind(ticket.ticket.as_str())
            .bind(ticket.expires_at.0);
        self.change(statement).await?;
        Ok(())
    }

    async fn push_ticket(&mut self, ticket: &HandleHash) -> Result<Option<PushDevice>, StoreError> {
        let row = self.one(self.statement(select!("ticket")).bind(ticket.as_str())).await?;
        read_one("push_devices", row, read)
    }

    async fn use_push_ticket(
        &mut self,
        ticket: &HandleHash,
        device: &Device,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = self
            .statement(USE_TICKET)
            .bind(ticket.as_str())
            .bind(device.identifier.as_str())
            .bind(device.name.as_str())
            .bind(device.service.as_str())
            .bind(device.sealed_address.as_slice())
            .bind(json(&device.key)?)
            .bind(device.token.as_str())
            .bind(now.0);
        self.changed(statement).await
    }

    async fn push_device(&mut self, id: &MethodId) -> Result<Option<PushDevice>, StoreError> {
        let row = self.one(self.statement(select!("id")).bind(id.as_str())).await?;
        read_one("push_devices", row, read)
    }

    async fn update_push_device(
        &mut self,
        id: &MethodId,
        device: &Device,
    ) -> Result<bool, StoreError> {
        let statement = self
            .statement(UPDATE)
            .bind(id.as_str())
            .bind(device.identifier.as_str())
            .bind(device.name.as_str())
            .bind(device.service.as_str())
            .bind(device.sealed_address.as_slice());
        self.changed(statement).await
    }
}

fn read(columns: &mut Columns<'_>) -> Result<PushDevice, StoreError> {
    let ticket = PushTicket {
        id: MethodId::from_raw(columns.get::<String>("id")?),
        user_id: UserId::from_raw(columns.get::<String>("user_id")?),
        ticket: HandleHash::from_raw(columns.get::<String>("ticket")?),
        expires_at: columns.time("ticket_expires_at")?,
    };
    let device = match columns.optional_time("enrolled_at")? {
        None => None,
        Some(enrolled_at) => Some(read_device(columns, enrolled_at)?),
    };
    Ok(PushDevice { ticket, device })
}

fn read_device(columns: &mut Columns<'_>, enrolled_at: Timestamp) -> Result<Device, StoreError> {
    Ok(Device {
        identifier: columns.get("identifier")?,
        name: columns.get("name")?,
        service: columns.parse("service", PushService::parse)?,
        sealed_address: columns.get("sealed_address")?,
        key: columns.json("public_key")?,
        token: HandleHash::from_raw(columns.get::<String>("token")?),
        enrolled_at,
    })
}
