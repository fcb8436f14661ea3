//! Days of the calendar and what stands on them.

use std::collections::BTreeMap;
use std::ops::Range;

use peyvand_app::{App, AppError, ListRequest, reading};
use peyvand_calendar::format::{DateStyle, format_date};
use peyvand_calendar::holidays::HolidayStatus;
use peyvand_calendar::recur::Recurrence;
use peyvand_calendar::work::WorkCalendar;
use peyvand_calendar::zone::{self, DAY_MICROS};
use peyvand_calendar::{Calendar, Weekday};
use peyvand_catalog::handles::activity;
use peyvand_core::Instant;
use peyvand_i18n::{Args, keys};
use peyvand_numbers::Language;
use peyvand_record::Record;

use crate::asking;
use crate::door::Visitor;
use crate::view::Viewer;

/// Activities of one reading, at most.
const MOST: u32 = 200;
/// Days that something may have lasted already when a period begins, so that it is still shown in it.
const LONGEST: i64 = 7;
/// Pages of a reading, at most.
const PAGES: usize = 10;

/// Something on a day.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) title: String,
    pub(crate) time: String,
    pub(crate) pigment: &'static str,
    pub(crate) kind: String,
    pub(crate) done: bool,
    pub(crate) late: bool,
    /// A later time of a recurrence: there, but not yet a record of its own.
    pub(crate) ghost: bool,
    /// The day on which it begins.
    pub(crate) day: i32,
    /// The minute of that day.
    pub(crate) minute: i64,
    /// Minutes that it lasts; 0 when it has no end.
    pub(crate) length: i64,
}

/// A day.
pub(crate) struct Day {
    pub(crate) iso: String,
    pub(crate) link: String,
    /// Its number in the month.
    pub(crate) number: String,
    /// Its number in the other calendar.
    pub(crate) other: String,
    pub(crate) heading: String,
    /// The same where there is little room.
    pub(crate) head: String,
    pub(crate) today: bool,
    /// Belongs to another month.
    pub(crate) outside: bool,
    /// Nobody works.
    pub(crate) off: bool,
    /// Name, and its mark when the date was only computed.
    pub(crate) holidays: Vec<(String, String)>,
    pub(crate) items: Vec<Item>,
}

/// A day as `2026-11-22`.
pub(crate) fn iso(day: i32) -> String {
    let at = Calendar::Gregorian.ymd(day);
    format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
}

/// Reads a day written as `2026-11-22`.
pub(crate) fn of_iso(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || y.len() != 4 {
        return None;
    }
    Calendar::Gregorian
        .days(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)
        .ok()
}

/// An instant as filters take it.
pub(crate) fn rfc3339(at: Instant) -> String {
    jiff::Timestamp::from_microsecond(at.micros()).map_or_else(|_| String::new(), |t| t.to_string())
}

/// When an activity stands on the calendar.
pub(super) fn anchor(r: &Record) -> Option<Instant> {
    r.get(activity::STARTS_AT)
        .as_instant()
        .or(r.get(activity::DUE_AT).as_instant())
}

/// Minutes from the start of an activity to its end; 0 when it has not both.
pub(super) fn length(r: &Record) -> i64 {
    let start = r.get(activity::STARTS_AT).as_instant();
    let end = r.get(activity::ENDS_AT).as_instant();
    start.zip(end).map_or(0, |(start, end)| {
        ((end.micros() - start.micros()) / zone::MINUTE_MICROS).max(0)
    })
}

fn item(visitor: &Visitor, r: &Record, at: Instant) -> Item {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let def = caller.workspace.catalog().object(activity::OBJECT);
    let kind = r.get(activity::KIND).as_str().unwrap_or_default();
    let status = r.get(activity::STATUS).as_str().unwrap_or_default();
    let closed = matches!(status, "done" | "cancelled");
    let (day, time) = zone::civil(at.micros(), &v.zone);
    let mut text = String::new();
    peyvand_calendar::format::format_time_into(
        &mut text,
        time,
        peyvand_calendar::format::TimeStyle::Minutes,
        v.digits,
    );
    Item {
        id: r.id().to_string(),
        to: format!("/activities/{}", r.id()),
        title: def.map(|d| reading::title(d, r)).unwrap_or_default(),
        time: text,
        pigment: match kind {
            "call" => "pistachio",
            "meeting" => "violet",
            "visit" => "saffron",
            "reminder" => "clay",
            _ => "lapis",
        },
        kind: def
            .and_then(|d| d.at(activity::KIND))
            .and_then(|f| f.choice(kind))
            .map(|c| match v.language {
                peyvand_numbers::Language::Fa => c.fa.clone(),
                peyvand_numbers::Language::En => c.en.clone(),
            })
            .unwrap_or_default(),
        done: closed,
        late: !closed && at < v.now,
        ghost: false,
        day,
        minute: time / zone::MINUTE_MICROS,
        length: length(r),
    }
}

