//! The program as a process on a database of either engine, requests to it, and a look into what it left.

#![allow(
    dead_code,
    clippy::allow_attributes,
    unreachable_pub,
    reason = "each test uses a part of it"
)]

pub mod mount;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use peyvand_catalog::Catalog;
use peyvand_core::Id;
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{Engine, Layout, RowsCall, SqlVal};
use peyvand_testkit::TestDb;
use peyvand_testkit::db::{self, Kind};
use serde_json::Value;

/// A data folder and a database that no process of the test has open.
pub struct Site {
    pub kind: Kind,
    pub folder: tempfile::TempDir,
    /// The data folder, when it is not `folder` itself.
    pub place: Option<PathBuf>,
    schema: Option<String>,
    /// Variables of every process.
    pub variables: Vec<(String, String)>,
}

/// A running server.
pub struct Server {
    pub child: Child,
    pub at: String,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub json: Value,
}

impl Site {
    /// Of a fresh database; its schema is there, its key is that of the tests, and it is closed.
    pub async fn of(db: TestDb) -> Self {
        let TestDb {
            kind,
            store,
            folder,
            schema,
            ..
        } = db;
        store.engine().close().await;
        drop(store);
        std::fs::write(folder.path().join("instance.key"), db::SECRET).expect("the key");
        Self {
            kind,
            folder,
            place: None,
            schema,
            variables: Vec::new(),
        }
    }

    /// A data folder that is somewhere else, with SQLite, not yet made.
    pub fn at(place: &Path) -> Self {
        Self {
            kind: Kind::Sqlite,
            folder: tempfile::tempdir().expect("a folder"),
            place: Some(place.to_owned()),
            schema: None,
            variables: Vec::new(),
        }
    }

