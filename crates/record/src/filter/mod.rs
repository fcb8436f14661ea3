//! Filters: which records are wanted. The text form is described in `docs/filter.md`; here is what a text means once it
//! has been read and checked against the catalog.
//!
//! Logic is two-valued: a test on a record without a value is false, except `!=`, which is the exact opposite of `=`,
//! and the tests for `null` themselves.

use peyvand_catalog::FieldIx;
use peyvand_core::Id;

mod check;
mod error;
pub mod eval;
mod lex;
mod operand;
mod parse;
mod print;
pub mod syntax;

pub use check::{FilterContext, NoTags, TagResolver, check};
pub use error::{FilterError, FilterErrorCode};
pub use eval::{World, matches};
pub use parse::parse;
pub use print::print;
pub use syntax::Syntax;

/// A filter that has been checked: every field exists, every operand has the field's type, functions of time are
/// resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// Key of the object whose records are asked for.
    pub object: Box<str>,
    /// The condition.
    pub root: Node,
}

/// A condition on one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// All hold (true when empty).
    All(Vec<Node>),
    /// At least one holds (false when empty).
    Any(Vec<Node>),
    /// It does not hold.
    Not(Box<Node>),
    /// A test of one field of the record.
    Test(Test),
    /// At least one related, live record that the asker may see fulfils the condition.
    Related {
        /// The road to the related records.
        relation: Relation,
        /// What one of them fulfils.
        inner: Box<Node>,
    },
    /// A count or sum over related, live records that the asker may see, compared with a number. A sum over no records
    /// is 0.
    Aggregate {
        /// The road to the related records.
        relation: Relation,
        /// Count or sum.
        function: Aggregate,
        /// Which of them count.
        inner: Box<Node>,
        /// The comparison: `Eq`, `Ne`, `Lt`, `Le`, `Gt` or `Ge`.
        op: Op,
        /// The number: a count, a scaled decimal, or minor units.
        value: i64,
    },
    /// The record carries a key of another system: `has_key("hubspot")`, `has_key("hubspot", "1234")`.
    HasKey {
        /// The other system.
        source: Box<str>,
        /// The key there; any when `None`.
        key: Option<Box<str>>,
    },
    /// The record carries a tag: `tagged("vip")`.
    Tagged(Id),
}

/// A test of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The field.
    pub field: FieldIx,
    /// The comparison.
    pub op: Op,
    /// What it is compared with.
    pub operand: Operand,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`: equal (text: equal when folded). With a range: inside it.
    Eq,
    /// `!=`: the opposite of `=`; also true for records without a value.
    Ne,
    /// `<`. With a range: before it.
    Lt,
    /// `<=`. With a range: before its end.
    Le,
    /// `>`. With a range: after it.
    Gt,
    /// `>=`. With a range: from its beginning on.
    Ge,
    /// `:`: text contains (folded); choices and links have the member.
    Has,
    /// `^`: text begins with (folded).
    Starts,
    /// `in (…)`: equal to one of the list.
    In,
}

impl Op {
    /// Every operator.
    pub const ALL: &[Self] = &[
        Self::Eq,
        Self::Ne,
        Self::Lt,
        Self::Le,
        Self::Gt,
        Self::Ge,
        Self::Has,
        Self::Starts,
        Self::In,
    ];

    /// The operator as it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Has => ":",
            Self::Starts => "^",
            Self::In => "in",
        }
    }
}

/// What a field is compared with, in the form in which the field is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// No value (`= null`, `!= null`).
    Null,
    /// Numbers, scaled decimals, days, instants in microseconds, booleans as 0 and 1.
    Int(i64),
    /// Folded text; normalised codes, e-mail addresses and phones; choice keys.
    Text(Box<str>),
    /// An id.
    Id(Id),
    /// An amount in minor units of a currency; `None` compares the twins in the base currency.
    Money {
        /// Minor units.
        minor: i64,
        /// The currency.
        currency: Option<Box<str>>,
    },
    /// A half-open range of days or instants: from a period such as `this_month(jalali)`.
    Range {
        /// First day or instant inside.
        from: i64,
        /// First day or instant behind.
        to: i64,
    },
    /// Several (`in`).
    List(Vec<Operand>),
}

/// A road from a record to others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Along a link of the record itself: `company.city`.
    Forward {
        /// The link.
        field: FieldIx,
        /// The object at its end.
        object: Box<str>,
    },
    /// Along a link that points to the record: `orders.any(…)`.
    Inverse {
        /// The linking object.
        object: Box<str>,
        /// Its link.
        field: FieldIx,
    },
}

impl Relation {
    /// Key of the object at the end of the road.
    #[must_use]
    pub fn object(&self) -> &str {
        match self {
            Self::Forward { object, .. } | Self::Inverse { object, .. } => object,
        }
    }
}

/// What is calculated over related records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// The sum of a number, decimal or amount (in the base currency).
    Sum(FieldIx),
}
