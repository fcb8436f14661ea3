//! The stored form of a recurrence: the words of RFC 5545 and RFC 7529 in one line.
//!
//! `DTSTART=20261121;RSCALE=PERSIAN;FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1;SKIP=BACKWARD;WKST=SA`

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::{End, Recurrence, RecurrenceError, Rule};
use crate::names::Weekday;
use crate::ymd::Calendar;

/// Why a stored recurrence cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceUnreadable {
    /// A part is missing, unknown, or has a value that cannot be read.
    #[error("recurrence-part-invalid: {part}")]
    Part {
        /// The name of the part.
        part: String,
    },
    /// The parts do not make a recurrence.
    #[error(transparent)]
    Invalid(#[from] RecurrenceError),
}

impl RecurrenceUnreadable {
    /// Stable key of the message.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Part { .. } => "recurrence-part-invalid",
            Self::Invalid(error) => error.code(),
        }
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = scale(self.calendar);
        write!(f, "DTSTART={};RSCALE={scale};FREQ=", Basic(self.start))?;
        let every = self.every;
        match &self.rule {
            Rule::Daily => write!(f, "DAILY;INTERVAL={every}")?,
            Rule::Weekly(weekdays) => {
                write!(f, "WEEKLY;INTERVAL={every};BYDAY=")?;
                for (index, weekday) in weekdays.iter().enumerate() {
                    write!(f, "{}{}", if index > 0 { "," } else { "" }, weekday.key())?;
                }
            }
            Rule::MonthlyOnDay(day) => write!(f, "MONTHLY;INTERVAL={every};BYMONTHDAY={day}")?,
            Rule::MonthlyOnLastDay => write!(f, "MONTHLY;INTERVAL={every};BYMONTHDAY=-1")?,
            Rule::MonthlyOnWeekday(nth, weekday) => {
                write!(f, "MONTHLY;INTERVAL={every};BYDAY={nth}{}", weekday.key())?;
            }
            Rule::Yearly(month, day) => {
                write!(f, "YEARLY;INTERVAL={every};BYMONTH={month};BYMONTHDAY={day}")?;
            }
        }
        f.write_str(";SKIP=BACKWARD;WKST=SA")?;
        match self.end {
            End::Never => Ok(()),
            End::Until(day) => write!(f, ";UNTIL={}", Basic(day)),
            End::Count(count) => write!(f, ";COUNT={count}"),
        }
    }
}

/// A Gregorian date without separators, signed before the year 0.
struct Basic(i32);

impl fmt::Display for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = Calendar::Gregorian.ymd(self.0);
        let sign = if at.year < 0 { "-" } else { "" };
        write!(
            f,
            "{sign}{:04}{:02}{:02}",
            at.year.unsigned_abs(),
            at.month,
            at.day
        )
    }
}

fn basic(text: &str) -> Option<i32> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    if !(8..=11).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = digits.split_at(digits.len() - 4);
    let (month, day) = rest.split_at(2);
    let year = sign * year.parse::<i32>().ok()?;
    Calendar::Gregorian
        .days(year, month.parse().ok()?, day.parse().ok()?)
        .ok()
}

impl Recurrence {
    /// Reads a rule that leaves parts out: without `DTSTART` it begins on `start`, without `RSCALE` its months and years are
    /// those of `calendar`, and the weekday, the day of the month or the day of the year that it does not name is that of
    /// its start (RFC 5545, 3.3.10). A whole rule is read as it stands.
    ///
    /// ```
    /// use peyvand_calendar::{Calendar, recur::Recurrence};
    /// let start = Calendar::Jalali.days(1405, 9, 7).unwrap();
    /// let rule = Recurrence::from_rule("FREQ=MONTHLY;INTERVAL=2", start, Calendar::Jalali).unwrap();
    /// assert_eq!(rule.occurrences(start + 1).next(), Calendar::Jalali.days(1405, 11, 7).ok());
    /// ```
    ///
    /// # Errors
    /// [`RecurrenceUnreadable`] naming the part that is wrong.
    pub fn from_rule(text: &str, start: i32, calendar: Calendar) -> Result<Self, RecurrenceUnreadable> {
        let get = |name: &str| {
            text.split(';')
                .filter_map(|part| part.split_once('='))
                .find(|(part, _)| *part == name)
                .map(|(_, value)| value)
        };
        if get("DTSTART").is_some() {
            return text.parse();
        }
        let calendar = match get("RSCALE") {
            Some("PERSIAN") => Calendar::Jalali,
            Some(_) => Calendar::Gregorian,
            None => calendar,
        };
        let mut whole = format!("DTSTART={};{text}", Basic(start));
        if get("RSCALE").is_none() {
            let _ = write!(whole, ";RSCALE={}", scale(calendar));
        }
        let at = calendar.ymd(start);
        let days = ["BYDAY", "BYMONTHDAY", "BYMONTH"];
        if days.iter().all(|name| get(name).is_none()) {
            let _ = match get("FREQ") {
                Some("WEEKLY") => write!(whole, ";BYDAY={}", Weekday::of(start).key()),
                Some("MONTHLY") => write!(whole, ";BYMONTHDAY={}", at.day),
                Some("YEARLY") => write!(whole, ";BYMONTH={};BYMONTHDAY={}", at.month, at.day),
                _ => Ok(()),
            };
        }
        whole.parse()
    }
}

