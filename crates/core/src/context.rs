//! Who acts, in which workspace, and by which road: handed to every use case.

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::ids::{Id, WorkspaceId};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A person who signed in, or a program with a token of theirs.
    User(Id),
    /// The program itself: jobs, migrations, the sealer.
    System,
}

impl Actor {
    /// The user's id, or nil for the system: how actors are stored.
    #[must_use]
    pub const fn id(self) -> Id {
        match self {
            Self::User(id) => id,
            Self::System => Id::NIL,
        }
    }

    /// The actor of a stored id.
    #[must_use]
    pub fn from_id(id: Id) -> Self {
        if id == Id::NIL {
            Self::System
        } else {
            Self::User(id)
        }
    }
}

/// The road by which a change came; kept in the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// A page of the product.
    Web,
    /// The REST interface.
    Api,
    /// A command of the binary.
    Cli,
    /// An import.
    Import,
    /// A background job.
    Job,
    /// A tool call of an agent.
    Mcp,
}

impl Via {
    /// The name under which it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Import => "import",
            Self::Job => "job",
            Self::Mcp => "mcp",
        }
    }
}

/// The circumstances of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The workspace in which everything happens.
    pub workspace: WorkspaceId,
    /// Who acts.
    pub actor: Actor,
    /// By which road.
    pub via: Via,
    /// One id for the whole request, found again in logs and audit.
    pub request: Id,
    /// The present, read once per call so that one change carries one time.
    pub now: Instant,
}
