//! Holidays and working hours: the shipped ones, and the workspace's own, which stand instead of them.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::work::OWN_SOURCE;
use peyvand_app::{App, AppError, ListRequest};
use peyvand_calendar::fiscal::year_of;
use peyvand_calendar::holidays::{HolidayKind, HolidayStatus};
use peyvand_calendar::{Calendar, Weekday};
use peyvand_catalog::handles::{holiday, working_hours};
use peyvand_i18n::{Key, keys};
use peyvand_record::codec::{self, Mode};
use peyvand_record::{Record, Value, Verb};

use super::administrator;
use crate::door::{Visitor, say};
use crate::fields;
use crate::form::Typed;
use crate::form::read::edge;
use crate::shell::{Answer, Chrome, html};

struct Line {
    day: String,
    weekday: &'static str,
    name: String,
    kind: String,
    mark: String,
    computed: bool,
    source: String,
}

struct Own {
    id: String,
    day: String,
    name: String,
    about: String,
}

#[derive(Template)]
#[template(path = "settings_holidays.html")]
struct HolidaysPage {
    c: Chrome,
    css: String,
    year: String,
    back: i32,
    next: i32,
    lines: Vec<Line>,
    own: Vec<Own>,
    unknown: bool,
    /// What is said of the official holidays of Iran, what saying otherwise is called, and how the form says it; the button
    /// is empty for who may not.
    iran: String,
    iran_button: String,
    iran_keep: &'static str,
    may_edit: bool,
    name: String,
    day: String,
    error: String,
    day_error: String,
}

async fn own_rows(app: &App, visitor: &Visitor, object: &str) -> Result<Vec<Record>, AppError> {
    let caller = &visitor.session.caller;
    let Some(def) = caller.workspace.catalog().object(object) else {
        return Ok(Vec::new());
    };
    let request = ListRequest {
        limit: Some(200),
        ..ListRequest::default()
    };
    Ok(app.list(caller, def, &request).await?.records)
}

async fn holidays_page(
    app: &App,
    visitor: &Visitor,
    year: Option<i32>,
    typed: &Typed,
    error: (String, String),
) -> Result<Response, AppError> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let today = v.today();
    let calendar = v.calendar;
    let year = year.unwrap_or_else(|| calendar.ymd(today).year).clamp(1, 9000);
    let first = calendar.days(year, 1, 1).unwrap_or(today);
    let days = year_of(calendar, first, 1);
    let book = app.holidays_of(&caller.workspace, first).await?;
    let mut lines = Vec::new();
    for day in days.clone() {
        for h in book.on(day) {
            let computed = h.status == HolidayStatus::Computed;
            let own = h.source == OWN_SOURCE;
            lines.push(Line {
                day: v.date(day),
                weekday: Weekday::of(day).name(v.language),
                name: h.name(v.language).to_owned(),
                kind: v.t(match h.kind {
                    _ if own => keys::SETTINGS_HOLIDAY_OWN,
                    HolidayKind::National => keys::SETTINGS_HOLIDAY_NATIONAL,
                    HolidayKind::Lunar => keys::SETTINGS_HOLIDAY_LUNAR,
                    HolidayKind::Closure => keys::SETTINGS_HOLIDAY_CLOSURE,
                }),
                mark: v.t(if computed {
                    keys::CALENDAR_COMPUTED
                } else {
                    keys::SETTINGS_CONFIRMED
                }),
                computed,
                source: if own { String::new() } else { h.source.clone() },
            });
        }
    }
    let none = fields::Titles::new();
    let def = caller.workspace.catalog().object(holiday::OBJECT);
    let own = own_rows(app, visitor, holiday::OBJECT)
        .await?
        .iter()
        .map(|r| {
            let shown = |ix| {
                def.and_then(|d| d.at(ix))
                    .map(|f| fields::cell(caller, v, f, r.get(ix), &none, false).text())
                    .unwrap_or_default()
            };
            let half = *r.get(holiday::HALF_DAY) == Value::Bool(true);
            let works = *r.get(holiday::OFFICIAL) == Value::Bool(false);
            let kind = v.t(if half {
                keys::SETTINGS_HALF_DAY
            } else if works {
                keys::SETTINGS_WORKING_DAY
            } else {
                keys::SETTINGS_DAY_OFF
            });
            Own {
                id: r.id().to_string(),
                day: shown(holiday::DAY),
                name: shown(holiday::NAME),
                about: format!("{kind} · {}", shown(holiday::REPEATS)),
            }
        })
        .collect();
    let text = |k: &str| typed.get(k).cloned().unwrap_or_default();
    let iran = caller.workspace.settings.keeps_iran_holidays();
    let (iran_said, iran_otherwise, iran_keep) = if iran {
        (keys::SETTINGS_IRAN_KEPT, keys::SETTINGS_IRAN_LEAVE_OUT, "no")
    } else {
        (keys::SETTINGS_IRAN_LEFT_OUT, keys::SETTINGS_IRAN_KEEP, "yes")
    };
    let may_say = administrator(visitor).is_ok();
    let page = HolidaysPage {
        css: crate::assets::url("record.css"),
        year: v.in_digits(&year.to_string()),
        back: year - 1,
        next: year + 1,
        lines,
        own,
        unknown: iran
            && days
                .clone()
                .any(|d| !book.has_lunar_of(Calendar::Jalali.ymd(d).year)),
        iran: v.t(iran_said),
        iran_button: if may_say {
            v.t(iran_otherwise)
        } else {
            String::new()
        },
        iran_keep,
        may_edit: def.is_some_and(|d| App::writable(caller, d, Verb::Create).is_ok()),
        name: text("name"),
        day: text("day"),
        c: Chrome::of(visitor, &v.t(keys::SETTINGS_HOLIDAYS)),
        error: error.0,
        day_error: error.1,
    };
    let status = if page.error.is_empty() && page.day_error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// The holidays of a year.
