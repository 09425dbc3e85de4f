//! Networks of addresses, written as in CIDR (RFC 4632).

use std::net::IpAddr;

/// A network, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpRange {
    network: IpAddr,
    bits: u8,
}

impl IpRange {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (network, bits) = match text.split_once('/') {
            Some((network, bits)) => (network, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let network: IpAddr = network.parse().ok()?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { network, bits })
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let differing = match (self.network, address.to_canonical()) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => {
                (one.to_bits() ^ other.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differing >= u32::from(self.bits)
    }
}

/// Whether `address` is in any of `ranges`. What is no range holds nothing.
#[must_use]
pub fn is_among(ranges: &[String], address: &str) -> bool {
    let Ok(address) = address.parse() else { return false };
    ranges.iter().filter_map(|range| IpRange::parse(range)).any(|range| range.contains(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_network_and_nothing_else() {
        for (range, address, expected) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "192.0.2.1", false),
            ("0.0.0.0/0", "203.0.113.7", true),
            ("nonsense", "203.0.113.7", false),
        ] {
            assert_eq!(is_among(&[range.to_owned()], address), expected, "{range} {address}");
        }
        for text in ["", "x", "192.0.2.0/33", "192.0.2/24", "::/129", "192.0.2.0/"] {
            assert_eq!(IpRange::parse(text), None, "{text}");
        }
    }
}