async fn read(app: &App, visitor: &Visitor, filter: String) -> Result<Vec<Record>, AppError> {
    let caller = &visitor.session.caller;
    let def = caller
        .workspace
        .catalog()
        .object(activity::OBJECT)
        .ok_or(AppError::NotFound)?;
    let mut out = Vec::new();
    if !asking::may(app, caller, def, &filter) {
        return Ok(out);
    }
    let mut cursor = None;
    for _ in 0..PAGES {
        let request = ListRequest {
            filter: Some(filter.clone()),
            sort: asking::order(caller, def, "due_at"),
            limit: Some(MOST),
            cursor: cursor.take(),
            ..ListRequest::default()
        };
        let page = app.list(caller, def, &request).await?;
        out.extend(page.records);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(out)
}

const OPEN: &str = "status in (open, in_progress, waiting)";

/// The reader's open activities that are due between two instants.
pub(crate) async fn due_between(
    app: &App,
    visitor: &Visitor,
    from: Instant,
    to: Instant,
) -> Result<Vec<Item>, AppError> {
    let me = visitor.session.user.id();
    let filter = format!(
        "owner_id = \"{me}\" AND {OPEN} AND due_at >= \"{}\" AND due_at < \"{}\"",
        rfc3339(from),
        rfc3339(to)
    );
    let found = read(app, visitor, filter).await?;
    Ok(found
        .iter()
        .filter_map(|r| Some(item(visitor, r, r.get(activity::DUE_AT).as_instant()?)))
        .collect())
}

/// What the reader should have done before today.
pub(crate) async fn late(app: &App, visitor: &Visitor) -> Result<Vec<Item>, AppError> {
    let v = &visitor.view;
    let midnight = Instant(zone::instant(v.today(), 0, &v.zone));
    let mut items = due_between(app, visitor, Instant(0), midnight).await?;
    items.reverse();
    items.truncate(50);
    for i in &mut items {
        i.late = true;
        // These are of other days: their dates are said too.
        i.time = format!("{} {}", v.date(i.day), i.time);
    }
    Ok(items)
}

/// Everything on a range of days.
pub(crate) struct Items(BTreeMap<i32, Vec<(i64, Item)>>);

impl Items {
    /// Reads what stands on these days: the reader's own, or all that they may see.
    pub(crate) async fn read(
        app: &App,
        visitor: &Visitor,
        days: Range<i32>,
        all: bool,
    ) -> Result<Self, AppError> {
        let v = &visitor.view;
        let me = visitor.session.user.id();
        let own = if all {
            String::new()
        } else {
            format!("owner_id = \"{me}\" AND ")
        };
        let from = Instant(zone::instant(days.start, 0, &v.zone));
        let to = Instant(zone::instant(days.end, 0, &v.zone));
        let (a, b) = (rfc3339(from), rfc3339(to));
        let before = rfc3339(Instant(from.micros() - LONGEST * DAY_MICROS));
        let mut map: BTreeMap<i32, Vec<(i64, Item)>> = BTreeMap::new();
        let mut put = |at: Instant, i: Item| {
            // What ends at midnight takes nothing of the day that begins then.
            let end = at.micros() + (i.length * zone::MINUTE_MICROS - 1).max(0);
            let last = zone::day_of(end, &v.zone).min(days.end - 1);
            for day in i.day.max(days.start)..=last {
                map.entry(day).or_default().push((at.micros(), i.clone()));
            }
        };
        let filter = format!(
            "{own}((due_at >= \"{a}\" AND due_at < \"{b}\") OR (starts_at >= \"{before}\" AND starts_at < \"{b}\"))"
        );
        for r in read(app, visitor, filter).await? {
            if let Some(at) = anchor(&r) {
                put(at, item(visitor, &r, at));
            }
        }
        // Later times of what recurs: they become records one by one, when the one before is done.
        let filter =
            format!("{own}{OPEN} AND recurrence != null AND (due_at < \"{b}\" OR starts_at < \"{b}\")");
        for r in read(app, visitor, filter).await? {
            let (Some(at), Some(rule)) = (
                anchor(&r),
                r.get(activity::RECURRENCE)
                    .as_str()
                    .and_then(|s| s.parse::<Recurrence>().ok()),
            ) else {
                continue;
            };
            let first = zone::day_of(at.micros(), &v.zone);
            for day in rule
                .occurrences(days.start.max(first + 1))
                .take_while(|d| *d < days.end)
            {
                let then = at.plus_micros(i64::from(day - first) * DAY_MICROS);
                let mut i = item(visitor, &r, then);
                i.ghost = true;
                i.late = false;
                i.day = day;
                put(then, i);
            }
        }
        for list in map.values_mut() {
            list.sort_by_key(|(at, _)| *at);
        }
        Ok(Self(map))
    }
}

impl Day {
    /// A day as the reader sees it.
    pub(crate) fn of(
        v: &Viewer,
        work: &WorkCalendar,
        calendar: Calendar,
        day: i32,
        outside: bool,
        link: String,
        items: &Items,
    ) -> Self {
        let other = match calendar {
            Calendar::Jalali => Calendar::Gregorian,
            Calendar::Gregorian => Calendar::Jalali,
        };
        let view = v.dates().in_calendar(calendar);
        let holidays: Vec<(String, String)> = work
            .holidays
            .on(day)
            .iter()
            .map(|h| {
                let mark = match h.status {
                    HolidayStatus::Computed => v.t(keys::CALENDAR_COMPUTED),
                    HolidayStatus::Confirmed => String::new(),
                };
                (h.name(v.language).to_owned(), mark)
            })
            .collect();
        let off = !work.is_working_day(day);
        let heading = |weekday: &str| {
            v.with(
                keys::CALENDAR_DAY_HEADING,
                &Args::new()
                    .text("weekday", weekday)
                    .text("day", format_date(day, DateStyle::DayMonth, view)),
            )
        };
        let weekday = Weekday::of(day).name(v.language);
        // Persian has no short names of the days.
        let short = match v.language {
            Language::Fa => weekday,
            Language::En => weekday.get(..3).unwrap_or(weekday),
        };
        Self {
            iso: iso(day),
            link,
            number: v.in_digits(&calendar.ymd(day).day.to_string()),
            other: v.in_digits(&other.ymd(day).day.to_string()),
            heading: heading(weekday),
            head: heading(short),
            today: day == v.today(),
            outside,
            off,
            holidays,
            items: items
                .0
                .get(&day)
                .map(|list| list.iter().map(|(_, i)| i.clone()).collect())
                .unwrap_or_default(),
        }
    }
}
