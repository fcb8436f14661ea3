//! What is unusual about a value without being wrong: it is saved, and the reason is shown.

use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef, Text};
use peyvand_identifiers::phone::PhoneContext;
use peyvand_identifiers::{Checked, Reason, bank, email, national, phone};

use super::error::shorten;
use crate::value::Value;

/// A value that was accepted and looks unusual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldWarning {
    /// Key of the field.
    pub field: String,
    /// Its label.
    pub label: Text,
    /// The value, cut to 80 characters.
    pub value: String,
    /// Why it looks unusual; has its text in both languages.
    pub reason: Reason,
}

/// The warnings about the given values.
#[must_use]
pub fn warnings(object: &ObjectDef, values: &[(FieldIx, Value)]) -> Vec<FieldWarning> {
    let mut out = Vec::new();
    for (ix, value) in values {
        let Some(field) = object.at(*ix) else { continue };
        let mut add = |value: &str, reason: Option<Reason>| {
            if let Some(reason) = reason {
                out.push(FieldWarning {
                    field: field.key.clone(),
                    label: field.label.clone(),
                    value: shorten(value),
                    reason,
                });
            }
        };
        match value {
            Value::Text(s) => add(s, of_text(field, s)),
            Value::Points(points) => {
                for p in points {
                    add(
                        &p.value,
                        if &*p.channel == "email" {
                            of_mail(&p.value)
                        } else {
                            of_phone(&p.value)
                        },
                    );
                }
            }
            _ => {}
        }
    }
    out
}

fn of_mail(text: &str) -> Option<Reason> {
    email::check(text).reason
}

fn of_phone(text: &str) -> Option<Reason> {
    phone::check(text, &PhoneContext::default()).reason
}

/// The checks of codes, by the key of their field: the standard objects and custom fields use the same keys.
fn check_of(key: &str) -> Option<fn(&str) -> Checked> {
    Some(match key {
        "national_id" => national::national_id,
        "legal_id" => national::legal_id,
        "economic_code" => national::economic_code,
        "foreigner_id" => national::foreigner_id,
        "registration_number" => national::registration_number,
        "postal_code" => national::postal_code,
        "sayad_id" => national::sayad_id,
        "sheba" | "iban" => bank::sheba,
        "card_number" => bank::card,
        _ => return None,
    })
}

fn of_text(field: &FieldDef, text: &str) -> Option<Reason> {
    match field.stored() {
        FieldType::Email => of_mail(text),
        FieldType::Phone => of_phone(text),
        FieldType::Code => check_of(&field.key)?(text).reason,
        _ => None,
    }
}
