//! The difference of two schemas as a list of typed changes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Schema;
use crate::definition::{Choice, FieldDef, ObjectDef, Text};
use crate::types::FieldType;

/// A field of the schema that is changed: the number decides, the key is for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldRef {
    /// The object.
    pub object: String,
    /// The field's key before the change.
    pub key: String,
    /// The field's number.
    pub number: i32,
}

impl FieldRef {
    /// Refers to a field of an object; 0 stands for a number that was not given yet.
    #[must_use]
    pub fn new(object: &str, field: &FieldDef) -> Self {
        Self {
            object: object.to_owned(),
            key: field.key.clone(),
            number: field.number.unwrap_or(0),
        }
    }
}

/// One change of a schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A new object with its fields.
    AddObject {
        /// The object.
        object: Box<ObjectDef>,
    },
    /// Properties of an object other than its fields.
    EditObject {
        /// As it is; its fields do not count.
        from: Box<ObjectDef>,
        /// As it becomes; its fields do not count.
        to: Box<ObjectDef>,
    },
    /// Marks an object as deleted.
    DeleteObject {
        /// Its key.
        object: String,
    },
    /// Takes an object back while there is time.
    RestoreObject {
        /// Its key.
        object: String,
    },
    /// A new field.
    AddField {
        /// Its object.
        object: String,
        /// The field; it gets the next number when it brings none or one that is taken.
        field: Box<FieldDef>,
    },
    /// Another key; the values stay.
    RenameField {
        /// The field.
        field: FieldRef,
        /// The new key.
        to: String,
    },
    /// Another label.
    RenameLabel {
        /// The field.
        field: FieldRef,
        /// The label as it is.
        from: Text,
        /// The new label.
        to: Text,
    },
    /// Other choices.
    ChangeChoices {
        /// The field.
        field: FieldRef,
        /// The choices as they are.
        from: Vec<Choice>,
        /// The new choices.
        to: Vec<Choice>,
    },
    /// Other choices of a shipped field; none stands for those that are shipped.
    ShippedChoices {
        /// The object.
        object: String,
        /// The field's key.
        field: String,
        /// The workspace's choices as they are; none when they are the shipped ones.
        from: Vec<Choice>,
        /// The workspace's new choices.
        to: Vec<Choice>,
    },
    /// Another type; only one to which the old one widens is accepted.
    ChangeType {
        /// The field.
        field: FieldRef,
        /// The type as it is.
        from: FieldType,
        /// The new type.
        to: FieldType,
    },
    /// Any other property: help, required, limits, search, class ….
    EditField {
        /// The field.
        field: FieldRef,
        /// As it is.
        from: Box<FieldDef>,
        /// As it becomes; key, label, choices and type do not count.
        to: Box<FieldDef>,
    },
    /// Another order of an object's fields.
    ReorderFields {
        /// The object.
        object: String,
        /// Keys of the fields in their new order, as they are called once all changes are made.
        order: Vec<String>,
    },
    /// Marks a field as deleted.
    DeleteField {
        /// The field.
        field: FieldRef,
    },
    /// Takes a field back while there is time.
    RestoreField {
        /// The field.
        field: FieldRef,
    },
}

impl Change {
    /// Nothing stored is hidden, lost or made invalid by it, and nobody sees more than before.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        match self {
            Self::AddObject { .. }
            | Self::RestoreObject { .. }
            | Self::RestoreField { .. }
            | Self::RenameField { .. }
            | Self::RenameLabel { .. }
            | Self::ReorderFields { .. } => true,
            // A new required field is missing in every record that is there.
            Self::AddField { field, .. } => !field.required || field.default.is_some(),
            Self::ChangeChoices { from, to, .. } | Self::ShippedChoices { from, to, .. } => {
                removed_choices(from, to).next().is_none()
            }
            Self::ChangeType { from, to, .. } => from.widens_to(*to),
            Self::EditField { from, to, .. } => !tightens(from, to) && to.class >= from.class,
            Self::EditObject { from, to } => {
                to.unique.iter().all(|set| from.unique.contains(set))
                    && to.ownable == from.ownable
                    && to.spine == from.spine
            }
            Self::DeleteObject { .. } | Self::DeleteField { .. } => false,
        }
    }

    /// A person is asked before it is applied: it hides stored values, or shows them to more people.
    #[must_use]
    pub fn needs_confirmation(&self) -> bool {
        match self {
            Self::DeleteObject { .. } | Self::DeleteField { .. } => true,
            Self::ChangeChoices { from, to, .. } | Self::ShippedChoices { from, to, .. } => {
                removed_choices(from, to).next().is_some()
            }
            Self::EditField { from, to, .. } => to.class < from.class,
            Self::EditObject { from, to } => to.ownable != from.ownable || to.spine != from.spine,
            _ => false,
        }
    }
}

