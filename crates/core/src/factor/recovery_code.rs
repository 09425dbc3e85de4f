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

fn place<'a>(tenant: &'a TenantId, id: &'a MethodId) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "authentication_methods", row: id.as_str() }
}

/// A new code for the method `id`.
#[must_use]
pub fn begin(tenant: &TenantId, id: &MethodId, sealer: &Sealer, random: &dyn Random) -> Begun {
    let code = random.upper_alphanumeric(LEN);
    let mac = sealer.mac(place(tenant, id), &code);
    Begun { kind: MethodKind::RecoveryCode { mac }, code }
}

/// Whether `typed` is the code of the method `id`. People write it down in groups and type it back
/// in small letters (contract 04 §9.6).
#[must_use]
pub fn matches(tenant: &TenantId, id: &MethodId, sealer: &Sealer, typed: &str, mac: &str) -> bool {
    normalized(typed).is_some_and(|code| sealer.mac_matches(place(tenant, id), &code, mac))
}

/// The code without spaces and dashes in capitals, if it has the shape of one.
fn normalized(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .take(LEN + 1)
        .collect();
    (code.len() == LEN && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_write_them() {
        let code = "ABCD1234EFGH5678IJKL9012";
        for typed in [
            code,
            "abcd1234efgh5678ijkl9012",
            " ABCD-1234-EFGH 5678\tijkl-9012\n",
            "----ABCD1234EFGH5678IJKL9012",
        ] {
            assert_eq!(normalized(typed).as_deref(), Some(code), "{typed}");
        }
        for typed in ["", "ABCD", "ABCD1234EFGH5678IJKL901", "ABCD1234EFGH5678IJKL90123"] {
            assert_eq!(normalized(typed), None, "{typed}");
        }
        assert_eq!(normalized("ABCD1234EFGH5678IJKL901é"), None);
        assert_eq!(normalized(&"A".repeat(1_000_000)), None);
    }
}
