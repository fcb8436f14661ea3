//! The interface as it is served by the program: files that are meant to harm come up and are refused, listeners that
//! hear nothing cost little.

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{Client, Found, Server, Site};
use peyvand_core::{Id, WorkspaceId};
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Keys, RowsCall, Secret};
use peyvand_testkit::db::{self, Kind, TestDb};
use peyvand_testkit::db_test;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

/// A size of the process now (`VmRSS`) or at most so far (`VmHWM`), in KiB.
fn kib(server: &Server, what: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).expect("its state");
    let line = text.lines().find(|l| l.starts_with(what)).expect("its size");
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number")
}

/// The server, an administrator's token and a caller.
async fn served() -> (Site, Server, String, Client) {
    let site = Site::of(db::open(Kind::Sqlite).await).await;
    let token = site.admin();
    let server = site.serve(&token);
    let client = server.client();
    (site, server, token, client)
}

/// Sends a part of a file; the status and the answer.
fn part(server: &Server, token: &str, upload: &str, at: usize, bytes: &[u8]) -> (u16, Value) {
    let mut s = TcpStream::connect(&server.at).expect("a connection");
    s.set_read_timeout(Some(Duration::from_secs(60)))
        .expect("a limit");
    let head = format!(
        "PATCH /api/v1/uploads/{upload} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/offset+octet-stream\r\nUpload-Offset: {at}\r\nContent-Length: {}\r\n\r\n",
        bytes.len()
    );
    s.write_all(head.as_bytes()).expect("the head");
    s.write_all(bytes).expect("the part");
    let mut answer = Vec::new();
    s.read_to_end(&mut answer).expect("an answer");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .expect("a status");
    (status, serde_json::from_str(body).unwrap_or_default())
}

/// A workbook whose one sheet unpacks to 300 MB.
fn bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let kind = "http://schemas.openxmlformats.org";
    let office = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut put = |name: &str, text: String| {
        zip.start_file(name, options).expect("an entry");
        zip.write_all(text.as_bytes()).expect("its text");
    };
    put(
        "[Content_Types].xml",
        format!(
            "<Types xmlns=\"{kind}/package/2006/content-types\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override \
             PartName=\"/xl/workbook.xml\" ContentType=\"{office}.sheet.main+xml\"/><Override \
             PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{office}.worksheet+xml\"/></Types>"
        ),
    );
    put(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"{kind}/package/2006/relationships\"><Relationship Id=\"rId1\" \
             Type=\"{kind}/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    put(
        "xl/workbook.xml",
        format!(
            "<workbook xmlns=\"{kind}/spreadsheetml/2006/main\" xmlns:r=\"{kind}/officeDocument/2006/relationships\">\
             <sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
        ),
    );
    put(
        "xl/_rels/workbook.xml.rels",
        format!(
            "<Relationships xmlns=\"{kind}/package/2006/relationships\"><Relationship Id=\"rId1\" \
             Type=\"{kind}/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
        ),
    );
    put(
        "xl/worksheets/sheet1.xml",
        format!(
            "<worksheet xmlns=\"{kind}/spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\">\
             <is><t>name</t></is></c></row><row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>"
        ),
    );
    let block = vec![b'a'; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&block).expect("its text");
    }
    zip.finish().expect("the workbook").into_inner()
}

