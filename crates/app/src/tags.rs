//! The tags that records carry.

use std::sync::Arc;

use peyvand_core::Id;
use peyvand_record::Record;
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Row, RowsCall, SqlVal};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
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
        let steps = records
            .map(|record| {
                if carry {
                    let mut row: Row = vec![SqlVal::Null; t.columns.len()];
                    row[t.at("workspace_id")] = w.clone();
                    row[t.at("tag_id")] = tag.into();
                    row[t.at("record_id")] = record.into();
                    row[t.at("at")] = self.clock.now().micros().into();
                    Step::Insert {
                        table: Arc::clone(t),
                        row,
                        on_key: OnKey::Keep,
                    }
                } else {
                    Step::Delete {
                        table: Arc::clone(t),
                        key: vec![
                            (t.at("workspace_id"), w.clone()),
                            (t.at("tag_id"), tag.into()),
                            (t.at("record_id"), record.into()),
                        ],
                        expect_some: None,
                    }
                }
            })
            .collect();
        Ok(self.store.engine().apply(Plan { steps }).await?)
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
        Ok(self
            .store
            .by_ids(
                w.id,
                &w.layout,
                &caller.policy,
                "tag",
                &ids,
                Verb::Read,
                DeletedScope::Live,
                None,
            )
            .await?)
    }
}
