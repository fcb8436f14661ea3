//! Which team people are in, and what they own with them.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::user;
use peyvand_core::{Actor, Via, WorkspaceId};
use peyvand_domain::teams::{Follow, Teams};
use peyvand_record::policy::Policy;
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Batch, Change};
use peyvand_store::StoreError;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::jobs::{Handler, Held};
use crate::workspace::Workspace;

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
        let query = Query::of(user::OBJECT).limit(PEOPLE);
        let people = self
            .store
            .every(workspace.id, &workspace.layout, &all, query)
            .await?;
        let teams = people
            .iter()
            .filter_map(|r| Some((r.id(), r.get(user::TEAM_ID).as_id()?)))
            .collect();
        self.teams
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(workspace.id, Arc::new(teams));
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

    /// Brings what somebody owns, and what stood with their old team or with none, into the team where they are now: they may
    /// have gone on since. Who does it again does what is left.
    async fn follow_team(&self, w: &Arc<Workspace>, follow: &Follow) -> Result<(), AppError> {
        // The change may have been made in another process.
        self.read_teams(w).await?;
        let to = self.teams(w.id).of(follow.person);
        let mut stands = Vec::new();
        if to.is_some() {
            stands.push("team_id = null".to_owned());
        }
        if let Some(team) = follow.from.filter(|t| Some(*t) != to) {
            stands.push(format!("team_id = \"{team}\""));
        }
        if stands.is_empty() {
            return Ok(());
        }
        let left = format!("owner_id = \"{}\" AND ({})", follow.person, stands.join(" OR "));
        let caller = Caller::system(w, Via::Job);
        let values = [(system::TEAM_ID, to.into())];
        for object in w.catalog().objects().iter().filter(|o| o.ownable) {
            let left = self.filter_by_ids(&caller, object, &left)?;
            for deleted in [DeletedScope::Live, DeletedScope::Deleted] {
                while self.sweep(&caller, object, &left, deleted, &values).await? > 0 {}
            }
        }
        Ok(())
    }
}