fn removed_choices<'a>(from: &'a [Choice], to: &'a [Choice]) -> impl Iterator<Item = &'a Choice> {
    from.iter().filter(|c| to.iter().all(|t| t.key != c.key))
}

/// Could a value that is valid today be invalid afterwards?
fn tightens(from: &FieldDef, to: &FieldDef) -> bool {
    let lower = |a: Option<i64>, b: Option<i64>| b.is_some_and(|b| a.is_none_or(|a| b > a));
    let upper = |a: Option<i64>, b: Option<i64>| b.is_some_and(|b| a.is_none_or(|a| b < a));
    (to.required && !from.required)
        || (to.unique && !from.unique)
        || lower(from.min, to.min)
        || upper(from.max, to.max)
        || upper(from.max_length.map(i64::from), to.max_length.map(i64::from))
        || to.scale != from.scale
        || to.to != from.to
        || to.channel != from.channel
        || to.of != from.of
}

/// The part of a field that `EditField` changes: everything that has no change of its own, blanked there.
pub(super) fn rest_of_field(field: &FieldDef) -> FieldDef {
    FieldDef {
        key: String::new(),
        ty: FieldType::Text,
        label: Text::default(),
        choices: Vec::new(),
        number: None,
        deleted_on: None,
        custom: true,
        ..field.clone()
    }
}

/// The part of an object that `EditObject` changes.
pub(super) fn rest_of_object(object: &ObjectDef) -> ObjectDef {
    ObjectDef {
        fields: Vec::new(),
        deleted_on: None,
        custom: true,
        ..object.clone()
    }
}

/// The changes that lead from `from` to `to`. What `to` leaves out is deleted; what is deleted in `from` and live in
/// `to` is restored. With the same origin (see [`Schema::origin`]) the number says which field is which, so that a
/// renamed key is a rename; otherwise the key does.
#[must_use]
pub fn diff(from: &Schema, to: &Schema) -> Vec<Change> {
    let mut from = from.clone();
    from.number_all();
    let mut to = to.clone();
    to.tidy();
    let by_number = from.origin == to.origin;
    let mut changes = Vec::new();

    for new in to.objects.iter().filter(|o| o.deleted_on.is_none()) {
        let Some(old) = from.objects.iter().find(|o| o.key == new.key) else {
            let mut object = new.clone();
            object.fields.retain(|f| f.deleted_on.is_none());
            if !by_number {
                object.fields.iter_mut().for_each(|f| f.number = None);
            }
            changes.push(Change::AddObject {
                object: Box::new(object),
            });
            continue;
        };
        if old.deleted_on.is_some() {
            changes.push(Change::RestoreObject {
                object: old.key.clone(),
            });
        }
        diff_fields(&new.key, &old.fields, &new.fields, by_number, &mut changes);
        if rest_of_object(old) != rest_of_object(new) {
            changes.push(Change::EditObject {
                from: Box::new(rest_of_object(old)),
                to: Box::new(rest_of_object(new)),
            });
        }
    }
    diff_choices(&from, &to, &mut changes);
    let extended: BTreeSet<&String> = from.fields.keys().chain(to.fields.keys()).collect();
    for key in extended {
        let list = |s: &Schema| s.fields.get(key).cloned().unwrap_or_default();
        diff_fields(key, &list(&from), &list(&to), by_number, &mut changes);
    }
    for old in from.objects.iter().filter(|o| o.deleted_on.is_none()) {
        let stays = |o: &ObjectDef| o.key == old.key && o.deleted_on.is_none();
        if !to.objects.iter().any(stays) {
            changes.push(Change::DeleteObject {
                object: old.key.clone(),
            });
        }
    }
    changes
}

