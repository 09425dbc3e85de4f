//! Asking a person before an application gets something: consent to scopes, and the lighter
//! confirmation of a callback that cannot be verified.

use serde::Serialize;

use crate::view::{Form, Frame, Page};

/// Screen `consent`. Actions `accept` and `deny`.
#[derive(Clone, Serialize)]
pub struct Consent {
    /// What surrounds the page; it names the application that asks.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Who is signed in.
    pub user: String,
    /// What the application asks for.
    pub groups: Vec<ScopeGroup>,
}

/// Screen `confirmation`: "you are about to be signed in to a program on this device". Actions
/// `default` and `back-action`.
#[derive(Clone, Serialize)]
pub struct Confirmation {
    /// What surrounds the page; it names the application.
    pub frame: Frame,
    /// Its form.
    pub form: Form,
    /// Who is signed in.
    pub user: String,
    /// Where the answer goes: host and port, or the custom scheme.
    pub target: String,
}

/// The scopes about one resource, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScopeGroup {
    /// The resource: "Contacts". Empty for a plain list of descriptions.
    pub title: String,
    /// What may be done with it: "read and write your contacts".
    pub items: Vec<String>,
}

impl ScopeGroup {
    /// Puts scopes into words: `read:contacts write:contacts` becomes one group, "Contacts: read
    /// and write your contacts". Scopes about the person get sentences of their own; `openid`
    /// says nothing to a person and is left out.
    #[must_use]
    pub fn from_scopes<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut profile = Vec::new();
        let mut resources: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut others = Vec::new();
        for scope in scopes {
            match (scope, scope.split_once(':')) {
                ("openid", _) => {}
                ("profile" | "email" | "phone" | "address", _) => profile.push(scope),
                ("offline_access" | "online_access", _) => {
                    others.push("keep access while you are away".to_owned());
                }
                (_, Some((action, resource))) if !action.is_empty() && !resource.is_empty() => {
                    match resources.iter_mut().find(|(known, _)| *known == resource) {
                        Some((_, actions)) => actions.push(action),
                        None => resources.push((resource, vec![action])),
                    }
                }
                _ => others.push(words(scope)),
            }
        }
        let mut groups = Vec::new();
        if !profile.is_empty() {
            groups.push(Self::new("Profile", vec![format!("see your {}", sequence(&profile))]));
        }
        groups.extend(resources.into_iter().map(|(resource, actions)| {
            let resource = words(resource);
            Self::new(&resource, vec![format!("{} your {resource}", sequence(&actions))])
        }));
        if !others.is_empty() {
            groups.push(Self::new("Other", others));
        }
        groups
    }

    /// The API's own descriptions, for tenants that prefer them.
    #[must_use]
    pub fn from_descriptions(descriptions: Vec<String>) -> Vec<Self> {
        vec![Self { title: String::new(), items: descriptions }]
    }

    fn new(title: &str, items: Vec<String>) -> Self {
        let mut letters = title.chars();
        let title = letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
        Self { title, items }
    }
}

/// `me:authentication_methods` as a person would write it.
fn words(resource: &str) -> String {
    resource.replace(['_', '-', ':', '.'], " ")
}

/// `a, b and c`
fn sequence(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl Page for Consent {
    const TEMPLATE: &'static str = "consent.html";

    fn screen(&self) -> &'static str {
        "consent"
    }

    fn samples() -> Vec<Self> {
        let grouped = Self {
            frame: Frame::sample(),
            form: Form::sample(),
            user: "ada@example.com".to_owned(),
            groups: ScopeGroup::from_scopes(
                "openid profile email read:contacts write:contacts offline_access".split(' '),
            ),
        };
        let described = Self {
            frame: Frame::branded_sample(),
            groups: ScopeGroup::from_descriptions(vec!["Read your contacts".to_owned()]),
            ..grouped.clone()
        };
        let nothing = Self { groups: Vec::new(), ..grouped.clone() };
        vec![grouped, described, nothing]
    }
}

impl Page for Confirmation {
    const TEMPLATE: &'static str = "confirmation.html";

    fn screen(&self) -> &'static str {
        "confirmation"
    }

    fn samples() -> Vec<Self> {
        vec![Self {
            frame: Frame::sample(),
            form: Form::sample(),
            user: "ada@example.com".to_owned(),
            target: "localhost:3000".to_owned(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(title: &str, items: &[&str]) -> ScopeGroup {
        ScopeGroup {
            title: title.to_owned(),
            items: items.iter().map(|&item| item.to_owned()).collect(),
        }
    }

    #[test]
    fn scopes_are_grouped_by_resource() {
        let scopes = "openid email read:contacts profile create:me:authentication_methods \
                      write:contacts delete:contacts offline_access admin";
        assert_eq!(
            ScopeGroup::from_scopes(scopes.split(' ')),
            [
                group("Profile", &["see your email and profile"]),
                group("Contacts", &["read, write and delete your contacts"]),
                group("Me authentication methods", &["create your me authentication methods"]),
                group("Other", &["keep access while you are away", "admin"]),
            ]
        );
    }

    #[test]
    fn malformed_scopes_are_shown_as_they_are() {
        assert_eq!(ScopeGroup::from_scopes([":x", "y:"]), [group("Other", &[" x", "y "])],);
        assert_eq!(ScopeGroup::from_scopes(["openid"]), []);
    }
}
