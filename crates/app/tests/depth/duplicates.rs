//! Likely duplicates: what identifies, what only raises the score, and what the asking person may not see.

use std::collections::HashMap;

use peyvand_app::duplicates::Likely;
use peyvand_app::rights::RoleRules;
use peyvand_domain::duplicates::Reason;
use peyvand_record::policy::{FieldRule, Reach};
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{World, map};

async fn likely(w: &World, object: &str, v: serde_json::Value) -> Vec<Likely> {
    w.app
        .duplicates(&w.caller, &w.object(object), &map(v), None)
        .await
        .unwrap()
}

fn first(found: &[Likely]) -> Option<(u8, Vec<Reason>)> {
    found.first().map(|l| (l.score, l.reasons.clone()))
}

#[db_test]
async fn identifiers_identify_and_the_rest_adds_up(db: TestDb) {
    let w = World::new(db).await;
    let acme = w
        .create(
            "company",
            json!({"name": "شرکت پیوند آریا", "phones": ["021-88776655"], "legal_id": "14003456789"}),
        )
        .await
        .unwrap();
    let company = acme.id().to_string();
    let ali = w
        .create(
            "contact",
            json!({"name": {"given": "محمدرضا", "family": "جلیلی"}, "phones": ["09123456789", "021-88776655"],
                   "emails": ["m.jalili@example.com", "info@arya.example"], "national_id": "0012345679",
                   "company_id": company}),
        )
        .await
        .unwrap();
    w.create(
        "contact",
        json!({"name": "سارا تهرانی", "emails": ["info@arya.example"]}),
    )
    .await
    .unwrap();
    for (given, wanted) in [
        // Each alone says who it is, however it is written.
        (json!({"phones": ["+98 912 345 67 89"]}), vec![Reason::Mobile]),
        (
            json!({"phones": ["۰۹۱۲۳۴۵۶۷۸۹"], "name": "کس دیگر"}),
            vec![Reason::Mobile],
        ),
        (json!({"emails": ["M.Jalili@Example.com"]}), vec![Reason::Email]),
        (json!({"national_id": "0012345679"}), vec![Reason::NationalId]),
    ] {
        let found = likely(&w, "contact", given.clone()).await;
        let (score, reasons) = first(&found).unwrap_or_else(|| panic!("{given}: nobody"));
        assert!(score >= 95 && reasons == wanted, "{given}: {score} {reasons:?}");
        assert_eq!(found[0].record.id(), ali.id());
    }
    // A landline or a shared mailbox alone accuses nobody.
    for given in [
        json!({"phones": ["021-88776655"]}),
        json!({"emails": ["info@arya.example"]}),
        json!({"company_id": company}),
        json!({"name": "محمد"}),
        json!({"name": "نامی که نیست", "phones": ["021-11112222"]}),
    ] {
        assert_eq!(
            first(&likely(&w, "contact", given.clone()).await),
            None,
            "{given}"
        );
    }
    // Together they do, and so does a name, in either script.
    let together = likely(
        &w,
        "contact",
        json!({"phones": ["02188776655"], "emails": ["info@arya.example"]}),
    )
    .await;
    assert_eq!(
        first(&together),
        Some((55, vec![Reason::Phone, Reason::SharedMailbox]))
    );
    let name = likely(&w, "contact", json!({"name": "محمدرضا جلیلی"})).await;
    assert_eq!(first(&name), Some((50, vec![Reason::Name])));
    let latin = likely(
        &w,
        "contact",
        json!({"name": "Mohammad Reza Jalili", "company_id": company}),
    )
    .await;
    assert_eq!(
        first(&latin),
        Some((65, vec![Reason::NameAcrossScripts, Reason::Company]))
    );
    let firm = likely(
        &w,
        "company",
        json!({"name": "پیوند آریا", "legal_id": "14003456789"}),
    )
    .await;
    assert!(first(&firm).is_some_and(|(score, r)| score >= 95 && r.contains(&Reason::NationalId)));
    // Half a number is not read yet and disturbs nothing; the record itself is not its own duplicate.
    let typing = likely(
        &w,
        "contact",
        json!({"name": "محمدرضا جلیلی", "phones": ["09"], "emails": ["x@"]}),
    )
    .await;
    assert_eq!(typing.len(), 1);
    let own = w
        .app
        .duplicates(
            &w.caller,
            &w.object("contact"),
            &map(json!({"phones": ["09123456789"]})),
            Some(ali.id()),
        )
        .await
        .unwrap();
    assert!(own.is_empty());
}

#[db_test]
async fn what_is_hidden_is_not_told(db: TestDb) {
    let w = World::new(db).await;
    w.create(
        "contact",
        json!({"name": "محمدرضا جلیلی", "phones": ["09123456789"], "national_id": "0012345679"}),
    )
    .await
    .unwrap();
    let object = w.object("contact");
    let ask = async |reach: Reach, hidden: &[&str], given: serde_json::Value| {
        let mut rules = RoleRules::built_in("manager").unwrap();
        rules.default.values_mut().for_each(|r| *r = reach);
        rules.fields = HashMap::from([(
            "contact".to_owned(),
            hidden
                .iter()
                .map(|k| ((*k).to_owned(), FieldRule::Hidden))
                .collect(),
        )]);
        let policy = rules.policy(w.workspace().catalog(), w.db.id(), vec![], vec![]);
        let caller = w.seen_by((*policy).clone());
        w.app
            .duplicates(&caller, &object, &map(given), None)
            .await
            .unwrap()
            .len()
    };
    let phone = || json!({"phones": ["09123456789"]});
    let id = || json!({"national_id": "0012345679"});
    assert_eq!(ask(Reach::All, &[], phone()).await, 1);
    assert_eq!(ask(Reach::All, &[], id()).await, 1);
    assert_eq!(ask(Reach::All, &["phones"], phone()).await, 0);
    assert_eq!(ask(Reach::All, &["national_id"], id()).await, 0);
    assert_eq!(ask(Reach::Own, &[], phone()).await, 0);
    assert_eq!(ask(Reach::None, &[], phone()).await, 0);
}
