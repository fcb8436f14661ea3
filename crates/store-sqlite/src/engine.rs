//! The engine: opening, threads, and the port.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use peyvand_core::{Deadline, WorkspaceId};
use peyvand_store::ports::{Conflict, Engine, Hit, Plan, Row, RowsCall, SchemaVersion, SearchCall};
use peyvand_store::times::{TransactionTimes, Transactions};
use peyvand_store::{Dialect, Select, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::oneshot;

use crate::{migrate, read, search, write};

/// The oldest library that does not have the WAL-reset bug.
const OLDEST_LIBRARY: i32 = 3_051_003;

/// Changes may take so many times as long as a question: there are thousands of them in one plan.
const WRITES: u32 = 3;

/// So long a short question may take where it comes from.
const NEAR: Duration = Duration::from_millis(2);
/// Rows that a short question gives at most.
const NEAR_ROWS: u32 = 256;

/// How the database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Threads that read.
    pub readers: usize,
    /// A question may take this long, and a plan of changes three times as long.
    pub timeout: Duration,
    /// `FULL` keeps every acknowledged change through a power cut. `NORMAL` exists for the control of the test that
    /// shows it.
    pub full_sync: bool,
    /// Cache of each connection in KiB.
    pub cache_kib: u32,
    /// Called by the writer thread when the disk did not confirm what was written, before anybody is answered. After
    /// it the engine refuses every change.
    pub on_undurable: fn(&StoreError),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 2,
            timeout: Duration::from_secs(10),
            full_sync: true,
            cache_kib: 8 * 1024,
            on_undurable: |e| tracing::error!("{e}"),
        }
    }
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;
type ReadJob = Box<dyn FnOnce(&mut Connection) + Send>;

/// What the writer thread is asked.
pub(crate) enum Command {
    /// Apply a plan.
    Apply(Plan, Answer<()>),
    /// Take numbers from a counter.
    Reserve(WorkspaceId, String, i64, Answer<i64>),
    /// Bring the schema up.
    Migrate(Answer<()>),
    /// Write the log back into the file and end.
    Close(Answer<()>),
}

/// A database in one file.
#[derive(Debug)]
pub struct SqliteEngine {
    path: PathBuf,
    writes: Sender<Command>,
    reads: Sender<ReadJob>,
    timeout: Duration,
    writer: Option<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
    near: Option<Mutex<Connection>>,
    transactions: Arc<Transactions>,
}

/// `SQLITE_IOERR_FSYNC` and `SQLITE_IOERR_DIR_FSYNC`. What the kernel has thrown away after such an error it does not
/// write any more, and the next call says that all is well: there is no second try.
const NOT_SYNCHRONISED: [i32; 2] = [0x0A | 0x04 << 8, 0x0A | 0x05 << 8];

/// What SQLite says, as the port says it.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
pub(crate) fn engine_error(e: rusqlite::Error) -> StoreError {
    if let rusqlite::Error::SqliteFailure(code, message) = &e {
        match code.code {
            ErrorCode::DiskFull => return StoreError::Full,
            ErrorCode::OperationInterrupted => return StoreError::Timeout,
            ErrorCode::SystemIoFailure if NOT_SYNCHRONISED.contains(&code.extended_code) => {
                return StoreError::Undurable(e.to_string());
            }
            ErrorCode::ConstraintViolation => {
                let text = message.as_deref().unwrap_or_default();
                if let Some(columns) = text.strip_prefix("UNIQUE constraint failed: ") {
                    return duplicate(columns).into();
                }
                if text.starts_with("FOREIGN KEY") {
                    return Conflict::Guard("reference".to_owned()).into();
                }
            }
            // What SUM says beyond 64 bits.
            ErrorCode::Unknown if message.as_deref() == Some("integer overflow") => {
                return StoreError::Overflow;
            }
            _ => {}
        }
    }
    StoreError::Engine(e.to_string())
}

