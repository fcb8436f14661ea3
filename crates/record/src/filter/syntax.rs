//! A filter as it is written, before it is checked against the catalog.

use std::fmt;

use super::Op;

/// Longest filter, in bytes.
pub const MAX_BYTES: usize = 8 * 1024;
/// Deepest nesting of brackets, NOT, relations and functions.
pub const MAX_DEPTH: u32 = 8;
/// Most comparisons, calls and values of lists together.
pub const MAX_TERMS: u32 = 100;

/// Where something stands: characters from the beginning. Two trees that differ in places only are equal.
#[derive(Clone, Copy, Default)]
pub struct Place(pub u32);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// A filter as it is written. `None` is the empty filter, which everything fulfils.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Syntax {
    /// The condition.
    pub root: Option<Expr>,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Two or more conditions joined by AND.
    And(Vec<Expr>),
    /// Two or more conditions joined by OR.
    Or(Vec<Expr>),
    /// NOT.
    Not(Box<Expr>),
    /// `path op value`.
    Compare {
        /// The field: names joined by dots.
        path: Path,
        /// The operator; never `In`.
        op: Op,
        /// The value.
        value: Literal,
    },
    /// `path in (value, …)`, or `path in function()`.
    In {
        /// The field.
        path: Path,
        /// The values.
        values: Vec<Literal>,
    },
    /// `orders.any(…)`: at least one related record fulfils the condition, if there is one.
    Any {
        /// The relation.
        path: Path,
        /// The condition.
        inner: Option<Box<Expr>>,
    },
    /// `orders.count(…) >= 3`.
    Count {
        /// The relation.
        path: Path,
        /// Which records count.
        inner: Option<Box<Expr>>,
        /// The comparison.
        op: Op,
        /// The number.
        value: Literal,
    },
    /// `orders.sum(total, …) > 5000000 IRR`.
    Sum {
        /// The relation.
        path: Path,
        /// The field that is summed.
        field: Name,
        /// Which records count.
        inner: Option<Box<Expr>>,
        /// The comparison.
        op: Op,
        /// The number.
        value: Literal,
    },
    /// `has_key("source", "key")`, `tagged("vip")`.
    Call {
        /// The function.
        name: Name,
        /// Its arguments.
        args: Vec<Literal>,
    },
}

/// A name and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// Names joined by dots, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(pub Vec<Name>);

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// What is written.
    pub kind: LiteralKind,
    /// Where it stands.
    pub place: Place,
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiteralKind {
    /// `null`
    Null,
    /// Text in quotation marks.
    Quoted(String),
    /// A bare word: a number, a key, an id, a date.
    Word(String),
    /// A number and its currency.
    Amount {
        /// The number as written.
        number: String,
        /// The currency as written: a code, «ریال», «تومان».
        currency: String,
    },
    /// A function.
    Call {
        /// Its name.
        name: String,
        /// Its arguments.
        args: Vec<Literal>,
    },
}
