//! Nothing takes longer than it may: a plan of changes that does is broken off, and nothing of it is written.

use std::sync::Arc;
use std::time::Duration;

use peyvand_core::WorkspaceId;
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Engine, RowsCall, SqlVal, StoreError};
use peyvand_store_sqlite::{Options, SqliteEngine};

fn plan(rows: u32, prefix: &str) -> Plan {
    let t = &SIDE.counter;
    let steps = (0..rows)
        .map(|n| {
            let mut row = vec![SqlVal::Null; t.columns.len()];
            for (c, v) in [
                ("workspace_id", 1.into()),
                ("name", format!("{prefix}{n}").as_str().into()),
                ("window_start", 0.into()),
                ("value", i64::from(n).into()),
            ] {
                row[t.at(c)] = v;
            }
            Step::Insert {
                table: Arc::clone(t),
                row,
                on_key: OnKey::Fail,
            }
        })
        .collect();
    Plan::of(steps)
}

async fn rows(engine: &SqliteEngine) -> usize {
    let call = RowsCall::new(&SIDE.counter, &[("workspace_id", 1.into())]).limit(1_000_000);
    engine.rows(call).await.unwrap().len()
}

async fn engine(folder: &std::path::Path, timeout: Duration) -> SqliteEngine {
    let options = Options {
        timeout,
        ..Options::default()
    };
    let engine = SqliteEngine::open(&folder.join("a.db"), &options).unwrap();
    engine.migrate().await.unwrap();
    engine
}

#[tokio::test]
async fn a_plan_that_takes_too_long_is_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    // Two hundred thousand rows take much longer than thirty milliseconds.
    let short = engine(folder.path(), Duration::from_millis(10)).await;
    let e = short.apply(plan(200_000, "long")).await.unwrap_err();
    assert!(matches!(e, StoreError::Timeout), "{e}");
    assert_eq!(e.code(), "timeout");
    assert_eq!(rows(&short).await, 0, "nothing of it is there");
    // It was not the end of the writer.
    short.apply(plan(3, "a")).await.unwrap();
    short.reserve(WorkspaceId(1), "b", 1).await.unwrap();
    assert_eq!(rows(&short).await, 4);
    short.close().await;
    // Control: with the time that is set without a word the same plan is written.
    let long = engine(folder.path(), Options::default().timeout).await;
    long.apply(plan(200_000, "long")).await.unwrap();
    assert_eq!(rows(&long).await, 200_004);
    long.close().await;
}
