//! Common passwords, most common first. The list is that of the zxcvbn project (MIT licence),
//! see `common_passwords.LICENSE`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::DictionarySize;

/// Rank of each password. Built on first use: start-up does not wait for it.
static RANKS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .lines()
        .enumerate()
        .map(|(rank, word)| (word, rank))
        .collect()
});

/// Whether the lower-case `password` is in the list.
pub fn contains(password: &str, size: DictionarySize) -> bool {
    let limit = match size {
        DictionarySize::En10k => 10_000,
        DictionarySize::En100k => usize::MAX,
    };
    RANKS.get(password).is_some_and(|rank| *rank < limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_worst_and_ranks_them() {
        assert!(contains("password1", DictionarySize::En10k));
        assert!(!contains("tr0mbone-weather", DictionarySize::En100k));
        assert!(RANKS.len() > 20_000);
    }
}