/// `product.workspace_id, product.code` → the table and its columns without the workspace.
fn duplicate(columns: &str) -> Conflict {
    let mut table = String::new();
    let mut names = Vec::new();
    for part in columns.split(", ") {
        if let Some((t, c)) = part.split_once('.') {
            t.clone_into(&mut table);
            if c != "workspace_id" {
                names.push(c.trim_end_matches("__fold"));
            }
        }
    }
    Conflict::Duplicate {
        table,
        columns: names.join(","),
    }
}

pub(crate) fn open(path: &Path, options: &Options, writer: bool) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_READ_WRITE;
    if writer {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = Connection::open_with_flags(path, flags).map_err(engine_error)?;
    conn.busy_timeout(Duration::from_secs(5)).map_err(engine_error)?;
    conn.set_prepared_statement_cache_capacity(512);
    // A plan does not depend on what is bound: without this SQLite makes a statement with `LIMIT ?` anew each time it is
    // asked, which costs several times what a short page does.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(engine_error)?;
    let set = |name: &str, value: &str| conn.pragma_update(None, name, value).map_err(engine_error);
    if writer {
        // Of a new database only. Rows of people and of the log are a seventh of 4 KiB: twice as much leaves less room unused.
        set("page_size", "8192")?;
        set("journal_mode", "WAL")?;
        set("synchronous", if options.full_sync { "FULL" } else { "NORMAL" })?;
        set("foreign_keys", "ON")?;
        // A larger log between checkpoints: fewer interruptions, at most 16 MiB to read again after a crash.
        set("wal_autocheckpoint", "4000")?;
        set("journal_size_limit", "67108864")?;
    } else {
        set("query_only", "ON")?;
    }
    set("cache_size", &format!("-{}", options.cache_kib))?;
    set("temp_store", "MEMORY")?;
    set("mmap_size", "1073741824")?;
    set("trusted_schema", "OFF")?;
    Ok(conn)
}

/// Refuses a library that is known to damage data.
pub(crate) fn check_library(version: i32, name: &str) -> Result<(), StoreError> {
    if version < OLDEST_LIBRARY {
        return Err(StoreError::UnsafeEngine(format!(
            "SQLite {name} can damage a write-ahead log; this program needs 3.51.3 or newer"
        )));
    }
    Ok(())
}

