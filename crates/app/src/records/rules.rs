//! What the rules of an object add to the values of a change, by whichever door it comes.

use jiff::tz::TimeZone;
use peyvand_calendar::recur::Recurrence;
use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::handles::{activity, currency_rate, deal, saved_view, user};
use peyvand_catalog::{FieldDef, FieldIx, ObjectDef};
use peyvand_core::Instant;
use peyvand_domain::rates;
use peyvand_domain::repeats::{NotRepeating, asked};
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode};
use peyvand_record::{Record, Value};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
    /// The values of a change (`before` is the record, `None` for a new one) with what the rules of the object add to them.
    ///
    /// # Errors
    /// What a rule asks for and the record does not have.
    pub(crate) async fn with_rules(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        let values = self.with_amounts(caller, object, before, values).await?;
        if object.key == deal::OBJECT {
            self.with_stage(caller, object, before, values).await
        } else if object.key == activity::OBJECT {
            in_order(object, before, &values).map_err(|e| AppError::Invalid(vec![e]))?;
            self.with_repeat(caller, object, before, values).await
        } else if object.key == currency_rate::OBJECT {
            rates::checked(object, before, values).map_err(AppError::Invalid)
        } else if object.key == saved_view::OBJECT {
            self.check_view(caller, object, before, &values).await?;
            Ok(values)
        } else if before.is_none() {
            self.with_number(caller, object, values).await
        } else {
            Ok(values)
        }
    }

    async fn with_repeat(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        if !says_repeat(before, &values) {
            return Ok(values);
        }
        let days = self.calendar_of(caller).await;
        repeating(object, before, values, self.clock.now(), &days).map_err(|e| AppError::Invalid(vec![e]))
    }

    /// The calendar and the zone of who acts: their own, else those of the workspace.
    pub(crate) async fn calendar_of(&self, caller: &Caller) -> (Calendar, TimeZone) {
        let w = &caller.workspace;
        let person = self.user_record(w, caller.actor.id()).await.ok();
        let own = |ix| person.as_ref().and_then(|p| p.get(ix).as_str());
        let calendar = own(user::CALENDAR).and_then(Calendar::from_key);
        let zone = own(user::TIME_ZONE).and_then(zone::zone);
        (
            calendar.unwrap_or_else(|| w.calendar()),
            zone.or_else(|| zone::zone(&w.settings.time_zone))
                .unwrap_or_else(zone::tehran),
        )
    }
}

/// An activity ends when it has begun.
///
/// # Errors
/// An end before the beginning, when the change says one of them.
fn in_order(
    object: &ObjectDef,
    before: Option<&Record>,
    values: &[(FieldIx, Value)],
) -> Result<(), FieldError> {
    let said = |ix: FieldIx| values.iter().find(|(i, _)| *i == ix).map(|(_, v)| v);
    let (starts, ends) = (said(activity::STARTS_AT), said(activity::ENDS_AT));
    if starts.is_none() && ends.is_none() {
        return Ok(());
    }
    let at = |said: Option<&Value>, ix| {
        let stood = || before.map(|b| b.get(ix));
        said.or_else(stood).and_then(Value::as_instant)
    };
    match (at(starts, activity::STARTS_AT), at(ends, activity::ENDS_AT)) {
        (Some(from), Some(to)) if to < from => {
            let said = if ends.is_some() {
                activity::ENDS_AT
            } else {
                activity::STARTS_AT
            };
            Err(FieldError::at(object, said, FieldErrorCode::EndsBeforeStart, ""))
        }
        _ => Ok(()),
    }
}

/// Do the values ask for a repetition that is yet to be made a recurrence?
pub(crate) fn says_repeat(before: Option<&Record>, values: &[(FieldIx, Value)]) -> bool {
    let said = values.iter().find(|(ix, _)| *ix == activity::RECURRENCE);
    said.and_then(|(_, v)| v.as_str()).is_some_and(|said| {
        let now = before.and_then(|r| r.get(activity::RECURRENCE).as_str());
        now != Some(said) && said.parse::<Recurrence>().is_err()
    })
}

/// A repetition that is said in words (`weekly`, «هر ماه») or by a rule that leaves parts out becomes the recurrence from
/// the activity's day on, in a calendar and zone.
///
/// # Errors
/// Words that say no repetition, and one that ends before the activity.
pub(crate) fn repeating(
    object: &ObjectDef,
    before: Option<&Record>,
    mut values: Vec<(FieldIx, Value)>,
    today: Instant,
    (calendar, zone): &(Calendar, TimeZone),
) -> Result<Vec<(FieldIx, Value)>, FieldError> {
    if !says_repeat(before, &values) {
        return Ok(values);
    }
    let given = |ix: FieldIx| values.iter().find(|(i, _)| *i == ix).map(|(_, v)| v);
    let at = |ix: FieldIx| given(ix).or_else(|| before.map(|r| r.get(ix)))?.as_instant();
    let anchor = at(activity::STARTS_AT).or_else(|| at(activity::DUE_AT));
    let day = zone::day_of(anchor.unwrap_or(today).micros(), zone);
    let now = before
        .and_then(|r| r.get(activity::RECURRENCE).as_str())
        .and_then(|rule| rule.parse().ok());
    let (Some(Value::Text(said)), Some(field)) =
        (given(activity::RECURRENCE), object.at(activity::RECURRENCE))
    else {
        return Ok(values);
    };
    let rule = asked(said, day, *calendar, now.as_ref()).map_err(|e| match e {
        NotRepeating::Unreadable(_) => no_repeat(field, said),
        NotRepeating::Over => FieldError::of(field, FieldErrorCode::RecurrenceOver, "", Expected::Nothing),
    })?;
    let rule = Value::Text(rule.to_string().into());
    for (_, v) in values.iter_mut().filter(|(ix, _)| *ix == activity::RECURRENCE) {
        v.clone_from(&rule);
    }
    Ok(values)
}

/// The error of words that say no repetition.
pub(crate) fn no_repeat(field: &FieldDef, said: &str) -> FieldError {
    FieldError::of(field, FieldErrorCode::NotARecurrence, said, Expected::Recurrence)
}
