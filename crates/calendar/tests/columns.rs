//! Deciding the format of a column, reading with it, storing its key.

use peyvand_calendar::column::guess_column;
use peyvand_calendar::date_format::parse_with;
use peyvand_calendar::{Calendar, DateFormat, zone};
use proptest::prelude::*;

fn survivors(samples: &[&str]) -> Vec<String> {
    guess_column(samples, Calendar::Gregorian)
        .survivors
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_column_is_decided_or_asked() {
    let table: [(&[&str], &[&str]); 15] = [
        (&["2009-12-01 07:45:00"], &["gregorian:yyyy-mm-dd hh:mm"]),
        (
            &["12/1/2009 7:45", "12/13/2009 18:05"],
            &["gregorian:mm-dd-yyyy hh:mm"],
        ),
        (
            &["12/1/2009 7:45"],
            &["gregorian:dd-mm-yyyy hh:mm", "gregorian:mm-dd-yyyy hh:mm"],
        ),
        (
            &["12/1/2009 7:45 AM", "3/31/2010 12:00:05 pm"],
            &["gregorian:mm-dd-yyyy hh:mm am"],
        ),
        (
            &["2026-11-22T10:00:00Z", "2026-11-22T13:30:00.5+03:30"],
            &["gregorian:yyyy-mm-dd hh:mm zone"],
        ),
        (&["2026-11-22", "", "  ", "2026-1-2"], &["gregorian:yyyy-mm-dd"]),
        (&["20261122"], &["gregorian:yyyymmdd"]),
        (&["۱۴۰۵۰۸۳۰"], &["jalali:yyyymmdd"]),
        (&["۱۴۰۵/۰۸/۳۰ ۱۴:۳۰"], &["jalali:yyyy-mm-dd hh:mm"]),
        (&["30/08/1405"], &["jalali:dd-mm-yyyy"]),
        (&["22-Nov-2026", "1 December 2026"], &["gregorian:dd-mmm-yyyy"]),
        (&["۳۰ آبان ۱۴۰۵"], &["jalali:dd-mmm-yyyy"]),
        (&["Nov 22, 2026"], &["gregorian:mmm-dd-yyyy"]),
        (
            &["20-10-16"],
            &["gregorian:yy-mm-dd", "gregorian:dd-mm-yy", "jalali:yy-mm-dd"],
        ),
        (&["2026-11-22", "n/a"], &[]),
    ];
    for (samples, expected) in table {
        assert_eq!(survivors(samples), expected, "{samples:?}");
    }
}

/// Where the firm reckons by the Jalali calendar, a birthday such as 12/05/60 is not taken for one in 2060 without asking.
#[test]
fn a_short_jalali_date_may_begin_with_its_day_at_home() {
    let samples = ["12/05/60", "29/12/70"];
    let keys = |home| -> Vec<String> {
        let guess = guess_column(&samples, home);
        guess.survivors.iter().map(ToString::to_string).collect()
    };
    assert_eq!(keys(Calendar::Gregorian), ["gregorian:dd-mm-yy"]);
    assert_eq!(keys(Calendar::Jalali), ["gregorian:dd-mm-yy", "jalali:dd-mm-yy"]);
    let jalali: DateFormat = "jalali:dd-mm-yy".parse().unwrap();
    let day = parse_with(&jalali, samples[0]).unwrap().days;
    assert_eq!(day, Calendar::Gregorian.days(1981, 8, 3).unwrap());
    // The thirty-first of a twelfth month is no Jalali day.
    let only = guess_column(&["31/12/26", "13/02/99"], Calendar::Jalali);
    assert_eq!(
        only.decided().map(|f| f.to_string()).as_deref(),
        Some("gregorian:dd-mm-yy")
    );
}

#[test]
fn every_short_date_of_a_year_stays_ambiguous_until_asked() {
    let first = Calendar::Gregorian.days(2016, 10, 20).unwrap();
    let last = Calendar::Gregorian.days(2017, 12, 31).unwrap();
    let cells: Vec<String> = (first..=last)
        .map(|days| Calendar::Gregorian.ymd(days))
        .map(|at| format!("{:02}-{:02}-{:02}", at.day, at.month, at.year % 100))
        .collect();
    let samples: Vec<&str> = cells.iter().map(String::as_str).collect();
    assert_eq!(
        survivors(&samples),
        ["gregorian:yy-mm-dd", "gregorian:dd-mm-yy", "jalali:yy-mm-dd"]
    );
    assert_eq!(guess_column(&samples, Calendar::Gregorian).decided(), None);
    let chosen: DateFormat = "gregorian:dd-mm-yy".parse().unwrap();
    for (days, cell) in (first..=last).zip(&cells) {
        assert_eq!(parse_with(&chosen, cell).unwrap().days, days);
    }
}

#[test]
fn counts_tell_what_was_seen() {
    let guess = guess_column(&["2026-11-22", "", "2026-11-23", "?"], Calendar::Gregorian);
    assert_eq!((guess.samples, guess.blank), (3, 1));
    let (best, read) = guess.best.unwrap();
    assert_eq!((best.to_string().as_str(), read), ("gregorian:yyyy-mm-dd", 2));
    let empty = guess_column(&["", " "], Calendar::Gregorian);
    assert_eq!((empty.survivors.len(), empty.best, empty.blank), (0, None, 2));
}

#[test]
fn values_keep_their_time_and_offset() {
    let read = |key: &str, text: &str| parse_with(&key.parse().unwrap(), text);
    let value = read("gregorian:yyyy-mm-dd hh:mm zone", "2026-11-22T13:30:00.5+03:30").unwrap();
    assert_eq!(
        value.micros(&zone::tehran()) % 86_400_000_000,
        10 * 3_600_000_000 + 500_000
    );
    let local = read("gregorian:mm-dd-yyyy hh:mm", "12/1/2009 7:45").unwrap();
    assert_eq!(local.days, Calendar::Gregorian.days(2009, 12, 1).unwrap());
    assert_eq!(
        local.micros(&zone::tehran()).rem_euclid(86_400_000_000),
        (4 * 60 + 15) * 60_000_000
    );
    assert_eq!(local.offset_micros, None);
}

#[test]
fn another_format_is_refused() {
    let code = |key: &str, text: &str| {
        parse_with(&key.parse().unwrap(), text)
            .map(|value| value.days)
            .map_err(|error| error.code())
    };
    assert_eq!(
        code("gregorian:dd-mm-yyyy", "2026-11-22"),
        Err("date-unrecognised")
    );
    assert_eq!(
        code("gregorian:yyyy-mm-dd", "2026-11/22"),
        Err("date-unrecognised")
    );
    assert_eq!(
        code("gregorian:yyyy-mm-dd", "2026-11-22 10:00"),
        Err("date-unrecognised")
    );
    assert_eq!(
        code("gregorian:yyyy-mm-dd hh:mm", "2026-11-22"),
        Err("date-unrecognised")
    );
    assert_eq!(code("jalali:yyyy-mm-dd", "2026-11-22"), Err("date-invalid"));
    assert_eq!(
        code("gregorian:dd-mmm-yyyy", "30 آبان 1405"),
        Err("date-unrecognised")
    );
    assert_eq!(code("gregorian:yyyy-mm-dd", "2026-02-30"), Err("date-invalid"));
    assert_eq!(code("gregorian:yyyy-mm-dd", ""), Err("date-empty"));
}

#[test]
fn keys_round_trip_and_unknown_ones_are_refused() {
    let mut seen = std::collections::BTreeSet::new();
    for format in DateFormat::all() {
        let key = format.to_string();
        assert_eq!(key.parse(), Ok(format));
        let json = serde_json::to_string(&format).unwrap();
        assert_eq!(json, format!("\"{key}\""));
        assert_eq!(serde_json::from_str::<DateFormat>(&json).unwrap(), format);
        assert!(seen.insert(key));
    }
    assert_eq!(seen.len(), 80);
    for key in [
        "",
        "jalali",
        "jalali:",
        "julian:yyyy-mm-dd",
        "jalali:yyyy-mm-dd ",
        "jalali:yyyy-dd-mm",
    ] {
        assert_eq!(
            key.parse::<DateFormat>().map_err(|error| error.code()),
            Err("date-format-unknown"),
            "{key}"
        );
    }
}

proptest! {
    #[test]
    fn a_written_day_survives_as_its_own_format(days in -20_000_i32..60_000, index in 0_usize..8, sep in "[-/.]") {
        let key = [
            "gregorian:yyyy-mm-dd", "gregorian:dd-mm-yyyy", "gregorian:mm-dd-yyyy", "gregorian:yyyymmdd",
            "jalali:yyyy-mm-dd", "jalali:dd-mm-yyyy", "jalali:yyyymmdd", "gregorian:yyyy-mm-dd hh:mm",
        ][index];
        let format: DateFormat = key.parse().unwrap();
        let at = format.calendar.ymd(days);
        let (y, m, d) = (format!("{:04}", at.year), format!("{:02}", at.month), format!("{:02}", at.day));
        let (shape, time) = key.split_once(':').unwrap().1.split_once(' ').map_or(
            (key.split_once(':').unwrap().1, ""), |(shape, _)| (shape, " 10:20"));
        let text = shape.replace("yyyy", &y).replace("mm", &m).replace("dd", &d).replace('-', &sep) + time;
        prop_assert_eq!(parse_with(&format, &text).map(|value| value.days), Ok(days));
        prop_assert!(guess_column(&[text.as_str()], Calendar::Jalali).survivors.contains(&format));
    }
}
