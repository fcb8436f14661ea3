//! Item 27: every change has its entry, the chain names the place that is not what was written, and the end of the log
//! cannot be cut off unseen.

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{Fixture, fixture_on};
use peyvand_app::audit::{Broken, Stream, Verified};
use peyvand_app::people::NewUser;
use peyvand_app::{App, ListRequest};
use peyvand_catalog::Schema;
use peyvand_core::{Id, IdSource};
use peyvand_record::Record;
use peyvand_store::tables::SIDE;
use peyvand_store::{Keys, Plan, RowsCall, SqlVal, Step, Store};
use peyvand_testkit::db::Kind;
use peyvand_testkit::{TestDb, db_test};

fn json(v: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match v {
        serde_json::Value::Object(map) => map,
        other => panic!("an object is expected, not {other}"),
    }
}

async fn make(f: &Fixture, plural: &str, v: serde_json::Value) -> Record {
    let object = f.app.object(&f.caller, plural).unwrap();
    f.app.create(&f.caller, &object, &json(v), None).await.unwrap()
}

async fn patch(f: &Fixture, id: Id, v: serde_json::Value) {
    f.app
        .patch(&f.caller, &f.object("contact"), id, &json(v), None)
        .await
        .unwrap();
}

/// Whoever can write the database's file can drop its triggers.
fn unguard(f: &Fixture) {
    if f.kind == Kind::Postgres {
        return;
    }
    let raw = rusqlite::Connection::open(f.folder.path().join("peyvand.db")).unwrap();
    let refused = |sql: &str| raw.execute(sql, []).unwrap_err().to_string();
    assert!(refused("UPDATE audit SET via = 'x'").contains("append-only"));
    assert!(refused("DELETE FROM audit").contains("append-only"));
    assert!(refused("UPDATE seal SET position = position + 1").contains("append-only"));
    let triggers: Vec<String> = raw
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('audit', 'seal')")
        .unwrap()
        .query_map([], |r| r.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(!triggers.is_empty());
    for t in triggers {
        raw.execute_batch(&format!("DROP TRIGGER {t}")).unwrap();
    }
}

fn entry_key(f: &Fixture, id: Id) -> Vec<(usize, SqlVal)> {
    let t = &SIDE.audit;
    vec![
        (t.at("workspace_id"), i64::from(f.workspace().id.0).into()),
        (t.at("bucket"), i64::from(id.bucket()).into()),
        (t.at("id"), id.into()),
    ]
}

/// The table as somebody sees it who goes past the program: with nothing that keeps its rows as they are.
fn bare(t: &Arc<peyvand_store::tables::Table>) -> Arc<peyvand_store::tables::Table> {
    let mut t = (**t).clone();
    t.append_only = false;
    Arc::new(t)
}

async fn put(f: &Fixture, id: Id, column: &str, value: SqlVal) {
    let t = &SIDE.audit;
    let step = Step::Update {
        table: bare(t),
        set: vec![(t.at(column), value)],
        key: entry_key(f, id),
        expect_one: Some(peyvand_store::Conflict::Guard("one".to_owned())),
    };
    f.app.store.engine().apply(Plan::of(vec![step])).await.unwrap();
}

async fn delete(f: &Fixture, table: &Arc<peyvand_store::tables::Table>, key: Vec<(usize, SqlVal)>) {
    let step = Step::Delete {
        table: bare(table),
        key,
        expect_some: Some(peyvand_store::Conflict::Guard("some".to_owned())),
    };
    f.app.store.engine().apply(Plan::of(vec![step])).await.unwrap();
}

async fn verify(app: &App, f: &Fixture) -> Verified {
    app.verify_stream(f.workspace(), Stream::Audit).await.unwrap()
}

#[db_test]
async fn the_log_is_sealed_and_one_changed_byte_is_named(db: TestDb) {
    let f = fixture_on(db).await;
    let w = f.workspace();
    let name = serde_json::json!({"name": "مریم رستمی", "city": "تهران"});
    let contact = make(&f, "contacts", name).await;
    let contacts = f.object("contact");
    for city in ["شیراز", "یزد", "قم"] {
        patch(&f, contact.id(), serde_json::json!({ "city": city })).await;
    }
    let fresh = verify(&f.app, &f).await;
    assert_eq!((fresh.sealed, fresh.unsealed), (0, 5));
    // Five entries, one of them of the workspace itself, and four events.
    assert_eq!(f.app.seal(w).await.unwrap(), 9);
    assert_eq!(f.app.seal(w).await.unwrap(), 0);
    make(&f, "companies", serde_json::json!({"name": "بتا"})).await;
    // A second program beside the first: no gap, no fork.
    let other = App::new(
        Arc::clone(&f.app.store),
        Arc::clone(&f.clock) as _,
        Arc::new(IdSource::default()),
    );
    let (a, b) = tokio::join!(f.app.seal(w), other.seal(w));
    assert_eq!(a.unwrap() + b.unwrap(), 2);
    let whole = verify(&f.app, &f).await;
    assert_eq!((whole.sealed, whole.unsealed, whole.broken), (6, 0, None));
    assert!(whole.head.unwrap().starts_with("6:"));
    let lines = f.app.audit_of(&f.caller, &contacts, contact.id()).await.unwrap();
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|l| l.position.is_some()));
    let change = lines
        .iter()
        .find(|l| l.detail.as_ref().is_some_and(|d| d.to_string().contains("یزد")))
        .unwrap();
    assert_eq!(change.action, "update");

    unguard(&f);
    let id = lines[1].id;
    let position = lines[1].position.unwrap();
    let t = &SIDE.audit;
    let key: Vec<(&str, SqlVal)> = vec![("workspace_id", i64::from(w.id.0).into())];
    let rows = f.app.store.rows(RowsCall::new(t, &key)).await.unwrap();
    // The clear text is in no column.
    let text = "شیراز".as_bytes();
    for row in &rows {
        for cell in row {
            let bytes = match cell {
                SqlVal::Text(s) => s.as_bytes(),
                SqlVal::Bytes(b) => b,
                _ => continue,
            };
            assert!(!bytes.windows(text.len()).any(|w| w == text));
        }
    }
    let row = rows.iter().find(|r| r[t.at("id")].uuid() == Some(id)).unwrap();
    let detail = row[t.at("detail")].bytes().unwrap().to_vec();
    let mut bent = detail.clone();
    bent[20] ^= 1;
    put(&f, id, "detail", bent.into()).await;
    let altered = Broken::Altered {
        position,
        entry: id.to_string(),
    };
    assert_eq!(verify(&f.app, &f).await.broken, Some(altered.clone()));
    // Control: with the byte back, all holds.
    put(&f, id, "detail", detail.into()).await;
    assert_eq!(verify(&f.app, &f).await.broken, None);
    // Every column counts.
    put(&f, id, "via", "job".into()).await;
    assert_eq!(verify(&f.app, &f).await.broken, Some(altered));
    put(&f, id, "via", row[t.at("via")].clone()).await;
    assert_eq!(verify(&f.app, &f).await.broken, None);
    delete(&f, t, entry_key(&f, id)).await;
    assert_eq!(
        verify(&f.app, &f).await.broken,
        Some(Broken::Missing {
            position,
            entry: id.to_string()
        })
    );
}

