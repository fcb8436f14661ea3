//! What hangs on a row that is skipped: its key leads to the record that was there.

use peyvand_app::transfer::import::{ImportRequest, Report, RowNote};
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{Place, count, made, place};

const PEOPLE: &str = "object = \"contacts\"\nsource = \"othercrm\"\nkey = [\"Id\"]\n\
    [[columns]]\nname = \"Name\"\nfield = \"name\"\n\
    [[columns]]\nname = \"Email\"\nfield = \"emails\"\n";
const ORDERS: &str = "object = \"orders\"\nsource = \"othercrm\"\nkey = [\"Number\"]\n\
    [[columns]]\nname = \"Number\"\nfield = \"number\"\n\
    [[columns]]\nname = \"Customer\"\nfield = \"contact_id\"\nlink = { by = \"key\" }\n";

async fn bring(
    p: &Place,
    text: &str,
    mapping: &str,
    policy: OnDuplicate,
    dry_run: bool,
) -> (Report, Vec<RowNote>) {
    let file = p.file("in.csv", text);
    let request = ImportRequest {
        mapping: Some(Mapping::parse(mapping).unwrap()),
        policy: Some(policy),
        dry_run,
        ..ImportRequest::default()
    };
    p.import(&file, &request).await.unwrap()
}

async fn undo(p: &Place, report: &Report) {
    let id = report.id.parse().unwrap();
    let undone = p.app.undo_import(&p.caller, id, |_| {}).await.unwrap();
    assert_eq!(undone.kept, Vec::<(String, String)>::new());
}

/// Whose the orders are, by their numbers.
async fn customers(p: &Place) -> Vec<(String, Option<peyvand_core::Id>)> {
    let mut out: Vec<_> = p
        .all("order")
        .await
        .iter()
        .map(|o: &Record| {
            let number = p.get(o, "number").as_str().unwrap().to_owned();
            (number, p.get(o, "contact_id").as_id())
        })
        .collect();
    out.sort();
    out
}

#[db_test]
async fn orders_of_skipped_people_find_them(db: TestDb) {
    for policy in [OnDuplicate::Skip, OnDuplicate::Fill] {
        let here = peyvand_testkit::db::open(db.kind).await;
        let p = place(&here).await;
        let sara = made(
            &p,
            "contact",
            json!({"name": {"family": "Sara"}, "emails": ["sara@example.org"]}),
        )
        .await;
        let people = "Id,Name,Email\n7,Sara R.,SARA@example.org\n8,Reza,reza@example.org\n";
        if policy == OnDuplicate::Skip {
            // A trial says the same, and writes nothing.
            let (trial, _) = bring(&p, people, PEOPLE, policy, true).await;
            assert_eq!(count(&trial, "contact.keyed"), 1, "{trial:?}");
        }
        let (report, notes) = bring(&p, people, PEOPLE, policy, false).await;
        assert_eq!(count(&report, "contact.created"), 1, "{notes:?}");
        if policy == OnDuplicate::Skip {
            assert_eq!(count(&report, "contact.duplicate"), 1);
            assert_eq!(count(&report, "contact.keyed"), 1);
            let said: Vec<(u64, &str)> = notes.iter().map(|n| (n.row, n.reason.as_str())).collect();
            let leads = "This record is there already. The key of the row leads to it from now on.";
            let leads_fa = "این رکورد از پیش هست. از این پس کلید این سطر به همان رکورد می‌رسد.";
            assert!(said == [(1, leads)] || said == [(1, leads_fa)], "{said:?}");
        }
        // Somebody changes her meanwhile: the key is taken back all the same.
        let orders = "Number,Customer\nA,7\nB,8\n";
        let (first, notes) = bring(&p, orders, ORDERS, OnDuplicate::Skip, false).await;
        assert_eq!(count(&first, "order.created"), 2, "{notes:?}");
        assert_eq!(customers(&p).await[0], ("A".to_owned(), Some(sara.id())));
        undo(&p, &first).await;
        undo(&p, &report).await;
        let (second, _) = bring(&p, orders, ORDERS, OnDuplicate::Skip, false).await;
        assert_eq!(count(&second, "order.failed"), 2, "{policy:?} {second:?}");
    }
}

#[db_test]
async fn a_record_that_has_a_key_there_gets_no_second_one(db: TestDb) {
    let p = place(&db).await;
    let first = "Id,Name,Email\n7,Sara,sara@example.org\n";
    bring(&p, first, PEOPLE, OnDuplicate::Skip, false).await;
    // The other system knows two people with one address: whose the order of the second is nobody can say.
    let second = "Id,Name,Email\n9,Office,sara@example.org\n";
    let (report, notes) = bring(&p, second, PEOPLE, OnDuplicate::Skip, false).await;
    assert_eq!(count(&report, "contact.keyed"), 0, "{notes:?}");
    assert!(
        notes[0].reason.contains("another key") || notes[0].reason.contains("کلید دیگری"),
        "{notes:?}"
    );
    let (orders, _) = bring(
        &p,
        "Number,Customer\nA,7\nB,9\n",
        ORDERS,
        OnDuplicate::Skip,
        false,
    )
    .await;
    assert_eq!(
        (count(&orders, "order.created"), count(&orders, "order.failed")),
        (1, 1)
    );
}

#[db_test]
async fn a_key_is_taken_back_whoever_changed_the_record_since(db: TestDb) {
    let p = place(&db).await;
    let sara = made(
        &p,
        "contact",
        json!({"name": {"family": "Sara"}, "emails": ["sara@example.org"]}),
    )
    .await;
    let (report, _) = bring(
        &p,
        "Id,Name,Email\n7,S,sara@example.org\n",
        PEOPLE,
        OnDuplicate::Skip,
        false,
    )
    .await;
    let object = p.caller.workspace.catalog().object("contact").cloned().unwrap();
    let change = json!({"job_title": "Clerk"});
    p.app
        .patch(&p.caller, &object, sara.id(), change.as_object().unwrap(), None)
        .await
        .unwrap();
    undo(&p, &report).await;
    let (orders, _) = bring(&p, "Number,Customer\nA,7\n", ORDERS, OnDuplicate::Skip, false).await;
    assert_eq!(count(&orders, "order.failed"), 1);
    let now = p.app.get(&p.caller, &object, sara.id()).await.unwrap();
    assert_eq!(p.get(&now, "job_title").as_str(), Some("Clerk"));
}
