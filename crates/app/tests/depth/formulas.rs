//! Formulas of records: worked out when written, filtered, sorted and summed, hidden with what they are made of.

use std::collections::HashMap;

use peyvand_app::AppError;
use peyvand_app::rights::RoleRules;
use peyvand_record::policy::FieldRule;
use peyvand_record::{Policy, Value};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::World;

fn minor(v: &Value) -> Option<(i64, Option<i64>)> {
    v.as_money().map(|m| (m.minor, m.base))
}

#[db_test]
async fn a_weighted_amount_follows_its_deal(db: TestDb) {
    let w = World::new(db).await;
    let irr = |n: i64| json!({"amount": n.to_string(), "currency": "IRR"});
    let mut deals = Vec::new();
    for (n, (amount, probability)) in [(1000, 50), (4000, 25), (900, 100), (10, 10)]
        .into_iter()
        .enumerate()
    {
        let d = w
            .create(
                "deal",
                json!({"name": format!("فرصت {n}"), "amount": irr(amount), "probability": probability}),
            )
            .await
            .unwrap();
        deals.push(d);
    }
    let of = |r| minor(&w.value("deal", r, "weighted_amount"));
    assert_eq!(of(&deals[0]), Some((500, Some(500))));
    // Stored, not only answered.
    let stored = w.get("deal", &deals[1]).await;
    assert_eq!(of(&stored), Some((1000, Some(1000))));
    assert_eq!(
        w.list("deal", "weighted_amount > 400 IRR", "-weighted_amount")
            .await,
        [deals[1].id(), deals[2].id(), deals[0].id()]
    );
    let sums = w
        .app
        .sums(&w.caller, &w.object("deal"), "weighted_amount", None)
        .await
        .unwrap();
    assert_eq!(
        (sums.base, sums.by_currency.len(), sums.without_twin),
        (2401, 1, 0)
    );
    // A change of an input changes it; a change of something else does not.
    let d = w
        .patch("deal", &deals[0], json!({"probability": 10}))
        .await
        .unwrap();
    assert_eq!(of(&d), Some((100, Some(100))));
    let d = w.patch("deal", &d, json!({"name": "دیگر"})).await.unwrap();
    assert_eq!(of(&d), Some((100, Some(100))));
    let d = w.patch("deal", &d, json!({"amount": null})).await.unwrap();
    assert_eq!(of(&d), None);
    // Nobody writes it.
    let e = w
        .patch("deal", &d, json!({"weighted_amount": irr(5)}))
        .await
        .unwrap_err();
    assert_eq!(e.code(), "invalid");
}

const FIELDS: &str = r#"
[[fields.deal]]
key = "fee"
type = "formula"
of = "money"
formula = "amount * 0.1"
sort = true
label = { fa = "کارمزد", en = "Fee" }

[[fields.deal]]
key = "age"
type = "formula"
of = "number"
formula = "today() - opened_on"
filter = false
label = { fa = "سن", en = "Age" }
"#;

