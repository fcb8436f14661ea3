//! The types of a formula's parts, told without a record.

use peyvand_catalog::{FieldType, ObjectDef};

use super::error::{FormulaError, FormulaProblem as Problem};
use super::node::{Binary, Function, Node};

/// A type that formulas calculate with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ty {
    /// No value; goes with every type.
    Null,
    /// An exact number.
    Number,
    /// An amount in a currency.
    Money,
    /// A text, code, address or key of a choice.
    Text,
    /// True or false.
    Bool,
    /// A day.
    Date,
    /// A point in time.
    Instant,
    /// Several texts.
    List,
}

impl Ty {
    /// The name in messages.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Number => "number",
            Self::Money => "money",
            Self::Text => "text",
            Self::Bool => "boolean",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::List => "list",
        }
    }
}

/// The type with which values of a field are calculated; `None` when they cannot be.
pub(super) fn of_field(stored: FieldType) -> Option<Ty> {
    Some(match stored {
        FieldType::Number | FieldType::Decimal => Ty::Number,
        FieldType::Money => Ty::Money,
        FieldType::Text
        | FieldType::LongText
        | FieldType::Code
        | FieldType::Email
        | FieldType::Phone
        | FieldType::Url
        | FieldType::Choice
        | FieldType::PersonName => Ty::Text,
        FieldType::Boolean => Ty::Bool,
        FieldType::Date => Ty::Date,
        FieldType::Instant => Ty::Instant,
        FieldType::Choices => Ty::List,
        _ => return None,
    })
}

/// The type of what a part gives.
pub(super) fn infer(node: &Node, object: &ObjectDef) -> Result<Ty, FormulaError> {
    Ok(match node {
        Node::Null => Ty::Null,
        Node::Number(_) => Ty::Number,
        Node::Text(_) => Ty::Text,
        Node::Bool(_) => Ty::Bool,
        Node::Today => Ty::Date,
        Node::Now => Ty::Instant,
        Node::Field(key) => {
            let (_, field) = object
                .field(key)
                .ok_or_else(|| FormulaError::new(Problem::UnknownField, key))?;
            of_field(field.stored()).ok_or_else(|| FormulaError::new(Problem::FieldType, key))?
        }
        Node::List(list) => {
            for n in list {
                one_of(infer(n, object)?, &[Ty::Text], "[]")?;
            }
            Ty::List
        }
        Node::Not(a) => one_of(infer(a, object)?, &[Ty::Bool], "!")?,
        Node::Negate(a) => one_of(infer(a, object)?, &[Ty::Number, Ty::Money], "-")?,
        Node::If(test, a, b) => {
            one_of(infer(test, object)?, &[Ty::Bool], "?")?;
            alike(infer(a, object)?, infer(b, object)?, "?:")?
        }
        Node::Binary(op, a, b) => binary(*op, infer(a, object)?, infer(b, object)?)?,
        Node::Call(function, arguments) => {
            let types = arguments
                .iter()
                .map(|n| infer(n, object))
                .collect::<Result<Vec<_>, _>>()?;
            called(*function, &types)?
        }
    })
}

/// The type, which must be one of these (or no value).
fn one_of(ty: Ty, allowed: &[Ty], at: &str) -> Result<Ty, FormulaError> {
    match allowed {
        [only] if ty == Ty::Null => Ok(*only),
        _ if ty == Ty::Null || allowed.contains(&ty) => Ok(ty),
        _ => Err(FormulaError::new(Problem::Types, &format!("{at} {}", ty.key()))),
    }
}

fn alike(a: Ty, b: Ty, at: &str) -> Result<Ty, FormulaError> {
    match (a, b) {
        (Ty::Null, t) | (t, Ty::Null) => Ok(t),
        (a, b) if a == b => Ok(a),
        (a, b) => Err(FormulaError::new(
            Problem::Types,
            &format!("{} {at} {}", a.key(), b.key()),
        )),
    }
}

fn binary(op: Binary, a: Ty, b: Ty) -> Result<Ty, FormulaError> {
    use Ty::{Bool, Date, Instant, List, Money, Null, Number, Text};
    let wrong = |sign: &str| {
        Err(FormulaError::new(
            Problem::Types,
            &format!("{} {sign} {}", a.key(), b.key()),
        ))
    };
    match op {
        Binary::Add => match (a, b) {
            (Date, Number) | (Number, Date) => Ok(Date),
            (Number | Money | Text | Null, _) if alike(a, b, "+").is_ok() => {
                one_of(alike(a, b, "+")?, &[Number, Money, Text], "+")
            }
            _ => wrong("+"),
        },
        Binary::Sub => match (a, b) {
            (Date, Number) => Ok(Date),
            // Days between two days; days, with their fraction, between two points in time.
            (Date, Date) | (Instant, Instant) => Ok(Number),
            _ => one_of(alike(a, b, "-")?, &[Number, Money], "-"),
        },
        Binary::Mul => match (a, b) {
            (Money, Number | Null) | (Number | Null, Money) => Ok(Money),
            (Number | Null, Number | Null) => Ok(Number),
            _ => wrong("*"),
        },
        Binary::Div => match (a, b) {
            (Money, Money) | (Number | Null, Number | Null) => Ok(Number),
            (Money, Number | Null) => Ok(Money),
            _ => wrong("/"),
        },
        Binary::Rem => match (a, b) {
            (Number | Null, Number | Null) => Ok(Number),
            _ => wrong("%"),
        },
        Binary::Eq | Binary::Ne => alike(a, b, "==").map(|_| Bool),
        Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge => {
            one_of(alike(a, b, "<")?, &[Number, Money, Text, Date, Instant], "<").map(|_| Bool)
        }
        Binary::And | Binary::Or => {
            one_of(a, &[Bool], "&&")?;
            one_of(b, &[Bool], "&&")
        }
        Binary::In => match (a, b) {
            (Text | Null, List) => Ok(Bool),
            _ => wrong("in"),
        },
    }
}

fn called(function: Function, types: &[Ty]) -> Result<Ty, FormulaError> {
    use Ty::{Bool, Date, Instant, List, Money, Number, Text};
    let first = types.first().copied().unwrap_or(Ty::Null);
    let second = types.get(1).copied().unwrap_or(Ty::Null);
    let all = |at: &str| types.iter().try_fold(Ty::Null, |so_far, &t| alike(so_far, t, at));
    match function {
        Function::Coalesce => all("coalesce"),
        Function::Min => one_of(all("min")?, &[Number, Money, Date, Instant], "min"),
        Function::Max => one_of(all("max")?, &[Number, Money, Date, Instant], "max"),
        Function::Abs => one_of(first, &[Number, Money], "abs"),
        Function::Round => {
            one_of(second, &[Number], "round")?;
            one_of(first, &[Number], "round")
        }
        Function::Floor => one_of(first, &[Number], "floor"),
        Function::Ceil => one_of(first, &[Number], "ceil"),
        Function::Size => one_of(first, &[Text, List], "size").map(|_| Number),
        Function::Contains | Function::StartsWith | Function::EndsWith => {
            one_of(first, &[Text], "contains")?;
            one_of(second, &[Text], "contains").map(|_| Bool)
        }
        Function::Money => {
            one_of(first, &[Number], "money")?;
            one_of(second, &[Text], "money").map(|_| Money)
        }
        Function::Amount => one_of(first, &[Money], "amount").map(|_| Number),
        Function::Currency => one_of(first, &[Money], "currency").map(|_| Text),
    }
}
