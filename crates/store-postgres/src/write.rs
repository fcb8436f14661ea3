//! Writing: a plan is one transaction, repeated as a whole when the server refuses it because of others.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use peyvand_core::{Id, WorkspaceId, random};
use peyvand_store::ports::{Conflict, Plan, Step};
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::times::Transactions;
use peyvand_store::{Reach, SqlVal, StoreError};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _, Transaction};

use crate::bind::{bind, own_kind};
use crate::door::Door;
use crate::error::{engine_error, repeatable};
use crate::insert::{Pending, Puts};
use crate::read::conditions;
use crate::search;

/// A transaction is tried again so many times at most.
pub(crate) const MOST_TRIES: u32 = 5;

/// What ends a try.
enum Fault {
    /// A guard did not hold.
    Conflict(Conflict),
    /// The server refused, or is gone.
    Sql(sqlx::Error),
    /// The connection went away while the server was committing: done or not, nobody knows.
    Unknown(sqlx::Error),
}

impl From<sqlx::Error> for Fault {
    fn from(e: sqlx::Error) -> Self {
        Self::Sql(e)
    }
}

/// Waits before the next try: some milliseconds, more each time, never the same for two that collide.
pub(crate) async fn pause(tries: u32) {
    let [random] = random::bytes::<1>();
    let most = 4_u64 << tries.min(6);
    tokio::time::sleep(Duration::from_micros(
        most * 1000 * (64 + u64::from(random)) / 320,
    ))
    .await;
}

/// Applies a plan as a whole.
pub(crate) async fn apply(
    door: &Door,
    plan: &Plan,
    reach: Reach,
    measured: &Transactions,
) -> Result<(), StoreError> {
    let mut tries = 0;
    loop {
        let tx = door.enter(reach).await.map_err(engine_error)?;
        let begun = Transactions::begin();
        let outcome = once(tx, plan).await;
        measured.end(begun, plan.steps.len());
        match outcome {
            Ok(()) => return Ok(()),
            Err(Fault::Conflict(c)) => return Err(c.into()),
            Err(Fault::Sql(e)) if repeatable(&e) && tries < MOST_TRIES => {
                tries += 1;
                tracing::debug!(tries, error = %e, "transaction is repeated");
                pause(tries).await;
            }
            Err(Fault::Sql(e)) => return Err(engine_error(e)),
            Err(Fault::Unknown(e)) => {
                return Err(StoreError::Engine(format!(
                    "the connection was lost during the commit; whether it was done is unknown: {e}"
                )));
            }
        }
    }
}

async fn once(mut tx: Transaction<'_, Postgres>, plan: &Plan) -> Result<(), Fault> {
    let mut work = Work {
        conn: &mut tx,
        pending: Pending::default(),
        puts: Puts::new(),
    };
    match work.all(plan).await {
        Ok(()) => {}
        Err(e) => {
            // Dropping would roll back too, but only when the connection is used again: locks are given back now.
            drop(tx.rollback().await);
            return Err(e);
        }
    }
    tx.commit().await.map_err(|e| {
        if e.as_database_error().is_some() {
            Fault::Sql(e)
        } else {
            Fault::Unknown(e)
        }
    })
}

struct Work<'c, 'p> {
    conn: &'c mut PgConnection,
    pending: Pending,
    puts: Puts<'p>,
}

