//! What the rules of an object add to the values of a change, by whichever door it comes.

use jiff::tz::TimeZone;
use peyvand_calendar::recur::Recurrence;
use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::handles::{activity, deal, user};
use peyvand_catalog::{FieldIx, ObjectDef};
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
        if object.key == deal::OBJECT {
            self.with_stage(caller, object, before, values).await
        } else if object.key == activity::OBJECT {
            self.with_repeat(caller, object, before, values).await
        } else if before.is_none() {
            self.with_number(caller, object, values).await
        } else {
            Ok(values)
        }
    }

    /// A repetition that is said in a word (`weekly`) or by a rule that leaves parts out becomes the recurrence from the
    /// activity's day on, in the calendar and zone of the caller.
    async fn with_repeat(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        let given = |ix: FieldIx| values.iter().find(|(i, _)| *i == ix).map(|(_, v)| v);
        let Some(Value::Text(said)) = given(activity::RECURRENCE) else {
            return Ok(values);
        };
        let now = before.and_then(|r| r.get(activity::RECURRENCE).as_str());
        if now == Some(said) || said.parse::<Recurrence>().is_ok() {
            return Ok(values);
        }
        let at = |ix: FieldIx| given(ix).or_else(|| before.map(|r| r.get(ix)))?.as_instant();
        let anchor = at(activity::STARTS_AT).or_else(|| at(activity::DUE_AT));
        let (calendar, zone) = self.calendar_of(caller).await;
        let day = zone::day_of(anchor.unwrap_or_else(|| self.clock.now()).micros(), &zone);
        let now = now.and_then(|rule| rule.parse().ok());
        let rule = match asked(said, day, calendar, now.as_ref()) {
            Ok(rule) => Value::Text(rule.to_string().into()),
            Err(e) => {
                let field = object.at(activity::RECURRENCE).ok_or(AppError::NotFound)?;
                let (code, value): (_, &str) = match e {
                    NotRepeating::Unreadable(_) => (FieldErrorCode::NotARecurrence, said),
                    NotRepeating::Over => (FieldErrorCode::RecurrenceOver, ""),
                };
                let wrong = FieldError::of(field, code, value, Expected::Nothing);
                return Err(AppError::Invalid(vec![wrong]));
            }
        };
        for (ix, v) in &mut values {
            if *ix == activity::RECURRENCE {
                v.clone_from(&rule);
            }
        }
        Ok(values)
    }

    /// The calendar and the zone of who acts: their own, else those of the workspace.
    async fn calendar_of(&self, caller: &Caller) -> (Calendar, TimeZone) {
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
