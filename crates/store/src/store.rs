//! The store: every question is asked and every change is made through it, under a policy.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use peyvand_core::{Context, Id, WorkspaceId, random};
use peyvand_record::derive;
use peyvand_record::policy::Policy;
use peyvand_record::query::{Cursor, CursorKey, Page, Query};
use peyvand_record::{Batch, Record};

use crate::compile::{Compiler, Half};
use crate::keys::Keys;
use crate::layout::{Layout, ObjectLayout};
use crate::lower::{Lowering, rids_needed};
use crate::ports::{Conflict, Engine, Plan, Row, RowsCall, Step, StoreError};
use crate::tables::SIDE;
use crate::value::SqlVal;

/// Search row ids are taken from the database in blocks of this size.
const RID_BLOCK: i64 = 4096;
/// Salts kept in memory.
const SALTS: usize = 65_536;

/// The database under its rules.
#[derive(Debug)]
pub struct Store {
    engine: Arc<dyn Engine>,
    keys: Keys,
    rids: tokio::sync::Mutex<HashMap<WorkspaceId, std::ops::Range<i64>>>,
    salts: Mutex<Salts>,
}

/// Salts of audit subjects, the oldest forgotten first.
#[derive(Debug, Default)]
struct Salts {
    map: HashMap<(WorkspaceId, Id), Vec<u8>>,
    order: VecDeque<(WorkspaceId, Id)>,
}

impl Salts {
    fn put(&mut self, key: (WorkspaceId, Id), salt: Vec<u8>) {
        if self.map.insert(key, salt).is_none() {
            self.order.push_back(key);
            if self.order.len() > SALTS
                && let Some(old) = self.order.pop_front()
            {
                self.map.remove(&old);
            }
        }
    }
}

/// The sum of a field over the records of one currency (or of none, for numbers).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The currency; `None` for numbers and decimals.
    pub currency: Option<String>,
    /// Records with a value.
    pub count: u64,
    /// The sum: minor units, or the scaled number.
    pub total: i128,
    /// Records whose amount has its twin.
    pub with_twin: u64,
    /// The sum of the twins, in minor units of the base currency.
    pub base: i128,
}

