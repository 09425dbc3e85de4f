//! Authenticator apps (RFC 6238): SHA-1, six digits, 30 seconds, each step once; one step of drift,
//! counted from where the app's clock was seen to be (§6).

use totp_rs::{Algorithm, Builder, Secret, Totp};
use url::form_urlencoded;

use super::MethodKind;
use crate::error::Fault;
use crate::id::{MethodId, TenantId};
use crate::port::Random;
use crate::seal::{Place, Sealer};
use crate::time::Timestamp;

/// Bytes of a shared secret: the 160 bits RFC 4226 §4 recommends.
const SECRET_LEN: usize = 20;

/// Seconds a code is shown.
const STEP: i64 = 30;
/// How many steps an app's clock may be off, at most, for its codes to be looked for there.
const MAX_DRIFT: i64 = 2;

/// What is known of the codes an app has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The time step whose code was used last; never accepted again, nor is one before it.
    pub last_step: Option<i64>,
    /// How many steps the app's clock was ahead of ours then.
    pub drift: i64,
}

/// A new secret.
#[derive(Debug)]
pub struct Begun {
    /// What the method keeps.
    pub kind: MethodKind,
    /// `otpauth://…` for the QR code.
    pub barcode_uri: String,
    /// The secret in base32, for typing.
    pub manual_input_code: String,
}

/// A secret that an authenticator app has already.
#[derive(Clone)]
pub struct SharedSecret(Vec<u8>);

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedSecret(…)")
    }
}

impl SharedSecret {
    /// Reads base32 of 10 to 128 bytes, with or without padding and spaces, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '=')).collect();
        let secret = Secret::try_from_base32(plain.to_ascii_uppercase()).ok()?;
        (10..=128).contains(&secret.len()).then(|| Self(secret.to_vec()))
    }

    /// What the method `id` keeps.
    ///
    /// # Errors
    /// If the secret cannot be sealed.
    pub fn kind(
        &self,
        tenant: &TenantId,
        id: &MethodId,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<MethodKind, Fault> {
        let sealed_secret = sealer.seal(place(tenant, id), &self.0, random)?;
        Ok(MethodKind::Totp { sealed_secret, seen: Seen::default() })
    }
}

fn place<'a>(tenant: &'a TenantId, id: &'a MethodId) -> Place<'a> {
    Place { tenant: tenant.as_str(), table: "authentication_methods", row: id.as_str() }
}

/// A new secret for the method `id`; the app shows it as `issuer` and `account`.
///
/// # Errors
/// If the secret cannot be sealed.
pub fn begin(
    tenant: &TenantId,
    id: &MethodId,
    issuer: &str,
    account: &str,
    sealer: &Sealer,
    random: &dyn Random,
) -> Result<Begun, Fault> {
    let mut secret = [0; SECRET_LEN];
    random.fill(&mut secret);
    let sealed_secret = sealer.seal(place(tenant, id), &secret, random)?;
    let manual_input_code = Secret::from(secret.to_vec()).to_base32();
    let barcode_uri = barcode_uri(issuer, account, &manual_input_code);
    Ok(Begun {
        kind: MethodKind::Totp { sealed_secret, seen: Seen::default() },
        barcode_uri,
        manual_input_code,
    })
}

/// `otpauth://…` for a QR code; the app shows the secret as `issuer` and `account`.
#[must_use]
pub fn barcode_uri(issuer: &str, account: &str, secret: &str) -> String {
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}\
         &algorithm=SHA1&digits=6&period=30",
        issuer = percent_encode(issuer),
        account = percent_encode(account),
    )
}

/// A secret that an app has already, in base32; none if it is no secret or too short to be one
/// (RFC 4226 §4 asks for 128 bits, and apps of old have 80).
///
/// # Errors
/// If the secret cannot be sealed.
pub fn import(
    tenant: &TenantId,
    id: &MethodId,
    base32: &str,
    sealer: &Sealer,
    random: &dyn Random,
) -> Result<Option<MethodKind>, Fault> {
    let plain = base32.trim_end_matches('=').replace([' ', '-'], "").to_ascii_uppercase();
    let Ok(secret) = Secret::try_from_base32(&plain) else { return Ok(None) };
    if !(10..=128).contains(&secret.as_bytes().len()) {
        return Ok(None);
    }
    let sealed_secret = sealer.seal(place(tenant, id), secret.as_bytes(), random)?;
    Ok(Some(MethodKind::Totp { sealed_secret, seen: Seen::default() }))
}

/// Apps read `+` as a plus sign, so spaces are `%20`.
pub(super) fn percent_encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The secret in base32, for a device that keeps it.
///
/// # Errors
/// If the secret does not open.
pub fn reveal(
    tenant: &TenantId,
    id: &MethodId,
    sealed_secret: &[u8],
    sealer: &Sealer,
) -> Result<String, Fault> {
    Ok(Secret::from(sealer.open(place(tenant, id), sealed_secret)?).to_base32())
}

