//! The engine: opening, the pool, and the port.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use async_trait::async_trait;
use peyvand_core::WorkspaceId;
use peyvand_store::ports::{Engine, Hit, Plan, Row, RowsCall, SchemaVersion, SearchCall};
use peyvand_store::times::{TransactionTimes, Transactions};
use peyvand_store::{Dialect, Reach, Select, StoreError, Wall};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::door::Door;
use crate::error::engine_error;
use crate::{dump, migrate, read, search, wall, write};

/// Where a server is and by which road. A server on another machine is spoken to encrypted, unless its address itself says
/// which road is wanted (`sslmode=verify-full`, `sslmode=disable`).
fn address_of(url: &str) -> Result<PgConnectOptions, StoreError> {
    let address = PgConnectOptions::from_str(url).map_err(engine_error)?;
    let host = address.get_host();
    let here = host == "localhost"
        || host.starts_with('/')
        || address.get_socket().is_some()
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|a| a.is_loopback());
    let said = ["sslmode=", "ssl-mode="].iter().any(|name| url.contains(name));
    Ok(if here || said {
        address
    } else {
        address.ssl_mode(PgSslMode::Require)
    })
}

/// How far transactions are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// What the product uses: guards by row count on the newest committed rows.
    #[default]
    ReadCommitted,
    /// The strictest: the server refuses more, and the engine repeats.
    Serializable,
}

/// How the database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections at most.
    pub connections: u32,
    /// A statement may take this long.
    pub timeout: Duration,
    /// A lock, or a free connection, may be waited for this long.
    pub lock_timeout: Duration,
    /// Isolation of every transaction.
    pub isolation: Isolation,
}

/// A server that is there is reached within this time.
const REACHED: Duration = Duration::from_millis(2_500);

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 8,
            timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            isolation: Isolation::default(),
        }
    }
}

/// A database on a PostgreSQL server.
#[derive(Debug)]
pub struct PostgresEngine {
    door: Door,
    transactions: Transactions,
}

impl PostgresEngine {
    /// Opens the database of this address, `postgres://user:password@host:port/database`, in the schema that the server
    /// gives the user.
    ///
    /// # Errors
    /// When the address cannot be read or the server cannot be reached.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, None, &Options::default()).await
    }

    /// Opens a schema of the database, and makes it when it is not there.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_in_schema(url: &str, schema: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Some(schema), &Options::default()).await
    }

    /// Opens with options of one's own.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with(url: &str, schema: Option<&str>, options: &Options) -> Result<Self, StoreError> {
        let address = address_of(url)?
            .application_name("peyvand")
            .statement_cache_capacity(512);
        // A pool asks again and again until its time is over; a server that is not there says so at once.
        let first = tokio::time::timeout(REACHED, address.connect()).await;
        let first = first.map_err(|_| StoreError::Engine("the server does not answer".to_owned()))?;
        first.map_err(engine_error)?.close().await.map_err(engine_error)?;
        let session = session(schema, options);
        let pool = PgPoolOptions::new()
            .max_connections(options.connections.max(1))
            .acquire_timeout(options.lock_timeout.max(options.timeout))
            // What begins a transaction asks it, see `Door`.
            .test_before_acquire(false)
            .after_connect(move |conn, _| {
                let session = session.clone();
                Box::pin(async move {
                    sqlx::raw_sql(AssertSqlSafe(session)).execute(conn).await?;
                    Ok(())
                })
            })
            .connect_with(address)
            .await
            .map_err(engine_error)?;
        if let Some(name) = schema {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", identifier(name));
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&pool)
                .await
                .map_err(engine_error)?;
        }
        Ok(Self {
            door: Door::new(pool, options.connections),
            transactions: Transactions::default(),
        })
    }

    /// Drops a schema that [`Self::open_in_schema`] made, with all that is in it.
    ///
    /// # Errors
    /// When the server says no.
    pub async fn drop_schema(&self, schema: &str) -> Result<(), StoreError> {
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", identifier(schema));
        let mut tx = self.door.enter(Reach::Nowhere).await.map_err(engine_error)?;
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *tx)
            .await
            .map_err(engine_error)?;
        tx.commit().await.map_err(engine_error)
    }

    /// The schemas whose names begin so.
    ///
    /// # Errors
    /// When the server says no.
    pub async fn schemas(&self, beginning: &str) -> Result<Vec<String>, StoreError> {
        let mut tx = self.door.enter(Reach::Nowhere).await.map_err(engine_error)?;
        let rows = sqlx::query(
            "SELECT nspname::TEXT FROM pg_catalog.pg_namespace WHERE left(nspname::TEXT, length($1)) = $1 ORDER BY 1",
        )
        .bind(beginning)
        .fetch_all(&mut *tx)
        .await
        .map_err(engine_error)?;
        rows.iter()
            .map(|r| sqlx::Row::try_get(r, 0).map_err(engine_error))
            .collect()
    }

    /// Fills an empty database from a file that [`Engine::copy_to`] wrote. Nothing is changed when the file is not
    /// whole or the database is not empty.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged or of another schema version, or the database holds rows.
    pub async fn restore_from(&self, file: &Path) -> Result<(), StoreError> {
        dump::restore(&self.door, file).await
    }
}

