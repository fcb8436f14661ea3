//! What PostgreSQL says, as the port says it.

use peyvand_store::StoreError;
use peyvand_store::ports::Conflict;
use sqlx::Error;
use sqlx::postgres::PgDatabaseError;

use crate::ddl;

/// The five characters of the server's error, when it is one.
pub(crate) fn state(e: &Error) -> Option<&str> {
    database(e).map(PgDatabaseError::code)
}

/// Is it an error of the server with one of these states?
pub(crate) fn is_from_server(e: &Error, states: &[&str]) -> bool {
    state(e).is_some_and(|s| states.contains(&s))
}

fn database(e: &Error) -> Option<&PgDatabaseError> {
    e.as_database_error()?.try_downcast_ref::<PgDatabaseError>()
}

/// Was the transaction refused only because of others at the same time? Then all of it may be done again.
pub(crate) fn repeatable(e: &Error) -> bool {
    matches!(state(e), Some("40001" | "40P01"))
}

/// The error of the port.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` calls")]
pub(crate) fn engine_error(e: Error) -> StoreError {
    if matches!(e, Error::PoolTimedOut) {
        return StoreError::Timeout;
    }
    let Some(d) = database(&e) else {
        return StoreError::Engine(e.to_string());
    };
    match d.code() {
        "23505" => duplicate(d).into(),
        // What the second wall refuses to be written.
        "42501" if d.routine() == Some("ExecWithCheckOptions") => StoreError::Denied {
            object: d.table().unwrap_or_default().to_owned(),
            verb: "reach",
            field: None,
        },
        "23503" => Conflict::Guard("reference".to_owned()).into(),
        // Disk full; out of memory of the server is no room either, but it passes: it stays an engine's error.
        "53100" => StoreError::Full,
        // A number out of range: only sums can be, everything else is checked before it is written.
        "22003" => StoreError::Overflow,
        // Cancelled by the time limit of statements; a lock that was not given in time.
        "57014" | "55P03" => StoreError::Timeout,
        _ => StoreError::Engine(e.to_string()),
    }
}

/// The table and the columns of the key, without the workspace, as the engine on SQLite reports them.
fn duplicate(d: &PgDatabaseError) -> Conflict {
    let name = d.constraint().unwrap_or_default();
    match ddl::KEYS.get(name) {
        Some((table, columns)) => Conflict::Duplicate {
            table: table.name.clone(),
            columns: columns
                .iter()
                .filter(|c| *c != "workspace_id")
                .map(|c| c.trim_end_matches("__fold"))
                .collect::<Vec<_>>()
                .join(","),
        },
        None => Conflict::Duplicate {
            table: d.table().unwrap_or_default().to_owned(),
            columns: name.to_owned(),
        },
    }
}
