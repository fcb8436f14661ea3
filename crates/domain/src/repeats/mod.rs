//! Repeating, as people say it: every day, every week, every month; the stored recurrence follows from the day of the
//! activity and the calendar of the person.

mod words;

use peyvand_calendar::Calendar;
use peyvand_calendar::names::Weekday;
use peyvand_calendar::recur::{End, Recurrence, RecurrenceError, RecurrenceUnreadable, Rule};

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

/// Why something cannot repeat as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRepeating {
    /// Neither a word nor a rule.
    #[error(transparent)]
    Unreadable(#[from] RecurrenceUnreadable),
    /// The rule has no day from the activity's own on: it ends before.
    #[error("recurrence-over")]
    Over,
}

/// The recurrence that a text asks for, for an activity on a day (days since 1970-01-01) of a person's calendar: a word of
/// [`Repeat`]; words of Persian or English («هر دو ماه», "every 2 weeks on Monday"); a whole rule, which stays as it is; or a rule that leaves parts out, which follow from the day
/// ([`Recurrence::from_rule`]). A rule that differs from the one that the activity has in nothing but its end goes on being
/// counted from where that one began; and every year goes on to be on its day as long as the activity is on it, though
/// that be a 28 February which stands for a 29th.
///
/// # Errors
/// [`NotRepeating`].
pub fn asked(
    text: &str,
    day: i32,
    calendar: Calendar,
    before: Option<&Recurrence>,
) -> Result<Recurrence, NotRepeating> {
    let unreadable = |e: RecurrenceError| NotRepeating::Unreadable(e.into());
    if let Ok(whole) = text.parse() {
        return Ok(whole);
    }
    if let Some(word) = Repeat::of(text) {
        return word.from_day(day, calendar).map_err(unreadable);
    }
    let said = words::rule_of(text);
    let text = said.as_deref().unwrap_or_else(|| text.trim());
    // So do files of calendars write it (RFC 5545).
    let text = text.strip_prefix("RRULE:").unwrap_or(text);
    let mut rule = Recurrence::from_rule(text, day, calendar)?;
    if let Some(before) = before.filter(|b| b.calendar() == rule.calendar()) {
        let on_its_day = matches!((before.rule(), rule.rule()), (Rule::Yearly(..), Rule::Yearly(..)))
            && !text.contains("BYMONTH=")
            && before.occurrences(day).next() == Some(day);
        let days = if on_its_day { before.rule() } else { rule.rule() }.clone();
        let start = if (&days, rule.every()) == (before.rule(), before.every()) {
            before.start()
        } else {
            day
        };
        rule = Recurrence::new(start, rule.calendar(), days, rule.every(), rule.end()).map_err(unreadable)?;
    }
    if rule.occurrences(day).next().is_none() {
        return Err(NotRepeating::Over);
    }
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use peyvand_calendar::Calendar::{self, Gregorian, Jalali};

    use super::{NotRepeating, Repeat, asked};

    #[test]
    fn a_rule_takes_what_it_leaves_out_from_the_day() {
        // Saturday, 7 Azar 1405, which is 28 November 2026.
        let day = Jalali.days(1405, 9, 7).unwrap();
        for (text, wanted) in [
            ("FREQ=DAILY;INTERVAL=3", "RSCALE=PERSIAN;FREQ=DAILY;INTERVAL=3"),
            ("FREQ=WEEKLY", "RSCALE=PERSIAN;FREQ=WEEKLY;INTERVAL=1;BYDAY=SA"),
            (
                "FREQ=WEEKLY;BYDAY=MO,SA",
                "RSCALE=PERSIAN;FREQ=WEEKLY;INTERVAL=1;BYDAY=SA,MO",
            ),
            (
                "FREQ=MONTHLY",
                "RSCALE=PERSIAN;FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=7",
            ),
            (
                "RSCALE=GREGORIAN;FREQ=MONTHLY",
                "RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28",
            ),
            (
                "FREQ=YEARLY",
                "RSCALE=PERSIAN;FREQ=YEARLY;INTERVAL=1;BYMONTH=9;BYMONTHDAY=7",
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR",
                "RSCALE=PERSIAN;FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR",
            ),
        ] {
            let rule = asked(text, day, Jalali, None).unwrap();
            assert_eq!(
                rule.to_string(),
                format!("DTSTART=20261128;{wanted};SKIP=BACKWARD;WKST=SA")
            );
        }
        for wrong in [
            "",
            "x",
            "FREQ=HOURLY",
            "FREQ=WEEKLY;BYDAY=",
            "FREQ=DAILY;INTERVAL=0",
            "INTERVAL=2",
        ] {
            let refused = asked(wrong, day, Jalali, None);
            assert!(
                matches!(refused, Err(NotRepeating::Unreadable(_))),
                "{wrong}: {refused:?}"
            );
        }
        assert_eq!(
            asked("FREQ=DAILY;UNTIL=20261127", day, Jalali, None),
            Err(NotRepeating::Over)
        );
        assert!(asked("FREQ=DAILY;UNTIL=20261128", day, Jalali, None).is_ok());
    }

    #[test]
    fn another_end_is_counted_from_the_same_beginning() {
        let day = Jalali.days(1405, 9, 7).unwrap();
        let before = asked("FREQ=WEEKLY;COUNT=10", day, Jalali, None).unwrap();
        let later = day + 21;
        let longer = asked("FREQ=WEEKLY;BYDAY=SA;COUNT=12", later, Jalali, Some(&before)).unwrap();
        assert_eq!((longer.start(), longer.occurrences(later).count()), (day, 9));
        let other = asked(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;COUNT=12",
            later,
            Jalali,
            Some(&before),
        )
        .unwrap();
        assert_eq!((other.start(), other.occurrences(later).count()), (later, 12));
    }

    #[test]
    fn every_year_stays_on_its_day() {
        // 30 Esfand 1403 comes as the 29th in 1404.
        let (leap, common) = (
            Jalali.days(1403, 12, 30).unwrap(),
            Jalali.days(1404, 12, 29).unwrap(),
        );
        let before = asked("FREQ=YEARLY", leap, Jalali, None).unwrap();
        let kept = asked("FREQ=YEARLY;COUNT=5", common, Jalali, Some(&before)).unwrap();
        assert!(kept.to_string().contains("BYMONTHDAY=30"), "{kept}");
        let moved = asked("FREQ=YEARLY", common - 3, Jalali, Some(&before)).unwrap();
        assert!(moved.to_string().contains("BYMONTHDAY=26"), "{moved}");
    }

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
