//! Approvals: what people allowed away from the browser, for a time (contract 01 §9). The browser's
//! consent is another thing ([`super::Consent`]).

use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::{ApprovalId, ClientId, UserId};
use crate::time::Timestamp;

/// What somebody approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// `cns_…`.
    pub id: ApprovalId,
    /// Who approved it.
    pub user_id: UserId,
    /// For which application.
    pub client_id: ClientId,
    /// What was asked.
    pub requested: RequestedDetails,
    /// When.
    pub created_at: Timestamp,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// What an application asked somebody to approve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedDetails {
    /// What both devices showed, so that people could tell that they belong together.
    pub binding_message: Option<String>,
    /// At which API.
    pub audience: Option<String>,
    /// With which scopes.
    pub scope: Option<Vec<String>>,
}

/// Records that `user` approved for `seconds` what `client` asked.
///
/// # Errors
/// If it cannot be stored: the user or the application may be gone.
pub async fn approve(
    app: &App,
    call: &Call,
    user: &UserId,
    client: &ClientId,
    requested: RequestedDetails,
    seconds: i64,
) -> Result<Approval, Fault> {
    let approval = Approval {
        id: ApprovalId::generate(app.random()),
        user_id: user.clone(),
        client_id: client.clone(),
        requested,
        created_at: call.now,
        expires_at: call.now.plus_seconds(seconds),
    };
    let mut tx = app.write(&call.tenant.id).await?;
    tx.insert_approval(&approval).await?;
    tx.commit().await?;
    Ok(approval)
}
