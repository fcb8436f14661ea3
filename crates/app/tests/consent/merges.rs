//! A merge widens nothing.

use std::collections::BTreeMap;

use peyvand_app::consent::Wish;
use peyvand_core::Instant;
use peyvand_domain::consent::{Channel, Decision, Purpose, Reason, Source, Word};
use peyvand_testkit::{TestDb, db_test};

use crate::people::World;

/// Item 23: the nine combinations of two people who become one, with addresses of their own and with one they share.
#[db_test]
async fn a_merge_never_widens_consent(db: TestDb) {
    let w = World::new(&db).await;
    let words = [Some(Word::Granted), None, Some(Word::Withdrawn)];
    let mut n = 0;
    let mut seen = BTreeMap::new();
    for first in words {
        for second in words {
            for shared in [false, true] {
                n += 1;
                let mail = |who: &str| {
                    if shared {
                        format!("both{n}@example.com")
                    } else {
                        format!("{who}{n}@example.com")
                    }
                };
                let a = w.contact(&format!("الف{n}"), &[&mail("a")], &[]).await;
                let b = w.contact(&format!("ب{n}"), &[&mail("b")], &[]).await;
                let mut open = Vec::new();
                for (person, word) in [(a, first), (b, second)] {
                    if let Some(word) = word {
                        w.clock.set(w.now().plus_micros(Instant::SECOND));
                        let mut wish = w.wish(word, Channel::Email, Purpose::Newsletter);
                        wish.address = Some(mail(if person == a { "a" } else { "b" }));
                        w.app
                            .record_consent(&w.caller, person, &wish, None)
                            .await
                            .unwrap();
                    }
                }
                for person in [a, b] {
                    if let Decision::Allowed(p) = w.decision(person).await {
                        open.push(p.address().to_owned());
                    }
                }
                let contacts = w.app.object(&w.caller, "contacts").unwrap();
                let merged = w.app.merge(&w.caller, &contacts, a, b, &[]).await.unwrap();
                // Told by hand: on a shared address the later word stands. On two, a no of either is a no of the one
                // that they are now, and a yes opens its own address only.
                let want = if shared {
                    match (first, second) {
                        (_, Some(Word::Granted)) | (Some(Word::Granted), None) => Some(mail("a")),
                        _ => None,
                    }
                } else if first == Some(Word::Withdrawn) || second == Some(Word::Withdrawn) {
                    None
                } else if first == Some(Word::Granted) {
                    Some(mail("a"))
                } else {
                    (second == Some(Word::Granted)).then(|| mail("b"))
                };
                let now = match w.decision(a).await {
                    Decision::Allowed(p) => Some(p.address().to_owned()),
                    Decision::Refused(_) => None,
                };
                assert_eq!(now, want, "{first:?} {second:?} shared {shared}");
                if let Some(address) = &now {
                    assert!(open.contains(address), "the merge opened {address}");
                }
                *seen.entry(now.is_some()).or_insert(0) += 1;
                // Taking the merge back gives both their own again, and opens nothing either.
                w.app.unmerge(&w.caller, merged.operation).await.unwrap();
                let mut after = Vec::new();
                for person in [a, b] {
                    if let Decision::Allowed(p) = w.decision(person).await {
                        after.push(p.address().to_owned());
                    }
                }
                assert_eq!(after, open, "{first:?} {second:?} shared {shared}");
            }
        }
    }
    assert_eq!(n, 18);
    assert!(seen[&true] >= 5 && seen[&false] >= 9, "{seen:?}");
}

/// A person-wide no survives a merge into somebody who said nothing.
#[db_test]
async fn what_was_said_of_a_whole_person_survives_the_merge(db: TestDb) {
    let w = World::new(&db).await;
    let a = w.contact("الف", &["a@example.com"], &[]).await;
    let b = w.contact("ب", &["b@example.com"], &[]).await;
    w.grant(a, Channel::Email, Purpose::Newsletter).await;
    let out = Wish::out_of_everything(Source::Phone, w.now());
    w.app.record_consent(&w.caller, b, &out, None).await.unwrap();
    assert!(matches!(w.decision(a).await, Decision::Allowed(_)));
    let contacts = w.app.object(&w.caller, "contacts").unwrap();
    w.app.merge(&w.caller, &contacts, a, b, &[]).await.unwrap();
    assert!(matches!(w.decision(a).await, Decision::Refused(_)));
    // An address that comes later changes nothing for service either: the no was to everything.
    let verdict = w
        .app
        .may_send(&w.caller, a, Channel::Email, Purpose::Service)
        .await
        .unwrap();
    assert!(matches!(verdict, Decision::Refused(r) if r.reason == Reason::Withdrawn));
}