/// The same database, with the newest seals remembered in a file beside it.
fn remembering(f: &Fixture) -> App {
    let store = Arc::new(Store::new(
        Arc::clone(f.app.store.engine()),
        Keys::new(peyvand_testkit::db::SECRET),
    ));
    App::new(store, Arc::clone(&f.clock) as _, Arc::new(IdSource::default()))
        .with_heads(&f.folder.path().join("audit.heads"))
        .unwrap()
}

#[db_test]
async fn the_end_of_the_log_cannot_be_cut_off_unseen(db: TestDb) {
    let f = fixture_on(db).await;
    let w = f.workspace();
    let app = remembering(&f);
    let contact = make(&f, "contacts", serde_json::json!({"name": "علی نوری"})).await;
    for n in 0..5 {
        patch(&f, contact.id(), serde_json::json!({ "city": format!("c{n}") })).await;
    }
    app.seal(w).await.unwrap();
    assert_eq!(verify(&app, &f).await.broken, None);
    unguard(&f);
    // The last two entries go with their seals: what is left is a chain that holds by itself.
    let seal = &SIDE.seal;
    let seal_key = |position: i64| {
        vec![
            (seal.at("workspace_id"), i64::from(w.id.0).into()),
            (seal.at("stream"), "audit".into()),
            (seal.at("position"), position.into()),
        ]
    };
    for position in [7, 6] {
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("stream", "audit".into()),
            ("position", position.into()),
        ];
        let rows = f.app.store.rows(RowsCall::new(seal, &key)).await.unwrap();
        let entry = rows[0][seal.at("entry_id")].uuid().unwrap();
        delete(&f, &SIDE.audit, entry_key(&f, entry)).await;
        delete(&f, seal, seal_key(position)).await;
    }
    // Control: without the memory outside, nothing is missed.
    let blind = verify(&f.app, &f).await;
    assert_eq!((blind.sealed, blind.broken), (5, None));
    let cut = Broken::CutOff {
        position: 6,
        known: 7,
    };
    assert_eq!(verify(&app, &f).await.broken, Some(cut.clone()));
    // Also after a restart, and after others have written on.
    let again = remembering(&f);
    assert_eq!(verify(&again, &f).await.broken, Some(cut));
    for n in 0..5 {
        patch(&f, contact.id(), serde_json::json!({ "city": format!("d{n}") })).await;
    }
    again.seal(w).await.unwrap();
    let rewritten = Some(Broken::Rewritten { position: 7 });
    assert_eq!(verify(&again, &f).await.broken, rewritten);
    assert_eq!(verify(&remembering(&f), &f).await.broken, rewritten);
    // A memory that somebody else wrote is none.
    let file = f.folder.path().join("audit.heads");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"position\": 7", "\"position\": 2")).unwrap();
    let broken = verify(&remembering(&f), &f).await.broken.unwrap();
    assert!(
        matches!(broken, Broken::Rewritten { .. } | Broken::Head { .. }),
        "{broken:?}"
    );
}

