//! Lists, whole or in pages (contract 05 §3): bare, with totals, or from a checkpoint. Written once
//! for every resource.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use housekey_core::manage::ManageError;
use serde_json::{Map, Value, json};

/// How far pages with numbers reach.
const MAX_NUMBERED: usize = 1000;
const DEFAULT_SIZE: usize = 50;
const MAX_SIZE: usize = 100;

/// The parameters of a query; those that are sent more than once keep all their values.
pub(super) struct Query(BTreeMap<String, Vec<String>>);

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, ManageError> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text)
            .map_err(|_| ManageError::InvalidQuery("The query is malformed.".to_owned()))?;
        let mut all = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in pairs {
            all.entry(name).or_default().push(value);
        }
        Ok(Self(all))
    }

    /// All values of a parameter.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The last value of a parameter.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str)
    }

    fn number(&self, name: &str, most: usize) -> Result<Option<usize>, ManageError> {
        let Some(text) = self.last(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| *number <= most);
        number.map(Some).ok_or_else(|| {
            ManageError::InvalidQuery(format!(
                "Query validation error: 'Expected an integer from 0 to {most}' on property {name}."
            ))
        })
    }

    fn flag(&self, name: &str) -> bool {
        self.last(name) == Some("true")
    }
}

/// The page of `items` that the query asks for, in the form it asks for. `key` names the list;
/// `id` tells where a checkpoint is.
pub(super) fn page(
    query: &Query,
    key: &str,
    items: &[Value],
    id: impl Fn(&Value) -> Option<&str>,
) -> Result<Value, ManageError> {
    let fields = Fields::of(query);
    if let Some(from) = checkpoint(query)? {
        let size = query.number("take", MAX_SIZE)?.unwrap_or(DEFAULT_SIZE).max(1);
        return from_checkpoint(key, items, id, &from, size, &fields);
    }
    let number = query.number("page", usize::MAX)?.unwrap_or(0);
    let size = query.number("per_page", MAX_SIZE)?.unwrap_or(DEFAULT_SIZE);
    let start = number.saturating_mul(size);
    if start.saturating_add(size) > MAX_NUMBERED && number > 0 {
        return Err(ManageError::InvalidQuery(format!(
            "Requesting page {number} exceeds the allowed maximum of {MAX_NUMBERED} records. To \
             fetch results beyond {MAX_NUMBERED}, use the checkpoint pagination method."
        )));
    }
    let list: Vec<_> =
        items.iter().skip(start).take(size).map(|item| fields.of_item(item)).collect();
    if !query.flag("include_totals") {
        return Ok(Value::Array(list));
    }
    Ok(json!({ "start": start, "limit": size, "total": items.len(), key: list }))
}

/// Where to go on, if the query pages by checkpoints; empty is the beginning.
fn checkpoint(query: &Query) -> Result<Option<String>, ManageError> {
    let Some(from) = query.last("from") else {
        return Ok(query.last("take").map(|_| String::new()));
    };
    let id = URL_SAFE_NO_PAD.decode(from).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let invalid = || {
        ManageError::InvalidQuery(
            "Query validation error: 'Invalid cursor' on property from.".to_owned(),
        )
    };
    id.map(Some).ok_or_else(invalid)
}

fn from_checkpoint(
    key: &str,
    items: &[Value],
    id: impl Fn(&Value) -> Option<&str>,
    from: &str,
    size: usize,
    fields: &Fields,
) -> Result<Value, ManageError> {
    let start = match from {
        "" => 0,
        last => items.iter().position(|item| id(item) == Some(last)).map_or_else(
            || {
                Err(ManageError::InvalidQuery(
                    "Query validation error: 'Invalid cursor' on property from.".to_owned(),
                ))
            },
            |at| Ok(at + 1),
        )?,
    };
    let shown = &items[start..items.len().min(start + size)];
    let list: Vec<_> = shown.iter().map(|item| fields.of_item(item)).collect();
    let mut body = Map::from_iter([(key.to_owned(), Value::Array(list))]);
    let is_last = start + size >= items.len();
    if let Some(last) = shown.last().and_then(id).filter(|_| !is_last) {
        body.insert("next".to_owned(), URL_SAFE_NO_PAD.encode(last).into());
    }
    Ok(Value::Object(body))
}

/// Which members are wanted: `fields`, turned around by `include_fields=false`.
pub(super) struct Fields {
    names: Option<Vec<String>>,
    include: bool,
}

impl Fields {
    pub(super) fn of(query: &Query) -> Self {
        let names = query.last("fields").filter(|fields| !fields.is_empty());
        let names =
            names.map(|fields| fields.split(',').map(|name| name.trim().to_owned()).collect());
        Self { names, include: query.last("include_fields") != Some("false") }
    }

    /// The wanted members of an object; its id is always among them.
    pub(super) fn of_item(&self, item: &Value) -> Value {
        let (Some(names), Some(members)) = (&self.names, item.as_object()) else {
            return item.clone();
        };
        let wanted = |name: &&String| {
            matches!(name.as_str(), "id" | "client_id" | "user_id")
                || names.contains(name) == self.include
        };
        let kept = members.iter().filter(|(name, _)| wanted(name));
        Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
