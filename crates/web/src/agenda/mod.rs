//! The calendar: month, week, day and agenda, in the Jalali or the Gregorian calendar, with the holidays and the working
//! hours of the workspace.

pub(crate) mod days;
mod grid;
pub(crate) mod moving;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use peyvand_app::App;
use peyvand_calendar::fiscal::week_of;
use peyvand_calendar::format::{DateStyle, format_date};
use peyvand_calendar::{Calendar, Weekday};
use peyvand_catalog::handles::activity;
use peyvand_core::Instant;
use peyvand_i18n::{Args, keys};
use serde::Deserialize;

use self::days::{Day, Items};
pub(crate) use self::days::{iso, of_iso};
use self::grid::Column;
use crate::door::{Visitor, encode};
use crate::shell::{Answer, Chrome, html};
use crate::view::Viewer;

/// Days of the agenda.
const AGENDA: i32 = 30;

/// What is asked of the calendar.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    view: String,
    at: String,
    calendar: String,
    who: String,
}

/// How the calendar is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Month,
    Week,
    Day,
    Agenda,
}

impl Layout {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Month, "month"),
        (Self::Week, "week"),
        (Self::Day, "day"),
        (Self::Agenda, "agenda"),
    ];

    fn of(text: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|(_, key)| *key == text)
            .map_or(Self::Month, |(l, _)| l)
    }
}

/// A link of a bar: address, label, chosen.
type Choice = (String, String, bool);

/// Most activities of one day of the month; the day itself has the others.
const MONTH_MOST: usize = 4;

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    c: Chrome,
    css: String,
    js: String,
    heading: String,
    views: Vec<Choice>,
    calendars: Vec<Choice>,
    people: Vec<Choice>,
    back: String,
    today: String,
    next: String,
    /// Names of the weekdays, in the week's order.
    names: Vec<&'static str>,
    weeks: Vec<Vec<Day>>,
    list: Vec<Day>,
    /// The days of the grid of time, when there is one.
    columns: Vec<Column>,
    /// The hours down its side.
    hours: Vec<String>,
    month: bool,
    week: bool,
    /// Where a narrow window goes that was asked for no view.
    narrow: String,
    late: Vec<days::Item>,
    late_count: String,
    /// No lunar holidays are known for the year that is shown.
    unknown: bool,
    add: String,
    here: String,
}

impl CalendarPage {
    /// How many activities of a day of the month are not drawn.
    fn more(&self, day: &Day) -> String {
        let n = day.items.len().saturating_sub(MONTH_MOST);
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        self.c
            .v
            .with(keys::CALENDAR_MORE, &Args::new().number("count", n))
    }
}

struct At {
    layout: Layout,
    day: i32,
    calendar: Calendar,
    all: bool,
}

impl At {
    fn of(v: &Viewer, asked: &Asked) -> Self {
        Self {
            layout: Layout::of(&asked.view),
            day: of_iso(&asked.at).unwrap_or_else(|| v.today()),
            calendar: Calendar::from_key(&asked.calendar).unwrap_or(v.calendar),
            all: asked.who == "all",
        }
    }

    /// The days that are shown, half-open, and those that the period itself has.
    fn range(&self) -> (std::ops::Range<i32>, std::ops::Range<i32>) {
        let first = self.calendar.first_weekday();
        match self.layout {
            Layout::Month => {
                let month = peyvand_calendar::fiscal::month_of(self.calendar, self.day);
                let from = week_of(month.start, first).start;
                let to = week_of(month.end - 1, first).end;
                (from..to, month)
            }
            Layout::Week => {
                let week = week_of(self.day, first);
                (week.clone(), week)
            }
            Layout::Day => (self.day..self.day + 1, self.day..self.day + 1),
            Layout::Agenda => (self.day..self.day + AGENDA, self.day..self.day + AGENDA),
        }
    }

    fn step(&self, by: i32) -> i32 {
        match self.layout {
            Layout::Month => self.calendar.add_months(self.day, by),
            Layout::Week => self.day + 7 * by,
            Layout::Day => self.day + by,
            Layout::Agenda => self.day + AGENDA * by,
        }
    }

    fn address(&self, layout: Layout, day: i32, calendar: Calendar, all: bool) -> String {
        let view = Layout::ALL
            .into_iter()
            .find(|(l, _)| *l == layout)
            .map_or("month", |(_, key)| key);
        format!(
            "/calendar?view={view}&at={}&calendar={}{}",
            iso(day),
            calendar.key(),
            if all { "&who=all" } else { "" }
        )
    }

    fn heading(&self, v: &Viewer) -> String {
        let view = v.dates().in_calendar(self.calendar);
        let (shown, _) = self.range();
        match self.layout {
            Layout::Month => format_date(self.day, DateStyle::MonthYear, view),
            Layout::Day => format_date(self.day, DateStyle::LongWeekday, view),
            _ => format!(
                "{} – {}",
                format_date(shown.start, DateStyle::DayMonth, view),
                format_date(shown.end - 1, DateStyle::Long, view)
            ),
        }
    }
}