impl SqliteEngine {
    /// Opens (and makes, when it is not there) the database in this file.
    ///
    /// # Errors
    /// When the library is an unsafe one, or the file cannot be opened.
    pub fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        check_library(rusqlite::version_number(), rusqlite::version())?;
        let mut conn = open(path, options, true)?;
        let on_undurable = options.on_undurable;
        let (writes, commands) = bounded::<Command>(4096);
        let (reads, jobs) = unbounded::<ReadJob>();
        let spawn = |name: String, body: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new()
                .name(name)
                .spawn(body)
                .map_err(|e| StoreError::Engine(e.to_string()))
        };
        let transactions = Arc::new(Transactions::default());
        let measured = Arc::clone(&transactions);
        let write_time = options.timeout * WRITES;
        let writer = spawn(
            "writer".to_owned(),
            Box::new(move || write::run(&mut conn, &commands, on_undurable, &measured, write_time)),
        )?;
        let mut readers = Vec::new();
        for n in 0..options.readers.max(1) {
            let mut conn = open(path, options, false)?;
            let jobs: Receiver<ReadJob> = jobs.clone();
            readers.push(spawn(
                format!("reader-{n}"),
                Box::new(move || {
                    for job in jobs {
                        job(&mut conn);
                    }
                }),
            )?);
        }
        Ok(Self {
            path: path.to_owned(),
            writes,
            reads,
            timeout: options.timeout,
            writer: Some(writer),
            readers,
            near: Some(Mutex::new(open(path, options, false)?)),
            transactions,
        })
    }

    /// Runs something on a reader thread, within the time that a question may take.
    async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        let timeout = self.timeout;
        let job: ReadJob = Box::new(move |conn| {
            let deadline = Deadline::after(timeout);
            // Every 4,000 steps of the virtual machine: often enough to stop in time, too seldom to be felt.
            let limited = conn.progress_handler(4000, Some(move || deadline.passed()));
            let outcome = match limited {
                Ok(()) => f(conn),
                Err(e) => Err(engine_error(e)),
            };
            drop(answer.send(outcome));
        });
        self.reads.send(job).map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }

    /// Asks a short question right where it comes from, when no other one is being asked so: the way to a reader and back
    /// takes longer than the answer. One that turns out not to be short is asked again, of a reader, so that not more than
    /// one thread of the server waits for the database, and not for long.
    async fn read_near<T: Send + 'static>(
        &self,
        short: bool,
        f: impl Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if short
            && let Some(near) = &self.near
            && let Ok(mut conn) = near.try_lock()
        {
            let deadline = Deadline::after(NEAR);
            let limited = conn.progress_handler(1000, Some(move || deadline.passed()));
            match limited.map_err(engine_error).and_then(|()| f(&conn)) {
                Err(StoreError::Timeout) => {}
                outcome => return outcome,
            }
        }
        self.read(f).await
    }

    async fn write<T>(&self, make: impl FnOnce(Answer<T>) -> Command) -> Result<T, StoreError> {
        let (answer, result) = oneshot::channel();
        let command = make(answer);
        match self.writes.try_send(command) {
            Ok(()) => {}
            Err(crossbeam_channel::TrySendError::Full(command)) => {
                let writes = self.writes.clone();
                tokio::task::spawn_blocking(move || writes.send(command))
                    .await
                    .map_err(|_| closed())?
                    .map_err(|_| closed())?;
            }
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => return Err(closed()),
        }
        result.await.map_err(|_| closed())?
    }
}

fn closed() -> StoreError {
    StoreError::Engine("the database is closed".to_owned())
}

#[async_trait]
impl Engine for SqliteEngine {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn transactions(&self) -> TransactionTimes {
        self.transactions.times()
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        self.write(Command::Migrate).await
    }

    async fn schema(&self) -> Result<SchemaVersion, StoreError> {
        self.read(migrate::schema).await
    }

    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        self.read_near(select.rows.is_some_and(|n| n <= NEAR_ROWS), move |c| {
            read::select(c, &select)
        })
        .await
    }

    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        call.reaches()?;
        self.read_near(call.limit <= NEAR_ROWS, move |c| read::rows(c, &call))
            .await
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        if plan.steps.is_empty() {
            return Ok(());
        }
        plan.keeps_append_only()?;
        plan.reaches()?;
        self.write(|a| Command::Apply(plan, a)).await
    }

    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        let name = name.to_owned();
        self.write(|a| Command::Reserve(workspace, name, n, a)).await
    }

    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        self.read(move |c| search::find(c, &call)).await
    }

    async fn search_each(&self, calls: Vec<SearchCall>) -> Result<Vec<Vec<Hit>>, StoreError> {
        // One way to a reader and back, which costs more than a look into the index.
        self.read(move |c| calls.iter().map(|call| search::find(c, call)).collect())
            .await
    }

    async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let from = self.path.clone();
        let to = file.to_owned();
        tokio::task::spawn_blocking(move || {
            let conn =
                Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(engine_error)?;
            let name = to
                .to_str()
                .ok_or_else(|| StoreError::Engine("the file's name is not UTF-8".to_owned()))?;
            conn.execute("VACUUM INTO ?1", [name])
                .map(drop)
                .map_err(engine_error)
        })
        .await
        .map_err(|e| StoreError::Engine(e.to_string()))?
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            let conn =
                Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(engine_error)?;
            let mut out = Vec::new();
            for sql in ["PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
                let mut statement = conn.prepare(sql).map_err(engine_error)?;
                let width = statement.column_count();
                let mut rows = statement.query([]).map_err(engine_error)?;
                while let Some(row) = rows.next().map_err(engine_error)? {
                    let line: Vec<String> = (0..width)
                        .filter_map(|i| row.get_ref(i).ok())
                        .map(|v| match v {
                            rusqlite::types::ValueRef::Text(t) => String::from_utf8_lossy(t).into_owned(),
                            rusqlite::types::ValueRef::Integer(i) => i.to_string(),
                            _ => String::new(),
                        })
                        .collect();
                    let line = line.join(" ");
                    if line != "ok" {
                        out.push(line);
                    }
                }
            }
            Ok(out)
        })
        .await
        .map_err(|e| StoreError::Engine(e.to_string()))?
    }

    async fn close(&self) {
        drop(self.write(Command::Close).await);
    }
}