    pub fn data(&self) -> &Path {
        self.place.as_deref().unwrap_or(self.folder.path())
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `--database` takes.
    pub fn address(&self) -> String {
        match &self.schema {
            None => "sqlite".to_owned(),
            Some(schema) => db::address_in(Some(schema)),
        }
    }

    /// The program, with these words.
    pub fn program(&self, words: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_peyvand"));
        c.arg("--data")
            .arg(self.data())
            .args(["--database", &self.address()])
            .args(words)
            .env("PEYVAND_LANGUAGE", "en");
        for (k, v) in &self.variables {
            c.env(k, v);
        }
        c
    }

    /// Runs a command to its end.
    pub fn output(&self, words: &[&str]) -> Output {
        self.program(words).output().expect("the program")
    }

    /// Runs a command that must succeed; what it said.
    pub fn run(&self, words: &[&str]) -> String {
        let out = self.output(words);
        assert!(
            out.status.success(),
            "{words:?}: {}{}",
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr)
        );
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// An administrator's token.
    pub fn admin(&self) -> String {
        self.run(&[
            "admin",
            "create-user",
            "--email",
            "a@example.com",
            "--name",
            "A",
            "--role",
            "admin",
        ]);
        self.token()
    }

    /// One more token of the administrator.
    pub fn token(&self) -> String {
        let words = [
            "--json",
            "admin",
            "create-token",
            "--user",
            "a@example.com",
            "--scope",
            "*",
        ];
        let json: Value = serde_json::from_str(&self.run(&words)).expect("json");
        json["token"].as_str().expect("a token").to_owned()
    }

    /// A server on a free port.
    pub fn serve(&self, token: &str) -> Server {
        let mut command = self.program(&["serve", "--listen", "127.0.0.1:0"]);
        command.stderr(Stdio::null());
        Server::start(command, token)
    }

    /// The database, opened by the test.
    pub async fn engine(&self) -> Arc<dyn Engine> {
        db::connect(self.kind, self.data(), self.schema.as_deref()).await
    }
}

impl Server {
    /// Starts what the command says and waits for its address.
    pub fn start(mut command: Command, token: &str) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        lines.read_line(&mut line).expect("a line");
        let at = line
            .trim()
            .rsplit("http://")
            .next()
            .unwrap_or_default()
            .to_owned();
        assert!(at.contains(':'), "the server said {line:?}");
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || drop(std::io::copy(&mut lines, &mut std::io::sink())));
        Self {
            child,
            at,
            token: token.to_owned(),
        }
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("its end");
    }

    pub fn client(&self) -> Client {
        Client {
            at: self.at.clone(),
            token: self.token.clone(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Who sends requests.
#[derive(Clone)]
pub struct Client {
    at: String,
    token: String,
}

impl Client {
    /// One request on a connection of its own; `None` when the server was gone before it answered in full.
    pub fn call(&self, method: &str, path: &str, body: &str) -> Option<Answer> {
        let mut s = TcpStream::connect(&self.at).ok()?;
        s.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        write!(
            s,
            "{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
        .ok()?;
        let mut bytes = Vec::new();
        s.read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, rest) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let length: usize = head
            .lines()
            .find_map(|l| {
                l.to_ascii_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            })
            .map_or(Some(0), |l| l.trim().parse().ok())?;
        (rest.len() >= length).then(|| Answer {
            status,
            head: head.to_owned(),
            json: serde_json::from_str(rest).unwrap_or_default(),
        })
    }
}

/// Every row of a table, column by column.
pub async fn rows(engine: &Arc<dyn Engine>, t: &Arc<Table>) -> Vec<Vec<SqlVal>> {
    engine
        .rows(RowsCall::new(t, &[]).everywhere().limit(5_000_000))
        .await
        .expect("the rows")
}

/// What lies in the database, for comparison with what was acknowledged.
pub struct Found {
    pub layout: Layout,
    /// Records by object and id: the row.
    pub records: BTreeMap<String, BTreeMap<Id, Vec<SqlVal>>>,
    /// Entries of the log by record.
    pub audit: BTreeMap<Id, Vec<String>>,
    /// Old ids.
    pub alias: BTreeMap<Id, Id>,
    /// What is not as it must be, one line each.
    pub faults: Vec<String>,
}

impl Found {
    /// Looks at everything: the engine's own check, then spine, log, search and references of every object.
    pub async fn in_database(engine: &Arc<dyn Engine>) -> Self {
        let mut faults = engine.check().await.expect("the check");
        let layout = Layout::of(Catalog::standard());
        let id_of = |r: &Vec<SqlVal>, t: &Arc<Table>, c: &str| r[t.at(c)].uuid().unwrap_or(Id::NIL);
        let mut audit: BTreeMap<Id, Vec<String>> = BTreeMap::new();
        for r in rows(engine, &SIDE.audit).await {
            let t = &SIDE.audit;
            audit
                .entry(id_of(&r, t, "record_id"))
                .or_default()
                .push(r[t.at("action")].text().unwrap_or_default().to_owned());
        }
        let mut alias = BTreeMap::new();
        for r in rows(engine, &SIDE.alias).await {
            alias.insert(id_of(&r, &SIDE.alias, "id"), id_of(&r, &SIDE.alias, "to_id"));
        }
        let mut spine: BTreeMap<String, BTreeSet<(Id, bool)>> = BTreeMap::new();
        for r in rows(engine, &SIDE.record).await {
            let t = &SIDE.record;
            spine
                .entry(r[t.at("object")].text().unwrap_or_default().to_owned())
                .or_default()
                .insert((id_of(&r, t, "id"), r[t.at("deleted_at")] == SqlVal::Null));
        }
        let mut searched = BTreeSet::new();
        for r in rows(engine, &SIDE.search_doc).await {
            searched.insert(id_of(&r, &SIDE.search_doc, "record_id"));
        }
        let mut records: BTreeMap<String, BTreeMap<Id, Vec<SqlVal>>> = BTreeMap::new();
        for object in layout.catalog.objects() {
            let l = layout.object(&object.key).expect("its layout");
            let t = &l.table;
            let mut own = BTreeMap::new();
            for r in rows(engine, t).await {
                own.insert(id_of(&r, t, "id"), r);
            }
            if object.spine {
                let here: BTreeSet<(Id, bool)> = own
                    .iter()
                    .map(|(id, r)| (*id, r[t.at("deleted_at")] == SqlVal::Null))
                    .collect();
                let there = spine.remove(&object.key).unwrap_or_default();
                for (id, live) in here.symmetric_difference(&there) {
                    faults.push(format!(
                        "{} {id} (live: {live}): record and spine differ",
                        object.key
                    ));
                }
            }
            for (id, r) in &own {
                // Contact points are parts of their record, whose entry names them.
                if object.key != "contact_point" && object.key != "employment" && !audit.contains_key(id) {
                    faults.push(format!("{} {id}: no entry in the log", object.key));
                }
                let live = r[t.at("deleted_at")] == SqlVal::Null;
                if object.key == "contact" && live != searched.contains(id) {
                    faults.push(format!("contact {id} (live: {live}): search does not agree"));
                }
            }
            records.insert(object.key.clone(), own);
        }
        Self {
            layout,
            records,
            audit,
            alias,
            faults,
        }
    }

    /// A cell of a record.
    pub fn cell(&self, object: &str, id: Id, column: &str) -> Option<&SqlVal> {
        let t = &self.layout.object(object)?.table;
        self.records.get(object)?.get(&id)?.get(t.at(column))
    }
}
