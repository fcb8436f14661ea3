//! Items 3, 4 and 5 of the trust list: power that is cut, a disk that is full, and a disk that does not confirm.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::mount::Mount;
use common::{Answer, Client, Found, Server, Site};
use peyvand_core::Id;
use serde_json::json;

type Acknowledged = Arc<Mutex<BTreeSet<Id>>>;

/// Creates contacts until the server is gone or refuses; gives the refusal's status.
fn create_until_gone(client: &Client, who: u64, told: &Acknowledged) -> Option<u16> {
    create_refused(client, who, told).map(|a| a.status)
}

/// Creates contacts until the server is gone (`None`) or refuses; gives the refusal.
fn create_refused(client: &Client, who: u64, told: &Acknowledged) -> Option<Answer> {
    for n in 0_u64.. {
        let body = json!({"name": format!("person {who} {n}"), "description": "x".repeat(400)}).to_string();
        let a = client.call("POST", "/contacts", &body)?;
        if a.status != 201 {
            return Some(a);
        }
        let id = a.json["id"].as_str().and_then(|s| s.parse().ok()).expect("an id");
        told.lock().expect("the ledger").insert(id);
    }
    None
}

fn contacts(db: &Path) -> BTreeSet<Id> {
    let conn = rusqlite::Connection::open(db).expect("the database");
    let ok: String = conn
        .query_row("PRAGMA integrity_check", [], |r| r.get(0))
        .expect("the check");
    assert_eq!(ok, "ok");
    let silent: i64 = conn
        .query_row(
            "SELECT count(*) FROM contact c WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.record_id = c.id)",
            [],
            |r| r.get(0),
        )
        .expect("a count");
    assert_eq!(silent, 0, "contacts without an entry in the log");
    let mut rows = conn.prepare("SELECT id FROM contact").expect("a statement");
    rows.query_map([], |r| r.get::<_, [u8; 16]>(0))
        .expect("the rows")
        .map(|b| Id::from_bytes(b.expect("an id")))
        .collect()
}

fn signal(server: &Server, name: &str) {
    let id = server.child.id().to_string();
    let sent = Command::new("kill").args([name, &id]).status().expect("kill");
    assert!(sent.success());
}

/// Cuts the power so often while four writers work: what a disk would hold at that moment is the file of the file
/// system, without what the kernel still keeps. Gives the cuts, those that lost something, and all that was acknowledged.
fn cut_power(mode: Option<&str>, cuts: u32, until_lost: bool) -> Option<(u32, u32, usize)> {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("disk");
    if !Mount::format(&image, 96 << 20) {
        return None;
    }
    let mount = Mount::of_image(&image, &folder.path().join("mounted"))?;
    let mut site = Site::at(&mount.path().join("data"));
    if let Some(mode) = mode {
        site.variables
            .push(("PEYVAND_TEST_MODE".to_owned(), mode.to_owned()));
    }
    let token = site.admin();
    let told: Acknowledged = Arc::default();
    let mut server = site.serve(&token);
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let (client, told) = (server.client(), Arc::clone(&told));
            std::thread::spawn(move || {
                create_until_gone(&client, n, &told);
            })
        })
        .collect();
    let (mut made, mut lost) = (0, 0);
    let copy = folder.path().join("copy");
    while made < cuts && !(until_lost && lost > 0) {
        std::thread::sleep(Duration::from_millis(120 + u64::from(made % 5) * 60));
        signal(&server, "-STOP");
        let acknowledged = told.lock().expect("the ledger").clone();
        std::fs::copy(&image, &copy).expect("a copy");
        signal(&server, "-CONT");
        let found = {
            let after = Mount::of_image(&copy, &folder.path().join("after")).expect("the copy");
            contacts(&after.path().join("data/peyvand.db"))
        };
        lost += u32::from(!acknowledged.is_subset(&found));
        made += 1;
    }
    server.kill();
    for w in writers {
        w.join().expect("a writer");
    }
    drop(server);
    drop(mount);
    let all = told.lock().expect("the ledger").len();
    Some((made, lost, all))
}

const NO_MOUNT: &str = "this user may not mount file systems";

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let Some((cuts, lost, all)) = cut_power(None, 20, false) else {
        return peyvand_testkit::skip("a_power_cut_loses_nothing_that_was_acknowledged", NO_MOUNT);
    };
    println!("{cuts} cuts, {all} acknowledged contacts");
    assert_eq!((cuts, lost), (20, 0));
    assert!(all > 100, "{all}");
}

