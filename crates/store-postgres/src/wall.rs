//! The second wall between workspaces: policies of the tables (row-level security), forced on their owner too, that let
//! through only the rows of the workspace that the transaction has named (see `door`). It stands beside the first one, the
//! workspace among the conditions of every statement: a statement that lacks them still reaches no other workspace.
//!
//! Two things it is not. It is no wall against statements of an attacker: whoever can make the role speak SQL of their own
//! can name another workspace. And roles that PostgreSQL lets past policies, superusers and those with BYPASSRLS, walk over
//! it; the program says so when its own role is one.
//!
//! What the search index shows is not held by it: an index of words is asked by operators that the server does not hold
//! for leakproof, so that under a policy it would read the whole table instead. Searching gives ids, and what they stand
//! for is read from tables behind the wall. What is written into the index is held.

use std::fmt::Write as _;
use std::sync::Arc;

use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{Reach, StoreError, Wall};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::ddl::TABLES;
use crate::door::{ALL, Door, SETTING};
use crate::error::{engine_error, repeatable};
use crate::write::{MOST_TRIES, pause};

/// The name of the policy. A condition that has changed gets a new name, so that the old one is seen as a gap.
const POLICY: &str = "peyvand_wall_1";
/// The policy by which the search index is read.
const OPEN: &str = "peyvand_search_1";
/// The fact that somebody has taken the wall down on purpose; it is not raised by itself then.
const TAKEN_DOWN: &str = "wall";

/// The condition. Both halves are asked once for a statement and not at each row; an unset setting and an empty one are
/// no workspace, so that nothing is shown.
fn condition() -> String {
    let said = format!("current_setting('{SETTING}', true)");
    format!(
        "\"workspace_id\" = (SELECT nullif(nullif({said}, ''), '{ALL}')::BIGINT) OR (SELECT {said} = '{ALL}')"
    )
}

/// The tables behind the wall.
fn tables() -> impl Iterator<Item = &'static Arc<Table>> {
    TABLES.iter().filter(|t| t.workspace_at().is_some())
}

fn is_open(t: &Table) -> bool {
    t.name == SIDE.search_doc.name
}

/// The statements that raise the wall, whatever stood before.
#[must_use]
pub fn raise() -> String {
    let condition = condition();
    let mut out = String::new();
    for t in tables() {
        let name = &t.name;
        let _ = writeln!(
            out,
            "ALTER TABLE \"{name}\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n\
             DROP POLICY IF EXISTS {POLICY} ON \"{name}\";\n\
             CREATE POLICY {POLICY} ON \"{name}\" USING ({condition});"
        );
        if is_open(t) {
            let _ = writeln!(
                out,
                "DROP POLICY IF EXISTS {OPEN} ON \"{name}\";\n\
                 CREATE POLICY {OPEN} ON \"{name}\" FOR SELECT USING (true);"
            );
        }
    }
    out
}

/// The statements that take it down.
fn lower() -> String {
    let mut out = String::new();
    for t in tables() {
        let name = &t.name;
        let _ = writeln!(
            out,
            "DROP POLICY IF EXISTS {POLICY} ON \"{name}\";\nDROP POLICY IF EXISTS {OPEN} ON \"{name}\";\n\
             ALTER TABLE \"{name}\" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;"
        );
    }
    out
}

/// How the wall stands, by what the server's catalog says.
pub(crate) async fn stands(door: &Door) -> Result<Wall, StoreError> {
    let mut tx = door.enter(Reach::Nowhere).await.map_err(engine_error)?;
    probe(&mut tx).await.map_err(engine_error)
}

async fn probe(conn: &mut PgConnection) -> Result<Wall, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT c.relname::TEXT, c.relrowsecurity AND c.relforcerowsecurity, coalesce((SELECT \
         string_agg(p.polname::TEXT, ',' ORDER BY p.polname::TEXT) FROM pg_catalog.pg_policy p \
         WHERE p.polrelid = c.oid AND p.polpermissive), '') \
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut gaps = Vec::new();
    let mut held = false;
    for t in tables() {
        let mut stands = false;
        for r in &rows {
            if r.try_get::<&str, _>(0)? != t.name {
                continue;
            }
            let policies: &str = r.try_get(2)?;
            // One more policy would let more through: policies widen each other.
            let wanted = if is_open(t) {
                policies.split(',').eq([OPEN, POLICY])
            } else {
                policies == POLICY
            };
            stands = r.try_get::<bool, _>(1)? && wanted;
        }
        if stands {
            held = true;
        } else {
            gaps.push(t.name.clone());
        }
    }
    if !held {
        return Ok(Wall::Down);
    }
    if !gaps.is_empty() {
        return Ok(Wall::Gaps(gaps));
    }
    let role = sqlx::query(
        "SELECT rolname::TEXT, rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user",
    )
    .fetch_optional(conn)
    .await?;
    match role {
        Some(r) if r.try_get::<bool, _>(1)? => Ok(Wall::Passed { role: r.try_get(0)? }),
        _ => Ok(Wall::Up),
    }
}

