//! The values of a field over the records of a list: how many records each has, and sums over them.

use std::sync::Arc;

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_record::Value;
use peyvand_record::query::{DeletedScope, Query};
use peyvand_store::{SqlVal, StoreError};

use super::COUNT_CAP;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Most groups of one list.
pub const MOST_GROUPS: usize = 500;

/// What the records of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKey {
    /// A whole number, a day, or yes (1) and no (0).
    Whole(i64),
    /// A text or the key of a choice.
    Text(String),
    /// A linked record.
    Record(Id),
    /// Nothing is said there.
    Empty,
}

impl GroupKey {
    /// The group to which a value belongs; `None` for values that no list is grouped by.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Empty,
            Value::Bool(b) => Self::Whole(i64::from(*b)),
            Value::Int(n) => Self::Whole(*n),
            Value::Date(d) => Self::Whole(i64::from(*d)),
            Value::Text(s) | Value::Choice(s) => Self::Text(s.to_string()),
            Value::Id(id) => Self::Record(*id),
            _ => return None,
        })
    }
}

/// A group of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// What its records have in common.
    pub key: GroupKey,
    /// How many they are.
    pub count: u64,
    /// The sums that were asked for, in their order; amounts in minor units of the base currency.
    pub sums: Vec<Option<i64>>,
}

impl App {
    /// The groups of a list by one of its fields, with counts and sums; `None` when they cannot be told: more than
    /// [`COUNT_CAP`] records, more than [`MOST_GROUPS`] groups, a field without a column of its own (custom ones).
    ///
    /// # Errors
    /// A filter that cannot be read; what the store says.
    pub async fn groups(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        filter: Option<&str>,
        deleted: bool,
        group: FieldIx,
        fields: &[FieldIx],
    ) -> Result<Option<Vec<Tally>>, AppError> {
        let mut query = Query::of(&object.key);
        if let Some(text) = filter.map(str::trim).filter(|f| !f.is_empty()) {
            query.filter = Some(self.filter(caller, object, text)?);
        }
        if deleted {
            query.deleted = DeletedScope::Deleted;
        }
        let w = &caller.workspace;
        let found = self
            .store
            .groups(
                w.id,
                &w.layout,
                &caller.policy,
                &query,
                group,
                fields,
                COUNT_CAP,
                MOST_GROUPS as u64 + 1,
            )
            .await;
        let found = match found {
            // A field that the store cannot group by, or a sum that leaves 64 bits: the list is shown without.
            Err(StoreError::Compile(_)) => return Ok(None),
            Err(StoreError::Engine(_)) if !fields.is_empty() => return Ok(None),
            found => found?,
        };
        let all: u64 = found.iter().map(|(_, n, _)| n).sum();
        if found.len() > MOST_GROUPS || all > COUNT_CAP {
            return Ok(None);
        }
        Ok(Some(
            found
                .into_iter()
                .filter_map(|(value, count, sums)| {
                    let key = match value {
                        SqlVal::Null => GroupKey::Empty,
                        SqlVal::Int(n) => GroupKey::Whole(n),
                        SqlVal::Text(s) => GroupKey::Text(s),
                        SqlVal::Uuid(id) => GroupKey::Record(id),
                        SqlVal::Bytes(_) | SqlVal::Tokens(_) => return None,
                    };
                    Some(Tally { key, count, sums })
                })
                .collect(),
        ))
    }
}
