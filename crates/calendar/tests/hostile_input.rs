//! Parsers against any text: no panic, linear time, and what is shown can be typed back.

use std::time::{Duration, Instant};

use peyvand_calendar::column::guess_column;
use peyvand_calendar::date_format::parse_with;
use peyvand_calendar::format::{DateStyle, DateView, TimeStyle, format_date, format_instant};
use peyvand_calendar::parse::{ParseContext, parse_date, parse_datetime, parse_time};
use peyvand_calendar::{Calendar, DateFormat, Digits, Language, zone};
use proptest::prelude::*;

fn context(today: i32) -> ParseContext {
    ParseContext::new(today, Language::Fa)
}

fn read_everything(text: &str) {
    let tehran = zone::tehran();
    for today in [0, 20_779, i32::MAX, i32::MIN] {
        for calendar in [None, Some(Calendar::Jalali), Some(Calendar::Gregorian)] {
            let context = ParseContext {
                calendar,
                ..context(today)
            };
            let _ = parse_date(text, &context);
            let _ = parse_datetime(text, &context, &tehran);
        }
    }
    let _ = parse_time(text);
    let _ = guess_column(&[text, "", text], Calendar::Jalali);
}

#[test]
fn four_megabytes_of_anything_end_soon() {
    let size = 4_000_000;
    let fill = |piece: &str| piece.repeat(size / piece.len());
    let texts = [
        fill("\u{0301}"),
        fill("\u{064b}"),
        fill("\u{202e}"),
        fill("\u{200c}"),
        fill(" "),
        fill("۱"),
        fill("٠"),
        fill("𝟗"),
        fill("۱/"),
        fill("فردا"),
        fill("a"),
        fill("-"),
        fill("१"),
        format!("{}1405/8/30{}", fill("\u{202e}"), fill("\u{0301}")),
    ];
    for text in &texts {
        let started = Instant::now();
        let _ = parse_date(text, &context(20_779));
        let _ = parse_datetime(text, &context(20_779), &zone::tehran());
        let _ = parse_time(text);
        let _ = guess_column(&[text.as_str()], Calendar::Jalali);
        let spent = started.elapsed();
        assert!(
            spent < Duration::from_secs(5),
            "{:?} for {:?}",
            spent,
            text.chars().next()
        );
    }
    // Marks and bidi controls around a date do not hide it.
    assert_eq!(
        parse_date(&texts[13], &context(20_779)).map(|date| date.days),
        Ok(Calendar::Jalali.days(1405, 8, 30).unwrap())
    );
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "1",
        "۱۴۰۵",
        "2026",
        "08",
        "31",
        "999999999",
        "/",
        "-",
        ".",
        ":",
        ",",
        "+",
        " ",
        "آبان",
        "Nov",
        "شنبه",
        "next",
        "آینده",
        "بعد",
        "ماه",
        "سال",
        "هفته",
        "روز",
        "d",
        "m",
        "y",
        "اول",
        "آخر",
        "last",
        "day",
        "in",
        "ago",
        "پیش",
        "فردا",
        "ساعت",
        "pm",
        "شب",
        "ظهر",
        "T",
        "Z",
        "سی",
        "م",
        "سال مالی",
        "فصل",
        "این",
        "\u{200c}",
        "\u{202e}",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn views() -> impl Strategy<Value = DateView> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(fa, jalali, persian)| DateView {
        language: if fa { Language::Fa } else { Language::En },
        calendar: if jalali {
            Calendar::Jalali
        } else {
            Calendar::Gregorian
        },
        digits: if persian { Digits::Persian } else { Digits::Latin },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        read_everything(&text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        read_everything(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_words_of_dates_are_read_or_refused(text in pieces()) {
        read_everything(&text);
    }

    #[test]
    fn any_key_is_read_or_refused(key in "\\PC{0,30}", text in pieces()) {
        let _ = key.parse::<DateFormat>();
        for format in DateFormat::all() {
            let _ = parse_with(&format, &text);
        }
    }

    #[test]
    fn what_is_shown_can_be_typed_back(
        days in Calendar::Jalali.days(1178, 1, 1).unwrap()..Calendar::Jalali.days(1633, 1, 1).unwrap(),
        view in views(),
    ) {
        for style in [DateStyle::Short, DateStyle::Long, DateStyle::LongWeekday] {
            let text = format_date(days, style, view);
            let parsed = parse_date(&text, &context(0));
            prop_assert_eq!(parsed.map(|date| (date.days, date.calendar)), Ok((days, view.calendar)), "{}", text);
        }
        let short = format_date(days, DateStyle::DayMonth, view);
        prop_assert_eq!(parse_date(&short, &context(days)).map(|date| date.days), Ok(days));
    }

    #[test]
    fn a_shown_instant_can_be_typed_back(minute in 0_i64..40_000_000, view in views()) {
        let tehran = zone::tehran();
        let micros = minute * 60_000_000;
        for style in [DateStyle::Short, DateStyle::Long, DateStyle::LongWeekday] {
            let text = format_instant(micros, style, TimeStyle::Minutes, view, &tehran);
            let parsed = parse_datetime(&text, &context(0), &tehran).map(|at| at.micros);
            // In the hour that occurs twice the text cannot say which: the first is read.
            let fits = parsed == Ok(micros) || parsed == Ok(micros - 3_600_000_000);
            prop_assert!(fits, "{} {:?}", text, parsed);
            if parsed != Ok(micros) {
                prop_assert!(zone::offset_micros(&tehran, micros) < zone::offset_micros(&tehran, micros - 3_600_000_000));
            }
        }
    }
}
