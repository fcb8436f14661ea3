//! Items 1 and 30 of the trust list: what does not fit is refused at the start, with the exit code that says so.

mod common;

use common::Site;
use peyvand_testkit::db::{self, Kind};

/// `EX_CONFIG` of sysexits.h.
const DOES_NOT_FIT: Option<i32> = Some(78);

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let site = Site::of(db::open(Kind::Sqlite).await).await;
    site.run(&["admin", "create-workspace", "main"]);
    let conn = rusqlite::Connection::open(site.file("peyvand.db")).expect("the database");
    conn.execute("INSERT INTO migration VALUES (9999, 'later', '')", [])
        .expect("a mark");
    for words in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["doctor"],
        &["export", "--object", "contacts"],
    ] {
        let out = site.output(words);
        assert_eq!(out.status.code(), DOES_NOT_FIT, "{words:?}");
        assert!(String::from_utf8_lossy(&out.stderr).contains("9999"));
    }
    // Control: without the mark it starts.
    conn.execute("DELETE FROM migration WHERE version = 9999", [])
        .expect("no mark");
    site.run(&["export", "--object", "contacts"]);
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn an_unsafe_library_is_refused() {
    let mut site = Site::of(db::open(Kind::Sqlite).await).await;
    site.run(&["admin", "create-workspace", "main"]);
    site.variables
        .push(("PEYVAND_TEST_MODE".to_owned(), "unsafe-library".to_owned()));
    let out = site.output(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(out.status.code(), DOES_NOT_FIT);
}

#[cfg(unix)]
#[tokio::test]
async fn the_data_folder_is_for_the_program_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::of(db::open(Kind::Sqlite).await).await;
    let fresh = site.file("a/b/data");
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_peyvand"))
        .args(["admin", "create-workspace", "main", "--data"])
        .arg(&fresh)
        .output()
        .expect("the program");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let mode = std::fs::metadata(&fresh)
        .expect("the folder")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
}
