//! Search by tokens of our own: one array per record with an inverted index. A token begins with the workspace, then
//! what it is: `^` the first one, two, three or five characters of a word, `~` three characters in a row of the text, `=` an
//! exact key. Tokens find candidates, the text of `search_doc` says whether they are hits.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use peyvand_core::{Id, WorkspaceId};
use peyvand_store::lower::rid_workspace;
use peyvand_store::ports::{Hit, OnKey, SearchCall, SearchPhase, SearchPut};
use peyvand_store::tables::SIDE;
use peyvand_store::{Reach, SqlVal, StoreError};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::bind::{PgId, bind, own_kind};
use crate::door::Door;
use crate::error::engine_error;
use crate::insert::{Pending, Puts, TOKEN_BREAK};
use crate::write::ids;

/// Rows that are looked at one by one, newest first, before the index is asked for beginnings of words: where a beginning is
/// common the page is full before they end, and the index would list all who have it.
const WALK: i64 = 512;
/// The same where no word has more than two letters, which a good part of the workspace has.
const WALK_FAR: i64 = 2048;
/// Looked at further where one row in so many was a hit: up to here that is less work than all hits of the index.
const COMMON: i64 = 128;

/// The inverted index takes no longer keys than about 2,700 bytes; beyond this a key stands as its hash.
const LONGEST_KEY: usize = 200;

fn exact_token(workspace: i64, key: &str) -> String {
    if key.len() <= LONGEST_KEY {
        format!("{workspace}={key}")
    } else {
        format!("{workspace}=#{}", hex::encode(Sha256::digest(key.as_bytes())))
    }
}

/// Beginnings of a word that are tokens, in characters. Three tell a typed name from most others, five also Mohammad-Reza
/// from the Mohammads.
const HEADS: [usize; 4] = [1, 2, 3, 5];

/// The beginning of a word of so many characters; none of a shorter word.
fn head(word: &str, length: usize) -> Option<&str> {
    let (at, last) = word.char_indices().nth(length - 1)?;
    word.get(..at + last.len_utf8())
}

/// The longest of the tokens that every record with a word of this beginning has.
fn prefix_token(workspace: i64, word: &str) -> String {
    let head = HEADS.into_iter().rev().find_map(|n| head(word, n));
    format!("{workspace}^{}", head.unwrap_or_default())
}

fn grams(workspace: i64, text: &str, out: &mut BTreeSet<String>) {
    let chars: Vec<char> = text.chars().collect();
    for g in chars.windows(3) {
        let g: String = g.iter().collect();
        if storable(&g) {
            out.insert(format!("{workspace}~{g}"));
        }
    }
}

/// Neither what separates tokens nor what the server cannot keep in a text.
fn storable(token: &str) -> bool {
    !token.contains(['\0', TOKEN_BREAK])
}

fn clean(text: &str) -> String {
    text.replace('\0', "")
}

/// All tokens of a record, each once.
fn tokens(workspace: i64, text: &peyvand_record::derive::SearchText) -> Vec<String> {
    let mut out = BTreeSet::new();
    for word in text
        .words
        .iter()
        .flat_map(|w| w.split(' '))
        .filter(|w| !w.is_empty())
    {
        let heads = HEADS.into_iter().filter_map(|n| head(word, n));
        out.extend(heads.map(|h| format!("{workspace}^{h}")));
    }
    for line in text.plain.iter().flat_map(|p| p.split('\n')) {
        grams(workspace, line, &mut out);
    }
    out.extend(text.exact.iter().flatten().map(|k| exact_token(workspace, k)));
    out.retain(|t| storable(t));
    out.into_iter().collect()
}

