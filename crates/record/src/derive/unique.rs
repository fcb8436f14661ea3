//! Values that no two live records of an object share.

use peyvand_catalog::{FieldIx, ObjectDef};

use super::value_keys;
use crate::value::Record;

/// The keys that a live record holds alone: number of the custom field and bytes. A record in the recycle bin holds
/// none; neither does a text of which nothing is left to be compared.
#[must_use]
pub fn unique_keys(object: &ObjectDef, record: &Record) -> Vec<(i32, Vec<u8>)> {
    let mut out = Vec::new();
    if record.is_deleted() {
        return out;
    }
    for (i, field) in object.fields.iter().enumerate() {
        if !field.unique || !field.custom {
            continue;
        }
        let Some(number) = field.number else { continue };
        let value = record.get(FieldIx(i as u16));
        if value.is_null() {
            continue;
        }
        out.extend(
            value_keys(field, value)
                .into_iter()
                .filter(|k| !k.is_empty())
                .map(|k| (number, k)),
        );
    }
    out
}
