//! A whole Housekey in a test process: the real router, core and store over a database of the
//! test's own, with a clock that stands still and dice that always fall the same.
//!
//! [`TestApp`] is the server, [`browser::Browser`] a person's browser, [`actor::Actor`] somebody
//! who is signed in. Every answer is checked against the rules that hold for all of them.

#![allow(clippy::missing_panics_doc, reason = "a panic here fails the test, as it should")]

pub mod actor;
pub mod app;
pub mod application;
pub mod assertion;
pub mod authenticator;
pub mod browser;
pub mod clock;
pub mod databases;
pub mod device;
pub mod dice;
pub mod dpop;
pub mod gateway;
pub mod html;
pub mod jwt;
mod messages;
pub mod names;
mod oas;
pub mod passkey;
pub mod request;
mod rules;
pub mod seed;
pub mod tracing_output;
pub mod twilio;

pub use app::{Builder, TestApp};
pub use databases::TestDatabase;
