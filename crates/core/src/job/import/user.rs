//! A user as import files have them, checked (contract 05 §9.4).

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use crate::connection::{Asked, Connection};
use crate::document::{Document, Flaw, Flaws};
use crate::factor::password::imported::{ImportedHash, read_bcrypt, read_custom};
use crate::factor::phone::PhoneNumber;
use crate::factor::totp;
use crate::factor::{FactorType, email};
use crate::id::UserId;
use crate::user::{Identifier, Profile};

/// How many bytes of metadata of one kind a user may have (contract 05 §23).
const MAX_METADATA: usize = 1_048_576;
/// How many factors a user may bring.
const MAX_FACTORS: usize = 10;

/// A user of a file, well-formed.
#[derive(Clone, Debug)]
pub(super) struct ImportedUser {
    pub(super) id: Option<UserId>,
    /// Members that are not there are none.
    pub(super) profile: Profile,
    pub(super) email_verified: Option<bool>,
    pub(super) phone_verified: Option<bool>,
    pub(super) blocked: Option<bool>,
    pub(super) hash: Option<ImportedHash>,
    /// Whether the hash may take the place of one that was imported before.
    pub(super) replaces_hash: bool,
    pub(super) factors: Vec<ImportedFactor>,
}

/// A factor a user brings.
#[derive(Clone, Debug)]
pub(super) enum ImportedFactor {
    Email(String),
    Phone(PhoneNumber),
    Totp(totp::SharedSecret),
}

/// Reads a user for `connection`.
pub(super) fn read(value: &Value, connection: &Connection) -> Result<ImportedUser, Vec<Flaw>> {
    let flaws = Flaws::default();
    let user = Document::of(value, "", &flaws).map(|document| {
        let user = members(&document);
        document.finish();
        check_names(&document, &user.profile, connection);
        user
    });
    let flaws = flaws.into_vec();
    match user {
        Some(user) if flaws.is_empty() => Ok(user),
        _ => Err(flaws),
    }
}

fn members(user: &Document<'_>) -> ImportedUser {
    let text = |name, most| user.text(name, 1..=most).map(str::to_owned);
    let profile = Profile {
        email: read_email(user),
        username: username(user),
        phone_number: phone_number(user),
        name: text("name", 300),
        nickname: text("nickname", 300),
        given_name: text("given_name", 150),
        family_name: text("family_name", 150),
        picture: picture(user),
        user_metadata: metadata(user, "user_metadata"),
        app_metadata: metadata(user, "app_metadata"),
        ..Profile::default()
    };
    let (bcrypt, custom) = (read_bcrypt(user), read_custom(user));
    if user.get("password_hash").is_some() && user.get("custom_password_hash").is_some() {
        let text = "password_hash and custom_password_hash exclude each other";
        user.flaw("custom_password_hash", "NOT_PASSED", text);
    }
    ImportedUser {
        id: id(user),
        profile,
        email_verified: user.flag("email_verified"),
        phone_verified: user.flag("phone_verified"),
        blocked: user.flag("blocked"),
        replaces_hash: custom.is_some(),
        hash: bcrypt.or(custom),
        factors: factors(user),
    }
}

fn id(user: &Document<'_>) -> Option<UserId> {
    let text = user.text("user_id", 1..=255)?;
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        user.flaw("user_id", "PATTERN", "user_id has no white space in it");
        return None;
    }
    Some(UserId::from_raw(format!("auth0|{text}")))
}

fn read_email(user: &Document<'_>) -> Option<String> {
    let text = user.text("email", 1..=320)?;
    if Identifier::email(text).is_none() || text.trim() != text {
        let why = "Object didn't pass validation for format email";
        user.flaw("email", "INVALID_FORMAT", why);
        return None;
    }
    Some(text.to_lowercase())
}

fn username(user: &Document<'_>) -> Option<String> {
    let text = user.text("username", 1..=128)?;
    if Identifier::username(text).is_none() || text.trim() != text {
        user.flaw("username", "PATTERN", "A username has neither spaces nor an @ in it");
        return None;
    }
    Some(text.to_owned())
}

