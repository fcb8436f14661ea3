//! The values of a field over the records of a list: how many records each has, and sums over them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_record::Value;
use peyvand_record::query::{BadCursor, DeletedScope, Query};
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

    /// Can records have this in common in this field?
    fn is_of(&self, field: &FieldDef) -> bool {
        match self {
            Self::Empty => true,
            Self::Record(_) => field.stored() == FieldType::Link,
            Self::Text(_) => matches!(field.stored(), FieldType::Choice | FieldType::Text),
            Self::Whole(_) => {
                matches!(
                    field.stored(),
                    FieldType::Boolean | FieldType::Date | FieldType::Number
                )
            }
        }
    }

    /// As the store has it.
    fn to_stored(&self) -> SqlVal {
        match self {
            Self::Whole(n) => SqlVal::Int(*n),
            Self::Text(s) => SqlVal::Text(s.clone()),
            Self::Record(id) => SqlVal::Uuid(*id),
            Self::Empty => SqlVal::Null,
        }
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

/// The place of a group among those of a question, which stand by size and then by value. As a text it is opaque to
/// callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPlace {
    /// What its records have in common.
    pub key: GroupKey,
    /// How many they were.
    pub count: u64,
}

impl fmt::Display for GroupPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count;
        match &self.key {
            GroupKey::Whole(n) => write!(f, "{count}.w{n}"),
            GroupKey::Text(s) => write!(f, "{count}.t{s}"),
            GroupKey::Record(id) => write!(f, "{count}.r{id}"),
            GroupKey::Empty => write!(f, "{count}.e"),
        }
    }
}

impl FromStr for GroupPlace {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (count, key) = text.split_once('.').ok_or(BadCursor)?;
        let key = match key.split_at_checked(1).ok_or(BadCursor)? {
            ("w", n) => GroupKey::Whole(n.parse().map_err(|_| BadCursor)?),
            ("t", s) if !s.contains('\0') => GroupKey::Text(s.to_owned()),
            ("r", id) => GroupKey::Record(id.parse().map_err(|_| BadCursor)?),
            ("e", "") => GroupKey::Empty,
            _ => return Err(BadCursor),
        };
        let count = count.parse().map_err(|_| BadCursor)?;
        Ok(Self { key, count })
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

impl Tally {
    /// Its place among the groups of its question.
    #[must_use]
    pub fn place(&self) -> GroupPlace {
        GroupPlace {
            key: self.key.clone(),
            count: self.count,
        }
    }
}

/// What is asked of [`App::grouped`].
#[derive(Debug, Clone, Copy)]
pub struct GroupRequest<'a> {
    /// The key of the field by which records are grouped.
    pub by: &'a str,
    /// The keys of the fields that are summed.
    pub sum: &'a [&'a str],
    /// The filter of the records.
    pub filter: Option<&'a str>,
    /// Most groups.
    pub most: usize,
    /// The groups after this place: [`Grouped::next`] of the page before.
    pub after: Option<&'a str>,
}

/// The groups that a list shows.
#[derive(Debug, Clone, Copy)]
pub struct ListGroups<'a> {
    /// The field by which its records are grouped.
    pub by: FieldIx,
    /// The fields that are summed.
    pub sums: &'a [FieldIx],
    /// The filter of the list.
    pub filter: Option<&'a str>,
    /// Is it the list of what was deleted?
    pub deleted: bool,
}

/// A page of the groups of all records that a question has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouped {
    /// The field by which they are grouped.
    pub by: FieldIx,
    /// The fields that are summed.
    pub summed: Vec<FieldIx>,
    /// The groups of this page, largest first.
    pub groups: Vec<Tally>,
    /// How many records are in no group of this page, with their sums; `None` when there are no others.
    pub rest: Option<(u64, Vec<Option<i64>>)>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
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
pub(super) fn groupable(caller: &Caller, object: &ObjectDef, ix: FieldIx, f: &FieldDef) -> bool {
    let kind = match f.stored() {
        FieldType::Choice | FieldType::Boolean => true,
        FieldType::Link => f.to.as_deref() != Some("*"),
        FieldType::Date | FieldType::Text | FieldType::Number => f.sort,
        _ => false,
    };
    kind && f.filter && f.class != Class::Secret && caller.policy.sees(&object.key, ix)
}

/// What is asked of the store: of which records, by which field, with which sums.
struct Asked<'a> {
    query: &'a Query,
    by: FieldIx,
    sums: &'a [FieldIx],
    cap: u64,
    after: Option<GroupPlace>,
    most: usize,
}

impl App {
    /// Groups by size.
    async fn tallies(&self, caller: &Caller, asked: Asked<'_>) -> Result<Vec<Tally>, StoreError> {
        let w = &caller.workspace;
        let after = asked.after.map(|p| (p.count, p.key.to_stored()));
        let found = self
            .store
            .groups(
                w.id,
                &w.layout,
                &caller.policy,
                asked.query,
                asked.by,
                asked.sums,
                asked.cap,
                after.as_ref(),
                asked.most as u64,
            )
            .await?;
        let tally = |(value, count, sums)| {
            let key = GroupKey::stored(value)?;
            Some(Tally { key, count, sums })
        };
        Ok(found.into_iter().filter_map(tally).collect())
    }

