//! What a list comes to: how many a search found, and sums only of what adds up.

mod common;

use common::{Place, between, enc, place, place_on};
use peyvand_catalog::Catalog;
use peyvand_catalog::handles::company;
use peyvand_record::Value;
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;

async fn total(p: &Place, path: &str) -> String {
    let page = p.get(path).await.body;
    between(&page, "id=\"list-count\">", "<").to_owned()
}

#[db_test]
async fn a_search_says_how_many_it_found(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    for n in 0..60 {
        let city = if n < 7 { "Yazd" } else { "Qom" };
        p.make(
            "contacts",
            &format!("name.given=Ali&name.family=Kamali{n}&city={city}"),
        )
        .await;
    }
    p.make("contacts", "name.family=Nobody").await;
    assert_eq!(total(&p, "/contacts?q=kamali").await, "60");
    let filter = enc("city = \"Yazd\"");
    assert_eq!(
        total(&p, &format!("/contacts?q=kamali&filter={filter}")).await,
        "7"
    );
    assert_eq!(total(&p, "/contacts?q=zzzz").await, "0");
    assert_eq!(total(&p, "/contacts").await, "61");
    // In groups too, and on the pages after the first.
    assert_eq!(total(&p, "/contacts?q=kamali&group=lifecycle").await, "60");
    // Objects that the index does not hold are searched by their fields.
    for name in ["Red", "Reddish", "Blue"] {
        p.make("tags", &format!("name={name}")).await;
    }
    assert_eq!(total(&p, "/tags?q=red").await, "2");
}

#[tokio::test]
async fn beyond_what_can_be_paged_through_a_search_says_that_there_are_more() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    // Too many for forms of pages: they come as the file of an import would.
    let session = p
        .app
        .session(p.cookie.trim_start_matches("peyvand_session="))
        .await
        .unwrap();
    let caller = session.caller;
    let object = p.app.object(&caller, "companies").unwrap();
    for n in 0..1001 {
        let values = vec![(company::NAME, Value::Text(format!("Kamali{n}").into()))];
        p.app.create_values(&caller, &object, values, None).await.unwrap();
    }
    assert_eq!(total(&p, "/companies?q=kamali").await, "1,000+");
    assert_eq!(total(&p, "/companies").await, "1,001");
}

#[db_test]
async fn rates_are_not_summed_and_amounts_and_quantities_are(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    for (day, rate) in [("2026-01-01", "500000"), ("2026-01-02", "600000")] {
        p.make(
            "currency-rates",
            &format!("currency=USD&base=IRR&valid_on={day}&rate={rate}"),
        )
        .await;
    }
    let page = p.get("/currency-rates?columns=rate").await.body;
    assert!(page.contains("600,000"), "{page}");
    assert!(!page.contains("<tfoot>") || !between(&page, "<tfoot>", "</tfoot>").contains("1,100,000"));
    for amount in ["200", "300"] {
        p.make("deals", &format!("name=D{amount}&amount={amount}+IRR"))
            .await;
    }
    let page = p.get("/deals?columns=name,amount,probability").await.body;
    let foot = between(&page, "<tfoot>", "</tfoot>");
    assert!(foot.contains("500"), "{foot}");
    // What is said of each field of the catalog: prices, rates, places, percentages and scores never add up.
    let catalog = Catalog::standard();
    for (object, field, adds) in [
        ("deal", "amount", true),
        ("order", "total", true),
        ("order_line", "quantity", true),
        ("order_line", "unit_price", false),
        ("product", "price", false),
        ("currency_rate", "rate", false),
        ("need", "strength", false),
        ("perception", "score", false),
        ("stage", "position", false),
        ("deal", "probability", false),
        ("company", "founded_year", false),
        ("contact", "job_title", false),
    ] {
        let f = catalog.object(object).unwrap().field(field).unwrap().1;
        assert_eq!(f.adds_up(), adds, "{object}.{field}");
    }
}
