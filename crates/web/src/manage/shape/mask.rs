//! Bodies as the log may show them.

use serde_json::Value;

use super::{Field, Shape};

/// What stands for a secret.
const MASK: &str = "*****";

/// `value` with every secret hidden.
pub(crate) fn masked(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Object(fields) | Shape::Open(fields), Value::Object(members)) => {
            let hide = |(name, value): (&String, &Value)| {
                let field = fields.iter().find(|field| field.name == name);
                (
                    name.clone(),
                    field.map_or_else(|| MASK.into(), |field| masked_field(field, value)),
                )
            };
            Value::Object(members.iter().map(hide).collect())
        }
        (Shape::List { of, .. }, Value::Array(items)) => {
            items.iter().map(|item| masked(of, item)).collect()
        }
        (Shape::Map { of, .. }, Value::Object(members)) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), masked(of, value))).collect(),
        ),
        _ => value.clone(),
    }
}

fn masked_field(field: &Field, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        _ if field.is_secret => MASK.into(),
        value => masked(&field.shape, value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manage::shape::{TEXT, field};

    #[test]
    fn secrets_are_hidden_at_any_depth() {
        const KEYS: &[Field] = &[field("pem", TEXT).secret(), field("kid", TEXT)];
        const FIELDS: &[Field] = &[
            field("secret", TEXT).secret(),
            field("keys", Shape::List { of: &Shape::Object(KEYS), most: 9 }),
        ];
        let body = json!({ "secret": "s", "keys": [{ "pem": "p", "kid": "k" }, { "pem": null }] });
        let shown = masked(&Shape::Object(FIELDS), &body);
        let expected =
            json!({ "secret": MASK, "keys": [{ "pem": MASK, "kid": "k" }, { "pem": null }] });
        assert_eq!(shown, expected);
    }
}
