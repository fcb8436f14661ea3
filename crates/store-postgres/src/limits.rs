//! Databases and roles that the bench and the tests make for themselves, and the bare query that the bench holds lists
//! against.

use std::io::Write as _;
use std::str::FromStr as _;

use peyvand_core::{Id, random};
use peyvand_store::StoreError;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, PgConnection, Row as _, ValueRef as _,
};

use crate::bind::PgId;
use crate::error::engine_error;

/// Reads records on one connection and writes them as JSON by hand, with nothing of the product in the way.
#[derive(Debug)]
pub struct BareReader {
    conn: PgConnection,
}

impl BareReader {
    /// Connects to a database of the product.
    ///
    /// # Errors
    /// What the server says.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url).map_err(engine_error)?;
        let conn = options.connect().await.map_err(engine_error)?;
        Ok(Self { conn })
    }

    /// Fifty contacts of a city (folded) behind this one, newest first, as JSON, and with `total` how many there are in all, up to ten
    /// thousand and one.
    ///
    /// # Errors
    /// What the server says.
    pub async fn contacts_of_city(
        &mut self,
        workspace: i64,
        city: &str,
        before: Id,
        total: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        out.clear();
        let list = "SELECT * FROM contact WHERE workspace_id = $1 AND deleted_at IS NULL AND city__fold = $2 \
                    AND id < $3 ORDER BY id DESC LIMIT 51";
        let rows = sqlx::query(list)
            .bind(workspace)
            .bind(city)
            .bind(PgId(before))
            .fetch_all(&mut self.conn)
            .await
            .map_err(engine_error)?;
        out.extend_from_slice(b"{\"data\":[");
        for row in &rows {
            object(row, out).map_err(engine_error)?;
        }
        out.push(b']');
        if total {
            let count = "SELECT count(*) FROM (SELECT 1 FROM contact WHERE workspace_id = $1 AND deleted_at IS NULL \
                         AND city__fold = $2 LIMIT 10001) AS found";
            let n: i64 = sqlx::query_scalar(count)
                .bind(workspace)
                .bind(city)
                .fetch_one(&mut self.conn)
                .await
                .map_err(engine_error)?;
            drop(write!(out, ",\"count\":{n}"));
        }
        out.push(b'}');
        Ok(())
    }
}

/// One row as an object; whole numbers, texts and ids, anything else as null.
fn object(row: &PgRow, out: &mut Vec<u8>) -> Result<(), sqlx::Error> {
    out.push(b'{');
    for (i, column) in row.columns().iter().enumerate() {
        drop(write!(out, "\"{}\":", column.name()));
        let kind = column.type_info().to_string();
        match kind.as_str() {
            _ if row.try_get_raw(i)?.is_null() => out.extend_from_slice(b"null"),
            "INT8" => drop(write!(out, "{}", row.try_get::<i64, _>(i)?)),
            "INT4" => drop(write!(out, "{}", row.try_get::<i32, _>(i)?)),
            "TEXT" => {
                out.push(b'"');
                for b in row.try_get::<&str, _>(i)?.bytes() {
                    if matches!(b, b'"' | b'\\') {
                        out.push(b'\\');
                    }
                    out.push(b);
                }
                out.push(b'"');
            }
            "UUID" => {
                let id: Id = row.try_get::<PgId, _>(i)?.0;
                drop(write!(out, "\"{id}\""));
            }
            _ => out.extend_from_slice(b"null"),
        }
        out.push(b',');
    }
    out.push(b'}');
    Ok(())
}

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
