//! A fresh database for each test, on either engine.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use peyvand_catalog::Catalog;
use peyvand_core::{Actor, Context, FixedClock, Id, IdSource, Instant, Via, WorkspaceId};
use peyvand_record::Policy;
use peyvand_store::{Engine, Keys, Layout, Store};
use peyvand_store_postgres::{Isolation, Options as PostgresOptions, PostgresEngine};
use peyvand_store_sqlite::{Options, SqliteEngine};

/// The engine of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SQLite in a temporary folder.
    Sqlite,
    /// A schema of its own on the server named by `PEYVAND_TEST_POSTGRES`.
    Postgres,
}

/// A database with a store, the standard catalog and one workspace.
#[derive(Debug)]
pub struct TestDb {
    /// Which engine.
    pub kind: Kind,
    /// The store.
    pub store: Arc<Store>,
    /// The standard layout.
    pub layout: Arc<Layout>,
    /// Rights on everything.
    pub all: Arc<Policy>,
    /// The clock, standing at 2026-11-22T08:30:00Z until it is moved.
    pub clock: Arc<FixedClock>,
    /// Ids, equal on every run.
    pub ids: Arc<IdSource>,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The folder of the test.
    pub folder: tempfile::TempDir,
    /// The schema on the server, when the engine is PostgreSQL.
    pub schema: Option<String>,
}

/// The secret of every test database.
pub const SECRET: [u8; 32] = [42; 32];

impl TestDb {
    /// One more engine on this database, as another process would open it.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn engine_again(&self) -> Arc<dyn Engine> {
        connect(self.kind, self.folder.path(), self.schema.as_deref()).await
    }

    /// A context of the system, now.
    #[must_use]
    pub fn context(&self) -> Context {
        use peyvand_core::Clock as _;
        let now = self.clock.now();
        Context {
            workspace: self.workspace,
            actor: Actor::System,
            via: Via::Cli,
            request: self.ids.next(now),
            now,
        }
    }

    /// A fresh id.
    #[must_use]
    pub fn id(&self) -> Id {
        use peyvand_core::Clock as _;
        self.ids.next(self.clock.now())
    }
}

/// The name of the variable that names the PostgreSQL server of the tests.
pub const POSTGRES: &str = "PEYVAND_TEST_POSTGRES";

/// Runs a test on an engine. Without a PostgreSQL server its half is reported as skipped, which the test command counts
/// as a failure.
///
/// # Panics
/// When the test fails or the database cannot be made.
pub fn run<F, Fut>(kind: Kind, name: &str, test: F)
where
    F: FnOnce(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    if kind == Kind::Postgres && std::env::var(POSTGRES).is_err() {
        crate::skip(name, &format!("{POSTGRES} is not set"));
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let db = open(kind).await;
        test(db).await;
    });
}

/// The role under which databases are opened, once it is known.
static ROLE: OnceLock<Option<&'static str>> = OnceLock::new();

/// The address of the server, entered so that the wall between workspaces holds: by a role that obeys the policies of
/// tables, also where the address itself is a superuser's.
///
/// # Panics
/// When the variable is not set or the server does not answer.
pub async fn address() -> String {
    let url = std::env::var(POSTGRES).expect("checked by the caller");
    if ROLE.get().is_none() {
        let role = peyvand_store_postgres::limits::role_behind_the_wall(&url)
            .await
            .expect("a role");
        // Another test of this process may have been faster: it has found the same.
        ROLE.get_or_init(|| role);
    }
    address_in(None)
}

/// The same, for the program: in this schema. A database has been opened before.
///
/// # Panics
/// As [`address`].
#[must_use]
pub fn address_in(schema: Option<&str>) -> String {
    let url = std::env::var(POSTGRES).expect("the server of the tests");
    let role = ROLE.get().expect("a database was opened before");
    let settings: Vec<String> = [("role", *role), ("search_path", schema)]
        .into_iter()
        .filter_map(|(k, v)| Some(format!("-c{k}%3D{}", v?)))
        .collect();
    if settings.is_empty() {
        return url;
    }
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}options={}", settings.join("%20"))
}

/// `serializable` in this variable runs the tests at the strictest isolation.
pub const ISOLATION: &str = "PEYVAND_TEST_ISOLATION";

fn postgres_options(timeout: Duration) -> PostgresOptions {
    let strict = std::env::var(ISOLATION).is_ok_and(|v| v == "serializable");
    PostgresOptions {
        isolation: if strict {
            Isolation::Serializable
        } else {
            Isolation::ReadCommitted
        },
        timeout,
        ..PostgresOptions::default()
    }
}

/// A fresh database.
///
/// # Panics
/// When it cannot be made.
pub async fn open(kind: Kind) -> TestDb {
    open_within(kind, Options::default().timeout).await
}

/// A fresh database whose questions may take this long.
///
/// # Panics
/// When it cannot be made.
pub async fn open_within(kind: Kind, timeout: Duration) -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let schema = (kind == Kind::Postgres)
        .then(|| format!("t{}", Id::from_bytes(peyvand_core::random::bytes()).0.simple()));
    let engine = connect_within(kind, folder.path(), schema.as_deref(), timeout).await;
    engine.migrate().await.expect("the schema");
    let clock = Arc::new(FixedClock::at(
        "2026-11-22T08:30:00Z".parse::<Instant>().expect("an instant"),
    ));
    TestDb {
        kind,
        store: Arc::new(Store::new(engine, Keys::new(SECRET))),
        layout: Arc::new(Layout::of(Catalog::standard())),
        all: Policy::all(Actor::System),
        clock,
        ids: Arc::new(IdSource::seeded(7)),
        workspace: WorkspaceId(1),
        folder,
        schema,
    }
}

/// Opens the database of a test: the file in this folder, or this schema of the server.
///
/// # Panics
/// When it cannot be opened.
pub async fn connect(kind: Kind, folder: &Path, schema: Option<&str>) -> Arc<dyn Engine> {
    connect_within(kind, folder, schema, Options::default().timeout).await
}

/// The same, with questions that may take this long.
async fn connect_within(
    kind: Kind,
    folder: &Path,
    schema: Option<&str>,
    timeout: Duration,
) -> Arc<dyn Engine> {
    match kind {
        Kind::Sqlite => {
            let options = Options {
                timeout,
                ..Options::default()
            };
            Arc::new(SqliteEngine::open(&folder.join("peyvand.db"), &options).expect("a database"))
        }
        Kind::Postgres => Arc::new(
            PostgresEngine::open_with(&address().await, schema, &postgres_options(timeout))
                .await
                .expect("a schema"),
        ),
    }
}
