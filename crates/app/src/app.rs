//! The application: the store, the clock, the ids, and the workspaces that are open.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use peyvand_core::{Clock, Context, IdSource, WorkspaceId};
use peyvand_store::Store;

use crate::caller::Caller;
use crate::heads::Heads;
use crate::people::Known;
use crate::sessions::KnownSession;
use crate::workspace::Workspace;

/// Everything that use cases share.
#[derive(Debug)]
pub struct App {
    /// The database.
    pub store: Arc<Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<IdSource>,
    /// Who listens to changes.
    pub feed: crate::feed::Feed,
    pub(crate) heads: Option<Heads>,
    pub(crate) workspaces: RwLock<HashMap<WorkspaceId, Arc<Workspace>>>,
    pub(crate) known: RwLock<HashMap<[u8; 32], Known>>,
    pub(crate) sessions: RwLock<HashMap<[u8; 32], KnownSession>>,
}

impl App {
    /// The application on a store.
    #[must_use]
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>, ids: Arc<IdSource>) -> Self {
        Self {
            store,
            clock,
            ids,
            feed: crate::feed::Feed::default(),
            heads: None,
            workspaces: RwLock::default(),
            known: RwLock::default(),
            sessions: RwLock::default(),
        }
    }

    /// With the newest seals of the log remembered in this file, outside the database.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn with_heads(mut self, file: &Path) -> std::io::Result<Self> {
        self.heads = Some(Heads::open(file)?);
        Ok(self)
    }

    /// The circumstances of a call, now.
    #[must_use]
    pub fn context(&self, caller: &Caller) -> Context {
        let now = self.clock.now();
        Context {
            workspace: caller.workspace.id,
            actor: caller.actor,
            via: caller.via,
            request: self.ids.next(now),
            now,
        }
    }

    pub(crate) fn open_workspaces(
        &self,
    ) -> std::sync::RwLockReadGuard<'_, HashMap<WorkspaceId, Arc<Workspace>>> {
        self.workspaces.read().unwrap_or_else(PoisonError::into_inner)
    }
}
