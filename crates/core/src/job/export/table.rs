//! Users as the rows of a table (RFC 4180), and members by their path.

use std::borrow::Cow;

use serde_json::Value;

use super::ExportField;

/// What a table has if nobody says what.
const DEFAULT: &[&str] = &[
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "nickname",
    "given_name",
    "family_name",
    "picture",
    "blocked",
    "identities[0].connection",
    "created_at",
    "updated_at",
    "last_login",
    "logins_count",
];

/// The first line.
pub(super) fn header(fields: &[ExportField]) -> String {
    if fields.is_empty() {
        return line(DEFAULT.iter().map(|name| Cow::Borrowed(*name)));
    }
    line(fields.iter().map(|field| Cow::Borrowed(field.title())))
}

/// The line of a user.
pub(super) fn row(fields: &[ExportField], user: &Value) -> String {
    if fields.is_empty() {
        return line(DEFAULT.iter().map(|name| cell(user, name)));
    }
    line(fields.iter().map(|field| cell(user, &field.name)))
}

fn cell<'a>(user: &'a Value, path: &str) -> Cow<'a, str> {
    match value_of(user, path) {
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(Value::String(text)) => Cow::Borrowed(text),
        Some(other) => Cow::Owned(other.to_string()),
    }
}

fn line<'a>(cells: impl Iterator<Item = Cow<'a, str>>) -> String {
    let quoted = |cell: Cow<'a, str>| {
        if cell.contains([',', '"', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.into_owned()
        }
    };
    let mut text = cells.map(quoted).collect::<Vec<_>>().join(",");
    text.push_str("\r\n");
    text
}

/// The value at `identities[0].connection` or `user_metadata.theme`. A member whose own name has dots
/// in it goes before members inside others.
pub(super) fn value_of<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value);
    }
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    if let Some(rest) = path.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        let item = value.get(index.parse::<usize>().ok()?)?;
        return value_of(item, rest.strip_prefix('.').unwrap_or(rest));
    }
    let ends = path.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
    ends.into_iter().find_map(|at| {
        let inner = value.get(&path[..at])?;
        value_of(inner, path[at..].strip_prefix('.').unwrap_or(&path[at..]))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_found_by_their_path() {
        let user = json!({
            "email": "a@b.example", "identities": [{ "connection": "c" }],
            "app_metadata": { "https://x.example/y": { "z": 1 }, "list": [[1, 2]] },
        });
        for (path, expected) in [
            ("email", Some(json!("a@b.example"))),
            ("identities[0].connection", Some(json!("c"))),
            ("identities[1].connection", None),
            ("app_metadata.https://x.example/y.z", Some(json!(1))),
            ("app_metadata.list[0][1]", Some(json!(2))),
            ("app_metadata.nothing", None),
            ("email.more", None),
            ("identities[x]", None),
        ] {
            assert_eq!(value_of(&user, path).cloned(), expected, "{path}");
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must() {
        let field = |name: &str, title: &str| ExportField {
            name: name.to_owned(),
            export_as: Some(title.to_owned()),
        };
        let fields = [field("a", "A,B"), field("b", "b"), field("c", "c"), field("d", "d")];
        assert_eq!(header(&fields), "\"A,B\",b,c,d\r\n");
        let user = json!({ "a": "say \"hi\"\n", "b": true, "c": null, "d": { "x": 1 } });
        assert_eq!(row(&fields, &user), "\"say \"\"hi\"\"\n\",true,,\"{\"\"x\"\":1}\"\r\n");
    }
}
