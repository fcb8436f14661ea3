//! The small calendar from which a day is chosen for a field: a month in the reader's calendar, as a part of a page that a
//! script shows. Without it the field takes the day as it is typed.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_calendar::fiscal::{month_of, week_of};
use peyvand_calendar::format::{DateStyle, format_date};
use peyvand_calendar::parse::{ParseContext, parse_date};
use peyvand_calendar::{Calendar, Weekday};
use peyvand_i18n::{Key, keys};

use crate::door::Visitor;
use crate::shell::html;
use crate::view::Viewer;

/// A day of the month that is shown.
struct Day {
    /// As scripts name it.
    iso: String,
    /// As the field takes it.
    text: String,
    number: String,
    label: String,
    today: bool,
    chosen: bool,
    /// It belongs to the month before or after.
    beyond: bool,
}

#[derive(Template)]
#[template(path = "parts/month.html")]
struct Month {
    v: Viewer,
    icons: String,
    name: String,
    /// The same day of the month before and after, and of the year before and after.
    around: [String; 4],
    /// Name and short name of each day of the week.
    weekdays: Vec<(&'static str, String)>,
    weeks: Vec<Vec<Day>>,
    today: Day,
}

impl Month {
    fn t(&self, key: Key) -> String {
        self.v.t(key)
    }
}

fn iso(day: i32) -> String {
    let d = Calendar::Gregorian.ymd(day);
    format!("{:04}-{:02}-{:02}", d.year, d.month, d.day)
}

/// What a narrow column is headed with: one letter says a weekday in Persian, two in English.
fn short(v: &Viewer, name: &str) -> String {
    let letters = match v.language {
        peyvand_numbers::Language::Fa => 1,
        peyvand_numbers::Language::En => 2,
    };
    name.chars().take(letters).collect()
}

/// The month of a day: of the one that is named, of the one that stands in the field, else of today.
pub(crate) async fn month(visitor: Visitor, Query(asked): Query<HashMap<String, String>>) -> Response {
    let v = &visitor.view;
    let context = ParseContext::new(v.today(), v.language).with_calendar(v.calendar);
    let read = |text: &str| parse_date(text, &context).ok().map(|d| d.days);
    // A time that stands behind the day is none of the calendar's.
    let typed = asked.get("value").map(|text| text.trim()).unwrap_or_default();
    let chosen = read(typed).or_else(|| read(typed.split_whitespace().next()?));
    let named = asked
        .get("at")
        .and_then(|at| at.parse::<jiff::civil::Date>().ok());
    let named = named.and_then(|d| {
        Calendar::Gregorian
            .days(i32::from(d.year()), d.month() as u8, d.day() as u8)
            .ok()
    });
    let at = named.or(chosen).unwrap_or_else(|| v.today());
    let months = month_of(v.calendar, at);
    let first = v.calendar.first_weekday();
    let from = week_of(months.start, first).start;
    let to = week_of(months.end - 1, first).end;
    let day = |n: i32| Day {
        iso: iso(n),
        text: v.date(n),
        number: v.in_digits(&v.calendar.ymd(n).day.to_string()),
        label: v.long_date(n),
        today: n == v.today(),
        chosen: Some(n) == chosen,
        beyond: !months.contains(&n),
    };
    let page = Month {
        icons: crate::assets::url("icons.svg"),
        name: format_date(at, DateStyle::MonthYear, v.dates()),
        around: [-1, 1, -12, 12].map(|n| iso(v.calendar.add_months(at, n))),
        weekdays: (from..from + 7)
            .map(|n| Weekday::of(n).name(v.language))
            .map(|name| (name, short(v, name)))
            .collect(),
        weeks: (from..to)
            .step_by(7)
            .map(|week| (week..week + 7).map(day).collect())
            .collect(),
        today: day(v.today()),
        v: v.clone(),
    };
    html(StatusCode::OK, &page, false)
}
