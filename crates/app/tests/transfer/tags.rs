//! Tags go out and come in again.

use std::collections::BTreeMap;

use peyvand_app::people::NewUser;
use peyvand_app::transfer::OnDuplicate;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::{ImportRequest, Report, RowNote};
use peyvand_core::{Id, Via};
use peyvand_record::Value;
use peyvand_testkit::{TestDb, db, db_test};
use serde_json::json;

use crate::world::{Place, contacts, count, made, place};

async fn put(p: &Place, record: Id, tag: Id, on: bool) {
    let object = p.caller.workspace.catalog().object("contact").cloned().unwrap();
    p.app.set_tag(&p.caller, &object, record, tag, on).await.unwrap();
}

/// The tags of people, by their family names.
async fn carried(p: &Place) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    for c in p.all("contact").await {
        let Value::Name(n) = p.get(&c, "name") else {
            panic!("no name")
        };
        let tags = p.app.tags_of(&p.caller, c.id()).await.unwrap();
        let mut names: Vec<String> = tags
            .iter()
            .map(|t| p.get(t, "name").as_str().unwrap().to_owned())
            .collect();
        names.sort();
        out.insert(n.family.to_string(), names);
    }
    out
}

fn wanted(all: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    let texts = |t: &[&str]| t.iter().map(|s| (*s).to_owned()).collect();
    all.iter().map(|(who, t)| ((*who).to_owned(), texts(t))).collect()
}

/// Three people: one with two tags, one with a tag whose name has the separator in it, one without.
async fn people(p: &Place) -> [Id; 3] {
    let mut ids = Vec::new();
    for (family, email) in [
        ("Karimi", "k@example.org"),
        ("Walker", "w@example.org"),
        ("Rad", "r@example.org"),
    ] {
        let body = json!({"name": {"family": family}, "emails": [email]});
        ids.push(made(p, "contact", body).await.id());
    }
    let tag = async |name: &str| made(p, "tag", json!({"name": name})).await.id();
    let (vip, odd, shiraz) = (tag("VIP").await, tag("a; b").await, tag("شیراز").await);
    for (who, what) in [(0, vip), (0, shiraz), (1, odd)] {
        put(p, ids[who], what, true).await;
    }
    [ids[0], ids[1], ids[2]]
}

async fn bring(p: &Place, file: &std::path::Path, policy: OnDuplicate) -> (Report, Vec<RowNote>) {
    p.import(file, &contacts(policy)).await.unwrap()
}

#[db_test]
async fn records_come_in_with_the_tags_with_which_they_went_out(here: TestDb) {
    let a = place(&here).await;
    people(&a).await;
    let all = wanted(&[("Karimi", &["VIP", "شیراز"]), ("Rad", &[]), ("Walker", &["a; b"])]);
    assert_eq!(carried(&a).await, all);
    for (format, name) in [
        (ExportFormat::Csv, "out.csv"),
        (ExportFormat::Ndjson, "out.ndjson"),
        (ExportFormat::Xlsx, "out.xlsx"),
        (ExportFormat::Vcf, "out.vcf"),
    ] {
        let other = db::open(here.kind).await;
        let b = place(&other).await;
        let out = a.export("contact", format, name).await;
        if format == ExportFormat::Csv {
            let text = std::fs::read_to_string(&out).unwrap();
            let head = text.trim_start_matches('\u{feff}').lines().next().unwrap();
            assert!(head.ends_with(",tags"), "{head}");
            assert!(text.contains("VIP; شیراز"), "{text}");
        }
        // A trial makes no tag.
        let trial = ImportRequest {
            dry_run: true,
            ..contacts(OnDuplicate::Skip)
        };
        b.import(&out, &trial).await.unwrap();
        assert_eq!(b.all("tag").await.len(), 0, "{name}");
        let (report, notes) = bring(&b, &out, OnDuplicate::Skip).await;
        assert_eq!(count(&report, "contact.created"), 3, "{name} {notes:?}");
        assert_eq!(notes, Vec::<RowNote>::new(), "{name}");
        assert_eq!(carried(&b).await, all, "{name}");
        assert_eq!(b.all("tag").await.len(), 3, "{name}");
        if format == ExportFormat::Csv {
            let (again, _) = bring(&b, &out, OnDuplicate::Overwrite).await;
            assert_eq!(count(&again, "contact.unchanged"), 3, "{again:?}");
            assert_eq!(carried(&b).await, all);
            let undone = b
                .app
                .undo_import(&b.caller, again.id.parse().unwrap(), |_| {})
                .await
                .unwrap();
            assert_eq!((undone.deleted, carried(&b).await), (0, all.clone()));
        }
        // Taken back, the tags that came with it are gone too.
        let undone = b
            .app
            .undo_import(&b.caller, report.id.parse().unwrap(), |_| {})
            .await
            .unwrap();
        assert_eq!((undone.deleted, undone.kept.len()), (6, 0), "{name}");
        assert!(
            b.all("tag").await.is_empty() && b.all("contact").await.is_empty(),
            "{name}"
        );
    }
}

