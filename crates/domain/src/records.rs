//! Making, changing, deleting and restoring a record of any object.

use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::{Catalog, FieldIx, ObjectDef};
use peyvand_core::{Context, Id, IdSource, Instant};
use peyvand_record::codec::{self, FieldError};
use peyvand_record::formula;
use peyvand_record::{AuditAction, AuditEntry, Batch, Change, Event, Record, TimelineEntry, Value};

use crate::teams::{self, Teams};
use crate::{activities, points, timeline};

/// Decides changes in one call's circumstances.
#[derive(Debug, Clone)]
pub struct Writer<'a> {
    /// The catalog of the workspace.
    pub catalog: &'a Catalog,
    /// Who acts, where and when.
    pub context: &'a Context,
    /// Where ids come from.
    pub ids: &'a IdSource,
    /// The zone of the workspace: the one whose days count.
    pub zone: &'a str,
    /// Which team each person is in.
    pub teams: Arc<Teams>,
}

impl Writer<'_> {
    /// A new record with these values.
    ///
    /// # Errors
    /// The required fields that have no value.
    pub fn create(
        &self,
        object: &ObjectDef,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<(Record, Batch), Vec<FieldError>> {
        let id = self.ids.next(self.context.now);
        self.create_with_id(object, id, values)
    }

    /// A new record with an id that is known already.
    ///
    /// # Errors
    /// The required fields that have no value.
    pub fn create_with_id(
        &self,
        object: &ObjectDef,
        id: Id,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<(Record, Batch), Vec<FieldError>> {
        self.create_made(object, id, self.context.now, values)
    }

    /// A new record that was made before it came here, at `made`. The log says when it came.
    ///
    /// # Errors
    /// The required fields that have no value.
    pub fn create_made(
        &self,
        object: &ObjectDef,
        id: Id,
        made: Instant,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<(Record, Batch), Vec<FieldError>> {
        let mut record = Record::new(object, id, made, self.context.actor);
        for (ix, v) in values {
            record.set(ix, v);
        }
        codec::apply_defaults(object, &mut record);
        if object.ownable && record.get(system::OWNER_ID).is_null() {
            // Whoever makes a record owns it, until somebody says otherwise.
            if self.context.actor.id() != Id::NIL {
                record.set(system::OWNER_ID, Value::Id(self.context.actor.id()));
            }
        }
        teams::settle(self, object, None, &mut record);
        formula::fill(object, &mut record, self.catalog.base_currency);
        let missing = codec::check_required(object, &record);
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut batch = Batch::default();
        let of_points = points::sync(
            self.catalog,
            object,
            self.context,
            self.ids,
            None,
            &mut record,
            &[],
        );
        batch.changes.push(Change::Insert(Box::new(record.clone())));
        batch.changes.extend(of_points);
        batch.timeline = timeline::entries(object, &record);
        self.log(&mut batch, AuditAction::Create, object, None, Some(&record));
        Ok((record, batch))
    }

    /// The record with some values changed. `stored_points` are the records of its contact points. An empty batch when
    /// nothing changes.
    ///
    /// # Errors
    /// The required fields that would have no value any more. One that has none already, since it was required only later,
    /// stands in the way of no other change.
    pub fn patch(
        &self,
        object: &ObjectDef,
        before: &Record,
        values: Vec<(FieldIx, Value)>,
        stored_points: &[Record],
    ) -> Result<(Record, Batch), Vec<FieldError>> {
        let mut after = before.touched(self.context.now, self.context.actor);
        let mut changed = false;
        for (ix, v) in values {
            if !same(before.get(ix), &v) {
                changed = true;
                after.set(ix, v);
            }
        }
        if !changed {
            return Ok((before.clone(), Batch::default()));
        }
        teams::settle(self, object, Some(before), &mut after);
        let of_activity = activities::completed(self, object, before, &mut after)?;
        formula::fill(object, &mut after, self.catalog.base_currency);
        let mut missing = codec::check_required(object, &after);
        if !missing.is_empty() {
            let lacked = codec::check_required(object, before);
            missing.retain(|m| !lacked.iter().any(|l| l.field == m.field));
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut batch = Batch::default();
        let of_points = points::sync(
            self.catalog,
            object,
            self.context,
            self.ids,
            Some(before),
            &mut after,
            stored_points,
        );
        batch.changes.push(Change::Update {
            before: Box::new(before.clone()),
            after: Box::new(after.clone()),
        });
        batch.changes.extend(of_points);
        let old = timeline::entries(object, before);
        batch.timeline = timeline::entries(object, &after)
            .into_iter()
            .filter(|e| !old.contains(e))
            .collect();
        self.log(
            &mut batch,
            AuditAction::Update,
            object,
            Some(before),
            Some(&after),
        );
        batch.jobs.extend(teams::follow(self, object, before, &after));
        // What the completion made stands in front: the activity links to it.
        let mut all = of_activity;
        all.append(batch);
        Ok((after, all))
    }

    /// The record goes into the recycle bin.
    #[must_use]
    pub fn delete(&self, object: &ObjectDef, before: &Record) -> (Record, Batch) {
        let mut after = before.touched(self.context.now, self.context.actor);
        after.set(system::DELETED_AT, Value::Instant(self.context.now));
        self.moved(object, before, after, AuditAction::Delete)
    }

    /// The record comes back from the recycle bin.
    #[must_use]
    pub fn restore(&self, object: &ObjectDef, before: &Record) -> (Record, Batch) {
        let mut after = before.touched(self.context.now, self.context.actor);
        after.set(system::DELETED_AT, Value::Null);
        self.moved(object, before, after, AuditAction::Restore)
    }

    /// The record goes for good.
    #[must_use]
    pub fn purge(&self, object: &ObjectDef, record: &Record) -> Batch {
        let mut batch = Batch::default();
        batch.changes.push(Change::Purge(Box::new(record.clone())));
        self.entry(
            &mut batch,
            AuditAction::Purge,
            object,
            record.id(),
            "{}".to_owned(),
        );
        batch
    }

    fn moved(
        &self,
        object: &ObjectDef,
        before: &Record,
        after: Record,
        action: AuditAction,
    ) -> (Record, Batch) {
        let mut batch = Batch::default();
        batch.changes.push(Change::Update {
            before: Box::new(before.clone()),
            after: Box::new(after.clone()),
        });
        self.log(&mut batch, action, object, Some(before), Some(&after));
        (after, batch)
    }

    fn log(
        &self,
        batch: &mut Batch,
        action: AuditAction,
        object: &ObjectDef,
        before: Option<&Record>,
        after: Option<&Record>,
    ) {
        let detail = codec::changes_json(object, before, after);
        let Some(record) = after.or(before) else { return };
        let entry = self.entry(batch, action, object, record.id(), detail);
        if before.is_some() && object.spine {
            batch.timeline.push(TimelineEntry {
                record: record.id(),
                at: self.context.now,
                kind: "change".into(),
                reference: entry,
            });
        }
        let verb = match action {
            AuditAction::Create => "created",
            AuditAction::Delete => "deleted",
            AuditAction::Restore => "restored",
            AuditAction::Merge => "merged",
            _ => "updated",
        };
        batch.events.push(Event {
            id: self.ids.next(self.context.now),
            kind: format!("{}.{verb}", object.key).into(),
            object: object.key.as_str().into(),
            record: record.id(),
            version: record.version(),
            at: self.context.now,
        });
    }

    /// Puts an entry into the audit log and gives its id.
    pub fn entry(
        &self,
        batch: &mut Batch,
        action: AuditAction,
        object: &ObjectDef,
        record: Id,
        detail: String,
    ) -> Id {
        let id = self.ids.next(self.context.now);
        batch.audit.push(AuditEntry {
            id,
            action,
            object: object.key.as_str().into(),
            record,
            detail: detail.into(),
        });
        id
    }
}

/// Do the two differ in more than who changed them last and when?
pub(crate) fn differs(a: &Record, b: &Record) -> bool {
    a.changed(b)
        .into_iter()
        .any(|ix| !matches!(ix, system::VERSION | system::UPDATED_AT | system::UPDATED_BY))
}

/// Are two values the same, apart from what the system adds to them (ids of points, twins of amounts)?
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Points(x), Value::Points(y)) => {
            x.len() == y.len()
                && x.iter().zip(y).all(|(p, q)| {
                    p.normalised == q.normalised
                        && p.channel == q.channel
                        && p.value == q.value
                        && p.label == q.label
                        && p.primary == q.primary
                })
        }
        (Value::Money(x), Value::Money(y)) => x.minor == y.minor && x.currency == y.currency,
        _ => a == b,
    }
}
