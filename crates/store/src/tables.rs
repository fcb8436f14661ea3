//! The tables of the database as data: columns, keys and indexes. The engine crates render them; the migrations must
//! arrive at exactly these (a test compares).

use std::sync::{Arc, LazyLock};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A 64-bit integer: numbers, scaled decimals, minor units, days, instants, booleans as 0 and 1.
    Int,
    /// UTF-8 text, compared by bytes.
    Text,
    /// Bytes.
    Bytes,
    /// A UUID.
    Uuid,
    /// A list of texts with an inverted index (PostgreSQL's search tokens).
    Tokens,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// May it be empty?
    pub nullable: bool,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its columns, in order; every index starts with the workspace.
    pub columns: Vec<String>,
    /// No two rows share the values.
    pub unique: bool,
    /// Only rows outside the recycle bin.
    pub live_only: bool,
    /// Only rows where this column has a value.
    pub not_null: Option<String>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The primary key.
    pub primary: Vec<String>,
    /// Its other indexes.
    pub indexes: Vec<Index>,
    /// On SQLite: stored in the order of the primary key (small rows only).
    pub clustered: bool,
    /// Rows are never changed or deleted by the product (SQLite holds this by triggers).
    pub append_only: bool,
    /// The column that must name a row of the spine.
    pub references_record: Option<String>,
}

impl Table {
    /// Position of the column that names the workspace; `None` when its rows belong to none.
    #[must_use]
    pub fn workspace_at(&self) -> Option<usize> {
        // It leads in every table that has it.
        self.columns
            .first()
            .filter(|c| c.name == "workspace_id")
            .map(|_| 0)
    }

    /// Position of a column.
    ///
    /// # Panics
    /// When there is no such column: the callers name columns of this crate.
    #[must_use]
    pub fn at(&self, name: &str) -> usize {
        self.columns
            .iter()
            .position(|c| c.name == name)
            .unwrap_or_else(|| panic!("table {} has no column {name}", self.name))
    }
}

/// A column that must have a value.
#[must_use]
pub fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        nullable: false,
    }
}

/// A column that may be empty.
#[must_use]
pub fn optional(name: &str, kind: Kind) -> Column {
    Column {
        name: name.to_owned(),
        kind,
        nullable: true,
    }
}

struct Builder(Table);

impl Builder {
    fn new(name: &str, primary: &[&str]) -> Self {
        Self(Table {
            name: name.to_owned(),
            columns: Vec::new(),
            primary: primary.iter().map(|&s| s.to_owned()).collect(),
            indexes: Vec::new(),
            clustered: false,
            append_only: false,
            references_record: None,
        })
    }
    fn on_record(mut self, column: &str) -> Self {
        self.0.references_record = Some(column.to_owned());
        self
    }
    fn col(mut self, name: &str, kind: Kind) -> Self {
        self.0.columns.push(column(name, kind));
        self
    }
    fn opt(mut self, name: &str, kind: Kind) -> Self {
        self.0.columns.push(optional(name, kind));
        self
    }
    fn index(mut self, columns: &[&str]) -> Self {
        self.0.indexes.push(Index {
            name: format!("ix_{}__{}", self.0.name, columns[1..].join("__")),
            columns: columns.iter().map(|&s| s.to_owned()).collect(),
            unique: false,
            live_only: false,
            not_null: None,
        });
        self
    }
    fn unique(mut self, columns: &[&str]) -> Self {
        self = self.index(columns);
        if let Some(i) = self.0.indexes.last_mut() {
            i.unique = true;
            i.name = i.name.replacen("ix_", "ux_", 1);
        }
        self
    }
    /// The one unique index that is not within a workspace: the names of the workspaces themselves.
    fn unique_slug(mut self) -> Self {
        self.0.indexes.push(Index {
            name: "ux_workspace__slug".to_owned(),
            columns: vec!["slug".to_owned()],
            unique: true,
            live_only: false,
            not_null: None,
        });
        self
    }
    fn sparse(mut self, column: &str) -> Self {
        if let Some(i) = self.0.indexes.last_mut() {
            i.not_null = Some(column.to_owned());
        }
        self
    }
    fn clustered(mut self) -> Self {
        self.0.clustered = true;
        self
    }
    fn append_only(mut self) -> Self {
        self.0.append_only = true;
        self
    }
    fn done(self) -> Arc<Table> {
        Arc::new(self.0)
    }
}

