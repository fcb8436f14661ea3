//! The tables of the layout as PostgreSQL's statements. Only what its kin understand too: no triggers, sequences,
//! functions, extensions or deferrable constraints.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use peyvand_catalog::Catalog;
use peyvand_store::Layout;
use peyvand_store::tables::{Index, Kind, SIDE, Table};

/// PostgreSQL cuts longer names silently.
const LONGEST_NAME: usize = 63;

/// The tables that the migrations make: the side tables and those of the standard catalog.
pub(crate) static TABLES: LazyLock<Vec<Arc<Table>>> = LazyLock::new(|| {
    let mut tables = SIDE.all();
    tables.extend(Layout::of(Catalog::standard()).tables());
    tables
});

/// A table and the columns of one of its keys.
type UniqueKey = (Arc<Table>, Vec<String>);

/// The name of a unique constraint or index → its table and columns, to say what a refused row collides with. The
/// server's own words for it are translated into its language and cannot be read.
pub(crate) static KEYS: LazyLock<HashMap<String, UniqueKey>> = LazyLock::new(|| {
    let mut keys = HashMap::new();
    for t in TABLES.iter() {
        keys.insert(primary_name(t), (Arc::clone(t), t.primary.clone()));
        for i in t.indexes.iter().filter(|i| i.unique) {
            keys.insert(short(&i.name), (Arc::clone(t), i.columns.clone()));
        }
    }
    keys
});

/// Every statement of a fresh schema, one after the other.
#[must_use]
pub fn schema(tables: &[Arc<Table>]) -> String {
    let mut out = String::new();
    for t in tables {
        out.push_str(&table(t));
        for i in &t.indexes {
            out.push_str(&index(t, i));
        }
        for c in t.columns.iter().filter(|c| c.kind == Kind::Tokens) {
            let _ = writeln!(
                out,
                "CREATE INDEX \"ix_{t}__{c}\" ON \"{t}\" USING gin (\"{c}\");",
                t = t.name,
                c = c.name
            );
            // By itself the server knows the hundred commonest tokens or so and takes all others for one in two hundred rows:
            // for a rare one it would walk through the whole table.
            let _ = writeln!(
                out,
                "ALTER TABLE \"{t}\" ALTER COLUMN \"{c}\" SET STATISTICS 1000;",
                t = t.name,
                c = c.name
            );
        }
    }
    out
}

/// The name of the constraint of the primary key.
pub(crate) fn primary_name(t: &Table) -> String {
    short(&format!("pk_{}", t.name))
}

/// A name that PostgreSQL keeps as it is: one that is too long ends in the hash of the whole.
pub(crate) fn short(name: &str) -> String {
    if name.len() <= LONGEST_NAME {
        return name.to_owned();
    }
    let h = name.bytes().fold(0x811C_9DC5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    // Names of tables and columns are ASCII.
    let head: String = name.chars().take(LONGEST_NAME - 9).collect();
    format!("{head}_{h:08x}")
}

/// The type of a column.
pub(crate) const fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "BIGINT",
        Kind::Text => "TEXT",
        Kind::Bytes => "BYTEA",
        Kind::Uuid => "UUID",
        Kind::Tokens => "TEXT[]",
    }
}

fn table(t: &Table) -> String {
    let mut out = format!("CREATE TABLE \"{}\" (\n", t.name);
    for c in &t.columns {
        let _ = writeln!(
            out,
            "  \"{}\" {}{}{},",
            c.name,
            type_of(c.kind),
            // Texts are compared by bytes, whatever the locale of the server.
            if c.kind == Kind::Text {
                " COLLATE \"C\""
            } else {
                ""
            },
            if c.nullable { "" } else { " NOT NULL" }
        );
    }
    let _ = write!(
        out,
        "  CONSTRAINT \"{}\" PRIMARY KEY ({})",
        primary_name(t),
        quoted(&t.primary)
    );
    if let Some(column) = &t.references_record {
        let _ = write!(
            out,
            ",\n  CONSTRAINT \"{}\" FOREIGN KEY (\"workspace_id\", \"{column}\") REFERENCES \"record\" (\"workspace_id\", \"id\")",
            short(&format!("fk_{}__{column}", t.name))
        );
    }
    out.push_str("\n);\n");
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
        short(&i.name),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_apart_when_they_are_cut() {
        let mut all: Vec<String> = Vec::new();
        for t in TABLES.iter() {
            all.push(t.name.clone());
            all.push(primary_name(t));
            all.extend(t.indexes.iter().map(|i| short(&i.name)));
        }
        let count = all.len();
        assert!(all.iter().all(|n| n.len() <= LONGEST_NAME));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "two things of the schema have one name");
        // Two long names with one beginning.
        let long = "ix_".to_owned() + &"a".repeat(80);
        assert_ne!(short(&format!("{long}b")), short(&format!("{long}c")));
        assert_eq!(short(&long).len(), LONGEST_NAME);
    }

    #[test]
    fn the_migration_is_the_schema_of_the_layout() {
        assert_eq!(schema(&TABLES), include_str!("../migrations/0001_start.sql"));
    }
}
