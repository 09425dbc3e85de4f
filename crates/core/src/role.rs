//! Roles and permissions: who may have which scope of an API that asks (contract 03 §5, 05 §10).

use serde_json::{Map, Value};

use crate::id::{ResourceServerId, RoleId};
use crate::time::Timestamp;

/// A set of permissions with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// `rol_…`.
    pub id: RoleId,
    /// Its name, of which there is one.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What administrators set that has no effect in this version, as they sent it.
    pub kept: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A scope of an API that somebody may have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The API.
    pub resource_server_id: ResourceServerId,
    /// The scope.
    pub scope: String,
}

/// A permission of a user, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// What.
    pub permission: Permission,
    /// The roles that bring it; none is a permission of the user's own.
    pub role: Option<(RoleId, String)>,
}
