//! The My Account API (`/me/v1`).

mod factors;