fn phone_number(user: &Document<'_>) -> Option<String> {
    let text = user.text("phone_number", 1..=16)?;
    let digits = text.strip_prefix('+').unwrap_or_default();
    if (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    user.flaw("phone_number", "PATTERN", "String does not match pattern ^\\+[0-9]{1,15}$");
    None
}

fn picture(user: &Document<'_>) -> Option<String> {
    let text = user.text("picture", 1..=8192)?;
    if Url::parse(text).is_err() {
        user.flaw("picture", "INVALID_FORMAT", "Object didn't pass validation for format uri");
        return None;
    }
    Some(text.to_owned())
}

/// Members that are `null` are not there.
fn metadata(user: &Document<'_>, name: &'static str) -> Map<String, Value> {
    let Some(value) = user.get(name) else { return Map::new() };
    let Value::Object(members) = value else {
        // Tells that it is none.
        user.object(name);
        return Map::new();
    };
    if has_nul(value) {
        user.flaw(name, "PATTERN", "String contains a null character");
    }
    if serde_json::to_string(members).map_or(usize::MAX, |text| text.len()) > MAX_METADATA {
        user.flaw(name, "MAX_LENGTH", "Metadata is too large");
    }
    let given = members.iter().filter(|(_, value)| !value.is_null());
    given.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// No database keeps it.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn factors(user: &Document<'_>) -> Vec<ImportedFactor> {
    const NAME: &str = "mfa_factors";
    let items = user.list(NAME).unwrap_or_default();
    if items.len() > MAX_FACTORS {
        let text = format!("Array is too long ({}), maximum {MAX_FACTORS}", items.len());
        user.flaw(NAME, "ARRAY_LENGTH_LONG", text);
        return Vec::new();
    }
    let read = |(at, item)| factor(user, &user.path_of(&format!("{NAME}[{at}]")), item);
    let found: Vec<_> = items.iter().enumerate().filter_map(read).collect();
    let kinds: HashSet<_> = found.iter().map(ImportedFactor::factor).collect();
    if kinds.len() < found.len() {
        user.flaw(NAME, "MFA_FACTORS_FAILED", "There is room for one factor of each kind");
    }
    found
}

impl ImportedFactor {
    pub(super) fn factor(&self) -> FactorType {
        match self {
            Self::Email(_) => FactorType::Email,
            Self::Phone(_) => FactorType::Phone,
            Self::Totp(_) => FactorType::Totp,
        }
    }
}

/// One of `{totp: {secret}}`, `{phone: {value}}` and `{email: {value}}`.
fn factor(user: &Document<'_>, path: &str, item: &Value) -> Option<ImportedFactor> {
    let item = user.inside(item, path)?;
    let kinds = ["totp", "phone", "email"].map(|name| item.get(name).is_some());
    if kinds.iter().filter(|is_there| **is_there).count() != 1 {
        let text = "A factor has exactly one of totp, phone and email";
        item.flaw("", "ANY_OF_MISSING", text);
        return None;
    }
    let name = if kinds[0] {
        "totp"
    } else if kinds[1] {
        "phone"
    } else {
        "email"
    };
    let member = if kinds[0] { "secret" } else { "value" };
    let inner = item.object(name)?;
    let text = inner.required_text(member, 1..=320);
    inner.finish();
    item.finish();
    let text = text?;
    let (read, why) = match name {
        "totp" => (
            totp::SharedSecret::parse(text).map(ImportedFactor::Totp),
            "secret is not base32 of 10 to 128 bytes",
        ),
        "phone" => (
            PhoneNumber::parse(text, None).map(ImportedFactor::Phone),
            "value is no telephone number of the form +4930123456",
        ),
        _ => (
            email::begin(text).map(|_| ImportedFactor::Email(text.trim().to_owned())),
            "value is no mail address",
        ),
    };
    if read.is_none() {
        inner.flaw(member, "MFA_FACTORS_FAILED", why);
    }
    read
}

fn check_names(user: &Document<'_>, profile: &Profile, connection: &Connection) {
    let username = connection.options.names().username;
    if username.signup == Asked::Required && user.get("username").is_none() {
        user.missing("username");
    }
    if !username.exists() && user.get("username").is_some() {
        let text = "Cannot set username for connection without requires_username";
        user.flaw("username", "NOT_PASSED", text);
    }
    let is_named =
        ["email", "username", "phone_number"].iter().any(|name| user.get(name).is_some());
    if profile.identifiers().is_empty() && !is_named {
        user.missing("email");
    }
}

/// A user as reports show them: what proves anything is hidden.
pub(super) fn masked(value: &Value) -> Value {
    const SECRET: [&str; 4] = ["password", "password_hash", "custom_password_hash", "mfa_factors"];
    let Value::Object(members) = value else { return value.clone() };
    let show = |(name, value): (&String, &Value)| {
        let value = if SECRET.contains(&name.as_str()) { hidden(value) } else { value.clone() };
        (name.clone(), value)
    };
    members.iter().map(show).collect::<Map<_, _>>().into()
}

fn hidden(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), hidden(value)));
            members.collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(hidden).collect(),
        _ => "*****".into(),
    }
}