/// A name as the server reads it.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

/// What every connection is told first. By statements and not by parameters of the connection: proxies refuse those.
fn session(schema: Option<&str>, options: &Options) -> String {
    let isolation = match options.isolation {
        Isolation::ReadCommitted => "read committed",
        Isolation::Serializable => "serializable",
    };
    let mut out = format!(
        "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = 5000; \
         SET default_transaction_isolation = '{isolation}'; SET client_min_messages = warning",
        options.timeout.as_millis(),
        options.lock_timeout.as_millis(),
    );
    if let Some(name) = schema {
        out.push_str("; SET search_path TO ");
        out.push_str(&identifier(name));
    }
    out
}

#[async_trait]
impl Engine for PostgresEngine {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn transactions(&self) -> TransactionTimes {
        self.transactions.times()
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        migrate::run(&self.door).await
    }

    async fn schema(&self) -> Result<SchemaVersion, StoreError> {
        migrate::schema(&self.door).await
    }

    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        read::select(&self.door, &select).await
    }

    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        read::rows(&self.door, &call).await
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        if plan.steps.is_empty() {
            return Ok(());
        }
        plan.keeps_append_only()?;
        let reach = plan.reaches()?;
        write::apply(&self.door, &plan, reach, &self.transactions).await
    }

    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        write::reserve(&self.door, workspace, name, n).await
    }

    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        search::find(&self.door, &call).await
    }

    async fn search_each(&self, calls: Vec<SearchCall>) -> Result<Vec<Vec<Hit>>, StoreError> {
        // No question waits for another.
        futures::future::try_join_all(calls.iter().map(|call| search::find(&self.door, call))).await
    }

    async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        dump::write(&self.door, file).await
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        dump::check(&self.door).await
    }

    async fn wall(&self) -> Result<Wall, StoreError> {
        wall::stands(&self.door).await
    }

    async fn set_wall(&self, up: bool) -> Result<Wall, StoreError> {
        wall::set(&self.door, up).await
    }

    async fn count_anew(&self) -> Result<(), StoreError> {
        // Without it a search after a bulk load walks through the table until the server counts by itself.
        let mut conn = self.door.connection().await?;
        // The program's own tables: of those of the server a role that owns none is warned about each.
        let own: Option<String> = sqlx::query_scalar(
            "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables \
             WHERE schemaname = current_schema()",
        )
        .fetch_one(&mut *conn)
        .await
        .map_err(engine_error)?;
        let Some(own) = own else { return Ok(()) };
        sqlx::query(sqlx::AssertSqlSafe(format!("ANALYZE {own}")))
            .execute(&mut *conn)
            .await
            .map(drop)
            .map_err(engine_error)
    }

    async fn close(&self) {
        self.door.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_spoken_to_encrypted() {
        let mode = |url: &str| format!("{:?}", address_of(url).unwrap().get_ssl_mode());
        for (url, wanted) in [
            ("postgres://u@db.example.com/crm", "Require"),
            ("postgres://u@192.0.2.7:6432/crm", "Require"),
            ("postgres://u@localhost.example.com/crm", "Require"),
            ("postgres://u@[2001:db8::7]/crm", "Require"),
            (
                "postgres://u@db.example.com/crm?sslmode=verify-full",
                "VerifyFull",
            ),
            ("postgres://u@db.example.com/crm?sslmode=disable", "Disable"),
            ("postgres://u@localhost/crm", "Prefer"),
            ("postgres://u@127.0.0.1:54329/crm", "Prefer"),
            ("postgres://u@[::1]/crm", "Prefer"),
            ("postgres:///crm?user=u&host=/run/postgresql", "Prefer"),
        ] {
            assert_eq!(mode(url), wanted, "{url}");
        }
        assert!(address_of("nothing").is_err());
    }
}
