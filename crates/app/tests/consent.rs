//! The consent ledger on both engines: the fold against a model, entries that cannot be changed, merges that widen
//! nothing, proof that is asked for.

mod people;

use std::collections::BTreeMap;

use people::World;
use peyvand_app::AppError;
use peyvand_app::consent::Wish;
use peyvand_app::records::Idempotency;
use peyvand_app::transfer::Mapping;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::transfer::import::ImportRequest;
use peyvand_catalog::handles::consent_entry as ce;
use peyvand_core::random::SplitMix;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{
    Channel, ConsentError, Decision, Matter, Proof, Purpose, Reason, Source, State, Word,
};
use peyvand_record::policy::Policy;
use peyvand_record::{Batch, Change, Value};
use peyvand_store::{Step, StoreError};
use peyvand_testkit::{TestDb, db_test};

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

/// Item 91: one step, no proof, everything closed; each yes afterwards is for one use.
#[db_test]
async fn a_withdrawal_is_as_easy_as_a_grant(db: TestDb) {
    let w = World::new(&db).await;
    let p = w.contact("سارا", &["sara@example.com"], &["+989121234567"]).await;
    w.grant(p, Channel::Email, Purpose::Newsletter).await;
    w.grant(p, Channel::Sms, Purpose::Advertising).await;
    w.tick();
    let out = Wish::out_of_everything(Source::Unsubscribe, w.now());
    w.app.record_consent(&w.caller, p, &out, None).await.unwrap();
    let permissions = w.app.permissions(&w.caller, p).await.unwrap();
    assert!(permissions.cells.len() >= 16);
    assert!(permissions.cells.iter().all(|c| c.refusal.is_some()));
    w.tick();
    w.grant(p, Channel::Email, Purpose::Newsletter).await;
    let open: Vec<_> = w
        .app
        .permissions(&w.caller, p)
        .await
        .unwrap()
        .cells
        .into_iter()
        .filter(|c| c.refusal.is_none())
        .map(|c| (c.channel, c.purpose))
        .collect();
    assert_eq!(open, [(Channel::Email, Purpose::Newsletter)]);
}

/// What the ledger does not take, each with the one thing that makes it acceptable.
#[db_test]
async fn a_yes_needs_its_proof(db: TestDb) {
    let w = World::new(&db).await;
    let p = w.contact("سارا", &["sara@example.com"], &[]).await;
    let bare = || {
        let mut wish = w.wish(Word::Granted, Channel::Email, Purpose::Newsletter);
        wish.proof = Proof::of(Source::Staff, w.now());
        wish
    };
    let with = |change: &dyn Fn(&mut Wish)| {
        let mut wish = bare();
        wish.proof.text_shown = Some("بله، خبرنامه را می‌خواهم".to_owned());
        change(&mut wish);
        wish
    };
    let cases = [
        (bare(), Err(ConsentError::NoProof)),
        (
            with(&|x| x.proof.text_shown = Some("  ".to_owned())),
            Err(ConsentError::NoProof),
        ),
        (with(&|_| ()), Ok(Word::Granted)),
        (
            with(&|x| x.proof.at = x.proof.at.plus_micros(Instant::DAY)),
            Err(ConsentError::InFuture),
        ),
        (
            with(&|x| x.proof.expires_at = Some(x.proof.at)),
            Err(ConsentError::Expiry),
        ),
        (with(&|x| x.matter = Matter::Every), Err(ConsentError::Scope)),
        (with(&|x| x.channel = None), Err(ConsentError::Scope)),
        (with(&|x| x.matter = Matter::Processing), Err(ConsentError::Scope)),
        (
            with(&|x| x.address = Some("other@example.com".to_owned())),
            Err(ConsentError::NoAddress),
        ),
        (
            with(&|x| x.channel = Some(Channel::Sms)),
            Err(ConsentError::NoAddress),
        ),
        (
            with(&|x| x.proof.text_shown = Some("ب".repeat(10_001))),
            Err(ConsentError::TooLong),
        ),
        // A form needs a confirmation; with the message that brought it, the yes is one.
        (with(&|x| x.proof.source = Source::Form), Ok(Word::Pending)),
        (
            with(&|x| {
                x.proof.source = Source::Form;
                x.proof.opt_in_message = Some("<1@example.com>".to_owned());
            }),
            Ok(Word::Granted),
        ),
    ];
    for (wish, want) in cases {
        let got = match w.app.record_consent(&w.caller, p, &wish, None).await {
            Ok(done) => Ok(done.word),
            Err(AppError::Consent(e)) => Err(e),
            Err(e) => panic!("{e}"),
        };
        assert_eq!(got, want, "{wish:?}");
    }
    // The proof of the one that was taken is kept whole.
    let lines = w.app.consent_history(&w.caller, p).await.unwrap();
    assert_eq!(lines.len(), 3);
    assert!(
        lines
            .iter()
            .all(|l| l.entry.proof.text_shown.as_deref() == Some("بله، خبرنامه را می‌خواهم"))
    );
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

/// The contacts of an export, by id, and how many people it left out.
async fn exported(w: &World) -> (Vec<Id>, u64) {
    let object = w.app.object(&w.caller, "contacts").unwrap();
    let mut out = std::io::Cursor::new(Vec::new());
    let done = w
        .app
        .export(&w.caller, &object, None, ExportFormat::Ndjson, &mut out, |_| {})
        .await
        .unwrap();
    let text = String::from_utf8(out.into_inner()).unwrap();
    let mut ids: Vec<Id> = text
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap())
        .map(|l| l["id"].as_str().unwrap().parse().unwrap())
        .collect();
    ids.sort_unstable();
    (ids, done.restricted)
}