/// The name that RFC 7529 has for a calendar.
fn scale(calendar: Calendar) -> &'static str {
    match calendar {
        Calendar::Jalali => "PERSIAN",
        Calendar::Gregorian => "GREGORIAN",
    }
}

impl FromStr for Recurrence {
    type Err = RecurrenceUnreadable;

    fn from_str(text: &str) -> Result<Self, RecurrenceUnreadable> {
        let invalid = |part: &str| RecurrenceUnreadable::Part {
            part: part.chars().take(32).collect(),
        };
        let mut parts: Vec<(&str, &str)> = Vec::with_capacity(10);
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| invalid(part))?;
            let known = [
                "DTSTART",
                "RSCALE",
                "FREQ",
                "INTERVAL",
                "BYDAY",
                "BYMONTHDAY",
                "BYMONTH",
                "SKIP",
                "WKST",
                "UNTIL",
                "COUNT",
            ];
            if !known.contains(&name) || parts.iter().any(|(seen, _)| *seen == name) {
                return Err(invalid(name));
            }
            parts.push((name, value));
        }
        let get = |name: &str| {
            parts
                .iter()
                .find(|(part, _)| *part == name)
                .map(|(_, value)| *value)
        };
        let number = |name: &str| -> Result<i64, RecurrenceUnreadable> {
            get(name)
                .and_then(|value| value.parse().ok())
                .ok_or_else(|| invalid(name))
        };
        let small = |name: &str| u8::try_from(number(name)?).map_err(|_| invalid(name));
        for (name, only) in [("SKIP", "BACKWARD"), ("WKST", "SA")] {
            if get(name).is_some_and(|value| value != only) {
                return Err(invalid(name));
            }
        }
        let start = get("DTSTART").and_then(basic).ok_or_else(|| invalid("DTSTART"))?;
        let calendar = match get("RSCALE") {
            Some("PERSIAN") => Calendar::Jalali,
            Some("GREGORIAN") | None => Calendar::Gregorian,
            Some(_) => return Err(invalid("RSCALE")),
        };
        let rule = match (get("FREQ"), get("BYDAY"), get("BYMONTHDAY"), get("BYMONTH")) {
            (Some("DAILY"), None, None, None) => Rule::Daily,
            (Some("WEEKLY"), Some(days), None, None) => {
                let weekdays: Option<Vec<Weekday>> = days.split(',').map(Weekday::from_key).collect();
                Rule::Weekly(weekdays.ok_or_else(|| invalid("BYDAY"))?)
            }
            (Some("MONTHLY"), None, Some("-1"), None) => Rule::MonthlyOnLastDay,
            (Some("MONTHLY"), None, Some(_), None) => Rule::MonthlyOnDay(small("BYMONTHDAY")?),
            (Some("MONTHLY"), Some(day), None, None) => {
                let cut = day.len().checked_sub(2).filter(|cut| day.is_char_boundary(*cut));
                let (nth, weekday) = day.split_at(cut.ok_or_else(|| invalid("BYDAY"))?);
                let weekday = Weekday::from_key(weekday).ok_or_else(|| invalid("BYDAY"))?;
                Rule::MonthlyOnWeekday(nth.parse().map_err(|_| invalid("BYDAY"))?, weekday)
            }
            (Some("YEARLY"), None, Some(_), Some(_)) => Rule::Yearly(small("BYMONTH")?, small("BYMONTHDAY")?),
            _ => return Err(invalid("FREQ")),
        };
        let every = match get("INTERVAL") {
            None => 1,
            Some(_) => u16::try_from(number("INTERVAL")?).map_err(|_| invalid("INTERVAL"))?,
        };
        let end = match (get("UNTIL"), get("COUNT")) {
            (None, None) => End::Never,
            (Some(day), None) => End::Until(basic(day).ok_or_else(|| invalid("UNTIL"))?),
            (None, Some(_)) => End::Count(u32::try_from(number("COUNT")?).map_err(|_| invalid("COUNT"))?),
            (Some(_), Some(_)) => return Err(invalid("COUNT")),
        };
        Ok(Self::new(start, calendar, rule, every, end)?)
    }
}
