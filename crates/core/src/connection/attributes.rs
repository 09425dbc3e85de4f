//! What people of a database connection are called by (`options.attributes`, or the older
//! `requires_username` with `validation`; contract 05 §8.2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ConnectionOptions, OptionsError};
use crate::factor::phone::PhoneNumber;
use crate::user::{Identifier, Profile};

/// What people are called by. The serialised form is the stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// Mail address.
    pub email: Attribute,
    /// Telephone number.
    pub phone_number: Attribute,
    /// Username.
    pub username: Attribute,
    /// How many characters a username has at least.
    pub username_min: usize,
    /// How many it has at most.
    pub username_max: usize,
    /// New people are mailed a link that shows that mail arrives.
    pub verifies_email: bool,
}

/// One of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attribute {
    /// People sign in under it.
    pub identifies: bool,
    /// Whether new people are asked for it.
    pub signup: Asked,
}

/// Whether something is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// It must be given.
    Required,
    /// It may be given.
    Optional,
    /// It is not asked for.
    #[default]
    Inactive,
}

impl Attribute {
    const ALWAYS: Self = Self { identifies: true, signup: Asked::Required };

    /// Whether there is such a thing at all.
    #[must_use]
    pub fn exists(self) -> bool {
        self.identifies || self.signup != Asked::Inactive
    }
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            email: Attribute::ALWAYS,
            phone_number: Attribute::default(),
            username: Attribute::default(),
            username_min: 1,
            username_max: 15,
            verifies_email: true,
        }
    }
}

/// What is wrong with what somebody is to be called by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// This is missing.
    Missing(&'static str),
    /// This is not what the connection takes.
    Malformed(&'static str),
    /// The connection has no such thing.
    Unknown(&'static str),
}

impl ConnectionOptions {
    /// Whether people sign up on our pages, which takes a password.
    #[must_use]
    pub fn allows_password_signup(&self) -> bool {
        !self.disable_signup && !self.blocks_password_signup
    }

    /// What people are called by.
    #[must_use]
    pub fn names(&self) -> Attributes {
        let legacy = || Attributes {
            username: if self.requires_username { Attribute::ALWAYS } else { Attribute::default() },
            ..Attributes::default()
        };
        self.attributes.unwrap_or_else(legacy)
    }
}

impl Attributes {
    /// What somebody typed to say who they are. `calling_code` completes telephone numbers.
    #[must_use]
    pub fn read(&self, typed: &str, calling_code: Option<&str>) -> Option<Identifier> {
        let number = || PhoneNumber::parse(typed.trim(), calling_code);
        let email = Identifier::email(typed).filter(|_| self.email.identifies);
        let phone = || {
            let number = number().filter(|_| self.phone_number.identifies)?;
            Some(Identifier::Phone(number.as_str().to_owned()))
        };
        // Usernames of accounts that older settings let in keep working.
        let username = || Identifier::username(typed);
        email.or_else(phone).or_else(username)
    }

    /// Checks what a new person gives.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check_signup(&self, profile: &Profile) -> Result<(), NameError> {
        self.check(profile)?;
        for (name, attribute, value) in self.of(profile) {
            if attribute.signup == Asked::Required && value.is_none() {
                return Err(NameError::Missing(name));
            }
        }
        // Where everything may be left out, something must not.
        let named =
            self.of(profile).into_iter().any(|(_, own, value)| own.identifies && value.is_some());
        let first = self.of(profile).into_iter().find(|(_, own, _)| own.identifies);
        match first {
            Some((name, ..)) if !named => Err(NameError::Missing(name)),
            _ => Ok(()),
        }
    }

    /// Checks what somebody is called by, whoever says so.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self, profile: &Profile) -> Result<(), NameError> {
        if profile.username.is_some() && !self.username.exists() {
            return Err(NameError::Unknown("username"));
        }
        if profile.username.as_deref().is_some_and(|name| !self.fits(name)) {
            return Err(NameError::Malformed("username"));
        }
        Ok(())
    }

    fn fits(&self, username: &str) -> bool {
        let length = username.chars().count();
        Identifier::username(username).is_some()
            && (self.username_min..=self.username_max).contains(&length)
    }

    fn of<'a>(&self, profile: &'a Profile) -> [(&'static str, Attribute, Option<&'a str>); 3] {
        [
            ("email", self.email, profile.email.as_deref()),
            ("username", self.username, profile.username.as_deref()),
            ("phone_number", self.phone_number, profile.phone_number.as_deref()),
        ]
    }
}

