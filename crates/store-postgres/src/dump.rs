//! A copy of the whole database in one file, its way back, and the check of what must hold between tables.
//!
//! The file: a first line `peyvand-dump 1 VERSION`; for each table a line `table NAME COLUMN …`, its rows in the text form
//! of COPY, and a line `\.`, which no row can be; a last line `end HASH`, the SHA-256 of all before it.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use futures::TryStreamExt as _;
use peyvand_catalog::Catalog;
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{Layout, Reach, StoreError};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};

use crate::ddl::{TABLES, quoted};
use crate::door::Door;
use crate::error::engine_error;
use crate::{migrate, wall};

const HEAD: &str = "peyvand-dump 1 ";
const END_OF_TABLE: &[u8] = b"\\.\n";
/// Bytes that go to the server at once.
const BLOCK: usize = 256 * 1024;
/// Lines of a check at most.
const MOST_FINDINGS: usize = 100;

/// The whole copy takes as long as it takes.
const PATIENT: &str = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

fn io(e: &std::io::Error) -> StoreError {
    if e.kind() == std::io::ErrorKind::StorageFull {
        return StoreError::Full;
    }
    StoreError::Engine(format!("the copy: {e}"))
}

fn damaged(what: &str) -> StoreError {
    StoreError::Engine(format!("the copy is damaged: {what}"))
}

/// The spine comes first: others refer to it.
fn in_order() -> Vec<Arc<Table>> {
    let mut tables = TABLES.clone();
    tables.sort_by_key(|t| t.name != SIDE.record.name);
    tables
}

fn columns(t: &Table) -> String {
    quoted(&t.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>())
}

/// A file that hashes what is written into it.
struct Out {
    file: BufWriter<File>,
    hash: Sha256,
}

impl Out {
    async fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        self.file.write_all(bytes).await.map_err(|e| io(&e))
    }
}

/// Writes the copy, as of one moment, into a file that must not be there yet.
pub(crate) async fn write(door: &Door, path: &Path) -> Result<(), StoreError> {
    let file = File::create_new(path).await.map_err(|e| io(&e))?;
    let mut out = Out {
        file: BufWriter::with_capacity(BLOCK, file),
        hash: Sha256::new(),
    };
    let mut tx = door.enter(Reach::Everywhere).await.map_err(engine_error)?;
    // One snapshot for all tables.
    let start = format!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; {PATIENT}");
    sqlx::raw_sql(AssertSqlSafe(start))
        .execute(&mut *tx)
        .await
        .map_err(engine_error)?;
    let version = migrate::current(&mut tx).await.map_err(engine_error)?;
    out.put(format!("{HEAD}{version}\n").as_bytes()).await?;
    for t in in_order() {
        let mut line = format!("table {}", t.name);
        for c in &t.columns {
            let _ = write!(line, " {}", c.name);
        }
        line.push('\n');
        out.put(line.as_bytes()).await?;
        let sql = format!("COPY \"{}\" ({}) TO STDOUT", t.name, columns(&t));
        let mut rows = tx.copy_out_raw(&sql).await.map_err(engine_error)?;
        while let Some(block) = rows.try_next().await.map_err(engine_error)? {
            out.put(&block).await?;
        }
        drop(rows);
        out.put(END_OF_TABLE).await?;
    }
    tx.commit().await.map_err(engine_error)?;
    let hash = hex::encode(out.hash.clone().finalize());
    out.put(format!("end {hash}\n").as_bytes()).await?;
    out.file.flush().await.map_err(|e| io(&e))?;
    out.file.get_ref().sync_all().await.map_err(|e| io(&e))
}

type Lines = BufReader<File>;

async fn open(path: &Path) -> Result<Lines, StoreError> {
    let file = File::open(path).await.map_err(|e| io(&e))?;
    Ok(BufReader::with_capacity(BLOCK, file))
}

async fn next(lines: &mut Lines, line: &mut Vec<u8>) -> Result<bool, StoreError> {
    line.clear();
    Ok(lines.read_until(b'\n', line).await.map_err(|e| io(&e))? > 0)
}

/// Reads the file once and compares its hash, before anything of it is used. The schema version of the copy.
async fn verify(path: &Path) -> Result<i64, StoreError> {
    let mut lines = open(path).await?;
    let mut line = Vec::new();
    next(&mut lines, &mut line).await?;
    let version = std::str::from_utf8(&line)
        .ok()
        .and_then(|l| l.strip_prefix(HEAD)?.trim_end().parse().ok())
        .ok_or_else(|| damaged("its first line"))?;
    let mut hash = Sha256::new();
    let mut in_table = false;
    hash.update(&line);
    while next(&mut lines, &mut line).await? {
        if !in_table && line.starts_with(b"end ") {
            let want = format!("end {}\n", hex::encode(hash.finalize()));
            let last = line == want.as_bytes() && !next(&mut lines, &mut line).await?;
            return if last {
                Ok(version)
            } else {
                Err(damaged("its hash"))
            };
        }
        in_table = if in_table {
            line != END_OF_TABLE
        } else {
            line.starts_with(b"table ")
        };
        hash.update(&line);
    }
    Err(damaged("its end is missing"))
}

