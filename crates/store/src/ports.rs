//! What an engine must be able to do. Two crates implement it: SQLite and PostgreSQL.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use peyvand_core::{Id, WorkspaceId};
use peyvand_record::derive::SearchText;

use crate::compile::{Dialect, Select};
use crate::reach::{Reach, Wall};
use crate::tables::Table;
use crate::times::TransactionTimes;
use crate::value::SqlVal;

/// A row of column values.
pub type Row = Vec<SqlVal>;

/// Why a change was not made. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The record has been changed or deleted since it was read.
    #[error("{object} {id} has changed since it was read")]
    Stale {
        /// Its object.
        object: String,
        /// Its id.
        id: Id,
    },
    /// Another live record has the value.
    #[error("another record has this value in {columns}")]
    Duplicate {
        /// The table.
        table: String,
        /// The columns of the key, joined by commas.
        columns: String,
    },
    /// A guard did not hold.
    #[error("a condition of the change no longer holds: {0}")]
    Guard(String),
    /// A counter stands at its bound.
    #[error("the limit of {0} is reached")]
    Limit(String),
}

/// What can go wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A guard failed: re-read and decide again.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The question cannot be asked.
    #[error(transparent)]
    Compile(#[from] crate::compile::CompileError),
    /// The policy forbids the change.
    #[error("not allowed: {verb} on {object}")]
    Denied {
        /// The object.
        object: String,
        /// What was tried.
        verb: &'static str,
        /// The field, when it is about one.
        field: Option<String>,
    },
    /// No room left on the disk. Reads go on.
    #[error("no space left on the device")]
    Full,
    /// It took longer than a question may take.
    #[error("the question took too long")]
    Timeout,
    /// A sum is larger than the engine can compare.
    #[error("a sum is too large")]
    Overflow,
    /// The database was made by a newer version of the program.
    #[error("the database has schema version {found}, this program knows {known}")]
    NewerSchema {
        /// The version in the database.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The engine's library is one that is known to damage data.
    #[error("{0}")]
    UnsafeEngine(String),
    /// What was written could not be made durable: nobody knows what the disk holds. The process must end, so that the
    /// next start reads what is really there.
    #[error("the disk did not confirm what was written: {0}")]
    Undurable(String),
    /// The connection is gone, or the engine says something unforeseen.
    #[error("database: {0}")]
    Engine(String),
}

impl StoreError {
    /// The stable code, key of the translated message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Conflict(Conflict::Stale { .. } | Conflict::Guard(_)) => "conflict",
            Self::Conflict(Conflict::Duplicate { .. }) => "duplicate",
            Self::Conflict(Conflict::Limit(_)) => "limit-reached",
            Self::Compile(_) => "bad-query",
            Self::Denied { .. } => "forbidden",
            Self::Full => "disk-full",
            Self::Timeout => "timeout",
            Self::Overflow => "sum-overflow",
            Self::NewerSchema { .. } => "newer-schema",
            Self::UnsafeEngine(_) => "unsafe-engine",
            Self::Engine(_) | Self::Undurable(_) => "database",
        }
    }
}

/// What an insert does when the key is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnKey {
    /// It fails as `Conflict::Duplicate`.
    Fail,
    /// It does nothing.
    Keep,
    /// The new row replaces the old one.
    Replace,
}

