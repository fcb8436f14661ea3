//! A server on a free port with two workspaces, a client that sends what it is told, and a watch on statements.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use peyvand_app::App;
use peyvand_app::people::NewUser;
use peyvand_catalog::Catalog;
use peyvand_core::{IdSource, SystemClock};
use peyvand_record::Query;
use peyvand_record::query::{Direction, Sort};
use peyvand_store::{Engine, Forward, Keys, Row, Select, Store, StoreError};
use peyvand_testkit::db;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// An engine that remembers the texts of the statements that it is asked.
#[derive(Debug)]
struct Watch {
    inner: Arc<dyn Engine>,
    texts: Arc<Mutex<BTreeSet<String>>>,
}

#[async_trait]
impl Forward for Watch {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        let (text, _) = select.statement.build(sea_query::SqliteQueryBuilder);
        self.texts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(text);
        self.inner.select(select).await
    }
}

/// A running server.
#[derive(Clone)]
pub(crate) struct World {
    at: SocketAddr,
    token: String,
    /// The token of the other workspace's administrator.
    pub(crate) other: String,
    texts: Arc<Mutex<BTreeSet<String>>>,
    app: Arc<App>,
    _folder: Arc<db::TestDb>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    /// The body; null when it is no JSON.
    pub(crate) json: serde_json::Value,
    bytes: Vec<u8>,
}

