//! A tenant's whole configuration: read and created as one, kept in a table per part.

use housekey_core::id::TenantId;
use housekey_core::port::StoreError;
use housekey_core::tenant::{Configuration, Domain, Tenant, TenantSettings};

use super::{keys, parts};
use crate::documents;
use crate::error::json;
use crate::row::{Columns, read_all};
use crate::tx::TenantTx;

const SELECT: &str = "SELECT id, settings, version, created_at FROM tenants WHERE id = $1";

const INSERT: &str =
    "INSERT INTO tenants (id, settings, version, created_at) VALUES ($1, $2, $3, $4)";

const UPDATE_SETTINGS: &str =
    "UPDATE tenants SET settings = $2, version = version + 1 WHERE id = $1 AND version = $3";

const SELECT_DOMAINS: &str = "SELECT
    host, canonical, verified, relying_party_identifier, settings
    FROM domains WHERE tenant = $1 ORDER BY canonical DESC, host";

const DELETE_DOMAINS: &str = "DELETE FROM domains WHERE tenant = $1";

const INSERT_DOMAIN: &str = "INSERT INTO domains
    (tenant, host, canonical, verified, relying_party_identifier, settings)
    VALUES ($1, $2, $3, $4, $5, $6)";

/// Reads the version before everything else: what changes while the rest is read makes the result
/// newer than its version, which the next look at the version mends.
pub(super) async fn read(tx: &mut TenantTx) -> Result<Option<Configuration>, StoreError> {
    let Some(row) = tx.one(tx.statement(SELECT)).await? else { return Ok(None) };
    Ok(Some(Configuration {
        tenant: read_tenant(&mut Columns::of("tenants", &row))?,
        domains: domains(tx).await?,
        keys: keys::all(tx).await?,
        connections: parts::connections(tx).await?,
        resource_servers: parts::resource_servers(tx).await?,
        clients: parts::clients(tx).await?,
        client_grants: parts::client_grants(tx).await?,
        documents: documents::for_pages(tx).await?,
    }))
}

/// Replaces the settings and increases the version, if that still is `version`.
pub(super) async fn replace_settings(
    tx: &mut TenantTx,
    settings: &TenantSettings,
    version: i64,
) -> Result<bool, StoreError> {
    tx.changed(tx.statement(UPDATE_SETTINGS).bind(json(settings)?).bind(version)).await
}

/// Writes a new tenant, each part after those it refers to.
pub(super) async fn insert(
    tx: &mut TenantTx,
    configuration: &Configuration,
) -> Result<(), StoreError> {
    let tenant = &configuration.tenant;
    let statement = tx
        .statement(INSERT)
        .bind(json(&tenant.settings)?)
        .bind(tenant.version)
        .bind(tenant.created_at.0);
    tx.change(statement).await?;
    replace_domains(tx, &configuration.domains).await?;
    keys::put(tx, &configuration.keys).await?;
    for connection in &configuration.connections {
        parts::insert_connection(tx, connection).await?;
    }
    for api in &configuration.resource_servers {
        parts::insert_resource_server(tx, api).await?;
    }
    for client in &configuration.clients {
        parts::put_client(tx, client).await?;
    }
    for grant in &configuration.client_grants {
        parts::insert_client_grant(tx, grant).await?;
    }
    Ok(())
}

/// Replaces the tenant's hosts.
pub(crate) async fn replace_domains(
    tx: &mut TenantTx,
    domains: &[Domain],
) -> Result<(), StoreError> {
    tx.change(tx.statement(DELETE_DOMAINS)).await?;
    for domain in domains {
        let statement = tx
            .statement(INSERT_DOMAIN)
            .bind(domain.host.as_str())
            .bind(i64::from(domain.canonical))
            .bind(i64::from(domain.verified))
            .bind(domain.relying_party_identifier.as_deref())
            .bind(json(&domain.settings)?);
        tx.change(statement).await?;
    }
    Ok(())
}

/// The tenant's hosts, its own first.
pub(crate) async fn domains(tx: &mut TenantTx) -> Result<Vec<Domain>, StoreError> {
    let rows = tx.all(tx.statement(SELECT_DOMAINS)).await?;
    read_all("domains", &rows, |columns| {
        Ok(Domain {
            host: columns.get("host")?,
            canonical: columns.flag("canonical")?,
            verified: columns.flag("verified")?,
            relying_party_identifier: columns.get("relying_party_identifier")?,
            settings: columns.json("settings")?,
        })
    })
}

fn read_tenant(columns: &mut Columns<'_>) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: TenantId::from_raw(columns.get::<String>("id")?),
        settings: columns.json("settings")?,
        version: columns.get("version")?,
        created_at: columns.time("created_at")?,
    })
}
