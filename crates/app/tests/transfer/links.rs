//! Where links of a file lead: other spellings of one name, records of any object, parents that stand in the same file.

use std::collections::HashMap;

use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db, db_test};
use serde_json::json;

use crate::world::{Place, contacts, count, into, made, place};

#[db_test]
async fn spellings_of_one_company_are_one_company(db: TestDb) {
    let p = place(&db).await;
    let names = ["شركت پارس", "شرکت پارس", "ACME Inc", "Acme Inc", "  acme  inc "];
    let mut text = "Name,Company\n".to_owned();
    // Within one transaction and in several.
    for n in 0..1_200 {
        text.push_str(&format!("Person {n},{}\n", names[n * 7 % names.len()]));
    }
    let file = p.file("people.csv", &text);
    let (report, notes) = p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(count(&report, "contact.created"), 1_200, "{notes:?}");
    let companies = p.all("company").await;
    let name = |r| p.get(r, "name").as_str().unwrap().to_owned();
    let mut found: Vec<String> = companies.iter().map(name).collect();
    found.sort();
    // As the first row that names it writes it; names are kept with Persian letters.
    assert_eq!(found, ["ACME Inc", "شرکت پارس"]);
    // Names of which nothing is left when they are compared are not one name.
    let file = p.file("signs.csv", "Name,Company\nOne,!!!\nTwo,???\nThree,!!!\n");
    p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(p.all("company").await.len(), 4);
}

#[db_test]
async fn links_to_any_record_lead_to_one_that_is_there(here: TestDb) {
    let p = place(&here).await;
    let company = made(&p, "company", json!({"name": "پارس"})).await;
    let list = made(&p, "list", json!({"name": "Readers", "object_key": "company"})).await;
    let unknown = "01930000-0000-7000-8000-000000000000";
    let text = format!(
        "id,list_id,target_id\n\
         01930000-0000-7000-8000-000000000001,{l},{c}\n\
         01930000-0000-7000-8000-000000000002,{l},{unknown}\n\
         01930000-0000-7000-8000-000000000003,{l},nobody\n",
        l = list.id(),
        c = company.id(),
    );
    let file = p.file("members.csv", &text);
    for dry_run in [true, false] {
        let request = ImportRequest {
            dry_run,
            ..into("list-members")
        };
        let (report, notes) = p.import(&file, &request).await.unwrap();
        assert_eq!(count(&report, "list_member.created"), 1, "{notes:?}");
        let mut failed: Vec<_> = notes
            .iter()
            .filter(|n| n.outcome == "failed")
            .map(|n| (n.row, n.field.as_str(), n.value.as_str()))
            .collect();
        failed.sort_unstable();
        assert_eq!(
            failed,
            [(2, "target_id", unknown), (3, "target_id", "nobody")],
            "dry {dry_run}"
        );
    }
    let members = p.all("list_member").await;
    assert_eq!(members.len(), 1);
    assert_eq!(p.get(&members[0], "target_id").as_id(), Some(company.id()));

    // Notes follow their record into another workspace, and are refused where it is not.
    made(
        &p,
        "note",
        json!({"body": "<p>Hello</p>", "target_id": company.id().to_string()}),
    )
    .await;
    let notes_file = p.export("note", ExportFormat::Csv, "notes.csv").await;
    let companies = p.export("company", ExportFormat::Csv, "companies.csv").await;
    let other = db::open(here.kind).await;
    let b = place(&other).await;
    for dry_run in [true, false] {
        let request = ImportRequest {
            dry_run,
            ..into("notes")
        };
        let (report, notes) = b.import(&notes_file, &request).await.unwrap();
        assert_eq!(count(&report, "note.failed"), 1, "{report:?}");
        assert_eq!(notes[0].field, "target_id");
        assert_eq!(notes[0].value, company.id().to_string());
    }
    b.import(&companies, &into("companies")).await.unwrap();
    let (report, notes) = b.import(&notes_file, &into("notes")).await.unwrap();
    assert_eq!(count(&report, "note.created"), 1, "{notes:?}");
    let there = b.all("company").await[0].id();
    assert_eq!(b.get(&b.all("note").await[0], "target_id").as_id(), Some(there));
}

