//! The operations as paths of an `OpenAPI` document.

use serde_json::{Map, Value, json};

use super::operation::{Answers, Operation, Takes, operations};
use super::page;
use super::shape::{self, Mode, Shape, schema, schema_of_fields};
use super::upload;

/// Every operation under `/api/v2`, by path and method.
pub(crate) fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    for operation in operations() {
        let item = paths.entry(format!("/api/v2/{}", operation.path)).or_insert_with(|| json!({}));
        item[operation.method.to_ascii_lowercase()] = describe(operation);
    }
    paths
}

fn describe(operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation_id(operation),
        "tags": [tag(operation)],
        "summary": operation.summary,
        "description": format!("Needs one of the scopes {}.", scopes(operation)),
        "security": [{ "bearer": [] }],
        "parameters": parameters(operation),
        "responses": responses(operation),
    });
    let body = match operation.takes {
        Takes::Nothing | Takes::Upload(_) => None,
        Takes::Fields(fields, mode) => Some(schema_of_fields(fields, Some(mode))),
        Takes::Value(shape) => Some(schema(shape, Some(Mode::Create))),
    };
    if let Some(body) = body {
        described["requestBody"] = json!({ "required": true, "content": content(&body) });
    }
    if let Takes::Upload(fields) = operation.takes {
        let form = upload::schema(fields);
        let content = json!({ "multipart/form-data": { "schema": form } });
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    described
}

/// `patch_resource_servers_id`: unique as method and path are.
fn operation_id(operation: &Operation) -> String {
    let path = operation.path.replace(['/', '-'], "_").replace(['{', '}'], "");
    format!("{}_{path}", operation.method.to_ascii_lowercase())
}

fn tag(operation: &Operation) -> &'static str {
    operation.path.split('/').next().unwrap_or_default()
}

fn scopes(operation: &Operation) -> String {
    let quoted = |scopes: &[&str]| {
        scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(", ")
    };
    match operation.also {
        [] => quoted(operation.scopes),
        also => format!("{}, and {}", quoted(operation.scopes), quoted(also)),
    }
}

fn parameters(operation: &Operation) -> Value {
    let ids = operation.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        let schema = json!({ "type": "string", "minLength": 1 });
        Some(json!({ "name": name, "in": "path", "required": true, "schema": schema }))
    });
    let of_lists = match operation.answers {
        Answers::Page(..) => page::PARAMETERS,
        Answers::Nothing(_) | Answers::Perhaps(_) | Answers::Value(..) => &[],
    };
    let queries = operation.query.iter().chain(of_lists).map(
        |(name, shape)| json!({ "name": name, "in": "query", "schema": shape::parameter(shape) }),
    );
    ids.chain(queries).collect()
}

fn responses(operation: &Operation) -> Value {
    let (status, schema) = match operation.answers {
        Answers::Nothing(status) => (status, None),
        Answers::Value(status, shape) if chooses_members(operation) => {
            (status, Some(partial(schema(shape, None))))
        }
        Answers::Value(status, shape) => (status, Some(schema(shape, None))),
        Answers::Perhaps(shape) => (200, Some(schema(shape, None))),
        Answers::Page(key, of) => (200, Some(list(key, of))),
    };
    let mut success = json!({ "description": "Done." });
    if let Some(schema) = schema {
        success["content"] = content(&schema);
    }
    let mut answers = Map::from_iter([(status.to_string(), success)]);
    if matches!(operation.answers, Answers::Perhaps(_)) {
        answers.insert("204".to_owned(), json!({ "description": "There is none." }));
    }
    if matches!(operation.takes, Takes::Upload(_)) {
        let too_long = json!({ "description": "The file is too long." });
        answers.insert("413".to_owned(), too_long);
    }
    for status in ["400", "401", "403", "404", "409", "429"] {
        let refusal = json!({ "$ref": "#/components/responses/ManagementRefusal" });
        answers.insert(status.to_owned(), refusal);
    }
    answers.into()
}

/// How every operation refuses.
pub(crate) fn refusal() -> Value {
    let problem = json!({ "$ref": "#/components/schemas/ManagementError" });
    json!({ "description": "Refused.", "content": content(&problem) })
}

/// The three forms of a list.
fn list(key: &str, of: &Shape) -> Value {
    let items = json!({ "type": "array", "items": partial(schema(of, None)) });
    let number = json!({ "type": "integer", "minimum": 0 });
    json!({ "oneOf": [
        items,
        {
            "type": "object",
            "required": ["start", "limit", "total", key],
            "properties": { "start": number, "limit": number, "total": number, key: items },
        },
        {
            "type": "object",
            "required": [key],
            "properties": { key: items, "next": { "type": "string" } },
            "not": { "required": ["start"] },
        },
    ] })
}

/// Whether the query may choose from the members of the answer.
fn chooses_members(operation: &Operation) -> bool {
    operation.query.iter().any(|(name, _)| *name == "fields")
}

/// An object whose members the query may have chosen from.
fn partial(mut schema: Value) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("required");
    }
    schema
}

fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_operations_are_one() {
        let mut seen = HashSet::new();
        for operation in operations() {
            assert!(seen.insert(operation_id(operation)), "{}", operation_id(operation));
        }
    }
}
