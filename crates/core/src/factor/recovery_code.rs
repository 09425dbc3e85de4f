//! A code on paper: 24 characters, shown once, kept as a keyed hash (contract 04 §11.1).

use super::MethodKind;
use crate::id::{MethodId, TenantId};
use crate::port::Random;
use crate::seal::{Place, Sealer};

/// Characters of a code.
const LEN: usize = 24;

/// A new code.
#[derive(Debug)]
pub struct Begun {
    /// What the method keeps.
    pub kind: MethodKind,
    /// What the person keeps; never shown again.
    pub code: String,
}

/// A new code for the method `id`.
#[must_use]
pub fn begin(tenant: &TenantId, id: &MethodId, sealer: &Sealer, random: &dyn Random) -> Begun {
    let code = random.upper_alphanumeric(LEN);
    let place =
        Place { tenant: tenant.as_str(), table: "authentication_methods", row: id.as_str() };
    Begun { kind: MethodKind::RecoveryCode { mac: sealer.mac(place, &code) }, code }
}
