//! HTTP in, HTTP out: turns requests into calls of the core and outcomes into responses.
//!
//! A handler extracts, calls one operation of the core and renders its outcome; it decides
//! nothing. `router` is the list of everything that is served.

mod account_page;
mod app_links;
mod asset;
mod authorize;
mod avatar;
mod body;
mod cookie;
mod cors;
mod dev;
mod dpop;
mod error;
mod guardian;
mod headers;
mod health;
mod host;
mod layer;
pub mod manage;
pub mod me;
mod metadata;
mod oauth;
pub mod openapi;
mod page;
mod path;
mod respond;
mod router;
mod security;
mod state;
pub mod view;
mod webauthn;

pub use host::Scheme;
pub use router::{Guard, Route, router, routes};
pub use state::{Dev, WebConfig};