impl Drop for SqliteEngine {
    fn drop(&mut self) {
        // Dropping a sender ends its threads; the writer finishes what it has taken. It goes last and alone: connections
        // that close at the same time each take the other for one that stays, and the log is left beside the file.
        drop(self.near.take());
        let (reads, _) = unbounded();
        self.reads = reads;
        for reader in self.readers.drain(..) {
            drop(reader.join());
        }
        let (writes, _) = bounded(0);
        self.writes = writes;
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    /// Item 1 of the trust list.
    #[test]
    fn an_unsafe_library_is_refused() {
        assert!(check_library(rusqlite::version_number(), rusqlite::version()).is_ok());
        // Control: the last version with the bug.
        let e = check_library(3_051_002, "3.51.2").unwrap_err();
        assert_eq!(e.code(), "unsafe-engine");
    }

    /// The flags of the build are in force.
    #[test]
    fn the_library_is_built_as_the_program_wants_it() {
        let conn = Connection::open_in_memory().unwrap();
        let has = |option: &str| -> bool {
            conn.query_row("SELECT sqlite_compileoption_used(?1)", [option], |r| r.get(0))
                .unwrap()
        };
        assert!(has("DEFAULT_MEMSTATUS=0") && has("OMIT_SHARED_CACHE"));
        assert!(!has("ENABLE_API_ARMOR"));
        // The control: what the wrapper's own build says is there.
        assert!(has("ENABLE_FTS5") && !has("ENABLE_FTS6"));
    }

    /// A statement with a bound limit is made once, however often it is asked. The control: without the guarantee that a
    /// plan does not depend on what is bound it is made anew.
    #[test]
    fn a_bound_limit_does_not_make_a_statement_anew() {
        let folder = tempfile::tempdir().unwrap();
        let made_anew = |as_opened: bool| {
            let conn = open(&folder.path().join("a.db"), &Options::default(), true).unwrap();
            if !as_opened {
                conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, false)
                    .unwrap();
            }
            conn.execute_batch("CREATE TABLE IF NOT EXISTS a (x INTEGER) STRICT")
                .unwrap();
            let mut statement = conn.prepare("SELECT x FROM a ORDER BY x LIMIT ?").unwrap();
            for limit in 1..4 {
                assert!(statement.query([limit]).unwrap().next().unwrap().is_none());
            }
            statement.get_status(StatementStatus::RePrepare)
        };
        assert_eq!(made_anew(true), 0);
        assert!(made_anew(false) > 0, "the control");
    }

    /// A backup is given its name after its engine was dropped: a log that stays would belong to nobody.
    #[tokio::test]
    async fn a_closed_database_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        for round in 0..50 {
            let engine = SqliteEngine::open(&file, &Options::default()).unwrap();
            engine.migrate().await.unwrap();
            assert_eq!(
                std::fs::read_dir(folder.path()).unwrap().count(),
                3,
                "the control: file, log and index"
            );
            engine.check().await.unwrap();
            engine.close().await;
            drop(engine);
            let left: Vec<_> = std::fs::read_dir(folder.path())
                .unwrap()
                .map(|f| f.unwrap().file_name())
                .collect();
            assert_eq!(left, ["a.db"], "round {round}");
        }
    }
}
