//! Nothing leaves without permission: the gate, proved by the file of a channel that sends nothing.

mod people;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use people::World;
use peyvand_app::AppError;
use peyvand_app::consent::Wish;
use peyvand_app::jobs::Worker;
use peyvand_app::records::Idempotency;
use peyvand_app::sending::{NewMessage, Release, status_of};
use peyvand_app::workspace::Settings;
use peyvand_catalog::handles::message as msg;
use peyvand_channels::{
    Channel as Carrier, Draft, Gate, HandOver, LedgerFile, Notice, Outcome, PermittedMessage, Recipient,
    Status, Step, hand_over,
};
use peyvand_core::random::SplitMix;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{
    AddressCase, AddressHash, Channel, Formality, Mark, Matter, Permit, PersonCase, Purpose, Reason, Refusal,
    Source, Standing, Timing, Wait, Word,
};
use peyvand_testkit::{TestDb, db_test};

const LEASE: Duration = Duration::from_secs(60);

fn message(person: Id) -> NewMessage {
    NewMessage {
        contact: person,
        channel: Channel::Email,
        purpose: Purpose::Newsletter,
        address: None,
        subject: "خبرنامهٔ آذر".to_owned(),
        body: "سلام".to_owned(),
        not_before: None,
        once: None,
    }
}

/// A channel that writes into a file beside the database.
fn carrier(db: &TestDb, w: &World) -> PathBuf {
    let path = db.folder.path().join("ledger.jsonl");
    let ledger = LedgerFile::open(&path, Channel::Email).unwrap();
    for kind in [Channel::Sms, Channel::Phone] {
        w.app.channels.register(Arc::new(ledger.also(kind)));
    }
    w.app.channels.register(Arc::new(ledger));
    path
}

