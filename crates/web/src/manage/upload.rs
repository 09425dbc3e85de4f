//! Forms with a file (RFC 7578).

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use housekey_core::manage::ManageError;
use http::{HeaderMap, header};
use multer::Multipart;
use serde_json::{Map, Value, json};

use super::shape::{Field, Mode, Shape, refusal, schema_of_fields};
use crate::body;

/// The part that is the file.
pub(super) const FILE: &str = "users";
/// The longest file.
pub(super) const MAX_FILE: usize = 512_000;
/// What the rest of the form may take.
const MAX_REST: usize = 64 * 1024;

/// The members of a form, with those that are flags as such, and its file.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    fields: &[Field],
) -> Result<(Value, Option<Bytes>), ManageError> {
    let malformed = || ManageError::InvalidBody("Invalid multipart payload format".to_owned());
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default());
    let boundary = boundary.map_err(|_| malformed())?;
    let too_long = ManageError::TooLong(MAX_FILE);
    let content = body::read_up_to(body, MAX_FILE + MAX_REST).await.ok_or(too_long)?;
    let content = stream::iter([Ok::<_, std::convert::Infallible>(content)]);
    let mut form = Multipart::new(content, boundary);
    let (mut members, mut file) = (Map::new(), None);
    while let Some(part) = form.next_field().await.map_err(|_| malformed())? {
        let name = part.name().unwrap_or_default().to_owned();
        let content = part.bytes().await.map_err(|_| malformed())?;
        if name == FILE {
            if content.len() > MAX_FILE {
                return Err(ManageError::TooLong(MAX_FILE));
            }
            file = Some(content);
        } else {
            let text = std::str::from_utf8(&content).map_err(|_| malformed())?;
            members.insert(name.clone(), value_of(fields, &name, text));
        }
    }
    if file.is_none() {
        let text = refusal(&format!("Missing required property: {FILE}"), FILE);
        return Err(ManageError::InvalidBody(text));
    }
    Ok((Value::Object(members), file))
}

/// Forms know only texts.
fn value_of(fields: &[Field], name: &str, text: &str) -> Value {
    let field = fields.iter().find(|field| field.name == name);
    match (field.map(|field| field.shape), text) {
        (Some(Shape::Flag), "true") => Value::Bool(true),
        (Some(Shape::Flag), "false") => Value::Bool(false),
        (Some(_), "") => Value::Null,
        _ => text.into(),
    }
}

/// The form as a schema.
pub(super) fn schema(fields: &[Field]) -> Value {
    let mut form = schema_of_fields(fields, Some(Mode::Create));
    form["properties"][FILE] = json!({ "type": "string", "format": "binary" });
    let mut required = form["required"].as_array().cloned().unwrap_or_default();
    required.push(FILE.into());
    form["required"] = required.into();
    form
}
