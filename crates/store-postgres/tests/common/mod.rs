//! An engine on a fresh schema of the server of the tests.

#![allow(
    dead_code,
    clippy::allow_attributes,
    unreachable_pub,
    reason = "each test uses a part of it"
)]

use peyvand_core::{Id, random};
use peyvand_store::Engine as _;
use peyvand_store_postgres::{Options, PostgresEngine};
use peyvand_testkit::db::{POSTGRES, address};

/// Runs on a fresh schema, behind the wall; the test gets its name too, and the address of the server's owner.
pub fn on_server<F, Fut>(name: &str, options: &Options, test: F)
where
    F: FnOnce(PostgresEngine, String, String) -> Fut,
    Fut: Future<Output = ()>,
{
    let Ok(url) = std::env::var(POSTGRES) else {
        peyvand_testkit::skip(name, &format!("{POSTGRES} is not set"));
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let schema = fresh();
        let walled = address().await;
        let engine = PostgresEngine::open_with(&walled, Some(&schema), options)
            .await
            .unwrap();
        engine.migrate().await.unwrap();
        test(engine, url, schema).await;
    });
}

/// The name of a schema that nobody has.
pub fn fresh() -> String {
    format!("t{}", Id::from_bytes(random::bytes()).0.simple())
}