/// What a change leaves: rows of all tables that hold data, by table, and the number of entries.
async fn state(f: &Fixture) -> (BTreeMap<String, Vec<String>>, usize) {
    let mut tables = f.app.workspace(Some("main")).await.unwrap().layout.tables();
    for t in [
        &SIDE.custom_record,
        &SIDE.record_link,
        &SIDE.record_tag,
        &SIDE.record_share,
        &SIDE.follower,
        &SIDE.external_key,
        &SIDE.alias,
        &SIDE.definition,
        &SIDE.workspace,
        &SIDE.account,
        &SIDE.token,
    ] {
        tables.push(Arc::clone(t));
    }
    let mut out = BTreeMap::new();
    for t in tables {
        let rows = f
            .app
            .store
            .rows(RowsCall::new(&t, &[]).everywhere().limit(100_000))
            .await
            .unwrap();
        let mut lines: Vec<String> = rows.iter().map(|r| format!("{r:?}")).collect();
        lines.sort();
        out.insert(t.name.clone(), lines);
    }
    let audit = f
        .app
        .store
        .rows(RowsCall::new(&SIDE.audit, &[]).everywhere().limit(100_000))
        .await
        .unwrap();
    (out, audit.len())
}

/// Every use case that changes rows leaves an entry; what only reads leaves none and changes nothing.
#[db_test]
async fn no_change_without_an_entry(db: TestDb) {
    let f = fixture_on(db).await;
    let contacts = f.object("contact");
    let a = make(
        &f,
        "contacts",
        serde_json::json!({"name": "علی نوری", "city": "یزد"}),
    )
    .await;
    let b = make(&f, "contacts", serde_json::json!({"name": "علی نوری"})).await;
    let c = make(&f, "contacts", serde_json::json!({"name": "سارا امینی"})).await;
    let file = f.folder.path().join("people.csv");
    std::fs::write(&file, "name,email\nRoya Karimi,roya@example.com\n").unwrap();
    let mut before = state(&f).await;
    let mut silent = Vec::new();
    let mut changing = 0;
    let mut operation = Id::NIL;
    let mut import = Id::NIL;
    for step in [
        "create",
        "patch",
        "delete",
        "restore",
        "merge",
        "unmerge",
        "import",
        "undo-import",
        "user",
        "token",
        "set-password",
        "team",
        "schema",
        "settings",
        "purge",
        "list",
        "get",
        "search",
    ] {
        let app = &f.app;
        let w = app.workspace(Some("main")).await.unwrap();
        match step {
            "create" => drop(make(&f, "companies", serde_json::json!({"name": "پارس"})).await),
            "patch" => patch(&f, a.id(), serde_json::json!({"city": "قم"})).await,
            "delete" => app.delete(&f.caller, &contacts, c.id(), None).await.unwrap(),
            "restore" => drop(app.restore(&f.caller, &contacts, c.id()).await.unwrap()),
            "merge" => {
                operation = app
                    .merge(&f.caller, &contacts, a.id(), b.id(), &[])
                    .await
                    .unwrap()
                    .operation;
            }
            "unmerge" => drop(app.unmerge(&f.caller, operation).await.unwrap()),
            "import" => {
                let request = peyvand_app::transfer::import::ImportRequest {
                    object: Some("contacts".to_owned()),
                    ..Default::default()
                };
                let report = app
                    .import(&f.caller, &file, &request, &mut |_| {}, &mut |_| {})
                    .await
                    .unwrap();
                import = report.id.parse().unwrap();
            }
            "undo-import" => drop(app.undo_import(&f.caller, import, |_| {}).await.unwrap()),
            "user" => {
                let new = NewUser {
                    email: "u@example.com".to_owned(),
                    name: "U".to_owned(),
                    role: "seller".to_owned(),
                    active: true,
                    team: None,
                };
                app.create_user(&w, &new).await.unwrap();
            }
            "token" => drop(
                app.create_token(&w, "u@example.com", "t", &["*".to_owned()])
                    .await
                    .unwrap(),
            ),
            "set-password" => {
                let user = app.user_by_email(&w, "u@example.com").await.unwrap().unwrap();
                app.set_password(&w, user.id(), "کبوتر زیر باران نقره‌ای")
                    .await
                    .unwrap();
            }
            "team" => drop(app.create_team(&w, "فروش", None).await.unwrap()),
            "schema" => {
                let wanted = Schema::from_toml(
                    "[[fields.contact]]\nkey = \"loyalty\"\ntype = \"text\"\nlabel = { fa = \"کد\", en = \"Code\" }\n",
                )
                .unwrap();
                let changes = app.schema_changes(&w, &wanted);
                app.change_schema(&w, &changes, false).await.unwrap();
            }
            "settings" => {
                let mut settings = w.settings.clone();
                settings.sending_paused = !settings.sending_paused;
                app.save_settings(&w, &settings).await.unwrap();
            }
            "purge" => drop(app.purge_bin(&w, 0).await.unwrap()),
            "get" => drop(app.get(&f.caller, &contacts, a.id()).await.unwrap()),
            _ => {
                let request = ListRequest {
                    q: (step == "search").then(|| "علی".to_owned()),
                    ..ListRequest::default()
                };
                app.list(&f.caller, &contacts, &request).await.unwrap();
            }
        }
        f.clock.advance(peyvand_core::Instant::SECOND);
        let after = state(&f).await;
        let reads = matches!(step, "list" | "get" | "search");
        let changed = after.0 != before.0;
        assert!(!(reads && changed), "{step} changed something");
        if changed {
            changing += 1;
            if after.1 <= before.1 {
                let tables: Vec<_> = after
                    .0
                    .iter()
                    .filter(|(t, r)| before.0[*t] != **r)
                    .map(|(t, _)| t)
                    .collect();
                silent.push(format!("{step}: {tables:?}"));
            }
        } else if reads {
            assert_eq!(after.1, before.1, "{step} left an entry");
        }
        before = after;
    }
    assert!(changing >= 13, "only {changing} steps changed something");
    assert_eq!(silent, Vec::<String>::new());
    // Control: the same look finds a change that came past the use cases.
    let company = f.object("company");
    let layout = f.workspace();
    let l = layout.layout.object(&company.key).unwrap();
    let step = Step::Update {
        table: Arc::clone(&l.table),
        set: vec![(l.table.at("city"), "تبریز".into())],
        key: vec![(l.table.at("workspace_id"), i64::from(layout.id.0).into())],
        expect_one: None,
    };
    f.app.store.engine().apply(Plan::of(vec![step])).await.unwrap();
    let after = state(&f).await;
    assert!(after.0 != before.0 && after.1 == before.1);
}
