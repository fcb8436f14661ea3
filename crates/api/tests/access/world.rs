//! Two workspaces with every kind of caller, and what the owner of a contact makes of it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use peyvand_app::people::NewUser;
use peyvand_app::tokens::NewToken;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, Caller};
use peyvand_core::{Id, Instant, Via};
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;
use peyvand_testkit::TestDb;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// What is uploaded for an import.
const FILE: &str = "name\nSara Ahmadi\n";

pub struct World {
    pub app: Arc<App>,
    pub router: Router,
    pub main: Arc<Workspace>,
    pub owner: Id,
    pub team: Id,
    pub role: Id,
    pub tokens: Vec<(&'static str, String)>,
}

pub fn map(v: Value) -> serde_json::Map<String, Value> {
    match v {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

impl World {
    pub async fn new(db: &TestDb) -> Self {
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

    pub fn token(&self, actor: &str) -> &str {
        self.tokens
            .iter()
            .find(|(a, _)| *a == actor)
            .map_or("", |(_, t)| t)
    }

    pub async fn call(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        self.call_under("", token, method, path, body).await
    }

    /// Calls under a key that makes a repetition have no further effect; without one when it is empty.
    pub async fn call_under(
        &self,
        key: &str,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept-language", "en");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
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
    pub async fn contact(&self, deleted: bool) -> Id {
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

    /// The owner is told of a contact: the id of the notification.
    async fn told(&self, contact: Id) -> Id {
        let system = Caller::system(&self.main, Via::Cli);
        let object = Arc::clone(self.main.catalog().object("contact").unwrap());
        let record = self.app.get(&system, &object, contact).await.unwrap();
        let told = self
            .app
            .tell(&system, "followed", &[self.owner], &object, &record)
            .await;
        assert_eq!(told.unwrap(), 1);
        let newest = Caller {
            actor: peyvand_core::Actor::User(self.owner),
            ..system
        };
        let page = self.app.notifications(&newest, true, 1, None).await.unwrap();
        page.list.first().unwrap().id
    }

    /// A token of the owner's, to be revoked.
    pub async fn spare(&self) -> Id {
        let new = NewToken {
            name: "spare".to_owned(),
            scopes: vec!["*".to_owned()],
            ..NewToken::default()
        };
        let system = Caller::system(&self.main, Via::Cli);
        self.app.issue_token(&system, self.owner, &new).await.unwrap().0
    }

    /// Every row but of the tables that are about requests themselves: counters, uses of tokens, the log of refusals.
    pub async fn digest(&self) -> Vec<String> {
        let mut tables = self.main.layout.tables();
        tables.extend(SIDE.all());
        let mut out = Vec::new();
        for t in tables {
            if matches!(t.name.as_str(), "audit" | "seal") {
                continue;
            }
            for mut row in self
                .app
                .store
                .rows(RowsCall::new(&t, &[]).everywhere().limit(100_000))
                .await
                .unwrap()
            {
                if t.name == "token" {
                    row[t.at("used_at")] = peyvand_store::SqlVal::Null;
                }
                // What is counted goes up by being refused; what somebody wishes stands there too.
                let counted = t.name == "counter";
                if counted
                    && !row[t.at("name")]
                        .text()
                        .is_some_and(|n| n.starts_with("unwanted-notices:"))
                {
                    continue;
                }
                out.push(format!("{}: {row:?}", t.name));
            }
        }
        out.sort();
        out
    }

    /// What the owner makes by a call that must succeed: the answer's member of this name.
    pub async fn owned(&self, method: &str, path: &str, body: Option<&Value>, member: &str) -> String {
        let (status, answer) = self.call(self.token("own"), method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {answer}");
        let json: Value = serde_json::from_str(&answer).unwrap_or_default();
        json[member].as_str().unwrap_or_default().to_owned()
    }

    /// A file of the owner's, which hangs on a record or on none.
    pub async fn file(&self, target: Option<Id>) -> String {
        let body = json!({"name": "a.csv", "size": FILE.len(), "target_id": target.map(|t| t.to_string())});
        let upload = self.owned("POST", "/api/v1/uploads", Some(&body), "id").await;
        self.owned("PATCH", &format!("/api/v1/uploads/{upload}"), None, "file_id")
            .await
    }

    /// A token of a new person with this role, who belongs to no team.
    pub async fn person(&self, name: &str, role: &str) -> (Id, String) {
        let new = NewUser {
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        let id = self.app.create_user(&self.main, &new).await.unwrap();
        let token = self
            .app
            .create_token(&self.main, &new.email, "t", &["*".to_owned()])
            .await
            .unwrap();
        (id, token)
    }

    /// What comes down from an address, byte by byte.
    pub async fn bytes(&self, token: &str, path: &str) -> (u16, Vec<u8>) {
        let response = self.open(token, path).await;
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 20_000_000)
            .await
            .unwrap();
        (status, bytes.to_vec())
    }

    /// An answer whose body is still to be read.
    pub async fn open(&self, token: &str, path: &str) -> axum::response::Response {
        let request = Request::builder()
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Calls and reads the answer as JSON.
    pub async fn ask(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let (status, text) = self.call(token, method, path, body).await;
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// Lets a worker do what waits.
    pub async fn work(&self) {
        let patience = std::time::Duration::from_secs(30);
        let mut worker = peyvand_app::jobs::Worker::new(Arc::clone(&self.app), patience);
        while worker.step(&self.main).await.unwrap() {}
    }

    /// What an operation is about, made by the owner: its id.
    pub async fn subject(&self, id: &str, path: &str) -> String {
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
        if path.contains("/notifications/") {
            return self.told(contact).await.to_string();
        }
        contact.to_string()
    }

    /// A tag that everybody knows.
    async fn tag(&self) -> String {
        let system = Caller::system(&self.main, Via::Cli);
        let object = self.app.object(&system, "tags").unwrap();
        let name = self.app.ids.next(self.app.clock.now()).to_string();
        let values = json!({"name": name});
        let made = self
            .app
            .create(&system, &object, values.as_object().unwrap(), None)
            .await
            .unwrap();
        made.id().to_string()
    }

    /// The request of an operation about fresh things.
    pub async fn request(&self, id: &str, path: &str) -> (String, Option<Value>) {
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
        let tag = if path.contains("{tag}") {
            let tag = self.tag().await;
            if id == "untag" {
                let to = format!("/api/v1/contacts/{at}/tags/{tag}");
                self.owned("PUT", &to, None, "").await;
            }
            tag
        } else {
            String::new()
        };
        let path = path
            .replace("{tag}", &tag)
            .replace("{object}", "order")
            .replace(
                "{plural}",
                if matches!(id, "sums" | "groups") {
                    "deals"
                } else {
                    "contacts"
                },
            )
            .replace("{id}", &at)
            .replace("{grantee}", &grantee.to_string())
            .replace("{relation}", "deals")
            .replace("{source}", "shop")
            .replace("{key}", &at);
        let path = match id {
            "sums" => format!("{path}?field=amount"),
            "groups" => format!("{path}?by=owner_id&sum=amount"),
            _ => path,
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
            "change-workspace" => json!({"time_zone": "Europe/London"}),
            "set-numbering" => json!({"prefix": "A-", "width": 5, "next": 1}),
            "set-notification-wishes" => json!({"followed": false}),
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
