//! Laws of the fold and of the verdict.

use peyvand_core::random::SplitMix;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{
    AddressCase, AddressHash, Bound, Channel, ContactPolicy, Decision, Mark, Matter, OwnUser, PersonCase,
    Purpose, Question, QuietHours, Reason, Scope, Standing, State, Timing, Wait, Word, decide, decide_notice,
};

const NOW: Instant = Instant(1_795_336_200_000_000);

fn id(n: u64) -> Id {
    let mut b = [0; 16];
    b[8..].copy_from_slice(&n.to_be_bytes());
    Id::from_bytes(b)
}

fn marks(random: &mut SplitMix, n: u64) -> Vec<Mark> {
    (0..n)
        .map(|i| Mark {
            at: NOW.plus_micros(-(random.below(4) as i64)),
            word: *random.pick(Word::ALL),
            id: id(i * 1000 + random.below(1000)),
            expires_at: random
                .chance(20)
                .then(|| NOW.plus_micros(random.below(3) as i64 - 1)),
        })
        .collect()
}

fn fold(marks: &[Mark]) -> Standing {
    let mut s = Standing::default();
    for m in marks {
        s.add(*m);
    }
    s
}

/// The order of reading does not matter, nothing counts twice, and a join is the fold of both.
#[test]
fn the_fold_is_a_maximum() {
    let mut random = SplitMix::new(1);
    for _ in 0..20_000 {
        let n = random.below(9);
        let mut all = marks(&mut random, n);
        let straight = fold(&all);
        let cut = random.below(n + 1) as usize;
        let (a, b) = (fold(&all[..cut]), fold(&all[cut..]));
        assert_eq!(a.join(b), straight);
        assert_eq!(b.join(a), straight);
        assert_eq!(straight.join(a), straight);
        for i in (1..all.len()).rev() {
            let j = random.below(i as u64 + 1) as usize;
            all.swap(i, j);
        }
        assert_eq!(fold(&all), straight);
    }
}

/// More entries of "no" never open anything.
#[test]
fn a_no_never_opens() {
    let mut random = SplitMix::new(2);
    let mut closed = 0;
    for _ in 0..20_000 {
        let n = random.below(6);
        let all = marks(&mut random, n);
        let before = fold(&all).state(NOW).0;
        let mut more = all.clone();
        more.push(Mark {
            at: NOW.plus_micros(-(random.below(4) as i64)),
            word: *random.pick(&[Word::Denied, Word::Withdrawn, Word::Blocked, Word::Expired]),
            id: id(99),
            expires_at: None,
        });
        let after = fold(&more).state(NOW).0;
        assert!(after != State::Granted || before == State::Granted, "{more:?}");
        closed += u32::from(before == State::Granted && after != State::Granted);
    }
    assert!(closed > 1000, "{closed}");
}

fn address(n: u8, words: &[Word], deliverable: bool) -> AddressCase {
    let mut standing = Standing::default();
    for (i, w) in words.iter().enumerate() {
        standing.add(Mark {
            at: NOW.plus_micros(i as i64 - 100),
            word: *w,
            id: id(u64::from(n) * 10 + i as u64),
            expires_at: None,
        });
    }
    AddressCase {
        hash: AddressHash([n; 32]),
        point: None,
        address: format!("a{n}"),
        standing,
        deliverable,
        primary: n == 2,
    }
}

fn ask(addresses: Vec<AddressCase>, purpose: Purpose) -> Result<String, Reason> {
    let case = PersonCase {
        addresses,
        ..PersonCase::default()
    };
    let q = Question {
        channel: Channel::Email,
        purpose,
        now: NOW,
    };
    match decide(&case, &q) {
        Decision::Allowed(p) => Ok(p.address().to_owned()),
        Decision::Refused(r) => Err(r.reason),
    }
}

