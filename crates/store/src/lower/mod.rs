//! From a batch to the steps that an engine applies: the one writer of records. What follows from a record (spine,
//! folds, sort keys, field index, links of many, search) is written here, and here the policy is held against every change.

mod change;
mod derived;
mod guard;
mod record;
mod rights;

use std::collections::HashSet;
use std::sync::Arc;

use peyvand_core::{Context, Id, WorkspaceId};
use peyvand_record::policy::Policy;
use peyvand_record::{Batch, Change, Guard};

use crate::layout::{Layout, ObjectLayout};
use crate::ports::{OnKey, Plan, Step, StoreError};
use crate::tables::{SIDE, Table};
use crate::value::SqlVal;

/// What lowering needs beside the batch.
pub struct Lowering<'a> {
    /// The layouts of the workspace.
    pub layout: &'a Layout,
    /// Who acts, where and when.
    pub context: &'a Context,
    /// The rights of the one who acts.
    pub policy: &'a Policy,
    /// Records that a share lets the one who acts change; filled from the guards of the batch.
    pub shared: HashSet<Id>,
    /// Fresh search row ids, one for each new record on the spine, in order.
    pub rids: &'a mut dyn Iterator<Item = i64>,
    /// Makes a fresh salt for a new record's audit key.
    pub salt: &'a mut dyn FnMut(Id) -> Vec<u8>,
    /// Encrypts an audit detail for its subject.
    pub seal: &'a dyn Fn(Id, &str) -> Vec<u8>,
}

/// Numbers of the objects within search row ids. A number is never given to another object.
const OBJECT_NUMBERS: &[(&str, u8)] = &[
    ("contact", 1),
    ("company", 2),
    ("deal", 3),
    ("product", 4),
    ("order", 5),
    ("activity", 6),
    ("note", 7),
    ("interaction", 8),
    ("campaign", 9),
    ("list", 10),
    ("user", 11),
    ("team", 12),
    ("tag", 13),
    ("territory", 14),
    ("category", 15),
    ("competitor", 16),
    ("file", 17),
    ("price_list", 18),
    ("pipeline", 19),
    ("stage", 20),
];

/// The number of all objects without one of their own.
const OTHER_OBJECTS: u8 = 255;

/// The number of an object within search row ids.
#[must_use]
pub fn object_number(object: &str) -> u8 {
    OBJECT_NUMBERS
        .iter()
        .find(|(k, _)| *k == object)
        .map_or(OTHER_OBJECTS, |(_, n)| *n)
}

/// Bits of a search row id below those of the workspace.
const RID_WORKSPACE: u32 = 40;

/// The workspace of a search row id.
#[must_use]
pub const fn rid_workspace(rid: i64) -> i64 {
    rid >> RID_WORKSPACE
}

/// The range of search row ids of an object in a workspace: 15 bits of workspace, 8 of object, 32 of sequence.
#[must_use]
pub fn rid_range(workspace: WorkspaceId, object: &str) -> (i64, i64) {
    let start = (i64::from(workspace.0) << RID_WORKSPACE) | (i64::from(object_number(object)) << 32);
    (start, start + (1 << 32))
}

fn ws(context: &Context) -> SqlVal {
    SqlVal::Int(i64::from(context.workspace.0))
}

fn key(table: &Table, pairs: &[(&str, SqlVal)]) -> Vec<(usize, SqlVal)> {
    pairs.iter().map(|(c, v)| (table.at(c), v.clone())).collect()
}

fn row(table: &Arc<Table>, pairs: &[(&str, SqlVal)], on_key: OnKey) -> Step {
    let mut row = vec![SqlVal::Null; table.columns.len()];
    for (c, v) in pairs {
        row[table.at(c)] = v.clone();
    }
    Step::Insert {
        table: Arc::clone(table),
        row,
        on_key,
    }
}

/// How many search row ids a batch needs.
#[must_use]
pub fn rids_needed(layout: &Layout, batch: &Batch) -> usize {
    batch
        .changes
        .iter()
        .filter(
            |c| matches!(c, Change::Insert(r) if layout.object(&r.object).is_some_and(|l| l.object.spine)),
        )
        .count()
}

