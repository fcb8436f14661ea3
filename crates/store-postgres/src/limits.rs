//! Databases that the bench makes for itself.

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
