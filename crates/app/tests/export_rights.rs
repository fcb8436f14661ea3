//! An export that runs ends when its owner loses a right: half a file is nobody's. On both engines, through every way in
//! which rights become less, with ways that take nothing as control.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use peyvand_app::jobs::Worker;
use peyvand_app::people::NewUser;
use peyvand_app::transfer::export::{ExportFormat, Exported};
use peyvand_app::transfer::import::TransferError;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, Caller};
use peyvand_catalog::ObjectDef;
use peyvand_core::{Id, Via};
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Map, Value, json};

/// More than two pages of an export.
const RECORDS: u64 = 1_100;

struct World {
    app: Arc<App>,
    workspace: Arc<Workspace>,
    admin: Caller,
    object: Arc<ObjectDef>,
    team: Id,
    /// A record of the administrator's, in no team.
    apart: Id,
}

fn map(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

async fn as_now(app: &App, w: &Arc<Workspace>, id: Id) -> Caller {
    app.caller_of(w, id, Via::Web).await.unwrap()
}

impl World {
    async fn new(db: &TestDb) -> Self {
        let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
        let app = App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids));
        let app = Arc::new(app.in_folder(db.folder.path()).unwrap());
        let workspace = app.create_workspace("main", "main").await.unwrap();
        let team = app.create_team(&workspace, "فروش", None).await.unwrap();
        let new = NewUser {
            email: "admin@example.com".to_owned(),
            name: "admin".to_owned(),
            role: "admin".to_owned(),
            active: true,
            team: None,
        };
        let id = app.create_user(&workspace, &new).await.unwrap();
        let admin = as_now(&app, &workspace, id).await;
        let object = Arc::clone(workspace.catalog().object("contact").unwrap());
        for n in 0..RECORDS {
            let json = json!({"name": {"family": format!("Kamali{n}")}, "team_id": team.to_string()});
            app.create(&admin, &object, &map(json), None).await.unwrap();
        }
        let json = json!({"name": {"family": "Apart"}});
        let apart = app.create(&admin, &object, &map(json), None).await.unwrap().id();
        Self {
            app,
            workspace,
            admin,
            object,
            team,
            apart,
        }
    }

    /// Somebody with a role of their own, who may export what is of their team.
    async fn person(&self, name: &str) -> Caller {
        let rules = json!({"default": {"read": "team", "export": "team"}});
        self.app
            .save_role(&self.admin, name, Some(name), Some(&rules))
            .await
            .unwrap();
        let new = NewUser {
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            role: name.to_owned(),
            active: true,
            team: Some(self.team),
        };
        let id = self.app.create_user(&self.workspace, &new).await.unwrap();
        as_now(&self.app, &self.workspace, id).await
    }

    async fn role(&self, name: &str, rules: Value) {
        self.app
            .save_role(&self.admin, name, None, Some(&rules))
            .await
            .unwrap();
    }

    async fn set_user(&self, id: Id, patch: Value) {
        let object = Arc::clone(self.workspace.catalog().object("user").unwrap());
        self.app
            .patch(&self.admin, &object, id, &map(patch), None)
            .await
            .unwrap();
    }

    async fn share(&self, with: Id, may: Option<bool>) {
        self.app
            .share(&self.admin, &self.object, self.apart, with, may)
            .await
            .unwrap();
    }

    /// Exports as somebody; when the first page is written, this happens, and then the export goes on.
    async fn export(
        &self,
        caller: &Caller,
        happens: impl Future<Output = ()>,
    ) -> Result<Exported, TransferError> {
        let (app, caller, object) = (Arc::clone(&self.app), caller.clone(), Arc::clone(&self.object));
        let (tell, told) = tokio::sync::oneshot::channel();
        let (go, on) = std::sync::mpsc::channel::<()>();
        let mut first = Some((tell, on));
        let handle = tokio::runtime::Handle::current();
        let export = tokio::task::spawn_blocking(move || {
            handle.block_on(async {
                let progress = |n| {
                    if let Some((tell, on)) = first.take() {
                        tell.send(n).unwrap();
                        on.recv().unwrap();
                    }
                };
                let mut out = Cursor::new(Vec::new());
                app.export(&caller, &object, None, ExportFormat::Csv, &mut out, progress)
                    .await
            })
        });
        let written: u64 = told.await.unwrap();
        assert!(written > 0 && written < RECORDS, "{written}");
        happens.await;
        go.send(()).unwrap();
        export.await.unwrap()
    }

    /// What the log says of exports of this person that were refused.
    async fn refused(&self, id: Id) -> Vec<Value> {
        let object = Arc::clone(self.workspace.catalog().object("user").unwrap());
        let log = self.app.audit_of(&self.admin, &object, id).await.unwrap();
        log.iter()
            .filter_map(|l| l.detail.clone())
            .filter(|d| d["refused"] == "export")
            .collect()
    }
}

