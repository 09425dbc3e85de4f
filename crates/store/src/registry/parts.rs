//! Connections, APIs, applications and client grants.

use housekey_core::client::{Client, ClientGrant, SubjectType};
use housekey_core::connection::Connection;
use housekey_core::id::{ClientGrantId, ClientId, ConnectionId, ResourceServerId};
use housekey_core::port::StoreError;
use housekey_core::resource_server::{ResourceServer, ResourceServerKind};

use crate::error::json;
use crate::row::{Columns, read_all, read_one};
use crate::statement::Statement;
use crate::tx::TenantTx;

const SELECT_CONNECTIONS: &str =
    "SELECT id, name, options FROM connections WHERE tenant = $1 ORDER BY name";

const SELECT_CONNECTION: &str =
    "SELECT id, name, options FROM connections WHERE tenant = $1 AND id = $2";

const INSERT_CONNECTION: &str =
    "INSERT INTO connections (tenant, id, name, options) VALUES ($1, $2, $3, $4)";

const SELECT_RESOURCE_SERVERS: &str = "SELECT id, kind, identifier, settings
    FROM resource_servers WHERE tenant = $1 ORDER BY kind, id";

const SELECT_RESOURCE_SERVER: &str = "SELECT id, kind, identifier, settings
    FROM resource_servers WHERE tenant = $1 AND id = $2";

const INSERT_RESOURCE_SERVER: &str = "INSERT INTO resource_servers
    (tenant, id, kind, identifier, settings) VALUES ($1, $2, $3, $4, $5)";

const SELECT_CLIENTS: &str = "SELECT id, sealed_secret, settings, created_at
    FROM clients WHERE tenant = $1 ORDER BY created_at, id";

const SELECT_CLIENT: &str = "SELECT id, sealed_secret, settings, created_at
    FROM clients WHERE tenant = $1 AND id = $2";

