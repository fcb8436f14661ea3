//! Values and records.

use peyvand_catalog::{FieldIx, ObjectDef, definition::system};
use peyvand_core::{Actor, Id, Instant};
use serde::{Deserialize, Serialize};

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// Text of any text type, cleaned; codes, e-mail addresses, phones and addresses of pages normalised.
    Text(Box<str>),
    /// A whole number.
    Int(i64),
    /// A decimal scaled by the field's `scale`: 12.5 with scale 4 is 125,000.
    Decimal(i64),
    /// An amount; boxed, since it is three times as large as anything else and few fields have one.
    Money(Box<MoneyValue>),
    /// True or false.
    Bool(bool),
    /// A day, as days since 1970-01-01.
    Date(i32),
    /// A point in time.
    Instant(Instant),
    /// The key of a choice.
    Choice(Box<str>),
    /// Keys of choices, in the order of the definition, each once.
    Choices(Vec<Box<str>>),
    /// A link.
    Id(Id),
    /// Links, each once.
    Ids(Vec<Id>),
    /// A person's name.
    Name(Box<NameValue>),
    /// A postal address.
    Address(Box<AddressValue>),
    /// Contact points of one kind.
    Points(Vec<Point>),
    /// Structured data of the product.
    Json(Box<serde_json::Value>),
}

// A record is a row of these, most of them empty, and a page of fifty is four thousand.
const _: () = assert!(size_of::<Value>() <= 32);

impl Value {
    /// An amount.
    #[must_use]
    pub fn money(amount: MoneyValue) -> Self {
        Self::Money(Box::new(amount))
    }

    /// A text value; null when empty.
    pub fn text(s: impl Into<Box<str>>) -> Self {
        let s = s.into();
        if s.is_empty() { Self::Null } else { Self::Text(s) }
    }

    /// Is there no value?
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, code or choice key.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(s) | Self::Choice(s) => Some(s),
            _ => None,
        }
    }

    /// The whole number.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        if let Self::Int(i) = self { Some(*i) } else { None }
    }

    /// The link.
    #[must_use]
    pub const fn as_id(&self) -> Option<Id> {
        if let Self::Id(i) = self { Some(*i) } else { None }
    }

    /// The instant.
    #[must_use]
    pub const fn as_instant(&self) -> Option<Instant> {
        if let Self::Instant(i) = self {
            Some(*i)
        } else {
            None
        }
    }

    /// The amount.
    #[must_use]
    pub const fn as_money(&self) -> Option<&MoneyValue> {
        if let Self::Money(m) = self { Some(m) } else { None }
    }
}

impl From<Option<Id>> for Value {
    fn from(id: Option<Id>) -> Self {
        id.map_or(Self::Null, Self::Id)
    }
}

/// An exact amount with its twin in the workspace's base currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyValue {
    /// Minor units of the currency.
    pub minor: i64,
    /// Currency code.
    pub currency: Box<str>,
    /// The twin in minor units of the base currency, when a rate is known.
    pub base: Option<i64>,
    /// The rate used, as a canonical decimal, when the currency is not the base currency.
    pub rate: Option<Box<str>>,
    /// The day of the rate.
    pub rated_on: Option<i32>,
}

/// The parts of a person's name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NameValue {
    /// دکتر، مهندس، Dr.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub title: Box<str>,
    /// Given name.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub given: Box<str>,
    /// Middle name.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub middle: Box<str>,
    /// Family name.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub family: Box<str>,
    /// Jr., III.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub suffix: Box<str>,
    /// The Latin form, as the person writes it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub latin: Box<str>,
}

impl NameValue {
    /// Title, given, middle, family and suffix, with single spaces.
    #[must_use]
    pub fn display(&self) -> String {
        join(&[&self.title, &self.given, &self.middle, &self.family, &self.suffix])
    }

    /// Given, middle and family, without title and suffix.
    #[must_use]
    pub fn plain(&self) -> String {
        join(&[&self.given, &self.middle, &self.family])
    }

    /// Family, then given and middle: the order in which lists are sorted.
    #[must_use]
    pub fn sorting(&self) -> String {
        join(&[&self.family, &self.given, &self.middle])
    }
}

fn join(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|p| p.len() + 1).sum());
    for p in parts.iter().filter(|p| !p.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(p);
    }
    out
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressValue {
    /// Street, number, floor.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub street: Box<str>,
    /// City.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub city: Box<str>,
    /// Province or state.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub province: Box<str>,
    /// Postal code.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub postal_code: Box<str>,
    /// Country.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub country: Box<str>,
}

/// A contact point as it is shown on its person or company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The contact point's own id; nil until it is stored.
    pub id: Id,
    /// The value as shown: a mail address, an E.164 number.
    pub value: Box<str>,
    /// The value by which equal points are found.
    pub normalised: Box<str>,
    /// The kind that identifies: `email`, `mobile`, `phone`, `fax`.
    pub channel: Box<str>,
    /// Work, home, as people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Box<str>>,
    /// The one to use first.
    #[serde(default)]
    pub primary: bool,
}

/// A record of any object: its values by position of the field.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Key of its object.
    pub object: Box<str>,
    /// One value per field of the object, system fields first.
    pub values: Vec<Value>,
}

impl Record {
    /// A new record of this object: id, version 1, times and actors set, all else empty.
    #[must_use]
    pub fn new(object: &ObjectDef, id: Id, now: Instant, actor: Actor) -> Self {
        let mut r = Self {
            object: object.key.as_str().into(),
            values: vec![Value::Null; object.fields.len()],
        };
        r.set(system::ID, Value::Id(id));
        r.set(system::VERSION, Value::Int(1));
        r.set(system::CREATED_AT, Value::Instant(now));
        r.set(system::UPDATED_AT, Value::Instant(now));
        r.set(system::CREATED_BY, Value::Id(actor.id()));
        r.set(system::UPDATED_BY, Value::Id(actor.id()));
        r
    }

    /// The next version of this record by this actor.
    #[must_use]
    pub fn touched(&self, now: Instant, actor: Actor) -> Self {
        let mut r = self.clone();
        r.set(system::VERSION, Value::Int(self.version() + 1));
        r.set(system::UPDATED_AT, Value::Instant(now));
        r.set(system::UPDATED_BY, Value::Id(actor.id()));
        r
    }

    /// The value at this position; null when the catalog has grown since the record was read.
    #[must_use]
    pub fn get(&self, ix: FieldIx) -> &Value {
        static NULL: Value = Value::Null;
        self.values.get(ix.index()).unwrap_or(&NULL)
    }

    /// Sets the value at this position.
    pub fn set(&mut self, ix: FieldIx, value: Value) {
        if self.values.len() <= ix.index() {
            self.values.resize(ix.index() + 1, Value::Null);
        }
        self.values[ix.index()] = value;
    }

    /// The record's id.
    #[must_use]
    pub fn id(&self) -> Id {
        self.get(system::ID).as_id().unwrap_or(Id::NIL)
    }

    /// The record's version.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.get(system::VERSION).as_int().unwrap_or(0)
    }

    /// Is it in the recycle bin?
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        !self.get(system::DELETED_AT).is_null()
    }

    /// The positions whose values differ between the two.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<FieldIx> {
        (0..self.values.len().max(other.values.len()))
            .map(|i| FieldIx(i as u16))
            .filter(|&i| self.get(i) != other.get(i))
            .collect()
    }
}
