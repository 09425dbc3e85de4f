//! What a new password must satisfy (contract 01 §4.2, 04 §12.4), as a pure function.

use serde::{Deserialize, Serialize};

use super::dictionary;
use crate::user::Profile;

/// bcrypt's limit, which `max_length_exceeded` speaks of.
const MAX_BYTES: usize = 72;
/// Characters that count as special.
const SPECIALS: &str = "!@#$%^&*";
/// Runs of this many identical or consecutive characters are what `block` refuses.
const RUN: usize = 3;

/// What a new password must satisfy. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordPolicy {
    /// Length and characters.
    pub complexity: Complexity,
    /// No words from the profile.
    pub profile_data: ProfileData,
    /// No former passwords.
    pub history: History,
    /// No common passwords.
    pub dictionary: Dictionary,
}

/// Length and characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Complexity {
    /// Characters, 1 to 72.
    pub min_length: u32,
    /// Kinds of characters that count.
    pub character_types: Vec<CharacterType>,
    /// How many of them must occur.
    pub character_type_rule: CharacterTypeRule,
    /// `aaa`.
    pub identical_characters: Repetition,
    /// `abc`, `321`.
    pub sequential_characters: Repetition,
    /// Beyond 72 bytes.
    pub max_length_exceeded: LongPasswords,
}

impl Default for Complexity {
    fn default() -> Self {
        Self {
            min_length: 8,
            character_types: CharacterType::ALL.to_vec(),
            character_type_rule: CharacterTypeRule::ThreeOfFour,
            identical_characters: Repetition::Allow,
            sequential_characters: Repetition::Allow,
            max_length_exceeded: LongPasswords::Error,
        }
    }
}

/// A kind of character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CharacterType {
    /// A–Z and other capitals.
    Uppercase,
    /// a–z and other small letters.
    Lowercase,
    /// 0–9 and other digits.
    Number,
    /// `!@#$%^&*`.
    Special,
}

impl CharacterType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Uppercase, Self::Lowercase, Self::Number, Self::Special];

    fn occurs_in(self, password: &str) -> bool {
        match self {
            Self::Uppercase => password.chars().any(char::is_uppercase),
            Self::Lowercase => password.chars().any(char::is_lowercase),
            Self::Number => password.chars().any(char::is_numeric),
            Self::Special => password.chars().any(|c| SPECIALS.contains(c)),
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Uppercase => "upper case letters",
            Self::Lowercase => "lower case letters",
            Self::Number => "numbers",
            Self::Special => "special characters (!@#$%^&*)",
        }
    }
}

/// How many of the kinds must occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CharacterTypeRule {
    /// Each.
    All,
    /// All but one; only with all four kinds listed.
    ThreeOfFour,
}

/// Whether runs of three are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repetition {
    /// They are.
    Allow,
    /// They are not.
    Block,
}

/// What becomes of passwords beyond 72 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongPasswords {
    /// The rest is cut off, when setting and when checking.
    Truncate,
    /// Refused.
    Error,
}

/// No words from the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileData {
    /// Whether it is checked.
    pub active: bool,
    /// Which fields.
    pub blocked_fields: Vec<String>,
}

impl Default for ProfileData {
    fn default() -> Self {
        let fields = ["name", "given_name", "family_name", "nickname", "username", "email"];
        Self { active: true, blocked_fields: fields.map(ToOwned::to_owned).to_vec() }
    }
}

/// No former passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// Whether it is checked.
    pub active: bool,
    /// How many, 1 to 24, the present one included.
    pub size: u32,
}

impl Default for History {
    fn default() -> Self {
        Self { active: true, size: 5 }
    }
}

/// No common passwords.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dictionary {
    /// Whether it is checked.
    pub active: bool,
    /// Which list.
    #[serde(rename = "default")]
    pub list: DictionarySize,
    /// Further words, which are not shown to people.
    pub custom: Vec<String>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self { active: true, list: DictionarySize::En10k, custom: Vec::new() }
    }
}

/// Which list of common passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DictionarySize {
    /// The 10,000 most common ones.
    #[serde(rename = "en_10k")]
    En10k,
    /// All that this build knows.
    #[serde(rename = "en_100k")]
    En100k,
}

