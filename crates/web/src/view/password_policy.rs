//! A password policy in the words shown beside a new-password field.

use serde::Serialize;

/// Kinds of characters a policy can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharacterType {
    /// `a`–`z`
    Lowercase,
    /// `0`–`9`
    Number,
    /// `!@#$%^&*`
    Special,
    /// `A`–`Z`
    Uppercase,
}

/// What a connection asks of a new password. A page shows it as a list of sentences.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(into = "Vec<String>")]
pub struct PasswordPolicy {
    /// Least number of characters.
    pub min_length: u32,
    /// Kinds of characters that count.
    pub character_types: Vec<CharacterType>,
    /// Three of the four kinds are enough.
    pub three_of_four: bool,
    /// Refuse `aaa`.
    pub block_identical: bool,
    /// Refuse `abc` and `321`.
    pub block_sequential: bool,
    /// How many earlier passwords are refused.
    pub history: Option<u32>,
    /// Refuse words of the dictionary.
    pub block_common: bool,
    /// Refuse parts of the person's own profile.
    pub block_personal: bool,
}

impl PasswordPolicy {
    /// One sentence per rule.
    #[must_use]
    pub fn rules(&self) -> Vec<String> {
        let mut rules = Vec::new();
        if self.min_length > 1 {
            rules.push(format!("At least {} characters", self.min_length));
        }
        if self.three_of_four {
            rules.push(
                "At least three of: a lower-case letter, an upper-case letter, a number, a special \
                 character (!@#$%^&*)"
                    .to_owned(),
            );
        } else {
            rules.extend(self.character_types.iter().map(|kind| kind.rule().to_owned()));
        }
        if self.block_identical {
            rules.push("No character three times in a row".to_owned());
        }
        if self.block_sequential {
            rules.push("No run of three such as “abc” or “321”".to_owned());
        }
        if self.block_personal {
            rules.push("Not your name, username or email address".to_owned());
        }
        if self.block_common {
            rules.push("Not a commonly used password".to_owned());
        }
        match self.history {
            Some(1) => rules.push("Not your current password".to_owned()),
            Some(size) => rules.push(format!("Not one of your last {size} passwords")),
            None => {}
        }
        rules
    }
}

impl CharacterType {
    fn rule(self) -> &'static str {
        match self {
            Self::Lowercase => "A lower-case letter",
            Self::Number => "A number",
            Self::Special => "A special character (!@#$%^&*)",
            Self::Uppercase => "An upper-case letter",
        }
    }
}

impl From<PasswordPolicy> for Vec<String> {
    fn from(policy: PasswordPolicy) -> Self {
        policy.rules()
    }
}

impl PasswordPolicy {
    pub(super) fn sample() -> Self {
        Self {
            min_length: 8,
            character_types: vec![
                CharacterType::Lowercase,
                CharacterType::Uppercase,
                CharacterType::Number,
            ],
            block_common: true,
            block_personal: true,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_sentence() {
        assert_eq!(PasswordPolicy::default().rules(), Vec::<String>::new());
        assert_eq!(
            PasswordPolicy::sample().rules(),
            [
                "At least 8 characters",
                "A lower-case letter",
                "An upper-case letter",
                "A number",
                "Not your name, username or email address",
                "Not a commonly used password",
            ]
        );
        let strict = PasswordPolicy {
            three_of_four: true,
            block_identical: true,
            block_sequential: true,
            history: Some(5),
            ..PasswordPolicy::default()
        };
        assert_eq!(strict.rules().len(), 4);
        assert_eq!(strict.rules()[3], "Not one of your last 5 passwords");
    }
}
