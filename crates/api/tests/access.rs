//! Who may call what: every operation of the table by every kind of caller, on both engines, against expectations that
//! are written by hand; a denied call changes nothing; a hidden value is seen through no door.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
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

/// What each operation answers to each of them, about a contact of the owner and what the owner made of it: a file that
/// hangs on it, an upload, an import that was done, an export that was written. Written by hand; a row stands for several
/// operations that are answered alike.
const TABLE: &str = "
health,description,reference,reference-style 200 200 200 200 200 200 200 200 200 200
objects,list,duplicates    401 200 200 200 200 200 200 200 401 401
events,page-events         401 200 200 200 200 200 200 200 401 401
imports,exports            401 200 200 200 200 200 200 200 401 401
list-tokens                401 200 200 200 200 200 200 200 401 401
sums                       401 200 200 200 200 200 200 403 401 401
create                     401 201 201 201 201 403 201 403 401 401
batch                      401 200 200 200 200 403 200 403 401 401
get,audit-of,timeline      401 200 200 200 404 200 404 200 401 401
by-key,list-shares         401 200 200 200 404 200 404 200 401 401
consent,consent-history    401 200 200 200 404 200 404 200 401 401
related                    401 200 200 200 404 200 404 403 401 401
file-content               401 200 200 200 404 200 404 200 401 401
change,restore,merge       401 200 200 200 404 403 404 403 401 401
put-by-key                 401 200 200 200 404 403 201 403 401 401
delete,share,unshare       401 204 204 204 404 403 404 403 401 401
record-consent             401 201 201 201 404 403 404 403 401 401
queue-message              401 422 422 422 404 403 404 403 401 401
unmerge,cancel-message,requeue-message 401 404 404 404 404 404 404 404 401 401
begin-upload               401 201 201 201 404 404 404 404 401 401
upload,upload-part         401 200 404 404 404 404 404 404 401 401
begin-import               401 201 404 404 404 403 404 403 401 401
import,undo-import         401 200 404 404 404 404 404 404 401 401
check-import,start-import  401 202 404 404 404 404 404 404 401 401
begin-export               401 202 202 202 202 403 202 403 401 401
export,export-content      401 200 404 404 404 404 404 404 401 401
access-of                  401 200 403 403 403 403 404 403 401 401
create-token               401 201 201 201 201 201 201 403 401 401
revoke-token               401 204 404 404 404 404 404 404 401 401
hand-over                  401 403 403 403 403 403 400 403 401 401
invite,reset-link          401 403 403 403 403 403 404 403 401 401
create-user                401 403 403 403 403 403 422 403 401 401
change-user,delete-user    401 403 403 403 403 403 404 403 401 401
create-role,create-team    401 403 403 403 403 403 201 403 401 401
change-role,delete-role    401 403 403 403 403 403 404 403 401 401
change-team,delete-team    401 403 403 403 403 403 404 403 401 401
schema,schema-diff,schema-apply 401 403 403 403 403 403 200 403 401 401
jobs,audit                 401 403 403 403 403 403 200 403 401 401
retry-job                  401 403 403 403 403 403 404 403 401 401
";

