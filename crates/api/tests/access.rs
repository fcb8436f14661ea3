//! Who may call what: every operation of the table by every kind of caller, on both engines, against expectations that
//! are written by hand; a denied call changes nothing; a hidden value is seen through no door.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use peyvand_api::Access;
use peyvand_app::people::NewUser;
use peyvand_app::tokens::NewToken;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, Caller};
use peyvand_core::{Id, Instant, Via, WorkspaceId};
use peyvand_store::ports::{Plan, Row};
use peyvand_store::tables::SIDE;
use peyvand_store::{Dialect, Engine, Hit, Keys, RowsCall, SearchCall, Select, Store, StoreError};
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// The callers, in the order of the columns: nobody; the owner; one of the owner's team; one of a team above; one of
/// another team; one who reads all; the administrator of another workspace; a token of the administrator's for reading
/// contacts only; somebody who is switched off; a token that is over.
const ACTORS: [&str; 10] = [
    "anon", "own", "team", "below", "other", "reader", "foreign", "scoped", "off", "over",
];

/// What each operation answers to each of them, about a contact of the owner. Written by hand.
const TABLE: &str = "
health          200 200 200 200 200 200 200 200 200 200
description     200 200 200 200 200 200 200 200 200 200
objects         401 200 200 200 200 200 200 200 401 401
list            401 200 200 200 200 200 200 200 401 401
create          401 201 201 201 201 403 201 403 401 401
get             401 200 200 200 404 200 404 200 401 401
change          401 200 200 200 404 403 404 403 401 401
delete          401 204 204 204 404 403 404 403 401 401
restore         401 200 200 200 404 403 404 403 401 401
merge           401 200 200 200 404 403 404 403 401 401
unmerge         401 404 404 404 404 404 404 404 401 401
audit-of        401 200 200 200 404 200 404 200 401 401
access-of       401 200 403 403 403 403 404 403 401 401
hand-over       401 403 403 403 403 403 400 403 401 401
invite          401 403 403 403 403 403 404 403 401 401
reset-link      401 403 403 403 403 403 404 403 401 401
list-tokens     401 200 200 200 200 200 200 200 401 401
create-token    401 201 201 201 201 201 201 403 401 401
revoke-token    401 204 404 404 404 404 404 404 401 401
list-shares     401 200 200 200 404 200 404 200 401 401
share           401 204 204 204 404 403 404 403 401 401
unshare         401 204 204 204 404 403 404 403 401 401
create-user     401 403 403 403 403 403 422 403 401 401
change-user     401 403 403 403 403 403 404 403 401 401
delete-user     401 403 403 403 403 403 404 403 401 401
create-role     401 403 403 403 403 403 201 403 401 401
change-role     401 403 403 403 403 403 404 403 401 401
delete-role     401 403 403 403 403 403 404 403 401 401
create-team     401 403 403 403 403 403 201 403 401 401
change-team     401 403 403 403 403 403 404 403 401 401
delete-team     401 403 403 403 403 403 404 403 401 401
";

