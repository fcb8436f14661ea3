//! Reading: selects of records and rows of side tables.

use std::fmt::Write as _;

use peyvand_store::compile::bound;
use peyvand_store::ports::{Bound, Row, RowsCall};
use peyvand_store::tables::{Kind, Table};
use peyvand_store::{Reach, Select, SqlVal, StoreError};
use sea_query::PostgresQueryBuilder;
use sqlx::{AssertSqlSafe, Row as _};

use crate::bind::{bind, own_kind, value};
use crate::door::Door;
use crate::error::engine_error;

/// Rows of a select of records.
pub(crate) async fn select(door: &Door, s: &Select) -> Result<Vec<Row>, StoreError> {
    let (sql, values) = s.statement.build(PostgresQueryBuilder);
    let values: Option<Vec<SqlVal>> = values.0.into_iter().map(bound).collect();
    let values =
        values.ok_or_else(|| StoreError::Engine("a value of a kind that is never bound".to_owned()))?;
    fetch(door, s.reach, sql, &values, &s.kinds).await
}

/// Rows of a side table.
pub(crate) async fn rows(door: &Door, call: &RowsCall) -> Result<Vec<Row>, StoreError> {
    let reach = call.reaches()?;
    let t = &call.table;
    let mut values: Vec<SqlVal> = Vec::new();
    let names: Vec<String> = t.columns.iter().map(|c| c.name.clone()).collect();
    let mut sql = format!(
        "SELECT {} FROM \"{}\" WHERE {}",
        crate::ddl::quoted(&names),
        t.name,
        conditions(t, &call.key, &mut values)
    );
    if let Some((at, list)) = &call.any_of {
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let marks: Vec<String> = (1..=list.len())
            .map(|n| format!("${}", values.len() + n))
            .collect();
        let _ = write!(sql, " AND \"{}\" IN ({})", t.columns[*at].name, marks.join(", "));
        values.extend(list.iter().cloned());
    }
    for (at, bound, v) in &call.bounds {
        let op = match bound {
            Bound::Lt => "<",
            Bound::Le => "<=",
            Bound::Gt => ">",
            Bound::Ge => ">=",
        };
        values.push(v.clone());
        let _ = write!(sql, " AND \"{}\" {op} ${}", t.columns[*at].name, values.len());
    }
    let mut keys: Vec<String> = call
        .order
        .iter()
        .map(|(at, desc)| {
            let c = &t.columns[*at];
            format!("\"{}\"{}", c.name, direction(*desc, c.nullable))
        })
        .collect();
    // Behind the wished order the primary key, where it is not fixed: equal rows never change places between calls.
    for name in &t.primary {
        let at = t.at(name);
        let settled = call.key.iter().any(|(k, _)| *k == at) || call.order.iter().any(|(o, _)| *o == at);
        if !settled {
            keys.push(format!("\"{name}\""));
        }
    }
    if !keys.is_empty() {
        let _ = write!(sql, " ORDER BY {}", keys.join(", "));
    }
    let _ = write!(sql, " LIMIT {}", call.limit);
    let kinds: Vec<Kind> = t.columns.iter().map(|c| c.kind).collect();
    fetch(door, reach, sql, &values, &kinds).await
}

/// Empty values come first, as on SQLite. Said only where there can be some: it keeps the index from serving the order.
const fn direction(descending: bool, nullable: bool) -> &'static str {
    match (descending, nullable) {
        (false, false) => "",
        (false, true) => " NULLS FIRST",
        (true, false) => " DESC",
        (true, true) => " DESC NULLS LAST",
    }
}

/// The conditions of a key; values in the order of their marks. Names come from the layout, never from outside.
pub(crate) fn conditions(t: &Table, key: &[(usize, SqlVal)], values: &mut Vec<SqlVal>) -> String {
    let mut out = String::new();
    for (at, v) in key {
        if !out.is_empty() {
            out.push_str(" AND ");
        }
        let name = &t.columns[*at].name;
        if *v == SqlVal::Null {
            let _ = write!(out, "\"{name}\" IS NULL");
        } else {
            values.push(v.clone());
            let _ = write!(out, "\"{name}\" = ${}", values.len());
        }
    }
    if out.is_empty() { "TRUE".to_owned() } else { out }
}

async fn fetch(
    door: &Door,
    reach: Reach,
    sql: String,
    values: &[SqlVal],
    kinds: &[Kind],
) -> Result<Vec<Row>, StoreError> {
    let mut q = sqlx::query(AssertSqlSafe(sql));
    for v in values {
        q = bind(q, v, own_kind(v));
    }
    let mut tx = door.enter(reach).await.map_err(engine_error)?;
    let rows = q.fetch_all(&mut *tx).await.map_err(engine_error)?;
    drop(tx);
    rows.iter()
        .map(|row| {
            kinds
                .iter()
                .enumerate()
                .map(|(i, kind)| {
                    let raw = row.try_get_raw(i).map_err(engine_error)?;
                    value(raw, *kind).map_err(|e| StoreError::Engine(e.to_string()))
                })
                .collect()
        })
        .collect()
}
