//! The second wall between workspaces (row 41 of docs/trust.md): with the first one, the workspace among the conditions,
//! taken away, PostgreSQL itself still shows and changes nothing of another workspace. With the wall down the same
//! statements reach everything, which shows that it is the wall that holds.

mod common;

use std::sync::Arc;

use peyvand_core::{Id, WorkspaceId};
use peyvand_store::tables::{Kind, SIDE, Table};
use peyvand_store::{Engine, OnKey, Plan, Reach, RowsCall, SqlVal, Step, StoreError, Wall};
use peyvand_store_postgres::{Options, PostgresEngine};
use peyvand_testkit::db::{self, POSTGRES};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use common::on_server;

/// What a transaction of the engine says at its beginning, word for word; none is a connection of somebody who says nothing.
const SAYINGS: &[(&str, &[i64])] = &[
    ("SELECT 1", &[]),
    ("SET LOCAL peyvand.workspace = ''", &[]),
    ("SET LOCAL peyvand.workspace = '1'", &[1]),
    ("SET LOCAL peyvand.workspace = '2'", &[2]),
    ("SET LOCAL peyvand.workspace = 'all'", &[1, 2]),
];

/// A connection by the role of the engine, as the engine has it.
async fn by_the_same_role(schema: &str) -> PgConnection {
    PgConnection::connect(&db::address_in(Some(schema)))
        .await
        .unwrap()
}

fn side_tables() -> impl Iterator<Item = Arc<Table>> {
    SIDE.all().into_iter().filter(|t| t.workspace_at().is_some())
}

/// One row of a workspace in a table, its key made of the number `n`.
fn row(t: &Table, w: i64, n: u8) -> Vec<SqlVal> {
    t.columns
        .iter()
        .map(|c| match (c.name.as_str(), c.kind) {
            ("workspace_id", _) => w.into(),
            _ if Some(&c.name) == t.references_record.as_ref() => Id::from_bytes([1; 16]).into(),
            _ if c.nullable && c.name != "email" => SqlVal::Null,
            (_, Kind::Int) => i64::from(n).into(),
            (_, Kind::Text) => format!("{}{w}{n}", c.name).as_str().into(),
            (_, Kind::Bytes) => SqlVal::Bytes(vec![n]),
            (_, Kind::Uuid) => Id::from_bytes([n; 16]).into(),
            (_, Kind::Tokens) => SqlVal::Null,
        })
        .collect()
}

fn insert(t: &Arc<Table>, w: i64, n: u8) -> Step {
    Step::Insert {
        table: Arc::clone(t),
        row: row(t, w, n),
        on_key: OnKey::Fail,
    }
}

/// A row of two workspaces in every table that stands behind the wall.
async fn filled(e: &PostgresEngine) {
    for w in [1, 2] {
        let steps: Vec<Step> = side_tables().map(|t| insert(&t, w, 1)).collect();
        e.apply(Plan::of(steps)).await.unwrap();
    }
}

/// The workspaces whose rows a statement without any condition sees, after this was said.
async fn seen(c: &mut PgConnection, saying: &str, t: &Table) -> Vec<i64> {
    let mut tx = c.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(saying.to_owned()))
        .execute(&mut *tx)
        .await
        .unwrap();
    let sql = format!("SELECT workspace_id FROM \"{}\" ORDER BY 1", t.name);
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut *tx).await.unwrap();
    // Its locks go with it, at once.
    tx.rollback().await.unwrap();
    rows.iter().map(|r| r.get(0)).collect()
}

/// How many rows a statement without any condition changes, after this was said; it is taken back.
async fn changed(c: &mut PgConnection, saying: &str, sql: String) -> Result<u64, sqlx::Error> {
    let mut tx = c.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(saying.to_owned()))
        .execute(&mut *tx)
        .await
        .unwrap();
    let outcome = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await;
    tx.rollback().await.unwrap();
    outcome.map(|o| o.rows_affected())
}

/// Item 41 of the trust list.
#[test]
fn without_the_first_wall_the_second_still_holds() {
    on_server(
        "without_the_first_wall_the_second_still_holds",
        &Options::default(),
        |e, _, schema| async move {
            assert_eq!(e.wall().await.unwrap(), Wall::Up);
            filled(&e).await;
            let mut c = by_the_same_role(&schema).await;
            for t in side_tables() {
                for (saying, want) in SAYINGS {
                    let open = t.name == "search_doc";
                    let found = seen(&mut c, saying, &t).await;
                    let want: &[i64] = if open { &[1, 2] } else { want };
                    assert_eq!(found, want, "{} after {saying}", t.name);
                }
                // Writing without a condition, and by the key of the other workspace.
                let all = "SET LOCAL peyvand.workspace = 'all'";
                let one = "SET LOCAL peyvand.workspace = '1'";
                for (saying, want) in [("SELECT 1", 0), (one, 1), (all, 2)] {
                    let update = format!("UPDATE \"{}\" SET workspace_id = workspace_id", t.name);
                    let n = changed(&mut c, saying, update).await.unwrap();
                    assert_eq!(n, want, "update of {} after {saying}", t.name);
                    if t.name != "record" {
                        let n = changed(&mut c, saying, format!("DELETE FROM \"{}\"", t.name))
                            .await
                            .unwrap();
                        assert_eq!(n, want, "deletion in {} after {saying}", t.name);
                    }
                }
                let other = format!("DELETE FROM \"{}\" WHERE workspace_id = 2", t.name);
                if t.name != "record" {
                    assert_eq!(changed(&mut c, one, other.clone()).await.unwrap(), 0);
                    assert_eq!(changed(&mut c, all, other).await.unwrap(), 1);
                }
                // A row carried over into the other workspace, and one put there.
                let over = format!("UPDATE \"{}\" SET workspace_id = 3", t.name);
                assert!(changed(&mut c, one, over).await.is_err(), "{}", t.name);
            }
            // Nothing was left behind on the connection by the ones that were said.
            assert_eq!(seen(&mut c, "SELECT 1", &SIDE.record).await, [0; 0]);
        },
    );
}

