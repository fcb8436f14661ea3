//! Which team people are in, and what they own with them.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::user;
use peyvand_core::{Actor, Id, Via, WorkspaceId};
use peyvand_domain::teams::{Follow, Teams};
use peyvand_record::policy::Policy;
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Batch, Change, Value};
use peyvand_store::{Conflict, StoreError};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::jobs::{Handler, Held};
use crate::workspace::Workspace;

/// Records that change in one transaction.
const CHUNK: u32 = 100;
/// People that are read at once.
const PEOPLE: u32 = 1_000;

/// Brings the records of somebody after them into another team.
#[derive(Debug)]
pub(crate) struct FollowTeam;

#[async_trait]
impl Handler for FollowTeam {
    async fn run(&self, app: &App, workspace: &Arc<Workspace>, job: &Held) -> Result<(), AppError> {
        let follow: Follow = serde_json::from_str(&job.payload)
            .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?;
        app.follow_team(workspace, &follow).await
    }
}

/// Does a batch write people?
pub(crate) fn writes_people(batch: &Batch) -> bool {
    batch.changes.iter().any(|c| match c {
        Change::Insert(r) | Change::Update { after: r, .. } | Change::Purge(r) => &*r.object == user::OBJECT,
        _ => false,
    })
}

impl App {
    /// Which team each person of an open workspace is in.
    pub(crate) fn teams(&self, workspace: WorkspaceId) -> Arc<Teams> {
        let known = self.teams.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&workspace).cloned().unwrap_or_default()
    }

    /// Reads them.
    pub(crate) async fn read_teams(&self, workspace: &Workspace) -> Result<(), AppError> {
        let all = Policy::all(Actor::System);
        let mut query = Query::of(user::OBJECT).limit(PEOPLE);
        let mut people = Vec::new();
        loop {
            let page = self
                .store
                .page(workspace.id, &workspace.layout, &all, &query)
                .await?;
            people.extend(page.records.iter().filter_map(|r| match r.get(user::TEAM_ID) {
                Value::Id(team) => Some((r.id(), *team)),
                _ => None,
            }));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        self.teams
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(workspace.id, Arc::new(people.into_iter().collect()));
        Ok(())
    }

    /// Reads those of all open workspaces: another process has changed rights.
    pub(crate) async fn read_all_teams(&self) -> Result<(), AppError> {
        let open: Vec<Arc<Workspace>> = self.open_workspaces().values().cloned().collect();
        for workspace in open {
            self.read_teams(&workspace).await?;
        }
        Ok(())
    }

    /// Brings what somebody owns, and what stood with their old team or with none, into their team. Who does it again does
    /// what is left.
    async fn follow_team(&self, w: &Arc<Workspace>, follow: &Follow) -> Result<(), AppError> {
        // They may have gone on since: the records go where the person is, at once.
        if self.teams(w.id).of(follow.person) != follow.to {
            return Ok(());
        }
        let mut caller = Caller::system(w, Via::Job);
        caller.policy = Policy::all(caller.actor);
        let mut stands = Vec::new();
        if follow.to.is_some() {
            stands.push("team_id = null".to_owned());
        }
        if let Some(team) = follow.from {
            stands.push(format!("team_id = \"{team}\""));
        }
        let old = format!("owner_id = \"{}\" AND ({})", follow.person, stands.join(" OR "));
        for object in w.catalog().objects().iter().filter(|o| o.ownable) {
            for deleted in [DeletedScope::Live, DeletedScope::Deleted] {
                while self
                    .follow_some(&caller, object, &old, follow.to, deleted)
                    .await?
                {}
            }
        }
        Ok(())
    }

    /// The next of them; `false` when none is left.
    async fn follow_some(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        which: &str,
        team: Option<Id>,
        deleted: DeletedScope,
    ) -> Result<bool, AppError> {
        let w = &caller.workspace;
        let mut query = Query::of(&object.key).limit(CHUNK);
        query.filter = Some(self.filter(caller, object, which).await?);
        query.deleted = deleted;
        for _ in 0..crate::records::TRIES {
            let page = self.store.page(w.id, &w.layout, &caller.policy, &query).await?;
            let context = self.context(caller);
            let writer = self.writer(caller, &context);
            let mut batch = Batch::default();
            for before in &page.records {
                let points = self.points_of(caller, object, before).await?;
                let (_, one) = writer
                    .patch(object, before, vec![(system::TEAM_ID, team.into())], &points)
                    .map_err(AppError::Invalid)?;
                batch.append(one);
            }
            if batch.is_empty() {
                return Ok(false);
            }
            match self
                .store
                .apply(&context, &w.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => return Ok(true),
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Forbidden)
    }
}
