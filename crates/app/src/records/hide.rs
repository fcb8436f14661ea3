//! What a record shows: formulas of the present, and nothing that a role may not see.

use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_record::codec::Mode;
use peyvand_record::formula;
use peyvand_record::policy::{FieldRule, Policy};
use peyvand_record::{Point, Record, Value};
use peyvand_text::rich;

use crate::app::App;
use crate::caller::Caller;

/// A text of so many characters is masked as a whole.
const SHORT: usize = 3;
/// What stands for a masked value of which no part can be shown: a date, an amount, a name. It is the same for all, and
/// the interface, whose types have no room for it, writes `null` and names the field.
const WHOLE: &str = "•••";

impl App {
    /// Makes records ready to be shown to the caller: works out what depends on the time, empties hidden fields and
    /// masks masked ones.
    pub(crate) fn dress(&self, caller: &Caller, object: &ObjectDef, records: &mut [Record]) {
        if formula::has_timed(object) {
            let instant = self.clock.now();
            let today = caller.workspace.edge(caller.language, instant, Mode::Patch).today;
            let base = caller.workspace.catalog().base_currency;
            for r in records.iter_mut() {
                formula::show(object, r, base, formula::Now { instant, today });
            }
        }
        hide(&caller.policy, object, records);
    }
}

/// Empties hidden fields and masks masked ones.
pub(crate) fn hide(policy: &Policy, object: &ObjectDef, records: &mut [Record]) {
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
                    let masked = masked(&object.fields[i], r.get(ix));
                    r.set(ix, masked);
                }
                FieldRule::ReadOnly => {}
            }
        }
    }
}

/// What is shown instead of a value: nothing only where there is none.
fn masked(field: &FieldDef, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        // Of a text with markup the words; what would be markup again is masked with the rest.
        Value::Text(s) if field.stored() == FieldType::RichText => {
            Value::Text(mask(&rich::words(s)).replace(['<', '>', '&'], "•").into())
        }
        Value::Text(s) => Value::Text(mask(s).into()),
        Value::Points(points) => {
            let dotted = points.iter().map(|p| Point {
                value: mask(&p.value).into(),
                normalised: mask(&p.normalised).into(),
                ..p.clone()
            });
            Value::Points(dotted.collect())
        }
        _ => Value::Text(WHOLE.into()),
    }
}

/// All but the last two characters as dots; of three characters or fewer all, because one of them would tell most.
fn mask(text: &str) -> String {
    let n = text.chars().count();
    let shown = if n <= SHORT { 0 } else { 2 };
    text.chars()
        .enumerate()
        .map(|(i, c)| if i + shown < n { '•' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn a_short_text_is_masked_as_a_whole() {
        for (text, masked) in [
            ("", ""),
            ("ا", "•"),
            ("ab", "••"),
            ("abc", "•••"),
            ("abcd", "••cd"),
            ("شیراز", "•••از"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }
}
