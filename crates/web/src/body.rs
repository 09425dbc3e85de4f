//! Request bodies: read up to a limit, and told apart by media type.

use std::collections::BTreeMap;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde_json::Value;

/// Nothing that is sent here is longer, by far.
const MAX_BODY: usize = 256 * 1024;
/// How much of a longer body is still taken in and thrown away: a client that is cut off while it
/// sends may never see the answer.
pub(crate) const MAX_DISCARDED: usize = 16 * 1024 * 1024;

/// The body, or none if it is too long or breaks off.
pub(crate) async fn read(body: Body) -> Option<Bytes> {
    read_up_to(body, MAX_BODY).await
}

/// The same with another limit.
pub(crate) async fn read_up_to(mut body: Body, most: usize) -> Option<Bytes> {
    let (mut kept, mut seen) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let data = frame.ok()?.into_data().unwrap_or_default();
        seen += data.len();
        if seen > MAX_DISCARDED {
            return None;
        }
        if seen <= most {
            kept.extend_from_slice(&data);
        }
    }
    (seen <= most).then(|| kept.freeze())
}

/// Whether the media type is `wanted`, whatever its parameters.
pub(crate) fn is(headers: &HeaderMap, wanted: &str) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|own| own.trim().eq_ignore_ascii_case(wanted))
}

/// Parameters by name, from a form or a JSON object. Non-text members are left out, except objects
/// and numbers, which keep their JSON text; none if the body is neither.
pub(crate) fn parameters(headers: &HeaderMap, body: &[u8]) -> Option<BTreeMap<String, String>> {
    if is(headers, "application/json") {
        let Value::Object(members) = serde_json::from_slice(body).ok()? else { return None };
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        };
        return Some(
            members.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect(),
        );
    }
    pairs(body).map(|pairs| pairs.into_iter().collect())
}

/// The pairs of a form body, or none if it is not one.
pub(crate) fn pairs(body: &[u8]) -> Option<Vec<(String, String)>> {
    std::str::from_utf8(body).ok()?;
    serde_urlencoded::from_bytes(body).ok()
}
