//! What is true in Housekey: who may do what, when, and what happens then.
//!
//! Types, rules and ports. This crate knows no HTTP and no SQL; `ARCHITECTURE.md` in the
//! repository's root is the map.

pub mod access;
pub mod account;
pub mod app;
pub mod call;
pub mod client;
pub mod connection;
pub mod document;
pub mod error;
pub mod factor;
pub mod guard;
pub mod guardian;
pub mod id;
pub mod job;
pub mod liquid;
pub mod log;
pub mod login;
pub mod manage;
pub mod message;
pub mod mfa;
pub mod organization;
pub mod passkey;
pub mod passwordless;
pub mod percent;
pub mod port;
pub mod resource_server;
pub mod role;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod session;
pub mod tenant;
pub mod time;
pub mod token;
pub mod user;
pub mod user_agent;

pub use app::App;
pub use call::Call;
pub use error::Fault;