pub(crate) async fn holidays(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(asked): Query<Typed>,
) -> Answer {
    let year = asked.get("year").and_then(|y| y.parse().ok());
    holidays_page(
        &app,
        &visitor,
        year,
        &Typed::new(),
        (String::new(), String::new()),
    )
    .await
    .map_err(visitor.fail())
}

/// Keeps the official holidays of Iran, or leaves them out.
pub(crate) async fn keep_iran(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let caller = &visitor.session.caller;
    let mut settings = app
        .fresh_settings(&caller.workspace)
        .await
        .map_err(visitor.fail())?;
    settings.iran_holidays = Some(typed.get("keep").is_some_and(|k| k == "yes"));
    app.change_settings(caller, &settings)
        .await
        .map_err(visitor.fail())?;
    Ok(say("/settings/holidays", "settings-saved", ""))
}

/// A day of the workspace's own.
pub(crate) async fn add_holiday(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let def = app.object(caller, "holidays").map_err(visitor.fail())?;
    App::writable(caller, &def, Verb::Create).map_err(visitor.fail())?;
    let edge = edge(&app, &visitor, Mode::Create);
    let text = |k: &str| typed.get(k).map(|s| s.trim()).unwrap_or_default();
    let read = |ix, text: &str| {
        def.at(ix)
            .ok_or_else(String::new)
            .and_then(|f| codec::parse_text(f, text, &edge).map_err(|e| e.message(v.language)))
    };
    let name = read(holiday::NAME, text("name"));
    let day = read(holiday::DAY, text("day"));
    let required = || peyvand_i18n::text_of_code(v.language, "required", &peyvand_i18n::Args::new());
    let wrong = |value: &Result<Value, String>| match value {
        Ok(Value::Null) => required(),
        Ok(_) => String::new(),
        Err(e) => e.clone(),
    };
    let errors = (wrong(&name), wrong(&day));
    let (Ok(name), Ok(day), true) = (name, day, errors.0.is_empty() && errors.1.is_empty()) else {
        return holidays_page(&app, &visitor, None, &typed, errors)
            .await
            .map_err(visitor.fail());
    };
    let kind = text("kind");
    let mut values = vec![
        (holiday::NAME, name),
        (holiday::DAY, day),
        (holiday::OFFICIAL, Value::Bool(kind != "work")),
        (holiday::HALF_DAY, Value::Bool(kind == "half")),
    ];
    if let Ok(repeats) = read(holiday::REPEATS, text("repeats")) {
        values.push((holiday::REPEATS, repeats));
    }
    values.retain(|(_, x)| !x.is_null());
    let made = app
        .create_values(caller, &def, values, None)
        .await
        .map_err(visitor.fail())?;
    Ok(say(
        "/settings/holidays",
        "settings-saved",
        &format!("/holidays/{}/delete", made.id()),
    ))
}

