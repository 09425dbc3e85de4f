//! Values: JSON, with Liquid's ideas of truth, equality, order and text.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Everything is true but nothing and no.
pub(super) fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Empty, nothing, no, or only spaces.
pub(super) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        other => is_empty(other),
    }
}

/// As it is printed.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(own) => own.to_string(),
        Value::Number(own) => own.to_string(),
        Value::String(own) => own.clone(),
        Value::Array(list) => list.iter().map(text).collect(),
        Value::Object(_) => value.to_string(),
    }
}

/// As a number: texts that are none are zero.
pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::Number(own) => own.as_f64().unwrap_or(0.0),
        Value::String(own) => {
            own.trim().parse().ok().filter(|own: &f64| own.is_finite()).unwrap_or(0.0)
        }
        _ => 0.0,
    }
}

/// As a whole number within what counts here.
#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
pub(super) fn integer(value: &Value) -> i64 {
    number(value) as i64
}

/// A number without a fraction is written without one.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn from_number(own: f64) -> Value {
    if own.fract() == 0.0 && own.abs() < 9.0e15 {
        Value::from(own as i64)
    } else {
        Number::from_f64(own).map_or(Value::Null, Value::Number)
    }
}

pub(super) fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}

/// Numbers by size, texts by letters; others have no order.
pub(super) fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        _ => None,
    }
}

pub(super) fn contains(whole: &Value, part: &Value) -> bool {
    match whole {
        Value::String(whole) => !part.is_null() && whole.contains(&text(part)),
        Value::Array(list) => list.iter().any(|own| equal(own, part)),
        Value::Object(map) => map.contains_key(&text(part)),
        _ => false,
    }
}

/// A member, or what `size`, `first` and `last` mean where there is none of that name.
pub(super) fn member(value: &Value, key: &str) -> Value {
    match (value, key) {
        (Value::Object(map), _) if map.contains_key(key) => map[key].clone(),
        (Value::Object(map), "size") => map.len().into(),
        (Value::Array(list), "size") => list.len().into(),
        (Value::String(own), "size") => own.chars().count().into(),
        (Value::Array(list), "first") => list.first().cloned().unwrap_or_default(),
        (Value::Array(list), "last") => list.last().cloned().unwrap_or_default(),
        _ => Value::Null,
    }
}

/// An element; negative numbers count from the end.
pub(super) fn element(value: &Value, index: &Value) -> Value {
    match (value, index) {
        (Value::Array(list), Value::Number(at)) => {
            let at = at.as_i64().unwrap_or(i64::MAX);
            let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
            let at = if at < 0 { at.saturating_add(length) } else { at };
            usize::try_from(at).ok().and_then(|at| list.get(at)).cloned().unwrap_or_default()
        }
        (_, Value::String(key)) => member(value, key),
        _ => Value::Null,
    }
}
