//! Merging two records of one object: driven by the links of the catalog, reversible, and never the reason for a message.
//!
//! Links of one kind move by a set operation of the store. Where rows can meet an equal row of the survivor, or where a
//! link stands among several or in a custom field, the rows are read and decided one by one: a row that would meet an
//! equal one stays where it is, and the alias of the merged record leads to the survivor.

use std::collections::BTreeMap;

use peyvand_catalog::definition::system;
use peyvand_catalog::handles::contact_point as cp;
use peyvand_catalog::{FieldIx, FieldType, ObjectDef, OnMerge};
use peyvand_core::Id;
use peyvand_record::{AuditAction, Batch, Change, Event, ExternalKey, Point, Record, Value};

use crate::points;
use crate::records::{Writer, differs};

/// How a link to a merged record is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// It stays as it was written.
    Stays,
    /// All rows move at once.
    SetOperation,
    /// Each row is looked at.
    RowByRow,
}

/// How the link `field` of `linking` is treated when its target is merged.
#[must_use]
pub fn road(linking: &ObjectDef, field: FieldIx) -> Road {
    let Some(f) = linking.at(field) else {
        return Road::Stays;
    };
    if matches!(f.on_merge, Some(OnMerge::Keep)) || f.is_system() || f.key == "id" {
        return Road::Stays;
    }
    let set = f.stored() != FieldType::Links
        && !f.custom
        && !linking.custom
        && !matches!(f.on_merge, Some(OnMerge::RelinkUnique));
    if set { Road::SetOperation } else { Road::RowByRow }
}

/// A row whose link leads to one of the two records.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// The link.
    pub field: FieldIx,
    /// The row.
    pub record: Record,
}

/// What a merge needs to know.
#[derive(Debug)]
pub struct Merge<'a> {
    /// The record that stays: the known one, or the older of two.
    pub survivor: &'a Record,
    /// The record that goes into it.
    pub other: &'a Record,
    /// Fields whose value is taken from the other record; of the rest, empty fields of the survivor are filled.
    pub take: &'a [FieldIx],
    /// Links of the survivor to what it stands under, as they have to be after the merge.
    pub places: &'a [(FieldIx, Value)],
    /// Keys of other systems that the other record carries.
    pub keys: &'a [ExternalKey],
    /// Rows that lead to the other record by links that are treated row by row.
    pub rows: &'a [Linked],
    /// Rows that lead to the survivor by the same links.
    pub rows_of_survivor: &'a [Linked],
    /// The operation under which everything can be taken back.
    pub operation: Id,
}

/// Fields in which records differ by nature, which a merge never copies.
fn is_own(ix: FieldIx, key: &str) -> bool {
    ix.0 <= system::DELETED_AT.0 || matches!(key, "owner_id" | "team_id")
}

/// A merge as it was decided: the survivor as it becomes, and the batch.
#[derive(Debug)]
pub struct Merged {
    /// The survivor after the merge.
    pub survivor: Record,
    /// What makes it so.
    pub batch: Batch,
}

