//! Shares of single records with users and teams beyond their reach.

use peyvand_catalog::ObjectDef;
use peyvand_core::{Id, Instant};
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_record::{AuditAction, Batch, Change};
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;

use crate::accounts::number;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// A share of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The user or team.
    pub grantee: Id,
    /// `user` or `team`.
    pub kind: &'static str,
    /// May they change it?
    pub may_update: bool,
    /// Since when.
    pub at: Instant,
}

impl App {
    /// The shares of a record that the caller may see.
    pub async fn shares(&self, caller: &Caller, object: &ObjectDef, id: Id) -> Result<Vec<Share>, AppError> {
        let record = self.raw(caller, object, id, DeletedScope::Live).await?;
        let t = &SIDE.record_share;
        let key = [
            ("workspace_id", number(caller.workspace.id)),
            ("record_id", record.id().into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        let teams = self.team_tree(&caller.workspace).await?;
        Ok(rows
            .iter()
            .map(|r| {
                let grantee = r[t.at("grantee_id")].uuid().unwrap_or(Id::NIL);
                Share {
                    grantee,
                    kind: if teams.iter().any(|(id, _)| *id == grantee) {
                        "team"
                    } else {
                        "user"
                    },
                    may_update: r[t.at("may_update")].int() == Some(1),
                    at: Instant(r[t.at("at")].int().unwrap_or_default()),
                }
            })
            .collect())
    }

    /// May the caller share this record and take shares away? Whoever may change it may.
    pub async fn may_share(&self, caller: &Caller, object: &ObjectDef, id: Id) -> Result<bool, AppError> {
        if !object.ownable {
            return Ok(false);
        }
        let own = self
            .within_reach(
                &caller.workspace,
                &caller.policy,
                &object.key,
                &[id],
                Verb::Update,
            )
            .await?;
        Ok(!own.is_empty())
    }

    /// Shares a record with a user or a team, or takes the share away (`None`). Whoever may change the record may share
    /// it; it holds at once.
    pub async fn share(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        grantee: Id,
        may_update: Option<bool>,
    ) -> Result<(), AppError> {
        let w = &caller.workspace;
        let record = self.raw(caller, object, id, DeletedScope::Live).await?;
        if !self.may_share(caller, object, record.id()).await? {
            return Err(AppError::Forbidden);
        }
        let mut person = false;
        if may_update.is_some() {
            let team = self.team_tree(w).await?.iter().any(|(t, _)| *t == grantee);
            if !team && self.active_user(w, grantee).await?.is_none() {
                return Err(AppError::Parameter {
                    name: "grantee",
                    value: grantee.to_string(),
                });
            }
            person = !team;
        }
        let context = self.context(caller);
        let mut batch = Batch::default();
        batch.changes.push(Change::Share {
            object: object.key.as_str().into(),
            record: record.id(),
            grantee,
            may_update,
            at: context.now,
        });
        let word = match may_update {
            Some(true) => "change",
            Some(false) => "see",
            None => "none",
        };
        self.writer(caller, &context).entry(
            &mut batch,
            AuditAction::Security,
            object,
            record.id(),
            serde_json::json!({"shared_with": grantee.to_string(), "may": word}).to_string(),
        );
        self.store
            .apply(&context, &w.layout, &caller.policy, &batch)
            .await?;
        if may_update.is_none() {
            self.share_taken(caller, grantee).await?;
        }
        if person && let Err(e) = self.tell(caller, "shared", &[grantee], object, &record).await {
            tracing::warn!(code = e.code(), "who was given a share could not be told: {e}");
        }
        Ok(())
    }
}