impl Lowering<'_> {
    /// The steps of a batch.
    ///
    /// # Errors
    /// `Denied` when the policy forbids one of the changes; nothing is half-lowered.
    pub fn lower(&mut self, batch: &Batch) -> Result<Plan, StoreError> {
        let mut steps = Vec::with_capacity(batch.changes.len() * 6 + 4);
        let mut children: HashSet<Id> = HashSet::new();
        for guard in &batch.guards {
            steps.push(self.guard(guard)?);
            if let Guard::Shared { record, grantee } = guard
                && (*grantee == self.policy.actor.id() || self.policy.teams.contains(grantee))
            {
                self.shared.insert(*record);
            }
        }
        for change in &batch.changes {
            self.change(change, &mut steps, &mut children)?;
        }
        self.uniques(batch, &mut steps);
        let w = ws(self.context);
        let t = &SIDE.timeline;
        for e in &batch.timeline {
            steps.push(row(
                t,
                &[
                    ("workspace_id", w.clone()),
                    ("record_id", e.record.into()),
                    ("at", e.at.micros().into()),
                    ("kind", SqlVal::Text(e.kind.to_string())),
                    ("reference_id", e.reference.into()),
                ],
                OnKey::Keep,
            ));
        }
        for e in &batch.events {
            steps.push(row(
                &SIDE.outbox,
                &[
                    ("workspace_id", w.clone()),
                    ("bucket", i64::from(e.id.bucket()).into()),
                    ("id", e.id.into()),
                    ("kind", SqlVal::Text(e.kind.to_string())),
                    ("record_id", e.record.into()),
                    ("version", e.version.into()),
                    ("at", e.at.micros().into()),
                ],
                OnKey::Fail,
            ));
        }
        for a in &batch.audit {
            steps.push(row(
                &SIDE.audit,
                &[
                    ("workspace_id", w.clone()),
                    ("bucket", i64::from(a.id.bucket()).into()),
                    ("id", a.id.into()),
                    ("at", self.context.now.micros().into()),
                    ("actor", self.context.actor.id().into()),
                    ("via", self.context.via.key().into()),
                    ("request", self.context.request.into()),
                    ("action", a.action.key().into()),
                    ("object", SqlVal::Text(a.object.to_string())),
                    ("record_id", a.record.into()),
                    ("detail", (self.seal)(a.record, &a.detail).into()),
                ],
                OnKey::Fail,
            ));
        }
        for j in &batch.jobs {
            steps.push(row(
                &SIDE.job,
                &[
                    ("workspace_id", w.clone()),
                    ("id", j.id.into()),
                    ("kind", SqlVal::Text(j.kind.to_string())),
                    ("payload", SqlVal::Text(j.payload.to_string())),
                    ("state", "waiting".into()),
                    ("run_at", j.run_at.micros().into()),
                    ("attempts", 0.into()),
                    ("lease_beat", 0.into()),
                    ("dedupe", j.dedupe.as_deref().into()),
                    ("created_at", self.context.now.micros().into()),
                ],
                OnKey::Keep,
            ));
        }
        if let Some(i) = &batch.idempotency {
            steps.push(row(
                &SIDE.idempotency,
                &[
                    ("workspace_id", w),
                    ("actor", i.actor.into()),
                    ("route", SqlVal::Text(i.route.to_string())),
                    ("key", SqlVal::Text(i.key.to_string())),
                    ("hash", i.hash.to_vec().into()),
                    ("status", i64::from(i.status).into()),
                    ("result", SqlVal::Text(i.result.to_string())),
                    ("at", i.at.micros().into()),
                ],
                OnKey::Fail,
            ));
        }
        Ok(Plan {
            steps,
            reach: Some(crate::reach::Reach::Workspace(self.context.workspace)),
        })
    }

    fn layout(&self, object: &str) -> Result<&ObjectLayout, StoreError> {
        self.layout
            .object(object)
            .map(AsRef::as_ref)
            .ok_or_else(|| crate::compile::CompileError::UnknownObject(object.to_owned()).into())
    }
}