/// The control: with the wall down the same statements of the same role reach everything.
#[test]
fn with_the_wall_down_the_same_statements_reach_everything() {
    on_server(
        "with_the_wall_down_the_same_statements_reach_everything",
        &Options::default(),
        |e, _, schema| async move {
            filled(&e).await;
            assert_eq!(e.set_wall(false).await.unwrap(), Wall::Down);
            let mut c = by_the_same_role(&schema).await;
            for t in side_tables() {
                for (saying, _) in SAYINGS {
                    assert_eq!(
                        seen(&mut c, saying, &t).await,
                        [1, 2],
                        "{} after {saying}",
                        t.name
                    );
                }
            }
            // It stays down over a start, because somebody wished so, and comes back when wished.
            e.migrate().await.unwrap();
            assert_eq!(e.wall().await.unwrap(), Wall::Down);
            assert_eq!(e.set_wall(true).await.unwrap(), Wall::Up);
            assert_eq!(seen(&mut c, SAYINGS[2].0, &SIDE.record).await, [1]);
        },
    );
}

/// The doors of the engine: what a call has declared holds beside its conditions, and what declares nothing is refused.
#[test]
fn calls_reach_no_further_than_they_said() {
    on_server(
        "calls_reach_no_further_than_they_said",
        &Options::default(),
        |e, _, _| async move {
            filled(&e).await;
            let t = &SIDE.alias;
            let count = async |call: RowsCall| e.rows(call).await.map(|r| r.len());
            // A question whose condition was lost, with the reach that it had.
            let mut lost = RowsCall::new(t, &[("workspace_id", 1.into())]);
            lost.key.clear();
            assert_eq!(count(lost.clone()).await.unwrap(), 1);
            // A condition for another workspace than the one that is reached.
            lost.key = vec![(t.at("workspace_id"), 2.into())];
            assert_eq!(count(lost).await.unwrap(), 0);
            let unnamed = RowsCall::new(t, &[]);
            assert!(matches!(
                count(unnamed.clone()).await,
                Err(StoreError::Denied { verb: "reach", .. })
            ));
            assert_eq!(count(unnamed.everywhere()).await.unwrap(), 2);
            // A plan that was declared for one workspace and writes into another, past the engine's own look at its steps.
            let step = insert(t, 2, 9);
            let declared = Plan {
                reach: Some(Reach::Workspace(WorkspaceId(1))),
                steps: vec![step],
            };
            assert!(matches!(
                e.apply(declared).await,
                Err(StoreError::Denied { verb: "reach", .. })
            ));
            assert_eq!(count(RowsCall::new(t, &[]).everywhere()).await.unwrap(), 2);
        },
    );
}

/// What is missing is seen: a table without its policy, one more policy, a role that passes.
#[test]
fn a_gap_is_seen_and_closed() {
    on_server(
        "a_gap_is_seen_and_closed",
        &Options::default(),
        |e, _, schema| async move {
            let mut c = by_the_same_role(&schema).await;
            for gap in [
                "ALTER TABLE follower NO FORCE ROW LEVEL SECURITY",
                "ALTER TABLE follower DISABLE ROW LEVEL SECURITY",
                "DROP POLICY peyvand_wall_1 ON follower",
                "CREATE POLICY other ON follower USING (true)",
            ] {
                sqlx::raw_sql(gap).execute(&mut c).await.unwrap();
                assert_eq!(
                    e.wall().await.unwrap(),
                    Wall::Gaps(vec!["follower".to_owned()]),
                    "{gap}"
                );
                if gap.contains("other") {
                    sqlx::raw_sql("DROP POLICY other ON follower")
                        .execute(&mut c)
                        .await
                        .unwrap();
                }
                // A start closes it.
                e.migrate().await.unwrap();
                assert_eq!(e.wall().await.unwrap(), Wall::Up, "{gap}");
            }
            let url = std::env::var(POSTGRES).unwrap();
            let role: bool = sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                .fetch_one(&mut PgConnection::connect(&url).await.unwrap())
                .await
                .unwrap();
            let outside = PostgresEngine::open_in_schema(&url, &schema).await.unwrap();
            let stands = outside.wall().await.unwrap();
            assert_eq!(matches!(stands, Wall::Passed { .. }), role, "{stands:?}");
        },
    );
}
