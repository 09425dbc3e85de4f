//! Devices for push messages, and the questions they are asked.

use async_trait::async_trait;

use super::StoreError;
use crate::guardian::{Device, PushDevice, PushTicket, PushTransaction};
use crate::id::MethodId;
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// Devices and the tickets they enrol with. They go with their method.
#[async_trait]
pub trait PushDevices {
    /// Adds a ticket for a method that is there.
    async fn insert_push_ticket(&mut self, ticket: &PushTicket) -> Result<(), StoreError>;

    /// The ticket of that hash and, once it was used, its device.
    async fn push_ticket(&mut self, ticket: &HandleHash) -> Result<Option<PushDevice>, StoreError>;

    /// Uses a ticket up: true for exactly one device, and only while it is unused and unexpired.
    async fn use_push_ticket(
        &mut self,
        ticket: &HandleHash,
        device: &Device,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// The ticket of that method and, once it was used, its device.
    async fn push_device(&mut self, id: &MethodId) -> Result<Option<PushDevice>, StoreError>;

    /// Replaces identifier, name and address of an enrolled device. False if it is gone.
    async fn update_push_device(
        &mut self,
        id: &MethodId,
        device: &Device,
    ) -> Result<bool, StoreError>;
}

/// Questions to devices. They go with their device.
#[async_trait]
pub trait PushTransactions {
    /// Adds a question.
    async fn insert_push_transaction(
        &mut self,
        transaction: &PushTransaction,
    ) -> Result<(), StoreError>;

    /// Lets nobody answer or use the pending and approved questions to a device any more.
    async fn supersede_push_transactions(&mut self, device: &MethodId) -> Result<(), StoreError>;

    /// The question behind the asker's handle.
    async fn push_transaction(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<PushTransaction>, StoreError>;

    /// The question behind the device's token.
    async fn push_transaction_by_token(
        &mut self,
        token: &HandleHash,
    ) -> Result<Option<PushTransaction>, StoreError>;

    /// Answers a question: true for exactly one caller, while it is pending and in time.
    async fn resolve_push_transaction(
        &mut self,
        token: &HandleHash,
        accepted: bool,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Uses an approval up: the question for exactly one caller, while it is in time.
    async fn spend_push_transaction(
        &mut self,
        handle: &HandleHash,
        now: Timestamp,
    ) -> Result<Option<PushTransaction>, StoreError>;
}