/// Parents are found in the same file, wherever they stand in it; in an export the newest come first.
#[db_test]
async fn parents_of_a_file_are_found_in_any_order(here: TestDb) {
    let a = place(&here).await;
    let file = a.file(
        "territories.csv",
        "name,kind,parent_id\nTehran 3,region,Tehran\nTehran,region,Iran\nNowhere,region,Atlantis\nIran,region,\nNothing,region,Nowhere\n",
    );
    let parents = async |p: &Place| -> Vec<(String, Option<String>)> {
        let all = p.all("territory").await;
        let name = |r: &Record| p.get(r, "name").as_str().unwrap().to_owned();
        let parent = |r| {
            let id = p.get(r, "parent_id").as_id()?;
            all.iter().find(|r| r.id() == id).map(name)
        };
        let mut out: Vec<_> = all.iter().map(|r| (name(r), parent(r))).collect();
        out.sort();
        out
    };
    let wanted = [
        ("Iran".to_owned(), None),
        ("Tehran".to_owned(), Some("Iran".to_owned())),
        ("Tehran 3".to_owned(), Some("Tehran".to_owned())),
    ];
    for dry_run in [true, false] {
        let request = ImportRequest {
            dry_run,
            ..into("territories")
        };
        let (report, notes) = a.import(&file, &request).await.unwrap();
        assert_eq!(count(&report, "territory.created"), 3, "dry {dry_run} {notes:?}");
        let mut failed: Vec<_> = notes
            .iter()
            .filter(|n| n.outcome == "failed")
            .map(|n| (n.row, n.value.as_str()))
            .collect();
        failed.sort_unstable();
        assert_eq!(failed, [(3, "Atlantis"), (5, "Nowhere")], "dry {dry_run}");
    }
    assert_eq!(parents(&a).await, wanted);
    let out = a.export("territory", ExportFormat::Csv, "out.csv").await;
    let other = db::open(here.kind).await;
    let b = place(&other).await;
    for (dry_run, outcome) in [(true, "created"), (false, "created"), (false, "unchanged")] {
        let request = ImportRequest {
            dry_run,
            ..into("territories")
        };
        let (report, notes) = b.import(&out, &request).await.unwrap();
        let n = count(&report, &format!("territory.{outcome}"));
        assert_eq!(n, 3, "dry {dry_run} {notes:?}");
    }
    assert_eq!(parents(&b).await, wanted);
}

/// The file of a tree whose parents stand behind their children, some transactions apart: `levels` of them, each of
/// `wide` rows, and at the end rows that lead nowhere or in a circle.
fn upside_down(levels: usize, wide: usize) -> String {
    let mut text = "Key,Name,Industry,Parent\n".to_owned();
    for level in (0..levels).rev() {
        for n in 0..wide {
            let parent = match level {
                0 => String::new(),
                _ => format!("{}-{n}", level - 1),
            };
            let industry = if n == 7 { "not one" } else { "" };
            text.push_str(&format!("{level}-{n},Firm {level} {n},{industry},{parent}\n"));
        }
    }
    text
}

const PARENTS: &str = r#"
object = "companies"
source = "tree"
key = ["Key"]
policy = "create"
bad_values = "value"

[[columns]]
name = "Name"
field = "name"

[[columns]]
name = "Industry"
field = "industry"

[[columns]]
name = "Parent"
field = "parent_id"
link = { by = "key" }
"#;

