//! HTTP in, HTTP out: turns requests into calls of the core and outcomes into responses.

pub mod view;
