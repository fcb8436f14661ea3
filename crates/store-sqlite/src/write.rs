//! The writer thread: group commit with a savepoint for each plan.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use crossbeam_channel::Receiver;
use peyvand_core::{Deadline, Id, WorkspaceId};
use peyvand_store::ports::{Conflict, OnKey, Plan, Step};
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::times::Transactions;
use peyvand_store::{SqlVal, StoreError};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::engine::{Command, engine_error};
use crate::read::{Bind, conditions};
use crate::{migrate, search};

/// Plans that share one commit at most: bounds how long the first of them waits.
const GROUP: usize = 256;
/// Steps that share one commit at most, unless one plan alone has more.
const GROUP_STEPS: usize = 3_000;

/// Serves commands until all senders are gone.
pub(crate) fn run(
    conn: &mut Connection,
    commands: &Receiver<Command>,
    on_undurable: fn(&StoreError),
    measured: &Transactions,
    time: Duration,
) {
    let mut texts = Texts::default();
    let mut guard = Durability {
        lost: None,
        told: on_undurable,
    };
    let mut next = None;
    while let Some(first) = next.take().or_else(|| commands.recv().ok()) {
        match first {
            Command::Migrate(answer) => {
                drop(answer.send(migrate::run(conn)));
            }
            Command::Close(answer) => {
                let done = conn
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                    .map_err(engine_error);
                drop(answer.send(done));
            }
            Command::Reserve(workspace, name, n, answer) => {
                drop(answer.send(guard.hold(|| reserve(conn, workspace, &name, n))));
            }
            Command::Apply(plan, answer) => {
                let mut size = plan.steps.len();
                let mut group = vec![(plan, answer)];
                while group.len() < GROUP {
                    match commands.try_recv() {
                        Ok(Command::Apply(p, a)) if size + p.steps.len() <= GROUP_STEPS => {
                            size += p.steps.len();
                            group.push((p, a));
                        }
                        Ok(c) => {
                            next = Some(c);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                let begun = Transactions::begin();
                commit_group(conn, &mut texts, &mut guard, group, time);
                measured.end(begun, size);
            }
        }
    }
}

/// Whether the disk still confirms what is written. After it has not done so once, nothing is written any more.
struct Durability {
    lost: Option<StoreError>,
    told: fn(&StoreError),
}

impl Durability {
    fn hold<T>(&mut self, change: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if let Some(e) = &self.lost {
            return Err(copy(e));
        }
        change().inspect_err(|e| self.look(e))
    }

    fn look(&mut self, e: &StoreError) {
        if matches!(e, StoreError::Undurable(_)) && self.lost.is_none() {
            (self.told)(e);
            self.lost = Some(copy(e));
        }
    }
}

type Member = (Plan, tokio::sync::oneshot::Sender<Result<(), StoreError>>);

fn commit_group(
    conn: &mut Connection,
    texts: &mut Texts,
    guard: &mut Durability,
    group: Vec<Member>,
    time: Duration,
) {
    if let Some(e) = &guard.lost {
        fail_all(group.into_iter().map(|m| m.1), e);
        return;
    }
    if let Err(e) = exec(conn, "BEGIN IMMEDIATE") {
        fail_all(group.into_iter().map(|m| m.1), &e);
        return;
    }
    let mut done = Vec::with_capacity(group.len());
    let alone = group.len() == 1;
    let mut broken: Option<StoreError> = None;
    for (plan, answer) in group {
        if broken.is_some() {
            done.push((answer, Ok(())));
            continue;
        }
        let outcome = within(conn, time, |conn| {
            if alone {
                apply(conn, texts, &plan)
            } else {
                in_savepoint(conn, texts, &plan, &mut broken)
            }
        });
        done.push((answer, outcome));
    }
    if let Some(e) = broken {
        guard.look(&e);
        drop(exec(conn, "ROLLBACK"));
        fail_all(done.into_iter().map(|d| d.0), &e);
        return;
    }
    let any = done.iter().any(|d| d.1.is_ok());
    let end = if any {
        exec(conn, "COMMIT")
    } else {
        exec(conn, "ROLLBACK")
    };
    match end {
        Ok(()) => {
            for (answer, outcome) in done {
                drop(answer.send(outcome));
            }
        }
        Err(e) => {
            guard.look(&e);
            drop(exec(conn, "ROLLBACK"));
            // Those that had failed by themselves keep their own reason.
            for (answer, outcome) in done {
                drop(answer.send(match outcome {
                    Ok(()) => Err(copy(&e)),
                    own => own,
                }));
            }
        }
    }
}

/// Does the work of a plan, which is broken off when it takes longer. SQLite then takes the whole transaction back: those
/// who share it are told so, and nothing of theirs is written either.
fn within<T>(
    conn: &mut Connection,
    time: Duration,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let deadline = Deadline::after(time);
    conn.progress_handler(4000, Some(move || deadline.passed()))
        .map_err(engine_error)?;
    let outcome = work(conn);
    // The commit behind it is not broken off.
    conn.progress_handler(0, None::<fn() -> bool>)
        .map_err(engine_error)?;
    outcome
}

fn in_savepoint(
    conn: &Connection,
    texts: &mut Texts,
    plan: &Plan,
    broken: &mut Option<StoreError>,
) -> Result<(), StoreError> {
    exec(conn, "SAVEPOINT plan")?;
    match apply(conn, texts, plan) {
        Ok(()) => exec(conn, "RELEASE plan"),
        Err(e) => {
            // A full disk or an I/O error may have ended the whole transaction: then nobody's plan stands.
            if conn.is_autocommit()
                || exec(conn, "ROLLBACK TO plan")
                    .and_then(|()| exec(conn, "RELEASE plan"))
                    .is_err()
            {
                *broken = Some(copy(&e));
            }
            Err(e)
        }
    }
}

fn fail_all(
    answers: impl Iterator<Item = tokio::sync::oneshot::Sender<Result<(), StoreError>>>,
    e: &StoreError,
) {
    for a in answers {
        drop(a.send(Err(copy(e))));
    }
}

/// One fault, told to each who waits.
fn copy(e: &StoreError) -> StoreError {
    match e {
        StoreError::Full => StoreError::Full,
        StoreError::Timeout => StoreError::Timeout,
        StoreError::Overflow => StoreError::Overflow,
        StoreError::Undurable(what) => StoreError::Undurable(what.clone()),
        StoreError::Conflict(c) => StoreError::Conflict(c.clone()),
        other => StoreError::Engine(other.to_string()),
    }
}

fn exec(conn: &Connection, sql: &str) -> Result<(), StoreError> {
    conn.prepare_cached(sql)
        .and_then(|mut s| s.execute([]))
        .map(drop)
        .map_err(engine_error)
}

fn reserve(conn: &Connection, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
    conn.prepare_cached(
        "INSERT INTO counter (workspace_id, name, window_start, value) VALUES (?1, ?2, 0, ?3) \
         ON CONFLICT (workspace_id, name) DO UPDATE SET value = value + ?3 RETURNING value",
    )
    .and_then(|mut s| s.query_row(params![i64::from(workspace.0), name, n], |r| r.get::<_, i64>(0)))
    .map(|end| end - n)
    .map_err(engine_error)
}

/// Statements by table: built once.
#[derive(Default)]
struct Texts {
    inserts: HashMap<(String, u8), String>,
}

impl Texts {
    fn insert(&mut self, t: &Table, on_key: OnKey) -> &str {
        self.inserts
            .entry((t.name.clone(), on_key as u8))
            .or_insert_with(|| {
                let names: Vec<String> = t.columns.iter().map(|c| c.name.clone()).collect();
                let marks = vec!["?"; names.len()].join(", ");
                let verb = match on_key {
                    OnKey::Fail | OnKey::Keep => "INSERT INTO",
                    OnKey::Replace => "INSERT OR REPLACE INTO",
                };
                let tail = if on_key == OnKey::Keep {
                    " ON CONFLICT DO NOTHING"
                } else {
                    ""
                };
                format!(
                    "{verb} \"{}\" ({}) VALUES ({marks}){tail}",
                    t.name,
                    crate::ddl::quoted(&names)
                )
            })
    }
}

fn apply(conn: &Connection, texts: &mut Texts, plan: &Plan) -> Result<(), StoreError> {
    for step in &plan.steps {
        one(conn, texts, step)?;
    }
    Ok(())
}

fn run_with(conn: &Connection, sql: &str, values: &[SqlVal]) -> Result<usize, StoreError> {
    conn.prepare_cached(sql)
        .and_then(|mut s| s.execute(params_from_iter(values.iter().map(Bind))))
        .map_err(engine_error)
}

fn one(conn: &Connection, texts: &mut Texts, step: &Step) -> Result<(), StoreError> {
    match step {
        Step::Insert { table, row, on_key } => {
            run_with(conn, texts.insert(table, *on_key), row)?;
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
            let sets: Vec<String> = set
                .iter()
                .map(|(at, _)| format!("\"{}\" = ?", table.columns[*at].name))
                .collect();
            let mut values: Vec<SqlVal> = set.iter().map(|(_, v)| v.clone()).collect();
            let wheres = conditions(table, key, &mut values);
            let sql = format!("UPDATE \"{}\" SET {} WHERE {wheres}", table.name, sets.join(", "));
            let n = run_with(conn, &sql, &values)?;
            if let Some(c) = expect_one
                && n != 1
            {
                return Err(c.clone().into());
            }
        }
        Step::Delete {
            table,
            key,
            expect_some,
        } => {
            let mut values = Vec::new();
            let wheres = conditions(table, key, &mut values);
            let n = run_with(
                conn,
                &format!("DELETE FROM \"{}\" WHERE {wheres}", table.name),
                &values,
            )?;
            if let Some(c) = expect_some
                && n == 0
            {
                return Err(c.clone().into());
            }
        }
        Step::Check {
            table,
            key,
            present,
            otherwise,
        } => {
            let mut values = Vec::new();
            let wheres = conditions(table, key, &mut values);
            let sql = format!("SELECT 1 FROM \"{}\" WHERE {wheres} LIMIT 1", table.name);
            let found = conn
                .prepare_cached(&sql)
                .and_then(|mut s| s.exists(params_from_iter(values.iter().map(Bind))))
                .map_err(engine_error)?;
            if found != *present {
                return Err(otherwise.clone().into());
            }
        }
        Step::Count {
            workspace,
            name,
            window,
            at_most,
        } => {
            let n: Option<i64> = conn
                .prepare_cached(
                    "INSERT INTO counter (workspace_id, name, window_start, value) VALUES (?1, ?2, ?3, 1) \
                     ON CONFLICT (workspace_id, name) DO UPDATE SET \
                     value = CASE WHEN window_start = ?3 THEN value + 1 ELSE 1 END, window_start = ?3 RETURNING value",
                )
                .and_then(|mut s| {
                    s.query_row(params![i64::from(workspace.0), name, window], |r| r.get(0)).optional()
                })
                .map_err(engine_error)?;
            if n.unwrap_or(1) > *at_most + 1 {
                return Err(Conflict::Limit(name.clone()).into());
            }
        }
        Step::Relink {
            workspace,
            table,
            column,
            row_id,
            from,
            to,
            operation,
            place,
            unique,
        } => {
            relink(
                conn, *workspace, table, column, row_id, *from, *to, *operation, place, *unique,
            )?;
        }
        Step::Unrelink {
            workspace,
            table,
            column,
            row_id,
            operation,
            place,
        } => {
            let mut sql = format!(
                "UPDATE \"{t}\" AS x SET \"{column}\" = i.from_id{touch} FROM relink_image AS i \
                 WHERE i.workspace_id = ?1 AND i.operation_id = ?2 AND i.place = ?3 \
                 AND x.workspace_id = i.workspace_id AND x.\"{row_id}\" = i.record_id AND x.\"{column}\" = i.to_id",
                t = table.name,
                touch = touch(table),
            );
            if table.name == "record_link" {
                let _ = write!(sql, " AND x.object || '.' || x.field = i.detail");
            }
            if table.name == "timeline" {
                // One record can stand on a timeline at two times: each line goes back by itself.
                let _ = write!(sql, " AND x.at || '.' || x.kind = i.detail");
            }
            let values = [
                SqlVal::Int(i64::from(workspace.0)),
                SqlVal::Uuid(*operation),
                SqlVal::Text(place.clone()),
            ];
            run_with(conn, &sql, &values)?;
            run_with(
                conn,
                &format!(
                    "DELETE FROM \"{}\" WHERE workspace_id = ?1 AND operation_id = ?2 AND place = ?3",
                    SIDE.relink_image.name
                ),
                &values,
            )?;
        }
        Step::Search(put) => search::put(conn, put)?,
    }
    Ok(())
}

/// A record whose link was moved has a new version: versions only grow.
fn touch(table: &Table) -> &'static str {
    if table.columns.iter().any(|c| c.name == "version") && table.name != "outbox" {
        ", version = version + 1"
    } else {
        ""
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one step")]
fn relink(
    conn: &Connection,
    workspace: WorkspaceId,
    table: &Table,
    column: &str,
    row_id: &str,
    from: Id,
    to: Id,
    operation: Id,
    place: &str,
    unique: bool,
) -> Result<(), StoreError> {
    let t = &table.name;
    let detail = match t.as_str() {
        "record_link" => "x.object || '.' || x.field",
        "timeline" => "x.at || '.' || x.kind",
        _ => "''",
    };
    // Rows that would meet an equal row at the survivor stay where they are.
    let mut free = String::new();
    if unique {
        let same: Vec<String> = table
            .primary
            .iter()
            .map(|k| {
                if k == column {
                    format!("y.\"{k}\" = ?5")
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
    let values = [
        SqlVal::Int(i64::from(workspace.0)),
        SqlVal::Uuid(operation),
        SqlVal::Text(place.to_owned()),
        SqlVal::Uuid(from),
        SqlVal::Uuid(to),
    ];
    run_with(
        conn,
        &format!(
            "INSERT INTO relink_image (workspace_id, operation_id, place, record_id, from_id, to_id, detail) \
             SELECT x.workspace_id, ?2, ?3, x.\"{row_id}\", ?4, ?5, {detail} FROM \"{t}\" AS x \
             WHERE x.workspace_id = ?1 AND x.\"{column}\" = ?4{free}"
        ),
        &values,
    )?;
    run_with(
        conn,
        &format!(
            "UPDATE \"{t}\" AS x SET \"{column}\" = ?5{touch} WHERE x.workspace_id = ?1 AND x.\"{column}\" = ?4{free} \
             AND ?2 IS NOT NULL AND ?3 IS NOT NULL",
            touch = touch(table)
        ),
        &values,
    )?;
    Ok(())
}
