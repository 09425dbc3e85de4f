//! Environment variables over the file: `HOUSEKEY_SECTION__KEY` sets `section.key`.
//!
//! A variable has no type, so its text is tried as what the key may take: text first, then a TOML
//! value (a number, a list), then a list separated by commas.

use std::ffi::OsString;

use toml::{Table, Value};

use super::File;
use super::mistake::{Mistakes, in_our_words};

const PREFIX: &str = "HOUSEKEY_";

/// The file `text`, which parses, with the variables laid over it.
pub(super) fn override_with(
    text: &str,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    mistakes: &mut Mistakes,
) -> Option<File> {
    let mut table: Table = text.parse().ok()?;
    for (name, value) in environment {
        let Some(name) = name.to_str() else { continue };
        let Some((section, key)) = key_of(name) else { continue };
        let Some(value) = value.to_str() else {
            mistakes.in_variable(name, "its value is not UTF-8");
            continue;
        };
        match fitting(&section, &key, value) {
            Ok(value) => {
                mistakes.note_override(format!("{section}.{key}"), name.to_owned());
                let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
                section.as_table_mut()?.insert(key, value);
            }
            Err(problem) => mistakes.in_variable(name, &problem),
        }
    }
    table.try_into().ok()
}

/// `HOUSEKEY_SERVER__LISTEN` → `server`, `listen`. Variables without the double underscore are
/// somebody else's.
fn key_of(name: &str) -> Option<(String, String)> {
    let (section, key) = name.strip_prefix(PREFIX)?.split_once("__")?;
    Some((section.to_lowercase(), key.to_lowercase()))
}

/// The first reading of `value` that the key takes.
fn fitting(section: &str, key: &str, value: &str) -> Result<Value, String> {
    let mut problem = None;
    for candidate in readings(value) {
        let inner = Table::from_iter([(key.to_owned(), candidate.clone())]);
        let alone = Table::from_iter([(section.to_owned(), Value::Table(inner))]);
        match alone.try_into::<File>() {
            Ok(_) => return Ok(candidate),
            Err(error) => _ = problem.get_or_insert_with(|| in_our_words(error.message())),
        }
    }
    Err(problem.unwrap_or_default())
}

fn readings(value: &str) -> Vec<Value> {
    let toml = format!("value = {value}").parse::<Table>().ok();
    let list = value.split(',').map(|item| Value::from(item.trim())).collect();
    let toml = toml.and_then(|mut table| table.remove("value"));
    [Some(Value::from(value)), toml, Some(Value::Array(list))].into_iter().flatten().collect()
}