/// The tables that every workspace shares and that are no objects of the catalog.
#[derive(Debug)]
pub struct SideTables {
    /// Facts of the installation: schema version, instance id and epoch.
    pub meta: Arc<Table>,
    /// Workspaces.
    pub workspace: Arc<Table>,
    /// The spine: one row per record.
    pub record: Arc<Table>,
    /// Links of fields that hold several.
    pub record_link: Arc<Table>,
    /// Values of custom fields that can be filtered, sorted or must be unique.
    pub field_index: Arc<Table>,
    /// Tags of records.
    pub record_tag: Arc<Table>,
    /// Shares of single records.
    pub record_share: Arc<Table>,
    /// Followers of records.
    pub follower: Arc<Table>,
    /// Timelines, by reference.
    pub timeline: Arc<Table>,
    /// Keys of other systems.
    pub external_key: Arc<Table>,
    /// Old ids of merged records.
    pub alias: Arc<Table>,
    /// Before-images of bulk edits, imports and merges.
    pub image: Arc<Table>,
    /// Before-images of set operations.
    pub relink_image: Arc<Table>,
    /// Events to deliver.
    pub outbox: Arc<Table>,
    /// The audit log as it is written: append-only.
    pub audit: Arc<Table>,
    /// The seal: position and chained hash of each audit entry and event.
    pub seal: Arc<Table>,
    /// Answers to repeat.
    pub idempotency: Arc<Table>,
    /// Jobs.
    pub job: Arc<Table>,
    /// Counters: search row ids, limits in a window.
    pub counter: Arc<Table>,
    /// The workspace's own definitions of fields and objects.
    pub definition: Arc<Table>,
    /// Rows of custom objects.
    pub custom_record: Arc<Table>,
    /// What search finds: one row per record, with the text to check candidates against.
    pub search_doc: Arc<Table>,
    /// The head of the consent ledger for each address: how many entries there are, and the newest.
    pub consent_head: Arc<Table>,
    /// Imports and exports with their progress.
    pub transfer: Arc<Table>,
    /// Rows of an import that are done.
    pub transfer_row: Arc<Table>,
    /// Accounts: how a person proves who they are; of the instance, not of a workspace.
    pub account: Arc<Table>,
    /// Recovery codes of accounts, hashed.
    pub recovery_code: Arc<Table>,
    /// Which user of which workspace an account is.
    pub membership: Arc<Table>,
    /// Sessions of people and one-time links, hashed; of the instance.
    pub session: Arc<Table>,
    /// Tokens of programs.
    pub token: Arc<Table>,
    /// Leases: who is the sealer, the scheduler.
    pub lease: Arc<Table>,
}

impl SideTables {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Table>> {
        [
            &self.meta,
            &self.workspace,
            &self.record,
            &self.record_link,
            &self.field_index,
            &self.record_tag,
            &self.record_share,
            &self.follower,
            &self.timeline,
            &self.external_key,
            &self.alias,
            &self.image,
            &self.relink_image,
            &self.outbox,
            &self.audit,
            &self.seal,
            &self.idempotency,
            &self.job,
            &self.counter,
            &self.definition,
            &self.custom_record,
            &self.search_doc,
            &self.consent_head,
            &self.transfer,
            &self.transfer_row,
            &self.account,
            &self.recovery_code,
            &self.membership,
            &self.session,
            &self.token,
            &self.lease,
        ]
        .into_iter()
        .map(Arc::clone)
        .collect()
    }
}

/// The side tables.
pub static SIDE: LazyLock<SideTables> = LazyLock::new(build);

/// Columns that every object's table has, in this order; `owner_id` and `team_id` follow where it can be owned.
pub const SYSTEM_COLUMNS: &[(&str, Kind, bool)] = &[
    ("workspace_id", Kind::Int, false),
    ("id", Kind::Uuid, false),
    ("version", Kind::Int, false),
    ("created_at", Kind::Int, false),
    ("updated_at", Kind::Int, false),
    ("created_by", Kind::Uuid, false),
    ("updated_by", Kind::Uuid, false),
    ("deleted_at", Kind::Int, true),
];

