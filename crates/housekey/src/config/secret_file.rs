//! A secret that is written in the configuration or in a file of its own.

use std::path::PathBuf;

use super::mistake::Mistakes;

/// The secret from `value` or, without white space around it, from the file at `file`.
/// `Err` means it was given wrongly, and that was told; `Ok(None)` that it was not given.
pub(super) fn either(
    value: Option<String>,
    value_key: &str,
    file: Option<PathBuf>,
    file_key: &str,
    mistakes: &mut Mistakes,
) -> Result<Option<String>, ()> {
    match (value, file) {
        (None, None) => Ok(None),
        (Some(value), None) => Ok(Some(value)),
        (None, Some(file)) => match std::fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) => {
                let problem = format!("{} cannot be read: {error}", file.display());
                mistakes.at(file_key, problem, "name a file that the server may read");
                Err(())
            }
        },
        (Some(_), Some(_)) => {
            let problem = format!("{value_key} is given, too");
            mistakes.at(file_key, problem, "give only one of the two");
            Err(())
        }
    }
}
