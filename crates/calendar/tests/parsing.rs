//! Dates as people type them: tables of inputs in both languages, both calendars, any digits.

use peyvand_calendar::parse::{DateError, FieldOrder, ParseContext, parse_date, parse_datetime, parse_time};
use peyvand_calendar::{Calendar, Language, Part, Weekday, zone};

/// Sunday 1 Azar 1405 = 22 November 2026.
fn today() -> i32 {
    Calendar::Gregorian.days(2026, 11, 22).unwrap()
}

fn fa() -> ParseContext {
    ParseContext::new(today(), Language::Fa)
}

fn gregorian(text: &str) -> i32 {
    let parts: Vec<i32> = text.split('-').map(|part| part.parse().unwrap()).collect();
    Calendar::Gregorian
        .days(parts[0], parts[1] as u8, parts[2] as u8)
        .unwrap()
}

#[test]
fn every_listed_form_is_read_without_any_hint() {
    let table = [
        ("۱۴۰۵/۸/۳۰", "2026-11-21"),
        ("۱۴۰۵/۰۸/۳۰", "2026-11-21"),
        ("١٤٠٥/٨/٣٠", "2026-11-21"),
        ("1405-08-30", "2026-11-21"),
        ("1405.8.30", "2026-11-21"),
        ("۳۰/۸/۱۴۰۵", "2026-11-21"),
        ("14050830", "2026-11-21"),
        ("۳۰ آبان ۱۴۰۵", "2026-11-21"),
        ("۳۰ آبان\u{200c}ماه سال ۱۴۰۵", "2026-11-21"),
        ("شنبه ۳۰ آبان ۱۴۰۵", "2026-11-21"),
        ("شنبه، ۳۰ آبان ۰۵", "2026-11-21"),
        ("۳۰ آبان", "2026-11-21"),
        ("30 Aban 1405", "2026-11-21"),
        ("اول دی", "2026-12-22"),
        ("سی‌ام آبان", "2026-11-21"),
        ("بیست و یکم آبان ماه ۱۴۰۵", "2026-11-12"),
        ("سی و یکم شهریور", "2026-09-22"),
        ("سیزدهم فروردین", "2026-04-02"),
        ("آخر اسفند ۱۴۰۳", "2025-03-20"),
        ("امروز", "2026-11-22"),
        ("فردا", "2026-11-23"),
        ("پس‌فردا", "2026-11-24"),
        ("پس فردا", "2026-11-24"),
        ("پسفردا", "2026-11-24"),
        ("دیروز", "2026-11-21"),
        ("پریروز", "2026-11-20"),
        ("شنبه", "2026-11-28"),
        ("یک‌شنبه", "2026-11-22"),
        ("سه شنبه", "2026-11-24"),
        ("شنبه آینده", "2026-11-28"),
        ("شنبه‌ی آینده", "2026-11-28"),
        ("یکشنبه بعد", "2026-11-29"),
        ("شنبه بعد", "2026-11-28"),
        ("شنبه گذشته", "2026-11-21"),
        ("یکشنبه گذشته", "2026-11-15"),
        ("شنبه قبل", "2026-11-21"),
        ("اول ماه بعد", "2026-12-22"),
        ("اول ماه", "2026-11-22"),
        ("آخر ماه", "2026-12-21"),
        ("آخر این ماه", "2026-12-21"),
        ("آخر ماه قبل", "2026-11-21"),
        ("اول هفته بعد", "2026-11-28"),
        ("اول هفتهٔ بعد", "2026-11-28"),
        ("آخر هفته", "2026-11-27"),
        ("اول سال", "2026-03-21"),
        ("آخر سال", "2027-03-20"),
        ("اول فصل", "2026-09-23"),
        ("آخر سال مالی", "2027-03-20"),
        ("۳ روز دیگر", "2026-11-25"),
        ("سه روز دیگه", "2026-11-25"),
        ("۳ روز بعد", "2026-11-25"),
        ("۲ هفته پیش", "2026-11-08"),
        ("هفته بعد", "2026-11-29"),
        ("ماه بعد", "2026-12-22"),
        ("یک ماه دیگر", "2026-12-22"),
        ("next Tuesday", "2026-11-24"),
        ("last Sunday", "2026-11-15"),
        ("tomorrow", "2026-11-23"),
        ("the day after tomorrow", "2026-11-24"),
        ("2026-11-22", "2026-11-22"),
        ("۲۰۲۶-۱۱-۲۲", "2026-11-22"),
        ("22 Nov", "2026-11-22"),
        ("22nd of November", "2026-11-22"),
        ("Nov 22, 2026", "2026-11-22"),
        ("Sunday, 22 November 2026", "2026-11-22"),
        ("22-Nov-2026", "2026-11-22"),
        ("22 Nov 26", "2026-11-22"),
        ("۲۲ نوامبر ۲۰۲۶", "2026-11-22"),
        ("22/11/2026", "2026-11-22"),
        ("11/22/2026", "2026-11-22"),
        ("3/3/2026", "2026-03-03"),
        ("in 2 days", "2026-11-24"),
        ("a week ago", "2026-11-15"),
        ("end of next month", "2026-12-31"),
        ("first of next month", "2026-12-01"),
        ("last day of the month", "2026-11-30"),
        ("+3d", "2026-11-25"),
        ("-2w", "2026-11-08"),
        ("+1m", "2026-12-22"),
        ("+۳d", "2026-11-25"),
        ("\u{200f}۱۴۰۵/۸/۳۰\u{202c}", "2026-11-21"),
        ("𝟚𝟘𝟚𝟞-𝟙𝟙-𝟚𝟚", "2026-11-22"),
    ];
    for (text, expected) in table {
        let parsed = parse_date(text, &fa());
        assert_eq!(
            parsed.as_ref().map(|date| date.days),
            Ok(gregorian(expected)),
            "{text}: {parsed:?}"
        );
    }
}

