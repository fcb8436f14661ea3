//! Amounts and their twins in the base currency; sums that are exact or refused.

use peyvand_record::Value;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

fn twin(v: &Value) -> (i64, Option<i64>, Option<String>, Option<i32>) {
    let m = v.as_money().unwrap();
    (m.minor, m.base, m.rate.as_deref().map(str::to_owned), m.rated_on)
}

const fn day(iso: (i32, u8, u8)) -> (i32, u8, u8) {
    iso
}

fn days(iso: (i32, u8, u8)) -> i32 {
    peyvand_calendar::Calendar::Gregorian
        .days(iso.0, iso.1, iso.2)
        .unwrap()
}

async fn rate(w: &World, currency: &str, rate: &str, on: &str) {
    w.create(
        "currency_rate",
        json!({"currency": currency, "base": "IRR", "rate": rate, "valid_on": on}),
    )
    .await
    .unwrap();
}

#[db_test]
async fn an_amount_stores_its_twin_at_the_rate_of_the_day(db: TestDb) {
    let w = World::new(db).await;
    let money = |n: i64, c: &str| json!({"amount": n.to_string(), "currency": c});
    // Before any rate: no twin, and the amount stands in no base sum.
    let early = w
        .create(
            "deal",
            json!({"name": "زود", "amount": money(10_000, "EUR"), "probability": 50}),
        )
        .await
        .unwrap();
    assert_eq!(
        twin(&w.value("deal", &early, "amount")),
        (10_000, None, None, None)
    );
    rate(&w, "EUR", "1100000.5", "2026-11-20").await;
    rate(&w, "EUR", "900000", "2026-10-01").await;
    // A rate of the future does not hold yet.
    rate(&w, "EUR", "5000000", "2026-12-31").await;
    let euro = w
        .create(
            "deal",
            json!({"name": "یورو", "amount": money(10_000, "EUR"), "probability": 50}),
        )
        .await
        .unwrap();
    let on = days(day((2026, 11, 20)));
    // 100.00 EUR at 1,100,000.5 rials: 110,000,050 rials.
    assert_eq!(
        twin(&w.value("deal", &w.get("deal", &euro).await, "amount")),
        (10_000, Some(110_000_050), Some("1100000.5".to_owned()), Some(on))
    );
    // The formula's twin follows that of its input.
    assert_eq!(
        twin(&w.value("deal", &w.get("deal", &euro).await, "weighted_amount")).1,
        Some(55_000_025)
    );
    let rial = w
        .create(
            "deal",
            json!({"name": "ریال", "amount": money(110_000_051, "IRR"), "probability": 50}),
        )
        .await
        .unwrap();
    // What had no twin for want of a rate gets it by the job.
    w.work().await;
    assert_eq!(
        twin(&w.value("deal", &w.get("deal", &early).await, "amount")).1,
        Some(110_000_050)
    );
    // A comparison names a currency or means the base.
    assert_eq!(w.list("deal", "amount >= 110000051 IRR", "").await, [rial.id()]);
    assert_eq!(w.list("deal", "amount = 100 EUR", "name").await.len(), 2);
    assert_eq!(
        w.list("deal", "amount > 100000000", "-amount").await[0],
        rial.id()
    );
    assert_eq!(w.list("deal", "amount > 100000000", "").await.len(), 3);
    // By currency and in base.
    let sums = w
        .app
        .sums(&w.caller, &w.object("deal"), "amount", None)
        .await
        .unwrap();
    let by: Vec<_> = sums
        .by_currency
        .iter()
        .map(|s| (s.currency.clone().unwrap(), s.count, s.total))
        .collect();
    assert_eq!(
        by,
        [("EUR".to_owned(), 2, 20_000), ("IRR".to_owned(), 1, 110_000_051)]
    );
    assert_eq!((sums.base, sums.without_twin), (110_000_050 * 2 + 110_000_051, 0));
    // A later rate does not change what was written before; a new amount takes it.
    rate(&w, "EUR", "2000000", "2026-11-22").await;
    w.work().await;
    let euro = w
        .patch("deal", &euro, json!({"name": "یوروی دیگر"}))
        .await
        .unwrap();
    assert_eq!(twin(&w.value("deal", &euro, "amount")).1, Some(110_000_050));
    let euro = w
        .patch("deal", &euro, json!({"amount": money(20_000, "EUR")}))
        .await
        .unwrap();
    assert_eq!(twin(&w.value("deal", &euro, "amount")).1, Some(400_000_000));
}

#[db_test]
async fn a_sum_beyond_64_bits_is_exact_or_refused(db: TestDb) {
    let w = World::new(db).await;
    let company = w.create("company", json!({"name": "بزرگ"})).await.unwrap();
    let most = i64::MAX - 7;
    for (n, minor) in [most, most, most, 5, 2].into_iter().enumerate() {
        w.create(
            "deal",
            json!({"name": format!("{n}"), "company_id": company.id().to_string(),
                   "amount": {"amount": minor.to_string(), "currency": "IRR"}}),
        )
        .await
        .unwrap();
    }
    let sums = w
        .app
        .sums(&w.caller, &w.object("deal"), "amount", None)
        .await
        .unwrap();
    assert_eq!(sums.base, i128::from(most) * 3 + 7);
    let narrowed = w
        .app
        .sums(&w.caller, &w.object("deal"), "amount", Some("amount < 100 IRR"))
        .await
        .unwrap();
    assert_eq!(narrowed.base, 7);
    // Within a filter the engine compares: either right or a clear error, never a wrong figure.
    let request = |filter: &str| peyvand_app::ListRequest {
        filter: Some(filter.to_owned()),
        ..peyvand_app::ListRequest::default()
    };
    let companies = w.object("company");
    match w
        .app
        .list(&w.caller, &companies, &request("deals.sum(amount) > 0"))
        .await
    {
        Ok(l) => assert_eq!(l.records.len(), 1),
        Err(e) => assert_eq!(e.code(), "sum-overflow"),
    }
    match w
        .app
        .list(&w.caller, &companies, &request("deals.sum(amount) < 0"))
        .await
    {
        Ok(l) => assert_eq!(l.records.len(), 0),
        Err(e) => assert_eq!(e.code(), "sum-overflow"),
    }
    for bad in ["name", "salary", "id"] {
        let e = w
            .app
            .sums(&w.caller, &w.object("deal"), bad, None)
            .await
            .unwrap_err();
        assert_eq!(e.code(), "bad-parameter", "{bad}");
    }
}