/// However far behind them their parents stand, rows find them; what leads nowhere in the whole file is told, and all of
/// it is taken back together.
#[db_test]
async fn parents_far_down_in_the_file_are_found(db: TestDb) {
    let p = place(&db).await;
    let (levels, wide) = (4, 700);
    let mut text = upside_down(levels, wide);
    text.push_str("lost,Lost,,nowhere\nlost-child,Lost child,,lost\n");
    // Two that lead to each other, transactions apart: neither may stand under itself.
    text.insert_str(text.find('\n').unwrap() + 1, "egg,Firm 0 egg,,hen\n");
    text.push_str("hen,Firm 1 hen,,egg\n");
    let file = p.file("tree.csv", &text);
    let rows = (levels * wide + 4) as u64;
    for dry_run in [true, false] {
        let request = ImportRequest {
            mapping: Some(Mapping::parse(PARENTS).unwrap()),
            dry_run,
            ..ImportRequest::default()
        };
        let (report, notes) = p.import(&file, &request).await.unwrap();
        assert_eq!(report.rows, rows, "dry {dry_run}");
        let told: Vec<_> = report.outcomes.iter().map(|(k, n)| (k.as_str(), *n)).collect();
        let made = (levels * wide) as u64;
        assert_eq!(
            told,
            [("company.created", made), ("company.failed", 4)],
            "dry {dry_run}"
        );
        // A value that was left out is told once, however often its row was read.
        assert_eq!(report.notes["value-left-out"], levels as u64, "dry {dry_run}");
        let failed: Vec<_> = notes
            .iter()
            .filter(|n| n.outcome == "failed")
            .map(|n| (n.field.as_str(), n.value.as_str()))
            .collect();
        assert_eq!(failed.len(), 4, "{failed:?}");
        let under_itself = failed.iter().filter(|f| **f == ("parent_id", "")).count();
        assert_eq!(under_itself, 2, "{failed:?}");
        for value in ["nowhere", "lost"] {
            assert!(failed.contains(&("parent_id", value)), "{value} of {failed:?}");
        }
        let left_out = notes.iter().filter(|n| n.outcome == "value-left-out").count();
        assert_eq!(left_out, levels, "dry {dry_run}");
        if dry_run {
            assert_eq!(p.all("company").await.len(), 0);
            continue;
        }
        let all = p.all("company").await;
        let name = |r: &Record| p.get(r, "name").as_str().unwrap().to_owned();
        let by_id: HashMap<_, _> = all.iter().map(|r| (r.id(), name(r))).collect();
        for r in &all {
            let own = name(r);
            let (level, n) = own[5..].split_once(' ').unwrap();
            let parent = p.get(r, "parent_id").as_id().map(|id| by_id[&id].clone());
            let wanted = match level {
                "0" => None,
                l => Some(format!("Firm {} {n}", l.parse::<usize>().unwrap() - 1)),
            };
            assert_eq!(parent, wanted, "{own}");
        }
        let undone = p
            .app
            .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
            .await
            .unwrap();
        assert_eq!((undone.deleted, undone.kept.len()), (made, 0));
        assert_eq!(p.all("company").await.len(), 0);
    }
}

/// A row that is not written is led to by nobody, though it stands behind those that lead to it and has its key already.
#[db_test]
async fn nobody_leads_to_a_row_that_was_not_written(db: TestDb) {
    let p = place(&db).await;
    // The ends of both chains are wrong: one leads nowhere, the other has no name.
    let text = "Key,Name,Industry,Parent\n\
                c,C,,b\nb,B,,a\na,A,,nowhere\n\
                z,Z,,y\ny,,,\n\
                fine,Fine,,root\nroot,Root,,\n";
    let file = p.file("chain.csv", text);
    for dry_run in [true, false] {
        let request = ImportRequest {
            mapping: Some(Mapping::parse(PARENTS).unwrap()),
            dry_run,
            ..ImportRequest::default()
        };
        let (report, notes) = p.import(&file, &request).await.unwrap();
        let told: Vec<_> = report.outcomes.iter().map(|(k, n)| (k.as_str(), *n)).collect();
        assert_eq!(
            told,
            [("company.created", 2), ("company.failed", 5)],
            "dry {dry_run} {notes:?}"
        );
    }
    let all = p.all("company").await;
    let ids: Vec<_> = all.iter().map(Record::id).collect();
    assert_eq!(ids.len(), 2);
    for r in &all {
        let parent = p.get(r, "parent_id").as_id();
        assert!(parent.is_none_or(|id| ids.contains(&id)), "{parent:?}");
    }
}
