//! The picture of people who have none: their initials on a colour of their own (contract 05 §9.1).
//! Its address says no more than it shows.

use super::User;
use crate::percent;

/// How many colours there are.
pub const COLORS: u8 = 12;

impl User {
    /// The address of the person's picture, or of one that `issuer` draws.
    #[must_use]
    pub fn shown_picture(&self, issuer: &str) -> String {
        self.profile.picture.clone().unwrap_or_else(|| {
            let initials = percent::encode(&initials(self.shown_name()));
            format!("{issuer}avatars/{initials}-{}.svg", color(self.id.as_str()))
        })
    }
}

/// The first letters of the first and the last word, or the first two of the only one.
fn initials(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, last) = (words.next().unwrap_or_default(), words.next_back());
    let letters = match last {
        Some(last) => first.chars().take(1).chain(last.chars().take(1)).collect::<String>(),
        None => first.chars().take(2).collect(),
    };
    letters.to_lowercase().chars().take(2).collect()
}

/// A colour that stays a person's. Nobody gains by choosing it, so a simple sum will do.
fn color(id: &str) -> u8 {
    let sum = id.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    u8::try_from(sum % u32::from(COLORS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_names() {
        for (name, expected) in [
            ("Ada King Lovelace", "al"),
            ("ada@example.com", "ad"),
            ("ada.lovelace@example.com", "al"),
            ("Österreich", "ös"),
            ("+4930123456", "49"),
            ("", ""),
            ("<>", ""),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
        assert!(color("auth0|1") < COLORS && color("auth0|1") != color("auth0|2"));
    }
}
