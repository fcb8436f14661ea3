//! What a mapping may touch: the fields that its author may write, and of linked records those that they see. Whoever does
//! not see the numbers of people cannot find out by an import whose number one is.

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_record::policy::Policy;

use super::super::mapping::{Column, Mapping};
use super::super::plan::MappingError;
use crate::caller::Caller;

/// The field of a column's target: `name.given` goes into the name.
fn field_of<'k>(object: &ObjectDef, key: &'k str) -> Option<(FieldIx, &'k str)> {
    let key = key.split('.').next().unwrap_or(key);
    object.field(key).map(|(ix, _)| (ix, key))
}

/// May the field be written under this policy, as forms and programs write it? What is no field is told elsewhere.
pub(super) fn writable(policy: &Policy, object: &ObjectDef, key: &str) -> bool {
    field_of(object, key).is_none_or(|(ix, _)| policy.field(&object.key, ix).is_none())
}

/// Refuses a mapping into fields that the caller may not write, and links found by what they do not see.
pub(super) fn within_rights(
    caller: &Caller,
    object: &ObjectDef,
    mapping: &Mapping,
) -> Result<(), MappingError> {
    if caller.policy.unrestricted {
        return Ok(());
    }
    let catalog = caller.workspace.catalog();
    let own = mapping
        .set
        .keys()
        .chain(mapping.rules.iter().flat_map(|r| r.set.keys()));
    for key in own {
        check(&caller.policy, object, key)?;
    }
    let lines = mapping.lines.as_ref();
    let child = lines.and_then(|l| catalog.by_plural(&l.object).or_else(|| catalog.object(&l.object)));
    let of_lines = lines.into_iter().flat_map(|l| &l.columns);
    let all = mapping.columns.iter().map(|c| (object, c));
    let all = all.chain(
        child
            .into_iter()
            .flat_map(|o| of_lines.clone().map(move |c| (&**o, c))),
    );
    for (object, column) in all {
        check(&caller.policy, object, &column.field)?;
        linked(caller, object, column)?;
    }
    Ok(())
}

fn check(policy: &Policy, object: &ObjectDef, key: &str) -> Result<(), MappingError> {
    if writable(policy, object, key) {
        Ok(())
    } else {
        Err(MappingError::Field(format!("{}.{key}", object.key)))
    }
}

/// The other end of a column's link: found by what the caller sees, made of what they may write.
fn linked(caller: &Caller, object: &ObjectDef, column: &Column) -> Result<(), MappingError> {
    let to = object.field(&column.field).and_then(|(_, f)| f.to.as_deref());
    let to = to.and_then(|to| caller.workspace.catalog().object(to));
    let (Some(link), Some(to)) = (&column.link, to) else {
        return Ok(());
    };
    if let Some((ix, key)) = field_of(to, &link.by)
        && !caller.policy.sees(&to.key, ix)
    {
        return Err(MappingError::Field(format!("{}.{key}", to.key)));
    }
    link.make
        .keys()
        .try_for_each(|key| check(&caller.policy, to, key))
}
