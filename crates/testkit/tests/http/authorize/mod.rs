//! `/authorize`.

mod consent;
mod modes;
mod prompt;
mod request;
mod untrusted;
