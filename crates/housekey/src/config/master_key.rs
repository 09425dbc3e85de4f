//! `[master_key]`: what everything sealed at rest is sealed with.

use std::path::PathBuf;

use housekey_core::seal::MasterKey;
use serde::Deserialize;

use super::mistake::Mistakes;
use super::secret_file;

const MAKE_ONE: &str = "make one with `housekey master-key > master.key`, keep it out of the \
    database's backups, and set master_key.file = \"master.key\" or HOUSEKEY_MASTER_KEY__VALUE";

/// The section as written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// The key: 32 bytes as base64 or 64 hexadecimal digits.
    value: Option<String>,
    /// A file that holds the key.
    file: Option<PathBuf>,
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<MasterKey> {
        let key = if self.file.is_some() { "master_key.file" } else { "master_key.value" };
        let value = ("master_key.value", "master_key.file");
        let text = secret_file::either(self.value, value.0, self.file, value.1, mistakes).ok()?;
        let Some(text) = text else {
            mistakes.at("master_key", "there is no master key", MAKE_ONE);
            return None;
        };
        let parsed = MasterKey::parse(&text);
        if parsed.is_none() {
            let problem = "not a master key: it is 32 bytes, written as base64 or hexadecimal";
            mistakes.at(key, problem, MAKE_ONE);
        }
        parsed
    }
}
