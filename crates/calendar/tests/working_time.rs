//! Working-time arithmetic: tables across every kind of gap, and its laws.

use std::sync::LazyLock;

use jiff::SignedDuration;
use peyvand_calendar::holidays::{Holiday, HolidayBook, HolidayKind, HolidayStatus};
use peyvand_calendar::hours::{Span, SpecialPeriod, WorkHours};
use peyvand_calendar::week::{Minute, WeekendRules};
use peyvand_calendar::work::{WorkCalendar, WorkError};
use peyvand_calendar::{Calendar, zone};
use proptest::prelude::*;

static IRAN: LazyLock<WorkCalendar> = LazyLock::new(WorkCalendar::iran);
/// Work at every moment, in the zone of Iran with its history.
static ALWAYS: LazyLock<WorkCalendar> = LazyLock::new(|| {
    let mut hours = WorkHours::iran();
    let all = vec![Span {
        start: Minute::new(0, 0).unwrap(),
        end: Minute::END,
    }];
    let rule = &mut hours.rules[0];
    for day in [
        &mut rule.saturday,
        &mut rule.sunday,
        &mut rule.monday,
        &mut rule.tuesday,
        &mut rule.wednesday,
        &mut rule.thursday,
        &mut rule.friday,
    ] {
        day.clone_from(&all);
    }
    let weekend = WeekendRules { rules: Vec::new() };
    WorkCalendar {
        zone: zone::tehran(),
        hours,
        weekend,
        holidays: HolidayBook::default(),
    }
});

fn day(year: i32, month: u8, of_month: u8) -> i32 {
    Calendar::Jalali.days(year, month, of_month).unwrap()
}

