//! Defaults and required fields.

use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef, Writes};

use super::context::EdgeContext;
use super::error::{Expected, FieldError, FieldErrorCode as Code};
use crate::value::{Record, Value};

/// May callers give this field at all?
#[must_use]
pub fn is_writable(field: &FieldDef, context: &EdgeContext) -> bool {
    let calculated = matches!(field.ty, FieldType::Formula | FieldType::Computed);
    let system = field.is_system() && !matches!(field.key.as_str(), "owner_id" | "team_id");
    let own = context.use_case || (field.writes == Writes::Generic && field.class != Class::Secret);
    !calculated && !system && own
}

/// Fills the empty fields of a new record with the defaults of the catalog.
pub fn apply_defaults(object: &ObjectDef, record: &mut Record) {
    for (i, field) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        if !record.get(ix).is_null() {
            continue;
        }
        let Some(default) = &field.default else { continue };
        let value = match field.stored() {
            FieldType::Choice => default.as_str().map(|k| Value::Choice(k.into())),
            FieldType::Boolean => default.as_bool().map(Value::Bool),
            FieldType::Number => default.as_integer().map(Value::Int),
            FieldType::Decimal => default
                .as_integer()
                .and_then(|n| n.checked_mul(10i64.pow(u32::from(field.decimals()))))
                .map(Value::Decimal),
            FieldType::Text | FieldType::Code => default.as_str().map(Value::text),
            _ => None,
        };
        if let Some(value) = value {
            record.set(ix, value);
        }
    }
}

/// The required fields of a record that have no value. Calculated fields are not asked for.
#[must_use]
pub fn check_required(object: &ObjectDef, record: &Record) -> Vec<FieldError> {
    object
        .fields
        .iter()
        .enumerate()
        .filter(|(i, f)| {
            f.required
                && !matches!(f.ty, FieldType::Formula | FieldType::Computed)
                && record.get(FieldIx(*i as u16)).is_null()
        })
        .map(|(_, f)| FieldError::of(f, Code::Required, "", Expected::SomeValue))
        .collect()
}