#[test]
fn the_verdict_over_several_addresses() {
    use Word::{Blocked, Denied, Granted, Pending, Withdrawn};
    let news = Purpose::Newsletter;
    let cases: Vec<(Vec<AddressCase>, Purpose, Result<&str, Reason>)> = vec![
        (vec![], news, Err(Reason::NoAddress)),
        (vec![address(1, &[], true)], news, Err(Reason::NoConsent)),
        (vec![address(1, &[Granted], true)], news, Ok("a1")),
        (
            vec![address(1, &[Granted], false)],
            news,
            Err(Reason::Undeliverable),
        ),
        (vec![address(1, &[Pending], true)], news, Err(Reason::Pending)),
        // The first choice, when it has a yes; else the one that has.
        (
            vec![address(1, &[Granted], true), address(2, &[Granted], true)],
            news,
            Ok("a2"),
        ),
        (
            vec![address(1, &[Granted], true), address(2, &[], true)],
            news,
            Ok("a1"),
        ),
        (
            vec![address(1, &[Granted], true), address(2, &[Granted], false)],
            news,
            Ok("a1"),
        ),
        // A no at one of them is a no of the person.
        (
            vec![address(1, &[Granted], true), address(2, &[Withdrawn], true)],
            news,
            Err(Reason::Withdrawn),
        ),
        (
            vec![address(1, &[Granted], true), address(2, &[Denied], false)],
            news,
            Err(Reason::Denied),
        ),
        (
            vec![address(1, &[Blocked, Granted], true)],
            news,
            Err(Reason::Blocked),
        ),
        // Service needs no yes, and a no stops it there only.
        (vec![address(1, &[], true)], Purpose::Service, Ok("a1")),
        (
            vec![address(1, &[], true), address(2, &[Withdrawn], true)],
            Purpose::Service,
            Ok("a1"),
        ),
        (
            vec![address(1, &[Withdrawn], true)],
            Purpose::Service,
            Err(Reason::Withdrawn),
        ),
    ];
    for (addresses, purpose, want) in cases {
        let shown = format!("{addresses:?}");
        assert_eq!(ask(addresses, purpose), want.map(str::to_owned), "{shown}");
    }
}

#[test]
fn an_account_is_asked_for_notices_only() {
    let user = |active, address: Option<&str>| OwnUser {
        active,
        address: address.map(str::to_owned),
    };
    assert!(matches!(decide_notice(&user(true, Some("x"))), Decision::Allowed(p) if p.address() == "x"));
    for (u, reason) in [
        (user(false, Some("x")), Reason::NoAccount),
        (user(true, None), Reason::NoAddress),
    ] {
        assert!(matches!(decide_notice(&u), Decision::Refused(r) if r.reason == reason));
    }
}

#[test]
fn scopes_cover_what_they_say() {
    let one = Scope::of(Channel::Sms, Purpose::Survey);
    assert!(one.covers(Channel::Sms, Purpose::Survey));
    assert!(!one.covers(Channel::Email, Purpose::Survey));
    assert!(!one.covers(Channel::Sms, Purpose::Service));
    let wide = Scope {
        channel: None,
        matter: Matter::Every,
    };
    let restriction = Scope {
        channel: None,
        matter: Matter::Processing,
    };
    for c in Channel::ALL {
        for p in Purpose::ALL {
            assert!(wide.covers(*c, *p));
            assert!(!restriction.covers(*c, *p));
        }
    }
}

#[test]
fn keys_lead_back() {
    for w in Word::ALL {
        assert_eq!(Word::find(w.key()), Some(*w));
    }
    for c in Channel::ALL {
        assert_eq!(Channel::find(c.key()), Some(*c));
    }
    for p in Purpose::ALL {
        assert_eq!(Matter::find(p.key()), Some(Matter::Purpose(*p)));
    }
    for r in Reason::ALL {
        assert_eq!(Reason::find(r.key()), Some(*r));
    }
    for w in Wait::ALL {
        assert_eq!(Wait::find(w.key()), Some(*w));
    }
    assert_eq!(Matter::find("everything"), None);
}