/// What became of a file: the place where it was refused, and the answer.
fn sent(
    server: &Server,
    token: &str,
    client: &Client,
    name: &str,
    bytes: &[u8],
    mapping: &Value,
) -> (&'static str, Value) {
    let new = json!({"name": name, "size": bytes.len()}).to_string();
    let begun = client.call("POST", "/uploads", &new).expect("an answer");
    if begun.status != 201 {
        return ("upload", begun.json);
    }
    let upload = begun.json["id"].as_str().expect("an id").to_owned();
    let mut file = Value::Null;
    for (n, piece) in bytes.chunks(8 << 20).enumerate() {
        let (status, answer) = part(server, token, &upload, n * (8 << 20), piece);
        if status != 200 {
            assert_eq!(status, 422, "{name}: {answer}");
            return ("upload", answer);
        }
        file = answer["file_id"].clone();
    }
    let mut new = json!({"object": "contacts", "file_id": file, "policy": "create"});
    if !mapping.is_null() {
        new["mapping"] = mapping.clone();
    }
    let begun = client
        .call("POST", "/imports", &new.to_string())
        .expect("an answer");
    if begun.status != 201 {
        assert_eq!(begun.status, 422, "{name}: {}", begun.json);
        return ("preview", begun.json);
    }
    let path = format!("/imports/{}", begun.json["id"].as_str().expect("an id"));
    let started = client
        .call("POST", &format!("{path}/start"), "")
        .expect("an answer");
    assert_eq!(started.status, 202, "{name}: {}", started.json);
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let now = client.call("GET", &path, "").expect("an answer");
        if matches!(now.json["state"].as_str(), Some("done" | "failed")) {
            return ("import", now.json);
        }
        assert!(Instant::now() < end, "{name} hangs: {}", now.json);
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Each file is refused with a sentence where it is looked at first, others are served meanwhile, the server does not
/// grow beyond its bound, and nothing is half written. The control: an honest file comes in.
#[tokio::test]
async fn hostile_files_through_the_interface() {
    let (site, server, token, client) = served().await;
    let total = || {
        let a = client.call("GET", "/contacts?count=true", "").expect("an answer");
        a.json["total"].as_u64().expect("a total")
    };
    let mut wide = "name".to_owned();
    for n in 0..5_000 {
        wide.push_str(&format!(",c{n}"));
    }
    wide.push_str("\nAli\n");
    let mut line = b"name,email\n".to_vec();
    line.resize(64 << 20, b'x');
    let workbook = bomb();
    let cut = workbook[..workbook.len() / 2].to_vec();
    let mapping = json!({"object": "contacts", "columns": [{"name": "Full name", "field": "name"}]});
    // Anything in two encodings at once cannot be read as either.
    let mut mixed = "name,email\nسارا,a@example.com\n".as_bytes().to_vec();
    mixed.extend_from_slice(b"\xc7\xe3\x8d,b@example.com\n\xff\xfe\x00,c@example.com\n");
    let none = Value::Null;
    let cases: Vec<(&str, Vec<u8>, &Value)> = vec![
        ("bomb.xlsx", workbook, &none),
        ("line.csv", line, &none),
        ("cut.xlsx", cut, &none),
        ("header.csv", b"name,name\na,b\n".to_vec(), &none),
        ("wide.csv", wide.into_bytes(), &none),
        (
            "column.csv",
            b"Somebody,email\nAli,a@example.com\n".to_vec(),
            &mapping,
        ),
        ("not.xlsx", b"name,email\nAli,a@example.com\n".to_vec(), &none),
    ];
    for (name, bytes, mapping) in &cases {
        let (place, answer) = sent(&server, &token, &client, name, bytes, mapping);
        println!("{name}: {place}: {answer:.400}");
        assert!(!answer.to_string().contains("panicked"), "{name}");
        if place == "import" {
            assert_eq!(answer["state"], "failed", "{name}: {answer}");
            let message = &answer["progress"]["error"]["message"];
            assert!(
                message["fa"].as_str().is_some_and(|t| !t.is_empty())
                    && message["en"].as_str().is_some_and(|t| !t.is_empty()),
                "{name}: {answer}"
            );
        } else {
            assert!(
                answer["detail"].as_str().is_some_and(|t| !t.is_empty()) && answer["code"].is_string(),
                "{name}: {answer}"
            );
        }
        assert_eq!(total(), 0, "{name} was half written");
        let asked = Instant::now();
        assert_eq!(client.call("GET", "/objects", "").expect("an answer").status, 200);
        assert!(
            asked.elapsed() < Duration::from_secs(5),
            "{name} keeps others waiting"
        );
    }
    // Two gigabytes are refused before a byte of them is sent.
    let two = json!({"name": "two.csv", "size": 2_u64 << 30}).to_string();
    let a = client.call("POST", "/uploads", &two).expect("an answer");
    assert_eq!(
        (a.status, a.json["errors"][0]["field"].as_str()),
        (422, Some("size")),
        "{}",
        a.json
    );
    let most = kib(&server, "VmHWM:");
    println!("at most {} MiB", most / 1024);
    assert!(most < 256 * 1024, "{most} KiB");
    let (place, answer) = sent(
        &server,
        &token,
        &client,
        "good.csv",
        b"name,email\nAli,a@example.com\n",
        &none,
    );
    assert_eq!(
        (place, answer["state"].as_str()),
        ("import", Some("done")),
        "{answer}"
    );
    assert_eq!(total(), 1, "the control");
    // What cannot be read as one encoding: the file is refused, or the rows that are hurt are, and are counted.
    let (place, answer) = sent(&server, &token, &client, "mixed.csv", &mixed, &none);
    println!("mixed.csv: {place}: {answer}");
    let said = &answer["progress"]["report"];
    assert!(
        place != "import"
            || answer["state"] == "failed"
            || said["outcomes"]["contact.failed"].as_u64().is_some_and(|n| n > 0),
        "{answer}"
    );
    drop(server);
    let engine = site.engine().await;
    assert_eq!(Found::in_database(&engine).await.faults, Vec::<String>::new());
    engine.close().await;
}

/// A scanner that speaks as clamd does and finds every file in which the word "harmful" stands. What it was sent.
fn scanner(listener: std::net::TcpListener) -> std::sync::mpsc::Receiver<Vec<u8>> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut s) = stream else { return };
            let mut word = [0; 10];
            s.read_exact(&mut word).expect("a command");
            assert_eq!(&word, b"zINSTREAM\0");
            let mut content = Vec::new();
            loop {
                let mut size = [0; 4];
                s.read_exact(&mut size).expect("a size");
                let size = u32::from_be_bytes(size) as usize;
                if size == 0 {
                    break;
                }
                let begin = content.len();
                content.resize(begin + size, 0);
                s.read_exact(&mut content[begin..]).expect("a piece");
            }
            let found = content.windows(7).any(|w| w == b"harmful");
            let answer: &[u8] = if found {
                b"stream: Test.Harm FOUND\0"
            } else {
                b"stream: OK\0"
            };
            s.write_all(answer).expect("an answer");
            if tell.send(content).is_err() {
                return;
            }
        }
    });
    told
}

