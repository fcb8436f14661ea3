//! Filters over records in memory: the oracle that every engine must agree with.

use std::cmp::Ordering;

use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType};
use peyvand_core::Id;

use super::{Aggregate, Filter, Node, Op, Operand, Relation, Test};
use crate::derive::fold_of;
use crate::value::{Record, Value};

/// All that a filter may ask about, as the asker may see it.
pub trait World {
    /// The catalog of the records.
    fn catalog(&self) -> &Catalog;
    /// The related records that are live and that the asker may read.
    fn related(&self, relation: &Relation, record: &Record) -> Vec<&Record>;
    /// Does the record carry a key of this system (this key, when given)?
    fn has_key(&self, record: &Record, source: &str, key: Option<&str>) -> bool;
    /// Does the record carry the tag?
    fn tagged(&self, record: &Record, tag: Id) -> bool;
}

/// Does the record fulfil the filter? A record of another object does not.
#[must_use]
pub fn matches(filter: &Filter, record: &Record, world: &impl World) -> bool {
    record.object == filter.object && holds(&filter.root, record, world)
}

fn holds(node: &Node, record: &Record, world: &impl World) -> bool {
    match node {
        Node::All(list) => list.iter().all(|n| holds(n, record, world)),
        Node::Any(list) => list.iter().any(|n| holds(n, record, world)),
        Node::Not(inner) => !holds(inner, record, world),
        Node::Test(test) => {
            let object = world.catalog().object(&record.object);
            let field = object.and_then(|o| o.at(test.field));
            field.is_some_and(|f| test_holds(test, f, record.get(test.field)))
        }
        Node::Related { relation, inner } => world
            .related(relation, record)
            .into_iter()
            .any(|r| holds(inner, r, world)),
        Node::Aggregate {
            relation,
            function,
            inner,
            op,
            value,
        } => {
            let counted = world
                .related(relation, record)
                .into_iter()
                .filter(|r| holds(inner, r, world));
            let total: i128 = match function {
                Aggregate::Count => counted.count() as i128,
                Aggregate::Sum(field) => counted.map(|r| i128::from(summand(r, *field))).sum(),
            };
            ordered(*op, total.cmp(&i128::from(*value)))
        }
        Node::HasKey { source, key } => world.has_key(record, source, key.as_deref()),
        Node::Tagged(tag) => world.tagged(record, *tag),
    }
}

/// What a record adds to a sum; nothing when it has no value, or no twin in the base currency.
fn summand(record: &Record, field: FieldIx) -> i64 {
    match record.get(field) {
        Value::Int(n) | Value::Decimal(n) => *n,
        Value::Money(m) => m.base.unwrap_or(0),
        _ => 0,
    }
}

fn ordered(op: Op, ordering: Ordering) -> bool {
    match op {
        Op::Eq => ordering.is_eq(),
        Op::Ne => ordering.is_ne(),
        Op::Lt => ordering.is_lt(),
        Op::Le => ordering.is_le(),
        Op::Gt => ordering.is_gt(),
        Op::Ge => ordering.is_ge(),
        Op::Has | Op::Starts | Op::In => false,
    }
}

/// Does a value pass a test?
#[must_use]
pub fn test_holds(test: &Test, field: &FieldDef, value: &Value) -> bool {
    match (test.op, &test.operand) {
        (Op::Eq, Operand::Null) => value.is_null(),
        (Op::Ne, Operand::Null) => !value.is_null(),
        (_, Operand::Null) => false,
        (Op::Ne, operand) => !one(Op::Eq, field, value, operand),
        (Op::In, Operand::List(list)) => list.iter().any(|o| one(Op::Eq, field, value, o)),
        (op, operand) => one(op, field, value, operand),
    }
}

fn one(op: Op, field: &FieldDef, value: &Value, operand: &Operand) -> bool {
    match operand {
        Operand::Null | Operand::List(_) => false,
        Operand::Int(n) => number_of(value).is_some_and(|v| ordered(op, v.cmp(n))),
        Operand::Range { from, to } => number_of(value).is_some_and(|v| match op {
            Op::Eq => (*from..*to).contains(&v),
            Op::Lt => v < *from,
            Op::Le => v < *to,
            Op::Gt => v >= *to,
            Op::Ge => v >= *from,
            _ => false,
        }),
        Operand::Money { minor, currency } => match (value, currency) {
            (Value::Money(m), None) => m.base.is_some_and(|base| ordered(op, base.cmp(minor))),
            (Value::Money(m), Some(c)) => m.currency == *c && ordered(op, m.minor.cmp(minor)),
            _ => false,
        },
        Operand::Id(id) => match (op, value) {
            (Op::Eq | Op::Has, Value::Id(v)) => v == id,
            (Op::Has, Value::Ids(list)) => list.contains(id),
            _ => false,
        },
        Operand::Text(wanted) => match value {
            Value::Choice(key) => op == Op::Eq && key == wanted,
            Value::Choices(keys) => op == Op::Has && keys.contains(wanted),
            Value::Points(points) => points.iter().any(|p| compare_text(op, &p.normalised, wanted)),
            Value::Text(raw) => match fold_of(field, value) {
                Some(folded) => compare_text(op, &folded, wanted),
                // Codes, addresses and numbers are compared as they are stored.
                None => !is_folded(field) && compare_text(op, raw, wanted),
            },
            Value::Name(_) => fold_of(field, value).is_some_and(|folded| compare_text(op, &folded, wanted)),
            _ => false,
        },
    }
}

fn compare_text(op: Op, text: &str, wanted: &str) -> bool {
    match op {
        Op::Eq => text == wanted,
        Op::Has => text.contains(wanted),
        Op::Starts => text.starts_with(wanted),
        _ => false,
    }
}

fn number_of(value: &Value) -> Option<i64> {
    match value {
        Value::Int(n) | Value::Decimal(n) => Some(*n),
        Value::Bool(b) => Some(i64::from(*b)),
        Value::Date(d) => Some(i64::from(*d)),
        Value::Instant(i) => Some(i.micros()),
        _ => None,
    }
}

/// Is the field compared by its fold?
fn is_folded(field: &FieldDef) -> bool {
    matches!(
        field.stored(),
        FieldType::Text | FieldType::LongText | FieldType::RichText
    )
}
