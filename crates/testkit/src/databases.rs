//! Throw-away databases, one per test, on either engine.
//!
//! The schema is made once: SQLite's as a file image that each test copies, PostgreSQL's as a
//! template database that is cloned for as many tests as run at once; a test that ends leaves its
//! clone, emptied, to the next. PostgreSQL is used when `HOUSEKEY_TEST_POSTGRES` holds
//! the URL of a server on which databases may be created; without it its tests say that they did
//! not run, and fail where `CI` is `true`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use housekey_store::{Database, Options};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

/// A database of one test's own. It disappears with this value.
pub struct TestDatabase {
    store: Arc<Database>,
    url: String,
    home: Home,
}

/// Where there is no database yet.
pub struct EmptyDatabase {
    url: String,
    home: Home,
}

/// Where a database lives. It is removed with this value.
enum Home {
    Folder(PathBuf),
    Server { admin: String, name: String, reusable: AtomicBool },
}

impl TestDatabase {
    /// A SQLite database.
    ///
    /// # Panics
    /// If the temporary folder cannot be written.
    pub async fn sqlite() -> Self {
        let image = SQLITE_IMAGE.get_or_init(sqlite_image).await;
        let folder = new_folder();
        std::fs::write(folder.join(FILE), image).expect("the temporary folder is writable");
        Self::open(sqlite_url(&folder), Home::Folder(folder)).await
    }

    /// A PostgreSQL database, if there is a server to make it on.
    ///
    /// # Panics
    /// If there is none although `CI` is `true`.
    pub async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var("HOUSEKEY_TEST_POSTGRES") else {
            explain_absence();
            return None;
        };
        let name = match emptied(&admin).await {
            Some(name) => name,
            None => clone_template(&admin).await,
        };
        let url = with_database(&admin, &name);
        Some(Self::open(url, Home::Server { admin, name, reusable: AtomicBool::new(true) }).await)
    }

    /// One database per engine that is there.
    pub async fn each() -> Vec<Self> {
        let mut databases = vec![Self::sqlite().await];
        databases.extend(Self::postgres().await);
        databases
    }

    /// A place on the same engine for a database that was never opened.
    ///
    /// # Panics
    /// If it cannot be made.
    pub async fn another_empty(&self) -> EmptyDatabase {
        match &self.home {
            Home::Folder(_) => {
                let folder = new_folder();
                EmptyDatabase { url: sqlite_url(&folder), home: Home::Folder(folder) }
            }
            Home::Server { admin, .. } => {
                let name = unique_name();
                let mut connection = connect(admin).await;
                create(&mut connection, &name, "template0").await;
                let url = with_database(admin, &name);
                let reusable = AtomicBool::new(false);
                let home = Home::Server { admin: admin.clone(), name, reusable };
                EmptyDatabase { url, home }
            }
        }
    }

    /// The opened database.
    #[must_use]
    pub fn store(&self) -> &Arc<Database> {
        &self.store
    }

    /// Where it is, for opening it once more.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement past the store, to bring about what it never would.
    ///
    /// # Panics
    /// If the statement fails.
    pub async fn execute(&self, sql: &'static str) {
        self.home.execute(&self.url, sql).await;
    }

    async fn open(url: String, home: Home) -> Self {
        let store = Arc::new(open(&url).await);
        Self { store, url, home }
    }
}

impl EmptyDatabase {
    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is on PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self.home, Home::Server { .. })
    }

    /// Runs statements on it.
    ///
    /// # Panics
    /// If one fails.
    pub async fn execute(&self, sql: &str) {
        self.home.execute(&self.url, sql).await;
    }
}

impl Home {
    async fn execute(&self, url: &str, sql: &str) {
        match self {
            Self::Folder(folder) => {
                let connection = rusqlite::Connection::open(folder.join(FILE));
                let connection = connection.expect("the database opens");
                connection.busy_timeout(PATIENCE).expect("it may wait");
                connection.execute_batch(sql).expect("the statement is right");
            }
            Self::Server { reusable, .. } => {
                // Whatever this does, emptying may not undo it.
                reusable.store(false, Ordering::Relaxed);
                let mut connection = connect(url).await;
                run(&mut connection, sql.to_owned()).await.expect("the statement is right");
                connection.close().await.expect("closes");
            }
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        match self {
            Self::Folder(folder) => {
                let _ = std::fs::remove_dir_all(folder);
            }
            Self::Server { name, reusable, .. } if reusable.load(Ordering::Relaxed) => {
                free().push(std::mem::take(name));
            }
            Self::Server { admin, name, .. } => drop_database(admin.clone(), name.clone()),
        }
    }
}

/// Opens a database as the tests do: with few connections.
///
/// # Panics
/// If it cannot be opened.
pub async fn open(url: &str) -> Database {
    let options = Options { max_connections: Some(4) };
    Database::open(url, options).await.expect("the database opens")
}

const FILE: &str = "housekey.db";

const PATIENCE: Duration = Duration::from_secs(5);

static SQLITE_IMAGE: OnceCell<Vec<u8>> = OnceCell::const_new();

async fn sqlite_image() -> Vec<u8> {
    let folder = new_folder();
    open(&sqlite_url(&folder)).await.close().await;
    let image = std::fs::read(folder.join(FILE)).expect("the file was made");
    let _ = std::fs::remove_dir_all(folder);
    image
}

/// A folder of its own for a test.
fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(unique_name());
    std::fs::create_dir(&folder).expect("the temporary folder is writable");
    folder
}

