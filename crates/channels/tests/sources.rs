//! Who makes permitted messages, told by the sources: the gate, and nobody else.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The files of the product (not of its tests) in which a text stands outside of comments.
fn with(text: &str) -> Vec<String> {
    let crates = Path::new("..");
    let mut files = Vec::new();
    sources(crates, &mut files);
    let mut out: Vec<String> = files
        .iter()
        .filter(|p| !p.components().any(|c| c.as_os_str() == "tests"))
        .filter(|p| {
            std::fs::read_to_string(p)
                .unwrap()
                .lines()
                .map(str::trim_start)
                .any(|l| !l.starts_with("//") && l.contains(text))
        })
        .map(|p| {
            p.strip_prefix(crates)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/")
        })
        .collect();
    out.sort();
    out
}

#[test]
fn only_the_gate_makes_a_permitted_message() {
    // Its fields are private, so that only its own module can write it down; this is that module.
    assert_eq!(with("PermittedMessage {"), ["channels/src/gate.rs"]);
    let gate = std::fs::read_to_string("src/gate.rs").unwrap();
    // The definition, the methods, and the one place in `hand_over`.
    assert_eq!(gate.matches("PermittedMessage {").count(), 3);
    let made = gate.split("HandOver::Send(PermittedMessage {").count() - 1;
    assert_eq!(made, 1);
    let derives = gate.split("pub struct PermittedMessage").next().unwrap();
    let last = derives.rsplit("#[derive(").next().unwrap();
    assert_eq!(last.trim(), "Debug)]");
    assert!(!gate.contains("for PermittedMessage"), "no trait makes one");
}

#[test]
fn only_the_decision_makes_a_permit() {
    assert_eq!(with("Permit {"), ["domain/src/consent/verdict.rs"]);
}

#[test]
fn one_gate_asks_the_database() {
    assert_eq!(with("Gate for "), ["app/src/sending/gate.rs"]);
    assert_eq!(with("hand_over(&gate"), ["app/src/sending/worker.rs"]);
}

#[test]
fn whoever_reaches_people_is_a_channel() {
    // What can talk to the outside lives in this crate; the doors and the database drivers are the other ones.
    for crate_name in ["domain", "app", "web", "api"] {
        let manifest = Path::new("..").join(crate_name).join("Cargo.toml");
        let text = std::fs::read_to_string(manifest).unwrap();
        let own = text.split("[dev-dependencies]").next().unwrap();
        for client in ["reqwest", "ureq", "lettre", "hyper-util", "isahc"] {
            assert!(!own.contains(client), "{crate_name} has {client}");
        }
    }
}
