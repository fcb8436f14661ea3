//! Whose timeline shows a record, and where on it.

use peyvand_catalog::ObjectDef;
use peyvand_core::{Id, Instant};
use peyvand_record::{Record, TimelineEntry, Value};

/// The instant at which a record stands on timelines.
#[must_use]
pub fn at(object: &ObjectDef, record: &Record) -> Instant {
    let field = object.timeline_at.as_deref().unwrap_or("created_at");
    match object.field(field).map(|(ix, _)| record.get(ix)) {
        Some(Value::Instant(t)) => *t,
        // A day stands at its noon, so that it is the same day in every zone of the product's users.
        Some(Value::Date(d)) => Instant(i64::from(*d) * Instant::DAY + Instant::DAY / 2),
        _ => record
            .get(peyvand_catalog::definition::system::CREATED_AT)
            .as_instant()
            .unwrap_or_default(),
    }
}

/// The entries of a record on the timelines of those whom it concerns.
#[must_use]
pub fn entries(object: &ObjectDef, record: &Record) -> Vec<TimelineEntry> {
    let at = at(object, record);
    let mut out: Vec<TimelineEntry> = Vec::new();
    let mut add = |whose: Id| {
        if !out.iter().any(|e| e.record == whose) {
            out.push(TimelineEntry {
                record: whose,
                at,
                kind: object.key.as_str().into(),
                reference: record.id(),
            });
        }
    };
    for key in &object.timeline {
        match object.field(key).map(|(ix, _)| record.get(ix)) {
            Some(Value::Id(id)) => add(*id),
            Some(Value::Ids(ids)) => ids.iter().copied().for_each(&mut add),
            _ => {}
        }
    }
    out
}
