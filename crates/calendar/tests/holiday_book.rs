//! The shipped holidays and weekend, and how a workspace edits them.

use icu::calendar::Date;
use icu::calendar::cal::Hijri;
use peyvand_calendar::holidays::{Holiday, HolidayBook, HolidayKind, HolidayStatus};
use peyvand_calendar::week::{DayKind, Minute, WeekendRules};
use peyvand_calendar::{Calendar, Jalali, Language, Weekday};

fn day(year: i32, month: u8, day: u8) -> i32 {
    Calendar::Jalali.days(year, month, day).unwrap()
}

#[test]
fn dates_known_for_sure_are_in_the_book_as_confirmed() {
    let book = HolidayBook::iran();
    for (at, name) in [
        (day(1400, 5, 28), "Ashura"),
        (day(1401, 5, 16), "Tasua"),
        (day(1401, 5, 17), "Ashura"),
        (day(1402, 2, 2), "Eid al-Fitr"),
        (day(1402, 6, 15), "Arbaeen"),
        (day(1403, 1, 22), "Eid al-Fitr"),
        (day(1403, 4, 5), "Eid al-Ghadir"),
        (day(1403, 4, 26), "Ashura"),
        (day(1404, 1, 11), "Eid al-Fitr"),
        (day(1405, 3, 6), "Eid al-Adha"),
        (day(1405, 4, 4), "Ashura"),
    ] {
        let found = book
            .on(at)
            .into_iter()
            .find(|holiday| holiday.name(Language::En) == name);
        let found = found.unwrap_or_else(|| panic!("{name} on {}", Jalali::from_days(at)));
        assert_eq!(
            (found.kind, found.status),
            (HolidayKind::Lunar, HolidayStatus::Confirmed)
        );
        assert!(found.source.contains('.'), "{}", found.source);
        assert!(!found.name(Language::Fa).is_ascii());
    }
}

