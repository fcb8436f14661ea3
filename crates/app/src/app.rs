//! The application: the store, the clock, the ids, and the workspaces that are open.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use peyvand_channels::Channels;
use peyvand_core::{Clock, Context, Id, IdSource, Instant, WorkspaceId};
use peyvand_domain::teams::Teams;
use peyvand_store::Store;

use crate::caller::Caller;
use crate::colleagues::Colleagues;
use crate::files::Folder;
use crate::heads::Heads;
use crate::records::Doing;
use crate::sealing::LookedBack;
use crate::sessions::KnownSession;
use crate::tokens::Known;
use crate::uploads::Files;
use crate::uses::Uses;
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
    /// The folder of the data, for contents of files; without one there are none.
    pub folder: Option<PathBuf>,
    /// Who listens to changes.
    pub feed: crate::feed::Feed,
    pub(crate) heads: Option<Heads>,
    /// What carries messages.
    pub channels: Channels,
    pub(crate) files: Option<Files>,
    /// What looks at files that come up.
    pub(crate) scanner: Option<crate::scanner::Scanner>,
    /// Passwords that are refused since they have leaked somewhere.
    pub(crate) leaked: Option<crate::leaked::Leaked>,
    pub(crate) workspaces: RwLock<HashMap<WorkspaceId, Arc<Workspace>>>,
    pub(crate) known: RwLock<HashMap<[u8; 32], Known>>,
    pub(crate) sessions: RwLock<HashMap<[u8; 32], KnownSession>>,
    /// Which team each person of each workspace is in, as of the last change of rights.
    pub(crate) teams: RwLock<HashMap<WorkspaceId, Arc<Teams>>>,
    /// The revision of rights as of which they were read.
    pub(crate) teams_at: AtomicI64,
    /// The revision of all rights, and until when it is taken for true.
    pub(crate) rights: Mutex<(i64, Instant)>,
    /// Who was shown sensitive values of which record, and when.
    pub(crate) viewed: Mutex<HashMap<(Id, Id), Instant>>,
    /// When the sealer last looked at all that may be unsealed.
    pub(crate) looked_back: LookedBack,
    /// How much each person has read.
    pub(crate) readings: crate::bulk_reads::Readings,
    /// Where the program is reached, for links that are sent to people.
    pub(crate) base_url: std::sync::OnceLock<String>,
    /// So many passwords are hashed at once.
    pub(crate) hashing: tokio::sync::Semaphore,
    /// Hashes them.
    pub(crate) hasher: crate::passwords::Hasher,
    pub(crate) doing: Mutex<HashSet<Doing>>,
    /// Uses of tokens and sessions that are not written yet.
    pub(crate) uses: Uses,
    /// Unread notifications of people, and when they were counted.
    pub(crate) unread: Mutex<HashMap<(WorkspaceId, Id), (u64, Instant)>>,
    /// Whom lists offer to give work to.
    pub(crate) colleagues: Mutex<HashMap<WorkspaceId, Colleagues>>,
}

impl App {
    /// The application on a store.
    #[must_use]
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>, ids: Arc<IdSource>) -> Self {
        Self {
            store,
            clock,
            ids,
            folder: None,
            feed: crate::feed::Feed::default(),
            heads: None,
            channels: Channels::default(),
            files: None,
            scanner: None,
            leaked: None,
            workspaces: RwLock::default(),
            known: RwLock::default(),
            sessions: RwLock::default(),
            teams: RwLock::default(),
            teams_at: AtomicI64::default(),
            rights: Mutex::default(),
            viewed: Mutex::default(),
            looked_back: LookedBack::default(),
            readings: crate::bulk_reads::Readings::default(),
            base_url: std::sync::OnceLock::new(),
            hashing: tokio::sync::Semaphore::new(2),
            hasher: crate::passwords::Hasher::default(),
            doing: Mutex::default(),
            uses: Uses::default(),
            unread: Mutex::default(),
            colleagues: Mutex::default(),
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

    /// With a folder for the contents of files and for what is still coming in.
    ///
    /// # Errors
    /// When the folders in it cannot be made.
    pub fn in_folder(mut self, folder: &Path) -> std::io::Result<Self> {
        let incoming = folder.join("incoming");
        std::fs::create_dir_all(&incoming)?;
        self.files = Some(Files {
            blobs: Arc::new(Folder::open(&folder.join("files"))?),
            incoming,
        });
        self.folder = Some(folder.to_owned());
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

    /// Says once where the program is reached: `https://crm.example.com`. Links to people begin with it, whatever a request
    /// says of its host.
    pub fn set_base_url(&self, url: &str) {
        let _ = self.base_url.set(url.trim_end_matches('/').to_owned());
    }

    /// Where the program is reached; empty when nobody said.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.base_url.get().map_or("", String::as_str)
    }

    pub(crate) fn open_workspaces(
        &self,
    ) -> std::sync::RwLockReadGuard<'_, HashMap<WorkspaceId, Arc<Workspace>>> {
        self.workspaces.read().unwrap_or_else(PoisonError::into_inner)
    }
}
