//! Item 2 of the trust list: a killed process loses nothing that it has acknowledged, and leaves nothing half done.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use peyvand_core::random::SplitMix;
use serde_json::{Value, json};

/// How long records are written and processes killed.
const SPAN: Duration = Duration::from_secs(15);
const WRITERS: u64 = 8;

/// What was acknowledged about a record: its version, city and whether it lives.
type Ledger = Arc<Mutex<BTreeMap<String, (i64, String, bool)>>>;

fn program(data: &Path, words: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_peyvand"));
    c.args(["--data"]).arg(data).args(words);
    c
}

fn serve(data: &Path) -> (Child, String) {
    let mut child = program(data, &["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output"))
        .read_line(&mut line)
        .expect("a line");
    let at = line
        .trim()
        .rsplit("http://")
        .next()
        .unwrap_or_default()
        .to_owned();
    assert!(at.contains(':'), "the server said {line:?}");
    (child, at)
}

/// One request; `None` when the server died before it answered in full.
fn call(at: &str, token: &str, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
    let mut s = TcpStream::connect(at).ok()?;
    s.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(
        s,
        "{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut bytes = Vec::new();
    s.read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let length: usize = head
        .lines()
        .find_map(|l| {
            l.to_ascii_lowercase()
                .strip_prefix("content-length: ")
                .map(str::to_owned)
        })
        .map_or(Some(0), |l| l.trim().parse().ok())?;
    // The status line is the acknowledgement; a body that was cut off is read later.
    if rest.len() < length {
        return None;
    }
    Some((status, serde_json::from_str(rest).unwrap_or_default()))
}

/// Creates, changes and deletes until the server is gone; whatever was acknowledged goes into the ledger. A change that
/// was not acknowledged may or may not have happened: its record is not looked at again.
fn write(at: &str, token: &str, seed: u64, ledger: &Ledger) {
    let mut random = SplitMix::new(seed);
    let mut mine: Vec<String> = Vec::new();
    for n in 0_u64.. {
        let city = format!("city-{seed}-{n}");
        let kind = if mine.is_empty() { 0 } else { random.below(4) };
        if kind < 2 {
            let body = json!({"name": format!("person {seed} {n}"), "city": city}).to_string();
            let Some((201, v)) = call(at, token, "POST", "/contacts", &body) else {
                return;
            };
            let id = v["id"].as_str().unwrap_or_default().to_owned();
            ledger
                .lock()
                .expect("the ledger")
                .insert(id.clone(), (1, city, true));
            mine.push(id);
            continue;
        }
        let id = mine[random.below(mine.len() as u64) as usize].clone();
        let known = ledger.lock().expect("the ledger").remove(&id);
        let Some((version, old, _)) = known else { continue };
        if kind == 2 {
            let body = json!({"city": city}).to_string();
            match call(at, token, "PATCH", &format!("/contacts/{id}"), &body) {
                Some((200, v)) => {
                    assert_eq!(v["version"].as_i64(), Some(version + 1), "{v}");
                    ledger
                        .lock()
                        .expect("the ledger")
                        .insert(id, (version + 1, city, true));
                }
                _ => return,
            }
        } else {
            mine.retain(|m| *m != id);
            match call(at, token, "DELETE", &format!("/contacts/{id}"), "") {
                Some((204, _)) => {
                    ledger
                        .lock()
                        .expect("the ledger")
                        .insert(id, (version, old, false));
                }
                _ => return,
            }
        }
    }
}

/// What of the ledger the database does not hold.
fn missing(db: &rusqlite::Connection, ledger: &BTreeMap<String, (i64, String, bool)>) -> Vec<String> {
    let mut find = db
        .prepare("SELECT version, city, deleted_at IS NULL FROM contact WHERE id = ?1")
        .expect("a statement");
    ledger
        .iter()
        .filter(|(id, (version, city, live))| {
            let id: peyvand_core::Id = id.parse().expect("an id");
            let row = find.query_row([id.bytes().as_slice()], |r| {
                Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?, r.get::<_, bool>(2)?))
            });
            // Deleting raises the version as well.
            !matches!(row, Ok((v, c, l)) if v >= *version && c == *city && l == *live)
        })
        .map(|(id, told)| format!("{id}: {told:?}"))
        .collect()
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let run = |words: &[&str]| {
        let out = program(data, words).output().expect("the program");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    run(&[
        "admin",
        "create-user",
        "--email",
        "a@example.com",
        "--name",
        "A",
        "--role",
        "admin",
    ]);
    let said = run(&[
        "--json",
        "admin",
        "create-token",
        "--user",
        "a@example.com",
        "--scope",
        "*",
    ]);
    let json: Value = serde_json::from_str(&said).expect("json");
    let token = json["token"].as_str().expect("a token").to_owned();

    let ledger: Ledger = Arc::default();
    let mut random = SplitMix::new(5);
    let start = Instant::now();
    let mut kills = 0;
    while start.elapsed() < SPAN {
        let (mut child, at) = serve(data);
        let writers: Vec<_> = (0..WRITERS)
            .map(|n| {
                let (at, token, ledger) = (at.clone(), token.clone(), Arc::clone(&ledger));
                let seed = kills * WRITERS + n;
                std::thread::spawn(move || write(&at, &token, seed, &ledger))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(5 + random.below(250)));
        child.kill().expect("SIGKILL");
        child.wait().expect("its end");
        for w in writers {
            w.join().expect("a writer");
        }
        kills += 1;
    }
    // One start more, so that the log is read as a restart reads it.
    let (mut child, at) = serve(data);
    assert_eq!(call(&at, &token, "GET", "/contacts", "").map(|a| a.0), Some(200));
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");

    let db = rusqlite::Connection::open(data.join("peyvand.db")).expect("the database");
    let ledger = ledger.lock().expect("the ledger").clone();
    println!("{kills} kills, {} acknowledged records", ledger.len());
    assert!(
        kills >= 5 && ledger.len() > 50,
        "{kills} kills, {} records",
        ledger.len()
    );
    assert_eq!(missing(&db, &ledger), Vec::<String>::new());

    let one = |sql: &str| -> String { db.query_row(sql, [], |r| r.get(0)).expect(sql) };
    assert_eq!(one("PRAGMA integrity_check"), "ok");
    for (what, sql) in [
        (
            "records without a spine",
            "SELECT count(*) || '' FROM contact c WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.id = c.id)",
        ),
        (
            "spines without a record",
            "SELECT count(*) || '' FROM record r WHERE r.object = 'contact' AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.id = r.id)",
        ),
        (
            "versions without an audit entry",
            "SELECT count(*) || '' FROM contact c WHERE c.version <> (SELECT count(*) FROM audit a WHERE a.record_id = c.id)",
        ),
        (
            "live records that search does not know",
            "SELECT count(*) || '' FROM contact c WHERE c.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM search_doc s WHERE s.record_id = c.id)",
        ),
        (
            "deleted records that search knows",
            "SELECT count(*) || '' FROM contact c WHERE c.deleted_at IS NOT NULL AND EXISTS (SELECT 1 FROM search_doc s WHERE s.record_id = c.id)",
        ),
        (
            "broken references",
            "SELECT count(*) || '' FROM pragma_foreign_key_check",
        ),
    ] {
        assert_eq!(one(sql), "0", "{what}");
    }
    // The control: an acknowledgement that came before its commit is what this looks for, and is found.
    let mut early = ledger;
    early.insert(
        peyvand_core::Id::from_bytes([9; 16]).to_string(),
        (1, "never committed".to_owned(), true),
    );
    assert_eq!(missing(&db, &early).len(), 1);
}
