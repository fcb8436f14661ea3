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
