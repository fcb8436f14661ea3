//! The rights under which an export runs, asked for anew while it runs: a file that has been begun is not finished by
//! somebody who may no longer have it.

use std::sync::Arc;

use peyvand_catalog::ObjectDef;
use peyvand_core::{Actor, Id};
use peyvand_record::Policy;
use peyvand_record::policy::Verb;
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;
use serde_json::json;

use crate::accounts::number;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::rights::covers;

/// Begins the name of the counter of shares that were taken from somebody.
const TAKEN: &str = "share-taken:";

/// What somebody was allowed when their export began.
#[derive(Debug)]
pub(super) struct Watch {
    /// `None` for the program itself, whose rights do not change.
    began: Option<Began>,
}

#[derive(Debug)]
struct Began {
    user: Id,
    revision: i64,
    policy: Arc<Policy>,
    taken: i64,
}

impl App {
    /// Remembers what the caller may do now.
    ///
    /// # Errors
    /// `RightsChanged` when they are nobody any more.
    pub(super) async fn watch(&self, caller: &Caller) -> Result<Watch, AppError> {
        let Actor::User(user) = caller.actor else {
            return Ok(Watch { began: None });
        };
        // The revision first: what changes behind it is seen at the next look.
        let revision = self.rights_revision().await?;
        let policy = self.policy_now(caller, user).await?;
        let taken = self.taken_from(caller, &policy).await?;
        Ok(Watch {
            began: Some(Began {
                user,
                revision,
                policy,
                taken,
            }),
        })
    }

    /// Looks whether the caller may still do what they could when the export began. One that lost something gets no
    /// file, and the log says so, with how many records had been written.
    ///
    /// # Errors
    /// `RightsChanged`.
    pub(super) async fn still_allowed(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        watch: &mut Watch,
        written: u64,
    ) -> Result<(), AppError> {
        let Some(began) = &mut watch.began else {
            return Ok(());
        };
        let revision = self.rights_revision().await?;
        if revision == began.revision {
            return Ok(());
        }
        let kept = match self.policy_now(caller, began.user).await {
            Ok(now) => {
                covers(&now, &began.policy, caller.workspace.catalog())
                    && (now.unrestricted || holds_teams(&now, &began.policy))
                    && (now.unrestricted || self.taken_from(caller, &began.policy).await? == began.taken)
            }
            Err(AppError::RightsChanged) => false,
            Err(e) => return Err(e),
        };
        if kept {
            began.revision = revision;
            return Ok(());
        }
        let detail = json!({"refused": "export", "object": object.key, "stopped_after": written});
        self.note(caller, began.user, detail).await?;
        Err(AppError::RightsChanged)
    }

    async fn policy_now(&self, caller: &Caller, user: Id) -> Result<Arc<Policy>, AppError> {
        match self.policy_of(&caller.workspace, user, "*").await {
            Ok((policy, _)) => Ok(policy),
            Err(AppError::Unauthenticated) => Err(AppError::RightsChanged),
            Err(e) => Err(e),
        }
    }

    /// How many shares were ever taken from somebody or their teams.
    async fn taken_from(&self, caller: &Caller, policy: &Policy) -> Result<i64, AppError> {
        if policy.unrestricted {
            return Ok(0);
        }
        let t = &SIDE.counter;
        let mut sum = 0;
        for grantee in std::iter::once(&policy.actor.id()).chain(&policy.teams) {
            let key = [
                ("workspace_id", number(caller.workspace.id)),
                ("name", format!("{TAKEN}{grantee}").into()),
            ];
            let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
            sum += rows
                .first()
                .and_then(|r| r[t.at("value")].int())
                .unwrap_or_default();
        }
        Ok(sum)
    }

    /// A share was taken from somebody: what runs in their name looks again.
    pub(crate) async fn share_taken(&self, caller: &Caller, grantee: Id) -> Result<(), AppError> {
        let name = format!("{TAKEN}{grantee}");
        self.store.engine().reserve(caller.workspace.id, &name, 1).await?;
        self.rights_changed().await
    }

    /// May the caller have a file of records of this object now?
    pub(crate) fn may_have_export(caller: &Caller, object: &ObjectDef) -> bool {
        caller.policy.reach(&object.key, Verb::Export) != peyvand_record::Reach::None
            && caller.policy.reach(&object.key, Verb::Read) != peyvand_record::Reach::None
    }
}

/// Has somebody all the teams that they had?
fn holds_teams(now: &Policy, before: &Policy) -> bool {
    before.teams.iter().all(|t| now.teams.contains(t))
        && before.teams_below.iter().all(|t| now.teams_below.contains(t))
}
