//! What follows from records and is stored with them: formulas, twins of amounts, entries of the field index. Worked out
//! anew by a job when what it follows from has changed: a formula, a rate, what a field is used for.

use std::collections::BTreeSet;
use std::sync::Arc;

use peyvand_catalog::schema::{Change as SchemaChange, Expired, Schema};
use peyvand_catalog::{FieldType, ObjectDef};
use peyvand_core::{Id, Via};
use peyvand_numbers::Language;
use peyvand_record::codec::Mode;
use peyvand_record::{Batch, Change, Record, derive, formula};
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, Layout, ObjectLayout, RowsCall, SqlVal, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::linked::decode;
use crate::workspace::Workspace;

/// The kind of the job.
pub const KIND: &str = "derive";
/// Records of one transaction.
const CHUNK: u32 = 200;
/// Times that a chunk is read anew when somebody else was faster.
const TRIES: u32 = 20;

/// What the job is told.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Payload {
    /// Keys of objects; every object when there are none.
    objects: Vec<String>,
    /// Write the field index and the search text anew too.
    reindex: bool,
    /// Work out the twins of all amounts anew, not only those that are lacking.
    #[serde(default)]
    rebase: bool,
}

/// How much is done with each record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depth {
    reindex: bool,
    rebase: bool,
}

/// Do records have to be gone through after this change of definitions?
fn object_to_derive(change: &SchemaChange) -> Option<&str> {
    match change {
        SchemaChange::AddField { object, field } if field.ty == FieldType::Formula => Some(object),
        SchemaChange::EditField { field, .. }
        | SchemaChange::ChangeType { field, .. }
        | SchemaChange::ChangeChoices { field, .. }
        | SchemaChange::RenameField { field, .. }
        | SchemaChange::RestoreField { field } => Some(&field.object),
        SchemaChange::RestoreObject { object } => Some(object),
        _ => None,
    }
}

impl App {
    /// Plans that what follows from the records of these objects (of all, when none are named) is worked out anew.
    pub(crate) async fn plan_derive(
        &self,
        workspace: &Workspace,
        objects: &[String],
    ) -> Result<(), AppError> {
        let payload = Payload {
            objects: objects.to_vec(),
            reindex: !objects.is_empty(),
            rebase: false,
        };
        self.plan(workspace, &payload).await
    }

    /// Plans that all amounts are brought into the base currency that the workspace has now.
    pub(crate) async fn plan_rebase(&self, workspace: &Workspace) -> Result<(), AppError> {
        let payload = Payload {
            rebase: true,
            ..Payload::default()
        };
        self.plan(workspace, &payload).await
    }

    async fn plan(&self, workspace: &Workspace, payload: &Payload) -> Result<(), AppError> {
        let text = serde_json::to_string(payload).unwrap_or_default();
        self.enqueue(workspace.id, KIND, &text, self.clock.now(), None)
            .await
    }

    /// Plans what changes of definitions ask for.
    pub(crate) async fn plan_after(
        &self,
        workspace: &Workspace,
        changes: &[SchemaChange],
    ) -> Result<(), AppError> {
        let objects: BTreeSet<String> = changes
            .iter()
            .filter_map(object_to_derive)
            .map(str::to_owned)
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        self.plan_derive(workspace, &objects.into_iter().collect::<Vec<_>>())
            .await
    }

    /// The job: goes through the records. Gives how many were changed.
    pub async fn derive(&self, workspace: &Arc<Workspace>, payload: &str) -> Result<u64, AppError> {
        // The definitions as they are now: the job may have waited while they changed again.
        let workspace = &self.workspace(Some(&workspace.slug)).await?;
        let told: Payload = serde_json::from_str(payload).unwrap_or_default();
        let mut changed = 0;
        for object in workspace.catalog().objects() {
            let named = told.objects.contains(&object.key);
            let concerned = object
                .fields
                .iter()
                .any(|f| f.ty == FieldType::Formula || f.stored() == FieldType::Money);
            if named || (told.objects.is_empty() && concerned) {
                let depth = Depth {
                    reindex: told.reindex && named,
                    rebase: told.rebase,
                };
                changed += self.derive_object(workspace, object, depth).await?;
            }
        }
        Ok(changed)
    }

