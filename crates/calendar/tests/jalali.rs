//! The Jalali calendar against the table of the Iranian calendar authority, ICU4X and known pairs.

use icu::calendar::Date;
use icu::calendar::cal::Persian;
use peyvand_calendar::{Calendar, Jalali, Part, Weekday, jalali, zone};

#[test]
fn equals_the_official_table_in_both_directions() {
    let mut rows = 0;
    for line in include_str!("data/kabise.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let (year, nowruz) = line.split_once(' ').unwrap();
        let leap = year.ends_with('*');
        let year: i32 = year.trim_end_matches('*').parse().unwrap();
        let nowruz = zone::from_civil_date(nowruz.trim().parse().unwrap());
        assert_eq!(jalali::is_leap(year), leap, "{year}");
        assert_eq!(jalali::month_length(year, 12), if leap { 30 } else { 29 });
        assert_eq!(Jalali::new(year, 1, 1).unwrap().to_days(), nowruz, "{year}");
        assert_eq!(
            Jalali::from_days(nowruz),
            Jalali {
                year,
                month: 1,
                day: 1
            }
        );
        let last = Jalali::from_days(nowruz - 1);
        assert_eq!((last.year, last.month), (year - 1, 12));
        rows += 1;
    }
    assert_eq!(rows, 293);
}

#[test]
fn equals_icu_for_every_day_of_1206_to_1498() {
    let first = Calendar::Jalali.days(1206, 1, 1).unwrap();
    let last = Calendar::Jalali.days(1498, 12, 30).unwrap();
    let start = zone::to_civil_date(first).unwrap();
    let iso = Date::try_new_iso(
        i32::from(start.year()),
        start.month().unsigned_abs(),
        start.day().unsigned_abs(),
    )
    .unwrap();
    let epoch = iso.to_rata_die();
    for days in first..=last {
        let rata_die = epoch + i64::from(days - first);
        let theirs = Date::from_rata_die(rata_die, Persian::new());
        let ours = Jalali::from_days(days);
        assert_eq!(
            (ours.year, ours.month, ours.day),
            (
                theirs.year().extended_year(),
                theirs.month().ordinal,
                theirs.day_of_month().0
            )
        );
        assert_eq!(ours.to_days(), days);
        assert_eq!(ours.day_of_year(), theirs.day_of_year().0);
    }
    assert_eq!(last - first + 1, 107_016);
}

#[test]
fn known_pairs() {
    for (gregorian, shamsi) in [
        ((1981, 8, 17), (1360, 5, 26)),
        ((2013, 1, 10), (1391, 10, 21)),
        ((2014, 8, 4), (1393, 5, 13)),
        ((2016, 4, 11), (1395, 1, 23)),
        ((2025, 3, 20), (1403, 12, 30)),
        ((2025, 3, 21), (1404, 1, 1)),
        ((2026, 11, 21), (1405, 8, 30)),
    ] {
        let days = Calendar::Gregorian
            .days(gregorian.0, gregorian.1, gregorian.2)
            .unwrap();
        let at = Jalali::from_days(days);
        assert_eq!((at.year, at.month, at.day), shamsi);
        assert_eq!(Calendar::Jalali.days(shamsi.0, shamsi.1, shamsi.2), Ok(days));
    }
    // Julian day number 2457490 begins at noon of 1395/01/23; 1970-01-01 is 2440588.
    assert_eq!(Calendar::Jalali.days(1395, 1, 23).unwrap() + 2_440_588, 2_457_490);
    let day = Calendar::Jalali.days(1400, 4, 30).unwrap();
    let week = peyvand_calendar::fiscal::week_of(day, Weekday::Saturday);
    assert_eq!(week.start, Calendar::Jalali.days(1400, 4, 26).unwrap());
    assert_eq!(week.end - 1, Calendar::Jalali.days(1400, 5, 1).unwrap());
}

#[test]
fn the_2820_year_cycle_is_not_used() {
    for (leap, common) in [
        (1210, 1209),
        (1243, 1242),
        (1403, 1404),
        (1436, 1437),
        (1469, 1470),
    ] {
        assert!(jalali::is_leap(leap), "{leap}");
        assert!(!jalali::is_leap(common), "{common}");
    }
}

#[test]
fn the_whole_typed_range_round_trips_and_both_calendars_are_continuous() {
    for calendar in [Calendar::Jalali, Calendar::Gregorian] {
        let first = Calendar::Jalali.days(1178, 1, 1).unwrap();
        let last = Calendar::Jalali.days(1633, 12, 29).unwrap();
        let mut previous = calendar.ymd(first - 1);
        for days in first..=last {
            let at = calendar.ymd(days);
            assert_eq!(calendar.days(at.year, at.month, at.day), Ok(days));
            assert!(at > previous, "{at:?}");
            if at.day == 1 {
                assert_eq!(previous.day, calendar.month_length(previous.year, previous.month));
            } else {
                assert_eq!(at.day, previous.day + 1);
            }
            previous = at;
        }
    }
}

#[test]
fn the_gregorian_view_equals_jiff() {
    for days in (-4_371_000..2_932_000).step_by(97) {
        let theirs = zone::to_civil_date(days).unwrap();
        let epoch = jiff::civil::date(1970, 1, 1);
        assert_eq!(theirs.duration_since(epoch).as_hours(), i64::from(days) * 24);
        assert_eq!(zone::from_civil_date(theirs), days);
    }
}

#[test]
fn ends_of_the_range_have_a_view() {
    for calendar in [Calendar::Jalali, Calendar::Gregorian] {
        for days in [i32::MIN, i32::MAX] {
            let at = calendar.ymd(days);
            assert!(
                (1..=12).contains(&at.month) && (1..=31).contains(&at.day),
                "{at:?}"
            );
            let _ = (
                calendar.month_start(days),
                calendar.add_months(days, i32::MAX),
                calendar.year_start(days),
            );
        }
    }
    assert_eq!(
        Jalali::from_days(Jalali::from_days(i32::MAX).to_days()),
        Jalali::from_days(i32::MAX)
    );
}

#[test]
fn dates_that_do_not_exist_are_refused() {
    for (year, month, day, part) in [
        (1404, 12, 30, Part::Day),
        (1405, 7, 31, Part::Day),
        (1405, 1, 0, Part::Day),
        (1405, 0, 1, Part::Month),
        (1405, 13, 1, Part::Month),
        (1_000_000, 1, 1, Part::Year),
    ] {
        assert_eq!(
            Jalali::new(year, month, day).map_err(|error| error.part),
            Err(part)
        );
    }
    assert!(Jalali::new(1403, 12, 30).is_ok());
}

#[test]
fn the_zone_of_iran_has_its_history() {
    let tehran = zone::tehran();
    let offset = |year, month, day| {
        let days = Calendar::Gregorian.days(year, month, day).unwrap();
        zone::offset_micros(&tehran, zone::instant(days, 12 * 3_600_000_000, &tehran)) / 60_000_000
    };
    assert_eq!(offset(2021, 7, 1), 270);
    assert_eq!(offset(2022, 9, 21), 270);
    assert_eq!(offset(2022, 9, 22), 210);
    assert_eq!(offset(2026, 7, 1), 210);
}
