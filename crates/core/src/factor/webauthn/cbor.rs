//! Reading CBOR (RFC 8949) that anybody may have made. Depth is bounded by the reader, size by the
//! caller's input.

use ciborium::value::Value;

use super::Refusal;

/// A CBOR map whose entries can be asked for.
pub(super) struct Map(Vec<(Value, Value)>);

impl Map {
    /// Reads exactly one map; anything behind it is an error.
    pub(super) fn read(bytes: &[u8], what: &'static str) -> Result<Self, Refusal> {
        match Self::read_first(bytes, what)? {
            (map, []) => Ok(map),
            _ => Err(Refusal::Malformed(what)),
        }
    }

    /// Reads a map; gives what is behind it, too.
    pub(super) fn read_first<'a>(
        bytes: &'a [u8],
        what: &'static str,
    ) -> Result<(Self, &'a [u8]), Refusal> {
        let mut rest = bytes;
        let value: Value =
            ciborium::from_reader(&mut rest).map_err(|_| Refusal::Malformed(what))?;
        let map = value.into_map().map_err(|_| Refusal::Malformed(what))?;
        let repeats = map
            .iter()
            .enumerate()
            .any(|(at, (key, _))| map.iter().take(at).any(|(earlier, _)| earlier == key));
        if repeats { Err(Refusal::Malformed(what)) } else { Ok((Self(map), rest)) }
    }

    fn find(&self, is_key: impl Fn(&Value) -> bool) -> Option<&Value> {
        self.0.iter().find(|(key, _)| is_key(key)).map(|(_, value)| value)
    }

    /// The entry under a text.
    pub(super) fn named(&self, name: &str) -> Option<&Value> {
        self.find(|key| key.as_text() == Some(name))
    }

    /// The entry under a number, as COSE has them.
    pub(super) fn numbered(&self, label: i64) -> Option<&Value> {
        self.find(|key| integer(key) == Some(label))
    }

    /// The number under a number.
    pub(super) fn integer(&self, label: i64) -> Option<i64> {
        self.numbered(label).and_then(integer)
    }

    /// The bytes under a number.
    pub(super) fn bytes(&self, label: i64) -> Option<&[u8]> {
        self.numbered(label)?.as_bytes().map(Vec::as_slice)
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes over a map found inside another value.
    pub(super) fn nested(value: &Value) -> Option<Self> {
        value.as_map().cloned().map(Self)
    }
}

/// A number that fits.
pub(super) fn integer(value: &Value) -> Option<i64> {
    i64::try_from(value.as_integer()?).ok()
}