/// Decides a merge; `image` writes a record as a before-image. `None` when these two cannot be merged.
#[must_use]
pub fn merge(w: &Writer<'_>, m: &Merge<'_>, image: impl Fn(&Record) -> String) -> Option<Merged> {
    let object = w.catalog.object(&m.survivor.object)?;
    if !object.mergeable || m.survivor.object != m.other.object || m.survivor.id() == m.other.id() {
        return None;
    }
    let (now, actor) = (w.context.now, w.context.actor);
    let (from, to) = (m.other.id(), m.survivor.id());
    let mut after = m.survivor.touched(now, actor);
    for (i, f) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        if is_own(ix, &f.key) {
            continue;
        }
        if let Some((_, place)) = m.places.iter().find(|(i, _)| *i == ix) {
            after.set(ix, place.clone());
            continue;
        }
        let (mine, theirs) = (after.get(ix), m.other.get(ix));
        let merged = match (mine, theirs) {
            (Value::Points(a), Value::Points(b)) => Value::Points(join_points(a, b)),
            (Value::Choices(a), Value::Choices(b)) => Value::Choices(join(a, b)),
            (Value::Ids(a), Value::Ids(b)) => Value::Ids(join(a, b)),
            (_, theirs) if !theirs.is_null() && (mine.is_null() || m.take.contains(&ix)) => theirs.clone(),
            _ => mine.clone(),
        };
        // A record never links to itself: neither to what it is nor to what it has taken in.
        let merged = match merged {
            Value::Id(id) if id == from || id == to => Value::Null,
            Value::Ids(ids) => Value::Ids(ids.into_iter().filter(|i| *i != from && *i != to).collect()),
            v => v,
        };
        after.set(ix, merged);
    }
    let mut gone = m.other.touched(now, actor);
    gone.set(system::DELETED_AT, Value::Instant(now));
    // The other one goes first, so that the survivor can take over what must be unique.
    let mut changed = vec![(m.other.clone(), gone), (m.survivor.clone(), after.clone())];
    changed.extend(rows(w, m, &points::of(object, &after)));
    let mut batch = Batch::default();
    for (before, after) in changed {
        batch.changes.push(Change::Image {
            operation: m.operation,
            object: before.object.clone(),
            id: before.id(),
            version_after: after.version(),
            before: Some(image(&before).into()),
        });
        batch.changes.push(Change::Update {
            before: Box::new(before),
            after: Box::new(after),
        });
    }
    for (linking, field) in w.catalog.links_to(&object.key) {
        if road(linking, field) == Road::SetOperation {
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
    let detail = serde_json::json!({ "merged": from.to_string(), "operation": m.operation.to_string() });
    w.entry(&mut batch, AuditAction::Merge, object, to, detail.to_string());
    event(w, &mut batch, object, "merged", &after);
    Some(Merged {
        survivor: after,
        batch,
    })
}

/// The rows that move one by one, as they were and as they become.
fn rows(w: &Writer<'_>, m: &Merge<'_>, shown: &[Point]) -> Vec<(Record, Record)> {
    let (from, to) = (m.other.id(), m.survivor.id());
    let mut out: BTreeMap<Id, (Record, Record)> = BTreeMap::new();
    for linked in m.rows {
        let id = linked.record.id();
        // The two themselves are decided above.
        if id == from || id == to {
            continue;
        }
        let Some(object) = w.catalog.object(&linked.record.object) else {
            continue;
        };
        let meets = m.rows_of_survivor.iter().any(|s| {
            s.field == linked.field
                && s.record.id() != id
                && equal_rows(object, linked.field, &linked.record, &s.record)
        });
        if meets {
            continue;
        }
        let (_, after) = out.entry(id).or_insert_with(|| {
            (
                linked.record.clone(),
                linked.record.touched(w.context.now, w.context.actor),
            )
        });
        match after.get(linked.field).clone() {
            Value::Id(id) if id == from => after.set(linked.field, Value::Id(to)),
            // Where both are named already, both names stay: one of them leads to the other by its alias.
            Value::Ids(ids) if ids.contains(&from) && !ids.contains(&to) => {
                let moved = ids.into_iter().map(|i| if i == from { to } else { i });
                after.set(linked.field, Value::Ids(moved.collect()));
            }
            _ => {}
        }
        if &*linked.record.object == "contact_point"
            && let Some(p) = shown.iter().find(|p| p.id == id)
        {
            after.set(cp::PRIMARY, Value::Bool(p.primary));
        }
    }
    out.into_values()
        .filter(|(before, after)| differs(before, after))
        .collect()
}

/// Would the two rows be one if the link of the first led where the link of the second leads?
fn equal_rows(object: &ObjectDef, link: FieldIx, a: &Record, b: &Record) -> bool {
    if a.object != b.object || a.is_deleted() != b.is_deleted() {
        return false;
    }
    if object.key == "contact_point" {
        return a.get(cp::CHANNEL) == b.get(cp::CHANNEL) && a.get(cp::NORMALISED) == b.get(cp::NORMALISED);
    }
    let set = object
        .unique
        .iter()
        .find(|set| object.at(link).is_some_and(|f| set.contains(&f.key)));
    if let Some(set) = set {
        return set
            .iter()
            .filter_map(|k| object.field(k))
            .all(|(ix, _)| ix == link || a.get(ix) == b.get(ix));
    }
    object.fields.iter().enumerate().all(|(i, f)| {
        let ix = FieldIx(i as u16);
        ix == link || is_own(ix, &f.key) || a.get(ix) == b.get(ix)
    }) && !matches!(a.get(link), Value::Ids(_))
}

fn event(w: &Writer<'_>, batch: &mut Batch, object: &ObjectDef, verb: &str, record: &Record) {
    batch.events.push(Event {
        id: w.ids.next(w.context.now),
        kind: format!("{}.{verb}", object.key).into(),
        object: object.key.as_str().into(),
        record: record.id(),
        version: record.version(),
        at: w.context.now,
    });
}

fn join<T: PartialEq + Clone>(a: &[T], b: &[T]) -> Vec<T> {
    let mut out = a.to_vec();
    out.extend(b.iter().filter(|x| !a.contains(x)).cloned());
    out
}

fn same_point(a: &Point, b: &Point) -> bool {
    a.normalised == b.normalised && a.channel == b.channel
}

fn join_points(a: &[Point], b: &[Point]) -> Vec<Point> {
    let mut out = a.to_vec();
    for p in b {
        if !a.iter().any(|x| same_point(x, p)) {
            // The survivor's own first choice stays the first choice.
            out.push(Point {
                primary: false,
                ..p.clone()
            });
        }
    }
    out
}

/// A row that a merge changed: as it was, as the merge left it, as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// Before the merge.
    pub before: Record,
    /// As the merge left it.
    pub merged: Record,
    /// Now.
    pub now: Record,
}

