//! Activities: what follows when one of them is done.

use peyvand_calendar::recur::Recurrence;
use peyvand_calendar::zone::{self, DAY_MICROS};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{activity, interaction};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_record::codec::FieldError;
use peyvand_record::{Batch, Record, Value};

use crate::Writer;

const DONE: &str = "done";

fn status(record: &Record) -> &str {
    record.get(activity::STATUS).as_str().unwrap_or_default()
}

/// What an activity of this kind is as an interaction: kind and channel. Tasks and reminders are between us and
/// ourselves, and leave none.
#[must_use]
pub fn as_interaction(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        "call" => Some(("call", "phone")),
        "meeting" => Some(("meeting", "in_person")),
        "visit" => Some(("visit", "in_person")),
        _ => None,
    }
}

/// When it happened: at its own time when that has come, else now.
fn happened(after: &Record, now: Instant) -> Instant {
    after
        .get(activity::STARTS_AT)
        .as_instant()
        .or(after.get(activity::DUE_AT).as_instant())
        .filter(|at| *at <= now)
        .unwrap_or(now)
}

fn interaction_of(writer: &Writer<'_>, after: &Record) -> Result<Option<(Id, Batch)>, Vec<FieldError>> {
    let kind = after.get(activity::KIND).as_str().unwrap_or_default();
    let Some((kind, channel)) = as_interaction(kind) else {
        return Ok(None);
    };
    let Some(object) = writer.catalog.object(interaction::OBJECT) else {
        return Ok(None);
    };
    let at = happened(after, writer.context.now);
    let mut values: Vec<(FieldIx, Value)> = vec![
        (interaction::KIND, Value::Choice(kind.into())),
        (interaction::CHANNEL, Value::Choice(channel.into())),
        (interaction::DIRECTION, Value::Choice("out".into())),
        (interaction::OCCURRED_AT, Value::Instant(at)),
        (system::OWNER_ID, after.get(system::OWNER_ID).clone()),
        (interaction::USER_ID, after.get(system::OWNER_ID).clone()),
    ];
    for (from, to) in [
        (activity::SUBJECT, interaction::SUBJECT),
        (activity::DESCRIPTION, interaction::BODY),
        (activity::OUTCOME, interaction::OUTCOME),
        (activity::CONTACT_ID, interaction::CONTACT_ID),
        (activity::COMPANY_ID, interaction::COMPANY_ID),
        (activity::DEAL_ID, interaction::DEAL_ID),
    ] {
        values.push((to, after.get(from).clone()));
    }
    let span = |ix| after.get(ix).as_instant();
    if let (Some(from), Some(to)) = (span(activity::STARTS_AT), span(activity::ENDS_AT))
        && to > from
    {
        let seconds = (to.micros() - from.micros()) / Instant::SECOND;
        values.push((interaction::DURATION_SECONDS, Value::Int(seconds)));
    }
    values.retain(|(_, v)| !v.is_null());
    let (record, batch) = writer.create(object, values)?;
    Ok(Some((record.id(), batch)))
}

/// By how many days the next occurrence lies behind this one, which is on a day of this zone.
fn days_to_next(rule: &str, at: Instant, zone: &str) -> Option<i32> {
    let rule: Recurrence = rule.parse().ok()?;
    let zone = zone::zone(zone).unwrap_or_else(zone::tehran);
    let day = zone::day_of(at.micros(), &zone);
    // Who made the rule may live elsewhere, where it is the day before or after.
    let this = [day, day - 1, day + 1]
        .into_iter()
        .find(|d| rule.occurrences(*d).next() == Some(*d))
        .unwrap_or(day);
    let next = rule.occurrences(this + 1).next()?;
    Some(next - this)
}

/// The same activity at its next time, open.
fn next_of(
    writer: &Writer<'_>,
    object: &ObjectDef,
    before: &Record,
) -> Result<Option<(Record, Batch)>, Vec<FieldError>> {
    let Some(rule) = before.get(activity::RECURRENCE).as_str() else {
        return Ok(None);
    };
    let at = before
        .get(activity::STARTS_AT)
        .as_instant()
        .or(before.get(activity::DUE_AT).as_instant());
    let Some(days) = at.and_then(|at| days_to_next(rule, at, writer.zone)) else {
        return Ok(None);
    };
    let mut values = Vec::new();
    for ix in [
        activity::SUBJECT,
        activity::KIND,
        activity::PRIORITY,
        activity::RECURRENCE,
        activity::PLACE,
        activity::INVITEES,
        activity::TARGET_ID,
        activity::CONTACT_ID,
        activity::COMPANY_ID,
        activity::DEAL_ID,
        activity::DESCRIPTION,
        system::OWNER_ID,
        system::TEAM_ID,
    ] {
        if !before.get(ix).is_null() {
            values.push((ix, before.get(ix).clone()));
        }
    }
    for ix in [activity::DUE_AT, activity::STARTS_AT, activity::ENDS_AT] {
        if let Some(at) = before.get(ix).as_instant() {
            values.push((ix, Value::Instant(at.plus_micros(i64::from(days) * DAY_MICROS))));
        }
    }
    values.push((activity::STATUS, Value::Choice("open".into())));
    writer.create(object, values).map(Some)
}

impl Writer<'_> {
    /// The next occurrence of a repeating activity, as its completion would make it; `None` when it does not repeat or ends.
    ///
    /// # Errors
    /// The required fields that it would not have.
    pub fn following(
        &self,
        object: &ObjectDef,
        activity: &Record,
    ) -> Result<Option<(Record, Batch)>, Vec<FieldError>> {
        next_of(self, object, activity)
    }
}

/// What the completion of an activity adds to its change: the time, exactly one interaction for a call, a meeting or a
/// visit, and the next activity of a recurrence. Opened again and done again, it keeps the interaction it has.
///
/// # Errors
/// The required fields that a made record would not have.
pub(crate) fn completed(
    writer: &Writer<'_>,
    object: &ObjectDef,
    before: &Record,
    after: &mut Record,
) -> Result<Batch, Vec<FieldError>> {
    let mut batch = Batch::default();
    if object.key != activity::OBJECT || status(before) == status(after) {
        return Ok(batch);
    }
    if status(after) != DONE {
        if status(before) == DONE {
            after.set(activity::COMPLETED_AT, Value::Null);
        }
        return Ok(batch);
    }
    if after.get(activity::COMPLETED_AT).is_null() {
        after.set(activity::COMPLETED_AT, Value::Instant(writer.context.now));
    }
    if after.get(activity::INTERACTION_ID).is_null()
        && let Some((id, made)) = interaction_of(writer, after)?
    {
        after.set(activity::INTERACTION_ID, Value::Id(id));
        batch.append(made);
    }
    if let Some((_, next)) = next_of(writer, object, before)? {
        batch.append(next);
    }
    Ok(batch)
}
