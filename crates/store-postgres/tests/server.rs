//! What needs a server and only concerns this engine: repeating, the copy and its way back, the check.

mod common;

use std::sync::Arc;
use std::time::Duration;

use peyvand_core::{Id, WorkspaceId};
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{Engine, OnKey, Plan, RowsCall, SqlVal, Step, StoreError};
use peyvand_store_postgres::{Isolation, Options, PostgresEngine};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use common::{fresh, on_server};

const W: WorkspaceId = WorkspaceId(1);

async fn connect(url: &str, schema: &str) -> PgConnection {
    let mut c = PgConnection::connect(url).await.unwrap();
    run(&mut c, &format!("SET search_path TO \"{schema}\""))
        .await
        .unwrap();
    c
}

async fn run(c: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(c)
        .await
        .map(drop)
}

fn count() -> Plan {
    Plan::of(vec![Step::Count {
        workspace: W,
        name: "n".to_owned(),
        window: 0,
        at_most: 1_000_000,
    }])
}

async fn counted(e: &PostgresEngine) -> i64 {
    let rows = e
        .rows(RowsCall::new(&SIDE.counter, &[]).everywhere())
        .await
        .unwrap();
    rows[0][SIDE.counter.at("value")].int().unwrap()
}

fn serializable() -> Options {
    Options {
        isolation: Isolation::Serializable,
        ..Options::default()
    }
}

/// Another transaction changes the row and commits while ours waits for it: the server refuses ours by 40001, and the
/// engine does all of it again, once.
#[test]
fn a_refused_transaction_is_repeated() {
    on_server(
        "a_refused_transaction_is_repeated",
        &serializable(),
        |e, url, schema| async move {
            e.apply(count()).await.unwrap();
            let e = Arc::new(e);
            let raise = "UPDATE counter SET value = value + 10";
            let mut other = connect(&url, &schema).await;
            run(&mut other, "BEGIN ISOLATION LEVEL SERIALIZABLE")
                .await
                .unwrap();
            run(&mut other, raise).await.unwrap();
            // The control: a transaction that does not repeat itself is refused in the same place.
            let mut control = connect(&url, &schema).await;
            run(
                &mut control,
                "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT * FROM counter",
            )
            .await
            .unwrap();
            let waiting = tokio::spawn(async move {
                let r = run(&mut control, raise).await;
                r.unwrap_err()
                    .as_database_error()
                    .unwrap()
                    .code()
                    .unwrap()
                    .into_owned()
            });
            let ours = {
                let e = Arc::clone(&e);
                tokio::spawn(async move { e.apply(count()).await })
            };
            // Until both wait for the lock.
            let mut watch = connect(&url, &schema).await;
            for _ in 0..500 {
                let n: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%counter%'",
            )
            .fetch_one(&mut watch)
            .await
            .unwrap();
                if n >= 2 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            run(&mut other, "COMMIT").await.unwrap();
            assert_eq!(waiting.await.unwrap(), "40001");
            ours.await.unwrap().unwrap();
            assert_eq!(counted(&e).await, 12);
        },
    );
}

/// Two who count at once at the strictest isolation: every count is there once.
#[test]
fn counts_at_once_are_all_there() {
    on_server(
        "counts_at_once_are_all_there",
        &serializable(),
        |e, _, _| async move {
            let e = Arc::new(e);
            let tasks: Vec<_> = (0..2)
                .map(|_| {
                    let e = Arc::clone(&e);
                    tokio::spawn(async move {
                        let mut done = 0;
                        for _ in 0..50 {
                            done += i64::from(e.apply(count()).await.is_ok());
                        }
                        done
                    })
                })
                .collect();
            let mut done = 0;
            for t in tasks {
                done += t.await.unwrap();
            }
            assert!(done > 90, "{done} of 100");
            assert_eq!(counted(&e).await, done);
        },
    );
}

/// A lock that is not given in time, and a statement that takes too long.
#[test]
fn waiting_ends() {
    let options = Options {
        lock_timeout: Duration::from_millis(100),
        ..Options::default()
    };
    on_server("waiting_ends", &options, |e, url, schema| async move {
        e.apply(count()).await.unwrap();
        let mut other = connect(&url, &schema).await;
        run(&mut other, "BEGIN; UPDATE counter SET value = 5")
            .await
            .unwrap();
        assert!(matches!(e.apply(count()).await, Err(StoreError::Timeout)));
        run(&mut other, "ROLLBACK").await.unwrap();
        e.apply(count()).await.unwrap();
        assert_eq!(counted(&e).await, 2);
    });
}

