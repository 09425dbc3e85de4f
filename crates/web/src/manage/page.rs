//! Lists, whole or in pages (contract 05 §3): bare, with totals, or from a checkpoint. Written once
//! for every resource.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use housekey_core::manage::ManageError;
use housekey_core::port::{Listed, Part};
use serde_json::{Map, Value, json};

use super::operation::Parameter;
use super::query::Query;
use super::shape::{Shape, text};

/// How far pages with numbers reach.
pub(super) const MAX_NUMBERED: u32 = 1000;
const DEFAULT_SIZE: u32 = 50;
const MAX_SIZE: u32 = 100;

/// The parameters that every list reads.
pub(super) const PARAMETERS: &[Parameter] = &[
    ("page", Shape::Integer { least: 0, most: u32::MAX as i64 }),
    ("per_page", Shape::Integer { least: 0, most: MAX_SIZE as i64 }),
    ("include_totals", Shape::Flag),
    ("from", text(0, 1000)),
    ("take", Shape::Integer { least: 1, most: MAX_SIZE as i64 }),
    ("fields", text(0, 1000)),
    ("include_fields", Shape::Flag),
];

/// The part of a list that a query asks for, and how to answer it.
pub(super) struct Paging {
    part: Part,
    totals: bool,
    fields: Fields,
}

impl Paging {
    /// What `query` asks for. A checkpoint wins over a number.
    pub(super) fn of(query: &Query) -> Result<Self, ManageError> {
        let (from, take) = (query.last("from"), query.number::<u32>("take"));
        if from.is_some() || take.is_some() {
            let take = take.unwrap_or(DEFAULT_SIZE);
            let key = from.map(cursor).transpose()?;
            let (part, fields) = (Part::After { key, take }, Fields::of(query));
            return Ok(Self { part, totals: false, fields });
        }
        Self::numbered(query)
    }

    /// What `query` asks for of a list that only has numbered pages.
    pub(super) fn numbered(query: &Query) -> Result<Self, ManageError> {
        let fields = Fields::of(query);
        let page = query.number("page").unwrap_or(0_u32);
        let take = query.number("per_page").unwrap_or(DEFAULT_SIZE);
        let skip = page.saturating_mul(take);
        if skip.saturating_add(take) > MAX_NUMBERED && page > 0 {
            return Err(ManageError::InvalidPaging(format!(
                "Requesting page {page} exceeds the allowed maximum of {MAX_NUMBERED} records. To \
                 fetch results beyond {MAX_NUMBERED}, use the checkpoint pagination method."
            )));
        }
        let totals = query.flag("include_totals");
        Ok(Self { part: Part::Numbered { skip, take, count: totals }, totals, fields })
    }

    /// What to ask the store for.
    pub(super) fn part(&self) -> &Part {
        &self.part
    }

    /// How many to leave out, how many to give at most, and whether to count all.
    pub(super) fn numbers(&self) -> (u32, u32, bool) {
        match self.part {
            Part::Numbered { skip, take, count } => (skip, take, count),
            Part::After { take, .. } => (0, take, false),
        }
    }

    /// The answer: the part in the form the query asks for. `key` names the list.
    pub(super) fn answer(&self, key: &str, listed: Listed<Value>) -> Value {
        let list = listed.items.iter().map(|item| self.fields.of_item(item)).collect();
        match &self.part {
            Part::After { .. } => {
                let mut body = Map::from_iter([(key.to_owned(), Value::Array(list))]);
                if let Some(last) = listed.next {
                    body.insert("next".to_owned(), URL_SAFE_NO_PAD.encode(last).into());
                }
                Value::Object(body)
            }
            Part::Numbered { skip, take, .. } if self.totals => json!({
                "start": skip,
                "limit": take,
                "total": listed.total.unwrap_or_default(),
                key: list,
            }),
            Part::Numbered { .. } => Value::Array(list),
        }
    }
}

/// The page of `items` that the query asks for. `key` names the list; `id` tells where a checkpoint
/// is.
pub(super) fn page(
    query: &Query,
    key: &str,
    items: Vec<Value>,
    id: &str,
) -> Result<Value, ManageError> {
    let key_of = |item: &Value| item[id].as_str().unwrap_or_default().to_owned();
    page_by(query, key, items.into_iter().map(|item| (key_of(&item), item)).collect())
}

/// The same of items that come with a text each that tells where a checkpoint is.
pub(super) fn page_by(
    query: &Query,
    key: &str,
    keyed: Vec<(String, Value)>,
) -> Result<Value, ManageError> {
    let paging = Paging::of(query)?;
    let listed = Listed::of(keyed, paging.part(), |(key, _)| key).ok_or_else(bad_cursor)?;
    Ok(paging.answer(key, listed.map(|(_, item)| item)))
}

/// What to say about a cursor that leads nowhere.
pub(super) fn bad_cursor() -> ManageError {
    ManageError::InvalidQuery(
        "Query validation error: 'Invalid cursor' on property from.".to_owned(),
    )
}

fn cursor(from: &str) -> Result<String, ManageError> {
    let bytes = URL_SAFE_NO_PAD.decode(from).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(bad_cursor)
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
            matches!(name.as_str(), "id" | "client_id" | "user_id" | "log_id" | "_id")
                || names.contains(name) == self.include
        };
        let kept = members.iter().filter(|(name, _)| wanted(name));
        Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}