/// Raises the wall or takes it down, and keeps in mind which was wanted.
pub(crate) async fn set(door: &Door, up: bool) -> Result<Wall, StoreError> {
    let mut tries = 0;
    loop {
        match change(door, up).await {
            Ok(()) => return stands(door).await,
            Err(e) if repeatable(&e) && tries < MOST_TRIES => {
                tries += 1;
                pause(tries).await;
            }
            Err(e) => return Err(engine_error(e)),
        }
    }
}

async fn change(door: &Door, up: bool) -> Result<(), sqlx::Error> {
    let mut tx = door.enter(Reach::Everywhere).await?;
    let statements = if up { raise() } else { lower() };
    sqlx::raw_sql(AssertSqlSafe(format!(
        "SET LOCAL statement_timeout = 0; {statements}"
    )))
    .execute(&mut *tx)
    .await?;
    let kept = if up {
        "DELETE FROM meta WHERE key = $1"
    } else {
        "INSERT INTO meta (key, value) VALUES ($1, 'down') ON CONFLICT (key) DO UPDATE SET value = 'down'"
    };
    sqlx::query(kept).bind(TAKEN_DOWN).execute(&mut *tx).await?;
    tx.commit().await
}

/// After the steps of a migration: the wall is raised where it does not stand, unless somebody has taken it down. A server
/// or a role that cannot have it goes on without; that is said in the log, and by `stands`.
pub(crate) async fn after_migration(door: &Door) -> Result<(), StoreError> {
    let mut tx = door.enter(Reach::Nowhere).await.map_err(engine_error)?;
    let found = probe(&mut tx).await;
    let taken_down = sqlx::query("SELECT 1 FROM meta WHERE key = $1")
        .bind(TAKEN_DOWN)
        .fetch_optional(&mut *tx)
        .await
        .map_err(engine_error);
    drop(tx);
    let wall = match found {
        Ok(Wall::Down) if taken_down?.is_some() => Ok(Wall::Down),
        Ok(Wall::Down | Wall::Gaps(_)) => set(door, true).await,
        Ok(wall) => Ok(wall),
        Err(e) => Err(engine_error(e)),
    };
    match wall {
        Ok(Wall::Passed { role }) => tracing::warn!(
            "the second wall between workspaces does not hold for the role {role}, which passes row-level security; use \
             a role of its own that does not"
        ),
        Ok(_) => {}
        Err(e) => tracing::warn!("the second wall between workspaces could not be raised: {e}"),
    }
    Ok(())
}

/// Lets the owner of the tables past the wall for the rest of the transaction, since rows cannot be loaded in bulk through
/// policies; the tables on which it stood, for [`force`].
pub(crate) async fn unforce(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT c.relname::TEXT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relforcerowsecurity ORDER BY 1",
    )
    .fetch_all(&mut *conn)
    .await?;
    let names = rows
        .iter()
        .map(|r| r.try_get(0))
        .collect::<Result<Vec<String>, _>>()?;
    forcing(conn, &names, "NO FORCE").await?;
    Ok(names)
}

/// Puts the owner behind the wall again.
pub(crate) async fn force(conn: &mut PgConnection, names: &[String]) -> Result<(), sqlx::Error> {
    forcing(conn, names, "FORCE").await
}

async fn forcing(conn: &mut PgConnection, names: &[String], how: &str) -> Result<(), sqlx::Error> {
    let sql: String = names
        .iter()
        .map(|n| format!("ALTER TABLE \"{n}\" {how} ROW LEVEL SECURITY;\n"))
        .collect();
    if sql.is_empty() {
        return Ok(());
    }
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map(drop)
}
