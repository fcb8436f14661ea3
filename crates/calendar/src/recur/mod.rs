//! Recurring days in either calendar.
//!
//! A day that a month or year lacks (31 Mehr, 30 Esfand of a common year, 29 February) becomes the last day of that
//! month: the rule that RFC 7529 calls `SKIP=BACKWARD`. Weeks begin on Saturday.

mod describe;
mod key;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::Weekday;
use crate::ymd::Calendar;

pub use key::RecurrenceUnreadable;

/// The last day that occurs: 9999-12-31.
const LAST_DAY: i32 = 2_932_896;
/// Largest interval.
const MAX_EVERY: u16 = 999;

/// Which days recur.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Every so many days.
    Daily,
    /// On these weekdays, in the order of the week.
    Weekly(Vec<Weekday>),
    /// On a day of the month, 1–31; clamped to the last day of shorter months.
    MonthlyOnDay(u8),
    /// On the last day of the month.
    MonthlyOnLastDay,
    /// On the first to fifth, or the last (`-1`), such weekday of the month; a month without a fifth one is skipped.
    MonthlyOnWeekday(i8, Weekday),
    /// On a month (1–12) and day (1–31) of every year, clamped to the last day of the month.
    Yearly(u8, u8),
}

/// When it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// It does not.
    Never,
    /// After this day (days since 1970-01-01), which may still occur.
    Until(i32),
    /// After so many occurrences.
    Count(u32),
}

/// A recurrence: a start, a calendar, a rule, an interval, an end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recurrence {
    start: i32,
    calendar: Calendar,
    rule: Rule,
    every: u16,
    end: End,
}

/// Why a recurrence cannot exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// The interval is not 1–999.
    #[error("recurrence-interval-invalid: {every}")]
    Interval {
        /// What was given.
        every: u16,
    },
    /// No weekday is given.
    #[error("recurrence-weekdays-missing")]
    Weekdays,
    /// A day, month, ordinal or count is out of its range.
    #[error("recurrence-number-invalid: {value}")]
    Number {
        /// What was given.
        value: i64,
    },
    /// The start is beyond the year 9999, or before the year −9999.
    #[error("recurrence-start-invalid")]
    Start,
}

impl RecurrenceError {
    /// Stable key of the message.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Interval { .. } => "recurrence-interval-invalid",
            Self::Weekdays => "recurrence-weekdays-missing",
            Self::Number { .. } => "recurrence-number-invalid",
            Self::Start => "recurrence-start-invalid",
        }
    }
}

impl Recurrence {
    /// A recurrence from a day on. Intervals are counted from the week, month or year of `start`; `start` itself
    /// occurs only if the rule names it.
    ///
    /// # Errors
    /// [`RecurrenceError`] naming the part that is wrong.
    pub fn new(
        start: i32,
        calendar: Calendar,
        rule: Rule,
        every: u16,
        end: End,
    ) -> Result<Self, RecurrenceError> {
        if !(1..=MAX_EVERY).contains(&every) {
            return Err(RecurrenceError::Interval { every });
        }
        if !(-LAST_DAY..=LAST_DAY).contains(&start) {
            return Err(RecurrenceError::Start);
        }
        let number = |value: i64, fits: bool| {
            if fits {
                Ok(())
            } else {
                Err(RecurrenceError::Number { value })
            }
        };
        let rule = match rule {
            Rule::Weekly(mut weekdays) => {
                weekdays.sort_unstable();
                weekdays.dedup();
                if weekdays.is_empty() {
                    return Err(RecurrenceError::Weekdays);
                }
                Rule::Weekly(weekdays)
            }
            Rule::MonthlyOnDay(day) => {
                number(i64::from(day), (1..=31).contains(&day))?;
                rule
            }
            Rule::MonthlyOnWeekday(nth, _) => {
                number(i64::from(nth), nth == -1 || (1..=5).contains(&nth))?;
                rule
            }
            Rule::Yearly(month, day) => {
                number(i64::from(month), (1..=12).contains(&month))?;
                number(i64::from(day), (1..=31).contains(&day))?;
                rule
            }
            Rule::Daily | Rule::MonthlyOnLastDay => rule,
        };
        if end == End::Count(0) {
            return Err(RecurrenceError::Number { value: 0 });
        }
        Ok(Self {
            start,
            calendar,
            rule,
            every,
            end,
        })
    }

    /// The first day on which it may occur.
    #[must_use]
    pub fn start(&self) -> i32 {
        self.start
    }