/// What an unmerge needs to know.
#[derive(Debug)]
pub struct Unmerge<'a> {
    /// The survivor.
    pub survivor: &'a Touched,
    /// The other record, in the recycle bin.
    pub other: &'a Touched,
    /// The rows that moved one by one and are still there.
    pub rows: &'a [Touched],
    /// Keys that came with the other record and that the survivor still carries.
    pub keys: &'a [ExternalKey],
    /// The operation of the merge.
    pub operation: Id,
}

/// The fields of the survivor that a merge replaced or filled with one value (lists grow instead and never conflict).
#[must_use]
pub fn replaced(before: &Record, merged: &Record) -> Vec<FieldIx> {
    before
        .changed(merged)
        .into_iter()
        .filter(|ix| {
            ix.0 > system::DELETED_AT.0
                && !matches!(
                    (before.get(*ix), merged.get(*ix)),
                    (_, Value::Points(_) | Value::Choices(_) | Value::Ids(_))
                )
        })
        .collect()
}

/// What a list was before, seen from what it is now: what the merge added goes, what it took away comes back, and what
/// was changed since stays.
fn without<T: Clone>(before: &[T], merged: &[T], now: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let has = |list: &[T], x: &T| list.iter().any(|y| same(x, y));
    let mut out: Vec<T> = now
        .iter()
        .filter(|x| has(before, x) || !has(merged, x))
        .cloned()
        .collect();
    out.extend(before.iter().filter(|x| !has(merged, x) && !has(now, x)).cloned());
    out
}

fn points_in(v: &Value) -> &[Point] {
    if let Value::Points(p) = v { p } else { &[] }
}

fn ids_in(v: &Value) -> &[Id] {
    if let Value::Ids(p) = v { p } else { &[] }
}

fn choices_in(v: &Value) -> &[Box<str>] {
    if let Value::Choices(p) = v { p } else { &[] }
}

/// The value to go back to.
fn back(before: &Value, merged: &Value, now: &Value) -> Value {
    if now == merged {
        return before.clone();
    }
    match merged {
        Value::Points(_) => {
            let (b, m, n) = (points_in(before), points_in(merged), points_in(now));
            let list = without(b, m, n, same_point);
            if list.is_empty() {
                Value::Null
            } else {
                Value::Points(list)
            }
        }
        Value::Ids(_) => {
            let list = without(ids_in(before), ids_in(merged), ids_in(now), PartialEq::eq);
            if list.is_empty() {
                Value::Null
            } else {
                Value::Ids(list)
            }
        }
        Value::Choices(_) => {
            let (b, m, n) = (choices_in(before), choices_in(merged), choices_in(now));
            let list = without(b, m, n, PartialEq::eq);
            if list.is_empty() {
                Value::Null
            } else {
                Value::Choices(list)
            }
        }
        _ => now.clone(),
    }
}

