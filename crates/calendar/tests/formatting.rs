//! Dates, times and distances as readers see them.

use icu::calendar::Date;
use icu::calendar::cal::{Gregorian, Persian};
use icu::datetime::{FixedCalendarDateTimeFormatter, fieldsets};
use icu::locale::locale;
use peyvand_calendar::format::{
    DateStyle, DateView, TimeStyle, format_date, format_date_into, format_instant,
};
use peyvand_calendar::names::month_name;
use peyvand_calendar::relative::{relative, relative_day};
use peyvand_calendar::{Calendar, Digits, Language, Weekday, zone};

fn day(year: i32, month: u8, day: u8) -> i32 {
    Calendar::Gregorian.days(year, month, day).unwrap()
}

const FA_GREGORIAN: DateView = DateView {
    language: Language::Fa,
    calendar: Calendar::Gregorian,
    digits: Digits::Persian,
};
const EN_JALALI: DateView = DateView {
    language: Language::En,
    calendar: Calendar::Jalali,
    digits: Digits::Latin,
};

#[test]
fn every_style_in_every_combination() {
    let at = day(2026, 11, 21);
    let table = [
        (DateView::FA, DateStyle::Short, "۱۴۰۵/۰۸/۳۰"),
        (DateView::FA, DateStyle::Long, "۳۰ آبان ۱۴۰۵"),
        (DateView::FA, DateStyle::LongWeekday, "شنبه ۳۰ آبان ۱۴۰۵"),
        (DateView::FA, DateStyle::DayMonth, "۳۰ آبان"),
        (DateView::FA, DateStyle::MonthYear, "آبان ۱۴۰۵"),
        (DateView::EN, DateStyle::Short, "2026-11-21"),
        (DateView::EN, DateStyle::Long, "21 November 2026"),
        (DateView::EN, DateStyle::LongWeekday, "Saturday 21 November 2026"),
        (DateView::EN, DateStyle::DayMonth, "21 November"),
        (DateView::EN, DateStyle::MonthYear, "November 2026"),
        (FA_GREGORIAN, DateStyle::Short, "۲۰۲۶/۱۱/۲۱"),
        (FA_GREGORIAN, DateStyle::Long, "۲۱ نوامبر ۲۰۲۶"),
        (FA_GREGORIAN, DateStyle::MonthYear, "نوامبر ۲۰۲۶"),
        (EN_JALALI, DateStyle::Short, "1405/08/30"),
        (EN_JALALI, DateStyle::Long, "30 Aban 1405"),
        (EN_JALALI, DateStyle::LongWeekday, "Saturday 30 Aban 1405"),
        (
            DateView {
                digits: Digits::Latin,
                ..DateView::FA
            },
            DateStyle::Long,
            "30 آبان 1405",
        ),
    ];
    for (view, style, expected) in table {
        assert_eq!(format_date(at, style, view), expected);
    }
    assert_eq!(
        format_date(day(2025, 3, 21), DateStyle::Short, DateView::FA),
        "۱۴۰۴/۰۱/۰۱"
    );
    assert_eq!(
        format_date(day(12, 3, 4), DateStyle::Short, DateView::EN),
        "0012-03-04"
    );
    assert_eq!(
        format_date(day(-12, 3, 4), DateStyle::Short, DateView::EN),
        "-0012-03-04"
    );
    assert_eq!(
        format_date(day(12345, 3, 4), DateStyle::Short, DateView::EN),
        "12345-03-04"
    );
}

#[test]
fn formatting_appends() {
    let mut out = String::from("تاریخ: ");
    format_date_into(&mut out, day(2026, 11, 21), DateStyle::Short, DateView::FA);
    assert_eq!(out, "تاریخ: ۱۴۰۵/۰۸/۳۰");
}

#[test]
fn instants_in_a_zone() {
    let tehran = zone::tehran();
    let at = i64::from(day(2026, 11, 21)) * 86_400_000_000 + (11 * 3600 + 5) * 1_000_000;
    let show = |style, time, view| format_instant(at, style, time, view, &tehran);
    assert_eq!(
        show(DateStyle::Short, TimeStyle::Minutes, DateView::FA),
        "۱۴۰۵/۰۸/۳۰ ۱۴:۳۰"
    );
    assert_eq!(
        show(DateStyle::Long, TimeStyle::Minutes, DateView::FA),
        "۳۰ آبان ۱۴۰۵، ساعت ۱۴:۳۰"
    );
    assert_eq!(
        show(DateStyle::Long, TimeStyle::Seconds, DateView::EN),
        "21 November 2026, 14:30:05"
    );
    let utc = format_instant(
        at,
        DateStyle::Short,
        TimeStyle::Minutes,
        DateView::EN,
        &jiff::tz::TimeZone::UTC,
    );
    assert_eq!(utc, "2026-11-21 11:00");
    // 20:45 UTC is the next day in Tehran; in the summer of 1400 the clock was an hour ahead.
    let late = i64::from(day(2026, 11, 21)) * 86_400_000_000 + (20 * 60 + 45) * 60_000_000;
    assert_eq!(
        format_instant(late, DateStyle::Short, TimeStyle::Minutes, DateView::FA, &tehran),
        "۱۴۰۵/۰۹/۰۱ ۰۰:۱۵"
    );
    let summer = i64::from(day(2021, 7, 1)) * 86_400_000_000;
    assert_eq!(
        format_instant(
            summer,
            DateStyle::Short,
            TimeStyle::Minutes,
            DateView::EN,
            &tehran
        ),
        "2021-07-01 04:30"
    );
}

