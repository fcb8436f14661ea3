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

/// A command that asks something makes nothing where there is nothing, and names the folder and the setting in the
/// language of the terminal. The control: a command that makes something begins there, and the same command answers then.
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
        for (language, wanted) in [("en", "holds no instance"), ("fa", "داده‌ای از برنامه ندارد")]
        {
            let out = site
                .program(words)
                .env("PEYVAND_LANGUAGE", language)
                .output()
                .expect("the program");
            assert!(!out.status.success(), "{words:?}");
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            for wanted in ["mistyped", "--data", wanted] {
                assert!(said.contains(wanted), "{words:?}: {said}");
            }
        }
        assert!(!site.data().exists(), "{words:?} made the folder");
    }
    site.admin();
    site.run(&["doctor"]);
    site.run(&["export", "--object", "contacts"]);
}

/// Is the text Persian: does each of its lines have a Persian word?
fn english_lines(text: &str) -> Vec<&str> {
    let persian = |l: &&str| l.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
    text.lines()
        .filter(|l| !l.trim().is_empty() && !persian(l))
        .collect()
}

/// What commands say stands in the language of the terminal, beside the server and without one, and in that one alone.
#[db_test]
async fn commands_speak_the_language_of_the_terminal(db: TestDb) {
    let site = Site::of(db).await;
    let token = site.admin();
    let csv = site.file("people.csv");
    std::fs::write(&csv, "Name,Birth date\nSara,1990-01-02\nReza,never\n").expect("a file");
    let csv = csv.to_str().expect("a name").to_owned();
    let out = site.file("out.csv");
    let commands: [(&[&str], i32); 14] = [
        (&["import", "--object", "contacts", &csv], 3),
        (
            &[
                "export",
                "--object",
                "contacts",
                "--out",
                out.to_str().expect("a name"),
            ],
            0,
        ),
        (&["export", "--object", "nothing"], 1),
        (&["admin", "deactivate", "--user", "nobody@example.com"], 1),
        (&["admin", "activate", "--user", "a@example.com"], 0),
        (&["import", "--undo", "x"], 1),
        (&["jobs", "retry", "x"], 1),
        (&["admin", "wall"], 0),
        (&["pause-sending"], 0),
        (&["resume-sending"], 0),
        (&["resume-sending", "--yes"], 0),
        (&["audit", "verify"], 0),
        (&["consent", "show", "nobody"], 1),
        // There is such a file already.
        (&["backup", &csv], 1),
    ];
    let speak = |site: &Site| {
        for (words, code) in commands {
            let said = |language: &str| {
                let done = site
                    .program(words)
                    .env("PEYVAND_LANGUAGE", language)
                    .output()
                    .expect("the program");
                let text = format!(
                    "{}{}",
                    String::from_utf8_lossy(&done.stdout),
                    String::from_utf8_lossy(&done.stderr)
                );
                assert_eq!(done.status.code(), Some(code), "{words:?}: {text}");
                text
            };
            let fa = said("fa").replace('\r', "\n");
            assert_eq!(english_lines(&fa), Vec::<&str>::new(), "{words:?}");
            let en = said("en");
            assert!(
                !en.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c)),
                "{words:?}: {en}"
            );
        }
        let look = site
            .program(&["doctor"])
            .env("PEYVAND_LANGUAGE", "fa")
            .output()
            .expect("the program");
        let text = String::from_utf8_lossy(&look.stdout).into_owned();
        assert_eq!(english_lines(&text), Vec::<&str>::new());
        assert_eq!(text.matches("گزارش تغییرها").count(), 1, "{text}");
        let copy = site.file("copy.peyvand");
        let copy = copy.to_str().expect("a name");
        for words in [["backup", copy], ["verify-backup", copy]] {
            let done = site
                .program(&words)
                .env("PEYVAND_LANGUAGE", "fa")
                .output()
                .expect("the program");
            let text = [done.stdout, done.stderr].concat();
            let text = String::from_utf8_lossy(&text).into_owned();
            assert!(done.status.success(), "{words:?}: {text}");
            assert_eq!(english_lines(&text), Vec::<&str>::new(), "{words:?}");
        }
        std::fs::remove_file(copy).expect("the copy");
        let settings = site.file("wrong.toml");
        std::fs::write(&settings, "colour = 1\n").expect("a file");
        let done = site
            .program(&["doctor"])
            .env("PEYVAND_LANGUAGE", "fa")
            .env("PEYVAND_CONFIG", &settings)
            .output()
            .expect("the program");
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && text.contains("colour"), "{text}");
        assert_eq!(english_lines(&text), Vec::<&str>::new());
    };
    speak(&site);
    let server = site.serve(&token);
    speak(&site);
    drop(server);
}

/// A refusal names the file and the place; with `--json` it is one object, for the whole of the error stream.
#[db_test]
async fn refusals_name_file_and_place(db: TestDb) {
    let site = Site::of(db).await;
    site.admin();
    let rules = site.file("rules.json");
    std::fs::write(&rules, r#"{"objects":{"contact":{"read":"everything"}}}"#).expect("a file");
    let rules = rules.to_str().expect("a name").to_owned();
    let words = ["admin", "role", "set", "boss", "--rules", &rules];
    let said = String::from_utf8_lossy(&site.output(&words).stderr).into_owned();
    assert!(
        said.contains(&rules) && said.contains("objects.contact.read"),
        "{said}"
    );
    for (words, code) in [
        (&words[..], "bad-parameter"),
        (&["admin", "deactivate", "--user", "x@example.com"], "no-user"),
        (&["export", "--object", "nothing"], "no-object"),
        (&["admin", "nothing"], "usage"),
    ] {
        let words: Vec<&str> = ["--json"].iter().chain(words).copied().collect();
        let done = site.output(&words);
        assert!(!done.status.success());
        let told: serde_json::Value = serde_json::from_slice(&done.stderr)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&done.stderr)));
        assert_eq!(told["code"], code, "{told}");
        assert!(told["message"].as_str().is_some_and(|m| m.len() > 10), "{told}");
    }
}
