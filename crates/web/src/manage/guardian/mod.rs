//! `/guardian` (contract 05 §11): factors, and who carries what they send.

mod enrollments;
mod factors;
mod phone;
mod push;
mod settings;

pub(super) use self::enrollments::OPERATIONS as ENROLLMENTS;
pub(super) use self::factors::OPERATIONS as FACTORS;
pub(super) use self::phone::OPERATIONS as PHONE;
pub(super) use self::push::OPERATIONS as PUSH;
pub(super) use self::settings::OPERATIONS as SETTINGS;

/// Who may look.
const READ: &[&str] = &["read:guardian_factors"];
/// Who may change.
const UPDATE: &[&str] = &["update:guardian_factors"];