impl<'p> Work<'_, 'p> {
    async fn all(&mut self, plan: &'p Plan) -> Result<(), Fault> {
        for step in &plan.steps {
            match self.one(step).await {
                Ok(()) => {}
                Err(Fault::Conflict(c)) => {
                    // An insert that came before it may be why: then that is what is reported, as in the order asked.
                    self.pending.flush(self.conn).await?;
                    return Err(Fault::Conflict(c));
                }
                Err(e) => return Err(e),
            }
        }
        self.pending.flush(self.conn).await?;
        self.flush_search().await
    }

    async fn flush_search(&mut self) -> Result<(), Fault> {
        let puts = std::mem::take(&mut self.puts);
        Ok(search::put(self.conn, &puts).await?)
    }

    /// Sends what a step that reads or writes this table must find there.
    async fn settle(&mut self, table: &Table, removes: bool) -> Result<(), Fault> {
        if removes && table.name == SIDE.record.name {
            // Rows that refer to it must be there to be noticed, and search looks its number up on it.
            self.pending.flush(self.conn).await?;
            return self.flush_search().await;
        }
        Ok(self.pending.flush_table(self.conn, &table.name).await?)
    }

    async fn run(&mut self, sql: String, values: &[SqlVal]) -> Result<u64, sqlx::Error> {
        let mut q = sqlx::query(AssertSqlSafe(sql));
        for v in values {
            q = bind(q, v, own_kind(v));
        }
        Ok(q.execute(&mut *self.conn).await?.rows_affected())
    }

    async fn one(&mut self, step: &'p Step) -> Result<(), Fault> {
        match step {
            Step::Insert { table, row, on_key } => {
                self.pending.push(self.conn, table, row, *on_key).await?;
            }
            Step::Update {
                table,
                set,
                key,
                expect_one,
            } => {
                if set.is_empty() {
                    return Ok(());
                }
                self.settle(table, false).await?;
                let n = self.update(table, set, key).await?;
                if let Some(c) = expect_one
                    && n != 1
                {
                    return Err(Fault::Conflict(c.clone()));
                }
            }
            Step::Delete {
                table,
                key,
                expect_some,
            } => {
                self.settle(table, true).await?;
                let mut values = Vec::new();
                let wheres = conditions(table, key, &mut values);
                let n = self
                    .run(format!("DELETE FROM \"{}\" WHERE {wheres}", table.name), &values)
                    .await?;
                if let Some(c) = expect_some
                    && n == 0
                {
                    return Err(Fault::Conflict(c.clone()));
                }
            }
            Step::Check {
                table,
                key,
                present,
                otherwise,
            } => {
                self.settle(table, false).await?;
                let mut values = Vec::new();
                let wheres = conditions(table, key, &mut values);
                // What must be there is held until the end; what must not be there is kept away by a key.
                let lock = if *present { " FOR SHARE" } else { "" };
                let n = self
                    .run(
                        format!("SELECT 1 FROM \"{}\" WHERE {wheres} LIMIT 1{lock}", table.name),
                        &values,
                    )
                    .await?;
                if (n > 0) != *present {
                    return Err(Fault::Conflict(otherwise.clone()));
                }
            }
            Step::Count {
                workspace,
                name,
                window,
                at_most,
            } => {
                self.settle(&SIDE.counter, false).await?;
                let n: i64 = sqlx::query(
                    "INSERT INTO counter AS c (workspace_id, name, window_start, value) VALUES ($1, $2, $3, 1) \
                     ON CONFLICT (workspace_id, name) DO UPDATE SET \
                     value = CASE WHEN c.window_start = $3 THEN c.value + 1 ELSE 1 END, window_start = $3 \
                     RETURNING value",
                )
                .bind(i64::from(workspace.0))
                .bind(name)
                .bind(window)
                .fetch_one(&mut *self.conn)
                .await?
                .try_get(0)?;
                if n > *at_most + 1 {
                    return Err(Fault::Conflict(Conflict::Limit(name.clone())));
                }
            }
            Step::Relink { .. } => self.relink(step).await?,
            Step::Unrelink { .. } => self.unrelink(step).await?,
            Step::Search(put) => {
                self.puts.insert((i64::from(put.workspace.0), put.record), put);
            }
        }
        Ok(())
    }

    async fn update(
        &mut self,
        table: &Arc<Table>,
        set: &[(usize, SqlVal)],
        key: &[(usize, SqlVal)],
    ) -> Result<u64, sqlx::Error> {
        let sets: Vec<String> = set
            .iter()
            .enumerate()
            .map(|(n, (at, _))| format!("\"{}\" = ${}", table.columns[*at].name, n + 1))
            .collect();
        let mut values: Vec<SqlVal> = set.iter().map(|(_, v)| v.clone()).collect();
        let wheres = conditions(table, key, &mut values);
        let sql = format!("UPDATE \"{}\" SET {} WHERE {wheres}", table.name, sets.join(", "));
        let mut q = sqlx::query(AssertSqlSafe(sql));
        for (n, v) in values.iter().enumerate() {
            let kind = set
                .get(n)
                .map_or_else(|| own_kind(v), |(at, _)| table.columns[*at].kind);
            q = bind(q, v, kind);
        }
        Ok(q.execute(&mut *self.conn).await?.rows_affected())
    }

    async fn relink(&mut self, step: &Step) -> Result<(), Fault> {
        let Step::Relink {
            workspace,
            table,
            column,
            row_id,
            from,
            to,
            operation,
            place,
            unique,
        } = step
        else {
            return Ok(());
        };
        self.settle(table, false).await?;
        self.settle(&SIDE.relink_image, false).await?;
        let t = &table.name;
        let detail = match t.as_str() {
            "record_link" => "x.object || '.' || x.field",
            "timeline" => "x.at::TEXT || '.' || x.kind",
            _ => "''",
        };
        // Rows that would meet an equal row at the survivor stay where they are.
        let free = |to: u8| {
            let mut free = String::new();
            if *unique {
                let same: Vec<String> = table
                    .primary
                    .iter()
                    .map(|k| {
                        if k == column {
                            format!("y.\"{k}\" = ${to}")
                        } else {
                            format!("y.\"{k}\" = x.\"{k}\"")
                        }
                    })
                    .collect();
                let _ = write!(
                    free,
                    " AND NOT EXISTS (SELECT 1 FROM \"{t}\" AS y WHERE {})",
                    same.join(" AND ")
                );
            }
            free
        };
        let w = SqlVal::Int(i64::from(workspace.0));
        let (from, to) = (SqlVal::Uuid(*from), SqlVal::Uuid(*to));
        self.run(
            format!(
                "INSERT INTO relink_image (workspace_id, operation_id, place, record_id, from_id, to_id, detail) \
                 SELECT x.workspace_id, $2, $3, x.\"{row_id}\", $4, $5, {detail} FROM \"{t}\" AS x \
                 WHERE x.workspace_id = $1 AND x.\"{column}\" = $4{}",
                free(5)
            ),
            &[
                w.clone(),
                SqlVal::Uuid(*operation),
                SqlVal::Text(place.clone()),
                from.clone(),
                to.clone(),
            ],
        )
        .await?;
        self.run(
            format!(
                "UPDATE \"{t}\" AS x SET \"{column}\" = $3{} WHERE x.workspace_id = $1 AND x.\"{column}\" = $2{}",
                touch(table),
                free(3)
            ),
            &[w, from, to],
        )
        .await?;
        Ok(())
    }

    async fn unrelink(&mut self, step: &Step) -> Result<(), Fault> {
        let Step::Unrelink {
            workspace,
            table,
            column,
            row_id,
            operation,
            place,
        } = step
        else {
            return Ok(());
        };
        self.settle(table, false).await?;
        self.settle(&SIDE.relink_image, false).await?;
        let mut sql = format!(
            "UPDATE \"{t}\" AS x SET \"{column}\" = i.from_id{touch} FROM relink_image AS i \
             WHERE i.workspace_id = $1 AND i.operation_id = $2 AND i.place = $3 \
             AND x.workspace_id = i.workspace_id AND x.\"{row_id}\" = i.record_id AND x.\"{column}\" = i.to_id",
            t = table.name,
            touch = touch(table),
        );
        if table.name == SIDE.record_link.name {
            sql.push_str(" AND x.object || '.' || x.field = i.detail");
        }
        if table.name == SIDE.timeline.name {
            // One record can stand on a timeline at two times: each line goes back by itself.
            sql.push_str(" AND x.at::TEXT || '.' || x.kind = i.detail");
        }
        let values = [
            SqlVal::Int(i64::from(workspace.0)),
            SqlVal::Uuid(*operation),
            SqlVal::Text(place.clone()),
        ];
        self.run(sql, &values).await?;
        self.run(
            "DELETE FROM relink_image WHERE workspace_id = $1 AND operation_id = $2 AND place = $3"
                .to_owned(),
            &values,
        )
        .await?;
        Ok(())
    }
}