/// Puts, replaces or takes away what search knows of records.
pub(crate) async fn put(conn: &mut PgConnection, puts: &Puts<'_>) -> Result<(), sqlx::Error> {
    let mut by_workspace: HashMap<i64, Vec<&SearchPut>> = HashMap::new();
    for ((w, _), p) in puts {
        by_workspace.entry(*w).or_default().push(p);
    }
    for (w, mut list) in by_workspace {
        list.sort_by_key(|p| p.record);
        let mut rids: HashMap<Id, i64> = list.iter().filter_map(|p| Some((p.record, p.rid?))).collect();
        let known = ids(list.iter().filter(|p| p.rid.is_none()).map(|p| p.record));
        if !known.is_empty() {
            let rows = sqlx::query("SELECT id, rid FROM record WHERE workspace_id = $1 AND id = ANY($2)")
                .bind(w)
                .bind(known)
                .fetch_all(&mut *conn)
                .await?;
            let mut found = Vec::with_capacity(rows.len());
            for r in rows {
                let rid: i64 = r.try_get(1)?;
                rids.insert(r.try_get::<PgId, _>(0)?.0, rid);
                found.push(rid);
            }
            sqlx::query("DELETE FROM search_doc WHERE workspace_id = $1 AND rid = ANY($2)")
                .bind(w)
                .bind(found)
                .execute(&mut *conn)
                .await?;
        }
        let mut pending = Pending::default();
        for p in list {
            let (Some(text), Some(rid)) = (&p.text, rids.get(&p.record)) else {
                continue;
            };
            let row = vec![
                SqlVal::Int(w),
                SqlVal::Int(*rid),
                SqlVal::Text(p.object.clone()),
                SqlVal::Uuid(p.record),
                SqlVal::Text(clean(&text.plain.join("\n"))),
                SqlVal::Text(clean(&text.words.join(" "))),
                SqlVal::Tokens(tokens(w, text)),
            ];
            pending.push(conn, &SIDE.search_doc, &row, OnKey::Fail).await?;
        }
        pending.flush(conn).await?;
    }
    Ok(())
}

/// Records found in one phase, newest first.
pub(crate) async fn find(door: &Door, call: &SearchCall) -> Result<Vec<Hit>, StoreError> {
    let w = rid_workspace(call.from);
    let reach = i32::try_from(w).map_or(Reach::Nowhere, |w| Reach::Workspace(WorkspaceId(w)));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for word in &call.words {
        match call.phase {
            SearchPhase::Exact => {
                wanted.insert(exact_token(w, word));
            }
            SearchPhase::Prefix if word.is_empty() => {}
            SearchPhase::Prefix => {
                wanted.insert(prefix_token(w, word));
            }
            SearchPhase::Substring => grams(w, word, &mut wanted),
        }
    }
    if let Some(part) = &call.within {
        grams(w, part, &mut wanted);
    }
    wanted.retain(|t| storable(t));
    if wanted.is_empty() || call.words.iter().chain(&call.within).any(|w| w.contains('\0')) {
        return Ok(Vec::new());
    }
    let wanted: Vec<String> = wanted.into_iter().collect();
    let mut tx = door.enter(reach).await.map_err(engine_error)?;
    let mut to = call.before.map_or(call.to, |b| b.min(call.to));
    let mut hits = Vec::new();
    if call.phase == SearchPhase::Prefix {
        let limit = call.limit as usize;
        let short = call.words.iter().all(|w| w.chars().count() <= 2);
        let mut rows = if short { WALK_FAR } else { WALK };
        // Twice at most: what the first rows hold says how far the second walk has to go.
        for _ in 0..2 {
            let (found, end) = walk(&mut tx, call, w, to, limit - hits.len(), rows).await?;
            hits.extend(found);
            match end {
                Some(end) if hits.len() < limit => to = end,
                _ => return Ok(hits),
            }
            let seen = hits.len() as i64;
            if seen * COMMON < rows {
                break;
            }
            // Half as many again as it takes when hits lie everywhere as they do here.
            rows = rows * (limit as i64 - seen) / seen * 3 / 2 + 1;
        }
    }
    let mut values = vec![
        SqlVal::Int(w),
        SqlVal::Int(call.from),
        SqlVal::Int(to),
        SqlVal::Int(i64::from(call.limit) - hits.len() as i64),
        SqlVal::Tokens(wanted),
    ];
    let checked = recheck(call, &mut values);
    let place = "workspace_id = $1 AND rid >= $2 AND rid < $3";
    let of = match call.phase {
        SearchPhase::Exact => "&&",
        SearchPhase::Prefix | SearchPhase::Substring => "@>",
    };
    // Few records are left to be found, often none. The server takes it that one in two hundred has what it has not counted,
    // and that the newest rows are the shorter way to the first of them: it would unpack the tokens of all.
    let sql = format!(
        "WITH found AS MATERIALIZED (SELECT workspace_id, rid, object, record_id FROM search_doc \
         WHERE tokens {of} $5{checked}) \
         SELECT rid, object, record_id FROM found WHERE {place} ORDER BY rid DESC LIMIT $4"
    );
    hits.extend(fetch(&mut tx, sql, &values).await?);
    Ok(hits)
}

