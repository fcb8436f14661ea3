//! Search on FTS5: three contentless tables under one row id, and `search_doc` to check candidates against.

use std::fmt::Write as _;

use peyvand_core::Id;
use peyvand_store::ports::{Hit, SearchCall, SearchPhase, SearchPut};
use peyvand_store::{SqlVal, StoreError};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::engine::engine_error;
use crate::read::Bind;

/// An exact key as a token: FNV-1a, 64 bits. A collision shows a record too many, never one too few.
pub(crate) fn token(key: &str) -> String {
    let h = key.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("x{h:016x}")
}

/// Puts, replaces or takes away what search knows of a record.
pub(crate) fn put(conn: &Connection, p: &SearchPut) -> Result<(), StoreError> {
    let w = i64::from(p.workspace.0);
    let rid = match p.rid {
        Some(rid) => rid,
        None => {
            let rid: Option<i64> = conn
                .prepare_cached("SELECT rid FROM record WHERE workspace_id = ?1 AND id = ?2")
                .and_then(|mut s| s.query_row(params![w, p.record.bytes()], |r| r.get(0)).optional())
                .map_err(engine_error)?;
            let Some(rid) = rid else { return Ok(()) };
            let n = conn
                .prepare_cached("DELETE FROM search_doc WHERE workspace_id = ?1 AND rid = ?2")
                .and_then(|mut s| s.execute(params![w, rid]))
                .map_err(engine_error)?;
            if n > 0 {
                for sql in [
                    "DELETE FROM search_word WHERE rowid = ?1",
                    "DELETE FROM search_exact WHERE rowid = ?1",
                    "DELETE FROM search_gram WHERE rowid = ?1",
                ] {
                    conn.prepare_cached(sql)
                        .and_then(|mut s| s.execute([rid]))
                        .map_err(engine_error)?;
                }
            }
            rid
        }
    };
    let Some(text) = &p.text else { return Ok(()) };
    let words = text.words.join(" ");
    let plain = text.plain.join("\n");
    let exact = text
        .exact
        .iter()
        .flatten()
        .map(|k| token(k))
        .collect::<Vec<_>>()
        .join(" ");
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        conn.prepare_cached(sql)
            .and_then(|mut s| s.execute(values))
            .map(drop)
            .map_err(engine_error)
    };
    run(
        "INSERT INTO search_doc (workspace_id, rid, object, record_id, plain) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[&w, &rid, &p.object, &p.record.bytes(), &plain],
    )?;
    run(
        "INSERT INTO search_word (rowid, words) VALUES (?1, ?2)",
        &[&rid, &words],
    )?;
    if !exact.is_empty() {
        run(
            "INSERT INTO search_exact (rowid, keys) VALUES (?1, ?2)",
            &[&rid, &exact],
        )?;
    }
    run(
        "INSERT INTO search_gram (rowid, plain) VALUES (?1, ?2)",
        &[&rid, &plain],
    )
}

fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// Records found in one phase, newest first.
pub(crate) fn find(conn: &Connection, call: &SearchCall) -> Result<Vec<Hit>, StoreError> {
    let (table, query) = match call.phase {
        SearchPhase::Exact => (
            "search_exact",
            call.words
                .iter()
                .map(|k| quoted(&token(k)))
                .collect::<Vec<_>>()
                .join(" OR "),
        ),
        SearchPhase::Prefix => (
            "search_word",
            call.words
                .iter()
                .map(|w| format!("{}*", quoted(w)))
                .chain(call.whole.iter().map(|w| quoted(w)))
                .collect::<Vec<_>>()
                .join(" AND "),
        ),
        SearchPhase::Substring => {
            let mut grams: Vec<String> = Vec::new();
            for w in &call.words {
                let chars: Vec<char> = w.chars().collect();
                for g in chars.windows(3) {
                    let g = quoted(&g.iter().collect::<String>());
                    if !grams.contains(&g) {
                        grams.push(g);
                    }
                }
            }
            ("search_gram", grams.join(" AND "))
        }
    };
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let to = call.before.map_or(call.to, |b| b.min(call.to));
    let mut values = vec![
        SqlVal::Int(call.from >> 48),
        SqlVal::Text(query),
        SqlVal::Int(call.from),
        SqlVal::Int(to),
    ];
    // CROSS JOIN keeps the index outside, so that it gives the order and the walk stops when the page is full.
    let mut sql = format!(
        "SELECT d.rid, d.object, d.record_id FROM {table} AS f \
         CROSS JOIN search_doc AS d ON d.workspace_id = ? AND d.rid = f.rowid \
         WHERE f.{table} MATCH ? AND f.rowid >= ? AND f.rowid < ?"
    );
    if call.phase == SearchPhase::Substring {
        // Trigrams say "all these threes occur somewhere": the text itself says whether the word does.
        for w in &call.words {
            let _ = write!(sql, " AND instr(d.plain, ?) > 0");
            values.push(SqlVal::Text(w.clone()));
        }
    }
    sql.push_str(" ORDER BY f.rowid DESC LIMIT ?");
    values.push(SqlVal::Int(i64::from(call.limit)));
    let mut statement = conn.prepare_cached(&sql).map_err(engine_error)?;
    let mut rows = statement
        .query(params_from_iter(values.iter().map(Bind)))
        .map_err(engine_error)?;
    let mut out = Vec::new();
    while let Some(r) = rows.next().map_err(engine_error)? {
        let id: [u8; 16] = r.get(2).map_err(engine_error)?;
        out.push(Hit {
            rid: r.get(0).map_err(engine_error)?,
            object: r.get(1).map_err(engine_error)?,
            record: Id::from_bytes(id),
        });
    }
    Ok(out)
}
