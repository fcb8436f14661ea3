//! Reading: selects of records and rows of side tables.

use std::fmt::Write as _;

use peyvand_core::Id;
use peyvand_store::compile::{bound, padded};
use peyvand_store::ports::{Bound, Row, RowsCall};
use peyvand_store::tables::{Kind, Table};
use peyvand_store::{Select, SqlVal, StoreError};
use rusqlite::types::{ToSqlOutput, Value as V, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use sea_query::SqliteQueryBuilder;

use crate::engine::engine_error;

/// A column value as SQLite takes it.
pub(crate) struct Bind<'a>(pub(crate) &'a SqlVal);

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            SqlVal::Null => ToSqlOutput::Owned(V::Null),
            SqlVal::Int(i) => ToSqlOutput::Owned(V::Integer(*i)),
            SqlVal::Text(s) => ToSqlOutput::Borrowed(ValueRef::Text(s.as_bytes())),
            SqlVal::Bytes(b) => ToSqlOutput::Borrowed(ValueRef::Blob(b)),
            SqlVal::Uuid(u) => ToSqlOutput::Borrowed(ValueRef::Blob(u.bytes())),
            SqlVal::Tokens(t) => ToSqlOutput::Owned(V::Text(t.join(" "))),
        })
    }
}

/// A column value that SQLite gave, as the kind that the column has.
pub(crate) fn value(v: ValueRef<'_>, kind: Kind) -> SqlVal {
    match (v, kind) {
        (ValueRef::Integer(i), _) => SqlVal::Int(i),
        (ValueRef::Text(t), _) => SqlVal::Text(match std::str::from_utf8(t) {
            Ok(s) => s.to_owned(),
            Err(_) => String::from_utf8_lossy(t).into_owned(),
        }),
        (ValueRef::Blob(b), Kind::Uuid) => <[u8; 16]>::try_from(b)
            .map_or_else(|_| SqlVal::Bytes(b.to_vec()), |a| SqlVal::Uuid(Id::from_bytes(a))),
        (ValueRef::Blob(b), _) => SqlVal::Bytes(b.to_vec()),
        (ValueRef::Null | ValueRef::Real(_), _) => SqlVal::Null,
    }
}

/// Rows of a select of records.
pub(crate) fn select(conn: &Connection, s: &Select) -> Result<Vec<Row>, StoreError> {
    let (sql, values) = s.statement.build(SqliteQueryBuilder);
    let values: Option<Vec<SqlVal>> = values.0.into_iter().map(bound).collect();
    let values =
        values.ok_or_else(|| StoreError::Engine("a value of a kind that is never bound".to_owned()))?;
    fetch(conn, &sql, &values, &s.kinds)
}

/// Rows of a side table.
pub(crate) fn rows(conn: &Connection, call: &RowsCall) -> Result<Vec<Row>, StoreError> {
    let t = &call.table;
    let mut values: Vec<SqlVal> = Vec::new();
    let mut sql = String::from("SELECT ");
    sql.push_str(&crate::ddl::quoted(
        &t.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>(),
    ));
    let _ = write!(
        sql,
        " FROM \"{}\" WHERE {}",
        t.name,
        conditions(t, &call.key, &mut values)
    );
    if let Some((at, list)) = &call.any_of {
        let before = values.len();
        values.extend(padded(list).cloned());
        let marks = vec!["?"; values.len() - before].join(", ");
        let _ = write!(sql, " AND \"{}\" IN ({marks})", t.columns[*at].name);
    }
    for (at, bound, v) in &call.bounds {
        let op = match bound {
            Bound::Lt => "<",
            Bound::Le => "<=",
            Bound::Gt => ">",
            Bound::Ge => ">=",
        };
        let _ = write!(sql, " AND \"{}\" {op} ?", t.columns[*at].name);
        values.push(v.clone());
    }
    if !call.order.is_empty() {
        let keys: Vec<String> = call
            .order
            .iter()
            .map(|(at, desc)| format!("\"{}\"{}", t.columns[*at].name, if *desc { " DESC" } else { "" }))
            .collect();
        let _ = write!(sql, " ORDER BY {}", keys.join(", "));
    }
    let _ = write!(sql, " LIMIT {}", call.limit);
    let kinds: Vec<Kind> = t.columns.iter().map(|c| c.kind).collect();
    fetch(conn, &sql, &values, &kinds)
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
            let _ = write!(out, "\"{name}\" = ?");
            values.push(v.clone());
        }
    }
    if out.is_empty() { "1".to_owned() } else { out }
}

fn fetch(conn: &Connection, sql: &str, values: &[SqlVal], kinds: &[Kind]) -> Result<Vec<Row>, StoreError> {
    let mut statement = conn.prepare_cached(sql).map_err(engine_error)?;
    let mut rows = statement
        .query(params_from_iter(values.iter().map(Bind)))
        .map_err(engine_error)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().map_err(engine_error)? {
        let mut r = Vec::with_capacity(kinds.len());
        for (i, kind) in kinds.iter().enumerate() {
            r.push(value(row.get_ref(i).map_err(engine_error)?, *kind));
        }
        out.push(r);
    }
    Ok(out)
}
