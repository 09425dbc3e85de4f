//! A new application, its secret, and what it may ask the My Account API for.

use super::{Client, ClientGrant, ClientSettings, GrantedScope, SubjectType};
use crate::app::App;
use crate::error::Fault;
use crate::id::{ClientGrantId, ClientId, TenantId};
use crate::port::StoreError;
use crate::resource_server::ResourceServerKind;

/// Random bytes in a client secret.
const SECRET_BYTES: usize = 48;

/// Why an application was not registered.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// No such tenant.
    #[error("there is no tenant {0}")]
    NoTenant(TenantId),
    /// The grant has nothing to point at.
    #[error("the My Account API of tenant {0} is not activated")]
    NoMyAccount(TenantId),
    /// Something else.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// What an application may ask for from the beginning.
#[derive(Clone, Debug, Default)]
pub struct FirstGrants {
    /// Of the My Account API, on behalf of a person.
    pub my_account: Option<GrantedScope>,
    /// Of the Management API, for itself.
    pub management: Option<GrantedScope>,
}

/// Registers an application with its first grants, all of it or nothing.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    app: &App,
    tenant: &TenantId,
    settings: ClientSettings,
    grants: FirstGrants,
) -> Result<Client, CreateError> {
    let loaded = app
        .directory()
        .by_id(tenant, app.clock().now())
        .await?
        .ok_or_else(|| CreateError::NoTenant(tenant.clone()))?;
    let client = new_client(app, tenant, ClientId::generate(app.random()), settings)?;
    let wanted = [
        (ResourceServerKind::MyAccount, SubjectType::User, grants.my_account),
        (ResourceServerKind::Management, SubjectType::Client, grants.management),
    ];
    let mut tx = app.write(tenant).await?;
    tx.reconfigure().await?;
    tx.put_client(&client).await?;
    for (kind, subject_type, scope) in wanted {
        let Some(scope) = scope else { continue };
        let api = loaded.resource_servers().find(|api| api.kind == kind);
        let api = api.ok_or_else(|| CreateError::NoMyAccount(tenant.clone()))?;
        tx.insert_client_grant(&ClientGrant {
            id: ClientGrantId::generate(app.random()),
            client_id: client.id.clone(),
            resource_server_id: api.id.clone(),
            subject_type,
            scope,
        })
        .await?;
    }
    tx.commit().await?;
    app.directory().forget(tenant);
    Ok(client)
}

/// An application that is not stored yet; one that is not public gets a secret.
///
/// # Errors
/// If the secret cannot be sealed.
pub fn new_client(
    app: &App,
    tenant: &TenantId,
    id: ClientId,
    settings: ClientSettings,
) -> Result<Client, Fault> {
    let sealed_secret = if settings.is_public() {
        None
    } else {
        Some(Client::seal_secret(app, tenant, &id, &new_secret(app))?)
    };
    Ok(Client { id, sealed_secret, settings, created_at: app.clock().now() })
}

/// A secret nobody can guess.
#[must_use]
pub fn new_secret(app: &App) -> String {
    app.random().base64url(SECRET_BYTES)
}

impl Client {
    /// A secret as it is kept.
    ///
    /// # Errors
    /// If it cannot be sealed.
    pub fn seal_secret(
        app: &App,
        tenant: &TenantId,
        id: &ClientId,
        secret: &str,
    ) -> Result<Vec<u8>, Fault> {
        app.sealer().seal(Self::place(tenant, id), secret.as_bytes(), app.random())
    }

    /// The `client_secret`, to be shown to those who run the application.
    ///
    /// # Errors
    /// If it was sealed under another master key or is damaged.
    pub fn reveal_secret(&self, app: &App, tenant: &TenantId) -> Result<Option<String>, Fault> {
        let Some(sealed) = &self.sealed_secret else { return Ok(None) };
        let secret = app.sealer().open(Self::place(tenant, &self.id), sealed)?;
        String::from_utf8(secret).map(Some).map_err(Fault::new)
    }
}
