//! Of what a person wants to be told: each kind of notification can be switched off by the one whom it would be told to.
//!
//! What is switched off stands as bits in a counter of the workspace, so that nothing has to be read of the person to know it.

use peyvand_core::{Id, Instant};
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use crate::accounts::number;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Begins the name of the counter.
const UNWANTED: &str = "unwanted-notices:";

/// The kinds that can be switched off, with their bits, which never change. What the system itself has to say is not among
/// them.
pub const KINDS: [(&str, u8); 8] = [
    ("assigned", 0),
    ("mentioned", 1),
    ("shared", 2),
    ("followed", 3),
    ("due", 4),
    ("overdue", 5),
    ("job_done", 6),
    ("job_failed", 7),
];

fn bit(kind: &str) -> Option<i64> {
    KINDS.iter().find(|(k, _)| *k == kind).map(|(_, n)| 1_i64 << n)
}

impl App {
    async fn unwanted(&self, caller: &Caller, person: Id) -> Result<i64, AppError> {
        let t = &SIDE.counter;
        let key: [(&str, SqlVal); 2] = [
            ("workspace_id", number(caller.workspace.id)),
            ("name", format!("{UNWANTED}{person}").into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        Ok(rows
            .first()
            .and_then(|r| r[t.at("value")].int())
            .unwrap_or_default())
    }

    /// Does a person want to be told of this kind?
    pub(crate) async fn wanted(&self, caller: &Caller, person: Id, kind: &str) -> Result<bool, AppError> {
        match bit(kind) {
            Some(bit) => Ok(self.unwanted(caller, person).await? & bit == 0),
            None => Ok(true),
        }
    }

    /// Of which kinds the caller is told, in the order of [`KINDS`].
    ///
    /// # Errors
    /// What the store says.
    pub async fn notification_wishes(&self, caller: &Caller) -> Result<Vec<(&'static str, bool)>, AppError> {
        Self::hears(caller)?;
        let unwanted = self.unwanted(caller, caller.actor.id()).await?;
        Ok(KINDS
            .iter()
            .map(|(kind, n)| (*kind, unwanted & (1_i64 << n) == 0))
            .collect())
    }

    /// Says of which kinds the caller wants to be told; those that are not named stay as they are.
    ///
    /// # Errors
    /// A kind that cannot be switched off; `Forbidden` for a token that has not all rights of its owner.
    pub async fn set_notification_wishes(
        &self,
        caller: &Caller,
        wishes: &[(&str, bool)],
    ) -> Result<Vec<(&'static str, bool)>, AppError> {
        Self::hears(caller)?;
        self.whole_rights(caller).await?;
        let person = caller.actor.id();
        let mut unwanted = self.unwanted(caller, person).await?;
        for (kind, on) in wishes {
            let bit = bit(kind).ok_or_else(|| AppError::Parameter {
                name: "kind",
                value: (*kind).chars().take(40).collect(),
            })?;
            if *on {
                unwanted &= !bit;
            } else {
                unwanted |= bit;
            }
        }
        let t = &SIDE.counter;
        let mut row = vec![SqlVal::Null; t.columns.len()];
        row[t.at("workspace_id")] = number(caller.workspace.id);
        row[t.at("name")] = format!("{UNWANTED}{person}").into();
        row[t.at("window_start")] = Instant::default().micros().into();
        row[t.at("value")] = unwanted.into();
        self.store
            .engine()
            .apply(Plan::of(vec![Step::Insert {
                table: std::sync::Arc::clone(t),
                row,
                on_key: OnKey::Replace,
            }]))
            .await?;
        self.notification_wishes(caller).await
    }
}