#[test]
fn every_year_has_every_occasion_once_or_as_often_as_the_moon_gives() {
    let book = HolidayBook::iran();
    for year in 1400..=1406 {
        assert!(book.has_lunar_of(year));
        let mut names: Vec<&str> = book
            .dated
            .range(day(year, 1, 1)..day(year + 1, 1, 1))
            .flat_map(|(_, rows)| rows.iter().map(|holiday| holiday.name_en.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        // 25 Shawwal is not in the list of 1405.
        assert_eq!(names.len(), if year < 1405 { 17 } else { 16 }, "{year}");
    }
    assert!(!book.has_lunar_of(1399));
    assert!(!book.has_lunar_of(1407));
    // The published list of 1405 has 25 days: none in Ordibehesht, Mehr and Azar, four in Mordad and in Esfand.
    let in_month = |month: u8| {
        let start = day(1405, month, 1);
        let length = i32::from(Calendar::Jalali.month_length(1405, month));
        (start..start + length).filter(|at| book.is_holiday(*at)).count()
    };
    let counts: Vec<usize> = (1..=12).map(in_month).collect();
    assert_eq!(counts, [6, 0, 3, 2, 4, 1, 0, 1, 0, 2, 2, 4]);
}

#[test]
fn lunar_rows_are_within_two_days_of_the_umm_al_qura_calendar() {
    let epoch = Date::try_new_iso(1970, 1, 1).unwrap().to_rata_die();
    let expected = |name: &str| match name {
        "Tasua" => (1, 9),
        "Ashura" => (1, 10),
        "Arbaeen" => (2, 20),
        "Death of the Prophet and martyrdom of Imam Hasan" => (2, 28),
        "Martyrdom of Imam Reza" => (2, 29),
        "Martyrdom of Imam Hasan Askari" => (3, 8),
        "Birth of the Prophet and of Imam Sadiq" => (3, 17),
        "Martyrdom of Fatima" => (6, 3),
        "Birth of Imam Ali" => (7, 13),
        "Mission of the Prophet" => (7, 27),
        "Birth of Imam Mahdi" => (8, 15),
        "Martyrdom of Imam Ali" => (9, 21),
        "Eid al-Fitr" => (10, 1),
        "Eid al-Fitr holiday" => (10, 2),
        "Martyrdom of Imam Sadiq" => (10, 25),
        "Eid al-Adha" => (12, 10),
        "Eid al-Ghadir" => (12, 18),
        other => panic!("{other}"),
    };
    let mut rows = 0;
    for holiday in HolidayBook::iran().dated.values().flatten() {
        let near = (-2..=2).any(|shift| {
            let at = Date::from_rata_die(epoch + i64::from(holiday.days + shift), Hijri::new_umm_al_qura());
            (at.month().ordinal, at.day_of_month().0) == expected(&holiday.name_en)
        });
        assert!(near, "{} on {}", holiday.name_en, Jalali::from_days(holiday.days));
        rows += 1;
    }
    assert_eq!(rows, 121);
}

#[test]
fn fixed_days_hold_every_year() {
    let book = HolidayBook::iran();
    for year in [1380, 1403, 1450] {
        for (month, of_month) in [
            (1, 1),
            (1, 4),
            (1, 12),
            (1, 13),
            (3, 14),
            (3, 15),
            (11, 22),
            (12, 29),
        ] {
            assert!(
                book.is_holiday(day(year, month, of_month)),
                "{year}/{month}/{of_month}"
            );
        }
        assert_eq!(book.on(day(year, 1, 1))[0].kind, HolidayKind::National);
    }
    assert!(book.is_holiday(day(1403, 12, 30)));
    assert!(!book.is_holiday(day(1380, 1, 5)));
}

#[test]
fn a_computed_day_says_so() {
    let book = HolidayBook::iran();
    let fitr = book.on(day(1406, 12, 8));
    assert_eq!(fitr[0].status, HolidayStatus::Computed);
    assert!(
        book.dated
            .range(day(1406, 1, 1)..)
            .flat_map(|(_, rows)| rows)
            .all(|row| row.status == HolidayStatus::Computed)
    );
}

#[test]
fn a_closure_is_added_and_removed() {
    let mut book = HolidayBook::iran();
    let at = day(1405, 9, 3);
    assert!(!book.is_holiday(at));
    book.add(Holiday {
        days: at,
        kind: HolidayKind::Closure,
        status: HolidayStatus::Confirmed,
        name_fa: "تعطیلی به‌سبب آلودگی هوا".to_owned(),
        name_en: "Closed for air pollution".to_owned(),
        source: "governor's office".to_owned(),
    });
    assert!(book.is_holiday(at));
    let stored = serde_json::to_string(&book).unwrap();
    assert_eq!(serde_json::from_str::<HolidayBook>(&stored).unwrap(), book);
    assert_eq!(book.remove(at).len(), 1);
    assert!(!book.is_holiday(at));
    assert!(
        book.remove(day(1405, 1, 12)).is_empty(),
        "fixed days are rules, not rows"
    );
}

#[test]
fn a_broken_file_is_refused_with_its_reason() {
    let code = |text: &str| HolidayBook::from_toml(text).map_err(|error| error.code());
    assert_eq!(code("x = ["), Err("holiday-file-malformed"));
    let rows = "source = [{key='a',title='A'}]\nfixed = []\noccasion = [{key='o',name_fa='ع',name_en='O'}]\n";
    let lunar = |date: &str, occasion: &str, source: &str| {
        format!("{rows}lunar = [{{date='{date}',occasion='{occasion}',status='computed',source='{source}'}}]")
    };
    assert!(HolidayBook::from_toml(&lunar("1405/01/01", "o", "a")).is_ok());
    assert_eq!(code(&lunar("1405/13/01", "o", "a")), Err("holiday-date-invalid"));
    assert_eq!(
        code(&lunar("1405/01/01", "p", "a")),
        Err("holiday-reference-unknown")
    );
    assert_eq!(
        code(&lunar("1405/01/01", "o", "b")),
        Err("holiday-reference-unknown")
    );
}

#[test]
fn the_weekend_is_dated_data() {
    let shipped = WeekendRules::iran();
    let saturday = day(1405, 8, 30);
    assert_eq!(Weekday::of(saturday), Weekday::Saturday);
    assert_eq!(shipped.day(saturday), DayKind::Working);
    assert_eq!(
        shipped.day(saturday + 5),
        DayKind::Half(Minute::new(13, 0).unwrap())
    );
    assert_eq!(shipped.day(saturday + 6), DayKind::Off);
    // From 1406 on Thursday becomes a day off.
    let mut changed = shipped.clone();
    let mut rule = changed.rules[0].clone();
    rule.from = jiff::civil::date(2027, 3, 21);
    rule.thursday = DayKind::Off;
    changed.rules.insert(0, rule);
    let thursday = day(1405, 12, 27);
    assert_eq!(Weekday::of(thursday), Weekday::Thursday);
    assert!(matches!(changed.day(thursday), DayKind::Half(_)));
    assert_eq!(changed.day(thursday + 7), DayKind::Off);
    let stored = serde_json::to_string(&changed).unwrap();
    assert_eq!(serde_json::from_str::<WeekendRules>(&stored).unwrap(), changed);
    assert!(serde_json::from_str::<Minute>("\"24:01\"").is_err());
    assert!(serde_json::from_str::<Minute>("\"+1:00\"").is_err());
}

#[test]
fn what_a_workspace_says_of_a_day_stands_instead_of_the_book() {
    let day = |y, m, d| Calendar::Jalali.days(y, m, d).unwrap();
    let (nowruz, azar) = (day(1405, 1, 1), day(1405, 9, 9));
    let mut book = HolidayBook::iran();
    assert!(book.is_holiday(nowruz) && !book.is_holiday(azar));
    book.replace(nowruz, Vec::new());
    let own = Holiday {
        days: azar,
        kind: HolidayKind::Closure,
        status: HolidayStatus::Confirmed,
        name_fa: "سالگرد".to_owned(),
        name_en: "Anniversary".to_owned(),
        source: "workspace".to_owned(),
    };
    book.replace(azar, vec![own.clone()]);
    assert!(!book.is_holiday(nowruz) && book.on(nowruz).is_empty());
    assert!(book.is_holiday(azar));
    assert_eq!(book.on(azar), [own]);
    // Only these days: the second of Nowruz is as it was.
    assert!(book.is_holiday(day(1405, 1, 2)));
    assert!(book.is_holiday(day(1406, 1, 1)));
}