/// The batch that takes a merge back. What was changed since the merge stays as it is.
#[must_use]
pub fn unmerge(w: &Writer<'_>, u: &Unmerge<'_>) -> Option<Batch> {
    let object = w.catalog.object(&u.survivor.now.object)?;
    let (now, actor) = (w.context.now, w.context.actor);
    let mut batch = Batch::default();
    let mut update = |before: &Record, after: Record| {
        batch.changes.push(Change::Update {
            before: Box::new(before.clone()),
            after: Box::new(after),
        });
    };
    let mut survivor = u.survivor.now.touched(now, actor);
    for ix in u.survivor.before.changed(&u.survivor.merged) {
        if ix.0 > system::DELETED_AT.0 {
            let value = back(
                u.survivor.before.get(ix),
                u.survivor.merged.get(ix),
                u.survivor.now.get(ix),
            );
            survivor.set(ix, value);
        }
    }
    let mut other = u.other.now.touched(now, actor);
    other.set(system::DELETED_AT, u.other.before.get(system::DELETED_AT).clone());
    for ix in points::fields(object) {
        if let Value::Points(own) = other.get(ix).clone() {
            let kept = carried(&own, u.survivor.now.get(ix), u.rows);
            if kept != own {
                other.set(
                    ix,
                    if kept.is_empty() {
                        Value::Null
                    } else {
                        Value::Points(kept)
                    },
                );
            }
        }
    }
    let unmerged = survivor.clone();
    update(&u.survivor.now, survivor);
    update(&u.other.now, other);
    for row in u.rows {
        let mut after = row.now.touched(now, actor);
        for ix in row.before.changed(&row.merged) {
            if ix.0 > system::DELETED_AT.0 {
                after.set(ix, back(row.before.get(ix), row.merged.get(ix), row.now.get(ix)));
            }
        }
        if differs(&row.now, &after) {
            update(&row.now, after);
        }
    }
    batch.changes.push(Change::Unrelink {
        operation: u.operation,
    });
    for key in u.keys {
        batch.changes.push(Change::DropKey(key.clone()));
        batch.changes.push(Change::PutKey(ExternalKey {
            record: u.other.now.id(),
            ..key.clone()
        }));
    }
    batch.changes.push(Change::Alias {
        object: object.key.as_str().into(),
        id: u.other.now.id(),
        to: None,
    });
    batch.changes.push(Change::DropImages {
        operation: u.operation,
    });
    let detail = serde_json::json!({
        "unmerged": u.other.now.id().to_string(), "operation": u.operation.to_string()
    });
    w.entry(
        &mut batch,
        AuditAction::Unmerge,
        object,
        u.survivor.now.id(),
        detail.to_string(),
    );
    event(w, &mut batch, object, "unmerged", &unmerged);
    Some(batch)
}

/// The other record's own points, with what was changed on them while they stood on the survivor: an edited label
/// comes along, a deleted point stays deleted.
fn carried(own: &[Point], on_survivor: &Value, rows: &[Touched]) -> Vec<Point> {
    let there = |id: Id| {
        if let Value::Points(p) = on_survivor {
            p.iter().find(|p| p.id == id)
        } else {
            None
        }
    };
    let deleted = |id: Id| {
        rows.iter()
            .any(|r| r.now.id() == id && r.now.is_deleted() && !r.merged.is_deleted())
    };
    own.iter()
        .filter(|p| !deleted(p.id))
        .map(|p| {
            there(p.id).map_or_else(
                || p.clone(),
                |now| Point {
                    primary: p.primary,
                    ..now.clone()
                },
            )
        })
        .collect()
}

/// Ids of the contact points of a record, for reading them before a change.
#[must_use]
pub fn point_ids(object: &ObjectDef, record: &Record) -> Vec<Id> {
    points::of(object, record).into_iter().map(|p| p.id).collect()
}