fn build() -> SideTables {
    use Kind::{Bytes, Int, Text, Tokens, Uuid};
    let ws = |name: &str, primary: &[&str]| Builder::new(name, primary).col("workspace_id", Int);
    SideTables {
        meta: Builder::new("meta", &["key"])
            .col("key", Text)
            .col("value", Text)
            .clustered()
            .done(),
        workspace: Builder::new("workspace", &["workspace_id"])
            .col("workspace_id", Int)
            .col("id", Uuid)
            .col("slug", Text)
            .col("name", Text)
            .col("settings", Text)
            .col("created_at", Int)
            .unique_slug()
            .done(),
        record: ws("record", &["workspace_id", "id"])
            .col("id", Uuid)
            .col("object", Text)
            .opt("owner_id", Uuid)
            .opt("team_id", Uuid)
            .opt("deleted_at", Int)
            .opt("merged_into", Uuid)
            .col("rid", Int)
            .opt("salt", Bytes)
            .index(&["workspace_id", "deleted_at"])
            .sparse("deleted_at")
            .clustered()
            .done(),
        record_link: ws(
            "record_link",
            &["workspace_id", "object", "field", "from_id", "to_id"],
        )
        .col("object", Text)
        .col("field", Text)
        .col("from_id", Uuid)
        .col("to_id", Uuid)
        .col("position", Int)
        .index(&["workspace_id", "to_id", "object", "field"])
        .clustered()
        .done(),
        field_index: ws(
            "field_index",
            &["workspace_id", "field", "kind", "key", "record_id"],
        )
        .col("field", Int)
        .col("kind", Int)
        .col("key", Bytes)
        .col("record_id", Uuid)
        .index(&["workspace_id", "record_id", "field"])
        .clustered()
        .done(),
        record_tag: ws("record_tag", &["workspace_id", "tag_id", "record_id"])
            .col("tag_id", Uuid)
            .col("record_id", Uuid)
            .col("at", Int)
            .index(&["workspace_id", "record_id"])
            .on_record("record_id")
            .clustered()
            .done(),
        record_share: ws("record_share", &["workspace_id", "record_id", "grantee_id"])
            .col("record_id", Uuid)
            .col("grantee_id", Uuid)
            .col("may_update", Int)
            .col("at", Int)
            .index(&["workspace_id", "grantee_id"])
            .on_record("record_id")
            .clustered()
            .done(),
        follower: ws("follower", &["workspace_id", "record_id", "user_id"])
            .col("record_id", Uuid)
            .col("user_id", Uuid)
            .col("at", Int)
            .on_record("record_id")
            .clustered()
            .done(),
        timeline: ws(
            "timeline",
            &["workspace_id", "record_id", "at", "reference_id", "kind"],
        )
        .col("record_id", Uuid)
        .col("at", Int)
        .col("kind", Text)
        .col("reference_id", Uuid)
        .index(&["workspace_id", "reference_id"])
        .on_record("record_id")
        .clustered()
        .done(),
        external_key: ws("external_key", &["workspace_id", "object", "source", "key"])
            .col("object", Text)
            .col("source", Text)
            .col("key", Text)
            .col("record_id", Uuid)
            .index(&["workspace_id", "record_id"])
            .on_record("record_id")
            .clustered()
            .done(),
        alias: ws("alias", &["workspace_id", "object", "id"])
            .col("object", Text)
            .col("id", Uuid)
            .col("to_id", Uuid)
            .index(&["workspace_id", "to_id"])
            .clustered()
            .done(),
        image: ws("image", &["workspace_id", "operation_id", "record_id"])
            .col("operation_id", Uuid)
            .col("record_id", Uuid)
            .col("object", Text)
            .col("version_after", Int)
            .opt("before", Text)
            .clustered()
            .done(),
        relink_image: ws(
            "relink_image",
            &["workspace_id", "operation_id", "place", "record_id", "detail"],
        )
        .col("operation_id", Uuid)
        .col("place", Text)
        .col("record_id", Uuid)
        .col("from_id", Uuid)
        .col("to_id", Uuid)
        .col("detail", Text)
        .done(),
        outbox: ws("outbox", &["workspace_id", "bucket", "id"])
            .col("bucket", Int)
            .col("id", Uuid)
            .col("kind", Text)
            .col("record_id", Uuid)
            .col("version", Int)
            .col("at", Int)
            .clustered()
            .done(),
        audit: ws("audit", &["workspace_id", "bucket", "id"])
            .col("bucket", Int)
            .col("id", Uuid)
            .col("at", Int)
            .col("actor", Uuid)
            .col("via", Text)
            .col("request", Uuid)
            .col("action", Text)
            .col("object", Text)
            .col("record_id", Uuid)
            .col("detail", Bytes)
            .index(&["workspace_id", "record_id", "at"])
            .append_only()
            .done(),
        seal: ws("seal", &["workspace_id", "stream", "position"])
            .col("stream", Text)
            .col("position", Int)
            .col("entry_id", Uuid)
            .col("hash", Bytes)
            .index(&["workspace_id", "entry_id"])
            .append_only()
            .done(),
        idempotency: ws("idempotency", &["workspace_id", "actor", "route", "key"])
            .col("actor", Uuid)
            .col("route", Text)
            .col("key", Text)
            .col("hash", Bytes)
            .col("status", Int)
            .col("result", Text)
            .col("at", Int)
            .index(&["workspace_id", "at"])
            .clustered()
            .done(),
        job: ws("job", &["workspace_id", "id"])
            .col("id", Uuid)
            .col("kind", Text)
            .col("payload", Text)
            .col("state", Text)
            .col("run_at", Int)
            .col("attempts", Int)
            .opt("lease_token", Uuid)
            .col("lease_beat", Int)
            .opt("dedupe", Text)
            .opt("error", Text)
            .opt("progress", Text)
            .col("created_at", Int)
            .opt("finished_at", Int)
            .index(&["workspace_id", "state", "run_at"])
            .unique(&["workspace_id", "kind", "dedupe"])
            .sparse("dedupe")
            .done(),
        counter: ws("counter", &["workspace_id", "name"])
            .col("name", Text)
            .col("window_start", Int)
            .col("value", Int)
            .clustered()
            .done(),
        definition: ws("definition", &["workspace_id", "name"])
            .col("name", Text)
            .col("revision", Int)
            .col("body", Text)
            .done(),
        custom_record: custom_record(),
        search_doc: ws("search_doc", &["workspace_id", "rid"])
            .col("rid", Int)
            .col("object", Text)
            .col("record_id", Uuid)
            .col("plain", Text)
            .opt("words", Text)
            .opt("tokens", Tokens)
            .clustered()
            .done(),
        consent_head: ws("consent_head", &["workspace_id", "address_hash"])
            .col("address_hash", Bytes)
            .col("version", Int)
            .col("entry_id", Uuid)
            .clustered()
            .done(),
        transfer: ws("transfer", &["workspace_id", "id"])
            .col("id", Uuid)
            .col("kind", Text)
            .col("object", Text)
            .col("state", Text)
            .col("actor", Uuid)
            .col("settings", Text)
            .col("progress", Text)
            .col("created_at", Int)
            .col("updated_at", Int)
            .opt("finished_at", Int)
            .index(&["workspace_id", "created_at"])
            .done(),
        transfer_row: ws("transfer_row", &["workspace_id", "transfer_id", "row_number"])
            .col("transfer_id", Uuid)
            .col("row_number", Int)
            .col("hash", Bytes)
            .col("outcome", Text)
            .opt("record_id", Uuid)
            .opt("detail", Text)
            .clustered()
            .done(),
        account: ws("account", &["workspace_id", "id"])
            .col("id", Uuid)
            .col("email", Text)
            .opt("password_hash", Text)
            .opt("totp", Bytes)
            .opt("totp_next", Bytes)
            .col("totp_step", Int)
            .col("created_at", Int)
            .col("changed_at", Int)
            .unique(&["workspace_id", "email"])
            .done(),
        recovery_code: ws("recovery_code", &["workspace_id", "account_id", "hash"])
            .col("account_id", Uuid)
            .col("hash", Bytes)
            .clustered()
            .done(),
        membership: ws("membership", &["workspace_id", "account_id", "place"])
            .col("account_id", Uuid)
            .col("place", Int)
            .col("user_id", Uuid)
            .index(&["workspace_id", "place", "user_id"])
            .clustered()
            .done(),
        session: ws("session", &["workspace_id", "hash"])
            .col("hash", Bytes)
            .col("kind", Text)
            .col("account_id", Uuid)
            .col("place", Int)
            .col("user_id", Uuid)
            .col("created_at", Int)
            .col("seen_at", Int)
            .col("expires_at", Int)
            .col("proved_at", Int)
            .col("device", Text)
            .col("network", Text)
            .index(&["workspace_id", "account_id"])
            .index(&["workspace_id", "place", "user_id"])
            .index(&["workspace_id", "expires_at"])
            .done(),
        token: ws("token", &["workspace_id", "hash"])
            .col("hash", Bytes)
            .col("id", Uuid)
            .col("user_id", Uuid)
            .col("name", Text)
            .col("scopes", Text)
            .col("created_at", Int)
            .opt("expires_at", Int)
            .opt("revoked_at", Int)
            .opt("used_at", Int)
            .opt("networks", Text)
            .index(&["workspace_id", "user_id"])
            .done(),
        lease: ws("lease", &["workspace_id", "name"])
            .col("name", Text)
            .col("token", Uuid)
            .col("beat", Int)
            .col("taken_at", Int)
            .clustered()
            .done(),
    }
}

fn custom_record() -> Arc<Table> {
    let mut columns: Vec<Column> = SYSTEM_COLUMNS
        .iter()
        .map(|&(name, kind, nullable)| Column {
            name: name.to_owned(),
            kind,
            nullable,
        })
        .collect();
    columns.extend([
        optional("owner_id", Kind::Uuid),
        optional("team_id", Kind::Uuid),
        column("object", Kind::Text),
        column("custom", Kind::Text),
    ]);
    let index = |columns: &[&str]| Index {
        name: format!("ix_custom_record__{}", columns[1..].join("__")),
        columns: columns.iter().map(|&s| s.to_owned()).collect(),
        unique: false,
        live_only: true,
        not_null: None,
    };
    Arc::new(Table {
        name: "custom_record".to_owned(),
        columns,
        primary: vec!["workspace_id".to_owned(), "id".to_owned()],
        indexes: vec![
            index(&["workspace_id", "object", "id"]),
            index(&["workspace_id", "object", "updated_at", "id"]),
        ],
        clustered: false,
        append_only: false,
        references_record: None,
    })
}