/// A record whose link was moved has a new version: versions only grow.
fn touch(table: &Table) -> &'static str {
    if table.columns.iter().any(|c| c.name == "version") && table.name != SIDE.outbox.name {
        ", version = x.version + 1"
    } else {
        ""
    }
}

/// Raises a counter; the first of the numbers.
pub(crate) async fn reserve(
    door: &Door,
    workspace: WorkspaceId,
    name: &str,
    n: i64,
) -> Result<i64, StoreError> {
    let mut tries = 0;
    loop {
        let end = raise(door, workspace, name, n).await;
        match end {
            Ok(end) => return Ok(end - n),
            Err(e) if repeatable(&e) && tries < MOST_TRIES => {
                tries += 1;
                pause(tries).await;
            }
            Err(e) => return Err(engine_error(e)),
        }
    }
}

async fn raise(door: &Door, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, sqlx::Error> {
    let mut tx = door.enter(Reach::Workspace(workspace)).await?;
    let end = sqlx::query(
        "INSERT INTO counter AS c (workspace_id, name, window_start, value) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (workspace_id, name) DO UPDATE SET value = c.value + $3 RETURNING value",
    )
    .bind(i64::from(workspace.0))
    .bind(name)
    .bind(n)
    .fetch_one(&mut *tx)
    .await?
    .try_get(0)?;
    tx.commit().await?;
    Ok(end)
}

/// The ids of a list as the server takes them.
pub(crate) fn ids(list: impl Iterator<Item = Id>) -> Vec<crate::bind::PgId> {
    list.map(crate::bind::PgId).collect()
}