struct World {
    app: Arc<App>,
    router: Router,
    main: Arc<Workspace>,
    owner: Id,
    team: Id,
    role: Id,
    tokens: Vec<(&'static str, String)>,
}

fn map(v: Value) -> serde_json::Map<String, Value> {
    match v {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

impl World {
    async fn new(db: &TestDb) -> Self {
        let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
        let app = Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)));
        let main = app.create_workspace("main", "main").await.unwrap();
        let other = app.create_workspace("other", "other").await.unwrap();
        let system = Caller::system(&main, Via::Cli);
        for (key, reach) in [
            ("of-own", "own"),
            ("of-team", "team"),
            ("of-below", "team_and_below"),
        ] {
            let rules = json!({"default": {
                "read": reach, "create": reach, "update": reach, "delete": reach, "export": reach
            }});
            app.save_role(&system, key, Some(key), Some(&rules))
                .await
                .unwrap();
        }
        let top = app.create_team(&main, "top", None).await.unwrap();
        let low = app.create_team(&main, "low", Some(top)).await.unwrap();
        let side = app.create_team(&main, "side", Some(top)).await.unwrap();
        let mut tokens = vec![("anon", String::new())];
        let mut owner = Id::NIL;
        for (actor, role, team, place) in [
            ("own", "of-own", Some(low), &main),
            ("team", "of-team", Some(low), &main),
            ("below", "of-below", Some(top), &main),
            ("other", "of-team", Some(side), &main),
            ("reader", "reader", None, &main),
            ("foreign", "admin", None, &other),
            ("scoped", "admin", None, &main),
            ("off", "admin", None, &main),
            ("over", "admin", None, &main),
        ] {
            let email = format!("{actor}@example.com");
            let new = NewUser {
                email: email.clone(),
                name: actor.to_owned(),
                role: role.to_owned(),
                active: true,
                team,
            };
            let id = app.create_user(place, &new).await.unwrap();
            if actor == "own" {
                owner = id;
            }
            let token = NewToken {
                name: actor.to_owned(),
                scopes: vec![if actor == "scoped" { "contacts:read" } else { "*" }.to_owned()],
                expires_at: (actor == "over").then(|| {
                    use peyvand_core::Clock as _;
                    db.clock.now().plus_micros(Instant::SECOND)
                }),
                networks: Vec::new(),
            };
            let here = Caller::system(place, Via::Cli);
            let (_, text) = app.issue_token(&here, id, &token).await.unwrap();
            if actor == "off" {
                app.set_active(&here, id, false).await.unwrap();
            }
            tokens.push((actor, text));
        }
        db.clock.advance(2 * Instant::SECOND);
        let role = app.role(&main, "of-own").await.unwrap();
        Self {
            router: peyvand_api::router(Arc::clone(&app)),
            app,
            main,
            owner,
            team: low,
            role,
            tokens,
        }
    }

    fn token(&self, actor: &str) -> &str {
        self.tokens
            .iter()
            .find(|(a, _)| *a == actor)
            .map_or("", |(_, t)| t)
    }

