//! A device: its key, its address, and the ticket it enrolled with.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Fault;
use crate::id::{MethodId, TenantId, UserId};
use crate::seal::Place;
use crate::secret::{HandleHash, SecretText};
use crate::time::Timestamp;

/// What lets one device enrol as a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushTicket {
    /// The method.
    pub id: MethodId,
    /// Whose.
    pub user_id: UserId,
    /// Hash of the ticket.
    pub ticket: HandleHash,
    /// When it can be used no longer.
    pub expires_at: Timestamp,
}

/// A ticket and, once it was used, the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushDevice {
    /// The ticket.
    pub ticket: PushTicket,
    /// The device that used it.
    pub device: Option<Device>,
}

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What the device calls itself.
    pub identifier: String,
    /// What its owner calls it.
    pub name: String,
    /// How it is reached.
    pub service: PushService,
    /// Where it is reached, sealed.
    pub sealed_address: Vec<u8>,
    /// What its signatures verify with.
    pub key: DeviceKey,
    /// Hash of the token it was given, for apps that do not sign.
    pub token: HandleHash,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
}

impl Device {
    /// Where it is reached.
    ///
    /// # Errors
    /// If the address does not open.
    pub fn address(
        &self,
        app: &App,
        tenant: &TenantId,
        id: &MethodId,
    ) -> Result<SecretText, Fault> {
        let place = address_place(tenant.as_str(), id);
        let plain = app.sealer().open(place, &self.sealed_address)?;
        String::from_utf8(plain).map(SecretText::new).map_err(Fault::new)
    }
}

/// Where a device's address is sealed.
pub(crate) fn address_place<'a>(tenant: &'a str, id: &'a MethodId) -> Place<'a> {
    Place { tenant, table: "push_devices", row: id.as_str() }
}

/// How a device is reached, by the names the SDKs send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushService {
    /// Apple.
    Apns,
    /// Google; the name is older than the service.
    Gcm,
}

impl PushService {
    /// The wire name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apns => "APNS",
            Self::Gcm => "GCM",
        }
    }

    /// The service of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Apns, Self::Gcm].into_iter().find(|service| service.as_str() == name)
    }
}

/// What a device sends to enrol.
#[derive(Clone, Debug)]
pub struct NewDevice {
    /// What it calls itself.
    pub identifier: String,
    /// What its owner calls it.
    pub name: String,
    /// How it is reached.
    pub service: PushService,
    /// Where it is reached.
    pub address: SecretText,
    /// What its signatures verify with.
    pub key: DeviceKey,
}

/// An RSA public key, base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKey {
    /// Modulus.
    pub n: String,
    /// Exponent.
    pub e: String,
}

/// Bits of a modulus: fewer are weak, more are slow.
const BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

impl DeviceKey {
    /// Reads a key as a device writes it. Java writes signed integers, whose zero in front is not
    /// part of the number (RFC 7518 §6.3.1.1).
    #[must_use]
    pub fn parse(n: &str, e: &str) -> Option<Self> {
        let (n, e) = (unsigned(n)?, unsigned(e)?);
        let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
        let exponent = e
            .iter()
            .try_fold(0u64, |sum, byte| sum.checked_mul(256).map(|sum| sum + u64::from(*byte)))?;
        let sound = BITS.contains(&bits)
            && n.last()? % 2 == 1
            && (3..1 << 33).contains(&exponent)
            && exponent % 2 == 1;
        sound.then(|| Self { n: URL_SAFE_NO_PAD.encode(n), e: URL_SAFE_NO_PAD.encode(e) })
    }
}

fn unsigned(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[first..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modulus(bytes: usize) -> Vec<u8> {
        let mut modulus = vec![0xff; bytes];
        modulus[0] = 0x80;
        modulus
    }

    fn parse(n: &[u8], e: &[u8]) -> Option<DeviceKey> {
        DeviceKey::parse(&URL_SAFE_NO_PAD.encode(n), &URL_SAFE_NO_PAD.encode(e))
    }

    #[test]
    fn a_zero_in_front_is_left_out() {
        let plain = parse(&modulus(256), &[1, 0, 1]).expect("a good key");
        let signed = [&[0][..], &modulus(256)].concat();
        assert_eq!(parse(&signed, &[0, 1, 0, 1]), Some(plain.clone()));
        let padded = URL_SAFE.encode(&signed);
        assert_eq!(DeviceKey::parse(&padded, "AQAB"), Some(plain));
    }

    #[test]
    fn weak_and_odd_keys_are_refused() {
        for (n, e) in [
            (modulus(255), vec![1, 0, 1]),
            (modulus(128), vec![1, 0, 1]),
            (modulus(513), vec![1, 0, 1]),
            (vec![0; 256], vec![1, 0, 1]),
            (modulus(256), vec![1]),
            (modulus(256), vec![2]),
            (modulus(256), vec![0]),
            (modulus(256), vec![0xff; 9]),
            (Vec::new(), Vec::new()),
        ] {
            assert_eq!(parse(&n, &e), None, "{} {e:?}", n.len());
        }
        assert!(parse(&modulus(256), &[3]).is_some());
        assert!(parse(&modulus(512), &[1, 0, 1]).is_some());
        assert_eq!(DeviceKey::parse("!", "AQAB"), None);
    }
}