/// The server ends our connection in the middle: an error, and nothing of the plan.
#[test]
fn a_lost_connection_is_an_error() {
    on_server(
        "a_lost_connection_is_an_error",
        &Options::default(),
        |e, url, schema| async move {
            e.apply(count()).await.unwrap();
            let e = Arc::new(e);
            let mut other = connect(&url, &schema).await;
            run(&mut other, "BEGIN; UPDATE counter SET value = 100")
                .await
                .unwrap();
            let ours = {
                let e = Arc::clone(&e);
                tokio::spawn(async move { e.apply(count()).await })
            };
            let mut watch = connect(&url, &schema).await;
            let ended = loop {
                let blocked: Option<i32> = sqlx::query_scalar(
                    "SELECT a.pid FROM pg_stat_activity a WHERE a.wait_event_type = 'Lock' \
                 AND pg_backend_pid() <> a.pid AND $1 = ANY(pg_blocking_pids(a.pid))",
                )
                .bind(
                    sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()")
                        .fetch_one(&mut other)
                        .await
                        .unwrap(),
                )
                .fetch_optional(&mut watch)
                .await
                .unwrap();
                if let Some(pid) = blocked {
                    let ended: bool = sqlx::query_scalar("SELECT pg_terminate_backend($1)")
                        .bind(pid)
                        .fetch_one(&mut watch)
                        .await
                        .unwrap();
                    break ended;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            assert!(ended);
            let r = ours.await.unwrap();
            assert!(matches!(r, Err(StoreError::Engine(_))), "{r:?}");
            run(&mut other, "ROLLBACK").await.unwrap();
            assert_eq!(counted(&e).await, 1);
            e.apply(count()).await.unwrap();
            assert_eq!(counted(&e).await, 2);
        },
    );
}

/// Passes bytes on until the program sends COMMIT: that goes to the server, and then both ends are cut.
async fn cut_at_commit(listener: tokio::net::TcpListener, server: String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    while let Ok((mut near, _)) = listener.accept().await {
        let mut far = tokio::net::TcpStream::connect(&server).await.unwrap();
        let (mut up, mut down) = (vec![0; 65536], vec![0; 65536]);
        loop {
            tokio::select! {
                n = near.read(&mut up) => {
                    let n = n.unwrap_or(0);
                    if n == 0 { break }
                    far.write_all(&up[..n]).await.unwrap();
                    if up[..n].windows(6).any(|w| w == b"COMMIT") {
                        // The server's answer is read and kept, so that it has surely committed.
                        assert!(far.read(&mut down).await.unwrap() > 0);
                        break;
                    }
                }
                n = far.read(&mut down) => {
                    let n = n.unwrap_or(0);
                    if n == 0 { break }
                    near.write_all(&down[..n]).await.unwrap();
                }
            }
        }
    }
}

/// The answer to the commit is lost: an error that says so, and the change is there once, not twice.
#[test]
fn an_unknown_commit_is_not_repeated() {
    on_server(
        "an_unknown_commit_is_not_repeated",
        &Options::default(),
        |e, url, schema| async move {
            e.apply(count()).await.unwrap();
            let (head, address) = url.rsplit_once('@').unwrap();
            let (server, database) = address.split_once('/').unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let through = format!("{head}@127.0.0.1:{port}/{database}");
            let proxy = tokio::spawn(cut_at_commit(listener, server.to_owned()));
            let one = Options {
                connections: 1,
                ..Options::default()
            };
            let cut = PostgresEngine::open_with(&through, Some(&schema), &one)
                .await
                .unwrap();
            let error = cut.apply(count()).await.unwrap_err();
            assert!(error.to_string().contains("unknown"), "{error}");
            assert_eq!(counted(&e).await, 2);
            proxy.abort();
        },
    );
}

fn row(table: &Arc<Table>, values: Vec<SqlVal>) -> Step {
    assert_eq!(values.len(), table.columns.len());
    Step::Insert {
        table: Arc::clone(table),
        row: values,
        on_key: OnKey::Fail,
    }
}

fn id(n: u8) -> Id {
    Id::from_bytes([n; 16])
}

fn sample() -> Plan {
    let record = |n: u8| {
        row(
            &SIDE.record,
            vec![
                1.into(),
                id(n).into(),
                "person".into(),
                SqlVal::Null,
                SqlVal::Null,
                SqlVal::Null,
                SqlVal::Null,
                i64::from(n).into(),
                SqlVal::Bytes(vec![0, 92, 10, n]),
            ],
        )
    };
    let follower = row(
        &SIDE.follower,
        vec![1.into(), id(1).into(), id(2).into(), 5.into()],
    );
    let meta = |k: &str, v: &str| row(&SIDE.meta, vec![k.into(), v.into()]);
    let search = row(
        &SIDE.search_doc,
        vec![
            1.into(),
            1.into(),
            "person".into(),
            id(1).into(),
            "علی\nline".into(),
            SqlVal::Null,
            SqlVal::Tokens(vec!["1^a\"{,}".to_owned(), "1=\\.".to_owned(), "NULL".to_owned()]),
        ],
    );
    Plan::of(vec![
        record(1),
        record(2),
        follower,
        meta("\\.", "end x\n\\.\ntable meta key value\t\\N"),
        meta("فارسی‌", "\\N"),
        search,
    ])
}

async fn everything(e: &PostgresEngine) -> Vec<Vec<Vec<SqlVal>>> {
    let mut out = Vec::new();
    for t in SIDE.all() {
        out.push(e.rows(RowsCall::new(&t, &[]).everywhere()).await.unwrap());
    }
    out
}

#[test]
fn a_copy_comes_back() {
    on_server("a_copy_comes_back", &Options::default(), |e, _, _| async move {
        e.apply(sample()).await.unwrap();
        e.reserve(W, "rid", 7).await.unwrap();
        let before = everything(&e).await;
        assert_eq!(before.iter().map(Vec::len).sum::<usize>(), 7);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("copy");
        e.copy_to(&file).await.unwrap();
        // A file that is there is not written over.
        assert!(e.copy_to(&file).await.is_err());
        // Nor are rows that are there.
        assert!(
            e.restore_from(&file)
                .await
                .unwrap_err()
                .to_string()
                .contains("not empty")
        );
        let url = peyvand_testkit::db::address().await;
        let empty = || async { PostgresEngine::open_in_schema(&url, &fresh()).await.unwrap() };
        let second = empty().await;
        second.restore_from(&file).await.unwrap();
        assert_eq!(everything(&second).await, before);
        assert_eq!(second.check().await.unwrap(), Vec::<String>::new());
        // Damage is seen before anything is done: a byte, the end, something behind it.
        let whole = std::fs::read(&file).unwrap();
        let third = empty().await;
        for n in [20, whole.len() / 2, whole.len() - 3] {
            let mut bytes = whole.clone();
            bytes[n] ^= 1;
            std::fs::write(&file, &bytes).unwrap();
            let r = third.restore_from(&file).await;
            assert!(r.unwrap_err().to_string().contains("copy"), "byte {n}");
        }
        std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
        assert!(third.restore_from(&file).await.is_err());
        std::fs::write(&file, [&whole[..], b"x"].concat()).unwrap();
        assert!(third.restore_from(&file).await.is_err());
        std::fs::write(&file, &whole).unwrap();
        third.restore_from(&file).await.unwrap();
        assert_eq!(everything(&third).await, before);
    });
}

/// The check says nothing of a whole database and names what is wrong with others.
#[test]
fn the_check_finds_what_is_wrong() {
    on_server(
        "the_check_finds_what_is_wrong",
        &Options::default(),
        |e, url, schema| async move {
            e.apply(sample()).await.unwrap();
            assert_eq!(e.check().await.unwrap(), Vec::<String>::new());
            let mut c = connect(&url, &schema).await;
            run(
                &mut c,
                "ALTER TABLE follower DROP CONSTRAINT fk_follower__record_id; DELETE FROM record",
            )
            .await
            .unwrap();
            let found = e.check().await.unwrap();
            assert!(
                found
                    .iter()
                    .any(|f| f.starts_with("no record: follower.record_id 01010101-")),
                "{found:?}"
            );
            assert!(
                found
                    .iter()
                    .any(|f| f.starts_with("no record: search_doc.record_id")),
                "{found:?}"
            );
            assert_eq!(found.len(), 2);
            run(&mut c, "ALTER TABLE job DROP COLUMN error").await.unwrap();
            assert_eq!(e.check().await.unwrap(), ["column missing: job.error"]);
        },
    );
}
