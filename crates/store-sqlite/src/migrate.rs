//! The migration runner: each step and its mark are one transaction; a newer schema is refused.

use peyvand_store::{SchemaVersion, StoreError};
use rusqlite::{Connection, TransactionBehavior, params};
use sha2::{Digest, Sha256};

use crate::engine::engine_error;

/// A step: its version, its name and its statements.
type Step = (i64, &'static str, &'static str);

/// The steps, in order. A step that has been released is never changed.
const STEPS: &[Step] = &[(1, "start", include_str!("../migrations/0001_start.sql"))];

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

/// The versions of the schema.
pub(crate) fn schema(conn: &Connection) -> Result<SchemaVersion, StoreError> {
    Ok(SchemaVersion {
        found: current(conn)?,
        known: STEPS.last().map_or(0, |s| s.0),
    })
}

/// Brings the schema to this program's version.
pub(crate) fn run(conn: &mut Connection) -> Result<(), StoreError> {
    run_steps(conn, STEPS, &mut |_| {})
}

/// Takes the steps that have not been taken; `between` is called at every boundary at which a process can be killed.
fn run_steps(conn: &mut Connection, steps: &[Step], between: &mut dyn FnMut(&str)) -> Result<(), StoreError> {
    let found = current(conn)?;
    let known = steps.last().map_or(0, |s| s.0);
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    for (version, name, sql) in steps {
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
        between("before the mark");
        tx.execute(
            "INSERT INTO migration (version, name, hash) VALUES (?1, ?2, ?3)",
            params![version, name, hash],
        )
        .map_err(engine_error)?;
        between("before the commit");
        tx.commit().map_err(engine_error)?;
        between("after the commit");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const FIVE: &[Step] = &[
        (
            1,
            "start",
            "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT) STRICT; INSERT INTO a VALUES (1, 'one');",
        ),
        (
            2,
            "index",
            "CREATE INDEX a_y ON a (y); INSERT INTO a VALUES (2, 'two');",
        ),
        (
            3,
            "table",
            "CREATE TABLE b (x INTEGER PRIMARY KEY, z INTEGER) STRICT; INSERT INTO b SELECT x, x * 10 FROM a;",
        ),
        (
            4,
            "column",
            "ALTER TABLE a ADD COLUMN w TEXT; UPDATE a SET w = y || '!';",
        ),
        (5, "data", "UPDATE b SET z = z + 1; DROP INDEX a_y;"),
    ];

    fn open(path: &Path) -> Connection {
        let conn = Connection::open(path).unwrap();
        conn.pragma_update(None, "journal_mode", "WAL").unwrap();
        conn
    }

    /// The schema and all rows, as text.
    fn dump(conn: &Connection) -> Vec<String> {
        let mut out = Vec::new();
        let mut names = Vec::new();
        let mut read = conn
            .prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY name")
            .unwrap();
        let mut rows = read.query([]).unwrap();
        while let Some(r) = rows.next().unwrap() {
            let (kind, name, sql): (String, String, String) =
                (r.get(0).unwrap(), r.get(1).unwrap(), r.get(2).unwrap());
            if kind == "table" {
                names.push(name.clone());
            }
            out.push(format!("{kind} {name} {sql}"));
        }
        for name in names {
            let mut read = conn
                .prepare(&format!("SELECT * FROM \"{name}\" ORDER BY 1"))
                .unwrap();
            let width = read.column_count();
            let mut rows = read.query([]).unwrap();
            while let Some(r) = rows.next().unwrap() {
                let cells: Vec<String> = (0..width)
                    .map(|i| format!("{:?}", r.get_ref(i).unwrap()))
                    .collect();
                out.push(format!("{name}: {cells:?}"));
            }
        }
        out
    }

    /// What a killed process leaves: the files as they are at this moment.
    fn copy(from: &Path, to: &Path) {
        for end in ["", "-wal"] {
            let name = |p: &Path| format!("{}{end}", p.display());
            if Path::new(&name(from)).exists() {
                std::fs::copy(name(from), name(to)).unwrap();
            }
        }
    }

    /// Item 30 of the trust list.
    #[test]
    fn an_upgrade_that_is_killed_at_any_boundary_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut fresh = open(&path("fresh"));
        let mut left = Vec::new();
        run_steps(&mut fresh, FIVE, &mut |at| {
            let name = format!("killed-{}", left.len());
            copy(&path("fresh"), &path(&name));
            left.push((name, at.to_owned()));
        })
        .unwrap();
        assert_eq!(left.len(), 15);
        let wanted = dump(&fresh);
        for (n, (name, at)) in left.iter().enumerate() {
            let mut conn = open(&path(name));
            // What was not committed is not there, and what is marked is done: skipped is not done.
            let done = current(&conn).unwrap();
            let before = (n / 3) as i64;
            assert_eq!(done, before + i64::from(at == "after the commit"), "{name} {at}");
            let mut stepped = open(&path(&format!("to-{n}")));
            run_steps(&mut stepped, FIVE.get(..done as usize).unwrap(), &mut |_| {}).unwrap();
            assert_eq!(dump(&conn), dump(&stepped), "{name} {at}");
            run_steps(&mut conn, FIVE, &mut |_| {}).unwrap();
            assert_eq!(dump(&conn), wanted, "{name} {at}");
        }
        // Every release in turn, and each in one jump.
        for from in 0..FIVE.len() {
            let mut conn = open(&path(&format!("from-{from}")));
            for to in from..=FIVE.len() {
                run_steps(&mut conn, FIVE.get(..to).unwrap(), &mut |_| {}).unwrap();
            }
            assert_eq!(dump(&conn), wanted);
        }
        // Control: a mark without its step is seen by the same comparison.
        let mut lied = open(&path("lied"));
        run_steps(&mut lied, FIVE.get(..4).unwrap(), &mut |_| {}).unwrap();
        lied.execute("INSERT INTO migration VALUES (5, 'data', '')", [])
            .unwrap();
        run_steps(&mut lied, FIVE, &mut |_| {}).unwrap();
        assert_ne!(dump(&lied), wanted);
        // A program that knows less refuses.
        let older = run_steps(&mut fresh, FIVE.get(..3).unwrap(), &mut |_| {});
        assert!(matches!(
            older,
            Err(StoreError::NewerSchema { found: 5, known: 3 })
        ));
    }

    #[test]
    fn a_step_that_fails_leaves_nothing() {
        let mut conn = Connection::open_in_memory().unwrap();
        let broken: &[Step] = &[
            FIVE[0],
            (
                2,
                "broken",
                "CREATE TABLE c (x INTEGER) STRICT; SELECT no_such_thing();",
            ),
        ];
        assert!(run_steps(&mut conn, broken, &mut |_| {}).is_err());
        assert_eq!(current(&conn).unwrap(), 1);
        assert!(!dump(&conn).iter().any(|l| l.starts_with("table c")));
        run_steps(&mut conn, FIVE, &mut |_| {}).unwrap();
        assert_eq!(current(&conn).unwrap(), 5);
    }
}
