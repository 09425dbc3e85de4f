//! The Management API's operations (contract 05): what applications that act for themselves do to
//! a tenant. Who may do it is decided once, in [`admit`]; a file here holds what is one resource's
//! own.

mod admit;
pub mod anomaly;
pub mod client_credentials;
pub mod client_grants;
pub mod clients;
pub mod connections;
pub mod custom_domains;
pub mod documents;
pub mod enrollment_tickets;
pub mod enrollments;
mod error;
pub mod grants;
pub mod jobs;
pub mod keys;
pub mod log_streams;
pub mod logs;
pub mod organizations;
pub mod phone_trials;
mod record;
pub mod resource_servers;
pub mod roles;
pub mod sessions;
pub mod settings;
pub mod tickets;
pub mod user_blocks;
pub mod users;

pub use admit::{Admission, Asked, Operator, admit};
pub use error::{ManageError, Thing, Whose};
pub use record::{Refusal, record_refusal};