/// What is uploaded for an import.
const FILE: &str = "name\nSara Ahmadi\n";

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
        let app = App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids))
            .in_folder(db.folder.path())
            .unwrap();
        let app = Arc::new(app);
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
        let part = method == "PATCH" && path.contains("/uploads/");
        if part {
            request = request
                .header("content-type", "application/offset+octet-stream")
                .header("upload-offset", "0");
        } else if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = match body {
            _ if part => Body::from(FILE),
            Some(b) => Body::from(b.to_string()),
            None => Body::empty(),
        };
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

    /// What the owner makes by a call that must succeed: the answer's member of this name.
    async fn owned(&self, method: &str, path: &str, body: Option<&Value>, member: &str) -> String {
        let (status, answer) = self.call(self.token("own"), method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {answer}");
        let json: Value = serde_json::from_str(&answer).unwrap_or_default();
        json[member].as_str().unwrap_or_default().to_owned()
    }

    /// A file of the owner's, which hangs on a record or on none.
    async fn file(&self, target: Option<Id>) -> String {
        let body = json!({"name": "a.csv", "size": FILE.len(), "target_id": target.map(|t| t.to_string())});
        let upload = self.owned("POST", "/api/v1/uploads", Some(&body), "id").await;
        self.owned("PATCH", &format!("/api/v1/uploads/{upload}"), None, "file_id")
            .await
    }

    /// Lets a worker do what waits.
    async fn work(&self) {
        let patience = std::time::Duration::from_secs(30);
        let mut worker = peyvand_app::jobs::Worker::new(Arc::clone(&self.app), patience);
        while worker.step(&self.main).await.unwrap() {}
    }

    /// What an operation is about, made by the owner: its id.
    async fn subject(&self, id: &str, path: &str) -> String {
        if path.contains("/users/{id}") {
            return self.owner.to_string();
        }
        if path.contains("/roles/{id}") {
            return self.role.to_string();
        }
        if path.contains("/teams/{id}") {
            return self.team.to_string();
        }
        if path.contains("/tokens/{id}") {
            return self.spare().await.to_string();
        }
        if path.contains("/uploads/{id}") {
            let body = json!({"name": "a.csv", "size": FILE.len()});
            return self.owned("POST", "/api/v1/uploads", Some(&body), "id").await;
        }
        if path.contains("/imports/{id}") {
            let body = json!({"object": "contacts", "file_id": self.file(None).await});
            let made = self.owned("POST", "/api/v1/imports", Some(&body), "id").await;
            if id == "undo-import" {
                let start = format!("/api/v1/imports/{made}/start");
                self.owned("POST", &start, None, "id").await;
                self.work().await;
            }
            return made;
        }
        if path.contains("/exports/{id}") {
            let body = json!({"object": "contacts", "format": "csv"});
            let made = self.owned("POST", "/api/v1/exports", Some(&body), "id").await;
            self.work().await;
            return made;
        }
        let contact = self.contact(id == "restore").await;
        if path.contains("/files/{id}") {
            return self.file(Some(contact)).await;
        }
        contact.to_string()
    }

    /// The request of an operation about fresh things.
    async fn request(&self, id: &str, path: &str) -> (String, Option<Value>) {
        let at = self.subject(id, path).await;
        let grantee = self.owner;
        if matches!(id, "by-key" | "put-by-key") {
            let body = json!({"name": {"family": "Kamali"}, "team_id": self.team.to_string()});
            let to = format!("/api/v1/contacts/by-key/shop/{at}");
            self.owned("PUT", &to, Some(&body), "id").await;
        }
        if id == "unshare" {
            let to = format!("/api/v1/contacts/{at}/shares/{grantee}");
            self.owned("PUT", &to, Some(&json!({"may_update": true})), "")
                .await;
        }
        let path = path
            .replace("{plural}", if id == "sums" { "deals" } else { "contacts" })
            .replace("{id}", &at)
            .replace("{grantee}", &grantee.to_string())
            .replace("{relation}", "deals")
            .replace("{source}", "shop")
            .replace("{key}", &at);
        let path = if id == "sums" {
            format!("{path}?field=amount")
        } else {
            path
        };
        let fields = |key: &str| {
            json!({"fields": {"contact": [{
                "key": key, "type": "number", "label": {"fa": "اندازه", "en": "Size"},
            }]}})
        };
        let body = match id {
            "create" => json!({"name": {"family": "New"}}),
            "batch" => json!({"items": [{"name": {"family": "New"}}]}),
            "duplicates" => json!({"name": {"family": "Kamali"}}),
            "change" => json!({"job_title": "changed"}),
            "put-by-key" => json!({"name": {"family": "Kamali"}, "job_title": "changed"}),
            "merge" => json!({"from": self.contact(false).await.to_string()}),
            "record-consent" => json!({"verdict": "withdrawn"}),
            "queue-message" => json!({
                "contact_id": self.contact(false).await.to_string(), "channel": "sms", "purpose": "advertising",
                "body": "x",
            }),
            "begin-upload" => {
                json!({"name": "a.csv", "size": 5, "target_id": self.contact(false).await.to_string()})
            }
            "begin-import" => json!({"object": "contacts", "file_id": self.file(None).await}),
            "begin-export" => json!({"object": "contacts", "format": "csv"}),
            "schema-diff" => json!({"schema": fields("size")}),
            "schema-apply" => json!({"schema": fields("size")}),
            "hand-over" => json!({"to": grantee.to_string()}),
            "create-token" => json!({"name": "more", "scopes": ["deals:read"]}),
            "share" => json!({"may_update": true}),
            "create-user" => {
                json!({"name": "N", "email": format!("n{at}@example.com"), "role_id": self.role.to_string()})
            }
            "change-user" => json!({"name": "Changed"}),
            "create-role" => {
                json!({"key": format!("r-{at}"), "name": "R", "rules": {"default": {"read": "own"}}})
            }
            "change-role" => json!({"name": "Changed"}),
            "create-team" => json!({"name": "T"}),
            "change-team" => json!({"name": "Changed"}),
            _ => return (path, None),
        };
        (path, Some(body))
    }
}

