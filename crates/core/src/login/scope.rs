//! What a request comes to for the person who signs in.

use super::AuthorizationRequest;
use crate::access::{AccessError, granted, permissions};
use crate::app::App;
use crate::call::Call;
use crate::error::Fault;
use crate::id::UserId;
use crate::port::Tx;
use crate::resource_server::ResourceServer;
use crate::scope::ScopeSet;

/// The scopes that `user` can let the application have.
pub(super) async fn scope_for(
    call: &Call,
    tx: &mut dyn Tx,
    request: &AuthorizationRequest,
    user: &UserId,
) -> Result<Result<ScopeSet, AccessError>, Fault> {
    let Some(client) = call.tenant.client(&request.client_id) else {
        return Ok(Err(AccessError::NotAuthorized));
    };
    let api = api_of(call, request);
    let permissions = permissions(tx, api, user).await?;
    Ok(granted(call, client, api, &request.scope, permissions.as_ref()))
}

/// The same where it is only to be shown or asked about.
pub(super) async fn asked_scope(
    app: &App,
    call: &Call,
    request: &AuthorizationRequest,
    user: &UserId,
) -> Result<ScopeSet, Fault> {
    if !api_of(call, request).is_some_and(|api| api.settings.enforce_policies) {
        return Ok(request.scope.clone());
    }
    let mut tx = app.read(&call.tenant.id).await?;
    Ok(scope_for(call, &mut *tx, request, user).await?.unwrap_or_default())
}

fn api_of<'a>(call: &'a Call, request: &AuthorizationRequest) -> Option<&'a ResourceServer> {
    let audience = request.audience.as_ref()?;
    call.tenant.resource_server(&audience.resource_server_id)
}
