//! Opening a database: migrations, durability, and what is refused.

use housekey_core::factor::FactorType;
use housekey_core::id::{TenantId, UserId};
use housekey_core::port::{Mode, Store, StoreError};
use housekey_core::resource_server::ProofOfPossession;
use housekey_store::{Database, Options};
use housekey_testkit::databases::open;

use crate::samples::{configuration, login, user, user_id};
use crate::world::{World, commit};

contract! {
    what_was_committed_is_there_after_reopening,
    opening_twice_migrates_once,
    what_the_first_version_stored_is_read,
    opening_an_empty_database_at_once_succeeds_for_all,
    a_newer_database_is_refused,
    an_altered_migration_is_refused,
}

/// The text of the error with which opening fails.
async fn refusal(url: &str) -> String {
    match Database::open(url, Options::default()).await {
        Ok(_) => panic!("{url} opened"),
        Err(error) => error.to_string(),
    }
}

async fn what_was_committed_is_there_after_reopening(world: World) {
    let mut tx = world.write(&world.home).await;
    tx.insert_user(&user(1)).await.unwrap();
    commit(tx).await;
    let mut uncommitted = world.write(&world.home).await;
    uncommitted.insert_login(&login("l")).await.unwrap();
    drop(uncommitted);
    world.database.store().close().await;
    let reopened = open(world.database.url()).await;
    let mut tx = reopened.begin(&world.home, Mode::Read).await.unwrap();
    assert!(tx.user(&user_id(1)).await.unwrap().is_some());
    assert!(tx.login(&login("l").handle).await.unwrap().is_none());
    drop(tx);
    reopened.close().await;
}

async fn opening_twice_migrates_once(world: World) {
    let second = open(world.database.url()).await;
    assert_eq!(second.registry().tenants().await.unwrap().len(), 2);
    second.close().await;
}

/// A database as the first version left it, with somebody in it. Its migration never changes.
async fn what_the_first_version_stored_is_read(world: World) {
    const FIRST: &str = include_str!("../../../store/migrations/0001_initial.sql");
    const STORED: &str = r#"
        CREATE TABLE schema_migrations
            (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum INTEGER NOT NULL);
        INSERT INTO schema_migrations VALUES (1, 'initial', CHECKSUM);
        INSERT INTO tenants VALUES ('home', '{"my_account_limits":{"tenant_per_second":7}}', 3, 0);
        INSERT INTO domains VALUES ('old.example', 'home', 1, 1);
        INSERT INTO connections VALUES ('home', 'con_1', 'People', '{}');
        INSERT INTO users VALUES
            ('home', 'auth0|1', 'con_1', '{"email":"old@example.com"}', 0, 0, 0);
        INSERT INTO authentication_methods
            (tenant, user_id, id, factor, confirmed, created_at, address)
            VALUES ('home', 'auth0|1', 'dev_1', 'email', 1, 0, 'old@example.com');
        INSERT INTO resource_servers (tenant, id, kind, settings) VALUES
            ('home', '1', 'my_account', '{"token_lifetime":7}'), ('home', '2', 'management', '{}');
    "#;
    let empty = world.database.another_empty().await;
    let stored = STORED.replace("CHECKSUM", "-8288574017152013332");
    let mut sql = format!("{FIRST}\n{stored}");
    if empty.is_postgres() {
        let words = [("INTEGER", "BIGINT"), ("BLOB", "BYTEA"), (" STRICT", "")];
        sql = words.into_iter().fold(sql, |sql, (word, here)| sql.replace(word, here));
    }
    empty.execute(&sql).await;
    let database = open(empty.url()).await;
    let home = TenantId::from_raw("home");
    let configuration = database.registry().configuration(&home).await.unwrap().unwrap();
    assert_eq!(configuration.domains[0].host, "old.example");
    assert_eq!(configuration.tenant.settings.my_account_limits.tenant_reads_per_second, 7);
    let apis = configuration.resource_servers.iter();
    let possession: Vec<_> = apis.map(|api| api.settings.proof_of_possession).collect();
    assert_eq!(possession, [None, Some(ProofOfPossession::optional())]);
    let mut tx = database.begin(&home, Mode::Write).await.unwrap();
    let methods = tx.methods(&UserId::from_raw("auth0|1")).await.unwrap();
    assert_eq!(methods[0].kind.factor(), FactorType::Email);
    drop(tx);
    database.close().await;
}

async fn opening_an_empty_database_at_once_succeeds_for_all(world: World) {
    let empty = world.database.another_empty().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let url = empty.url().to_owned();
        tasks.spawn(async move {
            let database = open(&url).await;
            let tenant = TenantId::from_raw(format!("tenant-{n}"));
            database.registry().create_tenant(&configuration(&tenant)).await.unwrap();
            database.close().await;
        });
    }
    tasks.join_all().await;
    let database = open(empty.url()).await;
    assert_eq!(database.registry().tenants().await.unwrap().len(), 8);
    database.close().await;
}

async fn a_newer_database_is_refused(world: World) {
    let newer = "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'x', 0)";
    world.database.execute(newer).await;
    let refusal = refusal(world.database.url()).await;
    assert!(refusal.contains("has migration 9999"), "{refusal}");
}

async fn an_altered_migration_is_refused(world: World) {
    world.database.execute("UPDATE schema_migrations SET checksum = 0 WHERE version = 1").await;
    let refusal = refusal(world.database.url()).await;
    assert!(refusal.contains("migration 1 differs"), "{refusal}");
}

#[tokio::test]
async fn urls_that_are_none_are_refused() {
    for url in ["", "housekey.db", "mysql://localhost/x", "sqlite:", "sqlite://:memory:"] {
        refusal(url).await;
    }
    let refusal = refusal("sqlite:///no/such/folder/housekey.db").await;
    assert!(refusal.contains("/no/such/folder"), "{refusal}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_sqlite_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::sqlite().await;
    let empty = world.database.another_empty().await;
    open(empty.url()).await.close().await;
    let path = empty.url().strip_prefix("sqlite://").unwrap();
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_port_nobody_listens_on_is_an_error() {
    let outcome = Database::open("postgres://127.0.0.1:1/none", Options::default()).await;
    assert!(matches!(outcome, Err(StoreError::Database(_))));
}
