//! Resources that are parts of the tenant's settings: read from memory, changed in one document.

use housekey_core::manage::{ManageError, settings};
use housekey_core::tenant::TenantSettings;
use housekey_core::{App, Call};
use serde_json::Value;

use super::body::Members;
use super::{Ask, Reply};

/// What changing takes besides what was sent.
pub(super) struct Context<'a> {
    pub(super) app: &'a App,
    pub(super) call: &'a Call,
}

/// Answers with what the tenant has.
pub(super) fn show(ask: &Ask<'_>, wire: fn(&TenantSettings) -> Value) -> Reply {
    Reply::ok(wire(&ask.call.tenant.settings))
}

/// Changes what the tenant has and answers with what it is then. `resource` is its path.
pub(super) async fn change(
    mut ask: Ask<'_>,
    resource: &'static str,
    apply: impl FnOnce(&Context<'_>, Members, &mut TenantSettings) -> Result<(), ManageError>,
    wire: fn(&TenantSettings) -> Value,
) -> Result<Reply, ManageError> {
    let body = ask.members();
    let context = Context { app: ask.app, call: ask.call };
    let apply = |settings: &mut TenantSettings| apply(&context, body, settings);
    let (settings, ()) =
        settings::change(ask.app, ask.call, &ask.operator, resource, ask.shown, apply).await?;
    Ok(Reply::ok(wire(&settings)))
}
