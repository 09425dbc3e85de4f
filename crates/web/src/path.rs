//! Segments of paths.

use housekey_core::percent;

/// Percent-decodes once; clients send `%7C`, `%7c` and a bare bar.
pub(crate) fn decode(segment: &str) -> Option<String> {
    String::from_utf8(percent::decode(segment)?).ok()
}
