//! The value of a formula for one record.

use std::cmp::Ordering;

use peyvand_catalog::{FieldDef, FieldType, ObjectDef};
use peyvand_core::Instant;
use peyvand_numbers::decimal::{Decimal, Rounding};
use peyvand_numbers::money::{Currency, Money};

use super::node::{Binary, Function, Node};
use super::{LONGEST_TEXT, Now};
use crate::value::{MoneyValue, Record, Value};

/// Digits behind the point that a quotient is worked out to.
const PLACES: u8 = 12;

/// A value on the way.
#[derive(Debug, Clone, PartialEq)]
enum Val {
    Null,
    Number(Decimal),
    /// An amount in main units, not yet rounded.
    Money(Decimal, Currency),
    Text(String),
    Bool(bool),
    Date(i32),
    Instant(Instant),
    List(Vec<String>),
}

struct Scope<'a> {
    object: &'a ObjectDef,
    record: &'a Record,
    now: Option<Now>,
}

/// The value of a formula as its field stores it.
pub(super) fn value(
    root: &Node,
    object: &ObjectDef,
    record: &Record,
    field: &FieldDef,
    base: Currency,
    now: Option<Now>,
) -> Value {
    let scope = Scope { object, record, now };
    let places = |n: Decimal, places: u8| {
        n.rescale(places, Rounding::HalfEven)
            .scaled(u32::from(places))
            .and_then(|c| i64::try_from(c).ok())
    };
    match (scope.eval(root), field.stored()) {
        (Val::Number(n), FieldType::Number) => places(n, 0).map_or(Value::Null, Value::Int),
        (Val::Number(n), FieldType::Decimal) => {
            places(n, field.decimals()).map_or(Value::Null, Value::Decimal)
        }
        (Val::Money(n, currency), FieldType::Money) => {
            Money::from_decimal_rounded(n, currency, Rounding::HalfEven).map_or(Value::Null, |m| {
                Value::money(twinned(m, scope.inputs(root), base))
            })
        }
        (Val::Bool(b), FieldType::Boolean) => Value::Bool(b),
        (Val::Date(d), FieldType::Date) => Value::Date(d),
        (Val::Instant(t), FieldType::Instant) => Value::Instant(t),
        (Val::Text(s), FieldType::Text) => {
            let most = field.max_length.unwrap_or(255) as usize;
            Value::text(s.chars().take(most).collect::<String>())
        }
        _ => Value::Null,
    }
}

/// An amount with its twin: at the rate of the input from which it was worked out.
fn twinned(m: Money, inputs: Vec<&MoneyValue>, base: Currency) -> MoneyValue {
    let code = m.currency.code();
    let mut out = MoneyValue {
        minor: m.minor,
        currency: code.into(),
        base: (m.currency == base).then_some(m.minor),
        rate: None,
        rated_on: None,
    };
    if out.base.is_none()
        && let Some(from) = inputs
            .into_iter()
            .find(|i| *i.currency == *code && i.rate.is_some())
        && let Some(rate) = from.rate.as_deref().and_then(|r| Decimal::parse(r).ok())
        && let Ok(twin) = m.convert(rate, base, Rounding::HalfEven)
    {
        out.base = Some(twin.minor);
        out.rate.clone_from(&from.rate);
        out.rated_on = from.rated_on;
    }
    out
}

