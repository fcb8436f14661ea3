//! Recurrences in either calendar, their words and their stored form.

use peyvand_calendar::recur::{End, Recurrence, Rule};
use peyvand_calendar::{Calendar, Digits, Language, Weekday};
use proptest::prelude::*;

fn jalali(year: i32, month: u8, day: u8) -> i32 {
    Calendar::Jalali.days(year, month, day).unwrap()
}

fn gregorian(year: i32, month: u8, day: u8) -> i32 {
    Calendar::Gregorian.days(year, month, day).unwrap()
}

fn first(recurrence: &Recurrence, count: usize) -> Vec<i32> {
    recurrence.occurrences(recurrence.start()).take(count).collect()
}

#[test]
fn the_first_of_every_jalali_month() {
    let rule = Recurrence::new(
        jalali(1405, 8, 30),
        Calendar::Jalali,
        Rule::MonthlyOnDay(1),
        1,
        End::Never,
    )
    .unwrap();
    assert_eq!(
        first(&rule, 6),
        [
            jalali(1405, 9, 1),
            jalali(1405, 10, 1),
            jalali(1405, 11, 1),
            jalali(1405, 12, 1),
            jalali(1406, 1, 1),
            jalali(1406, 2, 1)
        ]
    );
    assert_eq!(rule.describe(Language::Fa, Digits::Persian), "اول هر ماه شمسی");
    assert_eq!(
        rule.describe(Language::En, Digits::Latin),
        "the first of every Jalali month"
    );
    assert_eq!(
        rule.to_string(),
        "DTSTART=20261121;RSCALE=PERSIAN;FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1;SKIP=BACKWARD;WKST=SA"
    );
}

#[test]
fn every_second_saturday() {
    let start = gregorian(2026, 11, 22);
    let weekly = Rule::Weekly(vec![Weekday::Saturday]);
    let rule = Recurrence::new(start, Calendar::Gregorian, weekly, 2, End::Count(3)).unwrap();
    // The week of the start began on the Saturday before it, so the first Saturday is two weeks after that one.
    assert_eq!(
        first(&rule, 9),
        [
            gregorian(2026, 12, 5),
            gregorian(2026, 12, 19),
            gregorian(2027, 1, 2)
        ]
    );
    assert_eq!(
        rule.describe(Language::Fa, Digits::Persian),
        "هر ۲ هفته، شنبه، ۳ بار"
    );
    assert_eq!(
        rule.describe(Language::En, Digits::Latin),
        "every 2 weeks on Saturday, 3 times"
    );
}

#[test]
fn several_weekdays_are_ordered_by_the_week() {
    let days = vec![
        Weekday::Wednesday,
        Weekday::Saturday,
        Weekday::Monday,
        Weekday::Saturday,
    ];
    let start = gregorian(2026, 11, 22);
    let rule = Recurrence::new(start, Calendar::Jalali, Rule::Weekly(days), 1, End::Never).unwrap();
    assert_eq!(
        first(&rule, 4),
        [
            gregorian(2026, 11, 23),
            gregorian(2026, 11, 25),
            gregorian(2026, 11, 28),
            gregorian(2026, 11, 30)
        ]
    );
    assert_eq!(
        rule.describe(Language::Fa, Digits::Persian),
        "هر هفته، شنبه، دوشنبه و چهارشنبه"
    );
    assert_eq!(
        rule.describe(Language::En, Digits::Latin),
        "every week on Saturday, Monday and Wednesday"
    );
}

