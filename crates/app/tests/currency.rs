//! What becomes of amounts when the workspace counts in another currency.

use std::sync::Arc;
use std::time::Duration;

use peyvand_app::jobs::Worker;
use peyvand_app::{App, Caller};
use peyvand_catalog::handles::deal;
use peyvand_core::{Id, Via};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

#[db_test]
async fn amounts_follow_the_base_currency(db: TestDb) {
    let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
    let app = Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)));
    let w = app.create_workspace("main", "نگارین").await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    let make = async |caller: &Caller, object: &str, given: serde_json::Value| -> Id {
        let def = Arc::clone(caller.workspace.catalog().object(object).unwrap());
        let made = app.create(caller, &def, given.as_object().unwrap(), None).await;
        made.unwrap().id()
    };
    let amount =
        |n: &str, currency: &str| json!({"name": "قرارداد", "amount": {"amount": n, "currency": currency}});
    let rials = make(&caller, "deal", amount("5000000", "IRR")).await;
    let euros = make(&caller, "deal", amount("4000", "EUR")).await;
    let yen = make(&caller, "deal", amount("900", "JPY")).await;
    let twin = async |caller: &Caller, id: Id| {
        let def = Arc::clone(caller.workspace.catalog().object("deal").unwrap());
        let r = app.get(caller, &def, id).await.unwrap();
        r.get(deal::AMOUNT).as_money().unwrap().base
    };
    assert_eq!(twin(&caller, rials).await, Some(5_000_000));
    // From now on in euros: one of them is worth a million rials.
    let mut settings = w.settings.clone();
    "EUR".clone_into(&mut settings.base_currency);
    let w = app.save_settings(&caller, &settings).await.unwrap();
    let caller = Caller::system(&w, Via::Cli);
    let rate = json!({"currency": "IRR", "base": "EUR", "rate": "0.000001", "valid_on": "2020-01-01"});
    make(&caller, "currency_rate", rate).await;
    let mut worker = Worker::new(Arc::clone(&app), Duration::from_secs(60));
    while worker.step(&w).await.unwrap() {}
    assert_eq!(twin(&caller, rials).await, Some(500), "5 euros, in cents");
    assert_eq!(twin(&caller, euros).await, Some(4_000));
    assert_eq!(twin(&caller, yen).await, None, "no rate is known");
}