/// Item 94: a restricted person is closed for every use, their profile too; lifting it opens what was open before.
#[db_test]
async fn a_restriction_closes_everything(db: TestDb) {
    let w = World::new(&db).await;
    let p = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(p, Channel::Email, Purpose::Newsletter).await;
    let flag = |word| Wish {
        channel: None,
        matter: Matter::Processing,
        word,
        address: None,
        proof: Proof::of(Source::Staff, w.now()),
    };
    let allowed = async || {
        let cells = w.app.permissions(&w.caller, p).await.unwrap().cells;
        let profile = w.app.may_profile(&w.caller.workspace, p).await.unwrap();
        (cells.iter().filter(|c| c.refusal.is_none()).count(), profile)
    };
    assert_eq!(allowed().await, (2, true));
    w.tick();
    w.app
        .record_consent(&w.caller, p, &flag(Word::Blocked), None)
        .await
        .unwrap();
    assert_eq!(allowed().await, (0, false));
    assert!(matches!(w.decision(p).await, Decision::Refused(r) if r.reason == Reason::Restricted));
    // Who has the same address is meant too; somebody else is not.
    let twin = w.contact("سارا ا.", &["sara@example.com"], &[]).await;
    let other = w.contact("مینا", &["mina@example.com"], &[]).await;
    assert_eq!(exported(&w).await, (vec![other], 2));
    w.tick();
    w.app
        .record_consent(&w.caller, p, &flag(Word::Released), None)
        .await
        .unwrap();
    assert_eq!(allowed().await, (2, true));
    let mut all = vec![p, twin, other];
    all.sort_unstable();
    assert_eq!(exported(&w).await, (all, 0));
    // An objection to profiling closes only that.
    w.tick();
    let mut objection = w.wish(Word::Withdrawn, Channel::Email, Purpose::Profiling);
    objection.channel = None;
    w.app
        .record_consent(&w.caller, p, &objection, None)
        .await
        .unwrap();
    assert_eq!(allowed().await, (2, false));
}

