//! Reading the one form of a sign-in page.
//!
//! This is no HTML parser: it finds the page's primary form and the hidden fields a browser would
//! send with it, in the plain markup that the server's own pages have.

/// The hidden fields of the page's primary form (`data-form-primary="true"`), name and value;
/// none if there is no such form.
pub fn primary_form(html: &str) -> Option<Vec<(String, String)>> {
    let form = tags(html, "form").find(|form| form.value("data-form-primary") == Some("true"))?;
    let body = form.rest.split("</form").next().unwrap_or_default();
    let hidden = tags(body, "input").filter(|input| input.value("type") == Some("hidden"));
    let fields = hidden.filter_map(|input| {
        let value = input.value("value").unwrap_or_default();
        Some((unescape(input.value("name")?), unescape(value)))
    });
    Some(fields.collect())
}

/// A start tag and what follows it.
struct Tag<'a> {
    attributes: Vec<(&'a str, &'a str)>,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// Every start tag of this name, in order.
fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = Tag<'a>> {
    let start = format!("<{name}");
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let after = &rest[rest.find(&start)? + start.len()..];
            rest = after;
            if after.starts_with(|next: char| next == '>' || next.is_ascii_whitespace()) {
                let tag = read_tag(after);
                rest = tag.rest;
                return Some(tag);
            }
        }
    })
}

/// Reads attributes up to the closing bracket.
fn read_tag(mut text: &str) -> Tag<'_> {
    let mut attributes = Vec::new();
    loop {
        text = text.trim_start_matches(|next: char| next == '/' || next.is_ascii_whitespace());
        if text.is_empty() || text.starts_with('>') {
            return Tag { attributes, rest: text.strip_prefix('>').unwrap_or(text) };
        }
        let (name, after) = split_at_any(text, |next| next == '=' || ends_word(next));
        // A lone `=` has no name; stepping over it keeps the loop moving.
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => read_value(after),
            None => ("", after),
        };
        attributes.push((name, value));
        text = after;
    }
}

/// A quoted or bare attribute value, and what follows it.
fn read_value(text: &str) -> (&str, &str) {
    let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        return split_at_any(text, ends_word);
    };
    text[1..].split_once(quote).unwrap_or((&text[1..], ""))
}

fn split_at_any(text: &str, is_end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(is_end).unwrap_or(text.len()))
}

fn ends_word(next: char) -> bool {
    next == '>' || next.is_ascii_whitespace()
}

/// Resolves the character references an escaping template writes; leaves anything else alone.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let resolved =
            after.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        let (next, after) = resolved.unwrap_or(('&', after));
        plain.push(next);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn character(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = reference.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><main>
        <form data-provider="x" data-form-secondary="true"><input type="hidden" name="connection" value="x"></form>
        <form method="POST" class='_form-login-id' data-form-primary="true">
          <input type="hidden" name="state" value="a&amp;b&#x2f;c"/>
          <input name=_csrf value=t0ken type=hidden>
          <input type="hidden" name="js-available">
          <input class="hide" type="password" aria-hidden="true">
          <input id="username" name="username" type="text" value="> shown">
          <inputs type="hidden" name="no"><button type="submit" name="action" value="default">Go</button>
        </form>
        <form><input type="hidden" name="later" value="1"></form></main>"#;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn the_primary_forms_hidden_fields_are_read() {
        let expected =
            vec![pair("state", "a&b/c"), pair("_csrf", "t0ken"), pair("js-available", "")];
        assert_eq!(primary_form(PAGE), Some(expected));
    }

    #[test]
    fn a_page_without_a_primary_form_has_none() {
        assert_eq!(primary_form("<p>Oops!</p><form><input type=hidden name=a></form>"), None);
    }

    #[test]
    fn broken_markup_ends_the_reading_and_does_not_hang() {
        for broken in [
            "<form",
            "<form =",
            "<form data-form-primary=",
            "<form data-form-primary=\"true",
            "<form data-form-primary=\"true\"><input type='hidden name=x>",
            "<form = = data-form-primary=true><input = type=hidden",
        ] {
            primary_form(broken);
        }
    }

    #[test]
    fn references_are_resolved_and_lone_ampersands_kept() {
        assert_eq!(unescape("&lt;&gt;&quot;&apos;&#39;&#x27;&#X41;"), "<>\"'''A");
        assert_eq!(unescape("a & b &nope; &#xZZ; &"), "a & b &nope; &#xZZ; &");
    }
}
