//! What was said is kept as it was said: the state is the fold of the entries, and nobody changes one.

use std::collections::BTreeMap;

use peyvand_app::AppError;
use peyvand_catalog::handles::consent_entry as ce;
use peyvand_core::Instant;
use peyvand_core::random::SplitMix;
use peyvand_domain::consent::{Channel, Decision, Matter, Purpose, Reason, State, Word};
use peyvand_record::policy::Policy;
use peyvand_record::{Batch, Change, Value};
use peyvand_store::{Step, StoreError};
use peyvand_testkit::{TestDb, db_test};

use crate::people::World;

/// The state of one use, worked out the slow way: the entries one after the other in the order in which they were said,
/// as somebody would who reads a notebook aloud.
fn read_aloud(entries: &[(i64, Word, Option<i64>)], now: i64) -> State {
    let order = |w: Word| match w {
        Word::Pending => 0,
        Word::Granted | Word::Released => 1,
        Word::Expired => 2,
        Word::Denied => 3,
        Word::Withdrawn => 4,
        Word::Blocked => 5,
    };
    let mut said = entries.to_vec();
    said.sort_by_key(|(at, w, _)| (*at, order(*w)));
    let (mut barred, mut asked, mut last) = (false, false, None);
    for (_, word, until) in said {
        match word {
            Word::Blocked => barred = true,
            Word::Released => barred = false,
            Word::Pending => asked = true,
            word => {
                asked = false;
                last = Some((word, until));
            }
        }
    }
    let stands = |until: Option<i64>| until.is_none_or(|u| u > now);
    match last {
        _ if barred => State::Blocked,
        Some((Word::Granted, until)) if stands(until) => State::Granted,
        _ if asked => State::Pending,
        None => State::Unknown,
        Some((Word::Denied, _)) => State::Denied,
        Some((Word::Withdrawn, _)) => State::Withdrawn,
        Some(_) => State::Expired,
    }
}

#[test]
fn the_model_reads_what_it_should() {
    use Word::{Blocked, Denied, Expired, Granted, Pending, Released, Withdrawn};
    for (entries, state) in [
        (vec![], State::Unknown),
        (vec![(1, Granted, None)], State::Granted),
        (vec![(1, Granted, Some(5))], State::Expired),
        (vec![(1, Granted, None), (2, Pending, None)], State::Granted),
        (vec![(1, Withdrawn, None), (2, Pending, None)], State::Pending),
        (vec![(2, Granted, None), (1, Withdrawn, None)], State::Granted),
        (vec![(1, Granted, None), (1, Withdrawn, None)], State::Withdrawn),
        (vec![(1, Blocked, None), (2, Granted, None)], State::Blocked),
        (
            vec![(1, Blocked, None), (2, Granted, None), (3, Released, None)],
            State::Granted,
        ),
        (vec![(1, Expired, None)], State::Expired),
        (vec![(1, Granted, None), (2, Denied, None)], State::Denied),
    ] {
        assert_eq!(read_aloud(&entries, 10), state, "{entries:?}");
    }
}

