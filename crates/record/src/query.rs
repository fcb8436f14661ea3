//! A page of records: filter, sort, key-set cursor.

use peyvand_catalog::FieldIx;
use peyvand_core::Id;
use serde::{Deserialize, Serialize};

use crate::filter::Filter;
use crate::value::Record;

/// Ascending or descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Smallest first.
    Asc,
    /// Greatest first.
    Desc,
}

/// One sort key. Records without a value come last in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// The field.
    pub field: FieldIx,
    /// The direction.
    pub direction: Direction,
}

/// Which records count as there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletedScope {
    /// Live records only: everywhere but in the recycle bin.
    #[default]
    Live,
    /// Deleted records only: the recycle bin.
    Deleted,
}

/// A question for a page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Key of the object.
    pub object: Box<str>,
    /// Which records.
    pub filter: Option<Filter>,
    /// In which order; the id decides between equals (descending after a descending last key).
    pub sort: Vec<Sort>,
    /// At most so many.
    pub limit: u32,
    /// Where the last page ended.
    pub after: Option<Cursor>,
    /// Live or deleted ones.
    pub deleted: DeletedScope,
    /// Only these fields are needed (and id, version); all when `None`.
    pub fields: Option<Vec<FieldIx>>,
}

impl Query {
    /// The first 50 live records of an object, newest first.
    #[must_use]
    pub fn of(object: &str) -> Self {
        Self {
            object: object.into(),
            filter: None,
            sort: Vec::new(),
            limit: 50,
            after: None,
            deleted: DeletedScope::Live,
            fields: None,
        }
    }

    /// With this filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// With this many at most.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// After this cursor.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// A fingerprint of sort and deleted scope: a cursor of another order is refused.
    #[must_use]
    pub fn order_tag(&self) -> u32 {
        let mut h: u32 = 0x811C_9DC5;
        let mut eat = |b: u8| h = (h ^ u32::from(b)).wrapping_mul(0x0100_0193);
        for b in self.object.bytes() {
            eat(b);
        }
        for s in &self.sort {
            eat(s.field.0 as u8);
            eat((s.field.0 >> 8) as u8);
            eat(s.direction as u8);
        }
        eat(self.deleted as u8);
        h
    }
}

/// The sort key values of the last record of a page: where the next page begins. Opaque to callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Fingerprint of the order it belongs to.
    pub order: u32,
    /// Stored key of each sort field, `None` for records without a value.
    pub keys: Vec<Option<CursorKey>>,
    /// Id of the last record.
    pub id: Id,
}

/// A stored sort key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CursorKey {
    /// Numbers, dates, instants, booleans, amounts.
    I(i64),
    /// Codes and choice keys.
    T(String),
    /// Sort keys of text, ids.
    B(Vec<u8>),
}

/// The cursor was not made by this interface for this order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list")]
pub struct BadCursor;

impl Cursor {
    /// The text form.
    #[must_use]
    pub fn encode(&self) -> String {
        use base64::Engine as _;
        // Serialising plain data to JSON cannot fail.
        let json = serde_json::to_vec(self).unwrap_or_default();
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json)
    }

    /// Reads the text form.
    pub fn decode(text: &str) -> Result<Self, BadCursor> {
        use base64::Engine as _;
        if text.len() > 4096 {
            return Err(BadCursor);
        }
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| BadCursor)?;
        let cursor: Self = serde_json::from_slice(&bytes).map_err(|_| BadCursor)?;
        let nul = |k: &Option<CursorKey>| matches!(k, Some(CursorKey::T(t)) if t.contains('\0'));
        if cursor.keys.iter().any(nul) {
            return Err(BadCursor);
        }
        Ok(cursor)
    }
}

/// A page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
}
