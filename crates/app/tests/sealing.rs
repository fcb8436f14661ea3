//! What the sealer reads to find what is not sealed: a backlog once, and in the ordinary course the last seconds.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use common::{Fixture, fixture_on};
use peyvand_app::App;
use peyvand_app::audit::Stream;
use peyvand_core::{Id, IdSource, Instant};
use peyvand_store::ports::OnKey;
use peyvand_store::tables::SIDE;
use peyvand_store::{Engine, Forward, Keys, Plan, Row, RowsCall, SqlVal, Step, Store, StoreError};
use peyvand_testkit::db::{self, Kind};
use peyvand_testkit::{TestDb, db_test};

/// An engine that counts the entries of the log that are read.
#[derive(Debug)]
struct Counted {
    inner: Arc<dyn Engine>,
    entries: Arc<AtomicUsize>,
}

#[async_trait]
impl Forward for Counted {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        let entries = call.table.name == SIDE.audit.name;
        let rows = self.inner.rows(call).await?;
        if entries {
            self.entries.fetch_add(rows.len(), Ordering::Relaxed);
        }
        Ok(rows)
    }
}

/// A program of its own on the database of the fixture, and how many entries it has read since the last time.
struct Sealer {
    app: App,
    entries: Arc<AtomicUsize>,
}

impl Sealer {
    fn beside(f: &Fixture) -> Self {
        let entries = Arc::default();
        let engine = Counted {
            inner: Arc::clone(f.app.store.engine()),
            entries: Arc::clone(&entries),
        };
        let store = Arc::new(Store::new(Arc::new(engine), Keys::new([42; 32])));
        Self {
            app: App::new(store, Arc::clone(&f.clock) as _, Arc::new(IdSource::default())),
            entries,
        }
    }

    fn read(&self) -> usize {
        self.entries.swap(0, Ordering::Relaxed)
    }
}

/// Entries with ids of an instant.
async fn write(f: &Fixture, ids: &IdSource, at: Instant, many: usize) {
    let t = &SIDE.audit;
    let step = |id: Id| {
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (column, value) in [
            ("workspace_id", i64::from(f.workspace().id.0).into()),
            ("bucket", i64::from(id.bucket()).into()),
            ("id", id.into()),
            ("at", at.micros().into()),
            ("actor", Id::NIL.into()),
            ("via", "cli".into()),
            ("request", id.into()),
            ("action", "update".into()),
            ("object", "contact".into()),
            ("record_id", id.into()),
            ("detail", SqlVal::Bytes(vec![b'x'; 8])),
        ] {
            row[t.at(column)] = value;
        }
        Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Fail,
        }
    };
    let mut left = many;
    while left > 0 {
        let some = left.min(2_500);
        let steps = (0..some).map(|_| step(ids.next(at))).collect();
        f.app.store.engine().apply(Plan::of(steps)).await.unwrap();
        left -= some;
    }
}

fn seconds(n: i64) -> i64 {
    n * Instant::SECOND
}

/// After a large import hundreds of thousands of entries wait: looking for the next ones does not begin at the first again.
#[tokio::test]
async fn a_backlog_is_read_once() {
    let f = fixture_on(db::open(Kind::Sqlite).await).await;
    let many = 25_000;
    write(
        &f,
        &IdSource::default(),
        peyvand_core::Clock::now(&*f.clock),
        many,
    )
    .await;
    let sealer = Sealer::beside(&f);
    assert_eq!(sealer.app.seal(f.workspace()).await.unwrap() as usize, many + 1);
    let read = sealer.read();
    assert!(read <= many + 100, "{read} entries were read of {many}");
    // The order of the positions is that of the ids, which is that of the changes.
    let t = &SIDE.seal;
    let key = [
        ("workspace_id", i64::from(f.workspace().id.0).into()),
        ("stream", Stream::Audit.key().into()),
    ];
    let call = RowsCall::new(t, &key).order("position", false).limit(50_000);
    let seals = f.app.store.rows(call).await.unwrap();
    assert_eq!(seals.len(), many + 1);
    assert!(seals.is_sorted_by_key(|r| r[t.at("entry_id")].uuid()));
    let whole = f.app.verify_stream(f.workspace(), Stream::Audit).await.unwrap();
    assert_eq!((whole.sealed as usize, whole.unsealed), (many + 1, 0));
    assert_eq!(whole.broken, None);
}

/// In the ordinary course little is read, and what came late is sealed all the same.
#[db_test]
async fn the_ordinary_course_reads_the_last_seconds(db: TestDb) {
    let f = fixture_on(db).await;
    let ids = IdSource::default();
    let sealer = Sealer::beside(&f);
    let turn = async || sealer.app.seal_lately(f.workspace()).await.unwrap();
    write(&f, &ids, peyvand_core::Clock::now(&*f.clock), 2_000).await;
    assert_eq!(turn().await, 2_001);
    f.clock.advance(seconds(10));
    write(&f, &ids, peyvand_core::Clock::now(&*f.clock), 3).await;
    sealer.read();
    assert_eq!(turn().await, 3);
    let read = sealer.read();
    assert!(read <= 20, "{read} entries were read to seal 3");
    // A transaction that was open for a minute: not in the ordinary course, but when the sealer looks back.
    let late = Instant(peyvand_core::Clock::now(&*f.clock).micros() - seconds(60));
    write(&f, &IdSource::default(), late, 1).await;
    assert_eq!(turn().await, 0);
    let there = f.app.verify_stream(f.workspace(), Stream::Audit).await.unwrap();
    assert_eq!((there.sealed, there.unsealed), (2_004, 1));
    f.clock.advance(seconds(25));
    assert_eq!(turn().await, 1);
    let whole = f.app.verify_stream(f.workspace(), Stream::Audit).await.unwrap();
    assert_eq!((whole.sealed, whole.unsealed, whole.broken), (2_005, 0, None));
    // Whoever asks for all of it at once gets all of it.
    let late = Instant(peyvand_core::Clock::now(&*f.clock).micros() - seconds(60));
    write(&f, &IdSource::default(), late, 1).await;
    assert_eq!(turn().await, 0);
    assert_eq!(sealer.app.seal(f.workspace()).await.unwrap(), 1);
}
