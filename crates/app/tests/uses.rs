//! Whoever only reads does not write: uses of tokens and sessions are noted, and written together.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use common::{Fixture, fixture_on};
use peyvand_app::people::NewUser;
use peyvand_app::sign_in::SignIn;
use peyvand_app::{App, Caller, Visit};
use peyvand_core::{Clock as _, IdSource, Instant, Via};
use peyvand_store::{Engine, Forward, Keys, Plan, Store, StoreError};
use peyvand_testkit::{TestDb, db_test};

/// An engine that counts what is written.
#[derive(Debug)]
struct Counted {
    inner: Arc<dyn Engine>,
    plans: Arc<AtomicUsize>,
}

#[async_trait]
impl Forward for Counted {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        self.plans.fetch_add(1, Ordering::Relaxed);
        self.inner.apply(plan).await
    }
}

/// A program of its own on the database of the fixture, and how often it has written.
fn program(f: &Fixture) -> (App, Arc<AtomicUsize>) {
    let plans = Arc::default();
    let engine = Counted {
        inner: Arc::clone(f.app.store.engine()),
        plans: Arc::clone(&plans),
    };
    let store = Arc::new(Store::new(Arc::new(engine), Keys::new([42; 32])));
    let clock = Arc::clone(&f.clock) as _;
    (App::new(store, clock, Arc::new(IdSource::default())), plans)
}

const SECRET: &str = "kavir morgh setareh";

async fn boss(f: &Fixture) {
    let new = NewUser {
        email: "boss@example.com".to_owned(),
        name: "boss".to_owned(),
        role: "admin".to_owned(),
        active: true,
        team: None,
    };
    let id = f.app.create_user(f.workspace(), &new).await.unwrap();
    f.app.set_password(f.workspace(), id, SECRET).await.unwrap();
}

/// When the only token was last used, as another program on the database sees it.
async fn last_use(f: &Fixture) -> Option<Instant> {
    let (beside, _) = program(f);
    let w = beside.workspace(None).await.unwrap();
    beside.tokens(&Caller::system(&w, Via::Cli)).await.unwrap()[0].used_at
}

#[db_test]
async fn a_use_is_noted_first_and_written_later(db: TestDb) {
    let f = fixture_on(db).await;
    boss(&f).await;
    let all = ["*".to_owned()];
    let token = f
        .app
        .create_token(f.workspace(), "boss@example.com", "t", &all)
        .await
        .unwrap();
    let visit = Visit {
        device: "test".to_owned(),
        address: None,
        known: None,
    };
    let SignIn::Done(opened) = f.app.sign_in("boss@example.com", SECRET, &visit).await.unwrap() else {
        panic!("no code is asked for");
    };

    let (app, plans) = program(&f);
    app.workspace(None).await.unwrap();
    let written = || plans.load(Ordering::Relaxed);

    // A session that was just opened has been seen; an hour later it has not for long.
    f.clock.advance(3_600 * Instant::SECOND);
    let before = written();
    let caller = app.caller_of_token(&token, Via::Api).await.unwrap();
    let session = app.session(&opened.token).await.unwrap();
    assert_eq!(written(), before, "reading writes nothing");
    assert_eq!(last_use(&f).await, None);

    let now = f.clock.now();
    app.write_uses().await.unwrap();
    assert_eq!(written(), before + 1, "both in one transaction");
    assert_eq!(last_use(&f).await, Some(now));
    app.write_uses().await.unwrap();
    assert_eq!(written(), before + 1, "once");

    // Within five minutes it is the same use; after them another one. Whoever looks sees it at once.
    for (minutes, seen) in [(4, now), (6, now.plus_micros(10 * 60 * Instant::SECOND))] {
        f.clock.advance(minutes * 60 * Instant::SECOND);
        app.caller_of_token(&token, Via::Api).await.unwrap();
        app.session(&opened.token).await.unwrap();
        let lines = app.tokens(&caller).await.unwrap();
        assert_eq!(lines[0].used_at, Some(seen), "{minutes}");
        let devices = app.devices(&session).await.unwrap();
        assert_eq!(devices[0].seen_at, seen, "{minutes}");
    }

    // What has ended since has no last use that could be written.
    f.clock.advance(3_600 * Instant::SECOND);
    app.caller_of_token(&token, Via::Api).await.unwrap();
    let session = app.session(&opened.token).await.unwrap();
    let id = app.tokens(&caller).await.unwrap()[0].id;
    app.revoke_token(&caller, id).await.unwrap();
    app.sign_out(&session).await.unwrap();
    app.write_uses().await.unwrap();
    assert!(app.session(&opened.token).await.is_err());
}
