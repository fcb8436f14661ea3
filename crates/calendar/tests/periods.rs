//! Named periods, quarters and fiscal years in both calendars.

use peyvand_calendar::Calendar;
use peyvand_calendar::fiscal::{PeriodName, month_of, period, quarter_of, year_of};
use proptest::prelude::*;

fn jalali(year: i32, month: u8, day: u8) -> i32 {
    Calendar::Jalali.days(year, month, day).unwrap()
}

fn gregorian(year: i32, month: u8, day: u8) -> i32 {
    Calendar::Gregorian.days(year, month, day).unwrap()
}

#[test]
fn named_periods() {
    use PeriodName as P;
    // Sunday 1 Azar 1405 = 22 November 2026.
    let today = jalali(1405, 9, 1);
    let table = [
        (P::Today, Calendar::Jalali, 1, today..today + 1),
        (P::Yesterday, Calendar::Jalali, 1, today - 1..today),
        (P::Tomorrow, Calendar::Jalali, 1, today + 1..today + 2),
        (P::ThisWeek, Calendar::Jalali, 1, today - 1..today + 6),
        (P::LastWeek, Calendar::Jalali, 1, today - 8..today - 1),
        // Sunday ends a week that began on Monday.
        (P::ThisWeek, Calendar::Gregorian, 1, today - 6..today + 1),
        (P::NextWeek, Calendar::Gregorian, 1, today + 1..today + 8),
        (
            P::ThisMonth,
            Calendar::Jalali,
            1,
            jalali(1405, 9, 1)..jalali(1405, 10, 1),
        ),
        (
            P::ThisMonth,
            Calendar::Gregorian,
            1,
            gregorian(2026, 11, 1)..gregorian(2026, 12, 1),
        ),
        (
            P::LastMonth,
            Calendar::Jalali,
            1,
            jalali(1405, 8, 1)..jalali(1405, 9, 1),
        ),
        (
            P::NextMonth,
            Calendar::Gregorian,
            1,
            gregorian(2026, 12, 1)..gregorian(2027, 1, 1),
        ),
        (
            P::ThisQuarter,
            Calendar::Jalali,
            1,
            jalali(1405, 7, 1)..jalali(1405, 10, 1),
        ),
        (
            P::LastQuarter,
            Calendar::Gregorian,
            1,
            gregorian(2026, 7, 1)..gregorian(2026, 10, 1),
        ),
        (
            P::NextQuarter,
            Calendar::Jalali,
            1,
            jalali(1405, 10, 1)..jalali(1406, 1, 1),
        ),
        (
            P::ThisYear,
            Calendar::Jalali,
            7,
            jalali(1405, 1, 1)..jalali(1406, 1, 1),
        ),
        (
            P::LastYear,
            Calendar::Jalali,
            1,
            jalali(1404, 1, 1)..jalali(1405, 1, 1),
        ),
        (
            P::NextYear,
            Calendar::Gregorian,
            1,
            gregorian(2027, 1, 1)..gregorian(2028, 1, 1),
        ),
        (
            P::ThisFiscalYear,
            Calendar::Jalali,
            7,
            jalali(1405, 7, 1)..jalali(1406, 7, 1),
        ),
        (
            P::ThisFiscalYear,
            Calendar::Jalali,
            10,
            jalali(1404, 10, 1)..jalali(1405, 10, 1),
        ),
        (
            P::LastFiscalYear,
            Calendar::Gregorian,
            4,
            gregorian(2025, 4, 1)..gregorian(2026, 4, 1),
        ),
        (
            P::ThisFiscalQuarter,
            Calendar::Jalali,
            2,
            jalali(1405, 8, 1)..jalali(1405, 11, 1),
        ),
        (
            P::LastFiscalQuarter,
            Calendar::Jalali,
            2,
            jalali(1405, 5, 1)..jalali(1405, 8, 1),
        ),
        (P::YearToDate, Calendar::Jalali, 1, jalali(1405, 1, 1)..today + 1),
        (
            P::MonthToDate,
            Calendar::Gregorian,
            1,
            gregorian(2026, 11, 1)..today + 1,
        ),
    ];
    for (name, calendar, start, expected) in table {
        assert_eq!(
            period(name, calendar, today, start),
            expected,
            "{name:?} {calendar:?}"
        );
    }
    // From the last day of a long month, the month before is still the month before.
    assert_eq!(
        period(P::LastMonth, Calendar::Gregorian, gregorian(2026, 3, 31), 1),
        gregorian(2026, 2, 1)..gregorian(2026, 3, 1)
    );
    assert_eq!(
        serde_json::to_string(&P::ThisFiscalYear).unwrap(),
        "\"this-fiscal-year\""
    );
}

proptest! {
    #[test]
    fn buckets_hold_their_day_and_tile(day in -200_000_i32..200_000, start in 1_u8..=12, jalali: bool) {
        let calendar = if jalali { Calendar::Jalali } else { Calendar::Gregorian };
        let (month, quarter, year) =
            (month_of(calendar, day), quarter_of(calendar, day, start), year_of(calendar, day, start));
        for range in [&month, &quarter, &year] {
            prop_assert!(range.contains(&day));
            prop_assert_eq!(calendar.ymd(range.start).day, 1);
        }
        prop_assert_eq!(month_of(calendar, month.end).start, month.end);
        prop_assert_eq!(quarter_of(calendar, quarter.end, start).start, quarter.end);
        prop_assert_eq!(year_of(calendar, year.end, start).start, year.end);
        prop_assert!(year.start <= quarter.start && quarter.end <= year.end);
        prop_assert!(quarter.start <= month.start && month.end <= quarter.end);
        prop_assert!((365..=366).contains(&(year.end - year.start)));
    }
}
