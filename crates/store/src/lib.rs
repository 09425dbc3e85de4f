//! Keeps the core's aggregates in SQLite or PostgreSQL.
//!
//! One SQL text serves both engines; only [`db`] knows which of them runs. One file holds one
//! aggregate: its statements and the conversion between rows and domain types. The rules a
//! statement keeps are in `docs/database.md`.

mod approvals;
mod buckets;
mod codes;
mod configurations;
mod consents;
mod db;
mod documents;
mod engine;
mod enrollments;
mod error;
mod families;
mod inspect;
mod jobs;
mod log_events;
mod log_streams;
mod logins;
mod methods;
mod mfa_transactions;
mod migrate;
mod objections;
mod organizations;
mod outbox;
mod passkeys;
mod passwordless_codes;
mod passwords;
mod people;
mod pool;
mod push_devices;
mod push_transactions;
mod pushed_requests;
mod registry;
mod remembered_browsers;
mod replays;
mod roles;
mod row;
mod search;
mod sessions;
mod signed_in;
mod statement;
mod terms;
mod tickets;
mod tx;
mod unit;
mod users;

pub use db::{Database, Options};
pub use inspect::{Inspection, inspect};
