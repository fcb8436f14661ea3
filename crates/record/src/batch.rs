//! Writes as data: a use case reads, the rules decide and return a `Batch`, the store applies it as a whole or says
//! which guard failed.

use peyvand_catalog::FieldIx;
use peyvand_core::{Id, Instant};
use serde::{Deserialize, Serialize};

use crate::value::{Record, Value};

/// One atomic change of the database.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// What must still be true.
    pub guards: Vec<Guard>,
    /// Changes of records, in order.
    pub changes: Vec<Change>,
    /// Entries of timelines.
    pub timeline: Vec<TimelineEntry>,
    /// Events for the outbox.
    pub events: Vec<Event>,
    /// Entries of the audit log.
    pub audit: Vec<AuditEntry>,
    /// Jobs to run afterwards.
    pub jobs: Vec<NewJob>,
    /// The answer to repeat when the same request comes again.
    pub idempotency: Option<IdempotencyRow>,
}

/// A condition that the database checks in the same transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Guard {
    /// The record has this version and is not deleted.
    Version {
        /// Its object.
        object: Box<str>,
        /// Its id.
        id: Id,
        /// Its version.
        version: i64,
    },
    /// The record is there, live.
    Exists {
        /// Its object.
        object: Box<str>,
        /// Its id.
        id: Id,
    },
    /// No live record of the object has this value in this field.
    Absent {
        /// The object.
        object: Box<str>,
        /// The field.
        field: FieldIx,
        /// The value.
        value: Value,
    },
    /// No record of the object carries this external key.
    KeyAbsent {
        /// The object.
        object: Box<str>,
        /// The other system.
        source: Box<str>,
        /// The key there.
        key: Box<str>,
    },
    /// The record is shared with this user or team, for changing it: what lets the one who acts change a record that their
    /// reach does not hold.
    Shared {
        /// The record.
        record: Id,
        /// The user or team.
        grantee: Id,
    },
    /// The counter `name` stands at most at `at_most` within its window, and is raised by one.
    Counter {
        /// Name, unique in the workspace.
        name: Box<str>,
        /// Window: counts restart when it changes.
        window: i64,
        /// Bound before the raise.
        at_most: i64,
    },
    /// The consent ledger has so many entries about this address (0: none yet): a decision made of them still stands.
    ConsentHead {
        /// The keyed hash of the address.
        address: [u8; 32],
        /// How many.
        version: i64,
    },
}

/// A change of records. Sort keys, folds, search entries, the spine and the field index follow from the record and are
/// written by the store in the same transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A new record.
    Insert(Box<Record>),
    /// A record becomes `after`; holds only while it still is `before` (by version). Putting into the recycle bin and
    /// restoring are updates of `deleted_at`.
    Update {
        /// As it was read.
        before: Box<Record>,
        /// As it shall be; its version is one higher.
        after: Box<Record>,
    },
    /// The record goes for good.
    Purge(Box<Record>),
    /// What follows from the record (entries of the field index, search text, the stored form of custom fields) is
    /// written anew; the record itself and its version stay. Holds only while it still has its version.
    Reindex(Box<Record>),
    /// All live and deleted rows of `object` whose link `field` points to `from` now point to `to`; what they were is
    /// kept under `operation`, so that it can be undone.
    Relink {
        /// The linking object.
        object: Box<str>,
        /// Its link.
        field: FieldIx,
        /// Where they point.
        from: Id,
        /// Where they shall point.
        to: Id,
        /// The operation under which the before-image is kept.
        operation: Id,
    },
    /// Tags, files, notes, shares, followers, external keys and timeline entries of one spine row move to another.
    MoveSpine {
        /// From this record.
        from: Id,
        /// To this record.
        to: Id,
        /// The operation under which the before-image is kept.
        operation: Id,
    },
    /// Takes the set operations of `operation` back.
    Unrelink {
        /// The operation.
        operation: Id,
    },
    /// The record answers to another's id from now on (`None`: no longer).
    Alias {
        /// The object of both.
        object: Box<str>,
        /// The old id.
        id: Id,
        /// Where it leads.
        to: Option<Id>,
    },
    /// The record carries a key of another system.
    PutKey(ExternalKey),
    /// It no longer does.
    DropKey(ExternalKey),
    /// The record carries a before-image of a change, so that a bulk edit, an import or a merge can be undone.
    Image {
        /// The operation (import, bulk edit, merge).
        operation: Id,
        /// The object.
        object: Box<str>,
        /// The record.
        id: Id,
        /// The version after the change: undo touches only what is still so.
        version_after: i64,
        /// The values before, as JSON by field key; `None` when the record was made by the operation.
        before: Option<Box<str>>,
    },
    /// The consent ledger has one more entry about this address; holds only while it has `version` of them.
    ConsentHead {
        /// The keyed hash of the address.
        address: [u8; 32],
        /// How many there are before.
        version: i64,
        /// How many come.
        entries: i64,
        /// The newest of them.
        entry: Id,
    },
    /// One record is shown to a user or team beyond their reach, or no longer.
    Share {
        /// The object of the record.
        object: Box<str>,
        /// The record.
        record: Id,
        /// The user or team.
        grantee: Id,
        /// May they change it? `None` takes the share away.
        may_update: Option<bool>,
        /// When.
        at: Instant,
    },
    /// The before-images of an operation go: it has been undone.
    DropImages {
        /// The operation.
        operation: Id,
    },
}

