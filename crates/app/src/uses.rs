//! When tokens and sessions were last used. Whoever only reads shall not write: each write makes every reader of an embedded
//! database begin with an empty cache, and waits for the disk. Uses are remembered here, and written together every few
//! seconds, when the program ends, and before anybody is shown them. A kill loses the last few seconds of them, nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use peyvand_core::{Instant, WorkspaceId};
use peyvand_store::ports::{Plan, Step};
use peyvand_store::tables::SIDE;

use crate::accounts::{INSTANCE, at, number};
use crate::app::App;
use crate::errors::AppError;

/// The last use is remembered to so many microseconds.
const EXACT_TO: i64 = 5 * 60 * Instant::SECOND;

/// What was used, by the hash under which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Used {
    /// A token of this workspace.
    Token(WorkspaceId, [u8; 32]),
    /// A session; sessions stand under the instance.
    Session([u8; 32]),
}

/// Uses that nobody has written yet.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<HashMap<Used, Instant>>);

impl App {
    /// Notes a use of what was last used at `last` (microseconds), as far as anybody knows.
    pub(crate) fn note_use(&self, used: Used, last: i64, now: Instant) {
        if now.micros() - last >= EXACT_TO {
            let mut noted = self.uses.0.lock().unwrap_or_else(PoisonError::into_inner);
            noted.insert(used, now);
        }
    }

    /// Is there a use of it that nobody has written yet?
    pub(crate) fn is_noted(&self, used: Used) -> bool {
        let noted = self.uses.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.contains_key(&used)
    }

    /// Writes the uses that were noted.
    ///
    /// # Errors
    /// What the database says; the uses are then noted still.
    pub async fn write_uses(&self) -> Result<(), AppError> {
        let noted = std::mem::take(&mut *self.uses.0.lock().unwrap_or_else(PoisonError::into_inner));
        if noted.is_empty() {
            return Ok(());
        }
        let steps = noted.iter().map(|(used, when)| {
            let (table, column, workspace, hash) = match used {
                Used::Token(w, hash) => (&SIDE.token, "used_at", *w, hash),
                Used::Session(hash) => (&SIDE.session, "seen_at", INSTANCE, hash),
            };
            let key = [
                ("workspace_id", number(workspace)),
                ("hash", hash.to_vec().into()),
            ];
            Step::Update {
                table: Arc::clone(table),
                set: at(table, &[(column, when.micros().into())]),
                key: at(table, &key),
                // It may have ended since.
                expect_one: None,
            }
        });
        // Tokens of several workspaces, and sessions of none, in one transaction.
        let plan = Plan::of(steps.collect()).everywhere();
        if let Err(e) = self.store.engine().apply(plan).await {
            let mut later = self.uses.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (used, when) in noted {
                later.entry(used).or_insert(when);
            }
            return Err(e.into());
        }
        Ok(())
    }
}
