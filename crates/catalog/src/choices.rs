//! A workspace's own choices of shipped fields: added, called otherwise, coloured, put into another order, retired. A choice
//! that is stored somewhere never goes: it is retired, and stays readable where it stands.

use std::collections::BTreeMap;

use crate::definition::{Choice, FieldDef, ObjectDef};
use crate::errors::CatalogError;

/// Choices of shipped fields: by key of the object, then of the field, all of them in their order.
pub type OwnChoices = BTreeMap<String, BTreeMap<String, Vec<Choice>>>;

/// Most choices of one field.
pub const MOST_CHOICES: usize = 500;

/// Puts a workspace's choices in place of the shipped ones of an object.
pub(crate) fn overlay(
    objects: &mut [ObjectDef],
    object: &str,
    own: &BTreeMap<String, Vec<Choice>>,
) -> Result<(), CatalogError> {
    let found = objects.iter_mut().find(|o| o.key == object);
    let Some(found) = found else {
        return Err(unknown(object, own.keys().next().map_or("", String::as_str)));
    };
    for (key, choices) in own {
        let field = found
            .fields
            .iter_mut()
            .find(|f| f.key == *key && !f.choices.is_empty())
            .ok_or_else(|| unknown(object, key))?;
        field.choices = laid_over(object, field, choices)?;
    }
    Ok(())
}

fn unknown(object: &str, field: &str) -> CatalogError {
    CatalogError::Unknown {
        object: object.to_owned(),
        field: field.to_owned(),
        target: field.to_owned(),
    }
}

/// The choices of a shipped field as the workspace has them; what it does not speak of stands behind, as it was shipped.
fn laid_over(object: &str, field: &FieldDef, own: &[Choice]) -> Result<Vec<Choice>, CatalogError> {
    let wrong = |problem| CatalogError::Field {
        object: object.to_owned(),
        field: field.key.clone(),
        problem,
    };
    if own.len() > MOST_CHOICES {
        return Err(wrong("choices-too-many"));
    }
    if !field.open {
        let fixed = own.iter().any(|c| field.choice(&c.key).is_none() || c.retired);
        if fixed {
            return Err(wrong("choices-fixed"));
        }
        // The order of a fixed list means something as well: low, normal, high.
        let mut out = field.choices.clone();
        for c in &mut out {
            if let Some(other) = own.iter().find(|o| o.key == c.key) {
                c.clone_from(other);
            }
        }
        return Ok(out);
    }
    let mut out = own.to_vec();
    out.extend(
        field
            .choices
            .iter()
            .filter(|c| own.iter().all(|o| o.key != c.key))
            .cloned(),
    );
    if out.iter().all(|c| c.retired) {
        return Err(wrong("choices-missing"));
    }
    Ok(out)
}