/// One step of an atomic change.
#[derive(Debug, Clone)]
pub enum Step {
    /// A row (all columns, in order).
    Insert {
        /// Into this table.
        table: Arc<Table>,
        /// The row.
        row: Row,
        /// When the key is there.
        on_key: OnKey,
    },
    /// Columns of the rows with these values.
    Update {
        /// The table.
        table: Arc<Table>,
        /// New values by position of the column.
        set: Vec<(usize, SqlVal)>,
        /// Which rows, by position of the column; `Null` means empty.
        key: Vec<(usize, SqlVal)>,
        /// Fails with this unless exactly one row was changed.
        expect_one: Option<Conflict>,
    },
    /// The rows with these values go.
    Delete {
        /// The table.
        table: Arc<Table>,
        /// Which rows.
        key: Vec<(usize, SqlVal)>,
        /// Fails with this unless at least one row went.
        expect_some: Option<Conflict>,
    },
    /// Fails unless rows with these values are (or are not) there.
    Check {
        /// The table.
        table: Arc<Table>,
        /// Which rows.
        key: Vec<(usize, SqlVal)>,
        /// Must there be some?
        present: bool,
        /// What is reported otherwise.
        otherwise: Conflict,
    },
    /// Raises a counter: in a new window it starts again; fails with `Conflict::Limit` above the bound.
    Count {
        /// The workspace.
        workspace: WorkspaceId,
        /// The counter.
        name: String,
        /// The window.
        window: i64,
        /// The bound before the raise.
        at_most: i64,
    },
    /// A set operation with its before-image: rows of `table` whose `column` is `from` get `to`. The engine writes
    /// (`record_id`, `from`, `to`) of each into `relink_image` under `operation` and `place`.
    Relink {
        /// The workspace.
        workspace: WorkspaceId,
        /// The table.
        table: Arc<Table>,
        /// The column that points.
        column: String,
        /// The column that names the row in the image.
        row_id: String,
        /// From.
        from: Id,
        /// To.
        to: Id,
        /// The operation.
        operation: Id,
        /// `object.field` or the table, to find it again.
        place: String,
        /// Only rows whose move does not collide with a row that is there: the others stay where they are (tags,
        /// followers, links that both have).
        unique: bool,
    },
    /// Takes the relinks of an operation at one place back.
    Unrelink {
        /// The workspace.
        workspace: WorkspaceId,
        /// The table.
        table: Arc<Table>,
        /// The column that points.
        column: String,
        /// The column that names the row in the image.
        row_id: String,
        /// The operation.
        operation: Id,
        /// The place.
        place: String,
    },
    /// What search knows of a record: put, replaced, or (without text) taken away.
    Search(SearchPut),
}

/// What search shall know of a record.
#[derive(Debug, Clone)]
pub struct SearchPut {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The record.
    pub record: Id,
    /// Its object.
    pub object: String,
    /// Its search row id; looked up on the spine when the record is not new.
    pub rid: Option<i64>,
    /// Its text; `None` when it is no longer to be found.
    pub text: Option<SearchText>,
}

/// Steps that are applied together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Whose rows they may touch; without it the one workspace that they name.
    pub reach: Option<Reach>,
}

impl Plan {
    /// These steps, within the one workspace that they name.
    #[must_use]
    pub const fn of(steps: Vec<Step>) -> Self {
        Self { steps, reach: None }
    }

    /// Holds append-only tables against every plan: on SQLite triggers do the same for statements of others, on
    /// PostgreSQL there are none.
    ///
    /// # Errors
    /// `Denied` when a step would rewrite or take away a row of such a table.
    pub fn keeps_append_only(&self) -> Result<(), StoreError> {
        for step in &self.steps {
            let (table, verb) = match step {
                Step::Insert {
                    table,
                    on_key: OnKey::Replace,
                    ..
                }
                | Step::Update { table, .. }
                | Step::Relink { table, .. }
                | Step::Unrelink { table, .. } => (table, "update"),
                Step::Delete { table, .. } => (table, "delete"),
                _ => continue,
            };
            if table.append_only {
                return Err(StoreError::Denied {
                    object: table.name.clone(),
                    verb,
                    field: None,
                });
            }
        }
        Ok(())
    }
}

/// The phase of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchPhase {
    /// An identifier, contact point or whole name is exactly this.
    Exact,
    /// Every word is the beginning of a word of the record.
    Prefix,
    /// Every word occurs somewhere in the record's text.
    Substring,
}

/// A question to the search index.
#[derive(Debug, Clone)]
pub struct SearchCall {
    /// The phase.
    pub phase: SearchPhase,
    /// First search row id of the range (workspace and object are its upper bits).
    pub from: i64,
    /// First one behind the range.
    pub to: i64,
    /// Folded words; in the exact phase the exact keys.
    pub words: Vec<String>,
    /// In the phase of beginnings: what must occur in the text besides.
    pub within: Option<String>,
    /// Only below this row id (newest first).
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// A record that search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its search row id.
    pub rid: i64,
    /// Its object.
    pub object: String,
    /// The record.
    pub record: Id,
}

/// The versions of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The one in the database; 0 when it is empty.
    pub found: i64,
    /// The newest that this program knows.
    pub known: i64,
}

impl SchemaVersion {
    /// Is there a schema, and an older one than this program's? Then migrating changes what is there.
    #[must_use]
    pub const fn is_older(self) -> bool {
        0 < self.found && self.found < self.known
    }
}