impl Answer {
    /// Status, field and code of the first thing that is wrong.
    pub(crate) fn fault(&self) -> String {
        let e = &self.json["errors"][0];
        let text = |name: &str| e[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", self.status, text("field"), text("code"))
    }

    /// The body as it came.
    pub(crate) fn body(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}

impl World {
    /// On SQLite, for what does not depend on the engine.
    pub(crate) async fn new() -> Self {
        Self::on(db::open(db::Kind::Sqlite).await).await
    }

    /// On the engine of the test.
    pub(crate) async fn on(test: db::TestDb) -> Self {
        let texts = Arc::default();
        let engine: Arc<dyn Engine> = Arc::new(Watch {
            inner: Arc::clone(test.store.engine()),
            texts: Arc::clone(&texts),
        });
        let store = Arc::new(Store::new(engine, Keys::new([1; 32])));
        let app = App::new(
            store,
            Arc::new(SystemClock::default()),
            Arc::new(IdSource::default()),
        )
        .in_folder(test.folder.path())
        .expect("a folder");
        let app = Arc::new(app);
        let mut tokens = Vec::new();
        for slug in ["main", "other"] {
            let workspace = app.create_workspace(slug, slug).await.expect("a workspace");
            let email = format!("admin@{slug}.example.com");
            let new = NewUser {
                email: email.clone(),
                name: "Admin".to_owned(),
                role: "admin".to_owned(),
                active: true,
                team: None,
            };
            app.create_user(&workspace, &new).await.expect("a user");
            let token = app
                .create_token(&workspace, &email, "test", &["*".to_owned()])
                .await
                .expect("a token");
            tokens.push(format!("Bearer {token}"));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let router = peyvand_api::router(Arc::clone(&app));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let other = tokens.pop().expect("two tokens");
        let token = tokens.pop().expect("two tokens");
        Self {
            at,
            token,
            other,
            texts,
            app,
            _folder: Arc::new(test),
        }
    }

    /// A token of the first workspace's administrator with these scopes.
    pub(crate) async fn token(&self, scopes: &[&str]) -> String {
        let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
        let workspace = self.app.workspace(Some("main")).await.expect("a workspace");
        let token = self
            .app
            .create_token(&workspace, "admin@main.example.com", "test", &scopes)
            .await
            .expect("a token");
        format!("Bearer {token}")
    }

    /// A token of a new person with this role.
    pub(crate) async fn person(&self, role: &str) -> String {
        let workspace = self.app.workspace(Some("main")).await.expect("a workspace");
        let email = format!("{role}@main.example.com");
        let new = NewUser {
            email: email.clone(),
            name: role.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        self.app.create_user(&workspace, &new).await.expect("a user");
        let token = self
            .app
            .create_token(&workspace, &email, "test", &["*".to_owned()])
            .await
            .expect("a token");
        format!("Bearer {token}")
    }

    /// Gives the first workspace a field of its own.
    pub(crate) async fn own_field(&self, object: &str, key: &str) {
        let workspace = self.app.workspace(Some("main")).await.expect("a workspace");
        let text = format!(
            "[[fields.{object}]]\nkey = \"{key}\"\ntype = \"number\"\nlabel = {{ fa = \"اندازه\", en = \"Size\" }}\n"
        );
        let wanted = peyvand_catalog::Schema::from_toml(&text).expect("a schema");
        let changes = self.app.schema_changes(&workspace, &wanted);
        self.app
            .change_schema(&workspace, &changes, true)
            .await
            .expect("a changed schema");
    }

    /// Opens a request and leaves the answer to be read.
    pub(crate) async fn open(&self, token: &str, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.at).await.expect("a connection");
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.expect("a request");
        stream
    }

    /// A page with its head, as it came.
    pub(crate) async fn page(&self, path: &str) -> String {
        let mut stream = self.open("", path, "Connection: close\r\n").await;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.expect("a page");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Lets a worker do what waits, and seals the log.
    pub(crate) async fn work(&self) {
        let workspace = self.app.workspace(Some("main")).await.expect("a workspace");
        let mut worker = peyvand_app::jobs::Worker::new(Arc::clone(&self.app), Duration::from_secs(30));
        while worker.step(&workspace).await.expect("a job") {}
        self.app.seal(&workspace).await.expect("a seal");
    }

    /// The texts of statements asked so far.
    pub(crate) fn statements(&self) -> BTreeSet<String> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.call_as(&self.token, method, path, headers, body).await
    }

    /// A request with a body of JSON.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &serde_json::Value) -> Answer {
        self.call(method, path, &[], body.to_string().as_bytes()).await
    }

    /// A record that is made, by its id.
    pub(crate) async fn make(&self, plural: &str, body: &serde_json::Value) -> String {
        let a = self.send("POST", &format!("/{plural}"), body).await;
        assert_eq!(a.status, 201, "{plural}: {}", a.json);
        a.json["id"].as_str().expect("an id").to_owned()
    }

    /// One request on a connection of its own; an answer within twenty seconds, or the test fails.
    pub(crate) async fn call_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut lines = format!("Authorization: {token}\r\nContent-Type: application/json\r\n");
        for (n, v) in headers {
            if n.eq_ignore_ascii_case("content-type") {
                lines = lines.replace("Content-Type: application/json\r\n", "");
            }
            let _ = std::fmt::Write::write_fmt(&mut lines, format_args!("{n}: {v}\r\n"));
        }
        self.exchange(method, path, &lines, body).await
    }

    /// A request with the token and these lines of its head.
    pub(crate) async fn plain(&self, method: &str, path: &str, lines: &str, body: &[u8]) -> Answer {
        let lines = format!("Authorization: {}\r\n{lines}", self.token);
        self.exchange(method, path, &lines, body).await
    }

    async fn exchange(&self, method: &str, path: &str, lines: &str, body: &[u8]) -> Answer {
        let language = if lines.contains("Accept-Language:") {
            ""
        } else {
            "Accept-Language: en\r\n"
        };
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{language}\
             Content-Length: {}\r\n{lines}\r\n",
            body.len()
        );
        let exchange = async {
            let stream = TcpStream::connect(self.at).await.expect("a connection");
            let (mut read, mut write) = stream.into_split();
            let mut sent = head.into_bytes();
            sent.extend_from_slice(body);
            // A server that refuses a body early may close before it has read all of it.
            let sending = tokio::spawn(async move {
                let _ = write.write_all(&sent).await;
                write
            });
            let mut bytes = Vec::new();
            let mut buffer = [0; 16 * 1024];
            while let Ok(n) = read.read(&mut buffer).await {
                if n == 0 {
                    break;
                }
                bytes.extend_from_slice(&buffer[..n]);
            }
            drop(sending.await);
            bytes
        };
        let bytes = tokio::time::timeout(Duration::from_secs(20), exchange)
            .await
            .unwrap_or_else(|_| panic!("{method} {path}: no answer"));
        let split = bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|l| l.split(' ').nth(1))
            .and_then(|s| s.parse().ok())
            .unwrap_or_else(|| panic!("{method} {path}: no status in {head:?}"));
        let headers: Vec<(String, String)> = lines
            .filter_map(|l| l.split_once(':'))
            .map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()))
            .collect();
        let bytes = bytes.get(split + 4..).unwrap_or_default().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer {
            status,
            headers,
            json,
            bytes,
        }
    }
}

/// The fingerprint that a cursor of this order has.
pub(crate) fn order_of(object: &str, sort: &str) -> u32 {
    let catalog = Catalog::standard();
    let def = catalog.object(object).expect("an object");
    let (direction, key) = sort
        .strip_prefix('-')
        .map_or((Direction::Asc, sort), |k| (Direction::Desc, k));
    let mut q = Query::of(object);
    q.sort = vec![Sort {
        field: def.field(key).expect("a field").0,
        direction,
    }];
    q.order_tag()
}

/// Base64 for addresses, without padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |n, (i, b)| n | u32::from(*b) << (16 - 8 * i));
        for i in 0..=chunk.len() {
            out.push(char::from(ALPHABET[(n >> (18 - 6 * i) & 63) as usize]));
        }
    }
    out
}
