//! A restricted person is closed for every use.

use peyvand_app::consent::Wish;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_core::Id;
use peyvand_domain::consent::{Channel, Decision, Matter, Proof, Purpose, Reason, Source, Word};
use peyvand_testkit::{TestDb, db_test};

use crate::people::World;

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
