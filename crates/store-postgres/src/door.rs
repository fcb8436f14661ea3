//! The only way to the server: every transaction says at its beginning whose rows it may touch, in the same message that
//! begins it, so that saying so costs no way there and back. The second wall (see [`crate::wall`]) goes by what was said
//! here; it lasts until the transaction ends and stays behind on no connection.

use peyvand_store::{Reach, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

use crate::error::{engine_error, is_from_server};

/// The setting that the policies read.
pub(crate) const SETTING: &str = "peyvand.workspace";
/// What the setting holds when all workspaces are meant.
pub(crate) const ALL: &str = "all";

/// The pool behind its door.
#[derive(Debug)]
pub(crate) struct Door {
    pool: PgPool,
    /// Connections at most: so many may have gone stale while they were idle.
    most: u32,
}

/// What begins a transaction with this reach. A number and two words of our own: nothing from outside.
pub(crate) fn begin(reach: Reach) -> String {
    let value = match reach {
        Reach::Nowhere => String::new(),
        Reach::Workspace(w) => w.0.to_string(),
        Reach::Everywhere => ALL.to_owned(),
    };
    format!("BEGIN; SET LOCAL {SETTING} = '{value}'")
}

impl Door {
    pub(crate) const fn new(pool: PgPool, most: u32) -> Self {
        Self { pool, most }
    }

    /// A transaction that touches the rows of this reach only. One that only reads needs no commit: when it is dropped,
    /// its end goes to the server while the answer is on its way out.
    pub(crate) async fn enter(&self, reach: Reach) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let sql = begin(reach);
        let mut tries = 0;
        loop {
            match self.pool.begin_with(AssertSqlSafe(sql.clone())).await {
                Ok(tx) => return Ok(tx),
                // The pool asks no connection whether it is still alive; the beginning is what asks. One that is not goes,
                // and the next is taken.
                Err(e) if tries <= self.most && was_stale(&e) => tries += 1,
                Err(e) => return Err(e),
            }
        }
    }

    /// A connection as it is: no workspace is set, so that the wall shows nothing of any.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.pool.acquire().await.map_err(engine_error)
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Did the connection die while it was idle: cut off, or ended by the server (57P01 and its kin)?
fn was_stale(e: &sqlx::Error) -> bool {
    match e {
        sqlx::Error::Io(_) => true,
        e => is_from_server(e, &["57P01", "57P02", "57P03", "57P05", "25P03"]),
    }
}

#[cfg(test)]
mod tests {
    use peyvand_core::WorkspaceId;

    use super::*;

    #[test]
    fn what_a_transaction_says() {
        for (reach, want) in [
            (Reach::Nowhere, "BEGIN; SET LOCAL peyvand.workspace = ''"),
            (
                Reach::Workspace(WorkspaceId(17)),
                "BEGIN; SET LOCAL peyvand.workspace = '17'",
            ),
            (Reach::Everywhere, "BEGIN; SET LOCAL peyvand.workspace = 'all'"),
        ] {
            assert_eq!(begin(reach), want);
        }
    }
}