/// Item 94: whichever of two people stays, the one that they are now may not be used while the use of either is restricted;
/// a restriction of both is lifted by lifting it of each. Taking the merge back gives the restriction back to whom it was of.
#[db_test]
async fn a_merge_keeps_a_restriction(db: TestDb) {
    let w = World::new(&db).await;
    let contacts = w.app.object(&w.caller, "contacts").unwrap();
    let flag = async |person, word| {
        w.tick();
        let wish = Wish {
            channel: None,
            matter: Matter::Processing,
            word,
            address: None,
            proof: Proof::of(Source::Staff, w.now()),
        };
        w.app
            .record_consent(&w.caller, person, &wish, None)
            .await
            .unwrap();
    };
    // The four doors that a restriction closes: a message, the profile, every cell of the permissions, exports.
    let closed = async |person| {
        let refused =
            matches!(w.decision(person).await, Decision::Refused(r) if r.reason == Reason::Restricted);
        let cells = w.app.permissions(&w.caller, person).await.unwrap().cells;
        let doors = [
            refused,
            !w.app.may_profile(&w.caller.workspace, person).await.unwrap(),
            cells.iter().all(|c| c.refusal.is_some()),
            !exported(&w).await.0.contains(&person),
        ];
        assert!(doors.iter().all(|d| *d == doors[0]), "{doors:?}");
        doors[0]
    };
    let mut n = 0;
    // Who is restricted, and do the two share an address, have each their own, or none at all?
    for restricted in [[true, false], [false, true], [true, true], [false, false]] {
        for addresses in ["own", "shared", "none"] {
            n += 1;
            let made = async |who: &str| {
                let address = match addresses {
                    "own" => vec![format!("{who}{n}@example.com")],
                    "shared" => vec![format!("both{n}@example.com")],
                    _ => Vec::new(),
                };
                let mails: Vec<&str> = address.iter().map(String::as_str).collect();
                let person = w.contact(&format!("{who}{n}"), &mails, &[]).await;
                if !mails.is_empty() {
                    w.grant(person, Channel::Email, Purpose::Newsletter).await;
                }
                person
            };
            let pair = [made("الف").await, made("ب").await];
            for (person, restricted) in pair.into_iter().zip(restricted) {
                if restricted {
                    flag(person, Word::Blocked).await;
                }
            }
            // The other one was restricted once too, and that was lifted since: of them, not of the one they become.
            if let ([true, false], false) = (restricted, addresses == "shared") {
                flag(pair[1], Word::Blocked).await;
                flag(pair[1], Word::Released).await;
            }
            let case = format!("{restricted:?} {addresses}");
            // Who has no address is never allowed a message, restricted or not: their profile and exports tell.
            let is_closed = async |person| {
                if addresses == "none" {
                    let profile = w.app.may_profile(&w.caller.workspace, person).await.unwrap();
                    let out = exported(&w).await.0.contains(&person);
                    assert_eq!(profile, out, "{case}");
                    !profile
                } else {
                    closed(person).await
                }
            };
            let any = restricted.contains(&true);
            // A restriction counts for everybody who has the address.
            let own = restricted.map(|r| r || (any && addresses == "shared"));
            let before = [is_closed(pair[0]).await, is_closed(pair[1]).await];
            assert_eq!(before, own, "{case}");
            let [a, b] = pair;
            let merged = w.app.merge(&w.caller, &contacts, a, b, &[]).await.unwrap();
            assert_eq!(is_closed(a).await, any, "{case}: after the merge");
            w.app.unmerge(&w.caller, merged.operation).await.unwrap();
            let after = [is_closed(a).await, is_closed(b).await];
            assert_eq!(after, own, "{case}: after it was taken back");
            // Lifted of the one that they are now, it is lifted.
            let merged = w.app.merge(&w.caller, &contacts, a, b, &[]).await.unwrap();
            flag(a, Word::Released).await;
            assert!(!is_closed(a).await, "{case}: lifted after the merge");
            // Something new for the survivor stays the survivor's when they part again.
            flag(a, Word::Blocked).await;
            w.app.unmerge(&w.caller, merged.operation).await.unwrap();
            assert!(is_closed(a).await, "{case}: said of the survivor");
            flag(a, Word::Released).await;
            flag(b, Word::Released).await;
        }
    }
    assert_eq!(n, 12);
}