/// Item 42 of the trust list, as far as it is about exports.
#[db_test]
async fn a_running_export_ends_with_the_rights_to_it(db: TestDb) {
    let w = World::new(&db).await;
    let app = &w.app;
    let other = w.person("other").await;
    let others = other.actor.id();
    for kind in [
        "role-taken",
        "export-taken",
        "reach-shrunk",
        "field-hidden",
        "team-left",
        "team-moved",
        "share-taken",
        "team-share-taken",
        "switched-off",
        "handed-over",
    ] {
        let c = w.person(kind).await;
        let me = c.actor.id();
        let narrow = |read: &str, export: &str| json!({"default": {"read": read, "export": export}});
        w.share(me, Some(false)).await;
        w.share(w.team, Some(false)).await;
        let reader = app.role(&w.workspace, "reader").await.unwrap().to_string();
        let done = w
            .export(&c, async {
                match kind {
                    "role-taken" => w.set_user(me, json!({"role_id": reader})).await,
                    "export-taken" => w.role(kind, narrow("team", "none")).await,
                    "reach-shrunk" => w.role(kind, narrow("team", "own")).await,
                    "field-hidden" => {
                        let mut rules = narrow("team", "team");
                        rules["fields"] = json!({"contact": {"national_id": "hidden"}});
                        w.role(kind, rules).await;
                    }
                    "team-left" => w.set_user(me, json!({"team_id": null})).await,
                    "team-moved" => {
                        let to = app.create_team(&w.workspace, "دیگر", None).await.unwrap();
                        w.set_user(me, json!({"team_id": to.to_string()})).await;
                    }
                    "share-taken" => w.share(me, None).await,
                    "team-share-taken" => w.share(w.team, None).await,
                    "switched-off" => app.set_active(&w.admin, me, false).await.unwrap(),
                    _ => {
                        app.hand_over(&w.admin, me, others).await.unwrap();
                    }
                }
            })
            .await;
        let e = done.expect_err(kind);
        assert_eq!(e.code(), "rights-changed", "{kind}: {e}");
        let log = w.refused(me).await;
        assert_eq!(log.len(), 1, "{kind}: {log:?}");
        assert!(
            log[0]["stopped_after"]
                .as_u64()
                .is_some_and(|n| n > 0 && n < RECORDS),
            "{kind}: {log:?}"
        );
    }
    // Control: what takes nothing from them lets it go on to its end.
    for kind in ["nothing", "more", "of-another", "another-off"] {
        let c = w.person(kind).await;
        w.share(others, Some(false)).await;
        let done = w
            .export(&c, async {
                match kind {
                    "nothing" => {}
                    "more" => {
                        w.role(
                            kind,
                            json!({"default": {"read": "all", "export": "team", "update": "own"}}),
                        )
                        .await;
                    }
                    "of-another" => w.share(others, None).await,
                    _ => app.set_active(&w.admin, others, false).await.unwrap(),
                }
            })
            .await;
        assert_eq!(done.expect(kind).records, RECORDS, "{kind}");
        assert!(w.refused(c.actor.id()).await.is_empty(), "{kind}");
    }
}

/// The same for exports that a job writes: the file of one who lost the right in between is not there, whole or half, and
/// a file that was written before is not handed out any more.
#[db_test]
async fn exports_of_jobs_ask_again(db: TestDb) {
    let w = World::new(&db).await;
    let app = &w.app;
    let mut worker = Worker::new(Arc::clone(app), Duration::from_secs(30));
    let mut work = async || while worker.step(&w.workspace).await.unwrap() {};
    let half = || {
        let folder = db.folder.path().to_owned();
        let mut open = vec![folder];
        let mut found = Vec::new();
        while let Some(folder) = open.pop() {
            for e in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = e.path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|x| x == "export") {
                    found.push(path);
                }
            }
        }
        found
    };
    let id = |line: &peyvand_app::tasks::TaskLine| line.id.parse::<Id>().unwrap();
    work().await;
    let c = w.person("clerk").await;
    // Control: it is written, and handed out.
    let whole = app.begin_export(&c, "contacts", None, "csv").await.unwrap();
    work().await;
    let line = app.task(&c, id(&whole), "export-task").await.unwrap();
    assert_eq!(
        (line.state.as_str(), &line.progress["done"]),
        ("done", &json!(RECORDS))
    );
    assert!(app.exported(&c, id(&whole)).await.unwrap().size > 1_000);
    // The right is taken between the request and the work.
    let late = app.begin_export(&c, "contacts", None, "csv").await.unwrap();
    w.role("clerk", json!({"default": {"read": "team", "export": "none"}}))
        .await;
    let now = as_now(app, &w.workspace, c.actor.id()).await;
    work().await;
    let line = app.task(&now, id(&late), "export-task").await.unwrap();
    assert_eq!(line.state, "failed");
    assert_eq!(line.progress["error"]["code"], "forbidden");
    let code = async |id: Id| app.exported(&now, id).await.err().map(|e| e.code());
    assert_eq!(code(id(&late)).await, Some("forbidden"));
    assert_eq!(code(id(&whole)).await, Some("forbidden"), "written before");
    assert_eq!(half(), Vec::<std::path::PathBuf>::new());
    // With the right, the file that is not there is not found.
    w.role("clerk", json!({"default": {"read": "team", "export": "team"}}))
        .await;
    assert_eq!(
        app.exported(&c, id(&late)).await.err().map(|e| e.code()),
        Some("not-found")
    );
    // Who asked is switched off before the work begins.
    let gone = app.begin_export(&c, "contacts", None, "csv").await.unwrap();
    app.set_active(&w.admin, c.actor.id(), false).await.unwrap();
    work().await;
    let line = app.task(&c, id(&gone), "export-task").await.unwrap();
    assert_eq!(line.state, "failed");
    assert_eq!(line.progress["error"]["code"], "rights-changed");
    assert!(w.refused(c.actor.id()).await.len() >= 2);
    assert_eq!(half(), Vec::<std::path::PathBuf>::new());
}