/// Reads what options say, and fills them up with the defaults that are never missing.
///
/// # Errors
/// See [`OptionsError`].
pub(super) fn read(options: &mut Map<String, Value>) -> Result<Option<Attributes>, OptionsError> {
    let is_set = |name: &str| options.get(name).is_some_and(|value| !value.is_null());
    if !is_set("attributes") {
        // Without usernames their length says nothing.
        let lengths = lengths(
            &options.get("validation").unwrap_or(&Value::Null)["username"],
            ["min", "max"],
        )?;
        let requires_username = options.get("requires_username") == Some(&Value::Bool(true));
        return Ok((lengths != lengths_by_default() && requires_username).then(|| Attributes {
            username: Attribute::ALWAYS,
            username_min: lengths.0,
            username_max: lengths.1,
            ..Attributes::default()
        }));
    }
    if is_set("validation") {
        let text = "Cannot set both options.attributes and options.validation";
        return Err(OptionsError::Invalid(text));
    }
    if options.get("requires_username") == Some(&Value::Bool(true)) {
        let text = "Cannot set both options.attributes and options.requires_username";
        return Err(OptionsError::Invalid(text));
    }
    let attributes = &mut options["attributes"];
    if attributes["email"]["unique"] == false {
        return Err(OptionsError::Invalid("cannot add non-unique email attribute"));
    }
    let lengths = lengths(&attributes["username"]["validation"], ["min_length", "max_length"])?;
    let read = Attributes {
        email: attribute(&attributes["email"], "attribute email must also be required on signup")?,
        phone_number: attribute(
            &attributes["phone_number"],
            "attribute phone_number must also be required on signup",
        )?,
        username: attribute(
            &attributes["username"],
            "attribute username must also be required on signup",
        )?,
        username_min: lengths.0,
        username_max: lengths.1,
        verifies_email: attributes["email"]["signup"]["verification"]["active"] != false,
    };
    if ![read.email, read.phone_number, read.username].iter().any(|own| own.identifies) {
        return Err(OptionsError::Invalid("attributes must contain one active identifier"));
    }
    refuse_unbuilt(attributes)?;
    refill(attributes);
    Ok(Some(read))
}

/// Codes at sign-up, and names that look like others.
fn refuse_unbuilt(attributes: &Value) -> Result<(), OptionsError> {
    let verifies = |name: &str| attributes[name]["signup"]["verification"]["active"] == true;
    if verifies("phone_number") {
        return Err(OptionsError::Unbuilt("Telephone numbers cannot be verified at sign-up"));
    }
    if verifies("email") && attributes["email"]["verification_method"] == "otp" {
        return Err(OptionsError::Unbuilt("Mail addresses are verified by a link, not by a code"));
    }
    let methods =
        ["email", "phone_number"].map(|name| &attributes[name]["identifier"]["default_method"]);
    if methods.iter().any(|method| !method.is_null() && **method != "password") {
        return Err(OptionsError::Unbuilt("People sign in with a password, not with a code"));
    }
    let types = &attributes["username"]["validation"]["allowed_types"];
    if ["email", "phone_number"].iter().any(|name| types[name] == true) {
        return Err(OptionsError::Unbuilt("A username cannot be an address or a number"));
    }
    Ok(())
}

fn refill(attributes: &mut Value) {
    for (name, method) in [("email", "link"), ("phone_number", "otp")] {
        let Some(attribute) = attributes.get_mut(name).and_then(Value::as_object_mut) else {
            continue;
        };
        attribute.entry("verification_method").or_insert_with(|| method.into());
        if name == "email" {
            attribute.entry("unique").or_insert_with(|| json!(true));
        }
    }
}

fn attribute(sent: &Value, not_asked: &'static str) -> Result<Attribute, OptionsError> {
    let signup = match sent["signup"]["status"].as_str() {
        Some("required") => Asked::Required,
        Some("optional") => Asked::Optional,
        _ => Asked::Inactive,
    };
    if sent["profile_required"] == true && signup != Asked::Required {
        return Err(OptionsError::Invalid(not_asked));
    }
    Ok(Attribute { identifies: sent["identifier"]["active"] == true, signup })
}

