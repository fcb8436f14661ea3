//! Search: exact, then word beginnings, then substrings; newest first in each; under rights.

use std::collections::HashMap;

use peyvand_core::{Actor, Id};
use peyvand_record::query::DeletedScope;
use peyvand_record::{FieldRule, NameValue, ObjectPolicy, Policy, Reach, Record, Value, Verb};
use peyvand_store::SearchFor;
use peyvand_testkit::{TestDb, db_test};

use crate::world::{Bench, ix};

async fn make(b: &Bench, family: &str, more: &[(&str, Value)]) -> Record {
    let contact = b.object("contact");
    let mut values = vec![(
        ix(&contact, "name"),
        Value::Name(Box::new(NameValue {
            family: family.into(),
            ..NameValue::default()
        })),
    )];
    values.extend(more.iter().map(|(k, v)| (ix(&contact, k), v.clone())));
    b.create(&contact, values).await.expect("made")
}

async fn find(b: &Bench, policy: &Policy, text: &str) -> Vec<Id> {
    b.db.store
        .search(
            b.workspace,
            &b.layout,
            policy,
            &SearchFor {
                object: "contact",
                text,
                filter: None,
                fields: None,
                limit: 50,
            },
        )
        .await
        .expect("a search")
        .records
        .iter()
        .map(Record::id)
        .collect()
}

#[db_test]
async fn exact_before_beginning_before_inside(db: TestDb) {
    let b = Bench::new(db);
    let all = b.db.all.clone();
    // Made in an order that is not the order of the answer.
    let inside_old = make(&b, "Gannaway", &[]).await;
    let exact = make(&b, "Anna", &[]).await;
    let begins_old = make(&b, "Annabel", &[]).await;
    let inside_new = make(&b, "Hannaford", &[]).await;
    let begins_new = make(&b, "Annalise", &[]).await;
    let other = make(&b, "کاظمی", &[]).await;
    let ids = |list: &[&Record]| list.iter().map(|r| r.id()).collect::<Vec<_>>();
    let wanted = ids(&[&exact, &begins_new, &begins_old, &inside_new, &inside_old]);
    assert_eq!(find(&b, &all, "anna").await, wanted);
    // Arabic letters, other digits and half spaces find the same.
    assert_eq!(find(&b, &all, "كاظمي").await, ids(&[&other]));
    assert_eq!(find(&b, &all, "نیست").await, Vec::<Id>::new());
    assert_eq!(find(&b, &all, "").await, Vec::<Id>::new());

    // Deleted: never found; restored: found; changed: found by the new name only; gone: never.
    let contact = b.object("contact");
    let gone = b.delete(&contact, &exact).await;
    assert!(!find(&b, &all, "anna").await.contains(&exact.id()));
    let context = b.context();
    let (back, batch) = b.writer(&context).restore(&contact, &gone);
    b.apply(&context, &batch).await.expect("restored");
    assert_eq!(find(&b, &all, "anna").await, wanted);
    let context = b.context();
    let new_name = Value::Name(Box::new(NameValue {
        family: "صادقی".into(),
        ..NameValue::default()
    }));
    let (after, batch) = b
        .writer(&context)
        .patch(&contact, &back, vec![(ix(&contact, "name"), new_name)], &[])
        .expect("a change");
    b.apply(&context, &batch).await.expect("changed");
    assert!(!find(&b, &all, "anna").await.contains(&exact.id()));
    assert_eq!(find(&b, &all, "صادق").await, vec![exact.id()]);
    let batch = b.writer(&b.context()).purge(&contact, &after);
    b.apply(&b.context(), &batch).await.expect("purged");
    assert_eq!(find(&b, &all, "صادق").await, Vec::<Id>::new());
    assert_eq!(b.get("contact", exact.id(), DeletedScope::Deleted).await, None);

    // What query languages would trip over is text.
    for text in [
        "\"",
        "*",
        "رضا*",
        "NEAR(رضا)",
        "' OR 1=1 --",
        "a AND",
        "^",
        "(",
        "\u{0}",
        "-رضا",
        "col:رضا",
    ] {
        find(&b, &all, text).await;
    }
}

/// A hidden field is never found by, in any phase; a visible twin is.
#[db_test]
async fn a_hidden_field_is_not_found_by(db: TestDb) {
    let b = Bench::new(db);
    let contact = b.object("contact");
    let secret = make(&b, "الف", &[("job_title", Value::text("خلبان ارشد"))]).await;
    let open = make(&b, "خلبان", &[]).await;
    let me = b.db.id();
    let policy = |rule: Option<FieldRule>| Policy {
        actor: Actor::User(me),
        unrestricted: false,
        teams: Vec::new(),
        teams_below: Vec::new(),
        objects: HashMap::from([(
            "contact".to_owned(),
            ObjectPolicy {
                reach: HashMap::from([(Verb::Read, Reach::All)]),
                fields: rule.map(|r| (ix(&contact, "job_title"), r)).into_iter().collect(),
            },
        )]),
    };
    for text in ["خلبان", "خلب", "لبان"] {
        let seen = find(&b, &policy(None), text).await;
        assert!(seen.contains(&secret.id()) && seen.contains(&open.id()), "{text}");
        let hidden = find(&b, &policy(Some(FieldRule::Hidden)), text).await;
        assert_eq!(hidden, vec![open.id()], "{text}");
        let masked = find(&b, &policy(Some(FieldRule::Masked)), text).await;
        assert_eq!(masked, vec![open.id()], "{text}");
    }
    // Beyond the reach: not found at all.
    let mut none = policy(None);
    none.objects.clear();
    assert_eq!(find(&b, &none, "خلبان").await, Vec::<Id>::new());
}
