//! Organizations: customers of the tenant whose people sign in together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ConnectionId, OrganizationId};
use crate::port::StoreError;
use crate::time::Timestamp;

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `org_…`.
    pub id: OrganizationId,
    /// Unique in the tenant; lower-case.
    pub name: String,
    /// What people see.
    pub display_name: Option<String>,
    /// What else its owners set.
    pub settings: OrganizationSettings,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is set about an organization. The serialised form is the stored form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationSettings {
    /// What its owners note about it.
    pub metadata: BTreeMap<String, String>,
    /// The connections its people come from.
    pub enabled_connections: Vec<EnabledConnection>,
    /// What is kept for tools, without an effect.
    pub kept: Map<String, Value>,
}

/// A connection that an organization's people come from. The serialised form is the stored form, and
/// that on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnabledConnection {
    /// Which.
    pub connection_id: ConnectionId,
    /// Whoever signs in through it belongs to the organization.
    pub assign_membership_on_login: bool,
    /// It is offered as a button.
    pub show_as_button: bool,
    /// People can sign up through it.
    pub is_signup_enabled: bool,
}

impl EnabledConnection {
    /// One without settings of its own.
    #[must_use]
    pub fn new(connection_id: ConnectionId) -> Self {
        Self {
            connection_id,
            assign_membership_on_login: false,
            show_as_button: true,
            is_signup_enabled: false,
        }
    }
}

/// Why an organization was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The name is not well-formed.
    #[error(
        "an organization's name is 1 to 50 lower-case letters, digits, dashes and underscores, \
         beginning with a letter or digit"
    )]
    BadName,
    /// Another one has the name.
    #[error("there is an organization of that name already")]
    Taken,
    /// Something else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => Self::Taken,
            other => Self::Fault(other.into()),
        }
    }
}

/// Creates an organization without members.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    app: &App,
    call: &Call,
    name: &str,
    display_name: Option<String>,
) -> Result<Organization, CreateError> {
    if !is_name(name) {
        return Err(CreateError::BadName);
    }
    let new = Organization {
        id: OrganizationId::generate(app.random()),
        name: name.to_owned(),
        display_name,
        settings: OrganizationSettings::default(),
        created_at: call.now,
    };
    let mut tx = app.write(&call.tenant.id).await?;
    tx.insert_organization(&new).await?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(new)
}

/// Whether an organization can have that name.
pub(crate) fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=50).contains(&name.len())
        && name.starts_with(is_plain)
        && name.chars().all(|c| is_plain(c) || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for name in ["acme", "a", "0-1_2", &"x".repeat(50)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-acme", "_x", "Acme", "a b", "ä", "a.b", &"x".repeat(51)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
