//! The running program: metrics, logs without people, TLS, limits, slow clients, settings that are wrong, and an end that
//! finishes what was acknowledged.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn program(data: &Path, words: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_peyvand"));
    c.arg("--data").arg(data).args(words).current_dir(data);
    c
}

struct Server {
    child: Child,
    at: String,
    said: Vec<String>,
    _out: BufReader<ChildStdout>,
}

impl Server {
    /// Starts one and reads so many lines of what it says.
    fn start(data: &Path, words: &[&str], lines: usize, environment: &[(&str, &str)]) -> Self {
        let mut all = vec!["serve"];
        if !words.contains(&"--listen") {
            all.extend(["--listen", "127.0.0.1:0"]);
        }
        all.extend(words);
        let mut c = program(data, &all);
        c.envs(environment.iter().copied());
        let mut child = c
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut said = Vec::new();
        for _ in 0..lines {
            let mut line = String::new();
            out.read_line(&mut line).expect("a line");
            said.push(line.trim().to_owned());
        }
        let at = said[0].rsplit("://").next().unwrap_or_default().to_owned();
        assert!(at.contains(':'), "{said:?}");
        Self {
            child,
            at,
            said,
            _out: out,
        }
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .expect("kill")
                .success()
        );
    }

    /// Ends it and gives what it wrote to its log.
    fn end(mut self) -> String {
        self.terminate();
        let mut log = String::new();
        if let Some(mut e) = self.child.stderr.take() {
            e.read_to_string(&mut log).expect("a log");
        }
        assert!(self.child.wait().expect("an end").success(), "{log}");
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn admin(data: &Path, words: &[&str]) -> String {
    let out = program(data, words).output().expect("a command");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

fn firm(data: &Path) -> String {
    admin(
        data,
        &[
            "admin",
            "create-user",
            "--email",
            "boss@example.com",
            "--name",
            "Boss",
            "--role",
            "admin",
        ],
    );
    let made = admin(
        data,
        &[
            "admin",
            "create-token",
            "--user",
            "boss@example.com",
            "--scope",
            "*",
        ],
    );
    made.rsplit(' ').next().unwrap_or_default().to_owned()
}

/// One request on a connection of its own: the whole answer.
fn raw(at: &str, request: &[u8]) -> String {
    let Ok(mut s) = TcpStream::connect(at) else {
        return String::new();
    };
    s.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    let _ = s.write_all(request);
    let mut bytes = Vec::new();
    let _ = s.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn get(at: &str, path: &str, headers: &str) -> String {
    raw(
        at,
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").as_bytes(),
    )
}

fn post(at: &str, token: &str, path: &str, body: &str) -> String {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    raw(at, head.as_bytes())
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

/// Metrics tell of routes and statuses, for this machine or by a token, and of nobody; the log has no people in it.
#[test]
fn metrics_and_logs_are_without_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = firm(folder.path());
    let environment = [
        ("PEYVAND_LOG_FORMAT", "json"),
        ("PEYVAND_LOG", "info,peyvand::request=info"),
    ];
    let s = Server::start(folder.path(), &[], 1, &environment);
    let canaries = [
        "canaryname",
        "canary@example.com",
        "09121234567",
        "canarycookie",
        "canaryagent",
        &token[4..],
    ];
    let body =
        r#"{"name": {"family": "canaryname"}, "emails": ["canary@example.com"], "phones": ["09121234567"]}"#;
    assert_eq!(status(&post(&s.at, &token, "/api/v1/contacts", body)), 201);
    for path in [
        "/api/v1/contacts?q=canaryname",
        "/api/v1/contacts?filter=city+%3D+%22canaryname%22",
        "/api/v1/canaryname/canary@example.com",
        "/contacts?q=canaryname",
        "/canaryname",
        "/sign-in?to=/canaryname",
        "/reset?token=canaryname",
    ] {
        let headers = format!(
            "Authorization: Bearer {token}\r\nCookie: peyvand_session=canarycookie\r\nUser-Agent: canaryagent\r\n"
        );
        assert!(status(&get(&s.at, path, &headers)) < 500, "{path}");
    }
    let form = "email=canary%40example.com&password=canaryname";
    let sign_in = format!(
        "POST /sign-in HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    assert_eq!(status(&raw(&s.at, sign_in.as_bytes())), 422);
    let metrics = get(&s.at, "/metrics", "");
    assert_eq!(status(&metrics), 200, "{metrics}");
    for wanted in [
        "peyvand_http_requests_total{method=\"POST\",route=\"/api/v1/contacts\",status=\"201\"} 1",
        "peyvand_http_request_duration_seconds_bucket{method=\"GET\",route=\"/contacts\",le=\"+Inf\"}",
        "route=\"/api/v1/{}/{}\"",
        "peyvand_jobs{state=\"waiting\"}",
        "peyvand_database_bytes ",
        "peyvand_sessions 0",
    ] {
        assert!(metrics.contains(wanted), "{wanted}\n{metrics}");
    }
    let log = s.end();
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{l}: {e}")))
        .collect();
    assert!(
        lines
            .iter()
            .any(|l| l["fields"]["route"] == "/api/v1/contacts" && l["fields"]["status"] == 201)
    );
    for c in canaries {
        assert!(!log.contains(c), "{c} in the log:\n{log}");
        assert!(!metrics.contains(c), "{c} in the metrics");
    }
    // With a token only who shows it reads them, also from this machine.
    let s = Server::start(folder.path(), &["--metrics-token", "long-secret"], 1, &[]);
    assert_eq!(status(&get(&s.at, "/metrics", "")), 404);
    assert_eq!(
        status(&get(&s.at, "/metrics", "Authorization: Bearer long-secres\r\n")),
        404
    );
    assert_eq!(
        status(&get(&s.at, "/metrics", "Authorization: Bearer long-secret\r\n")),
        200
    );
    s.end();
    // Behind a proxy nobody is this machine.
    let s = Server::start(folder.path(), &["--trusted-proxy", "1"], 1, &[]);
    assert_eq!(status(&get(&s.at, "/metrics", "")), 404);
    s.end();
}

/// The budget of a caller is exact, and the answer says when to come again.
#[test]
fn the_rate_of_a_caller_is_limited() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = firm(folder.path());
    let s = Server::start(folder.path(), &["--rate-limit", "60"], 1, &[]);
    let began = Instant::now();
    let mut taken = 0;
    let mut refused = String::new();
    for _ in 0..100 {
        let a = get(
            &s.at,
            "/api/v1/objects",
            &format!("Authorization: Bearer {token}\r\n"),
        );
        match status(&a) {
            200 => taken += 1,
            429 => refused = a,
            other => panic!("{other}"),
        }
    }
    let refilled = began.elapsed().as_secs() + 1;
    assert!(
        (60..=61 + refilled).contains(&taken),
        "{taken} of a minute's budget and one a second"
    );
    let low = refused.to_lowercase();
    assert!(
        low.contains("retry-after: ") && low.contains("rate-limited"),
        "{refused}"
    );
    // Another caller has a budget of its own; the health of the program is not part of anybody's.
    assert_eq!(status(&get(&s.at, "/sign-in", "")), 200);
    s.end();
}

/// An answer that is given before the body was read leaves the connection fit for the next request, or says that it ends.
#[test]
fn an_early_answer_leaves_no_broken_connection() {
    use std::io::{Read as _, Write as _};
    let folder = tempfile::tempdir().expect("a folder");
    let token = firm(folder.path());
    let s = Server::start(folder.path(), &[], 1, &[]);
    let auth = format!("Authorization: Bearer {token}\r\n");
    let read = |c: &mut std::net::TcpStream| {
        let mut all = Vec::new();
        let mut buffer = [0; 4096];
        let text = |all: &[u8]| String::from_utf8_lossy(all).to_lowercase();
        loop {
            let n = c.read(&mut buffer).expect("an answer");
            assert!(n > 0, "the connection ended without a word: {}", text(&all));
            all.extend_from_slice(&buffer[..n]);
            let said = text(&all);
            let Some((head, body)) = said.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ")?.parse::<usize>().ok())
                .unwrap_or(0);
            if body.len() >= length {
                return said;
            }
        }
    };
    for (method, path, head, status_of) in [
        (
            "POST",
            "/api/v1/contacts",
            "Content-Type: application/json\r\n".to_owned(),
            401,
        ),
        (
            "POST",
            "/api/v1/contacts",
            format!("{auth}Content-Type: text/plain\r\n"),
            415,
        ),
        (
            "POST",
            "/api/v1/contacts",
            format!("{auth}Content-Type: application/json\r\nAccept: image/png\r\n"),
            406,
        ),
        (
            "POST",
            "/api/v1/nothing-here",
            format!("{auth}Content-Type: application/json\r\n"),
            404,
        ),
    ] {
        for size in [100, 300_000, 3_000_000] {
            let mut c = std::net::TcpStream::connect(&s.at).expect("a connection");
            c.set_read_timeout(Some(Duration::from_secs(20)))
                .expect("a limit");
            let send = format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {size}\r\n\r\n");
            c.write_all(send.as_bytes()).expect("a head");
            let mut writer = c.try_clone().expect("the other half");
            // Of a large body the server need not take all.
            let sending = std::thread::spawn(move || writer.write_all(&vec![b'a'; size]).is_ok());
            let first = read(&mut c);
            assert_eq!(status(&first), status_of, "{first}");
            let whole = sending.join().expect("the sender");
            if first.contains("connection: close") {
                assert!(size > 1_000_000, "a small body is read: {first}");
                continue;
            }
            assert!(whole, "{status_of} {size}: the rest of the body was taken");
            let next = format!("GET /health HTTP/1.1\r\nHost: x\r\n{auth}\r\n");
            c.write_all(next.as_bytes()).expect("the next request");
            assert_eq!(status(&read(&mut c)), 200, "{status_of} {size}");
        }
    }
    s.end();
}

/// Heads that are too large or too long in coming, connections that say nothing: others are served meanwhile.
#[test]
fn slow_and_large_clients_harm_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = firm(folder.path());
    let s = Server::start(folder.path(), &[], 1, &[]);
    let large = get(
        &s.at,
        "/health",
        &format!("X-Large: {}\r\n", "a".repeat(64 * 1024)),
    );
    assert!([0, 400, 431].contains(&status(&large)), "{large:.80}");
    let many: String = (0..100).map(|n| format!("X-{n}: a\r\n")).collect();
    assert!([0, 400, 431].contains(&status(&get(&s.at, "/health", &many))));
    for odd in [
        "GET /health HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "GET /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
        "G\0T /health HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let a = raw(&s.at, odd.as_bytes());
        assert!([0, 400, 501, 505].contains(&status(&a)), "{odd:?}: {a}");
    }
    let mut slow = Vec::new();
    for _ in 0..300 {
        let mut c = TcpStream::connect(&s.at).expect("a connection");
        c.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            .expect("a part");
        slow.push(c);
    }
    let mut worst = Duration::ZERO;
    for _ in 0..20 {
        let began = Instant::now();
        let a = get(
            &s.at,
            "/api/v1/contacts",
            &format!("Authorization: Bearer {token}\r\n"),
        );
        assert_eq!(status(&a), 200);
        worst = worst.max(began.elapsed());
    }
    assert!(worst < Duration::from_secs(3), "{worst:?}");
    // Their time runs out: the server closes them, whatever they still send.
    let began = Instant::now();
    let mut one = slow.pop().expect("one of them");
    one.set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a limit");
    let mut rest = Vec::new();
    let _ = one.read_to_end(&mut rest);
    assert!(began.elapsed() < Duration::from_secs(25), "still open");
    drop(slow);
    s.end();
}

/// What was acknowledged before the end is there after it, and nothing new is taken.
#[test]
fn the_end_finishes_what_was_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = firm(folder.path());
    let s = Server::start(folder.path(), &[], 1, &[]);
    let done: Arc<Mutex<Vec<String>>> = Arc::default();
    let writers: Vec<_> = (0..6)
        .map(|n| {
            let (at, token, done) = (s.at.clone(), token.clone(), Arc::clone(&done));
            std::thread::spawn(move || {
                for i in 0.. {
                    let a = post(
                        &at,
                        &token,
                        "/api/v1/contacts",
                        &format!(r#"{{"name": "person {n} {i}"}}"#),
                    );
                    match status(&a) {
                        201 => {
                            let body = a.split("\r\n\r\n").nth(1).unwrap_or_default();
                            let v: serde_json::Value = serde_json::from_str(body).expect("a whole answer");
                            done.lock()
                                .expect("a list")
                                .push(v["id"].as_str().unwrap_or_default().to_owned());
                        }
                        // The door is closed: nothing was acknowledged.
                        0 => return,
                        other => panic!("{other}: {a}"),
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_secs(2));
    let began = Instant::now();
    s.end();
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    for w in writers {
        w.join().expect("a writer");
    }
    let ids = done.lock().expect("a list").clone();
    assert!(ids.len() > 20, "{}", ids.len());
    let s = Server::start(folder.path(), &[], 1, &[]);
    for id in &ids {
        let a = get(
            &s.at,
            &format!("/api/v1/contacts/{id}"),
            &format!("Authorization: Bearer {token}\r\n"),
        );
        assert_eq!(status(&a), 200, "{id} was acknowledged");
    }
    s.end();
}

/// Off this machine there is no plain HTTP: the server makes a certificate, says its fingerprint, and keeps it.
#[test]
fn other_machines_are_served_with_tls_only() {
    use rustls::pki_types::pem::PemObject as _;
    let folder = tempfile::tempdir().expect("a folder");
    firm(folder.path());
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port")
        .port();
    let listen = format!("0.0.0.0:{port}");
    // Without a certificate that others trust it does not start, and says what it needs.
    let refused = program(folder.path(), &["serve", "--listen", &listen])
        .output()
        .expect("a refusal");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success());
    for word in ["`listen`", "`tls-cert`", "`trusted-proxy`", "`self-signed`"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!folder.path().join("tls").exists());
    // A declared proxy, or the wish said in the file of settings, is enough.
    let s = Server::start(
        folder.path(),
        &["--listen", &listen, "--trusted-proxy", "1"],
        1,
        &[],
    );
    assert!(
        s.said[0].starts_with("peyvand listens on http://"),
        "{:?}",
        s.said
    );
    s.end();
    std::fs::write(folder.path().join("peyvand.toml"), "self_signed = true\n").expect("settings");
    let s = Server::start(folder.path(), &["--listen", &listen], 3, &[]);
    assert!(
        s.said[0].starts_with("peyvand listens on https://"),
        "{:?}",
        s.said
    );
    s.end();
    std::fs::remove_file(folder.path().join("peyvand.toml")).expect("settings");
    let s = Server::start(folder.path(), &["--listen", &listen, "--self-signed"], 3, &[]);
    assert!(
        s.said[0].starts_with("peyvand listens on https://"),
        "{:?}",
        s.said
    );
    let print = s.said[2].rsplit(' ').next().unwrap_or_default().to_owned();
    assert_eq!(print.split(':').count(), 32, "{:?}", s.said);
    let at = format!("127.0.0.1:{port}");
    assert_eq!(status(&get(&at, "/health", "")), 0, "no plain HTTP");
    // The certificate that it made is the one that it shows.
    let file = folder.path().join("tls/own.crt");
    let own = rustls::pki_types::CertificateDer::from_pem_file(&file).expect("a certificate");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(own).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).expect("a client");
    let mut socket = TcpStream::connect(&at).expect("a connection");
    let mut tls = rustls::Stream::new(&mut client, &mut socket);
    tls.write_all(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .expect("a request");
    let mut answer = Vec::new();
    let _ = tls.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert_eq!(status(&answer), 200, "{answer:.200}");
    assert!(
        answer
            .to_lowercase()
            .contains("strict-transport-security: max-age=31536000")
    );
    // Who speaks no newer version than 1.1 is told so (alert 70, RFC 8446); the same greeting with 1.2 is answered.
    for (minor, wanted) in [(2, (0x15, 70)), (3, (0x16, 2))] {
        let mut socket = TcpStream::connect(&at).expect("a connection");
        socket.write_all(&greeting(minor)).expect("a greeting");
        let mut head = [0; 7];
        socket.read_exact(&mut head).expect("an answer");
        // The kind of the record; of an alert its description, of a handshake its message.
        let said = if head[0] == 0x15 { head[6] } else { head[5] };
        assert_eq!((head[0], said), wanted, "{head:?}");
    }
    s.end();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join("tls/own.key"))
            .expect("a key")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "only its owner reads the key");
    }
    let s = Server::start(folder.path(), &["--listen", &listen, "--self-signed"], 3, &[]);
    assert!(s.said[2].ends_with(&print), "the fingerprint stays");
    s.end();
}

/// The first message of a client (RFC 5246, 7.4.1.2) that speaks TLS 1.1 (2) or 1.2 (3): two suites with ECDHE and ECDSA,
/// the curve and the signatures to them.
fn greeting(minor: u8) -> Vec<u8> {
    let extensions: &[u8] = &[
        0, 10, 0, 4, 0, 2, 0, 23, // groups: secp256r1
        0, 13, 0, 6, 0, 4, 4, 3, 8, 4, // signatures: ECDSA and RSA-PSS with SHA-256
        0, 11, 0, 2, 1, 0, // points: not packed
        0, 23, 0, 0, // extended master secret
    ];
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 4, 0xC0, 0x2B, 0xC0, 0x2C, 1, 0]);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend(extensions);
    let mut out = vec![0x16, 3, 1];
    out.extend((body.len() as u16 + 4).to_be_bytes());
    out.extend([1, 0]);
    out.extend((body.len() as u16).to_be_bytes());
    out.extend(body);
    out
}

/// Settings that are wrong are named, and nothing starts.
#[test]
fn wrong_settings_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = |words: &[&str]| {
        let out = program(folder.path(), words).output().expect("a command");
        assert!(!out.status.success(), "{words:?}");
        (
            out.status.code().unwrap_or(0),
            String::from_utf8_lossy(&out.stderr).into_owned(),
        )
    };
    let file = folder.path().join("peyvand.toml");
    let config = file.to_str().expect("a path").to_owned();
    for (text, named) in [
        ("lisen = \"127.0.0.1:1\"", "lisen"),
        ("listen = [1]", "listen"),
        ("listen = ", "peyvand.toml"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let (code, said) = wrong(&["serve"]);
        assert!(code == 78 && said.contains(named), "{text}: {code} {said}");
    }
    std::fs::write(&file, "listen = \"nowhere\"").expect("a file");
    assert!(wrong(&["serve"]).1.contains("--listen"));
    std::fs::remove_file(&file).expect("gone");
    for (words, named) in [
        (vec!["serve", "--config", &config], "peyvand.toml"),
        (vec!["serve", "--listen", "somewhere"], "--listen"),
        (vec!["serve", "--url", "crm.example.com"], "`url`"),
        (
            vec!["serve", "--tls-cert", "/no/such.pem", "--tls-key", "/no/such.key"],
            "`tls-cert`",
        ),
        (vec!["serve", "--tls-cert", "/no/such.pem"], "--tls-key"),
        (vec!["serve", "--trusted-proxy", "9"], "--trusted-proxy"),
        (vec!["--database", "mysql://x", "serve"], "--database"),
    ] {
        let said = wrong(&words).1;
        assert!(said.contains(named), "{words:?}: {said}");
    }
    for (name, value) in [
        ("PEYVAND_LOG", "peyvand=loud"),
        ("PEYVAND_LOG_FORMAT", "xml"),
        ("PEYVAND_SYSLOG", "somewhere"),
    ] {
        let out = program(folder.path(), &["serve"])
            .env(name, value)
            .output()
            .expect("a command");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(
            out.status.code() == Some(78) && said.contains(name) && said.contains(value),
            "{name}: {said}"
        );
    }
    // The file is below the options: an option wins.
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\nrate_limit = 600\n").expect("a file");
    firm(folder.path());
    let s = Server::start(folder.path(), &["--listen", "127.0.0.1:0"], 1, &[]);
    assert!(!s.at.ends_with(":1"), "{}", s.at);
    s.end();
}

/// A syslog server that listens by TCP: the messages of one connection, as they come, each with its length before it.
fn messages(stream: &mut TcpStream, until: &str) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let mut length = String::new();
        loop {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a length");
            match byte[0] {
                b' ' => break,
                b => length.push(char::from(b)),
            }
        }
        let mut message = vec![0; length.parse().expect("a length")];
        stream.read_exact(&mut message).expect("a message");
        let message = String::from_utf8(message).expect("UTF-8");
        let last = message.contains(until);
        all.push(message);
        if last {
            return all;
        }
    }
}

