//! Fields and objects of one's own hold at once.

mod common;

use common::fixture_on;
use peyvand_app::{AppError, Caller, ListRequest};
use peyvand_catalog::Schema;
use peyvand_core::{Instant, Via};
use peyvand_testkit::{TestDb, db_test};

fn json(v: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match v {
        serde_json::Value::Object(map) => map,
        other => panic!("an object is expected, not {other}"),
    }
}

const SCHEMA: &str = r#"
[[fields.contact]]
key = "loyalty"
type = "text"
label = { fa = "کد وفاداری", en = "Loyalty" }
sort = true
search = "exact"

[[object]]
key = "visit"
plural = "visits"
label = { fa = "بازدید", en = "Visit" }
labels = { fa = "بازدیدها", en = "Visits" }
icon = "flag"
title = "name"
area = "sales"

[[object.field]]
key = "name"
type = "text"
label = { fa = "نام", en = "Name" }
required = true
sort = true
search = "title"

[[object.field]]
key = "contact_id"
type = "link"
label = { fa = "مخاطب", en = "Contact" }
to = "contact"
inverse = "visits"
on_delete = "clear"
on_merge = "relink"
"#;

#[db_test]
async fn a_field_of_ones_own_is_used_at_once_renamed_and_brought_back(db: TestDb) {
    let f = fixture_on(db).await;
    let fresh = Schema::from_toml(SCHEMA).unwrap();
    let changes = f.app.schema_changes(f.workspace(), &fresh);
    let w = f.app.change_schema(f.workspace(), &changes, false).await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    let contacts = f.app.object(&caller, "contacts").unwrap();
    let mut ids = Vec::new();
    for (name, code) in [("سارا", "B-2"), ("رضا", "A-1")] {
        let v = json(serde_json::json!({"name": name, "loyalty": code}));
        ids.push(f.app.create(&caller, &contacts, &v, None).await.unwrap().id());
    }
    let listed = |filter: &str, sort: &str, q: &str| {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        ListRequest {
            filter: some(filter),
            sort: some(sort),
            q: some(q),
            ..ListRequest::default()
        }
    };
    let found = |caller: Caller, r: ListRequest| {
        let app = std::sync::Arc::clone(&f.app);
        async move {
            let contacts = app.object(&caller, "contacts").unwrap();
            let l = app.list(&caller, &contacts, &r).await?;
            Ok::<_, AppError>(
                l.records
                    .iter()
                    .map(peyvand_record::Record::id)
                    .collect::<Vec<_>>(),
            )
        }
    };
    assert_eq!(
        found(caller.clone(), listed("loyalty = \"A-1\"", "", ""))
            .await
            .unwrap(),
        [ids[1]]
    );
    assert_eq!(
        found(caller.clone(), listed("", "loyalty", "")).await.unwrap(),
        [ids[1], ids[0]]
    );
    assert_eq!(
        found(caller.clone(), listed("", "", "B-2")).await.unwrap(),
        [ids[0]]
    );

    // Renamed: the values stay.
    let text = f.app.schema_of(&w).live().to_toml().unwrap();
    let renamed = Schema::from_toml(&text.replace("\"loyalty\"", "\"club_code\"")).unwrap();
    let changes = f.app.schema_changes(&w, &renamed);
    let w = f.app.change_schema(&w, &changes, false).await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    assert_eq!(
        found(caller.clone(), listed("club_code = \"A-1\"", "", ""))
            .await
            .unwrap(),
        [ids[1]]
    );
    assert!(
        found(caller.clone(), listed("loyalty = \"A-1\"", "", ""))
            .await
            .is_err()
    );

    // Deleted: it must be meant, and can be undone for thirty days.
    let mut without = f.app.schema_of(&w).live();
    without.fields.clear();
    let changes = f.app.schema_changes(&w, &without);
    assert!(matches!(
        f.app.change_schema(&w, &changes, false).await,
        Err(AppError::Unconfirmed(1))
    ));
    let w = f.app.change_schema(&w, &changes, true).await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    assert!(
        found(caller.clone(), listed("club_code = \"A-1\"", "", ""))
            .await
            .is_err()
    );
    f.clock.advance(29 * Instant::DAY);
    let changes = f.app.schema_changes(&w, &renamed);
    let w = f.app.change_schema(&w, &changes, false).await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    assert_eq!(
        found(caller, listed("club_code = \"A-1\"", "", ""))
            .await
            .unwrap(),
        [ids[1]]
    );
}

#[db_test]
async fn an_object_of_ones_own_is_written_read_and_follows_a_merge(db: TestDb) {
    let f = fixture_on(db).await;
    let fresh = Schema::from_toml(SCHEMA).unwrap();
    let changes = f.app.schema_changes(f.workspace(), &fresh);
    let w = f.app.change_schema(f.workspace(), &changes, false).await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    let contacts = f.app.object(&caller, "contacts").unwrap();
    let visits = f.app.object(&caller, "visits").unwrap();
    let mut ids = Vec::new();
    for name in ["سارا کریمی", "سارا کریمی‌نژاد"] {
        let v = json(serde_json::json!({ "name": name }));
        ids.push(f.app.create(&caller, &contacts, &v, None).await.unwrap().id());
    }
    let v = json(serde_json::json!({"name": "بازدید بهار", "contact_id": ids[1].to_string()}));
    let visit = f.app.create(&caller, &visits, &v, None).await.unwrap();
    let v = json(serde_json::json!({"name": "بازدید پاییز"}));
    let visit = f
        .app
        .patch(&caller, &visits, visit.id(), &v, Some(visit.version()))
        .await
        .unwrap();
    let q = ListRequest {
        q: Some("پاییز".to_owned()),
        ..ListRequest::default()
    };
    assert_eq!(f.app.list(&caller, &visits, &q).await.unwrap().records.len(), 1);
    let (link, _) = visits.field("contact_id").unwrap();
    let to = || async {
        f.app
            .get(&caller, &visits, visit.id())
            .await
            .unwrap()
            .get(link)
            .as_id()
    };
    let done = f
        .app
        .merge(&caller, &contacts, ids[0], ids[1], &[])
        .await
        .unwrap();
    assert_eq!(to().await, Some(ids[0]));
    f.app.unmerge(&caller, done.operation).await.unwrap();
    assert_eq!(to().await, Some(ids[1]));
    f.app.delete(&caller, &visits, visit.id(), None).await.unwrap();
    assert!(f.app.get(&caller, &visits, visit.id()).await.is_err());
    f.app.restore(&caller, &visits, visit.id()).await.unwrap();
    assert_eq!(to().await, Some(ids[1]));
}