/// A database.
#[async_trait]
pub trait Engine: Send + Sync + std::fmt::Debug {
    /// How the engine spells things.
    fn dialect(&self) -> Dialect;

    /// Brings the schema to this program's version, step by step; each step and its mark are one transaction.
    async fn migrate(&self) -> Result<(), StoreError>;

    /// The versions of the schema, in the database and in this program.
    async fn schema(&self) -> Result<SchemaVersion, StoreError>;

    /// Rows of a select of records.
    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError>;

    /// How the second wall between workspaces stands.
    async fn wall(&self) -> Result<Wall, StoreError> {
        Ok(Wall::None)
    }

    /// Raises the second wall, or takes it down; how it stands then.
    async fn set_wall(&self, up: bool) -> Result<Wall, StoreError> {
        let _ = up;
        Ok(Wall::None)
    }

    /// Rows of one side table with these values, in the order of its primary key; `after` continues behind that key.
    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError>;

    /// Applies a plan as a whole. When this returns, the change is on the disk.
    async fn apply(&self, plan: Plan) -> Result<(), StoreError>;

    /// Raises the counter by `n` and gives the first of the n numbers that are now the caller's.
    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError>;

    /// Records found in one phase, newest first.
    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError>;

    /// The answers to several such questions, in their order.
    async fn search_each(&self, calls: Vec<SearchCall>) -> Result<Vec<Vec<Hit>>, StoreError>;

    /// A consistent copy of the whole database into a new file.
    async fn copy_to(&self, file: &Path) -> Result<(), StoreError>;

    /// The engine's own check of its structures; what it finds wrong, one line each.
    async fn check(&self) -> Result<Vec<String>, StoreError>;

    /// Counts anew what the planner of questions goes by; to be called when very many rows have come at once. An engine
    /// that plans without counting does nothing.
    async fn count_anew(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// How long its transactions of writing have taken since it was opened.
    /// An engine that stands before another and does not say shows none.
    fn transactions(&self) -> TransactionTimes {
        TransactionTimes::default()
    }

    /// Ends writing and closes; what was acknowledged is on the disk.
    async fn close(&self);
}

/// Which rows of a side table are wanted.
#[derive(Debug, Clone)]
pub struct RowsCall {
    /// The table.
    pub table: Arc<Table>,
    /// Equal to these, by position of the column; `Null` means empty.
    pub key: Vec<(usize, SqlVal)>,
    /// One of these values in this column.
    pub any_of: Option<(usize, Vec<SqlVal>)>,
    /// Bounds: column, `<` or `>` and value.
    pub bounds: Vec<(usize, Bound, SqlVal)>,
    /// Sorted by these columns; `true` is descending.
    pub order: Vec<(usize, bool)>,
    /// At most so many.
    pub limit: u32,
    /// Whose rows it may see, beside its conditions.
    pub reach: Reach,
}

/// A bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Less than.
    Lt,
    /// At most.
    Le,
    /// Greater than.
    Gt,
    /// At least.
    Ge,
}

impl RowsCall {
    /// All rows with these values, at most 1,000. The workspace is one of them, unless [`Self::everywhere`] is said or
    /// the table belongs to none.
    #[must_use]
    pub fn new(table: &Arc<Table>, key: &[(&str, SqlVal)]) -> Self {
        let key: Vec<(usize, SqlVal)> = key.iter().map(|(c, v)| (table.at(c), v.clone())).collect();
        Self {
            reach: Self::reach_of(table, &key),
            key,
            table: Arc::clone(table),
            any_of: None,
            bounds: Vec::new(),
            order: Vec::new(),
            limit: 1000,
        }
    }

    /// Only rows whose column has one of these values.
    #[must_use]
    pub fn any_of(mut self, column: &str, values: Vec<SqlVal>) -> Self {
        self.any_of = Some((self.table.at(column), values));
        self
    }

    /// Only rows within this bound.
    #[must_use]
    pub fn bound(mut self, column: &str, bound: Bound, value: impl Into<SqlVal>) -> Self {
        self.bounds.push((self.table.at(column), bound, value.into()));
        self
    }

    /// Sorted by this column.
    #[must_use]
    pub fn order(mut self, column: &str, descending: bool) -> Self {
        self.order.push((self.table.at(column), descending));
        self
    }

    /// At most so many.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }
}
