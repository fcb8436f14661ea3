//! A file that comes twice, rows that stand in a file twice, and what a dry run says of both.

use peyvand_app::transfer::OnDuplicate;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::{ImportRequest, Report, RowNote};
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db, db_test};
use serde_json::json;

use crate::world::{Place, contacts, count, into, made, place};

fn of(object: &str, policy: OnDuplicate) -> ImportRequest {
    ImportRequest {
        policy: Some(policy),
        ..into(object)
    }
}

/// Records that belong to others: lines, employments, relationships, members.
async fn belongings(p: &Place) -> Vec<&'static str> {
    let text = |r: &Record| r.id().to_string();
    let company = made(p, "company", json!({"name": "پارس"})).await;
    let one = made(p, "contact", json!({"name": "Ali Karimi"})).await;
    let two = made(p, "contact", json!({"name": "Sara Walker"})).await;
    let product = made(p, "product", json!({"name": "Lamp", "code": "L1"})).await;
    let order = made(p, "order", json!({"contact_id": text(&one)})).await;
    let deal = made(p, "deal", json!({"name": "Lamps"})).await;
    let list = made(p, "list", json!({"name": "Readers", "object_key": "contact"})).await;
    let price = json!({"amount": "1250", "currency": "EUR"});
    for n in 1..=2 {
        made(
            p,
            "order_line",
            json!({"order_id": text(&order), "product_id": text(&product), "quantity": n.to_string(),
                "unit_price": "12.5", "currency": "EUR", "total": price}),
        )
        .await;
    }
    made(
        p,
        "deal_line",
        json!({"deal_id": text(&deal), "product_id": text(&product), "quantity": "3", "unit_price": "7"}),
    )
    .await;
    made(
        p,
        "employment",
        json!({"contact_id": text(&one), "company_id": text(&company), "role": "سرپرست"}),
    )
    .await;
    made(
        p,
        "relationship",
        json!({"kind": "parent_of", "from_contact_id": text(&one), "to_contact_id": text(&two)}),
    )
    .await;
    made(
        p,
        "list_member",
        json!({"list_id": text(&list), "target_id": text(&two)}),
    )
    .await;
    made(
        p,
        "deal_contact",
        json!({"deal_id": text(&deal), "contact_id": text(&two)}),
    )
    .await;
    made(
        p,
        "currency_rate",
        json!({"currency": "EUR", "base": "IRR", "rate": "900000", "valid_on": "2026-10-01"}),
    )
    .await;
    vec![
        "order_line",
        "deal_line",
        "employment",
        "relationship",
        "list_member",
        "deal_contact",
        "currency_rate",
    ]
}

#[db_test]
async fn an_export_of_what_belongs_to_others_is_found_again(here: TestDb) {
    let a = place(&here).await;
    let objects = belongings(&a).await;
    for object in &objects {
        let before = a.all(object).await;
        let out = a.export(object, ExportFormat::Csv, "out.csv").await;
        for policy in [OnDuplicate::Skip, OnDuplicate::Overwrite, OnDuplicate::Create] {
            let (report, notes) = a.import(&out, &of(object, policy)).await.unwrap();
            assert_eq!(notes, Vec::<RowNote>::new(), "{object} {policy:?}");
            let unchanged = count(&report, &format!("{object}.unchanged"));
            assert_eq!(unchanged, before.len() as u64, "{object} {policy:?} {report:?}");
        }
        assert_eq!(a.all(object).await, before, "{object}");
    }
    // In another workspace they come in once, however often the file is given.
    let other = db::open(here.kind).await;
    let b = place(&other).await;
    for object in ["company", "contact", "product", "order", "deal", "list"] {
        let out = a.export(object, ExportFormat::Csv, "out.csv").await;
        b.import(&out, &of(object, OnDuplicate::Skip)).await.unwrap();
    }
    for object in &objects {
        let out = a.export(object, ExportFormat::Csv, "out.csv").await;
        let rows = a.all(object).await.len();
        for outcome in ["created", "unchanged"] {
            let (report, notes) = b.import(&out, &of(object, OnDuplicate::Overwrite)).await.unwrap();
            assert_eq!(notes, Vec::<RowNote>::new(), "{object} {outcome}");
            let n = count(&report, &format!("{object}.{outcome}"));
            assert_eq!(n, rows as u64, "{object} {outcome} {report:?}");
        }
        assert_eq!(b.all(object).await.len(), rows, "{object}");
    }
    // Taken back, a file comes in anew.
    let out = a.export("employment", ExportFormat::Csv, "out.csv").await;
    let third = db::open(here.kind).await;
    let c = place(&third).await;
    for object in ["company", "contact"] {
        let out = a.export(object, ExportFormat::Csv, "more.csv").await;
        c.import(&out, &of(object, OnDuplicate::Skip)).await.unwrap();
    }
    for _ in 0..3 {
        let (report, _) = c
            .import(&out, &of("employment", OnDuplicate::Skip))
            .await
            .unwrap();
        assert_eq!(count(&report, "employment.created"), 1, "{report:?}");
        let undone = c
            .app
            .undo_import(&c.caller, report.id.parse().unwrap(), |_| {})
            .await
            .unwrap();
        assert_eq!(undone.deleted, 1);
        assert!(c.all("employment").await.is_empty());
    }
}

