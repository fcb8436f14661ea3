//! Sums of a field over the records of a list: exact, by currency and in the base currency.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_record::query::{DeletedScope, Query};
use peyvand_store::{StoreError, Sum};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// The sums of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// By currency, in the order of their codes; one entry without a currency for numbers.
    pub by_currency: Vec<Sum>,
    /// All amounts in minor units of the base currency, as far as they have a twin; the scaled sum of numbers.
    pub base: i128,
    /// Amounts without a twin: no rate was known. They are in no sum but that of their own currency.
    pub without_twin: u64,
}

impl App {
    /// Sums a number, decimal or amount over the records that the caller may read and that match the filter.
    pub async fn sums(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        field: &str,
        filter: Option<&str>,
    ) -> Result<Sums, AppError> {
        let bad = || AppError::Parameter {
            name: "field",
            value: field.chars().take(60).collect(),
        };
        let summable =
            |ty: FieldType| matches!(ty, FieldType::Money | FieldType::Number | FieldType::Decimal);
        let (ix, _) = object
            .field(field)
            .filter(|(ix, f)| summable(f.stored()) && caller.policy.sees(&object.key, *ix))
            .ok_or_else(bad)?;
        let mut query = Query::of(&object.key);
        if let Some(text) = filter.map(str::trim).filter(|f| !f.is_empty()) {
            query.filter = Some(self.filter(caller, object, text).await?);
        }
        let w = &caller.workspace;
        let by_currency = match self.store.sums(w.id, &w.layout, &caller.policy, &query, ix).await {
            Err(StoreError::Compile(_)) => return Err(bad()),
            other => other?,
        };
        Ok(Sums {
            base: by_currency.iter().map(|s| s.base).sum(),
            without_twin: by_currency.iter().map(|s| s.count - s.with_twin).sum(),
            by_currency,
        })
    }

    /// Counts what a list shows and sums some of its fields, both up to [`crate::records::COUNT_CAP`] records.
    ///
    /// # Errors
    /// A filter that cannot be read; what the store says.
    pub async fn tally(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        filter: Option<&str>,
        deleted: bool,
        fields: &[FieldIx],
    ) -> Result<(u64, Vec<Option<i64>>), AppError> {
        let w = &caller.workspace;
        let mut query = Query::of(&object.key);
        query.filter = self.filter_or_none(caller, object, filter).await?;
        if deleted {
            query.deleted = DeletedScope::Deleted;
        }
        let cap = crate::records::COUNT_CAP;
        let told = self
            .store
            .tally(w.id, &w.layout, &caller.policy, &query, fields, cap)
            .await;
        match told {
            // A sum that leaves 64 bits is no reason not to show the list.
            Err(StoreError::Engine(_)) if !fields.is_empty() => {
                let (count, _) = self
                    .store
                    .tally(w.id, &w.layout, &caller.policy, &query, &[], cap)
                    .await?;
                Ok((count, vec![None; fields.len()]))
            }
            told => Ok(told?),
        }
    }
}