fn sqlite_url(folder: &std::path::Path) -> String {
    format!("sqlite://{}", folder.join(FILE).display())
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("housekey_test_{}_{count}", std::process::id())
}

const TEMPLATE: &str = "housekey_test_template";

/// Held while the template is made or cloned: cloning fails while somebody is connected to it.
const LOCK: &str = "SELECT pg_advisory_lock(7307412051913270138)";

static TEMPLATE_CHECKED: OnceCell<()> = OnceCell::const_new();

async fn clone_template(admin: &str) -> String {
    let name = unique_name();
    let mut connection = connect(admin).await;
    run(&mut connection, LOCK.to_owned()).await.expect("the server answers");
    TEMPLATE_CHECKED.get_or_init(|| check_template(admin)).await;
    create(&mut connection, &name, TEMPLATE).await;
    connection.close().await.expect("closes");
    name
}

/// Clones that tests of this process have left.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn free() -> std::sync::MutexGuard<'static, Vec<String>> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Connections that the test before has left, then every row but those that tell the schema's
/// version. Making a clone writes ten megabytes; this writes next to nothing.
const EMPTY: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    DO $$ DECLARE own text; BEGIN
        SET LOCAL session_replication_role = replica;
        FOR own IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
        LOOP EXECUTE format('DELETE FROM %I', own); END LOOP;
    END $$";

/// A clone that another test has left, as good as new. One that cannot be emptied is dropped.
async fn emptied(admin: &str) -> Option<String> {
    let name = free().pop()?;
    let mut connection = connect(&with_database(admin, &name)).await;
    let is_empty = run(&mut connection, EMPTY.to_owned()).await.is_ok();
    connection.close().await.expect("closes");
    if is_empty {
        return Some(name);
    }
    drop_database(admin.to_owned(), name);
    None
}

/// A database of that name may be left from a process that had the same number and was stopped.
async fn create(connection: &mut PgConnection, name: &str, template: &str) {
    run(connection, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        .await
        .expect("old databases may be dropped");
    run(connection, format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .await
        .expect("databases may be created");
}

/// The template of an earlier run serves as long as its schema is today's; its clones are dropped.
async fn check_template(admin: &str) {
    drop_abandoned(admin).await;
    let url = with_database(admin, TEMPLATE);
    if let Ok(database) = Database::open(&url, Options::default()).await {
        return database.close().await;
    }
    let mut connection = connect(admin).await;
    create(&mut connection, TEMPLATE, "template0").await;
    connection.close().await.expect("closes");
    open(&url).await.close().await;
}

/// Drops the clones of processes that are no more.
async fn drop_abandoned(admin: &str) {
    let mut connection = connect(admin).await;
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database WHERE datname ~ '^housekey_test_[0-9]+_[0-9]+$'",
    )
    .fetch_all(&mut connection)
    .await
    .expect("the server answers");
    for name in names {
        let process = name.split('_').nth(2).unwrap_or_default();
        if !std::path::Path::new("/proc").join(process).exists() {
            // Another process may be doing the same.
            let _ = run(&mut connection, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
    connection.close().await.expect("closes");
}

/// `Drop` cannot wait for a future of the test's runtime, so another thread waits.
fn drop_database(admin: String, name: String) {
    let dropping = async move {
        let mut connection = connect(&admin).await;
        let _ = run(&mut connection, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    };
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime starts").block_on(dropping);
    });
    let _ = thread.join();
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("the database server answers")
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

fn with_database(admin: &str, name: &str) -> String {
    let mut url: url::Url = admin.parse().expect("HOUSEKEY_TEST_POSTGRES is a URL");
    url.set_path(name);
    url.into()
}

/// Written past the test harness, which only shows what failing tests print.
fn explain_absence() {
    static ONCE: Once = Once::new();
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!ci, "HOUSEKEY_TEST_POSTGRES must be set where CI is true");
    ONCE.call_once(|| {
        let _ = writeln!(
            std::io::stderr(),
            "PostgreSQL: tests not run, HOUSEKEY_TEST_POSTGRES is not set"
        );
    });
}
