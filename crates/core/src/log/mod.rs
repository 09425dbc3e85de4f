//! Tenant log events (contract 04 §17, 01 §10): what happened, to whom, from where. Never a code,
//! a secret, a password or an `auth_session`.

mod event;
mod kind;
mod order;
mod query;
mod retention;
mod shown;
pub mod stream;

pub use event::{LogEvent, LogSubject, record};
pub use kind::LogKind;
pub use order::LogOrder;
pub use query::{LogField, LogQuery, QueryError};
pub use retention::purge;
pub use shown::shown;
