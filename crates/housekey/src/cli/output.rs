//! What commands print: lines for people, or JSON for programs.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

/// Prints `value` as JSON if `json`, else the lines of `text`.
///
/// # Errors
/// If standard output is closed.
pub fn print(json: bool, value: &impl Serialize, text: &str) -> Result<()> {
    let text = if json { serde_json::to_string_pretty(value)? } else { text.to_owned() };
    writeln!(std::io::stdout().lock(), "{}", text.trim_end())?;
    Ok(())
}

/// Lines of a name and a value, the values below each other; without a value no line.
pub fn facts(facts: &[(&str, Option<&str>)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let line = |(name, value): &(&str, Option<&str>)| {
        value.map(|value| format!("{name:width$}  {value}\n"))
    };
    facts.iter().filter_map(line).collect()
}
