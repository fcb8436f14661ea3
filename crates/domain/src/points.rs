//! Contact points: the points field of a person or company and the records behind it are one thing, written together.

use peyvand_catalog::handles::contact_point as cp;
use peyvand_catalog::{Catalog, FieldIx, FieldType, ObjectDef};
use peyvand_core::{Context, Id, IdSource};
use peyvand_record::{Change, Point, Record, Value};

use crate::records::differs;

/// The positions of the points fields of an object.
pub fn fields(object: &ObjectDef) -> impl Iterator<Item = FieldIx> + '_ {
    object
        .fields
        .iter()
        .enumerate()
        .filter(|(_, f)| f.ty == FieldType::Points)
        .map(|(i, _)| FieldIx(i as u16))
}

/// The points of a record, of all kinds.
#[must_use]
pub fn of(object: &ObjectDef, record: &Record) -> Vec<Point> {
    fields(object)
        .filter_map(|ix| {
            if let Value::Points(p) = record.get(ix) {
                Some(p.clone())
            } else {
                None
            }
        })
        .flatten()
        .collect()
}

/// Gives new points their ids (an equal point of `before` keeps its own) and tells which records of contact points
/// come, change and go. `stored` are the records of the points of `before`.
pub fn sync(
    catalog: &Catalog,
    object: &ObjectDef,
    context: &Context,
    ids: &IdSource,
    before: Option<&Record>,
    after: &mut Record,
    stored: &[Record],
) -> Vec<Change> {
    let Some(def) = catalog.object("contact_point") else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    let old = before.map(|b| of(object, b)).unwrap_or_default();
    let mut kept: Vec<Id> = Vec::new();
    let touched: Vec<FieldIx> = fields(object)
        .filter(|&ix| before.is_none_or(|b| b.get(ix) != after.get(ix)))
        .collect();
    for ix in touched.iter().copied() {
        let Value::Points(mut points) = after.get(ix).clone() else {
            continue;
        };
        for point in &mut points {
            let same = old
                .iter()
                .find(|o| o.normalised == point.normalised && o.channel == point.channel);
            point.id = same.map_or_else(|| ids.next(context.now), |o| o.id);
            kept.push(point.id);
            match stored.iter().find(|r| r.id() == point.id) {
                Some(record) => {
                    let mut next = record.touched(context.now, context.actor);
                    fill(&mut next, object, after.id(), point);
                    if differs(record, &next) {
                        changes.push(Change::Update {
                            before: Box::new(record.clone()),
                            after: Box::new(next),
                        });
                    }
                }
                None => {
                    let mut record = Record::new(def, point.id, context.now, context.actor);
                    fill(&mut record, object, after.id(), point);
                    changes.push(Change::Insert(Box::new(record)));
                }
            }
        }
        after.set(
            ix,
            if points.is_empty() {
                Value::Null
            } else {
                Value::Points(points)
            },
        );
    }
    for record in stored {
        let field = old.iter().position(|o| o.id == record.id());
        let in_touched = field.is_some_and(|n| {
            touched.iter().any(|&ix| {
                before.is_some_and(
                    |b| matches!(b.get(ix), Value::Points(p) if p.iter().any(|x| x.id == old[n].id)),
                )
            })
        });
        if in_touched && !kept.contains(&record.id()) && !record.is_deleted() {
            let mut gone = record.touched(context.now, context.actor);
            gone.set(cp::DELETED_AT, Value::Instant(context.now));
            changes.push(Change::Update {
                before: Box::new(record.clone()),
                after: Box::new(gone),
            });
        }
    }
    changes
}

fn fill(record: &mut Record, object: &ObjectDef, owner: Id, point: &Point) {
    let link = if object.key == "company" {
        cp::COMPANY_ID
    } else {
        cp::CONTACT_ID
    };
    record.set(link, Value::Id(owner));
    record.set(cp::CHANNEL, Value::Choice(point.channel.clone()));
    record.set(cp::VALUE, Value::Text(point.value.clone()));
    record.set(cp::NORMALISED, Value::Text(point.normalised.clone()));
    record.set(cp::LABEL, point.label.clone().map_or(Value::Null, Value::Text));
    record.set(cp::PRIMARY, Value::Bool(point.primary));
}