/// A rule that a password breaks. The text behind each is [`Broken::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Length or characters.
    Strength(String),
    /// Used before.
    History(u32),
    /// Too common.
    Dictionary,
    /// Made of what is known about the person.
    Personal,
}

impl Broken {
    /// The name SDKs know the rule by.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Strength(_) => "PasswordStrengthError",
            Self::History(_) => "PasswordHistoryError",
            Self::Dictionary => "PasswordDictionaryError",
            Self::Personal => "PasswordNoUserInfoError",
        }
    }

    /// The rule in words.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Strength(rule) => rule.clone(),
            Self::History(size) => format!("Must not be one of the last {size} passwords"),
            Self::Dictionary => "Must not be a commonly used password".to_owned(),
            Self::Personal => "Must not contain parts of your profile".to_owned(),
        }
    }
}

impl PasswordPolicy {
    /// The part of `password` that counts.
    #[must_use]
    pub fn effective<'a>(&self, password: &'a str) -> &'a str {
        match self.complexity.max_length_exceeded {
            LongPasswords::Error => password,
            LongPasswords::Truncate => &password[..password.floor_char_boundary(MAX_BYTES)],
        }
    }

    /// The rules that `password` breaks, former passwords aside: those are compared by hash.
    #[must_use]
    pub fn broken_by(&self, password: &str, profile: &Profile) -> Vec<Broken> {
        let mut broken = self.complexity.broken_by(password);
        if self.dictionary.active && self.dictionary.contains(password) {
            broken.push(Broken::Dictionary);
        }
        if self.profile_data.active && self.profile_data.occurs_in(password, profile) {
            broken.push(Broken::Personal);
        }
        broken
    }
}

impl Complexity {
    fn broken_by(&self, password: &str) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut require = |holds: bool, rule: String| {
            if !holds {
                broken.push(Broken::Strength(rule));
            }
        };
        let min = self.min_length.max(1);
        let long_enough = password.chars().count() >= min as usize;
        require(long_enough, format!("At least {min} characters in length"));
        let fits =
            self.max_length_exceeded == LongPasswords::Truncate || password.len() <= MAX_BYTES;
        require(fits, format!("At most {MAX_BYTES} bytes in length"));
        let present = self.character_types.iter().filter(|kind| kind.occurs_in(password)).count();
        let (needed, total) = (self.needed_types(), self.character_types.len());
        require(present >= needed, types_rule(needed, total, &self.character_types));
        let identical = has_run(password, |one, next| one == next);
        require(
            self.identical_characters == Repetition::Allow || !identical,
            format!("No more than {} identical characters in a row", RUN - 1),
        );
        require(
            self.sequential_characters == Repetition::Allow || !is_sequential(password),
            format!("No more than {} consecutive characters in a row", RUN - 1),
        );
        broken
    }

    fn needed_types(&self) -> usize {
        match self.character_type_rule {
            CharacterTypeRule::All => self.character_types.len(),
            CharacterTypeRule::ThreeOfFour => self.character_types.len().min(3),
        }
    }
}

fn types_rule(needed: usize, total: usize, kinds: &[CharacterType]) -> String {
    let kinds: Vec<_> = kinds.iter().map(|kind| kind.in_words()).collect();
    let kinds = kinds.join(", ");
    if needed == total {
        format!("Must contain: {kinds}")
    } else {
        format!("At least {needed} of the following {total} types of characters: {kinds}")
    }
}

fn has_run(text: &str, follows: impl Fn(char, char) -> bool) -> bool {
    let mut run = 1;
    text.chars().zip(text.chars().skip(1)).any(|(one, next)| {
        run = if follows(one, next) { run + 1 } else { 1 };
        run >= RUN
    })
}

fn is_sequential(text: &str) -> bool {
    let step = |one: char, next: char, by: i64| {
        one.is_ascii_alphanumeric()
            && next.is_ascii_alphanumeric()
            && i64::from(u32::from(next)) - i64::from(u32::from(one)) == by
    };
    let lower = text.to_lowercase();
    has_run(&lower, |one, next| step(one, next, 1))
        || has_run(&lower, |one, next| step(one, next, -1))
}