/// Reads a copy into an empty database, in one transaction.
pub(crate) async fn restore(door: &Door, path: &Path) -> Result<(), StoreError> {
    let version = verify(path).await?;
    if version > migrate::known() {
        return Err(StoreError::NewerSchema {
            found: version,
            known: migrate::known(),
        });
    }
    if version != migrate::known() {
        return Err(StoreError::Engine(format!(
            "the copy has schema version {version}, this program reads {}",
            migrate::known()
        )));
    }
    migrate::run(door).await?;
    let mut tx = door.enter(Reach::Everywhere).await.map_err(engine_error)?;
    sqlx::raw_sql(AssertSqlSafe(PATIENT))
        .execute(&mut *tx)
        .await
        .map_err(engine_error)?;
    for t in TABLES.iter() {
        let sql = format!("SELECT 1 FROM \"{}\" LIMIT 1", t.name);
        let there = sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut *tx).await;
        if there.map_err(engine_error)?.is_some() {
            return Err(StoreError::Engine(format!(
                "the database is not empty: {} has rows",
                t.name
            )));
        }
    }
    let walled = wall::unforce(&mut tx).await.map_err(engine_error)?;
    let mut lines = open(path).await?;
    let mut line = Vec::new();
    next(&mut lines, &mut line).await?;
    while next(&mut lines, &mut line).await? {
        let text = std::str::from_utf8(&line).map_err(|_| damaged("the line of a table"))?;
        let mut words = text.split_whitespace();
        match words.next() {
            Some("end") => break,
            Some("table") => {}
            _ => return Err(damaged("a line that is none")),
        }
        let name = words.next().unwrap_or_default();
        let table = TABLES
            .iter()
            .find(|t| t.name == name)
            .ok_or_else(|| damaged("a table that is not known"))?;
        // Names are taken from the layout, never from the file.
        if !words.eq(table.columns.iter().map(|c| c.name.as_str())) {
            return Err(damaged("the columns of a table"));
        }
        load(&mut tx, table, &mut lines).await?;
    }
    wall::force(&mut tx, &walled).await.map_err(engine_error)?;
    tx.commit().await.map_err(engine_error)
}

async fn load(conn: &mut PgConnection, t: &Table, lines: &mut Lines) -> Result<(), StoreError> {
    let sql = format!("COPY \"{}\" ({}) FROM STDIN", t.name, columns(t));
    let mut copy = conn.copy_in_raw(&sql).await.map_err(engine_error)?;
    let mut block: Vec<u8> = Vec::with_capacity(BLOCK * 2);
    let mut line = Vec::new();
    loop {
        if !next(lines, &mut line).await? {
            return Err(damaged("its end is missing"));
        }
        let over = line == END_OF_TABLE;
        if !over {
            block.extend_from_slice(&line);
        }
        if (over && !block.is_empty()) || block.len() >= BLOCK {
            copy.send(block.as_slice()).await.map_err(engine_error)?;
            block.clear();
        }
        if over {
            copy.finish().await.map_err(engine_error)?;
            return Ok(());
        }
    }
}

/// What is wrong between the tables, one line each: missing tables and columns, indexes that are not valid, rows that
/// refer to no record, records without their row on the spine, search texts of no record.
pub(crate) async fn check(door: &Door) -> Result<Vec<String>, StoreError> {
    let mut tx = door.enter(Reach::Everywhere).await.map_err(engine_error)?;
    let out = findings(&mut tx).await.map_err(engine_error);
    tx.rollback().await.map_err(engine_error)?;
    out
}

async fn findings(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::raw_sql(PATIENT).execute(&mut *conn).await?;
    let mut out = Vec::new();
    let there = sqlx::query(
        "SELECT table_name::TEXT, column_name::TEXT FROM information_schema.columns WHERE table_schema = current_schema()",
    )
    .fetch_all(&mut *conn)
    .await?
    .iter()
    .map(|r| Ok((r.try_get(0)?, r.try_get(1)?)))
    .collect::<Result<std::collections::HashSet<(String, String)>, sqlx::Error>>()?;
    for t in TABLES.iter() {
        for c in &t.columns {
            if !there.contains(&(t.name.clone(), c.name.clone())) {
                out.push(format!("column missing: {}.{}", t.name, c.name));
            }
        }
    }
    if !out.is_empty() {
        return Ok(out);
    }
    let invalid = sqlx::query(
        "SELECT c.relname::TEXT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND NOT i.indisvalid",
    )
    .fetch_all(&mut *conn)
    .await?;
    for r in invalid {
        out.push(format!("index not valid: {}", r.try_get::<String, _>(0)?));
    }
    let mut to_record: Vec<(String, String)> = TABLES
        .iter()
        .filter_map(|t| Some((t.name.clone(), t.references_record.clone()?)))
        .collect();
    to_record.push((SIDE.search_doc.name.clone(), "record_id".to_owned()));
    let catalog = Catalog::standard();
    let layout = Layout::of(Arc::clone(&catalog));
    for object in catalog.objects().iter().filter(|o| o.spine) {
        if let Some(l) = layout.object(&object.key) {
            to_record.push((l.table.name.clone(), "id".to_owned()));
        }
    }
    for (table, column) in to_record {
        let sql = format!(
            "SELECT x.\"{column}\"::TEXT FROM \"{table}\" AS x WHERE NOT EXISTS (SELECT 1 FROM record AS r \
             WHERE r.workspace_id = x.workspace_id AND r.id = x.\"{column}\") LIMIT {MOST_FINDINGS}"
        );
        for r in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *conn).await? {
            out.push(format!(
                "no record: {table}.{column} {}",
                r.try_get::<String, _>(0)?
            ));
        }
    }
    out.truncate(MOST_FINDINGS);
    Ok(out)
}
