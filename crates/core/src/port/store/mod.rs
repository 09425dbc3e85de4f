//! Keeping aggregates.
//!
//! House rules: absence is `Ok(None)`; a method is one statement unless it says otherwise; single
//! use is one conditional statement whose outcome is the return value; a [`Tx`] belongs to one
//! tenant and adds it to every statement; dropping a write transaction rolls it back.

mod account;
mod belonging;
mod buckets;
mod configurations;
mod directory;
mod documents;
mod jobs;
mod messages;
mod mfa;
mod part;
mod passkeys;
mod passwordless;
mod push;
mod registry;
mod roles;
mod sign_in;
mod signed_in;
mod tokens;
mod users;

pub use account::{Enrollments, Methods, Objections};
pub use belonging::{Approvals, Organizations};
pub use buckets::Buckets;
pub use configurations::Configurations;
pub use directory::{Found, People, Search};
pub use documents::Documents;
pub use jobs::Jobs;
pub use messages::{LogEvents, LogIndex, LogStreams, LogStretch, Outbox};
pub use mfa::MfaTransactions;
pub use part::{Listed, Part};
pub use passkeys::Passkeys;
pub use passwordless::PasswordlessCodes;
pub use push::{PushDevices, PushTransactions};
pub use registry::{ClaimedMessage, ClaimedStream, Registry};
pub use roles::{Permissions, Roles};
pub use sign_in::{
    Consents, LoginTransactions, PushedRequests, RememberedBrowsers, Sessions, Tickets,
};
pub use signed_in::{ConsentFilter, SignedIn};
pub use tokens::{AuthorizationCodes, Replays, TokenFamilies};
pub use users::{Account, GrantState, Users};

use async_trait::async_trait;

use crate::id::TenantId;

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A uniqueness rule was violated: somebody else was first.
    #[error("already there")]
    Conflict,
    /// A row that does not convert into its aggregate.
    #[error("corrupt row in {table} ({column} of {id})")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The row's key.
        id: String,
    },
    /// The database failed.
    #[error("database: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Statements that only read, each for itself: no `BEGIN`, nothing to commit.
    Read,
    /// Reads and writes that become durable together on `commit`.
    Write,
    /// The same for what is of no worth after a while anyway, such as how far somebody has come
    /// with signing in: `commit` does not wait for the disk. If the server dies nothing is lost;
    /// if the machine does, the last moments may be, and never half of a transaction.
    Passing,
}

/// A database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a transaction for one tenant.
    ///
    /// # Errors
    /// If no connection can be had.
    async fn begin(&self, tenant: &TenantId, mode: Mode) -> Result<Box<dyn Tx>, StoreError>;

    /// What does not belong to one tenant.
    fn registry(&self) -> &dyn Registry;
}

/// A unit of work for one tenant.
#[async_trait]
pub trait Tx:
    Approvals
    + AuthorizationCodes
    + Buckets
    + Configurations
    + Consents
    + Documents
    + Enrollments
    + Jobs
    + LogEvents
    + LogStreams
    + LoginTransactions
    + Methods
    + MfaTransactions
    + Objections
    + Organizations
    + Outbox
    + Passkeys
    + PasswordlessCodes
    + People
    + Permissions
    + PushDevices
    + PushTransactions
    + PushedRequests
    + RememberedBrowsers
    + Replays
    + Roles
    + Sessions
    + SignedIn
    + Tickets
    + TokenFamilies
    + Users
    + Send
{
    /// Makes everything durable. Without it nothing happened.
    ///
    /// # Errors
    /// If the database could not make it durable.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
