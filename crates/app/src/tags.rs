//! The tags that records carry.

use std::collections::HashMap;

use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::tag;
use peyvand_core::Id;
use peyvand_record::filter::TagResolver;
use peyvand_record::policy::{Reach, Verb};
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{AuditAction, Batch, Record};
use peyvand_store::ports::Plan;
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::marks::mark;

/// The tags of a workspace by their names, folded.
#[derive(Debug, Default)]
pub(crate) struct TagNames(HashMap<String, Id>);

impl TagResolver for TagNames {
    fn tag(&self, name: &str) -> Option<Id> {
        self.0.get(&peyvand_text::fold(name)).copied()
    }
}

/// Tags read in one question.
const PAGE: u32 = 500;

impl App {
    /// The tags that the caller may read. Of two that fold alike the older one has the name.
    pub(crate) async fn tag_names(&self, caller: &Caller) -> Result<TagNames, AppError> {
        let w = &caller.workspace;
        let mut names = TagNames::default();
        if caller.policy.reach(tag::OBJECT, Verb::Read) == Reach::None
            || !caller.policy.sees(tag::OBJECT, tag::NAME)
        {
            return Ok(names);
        }
        let query = Query::of(tag::OBJECT).limit(PAGE);
        for r in self.store.every(w.id, &w.layout, &caller.policy, query).await? {
            if let Some(name) = r.get(tag::NAME).as_str() {
                names
                    .0
                    .entry(peyvand_text::fold(name))
                    .and_modify(|id| *id = (*id).min(r.id()))
                    .or_insert_with(|| r.id());
            }
        }
        Ok(names)
    }

    /// Does the record carry the tag?
    pub(crate) async fn tagged(&self, caller: &Caller, tag: Id, record: Id) -> Result<bool, AppError> {
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("tag_id", tag.into()),
            ("record_id", record.into()),
        ];
        let call = RowsCall::new(&SIDE.record_tag, &key).limit(1);
        Ok(!self.store.rows(call).await?.is_empty())
    }

    /// Puts a tag on records, or takes it off.
    pub(crate) async fn put_tags(
        &self,
        caller: &Caller,
        tag: Id,
        records: impl Iterator<Item = Id>,
        carry: bool,
    ) -> Result<(), AppError> {
        let t = &SIDE.record_tag;
        let w: SqlVal = i64::from(caller.workspace.id.0).into();
        let now = self.clock.now();
        let steps = records
            .map(|record| {
                let key = [
                    ("workspace_id", w.clone()),
                    ("tag_id", tag.into()),
                    ("record_id", record.into()),
                ];
                mark(t, &key, carry, now)
            })
            .collect();
        Ok(self.store.engine().apply(Plan::of(steps)).await?)
    }

    /// Puts a tag on a record, or takes it off: for those who may change the record and see the tag.
    ///
    /// # Errors
    /// `NotFound` for a record or a tag that the caller may not see, `Forbidden` for one that they may not change.
    pub async fn set_tag(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        tag: Id,
        on: bool,
    ) -> Result<(), AppError> {
        let w = &caller.workspace;
        let record = self.raw(caller, object, id, DeletedScope::Live).await?.id();
        Self::writable(caller, object, Verb::Update)?;
        let reached = self
            .within_reach(w, &caller.policy, &object.key, &[record], Verb::Update)
            .await?;
        if reached.is_empty() {
            return Err(AppError::Forbidden);
        }
        let known = self
            .within_reach(w, &caller.policy, tag::OBJECT, &[tag], Verb::Read)
            .await?;
        if known.is_empty() {
            return Err(AppError::NotFound);
        }
        if self.tagged(caller, tag, record).await? == on {
            return Ok(());
        }
        let context = self.context(caller);
        let mut batch = Batch::default();
        let (was, is) = if on {
            (None, Some(tag.to_string()))
        } else {
            (Some(tag.to_string()), None)
        };
        let detail = serde_json::json!({"tag": [was, is]}).to_string();
        self.writer(caller, &context)
            .entry(&mut batch, AuditAction::Update, object, record, detail);
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("tag_id", tag.into()),
            ("record_id", record.into()),
        ];
        let step = mark(&SIDE.record_tag, &key, on, context.now);
        Ok(self
            .store
            .apply_with(&context, &w.layout, &caller.policy, &batch, vec![step])
            .await?)
    }

    /// The tags that a record carries, as far as the caller may read tags.
    ///
    /// # Errors
    /// What the store says.
    pub async fn tags_of(&self, caller: &Caller, record: Id) -> Result<Vec<Record>, AppError> {
        let t = &SIDE.record_tag;
        let w = &caller.workspace;
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("record_id", record.into()),
        ];
        let ids: Vec<Id> = self
            .store
            .rows(RowsCall::new(t, &key))
            .await?
            .iter()
            .filter_map(|r| r[t.at("tag_id")].uuid())
            .collect();
        self.allowed(w, &caller.policy, "tag", &ids, Verb::Read).await
    }
}