#[test]
fn distances_from_now() {
    let tehran = zone::tehran();
    // 2026-11-22 10:00 in Tehran.
    let now = i64::from(day(2026, 11, 22)) * 86_400_000_000 + (6 * 60 + 30) * 60_000_000;
    let minute = 60_000_000;
    let table = [
        (0, "هم\u{200c}اکنون", "just now"),
        (-59 * 1_000_000, "هم\u{200c}اکنون", "just now"),
        (-minute, "۱ دقیقه پیش", "1 minute ago"),
        (25 * minute, "۲۵ دقیقه دیگر", "in 25 minutes"),
        (-180 * minute, "۳ ساعت پیش", "3 hours ago"),
        (-11 * 60 * minute, "۱۱ ساعت پیش", "11 hours ago"),
        (-13 * 60 * minute, "دیروز", "yesterday"),
        (13 * 60 * minute, "۱۳ ساعت دیگر", "in 13 hours"),
        (24 * 60 * minute, "فردا", "tomorrow"),
        (48 * 60 * minute, "پس\u{200c}فردا", "in 2 days"),
        (-48 * 60 * minute, "پریروز", "2 days ago"),
        (-6 * 1440 * minute, "۶ روز پیش", "6 days ago"),
        (7 * 1440 * minute, "۱ هفته دیگر", "in 1 week"),
        (-21 * 1440 * minute, "۳ هفته پیش", "3 weeks ago"),
        (-365 * 1440 * minute, "۱ سال پیش", "1 year ago"),
    ];
    for (distance, fa, en) in table {
        assert_eq!(relative(now + distance, now, DateView::FA, &tehran), fa);
        assert_eq!(relative(now + distance, now, DateView::EN, &tehran), en);
    }
    let today = day(2026, 11, 22);
    assert_eq!(relative_day(today, today, DateView::FA), "امروز");
    // Whole months are of the view's calendar: 31 days from 1 Mehr is one Jalali month, 30 days from 1 Farvardin is not.
    let start = Calendar::Jalali.days(1405, 1, 1).unwrap();
    assert_eq!(relative_day(start + 30, start, DateView::FA), "۴ هفته دیگر");
    assert_eq!(relative_day(start + 31, start, DateView::FA), "۱ ماه دیگر");
    assert_eq!(relative_day(start, start + 400, DateView::EN), "1 year ago");
}

#[test]
fn names_equal_those_of_icu() {
    let rata = |days: i32| Date::try_new_iso(1970, 1, 1).unwrap().to_rata_die() + i64::from(days);
    for (language, tag) in [(Language::Fa, locale!("fa")), (Language::En, locale!("en"))] {
        let jalali =
            FixedCalendarDateTimeFormatter::<Persian, _>::try_new((&tag).into(), fieldsets::M::long())
                .unwrap();
        let gregorian =
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&tag).into(), fieldsets::M::long())
                .unwrap();
        let weekday =
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new((&tag).into(), fieldsets::E::long())
                .unwrap();
        for month in 1..=12 {
            let at = rata(Calendar::Jalali.days(1405, month, 1).unwrap());
            let theirs = jalali
                .format(&Date::from_rata_die(at, Persian::new()))
                .to_string();
            assert_eq!(month_name(Calendar::Jalali, month, language), theirs);
            let at = rata(Calendar::Gregorian.days(2026, month, 1).unwrap());
            let theirs = gregorian.format(&Date::from_rata_die(at, Gregorian)).to_string();
            assert_eq!(month_name(Calendar::Gregorian, month, language), theirs);
        }
        for days in 0..7 {
            let theirs = weekday
                .format(&Date::from_rata_die(rata(days), Gregorian))
                .to_string();
            assert_eq!(Weekday::of(days).name(language), theirs);
        }
    }
}