/// What is known after `code` was presented, if it is one the app shows now and none of its time
/// step or a later one was used before.
///
/// A code is looked for within one step of our clock, and within one step of where the app's clock
/// was seen to be: whoever uses an app that drifts slowly never notices, and one that was set right
/// goes on at once.
///
/// # Errors
/// If the secret does not open.
pub fn check(
    tenant: &TenantId,
    id: &MethodId,
    (sealed_secret, seen): (&[u8], Seen),
    code: &str,
    now: Timestamp,
    sealer: &Sealer,
) -> Result<Option<Seen>, Fault> {
    let secret = sealer.open(place(tenant, id), sealed_secret)?;
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let app = app(secret);
    let now = now.as_seconds();
    let near = |drift: i64| {
        let seconds = u64::try_from(now + drift * STEP).ok()?;
        app.check(code, seconds).and_then(|step| i64::try_from(step).ok())
    };
    let drift = seen.drift.clamp(-MAX_DRIFT, MAX_DRIFT);
    let unused = |step: &i64| seen.last_step.is_none_or(|last| *step > last);
    let step = near(0).filter(unused).or_else(|| near(drift).filter(unused));
    Ok(step.map(|step| Seen {
        last_step: Some(step),
        drift: (step - now.div_euclid(STEP)).clamp(-MAX_DRIFT, MAX_DRIFT),
    }))
}

fn app(secret: Vec<u8>) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(secret)
        .build_noncompliant()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::SystemRandom;
    use crate::seal::MasterKey;

    /// RFC 6238, appendix B: SHA-1 with this secret, the last six of eight digits.
    #[test]
    fn agrees_with_the_standards_vectors() {
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")]
        {
            let token = app(b"12345678901234567890".to_vec()).check(code, seconds);
            assert_eq!(token, Some(seconds / 30));
        }
    }

    #[test]
    fn accepts_one_step_of_drift_and_each_step_once() {
        let sealer = Sealer::new(&MasterKey::generate(&SystemRandom)).expect("keys derive");
        let (tenant, id) = (TenantId::from_raw("t"), MethodId::from_raw("dev_1"));
        let sealed = sealer
            .seal(place(&tenant, &id), b"12345678901234567890", &SystemRandom)
            .expect("seals");
        let check = |last_step, code: &str, at: i64| {
            let known = (sealed.as_slice(), Seen { last_step, drift: 0 });
            let now = Timestamp(at * 1000);
            let seen = check(&tenant, &id, known, code, now, &sealer).expect("opens");
            seen.map(|seen| (seen.last_step.expect("a step"), seen.drift))
        };
        assert_eq!(check(None, "287082", 59), Some((1, 0)));
        assert_eq!(check(None, "287082", 89), Some((1, -1)), "one step late");
        assert_eq!(check(None, "287082", 0), Some((1, 1)), "one step early");
        assert_eq!(check(None, "287082", 120), None, "two steps late");
        assert_eq!(check(Some(1), "287082", 59), None, "used before");
        assert_eq!(check(Some(2), "287082", 59), None, "a later one was used");
        assert_eq!(check(None, "28708", 59), None);
        assert_eq!(check(None, "２87082", 59), None);
    }

    /// An app whose clock falls behind more and more is followed, up to a bound.
    #[test]
    fn slow_drift_is_learned_within_bounds() {
        let sealer = Sealer::new(&MasterKey::generate(&SystemRandom)).expect("keys derive");
        let (tenant, id) = (TenantId::from_raw("t"), MethodId::from_raw("dev_1"));
        let secret = b"12345678901234567890";
        let sealed = sealer.seal(place(&tenant, &id), secret, &SystemRandom).expect("seals");
        let shown =
            |at: i64| app(secret.to_vec()).generate(u64::try_from(at).expect("late")).to_string();
        let present = |seen, behind: i64, at: i64| {
            let (known, now) = ((sealed.as_slice(), seen), Timestamp(at * 1000));
            check(&tenant, &id, known, &shown(at - behind * STEP), now, &sealer).expect("opens")
        };
        let mut seen = Seen::default();
        let mut at = 1_000_000_000;
        assert_eq!(present(seen, 2, at), None, "nothing is known of it yet");
        for (behind, followed) in
            [(1, true), (2, true), (3, true), (4, false), (3, true), (0, true)]
        {
            at += 3600;
            let next = present(seen, behind, at);
            assert_eq!(next.is_some(), followed, "{behind} steps behind");
            seen = next.unwrap_or(seen);
            assert!(seen.drift.abs() <= MAX_DRIFT);
            assert_eq!(present(seen, behind, at), None, "each step once");
        }
        assert_eq!(seen.drift, 0, "set right");
    }

    #[test]
    fn the_uri_names_issuer_and_account() {
        let sealer = Sealer::new(&MasterKey::generate(&SystemRandom)).expect("keys derive");
        let (tenant, id) = (TenantId::from_raw("t"), MethodId::from_raw("dev_1"));
        let begun =
            begin(&tenant, &id, "My Co", "a@b.example", &sealer, &SystemRandom).expect("begins");
        assert!(begun.barcode_uri.starts_with("otpauth://totp/My%20Co:a%40b.example?secret="));
        assert_eq!(begun.manual_input_code.len(), 32);
    }
}