/// The control: without synchronisation at every commit the same cuts lose something.
#[cfg(debug_assertions)]
#[test]
fn a_journal_that_is_not_synchronised_is_found_out() {
    let Some((cuts, lost, _)) = cut_power(Some("no-synchronisation"), 40, true) else {
        return peyvand_testkit::skip("a_journal_that_is_not_synchronised_is_found_out", NO_MOUNT);
    };
    println!("lost at cut {cuts}");
    assert!(lost > 0, "{cuts} cuts lost nothing");
}

#[tokio::test]
async fn a_full_disk_is_a_clean_refusal() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(mount) = Mount::in_memory(&folder.path().join("small"), 12 << 20) else {
        return peyvand_testkit::skip("a_full_disk_is_a_clean_refusal", NO_MOUNT);
    };
    let ballast = mount.path().join("ballast");
    std::fs::write(&ballast, vec![7; 3 << 20]).expect("the ballast");
    let site = Site::at(&mount.path().join("data"));
    let token = site.admin();
    let mut server = site.serve(&token);
    let client = server.client();
    let told: Acknowledged = Arc::default();
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let (client, told) = (server.client(), Arc::clone(&told));
            std::thread::spawn(move || create_until_gone(&client, n, &told))
        })
        .collect();
    for w in writers {
        assert_eq!(w.join().expect("a writer"), Some(507));
    }
    // The journal may have been taken over since, which leaves room for a few more.
    let full = create_refused(&client, 4, &told).expect("an answer");
    assert_eq!(
        (full.status, full.json["code"].as_str()),
        (507, Some("disk-full"))
    );
    // Reading goes on: lists, search, single records.
    let list = client.call("GET", "/contacts?limit=5", "").expect("a list");
    assert_eq!(list.status, 200);
    let first = list.json["data"][0]["id"].as_str().expect("an id").to_owned();
    let one = client
        .call("GET", &format!("/contacts/{first}"), "")
        .expect("a record");
    assert_eq!(one.status, 200);
    let search = client.call("GET", "/contacts?q=person", "").expect("a search");
    assert_eq!(search.status, 200, "{search:?}");
    assert!(!search.json["data"].as_array().expect("records").is_empty());
    // So do the changes of others: nothing is half written.
    let change = client
        .call("PATCH", &format!("/contacts/{first}"), r#"{"city":"Shiraz"}"#)
        .expect("an answer");
    assert!(matches!(change.status, 200 | 507), "{change:?}");
    // Room is made: writing goes on by itself.
    std::fs::remove_file(&ballast).expect("the ballast");
    let start = Instant::now();
    let again = loop {
        let a = client
            .call("POST", "/contacts", r#"{"name":"after"}"#)
            .expect("an answer");
        if a.status == 201 || start.elapsed() > Duration::from_secs(10) {
            break a;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    assert_eq!(again.status, 201, "{again:?}");
    server.kill();
    let told = told.lock().expect("the ledger").clone();
    println!("{} contacts until the disk was full", told.len());
    assert!(told.len() > 20);
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    assert_eq!(found.faults, Vec::<String>::new());
    let there: BTreeSet<Id> = found.records["contact"].keys().copied().collect();
    assert!(told.is_subset(&there));
    // What was refused is not there: the acknowledged ones, and the one after.
    assert_eq!(there.len(), told.len() + 1);
    engine.close().await;
}

#[tokio::test]
async fn an_import_on_a_full_disk_stops_and_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(mount) = Mount::in_memory(&folder.path().join("small"), 12 << 20) else {
        return peyvand_testkit::skip(
            "an_import_on_a_full_disk_stops_and_goes_on_when_there_is_room",
            NO_MOUNT,
        );
    };
    let ballast = mount.path().join("ballast");
    let site = Site::at(&mount.path().join("data"));
    site.admin();
    std::fs::write(&ballast, vec![7; 8 << 20]).expect("the ballast");
    let file = folder.path().join("people.csv");
    let mut text = "name,email,description\n".to_owned();
    for n in 0..1500 {
        text.push_str(&format!("Person {n},p{n}@example.com,{}\n", "y".repeat(300)));
    }
    std::fs::write(&file, text).expect("the file");
    let words = [
        "import",
        "--object",
        "contacts",
        "--policy",
        "skip",
        file.to_str().expect("a name"),
    ];
    let full = site.output(&words);
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    assert!(!full.status.success() && said.contains("disk is full"), "{said}");
    std::fs::remove_file(&ballast).expect("the ballast");
    site.run(&words);
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    assert_eq!(found.faults, Vec::<String>::new());
    assert_eq!(found.records["contact"].len(), 1500);
    engine.close().await;
}

/// A server whose calls of the system fail as asked; `None` without libfiu.
fn failing(site: &Site, token: &str, faults: &[&str]) -> Option<Server> {
    if !Command::new("fiu-run")
        .output()
        .is_ok_and(|o| o.status.code() != Some(127))
    {
        return None;
    }
    let program = site.program(&["serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("fiu-run");
    command.arg("-x");
    for f in faults {
        command.args(["-c", f]);
    }
    command.arg(program.get_program()).args(program.get_args());
    command.stderr(Stdio::null());
    Some(Server::start(command, token))
}

const NO_FIU: &str = "fiu-run of the package fiu-utils is not installed";

/// A file that may not grow any more: the system's call fails, and it is not for want of room.
#[tokio::test]
async fn writes_that_fail_are_refused_and_not_half_done() {
    let site = Site::at(&tempfile::tempdir().expect("a folder").keep());
    let token = site.admin();
    let program = site.program(&["serve", "--listen", "127.0.0.1:0"]);
    // 4 MiB in blocks of 512 bytes; the signal that would end the program is ignored, as the call's error is enough.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 8192; exec \"$@\"", "sh"]);
    command.arg(program.get_program()).args(program.get_args());
    command.stderr(Stdio::null());
    let mut server = Server::start(command, &token);
    let client = server.client();
    let mut told = BTreeSet::new();
    let mut refused = Vec::new();
    for n in 0..3_000 {
        let body = json!({"name": format!("person {n}"), "description": "x".repeat(4_000)}).to_string();
        let a = client.call("POST", "/contacts", &body).expect("an answer");
        if a.status == 201 {
            let id: Id = a.json["id"].as_str().and_then(|s| s.parse().ok()).expect("an id");
            told.insert(id);
        } else {
            refused.push(a.status);
            if refused.len() > 20 {
                break;
            }
        }
    }
    // Reading goes on.
    assert_eq!(
        client
            .call("GET", "/contacts?limit=5", "")
            .expect("a list")
            .status,
        200
    );
    server.kill();
    println!("{} acknowledged, then {refused:?}", told.len());
    assert!(!refused.is_empty(), "no write failed");
    assert!(refused.iter().all(|s| *s >= 500), "{refused:?}");
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    assert_eq!(found.faults, Vec::<String>::new());
    let there: BTreeSet<Id> = found.records["contact"].keys().copied().collect();
    assert_eq!(there, told, "acknowledged and there are not the same");
    engine.close().await;
    std::fs::remove_dir_all(site.data()).expect("the folder");
}

#[tokio::test]
async fn a_disk_that_does_not_confirm_ends_the_program() {
    let site = Site::at(&tempfile::tempdir().expect("a folder").keep());
    let token = site.admin();
    // Both, because a build of the library may use either.
    let faults = [
        "enable_random name=posix/io/sync/fsync,probability=0.05,failinfo=5",
        "enable_random name=posix/io/sync/fdatasync,probability=0.05,failinfo=5",
    ];
    let Some(mut server) = failing(&site, &token, &faults) else {
        return peyvand_testkit::skip("a_disk_that_does_not_confirm_ends_the_program", NO_FIU);
    };
    let client = server.client();
    let told: Acknowledged = Arc::default();
    let refused = create_until_gone(&client, 1, &told);
    // Nobody was answered after the failure: the connection broke off.
    assert_eq!(refused, None);
    let start = Instant::now();
    let code = loop {
        if let Some(status) = server.child.try_wait().expect("its state") {
            break status.code();
        }
        assert!(start.elapsed() < Duration::from_secs(10), "the program goes on");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(74));
    let told = told.lock().expect("the ledger").clone();
    println!("{} acknowledged before the disk failed", told.len());
    let mut server = site.serve(&token);
    assert_eq!(
        server
            .client()
            .call("GET", "/contacts", "")
            .expect("an answer")
            .status,
        200
    );
    server.kill();
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    assert_eq!(found.faults, Vec::<String>::new());
    let there: BTreeSet<Id> = found.records["contact"].keys().copied().collect();
    assert!(told.is_subset(&there));
    engine.close().await;
    std::fs::remove_dir_all(site.data()).expect("the folder");
}
