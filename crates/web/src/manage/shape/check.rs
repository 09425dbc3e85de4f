//! Refusing what does not have its form. The first thing that is wrong is told, in the wording tools
//! know (contract 05 §2.1).

use housekey_core::document::kind;
use housekey_core::user::Identifier;
use serde_json::{Map, Value};
use url::Url;

use super::{Field, Shape};

/// Whether a body creates or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Required members must be there.
    Create,
    /// What is not there stays.
    Change,
}

/// What is wrong, and with which member; none for the whole.
struct Wrong {
    reason: String,
    path: String,
}

impl Wrong {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), path: String::new() }
    }

    /// The same, seen from one level up.
    fn under(mut self, name: &str) -> Self {
        let separator = if self.path.is_empty() { "" } else { "." };
        self.path = format!("{name}{separator}{}", self.path);
        self
    }

    fn told(&self) -> String {
        refusal(&self.reason, &self.path)
    }
}

/// How tools are told what is wrong with a member; an empty `path` is the whole body.
pub(crate) fn refusal(reason: &str, path: &str) -> String {
    match path {
        "" => format!("Payload validation error: '{reason}'."),
        path => format!("Payload validation error: '{reason}' on property {path}."),
    }
}

/// Checks a body that is a value of `shape`.
///
/// # Errors
/// What is wrong.
pub(crate) fn check(shape: &Shape, value: &Value, mode: Mode) -> Result<(), String> {
    value_fits(shape, value, mode).map_err(|wrong| wrong.told())
}

/// Checks an object of these members; others are refused unless it is open.
///
/// # Errors
/// What is wrong.
pub(crate) fn check_fields(
    fields: &[Field],
    members: &Map<String, Value>,
    mode: Mode,
    is_open: bool,
) -> Result<(), String> {
    members_fit(fields, members, mode, is_open).map_err(|wrong| wrong.told())
}

fn members_fit(
    fields: &[Field],
    members: &Map<String, Value>,
    mode: Mode,
    is_open: bool,
) -> Result<(), Wrong> {
    for (name, value) in members {
        let field = fields.iter().find(|field| field.name == name && field.is_in_body(mode));
        let Some(field) = field else {
            if is_open {
                continue;
            }
            return Err(Wrong::new(format!("Additional properties not allowed: {name}")));
        };
        if !value.is_null() {
            // Inside a member there is no "stays as it is": it is replaced whole.
            value_fits(&field.shape, value, Mode::Create).map_err(|wrong| wrong.under(name))?;
        }
    }
    let is_missing = |field: &&Field| {
        let value = members.get(field.name);
        field.is_required
            && field.is_in_body(mode)
            && match mode {
                Mode::Create => value.is_none_or(Value::is_null),
                Mode::Change => value.is_some_and(Value::is_null),
            }
    };
    match fields.iter().find(is_missing) {
        Some(Field { name, .. }) => {
            Err(Wrong::new(format!("Missing required property: {name}")).under(name))
        }
        None => Ok(()),
    }
}

fn value_fits(shape: &Shape, value: &Value, mode: Mode) -> Result<(), Wrong> {
    let expected = kind_of(shape);
    let found = kind(value);
    let is_whole_number = expected == "number" && found == "integer";
    if expected != found && !expected.is_empty() && !is_whole_number {
        return Err(Wrong::new(format!("Expected type {expected} but found type {found}")));
    }
    match (shape, value) {
        (Shape::Integer { least, most }, value) => {
            // Beyond 64 bits is beyond any range.
            value
                .as_i64()
                .filter(|number| (*least..=*most).contains(number))
                .map(|_| ())
                .ok_or_else(|| {
                    Wrong::new(format!("Value {value} is not between {least} and {most}"))
                })
        }
        #[expect(clippy::cast_precision_loss, reason = "ranges of such numbers are small")]
        (Shape::Number { least, most }, value) => {
            let range = (*least as f64)..=(*most as f64);
            value.as_f64().filter(|number| range.contains(number)).map(|_| ()).ok_or_else(|| {
                Wrong::new(format!("Value {value} is not between {least} and {most}"))
            })
        }
        (Shape::Text { least, most }, Value::String(text)) => length_fits(text, *least, *most),
        (Shape::Uri, Value::String(text)) if Url::parse(text).is_err() => {
            Err(Wrong::new("Object didn't pass validation for format uri"))
        }
        (Shape::Email, Value::String(text)) if Identifier::email(text).is_none() => {
            Err(Wrong::new("Object didn't pass validation for format email"))
        }
        (Shape::OneOf(texts), Value::String(text)) if !texts.contains(&text.as_str()) => {
            Err(Wrong::new("No enum match"))
        }
        (Shape::List { of, most }, Value::Array(items)) => items_fit(of, *most, items, mode),
        (Shape::Object(fields), Value::Object(members)) => {
            members_fit(fields, members, mode, false)
        }
        (Shape::Open(fields), Value::Object(members)) => members_fit(fields, members, mode, true),
        (Shape::Map { of, most }, Value::Object(members)) => {
            if members.len() > *most {
                return Err(Wrong::new(format!(
                    "Too many properties defined ({}), maximum {most}",
                    members.len()
                )));
            }
            // In metadata, `null` takes a member away.
            let members = members.iter().filter(|(_, value)| !value.is_null());
            members.into_iter().try_for_each(|(name, value)| {
                value_fits(of, value, mode).map_err(|wrong| wrong.under(name))
            })
        }
        _ => Ok(()),
    }
}

