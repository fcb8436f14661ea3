//! The tables of the layout as SQLite's statements.

use std::fmt::Write as _;

use peyvand_store::tables::{Index, Kind, Table};

/// The full-text tables and what keeps append-only tables so.
const SEARCH: &str = r#"CREATE VIRTUAL TABLE "search_word" USING fts5(words, content='', contentless_delete=1, tokenize='ascii', prefix='1 2 4 6 8', detail=none);
CREATE VIRTUAL TABLE "search_exact" USING fts5(keys, content='', contentless_delete=1, tokenize='ascii', detail=none);
CREATE VIRTUAL TABLE "search_gram" USING fts5(plain, content='', contentless_delete=1, tokenize='trigram case_sensitive 1', detail=none);
"#;

/// Every statement of a fresh schema, one after the other.
#[must_use]
pub fn schema(tables: &[std::sync::Arc<Table>]) -> String {
    let mut out = String::new();
    for t in tables {
        out.push_str(&table(t));
        for i in &t.indexes {
            out.push_str(&index(t, i));
        }
        if t.append_only {
            for verb in ["UPDATE", "DELETE"] {
                let _ = writeln!(
                    out,
                    r#"CREATE TRIGGER "{name}_no_{lower}" BEFORE {verb} ON "{name}" BEGIN SELECT RAISE(ABORT, 'append-only'); END;"#,
                    name = t.name,
                    lower = verb.to_lowercase(),
                );
            }
        }
    }
    out.push_str(SEARCH);
    out
}

fn table(t: &Table) -> String {
    let mut out = format!("CREATE TABLE \"{}\" (\n", t.name);
    for c in &t.columns {
        let ty = match c.kind {
            Kind::Int => "INTEGER",
            Kind::Text | Kind::Tokens => "TEXT",
            Kind::Bytes | Kind::Uuid => "BLOB",
        };
        let _ = writeln!(
            out,
            "  \"{}\" {ty}{},",
            c.name,
            if c.nullable { "" } else { " NOT NULL" }
        );
    }
    let _ = write!(out, "  PRIMARY KEY ({})", quoted(&t.primary));
    if let Some(column) = &t.references_record {
        let _ = write!(
            out,
            ",\n  FOREIGN KEY (\"workspace_id\", \"{column}\") REFERENCES \"record\" (\"workspace_id\", \"id\")"
        );
    }
    out.push_str(if t.clustered {
        "\n) STRICT, WITHOUT ROWID;\n"
    } else {
        "\n) STRICT;\n"
    });
    out
}

fn index(t: &Table, i: &Index) -> String {
    let mut wheres = Vec::new();
    if i.live_only {
        wheres.push("\"deleted_at\" IS NULL".to_owned());
    }
    if let Some(c) = &i.not_null {
        wheres.push(format!("\"{c}\" IS NOT NULL"));
    }
    let tail = if wheres.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", wheres.join(" AND "))
    };
    format!(
        "CREATE {}INDEX \"{}\" ON \"{}\" ({}){tail};\n",
        if i.unique { "UNIQUE " } else { "" },
        i.name,
        t.name,
        quoted(&i.columns)
    )
}

/// Names in quotes, joined by commas.
#[must_use]
pub fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|n| format!("\"{n}\""))
        .collect::<Vec<_>>()
        .join(", ")
}