impl Dictionary {
    fn contains(&self, password: &str) -> bool {
        let password = password.to_lowercase();
        self.custom.iter().any(|word| word.to_lowercase() == password)
            || dictionary::contains(&password, self.list)
    }
}

impl ProfileData {
    fn occurs_in(&self, password: &str, profile: &Profile) -> bool {
        let password = password.to_lowercase();
        self.blocked_fields
            .iter()
            .filter_map(|field| profile_word(profile, field))
            .flat_map(|value| words_of(&value))
            .any(|word| password.contains(&word))
    }
}

/// Shorter words occur in too many good passwords.
const SHORTEST_WORD: usize = 3;

/// The value and its parts: "Ada Lovelace" also blocks "ada".
fn words_of(value: &str) -> Vec<String> {
    let value = value.to_lowercase();
    let parts = value.split(|c: char| !c.is_alphanumeric()).map(ToOwned::to_owned);
    std::iter::once(value.clone())
        .chain(parts)
        .filter(|word| word.chars().count() >= SHORTEST_WORD)
        .collect()
}

fn profile_word(profile: &Profile, field: &str) -> Option<String> {
    match field {
        "name" => profile.name.clone(),
        "given_name" => profile.given_name.clone(),
        "family_name" => profile.family_name.clone(),
        "nickname" => profile.nickname.clone(),
        "username" => profile.username.clone(),
        "phone_number" => profile.phone_number.clone(),
        // The domain is shared with others; the local part is what people reuse.
        "email" => {
            profile.email.as_deref().and_then(|mail| mail.split('@').next()).map(ToOwned::to_owned)
        }
        _ => {
            let key = field.strip_prefix("user_metadata.")?;
            profile.user_metadata.get(key)?.as_str().map(ToOwned::to_owned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> PasswordPolicy {
        PasswordPolicy::default()
    }

    fn names(policy: &PasswordPolicy, password: &str) -> Vec<&'static str> {
        let profile = Profile {
            email: Some("lovelace@example.com".into()),
            name: Some("Ada Byron".into()),
            ..Profile::default()
        };
        policy.broken_by(password, &profile).iter().map(Broken::name).collect()
    }

    #[test]
    fn a_good_password_breaks_nothing() {
        assert!(names(&policy(), "Tr0mbone-Weather").is_empty());
    }

    #[test]
    fn each_rule_is_told() {
        for (password, expected) in [
            ("", vec!["PasswordStrengthError", "PasswordStrengthError"]),
            ("sh0rT", vec!["PasswordStrengthError"]),
            ("onlylowercaseletters", vec!["PasswordStrengthError"]),
            ("Password1", vec!["PasswordDictionaryError"]),
            ("XxLovelace99", vec!["PasswordNoUserInfoError"]),
            ("xxBYRON-99", vec!["PasswordNoUserInfoError"]),
        ] {
            assert_eq!(names(&policy(), password), expected, "{password}");
        }
        let long = format!("Aa1!{}", "x".repeat(69));
        assert_eq!(names(&policy(), &long), ["PasswordStrengthError"]);
    }

    #[test]
    fn runs_are_refused_when_blocked() {
        let mut policy = policy();
        policy.complexity.identical_characters = Repetition::Block;
        policy.complexity.sequential_characters = Repetition::Block;
        for run in ["aaa", "ABC", "321", "xYz"] {
            assert_eq!(
                names(&policy, &format!("Qk7!{run}!tQm")),
                ["PasswordStrengthError"],
                "{run}"
            );
        }
        assert!(names(&policy, "Qk7!aabbac!tQm").is_empty());
    }

    #[test]
    fn truncation_counts_bytes_but_cuts_between_characters() {
        let mut policy = policy();
        policy.complexity.max_length_exceeded = LongPasswords::Truncate;
        let password = format!("{}é", "a".repeat(71));
        assert_eq!(policy.effective(&password).len(), 71);
        policy.complexity.max_length_exceeded = LongPasswords::Error;
        assert_eq!(policy.effective(&password), password);
    }

    #[test]
    fn custom_words_are_enforced() {
        let mut policy = policy();
        policy.dictionary.custom = vec!["Acme-Rocket-1".into()];
        assert_eq!(names(&policy, "aCME-rocket-1"), ["PasswordDictionaryError"]);
    }
}