/// Files that come up are shown to the scanner; what it refuses is kept nowhere, and without the scanner nothing is taken.
#[tokio::test]
async fn a_scanner_refuses_files() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("a port");
    let told = scanner(listener);
    let mut site = Site::of(db::open(Kind::Sqlite).await).await;
    let token = site.admin();
    site.variables
        .push(("PEYVAND_SCANNER".to_owned(), format!("tcp://{at}")));
    let server = site.serve(&token);
    let client = server.client();
    // Both of 150 kB: larger than one piece of what is sent to the scanner.
    let content = |word: &str| format!("{word} {}\n", "text ".repeat(30_000)).into_bytes();
    let send = |client: &Client, server: &Server, bytes: &[u8]| {
        let new = json!({"name": "a.txt", "size": bytes.len()}).to_string();
        let begun = client.call("POST", "/uploads", &new).expect("an answer");
        let id = begun.json["id"].as_str().expect("an upload").to_owned();
        let (status, answer) = part(server, &token, &id, 0, bytes);
        (status, answer, id)
    };
    let kept = |what: &str| {
        let mut open = vec![site.data().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = open.pop() {
            for e in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = e.path();
                if path.is_dir() {
                    open.push(path);
                } else if std::fs::read(&path)
                    .is_ok_and(|b| b.windows(what.len()).any(|w| w == what.as_bytes()))
                {
                    found.push(path);
                }
            }
        }
        found
    };
    let good = content("harmless");
    let (status, answer, _) = send(&client, &server, &good);
    assert_eq!(status, 200, "{answer}");
    assert!(answer["file_id"].is_string(), "{answer}");
    assert_eq!(told.recv().expect("a look"), good, "all of it was shown");
    assert!(!kept("harmless text").is_empty(), "the control of what follows");
    let bad = content("harmful");
    let (status, answer, id) = send(&client, &server, &bad);
    assert_eq!(
        (status, answer["code"].as_str()),
        (422, Some("file-refused")),
        "{answer}"
    );
    assert_eq!(told.recv().expect("a look"), bad);
    assert_eq!(kept("harmful text"), Vec::<std::path::PathBuf>::new());
    let gone = client
        .call("GET", &format!("/uploads/{id}"), "")
        .expect("an answer");
    assert_eq!(gone.status, 404);
    drop(server);
    // Without the scanner: nothing is taken.
    site.variables.pop();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port");
    site.variables
        .push(("PEYVAND_SCANNER".to_owned(), format!("tcp://{nobody}")));
    let server = site.serve(&token);
    let (status, answer, _) = send(&server.client(), &server, &good);
    assert!(status >= 500 && answer["file_id"].is_null(), "{status} {answer}");
    drop(server);
    let words = ["--scanner", "clamd", "doctor"];
    let out = site.output(&words);
    assert!(!out.status.success(), "an address that is none");
}

