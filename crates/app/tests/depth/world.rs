//! An application on either engine, and short ways to use it.

use std::sync::Arc;

use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError, Caller};
use peyvand_catalog::{ObjectDef, Schema};
use peyvand_core::{Actor, Clock, Via};
use peyvand_record::{Record, Value};
use peyvand_testkit::TestDb;
use serde_json::Value as Json;

/// An application on a fresh database.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) caller: Caller,
    pub(crate) db: TestDb,
}

pub(crate) fn map(v: Json) -> serde_json::Map<String, Json> {
    match v {
        Json::Object(map) => map,
        other => panic!("an object is expected, not {other}"),
    }
}

impl World {
    pub(crate) async fn new(db: TestDb) -> Self {
        let clock: Arc<dyn Clock> = Arc::clone(&db.clock) as _;
        let app = Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)));
        let workspace = app.create_workspace("main", "آزمایش").await.unwrap();
        Self {
            caller: Caller::system(&workspace, Via::Cli),
            app,
            db,
        }
    }

    pub(crate) fn workspace(&self) -> &Arc<Workspace> {
        &self.caller.workspace
    }

    pub(crate) fn object(&self, key: &str) -> Arc<ObjectDef> {
        Arc::clone(self.workspace().catalog().object(key).unwrap())
    }

    /// The definitions become these; from now on the caller works with them.
    pub(crate) async fn schema(&mut self, text: &str) -> Result<(), AppError> {
        let mut wanted = Schema::from_toml(text).unwrap();
        let now = self.app.schema_of(self.workspace());
        wanted.origin.clone_from(&now.origin);
        let changes = self.app.schema_changes(self.workspace(), &wanted);
        let w = self.app.change_schema(self.workspace(), &changes, true).await?;
        self.caller = Caller::system(&w, Via::Cli);
        Ok(())
    }

    pub(crate) async fn create(&self, object: &str, v: Json) -> Result<Record, AppError> {
        self.app
            .create(&self.caller, &self.object(object), &map(v), None)
            .await
    }

    pub(crate) async fn patch(&self, object: &str, r: &Record, v: Json) -> Result<Record, AppError> {
        self.app
            .patch(&self.caller, &self.object(object), r.id(), &map(v), None)
            .await
    }

    pub(crate) async fn get(&self, object: &str, r: &Record) -> Record {
        self.app
            .get(&self.caller, &self.object(object), r.id())
            .await
            .unwrap()
    }

    /// Ids that a list finds, in its order.
    pub(crate) async fn list(&self, object: &str, filter: &str, sort: &str) -> Vec<peyvand_core::Id> {
        let request = peyvand_app::ListRequest {
            filter: Some(filter.to_owned()),
            sort: (!sort.is_empty()).then(|| sort.to_owned()),
            limit: Some(200),
            ..peyvand_app::ListRequest::default()
        };
        self.app
            .list(&self.caller, &self.object(object), &request)
            .await
            .unwrap_or_else(|e| panic!("{filter}: {e}"))
            .records
            .iter()
            .map(Record::id)
            .collect()
    }

    pub(crate) fn value(&self, object: &str, r: &Record, field: &str) -> Value {
        let (ix, _) = self
            .object(object)
            .field(field)
            .map(|(i, f)| (i, f.key.clone()))
            .unwrap();
        r.get(ix).clone()
    }

    /// Runs every job that waits.
    pub(crate) async fn work(&self) {
        let mut worker =
            peyvand_app::jobs::Worker::new(Arc::clone(&self.app), std::time::Duration::from_secs(60));
        while worker.step(self.workspace()).await.unwrap() {}
        let dead = self.app.jobs(self.workspace().id, Some("dead")).await.unwrap();
        assert!(dead.is_empty(), "{dead:?}");
        let waiting = self.app.jobs(self.workspace().id, Some("waiting")).await.unwrap();
        let failed: Vec<_> = waiting.iter().filter(|j| j.error.is_some()).collect();
        assert!(failed.is_empty(), "{failed:?}");
    }

    /// The same world for somebody with other rights.
    pub(crate) fn seen_by(&self, policy: peyvand_record::Policy) -> Caller {
        Caller {
            policy: Arc::new(policy),
            actor: Actor::User(self.db.id()),
            ..self.caller.clone()
        }
    }
}
