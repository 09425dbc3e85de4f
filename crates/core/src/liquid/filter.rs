//! Filters: what values go through. Those of Auth0's list and no others.

use serde_json::Value;

use super::date;
use super::value::{compare, from_number, integer, is_empty, is_true, member, number, text};

/// A value between filters, and whether it is HTML already.
#[derive(Clone, Debug)]
pub(super) struct Piped {
    pub(super) value: Value,
    pub(super) is_safe: bool,
}

impl Piped {
    pub(super) fn new(value: Value) -> Self {
        Self { value, is_safe: false }
    }
}

const NAMES: &[&str] = &[
    "abs",
    "append",
    "at_least",
    "at_most",
    "capitalize",
    "ceil",
    "compact",
    "concat",
    "date",
    "default",
    "divided_by",
    "downcase",
    "escape",
    "escape_once",
    "first",
    "floor",
    "join",
    "json",
    "last",
    "lstrip",
    "map",
    "minus",
    "modulo",
    "newline_to_br",
    "plus",
    "prepend",
    "remove",
    "remove_first",
    "replace",
    "replace_first",
    "reverse",
    "round",
    "rstrip",
    "size",
    "slice",
    "sort",
    "sort_natural",
    "split",
    "strip",
    "strip_html",
    "strip_newlines",
    "times",
    "truncate",
    "truncatewords",
    "uniq",
    "upcase",
    "url_decode",
    "url_encode",
];

/// The filter of that name.
pub(super) fn named(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|own| **own == name).copied()
}

/// Sends a value through a filter; none if what came out would be longer than `limit`.
pub(super) fn apply(
    name: &str,
    piped: &Piped,
    arguments: &[Value],
    limit: usize,
    now: i64,
) -> Option<Piped> {
    let value = &piped.value;
    match name {
        "escape" => return Some(safe(escape(&text(value)))),
        "escape_once" => return Some(safe(escape(&unescape(&text(value))))),
        "newline_to_br" => {
            let own = text(value);
            let own = if piped.is_safe { own } else { escape(&own) };
            return Some(safe(own.replace('\n', "<br />\n")));
        }
        _ => {}
    }
    let changed = numeric(name, value, arguments)
        .or_else(|| of_list(name, value, arguments))
        .or_else(|| of_text(name, value, arguments, now));
    let value = match changed {
        Some(value) => value,
        None => growing(name, &text(value), arguments, limit)?.into(),
    };
    Some(Piped::new(value))
}

fn safe(text: String) -> Piped {
    Piped { value: text.into(), is_safe: true }
}

fn numeric(name: &str, value: &Value, arguments: &[Value]) -> Option<Value> {
    let own = number(value);
    let other = || number(arguments.first().unwrap_or(&Value::Null));
    let result = match name {
        "abs" => own.abs(),
        "at_least" => own.max(other()),
        "at_most" => own.min(other()),
        "ceil" => own.ceil(),
        "floor" => own.floor(),
        "minus" => own - other(),
        "plus" => own + other(),
        "times" => own * other(),
        "round" => {
            let places = arguments.first().map_or(0, integer).clamp(0, 10);
            let scale = 10f64.powi(i32::try_from(places).unwrap_or(0));
            (own * scale).round() / scale
        }
        "divided_by" | "modulo" if other() == 0.0 => return Some(Value::Null),
        "divided_by" => own / other(),
        "modulo" => own.rem_euclid(other()),
        _ => return None,
    };
    Some(from_number(result))
}

fn of_list(name: &str, value: &Value, arguments: &[Value]) -> Option<Value> {
    let key = || arguments.first().map(text).unwrap_or_default();
    let list = || match value {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        other => vec![other.clone()],
    };
    Some(match name {
        "first" | "last" => member(value, name),
        "size" => match value {
            Value::Array(_) | Value::Object(_) | Value::String(_) => member(value, "size"),
            _ => 0.into(),
        },
        "join" => {
            let between = arguments.first().map_or_else(|| " ".to_owned(), text);
            list().iter().map(text).collect::<Vec<_>>().join(&between).into()
        }
        "reverse" => list().into_iter().rev().collect(),
        "compact" => list().into_iter().filter(|own| !own.is_null()).collect(),
        "uniq" => {
            let mut seen: Vec<Value> = Vec::new();
            for own in list().into_iter().take(1000) {
                if !seen.contains(&own) {
                    seen.push(own);
                }
            }
            seen.into()
        }
        "concat" => {
            let other = arguments.first().and_then(Value::as_array).cloned().unwrap_or_default();
            list().into_iter().chain(other).collect()
        }
        "map" => list().iter().map(|own| member(own, &key())).collect(),
        "sort" | "sort_natural" => {
            sorted(list(), arguments.first().map(text).as_deref(), name == "sort_natural")
        }
        "slice" => slice(value, arguments),
        "json" => Value::from(value.to_string()),
        _ => return None,
    })
}

fn sorted(mut list: Vec<Value>, key: Option<&str>, ignores_case: bool) -> Value {
    list.sort_by_cached_key(|own| {
        let own = key.map_or_else(|| own.clone(), |key| member(own, key));
        Ordered(if ignores_case { text(&own).to_lowercase().into() } else { own })
    });
    list.into()
}