/// A key of another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalKey {
    /// The object.
    pub object: Box<str>,
    /// The record that carries it.
    pub record: Id,
    /// The other system.
    pub source: Box<str>,
    /// The key there.
    pub key: Box<str>,
}

/// A line of a timeline, by reference to what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Whose timeline.
    pub record: Id,
    /// When.
    pub at: Instant,
    /// The kind: the object that happened (`interaction`, `order`, `note`, `activity`) or `change`.
    pub kind: Box<str>,
    /// The record or audit entry that it refers to.
    pub reference: Id,
}

/// An event of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: Id,
    /// `contact.created`, `deal.updated` ….
    pub kind: Box<str>,
    /// The object.
    pub object: Box<str>,
    /// The record.
    pub record: Id,
    /// Its version after the change.
    pub version: i64,
    /// When.
    pub at: Instant,
}

/// What an audit entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// A record was made.
    Create,
    /// A record was changed.
    Update,
    /// A record went into the recycle bin.
    Delete,
    /// A record came back.
    Restore,
    /// A record went for good.
    Purge,
    /// Two records became one.
    Merge,
    /// A merge was taken back.
    Unmerge,
    /// Records were taken out in bulk.
    Export,
    /// Records came in from a file.
    Import,
    /// A sign-in, a token, a change of rights or settings.
    Security,
    /// A set operation on many records.
    Bulk,
    /// Sensitive values were shown to somebody.
    View,
}

impl AuditAction {
    /// Each of them.
    pub const ALL: [Self; 12] = [
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::Restore,
        Self::Purge,
        Self::Merge,
        Self::Unmerge,
        Self::Export,
        Self::Import,
        Self::Security,
        Self::Bulk,
        Self::View,
    ];

    /// The name under which it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Purge => "purge",
            Self::Merge => "merge",
            Self::Unmerge => "unmerge",
            Self::Export => "export",
            Self::Import => "import",
            Self::Security => "security",
            Self::Bulk => "bulk",
            Self::View => "view",
        }
    }
}

/// An entry of the audit log. Who, by which road, when and in which request come from the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: Id,
    /// What happened.
    pub action: AuditAction,
    /// The object; empty when it is about none.
    pub object: Box<str>,
    /// The record; nil when it is about none.
    pub record: Id,
    /// What changed, as JSON by field key: `{"city":["تهران","شیراز"]}`; encrypted per subject at rest.
    pub detail: Box<str>,
}

/// A job to run after the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: Id,
    /// The handler's name.
    pub kind: Box<str>,
    /// Its data as JSON.
    pub payload: Box<str>,
    /// Not before.
    pub run_at: Instant,
    /// Only one waiting job of this kind with this key.
    pub dedupe: Option<Box<str>>,
}

/// What is kept of an answered request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// Who asked.
    pub actor: Id,
    /// Method and route.
    pub route: Box<str>,
    /// The caller's key.
    pub key: Box<str>,
    /// SHA-256 of the request's body.
    pub hash: [u8; 32],
    /// The status answered.
    pub status: u16,
    /// Ids and versions that the answer showed, as JSON; the body is rendered again under today's rights.
    pub result: Box<str>,
    /// When.
    pub at: Instant,
}

impl Batch {
    /// Nothing to do?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.audit.is_empty() && self.jobs.is_empty() && self.events.is_empty()
    }

    /// Puts another batch behind this one.
    pub fn append(&mut self, mut other: Self) {
        self.guards.append(&mut other.guards);
        self.changes.append(&mut other.changes);
        self.timeline.append(&mut other.timeline);
        self.events.append(&mut other.events);
        self.audit.append(&mut other.audit);
        self.jobs.append(&mut other.jobs);
        if other.idempotency.is_some() {
            self.idempotency = other.idempotency;
        }
    }
}