const UPSERT_CLIENT: &str = "INSERT INTO clients
    (tenant, id, sealed_secret, settings, created_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (tenant, id) DO UPDATE SET
    sealed_secret = excluded.sealed_secret, settings = excluded.settings";

const SELECT_CLIENT_GRANTS: &str = "SELECT id, client_id, resource_server_id, subject_type, scope
    FROM client_grants WHERE tenant = $1 ORDER BY id";

const SELECT_CLIENT_GRANT: &str = "SELECT id, client_id, resource_server_id, subject_type, scope
    FROM client_grants WHERE tenant = $1 AND id = $2";

const INSERT_CLIENT_GRANT: &str = "INSERT INTO client_grants
    (tenant, id, client_id, resource_server_id, subject_type, scope)
    VALUES ($1, $2, $3, $4, $5, $6)";

/// All connections.
pub(crate) async fn connections(tx: &mut TenantTx) -> Result<Vec<Connection>, StoreError> {
    let rows = tx.all(tx.statement(SELECT_CONNECTIONS)).await?;
    read_all("connections", &rows, read_connection)
}

/// The connection of that id.
pub(crate) async fn connection(
    tx: &mut TenantTx,
    id: &ConnectionId,
) -> Result<Option<Connection>, StoreError> {
    let row = tx.one(tx.statement(SELECT_CONNECTION).bind(id.as_str())).await?;
    read_one("connections", row, read_connection)
}

fn read_connection(columns: &mut Columns<'_>) -> Result<Connection, StoreError> {
    Ok(Connection {
        id: ConnectionId::from_raw(columns.get::<String>("id")?),
        name: columns.get("name")?,
        options: columns.json("options")?,
    })
}

/// Adds a connection.
pub(crate) async fn insert_connection(
    tx: &mut TenantTx,
    connection: &Connection,
) -> Result<(), StoreError> {
    let statement = tx
        .statement(INSERT_CONNECTION)
        .bind(connection.id.as_str())
        .bind(connection.name.as_str())
        .bind(json(&connection.options)?);
    write(tx, statement).await
}

/// All APIs.
pub(crate) async fn resource_servers(tx: &mut TenantTx) -> Result<Vec<ResourceServer>, StoreError> {
    let rows = tx.all(tx.statement(SELECT_RESOURCE_SERVERS)).await?;
    read_all("resource_servers", &rows, read_resource_server)
}

/// The API of that id.
pub(crate) async fn resource_server(
    tx: &mut TenantTx,
    id: &ResourceServerId,
) -> Result<Option<ResourceServer>, StoreError> {
    let row = tx.one(tx.statement(SELECT_RESOURCE_SERVER).bind(id.as_str())).await?;
    read_one("resource_servers", row, read_resource_server)
}

fn read_resource_server(columns: &mut Columns<'_>) -> Result<ResourceServer, StoreError> {
    Ok(ResourceServer {
        id: ResourceServerId::from_raw(columns.get::<String>("id")?),
        kind: read_kind(columns)?,
        settings: columns.json("settings")?,
    })
}

/// Adds an API.
pub(crate) async fn insert_resource_server(
    tx: &mut TenantTx,
    api: &ResourceServer,
) -> Result<(), StoreError> {
    let (kind, identifier) = match &api.kind {
        ResourceServerKind::Custom { identifier } => (CUSTOM, Some(identifier.as_str())),
        ResourceServerKind::Management => (MANAGEMENT, None),
        ResourceServerKind::Mfa => (MFA, None),
        ResourceServerKind::MyAccount => (MY_ACCOUNT, None),
    };
    let statement = tx
        .statement(INSERT_RESOURCE_SERVER)
        .bind(api.id.as_str())
        .bind(kind)
        .bind(identifier)
        .bind(json(&api.settings)?);
    write(tx, statement).await
}

const CUSTOM: &str = "custom";
const MANAGEMENT: &str = "management";
const MFA: &str = "mfa";
const MY_ACCOUNT: &str = "my_account";

fn read_kind(columns: &mut Columns<'_>) -> Result<ResourceServerKind, StoreError> {
    let kind: &str = columns.get("kind")?;
    let identifier: Option<String> = columns.get("identifier")?;
    match (kind, identifier) {
        (CUSTOM, Some(identifier)) => Ok(ResourceServerKind::Custom { identifier }),
        (MANAGEMENT, None) => Ok(ResourceServerKind::Management),
        (MFA, None) => Ok(ResourceServerKind::Mfa),
        (MY_ACCOUNT, None) => Ok(ResourceServerKind::MyAccount),
        _ => Err(columns.corrupt("kind")),
    }
}

/// All applications, oldest first.
pub(crate) async fn clients(tx: &mut TenantTx) -> Result<Vec<Client>, StoreError> {
    let rows = tx.all(tx.statement(SELECT_CLIENTS)).await?;
    read_all("clients", &rows, read_client)
}

/// The application of that id.
pub(crate) async fn client(tx: &mut TenantTx, id: &ClientId) -> Result<Option<Client>, StoreError> {
    let row = tx.one(tx.statement(SELECT_CLIENT).bind(id.as_str())).await?;
    read_one("clients", row, read_client)
}

fn read_client(columns: &mut Columns<'_>) -> Result<Client, StoreError> {
    Ok(Client {
        id: ClientId::from_raw(columns.get::<String>("id")?),
        sealed_secret: columns.get("sealed_secret")?,
        settings: columns.json("settings")?,
        created_at: columns.time("created_at")?,
    })
}

/// Adds an application or replaces its settings and secret.
pub(crate) async fn put_client(tx: &mut TenantTx, client: &Client) -> Result<(), StoreError> {
    let statement = tx
        .statement(UPSERT_CLIENT)
        .bind(client.id.as_str())
        .bind(client.sealed_secret.as_deref())
        .bind(json(&client.settings)?)
        .bind(client.created_at.0);
    write(tx, statement).await
}

/// All client grants.
pub(crate) async fn client_grants(tx: &mut TenantTx) -> Result<Vec<ClientGrant>, StoreError> {
    let rows = tx.all(tx.statement(SELECT_CLIENT_GRANTS)).await?;
    read_all("client_grants", &rows, read_client_grant)
}

/// The client grant of that id.
pub(crate) async fn client_grant(
    tx: &mut TenantTx,
    id: &ClientGrantId,
) -> Result<Option<ClientGrant>, StoreError> {
    let row = tx.one(tx.statement(SELECT_CLIENT_GRANT).bind(id.as_str())).await?;
    read_one("client_grants", row, read_client_grant)
}

fn read_client_grant(columns: &mut Columns<'_>) -> Result<ClientGrant, StoreError> {
    let resource_server = |id: String| ResourceServerId::from_raw(id);
    Ok(ClientGrant {
        id: ClientGrantId::from_raw(columns.get::<String>("id")?),
        client_id: ClientId::from_raw(columns.get::<String>("client_id")?),
        resource_server_id: columns.get("resource_server_id").map(resource_server)?,
        subject_type: columns.parse("subject_type", parse_subject)?,
        scope: columns.json("scope")?,
    })
}

/// Adds a client grant.
pub(crate) async fn insert_client_grant(
    tx: &mut TenantTx,
    grant: &ClientGrant,
) -> Result<(), StoreError> {
    let statement = tx
        .statement(INSERT_CLIENT_GRANT)
        .bind(grant.id.as_str())
        .bind(grant.client_id.as_str())
        .bind(grant.resource_server_id.as_str())
        .bind(subject_name(grant.subject_type))
        .bind(json(&grant.scope)?);
    write(tx, statement).await
}

fn subject_name(subject: SubjectType) -> &'static str {
    match subject {
        SubjectType::Client => "client",
        SubjectType::User => "user",
    }
}

fn parse_subject(name: &str) -> Option<SubjectType> {
    [SubjectType::Client, SubjectType::User].into_iter().find(|own| subject_name(*own) == name)
}

async fn write(tx: &mut TenantTx, statement: Statement) -> Result<(), StoreError> {
    tx.change(statement).await?;
    Ok(())
}