/// What becomes of the tags of people who are there is what becomes of their fields.
#[db_test]
async fn the_policy_says_whether_people_who_are_there_get_tags(db: TestDb) {
    let text = "Name,Email,برچسب‌ها\nKarimi,k@example.org,vip؛ New\nRad,r@example.org,New\n";
    for (policy, karimi, rad) in [
        (OnDuplicate::Skip, &["VIP", "شیراز"][..], &[][..]),
        (OnDuplicate::Fill, &["VIP", "شیراز"], &["New"]),
        (OnDuplicate::Overwrite, &["New", "VIP", "شیراز"], &["New"]),
    ] {
        let one = db::open(db.kind).await;
        let p = place(&one).await;
        people(&p).await;
        let before = carried(&p).await;
        let file = p.file("in.csv", text);
        let (report, notes) = bring(&p, &file, policy).await;
        let now = wanted(&[("Karimi", karimi), ("Rad", rad), ("Walker", &["a; b"])]);
        assert_eq!(carried(&p).await, now, "{policy:?} {notes:?}");
        p.app
            .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
            .await
            .unwrap();
        assert_eq!(carried(&p).await, before, "{policy:?}");
        assert_eq!(p.all("tag").await.len(), 3, "{policy:?}");
    }
}

/// A tag that came with a file and that somebody has used since stays.
#[db_test]
async fn a_tag_in_use_outlives_its_import(db: TestDb) {
    let p = place(&db).await;
    let [_, _, rad] = people(&p).await;
    let file = p.file("in.csv", "Name,Email,Tags\nNobody,n@example.org,Fresh\n");
    let (report, _) = bring(&p, &file, OnDuplicate::Skip).await;
    let fresh = p.all("tag").await;
    let fresh = fresh
        .iter()
        .find(|t| p.get(t, "name").as_str() == Some("Fresh"))
        .unwrap();
    put(&p, rad, fresh.id(), true).await;
    let undone = p
        .app
        .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(undone.kept, [("tag".to_owned(), fresh.id().to_string())]);
    assert_eq!(carried(&p).await["Rad"], ["Fresh"]);
}

/// Who may make no tags puts on those that are there, and is told of the others; who may read none takes none out.
#[db_test]
async fn tags_are_made_and_read_by_those_who_may(db: TestDb) {
    let mut p = place(&db).await;
    people(&p).await;
    let all = json!({"read": "all", "create": "all", "update": "all", "export": "all"});
    let role = async |p: &Place, name: &str, tags: serde_json::Value| {
        let rules = json!({"default": all, "objects": {"tag": tags}});
        p.app
            .save_role(&p.caller, name, Some(name), Some(&rules))
            .await
            .unwrap();
        let new = NewUser {
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            role: name.to_owned(),
            active: true,
            team: None,
        };
        let id = p.app.create_user(&p.caller.workspace, &new).await.unwrap();
        p.app.caller_of(&p.caller.workspace, id, Via::Web).await.unwrap()
    };
    let system = p.caller.clone();
    let reader = role(&p, "reader", json!({"read": "all"})).await;
    let blind = role(&p, "blind", json!({"read": "none"})).await;
    p.caller = reader;
    let file = p.file("in.csv", "Name,Email,Tags\nNew,n@example.org,VIP; Unheard\n");
    let (report, notes) = bring(&p, &file, OnDuplicate::Skip).await;
    assert_eq!(count(&report, "contact.created"), 1, "{notes:?}");
    let left: Vec<(u64, &str, &str, &str)> = notes
        .iter()
        .map(|n| (n.row, n.outcome.as_str(), n.field.as_str(), n.value.as_str()))
        .collect();
    assert_eq!(left, [(1, "value-left-out", "tags", "Unheard")]);
    assert_eq!(carried(&p).await["New"], ["VIP"]);
    p.caller = blind;
    let out = p.export("contact", ExportFormat::Csv, "blind.csv").await;
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(
        text.contains("Karimi") && !text.contains("VIP") && !text.contains("tags"),
        "{text}"
    );
    p.caller = system;
    let out = p.export("contact", ExportFormat::Csv, "seen.csv").await;
    assert!(std::fs::read_to_string(&out).unwrap().contains("VIP"));
}
