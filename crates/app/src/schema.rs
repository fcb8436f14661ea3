//! A workspace's own fields and objects: shown, compared, changed.

use std::sync::Arc;

use peyvand_catalog::schema::{Change, Schema, diff};
use peyvand_numbers::Language;
use peyvand_record::codec::Mode;
use peyvand_record::formula;

use crate::app::App;
use crate::errors::AppError;
use crate::workspace::Workspace;

impl App {
    /// The definitions of a workspace as a file shows them, with their origin.
    #[must_use]
    pub fn schema_of(&self, workspace: &Workspace) -> Schema {
        let mut schema = workspace.schema.clone();
        if schema.origin.is_empty() {
            schema.origin = workspace.uuid.to_string();
        }
        schema
    }

    /// The changes that lead from the workspace's definitions to these.
    #[must_use]
    pub fn schema_changes(&self, workspace: &Workspace, wanted: &Schema) -> Vec<Change> {
        diff(&self.schema_of(workspace), wanted)
    }

    /// Makes changes of the definitions; they hold at once. What hides stored values must be `confirmed`.
    pub async fn change_schema(
        &self,
        workspace: &Workspace,
        changes: &[Change],
        confirmed: bool,
    ) -> Result<Arc<Workspace>, AppError> {
        let open = changes.iter().filter(|c| c.needs_confirmation()).count();
        if open > 0 && !confirmed {
            return Err(AppError::Unconfirmed(open));
        }
        let today = workspace.edge(Language::En, self.clock.now(), Mode::Patch).today;
        let next = self.schema_of(workspace).apply(changes, today)?;
        let catalog = next.catalog().map_err(|e| AppError::Schema(e.into()))?;
        formula::check(&catalog).map_err(AppError::Formula)?;
        self.check_unique(workspace, &next, changes).await?;
        let fresh = self.save_schema(workspace, &next).await?;
        self.plan_after(&fresh, changes).await?;
        Ok(fresh)
    }
}