/// A row that was changed in the file changes its record, and no other.
#[db_test]
async fn a_changed_line_of_an_export_changes_its_record(db: TestDb) {
    let p = place(&db).await;
    belongings(&p).await;
    let out = p.export("employment", ExportFormat::Csv, "out.csv").await;
    let text = std::fs::read_to_string(&out).unwrap();
    let file = p.file("changed.csv", &text.replace("سرپرست", "مدیر"));
    let roles = async |p: &Place| -> Vec<String> {
        let all = p.all("employment").await;
        let role = |r| p.get(r, "role").as_str().unwrap_or_default().to_owned();
        all.iter().map(role).collect()
    };
    p.import(&file, &of("employment", OnDuplicate::Fill))
        .await
        .unwrap();
    assert_eq!(roles(&p).await, ["سرپرست"]);
    let (report, _) = p
        .import(&file, &of("employment", OnDuplicate::Overwrite))
        .await
        .unwrap();
    assert_eq!(count(&report, "employment.updated"), 1, "{report:?}");
    assert_eq!(roles(&p).await, ["مدیر"]);
}

/// A file of rows without keys, given twice.
#[db_test]
async fn rows_without_keys_come_in_once(db: TestDb) {
    let p = place(&db).await;
    let file = p.file(
        "rates.csv",
        "currency,base,rate,valid_on\nEUR,IRR,900000,2026-10-01\nUSD,IRR,800000,2026-10-01\n",
    );
    let request = of("currency-rates", OnDuplicate::Skip);
    let (report, notes) = p.import(&file, &request).await.unwrap();
    assert_eq!(count(&report, "currency_rate.created"), 2, "{notes:?}");
    let (report, notes) = p.import(&file, &request).await.unwrap();
    assert_eq!(count(&report, "currency_rate.unchanged"), 2, "{notes:?}");
    assert_eq!(p.all("currency_rate").await.len(), 2);
}

/// What a run says of each row, in the order of the rows.
fn rows(notes: &[RowNote], report: &Report, all: u64) -> Vec<(u64, String)> {
    assert_eq!(report.rows, all);
    let mut out: Vec<(u64, String)> = notes.iter().map(|n| (n.row, n.outcome.clone())).collect();
    out.sort();
    out
}

#[db_test]
async fn people_who_stand_in_a_file_twice_come_in_once(db: TestDb) {
    let text = "Name,Email,Company,Job title\n\
                Dup Two,,Zeta Co,\n\
                Mary Shaw,mary@example.org,,\n\
                Dup Two,,Zeta Co,Boss\n\
                Dup  Two,,ZETA CO,Boss\n\
                Mary S.,MARY@example.org,,Clerk\n";
    // Of the three rows of one person and the two of the other the later ones: duplicates, or what is made of the first.
    for (policy, outcomes, job) in [
        (
            OnDuplicate::Skip,
            [("created", 2), ("duplicate", 3), ("updated", 0)],
            None,
        ),
        (
            OnDuplicate::Ask,
            [("created", 2), ("duplicate", 3), ("updated", 0)],
            None,
        ),
        (
            OnDuplicate::Fill,
            [("created", 2), ("unchanged", 1), ("updated", 2)],
            Some("Boss"),
        ),
        (
            OnDuplicate::Overwrite,
            [("created", 2), ("unchanged", 1), ("updated", 2)],
            Some("Boss"),
        ),
    ] {
        let one = db::open(db.kind).await;
        let p = place(&one).await;
        let file = p.file("people.csv", text);
        // A dry run says what the run will do.
        for dry_run in [true, false] {
            let request = ImportRequest {
                dry_run,
                ..contacts(policy)
            };
            let (report, notes) = p.import(&file, &request).await.unwrap();
            for (outcome, n) in outcomes {
                let key = format!("contact.{outcome}");
                assert_eq!(count(&report, &key), n, "{policy:?} dry {dry_run} {notes:?}");
            }
            assert_eq!(
                p.all("contact").await.len(),
                if dry_run { 0 } else { 2 },
                "{policy:?}"
            );
        }
        assert_eq!(p.all("company").await.len(), 1, "{policy:?}");
        let dup = p.all("contact").await;
        let dup = dup
            .iter()
            .find(|c| p.get(c, "company_id").as_id().is_some())
            .unwrap();
        assert_eq!(p.get(dup, "job_title").as_str(), job, "{policy:?}");
    }
}

