//! The indexes of an object's table: those that its definition names, and those that each object has.

use peyvand_catalog::{FieldType, ObjectDef, OnDelete};

use super::{Slot, lookup_column, sort_column};
use crate::tables::{Column, Index};

pub(super) fn indexes(object: &ObjectDef, columns: &[Column], slots: &[Slot]) -> Vec<Index> {
    let name = |at: usize| columns[at].name.clone();
    let find = |key: &str| {
        object
            .fields
            .iter()
            .position(|f| f.key == *key)
            .map(|i| &slots[i])
    };
    let live = object.spine;
    let mut out: Vec<Index> = Vec::new();
    let mut push =
        |cols: Vec<String>, unique: bool, live: bool, not_null: Option<String>, carried: &[&str]| {
            let mut cols = cols;
            cols.dedup();
            if !unique && cols.last().is_none_or(|c| c != "id") {
                cols.push("id".to_owned());
            }
            let mut all = vec!["workspace_id".to_owned()];
            all.extend(cols);
            let label = all[1..]
                .iter()
                .filter(|c| *c != "id")
                .cloned()
                .collect::<Vec<_>>()
                .join("__");
            all.extend(carried.iter().map(|&c| c.to_owned()));
            let prefix = if unique { "ux" } else { "ix" };
            let index = Index {
                name: short(&format!("{prefix}_{}__{label}", object.key)),
                columns: all,
                unique,
                live_only: live,
                not_null,
            };
            if !out.iter().any(|i| i.name == index.name) {
                out.push(index);
            }
        };
    for (i, f) in object.fields.iter().enumerate() {
        // Creation order is the order of the ids: the primary key serves it.
        if f.custom || matches!(f.key.as_str(), "id" | "created_at") {
            continue;
        }
        // What hangs on a record is listed with it, not by when it was changed.
        let listed = object.spine || f.key != "updated_at";
        if f.sort
            && listed
            && let Some(at) = sort_column(&slots[i])
        {
            let sparse = columns[at].nullable.then(|| name(at));
            push(vec![name(at)], false, live, sparse, &[]);
        }
        if f.unique
            && let Some(at) = lookup_column(&slots[i])
        {
            let sparse = columns[at].nullable.then(|| name(at));
            push(vec![name(at)], true, live, sparse, &[]);
        }
    }
    for set in &object.unique {
        let cols: Vec<String> = set
            .iter()
            .filter_map(|k| find(k))
            .filter_map(lookup_column)
            .map(name)
            .collect();
        push(cols, true, live, None, &[]);
    }
    for set in &object.index {
        let mut cols: Vec<String> = Vec::new();
        for (n, key) in set.iter().enumerate() {
            if key == "created_at" {
                continue;
            }
            let Some(slot) = find(key) else { continue };
            // The first columns are looked up, the last one sorts.
            let at = if n + 1 == set.len() && set.len() > 1 {
                sort_column(slot)
            } else {
                lookup_column(slot)
            };
            cols.extend(at.map(name));
        }
        // Of two parents a record has one: the index of the other does not hold it.
        let either = object.parent_or.is_some()
            && set
                .first()
                .is_some_and(|k| Some(k) == object.parent.as_ref() || Some(k) == object.parent_or.as_ref());
        let sparse = cols.first().filter(|_| either).cloned();
        // Lists of the newest with one value: whoever reaches the records of some only skips the others' in the index,
        // without a look at each record.
        // SQLite asks `deleted_at` of the record itself unless the index has it, though it can only be null there: with it
        // a count is answered by the index alone.
        let listed = set.len() == 2 && set.last().is_some_and(|k| k == "created_at");
        let of_owner = set.iter().any(|k| matches!(k.as_str(), "owner_id" | "team_id"));
        // Merging and purging follow a link from what is in the recycle bin too.
        let walked = set.first().is_some_and(|k| followed(object, k));
        let carried: &[&str] = match (live && (listed || walked), listed && object.ownable && !of_owner) {
            (true, true) => &["owner_id", "team_id", "deleted_at"],
            (true, false) => &["deleted_at"],
            (false, _) => &[],
        };
        push(cols, false, live && !walked, sparse, carried);
    }
    // Whatever becomes of a link when its end is merged or purged is found without a walk through the table.
    for (slot, f) in slots.iter().zip(&object.fields) {
        if followed(object, &f.key)
            && !object.index.iter().any(|set| set.first() == Some(&f.key))
            && let Some(at) = lookup_column(slot)
        {
            push(vec![name(at)], false, false, Some(name(at)), &[]);
        }
    }
    out
}

/// Does something become of this link when what it leads to is merged or purged?
fn followed(object: &ObjectDef, key: &str) -> bool {
    object.field(key).is_some_and(|(_, f)| {
        f.stored() == FieldType::Link && !f.custom && !f.is_system() && f.on_delete != Some(OnDelete::Keep)
    })
}

/// PostgreSQL cuts names at 63 bytes: long ones end in a hash instead.
fn short(name: &str) -> String {
    if name.len() <= 60 {
        return name.to_owned();
    }
    let h = name.bytes().fold(0x811C_9DC5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    let cut = name
        .char_indices()
        .map(|(i, _)| i)
        .take_while(|&i| i <= 50)
        .last()
        .unwrap_or(0);
    format!("{}_{h:08x}", &name[..cut])
}
