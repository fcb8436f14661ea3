//! Items 28 and 29 of the trust list, through the program: backups made while others write, by a server that is then
//! killed; brought back elsewhere; killed themselves.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Found, Site};
use peyvand_core::random::SplitMix;
use peyvand_testkit::db::Kind;
use peyvand_testkit::{TestDb, db, db_test};
use serde_json::{Value, json};

fn name(p: &Path) -> &str {
    p.to_str().expect("a name")
}

/// The instance elsewhere: an empty place on the same engine, restored from the file.
async fn restored(from: &Site, file: &Path) -> Site {
    let there = Site::of(db::open(from.kind).await).await;
    // Only the key is there; for PostgreSQL a schema without rows.
    for old in std::fs::read_dir(there.data()).expect("the folder").flatten() {
        if old.file_name() != "instance.key" {
            std::fs::remove_file(old.path()).expect("a file");
        }
    }
    there.run(&["restore", name(file)]);
    there
}

async fn found(site: &Site) -> Found {
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    engine.close().await;
    assert_eq!(found.faults, Vec::<String>::new());
    found
}

fn records(said: &str) -> u64 {
    let v: Value = serde_json::from_str(said.trim()).expect("json");
    v["manifest"]["records"]["main/contact"]
        .as_u64()
        .expect("a number")
}

#[db_test]
async fn a_backup_under_load_of_a_server_that_is_killed_comes_back_elsewhere(db: TestDb) {
    let site = Site::of(db).await;
    let token = site.admin();
    let mut server = site.serve(&token);
    let stop = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (0..3)
        .map(|w| {
            let (client, stop, made) = (server.client(), Arc::clone(&stop), Arc::clone(&made));
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    let n = made.fetch_add(1, Ordering::SeqCst);
                    let body = json!({"name": format!("person {w} {n}")}).to_string();
                    if client.call("POST", "/contacts", &body).is_none() {
                        return;
                    }
                }
            })
        })
        .collect();
    while made.load(Ordering::SeqCst) < 40 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let out = tempfile::tempdir().expect("a folder");
    let file = out.path().join("one.pvb");
    let said = site.run(&["--json", "backup", name(&file)]);
    server.kill();
    stop.store(true, Ordering::SeqCst);
    for w in writers {
        w.join().expect("a writer");
    }
    let counted = records(&said);
    assert!(counted >= 30, "{counted}");
    // The page of backups tells of it.
    let noted = std::fs::read(site.data().join("upkeep.json")).expect("what is known of the backup");
    let noted: Value = serde_json::from_slice(&noted).expect("json");
    assert_eq!(noted["backup"]["file"], name(&file));
    let size = std::fs::metadata(&file).expect("the backup").len();
    assert_eq!(noted["backup"]["size"], size);
    assert!(noted["backup"]["records"].as_u64() >= Some(counted));
    assert_eq!(noted["log"]["holds"], true);
    assert_eq!(
        records(&site.run(&["--json", "verify-backup", name(&file)])),
        counted
    );

    let there = restored(&site, &file).await;
    assert_eq!(found(&there).await.records["contact"].len() as u64, counted);
    there.run(&["audit", "verify"]);
    // The token of before signs in, and what is written after is in the next backup (litestream#781).
    let mut server = there.serve(&token);
    let a = server
        .client()
        .call("POST", "/contacts", r#"{"name":"after the restore"}"#)
        .expect("an answer");
    assert_eq!(a.status, 201, "{a:?}");
    server.kill();
    let second = out.path().join("two.pvb");
    there.run(&["backup", name(&second)]);
    let again = restored(&there, &second).await;
    assert_eq!(found(&again).await.records["contact"].len() as u64, counted + 1);

    // One byte that is another one: refused, and nothing is left of it.
    let mut bytes = std::fs::read(&file).expect("the backup");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bent = out.path().join("bent.pvb");
    std::fs::write(&bent, bytes).expect("a file");
    assert!(!site.output(&["verify-backup", name(&bent)]).status.success());
    let empty = tempfile::tempdir().expect("a folder");
    let place = Site::at(&empty.path().join("data"));
    assert!(!place.output(&["restore", name(&bent)]).status.success());
    assert!(!place.file("peyvand.db").exists() && !empty.path().join("data/peyvand.db").exists());
    // A folder with data is not restored into.
    assert!(!there.output(&["restore", name(&file)]).status.success());
}

