//! Moving an activity to another day or hour, changing how long it lasts, and making one at an hour of the grid.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use peyvand_app::App;
use peyvand_calendar::zone::{self, MINUTE_MICROS};
use peyvand_catalog::handles::activity;
use peyvand_core::Instant;
use peyvand_record::codec::Mode;
use peyvand_record::{Record, Value, Verb};

use super::days::{anchor, iso, length, of_iso};
use super::grid::DAY;
use crate::door::{Visitor, encode, safe_path, say};
use crate::form::read::edge;
use crate::form::{Typed, id_of};
use crate::shell::Answer;

/// Minutes of what is made by a click on an hour.
const NEW: i64 = 60;
/// Longest that something can be made to last by moving its end, in minutes.
const LONGEST: i64 = 14 * DAY;

/// A day and, when an hour was said, the minute of it.
type When = (i32, Option<i64>);

/// A time of the day written as `09:30`, in minutes.
fn of_clock(text: &str) -> Option<i64> {
    let (h, m) = text.split_once(':')?;
    let digits = |t: &str| t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit());
    let part = |t: &str| digits(t).then(|| t.parse::<u8>().ok()).flatten();
    let (h, m) = (part(h)?, part(m)?);
    (h < 24 && m < 60).then(|| i64::from(h) * 60 + i64::from(m))
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A day as people type it, in the reader's calendar, with or without an hour: «فردا», `2026-11-22`, «۱ آذر ساعت ۱۰».
fn when_typed(app: &App, visitor: &Visitor, text: &str) -> Option<When> {
    let text = text.trim();
    if let Some(day) = of_iso(text) {
        return Some((day, None));
    }
    let catalog = visitor.session.caller.workspace.catalog();
    let field = catalog.object(activity::OBJECT)?.at(activity::DUE_AT)?;
    let edge = edge(app, visitor, Mode::Patch);
    let at = peyvand_record::codec::parse_text(field, text, &edge)
        .ok()?
        .as_instant()?;
    let (day, time) = zone::civil(at.micros(), &visitor.view.zone);
    Some((day, (time != 0).then_some(time / MINUTE_MICROS)))
}

/// As [`when_typed`], of which only the day is wanted.
pub(crate) fn day_typed(app: &App, visitor: &Visitor, text: &str) -> Option<i32> {
    when_typed(app, visitor, text).map(|(day, _)| day)
}

/// How long something is to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    /// As long as before.
    Same,
    /// So many minutes.
    Minutes(i64),
    /// It has a start and no end.
    Open,
    /// It has neither: it is only due.
    Due,
}

impl Length {
    fn of(text: Option<&str>) -> Option<Self> {
        Some(match text.map(str::trim).filter(|t| !t.is_empty()) {
            None => Self::Same,
            Some("open") => Self::Open,
            Some("due") => Self::Due,
            Some(n) => Self::Minutes(n.parse().ok().filter(|n| (1..=LONGEST).contains(n))?),
        })
    }

    /// How a record has it now, as its undo says it.
    fn now(r: &Record) -> String {
        match (length(r), r.get(activity::STARTS_AT).is_null()) {
            (0, true) => "due".to_owned(),
            (0, false) => "open".to_owned(),
            (n, _) => n.to_string(),
        }
    }
}

