//! A browser in which somebody gave a second factor and wished not to be asked again for a while
//! (contract 04 §9.4). It spares what the tenant demands, and nothing else.

use crate::id::UserId;
use crate::secret::HandleHash;
use crate::time::Timestamp;

/// A browser that is spared a second factor.
#[derive(Clone, Debug)]
pub struct RememberedBrowser {
    /// Hash of what its cookie holds.
    pub handle: HandleHash,
    /// For whom.
    pub user_id: UserId,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// End unless used before.
    pub idle_expires_at: Timestamp,
}
