//! JSON that may stand inside a `script` element.

use serde::Serialize;

/// JSON text without a character that an HTML parser or an old script engine would act on: `<`, `>`
/// and `&` could end the element or open a comment, U+2028 and U+2029 end a line in scripts older
/// than ES2019. Inside JSON these characters occur only in strings, where an escape means the same.
///
/// # Errors
///
/// As [`serde_json::to_string`].
pub fn json_for_script<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            other => safe.push(other),
        }
    }
    Ok(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "</script><!--<script>&\u{2028}\u{2029}\"\\'é";

    #[test]
    fn nothing_can_end_the_element_or_the_line() {
        let safe = json_for_script(HOSTILE).expect("serializes");
        for character in ['<', '>', '&', '\u{2028}', '\u{2029}'] {
            assert!(!safe.contains(character), "{character:?} in {safe}");
        }
    }

    #[test]
    fn the_value_is_unchanged() {
        let value = serde_json::json!({ HOSTILE: [HOSTILE, 1, null, true] });
        let safe = json_for_script(&value).expect("serializes");
        let back: serde_json::Value = serde_json::from_str(&safe).expect("still JSON");
        assert_eq!(back, value);
    }
}