fn at((year, month, of_month): (i32, u8, u8), hour: i64, minute: i64) -> i64 {
    zone::instant(
        day(year, month, of_month),
        (hour * 60 + minute) * 60_000_000,
        &zone::tehran(),
    )
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[test]
fn hours_are_added_across_every_kind_of_gap() {
    let table = [
        // Within a day; from before work; from after work.
        (at((1405, 8, 30), 9, 0), 2, at((1405, 8, 30), 11, 0)),
        (at((1405, 8, 30), 3, 0), 9, at((1405, 8, 30), 17, 0)),
        (at((1405, 8, 30), 20, 0), 1, at((1405, 9, 1), 9, 0)),
        // Wednesday afternoon, half Thursday, Friday off.
        (at((1405, 8, 27), 16, 0), 8, at((1405, 8, 30), 10, 0)),
        // Thursday 28 Esfand 1404 noon: one hour, then Friday 29 Esfand, Nowruz to 4 Farvardin, then Wednesday.
        (at((1404, 12, 28), 12, 0), 8, at((1405, 1, 5), 15, 0)),
        // Tuesday before Tasua and Ashura of 1405 (Wednesday 3, Thursday 4 Tir), then Friday.
        (at((1405, 4, 2), 16, 0), 2, at((1405, 4, 6), 9, 0)),
        // Nothing added: the instant itself, on a Friday too.
        (at((1405, 8, 29), 12, 0), 0, at((1405, 8, 29), 12, 0)),
        // Backwards from Saturday morning into Thursday.
        (at((1405, 8, 30), 9, 0), -2, at((1405, 8, 28), 12, 0)),
    ];
    for (from, count, expected) in table {
        assert_eq!(IRAN.add_working(from, hours(count)), Ok(expected), "{count} h");
        if count > 0 {
            assert_eq!(IRAN.working_between(from, expected), Ok(hours(count)));
            assert_eq!(IRAN.working_between(expected, from), Ok(hours(-count)));
        }
    }
}

#[test]
fn days_on_which_the_clock_changed_have_their_true_length() {
    let length = |date: (i32, u8, u8)| {
        let start = zone::instant(day(date.0, date.1, date.2), 0, &ALWAYS.zone);
        let end = zone::instant(day(date.0, date.1, date.2) + 1, 0, &ALWAYS.zone);
        assert_eq!(
            ALWAYS.spans(day(date.0, date.1, date.2)).as_slice(),
            std::slice::from_ref(&(start..end))
        );
        ALWAYS.working_between(start, end).unwrap()
    };
    // Summer time began at the start of 2 Farvardin 1401 and ended at the end of 30 Shahrivar 1401.
    assert_eq!(length((1401, 1, 1)), hours(24));
    assert_eq!(length((1401, 1, 2)), hours(23));
    assert_eq!(length((1401, 6, 30)), hours(25));
    assert_eq!(length((1402, 1, 2)), hours(24));
    // Ordinary hours are not touched by it.
    assert_eq!(
        IRAN.working_between(at((1401, 6, 30), 0, 0), at((1401, 6, 31), 0, 0)),
        Ok(hours(9))
    );
}

#[test]
fn the_next_working_day() {
    assert_eq!(IRAN.next_working_day(day(1404, 12, 28)), Ok(day(1405, 1, 5)));
    assert_eq!(IRAN.next_working_day(day(1405, 8, 28)), Ok(day(1405, 8, 30)));
    assert_eq!(IRAN.next_working_day(day(1405, 8, 30)), Ok(day(1405, 9, 1)));
    assert!(!IRAN.is_working_day(day(1405, 8, 29)));
}

#[test]
fn special_hours_and_closures_change_the_answer() {
    let mut work = WorkCalendar::iran();
    // Ramadan 1447: 30 Bahman to 29 Esfand 1404, 09:00 to 14:00.
    work.hours.specials.push(SpecialPeriod {
        from: jiff::civil::date(2026, 2, 19),
        to: jiff::civil::date(2026, 3, 20),
        name_fa: "رمضان".to_owned(),
        name_en: "Ramadan".to_owned(),
        hours: vec![Span {
            start: Minute::new(9, 0).unwrap(),
            end: Minute::new(14, 0).unwrap(),
        }],
    });
    let monday = (1404, 12, 4);
    assert_eq!(
        work.add_working(at(monday, 8, 0), hours(6)),
        Ok(at((1404, 12, 5), 10, 0))
    );
    // The half Thursday ends earlier still.
    assert_eq!(
        work.working_between(at((1404, 12, 7), 0, 0), at((1404, 12, 8), 0, 0)),
        Ok(hours(4))
    );
    work.holidays.add(Holiday {
        days: day(1404, 12, 5),
        kind: HolidayKind::Closure,
        status: HolidayStatus::Confirmed,
        name_fa: "تعطیلی".to_owned(),
        name_en: "Closure".to_owned(),
        source: "test.example".to_owned(),
    });
    assert_eq!(
        work.add_working(at(monday, 8, 0), hours(6)),
        Ok(at((1404, 12, 6), 10, 0))
    );
}

#[test]
fn overlapping_and_inverted_spans_count_once_or_not_at_all() {
    let minute = |hour, minute| Minute::new(hour, minute).unwrap();
    let mut work = WorkCalendar::iran();
    work.hours.rules[0].saturday = vec![
        Span {
            start: minute(14, 0),
            end: minute(18, 0),
        },
        Span {
            start: minute(8, 0),
            end: minute(12, 0),
        },
        Span {
            start: minute(11, 0),
            end: minute(13, 0),
        },
        Span {
            start: minute(20, 0),
            end: minute(19, 0),
        },
    ];
    assert_eq!(work.spans(day(1405, 8, 30)).len(), 2);
    assert_eq!(
        work.working_between(at((1405, 8, 30), 0, 0), at((1405, 9, 1), 0, 0)),
        Ok(hours(9))
    );
}

#[test]
fn without_working_time_there_is_an_answer_and_it_is_no() {
    let mut work = WorkCalendar::iran();
    work.hours.rules.clear();
    assert_eq!(work.add_working(0, hours(1)), Err(WorkError::Missing));
    assert_eq!(work.add_working(0, SignedDuration::MAX), Err(WorkError::Missing));
    assert_eq!(work.next_working_day(0), Err(WorkError::Missing));
    assert_eq!(work.working_between(0, i64::MAX), Err(WorkError::TooLong));
    assert_eq!(
        IRAN.add_working(i64::MAX, hours(1)).map_err(|error| error.code()),
        Err("work-time-missing")
    );
}

/// 2020-01-01 to 2028-01-01 in microseconds.
fn instants() -> impl Strategy<Value = i64> {
    1_577_836_800_000_000_i64..1_830_297_600_000_000
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn adding_then_measuring_gives_the_duration_back(from in instants(), micros in 1_i64..2_000_000_000_000, always: bool) {
        let work: &WorkCalendar = if always { &ALWAYS } else { &IRAN };
        let duration = SignedDuration::from_micros(micros);
        let to = work.add_working(from, duration).unwrap();
        prop_assert!(to > from);
        prop_assert_eq!(work.working_between(from, to), Ok(duration));
        let back = work.add_working(to, -duration).unwrap();
        prop_assert!(back >= from);
        prop_assert_eq!(work.working_between(back, to), Ok(duration));
        if always {
            prop_assert_eq!(to - from, micros);
        }
    }

    #[test]
    fn more_time_never_ends_earlier(from in instants(), later in 0_i64..400_000_000_000, micros in 1_i64..400_000_000_000, more in 0_i64..400_000_000_000) {
        let add = |from, micros| IRAN.add_working(from, SignedDuration::from_micros(micros)).unwrap();
        prop_assert!(add(from, micros) <= add(from, micros + more));
        prop_assert!(add(from, micros) <= add(from + later, micros));
        // Adding in two steps is adding at once.
        if more > 0 {
            prop_assert_eq!(add(add(from, micros), more), add(from, micros + more));
        }
    }

    #[test]
    fn measures_add_up(from in instants(), a in 0_i64..4_000_000_000_000, b in 0_i64..4_000_000_000_000) {
        let between = |from, to| IRAN.working_between(from, to).unwrap();
        prop_assert_eq!(between(from, from + a) + between(from + a, from + a + b), between(from, from + a + b));
        prop_assert!(between(from, from + a) <= SignedDuration::from_micros(a));
    }
}