/// What the text itself must say.
fn recheck(call: &SearchCall, values: &mut Vec<SqlVal>) -> String {
    let mut out = String::new();
    for word in call.words.iter().filter(|w| !w.is_empty()) {
        let (text, needle) = match call.phase {
            SearchPhase::Exact => break,
            SearchPhase::Prefix => ("' ' || words", format!(" {word}")),
            SearchPhase::Substring => ("plain", word.clone()),
        };
        values.push(SqlVal::Text(needle));
        let _ = write!(out, " AND strpos({text}, ${}) > 0", values.len());
    }
    if let Some(part) = &call.within {
        values.push(SqlVal::Text(part.clone()));
        let _ = write!(out, " AND strpos(plain, ${}) > 0", values.len());
    }
    out
}

/// The hits among so many of the newest rows below a row id, at most `limit`, and the row id where the walk ended; none when
/// it saw the whole range, or enough.
async fn walk(
    conn: &mut PgConnection,
    call: &SearchCall,
    w: i64,
    to: i64,
    limit: usize,
    rows: i64,
) -> Result<(Vec<Hit>, Option<i64>), StoreError> {
    let mut values = vec![
        SqlVal::Int(w),
        SqlVal::Int(call.from),
        SqlVal::Int(to),
        SqlVal::Int(limit as i64),
        SqlVal::Int(rows),
    ];
    let newest = "FROM search_doc WHERE workspace_id = $1 AND rid >= $2 AND rid < $3 ORDER BY rid DESC LIMIT";
    let sql = format!(
        "SELECT rid, object, record_id FROM (SELECT rid, object, record_id, words, plain {newest} $5) AS newest \
         WHERE TRUE{} ORDER BY rid DESC LIMIT $4",
        recheck(call, &mut values)
    );
    let hits = fetch(conn, sql, &values).await?;
    if hits.len() >= limit {
        return Ok((hits, None));
    }
    let row = sqlx::query(AssertSqlSafe(format!(
        "SELECT count(*), min(rid) FROM (SELECT rid {newest} $4) AS newest"
    )))
    .bind(w)
    .bind(call.from)
    .bind(to)
    .bind(rows)
    .fetch_one(conn)
    .await
    .map_err(engine_error)?;
    let seen: i64 = row.try_get(0).map_err(engine_error)?;
    let end: Option<i64> = row.try_get(1).map_err(engine_error)?;
    Ok((hits, end.filter(|_| seen >= rows)))
}

async fn fetch(conn: &mut PgConnection, sql: String, values: &[SqlVal]) -> Result<Vec<Hit>, StoreError> {
    // Planned each time: whether the inverted index or the newest rows are the shorter way depends on the words.
    let mut q = sqlx::query(AssertSqlSafe(sql)).persistent(false);
    for v in values {
        q = bind(q, v, own_kind(v));
    }
    let rows = q.fetch_all(conn).await.map_err(engine_error)?;
    rows.iter().map(|r| hit(r).map_err(engine_error)).collect()
}

fn hit(r: &PgRow) -> Result<Hit, sqlx::Error> {
    Ok(Hit {
        rid: r.try_get(0)?,
        object: r.try_get(1)?,
        record: r.try_get::<PgId, _>(2)?.0,
    })
}
