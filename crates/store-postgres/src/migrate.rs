//! The migration runner: each step and its mark are one transaction under the lock of one row; a newer schema is
//! refused.

use peyvand_store::{Reach, SchemaVersion, StoreError};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::door::Door;
use crate::error::{engine_error, repeatable, state};
use crate::wall;
use crate::write::{MOST_TRIES, pause};

/// A step: its version, its name and its statements.
type Step = (i64, &'static str, &'static str);

/// The steps, in order. A step that has been released is never changed.
const STEPS: &[Step] = &[(1, "start", include_str!("../migrations/0001_start.sql"))];

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

/// The versions of the schema.
pub(crate) async fn schema(door: &Door) -> Result<SchemaVersion, StoreError> {
    let mut tx = door.enter(Reach::Nowhere).await.map_err(engine_error)?;
    Ok(SchemaVersion {
        found: current(&mut tx).await.map_err(engine_error)?,
        known: known(),
    })
}

/// Brings the schema to this program's version.
pub(crate) async fn run(door: &Door) -> Result<(), StoreError> {
    run_steps(door, STEPS).await?;
    wall::after_migration(door).await
}

/// Takes the steps that have not been taken.
async fn run_steps(door: &Door, steps: &[Step]) -> Result<(), StoreError> {
    let mut tx = door.enter(Reach::Nowhere).await.map_err(engine_error)?;
    let found = current(&mut tx).await.map_err(engine_error)?;
    drop(tx);
    let known = steps.last().map_or(0, |s| s.0);
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    for step in steps.iter().filter(|s| s.0 > found) {
        let mut tries = 0;
        loop {
            match one(door, step).await {
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

async fn one(door: &Door, step: &Step) -> Result<(), sqlx::Error> {
    let (version, name, sql) = *step;
    let mut tx = door.enter(Reach::Nowhere).await?;
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL)",
    )
    .execute(&mut *tx)
    .await?;
    // Version 0 is no step: its row is what the runners lock.
    sqlx::query("INSERT INTO migration (version, name, hash) VALUES (0, 'lock', '') ON CONFLICT DO NOTHING")
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    // A step may touch the rows of every workspace.
    let mut tx = door.enter(Reach::Everywhere).await?;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use peyvand_core::{Id, random};
    use peyvand_store::Engine as _;
    use sqlx::PgPool;
    use sqlx::postgres::PgPoolOptions;

    use super::*;
    use crate::PostgresEngine;

    const DONE: &[Step] = &[
        (
            1,
            "start",
            "CREATE TABLE a (x BIGINT PRIMARY KEY); INSERT INTO a VALUES (1)",
        ),
        (
            2,
            "table",
            "CREATE TABLE b (x BIGINT PRIMARY KEY); INSERT INTO b SELECT x FROM a",
        ),
        (3, "data", "INSERT INTO b VALUES (7)"),
    ];
    /// The same, each of which waits in its middle for somebody to cut its connection off.
    const SLOW: &[Step] = &[
        (
            1,
            "start",
            "CREATE TABLE a (x BIGINT PRIMARY KEY); SELECT pg_sleep(20); INSERT INTO a VALUES (1)",
        ),
        (
            2,
            "table",
            "CREATE TABLE b (x BIGINT PRIMARY KEY); SELECT pg_sleep(20); INSERT INTO b SELECT x FROM a",
        ),
        (3, "data", "INSERT INTO b VALUES (7); SELECT pg_sleep(20)"),
    ];

    async fn numbers(pool: &PgPool, sql: &'static str) -> Vec<i64> {
        sqlx::query(sql)
            .fetch_all(pool)
            .await
            .map(|rows| rows.iter().map(|r| r.get(0)).collect())
            .unwrap_or_default()
    }

    /// Item 30 of the trust list: the connection is cut off in the middle of each step.
    #[tokio::test(flavor = "multi_thread")]
    async fn an_upgrade_that_is_cut_off_in_any_step_goes_on() {
        let Ok(url) = std::env::var("PEYVAND_TEST_POSTGRES") else {
            eprintln!("SKIP migrate::tests::an_upgrade_that_is_cut_off_in_any_step_goes_on: no server");
            return;
        };
        let schema = format!("m{}", Id::from_bytes(random::bytes()).0.simple());
        let keeper = PostgresEngine::open_in_schema(&url, &schema).await.unwrap();
        let path = format!("SET search_path TO \"{schema}\"");
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .after_connect(move |conn, _| {
                let path = path.clone();
                Box::pin(async move { sqlx::raw_sql(AssertSqlSafe(path)).execute(conn).await.map(drop) })
            })
            .connect(&url)
            .await
            .unwrap();
        let door = Door::new(pool.clone(), 2);
        for n in 0..SLOW.len() {
            // One at a time: the steps before it are done.
            let steps = [&DONE[..n], &SLOW[n..=n]].concat();
            let going = {
                let door = Door::new(pool.clone(), 2);
                tokio::spawn(async move { run_steps(&door, &steps).await })
            };
            let cut = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE query LIKE '%pg_sleep(20)%' AND state = 'active' AND pid <> pg_backend_pid() \
                       AND pid IN (SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
                       JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = current_schema())";
            let mut ended = 0;
            for _ in 0..200 {
                ended = numbers(&pool, cut).await.first().copied().unwrap_or(0);
                if ended > 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
            assert_eq!(ended, 1, "step {n} was not met");
            assert!(going.await.unwrap().is_err());
            // Nothing of the step is there, and it is not marked.
            let marks = numbers(
                &pool,
                "SELECT version FROM migration WHERE version > 0 ORDER BY 1",
            )
            .await;
            assert_eq!(marks, (1..=n as i64).collect::<Vec<_>>());
            run_steps(&door, &DONE[..=n]).await.unwrap();
        }
        assert_eq!(numbers(&pool, "SELECT x FROM a").await, [1]);
        assert_eq!(numbers(&pool, "SELECT x FROM b ORDER BY 1").await, [1, 7]);
        let older = run_steps(&door, &DONE[..2]).await;
        assert!(matches!(
            older,
            Err(StoreError::NewerSchema { found: 3, known: 2 })
        ));
        pool.close().await;
        keeper.drop_schema(&schema).await.unwrap();
        keeper.close().await;
    }
}
