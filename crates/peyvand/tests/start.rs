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

/// Item 30: before the schema of an older program is changed there is a whole, verified copy of what was.
#[cfg(debug_assertions)]
#[tokio::test]
async fn an_upgrade_begins_with_a_backup() {
    let mut site = Site::of(db::open(Kind::Sqlite).await).await;
    site.admin();
    let folder = site.data().join("backups");
    assert!(!folder.exists(), "without an upgrade there is none");
    let rows = |file: &std::path::Path| -> Vec<(String, i64)> {
        let conn = rusqlite::Connection::open(file).expect("a database");
        let mut names = conn
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
            .expect("the tables");
        let names: Vec<String> = names
            .query_map([], |r| r.get(0))
            .expect("the tables")
            .map(|n| n.expect("a name"))
            .collect();
        names
            .into_iter()
            .map(|n| {
                let sql = format!("SELECT count(*) FROM \"{n}\"");
                let count = conn.query_row(&sql, [], |r| r.get(0)).expect("a count");
                (n, count)
            })
            .collect()
    };
    let made = || -> Vec<std::path::PathBuf> {
        std::fs::read_dir(&folder)
            .map(|d| d.map(|f| f.expect("a file").path()).collect())
            .unwrap_or_default()
    };
    site.variables
        .push(("PEYVAND_TEST_MODE".to_owned(), "older-schema".to_owned()));
    // Left out when it is wished so.
    site.run(&["--no-upgrade-backup", "admin", "wall"]);
    assert!(made().is_empty());
    let before = rows(&site.file("peyvand.db"));
    let out = site.output(&["admin", "wall"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let files = made();
    assert_eq!(files.len(), 1, "{files:?}");
    let name = files[0]
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    assert!(
        name.starts_with("before-upgrade-v1-") && files[0].extension().is_some_and(|e| e == "db"),
        "{name}"
    );
    assert!(
        String::from_utf8_lossy(&out.stderr).contains(&name),
        "it says where the copy is"
    );
    assert_eq!(rows(&files[0]), before);
    assert!(before.iter().any(|(t, n)| t == "user" && *n > 0), "{before:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&files[0])
            .expect("the copy")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Where the copy cannot be made nothing is upgraded, and that is said.
    std::fs::remove_dir_all(&folder).expect("gone");
    std::fs::write(&folder, "in the way").expect("a file");
    let out = site.output(&["admin", "wall"]);
    assert!(!out.status.success());
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        said.contains("nothing was upgraded") && said.contains("پشتیبانی گرفته نشد"),
        "{said}"
    );
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