    async fn call(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept-language", "en");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        if response
            .headers()
            .get("content-type")
            .is_some_and(|t| t.as_bytes().starts_with(b"text/event-stream"))
        {
            return (status, String::new());
        }
        let bytes = axum::body::to_bytes(response.into_body(), 20_000_000)
            .await
            .unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A contact of the owner; in the recycle bin when it is to be restored.
    async fn contact(&self, deleted: bool) -> Id {
        let system = Caller::system(&self.main, Via::Cli);
        let object = Arc::clone(self.main.catalog().object("contact").unwrap());
        let json = map(json!({
            "name": {"family": "Kamali"}, "owner_id": self.owner.to_string(), "team_id": self.team.to_string()
        }));
        let made = self.app.create(&system, &object, &json, None).await.unwrap();
        if deleted {
            self.app.delete(&system, &object, made.id(), None).await.unwrap();
        }
        made.id()
    }

    /// A token of the owner's, to be revoked.
    async fn spare(&self) -> Id {
        let new = NewToken {
            name: "spare".to_owned(),
            scopes: vec!["*".to_owned()],
            ..NewToken::default()
        };
        let system = Caller::system(&self.main, Via::Cli);
        self.app.issue_token(&system, self.owner, &new).await.unwrap().0
    }

    /// Every row but of the tables that are about requests themselves: counters, uses of tokens, the log of refusals.
    async fn digest(&self) -> Vec<String> {
        let mut tables = self.main.layout.tables();
        tables.extend(SIDE.all());
        let mut out = Vec::new();
        for t in tables {
            if matches!(t.name.as_str(), "counter" | "audit" | "seal") {
                continue;
            }
            for mut row in self
                .app
                .store
                .rows(RowsCall::new(&t, &[]).limit(100_000))
                .await
                .unwrap()
            {
                if t.name == "token" {
                    row[t.at("used_at")] = peyvand_store::SqlVal::Null;
                }
                out.push(format!("{}: {row:?}", t.name));
            }
        }
        out.sort();
        out
    }

    /// The request of an operation about fresh things.
    async fn request(&self, id: &str, path: &str) -> (String, Option<Value>) {
        let contact = self.contact(id == "restore").await;
        let at = if path.contains("/users/{id}") {
            self.owner
        } else if path.contains("/roles/{id}") {
            self.role
        } else if path.contains("/teams/{id}") {
            self.team
        } else if path.contains("/tokens/{id}") {
            self.spare().await
        } else {
            contact
        };
        let grantee = self.owner;
        let path = path
            .replace("{plural}", "contacts")
            .replace("{id}", &at.to_string())
            .replace("{grantee}", &grantee.to_string())
            .replace("{relation}", "deals");
        let body = match id {
            "create" => json!({"name": {"family": "New"}}),
            "change" => json!({"job_title": "changed"}),
            "merge" => json!({"from": self.contact(false).await.to_string()}),
            "hand-over" => json!({"to": grantee.to_string()}),
            "create-token" => json!({"name": "more", "scopes": ["deals:read"]}),
            "share" => json!({"may_update": true}),
            "create-user" => {
                json!({"name": "N", "email": format!("n{contact}@example.com"), "role_id": self.role.to_string()})
            }
            "change-user" => json!({"name": "Changed"}),
            "create-role" => {
                json!({"key": format!("r-{contact}"), "name": "R", "rules": {"default": {"read": "own"}}})
            }
            "change-role" => json!({"name": "Changed"}),
            "create-team" => json!({"name": "T"}),
            "change-team" => json!({"name": "Changed"}),
            _ => return (path, None),
        };
        (path, Some(body))
    }
}

/// Every operation by every caller. Those that the table does not know are held to the least: nobody comes in without
/// rights that hold.
#[db_test]
async fn every_operation_for_every_actor(db: TestDb) {
    let w = World::new(&db).await;
    let expected: Vec<(&str, Vec<u16>)> = TABLE
        .lines()
        .filter(|l| !l.is_empty())
        .map(|l| {
            let mut words = l.split_whitespace();
            (words.next().unwrap(), words.map(|s| s.parse().unwrap()).collect())
        })
        .collect();
    assert!(expected.len() <= 60 && expected.iter().all(|(_, e)| e.len() == ACTORS.len()));
    let all = peyvand_api::declared();
    let known: BTreeSet<&str> = all.iter().map(|d| d.id).collect();
    for (id, _) in &expected {
        assert!(known.contains(id), "{id} is no operation");
    }
    let (mut calls, mut denied_calls) = (0, 0);
    for d in &all {
        let row = expected.iter().find(|(id, _)| *id == d.id).map(|(_, e)| e);
        let wanted = |n: usize| -> Option<u16> {
            match row {
                Some(e) => Some(e[n]),
                None if d.access == Access::Anyone => None,
                None => matches!(ACTORS[n], "anon" | "off" | "over").then_some(401),
            }
        };
        let mut requests = Vec::new();
        for (n, actor) in ACTORS.iter().enumerate() {
            if wanted(n).is_some() {
                let (path, body) = w.request(d.id, d.path).await;
                requests.push((n, *actor, path, body));
            }
        }
        let before = w.digest().await;
        for denied in [true, false] {
            for (n, actor, path, body) in &requests {
                let want = wanted(*n).unwrap_or_default();
                if (want >= 400) != denied {
                    continue;
                }
                let (got, answer) = w.call(w.token(actor), d.method, path, body.as_ref()).await;
                assert_eq!(got, want, "{} {} as {actor}: {answer}", d.method, d.path);
                calls += 1;
                denied_calls += u32::from(denied);
            }
            if denied {
                assert!(
                    w.digest().await == before,
                    "{} changed something when it was denied",
                    d.id
                );
            }
        }
    }
    assert!(
        calls > 300 && denied_calls > 150,
        "{calls} calls, {denied_calls} denied"
    );
}

/// A value that a role hides is in no answer, and neither filters nor sorts; a masked one is seen in part only.
#[db_test]
async fn a_hidden_value_is_never_seen(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let object = Arc::clone(w.main.catalog().object("contact").unwrap());
    let rules = json!({
        "default": {"read": "all", "create": "all", "update": "all", "delete": "all", "export": "all"},
        "fields": {"contact": {"job_title": "hidden", "city": "masked", "national_id": "hidden"}}
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    let new = NewUser {
        email: "clerk@example.com".to_owned(),
        name: "clerk".to_owned(),
        role: "clerk".to_owned(),
        active: true,
        team: None,
    };
    let id = w.app.create_user(&w.main, &new).await.unwrap();
    let token = w
        .app
        .create_token(&w.main, "clerk@example.com", "t", &["*".to_owned()])
        .await
        .unwrap();
    let json = map(json!({
        "name": {"family": "Kamali"}, "job_title": "canaryhidden", "city": "canarymasked", "national_id": "0499370899"
    }));
    let made = w.app.create(&system, &object, &json, None).await.unwrap().id();
    let changed = map(json!({"job_title": "canaryhidden two", "city": "canarymasked two"}));
    w.app.patch(&system, &object, made, &changed, None).await.unwrap();
    let at = format!("/api/v1/contacts/{made}");
    let mut seen = String::new();
    for (method, path, body) in [
        ("GET", "/api/v1/contacts".to_owned(), None),
        (
            "GET",
            "/api/v1/contacts?count=true&sort=-created_at".to_owned(),
            None,
        ),
        ("GET", "/api/v1/contacts?fields=name,city".to_owned(), None),
        ("GET", "/api/v1/contacts?q=Kamali".to_owned(), None),
        ("GET", at.clone(), None),
        ("GET", format!("{at}/audit"), None),
        ("PATCH", at.clone(), Some(json!({"first_language": null}))),
        ("PATCH", at.clone(), Some(json!({"job_title": "mine"}))),
        ("PATCH", at.clone(), Some(json!({"city": "mine"}))),
        ("GET", "/api/v1/objects".to_owned(), None),
        ("DELETE", at.clone(), None),
        ("POST", format!("{at}/restore"), None),
    ] {
        let (status, answer) = w.call(&token, method, &path, body.as_ref()).await;
        assert!(status < 500, "{method} {path}: {answer}");
        for canary in ["canaryhidden", "canarymasked", "0499370899"] {
            assert!(!answer.contains(canary), "{method} {path}: {canary} in {answer}");
        }
        seen.push_str(&answer);
    }
    assert!(seen.contains("Kamali"), "the record itself is seen");
    // What is not seen is not found by.
    let (_, found) = w
        .call(&token, "GET", "/api/v1/contacts?q=canaryhidden", None)
        .await;
    assert!(!found.contains("Kamali"), "{found}");
    for query in [
        "filter=job_title+%3D+%22canaryhidden+two%22",
        "filter=job_title+%21%3D+null",
        "filter=city+%3D+%22canarymasked+two%22",
        "filter=national_id+%3D+%220499370899%22",
        "filter=deals.any(contact_id.job_title+%3D+%22x%22)",
        "sort=job_title",
        "sort=-city",
        "fields=job_title",
        "fields=name,national_id",
    ] {
        let (status, answer) = w
            .call(&token, "GET", &format!("/api/v1/contacts?{query}"), None)
            .await;
        assert_eq!(status, 400, "{query}: {answer}");
    }
    // Nothing that was hidden was lost by what the clerk wrote.
    let now = w.app.get(&system, &object, made).await.unwrap();
    let job = object.field("job_title").unwrap().0;
    assert_eq!(now.get(job).as_str(), Some("canaryhidden two"));
    // And out of a file.
    let (policy, language) = w.app.policy_of(&w.main, id, "*").await.unwrap();
    let clerk = Caller {
        workspace: Arc::clone(&w.main),
        actor: peyvand_core::Actor::User(id),
        via: Via::Api,
        policy,
        language,
    };
    for format in [
        peyvand_app::transfer::export::ExportFormat::Csv,
        peyvand_app::transfer::export::ExportFormat::Ndjson,
    ] {
        let mut out = std::io::Cursor::new(Vec::new());
        w.app
            .export(&clerk, &object, None, format, &mut out, |_| {})
            .await
            .unwrap();
        let text = String::from_utf8_lossy(out.get_ref()).into_owned();
        assert!(text.contains("Kamali"), "{format:?}");
        for canary in ["canaryhidden", "canarymasked", "0499370899"] {
            assert!(!text.contains(canary), "{format:?}: {canary}");
        }
    }
}

/// Names of columns that nobody offered are refused, in new records and in changes.
#[db_test]
async fn nothing_is_assigned_that_was_not_offered(db: TestDb) {
    let w = World::new(&db).await;
    let admin = w.token("own");
    let contact = w.contact(false).await;
    let at = format!("/api/v1/contacts/{contact}");
    let before = w.digest().await;
    for name in [
        "workspace_id",
        "tenant_id",
        "workspace",
        "created_by",
        "updated_by",
        "deleted_at",
        "password_hash",
        "is_admin",
        "role",
        "role_id",
        "admin",
        "rid",
        "salt",
        "merged_into",
        "custom",
        "object",
        "search",
        "name__fold",
        "hash",
        "scopes",
        "everything",
        "account_id",
        "totp",
        "constructor",
        "__proto__",
        "owner",
        "team",
        "version__next",
    ] {
        for (method, path, mut body) in [
            ("PATCH", at.as_str(), json!({})),
            ("POST", "/api/v1/contacts", json!({"name": {"family": "New"}})),
        ] {
            body[name] = json!("1");
            let (status, answer) = w.call(admin, method, path, Some(&body)).await;
            assert_eq!(status, 422, "{method} {name}: {answer}");
            assert!(answer.contains(name), "{name} is named: {answer}");
        }
    }
    for (path, name) in [
        ("/api/v1/users", "password_hash"),
        ("/api/v1/users", "everything"),
        ("/api/v1/tokens", "user_id"),
        ("/api/v1/teams", "workspace_id"),
    ] {
        let mut body =
            json!({"name": "N", "email": "n@example.com", "role_id": w.role.to_string(), "scopes": ["*"]});
        body[name] = json!("1");
        let (status, _) = w.call(w.token("own"), "POST", path, Some(&body)).await;
        assert!(matches!(status, 403 | 422), "{path} {name}: {status}");
    }
    assert!(w.digest().await == before);
}

/// Methods that nobody declared are answered by no operation.
#[db_test]
async fn only_declared_methods_are_answered(db: TestDb) {
    let w = World::new(&db).await;
    let token = w.token("own").to_owned();
    let before = w.digest().await;
    for path in [
        "/api/v1/contacts",
        "/api/v1/objects",
        "/api/v1/users",
        "/health",
        "/api/v1/nothing",
    ] {
        for method in ["TRACE", "CONNECT", "PUT", "PROPFIND", "FOO"] {
            let (status, _) = w.call(&token, method, path, None).await;
            assert!(
                matches!(status, 400 | 404 | 405 | 501),
                "{method} {path}: {status}"
            );
        }
    }
    assert!(w.digest().await == before);
}

/// A database that stops to answer.
#[derive(Debug)]
struct Breaking {
    inner: Arc<dyn Engine>,
    broken: AtomicBool,
}

impl Breaking {
    fn ok(&self) -> Result<(), StoreError> {
        if self.broken.load(Ordering::Relaxed) {
            Err(StoreError::Engine("gone".to_owned()))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Engine for Breaking {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }
    async fn migrate(&self) -> Result<(), StoreError> {
        self.inner.migrate().await
    }
    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        self.ok()?;
        self.inner.select(select).await
    }
    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        self.ok()?;
        self.inner.rows(call).await
    }
    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        self.ok()?;
        self.inner.apply(plan).await
    }
    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        self.ok()?;
        self.inner.reserve(workspace, name, n).await
    }
    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        self.ok()?;
        self.inner.search(call).await
    }
    async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        self.inner.copy_to(file).await
    }
    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.inner.check().await
    }
    async fn close(&self) {
        self.inner.close().await;
    }
}

/// When nobody can be asked who somebody is, nobody is let in, also not with what was remembered of them.
#[db_test]
async fn without_the_store_nobody_is_let_in(db: TestDb) {
    let engine = Arc::new(Breaking {
        inner: Arc::clone(db.store.engine()),
        broken: AtomicBool::new(false),
    });
    let shared: Arc<dyn Engine> = Arc::clone(&engine) as _;
    let broken = TestDb {
        store: Arc::new(Store::new(shared, Keys::new([1; 32]))),
        ..db
    };
    let w = World::new(&broken).await;
    let token = w.token("own").to_owned();
    let call = async || w.call(&token, "GET", "/api/v1/contacts", None).await.0;
    assert_eq!(call().await, 200);
    engine.broken.store(true, Ordering::Relaxed);
    broken.clock.advance(2 * Instant::SECOND);
    assert_eq!(call().await, 503);
    let (made_up, _) = w
        .call(
            &format!("pvd_{}", "0".repeat(64)),
            "GET",
            "/api/v1/contacts",
            None,
        )
        .await;
    assert!(matches!(made_up, 401 | 503), "{made_up}");
    engine.broken.store(false, Ordering::Relaxed);
    assert_eq!(call().await, 200, "and goes on when it answers again");
}
