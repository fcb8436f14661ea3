//! The values of a field over the records of a list: how many records each has, and sums over them.

use std::sync::Arc;

use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_record::Value;
use peyvand_record::query::{DeletedScope, Query};
use peyvand_store::compile::ALL;
use peyvand_store::{SqlVal, StoreError};

use super::COUNT_CAP;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Most groups of one list.
pub const MOST_GROUPS: usize = 500;
/// Most fields that are summed at once.
pub const MOST_SUMS: usize = 10;

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

    /// What the store gives for a value; `None` for what no list is grouped by.
    fn stored(value: SqlVal) -> Option<Self> {
        Some(match value {
            SqlVal::Null => Self::Empty,
            SqlVal::Int(n) => Self::Whole(n),
            SqlVal::Text(s) => Self::Text(s),
            SqlVal::Uuid(id) => Self::Record(id),
            SqlVal::Bytes(_) | SqlVal::Tokens(_) => return None,
        })
    }

    /// The value of the field that the records of the group have.
    #[must_use]
    pub fn value(&self, field: &FieldDef) -> Value {
        match (self, field.stored()) {
            (Self::Empty, _) => Value::Null,
            (Self::Record(id), _) => Value::Id(*id),
            (Self::Text(s), FieldType::Choice) => Value::Choice(s.as_str().into()),
            (Self::Text(s), _) => Value::Text(s.as_str().into()),
            (Self::Whole(n), FieldType::Boolean) => Value::Bool(*n != 0),
            (Self::Whole(n), FieldType::Date) => i32::try_from(*n).map_or(Value::Null, Value::Date),
            (Self::Whole(n), _) => Value::Int(*n),
        }
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

/// The groups of all records that a question has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouped {
    /// The field by which they are grouped.
    pub by: FieldIx,
    /// The fields that are summed.
    pub summed: Vec<FieldIx>,
    /// The largest groups, largest first.
    pub groups: Vec<Tally>,
    /// How many records are in no group of these, with their sums; `None` when there are no others.
    pub rest: Option<(u64, Vec<Option<i64>>)>,
    /// How many records there are.
    pub total: u64,
}

/// What the smaller groups come to, which are not told one by one.
fn rest_of(all: (u64, Vec<Option<i64>>), told: &[Tally]) -> (u64, Vec<Option<i64>>) {
    let counted: u64 = told.iter().map(|t| t.count).sum();
    let sums = all
        .1
        .into_iter()
        .enumerate()
        .map(|(n, sum)| {
            let told = told.iter().filter_map(|t| *t.sums.get(n)?);
            told.fold(sum, |left, one| left?.checked_sub(one))
        })
        .collect();
    (all.0.saturating_sub(counted), sums)
}

/// Can records be grouped by this field: are its values few words, or at least in an order? Never by what the caller does not
/// see.
fn groupable(caller: &Caller, object: &ObjectDef, ix: FieldIx, f: &FieldDef) -> bool {
    let kind = match f.stored() {
        FieldType::Choice | FieldType::Boolean => true,
        FieldType::Link => f.to.as_deref() != Some("*"),
        FieldType::Date | FieldType::Text | FieldType::Number => f.sort,
        _ => false,
    };
    kind && f.filter && f.class != Class::Secret && caller.policy.sees(&object.key, ix)
}

impl App {
    /// The groups of all records that the caller may read and that match the filter, by a field: the `most` largest with
    /// counts and sums, and what the others come to. However many records there are, all are counted. Amounts are summed
    /// in the base currency; those without a known rate are in no sum.
    ///
    /// # Errors
    /// `by` or `sum` when records are not grouped by this field, or it cannot be summed: not there, not to be seen, of
    /// another type, a field of the workspace's own; a filter that cannot be read; a sum beyond 64 bits.
    pub async fn grouped(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        by: &str,
        sum: &[&str],
        filter: Option<&str>,
        most: usize,
    ) -> Result<Grouped, AppError> {
        let bad = |name: &'static str, value: &str| AppError::Parameter {
            name,
            value: value.chars().take(60).collect(),
        };
        let (ix, _) = object
            .field(by)
            .filter(|(ix, f)| groupable(caller, object, *ix, f))
            .ok_or_else(|| bad("by", by))?;
        let summable = |f: &FieldDef| {
            !f.custom
                && f.class != Class::Secret
                && matches!(
                    f.stored(),
                    FieldType::Money | FieldType::Number | FieldType::Decimal
                )
        };
        let mut summed = Vec::with_capacity(sum.len());
        for key in sum {
            let (ix, _) = object
                .field(key)
                .filter(|(ix, f)| summable(f) && caller.policy.sees(&object.key, *ix))
                .filter(|(ix, _)| !summed.contains(ix) && summed.len() < MOST_SUMS)
                .ok_or_else(|| bad("sum", key))?;
            summed.push(ix);
        }
        let query = self.filtered(caller, object, filter)?;
        let w = &caller.workspace;
        let found = self
            .store
            .groups(
                w.id,
                &w.layout,
                &caller.policy,
                &query,
                ix,
                &summed,
                ALL,
                most as u64 + 1,
            )
            .await;
        let found = match found {
            Err(StoreError::Compile(_)) => return Err(bad("by", by)),
            found => found?,
        };
        let more = found.len() > most;
        let groups: Vec<Tally> = found
            .into_iter()
            .take(most)
            .filter_map(|(value, count, sums)| {
                let key = GroupKey::stored(value)?;
                Some(Tally { key, count, sums })
            })
            .collect();
        let told: u64 = groups.iter().map(|t| t.count).sum();
        let rest = if more {
            let all = self
                .store
                .tally(w.id, &w.layout, &caller.policy, &query, &summed, ALL)
                .await?;
            Some(rest_of(all, &groups))
        } else {
            None
        };
        Ok(Grouped {
            by: ix,
            summed,
            total: told + rest.as_ref().map_or(0, |(n, _)| *n),
            groups,
            rest,
        })
    }

    /// The question for all records of an object that a filter lets through.
    fn filtered(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        filter: Option<&str>,
    ) -> Result<Query, AppError> {
        let mut query = Query::of(&object.key);
        if let Some(text) = filter.map(str::trim).filter(|f| !f.is_empty()) {
            query.filter = Some(self.filter(caller, object, text)?);
        }
        Ok(query)
    }

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
        let mut query = self.filtered(caller, object, filter)?;
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
            Err(StoreError::Compile(_) | StoreError::Overflow) => return Ok(None),
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
                    let key = GroupKey::stored(value)?;
                    Some(Tally { key, count, sums })
                })
                .collect(),
        ))
    }
}