fn lines(path: &Path) -> Vec<serde_json::Value> {
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn addresses(path: &Path) -> Vec<String> {
    lines(path)
        .iter()
        .map(|l| l["address"].as_str().unwrap().to_owned())
        .collect()
}

/// Nobody who may not, everybody who may, nobody twice.
fn check(sent: &[String], allowed: &BTreeSet<String>) -> Result<(), String> {
    let once: BTreeSet<&String> = sent.iter().collect();
    if once.len() < sent.len() {
        return Err("somebody got it twice".to_owned());
    }
    if let Some(a) = sent.iter().find(|a| !allowed.contains(*a)) {
        return Err(format!("{a} got it without permission"));
    }
    match allowed.iter().find(|a| !once.contains(a)) {
        Some(a) => Err(format!("{a} may have it and did not get it")),
        None => Ok(()),
    }
}

async fn work(w: &World) {
    let mut worker = Worker::new(Arc::clone(&w.app), LEASE);
    while worker.step(&w.caller.workspace).await.unwrap() {}
}

async fn state(w: &World, id: Id) -> (Status, String) {
    let m = w.app.message(&w.caller, id).await.unwrap();
    (
        status_of(&m),
        m.get(msg::REASON).as_str().unwrap_or_default().to_owned(),
    )
}

async fn settings(w: &World, change: impl FnOnce(&mut Settings)) {
    let mut s = w.app.fresh_settings(&w.caller.workspace).await.unwrap();
    change(&mut s);
    w.app.save_settings(&w.caller.workspace, &s).await.unwrap();
}

/// What happens to a person between the queue and the hand-over, and whether it may still go.
const FATES: &[(&str, bool)] = &[
    ("nothing", true),
    ("withdrawn", false),
    ("everything withdrawn", false),
    ("denied", false),
    ("blocked", false),
    ("restricted", false),
    ("in the bin", false),
    ("another purpose withdrawn", true),
    ("another channel withdrawn", true),
    ("bounced", false),
    ("asked again", true),
    ("expired", false),
];

async fn befall(w: &World, person: Id, mail: &str, fate: &str) {
    let news = (Channel::Email, Purpose::Newsletter);
    match fate {
        "nothing" | "expired" => {}
        "withdrawn" => w.say(person, Word::Withdrawn, news.0, news.1).await,
        "denied" => w.say(person, Word::Denied, news.0, news.1).await,
        "blocked" => w.say(person, Word::Blocked, news.0, news.1).await,
        "asked again" => w.say(person, Word::Pending, news.0, news.1).await,
        "another purpose withdrawn" => w.say(person, Word::Withdrawn, news.0, Purpose::Survey).await,
        "another channel withdrawn" => {
            let mut wish = w.wish(Word::Withdrawn, Channel::Sms, Purpose::Newsletter);
            wish.proof.source = Source::Reply;
            w.app
                .record_consent(&w.caller, person, &wish, None)
                .await
                .unwrap();
        }
        "everything withdrawn" | "restricted" => {
            let mut wish = Wish::out_of_everything(Source::Unsubscribe, w.now());
            if fate == "restricted" {
                wish.matter = Matter::Processing;
                wish.word = Word::Blocked;
            }
            w.app
                .record_consent(&w.caller, person, &wish, None)
                .await
                .unwrap();
        }
        "in the bin" => {
            let contacts = w.app.object(&w.caller, "contacts").unwrap();
            w.app.delete(&w.caller, &contacts, person, None).await.unwrap();
        }
        "bounced" => {
            // What a bounce will write one day.
            let book = w.app.book(&w.caller.workspace, person).await.unwrap();
            let point = book.points.iter().find(|p| p.address == mail).unwrap().id;
            let layout = &w.caller.workspace.layout;
            let table = &layout.object("contact_point").unwrap().table;
            let step = peyvand_store::Step::Update {
                table: Arc::clone(table),
                set: vec![(table.at("deliverability"), "bounced".into())],
                key: vec![
                    (
                        table.at("workspace_id"),
                        i64::from(w.caller.workspace.id.0).into(),
                    ),
                    (table.at("id"), point.into()),
                ],
                expect_one: None,
            };
            w.app
                .store
                .engine()
                .apply(peyvand_store::Plan::of(vec![step]))
                .await
                .unwrap();
        }
        other => panic!("{other}"),
    }
}

/// Items 81, 90: of 500 people, all allowed when their message was queued, only those still allowed get it.
#[db_test]
async fn only_those_who_may_still_have_it_get_it(db: TestDb) {
    let w = World::new(&db).await;
    let path = carrier(&db, &w);
    let mut random = SplitMix::new(90);
    let (mut allowed, mut all) = (BTreeSet::new(), Vec::new());
    let mut fates: HashMap<Id, &str> = HashMap::new();
    let (mut refused_at_once, mut reasons) = (0, BTreeMap::<String, u32>::new());
    for n in 0..500 {
        let mail = format!("p{n}@example.com");
        let person = w.contact(&format!("نام{n}"), &[&mail], &[]).await;
        if random.chance(20) {
            // Nobody asked them: they do not even get into the queue.
            let e = w.app.queue_message(&w.caller, &message(person), None).await;
            assert!(matches!(e, Err(AppError::NotPermitted(r)) if r.reason == Reason::NoConsent));
            refused_at_once += 1;
            continue;
        }
        let (fate, may) = *random.pick(FATES);
        let mut wish = w.wish(Word::Granted, Channel::Email, Purpose::Newsletter);
        if fate == "expired" {
            wish.proof.expires_at = Some(w.now().plus_micros(Instant::DAY));
        }
        w.app
            .record_consent(&w.caller, person, &wish, None)
            .await
            .unwrap();
        let queued = w
            .app
            .queue_message(&w.caller, &message(person), None)
            .await
            .unwrap();
        assert_eq!(status_of(&queued), Status::Queued);
        all.push((queued.id(), mail.clone()));
        fates.insert(queued.id(), fate);
        if may {
            allowed.insert(mail.clone());
        }
        w.clock.set(w.now().plus_micros(1000));
        befall(&w, person, &mail, fate).await;
    }
    w.clock.set(w.now().plus_micros(2 * Instant::DAY));
    work(&w).await;
    let sent = addresses(&path);
    check(&sent, &allowed).unwrap();
    for (id, mail) in &all {
        let Ok(m) = w.app.message(&w.caller, *id).await else {
            // The person is in the bin: so is what was to be said to them.
            assert_eq!(fates[id], "in the bin");
            continue;
        };
        let want = if allowed.contains(mail) {
            Status::Sent
        } else {
            Status::Refused
        };
        assert_eq!(status_of(&m), want, "{}", fates[id]);
        if want == Status::Refused {
            *reasons
                .entry(m.get(msg::REASON).as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    assert!(
        allowed.len() > 80 && reasons.len() >= 6,
        "{} {reasons:?}",
        allowed.len()
    );
    println!(
        "500 people: {refused_at_once} refused at once, {} queued, {} sent, refused at hand-over {reasons:?}",
        all.len(),
        sent.len()
    );

    // Control: with a gate that says yes to everybody the same check fails.
    let open = db.folder.path().join("open.jsonl");
    let ledger = LedgerFile::open(&open, Channel::Email).unwrap();
    let gate = OpenGate(all.iter().cloned().collect(), w.now());
    for (id, _) in &all {
        if let HandOver::Send(m) = hand_over(&gate, *id, w.now()).await.unwrap() {
            ledger.send(&m).await;
        }
    }
    assert_eq!(addresses(&open).len(), all.len());
    assert!(check(&addresses(&open), &allowed).is_err());
}

/// A gate that has everybody's yes.
struct OpenGate(HashMap<Id, String>, Instant);

#[async_trait]
impl Gate for OpenGate {
    type Error = std::convert::Infallible;
    async fn read(&self, id: Id, _: Instant) -> Result<Option<Draft>, Self::Error> {
        let mut standing = Standing::default();
        standing.add(Mark {
            at: self.1,
            word: Word::Granted,
            id,
            expires_at: None,
        });
        let case = PersonCase {
            addresses: vec![AddressCase {
                hash: AddressHash::default(),
                point: None,
                address: self.0[&id].clone(),
                standing,
                deliverable: true,
                primary: true,
            }],
            ..PersonCase::default()
        };
        Ok(Some(Draft {
            id,
            status: Status::Queued,
            channel: Channel::Email,
            subject: String::new(),
            body: String::new(),
            formality: Formality::Formal,
            recipient: Recipient::Person {
                purpose: Purpose::Newsletter,
                case: Box::new(case),
                timing: Timing::Now,
            },
            held: None,
            not_before: None,
        }))
    }
    async fn begin(&self, _: &Draft, _: &Permit) -> Result<Step, Self::Error> {
        Ok(Step::Done)
    }
    async fn refuse(&self, _: &Draft, _: &Refusal) -> Result<Step, Self::Error> {
        Ok(Step::Done)
    }
    async fn wait(&self, _: &Draft, _: Option<Instant>, _: Wait) -> Result<Step, Self::Error> {
        Ok(Step::Done)
    }
    async fn lose(&self, _: &Draft) -> Result<Step, Self::Error> {
        Ok(Step::Done)
    }
}

/// Item 81: a withdrawal in the middle of a run stops what has not gone out.
#[db_test]
async fn a_withdrawal_in_the_middle_stops_the_rest(db: TestDb) {
    let w = World::new(&db).await;
    let path = carrier(&db, &w);
    let mut people = Vec::new();
    for n in 0..60 {
        let mail = format!("p{n}@example.com");
        let person = w.contact(&format!("نام{n}"), &[&mail], &[]).await;
        w.grant(person, Channel::Email, Purpose::Newsletter).await;
        w.app
            .queue_message(&w.caller, &message(person), None)
            .await
            .unwrap();
        people.push((person, mail));
    }
    let mut worker = Worker::new(Arc::clone(&w.app), LEASE);
    while addresses(&path).len() < 25 {
        assert!(worker.step(&w.caller.workspace).await.unwrap());
    }
    let gone: BTreeSet<String> = addresses(&path).into_iter().collect();
    let stop: Vec<_> = people
        .iter()
        .filter(|(_, m)| !gone.contains(m))
        .take(15)
        .collect();
    w.tick();
    for (person, _) in &stop {
        let out = Wish::out_of_everything(Source::Unsubscribe, w.now());
        w.app
            .record_consent(&w.caller, *person, &out, None)
            .await
            .unwrap();
    }
    work(&w).await;
    let allowed = people
        .iter()
        .map(|(_, m)| m.clone())
        .filter(|m| !stop.iter().any(|(_, s)| s == m))
        .collect();
    check(&addresses(&path), &allowed).unwrap();
    assert_eq!(addresses(&path).len(), 45);
}

/// Withdrawals that come while two workers send: whoever had withdrawn before a message was begun does not get it.
#[db_test]
async fn the_ledger_is_asked_in_the_transaction_that_begins(db: TestDb) {
    let w = World::new(&db).await;
    let path = carrier(&db, &w);
    let mut people = Vec::new();
    for n in 0..40 {
        let mail = format!("p{n}@example.com");
        let person = w.contact(&format!("نام{n}"), &[&mail], &[]).await;
        w.grant(person, Channel::Email, Purpose::Newsletter).await;
        let m = w
            .app
            .queue_message(&w.caller, &message(person), None)
            .await
            .unwrap();
        people.push((person, m.id(), mail));
    }
    w.tick();
    let workers = async {
        tokio::join!(work(&w), work(&w));
    };
    let withdrawals = async {
        let mut stopped = Vec::new();
        for (person, id, mail) in people.iter().rev() {
            let no = w.wish(Word::Withdrawn, Channel::Email, Purpose::Newsletter);
            w.app.record_consent(&w.caller, *person, &no, None).await.unwrap();
            // The withdrawal is acknowledged: what is still queued now never goes.
            if state(&w, *id).await.0 == Status::Queued {
                stopped.push(mail.clone());
            }
        }
        stopped
    };
    let ((), stopped) = tokio::join!(workers, withdrawals);
    work(&w).await;
    let sent = addresses(&path);
    assert!(sent.iter().all(|a| !stopped.contains(a)), "{stopped:?} {sent:?}");
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len());
    // Control: both happened.
    assert!(!stopped.is_empty(), "every message was faster");
}

/// A channel whose process dies after the message is out and before anybody knows.
#[derive(Debug)]
struct Dying {
    ledger: LedgerFile,
    dies: AtomicBool,
}

#[async_trait]
impl Carrier for Dying {
    fn carries(&self) -> Channel {
        Channel::Email
    }
    async fn send(&self, m: &PermittedMessage) -> Outcome {
        let outcome = self.ledger.send(m).await;
        if self.dies.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        outcome
    }
}

/// A message whose sender died is of unknown outcome, and is not sent again by itself.
#[db_test]
async fn a_lost_sender_leaves_an_unknown_and_no_second_message(db: TestDb) {
    let w = World::new(&db).await;
    let path = db.folder.path().join("ledger.jsonl");
    let dying = Arc::new(Dying {
        ledger: LedgerFile::open(&path, Channel::Email).unwrap(),
        dies: AtomicBool::new(true),
    });
    w.app.channels.register(Arc::clone(&dying) as _);
    let person = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(person, Channel::Email, Purpose::Newsletter).await;
    let m = w
        .app
        .queue_message(&w.caller, &message(person), None)
        .await
        .unwrap();
    let lease = Duration::from_millis(60);
    let mut first = Worker::new(Arc::clone(&w.app), lease);
    let ws = Arc::clone(&w.caller.workspace);
    let doomed = tokio::time::timeout(Duration::from_millis(400), first.step(&ws)).await;
    assert!(doomed.is_err(), "it did not die");
    drop(first);
    assert_eq!(state(&w, m.id()).await.0, Status::Sending);
    assert_eq!(lines(&path).len(), 1);
    dying.dies.store(false, Ordering::SeqCst);
    let mut second = Worker::new(Arc::clone(&w.app), lease);
    for _ in 0..200 {
        second.step(&ws).await.unwrap();
        if state(&w, m.id()).await.0 == Status::Unknown {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        state(&w, m.id()).await,
        (Status::Unknown, "sender-lost".to_owned())
    );
    w.clock.set(w.now().plus_micros(Instant::DAY));
    assert_eq!(w.app.sweep_messages(&ws).await.unwrap(), 0);
    work(&w).await;
    assert_eq!(lines(&path).len(), 1);
    // A person may decide otherwise; then it goes through the gate like any other.
    w.app.requeue_message(&w.caller, m.id()).await.unwrap();
    work(&w).await;
    assert_eq!(lines(&path).len(), 2);
    assert_eq!(state(&w, m.id()).await.0, Status::Sent);
    let again = w.app.requeue_message(&w.caller, m.id()).await;
    assert!(matches!(again, Err(AppError::Changed { .. })));
}

/// A campaign and a person have one message, however often it is queued; so does a repeated request.
#[db_test]
async fn one_key_one_message(db: TestDb) {
    let w = World::new(&db).await;
    let path = carrier(&db, &w);
    let person = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(person, Channel::Email, Purpose::Newsletter).await;
    let mut new = message(person);
    let key = Idempotency::new("k", "POST /messages", b"1");
    let one = w.app.queue_message(&w.caller, &new, Some(&key)).await.unwrap();
    let two = w.app.queue_message(&w.caller, &new, Some(&key)).await.unwrap();
    assert_eq!(one.id(), two.id());
    new.once = Some("azar:sara".to_owned());
    w.app.queue_message(&w.caller, &new, None).await.unwrap();
    let double = w.app.queue_message(&w.caller, &new, None).await;
    assert!(matches!(double, Err(AppError::Duplicate { .. })), "{double:?}");
    work(&w).await;
    assert_eq!(lines(&path).len(), 2);
}

/// The contact policy: quiet hours of the workspace's zone, the cap over all channels, the tone.
#[db_test]
async fn the_manner_of_contact(db: TestDb) {
    let w = World::new(&db).await;
    let path = carrier(&db, &w);
    let person = w.contact("سارا", &["sara@example.com"], &["+989121234567"]).await;
    w.grant(person, Channel::Email, Purpose::Newsletter).await;
    w.grant(person, Channel::Sms, Purpose::Advertising).await;
    let sms = |purpose| NewMessage {
        channel: Channel::Sms,
        purpose,
        subject: String::new(),
        ..message(person)
    };
    // 22:30 in Tehran: an advertisement waits for nine in the morning, an appointment does not.
    w.clock.set("2026-11-22T19:00:00Z".parse().unwrap());
    let loud = w
        .app
        .queue_message(&w.caller, &sms(Purpose::Advertising), None)
        .await
        .unwrap();
    let due = w
        .app
        .queue_message(&w.caller, &sms(Purpose::Service), None)
        .await
        .unwrap();
    work(&w).await;
    assert_eq!(
        state(&w, loud.id()).await,
        (Status::Queued, "quiet-hours".to_owned())
    );
    assert_eq!(state(&w, due.id()).await.0, Status::Sent);
    let waits = w.app.message(&w.caller, loud.id()).await.unwrap();
    assert_eq!(
        waits.get(msg::NOT_BEFORE).as_instant(),
        Some("2026-11-23T05:30:00Z".parse().unwrap())
    );
    w.clock.set("2026-11-23T05:29:59Z".parse().unwrap());
    assert_eq!(w.app.sweep_messages(&w.caller.workspace).await.unwrap(), 0);
    w.clock.set("2026-11-23T05:30:00Z".parse().unwrap());
    assert_eq!(w.app.sweep_messages(&w.caller.workspace).await.unwrap(), 1);
    work(&w).await;
    assert_eq!(state(&w, loud.id()).await.0, Status::Sent);
    // Three of marketing in seven days, whatever the channel: one is gone, two go, the fourth waits.
    let mut more = Vec::new();
    for _ in 0..3 {
        w.clock.set(w.now().plus_micros(Instant::SECOND));
        more.push(
            w.app
                .queue_message(&w.caller, &message(person), None)
                .await
                .unwrap()
                .id(),
        );
    }
    work(&w).await;
    let mut states = Vec::new();
    for id in &more {
        states.push(state(&w, *id).await);
    }
    let of = |s: Status| states.iter().filter(|(x, _)| *x == s).count();
    assert_eq!((of(Status::Sent), of(Status::Queued)), (2, 1), "{states:?}");
    assert!(states.contains(&(Status::Queued, "cap".to_owned())));
    // The window is free again seven days after the first of the three.
    w.clock.set("2026-11-30T05:30:00Z".parse().unwrap());
    w.app.sweep_messages(&w.caller.workspace).await.unwrap();
    work(&w).await;
    assert_eq!(lines(&path).len(), 5);
    // The person's own tone comes before the workspace's.
    let contacts = w.app.object(&w.caller, "contacts").unwrap();
    let patch = serde_json::json!({"formality": "friendly"});
    w.app
        .patch(&w.caller, &contacts, person, patch.as_object().unwrap(), None)
        .await
        .unwrap();
    w.app
        .queue_message(&w.caller, &sms(Purpose::Service), None)
        .await
        .unwrap();
    work(&w).await;
    let tones: Vec<String> = lines(&path).iter().map(|l| l["formality"].to_string()).collect();
    assert_eq!(tones[0], "\"formal\"");
    assert_eq!(tones[5], "\"friendly\"");
}

/// Item 12: in a copy nothing is sent until somebody has seen what would go out.
#[db_test]
async fn a_copy_does_not_send(db: TestDb) {
    let w = World::new(&db).await;
    let path = carrier(&db, &w);
    let ws = Arc::clone(&w.caller.workspace);
    let own = w.app.check_instance(None).await.unwrap();
    assert!(!own.copied);
    let mut queued = Vec::new();
    for n in 0..5 {
        let person = w
            .contact(&format!("نام{n}"), &[&format!("p{n}@example.com")], &[])
            .await;
        w.grant(person, Channel::Email, Purpose::Newsletter).await;
        let mut new = message(person);
        new.not_before = Some(w.now().plus_micros(3600 * Instant::SECOND));
        queued.push(w.app.queue_message(&w.caller, &new, None).await.unwrap().id());
    }
    // Control: the same installation is no copy.
    assert!(!w.app.check_instance(Some(&own.id)).await.unwrap().copied);
    // Another folder, five hours later.
    let copy = w.app.check_instance(Some("another")).await.unwrap();
    assert!(copy.copied && copy.id != own.id);
    w.clock.set(w.now().plus_micros(5 * 3600 * Instant::SECOND));
    w.app.sweep_messages(&ws).await.unwrap();
    work(&w).await;
    assert_eq!(lines(&path).len(), 0);
    let waiting = w.app.waiting_messages(&ws).await.unwrap();
    assert!(waiting.paused);
    assert_eq!((waiting.total(), waiting.from_before), (5, 5));
    assert_eq!(waiting.queued["email/newsletter"], 5);
    // Even when somebody only lifts the pause, what was queued before stays.
    w.app.set_paused(&ws, false).await.unwrap();
    w.app.sweep_messages(&ws).await.unwrap();
    work(&w).await;
    assert_eq!(lines(&path).len(), 0);
    w.app.cancel_message(&w.caller, queued[0]).await.unwrap();
    assert_eq!(w.app.resume_sending(&ws, Release::Send).await.unwrap(), 4);
    w.app.sweep_messages(&ws).await.unwrap();
    work(&w).await;
    assert_eq!(lines(&path).len(), 4);
    // And the other decision.
    let person = w.contact("آخر", &["last@example.com"], &[]).await;
    w.grant(person, Channel::Email, Purpose::Newsletter).await;
    let last = w
        .app
        .queue_message(&w.caller, &message(person), None)
        .await
        .unwrap();
    w.app.pause_as_copy().await.unwrap();
    work(&w).await;
    assert_eq!(state(&w, last.id()).await.0, Status::Queued);
    assert_eq!(w.app.resume_sending(&ws, Release::Cancel).await.unwrap(), 1);
    w.app.sweep_messages(&ws).await.unwrap();
    work(&w).await;
    assert_eq!(state(&w, last.id()).await.0, Status::Cancelled);
    assert_eq!(lines(&path).len(), 4);
}

/// Nobody carries the channel, or sending is paused by hand: the message stays and goes later.
#[db_test]
async fn what_cannot_go_yet_stays(db: TestDb) {
    let w = World::new(&db).await;
    let person = w.contact("سارا", &["sara@example.com"], &[]).await;
    w.grant(person, Channel::Email, Purpose::Newsletter).await;
    let m = w
        .app
        .queue_message(&w.caller, &message(person), None)
        .await
        .unwrap();
    work(&w).await;
    assert_eq!(state(&w, m.id()).await, (Status::Queued, "no-carrier".to_owned()));
    let path = carrier(&db, &w);
    settings(&w, |s| s.sending_paused = true).await;
    assert_eq!(w.app.sweep_messages(&w.caller.workspace).await.unwrap(), 0);
    settings(&w, |s| s.sending_paused = false).await;
    assert_eq!(w.app.sweep_messages(&w.caller.workspace).await.unwrap(), 1);
    work(&w).await;
    assert_eq!(addresses(&path), ["sara@example.com"]);
    assert_eq!(state(&w, m.id()).await, (Status::Sent, String::new()));
}

/// What the program says to its own users needs no consent, goes to the address of their account only, and is no way
/// around the ledger.
#[db_test]
async fn a_notice_goes_to_an_account_and_nowhere_else(db: TestDb) {
    let w = World::new(&db).await;
    let path = carrier(&db, &w);
    let ws = Arc::clone(&w.caller.workspace);
    let user = w
        .app
        .create_user(
            &ws,
            &peyvand_app::people::NewUser {
                name: "مریم".to_owned(),
                email: "maryam@firm.example".to_owned(),
                role: "seller".to_owned(),
                active: true,
                team: None,
            },
        )
        .await
        .unwrap();
    w.app
        .notify_user(&ws, user, Notice::PasswordChanged, "https://crm.example/")
        .await
        .unwrap();
    let person = w.contact("سارا", &["sara@example.com"], &[]).await;
    let no = w.app.notify_user(&ws, person, Notice::PasswordChanged, "").await;
    assert!(matches!(no, Err(AppError::NotFound)));
    work(&w).await;
    assert_eq!(addresses(&path), ["maryam@firm.example"]);
    assert_eq!(lines(&path)[0]["purpose"], "account");
    assert!(lines(&path)[0]["subject"].as_str().unwrap().contains("گذرواژه"));
}

/// What a message must be to be queued.
#[db_test]
async fn what_is_no_message_is_refused(db: TestDb) {
    let w = World::new(&db).await;
    let person = w.contact("سارا", &["sara@example.com"], &[]).await;
    for p in Purpose::ALL {
        w.grant(person, Channel::Email, *p).await;
    }
    let with = |change: &dyn Fn(&mut NewMessage)| {
        let mut m = message(person);
        change(&mut m);
        m
    };
    for (new, name) in [
        (with(&|m| m.purpose = Purpose::Tracking), "purpose"),
        (with(&|m| m.body = "  ".to_owned()), "body"),
        (with(&|m| m.body = "a".repeat(20_001)), "body"),
        (
            with(&|m| m.subject = "Hi\r\nBcc: all@example.com".to_owned()),
            "subject",
        ),
        (with(&|m| m.once = Some(String::new())), "once"),
    ] {
        let e = w.app.queue_message(&w.caller, &new, None).await;
        assert!(
            matches!(&e, Err(AppError::Parameter { name: n, .. }) if *n == name),
            "{e:?}"
        );
    }
    let elsewhere = with(&|m| m.address = Some("other@example.com".to_owned()));
    let e = w.app.queue_message(&w.caller, &elsewhere, None).await;
    assert!(matches!(e, Err(AppError::Consent(_))));
    assert!(
        w.app
            .queue_message(&w.caller, &message(person), None)
            .await
            .is_ok()
    );
}
