//! What no source may contain: SQL outside the database adapters, ignored tests, paths of somebody's machine.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::Regex;
use std::path::{Path, PathBuf};

/// The only crates that speak SQL.
const ADAPTERS: &[&str] = &["crates/store-sqlite/", "crates/store-postgres/"];

/// Folders that hold no source of ours.
const NOT_OURS: &[&str] = &["target", ".git", "node_modules", "peyvand-data"];

/// Endings of files whose text is checked for paths of a machine.
const TEXTS: &[&str] = &[
    "rs", "toml", "md", "ftl", "html", "css", "js", "mjs", "json", "sh", "sql", "txt", "yml", "yaml", "csv",
];

/// The folder of the workspace: cargo runs tests in the folder of their package. No path is compiled in, so that a
/// moved checkout stays right.
fn root() -> PathBuf {
    PathBuf::from("..")
}

/// Files under the root by their path from it, with forward slashes.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)
            .expect("a folder of the workspace opens")
            .flatten()
        {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !NOT_OURS.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if let Ok(inside) = path.strip_prefix(root) {
                found.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn has_ending(file: &str, ending: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// What the checks read of a Rust source: its string literals with their lines, and the lines of ignored tests.
#[derive(Default)]
struct Rust {
    literals: Vec<(usize, String)>,
    ignored: Vec<usize>,
}

impl Rust {
    fn read(source: &str) -> Self {
        let mut rust = Self::default();
        let stream: TokenStream = source.parse().expect("a Rust source");
        rust.walk(stream);
        rust
    }

    fn walk(&mut self, stream: TokenStream) {
        let mut after_hash = false;
        for tree in stream {
            match tree {
                TokenTree::Punct(mark) => {
                    // `#![doc]` has a second mark before its brackets.
                    after_hash = mark.as_char() == '#' || (after_hash && mark.as_char() == '!');
                    continue;
                }
                TokenTree::Group(group) if after_hash && group.delimiter() == Delimiter::Bracket => {
                    self.attribute(group.stream());
                }
                TokenTree::Group(group) => self.walk(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.ends_with(['"', '#']) {
                        self.literals.push((literal.span().start().line, text));
                    }
                }
                TokenTree::Ident(_) => {}
            }
            after_hash = false;
        }
    }

    /// Documentation is prose and may speak of SQL; other attributes may not.
    fn attribute(&mut self, stream: TokenStream) {
        let name = match stream.clone().into_iter().next() {
            Some(TokenTree::Ident(name)) => name.to_string(),
            _ => String::new(),
        };
        match name.as_str() {
            "doc" => {}
            "ignore" => self
                .ignored
                .extend(stream.into_iter().next().map(|first| first.span().start().line)),
            "cfg_attr" => {
                for inner in stream.into_iter().skip(1) {
                    if let TokenTree::Group(group) = inner {
                        let ignores =
                            |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if *word == "ignore");
                        let lines = group
                            .stream()
                            .into_iter()
                            .filter(ignores)
                            .map(|word| word.span().start().line);
                        self.ignored.extend(lines);
                    }
                }
            }
            _ => self.walk(stream),
        }
    }
}

/// Statements of SQL. In capitals the key words are enough; in small letters, where they are English words, it takes
/// more of the statement's form.
fn sql() -> Regex {
    Regex::new(
        r#"(?x)
        \bSELECT\b[^;]*?\bFROM\s+["\w{] | \bINSERT\s+(OR\s+\w+\s+)?INTO\b | \bREPLACE\s+INTO\b
        | \bUPDATE\s+["\w{}.]+\s+SET\b | \bDELETE\s+FROM\b
        | \b(CREATE|DROP)\s+(TEMP\s+|TEMPORARY\s+|UNIQUE\s+|VIRTUAL\s+)?(TABLE|INDEX|VIEW|TRIGGER|EXTENSION)\b
        | \bALTER\s+TABLE\b | \bPRAGMA\s+\w | \bORDER\s+BY\s+\w | \bWHERE\s+["\w.]+\s*(=|<|>|IN\b|IS\b|LIKE\b)
        | \bselect\s+[\w*,."()\s]+\s+from\s+["\w]+\s+(where|order\s+by|limit|join)\b | \bselect\s+\*\s+from\s
        | \binsert\s+into\s+["\w]+\s*(\(|values\b) | \bupdate\s+["\w]+\s+set\s+["\w]+\s*=
        | \bdelete\s+from\s+["\w]+\s+where\b | \bcreate\s+table\s+(if\s+not\s+exists\s+)?["\w]+\s*\(
        "#,
    )
    .expect("a regular expression")
}

/// Absolute paths that exist on one machine only: home folders, scratch folders, drives.
fn machine_path() -> Regex {
    Regex::new(r"(^|[^\w./:$}\-])(/(home|root|Users|work|tmp|mnt|private)/[\w.]|[A-Z]:\\+(Users|Windows)\b)")
        .expect("a regular expression")
}

fn numbered<'a>(text: &'a str, regex: &'a Regex) -> impl Iterator<Item = (usize, &'a str)> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| regex.is_match(line))
        .map(|(at, line)| (at + 1, line.trim()))
}

#[test]
fn sql_is_written_in_the_adapters_only() {
    let (root, regex) = (root(), sql());
    let mut found = Vec::new();
    let mut read = 0;
    for file in files(&root) {
        // A test may attack the database behind the program's back, or send statements as hostile input.
        let attacks = file.starts_with("crates/") && file.contains("/tests/");
        let speaks_sql = attacks || ADAPTERS.iter().any(|folder| file.starts_with(folder));
        if !has_ending(&file, "rs") || speaks_sql || file == "xtask/tests/sources.rs" {
            continue;
        }
        read += 1;
        let source = std::fs::read_to_string(root.join(&file)).expect("a readable source");
        for (line, text) in Rust::read(&source).literals {
            if regex.is_match(&text) {
                found.push(format!("{file}:{line}: {text}"));
            }
        }
    }
    assert!(read > 5, "the sources were not found");
    assert!(
        found.is_empty(),
        "SQL belongs to store-sqlite and store-postgres:\n{}",
        found.join("\n")
    );
}

#[test]
fn sql_is_told_from_prose() {
    let regex = sql();
    let statements = [
        "SELECT id FROM record",
        "SELECT\n  name,\n  city\nFROM contact",
        "INSERT INTO record (id) VALUES (?)",
        "INSERT OR IGNORE INTO record DEFAULT VALUES",
        "UPDATE record SET version = version + 1",
        "DELETE FROM record",
        "CREATE UNIQUE INDEX by_key ON record (key)",
        "PRAGMA journal_mode",
        "ORDER BY name",
        " WHERE id = ?",
        "select id, name from contact where id = 1",
        "select * from contact",
        "insert into contact (id) values (1)",
        "delete from contact where id = 1",
        "create table if not exists contact (id integer)",
    ];
    for statement in statements {
        assert!(regex.is_match(statement), "not seen: {statement}");
    }
    let prose = [
        "Select the rows to export from the list",
        "select the contacts from this file and import them",
        "Insert into the letter the name of the customer",
        "update the contact and set a reminder",
        "delete from the list",
        "create table views of your own",
        "where the price is unknown, leave the field empty",
        "drop the card here",
        "an order by telephone",
        "SELECT is a word of SQL",
    ];
    for sentence in prose {
        assert!(!regex.is_match(sentence), "taken for SQL: {sentence}");
    }
}

#[test]
fn literals_are_found_and_documentation_is_not() {
    let source = r##"
        //! SELECT a FROM b
        /// SELECT c FROM d
        #[doc = "SELECT e FROM f"]
        // SELECT g FROM h
        fn f() { q("SELECT i FROM j"); q(r#"SELECT k FROM l"#); let s = 's'; }
        #[derive(Debug)]
        #[query("SELECT m FROM n")]
        struct S;
    "##;
    let found: Vec<(usize, String)> = Rust::read(source).literals;
    let texts: Vec<&str> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "\"SELECT i FROM j\"",
            "r#\"SELECT k FROM l\"#",
            "\"SELECT m FROM n\""
        ]
    );
    assert_eq!(found[0].0, 6);
}

#[test]
fn no_test_is_ignored() {
    let root = root();
    let mut found = Vec::new();
    for file in files(&root).into_iter().filter(|file| has_ending(file, "rs")) {
        let source = std::fs::read_to_string(root.join(&file)).expect("a readable source");
        found.extend(
            Rust::read(&source)
                .ignored
                .iter()
                .map(|line| format!("{file}:{line}")),
        );
    }
    assert!(
        found.is_empty(),
        "a test that cannot run says so by the skip helper of the test kit:\n{}",
        found.join("\n")
    );
}

#[test]
fn ignored_tests_are_seen() {
    let source = "
        #[test]
        #[ignore = \"slow\"]
        fn one() {}
        #[ignore]
        fn two() {}
        #[cfg_attr(miri, ignore)]
        fn three() {}
        fn ignore() { let ignore = [ignore]; }
    ";
    assert_eq!(Rust::read(source).ignored, [3, 5, 7]);
}

#[test]
fn no_text_names_a_path_of_a_machine() {
    let (root, regex) = (root(), machine_path());
    let mut found = Vec::new();
    for file in files(&root) {
        if !TEXTS.iter().any(|ending| has_ending(&file, ending)) && !file.starts_with(".c") {
            continue;
        }
        let bytes = std::fs::read(root.join(&file)).expect("a readable file");
        let text = String::from_utf8_lossy(&bytes);
        found.extend(numbered(&text, &regex).map(|(line, text)| format!("{file}:{line}: {text}")));
    }
    assert!(
        found.is_empty(),
        "the tree is to work on any machine:\n{}",
        found.join("\n")
    );
}

#[test]
fn paths_of_a_machine_are_told_from_addresses() {
    let regex = machine_path();
    // In pieces, so that this file passes its own check.
    for path in [
        ["see /ho", "me/ali/notes"],
        ["\"/ro", "ot/x\""],
        ["(/wo", "rk/main)"],
        ["cp /t", "mp/a b"],
        ["C:\\Us", "ers\\ali"],
        ["path=/Us", "ers/ali"],
    ] {
        assert!(regex.is_match(&path.concat()), "not seen: {}", path.concat());
    }
    for fine in [
        "https://example.com/home/page",
        "/api/v1/contacts",
        "crates/work/x",
        "$HOME/tmp/x",
        "./tmp/x",
        "/tmp",
    ] {
        assert!(!regex.is_match(fine), "taken for a path: {fine}");
    }
}
