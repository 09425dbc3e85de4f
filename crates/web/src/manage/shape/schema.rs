//! Forms as JSON Schema (`OpenAPI` 3.1).

use serde_json::{Map, Value, json};

use super::{Field, Mode, Shape};

/// Which side a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Body(Mode),
    Answer,
}

/// The schema of a body in `mode`, or of an answer.
pub(crate) fn schema(shape: &Shape, mode: Option<Mode>) -> Value {
    of_shape(shape, mode.map_or(Side::Answer, Side::Body))
}

/// The schema of an object of these members.
pub(crate) fn schema_of_fields(fields: &[Field], mode: Option<Mode>) -> Value {
    of_fields(fields, mode.map_or(Side::Answer, Side::Body))
}

/// The schema of a query parameter.
pub(crate) fn parameter(shape: &Shape) -> Value {
    of_shape(shape, Side::Body(Mode::Create))
}

fn of_shape(shape: &Shape, side: Side) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Integer { least, most } => ranged("integer", *least, *most),
        Shape::Number { least, most } => ranged("number", *least, *most),
        Shape::Text { least, most } => {
            let mut schema = json!({ "type": "string" });
            if *least > 0 {
                schema["minLength"] = (*least).into();
            }
            if *most < usize::MAX {
                schema["maxLength"] = (*most).into();
            }
            schema
        }
        Shape::Uri => json!({ "type": "string", "format": "uri" }),
        Shape::Email => json!({ "type": "string", "format": "email" }),
        Shape::OneOf(texts) => json!({ "type": "string", "enum": texts }),
        Shape::List { of, most } => {
            let mut schema = json!({ "type": "array", "items": of_shape(of, side) });
            if *most < usize::MAX {
                schema["maxItems"] = (*most).into();
            }
            schema
        }
        Shape::Object(fields) => of_fields(fields, side),
        Shape::Open(fields) => {
            let mut schema = of_fields(fields, side);
            schema["additionalProperties"] = true.into();
            schema
        }
        Shape::Map { of, most } => {
            let mut schema =
                json!({ "type": "object", "additionalProperties": of_shape(of, side) });
            if *most < usize::MAX {
                schema["maxProperties"] = (*most).into();
            }
            schema
        }
    }
}

fn ranged(kind: &str, least: i64, most: i64) -> Value {
    let mut schema = json!({ "type": kind, "minimum": least });
    if most < i64::MAX {
        schema["maximum"] = most.into();
    }
    schema
}

fn of_fields(fields: &[Field], side: Side) -> Value {
    // Inside a member there is no "stays as it is": it is replaced whole.
    let inside = match side {
        Side::Body(_) => Side::Body(Mode::Create),
        Side::Answer => Side::Answer,
    };
    let there = |field: &&Field| match side {
        Side::Body(mode) => field.is_in_body(mode),
        Side::Answer => field.is_in_answer(),
    };
    let properties: Map<_, _> = fields
        .iter()
        .filter(there)
        .map(|field| (field.name.to_owned(), member(field, inside)))
        .collect();
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    let must = |field: &&Field| field.is_required && side != Side::Body(Mode::Change);
    let required: Vec<_> =
        fields.iter().filter(there).filter(must).map(|field| field.name).collect();
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

/// In a body, `null` stands for the default of what has one.
fn member(field: &Field, side: Side) -> Value {
    let schema = of_shape(&field.shape, side);
    let has_default = side != Side::Answer && !field.is_required;
    if has_default && schema.get("type").is_some() {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    schema
}
