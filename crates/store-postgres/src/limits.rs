//! Databases and roles that the bench and the tests make for themselves.

use std::str::FromStr as _;

use peyvand_core::random;
use peyvand_store::StoreError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::error::engine_error;

/// A fresh database on the server, and its URL.
///
/// # Errors
/// What the server says.
pub async fn fresh_database(url: &str) -> Result<String, StoreError> {
    let name = format!("bench_{}", hex::encode(random::bytes::<6>()));
    run(url, &format!("CREATE DATABASE {name}")).await?;
    let (before, _) = url.rsplit_once('/').unwrap_or((url, ""));
    Ok(format!("{before}/{name}"))
}

/// Takes the database away that [`fresh_database`] made.
///
/// # Errors
/// What the server says.
pub async fn drop_database(url: &str, database: &str) -> Result<(), StoreError> {
    let (_, name) = database.rsplit_once('/').unwrap_or(("", database));
    run(url, &format!("DROP DATABASE {name} WITH (FORCE)")).await
}

async fn run(url: &str, sql: &str) -> Result<(), StoreError> {
    let mut conn = PgConnectOptions::from_str(url)
        .map_err(engine_error)?
        .connect()
        .await
        .map_err(engine_error)?;
    sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(&mut conn)
        .await
        .map_err(engine_error)?;
    conn.close().await.map_err(engine_error)
}

/// The role of the tests that stands behind the wall between workspaces: no superuser, and obeys the policies of tables.
const BEHIND_THE_WALL: &str = "peyvand_behind_the_wall";

/// Makes the role of the tests when it is not there, lets it make schemas in this database, and gives its name. Nothing when
/// the role of the address obeys policies itself.
///
/// # Errors
/// What the server says.
pub async fn role_behind_the_wall(url: &str) -> Result<Option<&'static str>, StoreError> {
    let mut conn = PgConnectOptions::from_str(url)
        .map_err(engine_error)?
        .connect()
        .await
        .map_err(engine_error)?;
    let asks = "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_catalog.pg_roles WHERE rolname = current_user";
    let obeys: bool = sqlx::query_scalar(asks)
        .fetch_one(&mut conn)
        .await
        .map_err(engine_error)?;
    if obeys {
        return Ok(None);
    }
    let ready = format!(
        "SELECT coalesce((SELECT has_database_privilege(oid, current_database(), 'CREATE') \
         FROM pg_catalog.pg_roles WHERE rolname = '{BEHIND_THE_WALL}'), FALSE)"
    );
    let make = format!(
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '{BEHIND_THE_WALL}') THEN \
         CREATE ROLE {BEHIND_THE_WALL} NOSUPERUSER NOBYPASSRLS; END IF; \
         EXECUTE format('GRANT CREATE ON DATABASE %I TO {BEHIND_THE_WALL}', current_database()); END $$"
    );
    let mut tries = 0;
    loop {
        let there: bool = sqlx::query_scalar(AssertSqlSafe(ready.clone()))
            .fetch_one(&mut conn)
            .await
            .map_err(engine_error)?;
        if there {
            break;
        }
        // Several processes of tests begin at once: all but one are refused, and look again.
        let outcome = sqlx::raw_sql(AssertSqlSafe(make.clone()))
            .execute(&mut conn)
            .await;
        if let Err(e) = outcome
            && tries > 20
        {
            return Err(engine_error(e));
        }
        tries += 1;
        crate::write::pause(tries).await;
    }
    conn.close().await.map_err(engine_error)?;
    Ok(Some(BEHIND_THE_WALL))
}
