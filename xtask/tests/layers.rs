//! Who may know whom: the table of the layers, held against the manifests of the workspace and against `ARCHITECTURE.md`.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Command;

/// What a crate may use of ours.
enum May {
    /// These and nothing else.
    Use(&'static [&'static str]),
    /// All crates of the product; not the test kit.
    UseEverything,
    /// All crates of the product; nobody may depend on it.
    MeasureEverything,
    /// All crates; only tests may depend on it.
    TestEverything,
}
use May::{MeasureEverything, TestEverything, Use, UseEverything};

/// The one table. Crates are named by their folder; lower layers come first.
const TABLE: &[(&str, May)] = &[
    ("numbers", Use(&[])),
    ("core", Use(&["numbers"])),
    ("text", Use(&["core", "numbers"])),
    ("identifiers", Use(&["core", "numbers"])),
    ("calendar", Use(&["core", "numbers"])),
    ("i18n", Use(&["calendar", "core", "numbers", "text"])),
    (
        "catalog",
        Use(&["calendar", "core", "identifiers", "numbers", "text"]),
    ),
    (
        "record",
        Use(&["calendar", "catalog", "core", "identifiers", "numbers", "text"]),
    ),
    (
        "domain",
        Use(&[
            "calendar",
            "catalog",
            "core",
            "identifiers",
            "numbers",
            "record",
            "text",
        ]),
    ),
    ("insight", Use(&["core"])),
    (
        "demo",
        Use(&["calendar", "catalog", "core", "numbers", "record", "text"]),
    ),
    (
        "exchange",
        Use(&["calendar", "core", "identifiers", "numbers", "text"]),
    ),
    (
        "store",
        Use(&[
            "calendar",
            "catalog",
            "core",
            "identifiers",
            "numbers",
            "record",
            "text",
        ]),
    ),
    ("store-sqlite", Use(ADAPTER)),
    ("store-postgres", Use(ADAPTER)),
    ("channels", Use(&["core", "domain", "text"])),
    (
        "app",
        Use(&[
            "calendar",
            "catalog",
            "channels",
            "core",
            "domain",
            "exchange",
            "i18n",
            "identifiers",
            "insight",
            "numbers",
            "record",
            "store",
            "text",
        ]),
    ),
    ("web", Use(DOOR)),
    ("api", Use(DOOR)),
    ("mcp", Use(DOOR)),
    ("peyvand", UseEverything),
    ("bench", MeasureEverything),
    ("testkit", TestEverything),
    ("testkit-macros", Use(&[])),
    ("xtask", Use(&[])),
];

const ADAPTER: &[&str] = &[
    "calendar",
    "catalog",
    "core",
    "identifiers",
    "numbers",
    "record",
    "store",
    "text",
];

const DOOR: &[&str] = &[
    "app",
    "calendar",
    "catalog",
    "core",
    "domain",
    "i18n",
    "identifiers",
    "numbers",
    "record",
    "text",
];

/// One dependency of a crate of ours on another.
struct Edge {
    from: String,
    to: String,
    /// Only for tests and examples.
    dev: bool,
}

fn rule(name: &str) -> Option<&'static May> {
    TABLE
        .iter()
        .find(|(crate_name, _)| *crate_name == name)
        .map(|(_, may)| may)
}

/// What is wrong with an edge, as a sentence.
fn complaint(edge: &Edge) -> Option<String> {
    let Edge { from, to, dev } = edge;
    let (Some(may), Some(target)) = (rule(from), rule(to)) else {
        let unknown = if rule(from).is_none() { from } else { to };
        return Some(unknown_crate(unknown));
    };
    if *dev {
        // What a test uses does not reach the product.
        return None;
    }
    let allowed = match may {
        Use(names) => names.contains(&to.as_str()),
        UseEverything | MeasureEverything => !matches!(target, TestEverything | MeasureEverything),
        TestEverything => true,
    };
    (!allowed).then(|| {
        format!("{from} may not use {to}: either the code belongs elsewhere or the table in xtask/tests/layers.rs is to change")
    })
}

fn unknown_crate(name: &str) -> String {
    format!(
        "the crate {name} stands in no layer: add it to TABLE in xtask/tests/layers.rs and to ARCHITECTURE.md"
    )
}

/// The folder of the workspace: cargo runs tests in the folder of their package. No path is compiled in, so that a
/// moved checkout stays right.
fn root() -> PathBuf {
    PathBuf::from("..")
}

