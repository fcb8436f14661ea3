//! What the lock file must hold.

use std::path::Path;

/// How many packages of this name the lock file has.
fn packages(lock: &str, name: &str) -> usize {
    let line = format!("name = \"{name}\"");
    lock.lines().filter(|l| l.trim() == line).count()
}

/// Item 1 of the trust list: two copies of the database library in one process lock a file against each other in vain.
#[test]
fn there_is_one_sqlite_library() {
    let path = Path::new("../Cargo.lock");
    let lock = std::fs::read_to_string(path).expect("the lock file");
    assert_eq!(packages(&lock, "libsqlite3-sys"), 1);
    // Control: a second one is seen.
    let two = format!("{lock}\n[[package]]\nname = \"libsqlite3-sys\"\nversion = \"0.1.0\"\n");
    assert_eq!(packages(&two, "libsqlite3-sys"), 2);
}

/// A package of the lock file: name, source and checksum, as far as they are there.
fn whole(lock: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut sources = std::collections::BTreeSet::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |key: &str| {
            package
                .lines()
                .find_map(|l| {
                    l.strip_prefix(key)?
                        .trim()
                        .strip_prefix('=')?
                        .trim()
                        .strip_prefix('"')
                })
                .map(|v| v.trim_end_matches('"').to_owned())
        };
        let name = field("name").unwrap_or_default();
        match (field("source"), field("checksum")) {
            // The product's own.
            (None, None) if name.starts_with("peyvand") || name == "xtask" => {}
            (Some(source), Some(sum)) if source.starts_with("registry+") && sum.len() == 64 => {
                sources.insert(source);
            }
            _ => wrong.push(name),
        }
    }
    if sources.len() > 1 {
        wrong.push(format!("{} registries", sources.len()));
    }
    wrong
}

/// Item 75: everything that is built in comes from one registry and is the very thing that was looked at once: each package
/// has its checksum, none comes from a repository or from a folder beside this one.
#[test]
fn every_package_has_its_checksum() {
    let lock = std::fs::read_to_string("../Cargo.lock").expect("the lock file");
    assert!(
        lock.matches("[[package]]").count() > 200,
        "the lock file was not read"
    );
    assert_eq!(whole(&lock), Vec::<String>::new());
    // Controls: a package without a checksum, one from a repository, one from elsewhere.
    for other in [
        "name = \"odd\"\nsource = \"registry+a\"",
        "name = \"odd\"\nsource = \"git+b\"\nchecksum = \"\"",
        "name = \"odd\"",
    ] {
        let more = format!("{lock}\n[[package]]\n{other}\n");
        assert!(whole(&more).contains(&"odd".to_owned()), "{other}");
    }
}

/// Item 75: no crate of the product may switch the checks of memory off: each takes the lints of the workspace, which
/// forbid it.
#[test]
fn every_crate_forbids_unsafe_code() {
    let root = std::fs::read_to_string("../Cargo.toml").expect("the workspace");
    assert!(root.contains("unsafe_code = \"forbid\""));
    let mut seen = 0;
    let mut folders: Vec<_> = std::fs::read_dir("../crates")
        .expect("the crates")
        .map(|e| e.expect("a folder").path())
        .collect();
    folders.push(Path::new("../xtask").to_owned());
    for folder in folders {
        let file = folder.join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        assert!(text.contains("[lints]\nworkspace = true"), "{}", file.display());
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}
