//! Rows on their way in: inserts into one table are held back and sent together, as one statement with one array per
//! column, so that its text does not depend on the number of rows and is prepared once.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

use peyvand_store::SqlVal;
use peyvand_store::ports::{OnKey, Row};
use peyvand_store::tables::{Kind, Table};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::bind::PgId;
use crate::ddl::{quoted, type_of};

/// Rows of one statement at most: bounds the memory of both sides.
const CHUNK: usize = 4000;

/// Stands between the tokens of one row, because arrays of arrays are flattened. No token holds it.
pub(crate) const TOKEN_BREAK: char = '\u{1}';

/// Rows that wait for one table.
#[derive(Debug)]
struct Waiting {
    table: Arc<Table>,
    on_key: OnKey,
    rows: Vec<Row>,
}

/// Inserts that have not been sent yet. They may be sent in another order than they came as long as nothing that was
/// asked in between reads or writes their tables: the caller flushes before such a step.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    groups: Vec<Waiting>,
}

impl Pending {
    /// Takes a row. What has to be sent before it (rows of the same table with another rule) is sent.
    pub(crate) async fn push(
        &mut self,
        conn: &mut PgConnection,
        table: &Arc<Table>,
        row: &Row,
        on_key: OnKey,
    ) -> Result<(), sqlx::Error> {
        if let Some(at) = self.groups.iter().position(|g| g.table.name == table.name) {
            if self.groups[at].on_key == on_key && self.groups[at].rows.len() < CHUNK {
                self.groups[at].rows.push(row.clone());
                return Ok(());
            }
            self.flush_table(conn, &table.name).await?;
        }
        self.groups.push(Waiting {
            table: Arc::clone(table),
            on_key,
            rows: vec![row.clone()],
        });
        Ok(())
    }

    /// Sends the rows of one table, and before them the spine that they may refer to.
    pub(crate) async fn flush_table(
        &mut self,
        conn: &mut PgConnection,
        table: &str,
    ) -> Result<(), sqlx::Error> {
        self.send(conn, "record").await?;
        self.send(conn, table).await
    }

    /// Sends everything: first the spine, then the others in the order in which they began.
    pub(crate) async fn flush(&mut self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        self.send(conn, "record").await?;
        for g in std::mem::take(&mut self.groups) {
            send(conn, g).await?;
        }
        Ok(())
    }

    async fn send(&mut self, conn: &mut PgConnection, table: &str) -> Result<(), sqlx::Error> {
        match self.groups.iter().position(|g| g.table.name == table) {
            Some(at) => send(conn, self.groups.remove(at)).await,
            None => Ok(()),
        }
    }
}

async fn send(conn: &mut PgConnection, mut g: Waiting) -> Result<(), sqlx::Error> {
    if g.on_key == OnKey::Replace {
        keep_last(&g.table, &mut g.rows);
    }
    let mut q = sqlx::query(AssertSqlSafe(text(&g.table, g.on_key)));
    for (at, c) in g.table.columns.iter().enumerate() {
        let values = g.rows.iter().map(|r| r.get(at).unwrap_or(&SqlVal::Null));
        q = match c.kind {
            Kind::Int => q.bind(values.map(SqlVal::int).collect::<Vec<_>>()),
            Kind::Text => q.bind(values.map(SqlVal::text).collect::<Vec<_>>()),
            Kind::Bytes => q.bind(values.map(SqlVal::bytes).collect::<Vec<_>>()),
            Kind::Uuid => q.bind(values.map(|v| v.uuid().map(PgId)).collect::<Vec<_>>()),
            Kind::Tokens => q.bind(values.map(joined).collect::<Vec<_>>()),
        };
    }
    q.execute(conn).await.map(drop)
}

fn joined(v: &SqlVal) -> Option<String> {
    match v {
        SqlVal::Tokens(t) => Some(t.join(&TOKEN_BREAK.to_string())),
        _ => None,
    }
}

/// Of rows with one key only the last: one statement may not replace a row twice.
fn keep_last(table: &Table, rows: &mut Vec<Row>) {
    let key: Vec<usize> = table.primary.iter().map(|c| table.at(c)).collect();
    let mut seen: HashSet<Vec<SqlVal>> = HashSet::with_capacity(rows.len());
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows.drain(..).rev() {
        let k = key.iter().filter_map(|&at| row.get(at).cloned()).collect();
        if seen.insert(k) {
            kept.push(row);
        }
    }
    kept.reverse();
    *rows = kept;
}

fn text(t: &Table, on_key: OnKey) -> String {
    let names: Vec<String> = t.columns.iter().map(|c| c.name.clone()).collect();
    let mut arrays = Vec::with_capacity(names.len());
    let mut columns = Vec::with_capacity(names.len());
    for (n, c) in t.columns.iter().enumerate() {
        if c.kind == Kind::Tokens {
            arrays.push(format!("${}::TEXT[]", n + 1));
            // An empty text is an empty list.
            columns.push(format!("string_to_array(u.c{n}, chr({}))", TOKEN_BREAK as u32));
        } else {
            arrays.push(format!("${}::{}[]", n + 1, type_of(c.kind)));
            columns.push(format!("u.c{n}"));
        }
    }
    let aliases: Vec<String> = (0..names.len()).map(|n| format!("c{n}")).collect();
    let mut sql = format!(
        "INSERT INTO \"{}\" ({}) SELECT {} FROM UNNEST({}) AS u ({})",
        t.name,
        quoted(&names),
        columns.join(", "),
        arrays.join(", "),
        aliases.join(", ")
    );
    match on_key {
        OnKey::Fail => {}
        OnKey::Keep => sql.push_str(" ON CONFLICT DO NOTHING"),
        OnKey::Replace => {
            let sets: Vec<String> = names
                .iter()
                .filter(|n| !t.primary.contains(n))
                .map(|n| format!("\"{n}\" = excluded.\"{n}\""))
                .collect();
            let _ = write!(sql, " ON CONFLICT ({}) DO ", quoted(&t.primary));
            if sets.is_empty() {
                sql.push_str("NOTHING");
            } else {
                let _ = write!(sql, "UPDATE SET {}", sets.join(", "));
            }
        }
    }
    sql
}

/// What search shall know, last word per record: kept until the end of the plan, because nothing else reads it.
pub(crate) type Puts<'p> = HashMap<(i64, peyvand_core::Id), &'p peyvand_store::SearchPut>;
