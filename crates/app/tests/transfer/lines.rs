//! Lines that a file brings for orders that are there: the amounts of the orders follow, and go back with the import.

use std::fmt::Write as _;

use peyvand_app::transfer::import::{ImportRequest, Report};
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_core::Id;
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Value as Json, json};

use crate::world::{Place, count, made, place};

fn mapping() -> Mapping {
    let mut text = "object = \"order-lines\"\nsource = \"shop\"\nkey = [\"Line\"]\n\
        [[columns]]\nname = \"Order\"\nfield = \"order_id\"\nlink = { by = \"number\" }\n"
        .to_owned();
    for (name, field) in [("Qty", "quantity"), ("Price", "unit_price"), ("Off", "discount")] {
        let _ = write!(text, "[[columns]]\nname = \"{name}\"\nfield = \"{field}\"\n");
    }
    Mapping::parse(&text).unwrap()
}

async fn bring(p: &Place, text: &str, policy: OnDuplicate) -> Report {
    let file = p.file("lines.csv", text);
    let request = ImportRequest {
        mapping: Some(mapping()),
        policy: Some(policy),
        ..ImportRequest::default()
    };
    let (report, notes) = p.import(&file, &request).await.unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    report
}

/// Subtotal, discount, tax and total in minor units; -1 where there is none.
async fn sums(p: &Place, order: Id) -> [i64; 4] {
    let all = p.all("order").await;
    let order = all.iter().find(|o| o.id() == order).unwrap();
    ["subtotal", "discount", "tax", "total"].map(|f| p.get(order, f).as_money().map_or(-1, |m| m.minor))
}

fn irr(n: i64) -> Json {
    json!({"amount": n.to_string(), "currency": "IRR"})
}

async fn order(p: &Place, number: &str, more: Json) -> Id {
    let mut body = more;
    body["number"] = number.into();
    made(p, "order", body).await.id()
}

async fn undo(p: &Place, report: &Report) -> Vec<(String, String)> {
    let id = report.id.parse().unwrap();
    p.app.undo_import(&p.caller, id, |_| {}).await.unwrap().kept
}

#[db_test]
async fn orders_follow_the_lines_of_a_file(db: TestDb) {
    let p = place(&db).await;
    let plain = order(&p, "1", json!({})).await;
    // One in which there is a line already, and one that was said to come to something without any.
    let grown = order(&p, "2", json!({})).await;
    made(
        &p,
        "order_line",
        json!({"order_id": grown.to_string(), "quantity": "1", "unit_price": "100", "currency": "IRR"}),
    )
    .await;
    let stated = order(&p, "3", json!({"total": irr(90), "discount": irr(10)})).await;
    let euros = order(&p, "4", json!({"total": {"amount": "500", "currency": "EUR"}})).await;
    let before = [
        sums(&p, plain).await,
        sums(&p, grown).await,
        sums(&p, stated).await,
    ];
    assert_eq!(before, [[-1, -1, -1, -1], [100, 0, 0, 100], [-1, 10, -1, 90]]);

    let text = "Line,Order,Qty,Price,Off\n\
        a,1,2,30,\nb,1,1,40,5\nc,2,3,7,\nd,3,10,10,10\ne,4,2,2.5,\n";
    let report = bring(&p, text, OnDuplicate::Skip).await;
    assert_eq!(count(&report, "order_line.created"), 5);
    // 2 × 30 + 40 − 5; 100 + 21; as it was stated; in its own currency.
    assert_eq!(sums(&p, plain).await, [100, 5, -1, 95]);
    assert_eq!(sums(&p, grown).await, [121, 0, 0, 121]);
    assert_eq!(sums(&p, stated).await, [100, 10, -1, 90]);
    assert_eq!(sums(&p, euros).await[3], 500);
    let lines = p.all("order_line").await;
    let of_euros = lines
        .iter()
        .find(|l| p.get(l, "order_id").as_id() == Some(euros))
        .unwrap();
    assert_eq!(&*p.get(of_euros, "total").as_money().unwrap().currency, "EUR");
    // The twin in the base currency follows too.
    let all = p.all("order").await;
    let one = all.iter().find(|o| o.id() == plain).unwrap();
    assert_eq!(p.get(one, "total").as_money().unwrap().base, Some(95));

    // Taken back they are what they were.
    assert!(undo(&p, &report).await.is_empty());
    let after = [
        sums(&p, plain).await,
        sums(&p, grown).await,
        sums(&p, stated).await,
    ];
    assert_eq!(after, before);
    assert_eq!(p.all("order_line").await.len(), 1);
}

