//! A recurrence in words.

use peyvand_numbers::{Digits, Language};

use super::{End, Recurrence, Rule};
use crate::format::{DateStyle, DateView, format_date_into, push_number};
use crate::names::{Weekday, month_name};
use crate::ymd::Calendar;

const NTH_FA: [&str; 5] = ["اولین", "دومین", "سومین", "چهارمین", "پنجمین"];
const NTH_EN: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

impl Recurrence {
    /// The recurrence in words: «اول هر ماه شمسی», "every 2 weeks on Saturday". Dates of the text are in the calendar of
    /// the recurrence.
    #[must_use]
    pub fn describe(&self, language: Language, digits: Digits) -> String {
        let mut out = String::with_capacity(64);
        let every = u64::from(self.every);
        let number = |out: &mut String, value: u64| push_number(out, value, digits);
        match language {
            Language::Fa => self.describe_fa(&mut out, every, digits),
            Language::En => self.describe_en(&mut out, every, digits),
        }
        match (self.end, language) {
            (End::Never, _) => {}
            (End::Until(day), _) => {
                out.push_str(if language == Language::Fa {
                    "، تا "
                } else {
                    ", until "
                });
                let view = DateView {
                    language,
                    calendar: self.calendar,
                    digits,
                };
                format_date_into(&mut out, day, DateStyle::Long, view);
            }
            (End::Count(count), Language::Fa) => {
                out.push_str("، ");
                number(&mut out, u64::from(count));
                out.push_str(" بار");
            }
            (End::Count(1), Language::En) => out.push_str(", once"),
            (End::Count(count), Language::En) => {
                out.push_str(", ");
                number(&mut out, u64::from(count));
                out.push_str(" times");
            }
        }
        out
    }

    fn describe_fa(&self, out: &mut String, every: u64, digits: Digits) {
        let interval = |out: &mut String, unit: &str| {
            out.push_str("هر ");
            if every > 1 {
                push_number(out, every, digits);
                out.push(' ');
            }
            out.push_str(unit);
        };
        let month = match self.calendar {
            Calendar::Jalali => "ماه شمسی",
            Calendar::Gregorian => "ماه میلادی",
        };
        match &self.rule {
            Rule::Daily => interval(out, "روز"),
            Rule::Weekly(weekdays) => {
                interval(out, "هفته، ");
                push_list(out, weekdays, Language::Fa);
            }
            Rule::MonthlyOnDay(1) => {
                out.push_str("اول ");
                interval(out, month);
            }
            Rule::MonthlyOnDay(day) => {
                out.push_str("روز ");
                push_number(out, u64::from(*day), digits);
                out.push(' ');
                interval(out, month);
            }
            Rule::MonthlyOnLastDay => {
                out.push_str("آخرین روز ");
                interval(out, month);
            }
            Rule::MonthlyOnWeekday(nth, weekday) => {
                out.push_str(nth_word(*nth, &NTH_FA, "آخرین"));
                out.push(' ');
                out.push_str(weekday.name(Language::Fa));
                // Every weekday ends in heh, which takes the hamza of ezafe: «شنبهٔ».
                out.push_str("ٔ ");
                interval(out, month);
            }
            Rule::Yearly(number, day) => {
                interval(out, "سال، ");
                push_number(out, u64::from(*day), digits);
                out.push(' ');
                out.push_str(month_name(self.calendar, *number, Language::Fa));
            }
        }
    }

    fn describe_en(&self, out: &mut String, every: u64, digits: Digits) {
        let interval = |out: &mut String, unit: &str| {
            out.push_str("every ");
            if every > 1 {
                push_number(out, every, digits);
                out.push(' ');
            }
            out.push_str(unit);
            if every > 1 {
                out.push('s');
            }
        };
        let month = match self.calendar {
            Calendar::Jalali => "Jalali month",
            Calendar::Gregorian => "month",
        };
        match &self.rule {
            Rule::Daily => interval(out, "day"),
            Rule::Weekly(weekdays) => {
                interval(out, "week");
                out.push_str(" on ");
                push_list(out, weekdays, Language::En);
            }
            Rule::MonthlyOnDay(1) => {
                out.push_str("the first of ");
                interval(out, month);
            }
            Rule::MonthlyOnDay(day) => {
                out.push_str("day ");
                push_number(out, u64::from(*day), digits);
                out.push_str(" of ");
                interval(out, month);
            }
            Rule::MonthlyOnLastDay => {
                out.push_str("the last day of ");
                interval(out, month);
            }
            Rule::MonthlyOnWeekday(nth, weekday) => {
                out.push_str("the ");
                out.push_str(nth_word(*nth, &NTH_EN, "last"));
                out.push(' ');
                out.push_str(weekday.name(Language::En));
                out.push_str(" of ");
                interval(out, month);
            }
            Rule::Yearly(number, day) => {
                interval(out, "year");
                out.push_str(" on ");
                push_number(out, u64::from(*day), digits);
                out.push(' ');
                out.push_str(month_name(self.calendar, *number, Language::En));
            }
        }
    }
}

fn nth_word(nth: i8, words: &[&'static str; 5], last: &'static str) -> &'static str {
    usize::try_from(nth)
        .ok()
        .and_then(|nth| words.get(nth.wrapping_sub(1)))
        .copied()
        .unwrap_or(last)
}

/// Weekdays joined as a sentence joins them.
fn push_list(out: &mut String, weekdays: &[Weekday], language: Language) {
    let (comma, and) = match language {
        Language::Fa => ("، ", " و "),
        Language::En => (", ", " and "),
    };
    for (index, weekday) in weekdays.iter().enumerate() {
        if index > 0 {
            out.push_str(if index + 1 == weekdays.len() { and } else { comma });
        }
        out.push_str(weekday.name(language));
    }
}