    /// The groups of all records that the caller may read and that match the filter, by a field: the largest with counts
    /// and sums, and what the others come to. However many records and groups there are, all are counted. Amounts are
    /// summed in the base currency; those without a known rate are in no sum.
    ///
    /// # Errors
    /// `by` or `sum` when records are not grouped by this field, or it cannot be summed: not there, not to be seen, of
    /// another type; `cursor` for a place that is none of this field; a filter that
    /// cannot be read; a sum beyond 64 bits.
    pub async fn grouped(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        request: &GroupRequest<'_>,
    ) -> Result<Grouped, AppError> {
        let bad = |name: &'static str, value: &str| AppError::Parameter {
            name,
            value: value.chars().take(60).collect(),
        };
        let (ix, f) = object
            .field(request.by)
            .filter(|(ix, f)| groupable(caller, object, *ix, f))
            .ok_or_else(|| bad("by", request.by))?;
        let summable = |f: &FieldDef| {
            f.class != Class::Secret
                && matches!(
                    f.stored(),
                    FieldType::Money | FieldType::Number | FieldType::Decimal
                )
        };
        let mut summed = Vec::with_capacity(request.sum.len());
        for key in request.sum {
            let (ix, _) = object
                .field(key)
                .filter(|(ix, f)| summable(f) && caller.policy.sees(&object.key, *ix))
                .filter(|(ix, _)| !summed.contains(ix) && summed.len() < MOST_SUMS)
                .ok_or_else(|| bad("sum", key))?;
            summed.push(ix);
        }
        let place = |text: &str| {
            let place = text.parse::<GroupPlace>().ok();
            place
                .filter(|p| p.key.is_of(f))
                .ok_or_else(|| bad("cursor", text))
        };
        let after = request.after.map(place).transpose()?;
        let first = after.is_none();
        let query = self.filtered(caller, object, request.filter).await?;
        let asked = Asked {
            query: &query,
            by: ix,
            sums: &summed,
            cap: ALL,
            after,
            most: request.most + 1,
        };
        let mut groups = match self.tallies(caller, asked).await {
            Err(StoreError::Compile(_)) => return Err(bad("by", request.by)),
            found => found?,
        };
        let more = groups.len() > request.most;
        groups.truncate(request.most);
        let told: u64 = groups.iter().map(|t| t.count).sum();
        let rest = if more || !first {
            let w = &caller.workspace;
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
            next: groups.last().filter(|_| more).map(|t| t.place().to_string()),
            groups,
            rest,
        })
    }

    /// The question for all records of an object that a filter lets through.
    async fn filtered(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        filter: Option<&str>,
    ) -> Result<Query, AppError> {
        let mut query = Query::of(&object.key);
        if let Some(text) = filter.map(str::trim).filter(|f| !f.is_empty()) {
            query.filter = Some(self.filter(caller, object, text).await?);
        }
        Ok(query)
    }

    /// The records of a list.
    async fn of_list(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        list: &ListGroups<'_>,
    ) -> Result<Query, AppError> {
        let mut query = self.filtered(caller, object, list.filter).await?;
        if list.deleted {
            query.deleted = DeletedScope::Deleted;
        }
        Ok(query)
    }

    /// The groups of a list by one of its fields, with counts and sums; `None` when they cannot be told: more than
    /// [`COUNT_CAP`] records, more than [`MOST_GROUPS`] groups.
    ///
    /// # Errors
    /// A filter that cannot be read; what the store says.
    pub async fn groups(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        list: &ListGroups<'_>,
    ) -> Result<Option<Vec<Tally>>, AppError> {
        let query = self.of_list(caller, object, list).await?;
        let asked = Asked {
            query: &query,
            by: list.by,
            sums: list.sums,
            cap: COUNT_CAP,
            after: None,
            most: MOST_GROUPS + 1,
        };
        let found = match self.tallies(caller, asked).await {
            // A field that the store cannot group by, or a sum that leaves 64 bits: the list is shown without.
            Err(StoreError::Compile(_) | StoreError::Overflow) => return Ok(None),
            found => found?,
        };
        let all: u64 = found.iter().map(|t| t.count).sum();
        Ok((found.len() <= MOST_GROUPS && all <= COUNT_CAP).then_some(found))
    }

    /// The largest groups of a list, at most [`MOST_GROUPS`], beginning after a place: of a list that is too long for
    /// [`App::groups`]. Sums that leave 64 bits are left out.
    ///
    /// # Errors
    /// A filter that cannot be read, a place that is none of this field; what the store says.
    pub async fn largest_groups(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        list: &ListGroups<'_>,
        after: Option<&GroupPlace>,
    ) -> Result<Vec<Tally>, AppError> {
        let query = self.of_list(caller, object, list).await?;
        let asked = |sums| Asked {
            query: &query,
            by: list.by,
            sums,
            cap: ALL,
            after: after.cloned(),
            most: MOST_GROUPS,
        };
        match self.tallies(caller, asked(list.sums)).await {
            Err(StoreError::Overflow) => Ok(self.tallies(caller, asked(&[])).await?),
            found => Ok(found?),
        }
    }
}