/// The folder name of a crate of ours, from its package name.
fn short(package: &str) -> &str {
    package.strip_prefix("peyvand-").unwrap_or(package)
}

fn metadata() -> Value {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// The crates of the workspace and their edges among each other.
fn workspace(metadata: &Value) -> (Vec<String>, Vec<Edge>) {
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let names: Vec<String> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .map(|name| short(name).to_owned())
        .collect();
    let mut edges = Vec::new();
    for package in packages {
        let from = short(package["name"].as_str().unwrap_or_default());
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Ours are the ones that lie in a folder.
            if dependency["path"].is_string() {
                edges.push(Edge {
                    from: from.to_owned(),
                    to: short(dependency["name"].as_str().unwrap_or_default()).to_owned(),
                    dev: dependency["kind"].as_str() == Some("dev"),
                });
            }
        }
    }
    (names, edges)
}

#[test]
fn no_crate_knows_whom_it_may_not_know() {
    let (names, edges) = workspace(&metadata());
    assert!(
        names.iter().any(|name| name == "numbers") && !edges.is_empty(),
        "the workspace was not read"
    );
    let mut complaints: Vec<String> = names
        .iter()
        .filter(|name| rule(name).is_none())
        .map(|name| unknown_crate(name))
        .collect();
    complaints.extend(edges.iter().filter_map(complaint));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_forbidden_edge_is_reported() {
    // The same road that the real manifests take, with a workspace in which numbers uses the store.
    let invented = serde_json::json!({"packages": [
        {"name": "peyvand-numbers", "dependencies": [
            {"name": "peyvand-store", "path": "crates/store", "kind": null},
            {"name": "peyvand-testkit", "path": "crates/testkit", "kind": "dev"},
            {"name": "thiserror", "kind": null},
        ]},
        {"name": "peyvand-web", "dependencies": [
            {"name": "peyvand-store-sqlite", "path": "crates/store-sqlite", "kind": null},
            {"name": "peyvand-app", "path": "crates/app", "kind": null},
        ]},
        {"name": "peyvand", "dependencies": [
            {"name": "peyvand-store-sqlite", "path": "crates/store-sqlite", "kind": null},
            {"name": "peyvand-testkit", "path": "crates/testkit", "kind": "build"},
        ]},
        {"name": "peyvand-magic", "dependencies": [{"name": "peyvand-core", "path": "crates/core", "kind": null}]},
    ]});
    let (_, edges) = workspace(&invented);
    let complaints: Vec<String> = edges.iter().filter_map(complaint).collect();
    let begins: Vec<&str> = complaints
        .iter()
        .map(|text| text.split(':').next().unwrap_or_default())
        .collect();
    assert_eq!(
        begins,
        [
            "numbers may not use store",
            "web may not use store-sqlite",
            "peyvand may not use testkit",
            "the crate magic stands in no layer",
        ]
    );
}

#[test]
fn the_table_has_no_circle_and_names_only_its_own_rows() {
    let place: BTreeMap<&str, usize> = TABLE
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (*name, at))
        .collect();
    assert_eq!(place.len(), TABLE.len(), "a crate has two rows");
    for (name, may) in TABLE {
        if let Use(used) = may {
            for other in *used {
                let at = place
                    .get(other)
                    .unwrap_or_else(|| panic!("{name} may use {other}, which has no row"));
                assert!(*at < place[name], "{name} may use {other}, which stands above it");
            }
        }
    }
}

fn printed() -> String {
    let mut table = String::from("| crate | may use |\n|---|---|\n");
    for (name, may) in TABLE {
        let used = match may {
            Use([]) => "nothing of ours".to_owned(),
            Use(names) => names.join(", "),
            UseEverything => "everything but testkit; the only place that picks adapters".to_owned(),
            MeasureEverything => "everything but testkit; measures the product, is no part of it".to_owned(),
            TestEverything => "everything; only tests may use it".to_owned(),
        };
        let _ = writeln!(table, "| {name} | {used} |");
    }
    table
}

#[test]
fn the_map_shows_this_table() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md exists");
    let table = printed();
    let shown: Vec<&str> = map
        .lines()
        .skip_while(|line| *line != "| crate | may use |")
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(
        shown.join("\n"),
        table.trim_end(),
        "ARCHITECTURE.md should have:\n{table}"
    );
}