/// The log goes to another machine too, by TCP and by UDP, line by line; when that machine is away for a while, what was
/// said meanwhile comes when it is there again, and the server serves all the time.
#[test]
fn the_log_goes_to_another_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    firm(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("a port");
    let address = format!("tcp://{at}");
    let environment = [
        ("PEYVAND_SYSLOG", address.as_str()),
        ("PEYVAND_LOG", "info,peyvand::request=info"),
        ("PEYVAND_LOG_FORMAT", "json"),
    ];
    let s = Server::start(folder.path(), &[], 1, &environment);
    assert_eq!(status(&get(&s.at, "/sign-in", "")), 200);
    let (mut stream, _) = listener.accept().expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    let got = messages(&mut stream, "/sign-in");
    for m in &got {
        // <PRI>VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG
        let parts: Vec<&str> = m.splitn(8, ' ').collect();
        let [head, time, _, app, process, id, data, text] = parts.as_slice() else {
            panic!("{m}");
        };
        assert!(head.starts_with('<') && head.ends_with(">1"), "{m}");
        assert!(time.ends_with('Z') && time.contains('T'), "{m}");
        assert_eq!((*app, *id, *data), ("peyvand", "-", "-"), "{m}");
        assert_eq!(*process, s.child.id().to_string(), "{m}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
    }
    let request = got.iter().find(|m| m.contains("/sign-in")).expect("a request");
    assert!(request.starts_with("<30>1 "), "information: {request}");
    // The machine goes away, and comes again.
    drop(stream);
    drop(listener);
    for _ in 0..3 {
        assert_eq!(status(&get(&s.at, "/health", "")), 200);
        assert_eq!(status(&get(&s.at, "/api/v1/objects", "")), 401);
    }
    let listener = TcpListener::bind(at).expect("the same port");
    let (mut stream, _) = listener.accept().expect("a connection again");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    assert!(!messages(&mut stream, "/api/v1/objects").is_empty());
    // The log of this machine has the same lines.
    let own = s.end();
    assert!(
        own.contains("/sign-in") && own.contains("/api/v1/objects"),
        "{own}"
    );
    // By UDP: a message is a datagram.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    let address = format!("udp://{}", socket.local_addr().expect("a port"));
    let environment = [
        ("PEYVAND_SYSLOG", address.as_str()),
        ("PEYVAND_LOG", "info,peyvand::request=info"),
    ];
    let s = Server::start(folder.path(), &[], 1, &environment);
    assert_eq!(status(&get(&s.at, "/sign-in", "")), 200);
    loop {
        let mut datagram = vec![0; 65_536];
        let n = socket.recv(&mut datagram).expect("a message");
        let m = String::from_utf8_lossy(&datagram[..n]).into_owned();
        assert!(
            m.starts_with('<') && m.contains(">1 ") && !m.contains('\u{1b}'),
            "{m}"
        );
        if m.contains("/sign-in") {
            break;
        }
    }
    s.end();
    // An address that is none is named.
    let out = program(folder.path(), &["doctor"])
        .env("PEYVAND_SYSLOG", "log.example.com")
        .output()
        .expect("a refusal");
    assert_eq!(out.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&out.stderr).contains("PEYVAND_SYSLOG"));
}

