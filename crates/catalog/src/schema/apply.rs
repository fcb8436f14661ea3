//! Applying changes to a schema: all of them or none.

use super::change::{rest_of_field, rest_of_object};
use super::{Change, FieldRef, RESTORE_DAYS, Schema, SchemaError};
use crate::definition::{FieldDef, ObjectDef};

impl Schema {
    /// The schema after these changes; the revision grows by one when there are any. `today` (days since
    /// 1970-01-01) decides when deleted things go for good and whether they can still be restored.
    ///
    /// # Errors
    /// The first change that cannot be made, or what is wrong with the whole afterwards; then nothing is changed.
    pub fn apply(&self, changes: &[Change], today: i32) -> Result<Self, SchemaError> {
        let mut next = self.clone();
        next.number_all();
        let given = next.last_number;
        for change in changes {
            next.apply_one(change, today, given)?;
        }
        next.tidy();
        next.check()?;
        if !changes.is_empty() {
            next.revision += 1;
        }
        Ok(next)
    }

    fn apply_one(&mut self, change: &Change, today: i32, given: i32) -> Result<(), SchemaError> {
        match change {
            Change::AddObject { object } => self.add_object(object, given),
            Change::EditObject { from, to } => {
                let object = self.object_mut(&to.key, false)?;
                // A rename of a field may have been carried into the object's own references already.
                if from.key != to.key {
                    return Err(missing(&from.key, &to.key));
                }
                *object = ObjectDef {
                    fields: std::mem::take(&mut object.fields),
                    ..rest_of_object(to)
                };
                Ok(())
            }
            Change::DeleteObject { object } => {
                self.object_mut(object, false)?.deleted_on = Some(today.saturating_add(RESTORE_DAYS));
                Ok(())
            }
            Change::RestoreObject { object } => {
                let found = self.object_mut(object, true)?;
                restore(&mut found.deleted_on, today, object, object)
            }
            Change::AddField { object, field } => {
                self.add_field(object, field, given);
                Ok(())
            }
            Change::RenameField { field, to } => {
                let from = std::mem::replace(&mut self.field_mut(field, false)?.key, to.clone());
                if let Some(object) = self.objects.iter_mut().find(|o| o.key == field.object) {
                    follow_rename(object, &from, to);
                }
                Ok(())
            }
            Change::RenameLabel { field, from, to } => {
                let found = self.field_mut(field, false)?;
                expect(field, &found.label, from)?;
                found.label.clone_from(to);
                Ok(())
            }
            Change::ChangeChoices { field, from, to } => {
                let found = self.field_mut(field, false)?;
                expect(field, &found.choices, from)?;
                found.choices.clone_from(to);
                Ok(())
            }
            Change::ShippedChoices {
                object,
                field,
                from,
                to,
            } => {
                let own = self.choices.entry(object.clone()).or_default();
                if own.get(field).map_or(&[][..], Vec::as_slice) != from.as_slice() {
                    return Err(SchemaError::Stale {
                        object: object.clone(),
                        key: field.clone(),
                    });
                }
                own.insert(field.clone(), to.clone());
                Ok(())
            }
            Change::ChangeType { field, from, to } => {
                let found = self.field_mut(field, false)?;
                expect(field, &found.ty, from)?;
                if !from.widens_to(*to) {
                    return Err(not_widening(field, from.key(), to.key()));
                }
                found.ty = *to;
                Ok(())
            }
            Change::EditField { field, from, to } => {
                let found = self.field_mut(field, false)?;
                expect(field, &rest_of_field(found), &rest_of_field(from))?;
                same_storage(field, from, to)?;
                *found = FieldDef {
                    key: std::mem::take(&mut found.key),
                    ty: found.ty,
                    label: std::mem::take(&mut found.label),
                    choices: std::mem::take(&mut found.choices),
                    number: found.number,
                    deleted_on: found.deleted_on,
                    ..rest_of_field(to)
                };
                Ok(())
            }
            Change::ReorderFields { object, order } => {
                let place = |f: &FieldDef| order.iter().position(|k| *k == f.key).unwrap_or(order.len());
                self.list_mut(object)?.sort_by_key(place);
                Ok(())
            }
            Change::DeleteField { field } => {
                self.field_mut(field, false)?.deleted_on = Some(today.saturating_add(RESTORE_DAYS));
                Ok(())
            }
            Change::RestoreField { field } => {
                let found = self.field_mut(field, true)?;
                restore(&mut found.deleted_on, today, &field.object, &field.key)
            }
        }
    }

    fn add_object(&mut self, object: &ObjectDef, given: i32) -> Result<(), SchemaError> {
        if let Some(there) = self.objects.iter().find(|o| o.key == object.key) {
            return Err(if there.deleted_on.is_some() {
                SchemaError::KeyTaken {
                    object: object.key.clone(),
                    key: object.key.clone(),
                }
            } else {
                crate::CatalogError::Duplicate {
                    object: object.key.clone(),
                    key: object.key.clone(),
                }
                .into()
            });
        }
        let mut bare = rest_of_object(object);
        bare.fields.clear();
        self.objects.push(bare);
        for field in object.fields.iter().filter(|f| f.deleted_on.is_none()) {
            self.add_field(&object.key, field, given);
        }
        Ok(())
    }