impl Scope<'_> {
    fn inputs(&self, root: &Node) -> Vec<&MoneyValue> {
        let mut out = Vec::new();
        root.walk(&mut |n| {
            if let Node::Field(key) = n
                && let Some((ix, _)) = self.object.field(key)
                && let Value::Money(m) = self.record.get(ix)
            {
                out.push(&**m);
            }
        });
        out
    }

    fn eval(&self, node: &Node) -> Val {
        match node {
            Node::Null => Val::Null,
            Node::Number(n) => Val::Number(*n),
            Node::Text(s) => Val::Text(s.clone()),
            Node::Bool(b) => Val::Bool(*b),
            Node::Today => self.now.map_or(Val::Null, |n| Val::Date(n.today)),
            Node::Now => self.now.map_or(Val::Null, |n| Val::Instant(n.instant)),
            Node::Field(key) => self.field(key),
            Node::List(list) => Val::List(
                list.iter()
                    .filter_map(|n| {
                        if let Val::Text(s) = self.eval(n) {
                            Some(s)
                        } else {
                            None
                        }
                    })
                    .collect(),
            ),
            Node::Not(a) => match self.eval(a) {
                Val::Bool(b) => Val::Bool(!b),
                _ => Val::Null,
            },
            Node::Negate(a) => match self.eval(a) {
                Val::Number(n) => n.checked_neg().map_or(Val::Null, Val::Number),
                Val::Money(n, c) => n.checked_neg().map_or(Val::Null, |n| Val::Money(n, c)),
                _ => Val::Null,
            },
            Node::If(test, a, b) => match self.eval(test) {
                Val::Bool(true) => self.eval(a),
                Val::Bool(false) => self.eval(b),
                _ => Val::Null,
            },
            Node::Binary(Binary::And, a, b) => logic(&self.eval(a), || self.eval(b), false),
            Node::Binary(Binary::Or, a, b) => logic(&self.eval(a), || self.eval(b), true),
            Node::Binary(op, a, b) => binary(*op, self.eval(a), self.eval(b)),
            Node::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    fn field(&self, key: &str) -> Val {
        let Some((ix, field)) = self.object.field(key) else {
            return Val::Null;
        };
        match self.record.get(ix) {
            Value::Int(i) => Val::Number(Decimal::from_int(i128::from(*i))),
            Value::Decimal(d) => {
                Decimal::new(i128::from(*d), u32::from(field.decimals())).map_or(Val::Null, Val::Number)
            }
            Value::Money(m) => Currency::new(&m.currency)
                .map_or(Val::Null, |c| Val::Money(Money::new(m.minor, c).to_decimal(), c)),
            Value::Text(s) | Value::Choice(s) => Val::Text(s.to_string()),
            Value::Name(n) => Val::Text(n.display()),
            Value::Bool(b) => Val::Bool(*b),
            Value::Date(d) => Val::Date(*d),
            Value::Instant(t) => Val::Instant(*t),
            Value::Choices(keys) => Val::List(keys.iter().map(ToString::to_string).collect()),
            _ => Val::Null,
        }
    }

    fn call(&self, function: Function, arguments: &[Node]) -> Val {
        let mut values: Vec<Val> = arguments.iter().map(|n| self.eval(n)).collect();
        if function == Function::Coalesce {
            return values.into_iter().find(|v| *v != Val::Null).unwrap_or(Val::Null);
        }
        if matches!(function, Function::Min | Function::Max) {
            let wanted = if function == Function::Min {
                Ordering::Less
            } else {
                Ordering::Greater
            };
            let mut best = values.pop().unwrap_or(Val::Null);
            for v in values {
                match order(&v, &best) {
                    Some(o) if o == wanted => best = v,
                    Some(_) => {}
                    None => return Val::Null,
                }
            }
            return best;
        }
        let number = |n: Option<Decimal>| n.map_or(Val::Null, Val::Number);
        let mut given = values.into_iter();
        let first = given.next().unwrap_or(Val::Null);
        let second = given.next();
        match (function, first, second) {
            (Function::Abs, Val::Number(n), _) => number(n.checked_abs()),
            (Function::Abs, Val::Money(n, c), _) => n.checked_abs().map_or(Val::Null, |n| Val::Money(n, c)),
            (Function::Round, Val::Number(n), None) => Val::Number(n.rescale(0, Rounding::HalfEven)),
            (Function::Round, Val::Number(n), Some(Val::Number(places))) => {
                match places.to_int().and_then(|p| u8::try_from(p).ok()) {
                    Some(p) if p <= PLACES => Val::Number(n.rescale(p, Rounding::HalfEven)),
                    _ => Val::Null,
                }
            }
            (Function::Floor, Val::Number(n), _) => number(down(n)),
            (Function::Ceil, Val::Number(n), _) => {
                number(n.checked_neg().and_then(down).and_then(Decimal::checked_neg))
            }
            (Function::Size, Val::Text(s), _) => Val::Number(Decimal::from_int(s.chars().count() as i128)),
            (Function::Size, Val::List(l), _) => Val::Number(Decimal::from_int(l.len() as i128)),
            (Function::Contains, Val::Text(a), Some(Val::Text(b))) => Val::Bool(a.contains(&b)),
            (Function::StartsWith, Val::Text(a), Some(Val::Text(b))) => Val::Bool(a.starts_with(&b)),
            (Function::EndsWith, Val::Text(a), Some(Val::Text(b))) => Val::Bool(a.ends_with(&b)),
            (Function::Money, Val::Number(n), Some(Val::Text(code))) => {
                Currency::new(&code).map_or(Val::Null, |c| Val::Money(n, c))
            }
            (Function::Amount, Val::Money(n, _), _) => Val::Number(n),
            (Function::Currency, Val::Money(_, c), _) => Val::Text(c.code().to_owned()),
            _ => Val::Null,
        }
    }
}

/// The greatest whole number that is not greater.
fn down(n: Decimal) -> Option<Decimal> {
    let cut = n.rescale(0, Rounding::Down);
    if n.is_negative() && cut != n {
        cut.checked_sub(Decimal::ONE)
    } else {
        Some(cut)
    }
}

/// And (`decides` is false) and or (`decides` is true) of three values: what one side decides holds whatever the other is.
fn logic(a: &Val, b: impl FnOnce() -> Val, decides: bool) -> Val {
    if *a == Val::Bool(decides) {
        return Val::Bool(decides);
    }
    match (a, b()) {
        (_, Val::Bool(b)) if b == decides => Val::Bool(decides),
        (Val::Bool(_), Val::Bool(b)) => Val::Bool(b),
        _ => Val::Null,
    }
}

fn order(a: &Val, b: &Val) -> Option<Ordering> {
    match (a, b) {
        (Val::Number(a), Val::Number(b)) => Some(a.cmp(b)),
        (Val::Money(a, c), Val::Money(b, d)) if c == d => Some(a.cmp(b)),
        (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
        (Val::Date(a), Val::Date(b)) => Some(a.cmp(b)),
        (Val::Instant(a), Val::Instant(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn binary(op: Binary, a: Val, b: Val) -> Val {
    let number = |n: Option<Decimal>| n.map_or(Val::Null, Val::Number);
    let money = |n: Option<Decimal>, c: Currency| n.map_or(Val::Null, |n| Val::Money(n, c));
    let divide = |a: Decimal, b: Decimal| a.div_rounded(b, PLACES, Rounding::HalfEven);
    let times = |a: Decimal, b: Decimal| a.mul_rounded(b, PLACES, Rounding::HalfEven);
    let days = |d: i32, n: Decimal, sign: i128| {
        n.to_int()
            .and_then(|n| i32::try_from(n * sign).ok())
            .and_then(|n| d.checked_add(n))
            .map_or(Val::Null, Val::Date)
    };
    match (op, a, b) {
        (Binary::Eq, Val::Null, b) => Val::Bool(b == Val::Null),
        (Binary::Eq, a, Val::Null) => Val::Bool(a == Val::Null),
        (Binary::Ne, Val::Null, b) => Val::Bool(b != Val::Null),
        (Binary::Ne, a, Val::Null) => Val::Bool(a != Val::Null),
        (Binary::Eq, a, b) => Val::Bool(a == b),
        (Binary::Ne, a, b) => Val::Bool(a != b),
        (Binary::Lt | Binary::Le | Binary::Gt | Binary::Ge, a, b) => order(&a, &b).map_or(Val::Null, |o| {
            Val::Bool(match op {
                Binary::Lt => o == Ordering::Less,
                Binary::Le => o != Ordering::Greater,
                Binary::Gt => o == Ordering::Greater,
                _ => o != Ordering::Less,
            })
        }),
        (Binary::In, Val::Text(a), Val::List(list)) => Val::Bool(list.contains(&a)),
        (Binary::Add, Val::Number(a), Val::Number(b)) => number(a.checked_add(b)),
        (Binary::Add, Val::Money(a, c), Val::Money(b, d)) if c == d => money(a.checked_add(b), c),
        (Binary::Add, Val::Text(mut a), Val::Text(b)) => {
            a.extend(b.chars().take(LONGEST_TEXT.saturating_sub(a.len())));
            Val::Text(a)
        }
        (Binary::Add, Val::Date(d), Val::Number(n)) | (Binary::Add, Val::Number(n), Val::Date(d)) => {
            days(d, n, 1)
        }
        (Binary::Sub, Val::Date(d), Val::Number(n)) => days(d, n, -1),
        (Binary::Sub, Val::Date(a), Val::Date(b)) => {
            Val::Number(Decimal::from_int(i128::from(a) - i128::from(b)))
        }
        (Binary::Sub, Val::Instant(a), Val::Instant(b)) => number(divide(
            Decimal::from_int(i128::from(a.micros()) - i128::from(b.micros())),
            Decimal::from_int(i128::from(Instant::DAY)),
        )),
        (Binary::Sub, Val::Number(a), Val::Number(b)) => number(a.checked_sub(b)),
        (Binary::Sub, Val::Money(a, c), Val::Money(b, d)) if c == d => money(a.checked_sub(b), c),
        (Binary::Mul, Val::Number(a), Val::Number(b)) => number(times(a, b)),
        (Binary::Mul, Val::Money(a, c), Val::Number(b)) | (Binary::Mul, Val::Number(b), Val::Money(a, c)) => {
            money(times(a, b), c)
        }
        (Binary::Div, Val::Number(a), Val::Number(b)) => number(divide(a, b)),
        (Binary::Div, Val::Money(a, c), Val::Number(b)) => money(divide(a, b), c),
        (Binary::Div, Val::Money(a, c), Val::Money(b, d)) if c == d => number(divide(a, b)),
        (Binary::Rem, Val::Number(a), Val::Number(b)) => match (a.to_int(), b.to_int()) {
            (Some(a), Some(b)) => number(a.checked_rem(b).map(Decimal::from_int)),
            _ => Val::Null,
        },
        _ => Val::Null,
    }
}
