//! A shop's order lines: written, written again, cut off, taken back, tried, and in short transactions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use peyvand_app::transfer::OnDuplicate;
use peyvand_app::transfer::import::{ImportRequest, RowNote};
use peyvand_testkit::{TestDb, db_test};

use crate::world::{contacts, count, look_alike, pence_by_customer, place, retail};

#[db_test]
async fn a_shops_lines_become_orders_and_a_second_run_changes_nothing(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(700, 1);
    let file = p.file("retail.csv", &text);
    let (report, notes) = p.import(&file, &retail()).await.unwrap();
    assert_eq!(notes, Vec::<RowNote>::new());
    assert_eq!(report.rows, truth.lines);
    assert_eq!(count(&report, "order.created"), truth.invoices);
    assert_eq!(count(&report, "order_line.created"), truth.lines);
    assert_eq!(report.notes["no-customer"], truth.no_customer);
    assert_eq!(report.notes["cancellation"], truth.cancellation);
    assert_eq!(
        report.notes["negative-quantity-without-cancellation"],
        truth.negative
    );
    assert_eq!(p.all("order_line").await.len() as u64, truth.lines);
    assert_eq!(pence_by_customer(&p).await, truth.pence);
    let kinds = p
        .all("order")
        .await
        .iter()
        .fold(BTreeMap::new(), |mut m: BTreeMap<String, u64>, o| {
            *m.entry(p.get(o, "kind").as_str().unwrap().to_owned())
                .or_default() += 1;
            m
        });
    assert!(
        kinds["cancellation"] > 5 && kinds["return"] > 5 && kinds["sale"] > 500,
        "{kinds:?}"
    );

    let before: Vec<(_, i64)> = p
        .all("order")
        .await
        .iter()
        .map(|o| (o.id(), o.version()))
        .collect();
    let (again, _) = p.import(&file, &retail()).await.unwrap();
    assert_eq!(count(&again, "order_line.unchanged"), truth.lines);
    assert_eq!(count(&again, "order.created") + count(&again, "order.updated"), 0);
    let after: Vec<(_, i64)> = p
        .all("order")
        .await
        .iter()
        .map(|o| (o.id(), o.version()))
        .collect();
    assert_eq!(before, after);
}

#[db_test]
async fn an_import_that_was_cut_off_goes_on_and_ends_with_the_same_records(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(1400, 2);
    let file = p.file("retail.csv", &text);
    let (tell, told) = tokio::sync::oneshot::channel();
    let mut tell = Some(tell);
    let mut progress = |_| {
        if let Some(t) = tell.take() {
            t.send(()).unwrap();
        }
    };
    let request = retail();
    let mut ignore = |_| {};
    tokio::select! {
        biased;
        r = told => r.unwrap(),
        r = p.app.import(&p.caller, &file, &request, &mut ignore, &mut progress) => panic!("not cut off: {r:?}"),
    }
    let cut_at = p.all("order").await.len() as u64;
    assert!(cut_at > 0 && cut_at < truth.invoices);
    let (report, _) = p.import(&file, &request).await.unwrap();
    assert_eq!(p.all("order").await.len() as u64, truth.invoices);
    assert_eq!(p.all("order_line").await.len() as u64, truth.lines);
    assert_eq!(pence_by_customer(&p).await, truth.pence);
    assert!(report.rows <= truth.lines);
}

#[db_test]
async fn an_import_is_taken_back_except_what_was_changed_since(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(300, 3);
    let file = p.file("retail.csv", &text);
    let (report, _) = p.import(&file, &retail()).await.unwrap();
    let object = p.caller.workspace.catalog().object("order").cloned().unwrap();
    let changed = p.all("order").await[10].id();
    let json = serde_json::json!({"description": "seen"})
        .as_object()
        .unwrap()
        .clone();
    p.app
        .patch(&p.caller, &object, changed, &json, None)
        .await
        .unwrap();
    let undone = p
        .app
        .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(undone.kept, [("order".to_owned(), changed.to_string())]);
    assert_eq!(p.all("order").await.len(), 1);
    assert!(p.all("contact").await.is_empty() && p.all("product").await.is_empty());
    assert!(undone.deleted > truth.lines + truth.invoices);
}

#[db_test]
async fn a_dry_run_writes_nothing(db: TestDb) {
    let p = place(&db).await;
    let (text, truth) = look_alike(50, 4);
    let file = p.file("retail.csv", &text);
    let request = ImportRequest {
        dry_run: true,
        ..retail()
    };
    let (report, _) = p.import(&file, &request).await.unwrap();
    assert_eq!(count(&report, "order.created"), truth.invoices);
    assert!(p.all("order").await.is_empty() && p.all("product").await.is_empty());
}

/// Item 116 of the trust list.
#[db_test]
async fn no_transaction_is_a_long_one(db: TestDb) {
    let p = place(&db).await;
    let most = || p.app.store.engine().transactions().most_steps;
    // Orders of many lines, and people of whom every fifth row has something to be told.
    let (text, truth) = look_alike(250, 3);
    let (report, _) = p.import(&p.file("retail.csv", &text), &retail()).await.unwrap();
    assert_eq!(report.rows, truth.lines);
    let mut people = "Name,Email,Phone,City,Birth date\n".to_owned();
    for n in 0..1_000 {
        let born = if n % 5 == 0 { "never" } else { "1981-08-04" };
        let _ = writeln!(people, "Person {n},p{n}@example.com,+98935{n:07},Shiraz,{born}");
    }
    let file = p.file("people.csv", &people);
    let (report, notes) = p.import(&file, &contacts(OnDuplicate::Skip)).await.unwrap();
    assert_eq!(
        count(&report, "contact.created") + count(&report, "contact.failed"),
        1_000
    );
    assert!(notes.len() >= 200);
    // A second time, with a policy by which everything is looked at and changed.
    let again = people.replace("Shiraz", "Tabriz");
    let file = p.file("again.csv", &again);
    p.import(&file, &contacts(OnDuplicate::Overwrite)).await.unwrap();
    p.app
        .undo_import(&p.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert!(most() <= 3_000, "{}", most());
    // Control: one order with more lines than that is written whole, and the measure sees it.
    let mut long =
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n".to_owned();
    for n in 0..1_500 {
        let _ = writeln!(
            long,
            "599999,{n},THING {n},1,2010-12-09 12:50:00,2.55,17850.0,United Kingdom"
        );
    }
    let (report, _) = p.import(&p.file("long.csv", &long), &retail()).await.unwrap();
    assert_eq!(count(&report, "order.created"), 1);
    assert!(most() > 3_000, "{}", most());
}