/// Killed at any moment, a backup is whole or it is not there.
#[db_test]
async fn a_backup_that_is_killed_leaves_no_plausible_half(db: TestDb) {
    let site = Site::of(db).await;
    let token = site.admin();
    let mut server = site.serve(&token);
    let client = server.client();
    for n in 0..10 {
        let items: Vec<Value> = (0..20)
            .map(|k| json!({"name": format!("person {n} {k}")}))
            .collect();
        let a = client
            .call("POST", "/contacts/batch", &Value::Array(items).to_string())
            .expect("an answer");
        assert_eq!(a.status, 200);
    }
    server.kill();
    let out = tempfile::tempdir().expect("a folder");
    let start = Instant::now();
    site.run(&["backup", name(&out.path().join("whole.pvb"))]);
    let took = start.elapsed();
    let mut random = SplitMix::new(9);
    let mut cut = 0;
    for n in 0..20_u32 {
        let file = out.path().join(format!("{n}.pvb"));
        let mut child = site
            .program(&["backup", name(&file)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the backup");
        let share = took.mul_f64(f64::from(n) / 20.0) + Duration::from_millis(random.below(20));
        std::thread::sleep(share);
        let running = child.try_wait().expect("its state").is_none();
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        if file.exists() {
            let ok = site.output(&["verify-backup", name(&file)]).status.success();
            assert!(ok, "the backup of cut {n} is there and is no backup");
        } else if running {
            cut += 1;
        }
    }
    println!("{cut} of 20 were cut off; none left a file");
    assert!(cut >= 5, "{cut}");
    // Control: a file that stops in the middle is refused.
    let bytes = std::fs::read(out.path().join("whole.pvb")).expect("the backup");
    let half = out.path().join("half.pvb");
    std::fs::write(&half, &bytes[..bytes.len() / 2]).expect("a file");
    assert!(!site.output(&["verify-backup", name(&half)]).status.success());
    // And the instance is as before.
    assert_eq!(found(&site).await.records["contact"].len(), 200);
}

/// Two servers on one folder would be two writers: the second does not start.
#[db_test]
async fn a_second_server_on_the_same_folder_does_not_start(db: TestDb) {
    let site = Site::of(db).await;
    let token = site.admin();
    let server = site.serve(&token);
    let start = Instant::now();
    let out = site.output(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(!out.status.success());
    assert!(String::from_utf8_lossy(&out.stderr).contains("Stop it first"));
    assert!(start.elapsed() < Duration::from_secs(30));
    drop(server);
}

/// Commands run inside the server: one writer, and what they change it knows at once.
#[db_test]
async fn commands_go_through_the_running_server(db: TestDb) {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::of(db).await;
    let token = site.admin();
    let mut server = site.serve(&token);
    let client = server.client();
    let socket = site.file("peyvand.sock");
    let mode = std::fs::metadata(&socket)
        .expect("the socket")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // A field that a command adds is there for the next request, with no restart.
    let loyal = r#"{"name":"Ali Karimi","loyalty":"gold"}"#;
    assert_eq!(
        client.call("POST", "/contacts", loyal).expect("an answer").status,
        422
    );
    let schema = site.file("schema.toml");
    std::fs::write(
        &schema,
        "[[fields.contact]]\nkey = \"loyalty\"\ntype = \"text\"\nlabel = { fa = \"وفاداری\", en = \"Loyalty\" }\n",
    )
    .expect("a file");
    // The name of the file is relative to the folder in which the command is typed.
    let apply = site
        .program(&["schema", "apply", "schema.toml"])
        .current_dir(site.data())
        .output()
        .expect("the command");
    assert!(
        apply.status.success(),
        "{}",
        String::from_utf8_lossy(&apply.stderr)
    );
    let a = client.call("POST", "/contacts", loyal).expect("an answer");
    assert_eq!(
        (a.status, a.json["loyalty"].as_str()),
        (201, Some("gold")),
        "{a:?}"
    );
    // A token that a command makes opens the door; what it says comes out here.
    assert!(site.token().len() > 32);
    let export = site.run(&["export", "--object", "contacts", "--format", "ndjson"]);
    assert!(export.contains("Karimi") && export.contains("gold"), "{export}");
    // Errors and exit codes are the command's own.
    let wrong = site.output(&["export", "--object", "nothing"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("no object nothing"));
    let file = site.file("people.csv");
    std::fs::write(&file, "name,email\nMina Rahimi,mina@example.com\n").expect("a file");
    site.run(&["import", "--object", "contacts", name(&file)]);
    let list = client.call("GET", "/contacts?q=Rahimi", "").expect("an answer");
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(1), "{list:?}");
    site.run(&["doctor"]);
    // It is the server that did it: none of the commands could have taken the lock.
    let held = Command::new("flock")
        .args(["-n", name(&site.file("peyvand.lock")), "true"])
        .status();
    if let Ok(status) = held {
        assert!(!status.success());
    }
    server.kill();
    // The socket of a server that was killed lies there and is no hindrance.
    assert!(socket.exists());
    let export = site.run(&["export", "--object", "contacts", "--format", "ndjson"]);
    assert_eq!(export.lines().count(), 2);
}

/// A backup of one engine is none of the other, and is not called damaged for it.
#[db_test]
async fn a_backup_of_the_other_engine_says_so(db: TestDb) {
    if db.kind == Kind::Sqlite {
        return;
    }
    let server = Site::of(db).await;
    let embedded = Site::of(db::open(Kind::Sqlite).await).await;
    let out = tempfile::tempdir().expect("a folder");
    for (from, to, made, wanted) in [
        (&embedded, &server, "SQLite", "--database sqlite"),
        (&server, &embedded, "PostgreSQL", "--database postgres://"),
    ] {
        from.admin();
        let file = out.path().join(format!("{made}.pvb"));
        from.run(&["backup", name(&file)]);
        let fresh = Site::at(&out.path().join(format!("data-{made}")));
        let mut command = Command::new(env!("CARGO_BIN_EXE_peyvand"));
        command.arg("--data").arg(fresh.data());
        command.args(["--database", &to.address(), "restore", name(&file)]);
        command.arg("--key").arg(from.data().join("instance.key"));
        let done = command
            .env("PEYVAND_LANGUAGE", "fa")
            .output()
            .expect("the program");
        assert!(!done.status.success());
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(
            said.contains(&format!("پایگاه دادهٔ {made}")) && said.contains(wanted),
            "{said}"
        );
        assert!(!said.contains("damaged") && !said.contains("آسیب"), "{said}");
        assert!(!fresh.data().join("peyvand.db").exists());
        // Where it belongs it holds.
        from.run(&["verify-backup", name(&file)]);
    }
}
