//! Which operations there are, and how paths name them (contract 01 §2, §3.2).

use housekey_core::account::Access;
use housekey_core::tenant::TenantSettings;

use super::{
    Me, MeError, Reply, belonging, delete, enroll, factors, get, list, query_values, update, verify,
};
use crate::path;

/// An operation of the My Account API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `GET /factors`.
    Factors,
    /// `GET /authentication-methods`.
    List,
    /// `POST /authentication-methods`.
    Enroll,
    /// `GET /authentication-methods/{id}`.
    Get,
    /// `PATCH /authentication-methods/{id}`.
    Update,
    /// `DELETE /authentication-methods/{id}`.
    Delete,
    /// `POST /authentication-methods/{id}/verify`.
    Verify,
    /// `GET /consents`.
    Consents,
    /// `GET /consents/{id}`.
    Consent,
    /// `GET /organizations`.
    Organizations,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 10] = [
        Self::Factors,
        Self::List,
        Self::Enroll,
        Self::Get,
        Self::Update,
        Self::Delete,
        Self::Verify,
        Self::Consents,
        Self::Consent,
        Self::Organizations,
    ];

    /// Method and path below `/me/v1`, with `{id}` where an id stands.
    #[must_use]
    pub fn route(self) -> (&'static str, &'static str) {
        match self {
            Self::Factors => ("GET", "/factors"),
            Self::List => ("GET", "/authentication-methods"),
            Self::Enroll => ("POST", "/authentication-methods"),
            Self::Get => ("GET", "/authentication-methods/{id}"),
            Self::Update => ("PATCH", "/authentication-methods/{id}"),
            Self::Delete => ("DELETE", "/authentication-methods/{id}"),
            Self::Verify => ("POST", "/authentication-methods/{id}/verify"),
            Self::Consents => ("GET", "/consents"),
            Self::Consent => ("GET", "/consents/{id}"),
            Self::Organizations => ("GET", "/organizations"),
        }
    }

    /// The scope a token needs. There is none for verifying alone: it belongs to enrolling.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::Factors => "read:me:factors",
            Self::List | Self::Get => "read:me:authentication_methods",
            Self::Enroll | Self::Verify => "create:me:authentication_methods",
            Self::Update => "update:me:authentication_methods",
            Self::Delete => "delete:me:authentication_methods",
            Self::Consents | Self::Consent => "read:me:consents",
            Self::Organizations => "read:me:organizations",
        }
    }

    /// Whether the tenant serves it.
    pub(super) fn is_on(self, settings: &TenantSettings) -> bool {
        match self {
            Self::Consents | Self::Consent | Self::Organizations => {
                settings.my_account_consents_and_organizations
            }
            Self::Factors
            | Self::List
            | Self::Enroll
            | Self::Get
            | Self::Update
            | Self::Delete
            | Self::Verify => true,
        }
    }

    /// How log events call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Factors => "factors",
            Self::List => "list",
            Self::Enroll => "enroll",
            Self::Get => "get",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Verify => "verify",
            Self::Consents => "list_consents",
            Self::Consent => "get_consent",
            Self::Organizations => "list_organizations",
        }
    }

    /// Whether it reads or writes.
    pub(crate) fn access(self) -> Access {
        match self {
            Self::Factors
            | Self::List
            | Self::Get
            | Self::Consents
            | Self::Consent
            | Self::Organizations => Access::Read,
            Self::Enroll | Self::Update | Self::Delete | Self::Verify => Access::Write,
        }
    }

    /// What a request with this query counts as, for the limits.
    pub(super) fn counts_as(self, query: &str) -> Access {
        let is_filtered = || query_values(query, "type").is_some_and(|types| !types.is_empty());
        if self == Self::List && is_filtered() { Access::FilteredRead } else { self.access() }
    }

    /// The operation of a request and the decoded id in its path. `/me/x` is `/me/v1/x`.
    pub(super) fn find(method: &str, path: &str) -> Option<(Self, String)> {
        let rest = path.strip_prefix("/me")?;
        let rest = rest.strip_prefix("/v1").filter(|rest| rest.starts_with('/')).unwrap_or(rest);
        Self::ALL.into_iter().find_map(|operation| {
            let (own_method, pattern) = operation.route();
            let id = match_path(pattern, rest)?;
            (own_method == method).then_some((operation, id))
        })
    }

    pub(super) async fn run(self, me: Me<'_>) -> Result<Reply, MeError> {
        match self {
            Self::Factors => Ok(factors::run(&me)),
            Self::List => list::run(&me),
            Self::Enroll => enroll::run(me).await,
            Self::Get => get::run(&me),
            Self::Update => update::run(me).await,
            Self::Delete => delete::run(me).await,
            Self::Verify => verify::run(me).await,
            Self::Consents => belonging::list_consents(me).await,
            Self::Consent => belonging::get_consent(me).await,
            Self::Organizations => belonging::list_organizations(me).await,
        }
    }
}

fn match_path(pattern: &str, path: &str) -> Option<String> {
    let (mut patterns, mut segments) = (pattern.split('/'), path.split('/'));
    let mut id = String::new();
    loop {
        match (patterns.next(), segments.next()) {
            (None, None) => return Some(id),
            (Some("{id}"), Some(segment)) if !segment.is_empty() => id = path::decode(segment)?,
            (Some(literal), Some(segment)) if literal == segment => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_operations_with_and_without_version() {
        for (method, path, expected, id) in [
            ("GET", "/me/v1/factors", Operation::Factors, ""),
            ("GET", "/me/factors", Operation::Factors, ""),
            (
                "PATCH",
                "/me/v1/authentication-methods/totp%7Cdev_1",
                Operation::Update,
                "totp|dev_1",
            ),
            ("DELETE", "/me/authentication-methods/totp%7cdev_1", Operation::Delete, "totp|dev_1"),
            ("POST", "/me/v1/authentication-methods/a|b/verify", Operation::Verify, "a|b"),
            ("GET", "/me/v1/authentication-methods/%00", Operation::Get, "\0"),
        ] {
            assert_eq!(Operation::find(method, path), Some((expected, id.to_owned())), "{path}");
        }
    }

    #[test]
    fn everything_else_is_unknown() {
        for (method, path) in [
            ("GET", "/me"),
            ("GET", "/me/v1"),
            ("GET", "/me/v1/factors/"),
            ("GET", "/me/v1/authentication-methods/"),
            ("PUT", "/me/v1/factors"),
            ("GET", "/me/v1/authentication-methods/a/b"),
            ("GET", "/me/v1/authentication-methods/%7"),
            ("GET", "/me/v1/authentication-methods/%ff"),
            ("GET", "/me/v2/factors"),
        ] {
            assert_eq!(Operation::find(method, path), None, "{method} {path}");
        }
    }
}
