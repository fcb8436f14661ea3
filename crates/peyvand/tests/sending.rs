//! Items 11, 12 and 81 of the trust list through the program itself: a process that is killed while it sends sends
//! nothing twice, a restored copy sends nothing until somebody has looked, and a withdrawal stops what waits.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use peyvand_core::random::SplitMix;
use serde_json::{Value, json};

const PEOPLE: usize = 60;
const KILLS: usize = 8;

fn program(data: &Path, words: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_peyvand"));
    c.arg("--data").arg(data).args(words);
    c
}

/// What a command says; it has to succeed.
fn run(data: &Path, words: &[&str]) -> String {
    let out = program(data, words).output().expect("the program");
    assert!(
        out.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).expect("text")
}

fn serve(data: &Path, ledger: &Path) -> (Child, String) {
    let mut child = program(data, &["serve", "--listen", "127.0.0.1:0", "--record-messages"])
        .arg(ledger)
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

fn call(at: &str, token: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let mut s = TcpStream::connect(at).expect("the server");
    s.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout");
    write!(
        s,
        "{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("a request");
    let mut text = String::new();
    s.read_to_string(&mut text).expect("an answer");
    let (head, rest) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .expect("a status");
    (status, serde_json::from_str(rest).unwrap_or_default())
}

/// How often each address stands in the file.
fn sent(ledger: &Path) -> BTreeMap<String, u32> {
    let mut out = BTreeMap::new();
    for line in std::fs::read_to_string(ledger).unwrap_or_default().lines() {
        // A line that was cut off by the kill was not acknowledged; it still may have gone out, and counts.
        let address = line
            .split("\"address\":\"")
            .nth(1)
            .and_then(|s| s.split('"').next())
            .unwrap_or("?");
        *out.entry(address.to_owned()).or_default() += 1;
    }
    out
}

fn states(data: &Path) -> BTreeMap<String, u32> {
    let db = rusqlite::Connection::open(data.join("peyvand.db")).expect("the database");
    let mut all = db
        .prepare("SELECT status, count(*) FROM message GROUP BY 1")
        .expect("a statement");
    all.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))
        .expect("rows")
        .map(|r| r.expect("a row"))
        .collect()
}

/// A workspace with people who have allowed the newsletter; gives the token, and contacts with their addresses.
fn prepare(data: &Path) -> (String, Vec<(String, String)>) {
    run(
        data,
        &[
            "admin",
            "create-user",
            "--email",
            "a@firm.example",
            "--name",
            "A",
            "--role",
            "admin",
        ],
    );
    let token = run(
        data,
        &[
            "admin",
            "create-token",
            "--user",
            "a@firm.example",
            "--scope",
            "*",
        ],
    );
    let token = token.split_whitespace().last().expect("a token").to_owned();
    let (mut child, at) = serve(data, &data.join("none.jsonl"));
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let mail = format!("p{n}@example.com");
        let (status, v) = call(
            &at,
            &token,
            "POST",
            "/contacts",
            &json!({"name": format!("نام {n}"), "emails": [mail]}),
        );
        assert_eq!(status, 201, "{v}");
        let id = v["id"].as_str().expect("an id").to_owned();
        let yes = json!({"verdict": "granted", "channel": "email", "purpose": "newsletter", "source": "paper",
                         "proof": format!("F-{n}")});
        let (status, v) = call(&at, &token, "POST", &format!("/contacts/{id}/consent"), &yes);
        assert_eq!((status, v["verdict"].as_str()), (201, Some("granted")), "{v}");
        people.push((id, mail));
    }
    child.kill().expect("to stop it");
    child.wait().expect("its end");
    (token, people)
}

fn queue(at: &str, token: &str, person: &str) -> (u16, Value) {
    call(
        at,
        token,
        "POST",
        "/messages",
        &json!({"contact_id": person, "channel": "email", "purpose": "newsletter", "subject": "آذر", "body": "سلام"}),
    )
}

