//! A workspace's own fields and objects: shown, compared, changed.

use std::sync::Arc;

use peyvand_catalog::schema::{Change, Schema, diff};
use peyvand_catalog::{CatalogError, SchemaError};
use peyvand_i18n::{Args, text_of_code};
use peyvand_numbers::Language;
use peyvand_record::codec::Mode;
use peyvand_record::formula;

use crate::app::App;
use crate::caller::By;
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

    /// The definitions after these changes, which nobody has made yet.
    ///
    /// # Errors
    /// What [`Self::change_schema`] would refuse, but for changes that must be confirmed.
    pub async fn check_schema(&self, workspace: &Workspace, changes: &[Change]) -> Result<Schema, AppError> {
        let today = workspace.edge(Language::En, self.clock.now(), Mode::Patch).today;
        let next = self.schema_of(workspace).apply(changes, today)?;
        let catalog = next.catalog().map_err(|e| AppError::Schema(e.into()))?;
        formula::check(&catalog).map_err(AppError::Formula)?;
        self.check_unique(workspace, &next, changes).await?;
        Ok(next)
    }

    /// Makes changes of the definitions; they hold at once. What hides stored values must be `confirmed`.
    pub async fn change_schema(
        &self,
        by: impl Into<By<'_>>,
        changes: &[Change],
        confirmed: bool,
    ) -> Result<Arc<Workspace>, AppError> {
        let by = by.into();
        let open = changes.iter().filter(|c| c.needs_confirmation()).count();
        if open > 0 && !confirmed {
            return Err(AppError::Unconfirmed(open));
        }
        let next = self.check_schema(by.workspace, changes).await?;
        let fresh = self.save_schema(by, &next).await?;
        self.plan_after(&fresh, changes).await?;
        Ok(fresh)
    }
}

/// What is wrong with a definition, for a reader: where, and why.
pub(crate) fn sentence(e: &SchemaError, language: Language) -> String {
    let at = |object: &str, key: &str| {
        let place = if object == key {
            key.to_owned()
        } else {
            format!("{object}.{key}")
        };
        Args::new().text("field", place)
    };
    let args = match e {
        SchemaError::Unreadable { reason } | SchemaError::Unwritable { reason } => {
            Args::new().text("reason", reason.clone())
        }
        SchemaError::Catalog(e) => match e {
            CatalogError::Unreadable { object, reason } => at(object, object).text("reason", reason.clone()),
            CatalogError::BadKey { key } => Args::new().text("key", key.clone()),
            CatalogError::Duplicate { object, key } => at(object, key),
            CatalogError::Field {
                object,
                field,
                problem,
            } => {
                let reason = text_of_code(language, problem, &Args::new());
                at(object, field).text("reason", reason)
            }
            CatalogError::Unknown {
                object,
                field,
                target,
            } => at(object, field).text("target", target.clone()),
        },
        SchemaError::Missing { object, key }
        | SchemaError::Stale { object, key }
        | SchemaError::KeyTaken { object, key }
        | SchemaError::Gone { object, key } => at(object, key),
        SchemaError::NumberTaken { object, key, number } => {
            at(object, key).number("number", i64::from(*number))
        }
        SchemaError::NotWidening {
            object,
            key,
            from,
            to,
        } => at(object, key).text("from", from.clone()).text("to", to.clone()),
    };
    text_of_code(language, e.code(), &args)
}
