//! The schema holds nothing that PostgreSQL's kin do not carry.

/// What the migrations must not contain, in lower case.
const FORBIDDEN: &[&str] = &[
    "trigger",
    "function",
    "procedure",
    "language",
    "sequence",
    "serial",
    "identity",
    "nextval",
    "listen",
    "notify",
    "advisory",
    "savepoint",
    "gist",
    "exclude",
    "deferrable",
    "deferred",
    "temporary",
    "temp",
    "truncate",
    "extension",
    "cascade",
    "inherits",
    "rule",
];

/// What is wrong with the statements, one line each.
fn faults(sql: &str) -> Vec<String> {
    let mut out = Vec::new();
    for statement in sql.split(';').map(str::trim).filter(|s| !s.is_empty()) {
        let head = statement.lines().next().unwrap_or_default();
        // Names are in quotes and free; what is left are words of the language.
        let bare: String = statement.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        let words: Vec<String> = bare
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .map(str::to_ascii_lowercase)
            .collect();
        for f in FORBIDDEN {
            if words
                .iter()
                .any(|w| w == f || (*f == "serial" && w.ends_with("serial")))
            {
                out.push(format!("{f}: {head}"));
            }
        }
        if head.starts_with("CREATE TABLE") {
            let free = head.contains("\"meta\"");
            let keyed = statement
                .split_once("PRIMARY KEY (")
                .is_some_and(|(_, k)| k.starts_with("\"workspace_id\""));
            if !keyed && !free {
                out.push(format!("its key does not start with the workspace: {head}"));
            }
        }
        for line in statement
            .lines()
            .filter(|l| l.contains(" TEXT") && !l.contains("TEXT[]"))
        {
            if !line.contains("COLLATE \"C\"") {
                out.push(format!("compared by the server's locale: {head} {line}"));
            }
        }
    }
    out
}

#[test]
fn the_migrations_are_portable() {
    let folder = "migrations";
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let sql = std::fs::read_to_string(&path).unwrap();
        assert!(sql.matches("CREATE TABLE").count() > 20 || files > 0);
        assert_eq!(faults(&sql), Vec::<String>::new(), "{}", path.display());
        files += 1;
    }
    assert!(files > 0);
}

/// The control: each of these is found.
#[test]
fn faults_are_seen() {
    for (sql, fault) in [
        ("CREATE TRIGGER \"x\" BEFORE UPDATE ON \"y\";", "trigger"),
        (
            "CREATE TABLE \"x\" (\n  \"workspace_id\" bigserial,\n  PRIMARY KEY (\"workspace_id\")\n);",
            "serial",
        ),
        ("CREATE INDEX \"i\" ON \"x\" USING gist (\"c\");", "gist"),
        ("CREATE EXTENSION pg_trgm;", "extension"),
        (
            "ALTER TABLE \"x\" ADD FOREIGN KEY (\"a\") REFERENCES \"b\" DEFERRABLE;",
            "deferrable",
        ),
        ("CREATE FUNCTION f() RETURNS INT AS '' LANGUAGE sql;", "function"),
        (
            "CREATE TABLE \"x\" (\n  \"id\" UUID NOT NULL,\n  PRIMARY KEY (\"id\")\n);",
            "its key",
        ),
        (
            "CREATE TABLE \"x\" (\n  \"n\" TEXT NOT NULL,\n  PRIMARY KEY (\"workspace_id\")\n);",
            "compared",
        ),
    ] {
        assert!(
            faults(sql).iter().any(|f| f.starts_with(fault)),
            "{sql}: {:?}",
            faults(sql)
        );
    }
    // Names may be anything.
    assert!(faults("CREATE INDEX \"trigger\" ON \"serial\" (\"workspace_id\");").is_empty());
}