struct WorkDay {
    key: &'static str,
    label: &'static str,
    /// Begin and end of the first and of the second stretch.
    spans: [String; 4],
    error: bool,
}

#[derive(Template)]
#[template(path = "settings_hours.html")]
struct HoursPage {
    c: Chrome,
    css: String,
    days: Vec<WorkDay>,
    /// What the second span of a day is called.
    second: String,
    zone: String,
    shipped: bool,
    error: String,
    zone_error: String,
}

const DAYS: [(&str, Weekday); 7] = [
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
];

async fn default_hours(app: &App, visitor: &Visitor) -> Result<Option<Record>, AppError> {
    Ok(own_rows(app, visitor, working_hours::OBJECT)
        .await?
        .into_iter()
        .find(|r| *r.get(working_hours::DEFAULT) == Value::Bool(true)))
}

/// A zone that there is, by its name; the workspace's where none was typed.
fn zone_of(visitor: &Visitor, typed: &str) -> Option<String> {
    match typed.trim() {
        "" => Some(visitor.session.caller.workspace.settings.time_zone.clone()),
        zone => peyvand_calendar::zone::canonical(zone),
    }
}

/// The working hours of the week.
pub(crate) async fn hours(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    hours_page(&app, &visitor, None).await.map_err(visitor.fail())
}

async fn hours_page(app: &App, visitor: &Visitor, typed: Option<&Typed>) -> Result<Response, AppError> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let row = default_hours(app, visitor).await?;
    let today = v.today();
    let work = app.work_calendar(&caller.workspace, today).await?;
    let zone = match typed.and_then(|t| t.get("zone")) {
        Some(zone) => zone.clone(),
        None => work
            .zone
            .iana_name()
            .unwrap_or(&caller.workspace.settings.time_zone)
            .to_owned(),
    };
    let zone_error = match typed {
        Some(_) if zone_of(visitor, &zone).is_none() => v.t(keys::SETTINGS_ZONE_UNKNOWN),
        _ => String::new(),
    };
    let clock = |at: i64| {
        let (_, time) = peyvand_calendar::zone::civil(at, &work.zone);
        let mut text = String::new();
        peyvand_calendar::format::format_time_into(
            &mut text,
            time,
            peyvand_calendar::format::TimeStyle::Minutes,
            v.digits,
        );
        text
    };
    let midnight = peyvand_calendar::zone::instant(today, 0, &work.zone);
    let mut bad: Option<BadSpan> = None;
    let mut plain = work.clone();
    // The hours of an ordinary week: without its holidays.
    plain.holidays = peyvand_calendar::holidays::HolidayBook::default();
    let first = DAYS
        .iter()
        .position(|(_, d)| *d == v.calendar.first_weekday())
        .unwrap_or_default();
    let days = DAYS
        .into_iter()
        .cycle()
        .skip(first)
        .take(DAYS.len())
        .map(|(key, weekday)| {
            let mut spans: [String; 4] = Default::default();
            let mut error = false;
            if let Some(t) = typed {
                for (n, s) in spans.iter_mut().enumerate() {
                    *s = t.get(&format!("{key}:{n}")).cloned().unwrap_or_default();
                }
                let wrong = spans_of(&spans).err();
                error = wrong.is_some();
                bad = bad.or(wrong);
            } else if let Some(day) = (today..today + 7).find(|d| Weekday::of(*d) == weekday) {
                for (n, span) in plain.spans(day).iter().take(2).enumerate() {
                    if let Some([from, to]) = spans.get_mut(2 * n..2 * n + 2) {
                        *from = clock(span.start);
                        *to = match clock(span.end) {
                            // A stretch that ends with the day ends at 24 o'clock, not at the beginning of it.
                            end if end == clock(midnight) => v.in_digits("24:00"),
                            end => end,
                        };
                    }
                }
            }
            WorkDay {
                key,
                label: weekday.name(v.language),
                spans,
                error,
            }
        })
        .collect();
    let page = HoursPage {
        css: crate::assets::url("record.css"),
        days,
        second: v.in_digits("2"),
        zone,
        shipped: row.is_none(),
        error: bad.map(|b| v.t(b.key())).unwrap_or_default(),
        zone_error,
        c: Chrome::of(visitor, &v.t(keys::SETTINGS_HOURS)),
    };
    let status = if bad.is_some() || !page.zone_error.is_empty() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// Why the stretches of a day cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BadSpan {
    /// A time cannot be read.
    Unread,
    /// It ends before it begins: a night, which belongs to two days.
    Night,
    /// The second stretch begins before the first one ends.
    Overlap,
}

