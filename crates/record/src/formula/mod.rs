//! Formulas: fields whose value follows from other fields of the same record, written in CEL (the Common Expression
//! Language, cel.dev).
//!
//! The text is parsed by the `cel` crate; what it means is decided here, because amounts and decimals are exact types
//! of their own. Numbers are exact decimals, amounts carry their currency, nothing is rounded before the end. There are
//! no loops: a formula costs at most as many steps as it has parts.
//!
//! What a formula cannot tell is no value: an input that is empty, a division by zero, amounts of two currencies, a
//! result that does not fit the field.

mod error;
mod eval;
mod node;
mod ty;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Instant;
use peyvand_numbers::Currency;

pub use error::{FormulaError, FormulaProblem};
use node::Node;
pub use ty::Ty;

use crate::value::{Record, Value};

/// Longest formula, in characters.
pub const LONGEST: usize = 2000;
/// Most parts of a formula.
pub const MOST_PARTS: usize = 400;
/// Longest text that a formula makes, in characters.
const LONGEST_TEXT: usize = 10_000;

/// The present, for formulas that ask for it.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// The point in time.
    pub instant: Instant,
    /// The day in the workspace's zone, as days since 1970-01-01.
    pub today: i32,
}

/// A formula that has been read.
#[derive(Debug, Clone)]
pub struct Formula {
    root: Node,
    inputs: Vec<String>,
    timed: bool,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// When it is too long, is no CEL, or uses what formulas do not have.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        let root = node::parse(text)?;
        let mut inputs = Vec::new();
        let mut timed = false;
        root.walk(&mut |n| match n {
            Node::Field(key) if !inputs.contains(key) => inputs.push(key.clone()),
            Node::Today | Node::Now => timed = true,
            _ => {}
        });
        Ok(Self { root, inputs, timed })
    }

    /// The same, read once for each text.
    pub fn cached(text: &str) -> Result<Arc<Self>, FormulaError> {
        type Read = HashMap<String, Result<Arc<Formula>, FormulaError>>;
        static READ: LazyLock<RwLock<Read>> = LazyLock::new(RwLock::default);
        if let Some(f) = READ.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return f.clone();
        }
        let formula = Self::parse(text).map(Arc::new);
        let mut read = READ.write().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= 4096 {
            read.clear();
        }
        read.insert(text.to_owned(), formula.clone());
        formula
    }

    /// The keys of the fields that it uses, each once.
    #[must_use]
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// Does it depend on the time at which it is asked? Then it is not stored.
    #[must_use]
    pub const fn is_timed(&self) -> bool {
        self.timed
    }
}

/// The formula fields of an object, those first that others use, with their formulas; what cannot be read is left out.
fn ordered(object: &ObjectDef) -> Vec<(FieldIx, Arc<Formula>)> {
    let mut open: Vec<(FieldIx, Arc<Formula>)> = object
        .fields
        .iter()
        .enumerate()
        .filter(|(_, f)| f.ty == FieldType::Formula)
        .filter_map(|(i, f)| Some((FieldIx(i as u16), Formula::cached(f.formula.as_deref()?).ok()?)))
        .collect();
    let mut out = Vec::with_capacity(open.len());
    while !open.is_empty() {
        let waits = |f: &Formula| {
            open.iter().any(|(ix, _)| {
                f.inputs
                    .iter()
                    .any(|k| object.at(*ix).is_some_and(|d| d.key == *k))
            })
        };
        let Some(at) = open.iter().position(|(_, f)| !waits(f)) else {
            // A circle: refused when it was defined.
            break;
        };
        out.push(open.remove(at));
    }
    out
}