    /// Goes through the records of one object, those in the recycle bin too.
    pub(crate) async fn derive_object(
        &self,
        workspace: &Arc<Workspace>,
        object: &Arc<ObjectDef>,
        depth: Depth,
    ) -> Result<u64, AppError> {
        let Some(layout) = workspace.layout.object(&object.key) else {
            return Ok(0);
        };
        let (mut last, mut changed, mut tries) = (Id::NIL, 0, 0);
        loop {
            let records = self.chunk(workspace, layout, last).await?;
            let Some(end) = records.last().map(Record::id) else {
                return Ok(changed);
            };
            match self.derive_chunk(workspace, object, records, depth).await {
                Ok(n) => {
                    changed += n;
                    last = end;
                    tries = 0;
                }
                Err(AppError::Store(StoreError::Conflict(Conflict::Stale { .. }))) if tries < TRIES => {
                    tries += 1;
                }
                Err(e) => return Err(e),
            }
        }
    }

    /// The records of an object behind this id, oldest first.
    async fn chunk(
        &self,
        workspace: &Workspace,
        layout: &ObjectLayout,
        after: Id,
    ) -> Result<Vec<Record>, AppError> {
        let mut key: Vec<(&str, SqlVal)> = vec![("workspace_id", i64::from(workspace.id.0).into())];
        if layout.object_column.is_some() {
            key.push(("object", layout.object.key.as_str().into()));
        }
        let call = RowsCall::new(&layout.table, &key)
            .bound("id", Bound::Gt, after)
            .order("id", false)
            .limit(CHUNK);
        Ok(self
            .store
            .rows(call)
            .await?
            .iter()
            .map(|r| decode(layout, r))
            .collect())
    }

    async fn derive_chunk(
        &self,
        workspace: &Arc<Workspace>,
        object: &ObjectDef,
        records: Vec<Record>,
        depth: Depth,
    ) -> Result<u64, AppError> {
        let mut afters = records.clone();
        if depth.rebase {
            Self::without_twins(afters.iter_mut().flat_map(|r| &mut r.values));
        }
        let caller = Caller::system(workspace, Via::Job);
        let context = self.context(&caller);
        let base = workspace.catalog().base_currency;
        let today = workspace.edge(Language::En, context.now, Mode::Patch).today;
        let mut rates = super::records::Rates::new();
        self.rates_for(
            workspace,
            today,
            afters.iter().flat_map(|r| &r.values),
            &mut rates,
        )
        .await?;
        let mut batch = Batch::default();
        let mut changed = 0;
        for (before, mut after) in records.into_iter().zip(afters) {
            Self::twin_all(workspace, after.values.iter_mut(), &rates);
            formula::fill(object, &mut after, base);
            let known: Vec<i32> = workspace.schema.numbers_of(&object.key);
            if let Some(peyvand_record::Value::Json(kept)) = after.values.get_mut(object.fields.len())
                && let serde_json::Value::Object(kept) = &mut **kept
            {
                // Values of fields that are gone for good go too.
                kept.retain(|n, _| n.parse().is_ok_and(|n| known.contains(&n)));
            }
            if after.values[..object.fields.len()] != before.values[..object.fields.len()] {
                let now = after.touched(context.now, context.actor);
                changed += 1;
                batch.changes.push(Change::Update {
                    before: Box::new(before),
                    after: Box::new(now.clone()),
                });
                after = now;
            }
            if depth.reindex {
                batch.changes.push(Change::Reindex(Box::new(after)));
            }
        }
        if !batch.changes.is_empty() {
            self.store
                .apply(&context, &workspace.layout, &caller.policy, &batch)
                .await?;
        }
        Ok(changed)
    }