fn items_fit(of: &Shape, most: usize, items: &[Value], mode: Mode) -> Result<(), Wrong> {
    if items.len() > most {
        let reason = format!("Array is too long ({}), maximum {most}", items.len());
        return Err(Wrong::new(reason));
    }
    items.iter().enumerate().try_for_each(|(at, item)| {
        value_fits(of, item, mode).map_err(|wrong| wrong.under(&at.to_string()))
    })
}

fn length_fits(text: &str, least: usize, most: usize) -> Result<(), Wrong> {
    // The database cannot keep it, and nobody means it.
    if text.contains('\0') {
        return Err(Wrong::new("String contains a null character"));
    }
    let length = text.chars().count();
    if length < least {
        let reason = format!("String is too short ({length} chars), minimum {least}");
        return Err(Wrong::new(reason));
    }
    if length > most {
        let reason = format!("String is too long ({length} chars), maximum {most}");
        return Err(Wrong::new(reason));
    }
    Ok(())
}

/// The type that a form is of; empty where any will do.
fn kind_of(shape: &Shape) -> &'static str {
    match shape {
        Shape::Any => "",
        Shape::Flag => "boolean",
        Shape::Integer { .. } => "integer",
        Shape::Number { .. } => "number",
        Shape::Text { .. } | Shape::Uri | Shape::Email | Shape::OneOf(_) => "string",
        Shape::List { .. } => "array",
        Shape::Object(_) | Shape::Open(_) | Shape::Map { .. } => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manage::shape::{METADATA, field, text};

    const FIELDS: &[Field] = &[
        field("name", text(1, 5)).required(),
        field("kind", Shape::OneOf(&["a", "b"])).create_only(),
        field("id", text(0, 9)).read_only(),
        field("size", Shape::Integer { least: 1, most: 9 }),
        field("home", Shape::Uri),
        field("hours", Shape::Number { least: 0, most: 9 }),
        field("more", METADATA),
        field(
            "list",
            Shape::List { of: &Shape::Object(&[field("x", Shape::Flag).required()]), most: 2 },
        ),
    ];

    fn wrong(body: &Value, mode: Mode) -> Option<String> {
        check(&Shape::Object(FIELDS), body, mode).err()
    }

    #[test]
    fn what_fits_is_let_through() {
        let whole = json!({
            "name": "héllo", "kind": "a", "size": 9, "home": "app://x/y", "hours": 2.5,
            "more": { "k": "v", "gone": null }, "list": [{ "x": true }],
        });
        assert_eq!(wrong(&whole, Mode::Create), None);
        assert_eq!(wrong(&json!({ "size": null }), Mode::Change), None);
        assert_eq!(wrong(&json!({ "hours": 3 }), Mode::Change), None);
    }

    #[test]
    fn what_does_not_is_told_with_its_place() {
        for (body, mode, expected) in [
            (json!([]), Mode::Create, "'Expected type object but found type array'."),
            (json!({}), Mode::Create, "'Missing required property: name' on property name."),
            (
                json!({ "name": null }),
                Mode::Change,
                "'Missing required property: name' on property name.",
            ),
            (json!({ "kind": "a" }), Mode::Change, "'Additional properties not allowed: kind'."),
            (json!({ "id": "x" }), Mode::Change, "'Additional properties not allowed: id'."),
            (
                json!({ "name": "toolong" }),
                Mode::Change,
                "'String is too long (7 chars), maximum 5' on property name.",
            ),
            (
                json!({ "name": "a\u{0}" }),
                Mode::Change,
                "'String contains a null character' on property name.",
            ),
            (
                json!({ "size": 1.5 }),
                Mode::Change,
                "'Expected type integer but found type number' on property size.",
            ),
            (
                json!({ "size": u64::MAX }),
                Mode::Change,
                "'Value 18446744073709551615 is not between 1 and 9' on property size.",
            ),
            (
                json!({ "home": "x" }),
                Mode::Change,
                "'Object didn't pass validation for format uri' on property home.",
            ),
            (
                json!({ "more": { "k": 1 } }),
                Mode::Change,
                "'Expected type string but found type integer' on property more.k.",
            ),
            (
                json!({ "list": [{}] }),
                Mode::Change,
                "'Missing required property: x' on property list.0.x.",
            ),
            (
                json!({ "list": [1, 2, 3] }),
                Mode::Change,
                "'Array is too long (3), maximum 2' on property list.",
            ),
        ] {
            let expected = format!("Payload validation error: {expected}");
            assert_eq!(wrong(&body, mode), Some(expected), "{body}");
        }
    }
}
