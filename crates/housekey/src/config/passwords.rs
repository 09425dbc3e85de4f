//! `[passwords]`: what hashing a password costs (Argon2id, RFC 9106).

use housekey_core::factor::password::HashCost;
use serde::Deserialize;

use super::mistake::Mistakes;

/// The section as written.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Section {
    /// Memory of one hash in KiB.
    memory_kib: u32,
    /// Passes over it.
    passes: u32,
    /// Lanes.
    lanes: u32,
    /// Hashes computed at the same time.
    at_once: Option<usize>,
}

impl Default for Section {
    fn default() -> Self {
        let HashCost { memory_kib, passes, lanes } = HashCost::default();
        Self { memory_kib, passes, lanes, at_once: None }
    }
}

/// What hashing a password costs.
#[derive(Clone, Copy, Debug)]
pub struct PasswordSettings {
    /// One hash.
    pub cost: HashCost,
    /// How many are computed at the same time.
    pub at_once: usize,
}

impl Default for PasswordSettings {
    /// As many at once as there are cores: more would only take memory.
    fn default() -> Self {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        Self { cost: HashCost::default(), at_once }
    }
}

impl Section {
    pub(super) fn check(self, mistakes: &mut Mistakes) -> Option<PasswordSettings> {
        let Self { memory_kib, passes, lanes, at_once } = self;
        let mut sound = true;
        let mut require = |holds: bool, key: &str, problem: &str, remedy: &str| {
            if !holds {
                mistakes.at(key, problem, remedy);
                sound = false;
            }
        };
        require((1..=64).contains(&lanes), "passwords.lanes", "out of range", "set it to 1 to 64");
        require(
            (1..=64).contains(&passes),
            "passwords.passes",
            "out of range",
            "set it to 1 to 64",
        );
        let memory = (8 * lanes.clamp(1, 64)..=4 * 1024 * 1024).contains(&memory_kib);
        let remedy = "set it to at least 8 for each lane and at most 4194304 (4 GiB)";
        require(memory, "passwords.memory_kib", "out of range", remedy);
        require(at_once != Some(0), "passwords.at_once", "none at all", "set it to 1 or more");
        let at_once = at_once.unwrap_or(PasswordSettings::default().at_once);
        sound.then_some(PasswordSettings { cost: HashCost { memory_kib, passes, lanes }, at_once })
    }
}
