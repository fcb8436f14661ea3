//! Commands at the door of an instance: beside a running server as without one, and where no instance is.

mod common;

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Output, Stdio};

use common::Site;
use peyvand_testkit::{TestDb, db_test};

/// Runs a command with a line on its standard input.
fn typed(site: &Site, words: &[&str], line: &str) -> Output {
    let mut child = site
        .program(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut input = child.stdin.take().expect("an input");
    input.write_all(line.as_bytes()).expect("a line");
    drop(input);
    child.wait_with_output().expect("an end")
}

/// A password is set beside a running server as it is without one, and a short one is refused by both.
#[db_test]
async fn a_password_is_set_beside_the_server(db: TestDb) {
    let site = Site::of(db).await;
    let token = site.admin();
    let set = ["admin", "set-password", "--user", "a@example.com"];
    let try_both = |site: &Site| {
        let out = typed(site, &set, "Correct-Horse-Battery-9\n");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let out = typed(site, &set, "short\n");
        assert!(!out.status.success());
        assert!(String::from_utf8_lossy(&out.stderr).contains("at least"));
    };
    try_both(&site);
    let server = site.serve(&token);
    try_both(&site);
    drop(server);
}

/// A backup is read by nobody but its owner: made with a server and without one.
#[db_test]
async fn a_backup_is_its_owners(db: TestDb) {
    let site = Site::of(db).await;
    let token = site.admin();
    let make = |name: &str| {
        let file = site.file(name);
        site.run(&["backup", file.to_str().expect("a name")]);
        let mode = std::fs::metadata(&file).expect("the backup").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    };
    make("one.backup");
    let server = site.serve(&token);
    make("two.backup");
    drop(server);
}

/// A command that asks something makes nothing where there is nothing, and names the folder and the setting in both
/// languages. The control: a command that makes something begins there, and the same command answers then.
#[tokio::test]
async fn a_question_makes_no_instance() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = Site::at(&folder.path().join("mistyped"));
    for words in [
        &["export", "--object", "contacts"][..],
        &["doctor"],
        &["backup", "x.backup"],
        &["audit", "verify"],
        &["jobs", "list"],
        &["schema", "export"],
        &["admin", "role", "list"],
    ] {
        let out = site.output(words);
        assert!(!out.status.success(), "{words:?}");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        for wanted in [
            "mistyped",
            "--data",
            "holds no instance",
            "داده‌ای از برنامه ندارد",
        ] {
            assert!(said.contains(wanted), "{words:?}: {said}");
        }
        assert!(!site.data().exists(), "{words:?} made the folder");
    }
    site.admin();
    site.run(&["doctor"]);
    site.run(&["export", "--object", "contacts"]);
}