/// A password from a file of leaked ones is nobody's new password; what is no such file is named at the start.
#[test]
fn leaked_passwords_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    firm(folder.path());
    let file = folder.path().join("leaked.txt");
    let leaked = "kavir morgh daryaa";
    let mut lines: Vec<String> = (0..500)
        .map(|n| format!("{}:{n}", sha1(&format!("other {n}"))))
        .chain([format!("{}:3", sha1(leaked))])
        .collect();
    lines.sort_unstable();
    std::fs::write(&file, lines.join("\r\n") + "\r\n").expect("a file");
    let set = |password: &str, file: Option<&Path>| {
        let words = ["admin", "set-password", "--user", "boss@example.com"];
        let mut c = program(folder.path(), &words);
        if let Some(f) = file {
            c.env("PEYVAND_LEAKED_PASSWORDS", f);
        }
        let mut child = c
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a command");
        let mut input = child.stdin.take().expect("its input");
        writeln!(input, "{password}").expect("a password");
        drop(input);
        let out = child.wait_with_output().expect("its end");
        (
            out.status.success(),
            String::from_utf8_lossy(&out.stderr).into_owned(),
        )
    };
    let (taken, said) = set(leaked, Some(&file));
    assert!(!taken && said.contains("theft"), "{said}");
    let (taken, said) = set("kavir morgh daryaa sabz", Some(&file));
    assert!(taken, "{said}");
    // Control: without the file the same password is taken.
    let (taken, said) = set(leaked, None);
    assert!(taken, "{said}");
    std::fs::write(&file, "password\n").expect("a file");
    let (taken, said) = set("kavir morgh daryaa sabz", Some(&file));
    assert!(!taken && said.contains("`leaked-passwords`"), "{said}");
}

/// SHA-1 of a text in capitals.
fn sha1(text: &str) -> String {
    use sha1::Digest as _;
    sha1::Sha1::digest(text.as_bytes())
        .iter()
        .map(|b| format!("{b:02X}"))
        .collect()
}