/// Items 89 and 90: whatever is said in whatever order, the state is the fold of it, and only a yes that stands opens.
#[db_test]
async fn the_state_is_the_fold_of_the_entries(db: TestDb) {
    let w = World::new(&db).await;
    let mut random = SplitMix::new(89);
    let start = w.now();
    let (mut states, mut allowed) = (BTreeMap::new(), 0);
    for round in 0..60 {
        w.clock.set(start.plus_micros(round * 400 * Instant::DAY));
        let base = w.now();
        let mail = format!("p{round}@example.com");
        let person = w.contact(&format!("نام{round}"), &[&mail], &[]).await;
        let mut said: Vec<(i64, Word, Option<i64>)> = Vec::new();
        for _ in 0..random.below(7) {
            let word = *random.pick(Word::ALL);
            // Days of the past, few of them, so that some fall together; written down in any order.
            let at = base.plus_micros(-(random.below(5) as i64) * Instant::DAY);
            let until = (word == Word::Granted && random.chance(40))
                .then(|| at.plus_micros((1 + random.below(8) as i64) * Instant::DAY));
            let wide = random.chance(30) && !matches!(word, Word::Granted | Word::Pending);
            let mut wish = w.wish(word, Channel::Email, Purpose::Newsletter);
            wish.address = Some(mail.clone());
            wish.proof.at = at;
            wish.proof.expires_at = until;
            if wide {
                wish.matter = Matter::Every;
            }
            w.app
                .record_consent(&w.caller, person, &wish, None)
                .await
                .unwrap();
            said.push((at.micros(), word, until.map(Instant::micros)));
        }
        for days in [0, 2, 9] {
            let now = base.plus_micros(days * Instant::DAY);
            w.clock.set(now);
            let want = read_aloud(&said, now.micros());
            let cell = w.cell(person, Channel::Email, Purpose::Newsletter).await;
            assert_eq!(cell.state, want, "{said:?}");
            let verdict = w
                .app
                .may_send(&w.caller, person, Channel::Email, Purpose::Newsletter)
                .await
                .unwrap();
            let open = matches!(verdict, Decision::Allowed(_));
            assert_eq!(open, want == State::Granted, "{said:?}");
            allowed += u32::from(open);
            *states.entry(want.key()).or_insert(0) += 1;
        }
    }
    // Control: every state was met, and both verdicts.
    assert_eq!(states.len(), 7, "{states:?}");
    assert!(allowed > 5, "{states:?}");
    println!("states met: {states:?}");
}

/// Item 89: an entry is neither changed nor deleted, by no road; another table is, by the same roads.
#[db_test]
async fn an_entry_is_never_changed_or_deleted(db: TestDb) {
    let w = World::new(&db).await;
    let person = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(person, Channel::Email, Purpose::Newsletter).await;
    let all = Policy::all(w.caller.actor);
    let layout = &w.caller.workspace.layout;
    for (object, may) in [("consent_entry", false), ("contact_point", true)] {
        let table = &layout.object(object).unwrap().table;
        let q = peyvand_record::Query::of(object).limit(1);
        let record = w
            .app
            .store
            .page(w.caller.workspace.id, layout, &all, &q)
            .await
            .unwrap()
            .records
            .remove(0);
        let ix = if may {
            peyvand_catalog::handles::contact_point::LABEL
        } else {
            ce::PROOF
        };
        let context = w.app.context(&w.caller);
        let mut after = record.touched(context.now, context.actor);
        after.set(ix, Value::text("geändert"));
        let change = Change::Update {
            before: Box::new(record.clone()),
            after: Box::new(after.clone()),
        };
        let key = vec![
            (
                table.at("workspace_id"),
                i64::from(w.caller.workspace.id.0).into(),
            ),
            (table.at("id"), record.id().into()),
        ];
        let steps = [
            Step::Update {
                table: std::sync::Arc::clone(table),
                set: vec![(table.at("version"), 9.into())],
                key: key.clone(),
                expect_one: None,
            },
            Step::Delete {
                table: std::sync::Arc::clone(table),
                key: key.clone(),
                expect_some: None,
            },
        ];
        let apply = async |change: Change| {
            let batch = Batch {
                changes: vec![change],
                ..Batch::default()
            };
            w.app.store.apply(&context, layout, &all, &batch).await
        };
        let mut outcomes = vec![apply(change).await];
        let [update, delete] = steps;
        for step in [update] {
            let plan = peyvand_store::Plan::of(vec![step]);
            outcomes.push(w.app.store.engine().apply(plan).await);
        }
        if !may {
            outcomes.push(apply(Change::Purge(Box::new(record.clone()))).await);
        }
        let plan = peyvand_store::Plan::of(vec![delete]);
        outcomes.push(w.app.store.engine().apply(plan).await);
        for outcome in outcomes {
            assert_eq!(outcome.is_ok(), may, "{object}: {outcome:?}");
            if !may {
                assert!(matches!(outcome, Err(StoreError::Denied { .. })), "{outcome:?}");
            }
        }
    }
    assert_eq!(w.app.consent_history(&w.caller, person).await.unwrap().len(), 1);
}

