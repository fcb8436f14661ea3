//! Repeating, as people say it: every day, every week, every month; the stored recurrence follows from the day of the
//! activity and the calendar of the person.

use peyvand_calendar::Calendar;
use peyvand_calendar::names::Weekday;
use peyvand_calendar::recur::{End, Recurrence, RecurrenceError, Rule};

/// How something repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Every day.
    Daily,
    /// Every week, on the same weekday.
    Weekly,
    /// Every second week, on the same weekday.
    Fortnightly,
    /// Every month, on the same day of it.
    Monthly,
    /// On the last day of every month.
    MonthEnd,
    /// Every third month, on the same day of it.
    Quarterly,
    /// Every year, on the same day of it.
    Yearly,
}

impl Repeat {
    /// All of them, from often to seldom.
    pub const ALL: [Self; 7] = [
        Self::Daily,
        Self::Weekly,
        Self::Fortnightly,
        Self::Monthly,
        Self::MonthEnd,
        Self::Quarterly,
        Self::Yearly,
    ];

    /// The word by which forms and the interface name it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Fortnightly => "fortnightly",
            Self::Monthly => "monthly",
            Self::MonthEnd => "month-end",
            Self::Quarterly => "quarterly",
            Self::Yearly => "yearly",
        }
    }

    /// The one that a word names.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }

    /// The recurrence that begins on a day (days since 1970-01-01).
    ///
    /// # Errors
    /// A day beyond the years that recurrences have.
    pub fn from_day(self, day: i32, calendar: Calendar) -> Result<Recurrence, RecurrenceError> {
        let date = calendar.ymd(day);
        let (rule, every) = match self {
            Self::Daily => (Rule::Daily, 1),
            Self::Weekly => (Rule::Weekly(vec![Weekday::of(day)]), 1),
            Self::Fortnightly => (Rule::Weekly(vec![Weekday::of(day)]), 2),
            Self::Monthly => (Rule::MonthlyOnDay(date.day), 1),
            Self::MonthEnd => (Rule::MonthlyOnLastDay, 1),
            Self::Quarterly => (Rule::MonthlyOnDay(date.day), 3),
            Self::Yearly => (Rule::Yearly(date.month, date.day), 1),
        };
        Recurrence::new(day, calendar, rule, every, End::Never)
    }
}

#[cfg(test)]
mod tests {
    use peyvand_calendar::Calendar::{self, Gregorian, Jalali};

    use super::Repeat;

    /// The days after this one on which it comes again, as differences.
    fn next(repeat: Repeat, date: (i32, u8, u8), calendar: Calendar) -> Vec<i32> {
        let day = calendar.days(date.0, date.1, date.2).unwrap();
        let rule = repeat.from_day(day, calendar).unwrap();
        rule.occurrences(day + 1).take(3).map(|d| d - day).collect()
    }

    #[test]
    fn each_word_is_its_recurrence() {
        for (repeat, calendar, date, wanted) in [
            (Repeat::Daily, Jalali, (1405, 9, 1), [1, 2, 3]),
            (Repeat::Weekly, Jalali, (1405, 9, 1), [7, 14, 21]),
            (Repeat::Fortnightly, Gregorian, (2026, 11, 22), [14, 28, 42]),
            // Months of autumn have 30 days, Esfand 1405 has 29.
            (Repeat::Monthly, Jalali, (1405, 9, 1), [30, 60, 90]),
            (Repeat::Monthly, Gregorian, (2026, 1, 31), [28, 59, 89]),
            (Repeat::MonthEnd, Jalali, (1405, 10, 30), [30, 59, 90]),
            (Repeat::Quarterly, Gregorian, (2026, 1, 15), [90, 181, 273]),
            (Repeat::Yearly, Gregorian, (2024, 2, 29), [365, 730, 1095]),
        ] {
            assert_eq!(next(repeat, date, calendar), wanted, "{}", repeat.key());
        }
        for repeat in Repeat::ALL {
            assert_eq!(Repeat::of(repeat.key()), Some(repeat));
        }
        assert_eq!(Repeat::of("hourly"), None);
    }
}
