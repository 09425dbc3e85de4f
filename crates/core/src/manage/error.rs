//! What a client of the Management API can be told.

use crate::error::Fault;
use crate::port::StoreError;
use crate::token::ClientTokenError;

/// Why an operation was not done.
#[derive(Debug)]
pub enum ManageError {
    /// No token.
    MissingToken,
    /// A token that is not good here.
    BadToken(ClientTokenError),
    /// A good token without any of the scopes named.
    InsufficientScope(&'static [&'static str]),
    /// Too many requests.
    RateLimited,
    /// No such thing.
    NotFound(Thing),
    /// The body is not what the operation takes; why.
    InvalidBody(String),
    /// An id in the path is not what the operation takes; why.
    InvalidPath(String),
    /// The query is not what the operation takes; why.
    InvalidQuery(String),
    /// A header is not what the operation takes; why.
    InvalidHeader(String),
    /// The page is out of reach; why.
    InvalidPaging(String),
    /// What is asked for cannot be had for this thing; why.
    NotSupported(String),
    /// There is one like it already; what.
    Conflict(String),
    /// There are as many as there may be: of the tenant, or of the user.
    LimitReached(Whose),
    /// It may not be done to this thing; why.
    Forbidden(String),
    /// What was sent is longer than so many bytes.
    TooLong(usize),
    /// As much is under way as may be at once; what.
    Busy(String),
    /// Nobody said on which of several domains.
    ManyDomains,
    /// A user has that name already.
    UserExists,
    /// What was asked for would take too long.
    TooBroad,
    /// Not the client's fault.
    Fault(Fault),
}

/// Whose things are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The tenant's.
    Tenant,
    /// One user's.
    User,
}

/// The kinds of things that can be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An application.
    Client,
    /// A connection.
    Connection,
    /// A key of an application.
    Credential,
    /// A consent.
    Grant,
    /// A refresh token.
    RefreshToken,
    /// A session.
    Session,
    /// An authentication method.
    AuthenticationMethod,
    /// A client grant.
    ClientGrant,
    /// A mail provider.
    EmailProvider,
    /// A mail template.
    EmailTemplate,
    /// A page template.
    PageTemplate,
    /// A template for phones.
    PhoneTemplate,
    /// A theme.
    Theme,
    /// A key.
    Key,
    /// A custom domain.
    CustomDomain,
    /// A log stream.
    LogStream,
    /// An event in the log.
    LogEvent,
    /// An API.
    ResourceServer,
    /// A job.
    Job,
    /// Something of a thing that has none.
    Part,
    /// An identity of a user.
    Identity,
    /// An organization.
    Organization,
    /// A role.
    Role,
    /// A user.
    User,
}

impl From<Fault> for ManageError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for ManageError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