/// Generic writes do not reach the ledger, whoever asks; the contact beside it takes them.
#[db_test]
async fn the_ledger_takes_no_generic_write(db: TestDb) {
    let w = World::new(&db).await;
    let person = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(person, Channel::Email, Purpose::Newsletter).await;
    let entry = w.app.consent_history(&w.caller, person).await.unwrap()[0]
        .entry
        .id;
    let json = |v: serde_json::Value| v.as_object().unwrap().clone();
    for (plural, id, patch, may) in [
        (
            "consent-entries",
            entry,
            serde_json::json!({"verdict": "granted"}),
            false,
        ),
        ("contacts", person, serde_json::json!({"job_title": "مدیر"}), true),
    ] {
        let object = w.app.object(&w.caller, plural).unwrap();
        let patched = w
            .app
            .patch(&w.caller, &object, id, &json(patch.clone()), None)
            .await;
        let made = w
            .app
            .create(
                &w.caller,
                &object,
                &json(if may {
                    serde_json::json!({"name": "نفر دوم"})
                } else {
                    serde_json::json!({"verdict": "granted", "channel": "email", "purpose": "newsletter"})
                }),
                None,
            )
            .await;
        let deleted = w.app.delete(&w.caller, &object, id, None).await;
        for (what, ok, error) in [
            ("patch", patched.is_ok(), patched.err()),
            ("create", made.is_ok(), made.err()),
            ("delete", deleted.is_ok(), deleted.err()),
        ] {
            assert_eq!(ok, may, "{plural}: {what}");
            assert!(
                may || matches!(error, Some(AppError::Forbidden)),
                "{what}: {error:?}"
            );
        }
        // An import knows no such object.
        let known = peyvand_app::transfer::plan::object_of(w.caller.workspace.catalog(), plural);
        assert_eq!(known.is_some(), may, "{plural}");
    }
}

/// The ledger outlives the contact: whoever comes back with the address finds the same no.
#[db_test]
async fn the_ledger_outlives_points_and_people(db: TestDb) {
    let w = World::new(&db).await;
    let p = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(p, Channel::Email, Purpose::Newsletter).await;
    w.tick();
    let mut no = w.wish(Word::Withdrawn, Channel::Email, Purpose::Newsletter);
    no.address = Some("sara@example.com".to_owned());
    w.app.record_consent(&w.caller, p, &no, None).await.unwrap();
    let contacts = w.app.object(&w.caller, "contacts").unwrap();
    w.app.delete(&w.caller, &contacts, p, None).await.unwrap();
    w.clock.set(w.now().plus_micros(31 * Instant::DAY));
    let purged = w
        .app
        .purge_bin(&w.caller.workspace, 30 * Instant::DAY)
        .await
        .unwrap();
    // The contact and its address.
    assert_eq!(purged.gone, 2, "{purged:?}");
    let again = w.contact("سارا", &["Sara@Example.com"], &[]).await;
    assert!(matches!(w.decision(again).await, Decision::Refused(r) if r.reason == Reason::Withdrawn));
    assert_eq!(w.app.consent_history(&w.caller, again).await.unwrap().len(), 2);
    // Control: somebody with another address was never asked.
    let other = w.contact("سارا", &["sara2@example.com"], &[]).await;
    assert!(matches!(w.decision(other).await, Decision::Refused(r) if r.reason == Reason::NoConsent));
    // And the address itself stands nowhere in the ledger.
    let table = &w.caller.workspace.layout.object("consent_entry").unwrap().table;
    let rows = w
        .app
        .store
        .rows(peyvand_store::RowsCall::new(table, &[]).everywhere())
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert!(!format!("{rows:?}").to_lowercase().contains("sara@"));
}