/// The same request twice is one entry; another one under its key is refused.
#[db_test]
async fn a_repeated_request_writes_once(db: TestDb) {
    let w = World::new(&db).await;
    let p = w.contact("سارا", &["sara@example.com"], &[]).await;
    let wish = w.wish(Word::Granted, Channel::Email, Purpose::Newsletter);
    let key = Idempotency::new("k1", "POST /consent", b"{}");
    let done = futures_of(20, || w.app.record_consent(&w.caller, p, &wish, Some(&key))).await;
    let first = done[0].as_ref().unwrap();
    assert!(
        done.iter().all(|d| d.as_ref().is_ok_and(|d| d == first)),
        "{done:?}"
    );
    assert_eq!(w.app.consent_history(&w.caller, p).await.unwrap().len(), 1);
    let other = Idempotency::new("k1", "POST /consent", b"{\"a\":1}");
    let refused = w.app.record_consent(&w.caller, p, &wish, Some(&other)).await;
    assert!(matches!(refused, Err(AppError::KeyReused)));
    // Control: without a key each one counts, however many come at once, and none is lost.
    let many = futures_of(20, || w.app.record_consent(&w.caller, p, &wish, None)).await;
    assert!(many.iter().all(Result::is_ok), "{many:?}");
    assert_eq!(w.app.consent_history(&w.caller, p).await.unwrap().len(), 21);
}