/// The secrets of one-time codes as they lie in the database, with the ids of their accounts.
async fn sealed_codes(site: &Site) -> Vec<(Id, Vec<u8>)> {
    let engine = site.engine().await;
    let t = &SIDE.account;
    let rows = engine
        .rows(RowsCall::new(t, &[]).everywhere())
        .await
        .expect("the accounts");
    engine.close().await;
    rows.iter()
        .filter_map(|r| Some((r[t.at("id")].uuid()?, r[t.at("totp_next")].bytes()?.to_vec())))
        .collect()
}

/// A new key: what was encrypted is encrypted with it, the old one alone opens nothing of that any more, and a kill in
/// between loses nothing. On both engines.
#[db_test]
async fn the_key_is_changed(db: TestDb) {
    let mut site = Site::of(db).await;
    let first = Secret::from(db::SECRET);
    let key = |site: &Site| {
        let bytes = std::fs::read(site.data().join("instance.key")).expect("the key");
        Secret::read(&bytes).expect("a key")
    };
    let token = site.admin();
    // Three people who are setting one-time codes up.
    let mut secrets = Vec::new();
    {
        let engine = site.engine().await;
        let t = &SIDE.account;
        let account = engine
            .rows(RowsCall::new(t, &[]).everywhere())
            .await
            .expect("accounts")[0]
            .clone();
        for n in 0..3_u8 {
            let id = Id::from_bytes([n + 1; 16]);
            let secret = format!("SECRET{n}");
            let sealed = Keys::new(first.clone()).seal(WorkspaceId(0), id, b"totp", &secret);
            let mut row = account.clone();
            row[t.at("id")] = id.into();
            row[t.at("email")] = format!("p{n}@example.com").as_str().into();
            row[t.at("totp_next")] = sealed.into();
            let step = Step::Insert {
                table: std::sync::Arc::clone(t),
                row,
                on_key: OnKey::Fail,
            };
            engine.apply(Plan::of(vec![step])).await.expect("an account");
            secrets.push((id, secret));
        }
        engine.close().await;
    }
    let opened = |keys: &Secret, rows: &[(Id, Vec<u8>)]| {
        let keys = Keys::new(keys.clone());
        rows.iter()
            .filter_map(|(id, b)| Some((*id, keys.open(WorkspaceId(0), *id, b"totp", b)?)))
            .collect::<Vec<_>>()
    };
    // Control: now the first key opens them.
    assert_eq!(opened(&first, &sealed_codes(&site).await), secrets);
    // Killed between the file and the database.
    site.variables
        .push(("PEYVAND_TEST_MODE".to_owned(), "cut-rotation".to_owned()));
    assert!(!site.output(&["admin", "rotate-key"]).status.success());
    site.variables.pop();
    let second = key(&site);
    assert_eq!(second.bytes().len(), 64);
    assert_eq!(
        opened(&second, &sealed_codes(&site).await),
        secrets,
        "nothing is lost"
    );
    // Again, in a server that runs: it goes on with the new key.
    let server = site.serve(&token);
    site.run(&["admin", "rotate-key"]);
    let rows = {
        let client = server.client();
        let made = client
            .call("POST", "/contacts", "{\"name\":\"after\"}")
            .expect("an answer");
        assert_eq!(made.status, 201);
        let id = made.json["id"].as_str().expect("an id").to_owned();
        let log = client
            .call("GET", &format!("/contacts/{id}/audit"), "")
            .expect("an answer");
        assert_eq!(log.status, 200, "{:?}", log.json);
        drop(server);
        sealed_codes(&site).await
    };
    let third = key(&site);
    assert_eq!(third.bytes().len(), 96);
    assert_eq!(third.bytes()[..32], first.bytes()[..]);
    assert_eq!(opened(&third, &rows), secrets);
    assert_eq!(
        opened(&third.newest().into(), &rows),
        secrets,
        "the new key opens them all"
    );
    assert!(opened(&first, &rows).is_empty(), "the first key opens none");
    assert!(opened(&second, &rows).is_empty(), "nor does the second");
    // The log, whose entries lie under three keys, holds.
    site.run(&["audit", "verify"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(site.data().join("instance.key"))
            .expect("the key")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "only its owner reads the key");
    }
}