#[test]
fn the_catalog_knows_every_key() {
    let catalog = peyvand_catalog::Catalog::standard();
    let choices = |object: &str, field: &str| -> Vec<String> {
        let (_, f) = catalog.object(object).unwrap().field(field).unwrap();
        f.choices.iter().map(|c| c.key.clone()).collect()
    };
    let mut words: Vec<&str> = Word::ALL.iter().map(|w| w.key()).collect();
    words.sort_unstable();
    let mut there = choices("consent_entry", "verdict");
    there.sort();
    assert_eq!(there, words);
    let channels: Vec<&str> = Channel::ALL.iter().map(|c| c.key()).chain(["any"]).collect();
    assert_eq!(choices("consent_entry", "channel"), channels);
    let purposes: Vec<&str> = Purpose::ALL
        .iter()
        .map(|p| p.key())
        .chain(["all", "processing"])
        .collect();
    assert_eq!(choices("consent_entry", "purpose"), purposes);
    let sendable: Vec<&str> = Purpose::ALL
        .iter()
        .filter(|p| p.is_message())
        .map(|p| p.key())
        .chain(["account"])
        .collect();
    assert_eq!(choices("message", "purpose"), sendable);
    let kinds = choices("contact_point", "channel");
    for c in Channel::ALL {
        assert!(c.points().iter().all(|k| kinds.iter().any(|x| x == k)), "{c}");
    }
}

/// Tehran is 3:30 ahead: quiet from 17:30 to 05:30 UTC.
#[test]
fn quiet_hours_and_caps() {
    let policy = ContactPolicy::default();
    let zone = peyvand_calendar::zone::tehran();
    let at = |t: &str| t.parse::<Instant>().unwrap();
    let when = |t: &str, sent: &[&str], channel, purpose| {
        let sent: Vec<Instant> = sent.iter().map(|s| at(s)).collect();
        policy.timing(channel, purpose, &zone, &sent, at(t))
    };
    let quiet = |t: &str| Timing::Later(at(t), Wait::QuietHours);
    let ad = Purpose::Advertising;
    for (t, want) in [
        ("2026-11-22T05:29:59Z", quiet("2026-11-22T05:30:00Z")),
        ("2026-11-22T05:30:00Z", Timing::Now),
        ("2026-11-22T17:29:59Z", Timing::Now),
        ("2026-11-22T17:30:00Z", quiet("2026-11-23T05:30:00Z")),
        ("2026-11-22T20:29:59Z", quiet("2026-11-23T05:30:00Z")),
        ("2026-11-22T20:30:00Z", quiet("2026-11-23T05:30:00Z")),
    ] {
        assert_eq!(when(t, &[], Channel::Sms, ad), want, "{t}");
        assert_eq!(when(t, &[], Channel::Email, ad), Timing::Now, "{t}");
        assert_eq!(when(t, &[], Channel::Sms, Purpose::Service), Timing::Now, "{t}");
    }
    let three = [
        "2026-11-16T10:00:00Z",
        "2026-11-18T10:00:00Z",
        "2026-11-20T10:00:00Z",
    ];
    let noon = "2026-11-22T10:00:00Z";
    assert_eq!(
        when(noon, &three, Channel::Email, ad),
        Timing::Later(at("2026-11-23T10:00:00Z"), Wait::Cap)
    );
    assert_eq!(when(noon, &three[1..], Channel::Email, ad), Timing::Now);
    assert_eq!(
        when("2026-11-23T10:00:00Z", &three, Channel::Email, ad),
        Timing::Now
    );
    let none = ContactPolicy {
        quiet: Some(QuietHours { from: 60, to: 60 }),
        at_most: Some(Bound { messages: 0, days: 1 }),
        ..policy
    };
    assert!(matches!(
        none.timing(Channel::Sms, ad, &zone, &[], at(noon)),
        Timing::Later(_, Wait::Cap)
    ));
}
