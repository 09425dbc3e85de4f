//! What people may do at APIs that ask (role-based access control, contract 03 §5).

use crate::id::UserId;
use crate::port::{StoreError, Tx};
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;

/// What `user` may do at `api`, if it asks; where it does not, nothing is read.
///
/// # Errors
/// If the database is not available.
pub async fn permissions(
    tx: &mut dyn Tx,
    api: Option<&ResourceServer>,
    user: &UserId,
) -> Result<Option<ScopeSet>, StoreError> {
    match api {
        Some(api) if api.settings.enforce_policies => tx.permitted(user, &api.id).await.map(Some),
        _ => Ok(None),
    }
}