fn lengths_by_default() -> (usize, usize) {
    let own = Attributes::default();
    (own.username_min, own.username_max)
}

fn lengths(sent: &Value, [least, most]: [&str; 2]) -> Result<(usize, usize), OptionsError> {
    let default = lengths_by_default();
    let number = |name: &str, default: usize| {
        sent[name].as_u64().and_then(|own| usize::try_from(own).ok()).unwrap_or(default)
    };
    let (least, most) = (number(least, default.0), number(most, default.1));
    if least > most {
        return Err(OptionsError::Invalid("A username cannot be longer than it is short"));
    }
    Ok((least, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(value: Value) -> Result<Option<Attributes>, OptionsError> {
        let Value::Object(mut options) = value else { panic!("an object") };
        read(&mut options)
    }

    fn profile(email: Option<&str>, username: Option<&str>) -> Profile {
        let text = |own: Option<&str>| own.map(ToOwned::to_owned);
        Profile { email: text(email), username: text(username), ..Profile::default() }
    }

    #[test]
    fn older_options_mean_the_same() {
        assert_eq!(options(json!({ "requires_username": true })), Ok(None));
        let longer = json!({ "requires_username": true, "validation": { "username": { "min": 3, "max": 20 } } });
        let read = options(longer).expect("reads").expect("says something");
        assert!(read.username.identifies && read.email.identifies);
        assert_eq!((read.username_min, read.username_max), (3, 20));
        let pointless = json!({ "validation": { "username": { "min": 3, "max": 20 } } });
        assert_eq!(options(pointless), Ok(None));
    }

    #[test]
    fn what_people_type_is_read_as_what_they_may_be_called() {
        let by_phone =
            json!({ "attributes": { "phone_number": { "identifier": { "active": true } } } });
        let by_phone = options(by_phone).expect("reads").expect("says something");
        let number = Some(Identifier::Phone("+4930123456".into()));
        assert_eq!(by_phone.read("+49 30 123456", None), number);
        assert_eq!(by_phone.read("030 123456", Some("49")), number);
        assert_eq!(by_phone.read("ada@example.com", None), None);
        let by_mail = Attributes::default();
        assert_eq!(by_mail.read("Ada@example.com", None), Identifier::email("ada@example.com"));
        assert_eq!(by_mail.read("ada", None), Identifier::username("ada"));
    }

    #[test]
    fn new_people_give_what_is_asked_for() {
        let both = json!({ "attributes": {
            "email": { "identifier": { "active": true }, "signup": { "status": "optional" } },
            "username": { "identifier": { "active": true }, "signup": { "status": "optional" },
                          "validation": { "min_length": 3, "max_length": 8 } },
        } });
        let both = options(both).expect("reads").expect("says something");
        let check = |email, username| both.check_signup(&profile(email, username));
        assert_eq!(check(Some("a@b.example"), None), Ok(()));
        assert_eq!(check(None, Some("adaada")), Ok(()));
        assert_eq!(check(None, None), Err(NameError::Missing("email")));
        for wrong in ["ad", "adaadaada", "a da"] {
            assert_eq!(check(None, Some(wrong)), Err(NameError::Malformed("username")), "{wrong}");
        }
        let legacy = Attributes::default();
        assert_eq!(
            legacy.check_signup(&profile(Some("a@b.example"), Some("ada"))),
            Err(NameError::Unknown("username"))
        );
        assert_eq!(legacy.check_signup(&profile(None, None)), Err(NameError::Missing("email")));
    }

    #[test]
    fn what_cannot_be_kept_to_is_refused() {
        let phone = |signup: Value| {
            json!({ "attributes": { "phone_number": {
                "identifier": { "active": true }, "profile_required": true, "signup": signup,
            } } })
        };
        let sentence = "attribute phone_number must also be required on signup";
        let optional = phone(json!({ "status": "optional" }));
        assert_eq!(options(optional), Err(OptionsError::Invalid(sentence)));
        let verified = phone(json!({ "status": "required", "verification": { "active": true } }));
        assert!(matches!(options(verified), Err(OptionsError::Unbuilt(_))));
        assert!(options(phone(json!({ "status": "required" }))).is_ok());
        let none = json!({ "attributes": { "username": {} } });
        let sentence = "attributes must contain one active identifier";
        assert_eq!(options(none), Err(OptionsError::Invalid(sentence)));
    }
}