    /// Adds a field. Its own number is kept when it is free and was never given away (up to `given` they were,
    /// perhaps to a field that is gone for good).
    fn add_field(&mut self, object: &str, field: &FieldDef, given: i32) {
        let free = |n: i32| !self.numbers().any(|taken| taken == n);
        let number = match field.number {
            Some(n) if n > given && free(n) => n,
            _ => self.last_number.saturating_add(1),
        };
        self.last_number = self.last_number.max(number);
        let field = FieldDef {
            number: Some(number),
            custom: true,
            deleted_on: None,
            ..field.clone()
        };
        if let Some(own) = self.objects.iter_mut().find(|o| o.key == object) {
            own.fields.push(field);
        } else {
            self.fields.entry(object.to_owned()).or_default().push(field);
        }
    }

    fn numbers(&self) -> impl Iterator<Item = i32> + '_ {
        self.fields
            .values()
            .flatten()
            .chain(self.objects.iter().flat_map(|o| &o.fields))
            .filter_map(|f| f.number)
    }

    fn object_mut(&mut self, key: &str, deleted: bool) -> Result<&mut ObjectDef, SchemaError> {
        self.objects
            .iter_mut()
            .find(|o| o.key == key && o.deleted_on.is_some() == deleted)
            .ok_or_else(|| missing(key, key))
    }

    fn list_mut(&mut self, object: &str) -> Result<&mut Vec<FieldDef>, SchemaError> {
        if let Some(own) = self.objects.iter_mut().find(|o| o.key == object) {
            return Ok(&mut own.fields);
        }
        self.fields.get_mut(object).ok_or_else(|| missing(object, object))
    }

    fn field_mut(&mut self, field: &FieldRef, deleted: bool) -> Result<&mut FieldDef, SchemaError> {
        self.list_mut(&field.object)?
            .iter_mut()
            .find(|f| f.number == Some(field.number) && f.deleted_on.is_some() == deleted)
            .ok_or_else(|| missing(&field.object, &field.key))
    }
}

fn missing(object: &str, key: &str) -> SchemaError {
    SchemaError::Missing {
        object: object.to_owned(),
        key: key.to_owned(),
    }
}

fn expect<T: PartialEq>(field: &FieldRef, is: &T, was: &T) -> Result<(), SchemaError> {
    if is == was {
        Ok(())
    } else {
        Err(SchemaError::Stale {
            object: field.object.clone(),
            key: field.key.clone(),
        })
    }
}

fn not_widening(field: &FieldRef, from: &str, to: &str) -> SchemaError {
    SchemaError::NotWidening {
        object: field.object.clone(),
        key: field.key.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

/// Values are stored under the decimals, the target, the channel and the stored type of their field: another one
/// would give them another meaning. Only a link may be opened to any object.
fn same_storage(field: &FieldRef, from: &FieldDef, to: &FieldDef) -> Result<(), SchemaError> {
    let say = |o: &Option<String>| o.clone().unwrap_or_default();
    if from.decimals() != to.decimals() {
        return Err(not_widening(
            field,
            &from.decimals().to_string(),
            &to.decimals().to_string(),
        ));
    }
    if from.to != to.to && to.to.as_deref() != Some("*") {
        return Err(not_widening(field, &say(&from.to), &say(&to.to)));
    }
    if from.channel != to.channel {
        return Err(not_widening(field, &say(&from.channel), &say(&to.channel)));
    }
    if from.of != to.of {
        let say = |t: Option<crate::FieldType>| t.map_or("", crate::FieldType::key);
        return Err(not_widening(field, say(from.of), say(to.of)));
    }
    Ok(())
}

fn restore(deleted_on: &mut Option<i32>, today: i32, object: &str, key: &str) -> Result<(), SchemaError> {
    if deleted_on.is_some_and(|day| day <= today) {
        return Err(SchemaError::Gone {
            object: object.to_owned(),
            key: key.to_owned(),
        });
    }
    *deleted_on = None;
    Ok(())
}

/// An object names some of its fields; they keep meaning the same field.
fn follow_rename(object: &mut ObjectDef, from: &str, to: &str) {
    let sets = object
        .unique
        .iter_mut()
        .chain(&mut object.index)
        .flatten()
        .chain(&mut object.timeline)
        .chain(object.parent.as_mut())
        .chain(object.parent_or.as_mut())
        .chain(object.timeline_at.as_mut())
        .chain(std::iter::once(&mut object.title));
    for key in sets.filter(|k| *k == from) {
        to.clone_into(key);
    }
    if let Some(sort) = &mut object.default_sort {
        let renamed: Vec<String> = sort
            .split(',')
            .map(|part| {
                let (sign, key) = part.strip_prefix('-').map_or(("", part), |k| ("-", k));
                format!("{sign}{}", if key == from { to } else { key })
            })
            .collect();
        *sort = renamed.join(",");
    }
}