#[db_test]
async fn an_order_follows_a_line_that_a_file_changes(db: TestDb) {
    let p = place(&db).await;
    let plain = order(&p, "1", json!({})).await;
    let stated = order(&p, "3", json!({"total": irr(90), "discount": irr(10)})).await;
    // The same file again changes nothing; a changed line changes its order.
    let text = "Line,Order,Qty,Price,Off\na,1,2,30,\nb,1,1,40,5\nd,3,10,10,10\n";
    bring(&p, text, OnDuplicate::Skip).await;
    let again = bring(&p, text, OnDuplicate::Skip).await;
    assert_eq!(count(&again, "order_line.unchanged"), 3, "{again:?}");
    let changed = text.replace("b,1,1,40,5", "b,1,3,40,5");
    let second = bring(&p, &changed, OnDuplicate::Overwrite).await;
    assert_eq!(count(&second, "order_line.updated"), 1, "{second:?}");
    assert_eq!(sums(&p, plain).await, [180, 5, -1, 175]);
    assert_eq!(sums(&p, stated).await, [100, 10, -1, 90]);
    assert!(undo(&p, &second).await.is_empty());
    assert_eq!(sums(&p, plain).await, [100, 5, -1, 95]);
}

#[db_test]
async fn an_order_that_was_changed_since_keeps_what_is_left_of_its_lines(db: TestDb) {
    let p = place(&db).await;
    let id = order(&p, "1", json!({})).await;
    let report = bring(&p, "Line,Order,Qty,Price,Off\na,1,2,30,\n", OnDuplicate::Skip).await;
    made(
        &p,
        "order_line",
        json!({"order_id": id.to_string(), "quantity": "1", "unit_price": "7", "currency": "IRR"}),
    )
    .await;
    assert_eq!(sums(&p, id).await[3], 67);
    undo(&p, &report).await;
    assert_eq!(sums(&p, id).await[3], 7);
}

/// Many lines of few orders, some transactions' worth, in the order of the orders and strewn: every order is read and
/// written once for a transaction, not for a line.
#[db_test]
async fn many_lines_are_summed_chunk_by_chunk(db: TestDb) {
    let p = place(&db).await;
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(order(&p, &n.to_string(), json!({})).await);
    }
    let mut wanted = [0i64; 8];
    let mut text = "Line,Order,Qty,Price,Off\n".to_owned();
    for n in 0..2_000_usize {
        let at = if n < 1_000 { n / 125 } else { n % 8 };
        let price = 1 + (n as i64 * 37) % 900;
        wanted[at] += 2 * price;
        let _ = writeln!(text, "{n},{at},2,{price},");
    }
    let version = async |id: Id| {
        let all = p.all("order").await;
        all.iter().find(|o| o.id() == id).unwrap().version()
    };
    let report = bring(&p, &text, OnDuplicate::Skip).await;
    assert_eq!(count(&report, "order_line.created"), 2_000);
    for (id, total) in ids.iter().zip(wanted) {
        assert_eq!(sums(&p, *id).await[3], total);
        assert!(version(*id).await < 40, "{}", version(*id).await);
    }
    assert!(undo(&p, &report).await.is_empty());
    for id in ids {
        assert_eq!(sums(&p, id).await, [-1; 4]);
    }
}
