//! What the tests share: the wide catalog on a database, and short ways to write and read.

use std::sync::Arc;

use peyvand_catalog::{Catalog, FieldIx, ObjectDef};
use peyvand_core::{Actor, Clock as _, Context, Id, Via, WorkspaceId};
use peyvand_domain::Writer;
use peyvand_record::query::DeletedScope;
use peyvand_record::{Batch, Policy, Query, Record, Value};
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::Table;
use peyvand_store::{Layout, SqlVal, StoreError};
use peyvand_testkit::records::Inventor;
use peyvand_testkit::{TestDb, records};

/// A database, a catalog with a field of every type, one workspace.
pub(crate) struct Bench {
    pub(crate) db: TestDb,
    pub(crate) layout: Layout,
    pub(crate) workspace: WorkspaceId,
}

impl Bench {
    pub(crate) fn new(db: TestDb) -> Self {
        Self {
            db,
            layout: Layout::of(records::catalog()),
            workspace: WorkspaceId(1),
        }
    }

    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.layout.catalog
    }

    pub(crate) fn object(&self, key: &str) -> Arc<ObjectDef> {
        Arc::clone(
            self.catalog()
                .object(key)
                .unwrap_or_else(|| panic!("no object {key}")),
        )
    }

    pub(crate) fn context(&self) -> Context {
        self.db.clock.advance(1_000);
        let now = self.db.clock.now();
        Context {
            workspace: self.workspace,
            actor: Actor::System,
            via: Via::Cli,
            request: self.db.ids.next(now),
            now,
        }
    }

    pub(crate) fn writer<'a>(&'a self, context: &'a Context) -> Writer<'a> {
        Writer {
            catalog: self.catalog(),
            context,
            ids: &self.db.ids,
            zone: "Asia/Tehran",
            teams: std::sync::Arc::default(),
        }
    }

    pub(crate) async fn apply(&self, context: &Context, batch: &Batch) -> Result<(), StoreError> {
        self.db
            .store
            .apply(context, &self.layout, &self.db.all, batch)
            .await
    }

    /// Makes a record.
    pub(crate) async fn create(
        &self,
        object: &ObjectDef,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Record, StoreError> {
        let context = self.context();
        let (record, batch) = self
            .writer(&context)
            .create(object, values)
            .unwrap_or_else(|e| panic!("{}: {e:?}", object.key));
        self.apply(&context, &batch).await?;
        Ok(record)
    }

    /// An inventor whose links lead to records that are there: some of every object.
    pub(crate) async fn inventor(&self, seed: u64) -> Inventor {
        let mut inventor = Inventor::new(seed);
        for _ in 0..2 {
            for object in self.catalog().objects() {
                let values = inventor.values(object, 50);
                // What links to an object further down comes with the second round.
                if let Ok(r) = self.create(object, values).await {
                    inventor.know(object, r.id());
                }
            }
        }
        inventor
    }

    /// Puts a record into the bin; of an object that is only added to, it stays as it is.
    pub(crate) async fn delete(&self, object: &ObjectDef, before: &Record) -> Record {
        if object.writes == peyvand_catalog::Writes::Append {
            return before.clone();
        }
        let context = self.context();
        let (after, batch) = self.writer(&context).delete(object, before);
        self.apply(&context, &batch).await.expect("deleted");
        after
    }

    pub(crate) async fn get(&self, object: &str, id: Id, deleted: DeletedScope) -> Option<Record> {
        self.db
            .store
            .get(self.workspace, &self.layout, &self.db.all, object, id, deleted)
            .await
            .expect("a question")
    }

    /// Ids of all pages of a query, with the number of pages.
    pub(crate) async fn all(&self, policy: &Policy, mut q: Query) -> Result<Vec<Id>, StoreError> {
        let mut out = Vec::new();
        loop {
            let page = self
                .db
                .store
                .page(self.workspace, &self.layout, policy, &q)
                .await?;
            out.extend(page.records.iter().map(Record::id));
            q.after = page.next;
            if q.after.is_none() {
                return Ok(out);
            }
        }
    }

    /// A row of a side table.
    pub(crate) async fn row(&self, table: &Arc<Table>, values: &[(&str, SqlVal)]) {
        let mut row = vec![SqlVal::Null; table.columns.len()];
        row[table.at("workspace_id")] = i64::from(self.workspace.0).into();
        for (c, v) in values {
            row[table.at(c)] = v.clone();
        }
        self.db
            .store
            .engine()
            .apply(Plan::of(vec![Step::Insert {
                table: Arc::clone(table),
                row,
                on_key: OnKey::Fail,
            }]))
            .await
            .expect("a row");
    }
}

/// The position of a field.
pub(crate) fn ix(object: &ObjectDef, key: &str) -> FieldIx {
    object
        .field(key)
        .unwrap_or_else(|| panic!("no field {}.{key}", object.key))
        .0
}