/// Moves an activity to another day or hour: due, start and end go together. Its length changes when one is said. Of what
/// repeats only this occurrence moves, and the others stay where they are.
pub(crate) async fn move_to(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(key): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, "activities").map_err(visitor.fail())?;
    App::writable(caller, &object, Verb::Update).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let given = |k: &str| typed.get(k).map(|s| s.trim()).unwrap_or_default();
    let back = safe_path(typed.get("to").map_or("/calendar", String::as_str)).to_owned();
    let unread = || Ok(say(&back, "calendar-day-unread", ""));
    let Some((day, mut minute)) = when_typed(&app, &visitor, given("day")) else {
        return unread();
    };
    if !given("time").is_empty() {
        let Some(said) = of_clock(given("time")) else {
            return unread();
        };
        minute = Some(said);
    }
    let Some(wish) = Length::of(typed.get("length").map(String::as_str)) else {
        return unread();
    };
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let Some(at) = anchor(&record) else {
        return unread();
    };
    let (was, time) = zone::civil(at.micros(), &v.zone);
    let then = Instant(zone::instant(
        day,
        minute.map_or(time, |m| m * MINUTE_MICROS),
        &v.zone,
    ));
    let by = then.micros() - at.micros();
    let mut values: Vec<_> = [activity::DUE_AT, activity::STARTS_AT, activity::ENDS_AT]
        .into_iter()
        .filter_map(|ix| {
            let at = record.get(ix).as_instant()?;
            (by != 0).then(|| (ix, Value::Instant(at.plus_micros(by))))
        })
        .collect();
    let mut put = |ix, value| {
        values.retain(|(k, _)| *k != ix);
        values.push((ix, value));
    };
    match wish {
        Length::Same => {}
        Length::Minutes(n) => {
            put(activity::STARTS_AT, Value::Instant(then));
            put(
                activity::ENDS_AT,
                Value::Instant(then.plus_micros(n * MINUTE_MICROS)),
            );
        }
        Length::Open => put(activity::ENDS_AT, Value::Null),
        Length::Due => {
            put(activity::ENDS_AT, Value::Null);
            // What is due at no time would be nowhere without its start.
            if !record.get(activity::DUE_AT).is_null() {
                put(activity::STARTS_AT, Value::Null);
            }
        }
    }
    let mut undo = format!(
        "/calendar/{id}/move?day={}&time={}&length={}&to={}",
        iso(was),
        clock(time / MINUTE_MICROS),
        Length::now(&record),
        encode(&back)
    );
    let moved = values.iter().any(|(ix, x)| record.get(*ix) != x);
    let open = matches!(
        record.get(activity::STATUS).as_str(),
        Some("open" | "in_progress" | "waiting")
    );
    if let Ok(next) = given("series").parse() {
        app.move_back(caller, &object, id, next, values)
            .await
            .map_err(visitor.fail())?;
        return Ok(say(&back, "calendar-moved-back", ""));
    }
    if moved && open && !record.get(activity::RECURRENCE).is_null() {
        let (_, next) = app
            .move_apart(caller, &object, id, values, record.version())
            .await
            .map_err(visitor.fail())?;
        if let Some(next) = next {
            undo.push_str(&format!("&series={next}"));
        }
        return Ok(say(&back, "calendar-moved-one", &undo));
    }
    app.patch_values(caller, &object, id, values, Some(record.version()))
        .await
        .map_err(visitor.fail())?;
    Ok(say(&back, "calendar-moved", &undo))
}

/// Moves an activity back: what is moved stands in the address, as an undo has no form of its own.
pub(crate) async fn move_by_address(
    state: State<Arc<App>>,
    visitor: Visitor,
    path: Path<String>,
    Query(asked): Query<Typed>,
    Form(typed): Form<Typed>,
) -> Answer {
    let all = asked.into_iter().chain(typed).collect();
    move_to(state, visitor, path, Form(all)).await
}

/// The form of a new activity that begins at an hour of the grid: `at` is `2026-11-22T10:00` in the reader's zone, `minutes`
/// how long it lasts.
pub(crate) async fn new(State(app): State<Arc<App>>, visitor: Visitor, Query(asked): Query<Typed>) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    app.object(caller, "activities").map_err(visitor.fail())?;
    let back = safe_path(asked.get("to").map_or("/calendar", String::as_str)).to_owned();
    let at = asked
        .get("at")
        .and_then(|at| at.split_once('T'))
        .and_then(|(day, time)| Some((of_iso(day)?, of_clock(time)?)));
    let Some((day, minute)) = at else {
        return Ok(say(&back, "calendar-day-unread", ""));
    };
    let minutes = asked
        .get("minutes")
        .and_then(|n| n.parse().ok())
        .filter(|n| (1..=LONGEST).contains(n))
        .unwrap_or(NEW);
    let start = Instant(zone::instant(day, minute * MINUTE_MICROS, &v.zone));
    let end = start.plus_micros(minutes * MINUTE_MICROS);
    let start = encode(&v.instant(start));
    let to = format!(
        "/activities/new?due_at={start}&starts_at={start}&ends_at={}&to={}",
        encode(&v.instant(end)),
        encode(&back)
    );
    Ok(Redirect::to(&to).into_response())
}

#[cfg(test)]
mod tests {
    use super::{Length, clock, of_clock};

    #[test]
    fn hours_are_read_and_written() {
        for (text, minute) in [("00:00", 0), ("09:05", 545), ("23:59", 1439)] {
            assert_eq!(of_clock(text), Some(minute));
            assert_eq!(clock(minute), text);
        }
        for text in ["", "9:05", "24:00", "10:60", "10", "+1:00"] {
            assert_eq!(of_clock(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_are_read() {
        assert_eq!(Length::of(None), Some(Length::Same));
        assert_eq!(Length::of(Some("")), Some(Length::Same));
        assert_eq!(Length::of(Some("45")), Some(Length::Minutes(45)));
        assert_eq!(Length::of(Some("due")), Some(Length::Due));
        for bad in ["0", "-5", "999999", "x"] {
            assert_eq!(Length::of(Some(bad)), None, "{bad}");
        }
    }
}