    /// The calendar of its months and years.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        self.calendar
    }

    /// Its rule.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Its interval: every so many days, weeks, months or years.
    #[must_use]
    pub fn every(&self) -> u16 {
        self.every
    }

    /// Its end.
    #[must_use]
    pub fn end(&self) -> End {
        self.end
    }

    /// The days on which it occurs, in order, from a day on. A count is always counted from the start.
    ///
    /// ```
    /// use peyvand_calendar::{Calendar, recur::{End, Recurrence, Rule}};
    /// let day = |y, m, d| Calendar::Jalali.days(y, m, d).unwrap();
    /// let firsts =
    ///     Recurrence::new(day(1405, 8, 30), Calendar::Jalali, Rule::MonthlyOnDay(1), 1, End::Never).unwrap();
    /// assert_eq!(
    ///     firsts.occurrences(day(1405, 9, 2)).take(2).collect::<Vec<_>>(),
    ///     [day(1405, 10, 1), day(1405, 11, 1)]
    /// );
    /// ```
    pub fn occurrences(&self, from: i32) -> impl Iterator<Item = i32> + '_ {
        let first_period = match self.end {
            End::Count(_) => 0,
            _ => (self.periods_until(from) - 1).max(0),
        };
        let (limit, last) = match self.end {
            End::Never => (usize::MAX, LAST_DAY),
            End::Until(last) => (usize::MAX, last.min(LAST_DAY)),
            End::Count(count) => (count as usize, LAST_DAY),
        };
        (first_period..)
            .map_while(move |period| self.period(period).filter(|days| days.earliest <= last))
            .flat_map(|found| found.days)
            .filter(move |day| *day >= self.start)
            .take(limit)
            .skip_while(move |day| *day < from)
            .take_while(move |day| *day <= last)
    }

    /// How many whole intervals lie between the start and a day, at most; never too many.
    fn periods_until(&self, day: i32) -> i64 {
        let (a, b) = (self.calendar.ymd(self.start), self.calendar.ymd(day));
        let units = match self.rule {
            Rule::Daily => i64::from(day) - i64::from(self.start),
            Rule::Weekly(_) => (i64::from(day) - i64::from(self.start)) / 7,
            Rule::Yearly(..) => i64::from(b.year) - i64::from(a.year),
            _ => (i64::from(b.year) - i64::from(a.year)) * 12 + i64::from(b.month) - i64::from(a.month),
        };
        units.div_euclid(i64::from(self.every))
    }

    /// The days of one interval, or `None` when it lies beyond the last day.
    fn period(&self, period: i64) -> Option<Period> {
        let step = i32::try_from(period * i64::from(self.every)).ok()?;
        let at = self.calendar.ymd(self.start);
        let month = i32::from(at.month).checked_add(step)?;
        let in_month = |day: u8| self.calendar.days_clamped(at.year, month, day);
        let one = |day: i32| Period {
            earliest: day,
            days: vec![day],
        };
        let found = match &self.rule {
            Rule::Daily => one(self.start.checked_add(step)?),
            Rule::Weekly(weekdays) => {
                let back = i32::from(Weekday::of(self.start).index());
                let saturday = (self.start - back).checked_add(step.checked_mul(7)?)?;
                let days = weekdays
                    .iter()
                    .map(|day| saturday.saturating_add(i32::from(day.index())))
                    .collect();
                Period {
                    earliest: saturday,
                    days,
                }
            }
            Rule::MonthlyOnDay(day) => one(in_month(*day)),
            Rule::MonthlyOnLastDay => one(in_month(31)),
            Rule::MonthlyOnWeekday(nth, weekday) => {
                let (first, last) = (in_month(1), in_month(31));
                let to =
                    |from: i32| (7 + i32::from(weekday.index()) - i32::from(Weekday::of(from).index())) % 7;
                let day = if *nth < 0 {
                    last - (7 - to(last)) % 7
                } else {
                    first + to(first) + 7 * (i32::from(*nth) - 1)
                };
                Period {
                    earliest: first,
                    days: if day <= last { vec![day] } else { Vec::new() },
                }
            }
            Rule::Yearly(month, day) => {
                let year = at.year.checked_add(step)?;
                one(self.calendar.days_clamped(year, i32::from(*month), *day))
            }
        };
        (found.earliest <= LAST_DAY).then_some(found)
    }
}

/// The days of one interval, in order.
struct Period {
    /// No day of this or a later interval is before it.
    earliest: i32,
    days: Vec<i32>,
}

/// As the string of [`std::fmt::Display`].
impl Serialize for Recurrence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Recurrence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
