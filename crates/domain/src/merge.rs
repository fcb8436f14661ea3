//! Merging two records of one object: driven by the links of the catalog, reversible, and never the reason for a message.

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, FieldType, OnMerge};
use peyvand_core::Id;
use peyvand_record::{AuditAction, Batch, Change, ExternalKey, Point, Record, Value};

use crate::points;
use crate::records::Writer;

/// What a merge needs to know.
#[derive(Debug)]
pub struct Merge<'a> {
    /// The record that stays: the known one, or the older of two.
    pub survivor: &'a Record,
    /// The record that goes into it.
    pub other: &'a Record,
    /// Fields whose value is taken from the other record; of the rest, empty fields of the survivor are filled.
    pub take: &'a [FieldIx],
    /// Keys of other systems that the other record carries.
    pub keys: &'a [ExternalKey],
    /// The operation under which everything can be taken back.
    pub operation: Id,
}

/// Fields in which records differ by nature, which a merge never copies.
fn is_own(ix: FieldIx, key: &str) -> bool {
    ix.0 <= system::DELETED_AT.0 || matches!(key, "owner_id" | "team_id")
}

/// The survivor after the merge and the batch that makes it so; `image` writes a record as a before-image.
#[must_use]
pub fn merge(w: &Writer<'_>, m: &Merge<'_>, image: impl Fn(&Record) -> String) -> Option<(Record, Batch)> {
    let object = w.catalog.object(&m.survivor.object)?;
    if !object.mergeable || m.survivor.object != m.other.object || m.survivor.id() == m.other.id() {
        return None;
    }
    let (now, actor) = (w.context.now, w.context.actor);
    let mut after = m.survivor.touched(now, actor);
    for (i, f) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        if is_own(ix, &f.key) {
            continue;
        }
        let (mine, theirs) = (after.get(ix), m.other.get(ix));
        let merged = match (mine, theirs) {
            (Value::Points(a), Value::Points(b)) => Value::Points(join_points(a, b)),
            (Value::Choices(a), Value::Choices(b)) => Value::Choices(join(a, b)),
            (Value::Ids(a), Value::Ids(b)) => Value::Ids(join(a, b)),
            (_, theirs) if !theirs.is_null() && (mine.is_null() || m.take.contains(&ix)) => theirs.clone(),
            _ => continue,
        };
        after.set(ix, merged);
    }
    let mut gone = m.other.touched(now, actor);
    gone.set(system::DELETED_AT, Value::Instant(now));
    let mut batch = Batch::default();
    for (before, after) in [(m.survivor, &after), (m.other, &gone)] {
        batch.changes.push(Change::Image {
            operation: m.operation,
            object: object.key.as_str().into(),
            id: before.id(),
            version_after: after.version(),
            before: Some(image(before).into()),
        });
        batch.changes.push(Change::Update {
            before: Box::new(before.clone()),
            after: Box::new(after.clone()),
        });
    }
    let (from, to) = (m.other.id(), m.survivor.id());
    for (linking, field) in w.catalog.links_to(&object.key) {
        let f = &linking.fields[field.index()];
        let moves = !matches!(f.on_merge, Some(OnMerge::Keep)) && !f.is_system() && f.key != "id";
        if moves && f.stored() == FieldType::Link && !f.custom && !linking.custom {
            batch.changes.push(Change::Relink {
                object: linking.key.as_str().into(),
                field,
                from,
                to,
                operation: m.operation,
            });
        }
    }
    batch.changes.push(Change::MoveSpine {
        from,
        to,
        operation: m.operation,
    });
    for key in m.keys {
        batch.changes.push(Change::DropKey(key.clone()));
        batch.changes.push(Change::PutKey(ExternalKey {
            record: to,
            ..key.clone()
        }));
    }
    batch.changes.push(Change::Alias {
        object: object.key.as_str().into(),
        id: from,
        to: Some(to),
    });
    w.entry(
        &mut batch,
        AuditAction::Merge,
        object,
        to,
        serde_json::json!({ "merged": from.to_string(), "operation": m.operation.to_string() }).to_string(),
    );
    Some((after, batch))
}

fn join<T: PartialEq + Clone>(a: &[T], b: &[T]) -> Vec<T> {
    let mut out = a.to_vec();
    out.extend(b.iter().filter(|x| !a.contains(x)).cloned());
    out
}

fn join_points(a: &[Point], b: &[Point]) -> Vec<Point> {
    let mut out = a.to_vec();
    for p in b {
        if !a
            .iter()
            .any(|x| x.normalised == p.normalised && x.channel == p.channel)
        {
            // The survivor's own first choice stays the first choice.
            out.push(Point {
                primary: false,
                ..p.clone()
            });
        }
    }
    out
}

/// What an unmerge needs to know.
#[derive(Debug)]
pub struct Unmerge<'a> {
    /// The survivor as it is now.
    pub survivor: &'a Record,
    /// The survivor as it was before the merge.
    pub survivor_before: &'a Record,
    /// The survivor as the merge left it: what differs from it now was changed since and is kept.
    pub survivor_merged: &'a Record,
    /// The other record as it is now (in the recycle bin).
    pub other: &'a Record,
    /// The other record as it was before the merge.
    pub other_before: &'a Record,
    /// Keys that came with the other record.
    pub keys: &'a [ExternalKey],
    /// The operation of the merge.
    pub operation: Id,
}

/// The batch that takes a merge back. Fields of the survivor that were changed since the merge stay as they are.
#[must_use]
pub fn unmerge(w: &Writer<'_>, u: &Unmerge<'_>) -> Option<Batch> {
    let object = w.catalog.object(&u.survivor.object)?;
    let (now, actor) = (w.context.now, w.context.actor);
    let mut survivor = u.survivor.touched(now, actor);
    let mut other = u.other.touched(now, actor);
    for (i, f) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        if is_own(ix, &f.key) {
            continue;
        }
        if u.survivor.get(ix) == u.survivor_merged.get(ix) {
            survivor.set(ix, u.survivor_before.get(ix).clone());
        }
        other.set(ix, u.other_before.get(ix).clone());
    }
    other.set(system::DELETED_AT, u.other_before.get(system::DELETED_AT).clone());
    let mut batch = Batch::default();
    for (before, after) in [(u.survivor, survivor), (u.other, other)] {
        batch.changes.push(Change::Update {
            before: Box::new(before.clone()),
            after: Box::new(after),
        });
    }
    batch.changes.push(Change::Unrelink {
        operation: u.operation,
    });
    for key in u.keys {
        batch.changes.push(Change::DropKey(key.clone()));
        batch.changes.push(Change::PutKey(ExternalKey {
            record: u.other.id(),
            ..key.clone()
        }));
    }
    batch.changes.push(Change::Alias {
        object: object.key.as_str().into(),
        id: u.other.id(),
        to: None,
    });
    w.entry(
        &mut batch,
        AuditAction::Unmerge,
        object,
        u.survivor.id(),
        serde_json::json!({ "unmerged": u.other.id().to_string(), "operation": u.operation.to_string() })
            .to_string(),
    );
    Some(batch)
}

/// Ids of the contact points of a record, for reading them before a change.
#[must_use]
pub fn point_ids(object: &peyvand_catalog::ObjectDef, record: &Record) -> Vec<Id> {
    points::of(object, record).into_iter().map(|p| p.id).collect()
}