/// The dry run sees what stands in a file twice, also far apart: by key, address, code, name.
#[db_test]
async fn a_dry_run_sees_what_a_file_repeats(db: TestDb) {
    let p = place(&db).await;
    let mut text = "Name,Email,Company\nFirst One,one@example.org,Acme\n".to_owned();
    for n in 0..700 {
        text.push_str(&format!("Somebody {n},somebody{n}@example.org,\n"));
    }
    text.push_str("Other One,ONE@example.org,\nFirst One,,acme\n");
    let file = p.file("far.csv", &text);
    let said = async |dry_run| {
        let request = ImportRequest {
            dry_run,
            ..contacts(OnDuplicate::Skip)
        };
        let (report, notes) = p.import(&file, &request).await.unwrap();
        let told: Vec<RowNote> = notes.into_iter().filter(|n| n.outcome == "duplicate").collect();
        (rows(&told, &report, 703), report.outcomes)
    };
    let (dry, trial) = said(true).await;
    let (wet, real) = said(false).await;
    assert_eq!(
        wet,
        [(702, "duplicate".to_owned()), (703, "duplicate".to_owned())]
    );
    assert_eq!((dry, trial), (wet, real));

    let codes = p.file("codes.csv", "Name,Code\nLamp,L1\nLamp again,L1\nChair,C1\n");
    for dry_run in [true, false] {
        let request = ImportRequest {
            dry_run,
            ..of("products", OnDuplicate::Skip)
        };
        let (report, notes) = p.import(&codes, &request).await.unwrap();
        assert_eq!(count(&report, "product.created"), 2, "{dry_run} {notes:?}");
        assert_eq!(count(&report, "product.duplicate"), 1, "{dry_run} {notes:?}");
    }
}

/// Two rows of one file change one person, each another field: an undo makes of them what they were, and leaves alone who
/// was changed by somebody since.
#[db_test]
async fn a_record_that_one_import_changes_twice_becomes_what_it_was(db: TestDb) {
    let p = place(&db).await;
    for (name, mail) in [("Mary", "mary@example.org"), ("Jan", "jan@example.org")] {
        let body = json!({"name": {"family": name}, "emails": [mail], "city": "Yazd", "department": "Old"});
        made(&p, "contact", body).await;
    }
    let before = p.all("contact").await;
    let file = p.file(
        "people.csv",
        "Name,Email,City,Department,Job title\n\
         Mary,mary@example.org,Shiraz,,\n\
         Jan,jan@example.org,Shiraz,,\n\
         Mary,mary@example.org,Tabriz,New,\n\
         Jan,jan@example.org,,New,\n\
         Mary,mary@example.org,,,Clerk\n",
    );
    let (report, notes) = p.import(&file, &contacts(OnDuplicate::Overwrite)).await.unwrap();
    assert_eq!(count(&report, "contact.updated"), 5, "{notes:?}");
    let changed = p.all("contact").await;
    assert_eq!(p.get(&changed[0], "city").as_str(), Some("Tabriz"));
    assert_eq!(p.get(&changed[0], "job_title").as_str(), Some("Clerk"));
    // Somebody else corrects Jan.
    let object = p.caller.workspace.catalog().object("contact").unwrap().clone();
    let body = json!({"city": "Qom"});
    p.app
        .patch(
            &p.caller,
            &object,
            changed[1].id(),
            body.as_object().unwrap(),
            None,
        )
        .await
        .unwrap();
    let id = report.id.parse().unwrap();
    let undone = p.app.undo_import(&p.caller, id, |_| {}).await.unwrap();
    assert_eq!((undone.restored, undone.deleted), (1, 0));
    assert_eq!(undone.kept, [("contact".to_owned(), changed[1].id().to_string())]);
    let after = p.all("contact").await;
    for field in ["name", "emails", "city", "department", "job_title"] {
        assert_eq!(p.get(&after[0], field), p.get(&before[0], field), "{field}");
    }
    assert_eq!(p.get(&after[1], "city").as_str(), Some("Qom"));
    assert_eq!(p.get(&after[1], "department").as_str(), Some("New"));
}
