//! Search on FTS5: three contentless tables under one row id, and `search_doc` to check candidates against.

use peyvand_core::Id;
use peyvand_store::lower::rid_workspace;
use peyvand_store::ports::{Hit, SearchCall, SearchPhase, SearchPut};
use peyvand_store::{SqlVal, StoreError};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use crate::engine::engine_error;
use crate::read::Bind;

/// An exact key as a token: 50 bits of FNV-1a in ten letters and digits that the tokenizer leaves alone. A collision shows a
/// record too many, never one too few; among ten million keys one look in a hundred million meets one.
pub(crate) fn token(key: &str) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let h = key.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)
    });
    (0..10)
        .map(|n| char::from(DIGITS[(h >> (14 + 5 * n)) as usize % DIGITS.len()]))
        .collect()
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

/// All threes of characters of these texts.
fn grams(texts: &[String]) -> String {
    let mut grams: Vec<String> = Vec::new();
    for text in texts {
        let chars: Vec<char> = text.chars().collect();
        for g in chars.windows(3) {
            let g = quoted(&g.iter().collect::<String>());
            if !grams.contains(&g) {
                grams.push(g);
            }
        }
    }
    grams.join(" AND ")
}

/// One look into an index, newest first.
struct Look<'a> {
    call: &'a SearchCall,
    /// The index, and what it is asked.
    table: &'static str,
    query: String,
    /// Only below this row id.
    to: i64,
    limit: u32,
    /// Only what the index of threes knows under this.
    among: Option<String>,
    /// What must occur in the text.
    texts: &'a [String],
    /// What is only said of each hit: does this occur in its text?
    said: Option<&'a String>,
}

impl<'a> Look<'a> {
    fn new(call: &'a SearchCall, table: &'static str, query: String) -> Self {
        Self {
            call,
            table,
            query,
            to: call.before.map_or(call.to, |b| b.min(call.to)),
            limit: call.limit,
            among: None,
            texts: &[],
            said: None,
        }
    }

    fn hits(&self, conn: &Connection) -> Result<Vec<(Hit, bool)>, StoreError> {
        if self.query.is_empty() {
            return Ok(Vec::new());
        }
        let table = self.table;
        let mut values = Vec::new();
        let said = self.said.map_or("1", |text| {
            values.push(SqlVal::Text(text.clone()));
            "instr(d.plain, ?) > 0"
        });
        values.extend([
            SqlVal::Int(rid_workspace(self.call.from)),
            SqlVal::Text(self.query.clone()),
            SqlVal::Int(self.call.from),
            SqlVal::Int(self.to),
        ]);
        // CROSS JOIN keeps the index outside, so that it gives the order and the walk stops when the page is full.
        let mut sql = format!(
            "SELECT d.rid, d.object, d.record_id, {said} FROM {table} AS f \
             CROSS JOIN search_doc AS d ON d.workspace_id = ? AND d.rid = f.rowid \
             WHERE f.{table} MATCH ? AND f.rowid >= ? AND f.rowid < ?"
        );
        if let Some(query) = &self.among {
            sql.push_str(" AND f.rowid IN (SELECT rowid FROM search_gram WHERE search_gram MATCH ?)");
            values.push(SqlVal::Text(query.clone()));
        }
        for text in self.texts {
            sql.push_str(" AND instr(d.plain, ?) > 0");
            values.push(SqlVal::Text(text.clone()));
        }
        sql.push_str(" ORDER BY f.rowid DESC LIMIT ?");
        values.push(SqlVal::Int(i64::from(self.limit)));
        let mut statement = conn.prepare_cached(&sql).map_err(engine_error)?;
        let mut rows = statement
            .query(params_from_iter(values.iter().map(Bind)))
            .map_err(engine_error)?;
        let mut out = Vec::new();
        while let Some(r) = rows.next().map_err(engine_error)? {
            let id: [u8; 16] = r.get(2).map_err(engine_error)?;
            let hit = Hit {
                rid: r.get(0).map_err(engine_error)?,
                object: r.get(1).map_err(engine_error)?,
                record: Id::from_bytes(id),
            };
            out.push((hit, r.get(3).map_err(engine_error)?));
        }
        Ok(out)
    }
}

/// Hits of the words whose texts are looked at one by one for what must occur in them. Where more have the words, the
/// index of threes is asked about the others: what must occur is then likely to be the rarer of both.
const LOOKED_AT: u32 = 256;

/// Records found in one phase, newest first.
pub(crate) fn find(conn: &Connection, call: &SearchCall) -> Result<Vec<Hit>, StoreError> {
    let each = |of: &dyn Fn(&String) -> String, between: &str| -> String {
        call.words.iter().map(of).collect::<Vec<_>>().join(between)
    };
    let mut look = match call.phase {
        SearchPhase::Exact => Look::new(call, "search_exact", each(&|k| quoted(&token(k)), " OR ")),
        SearchPhase::Prefix => Look::new(call, "search_word", each(&|w| format!("{}*", quoted(w)), " AND ")),
        SearchPhase::Substring => Look::new(call, "search_gram", grams(&call.words)),
    };
    if call.phase == SearchPhase::Substring {
        // The index says "all these threes occur somewhere": the text itself says whether the word does.
        look.texts = &call.words;
    }
    let mut hits = Vec::new();
    if let Some(part) = &call.within {
        look.said = Some(part);
        look.limit = LOOKED_AT;
        let found = look.hits(conn)?;
        let last = found.last().filter(|_| found.len() == LOOKED_AT as usize);
        let rest = last.map(|(hit, _)| hit.rid);
        hits.extend(found.into_iter().filter(|(_, holds)| *holds).map(|(hit, _)| hit));
        hits.truncate(call.limit as usize);
        match rest {
            Some(last) if hits.len() < call.limit as usize => look.to = last,
            _ => return Ok(hits),
        }
        look.said = None;
        look.limit = call.limit - hits.len() as u32;
        look.texts = std::slice::from_ref(part);
        look.among = Some(grams(look.texts));
    }
    hits.extend(look.hits(conn)?.into_iter().map(|(hit, _)| hit));
    Ok(hits)
}