#[db_test]
async fn a_formula_of_ones_own_is_stored_filtered_and_worked_out_anew(db: TestDb) {
    let mut w = World::new(db).await;
    let irr = |n: i64| json!({"amount": n.to_string(), "currency": "IRR"});
    let old = w
        .create(
            "deal",
            json!({"name": "پیش", "amount": irr(1000), "opened_on": "2026-11-01"}),
        )
        .await
        .unwrap();
    w.schema(FIELDS).await.unwrap();
    let new = w
        .create("deal", json!({"name": "پس", "amount": irr(500)}))
        .await
        .unwrap();
    assert_eq!(minor(&w.value("deal", &new, "fee")), Some((50, Some(50))));
    // The record that was there before gets its value by the job.
    assert_eq!(w.list("deal", "fee >= 100 IRR", "").await, []);
    w.work().await;
    assert_eq!(w.list("deal", "fee >= 100 IRR", "").await, [old.id()]);
    assert_eq!(w.list("deal", "name != null", "-fee").await, [old.id(), new.id()]);
    let now = w.get("deal", &old).await;
    assert_eq!(minor(&w.value("deal", &now, "fee")), Some((100, Some(100))));
    // 2026-11-22 less 2026-11-01, shown and not stored.
    assert_eq!(w.value("deal", &now, "age"), Value::Int(21));
    w.db.clock.advance(3 * peyvand_core::Instant::DAY);
    assert_eq!(w.value("deal", &w.get("deal", &old).await, "age"), Value::Int(24));
    // A changed formula is worked out anew for all.
    let mut s = w.app.schema_of(w.workspace());
    s.fields.get_mut("deal").unwrap()[0].formula = Some("amount * 0.2".to_owned());
    w.schema(&s.to_toml().unwrap()).await.unwrap();
    w.work().await;
    assert_eq!(w.list("deal", "fee = 200 IRR", "").await, [old.id()]);
    assert_eq!(w.list("deal", "fee = 100 IRR", "").await, [new.id()]);
    // What cannot be is refused by name, and nothing of it stays.
    let bad = |formula: &str| {
        let mut s = w.app.schema_of(w.workspace());
        s.fields.get_mut("deal").unwrap()[0].formula = Some(formula.to_owned());
        s.to_toml().unwrap()
    };
    for (formula, code) in [
        ("salary * 2", "formula-unknown-field"),
        ("fee * 2", "formula-circle"),
        ("amount * ", "formula-syntax"),
        ("name", "formula-result-type"),
    ] {
        let text = bad(formula);
        let mut schema = peyvand_catalog::Schema::from_toml(&text).unwrap();
        schema.origin = w.app.schema_of(w.workspace()).origin;
        let changes = w.app.schema_changes(w.workspace(), &schema);
        let e = w
            .app
            .change_schema(w.workspace(), &changes, true)
            .await
            .unwrap_err();
        assert_eq!(e.code(), code, "{formula}");
        assert!(
            e.message(peyvand_numbers::Language::Fa).contains("deal.fee"),
            "{formula}"
        );
    }
}

/// A policy of the role that reads everything and has these field rules.
fn policy(w: &World, fields: &[(&str, FieldRule)]) -> Policy {
    let mut rules = RoleRules::built_in("manager").unwrap();
    rules.fields = HashMap::from([(
        "deal".to_owned(),
        fields.iter().map(|(k, r)| ((*k).to_owned(), *r)).collect(),
    )]);
    rules
        .default
        .values_mut()
        .for_each(|r| *r = peyvand_record::Reach::All);
    (*rules.policy(w.workspace().catalog(), w.db.id(), vec![], vec![])).clone()
}

#[db_test]
async fn a_formula_is_hidden_with_what_it_is_made_of(db: TestDb) {
    let w = World::new(db).await;
    let deal = w
        .create(
            "deal",
            json!({"name": "فرصت", "amount": {"amount": "1000", "currency": "IRR"}, "probability": 50}),
        )
        .await
        .unwrap();
    let object = w.object("deal");
    let seen = async |rule: Option<FieldRule>| {
        let caller = w.seen_by(policy(
            &w,
            &rule.map(|r| ("amount", r)).into_iter().collect::<Vec<_>>(),
        ));
        let r = w.app.get(&caller, &object, deal.id()).await.unwrap();
        let request = peyvand_app::ListRequest {
            filter: Some("weighted_amount > 1 IRR".to_owned()),
            ..peyvand_app::ListRequest::default()
        };
        let filtered = w.app.list(&caller, &object, &request).await;
        let summed = w.app.sums(&caller, &object, "weighted_amount", None).await;
        let changed = w
            .app
            .patch(
                &caller,
                &object,
                deal.id(),
                &crate::world::map(json!({"probability": 50})),
                None,
            )
            .await;
        (
            !w.value("deal", &r, "weighted_amount").is_null(),
            filtered.is_ok(),
            summed.is_ok(),
            changed.is_ok(),
        )
    };
    assert_eq!(seen(None).await, (true, true, true, true));
    assert_eq!(seen(Some(FieldRule::ReadOnly)).await, (true, true, true, true));
    assert_eq!(seen(Some(FieldRule::Hidden)).await, (false, false, false, true));
    assert_eq!(seen(Some(FieldRule::Masked)).await, (false, false, false, true));
    // Who may not see the amount can still change the probability, and the formula follows.
    let caller = w.seen_by(policy(&w, &[("amount", FieldRule::Hidden)]));
    w.app
        .patch(
            &caller,
            &object,
            deal.id(),
            &crate::world::map(json!({"probability": 20})),
            None,
        )
        .await
        .unwrap_or_else(|e: AppError| panic!("{e}"));
    let now = w.get("deal", &deal).await;
    assert_eq!(
        minor(&w.value("deal", &now, "weighted_amount")),
        Some((200, Some(200)))
    );
}