/// Shipped fields whose choices differ; a choice that one side never speaks of is as it was shipped.
fn diff_choices(from: &Schema, to: &Schema, changes: &mut Vec<Change>) {
    let keys: BTreeSet<(&String, &String)> = [from, to]
        .into_iter()
        .flat_map(|s| &s.choices)
        .flat_map(|(object, own)| own.keys().map(move |field| (object, field)))
        .collect();
    for (object, field) in keys {
        let list = |s: &Schema| {
            s.choices
                .get(object)
                .and_then(|own| own.get(field))
                .cloned()
                .unwrap_or_default()
        };
        let (from, to) = (list(from), list(to));
        if from != to {
            changes.push(Change::ShippedChoices {
                object: object.clone(),
                field: field.clone(),
                from,
                to,
            });
        }
    }
}

fn diff_fields(object: &str, from: &[FieldDef], to: &[FieldDef], by_number: bool, changes: &mut Vec<Change>) {
    let counterpart = |new: &FieldDef| {
        from.iter().find(|old| match new.number {
            Some(n) if by_number => old.number == Some(n),
            _ => old.key == new.key,
        })
    };
    let live: Vec<&FieldDef> = to.iter().filter(|f| f.deleted_on.is_none()).collect();
    let kept: Vec<Option<i32>> = live
        .iter()
        .filter_map(|f| counterpart(f))
        .map(|f| f.number)
        .collect();
    for old in from
        .iter()
        .filter(|f| f.deleted_on.is_none() && !kept.contains(&f.number))
    {
        changes.push(Change::DeleteField {
            field: FieldRef::new(object, old),
        });
    }
    // The order as it will stand when the fields are changed one by one: live ones, restored ones where they were
    // kept, new ones behind.
    let mut order: Vec<(Option<i32>, &str)> = Vec::new();
    for old in from {
        if let Some(new) = live
            .iter()
            .find(|n| counterpart(n).is_some_and(|o| o.number == old.number))
        {
            order.push((old.number, &new.key));
        }
    }
    for new in &live {
        let Some(old) = counterpart(new) else {
            order.push((None, &new.key));
            let mut field = (*new).clone();
            if !by_number {
                field.number = None;
            }
            changes.push(Change::AddField {
                object: object.to_owned(),
                field: Box::new(field),
            });
            continue;
        };
        diff_field(object, old, new, changes);
    }
    if order
        .iter()
        .map(|(_, k)| *k)
        .ne(live.iter().map(|f| f.key.as_str()))
    {
        changes.push(Change::ReorderFields {
            object: object.to_owned(),
            order: live.iter().map(|f| f.key.clone()).collect(),
        });
    }
}

fn diff_field(object: &str, old: &FieldDef, new: &FieldDef, changes: &mut Vec<Change>) {
    let field = || FieldRef::new(object, old);
    if old.deleted_on.is_some() {
        changes.push(Change::RestoreField { field: field() });
    }
    if old.key != new.key {
        changes.push(Change::RenameField {
            field: field(),
            to: new.key.clone(),
        });
    }
    if old.label != new.label {
        changes.push(Change::RenameLabel {
            field: field(),
            from: old.label.clone(),
            to: new.label.clone(),
        });
    }
    if old.ty != new.ty {
        changes.push(Change::ChangeType {
            field: field(),
            from: old.ty,
            to: new.ty,
        });
    }
    if old.choices != new.choices {
        changes.push(Change::ChangeChoices {
            field: field(),
            from: old.choices.clone(),
            to: new.choices.clone(),
        });
    }
    if rest_of_field(old) != rest_of_field(new) {
        changes.push(Change::EditField {
            field: field(),
            from: Box::new(rest_of_field(old)),
            to: Box::new(rest_of_field(new)),
        });
    }
}