#[test]
fn a_killed_sender_sends_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let ledger = folder.path().join("ledger.jsonl");
    let (token, people) = prepare(&data);
    run(&data, &["pause-sending"]);
    let (mut child, at) = serve(&data, &ledger);
    for (id, _) in &people {
        assert_eq!(queue(&at, &token, id).0, 201);
    }
    child.kill().expect("to kill it");
    child.wait().expect("its end");
    assert_eq!(sent(&ledger).len(), 0, "it was paused");
    run(&data, &["resume-sending", "--yes"]);
    let mut random = SplitMix::new(11);
    let mut cut = BTreeSet::new();
    for _ in 0..KILLS {
        let (mut child, _) = serve(&data, &ledger);
        std::thread::sleep(Duration::from_millis(15 + random.below(160)));
        child.kill().expect("to kill it");
        child.wait().expect("its end");
        let all = states(&data);
        cut.insert(all.get("sending").copied().unwrap_or(0));
    }
    // The last one is left in peace. Leases of the dead run out after half a minute.
    let (mut child, at) = serve(&data, &ledger);
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let all = states(&data);
        let open = all.get("queued").copied().unwrap_or(0) + all.get("sending").copied().unwrap_or(0);
        if open == 0 {
            break;
        }
        assert!(Instant::now() < end, "{all:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let (all, out) = (states(&data), sent(&ledger));
    println!(
        "{KILLS} kills: {all:?}, {} addresses in the file, seen in flight {cut:?}",
        out.len()
    );
    // Nobody twice; nobody forgotten: sent and unknown together are everybody, and whoever counts as sent is in the file.
    assert!(out.values().all(|n| *n == 1), "{out:?}");
    let count = |s: &str| all.get(s).copied().unwrap_or(0) as usize;
    assert_eq!(count("sent") + count("unknown"), PEOPLE, "{all:?}");
    assert!(out.len() >= count("sent") && out.len() <= PEOPLE);
    assert!(count("unknown") <= KILLS, "{all:?}");
    // Control: asked once more, a person gets it once more, and the same look at the file sees it. It is somebody who has
    // one already: whose message is unknown may have none.
    let (again, _) = people
        .iter()
        .find(|(_, mail)| out.contains_key(mail))
        .expect("somebody who has the message");
    assert_eq!(queue(&at, &token, again).0, 201);
    let end = Instant::now() + Duration::from_secs(30);
    while sent(&ledger).values().all(|n| *n == 1) {
        assert!(Instant::now() < end, "the second message was not seen");
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().expect("to kill it");
    child.wait().expect("its end");
}

#[test]
fn a_restored_copy_sends_nothing_until_somebody_has_looked() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (token, people) = prepare(&data);
    let ledger = folder.path().join("ledger.jsonl");
    run(&data, &["pause-sending"]);
    let (mut child, at) = serve(&data, &ledger);
    for (id, _) in people.iter().take(20) {
        assert_eq!(queue(&at, &token, id).0, 201);
    }
    child.kill().expect("to stop it");
    child.wait().expect("its end");
    run(&data, &["resume-sending", "--yes"]);
    let file = folder.path().join("b.peyvand");
    let file = file.to_str().expect("a path");
    run(&data, &["backup", file]);
    // Elsewhere, with the key of the first place.
    let copy = folder.path().join("copy");
    let key = data.join("instance.key");
    run(&copy, &["restore", file, "--key", key.to_str().expect("a path")]);
    let other = folder.path().join("copy.jsonl");
    let (mut child, _) = serve(&copy, &other);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(sent(&other).len(), 0);
    let look: Value = serde_json::from_str(&run(&copy, &["--json", "resume-sending"])).expect("JSON");
    assert_eq!(look["waiting"]["paused"], true);
    assert_eq!(look["waiting"]["from_before"], 20);
    // A yes that does not say what becomes of the old messages changes nothing.
    assert!(
        !program(&copy, &["resume-sending", "--yes"])
            .output()
            .expect("the program")
            .status
            .success()
    );
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(sent(&other).len(), 0);
    // A withdrawal while it waits.
    run(
        &copy,
        &["consent", "withdraw", "p7@example.com", "--source", "phone"],
    );
    run(&copy, &["resume-sending", "--yes", "--send-queued"]);
    let end = Instant::now() + Duration::from_secs(60);
    while sent(&other).len() < 19 {
        assert!(Instant::now() < end, "{:?}", states(&copy));
        std::thread::sleep(Duration::from_millis(200));
    }
    std::thread::sleep(Duration::from_secs(1));
    let out = sent(&other);
    assert_eq!(out.len(), 19);
    assert!(!out.contains_key("p7@example.com"));
    child.kill().expect("to kill it");
    child.wait().expect("its end");
    // Control: the first place is no copy, and sends.
    let (mut child, _) = serve(&data, &ledger);
    let end = Instant::now() + Duration::from_secs(60);
    while sent(&ledger).len() < 20 {
        assert!(Instant::now() < end, "{:?}", states(&data));
        std::thread::sleep(Duration::from_millis(200));
    }
    child.kill().expect("to kill it");
    child.wait().expect("its end");
    assert!(sent(&ledger).contains_key("p7@example.com"));
}
