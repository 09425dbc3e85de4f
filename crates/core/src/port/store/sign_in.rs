//! What lives between `/authorize` and a code: transactions, sessions, tickets, consents.

use async_trait::async_trait;

use super::StoreError;
use crate::access::Consent;
use crate::id::{ClientId, ConsentId, ResourceServerId, SessionId, UserId};
use crate::login::{LoginTransaction, PushedRequest, Ticket, TicketPurpose};
use crate::mfa::RememberedBrowser;
use crate::secret::HandleHash;
use crate::session::Session;
use crate::time::Timestamp;

/// Login transactions.
#[async_trait]
pub trait LoginTransactions {
    /// Adds a transaction.
    async fn insert_login(&mut self, login: &LoginTransaction) -> Result<(), StoreError>;

    /// The transaction behind `state`.
    async fn login(&mut self, handle: &HandleHash) -> Result<Option<LoginTransaction>, StoreError>;

    /// Stores the next step, unless somebody else moved the transaction since `login.version` was
    /// read; the stored version grows by one. False means it was moved or is gone.
    async fn advance_login(&mut self, login: &LoginTransaction) -> Result<bool, StoreError>;

    /// Removes the transaction; true for exactly one caller.
    async fn finish_login(&mut self, handle: &HandleHash) -> Result<bool, StoreError>;
}

/// Authorization requests that were pushed.
#[async_trait]
pub trait PushedRequests {
    /// Adds a request.
    async fn insert_pushed_request(&mut self, request: &PushedRequest) -> Result<(), StoreError>;

    /// Uses a request of that application up: the request for exactly one caller, expired or not.
    async fn spend_pushed_request(
        &mut self,
        handle: &HandleHash,
        client: &ClientId,
    ) -> Result<Option<PushedRequest>, StoreError>;
}

/// Browser sessions.
#[async_trait]
pub trait Sessions {
    /// Adds a session.
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError>;

    /// The session behind a cookie's handle.
    async fn session_by_handle(
        &mut self,
        handle: &HandleHash,
    ) -> Result<Option<Session>, StoreError>;

    /// Replaces handle, events, clients and ends of a session. False if it is gone.
    async fn update_session(&mut self, session: &Session) -> Result<bool, StoreError>;

    /// Ends a session. False if it was gone.
    async fn delete_session(&mut self, id: &SessionId) -> Result<bool, StoreError>;

    /// Remembers that nothing counts any more that the user proved before `now`, for logins and
    /// codes that are under way. Sessions and families are ended beside it.
    async fn sign_out_everywhere(
        &mut self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Ends all sessions of a user but one; returns how many.
    async fn delete_sessions_of(
        &mut self,
        user: &UserId,
        except: Option<&SessionId>,
    ) -> Result<u64, StoreError>;
}

/// Browsers that are spared a second factor for a while.
#[async_trait]
pub trait RememberedBrowsers {
    /// Adds one.
    async fn remember_browser(&mut self, browser: &RememberedBrowser) -> Result<(), StoreError>;

    /// Whether that browser is spared one for that user.
    async fn is_browser_remembered(
        &mut self,
        handle: &HandleHash,
        user: &UserId,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Notes that it was used, which extends its idle end. False if it is gone or somebody else's.
    async fn use_remembered_browser(
        &mut self,
        handle: &HandleHash,
        user: &UserId,
        idle_expires_at: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Forgets all of a user; returns how many.
    async fn forget_browsers(&mut self, user: &UserId) -> Result<u64, StoreError>;
}

/// Tickets: links sent by mail.
#[async_trait]
pub trait Tickets {
    /// Adds a ticket and removes the user's older ones for the same purpose.
    async fn insert_ticket(&mut self, ticket: &Ticket) -> Result<(), StoreError>;

    /// An unused, unexpired ticket.
    async fn ticket(
        &mut self,
        handle: &HandleHash,
        purpose: TicketPurpose,
        now: Timestamp,
    ) -> Result<Option<Ticket>, StoreError>;

    /// Uses a ticket up: the ticket for exactly one caller, if unused and unexpired.
    async fn spend_ticket(
        &mut self,
        handle: &HandleHash,
        purpose: TicketPurpose,
        now: Timestamp,
    ) -> Result<Option<Ticket>, StoreError>;
}

/// What people allowed applications to do.
#[async_trait]
pub trait Consents {
    /// What a user allowed an application to do at an API.
    async fn consent(
        &mut self,
        user: &UserId,
        client: &ClientId,
        resource_server: &ResourceServerId,
    ) -> Result<Option<Consent>, StoreError>;

    /// Stores a consent, replacing an earlier one for the same user, application and API.
    async fn put_consent(&mut self, consent: &Consent) -> Result<(), StoreError>;

    /// Withdraws a consent. False if it was gone.
    async fn delete_consent(&mut self, id: &ConsentId) -> Result<bool, StoreError>;
}