#[test]
fn a_missing_day_becomes_the_last_of_its_month() {
    let monthly = Recurrence::new(
        jalali(1403, 5, 31),
        Calendar::Jalali,
        Rule::MonthlyOnDay(31),
        1,
        End::Never,
    );
    let days = first(&monthly.unwrap(), 9);
    assert_eq!(
        days[..3],
        [jalali(1403, 5, 31), jalali(1403, 6, 31), jalali(1403, 7, 30)]
    );
    assert_eq!(days[7..], [jalali(1403, 12, 30), jalali(1404, 1, 31)]);
    let birthday = Recurrence::new(
        jalali(1399, 12, 30),
        Calendar::Jalali,
        Rule::Yearly(12, 30),
        1,
        End::Never,
    )
    .unwrap();
    assert_eq!(
        first(&birthday, 6),
        [
            jalali(1399, 12, 30),
            jalali(1400, 12, 29),
            jalali(1401, 12, 29),
            jalali(1402, 12, 29),
            jalali(1403, 12, 30),
            jalali(1404, 12, 29)
        ]
    );
    assert_eq!(
        birthday.describe(Language::Fa, Digits::Persian),
        "هر سال، ۳۰ اسفند"
    );
    assert_eq!(
        birthday.describe(Language::En, Digits::Latin),
        "every year on 30 Esfand"
    );
    let leap = Recurrence::new(
        gregorian(2024, 2, 29),
        Calendar::Gregorian,
        Rule::Yearly(2, 29),
        1,
        End::Never,
    )
    .unwrap();
    assert_eq!(first(&leap, 2), [gregorian(2024, 2, 29), gregorian(2025, 2, 28)]);
}

#[test]
fn weekdays_of_months() {
    let nth = |nth, every| {
        let rule = Rule::MonthlyOnWeekday(nth, Weekday::Sunday);
        Recurrence::new(
            gregorian(2026, 11, 1),
            Calendar::Gregorian,
            rule,
            every,
            End::Never,
        )
        .unwrap()
    };
    assert_eq!(
        first(&nth(1, 1), 2),
        [gregorian(2026, 11, 1), gregorian(2026, 12, 6)]
    );
    assert_eq!(
        first(&nth(-1, 1), 3),
        [
            gregorian(2026, 11, 29),
            gregorian(2026, 12, 27),
            gregorian(2027, 1, 31)
        ]
    );
    // Months without a fifth Sunday are skipped.
    assert_eq!(
        first(&nth(5, 1), 3),
        [
            gregorian(2026, 11, 29),
            gregorian(2027, 1, 31),
            gregorian(2027, 5, 30)
        ]
    );
    assert_eq!(
        nth(2, 1).describe(Language::En, Digits::Latin),
        "the second Sunday of every month"
    );
    assert_eq!(
        nth(-1, 3).describe(Language::Fa, Digits::Persian),
        "آخرین یکشنبهٔ هر ۳ ماه میلادی"
    );
}

#[test]
fn the_last_day_and_an_end_by_date() {
    let until = jalali(1406, 1, 31);
    let rule = Recurrence::new(
        jalali(1405, 11, 15),
        Calendar::Jalali,
        Rule::MonthlyOnLastDay,
        1,
        End::Until(until),
    )
    .unwrap();
    assert_eq!(
        first(&rule, 9),
        [jalali(1405, 11, 30), jalali(1405, 12, 29), jalali(1406, 1, 31)]
    );
    assert_eq!(
        rule.describe(Language::Fa, Digits::Persian),
        "آخرین روز هر ماه شمسی، تا ۳۱ فروردین ۱۴۰۶"
    );
    assert_eq!(
        rule.describe(Language::En, Digits::Latin),
        "the last day of every Jalali month, until 31 Farvardin 1406"
    );
    assert_eq!(rule.occurrences(until + 1).next(), None);
}

