//! Bars drawn as SVG on the server: each mark is a link to the list behind it, and a table says the same in words.

use peyvand_calendar::format::{DateStyle, format_date};
use peyvand_calendar::names::month_name;

use crate::view::Viewer;

/// Width of the drawing in its own units.
const WIDE: i64 = 600;
/// Height of the tallest bar.
const TALL: i64 = 120;

/// A bar.
pub(crate) struct Mark {
    pub(crate) label: String,
    pub(crate) full: String,
    pub(crate) value: i64,
    pub(crate) shown: String,
    pub(crate) note: String,
    pub(crate) to: String,
}

/// A bar with its place.
pub(crate) struct Bar {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) wide: i64,
    pub(crate) tall: i64,
    pub(crate) middle: i64,
    pub(crate) mark: Mark,
    /// The newest.
    pub(crate) now: bool,
}

/// A chart of bars.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) bars: Vec<Bar>,
}

impl Chart {
    /// A chart; `None` when there is nothing to show. Bars stand in the order of reading.
    pub(crate) fn of(title: &str, marks: Vec<Mark>, rtl: bool) -> Option<Self> {
        let most = marks.iter().map(|m| m.value).max().filter(|m| *m > 0)?;
        let n = i64::try_from(marks.len()).unwrap_or(1).max(1);
        let slot = WIDE / n;
        let wide = slot * 6 / 10;
        let bars: Vec<Bar> = marks
            .into_iter()
            .enumerate()
            .map(|(i, mark)| {
                let i = i64::try_from(i).unwrap_or(0);
                let at = if rtl { n - 1 - i } else { i };
                let tall = i64::try_from(i128::from(mark.value) * i128::from(TALL) / i128::from(most))
                    .unwrap_or(0)
                    .max(if mark.value > 0 { 3 } else { 1 });
                Bar {
                    x: at * slot + (slot - wide) / 2,
                    y: TALL - tall + 20,
                    wide,
                    tall,
                    middle: at * slot + slot / 2,
                    mark,
                    now: i + 1 == n,
                }
            })
            .collect();
        Some(Self {
            title: title.to_owned(),
            bars,
        })
    }
}

/// A month in the reader's calendar.
pub(crate) struct Month {
    pub(crate) name: String,
    pub(crate) full: String,
    first: String,
    next: String,
}

impl Month {
    /// The condition that a date or a moment lies in the month.
    pub(crate) fn within(&self, field: &str) -> String {
        format!("{field} >= {} AND {field} < {}", self.first, self.next)
    }
}

/// The last months, this one last.
pub(crate) fn months(v: &Viewer, n: i32) -> Vec<Month> {
    let iso = |day: i32| {
        let d = peyvand_calendar::Calendar::Gregorian.ymd(day);
        format!("{:04}-{:02}-{:02}", d.year, d.month, d.day)
    };
    let start = v.calendar.month_start(v.today());
    (0..n)
        .rev()
        .map(|back| {
            let first = v.calendar.month_start(v.calendar.add_months(start, -back));
            let next = v.calendar.month_start(v.calendar.add_months(first, 1));
            let at = v.calendar.ymd(first);
            Month {
                name: month_name(v.calendar, at.month, v.language).to_owned(),
                full: format_date(first, DateStyle::MonthYear, v.dates()),
                first: iso(first),
                next: iso(next),
            }
        })
        .collect()
}
