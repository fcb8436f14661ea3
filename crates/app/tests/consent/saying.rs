//! Saying yes and no: with proof, as easily back, by whom, and once.

use peyvand_app::AppError;
use peyvand_app::consent::Wish;
use peyvand_app::records::Idempotency;
use peyvand_core::Instant;
use peyvand_domain::consent::{Channel, ConsentError, Decision, Matter, Proof, Purpose, Source, Word};
use peyvand_testkit::{TestDb, db_test};

use crate::people::World;

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
