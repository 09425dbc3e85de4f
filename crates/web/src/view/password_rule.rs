//! The rules of a password policy in the words shown beside a new-password field.

use serde::Serialize;

/// One thing a connection asks of a new password. A page shows it as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum PasswordRule {
    /// Contains one of `a`–`z`.
    Lowercase,
    /// Has at least this many characters.
    MinLength(u32),
    /// Is not a word of the dictionary.
    NotCommon,
    /// Has no `aaa`.
    NotIdentical,
    /// Has no part of the person's profile.
    NotPersonal,
    /// Is none of this many earlier ones.
    NotRecent(u32),
    /// Has no `abc` or `321`.
    NotSequential,
    /// Contains one of `0`–`9`.
    Number,
    /// Contains one of `!@#$%^&*`.
    Special,
    /// Contains three of the four kinds of characters.
    ThreeOfFour,
    /// Contains one of `A`–`Z`.
    Uppercase,
}

impl PasswordRule {
    /// The rule as a sentence. The account page says the same (`assets/account/password-rules.js`).
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Lowercase => "A lower-case letter".to_owned(),
            Self::MinLength(1) => "At least 1 character".to_owned(),
            Self::MinLength(length) => format!("At least {length} characters"),
            Self::NotCommon => "Not a commonly used password".to_owned(),
            Self::NotIdentical => "No character three times in a row".to_owned(),
            Self::NotPersonal => "Not your name, username or email address".to_owned(),
            Self::NotRecent(1) => "Not your current password".to_owned(),
            Self::NotRecent(size) => format!("Not one of your last {size} passwords"),
            Self::NotSequential => "No sequence such as “abc” or “321”".to_owned(),
            Self::Number => "A number".to_owned(),
            Self::Special => "A special character (!@#$%^&*)".to_owned(),
            Self::ThreeOfFour => "At least three of: a lower-case letter, an upper-case letter, \
                                  a number, a special character (!@#$%^&*)"
                .to_owned(),
            Self::Uppercase => "An upper-case letter".to_owned(),
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        vec![
            Self::MinLength(8),
            Self::Lowercase,
            Self::Uppercase,
            Self::Number,
            Self::NotPersonal,
            Self::NotCommon,
        ]
    }
}

impl From<PasswordRule> for String {
    fn from(rule: PasswordRule) -> Self {
        rule.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(PasswordRule::MinLength(1).text(), "At least 1 character");
        assert_eq!(PasswordRule::MinLength(8).text(), "At least 8 characters");
        assert_eq!(PasswordRule::NotRecent(1).text(), "Not your current password");
        assert_eq!(PasswordRule::NotRecent(5).text(), "Not one of your last 5 passwords");
    }

    #[test]
    fn the_account_page_uses_the_same_sentences() {
        let module = crate::view::assets::get("account/password-rules.js").expect("embedded");
        let source = String::from_utf8_lossy(&module.bytes);
        for rule in [
            PasswordRule::Lowercase,
            PasswordRule::NotCommon,
            PasswordRule::NotIdentical,
            PasswordRule::NotPersonal,
            PasswordRule::NotRecent(1),
            PasswordRule::NotSequential,
            PasswordRule::Number,
            PasswordRule::Special,
            PasswordRule::ThreeOfFour,
            PasswordRule::Uppercase,
        ] {
            assert!(source.contains(&format!("\"{}\"", rule.text())), "{rule:?}");
        }
    }

    #[test]
    fn a_page_gets_sentences() {
        let json = serde_json::to_string(&PasswordRule::Number).expect("serializes");
        assert_eq!(json, "\"A number\"");
    }
}