impl BadSpan {
    const fn key(self) -> Key {
        match self {
            Self::Unread => keys::SETTINGS_HOURS_UNREAD,
            Self::Night => keys::SETTINGS_HOURS_NIGHT,
            Self::Overlap => keys::SETTINGS_HOURS_OVERLAP,
        }
    }
}

/// A time of day in minutes: `08:30`, a bare hour, and 24:00 for the end of the day.
fn minute(text: &str) -> Option<i64> {
    let plain = peyvand_numbers::digits::to_ascii(text.trim());
    if let Ok(hour) = plain.parse::<i64>() {
        return (0..=24).contains(&hour).then_some(hour * 60);
    }
    if matches!(&*plain, "24:00" | "24:0" | "24.00") {
        return Some(24 * 60);
    }
    peyvand_calendar::parse::parse_time(&plain)
        .ok()
        .map(|t| t / 60_000_000)
}

/// Two stretches as JSON.
fn spans_of(texts: &[String; 4]) -> Result<serde_json::Value, BadSpan> {
    let mut out = Vec::new();
    let mut before = 0;
    for [from, to] in texts.as_chunks::<2>().0 {
        if from.trim().is_empty() && to.trim().is_empty() {
            continue;
        }
        let (Some(a), Some(b)) = (minute(from), minute(to)) else {
            return Err(BadSpan::Unread);
        };
        if b <= a {
            return Err(BadSpan::Night);
        }
        if a < before {
            return Err(BadSpan::Overlap);
        }
        before = b;
        let clock = |m: i64| format!("{:02}:{:02}", m / 60, m % 60);
        out.push(serde_json::json!({ "start": clock(a), "end": clock(b) }));
    }
    Ok(serde_json::Value::Array(out))
}

/// Saves the working hours of the week.
pub(crate) async fn save_hours(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let def = app.object(caller, "working-hours").map_err(visitor.fail())?;
    let mut week = serde_json::Map::new();
    for (key, _) in DAYS {
        let texts: [String; 4] =
            std::array::from_fn(|n| typed.get(&format!("{key}:{n}")).cloned().unwrap_or_default());
        let Ok(spans) = spans_of(&texts) else {
            return hours_page(&app, &visitor, Some(&typed))
                .await
                .map_err(visitor.fail());
        };
        week.insert(key.to_owned(), spans);
    }
    let Some(zone) = zone_of(&visitor, typed.get("zone").map_or("", String::as_str)) else {
        return hours_page(&app, &visitor, Some(&typed))
            .await
            .map_err(visitor.fail());
    };
    let values = vec![
        (
            working_hours::WEEK,
            Value::Json(Box::new(serde_json::Value::Object(week))),
        ),
        (working_hours::TIME_ZONE, Value::text(zone)),
    ];
    match default_hours(&app, &visitor).await.map_err(visitor.fail())? {
        Some(row) => {
            app.patch_values(caller, &def, row.id(), values, Some(row.version()))
                .await
                .map_err(visitor.fail())?;
        }
        None => {
            let mut values = values;
            values.push((working_hours::NAME, Value::text(v.t(keys::SETTINGS_HOURS))));
            values.push((working_hours::DEFAULT, Value::Bool(true)));
            app.create_values(caller, &def, values, None)
                .await
                .map_err(visitor.fail())?;
        }
    }
    Ok(say("/settings/hours", "settings-saved", ""))
}