/// Imported people have allowed nothing, whatever the file's columns are called, unless a yes is mapped with its proof.
#[db_test]
async fn imported_people_have_allowed_nothing_without_proof(db: TestDb) {
    let w = World::new(&db).await;
    let file = db.folder.path().join("people.csv");
    let rows = [
        "Name,Email,Newsletter,Marketing consent,Signed on,Form",
        "سارا کریمی,p1@example.com,yes,true,2026-05-04,F-1",
        "علی رضایی,p2@example.com,no,true,2026-05-04,F-2",
        "مینا راد,p3@example.com,yes,true,,F-3",
        "رضا پارسا,p4@example.com,yes,true,2026-05-04,",
        "نگار امینی,p5@example.com,,true,2026-05-04,F-5",
        "فردا زاده,p6@example.com,yes,true,2027-05-04,F-6",
    ];
    std::fs::write(&file, rows.join("\n")).unwrap();
    let columns = "object = \"contacts\"\nsource = \"shop\"\nkey = [\"Email\"]\n\
        [[columns]]\nname = \"Name\"\nfield = \"name\"\n[[columns]]\nname = \"Email\"\nfield = \"emails\"\n";
    let rule = "[[consent]]\nchannel = \"email\"\npurposes = [\"newsletter\"]\ncolumn = \"Newsletter\"\n\
        granted = [\"yes\"]\nwithdrawn = [\"no\"]\nat = \"{Signed on}\"\ndate = \"gregorian:yyyy-mm-dd\"\n\
        proof = \"{Form}\"\n";
    let run = async |mapping: &str, dry_run: bool| {
        let request = ImportRequest {
            mapping: Some(Mapping::parse(mapping).unwrap()),
            dry_run,
            ..ImportRequest::default()
        };
        let mut notes = Vec::new();
        let report = w
            .app
            .import(&w.caller, &file, &request, &mut |n| notes.push(n), &mut |_| {})
            .await;
        report.map(|r| (r, notes))
    };
    let open = async || {
        let mut out = Vec::new();
        for n in 1..=6 {
            let q = peyvand_app::ListRequest {
                q: Some(format!("p{n}@example.com")),
                ..peyvand_app::ListRequest::default()
            };
            let contacts = w.app.object(&w.caller, "contacts").unwrap();
            let found = w.app.list(&w.caller, &contacts, &q).await.unwrap().records;
            out.push(match w.decision(found[0].id()).await {
                Decision::Allowed(_) => "yes",
                Decision::Refused(r) => r.reason.key(),
            });
        }
        out
    };
    // Without a rule nobody has said anything, though two columns sound as if they had.
    run(columns, false).await.unwrap();
    assert_eq!(open().await, ["no-consent"; 6]);
    // A rule that does not ask for time and proof is no rule.
    let careless = rule.replace("proof = \"{Form}\"\n", "");
    let refused = run(&format!("{columns}{careless}"), false).await;
    assert_eq!(
        refused.err().map(|e| e.code().to_owned()).as_deref(),
        Some("mapping-bad-value")
    );
    assert_eq!(open().await, ["no-consent"; 6]);
    // Looking writes nothing.
    run(&format!("{columns}{rule}"), true).await.unwrap();
    assert_eq!(open().await, ["no-consent"; 6]);
    // With it, a yes that has both counts, and a no counts without.
    let (report, notes) = run(&format!("{columns}{rule}"), false).await.unwrap();
    let want = [
        "yes",
        "withdrawn",
        "no-consent",
        "no-consent",
        "no-consent",
        "no-consent",
    ];
    assert_eq!(open().await, want);
    assert_eq!(report.notes["consent-recorded"], 2);
    assert_eq!(report.notes["consent-no-proof"], 2);
    assert_eq!(report.notes["consent-in-future"], 1);
    assert_eq!(
        notes.iter().filter(|n| n.outcome == "consent-left-out").count(),
        3
    );
    // The same file again changes nothing.
    let (again, _) = run(&format!("{columns}{rule}"), false).await.unwrap();
    assert_eq!(again.notes.get("consent-recorded").copied().unwrap_or(0), 0);
    let table = &w.caller.workspace.layout.object("consent_entry").unwrap().table;
    let rows = w
        .app
        .store
        .rows(peyvand_store::RowsCall::new(table, &[]).everywhere())
        .await
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(open().await, want);
    // Taking the import back takes back the yes, and opens nothing that was closed.
    let undone = w
        .app
        .undo_import(&w.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!((undone.withdrawn, undone.deleted, undone.kept.len()), (1, 0, 0));
    let closed = [
        "withdrawn",
        "withdrawn",
        "no-consent",
        "no-consent",
        "no-consent",
        "no-consent",
    ];
    assert_eq!(open().await, closed);
    // The file may say it again; a second undo of the first time does not touch that.
    let (again, _) = run(&format!("{columns}{rule}"), false).await.unwrap();
    assert_eq!(again.notes["consent-recorded"], 1);
    assert_eq!(open().await, want);
    let (again, _) = run(&format!("{columns}{rule}"), false).await.unwrap();
    assert_eq!(again.notes.get("consent-recorded").copied().unwrap_or(0), 0);
    let undone = w
        .app
        .undo_import(&w.caller, report.id.parse().unwrap(), |_| {})
        .await
        .unwrap();
    assert_eq!(undone.withdrawn, 0);
    assert_eq!(open().await, want);
}

/// Who may only read may see what is allowed, and writes nothing; who may not see all of the ledger reads it by person.
#[db_test]
async fn writing_needs_the_right_to_change_the_person(db: TestDb) {
    let w = World::new(&db).await;
    let ws = &w.caller.workspace;
    let p = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(p, Channel::Email, Purpose::Newsletter).await;
    for (role, reads_all) in [("reader", true), ("seller", false)] {
        let email = format!("{role}@firm.example");
        let user = peyvand_app::people::NewUser {
            email: email.clone(),
            name: role.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        let id = w.app.create_user(ws, &user).await.unwrap();
        let token = w
            .app
            .create_token(ws, &email, "t", &["*".to_owned()])
            .await
            .unwrap();
        let caller = w
            .app
            .caller_of_token(&token, peyvand_core::Via::Api)
            .await
            .unwrap();
        let entries = w.app.object(&caller, "consent-entries").unwrap();
        let all = w
            .app
            .list(&caller, &entries, &peyvand_app::ListRequest::default())
            .await
            .unwrap();
        assert_eq!(all.records.len(), usize::from(reads_all), "{role}");
        let no = Wish::out_of_everything(Source::Staff, w.now());
        let written = w.app.record_consent(&caller, p, &no, None).await;
        let queued = w
            .app
            .queue_message(
                &caller,
                &peyvand_app::sending::NewMessage {
                    contact: p,
                    channel: Channel::Email,
                    purpose: Purpose::Newsletter,
                    address: None,
                    subject: String::new(),
                    body: "سلام".to_owned(),
                    not_before: None,
                    once: None,
                },
                None,
            )
            .await;
        if reads_all {
            assert!(matches!(written, Err(AppError::Forbidden)), "{written:?}");
            assert!(matches!(queued, Err(AppError::Forbidden)), "{queued:?}");
            assert!(w.app.permissions(&caller, p).await.is_ok());
        } else {
            // Somebody else's contact: it is as if they were not there.
            assert!(matches!(written, Err(AppError::NotFound)), "{written:?}");
            assert!(matches!(queued, Err(AppError::NotFound)), "{queued:?}");
            assert!(matches!(
                w.app.permissions(&caller, p).await,
                Err(AppError::NotFound)
            ));
            // Their own: they read and write, without reading the ledger as a whole.
            let contacts = w.app.object(&caller, "contacts").unwrap();
            let json = serde_json::json!({"name": "مینا", "emails": ["mina@example.com"], "owner_id": id.to_string()});
            let own = w
                .app
                .create(&caller, &contacts, json.as_object().unwrap(), None)
                .await
                .unwrap();
            w.app
                .record_consent(
                    &caller,
                    own.id(),
                    &w.wish(Word::Granted, Channel::Email, Purpose::Newsletter),
                    None,
                )
                .await
                .unwrap();
            assert_eq!(w.app.consent_history(&caller, own.id()).await.unwrap().len(), 1);
            let line = w.app.timeline(&caller, own.id(), 10).await.unwrap();
            let on_it = line.iter().any(|i| matches!(&i.what, peyvand_app::reading::Happening::Record(o, _) if o.key == "consent_entry"));
            assert!(on_it, "it stands on the timeline");
        }
    }
    assert_eq!(w.app.consent_history(&w.caller, p).await.unwrap().len(), 1);
}

async fn futures_of<F: Future>(n: usize, f: impl Fn() -> F) -> Vec<F::Output> {
    let mut all: Vec<_> = (0..n).map(|_| Box::pin(f())).collect();
    let mut out: Vec<Option<F::Output>> = (0..n).map(|_| None).collect();
    std::future::poll_fn(|cx| {
        let mut left = false;
        for (f, o) in all.iter_mut().zip(&mut out) {
            if o.is_none() {
                match f.as_mut().poll(cx) {
                    std::task::Poll::Ready(v) => *o = Some(v),
                    std::task::Poll::Pending => left = true,
                }
            }
        }
        if left {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    out.into_iter().flatten().collect()
}

/// Both languages say why.
#[db_test]
async fn a_reason_is_a_sentence(db: TestDb) {
    let w = World::new(&db).await;
    let p = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(p, Channel::Email, Purpose::Newsletter).await;
    w.tick();
    let no = w.wish(Word::Withdrawn, Channel::Email, Purpose::Newsletter);
    w.app.record_consent(&w.caller, p, &no, None).await.unwrap();
    let Decision::Refused(refusal) = w.decision(p).await else {
        panic!("it is open");
    };
    let e = AppError::NotPermitted(Box::new(refusal));
    let fa = e.message(peyvand_numbers::Language::Fa);
    let en = e.message(peyvand_numbers::Language::En);
    assert!(fa.contains("پس گرفته") && fa.contains("۱۴۰۵/۰۹/۰۱"), "{fa}");
    assert!(en.contains("withdrawn") && en.contains("2026"), "{en}");
}