/// The limit of cores of a process, soft and hard.
#[cfg(target_os = "linux")]
fn cores(pid: u32) -> Vec<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/limits")).expect("its limits");
    let line = text
        .lines()
        .find(|l| l.starts_with("Max core file size"))
        .expect("its limit of cores");
    line.split_whitespace()
        .skip(4)
        .take(2)
        .map(str::to_owned)
        .collect()
}

/// What is in the memory of the program, the key among it, is written nowhere when it crashes.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_crash_writes_no_memory() {
    use std::os::unix::process::ExitStatusExt as _;
    let site = Site::of(db::open(Kind::Sqlite).await).await;
    let token = site.admin();
    let here = tempfile::tempdir().expect("a folder");
    // As a system that writes cores starts it.
    let mut shell = std::process::Command::new("sh");
    let program = site.program(&["serve", "--listen", "127.0.0.1:0"]);
    shell
        .args(["-c", "ulimit -c $(ulimit -Hc); exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(here.path())
        .stderr(std::process::Stdio::null());
    let mut server = Server::start(shell, &token);
    assert_eq!(cores(server.child.id()), ["0", "0"]);
    // Control: another program that is started in the same way may.
    let mut other = std::process::Command::new("sh")
        .args(["-c", "ulimit -c $(ulimit -Hc); exec sleep 60"])
        .spawn()
        .expect("another program");
    std::thread::sleep(Duration::from_millis(200));
    let own = cores(std::process::id());
    let others = cores(other.id());
    other.kill().expect("its end");
    other.wait().expect("its end");
    assert_eq!(others[0], own[1], "as much as this test itself may be given");
    // A crash leaves nothing behind in the folder where it ran.
    let pid = i32::try_from(server.child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .expect("its id");
    rustix::process::kill_process(pid, rustix::process::Signal::ABORT).expect("a crash");
    let end = server.child.wait().expect("its end");
    assert_eq!(end.signal(), Some(6), "{end:?}");
    assert!(!end.core_dumped(), "{end:?}");
    assert_eq!(here.path().read_dir().expect("the folder").count(), 0);
}

/// Two hundred who listen and hear nothing cost at most 20 MB together, and each of them hears the next change.
#[tokio::test]
async fn idle_listeners_cost_little() {
    let (_site, server, token, client) = served().await;
    let listen = || {
        let mut s = TcpStream::connect(&server.at).expect("a connection");
        s.set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a limit");
        let head = format!("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        s.write_all(head.as_bytes()).expect("a request");
        let mut heard = String::new();
        hear(&mut s, &mut heard, "event: hello");
        s
    };
    // What the first ones bring with them is not what each of them costs.
    let mut ears: Vec<TcpStream> = (0..10).map(|_| listen()).collect();
    std::thread::sleep(Duration::from_secs(3));
    let before = kib(&server, "VmRSS:");
    for _ in 0..200 {
        ears.push(listen());
    }
    // Each has been asked at least once whether it is still let in.
    std::thread::sleep(Duration::from_secs(5));
    let after = kib(&server, "VmRSS:");
    println!("200 listeners: {} KiB", after.saturating_sub(before));
    assert!(
        after < before + 20_000_000 / 1024,
        "{before} KiB, then {after} KiB"
    );
    // The control: they listen indeed.
    let made = client
        .call("POST", "/contacts", "{\"name\":\"x\"}")
        .expect("an answer");
    let id = made.json["id"].as_str().expect("an id");
    for ear in &mut ears {
        let mut heard = String::new();
        hear(ear, &mut heard, id);
    }
}

/// Reads until the words are heard.
fn hear(from: &mut TcpStream, heard: &mut String, words: &str) {
    let mut buffer = [0; 4096];
    while !heard.contains(words) {
        match from.read(&mut buffer) {
            Ok(n) if n > 0 => heard.push_str(&String::from_utf8_lossy(&buffer[..n])),
            other => panic!("{other:?} before {words}: {heard}"),
        }
    }
}

/// A form of a page, as a browser of this site sends it.
fn form(server: &Server, path: &str, body: &str) -> String {
    let mut s = TcpStream::connect(&server.at).expect("a connection");
    s.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    s.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    s.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Passwords, tokens, links and sessions are in no log, no file, no backup, no row of the database, no entry of the audit
/// log, no list and no export, also not when they come where they do not belong. The control: what is no secret is found by the same looks.
#[tokio::test]
async fn secrets_are_kept_nowhere() {
    const PASSWORD: &str = "canary-Kabootar-7319";
    const WRONG: &str = "canary-Parastoo-2846";
    let site = Site::of(db::open(Kind::Sqlite).await).await;
    let token = site.admin();
    let log = site.file("log");
    let mut command = site.program(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .env("PEYVAND_LOG", "debug")
        .stderr(std::fs::File::create(&log).expect("the log"));
    let server = Server::start(command, &token);
    let client = server.client();
    let call = |method: &str, path: &str, body: &Value| {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        client.call(method, path, &body).expect("an answer")
    };
    let users = call("GET", "/users", &Value::Null).json;
    let me = users["data"][0]["id"].as_str().expect("an id").to_owned();
    let link = call("POST", &format!("/users/{me}/reset-link"), &Value::Null).json;
    let link = link["link"]
        .as_str()
        .and_then(|l| l.split("token=").nth(1))
        .expect("a link")
        .to_owned();
    let answer = form(&server, "/reset", &format!("token={link}&password={PASSWORD}"));
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer:.600}");
    let wrong = form(
        &server,
        "/sign-in",
        &format!("email=a%40example.com&password={WRONG}"),
    );
    assert!(wrong.starts_with("HTTP/1.1 422"), "{wrong:.300}");
    let right = form(
        &server,
        "/sign-in",
        &format!("email=a%40example.com&password={PASSWORD}"),
    );
    let session = right
        .lines()
        .find_map(|l| {
            l.split_once("peyvand_session=")
                .map(|(_, v)| v.split(';').next().unwrap_or_default())
        })
        .expect("a session")
        .to_owned();
    assert!(session.len() > 20 && link.len() > 20, "{session} {link}");
    let made = call("POST", "/tokens", &json!({"name": "more", "scopes": ["*"]})).json;
    let more = made["token"].as_str().expect("a token").to_owned();
    let secrets = [
        PASSWORD,
        WRONG,
        &token,
        &more,
        &token[4..],
        &more[4..],
        &session,
        &link,
    ];
    // Where they do not belong.
    for secret in secrets {
        for (method, path, body) in [
            ("GET", format!("/contacts?token={secret}"), Value::Null),
            ("GET", format!("/{secret}/{secret}"), Value::Null),
            (
                "POST",
                "/users".to_owned(),
                json!({"name": "x", "password": secret}),
            ),
            (
                "POST",
                "/tokens".to_owned(),
                json!({"name": "x", "scopes": [secret]}),
            ),
            ("PATCH", format!("/users/{me}"), json!({"token": secret})),
            ("POST", "/contacts".to_owned(), json!({"password": secret})),
        ] {
            let a = call(method, &path, &body);
            assert!(
                (400..500).contains(&a.status),
                "{method} {path:.12}: {}",
                a.status
            );
        }
    }
    let export = call(
        "POST",
        "/exports",
        &json!({"object": "users", "format": "ndjson"}),
    )
    .json;
    let export = format!("/exports/{}", export["id"].as_str().expect("an id"));
    let end = Instant::now() + Duration::from_secs(30);
    while call("GET", &export, &Value::Null).json["state"] != "done" {
        assert!(Instant::now() < end, "the export hangs");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut seen = String::new();
    for path in [
        "/users",
        "/tokens",
        "/objects",
        "/jobs",
        "/schema",
        "/exports",
        "/audit?limit=200",
        &format!("/users/{me}/audit"),
        &format!("/users/{me}/access"),
    ] {
        let a = call("GET", path, &Value::Null);
        assert_eq!(a.status, 200, "{path}");
        seen.push_str(&a.json.to_string());
    }
    let mut s = TcpStream::connect(&server.at).expect("a connection");
    let request = format!(
        "GET /api/v1{export}/content HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    s.write_all(request.as_bytes()).expect("a request");
    s.read_to_string(&mut seen).expect("the export");
    drop(server);
    let log = std::fs::read_to_string(&log).expect("the log");
    let engine = site.engine().await;
    let mut tables = peyvand_store::Layout::of(peyvand_catalog::Catalog::standard()).tables();
    tables.extend(peyvand_store::tables::SIDE.all());
    let mut rows = String::new();
    for t in &tables {
        for row in common::rows(&engine, t).await {
            rows.push_str(&format!("{row:?}\n"));
        }
    }
    engine.close().await;
    // Byte by byte: every file of the data folder but the key itself, and a backup.
    let backup = site.file("whole.pvb");
    site.run(&["backup", backup.to_str().expect("a path")]);
    let mut files = Vec::new();
    let mut folders = vec![site.data().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|n| n != "instance.key")
                && let Ok(bytes) = std::fs::read(&path)
            {
                files.push((path, bytes));
            }
        }
    }
    let holds = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|w| w == text);
    let kept = &files.iter().find(|(p, _)| *p == backup).expect("the backup").1;
    assert!(holds(kept, b"a@example.com"), "the control");
    for (path, bytes) in &files {
        for secret in secrets {
            assert!(
                !holds(bytes, secret.as_bytes()),
                "{}: {secret:.10}…",
                path.display()
            );
        }
        assert!(!holds(bytes, &db::SECRET), "{}: the key", path.display());
    }
    for secret in secrets {
        let short: String = secret.chars().take(10).collect();
        assert!(!log.contains(secret), "{short}… is in the log");
        assert!(!seen.contains(secret), "{short}… is in an answer");
        assert!(!rows.contains(secret), "{short}… is in the database");
    }
    assert!(
        seen.contains("a@example.com") && rows.contains("a@example.com"),
        "the control"
    );
    assert!(log.contains("/api/v1/tokens"), "the control: {log:.2000}");
}
