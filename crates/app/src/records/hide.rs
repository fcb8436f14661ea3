//! What a role may not see of a record.

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_record::policy::{FieldRule, Policy};
use peyvand_record::{Record, Value};

/// Empties hidden fields and masks masked ones.
pub(super) fn hide(policy: &Policy, object: &ObjectDef, records: &mut [Record]) {
    if policy.unrestricted {
        return;
    }
    for i in 0..object.fields.len() {
        let ix = FieldIx(i as u16);
        let Some(rule) = policy.field(&object.key, ix) else {
            continue;
        };
        for r in records.iter_mut() {
            match rule {
                FieldRule::Hidden => r.set(ix, Value::Null),
                FieldRule::Masked => {
                    let masked = match r.get(ix) {
                        Value::Text(s) => Value::Text(mask(s).into()),
                        _ => Value::Null,
                    };
                    r.set(ix, masked);
                }
                FieldRule::ReadOnly => {}
            }
        }
    }
}

/// All but the last two characters as dots.
fn mask(text: &str) -> String {
    let n = text.chars().count();
    text.chars()
        .enumerate()
        .map(|(i, c)| if i + 2 < n { '•' } else { c })
        .collect()
}
