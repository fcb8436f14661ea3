//! Records by their ids.

use std::collections::HashMap;

use peyvand_catalog::FieldIx;
use peyvand_core::{Id, WorkspaceId};
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{Filter, Record};

use crate::Store;
use crate::layout::Layout;
use crate::ports::StoreError;

/// Ids that one statement asks for, at most.
const CHUNK: usize = 500;

/// Which records are asked for, and how much of them.
#[derive(Debug, Clone, Copy)]
pub struct ByIds<'a> {
    pub(crate) object: &'a str,
    pub(crate) ids: &'a [Id],
    pub(crate) verb: Verb,
    pub(crate) deleted: DeletedScope,
    pub(crate) filter: Option<&'a Filter>,
    pub(crate) fields: Option<&'a [FieldIx]>,
}

impl<'a> ByIds<'a> {
    /// All of the live records with these ids that may be read.
    #[must_use]
    pub const fn of(object: &'a str, ids: &'a [Id]) -> Self {
        Self {
            object,
            ids,
            verb: Verb::Read,
            deleted: DeletedScope::Live,
            filter: None,
            fields: None,
        }
    }

    /// Those that this verb reaches.
    #[must_use]
    pub const fn verb(mut self, verb: Verb) -> Self {
        self.verb = verb;
        self
    }

    /// Live ones, deleted ones or both.
    #[must_use]
    pub const fn deleted(mut self, deleted: DeletedScope) -> Self {
        self.deleted = deleted;
        self
    }

    /// Those that also match a filter.
    #[must_use]
    pub const fn matching(mut self, filter: Option<&'a Filter>) -> Self {
        self.filter = filter;
        self
    }

    /// Only what these fields hold, and what the system keeps of each record (id, version, owner …); all without any named.
    #[must_use]
    pub const fn only(mut self, fields: Option<&'a [FieldIx]>) -> Self {
        self.fields = fields;
        self
    }
}

impl Store {
    /// The record with this id, when it may be read.
    pub async fn get(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        object: &str,
        id: Id,
        deleted: DeletedScope,
    ) -> Result<Option<Record>, StoreError> {
        let ids = [id];
        let asked = ByIds::of(object, &ids).deleted(deleted);
        Ok(self.by_ids(workspace, layout, policy, &asked).await?.pop())
    }

    /// The records that are asked for, in the order of the ids.
    pub async fn by_ids(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        asked: &ByIds<'_>,
    ) -> Result<Vec<Record>, StoreError> {
        if asked.ids.is_empty() {
            return Ok(Vec::new());
        }
        let l = Self::layout_of(layout, asked.object)?;
        let columns = l.columns_of(asked.fields);
        let compiler = self.compiler(workspace, layout, policy);
        let mut found: HashMap<Id, Record> = HashMap::with_capacity(asked.ids.len());
        for ids in asked.ids.chunks(CHUNK) {
            let select = compiler.by_ids(&ByIds { ids, ..*asked })?;
            for row in self.engine().select(select).await? {
                let r = l.decode_from(&columns, row);
                found.insert(r.id(), r);
            }
        }
        Ok(asked.ids.iter().filter_map(|i| found.remove(i)).collect())
    }
}