/// Does the value of this formula field, or of one that it uses, depend on the time?
#[must_use]
pub fn is_timed(object: &ObjectDef, field: &FieldDef) -> bool {
    fn timed(object: &ObjectDef, field: &FieldDef, depth: usize) -> bool {
        let Some(Ok(f)) = field.formula.as_deref().map(Formula::cached) else {
            return false;
        };
        f.timed
            || (depth > 0
                && f.inputs
                    .iter()
                    .filter_map(|k| object.field(k))
                    .any(|(_, d)| timed(object, d, depth - 1)))
    }
    timed(object, field, 16)
}

/// Sets the formula fields of a record that are stored. A result equal to what is there keeps its twin.
pub fn fill(object: &ObjectDef, record: &mut Record, base: Currency) {
    if object.fields.iter().any(|f| f.ty == FieldType::Formula) {
        set(object, record, base, None);
    }
}

/// Sets the formula fields of a record that depend on the time, to be shown.
pub fn show(object: &ObjectDef, record: &mut Record, base: Currency, now: Now) {
    if object.fields.iter().any(|f| f.ty == FieldType::Formula) {
        set(object, record, base, Some(now));
    }
}

/// Has the object formulas whose values depend on the time?
#[must_use]
pub fn has_timed(object: &ObjectDef) -> bool {
    object
        .fields
        .iter()
        .any(|f| f.ty == FieldType::Formula && is_timed(object, f))
}

fn set(object: &ObjectDef, record: &mut Record, base: Currency, now: Option<Now>) {
    for (ix, formula) in ordered(object) {
        let Some(field) = object.at(ix) else { continue };
        let timed = is_timed(object, field);
        if timed != now.is_some() {
            if timed {
                record.set(ix, Value::Null);
            }
            continue;
        }
        let value = eval::value(&formula.root, object, record, field, base, now);
        let same = match (record.get(ix), &value) {
            (Value::Money(a), Value::Money(b)) => {
                a.minor == b.minor && a.currency == b.currency && a.base.is_some()
            }
            (a, b) => a == b,
        };
        if !same {
            record.set(ix, value);
        }
    }
}

/// What is wrong with the formulas of a catalog: object, field and problem.
///
/// # Errors
/// The first formula that cannot be used.
pub fn check(catalog: &Catalog) -> Result<(), FormulaError> {
    for object in catalog.objects() {
        for field in object.fields.iter().filter(|f| f.ty == FieldType::Formula) {
            check_field(object, field).map_err(|e| e.of(&object.key, &field.key))?;
        }
    }
    Ok(())
}

fn check_field(object: &ObjectDef, field: &FieldDef) -> Result<(), FormulaError> {
    let formula = Formula::parse(field.formula.as_deref().unwrap_or_default())?;
    let result = ty::infer(&formula.root, object)?;
    let wanted = ty::of_field(field.stored());
    let storable = matches!(
        field.stored(),
        FieldType::Number
            | FieldType::Decimal
            | FieldType::Money
            | FieldType::Boolean
            | FieldType::Date
            | FieldType::Instant
            | FieldType::Text
    );
    if !storable || (result != Ty::Null && Some(result) != wanted) {
        return Err(FormulaError::new(FormulaProblem::ResultType, result.key()));
    }
    circle(object, field, &mut Vec::new())?;
    if is_timed(object, field) && (field.filter || field.sort || field.unique || field.search.is_some()) {
        return Err(FormulaError::new(FormulaProblem::TimedFilter, &field.key));
    }
    Ok(())
}

fn circle<'o>(
    object: &'o ObjectDef,
    field: &'o FieldDef,
    road: &mut Vec<&'o str>,
) -> Result<(), FormulaError> {
    if road.contains(&field.key.as_str()) || road.len() > 16 {
        return Err(FormulaError::new(FormulaProblem::Circle, &field.key));
    }
    road.push(&field.key);
    let formula = Formula::cached(field.formula.as_deref().unwrap_or_default())?;
    for (_, input) in formula.inputs.iter().filter_map(|k| object.field(k)) {
        if input.ty == FieldType::Formula {
            circle(object, input, road)?;
        }
    }
    road.pop();
    Ok(())
}