/// A value with an order among all: what cannot be compared stays where it is.
struct Ordered(Value);

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |value: &Value| match value {
            Value::Number(_) => 0,
            Value::String(_) => 1,
            _ => 2,
        };
        let by_rank = rank(&self.0).cmp(&rank(&other.0));
        by_rank.then_with(|| compare(&self.0, &other.0).unwrap_or(std::cmp::Ordering::Equal))
    }
}

fn slice(value: &Value, arguments: &[Value]) -> Value {
    let from = arguments.first().map_or(0, integer);
    let count = arguments.get(1).map_or(1, integer).max(0);
    let range = |length: usize| {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let from = if from < 0 { from.saturating_add(length) } else { from }.clamp(0, length);
        let to = from.saturating_add(count).min(length);
        (usize::try_from(from).unwrap_or(0), usize::try_from(to - from).unwrap_or(0))
    };
    if let Value::Array(list) = value {
        let (from, count) = range(list.len());
        return list.iter().skip(from).take(count).cloned().collect();
    }
    let own = text(value);
    let (from, count) = range(own.chars().count());
    own.chars().skip(from).take(count).collect::<String>().into()
}

fn of_text(name: &str, value: &Value, arguments: &[Value], now: i64) -> Option<Value> {
    let own = || text(value);
    let first = || arguments.first().map(text).unwrap_or_default();
    Some(match name {
        "date" => date::format(value, &first(), now).unwrap_or_else(|| value.clone()),
        "default" if !is_true(value) || is_empty(value) => {
            arguments.first().cloned().unwrap_or_default()
        }
        "default" => value.clone(),
        "capitalize" => {
            let own = own().to_lowercase();
            let mut letters = own.chars();
            let begin = letters.next().map(char::to_uppercase);
            begin.into_iter().flatten().chain(letters).collect::<String>().into()
        }
        "upcase" => own().to_uppercase().into(),
        "downcase" => own().to_lowercase().into(),
        "strip" => own().trim().into(),
        "lstrip" => own().trim_start().into(),
        "rstrip" => own().trim_end().into(),
        "strip_newlines" => own().replace(['\n', '\r'], "").into(),
        "strip_html" => strip_html(&own()).into(),
        "remove" if !first().is_empty() => own().replace(&first(), "").into(),
        "remove_first" if !first().is_empty() => own().replacen(&first(), "", 1).into(),
        "remove" | "remove_first" => own().into(),
        "split" => match (own(), first()) {
            (own, _) if own.is_empty() => Value::Array(Vec::new()),
            (own, between) if between.is_empty() => own.chars().map(|c| c.to_string()).collect(),
            (own, between) => own.split(&between).map(Value::from).collect(),
        },
        "truncate" => truncate(&own(), arguments).into(),
        "truncatewords" => truncate_words(&own(), arguments).into(),
        "url_encode" => crate::percent::encode(&own()).replace("%20", "+").into(),
        "url_decode" => {
            let decoded = crate::percent::decode(&own().replace('+', " "));
            let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.map_or_else(|| value.clone(), Value::from)
        }
        _ => return None,
    })
}

/// Filters whose result may be longer than what they were given.
fn growing(name: &str, own: &str, arguments: &[Value], limit: usize) -> Option<String> {
    let argument = |at: usize| arguments.get(at).map(text).unwrap_or_default();
    let (first, second) = (argument(0), argument(1));
    let times = match name {
        "replace" if first.is_empty() => 0,
        "replace" => own.matches(first.as_str()).count(),
        _ => 1,
    };
    let added = if name.starts_with("replace") { second.len() } else { first.len() };
    if own.len().saturating_add(times.saturating_mul(added)) > limit {
        return None;
    }
    Some(match name {
        "append" => own.to_owned() + &first,
        "prepend" => first + own,
        "replace" if !first.is_empty() => own.replace(&first, &second),
        "replace_first" if !first.is_empty() => own.replacen(&first, &second, 1),
        _ => own.to_owned(),
    })
}

fn truncate(own: &str, arguments: &[Value]) -> String {
    let most = usize::try_from(arguments.first().map_or(50, integer)).unwrap_or(0);
    let mark = arguments.get(1).map_or_else(|| "...".to_owned(), text);
    if own.chars().count() <= most {
        return own.to_owned();
    }
    let kept = most.saturating_sub(mark.chars().count());
    own.chars().take(kept).collect::<String>() + &mark
}

fn truncate_words(own: &str, arguments: &[Value]) -> String {
    let most = usize::try_from(arguments.first().map_or(15, integer)).unwrap_or(0).max(1);
    let mark = arguments.get(1).map_or_else(|| "...".to_owned(), text);
    let words: Vec<_> = own.split_whitespace().collect();
    if words.len() <= most { own.to_owned() } else { words[..most].join(" ") + &mark }
}

/// Text that may stand in HTML, between tags and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text.to_owned(), |text, (entity, own)| text.replace(entity, own))
}

fn strip_html(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut is_inside = false;
    for char in text.chars() {
        match char {
            '<' => is_inside = true,
            '>' if is_inside => is_inside = false,
            other if !is_inside => kept.push(other),
            _ => {}
        }
    }
    kept
}
