//! The migration runner: each step and its mark are one transaction; a newer schema is refused.

use peyvand_store::StoreError;
use rusqlite::{Connection, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::engine::engine_error;

/// The steps, in order. A step that has been released is never changed.
const STEPS: &[(i64, &str, &str)] = &[(1, "start", include_str!("../migrations/0001_start.sql"))];

/// The newest schema version that this program knows.
#[must_use]
pub(crate) fn known() -> i64 {
    STEPS.last().map_or(0, |s| s.0)
}

/// The schema version of the database; 0 when it is empty.
pub(crate) fn current(conn: &Connection) -> Result<i64, StoreError> {
    let there: bool = conn
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'migration')",
            [],
            |r| r.get(0),
        )
        .map_err(engine_error)?;
    if !there {
        return Ok(0);
    }
    conn.query_row("SELECT coalesce(max(version), 0) FROM migration", [], |r| {
        r.get(0)
    })
    .map_err(engine_error)
}

/// Brings the schema to this program's version.
pub(crate) fn run(conn: &mut Connection) -> Result<(), StoreError> {
    let found = current(conn)?;
    if found > known() {
        return Err(StoreError::NewerSchema {
            found,
            known: known(),
        });
    }
    for (version, name, sql) in STEPS {
        let hash = hex::encode(Sha256::digest(sql.as_bytes()));
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(engine_error)?;
        // Another process may have been faster: look again under the write lock.
        if current(&tx)? >= *version {
            continue;
        }
        tx.execute_batch(
            "CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL) STRICT",
        )
        .map_err(engine_error)?;
        tx.execute_batch(sql).map_err(engine_error)?;
        tx.execute(
            "INSERT INTO migration (version, name, hash) VALUES (?1, ?2, ?3)",
            params![version, name, hash],
        )
        .map_err(engine_error)?;
        tx.commit().map_err(engine_error)?;
    }
    Ok(())
}
