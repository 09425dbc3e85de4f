//! What pages say: an operator's text for a key, else ours, in the language of the person
//! (contract 04 §15, 05 §18).
//!
//! Templates carry our English texts where they stand, `t("title", "Welcome")`, with the key that
//! Auth0 gives to an operator's own. A text is put into other languages by itself, so a language is
//! one table of texts.

mod german;

use std::collections::BTreeMap;

use minijinja::value::Kwargs;
use minijinja::{Error, HtmlEscape, State, Value};

/// Operators' texts for one screen, by their keys.
pub type Texts = BTreeMap<String, String>;

/// Tables of texts, by the tag of their language.
const LANGUAGES: [(&str, &[(&str, &str)]); 1] = [("de", german::TEXTS)];

/// Whether our own texts are there in a language.
#[must_use]
pub fn is_shipped(language: &str) -> bool {
    let primary = primary(language);
    primary == "en" || LANGUAGES.iter().any(|(own, _)| *own == primary)
}

fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or_default()
}

/// The template function `speak(frame, texts)`: whom the page is for, before anything is said.
pub(super) fn speak(state: &mut State, frame: Value, texts: Value) -> &'static str {
    state.set_temp("frame", frame);
    state.set_temp("texts", texts);
    ""
}

/// The template function `t("title", "Welcome")`: the text of a key. `${…}` stand for what the page
/// knows and for what else is passed, which is set apart; so is what an operator's text leaves out.
#[expect(clippy::needless_pass_by_value, reason = "the form of a template function")]
pub(super) fn say(
    state: &mut State,
    key: &str,
    ours: &str,
    values: Kwargs,
) -> Result<Value, Error> {
    let own = operators(state, key);
    let text = own.clone().unwrap_or_else(|| translated(&language(state), ours));
    let mut html = with_names(state, &escaped(&text));
    for name in values.args() {
        let value: Value = values.get(name)?;
        let apart = format!("<strong>{}</strong>", escaped(&value.to_string()));
        let place = format!("${{{name}}}");
        if html.contains(&place) {
            html = html.replace(&place, &apart);
        } else if own.is_some() {
            html = format!("{html} {apart}");
        }
    }
    values.assert_all_used()?;
    Ok(Value::from_safe_string(html))
}

/// The template function `page_title("Log in")`: the page's title, with whose it is.
pub(super) fn page_title(state: &mut State, ours: &str) -> Value {
    let text = operators(state, "pageTitle")
        .unwrap_or_else(|| format!("{} | ${{clientName}}", translated(&language(state), ours)));
    Value::from_safe_string(with_names(state, &escaped(&text)))
}

/// The template function `code_autocomplete()`: what browsers may put where a code is asked for.
pub(super) fn code_autocomplete(state: &mut State) -> &'static str {
    let frame = state.get_temp("frame");
    let fills = frame.and_then(|frame| frame.get_attr("otp_autocomplete").ok());
    if fills.is_some_and(|fills| fills.is_true()) { "one-time-code" } else { "off" }
}

fn operators(state: &State, key: &str) -> Option<String> {
    let texts = state.get_temp("texts")?;
    texts.get_attr(key).ok()?.as_str().map(ToOwned::to_owned)
}

/// A member of the frame as text.
fn of_frame(state: &State, name: &str) -> Option<String> {
    let frame = state.get_temp("frame")?;
    let value = frame.get_attr(name).ok()?;
    value.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

fn language(state: &State) -> String {
    of_frame(state, "language").unwrap_or_default()
}

fn with_names(state: &State, html: &str) -> String {
    if !html.contains("${") {
        return html.to_owned();
    }
    let tenant = of_frame(state, "tenant_name").unwrap_or_default();
    let client = of_frame(state, "client_name").unwrap_or_else(|| tenant.clone());
    let names = [
        ("${clientName}", &client),
        ("${companyName}", &tenant),
        ("${tenantName}", &tenant),
        ("${appName}", &tenant),
    ];
    names.into_iter().fold(html.to_owned(), |html, (place, name)| {
        html.replace(place, &escaped(name).replace("${", "$&#123;"))
    })
}

fn escaped(text: &str) -> String {
    HtmlEscape(text).to_string()
}

/// One of our texts in a language; what is not in its table stays English. A number in a text stands
/// in the table as `${count}`.
fn translated(language: &str, text: &str) -> String {
    let table = LANGUAGES.iter().find(|(own, _)| *own == primary(language));
    let Some((_, table)) = table else { return text.to_owned() };
    let find = |text: &str| table.iter().find(|(own, _)| *own == text).map(|(_, other)| *other);
    if let Some(other) = find(text) {
        return other.to_owned();
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = text.find(|c: char| c.is_ascii_digit()).and_then(|at| {
        let (before, rest) = text.split_at(at);
        let (number, after) = rest.split_at(digits(rest));
        Some(find(&format!("{before}${{count}}{after}"))?.replace("${count}", number))
    });
    numbered.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_put_into_german() {
        assert_eq!(translated("de-AT", "Continue"), "Weiter");
        assert_eq!(translated("de", "At least 12 characters"), "Mindestens 12 Zeichen");
        assert_eq!(translated("fr", "Continue"), "Continue");
        assert_eq!(translated("de", "Nobody says this 12"), "Nobody says this 12");
        assert!(is_shipped("en-GB") && is_shipped("de") && !is_shipped("fr"));
    }

    #[test]
    fn what_is_german_keeps_its_places_and_stands_once() {
        let places = |text: &str| {
            let mut all: Vec<_> =
                text.split("${").skip(1).map(|rest| rest.split('}').next()).collect();
            all.sort_unstable();
            all.into_iter().map(|own| own.map(ToOwned::to_owned)).collect::<Vec<_>>()
        };
        let mut seen = std::collections::HashSet::new();
        for (english, german) in german::TEXTS {
            assert_eq!(places(english), places(german), "{english}");
            assert!(seen.insert(*english), "{english} is there twice");
        }
    }

    /// Every text that a template or an error says is in the table.
    #[test]
    fn nothing_is_left_in_english() {
        let mut missing = Vec::new();
        let mut check = |text: &str| {
            if translated("de", text) == text && !SAME.contains(&text) {
                missing.push(text.to_owned());
            }
        };
        for name in super::super::Templates::iter() {
            let file = super::super::Templates::get(&name).expect("it is embedded");
            let source = String::from_utf8_lossy(&file.data).into_owned();
            for text in said(&source) {
                check(&text);
            }
        }
        for code in super::super::error_text::CODES {
            check(super::super::error_text(code));
        }
        for rule in super::super::PasswordRule::samples() {
            check(&rule.text());
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    /// Texts that are the same in both languages.
    const SAME: [&str; 1] = ["${companyName}"];

    /// The texts in calls of `t` and `page_title`.
    fn said(source: &str) -> Vec<String> {
        let titles =
            source.split("page_title(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let is_call =
            |at: &usize| !source[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let calls = source.match_indices("t(\"").map(|(at, _)| at).filter(is_call);
        let texts = calls.filter_map(|at| {
            let parts: Vec<_> = source[at..].splitn(5, '"').collect();
            (parts.get(2) == Some(&", ")).then(|| parts[3])
        });
        titles.chain(texts).map(ToOwned::to_owned).collect()
    }
}