#[test]
fn what_cannot_recur_is_refused() {
    let code = |rule, every, end| {
        Recurrence::new(0, Calendar::Jalali, rule, every, end)
            .map(|_| ())
            .map_err(|error| error.code())
    };
    assert_eq!(
        code(Rule::Daily, 0, End::Never),
        Err("recurrence-interval-invalid")
    );
    assert_eq!(
        code(Rule::Daily, 1000, End::Never),
        Err("recurrence-interval-invalid")
    );
    assert_eq!(
        code(Rule::Weekly(Vec::new()), 1, End::Never),
        Err("recurrence-weekdays-missing")
    );
    assert_eq!(
        code(Rule::MonthlyOnDay(32), 1, End::Never),
        Err("recurrence-number-invalid")
    );
    assert_eq!(
        code(Rule::MonthlyOnWeekday(0, Weekday::Friday), 1, End::Never),
        Err("recurrence-number-invalid")
    );
    assert_eq!(
        code(Rule::Yearly(13, 1), 1, End::Never),
        Err("recurrence-number-invalid")
    );
    assert_eq!(
        code(Rule::Daily, 1, End::Count(0)),
        Err("recurrence-number-invalid")
    );
    assert!(Recurrence::new(i32::MAX, Calendar::Jalali, Rule::Daily, 1, End::Never).is_err());
    for text in [
        "",
        "FREQ=DAILY",
        "DTSTART=20261121;FREQ=HOURLY",
        "DTSTART=20261121;FREQ=DAILY;FREQ=DAILY",
        "DTSTART=20261131;FREQ=DAILY",
        "DTSTART=20261121;FREQ=DAILY;X=1",
        "DTSTART=20261121;FREQ=MONTHLY;BYDAY=خSA",
        "DTSTART=20261121;FREQ=MONTHLY;BYDAY=A",
        "DTSTART=20261121;FREQ=DAILY;SKIP=OMIT",
        "DTSTART=20261121;FREQ=DAILY;COUNT=1;UNTIL=20270101",
    ] {
        assert!(text.parse::<Recurrence>().is_err(), "{text}");
    }
    let plain: Recurrence = "DTSTART=20261121;FREQ=DAILY".parse().unwrap();
    assert_eq!(
        (plain.calendar(), plain.every(), plain.end()),
        (Calendar::Gregorian, 1, End::Never)
    );
}

#[test]
fn the_end_of_time_is_reached_without_panic() {
    let start = gregorian(9999, 12, 1);
    for rule in [
        Rule::Daily,
        Rule::MonthlyOnLastDay,
        Rule::Yearly(12, 31),
        Rule::Weekly(vec![Weekday::Friday]),
    ] {
        let recurrence = Recurrence::new(start, Calendar::Gregorian, rule, 1, End::Never).unwrap();
        assert!(recurrence.occurrences(i32::MIN).count() <= 31);
        assert_eq!(recurrence.occurrences(i32::MAX).next(), None);
    }
}

fn recurrences() -> impl Strategy<Value = Recurrence> {
    let weekdays = proptest::collection::vec(0_usize..7, 1..5);
    let rule =
        (0_u8..6, 1_u8..=31, 1_u8..=12, weekdays, -1_i8..=5).prop_map(|(kind, day, month, weekdays, nth)| {
            match kind {
                0 => Rule::Daily,
                1 => Rule::Weekly(weekdays.into_iter().map(|index| Weekday::ALL[index]).collect()),
                2 => Rule::MonthlyOnDay(day),
                3 => Rule::MonthlyOnLastDay,
                4 => Rule::MonthlyOnWeekday(if nth == 0 { -1 } else { nth }, Weekday::ALL[weekdays[0]]),
                _ => Rule::Yearly(month, day),
            }
        });
    let end = prop_oneof![
        Just(End::Never),
        (0_i32..60_000).prop_map(End::Until),
        (1_u32..50).prop_map(End::Count)
    ];
    let calendar = prop_oneof![Just(Calendar::Jalali), Just(Calendar::Gregorian)];
    (0_i32..30_000, calendar, rule, 1_u16..20, end).prop_map(|(start, calendar, rule, every, end)| {
        Recurrence::new(start, calendar, rule, every, end).unwrap()
    })
}

proptest! {
    #[test]
    fn the_stored_form_round_trips(recurrence in recurrences()) {
        let text = recurrence.to_string();
        prop_assert_eq!(&text.parse::<Recurrence>().unwrap(), &recurrence);
        let json = serde_json::to_string(&recurrence).unwrap();
        prop_assert_eq!(serde_json::from_str::<Recurrence>(&json).unwrap(), recurrence);
    }

    #[test]
    fn occurrences_ascend_and_a_later_view_is_a_suffix(recurrence in recurrences(), ahead in 0_i32..4000) {
        let from = recurrence.start() + ahead;
        let all: Vec<i32> = recurrence.occurrences(recurrence.start()).take_while(|day| *day < from + 4000).collect();
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(all.iter().all(|day| *day >= recurrence.start()));
        let expected: Vec<i32> = all.into_iter().filter(|day| *day >= from).collect();
        let found: Vec<i32> = recurrence.occurrences(from).take_while(|day| *day < from + 4000).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,60}") {
        let _ = text.parse::<Recurrence>();
    }
}
