//! An engine that stands before another one: it says what it does differently, everything else goes on to the other.

use std::path::Path;

use async_trait::async_trait;
use peyvand_core::WorkspaceId;

use crate::compile::{Dialect, Select};
use crate::ports::{Engine, Hit, Plan, Row, RowsCall, SchemaVersion, SearchCall, StoreError};
use crate::reach::Wall;
use crate::times::TransactionTimes;

/// An engine before another one. Each call goes to [`Forward::inner`] unless it is written anew; whoever implements this
/// is an [`Engine`].
#[async_trait]
pub trait Forward: Send + Sync + std::fmt::Debug {
    /// The engine behind.
    fn inner(&self) -> &dyn Engine;

    /// See [`Engine::migrate`].
    async fn migrate(&self) -> Result<(), StoreError> {
        self.inner().migrate().await
    }

    /// See [`Engine::schema`].
    async fn schema(&self) -> Result<SchemaVersion, StoreError> {
        self.inner().schema().await
    }

    /// See [`Engine::select`].
    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        self.inner().select(select).await
    }

    /// See [`Engine::rows`].
    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        self.inner().rows(call).await
    }

    /// See [`Engine::apply`].
    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        self.inner().apply(plan).await
    }

    /// See [`Engine::reserve`].
    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        self.inner().reserve(workspace, name, n).await
    }

    /// See [`Engine::search`].
    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        self.inner().search(call).await
    }

    /// See [`Engine::search_each`].
    async fn search_each(&self, calls: Vec<SearchCall>) -> Result<Vec<Vec<Hit>>, StoreError> {
        self.inner().search_each(calls).await
    }

    /// See [`Engine::close`].
    async fn close(&self) {
        self.inner().close().await;
    }
}

#[async_trait]
impl<T: Forward> Engine for T {
    fn dialect(&self) -> Dialect {
        self.inner().dialect()
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        Forward::migrate(self).await
    }

    async fn schema(&self) -> Result<SchemaVersion, StoreError> {
        Forward::schema(self).await
    }

    async fn select(&self, select: Select) -> Result<Vec<Row>, StoreError> {
        Forward::select(self, select).await
    }

    async fn rows(&self, call: RowsCall) -> Result<Vec<Row>, StoreError> {
        Forward::rows(self, call).await
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        Forward::apply(self, plan).await
    }

    async fn reserve(&self, workspace: WorkspaceId, name: &str, n: i64) -> Result<i64, StoreError> {
        Forward::reserve(self, workspace, name, n).await
    }

    async fn search(&self, call: SearchCall) -> Result<Vec<Hit>, StoreError> {
        Forward::search(self, call).await
    }

    async fn search_each(&self, calls: Vec<SearchCall>) -> Result<Vec<Vec<Hit>>, StoreError> {
        Forward::search_each(self, calls).await
    }

    async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        self.inner().copy_to(file).await
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.inner().check().await
    }

    async fn wall(&self) -> Result<Wall, StoreError> {
        self.inner().wall().await
    }

    async fn set_wall(&self, up: bool) -> Result<Wall, StoreError> {
        self.inner().set_wall(up).await
    }

    async fn count_anew(&self) -> Result<(), StoreError> {
        self.inner().count_anew().await
    }

    fn transactions(&self) -> TransactionTimes {
        self.inner().transactions()
    }

    async fn close(&self) {
        Forward::close(self).await;
    }
}
