//! `options` of a database connection, as administrators write them (contract 05 §8.2), turned into
//! what takes effect. There are two dialects for passwords: `password_options`, and the older
//! members beside which it may not stand.

use serde_json::{Map, Value, json};

use super::attributes::{self, Attributes};
use super::{ConnectionOptions, PasskeyOptions};
use crate::factor::password::{
    CharacterType, CharacterTypeRule, Dictionary, History, PasswordPolicy, ProfileData, Repetition,
};

/// What options of a database connection come to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "those of the connection")]
pub struct DatabaseOptions {
    /// See [`ConnectionOptions::password`].
    pub password: PasswordPolicy,
    /// See [`ConnectionOptions::requires_username`].
    pub requires_username: bool,
    /// See [`ConnectionOptions::attributes`].
    pub attributes: Option<Attributes>,
    /// See [`ConnectionOptions::disable_signup`].
    pub disable_signup: bool,
    /// See [`ConnectionOptions::blocks_password_signup`].
    pub blocks_password_signup: bool,
    /// See [`ConnectionOptions::password_is_optional`].
    pub password_is_optional: bool,
    /// See [`ConnectionOptions::disable_self_service_change_password`].
    pub disable_self_service_change_password: bool,
    /// See [`ConnectionOptions::passkey`].
    pub passkey: PasskeyOptions,
}

/// Options that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionsError {
    /// They contradict each other or say nothing; in words that tools compare.
    Invalid(&'static str),
    /// This version does not know how; what.
    Unbuilt(&'static str),
}

/// The older members about passwords.
const LEGACY: [&str; 5] = [
    "passwordPolicy",
    "password_complexity_options",
    "password_dictionary",
    "password_history",
    "password_no_personal_info",
];

/// Fills `options` up with the defaults that are never missing, and reads them.
///
/// # Errors
/// See [`OptionsError`].
pub fn read_database_options(
    options: &mut Map<String, Value>,
) -> Result<DatabaseOptions, OptionsError> {
    let attributes = attributes::read(options)?;
    fill(
        options,
        "authentication_methods",
        &json!({
            "password": { "enabled": true, "api_behavior": "required", "signup_behavior": "allow" },
            "passkey": { "enabled": false },
        }),
    );
    fill(
        options,
        "passkey_options",
        &json!({
            "challenge_ui": "both",
            "progressive_enrollment_enabled": true,
            "local_enrollment_enabled": true,
        }),
    );
    let password = password_policy(options)?;
    let methods = &options["authentication_methods"];
    if methods["password"]["enabled"] == false {
        return Err(OptionsError::Unbuilt("Passwords cannot be switched off on a connection"));
    }
    let flag = |name: &str| options.get(name).is_some_and(|value| value == true);
    if flag("enabledDatabaseCustomization") {
        return Err(OptionsError::Unbuilt("Custom database scripts are not run"));
    }
    let passkey: PasskeyOptions = serde_json::from_value(options["passkey_options"].clone())
        .map_err(|_| OptionsError::Invalid("passkey_options are malformed"))?;
    Ok(DatabaseOptions {
        password,
        requires_username: flag("requires_username"),
        attributes,
        disable_signup: flag("disable_signup"),
        blocks_password_signup: methods["password"]["signup_behavior"] == "block",
        password_is_optional: methods["password"]["api_behavior"] == "optional",
        disable_self_service_change_password: flag("disable_self_service_change_password"),
        passkey: PasskeyOptions { enabled: methods["passkey"]["enabled"] == true, ..passkey },
    })
}

/// Adds the members of `defaults` that `options[name]` has not.
fn fill(options: &mut Map<String, Value>, name: &str, defaults: &Value) {
    let present = options.entry(name).or_insert(Value::Null);
    let mut filled = defaults.clone();
    merge(&mut filled, present);
    *present = filled;
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (into, from) => *into = from.clone(),
    }
}

fn password_policy(options: &mut Map<String, Value>) -> Result<PasswordPolicy, OptionsError> {
    let is_set = |name: &str| options.get(name).is_some_and(|value| !value.is_null());
    if !is_set("password_options") {
        return Ok(legacy_policy(options));
    }
    if LEGACY.into_iter().any(is_set) {
        return Err(OptionsError::Invalid(
            "Cannot set both options.password_options and the former password settings",
        ));
    }
    fill(
        options,
        "password_options",
        &json!({
            "complexity": {
                "min_length": 15, "character_types": [], "character_type_rule": "all",
                "identical_characters": "allow", "sequential_characters": "allow",
                "max_length_exceeded": "error",
            },
            "history": { "active": false, "size": 3 },
            "dictionary": { "active": false, "default": "en_100k", "custom": [] },
            "profile_data": { "active": false, "blocked_fields": [
                "name", "username", "nickname", "email", "phone_number",
                "user_metadata.name", "user_metadata.first", "user_metadata.last",
            ] },
        }),
    );
    serde_json::from_value(options["password_options"].clone())
        .map_err(|_| OptionsError::Invalid("password_options are malformed"))
}

