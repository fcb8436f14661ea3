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

/// Where the database does not answer, it is named with the setting that says so, and its password is not.
#[tokio::test]
async fn a_database_that_does_not_answer_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for (language, wanted) in [("fa", "باز نشد"), ("en", "was not opened")] {
        let out = std::process::Command::new(env!("CARGO_BIN_EXE_peyvand"))
            .arg("--data")
            .arg(folder.path().join("data"))
            .args([
                "--database",
                "postgres://keeper:s3cr@t@127.0.0.1:1/crm?password=hidden",
            ])
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("PEYVAND_LANGUAGE", language)
            .output()
            .expect("the program");
        assert!(!out.status.success());
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(said.contains("postgres://keeper@127.0.0.1:1/crm"), "{said}");
        assert!(said.contains("`database`") && said.contains(wanted), "{said}");
        for secret in ["s3cr", "hidden"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

/// A second server on the folder of another says at once which one it waits for, and ends when that does not.
#[tokio::test]
async fn a_second_server_says_at_once_that_there_is_one() {
    use std::io::{BufRead as _, Read as _};
    let site = Site::of(db::open(Kind::Sqlite).await).await;
    let token = site.admin();
    let mut first = site.serve(&token);
    let begun = std::time::Instant::now();
    let mut second = site
        .program(&["serve", "--listen", "127.0.0.1:0"])
        .env("PEYVAND_LANGUAGE", "fa")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program");
    let mut said = std::io::BufReader::new(second.stderr.take().expect("its errors"));
    let mut line = String::new();
    said.read_line(&mut line).expect("a line");
    let passed = begun.elapsed();
    assert!(passed < std::time::Duration::from_secs(4), "{passed:?}: {line}");
    let folder = site.data().display().to_string();
    assert!(
        line.contains(&first.child.id().to_string()) && line.contains(&folder),
        "{line}"
    );
    assert!(line.contains("--data"), "what to do: {line}");
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("the end");
    assert!(!second.wait().expect("its end").success());
    assert!(rest.contains("نخست آن را ببندید"), "{rest}");
    // The first one was not disturbed.
    let a = first.client().call("GET", "/contacts", "").expect("an answer");
    assert_eq!(a.status, 200);
    first.kill();
}
