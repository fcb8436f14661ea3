//! Finding what is there already: by keys, by unique values, by ids.

use std::sync::Arc;

use peyvand_catalog::FieldIx;
use peyvand_core::Id;
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::policy::Verb;
use peyvand_record::query::Query;
use peyvand_record::{Filter, Record};
use peyvand_store::layout::lookup_column;
use peyvand_store::{RowsCall, SqlVal};

use crate::errors::AppError;

use super::{Bulk, By, Draft, Target};

impl Bulk<'_> {
    pub(super) fn own(&self, draft: &Draft, key: &str) -> Target {
        Target {
            object: draft.object.key.as_str().into(),
            by: By::Key(Arc::clone(&self.source)),
            text: key.to_owned(),
        }
    }

    pub(super) async fn read(&self, object: &str, ids: &[Id]) -> Result<Vec<Record>, AppError> {
        let w = &self.caller.workspace;
        self.app
            .allowed(w, &self.caller.policy, object, ids, Verb::Read)
            .await
    }

    /// The live records whose field has one of these values as the database keeps them, and whose other fields have
    /// these. Asked without an order: with one, the planner walks through all records in that order rather than look
    /// into the index of the field. What is found is read under the policy.
    pub(super) async fn look_up(
        &self,
        object: &str,
        equal: &[(FieldIx, SqlVal)],
        field: FieldIx,
        values: Vec<SqlVal>,
    ) -> Result<Vec<Record>, AppError> {
        let w = &self.caller.workspace;
        let Some(l) = w.layout.object(object) else {
            return Ok(Vec::new());
        };
        let column = |ix: FieldIx| {
            let at = lookup_column(l.slot(ix)?)?;
            l.table.columns.get(at).map(|c| c.name.clone())
        };
        let mut key: Vec<(String, SqlVal)> = vec![
            ("workspace_id".to_owned(), i64::from(w.id.0).into()),
            ("deleted_at".to_owned(), SqlVal::Null),
        ];
        if let Some(c) = l.object_column.and_then(|at| l.table.columns.get(at)) {
            key.push((c.name.clone(), object.into()));
        }
        for (ix, v) in equal {
            let Some(c) = column(*ix) else {
                return Ok(Vec::new());
            };
            key.push((c, v.clone()));
        }
        let Some(c) = column(field) else {
            return self.ask(object, field, &values).await;
        };
        let key: Vec<(&str, SqlVal)> = key.iter().map(|(c, v)| (c.as_str(), v.clone())).collect();
        let call = RowsCall::new(&l.table, &key).any_of(&c, values).limit(5000);
        let at = l.table.at("id");
        let ids: Vec<Id> = self
            .app
            .store
            .rows(call)
            .await?
            .iter()
            .filter_map(|r| r.get(at).and_then(SqlVal::uuid))
            .collect();
        self.read(object, &ids).await
    }

    /// The records whose custom field has one of these texts.
    pub(super) async fn ask(
        &self,
        object: &str,
        field: FieldIx,
        values: &[SqlVal],
    ) -> Result<Vec<Record>, AppError> {
        let w = &self.caller.workspace;
        let list = values
            .iter()
            .filter_map(|v| v.text().map(|t| Operand::Text(t.into())))
            .collect();
        let filter = Filter {
            object: object.into(),
            root: Node::Test(Test {
                field,
                op: Op::In,
                operand: Operand::List(list),
            }),
        };
        let q = Query::of(object).filter(filter).limit(5000);
        Ok(self
            .app
            .store
            .page(w.id, &w.layout, &self.caller.policy, &q)
            .await?
            .records)
    }
}
