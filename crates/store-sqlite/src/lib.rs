//! The database on SQLite: WAL with `synchronous=FULL`, one writer thread with group commit and a savepoint for each
//! plan, reader threads, FTS5 for search. This crate writes SQL; it knows nothing of rules or rights.

pub mod ddl;
mod engine;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod limits;
mod migrate;
mod read;
mod search;
mod write;

pub use engine::{Options, SqliteEngine};

/// The version of the SQLite library in this build.
#[must_use]
pub fn library() -> &'static str {
    rusqlite::version()
}
