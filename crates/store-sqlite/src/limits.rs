//! Bare loops over the same database, with nothing of the product in the way: what the bench holds its figures against.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use peyvand_core::Id;
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::{SqlVal, StoreError};
use rusqlite::{Connection, OpenFlags, params_from_iter};

use crate::engine::{Options, engine_error, open};
use crate::migrate;
use crate::read::Bind;
use crate::search::token;

/// Writes rows that have been made by somebody else.
#[derive(Debug)]
pub struct BareWriter {
    conn: Connection,
}

/// A row and the statement that writes it.
type BareRow = (usize, Vec<SqlVal>);

impl BareWriter {
    /// A fresh database with the schema of the product and its settings.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let mut conn = open(path, &Options::default(), true)?;
        migrate::run(&mut conn)?;
        // Rows are taken as they come: what they lead to may have been there before.
        conn.pragma_update(None, "foreign_keys", "OFF")
            .map_err(engine_error)?;
        Ok(Self { conn })
    }

    /// Writes the rows of these plans in one transaction, and says how long that took. Steps that read or change are
    /// left out.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn write(&mut self, plans: &[&Plan]) -> Result<Duration, StoreError> {
        let mut texts: Vec<String> = Vec::new();
        let mut known: HashMap<(String, bool), usize> = HashMap::new();
        let mut rows: Vec<BareRow> = Vec::new();
        for step in plans.iter().flat_map(|p| &p.steps) {
            match step {
                Step::Insert { table, row, on_key } => {
                    let replace = *on_key == OnKey::Replace;
                    let at = *known.entry((table.name.clone(), replace)).or_insert_with(|| {
                        let names: Vec<String> = table.columns.iter().map(|c| c.name.clone()).collect();
                        let marks = vec!["?"; names.len()].join(", ");
                        let verb = if replace {
                            "INSERT OR REPLACE"
                        } else {
                            "INSERT OR IGNORE"
                        };
                        texts.push(format!(
                            "{verb} INTO \"{}\" ({}) VALUES ({marks})",
                            table.name,
                            crate::ddl::quoted(&names)
                        ));
                        texts.len() - 1
                    });
                    rows.push((at, row.clone()));
                }
                Step::Search(put) => {
                    let (Some(rid), Some(text)) = (put.rid, &put.text) else {
                        continue;
                    };
                    let mut fts = |sql: &str, values: Vec<SqlVal>| {
                        let at = *known.entry((sql.to_owned(), false)).or_insert_with(|| {
                            texts.push(sql.to_owned());
                            texts.len() - 1
                        });
                        rows.push((at, values));
                    };
                    let plain = text.plain.join("\n");
                    let exact: Vec<String> = text.exact.iter().flatten().map(|k| token(k)).collect();
                    fts(
                        "INSERT INTO search_doc (workspace_id, rid, object, record_id, plain) VALUES (?, ?, ?, ?, ?)",
                        vec![
                            i64::from(put.workspace.0).into(),
                            rid.into(),
                            put.object.as_str().into(),
                            put.record.into(),
                            plain.as_str().into(),
                        ],
                    );
                    fts(
                        "INSERT INTO search_word (rowid, words) VALUES (?, ?)",
                        vec![rid.into(), text.words.join(" ").as_str().into()],
                    );
                    if !exact.is_empty() {
                        fts(
                            "INSERT INTO search_exact (rowid, keys) VALUES (?, ?)",
                            vec![rid.into(), exact.join(" ").as_str().into()],
                        );
                    }
                    fts(
                        "INSERT INTO search_gram (rowid, plain) VALUES (?, ?)",
                        vec![rid.into(), plain.as_str().into()],
                    );
                }
                _ => {}
            }
        }
        let begun = Instant::now();
        let tx = self.conn.transaction().map_err(engine_error)?;
        {
            let mut statements = texts
                .iter()
                .map(|t| tx.prepare_cached(t))
                .collect::<rusqlite::Result<Vec<_>>>()
                .map_err(engine_error)?;
            for (at, row) in &rows {
                if let Some(s) = statements.get_mut(*at) {
                    s.execute(params_from_iter(row.iter().map(Bind)))
                        .map_err(engine_error)?;
                }
            }
        }
        tx.commit().map_err(engine_error)?;
        Ok(begun.elapsed())
    }
}

/// Reads records and writes them as JSON by hand.
#[derive(Debug)]
pub struct BareReader {
    conn: Connection,
}

impl BareReader {
    /// Opens a database of the product for reading.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            conn: open(path, &Options::default(), false)?,
        })
    }

    /// Fifty contacts of a city (folded), newest first, older than `before`, as JSON, and with `total` how many there are
    /// in all, up to ten thousand and one.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn contacts_of_city(
        &self,
        workspace: i32,
        city: &str,
        before: Id,
        total: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let count = "SELECT count(*) FROM (SELECT 1 FROM contact WHERE workspace_id = ?1 AND deleted_at IS NULL \
                     AND city__fold = ?2 LIMIT 10001)";
        self.page(
            "SELECT * FROM contact WHERE workspace_id = ?1 AND deleted_at IS NULL AND city__fold = ?2 AND id < ?3 \
             ORDER BY id DESC LIMIT 51",
            total.then_some(count),
            workspace,
            city,
            before,
            out,
        )
        .map_err(engine_error)
    }

    fn page(
        &self,
        list: &str,
        count: Option<&str>,
        workspace: i32,
        city: &str,
        before: Id,
        out: &mut Vec<u8>,
    ) -> rusqlite::Result<()> {
        use rusqlite::types::ValueRef;
        use std::io::Write as _;
        out.clear();
        let mut statement = self.conn.prepare_cached(list)?;
        let names: Vec<String> = statement.column_names().map(|n| format!("\"{n}\":")).collect();
        let mut rows = statement.query(rusqlite::params![workspace, city, before.bytes()])?;
        out.extend_from_slice(b"{\"data\":[");
        while let Some(row) = rows.next()? {
            out.push(b'{');
            for (i, name) in names.iter().enumerate() {
                out.extend_from_slice(name.as_bytes());
                match row.get_ref(i)? {
                    ValueRef::Integer(n) => drop(write!(out, "{n}")),
                    ValueRef::Text(t) => {
                        out.push(b'"');
                        for &b in t {
                            if matches!(b, b'"' | b'\\') {
                                out.push(b'\\');
                            }
                            out.push(b);
                        }
                        out.push(b'"');
                    }
                    ValueRef::Blob(b) => {
                        out.push(b'"');
                        out.extend_from_slice(hex::encode(b).as_bytes());
                        out.push(b'"');
                    }
                    ValueRef::Null | ValueRef::Real(_) => out.extend_from_slice(b"null"),
                }
                out.push(b',');
            }
            out.push(b'}');
        }
        out.push(b']');
        if let Some(count) = count {
            let mut statement = self.conn.prepare_cached(count)?;
            let n: i64 = statement.query_row(rusqlite::params![workspace, city], |r| r.get(0))?;
            drop(write!(out, ",\"count\":{n}"));
        }
        out.push(b'}');
        Ok(())
    }
}

/// Bytes of the database file, with what lies in its log written back.
///
/// # Errors
/// What SQLite says.
pub fn size(path: &Path) -> Result<u64, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(engine_error)?;
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(engine_error)?;
    let pages: i64 = conn
        .query_row("PRAGMA page_count", [], |r| r.get(0))
        .map_err(engine_error)?;
    let bytes: i64 = conn
        .query_row("PRAGMA page_size", [], |r| r.get(0))
        .map_err(engine_error)?;
    Ok((pages * bytes) as u64)
}