fn legacy_policy(options: &Map<String, Value>) -> PasswordPolicy {
    let value = |name: &str, member: &str| options.get(name).and_then(|own| own.get(member));
    let is_on = |name: &str, member: &str| value(name, member).is_some_and(|on| on == true);
    let number = |name: &str, member: &str| {
        value(name, member).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok())
    };
    let mut policy = PasswordPolicy {
        history: History {
            active: is_on("password_history", "enable"),
            size: number("password_history", "size").unwrap_or(5).clamp(1, 24),
        },
        profile_data: ProfileData {
            active: is_on("password_no_personal_info", "enable"),
            ..ProfileData::default()
        },
        dictionary: Dictionary {
            active: is_on("password_dictionary", "enable"),
            custom: texts(value("password_dictionary", "dictionary")),
            ..Dictionary::default()
        },
        ..PasswordPolicy::default()
    };
    let complexity = &mut policy.complexity;
    let level =
        options.get("passwordPolicy").map_or("good", |level| level.as_str().unwrap_or("none"));
    let (min_length, types, rule) = match level {
        "none" => (1, &[][..], CharacterTypeRule::All),
        "low" => (6, &[][..], CharacterTypeRule::All),
        "fair" => (
            8,
            &[CharacterType::Lowercase, CharacterType::Uppercase, CharacterType::Number][..],
            CharacterTypeRule::All,
        ),
        "excellent" => {
            complexity.identical_characters = Repetition::Block;
            (10, &CharacterType::ALL[..], CharacterTypeRule::ThreeOfFour)
        }
        _ => (8, &CharacterType::ALL[..], CharacterTypeRule::ThreeOfFour),
    };
    complexity.min_length =
        number("password_complexity_options", "min_length").unwrap_or(min_length).max(1);
    complexity.character_types = types.to_vec();
    complexity.character_type_rule = rule;
    policy
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The options of a connection that was not made through the Management API, as it shows them.
#[must_use]
pub fn shown_options(connection: &ConnectionOptions) -> Map<String, Value> {
    let mut passkey = json!(connection.passkey);
    if let Some(passkey) = passkey.as_object_mut() {
        passkey.remove("enabled");
    }
    let shown = json!({
        "strategy_version": 2,
        "brute_force_protection": true,
        "mfa": { "active": true, "return_enroll_settings": true },
        "authentication_methods": {
            "password": { "enabled": true, "api_behavior": "required", "signup_behavior": "allow" },
            "passkey": { "enabled": connection.passkey.enabled },
        },
        "passkey_options": passkey,
        "password_options": connection.password,
        "requires_username": connection.requires_username,
        "disable_signup": connection.disable_signup,
        "disable_self_service_change_password": connection.disable_self_service_change_password,
    });
    match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: Value) -> Result<DatabaseOptions, OptionsError> {
        let Value::Object(mut options) = options else { panic!("an object") };
        read_database_options(&mut options)
    }

    #[test]
    fn what_is_shown_reads_back() {
        let connection = ConnectionOptions {
            requires_username: true,
            passkey: PasskeyOptions { enabled: true, ..PasskeyOptions::default() },
            ..ConnectionOptions::default()
        };
        let read = read(Value::Object(shown_options(&connection))).expect("reads");
        assert_eq!(read.password, connection.password);
        assert_eq!(read.passkey, connection.passkey);
        assert!(read.requires_username && !read.disable_signup);
    }

    #[test]
    fn levels_of_the_older_policy() {
        let lengths = |level: Value| {
            let read = read(json!({ "passwordPolicy": level })).expect("reads");
            let complexity = read.password.complexity;
            (
                complexity.min_length,
                complexity.character_types.len(),
                complexity.identical_characters,
            )
        };
        assert_eq!(lengths(json!(null)), (1, 0, Repetition::Allow));
        assert_eq!(lengths(json!("low")), (6, 0, Repetition::Allow));
        assert_eq!(lengths(json!("fair")), (8, 3, Repetition::Allow));
        assert_eq!(lengths(json!("good")), (8, 4, Repetition::Allow));
        assert_eq!(lengths(json!("excellent")), (10, 4, Repetition::Block));
        let longer = json!({ "password_complexity_options": { "min_length": 20 } });
        assert_eq!(read(longer).expect("reads").password.complexity.min_length, 20);
    }

    #[test]
    fn the_newer_policy_has_defaults_of_its_own() {
        let policy = read(json!({ "password_options": { "history": { "active": true } } }));
        let policy = policy.expect("reads").password;
        assert_eq!((policy.complexity.min_length, policy.history.size), (15, 3));
        assert!(policy.history.active && !policy.dictionary.active && !policy.profile_data.active);
    }

    #[test]
    fn contradictions_are_refused() {
        for (options, sentence) in [
            (
                json!({ "password_options": {}, "passwordPolicy": "good" }),
                "Cannot set both options.password_options and the former password settings",
            ),
            (
                json!({ "attributes": {}, "validation": {} }),
                "Cannot set both options.attributes and options.validation",
            ),
            (
                json!({ "attributes": {}, "requires_username": true }),
                "Cannot set both options.attributes and options.requires_username",
            ),
            (json!({ "attributes": {} }), "attributes must contain one active identifier"),
            (
                json!({ "attributes": { "email": { "unique": false } } }),
                "cannot add non-unique email attribute",
            ),
        ] {
            assert_eq!(read(options), Err(OptionsError::Invalid(sentence)));
        }
    }
}