/// Every operation by every caller. An operation that the table does not know fails the test: whoever adds one writes down
/// who may call it.
#[db_test]
async fn every_operation_for_every_actor(db: TestDb) {
    let w = World::new(&db).await;
    let rows: Vec<&str> = TABLE.lines().filter(|l| !l.is_empty()).collect();
    assert!(rows.len() <= 60, "{} rows", rows.len());
    let mut expected: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
    for row in rows {
        let mut words = row.split_whitespace();
        let ids = words.next().unwrap();
        let answers: Vec<u16> = words.map(|s| s.parse().unwrap()).collect();
        assert_eq!(answers.len(), ACTORS.len(), "{row}");
        for id in ids.split(',') {
            assert!(expected.insert(id, answers.clone()).is_none(), "{id} twice");
        }
    }
    let all = peyvand_api::declared();
    let known: BTreeSet<&str> = all.iter().map(|d| d.id).collect();
    let written: BTreeSet<&str> = expected.keys().copied().collect();
    assert_eq!(known, written, "operations and rows of the table");
    let (mut calls, mut denied_calls, mut wrong) = (0, 0, Vec::new());
    for d in &all {
        let wanted = &expected[d.id];
        let mut requests = Vec::new();
        for (n, actor) in ACTORS.iter().enumerate() {
            let (path, body) = w.request(d.id, d.path).await;
            requests.push((wanted[n], *actor, path, body));
        }
        let before = w.digest().await;
        for denied in [true, false] {
            for (want, actor, path, body) in &requests {
                if (*want >= 400) != denied {
                    continue;
                }
                let (got, answer) = w.call(w.token(actor), d.method, path, body.as_ref()).await;
                if got != *want {
                    wrong.push(format!(
                        "{} ({}) as {actor}: {got} for {want}: {answer:.200}",
                        d.id, d.path
                    ));
                }
                calls += 1;
                denied_calls += u32::from(denied);
            }
            if denied {
                assert!(
                    w.digest().await == before,
                    "{} changed something when it was denied",
                    d.id
                );
            } else if d.method != "GET"
                && requests.iter().any(|(want, ..)| *want < 300)
                && d.id != "schema-diff"
            {
                // The control: the same looks at the rows see what is done when it is allowed. A search for likely
                // duplicates is asked by POST and writes nothing.
                assert!(
                    d.id == "duplicates" || w.digest().await != before,
                    "{} changed nothing when it was allowed",
                    d.id
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        calls == all.len() * ACTORS.len() && denied_calls > 400,
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

/// The canaries of fields that a role hides or masks.
const CANARIES: [&str; 4] = ["canaryhidden", "canarymasked", "0499370899", "987654321"];

/// Every door through which a record comes out: by the clerk none shows a hidden value, also not in what it says when it
/// refuses. The control: the same doors show all of them to an administrator.
#[db_test]
async fn no_door_shows_a_hidden_value(db: TestDb) {
    let w = World::new(&db).await;
    let system = Caller::system(&w.main, Via::Cli);
    let rules = json!({
        "default": {"read": "all", "create": "all", "update": "all", "delete": "all", "export": "all"},
        "fields": {
            "contact": {"job_title": "hidden", "city": "masked", "national_id": "hidden"},
            "deal": {"amount": "hidden"}
        }
    });
    w.app
        .save_role(&system, "clerk", Some("clerk"), Some(&rules))
        .await
        .unwrap();
    for role in ["clerk", "admin"] {
        let new = NewUser {
            email: format!("{role}@example.com"),
            name: role.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        w.app.create_user(&w.main, &new).await.unwrap();
        let token = w
            .app
            .create_token(&w.main, &new.email, "t", &["*".to_owned()])
            .await
            .unwrap();
        let make = async |object: &str, v: Value| {
            let object = Arc::clone(w.main.catalog().object(object).unwrap());
            let made = w.app.create(&system, &object, &map(v), None).await.unwrap();
            made.id().to_string()
        };
        let company = make("company", json!({"name": format!("Saba {role}")})).await;
        let person = |family: &str, id: Option<&str>| {
            json!({
                "name": {"family": family}, "job_title": "canaryhidden", "city": "canarymasked",
                "national_id": id, "company_id": company, "phones": ["09121234567"],
            })
        };
        // One national id at a time: the other role's is gone from the records that are still looked at.
        let one = make("contact", person(&format!("Kamali {role}"), Some("0499370899"))).await;
        let two = make("contact", person(&format!("Kamali {role}"), None)).await;
        let deal = make(
            "deal",
            json!({"name": "d", "contact_id": one, "amount": {"amount": "987654321", "currency": "IRR"}}),
        )
        .await;
        let contact = Arc::clone(w.main.catalog().object("contact").unwrap());
        let changed =
            map(json!({"job_title": "canaryhidden two", "city": "canarymasked two", "department": "x"}));
        w.app
            .patch(&system, &contact, one.parse().unwrap(), &changed, None)
            .await
            .unwrap();
        let at = format!("/api/v1/contacts/{one}");
        let doors = [
            ("GET", "/api/v1/contacts?count=true".to_owned(), None),
            ("GET", format!("/api/v1/contacts?q=Kamali+{role}"), None),
            ("GET", "/api/v1/contacts?fields=name,city".to_owned(), None),
            ("GET", at.clone(), None),
            ("GET", format!("{at}/audit"), None),
            ("GET", format!("{at}/timeline"), None),
            ("GET", format!("/api/v1/companies/{company}/contacts"), None),
            ("GET", format!("/api/v1/contacts/{one}/deals"), None),
            ("GET", format!("/api/v1/deals/{deal}"), None),
            ("GET", "/api/v1/deals/sums?field=amount".to_owned(), None),
            (
                "GET",
                "/api/v1/deals/sums?field=amount&filter=amount+%3E+0".to_owned(),
                None,
            ),
            (
                "GET",
                "/api/v1/deals?filter=amount+%3E+987654320&sort=-amount".to_owned(),
                None,
            ),
            (
                "POST",
                "/api/v1/contacts/duplicates".to_owned(),
                Some(json!({"name": {"family": format!("Kamali {role}")}, "phones": ["09121234567"]})),
            ),
            (
                "POST",
                "/api/v1/contacts?on_duplicate=refuse".to_owned(),
                Some(json!({"name": {"family": format!("Kamali {role}")}, "phones": ["09121234567"]})),
            ),
            (
                "PATCH",
                at.clone(),
                Some(json!({"version": 1, "department": "y"})),
            ),
            ("PATCH", at.clone(), Some(json!({"version": 1, "job_title": "y"}))),
            ("PATCH", at.clone(), Some(json!({"version": 1, "city": "y"}))),
            (
                "POST",
                "/api/v1/contacts/batch".to_owned(),
                Some(
                    json!({"items": [{"id": one, "version": 1, "city": "y"}, {"id": one, "first_language": null}]}),
                ),
            ),
            (
                "POST",
                "/api/v1/contacts/batch?atomic=true".to_owned(),
                Some(json!({"items": [{"id": one, "version": 1, "job_title": "y"}]})),
            ),
            (
                "PUT",
                "/api/v1/contacts/by-key/shop/1".to_owned(),
                Some(json!({"name": "x", "job_title": "y"})),
            ),
            ("POST", format!("{at}/merge"), Some(json!({"from": two}))),
            ("GET", format!("{at}/audit"), None),
            ("GET", format!("{at}/timeline"), None),
            ("GET", format!("{at}/consent"), None),
            ("GET", "/api/v1/objects".to_owned(), None),
            ("DELETE", at.clone(), None),
            ("GET", "/api/v1/contacts?deleted=true".to_owned(), None),
            ("POST", format!("{at}/restore"), None),
        ];
        let mut seen = String::new();
        for (method, path, body) in doors {
            let (status, answer) = w.call(&token, method, &path, body.as_ref()).await;
            assert!(status < 500, "{method} {path}: {answer}");
            if role == "clerk" {
                for canary in CANARIES {
                    assert!(!answer.contains(canary), "{method} {path}: {canary} in {answer}");
                }
            }
            seen.push_str(&answer);
        }
        for format in ["csv", "ndjson", "vcf"] {
            let body = json!({"object": "contacts", "format": format});
            let (_, answer) = w.call(&token, "POST", "/api/v1/exports", Some(&body)).await;
            let begun: Value = serde_json::from_str(&answer).unwrap();
            w.work().await;
            let path = format!("/api/v1/exports/{}/content", begun["id"].as_str().unwrap());
            let (status, text) = w.call(&token, "GET", &path, None).await;
            assert!(
                status == 200 && text.contains("Kamali"),
                "{format}: {status} {text}"
            );
            if role == "clerk" {
                for canary in CANARIES {
                    assert!(!text.contains(canary), "{format}: {canary}");
                }
            }
        }
        if role == "admin" {
            for canary in CANARIES {
                assert!(seen.contains(canary), "the control does not show {canary}");
            }
        }
        // The national id is free again for the control.
        let none = map(json!({"national_id": null}));
        w.app
            .patch(&system, &contact, one.parse().unwrap(), &none, None)
            .await
            .unwrap();
    }
}

/// How much longer the second request takes than the first, by the medians of requests that take turns.
async fn slower(w: &World, first: &[&str], second: &[&str]) -> f64 {
    let token = w.token("other");
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..150 {
        for (n, paths) in [first, second].into_iter().enumerate() {
            let start = std::time::Instant::now();
            for path in paths {
                assert_eq!(w.call(token, "GET", path, None).await.0, 404);
            }
            times[n].push(start.elapsed().as_secs_f64());
        }
    }
    let [first, second] = times.map(|mut t| {
        t.sort_by(f64::total_cmp);
        t[t.len() / 2]
    });
    second / first
}

/// Whoever may not know of a record is answered as if it were not there, and takes as long. The control: two requests in
/// the place of one are told apart by the same clock.
#[db_test]
async fn the_clock_does_not_tell_what_is_there(db: TestDb) {
    let w = World::new(&db).await;
    let hidden = format!("/api/v1/contacts/{}", w.contact(false).await);
    let none = "/api/v1/contacts/01900000-0000-7000-8000-000000000000";
    let ratio = slower(&w, &[none], &[&hidden]).await;
    assert!((0.67..1.5).contains(&ratio), "{ratio}");
    let control = slower(&w, &[none], &[none, &hidden]).await;
    assert!(control > 1.5, "{control}");
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