#[test]
fn ambiguous_numbers_are_refused_with_their_readings() {
    let readings = |text: &str, context: ParseContext| match parse_date(text, &context) {
        Err(DateError::Ambiguous { readings }) => readings
            .into_iter()
            .map(|reading| {
                let at = Calendar::Gregorian.ymd(reading.days);
                format!("{}:{}-{}-{}", reading.calendar.key(), at.year, at.month, at.day)
            })
            .collect::<Vec<_>>(),
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(
        readings("03/04/2026", fa()),
        ["gregorian:2026-4-3", "gregorian:2026-3-4"]
    );
    assert_eq!(
        readings("05/8/30", fa()),
        [
            "jalali:2026-11-21",
            "gregorian:2030-8-5",
            "gregorian:2030-5-8",
            "gregorian:2005-8-30"
        ]
    );
    assert_eq!(
        readings("05/8/30", fa().with_order(FieldOrder::Dmy)),
        ["jalali:2026-11-21", "gregorian:2030-8-5"]
    );
    assert_eq!(
        readings("20-10-16", fa()),
        ["jalali:2042-1-5", "gregorian:2016-10-20", "gregorian:2020-10-16"]
    );
    assert_eq!(readings("8/5", fa()).len(), 3);
}

#[test]
fn a_stated_context_decides() {
    let read = |text: &str, context: ParseContext| parse_date(text, &context).map(|date| date.days);
    let english = ParseContext::new(today(), Language::En);
    assert_eq!(
        read("05/8/30", fa().with_calendar(Calendar::Jalali)),
        Ok(gregorian("2026-11-21"))
    );
    assert_eq!(
        read("8/30", fa().with_calendar(Calendar::Jalali)),
        Ok(gregorian("2026-11-21"))
    );
    assert_eq!(
        read("03/04/2026", english.with_order(FieldOrder::Dmy)),
        Ok(gregorian("2026-04-03"))
    );
    assert_eq!(
        read("03/04/2026", english.with_order(FieldOrder::Mdy)),
        Ok(gregorian("2026-03-04"))
    );
    assert_eq!(
        read("22/11/2026", english.with_order(FieldOrder::Mdy)),
        Ok(gregorian("2026-11-22"))
    );
    let european = english
        .with_calendar(Calendar::Gregorian)
        .with_order(FieldOrder::Dmy);
    assert_eq!(read("05/8/30", european), Ok(gregorian("2030-08-05")));
    // A month of 31 days and one of 30: the calendar of relative months.
    let end_of_summer = Calendar::Jalali.days(1405, 6, 31).unwrap();
    let at = ParseContext::new(end_of_summer, Language::Fa);
    assert_eq!(
        read("+1m", at),
        Calendar::Jalali.days(1405, 7, 30).map_err(Into::into)
    );
    assert_eq!(
        read(
            "+1m",
            ParseContext {
                language: Language::En,
                ..at
            }
        ),
        Ok(gregorian("2026-10-22"))
    );
    assert_eq!(
        read("اول ماه بعد", fa().with_calendar(Calendar::Gregorian)),
        Ok(gregorian("2026-12-01"))
    );
    let fiscal = ParseContext {
        fiscal_start: 7,
        ..fa()
    };
    assert_eq!(read("اول سال مالی", fiscal), Ok(gregorian("2026-09-23")));
}

#[test]
fn what_is_no_day_is_refused_with_its_reason() {
    let code = |text: &str| parse_date(text, &fa()).map_err(|error| error.code());
    for text in ["", "   ", "\u{200f}\u{200c}"] {
        assert_eq!(code(text), Err("date-empty"), "{text:?}");
    }
    for text in [
        "سلام",
        "hello",
        "1405",
        "آبان ۱۴۰۵",
        "1405//30",
        "12/2026",
        "3 days",
        "++3d",
        "%",
        "1/2/3/4",
        "-",
    ] {
        assert_eq!(code(text), Err("date-unrecognised"), "{text:?}");
    }
    for text in [
        "۱۴۰۵/۸/۳۱",
        "1405/13/01",
        "30 Esfand 1404",
        "2026-02-29",
        "31 Nov",
        "2026-00-10",
        "29 Feb 1000",
    ] {
        assert_eq!(code(text), Err("date-invalid"), "{text:?}");
    }
    match parse_date("30 اسفند 1404", &fa()) {
        Err(DateError::Invalid(error)) => {
            assert_eq!((error.part, error.value, error.max), (Part::Day, 30, 29));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        parse_date("جمعه ۳۰ آبان ۱۴۰۵", &fa()),
        Err(DateError::WeekdayMismatch {
            typed: Weekday::Friday,
            actual: Weekday::Saturday
        })
    );
    assert_eq!(code(&"1".repeat(4_000_000)), Err("date-unrecognised"));
    assert_eq!(code(&"1 ".repeat(2_000_000)), Err("date-too-long"));
}

#[test]
fn times_of_day() {
    let minutes = |text: &str| {
        parse_time(text)
            .map(|micros| micros / 60_000_000)
            .map_err(|error| error.code())
    };
    let table = [
        ("14:30", 870),
        ("ساعت ۱۴:۳۰", 870),
        ("۲:۳۰ بعدازظهر", 870),
        ("2:30 PM", 870),
        ("3pm", 900),
        ("۹ صبح", 540),
        ("۹ شب", 1260),
        ("۱۲ شب", 0),
        ("۲ شب", 120),
        ("12 am", 0),
        ("12 pm", 720),
        ("۱ ظهر", 780),
        ("ظهر", 720),
        ("noon", 720),
        ("نیمه‌شب", 0),
        ("ساعت ۷", 420),
        ("00:00:59", 0),
    ];
    for (text, expected) in table {
        assert_eq!(minutes(text), Ok(expected), "{text}");
    }
    for text in ["24:00", "12:60", "13 am", "7", "0 pm", "14:30 فردا", "10:00Z"] {
        assert_eq!(minutes(text), Err("time-invalid"), "{text}");
    }
    assert_eq!(parse_time("10:00:01.250"), Ok(36_001_250_000));
}

#[test]
fn dates_with_times_become_instants() {
    let tehran = zone::tehran();
    let at = |text: &str| parse_datetime(text, &fa(), &tehran).map(|at| at.micros / 1_000_000);
    // 2026-11-23 14:30 in Tehran is 11:00 UTC.
    let expected = i64::from(gregorian("2026-11-23")) * 86_400 + 11 * 3600;
    for text in [
        "فردا ساعت ۱۴:۳۰",
        "ساعت ۱۴:۳۰ فردا",
        "۱۴۰۵/۹/۲، ۱۴:۳۰",
        "۲ آذر ۱۴۰۵ ساعت ۲:۳۰ عصر",
        "tomorrow at 2:30pm",
        "2:30 pm tomorrow",
        "2026-11-23 14:30",
        "2026-11-23T14:30:00",
        "2026-11-23T11:00:00Z",
        "2026-11-23T11:00:00.000Z",
        "2026-11-23T14:30:00+03:30",
        "2026-11-23T06:00-05:00",
    ] {
        assert_eq!(at(text), Ok(expected), "{text}");
    }
    let day_only = parse_datetime("2026-11-23", &fa(), &tehran).unwrap();
    assert!(!day_only.has_time);
    assert_eq!(
        day_only.micros / 1_000_000,
        i64::from(gregorian("2026-11-23")) * 86_400 - 12_600
    );
    // Midnight of 2 Farvardin 1401 (2022-03-22) was skipped in Iran: the day began at 01:00 (+04:30).
    assert_eq!(at("1401/01/02 00:30"), Err(DateError::TimeSkipped));
    assert_eq!(
        at("1401/01/02"),
        Ok(i64::from(gregorian("2022-03-21")) * 86_400 + 20 * 3600 + 1800)
    );
    assert_eq!(at("2026-11-23 25:00"), Err(DateError::TimeInvalid));
}
