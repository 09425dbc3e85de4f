//! Who may call which API with which scope: access policy ∩ client grant ∩
//! permissions ∩ consent.

mod approval;
mod consent;
mod granted;
mod permissions;

pub use approval::{Approval, RequestedDetails, approve};
pub use consent::{Consent, missing_consent};
pub use granted::{AccessError, ClientAccess, granted, granted_to_client};
pub use permissions::permissions;