    /// Refuses a field to become unique while two live records share a value of it.
    pub(crate) async fn check_unique(
        &self,
        workspace: &Workspace,
        next: &Schema,
        changes: &[SchemaChange],
    ) -> Result<(), AppError> {
        let becomes = |c: &SchemaChange| match c {
            SchemaChange::EditField { field, from, to } if to.unique && !from.unique => {
                Some(field.object.clone())
            }
            _ => None,
        };
        let objects: BTreeSet<String> = changes.iter().filter_map(becomes).collect();
        if objects.is_empty() {
            return Ok(());
        }
        let catalog = next.catalog().map_err(|e| AppError::Schema(e.into()))?;
        let layout = Layout::of(Arc::new(catalog));
        for key in objects {
            let Some(l) = layout.object(&key) else { continue };
            let mut seen: std::collections::HashSet<(i32, [u8; 32])> = std::collections::HashSet::new();
            let mut last = Id::NIL;
            loop {
                let records = self.chunk(workspace, l, last).await?;
                let Some(end) = records.last() else { break };
                last = end.id();
                for r in &records {
                    for (number, k) in derive::unique_keys(&l.object, r) {
                        use sha2::Digest as _;
                        if !seen.insert((number, sha2::Sha256::digest(&k).into())) {
                            let field = l.object.fields.iter().find(|f| f.number == Some(number));
                            return Err(AppError::Duplicate {
                                fields: field.map(|f| f.key.clone()).unwrap_or_default(),
                            });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes out definitions whose thirty days are over, with everything that was stored under them.
    pub async fn expire_definitions(&self, workspace: &Arc<Workspace>) -> Result<Vec<Expired>, AppError> {
        let today = workspace.edge(Language::En, self.clock.now(), Mode::Patch).today;
        let mut next = self.schema_of(workspace);
        let gone = next.expire(today);
        if gone.is_empty() {
            return Ok(gone);
        }
        for one in &gone {
            if let Expired::Object(key) = one {
                self.purge_object(workspace, key).await?;
            }
        }
        let fresh = self.save_schema(workspace.into(), &next).await?;
        let mut objects: BTreeSet<String> = BTreeSet::new();
        for one in &gone {
            if let Expired::Field(field) = one {
                self.purge_field(workspace, field.number).await?;
                objects.insert(field.object.clone());
            }
        }
        for key in objects {
            if let Some(object) = fresh.catalog().object(&key).map(Arc::clone) {
                let depth = Depth {
                    reindex: true,
                    rebase: false,
                };
                self.derive_object(&fresh, &object, depth).await?;
            }
        }
        Ok(gone)
    }

    /// Every entry of a field in the field index goes, the claims of a unique one too.
    async fn purge_field(&self, workspace: &Workspace, number: i32) -> Result<(), AppError> {
        let t = &SIDE.field_index;
        loop {
            let key = [
                ("workspace_id", i64::from(workspace.id.0).into()),
                ("field", i64::from(number).into()),
            ];
            let rows = self.store.rows(RowsCall::new(t, &key)).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let steps = rows
                .iter()
                .map(|row| peyvand_store::Step::Delete {
                    table: Arc::clone(t),
                    key: t
                        .primary
                        .iter()
                        .map(|c| (t.at(c), row[t.at(c)].clone()))
                        .collect(),
                    expect_some: None,
                })
                .collect();
            self.store.engine().apply(peyvand_store::Plan::of(steps)).await?;
        }
    }

    /// Every record of a deleted object of the workspace goes for good.
    async fn purge_object(&self, workspace: &Arc<Workspace>, key: &str) -> Result<(), AppError> {
        // Its records can only be read with its definition: a catalog in which it is still there.
        let mut schema = workspace.schema.clone();
        for o in schema.objects.iter_mut().filter(|o| o.key == key) {
            o.deleted_on = None;
        }
        let catalog = schema.catalog().map_err(|e| AppError::Schema(e.into()))?;
        let layout = Layout::of(Arc::new(catalog));
        let Some(l) = layout.object(key) else {
            return Ok(());
        };
        let caller = Caller::system(workspace, Via::Job);
        loop {
            let records = self.chunk(workspace, l, Id::NIL).await?;
            if records.is_empty() {
                return Ok(());
            }
            let context = self.context(&caller);
            let batch = Batch {
                changes: records.into_iter().map(|r| Change::Purge(Box::new(r))).collect(),
                ..Batch::default()
            };
            self.store
                .apply(&context, &layout, &caller.policy, &batch)
                .await?;
        }
    }
}
