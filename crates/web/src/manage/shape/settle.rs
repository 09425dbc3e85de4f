//! Values as they are kept.

use serde_json::Value;

use super::Shape;

/// `value` without members that are `null`: inside a member, which is replaced whole, that is how
/// tools say that there is none. Values of any form stay as they are.
pub(crate) fn without_nulls(shape: &Shape, value: Value) -> Value {
    match (shape, value) {
        (Shape::Object(fields) | Shape::Open(fields), Value::Object(members)) => {
            let there = members.into_iter().filter_map(|(name, value)| {
                let field = fields.iter().find(|field| field.name == name);
                match (field, value) {
                    (Some(_), Value::Null) => None,
                    (Some(field), value) => Some((name, without_nulls(&field.shape, value))),
                    (None, value) => Some((name, value)),
                }
            });
            Value::Object(there.collect())
        }
        (Shape::List { of, .. }, Value::Array(items)) => {
            items.into_iter().map(|item| without_nulls(of, item)).collect()
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manage::shape::{ANY_OBJECT, Field, field};

    #[test]
    fn null_members_go_at_any_depth() {
        const INNER: &[Field] = &[field("on", Shape::Flag), field("free", ANY_OBJECT)];
        const FIELDS: &[Field] = &[
            field("list", Shape::List { of: &Shape::Object(INNER), most: 9 }),
            field("one", Shape::Object(INNER)),
        ];
        let sent = json!({
            "list": [{ "on": null }, { "on": true }],
            "one": { "on": null, "free": { "kept": null } },
        });
        let kept = json!({ "list": [{}, { "on": true }], "one": { "free": { "kept": null } } });
        assert_eq!(without_nulls(&Shape::Object(FIELDS), sent), kept);
    }
}
