//! One record.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_domain::merge;
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{Record, Value};
use peyvand_store::ByIds;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::sensitive::only_by_name;
use crate::workspace::Workspace;

impl App {
    /// The object with this plural, when the caller may read any of its records.
    pub fn object(&self, caller: &Caller, plural: &str) -> Result<Arc<ObjectDef>, AppError> {
        let object = caller
            .workspace
            .catalog()
            .by_plural(plural)
            .ok_or(AppError::NotFound)?;
        Ok(Arc::clone(object))
    }

    /// A record; an old id of a merged one leads to its survivor.
    pub async fn get(&self, caller: &Caller, object: &ObjectDef, id: Id) -> Result<Record, AppError> {
        let mut record = self.raw(caller, object, id, DeletedScope::Live).await?;
        self.dress(caller, object, std::slice::from_mut(&mut record));
        self.log_views(caller, object, std::slice::from_ref(&record), None)
            .await?;
        self.count_reading(caller, object, 1).await?;
        Ok(record)
    }

    /// Records of a list as they are shown: hidden fields empty, sensitive ones only where they were asked for by name, and
    /// then logged.
    pub(super) async fn shown(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        records: &mut [Record],
        fields: &[FieldIx],
    ) -> Result<(), AppError> {
        self.dress(caller, object, records);
        for i in 0..object.fields.len() {
            let ix = FieldIx(i as u16);
            if only_by_name(object, ix) && !fields.contains(&ix) {
                for r in records.iter_mut() {
                    r.set(ix, Value::Null);
                }
            }
        }
        self.log_views(caller, object, records, Some(fields)).await?;
        self.count_reading(caller, object, records.len()).await
    }

    pub(crate) async fn raw(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        id: Id,
        deleted: DeletedScope,
    ) -> Result<Record, AppError> {
        let w = &caller.workspace;
        if let Some(r) = self
            .store
            .get(w.id, &w.layout, &caller.policy, &object.key, id, deleted)
            .await?
        {
            return Ok(r);
        }
        let to = self.store.resolve_alias(w.id, &object.key, id).await?;
        if to == id || deleted == DeletedScope::Deleted {
            return Err(AppError::NotFound);
        }
        self.store
            .get(w.id, &w.layout, &caller.policy, &object.key, to, deleted)
            .await?
            .ok_or(AppError::NotFound)
    }

    /// Those of the records that are live and that a policy allows the verb for, in no order.
    pub(crate) async fn allowed(
        &self,
        w: &Workspace,
        policy: &Policy,
        object: &str,
        ids: &[Id],
        verb: Verb,
    ) -> Result<Vec<Record>, AppError> {
        let asked = ByIds::of(object, ids).verb(verb);
        Ok(self.store.by_ids(w.id, &w.layout, policy, &asked).await?)
    }

    /// The ids of those of the records that are live and that a policy allows the verb for.
    pub(crate) async fn within_reach(
        &self,
        w: &Workspace,
        policy: &Policy,
        object: &str,
        ids: &[Id],
        verb: Verb,
    ) -> Result<Vec<Id>, AppError> {
        let asked = ByIds::of(object, ids).verb(verb).only(Some(&[]));
        let found = self.store.by_ids(w.id, &w.layout, policy, &asked).await?;
        Ok(found.iter().map(Record::id).collect())
    }

    /// The records behind the contact points of a record.
    pub(crate) async fn points_of(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        record: &Record,
    ) -> Result<Vec<Record>, AppError> {
        let ids = merge::point_ids(object, record);
        let w = &caller.workspace;
        let all = Policy::all(caller.actor);
        self.allowed(w, &all, "contact_point", &ids, Verb::Read).await
    }
}