/// The calendar.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    app.object(caller, "activities").map_err(visitor.fail())?;
    let at = At::of(v, &asked);
    let (shown, own) = at.range();
    let work = app
        .work_calendar(&caller.workspace, at.day)
        .await
        .map_err(visitor.fail())?;
    let items = Items::read(&app, &visitor, shown.clone(), at.all)
        .await
        .map_err(visitor.fail())?;
    let days: Vec<Day> = shown
        .clone()
        .map(|day| {
            let link = at.address(Layout::Day, day, at.calendar, at.all);
            Day::of(v, &work, at.calendar, day, !own.contains(&day), link, &items)
        })
        .collect();
    let late = if at.layout == Layout::Day && at.day == v.today() {
        days::late(&app, &visitor).await.map_err(visitor.fail())?
    } else {
        Vec::new()
    };
    let address = |layout, day, calendar, all| at.address(layout, day, calendar, all);
    let first = at.calendar.first_weekday();
    let settings = &visitor.session.caller.workspace.settings;
    let unknown = settings.keeps_iran_holidays()
        && shown
            .clone()
            .any(|d| !work.holidays.has_lunar_of(Calendar::Jalali.ymd(d).year));
    let month = at.layout == Layout::Month;
    let may_make = crate::record::may_make(&visitor, activity::OBJECT);
    let mut weeks = Vec::new();
    let mut list = Vec::new();
    let mut columns = Vec::new();
    if matches!(at.layout, Layout::Week | Layout::Day) {
        columns = shown
            .clone()
            .zip(days)
            .map(|(number, day)| Column::of(v, &work, number, day, may_make))
            .collect();
    } else if month {
        let mut rest = days;
        while !rest.is_empty() {
            let tail = rest.split_off(rest.len().min(7));
            weeks.push(std::mem::replace(&mut rest, tail));
        }
    } else {
        list = days;
        list.retain(|d| !d.items.is_empty() || !d.holidays.is_empty() || d.today);
    }
    let page = CalendarPage {
        css: crate::assets::url("calendar.css"),
        js: crate::assets::url(if columns.is_empty() {
            "calendar.js"
        } else {
            "timegrid.js"
        }),
        hours: (0..24).map(|h| grid::hour(v, h * 60)).collect(),
        columns,
        narrow: if asked.view.is_empty() {
            address(Layout::Day, at.day, at.calendar, at.all)
        } else {
            String::new()
        },
        heading: at.heading(v),
        views: [
            (Layout::Month, keys::CALENDAR_MONTH),
            (Layout::Week, keys::CALENDAR_WEEK),
            (Layout::Day, keys::CALENDAR_DAY),
            (Layout::Agenda, keys::CALENDAR_AGENDA),
        ]
        .into_iter()
        .map(|(l, key)| (address(l, at.day, at.calendar, at.all), v.t(key), l == at.layout))
        .collect(),
        calendars: [
            (Calendar::Jalali, keys::CALENDAR_JALALI),
            (Calendar::Gregorian, keys::CALENDAR_GREGORIAN),
        ]
        .into_iter()
        .map(|(k, key)| (address(at.layout, at.day, k, at.all), v.t(key), k == at.calendar))
        .collect(),
        people: [(false, keys::CALENDAR_MINE), (true, keys::CALENDAR_EVERYBODY)]
            .into_iter()
            .map(|(all, key)| {
                (
                    address(at.layout, at.day, at.calendar, all),
                    v.t(key),
                    all == at.all,
                )
            })
            .collect(),
        back: address(at.layout, at.step(-1), at.calendar, at.all),
        today: address(at.layout, v.today(), at.calendar, at.all),
        next: address(at.layout, at.step(1), at.calendar, at.all),
        names: (0..7)
            .map(|n| Weekday::of(week_of(at.day, first).start + n).name(v.language))
            .collect(),
        weeks,
        list,
        month,
        week: at.layout == Layout::Week,
        late_count: v.number(late.len() as i64),
        late,
        unknown,
        add: if may_make {
            let there = encode(&visitor.here);
            format!("/activities/new?due_at={}&to={there}", encode(&v.date(at.day)))
        } else {
            String::new()
        },
        here: visitor.here.clone(),
        c: Chrome::of(&visitor, &v.t(keys::CALENDAR_TITLE)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// What is due within a quarter of an hour, for reminders in the page, and how many notifications wait.
pub(crate) async fn soon(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let v = &visitor.view;
    let soon = v.now.plus_micros(15 * 60 * Instant::SECOND);
    let items = days::due_between(&app, &visitor, v.now, soon)
        .await
        .unwrap_or_default();
    let mut list: Vec<_> = items
        .into_iter()
        .map(|i| {
            let text = v.with(
                keys::CALENDAR_SOON,
                &Args::new()
                    .text("title", i.title.clone())
                    .text("time", i.time.clone()),
            );
            serde_json::json!({"id": i.id, "to": i.to, "text": text})
        })
        .collect();
    list.extend(crate::notifications::fresh(&app, &visitor).await);
    let unread = crate::shell::unread(v, visitor.unread);
    axum::Json(serde_json::json!({ "items": list, "unread": unread })).into_response()
}
