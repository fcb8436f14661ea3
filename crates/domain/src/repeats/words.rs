//! Repeating in the words that people write into a cell or a line: «هفتگی», «هر دو ماه», "every 2 weeks on Monday".

use std::fmt::Write as _;

use peyvand_calendar::names::Weekday;
use peyvand_numbers::Language;
use peyvand_text::fold;

/// Whole phrases, compared folded, and what they mean.
const PHRASES: [(&str, &str); 44] = [
    ("daily", "FREQ=DAILY"),
    ("روزانه", "FREQ=DAILY"),
    ("هرروز", "FREQ=DAILY"),
    ("هر روزه", "FREQ=DAILY"),
    ("هرروزه", "FREQ=DAILY"),
    ("روز در میان", "FREQ=DAILY;INTERVAL=2"),
    ("weekly", "FREQ=WEEKLY"),
    ("هفتگی", "FREQ=WEEKLY"),
    ("هرهفته", "FREQ=WEEKLY"),
    ("هفته ای یک بار", "FREQ=WEEKLY"),
    ("هفته‌ای یک بار", "FREQ=WEEKLY"),
    ("هفته در میان", "FREQ=WEEKLY;INTERVAL=2"),
    ("fortnightly", "FREQ=WEEKLY;INTERVAL=2"),
    ("دو هفتگی", "FREQ=WEEKLY;INTERVAL=2"),
    ("دو‌هفتگی", "FREQ=WEEKLY;INTERVAL=2"),
    ("monthly", "FREQ=MONTHLY"),
    ("ماهانه", "FREQ=MONTHLY"),
    ("ماهیانه", "FREQ=MONTHLY"),
    ("هرماه", "FREQ=MONTHLY"),
    ("ماهی یک بار", "FREQ=MONTHLY"),
    ("month end", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("end of month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("end of the month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("end of every month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("last day of every month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("آخر ماه", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("آخر هر ماه", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("پایان ماه", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("پایان هر ماه", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("آخرین روز ماه", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("آخرین روز هر ماه", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("quarterly", "FREQ=MONTHLY;INTERVAL=3"),
    ("فصلی", "FREQ=MONTHLY;INTERVAL=3"),
    ("سه ماهه", "FREQ=MONTHLY;INTERVAL=3"),
    ("سه‌ماهه", "FREQ=MONTHLY;INTERVAL=3"),
    ("شش ماهه", "FREQ=MONTHLY;INTERVAL=6"),
    ("شش‌ماهه", "FREQ=MONTHLY;INTERVAL=6"),
    ("yearly", "FREQ=YEARLY"),
    ("annually", "FREQ=YEARLY"),
    ("سالانه", "FREQ=YEARLY"),
    ("سالیانه", "FREQ=YEARLY"),
    ("هرسال", "FREQ=YEARLY"),
    ("سالی یک بار", "FREQ=YEARLY"),
];

/// What is counted: frequency, how many of it one is, and its words.
const UNITS: [(&str, u32, &[&str]); 6] = [
    ("DAILY", 1, &["روز", "day", "days"]),
    ("WEEKLY", 1, &["هفته", "week", "weeks"]),
    ("WEEKLY", 2, &["fortnight"]),
    ("MONTHLY", 1, &["ماه", "month", "months"]),
    ("MONTHLY", 3, &["فصل", "quarter"]),
    ("YEARLY", 1, &["سال", "year", "years"]),
];

const NUMBERS: [[&str; 2]; 12] = [
    ["یک", "one"],
    ["دو", "two"],
    ["سه", "three"],
    ["چهار", "four"],
    ["پنج", "five"],
    ["شش", "six"],
    ["هفت", "seven"],
    ["هشت", "eight"],
    ["نه", "nine"],
    ["ده", "ten"],
    ["یازده", "eleven"],
    ["دوازده", "twelve"],
];

/// The rule that words ask for, without what follows from the day of the activity; `None` when they ask for none.
pub(super) fn rule_of(text: &str) -> Option<String> {
    let folded = fold(text);
    if let Some((_, rule)) = PHRASES.iter().find(|(phrase, _)| fold(phrase) == folded) {
        return Some((*rule).to_owned());
    }
    let words = joined(&folded);
    let mut rest: Vec<&str> = words.iter().map(String::as_str).collect();
    let every = take(&mut rest, &["هر", "every", "each"]);
    let once = ends(&mut rest, &["یک", "بار"]) || ends(&mut rest, &["یکبار"]);
    let between = ends(&mut rest, &["در", "میان"]) || ends(&mut rest, &["درمیان"]);
    if !(every || once || between) {
        return None;
    }
    let other = take(&mut rest, &["other"]);
    let number = match rest.first().and_then(|w| number(w)) {
        Some(n) => {
            rest.remove(0);
            Some(n)
        }
        None => other.then_some(2),
    };
    let unit = rest
        .first()
        .and_then(|w| UNITS.iter().find(|(_, _, names)| names.contains(w)));
    let (freq, length) = match unit {
        Some((freq, length, _)) => {
            rest.remove(0);
            (*freq, *length)
        }
        // «هر شنبه»: the weekdays say that it is every week.
        None if number.is_none() && !rest.is_empty() => ("WEEKLY", 1),
        None => return None,
    };
    let count = number.unwrap_or(1).saturating_add(u32::from(between));
    let mut rule = format!("FREQ={freq};INTERVAL={}", count.checked_mul(length)?);
    if !rest.is_empty() {
        let days = weekdays(&rest).filter(|_| freq == "WEEKLY")?;
        let _ = write!(rule, ";BYDAY={}", days.join(","));
    }
    Some(rule)
}

/// The words, with the weekdays that are written in two words («سه شنبه») as one, and «شنبه ها» as well.
fn joined(folded: &str) -> Vec<String> {
    let saturday = fold(Weekday::Saturday.name(Language::Fa));
    let mut out: Vec<String> = Vec::new();
    for word in folded.split(' ').filter(|w| !w.is_empty()) {
        let belongs = out.last().is_some_and(|before| {
            word == "ها" || word.starts_with(&saturday) && day_of(&format!("{before}{word}")).is_some()
        });
        match out.last_mut().filter(|_| belongs) {
            Some(before) => before.push_str(word),
            None => out.push(word.to_owned()),
        }
    }
    out
}

/// Takes the first word away when it is one of these.
fn take(words: &mut Vec<&str>, any: &[&str]) -> bool {
    let there = words.first().is_some_and(|w| any.contains(w));
    if there {
        words.remove(0);
    }
    there
}

/// Takes these words away when they are the last.
fn ends(words: &mut Vec<&str>, last: &[&str]) -> bool {
    let there = words.ends_with(last);
    if there {
        words.truncate(words.len() - last.len());
    }
    there
}

fn number(word: &str) -> Option<u32> {
    let named = NUMBERS.iter().zip(1..).find(|(names, _)| names.contains(&word));
    named.map(|(_, n)| n).or_else(|| word.parse().ok())
}

/// The weekdays of a list, when it is nothing else.
fn weekdays(words: &[&str]) -> Option<Vec<&'static str>> {
    let days: Option<Vec<&'static str>> = words
        .iter()
        .filter(|w| !["در", "و", "on", "and"].contains(w))
        .map(|w| Some(day_of(w)?.key()))
        .collect();
    days.filter(|d| !d.is_empty())
}

fn day_of(word: &str) -> Option<Weekday> {
    Weekday::ALL.into_iter().find(|day| {
        let (fa, en) = (fold(day.name(Language::Fa)), fold(day.name(Language::En)));
        word.strip_suffix("ها").unwrap_or(word) == fa || word.strip_suffix('s').unwrap_or(word) == en
    })
}

#[cfg(test)]
mod tests {
    use super::rule_of;

    #[test]
    fn words_of_both_languages_are_rules() {
        for (text, wanted) in [
            ("weekly", "FREQ=WEEKLY"),
            (" Weekly ", "FREQ=WEEKLY"),
            ("هفتگی", "FREQ=WEEKLY"),
            ("هفتگي", "FREQ=WEEKLY"),
            ("هر ماه", "FREQ=MONTHLY;INTERVAL=1"),
            ("ماهانه", "FREQ=MONTHLY"),
            ("ماهی یک بار", "FREQ=MONTHLY"),
            ("هفته‌ای یک بار", "FREQ=WEEKLY"),
            ("سه‌ماهه", "FREQ=MONTHLY;INTERVAL=3"),
            ("هر دو هفته", "FREQ=WEEKLY;INTERVAL=2"),
            ("هر ۲ هفته یک‌بار", "FREQ=WEEKLY;INTERVAL=2"),
            ("دو هفته یک بار", "FREQ=WEEKLY;INTERVAL=2"),
            ("یک روز در میان", "FREQ=DAILY;INTERVAL=2"),
            ("هر فصل", "FREQ=MONTHLY;INTERVAL=3"),
            ("آخر هر ماه", "FREQ=MONTHLY;BYMONTHDAY=-1"),
            ("هر شنبه", "FREQ=WEEKLY;INTERVAL=1;BYDAY=SA"),
            ("هر سه شنبه", "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU"),
            (
                "هر هفته، سه‌شنبه‌ها و پنج شنبه ها",
                "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH",
            ),
            ("every day", "FREQ=DAILY;INTERVAL=1"),
            ("Every 2 weeks on Saturday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"),
            ("every Monday and Thursday", "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH"),
            ("every other month", "FREQ=MONTHLY;INTERVAL=2"),
            ("every six months", "FREQ=MONTHLY;INTERVAL=6"),
            ("each year", "FREQ=YEARLY;INTERVAL=1"),
            ("month-end", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ] {
            assert_eq!(rule_of(text).as_deref(), Some(wanted), "{text}");
        }
        for text in [
            "",
            "once",
            "یک بار",
            "week",
            "هفته",
            "hourly",
            "هر",
            "هر چند وقت",
            "every two",
            "every month on Monday",
            "every week on Funday",
            "every 2",
            "سه‌شنبه",
            "every week on",
            "every 99999999999 days",
            "every 4294967295 quarter",
        ] {
            assert_eq!(rule_of(text), None, "{text}");
        }
    }
}
