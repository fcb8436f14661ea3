//! The migration runner: each step and its mark are one transaction under the lock of one row; a newer schema is
//! refused.

use peyvand_store::StoreError;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Row as _};

use crate::error::{engine_error, repeatable, state};
use crate::write::{MOST_TRIES, pause};

/// The steps, in order. A step that has been released is never changed.
const STEPS: &[(i64, &str, &str)] = &[(1, "start", include_str!("../migrations/0001_start.sql"))];

/// The newest schema version that this program knows.
#[must_use]
pub(crate) fn known() -> i64 {
    STEPS.last().map_or(0, |s| s.0)
}

/// The schema version of the database; 0 when it is empty.
pub(crate) async fn current(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let there: bool = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_name = 'migration')",
    )
    .fetch_one(&mut *conn)
    .await?
    .try_get(0)?;
    if !there {
        return Ok(0);
    }
    sqlx::query("SELECT coalesce(max(version), 0) FROM migration")
        .fetch_one(conn)
        .await?
        .try_get(0)
}

/// Brings the schema to this program's version.
pub(crate) async fn run(pool: &PgPool) -> Result<(), StoreError> {
    let mut conn = pool.acquire().await.map_err(engine_error)?;
    let found = current(&mut conn).await.map_err(engine_error)?;
    if found > known() {
        return Err(StoreError::NewerSchema {
            found,
            known: known(),
        });
    }
    for step in STEPS.iter().filter(|s| s.0 > found) {
        let mut tries = 0;
        loop {
            match one(&mut conn, step).await {
                Ok(()) => break,
                // Another process makes the same tables right now.
                Err(e) if tries < MOST_TRIES && (repeatable(&e) || made_at_once(&e)) => {
                    tries += 1;
                    pause(tries).await;
                }
                Err(e) => return Err(engine_error(e)),
            }
        }
    }
    Ok(())
}

/// `CREATE TABLE IF NOT EXISTS` of two at the same time: one is refused by a key of the server's own catalog.
fn made_at_once(e: &sqlx::Error) -> bool {
    matches!(state(e), Some("23505" | "42P07" | "42710"))
}

async fn one(conn: &mut PgConnection, step: &(i64, &str, &str)) -> Result<(), sqlx::Error> {
    let (version, name, sql) = *step;
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL)",
    )
    .execute(&mut *conn)
    .await?;
    // Version 0 is no step: its row is what the runners lock.
    sqlx::query("INSERT INTO migration (version, name, hash) VALUES (0, 'lock', '') ON CONFLICT DO NOTHING")
        .execute(&mut *conn)
        .await?;
    let mut tx = conn.begin().await?;
    sqlx::raw_sql("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
        .execute(&mut *tx)
        .await?;
    sqlx::query("SELECT version FROM migration WHERE version = 0 FOR UPDATE")
        .execute(&mut *tx)
        .await?;
    // Another process may have been faster: look again under the lock.
    if current(&mut tx).await? >= version {
        return tx.rollback().await;
    }
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO migration (version, name, hash) VALUES ($1, $2, $3)")
        .bind(version)
        .bind(name)
        .bind(hex::encode(Sha256::digest(sql.as_bytes())))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}