impl Store {
    /// A store on an engine.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, keys: Keys) -> Self {
        Self {
            engine,
            keys,
            rids: tokio::sync::Mutex::default(),
            salts: Mutex::default(),
        }
    }

    /// The engine: for administration (backup, check, migration), not for records.
    #[must_use]
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// The keys of the instance.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn compiler<'a>(
        &self,
        workspace: WorkspaceId,
        layout: &'a Layout,
        policy: &'a Policy,
    ) -> Compiler<'a> {
        Compiler {
            layout,
            workspace,
            policy,
            dialect: self.engine.dialect(),
        }
    }

    pub(crate) fn layout_of<'a>(
        layout: &'a Layout,
        object: &str,
    ) -> Result<&'a Arc<ObjectLayout>, StoreError> {
        layout
            .object(object)
            .ok_or_else(|| crate::compile::CompileError::UnknownObject(object.to_owned()).into())
    }

    /// A page of records.
    pub async fn page(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        q: &Query,
    ) -> Result<Page, StoreError> {
        let l = Self::layout_of(layout, &q.object)?;
        let compiler = self.compiler(workspace, layout, policy);
        let wanted = u64::from(q.limit) + 1;
        let halves: &[Half] = if !compiler.has_halves(q)? {
            &[Half::Whole]
        } else if q
            .after
            .as_ref()
            .is_some_and(|c| c.keys.first().is_some_and(Option::is_none))
        {
            &[Half::Empty]
        } else {
            &[Half::Filled, Half::Empty]
        };
        let mut rows: Vec<Row> = Vec::new();
        for half in halves {
            let left = wanted - rows.len() as u64;
            if left == 0 {
                break;
            }
            rows.extend(self.engine.select(compiler.page(q, *half, left)?).await?);
        }
        let more = rows.len() as u64 == wanted;
        if more {
            rows.pop();
        }
        let columns = l.columns_of(q.fields.as_deref());
        let keys = if more {
            rows.last().map(|r| cursor_keys(&r[columns.list.len()..]))
        } else {
            None
        };
        let records: Vec<Record> = rows.into_iter().map(|r| l.decode_from(&columns, r)).collect();
        let next = keys.zip(records.last()).map(|(keys, last)| Cursor {
            order: q.order_tag(),
            keys,
            id: last.id(),
        });
        Ok(Page { records, next })
    }

    /// All records that match, read page by page as long as the query says. For what is known to be few.
    pub async fn every(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        mut q: Query,
    ) -> Result<Vec<Record>, StoreError> {
        let mut out = Vec::new();
        loop {
            let page = self.page(workspace, layout, policy, &q).await?;
            out.extend(page.records);
            match page.next {
                Some(next) => q.after = Some(next),
                None => return Ok(out),
            }
        }
    }

    /// How many records match, counted up to `cap`; one more than `cap` means "more".
    pub async fn count(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        q: &Query,
        cap: u64,
    ) -> Result<u64, StoreError> {
        let rows = self
            .engine
            .select(self.compiler(workspace, layout, policy).count(q, cap)?)
            .await?;
        Ok(rows
            .first()
            .and_then(|r| r.first())
            .and_then(SqlVal::int)
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or(0))
    }

    /// The exact sums of a field over the matching records, by currency.
    pub async fn sums(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        q: &Query,
        field: peyvand_catalog::FieldIx,
    ) -> Result<Vec<Sum>, StoreError> {
        let select = self.compiler(workspace, layout, policy).sums(q, field)?;
        let rows = self.engine.select(select).await?;
        let int = |v: Option<&SqlVal>| v.and_then(SqlVal::int).unwrap_or_default();
        let joined =
            |high: i64, low: i64| i128::from(high) * i128::from(crate::compile::SUM_BASE) + i128::from(low);
        Ok(rows
            .iter()
            .filter(|r| int(r.get(1)) > 0)
            .map(|r| Sum {
                currency: r
                    .first()
                    .and_then(SqlVal::text)
                    .filter(|c| !c.is_empty())
                    .map(str::to_owned),
                count: int(r.get(1)).unsigned_abs(),
                total: joined(int(r.get(2)), int(r.get(3))),
                with_twin: int(r.get(7)).unsigned_abs(),
                base: joined(int(r.get(5)), int(r.get(6))),
            })
            .collect())
    }

    /// How many records match, counted up to `cap`, and the sums of these fields over them; no sums when there are more.
    pub async fn tally(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        q: &Query,
        fields: &[peyvand_catalog::FieldIx],
        cap: u64,
    ) -> Result<(u64, Vec<Option<i64>>), StoreError> {
        let rows = self
            .engine
            .select(self.compiler(workspace, layout, policy).tally(q, fields, cap)?)
            .await?;
        let mut values = rows.into_iter().next().unwrap_or_default().into_iter();
        let count = values
            .next()
            .and_then(|v| v.int())
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or(0);
        let sums = if count > cap {
            vec![None; fields.len()]
        } else {
            values.map(|v| v.int()).collect()
        };
        Ok((count, sums))
    }

    /// Applies a batch as a whole, under the policy of the one who acts.
    pub async fn apply(
        &self,
        context: &Context,
        layout: &Layout,
        policy: &Policy,
        batch: &Batch,
    ) -> Result<(), StoreError> {
        self.apply_with(context, layout, policy, batch, Vec::new()).await
    }

    /// Applies a batch and steps on tables that are no objects of the catalog, all of it or nothing: so that a change of
    /// settings, definitions or tokens stands in the log by the transaction that made it.
    pub async fn apply_with(
        &self,
        context: &Context,
        layout: &Layout,
        policy: &Policy,
        batch: &Batch,
        steps: Vec<Step>,
    ) -> Result<(), StoreError> {
        let mut plan = self.prepare(context, layout, policy, batch).await?;
        plan.steps.extend(steps);
        self.apply_prepared(context.workspace, layout, batch, plan).await
    }

    /// What an engine has to do for a batch, for callers that decide the next one while this one is written. The policy
    /// has been held against every change.
    pub async fn prepare(
        &self,
        context: &Context,
        layout: &Layout,
        policy: &Policy,
        batch: &Batch,
    ) -> Result<Plan, StoreError> {
        let seqs = self
            .take_rids(context.workspace, rids_needed(layout, batch))
            .await?;
        let made: HashSet<Id> = batch
            .changes
            .iter()
            .filter_map(|c| {
                if let peyvand_record::Change::Insert(r) = c {
                    Some(r.id())
                } else {
                    None
                }
            })
            .collect();
        self.load_salts(
            context.workspace,
            batch.audit.iter().map(|a| a.record).filter(|i| !made.contains(i)),
        )
        .await?;
        let mut rids = seqs.into_iter();
        let workspace = context.workspace;
        let mut salt = |id: Id| {
            let s = random::bytes::<16>().to_vec();
            self.salts().put((workspace, id), s.clone());
            s
        };
        let seal = |subject: Id, text: &str| {
            // Packing and encrypting is the most of the work: nobody waits for the salts meanwhile.
            let salt = self
                .salts()
                .map
                .get(&(workspace, subject))
                .cloned()
                .unwrap_or_default();
            self.keys.seal(workspace, subject, &salt, text)
        };
        Lowering {
            layout,
            context,
            policy,
            shared: HashSet::new(),
            rids: &mut rids,
            salt: &mut salt,
            seal: &seal,
        }
        .lower(batch)
    }

    /// Applies what [`Self::prepare`] made of this batch, all of it or nothing.
    pub async fn apply_prepared(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        batch: &Batch,
        plan: Plan,
    ) -> Result<(), StoreError> {
        match self.engine.apply(plan).await {
            Err(StoreError::Conflict(Conflict::Duplicate { table, .. }))
                if table == SIDE.field_index.name =>
            {
                Err(self.which_unique(workspace, layout, batch).await?.into())
            }
            other => other,
        }
    }

    /// Which unique custom field of the batch has a value that is there already: looked up after the refusal, so that
    /// the writing itself costs nothing.
    async fn which_unique(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        batch: &Batch,
    ) -> Result<Conflict, StoreError> {
        let t = &SIDE.field_index;
        let mut found = Conflict::Duplicate {
            table: t.name.clone(),
            columns: "custom".to_owned(),
        };
        for change in &batch.changes {
            let (before, after) = match change {
                peyvand_record::Change::Insert(r) => (None, r),
                peyvand_record::Change::Update { before, after } => (Some(before), after),
                _ => continue,
            };
            let Some(l) = layout.object(&after.object) else {
                continue;
            };
            let old = before
                .map(|b| derive::unique_keys(&l.object, b))
                .unwrap_or_default();
            for (number, key) in derive::unique_keys(&l.object, after) {
                if old.contains(&(number, key.clone())) {
                    continue;
                }
                let Some(field) = l
                    .object
                    .fields
                    .iter()
                    .find(|f| f.custom && f.number == Some(number))
                else {
                    continue;
                };
                let place = [
                    ("workspace_id", i64::from(workspace.0).into()),
                    ("field", i64::from(number).into()),
                    ("kind", i64::from(derive::IndexKind::Unique as u8).into()),
                    ("key", key.into()),
                ];
                found = Conflict::Duplicate {
                    table: l.table.name.clone(),
                    columns: field.key.clone(),
                };
                if !self
                    .engine
                    .rows(RowsCall::new(t, &place).limit(1))
                    .await?
                    .is_empty()
                {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    fn salts(&self) -> std::sync::MutexGuard<'_, Salts> {
        self.salts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take_rids(&self, workspace: WorkspaceId, n: usize) -> Result<Vec<i64>, StoreError> {
        if n == 0 {
            return Ok(Vec::new());
        }
        let mut blocks = self.rids.lock().await;
        let block = blocks.entry(workspace).or_insert(0..0);
        let mut out = Vec::with_capacity(n);
        while out.len() < n {
            if block.is_empty() {
                let first = self.engine.reserve(workspace, "search-row", RID_BLOCK).await?;
                *block = first..first + RID_BLOCK;
            }
            out.extend(block.by_ref().take(n - out.len()));
        }
        Ok(out)
    }

    async fn load_salts(
        &self,
        workspace: WorkspaceId,
        subjects: impl Iterator<Item = Id>,
    ) -> Result<(), StoreError> {
        let missing: HashSet<Id> = {
            let salts = self.salts();
            subjects
                .filter(|s| *s != Id::NIL && !salts.map.contains_key(&(workspace, *s)))
                .collect()
        };
        let missing: Vec<Id> = missing.into_iter().collect();
        for chunk in missing.chunks(500) {
            let t = &SIDE.record;
            let call = RowsCall::new(t, &[("workspace_id", i64::from(workspace.0).into())])
                .any_of("id", chunk.iter().map(|i| SqlVal::Uuid(*i)).collect());
            for r in self.engine.rows(call).await? {
                if let (Some(id), Some(salt)) = (r[t.at("id")].uuid(), r[t.at("salt")].bytes()) {
                    self.salts().put((workspace, id), salt.to_vec());
                }
            }
        }
        Ok(())
    }

    /// What an audit entry says, readable while its subject has not been erased.
    pub async fn open_audit(
        &self,
        workspace: WorkspaceId,
        subject: Id,
        sealed: &[u8],
    ) -> Result<Option<String>, StoreError> {
        self.load_salts(workspace, std::iter::once(subject)).await?;
        let salts = self.salts();
        let salt = salts
            .map
            .get(&(workspace, subject))
            .map_or(&[][..], Vec::as_slice);
        Ok(self.keys.open(workspace, subject, salt, sealed))
    }

    /// Forgets the salts kept in memory (after an erasure).
    pub fn forget_salts(&self) {
        *self.salts() = Salts::default();
    }

    /// Where an old id of a merged record leads; the id itself when it was never merged.
    pub async fn resolve_alias(
        &self,
        workspace: WorkspaceId,
        object: &str,
        id: Id,
    ) -> Result<Id, StoreError> {
        let t = &SIDE.alias;
        let mut at = id;
        // A chain of merges leads on; a bound keeps a damaged table from holding a request.
        for _ in 0..32 {
            let call = RowsCall::new(
                t,
                &[
                    ("workspace_id", i64::from(workspace.0).into()),
                    ("object", object.into()),
                    ("id", at.into()),
                ],
            )
            .limit(1);
            match self
                .engine
                .rows(call)
                .await?
                .first()
                .and_then(|r| r[t.at("to_id")].uuid())
            {
                Some(next) => at = next,
                None => break,
            }
        }
        Ok(at)
    }

    /// The record that carries a key of another system.
    pub async fn by_external_key(
        &self,
        workspace: WorkspaceId,
        object: &str,
        source: &str,
        keys: &[String],
    ) -> Result<HashMap<String, Id>, StoreError> {
        let t = &SIDE.external_key;
        let mut out = HashMap::new();
        for chunk in keys.chunks(500) {
            let call = RowsCall::new(
                t,
                &[
                    ("workspace_id", i64::from(workspace.0).into()),
                    ("object", object.into()),
                    ("source", source.into()),
                ],
            )
            .any_of("key", chunk.iter().map(|k| SqlVal::Text(k.clone())).collect());
            for r in self.engine.rows(call).await? {
                if let (Some(k), Some(id)) = (r[t.at("key")].text(), r[t.at("record_id")].uuid()) {
                    out.insert(k.to_owned(), id);
                }
            }
        }
        Ok(out)
    }

    /// Rows of a side table: for the program's own bookkeeping, never for records.
    pub async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        self.engine.rows(call).await
    }
}

/// The sort keys that a select read behind the columns.
fn cursor_keys(values: &[SqlVal]) -> Vec<Option<CursorKey>> {
    values
        .iter()
        .map(|v| match v {
            SqlVal::Int(i) => Some(CursorKey::I(*i)),
            SqlVal::Text(s) => Some(CursorKey::T(s.clone())),
            SqlVal::Bytes(b) => Some(CursorKey::B(b.clone())),
            SqlVal::Uuid(u) => Some(CursorKey::B(u.bytes().to_vec())),
            SqlVal::Null | SqlVal::Tokens(_) => None,
        })
        .collect()
}
