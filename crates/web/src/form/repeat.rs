//! How an activity repeats, as the parts of a form: how often, on which days, until when; and in words beneath.

use std::collections::HashMap;
use std::fmt::Write as _;

use axum::Json;
use axum::extract::{Query, State};
use peyvand_app::App;
use peyvand_calendar::parse::{ParseContext, parse_date, parse_datetime};
use peyvand_calendar::recur::{End, Recurrence, Rule};
use peyvand_calendar::{Calendar, Weekday, zone};
use peyvand_catalog::handles::activity;
use peyvand_catalog::{FieldDef, FieldType, Text};
use peyvand_core::Instant;
use peyvand_domain::repeats::{Repeat, asked};
use peyvand_i18n::{Args, Key, keys};
use peyvand_numbers::digits;
use peyvand_record::Record;
use peyvand_record::codec::{self, EdgeContext, Mode};
use serde_json::json;

use super::Typed;
use crate::agenda::{iso, of_iso};
use crate::door::Visitor;
use crate::view::Viewer;

/// The day from which a rule begins, beside the parts that are typed.
const FROM: &str = "from";
/// Largest interval of a recurrence.
const MOST_EVERY: u32 = 999;
/// Most times that a form takes.
const MOST_TIMES: u32 = 9999;
/// Days that are said beneath.
const NEXT: usize = 3;
/// Before a list of dates: digits alone do not say which way it runs.
const RIGHT_TO_LEFT: &str = "\u{200f}";

const HOW: [(&str, Key); 5] = [
    ("", keys::REPEAT_NONE),
    ("daily", keys::REPEAT_DAILY),
    ("weekly", keys::REPEAT_WEEKLY),
    ("monthly", keys::REPEAT_MONTHLY),
    ("yearly", keys::REPEAT_YEARLY),
];
const UNITS: [(&str, Key); 4] = [
    ("daily", keys::REPEAT_UNIT_DAY),
    ("weekly", keys::REPEAT_UNIT_WEEK),
    ("monthly", keys::REPEAT_UNIT_MONTH),
    ("yearly", keys::REPEAT_UNIT_YEAR),
];
const ON: [(&str, Key); 3] = [
    ("day", keys::REPEAT_ON_DAY),
    ("last", keys::REPEAT_ON_LAST),
    ("weekday", keys::REPEAT_ON_WEEKDAY),
];
const NTH: [(&str, Key); 6] = [
    ("1", keys::REPEAT_NTH_1),
    ("2", keys::REPEAT_NTH_2),
    ("3", keys::REPEAT_NTH_3),
    ("4", keys::REPEAT_NTH_4),
    ("5", keys::REPEAT_NTH_5),
    ("-1", keys::REPEAT_NTH_LAST),
];
const ENDS: [(&str, Key); 3] = [
    ("never", keys::REPEAT_NEVER),
    ("until", keys::REPEAT_UNTIL),
    ("count", keys::REPEAT_COUNT),
];

/// What the lists of the form show at first.
const FIRST: [(&str, &str); 4] = [("on", "day"), ("nth", "1"), ("weekday", "SA"), ("end", "never")];

/// How the form names a calendar.
fn calendar_key(calendar: Calendar) -> &'static str {
    match calendar {
        Calendar::Jalali => "jalali",
        Calendar::Gregorian => "gregorian",
    }
}

/// Is this the field that says how an activity repeats?
pub(crate) fn is_repeat(f: &FieldDef) -> bool {
    !f.custom && f.key == "recurrence"
}

/// A recurrence in words, when it is one.
pub(crate) fn in_words(v: &Viewer, rule: &str) -> Option<String> {
    let rule: Recurrence = rule.parse().ok()?;
    Some(rule.describe(v.language, v.digits))
}

/// An option of a list: value, label, chosen.
type Options = Vec<(String, String, bool)>;

/// A list to choose from.
pub(crate) struct Pick {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) options: Options,
}

/// A text that is typed.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) value: String,
    /// Is what stands there wrong?
    pub(crate) bad: bool,
}

/// The parts of the input.
pub(crate) struct Parts {
    /// Name and value of the day from which a rule begins when the form does not say it.
    pub(crate) from: (String, String),
    /// How often, and, when it is none of these, as it is now.
    pub(crate) how: Options,
    /// The value of the option that is none of these; empty when there is none.
    pub(crate) kept: String,
    pub(crate) every: Field,
    /// The word behind the number, by how often.
    pub(crate) units: Vec<(&'static str, String)>,
    pub(crate) weekdays_label: String,
    /// Name, label, chosen.
    pub(crate) weekdays: Options,
    pub(crate) on: Pick,
    pub(crate) day: Field,
    pub(crate) nth: Pick,
    pub(crate) weekday: Pick,
    pub(crate) calendar: Pick,
    pub(crate) end: Pick,
    pub(crate) until: Field,
    pub(crate) count: Field,
    pub(crate) words: String,
}

/// The part of a form that has this name.
struct Said<'a> {
    typed: &'a Typed,
    key: &'a str,
}

impl<'a> Said<'a> {
    fn get(&self, part: &str) -> &'a str {
        self.typed
            .get(&format!("{}.{part}", self.key))
            .map_or("", |s| s.trim())
    }

    /// How often; the whole field.
    fn how(&self) -> &'a str {
        self.typed.get(self.key).map_or("", |s| s.trim())
    }

    /// A part, or what stands there at first.
    fn or(&self, part: &str, first: &'a str) -> &'a str {
        match self.get(part) {
            "" => first,
            given => given,
        }
    }

    fn weekdays(&self) -> Vec<Weekday> {
        Weekday::ALL
            .into_iter()
            .filter(|d| !self.get(&d.key().to_lowercase()).is_empty())
            .collect()
    }
}

/// The day on which an activity stands, from which its recurrence follows.
fn anchor(v: &Viewer, record: &Record) -> Option<i32> {
    let at = |ix| record.get(ix).as_instant();
    let at = at(activity::STARTS_AT).or_else(|| at(activity::DUE_AT))?;
    Some(zone::day_of(at.micros(), &v.zone))
}

/// What the form holds for an activity: the parts of its rule, or the rule as it is when the parts cannot say it.
pub(crate) fn typed_of(v: &Viewer, f: &FieldDef, record: &Record, now: Option<&str>, into: &mut Typed) {
    let day = anchor(v, record);
    let mut put = |part: &str, value: &str| {
        into.insert(format!("{}.{part}", f.key), value.to_owned());
    };
    put(FROM, &day.map(iso).unwrap_or_default());
    // What the parts hold when nothing was chosen: a form that comes back like this was not touched.
    put("every", &v.in_digits("1"));
    put("calendar", calendar_key(v.calendar));
    for (part, first) in FIRST {
        put(part, first);
    }
    let rule: Option<Recurrence> = now.and_then(|s| s.parse().ok());
    if let Some(rule) = &rule {
        parts_of(v, rule, &mut put);
    }
    // Every year is on the day of the activity; a rule with another day stays as it is.
    let said = rule.and_then(|rule| match rule.rule() {
        Rule::Daily => Some("daily"),
        Rule::Weekly(_) => Some("weekly"),
        Rule::MonthlyOnDay(_) | Rule::MonthlyOnLastDay | Rule::MonthlyOnWeekday(..) => Some("monthly"),
        Rule::Yearly(..) => day
            .filter(|d| rule.occurrences(*d).next() == Some(*d))
            .map(|_| "yearly"),
    });
    if let Some(text) = said.or(now) {
        into.insert(f.key.clone(), text.to_owned());
    }
}

/// The parts of a rule.
fn parts_of(v: &Viewer, rule: &Recurrence, put: &mut impl FnMut(&str, &str)) {
    put("every", &v.in_digits(&rule.every().to_string()));
    put("calendar", calendar_key(rule.calendar()));
    match rule.rule() {
        Rule::Daily | Rule::Yearly(..) => {}
        Rule::Weekly(days) => {
            for d in days {
                put(&d.key().to_lowercase(), "on");
            }
        }
        Rule::MonthlyOnDay(day) => {
            put("on", "day");
            put("day", &v.in_digits(&day.to_string()));
        }
        Rule::MonthlyOnLastDay => put("on", "last"),
        Rule::MonthlyOnWeekday(nth, weekday) => {
            put("on", "weekday");
            put("nth", &nth.to_string());
            put("weekday", weekday.key());
        }
    }
    match rule.end() {
        End::Never => put("end", "never"),
        End::Until(day) => {
            put("end", "until");
            put("until", &v.date(day));
        }
        End::Count(n) => {
            put("end", "count");
            put("count", &v.in_digits(&n.to_string()));
        }
    }
}

/// A word by which an address may ask for a repetition (`fortnightly`), as the parts of the form.
fn spread(word: Repeat) -> (&'static str, &'static str, &'static str) {
    match word {
        Repeat::Daily => ("daily", "1", "day"),
        Repeat::Weekly => ("weekly", "1", "day"),
        Repeat::Fortnightly => ("weekly", "2", "day"),
        Repeat::Monthly => ("monthly", "1", "day"),
        Repeat::MonthEnd => ("monthly", "1", "last"),
        Repeat::Quarterly => ("monthly", "3", "day"),
        Repeat::Yearly => ("yearly", "1", "day"),
    }
}

/// The input with what was typed, or with what the record has.
pub(crate) fn parts(v: &Viewer, f: &FieldDef, typed: &Typed) -> Parts {
    let said = Said { typed, key: &f.key };
    let name = |part: &str| format!("{}.{part}", f.key);
    let (mut how, mut every, mut on) = (said.how(), "1", "day");
    if let Some(word) = Repeat::of(how) {
        (how, every, on) = spread(word);
    }
    let options = |list: &[(&str, Key)], now: &str| -> Options {
        list.iter()
            .map(|(k, label)| ((*k).to_owned(), v.t(*label), *k == now))
            .collect()
    };
    let pick = |part: &str, label: Key, list: &[(&str, Key)], first: &str| Pick {
        name: name(part),
        label: v.t(label),
        options: options(list, said.or(part, first)),
    };
    let field = |part: &str, label: Key, first: String, bad: bool| Field {
        name: name(part),
        label: v.t(label),
        value: match said.get(part) {
            "" => first,
            given => given.to_owned(),
        },
        bad,
    };
    let context = ParseContext::new(v.today(), v.language);
    let mut ways = options(&HOW, how);
    let known = HOW.iter().any(|(k, _)| *k == how);
    if !known {
        let words = in_words(v, how).unwrap_or_else(|| how.to_owned());
        ways.insert(0, (how.to_owned(), words, true));
    }
    let weekday = said.or("weekday", Weekday::Saturday.key());
    Parts {
        from: (name(FROM), said.get(FROM).to_owned()),
        how: ways,
        kept: if known { String::new() } else { how.to_owned() },
        every: field(
            "every",
            keys::REPEAT_EVERY,
            v.in_digits(every),
            whole(said.or("every", "1"), MOST_EVERY).is_none(),
        ),
        units: UNITS.iter().map(|(k, label)| (*k, v.t(*label))).collect(),
        weekdays_label: v.t(keys::REPEAT_WEEKDAYS),
        weekdays: Weekday::ALL
            .into_iter()
            .map(|d| {
                let name = name(&d.key().to_lowercase());
                let on = said.weekdays().contains(&d);
                (name, d.name(v.language).to_owned(), on)
            })
            .collect(),
        on: pick("on", keys::REPEAT_ON, &ON, on),
        day: field(
            "day",
            keys::REPEAT_DAY,
            String::new(),
            !said.get("day").is_empty() && whole(said.get("day"), 31).is_none(),
        ),
        nth: pick("nth", keys::REPEAT_NTH, &NTH, "1"),
        weekday: Pick {
            name: name("weekday"),
            label: v.t(keys::REPEAT_WEEKDAY),
            options: Weekday::ALL
                .into_iter()
                .map(|d| {
                    (
                        d.key().to_owned(),
                        d.name(v.language).to_owned(),
                        d.key() == weekday,
                    )
                })
                .collect(),
        },
        calendar: pick(
            "calendar",
            keys::REPEAT_CALENDAR,
            &[
                ("jalali", keys::CALENDAR_JALALI),
                ("gregorian", keys::CALENDAR_GREGORIAN),
            ],
            calendar_key(v.calendar),
        ),
        end: pick("end", keys::REPEAT_END, &ENDS, "never"),
        until: field(
            "until",
            keys::REPEAT_UNTIL_DAY,
            String::new(),
            said.get("end") == "until" && parse_date(said.get("until"), &context).is_err(),
        ),
        count: field(
            "count",
            keys::REPEAT_TIMES,
            String::new(),
            said.get("end") == "count" && whole(said.get("count"), MOST_TIMES).is_none(),
        ),
        words: words(v, f, typed).unwrap_or_default(),
    }
}

/// A whole number of a form, within these bounds.
fn whole(text: &str, most: u32) -> Option<u32> {
    digits::to_ascii(text)
        .parse()
        .ok()
        .filter(|n| (1..=most).contains(n))
}

/// The rule that was typed, without the day on which it begins: that of the activity, which only the record knows. Empty
/// for none; what is no part of the form is given on as it is.
///
/// # Errors
/// What is wrong, in the reader's language.
pub(crate) fn read(v: &Viewer, f: &FieldDef, typed: &Typed, edge: &EdgeContext) -> Result<String, String> {
    let said = Said { typed, key: &f.key };
    let freq = match said.how() {
        "daily" => "DAILY",
        "weekly" => "WEEKLY",
        "monthly" => "MONTHLY",
        "yearly" => "YEARLY",
        other => return Ok(other.to_owned()),
    };
    let wrong = |key: Key| v.t(key);
    let every = whole(said.or("every", "1"), MOST_EVERY).ok_or_else(|| wrong(keys::REPEAT_EVERY_WRONG))?;
    let calendar = match (said.get("calendar"), v.calendar) {
        ("jalali", _) => "PERSIAN",
        ("gregorian", _) => "GREGORIAN",
        (_, Calendar::Jalali) => "PERSIAN",
        (_, Calendar::Gregorian) => "GREGORIAN",
    };
    let mut rule = format!("RSCALE={calendar};FREQ={freq};INTERVAL={every}");
    let weekdays = said.weekdays();
    match (freq, said.get("on")) {
        ("WEEKLY", _) if !weekdays.is_empty() => {
            let days: Vec<&str> = weekdays.iter().map(|d| d.key()).collect();
            let _ = write!(rule, ";BYDAY={}", days.join(","));
        }
        ("MONTHLY", "last") => rule.push_str(";BYMONTHDAY=-1"),
        ("MONTHLY", "weekday") => {
            let _ = write!(
                rule,
                ";BYDAY={}{}",
                said.or("nth", "1"),
                said.or("weekday", Weekday::Saturday.key())
            );
        }
        ("MONTHLY", _) if !said.get("day").is_empty() => {
            let day = whole(said.get("day"), 31).ok_or_else(|| wrong(keys::REPEAT_DAY_WRONG))?;
            let _ = write!(rule, ";BYMONTHDAY={day}");
        }
        _ => {}
    }
    match said.get("end") {
        "until" => {
            let day = until(v, f, said.get("until"), edge)?;
            let _ = write!(rule, ";UNTIL={}", iso(day).replace('-', ""));
        }
        "count" => {
            let n = whole(said.get("count"), MOST_TIMES).ok_or_else(|| wrong(keys::REPEAT_COUNT_WRONG))?;
            let _ = write!(rule, ";COUNT={n}");
        }
        _ => {}
    }
    Ok(rule)
}

/// The last day, read as any date of a form is.
fn until(v: &Viewer, f: &FieldDef, text: &str, edge: &EdgeContext) -> Result<i32, String> {
    if text.is_empty() {
        return Err(v.t(keys::REPEAT_UNTIL_MISSING));
    }
    let mut day = f.clone();
    day.ty = FieldType::Date;
    day.label = Text {
        fa: peyvand_i18n::text(
            peyvand_numbers::Language::Fa,
            keys::REPEAT_UNTIL_DAY,
            &Args::new(),
        ),
        en: peyvand_i18n::text(
            peyvand_numbers::Language::En,
            keys::REPEAT_UNTIL_DAY,
            &Args::new(),
        ),
    };
    match codec::parse_text(&day, text, edge) {
        Ok(peyvand_record::Value::Date(d)) => Ok(d),
        Ok(_) => Err(v.t(keys::REPEAT_UNTIL_MISSING)),
        Err(e) => Err(e.message(v.language)),
    }
}

/// The day from which a rule begins: as typed for the activity, else the one that it has, else today.
fn day_of(v: &Viewer, f: &FieldDef, typed: &Typed) -> i32 {
    let context = ParseContext::new(v.today(), v.language);
    let typed_day = |key: &str| {
        let text = typed.get(key).map_or("", |s| s.trim());
        let at = text.parse::<Instant>().map(Instant::micros).ok();
        let at = at.or_else(|| parse_datetime(text, &context, &v.zone).ok().map(|d| d.micros));
        at.map(|at| zone::day_of(at, &v.zone))
            .or_else(|| parse_date(text, &context).ok().map(|d| d.days))
    };
    typed_day("starts_at")
        .or_else(|| typed_day("due_at"))
        .or_else(|| of_iso(Said { typed, key: &f.key }.get(FROM)))
        .unwrap_or_else(|| v.today())
}

/// What was typed in words, with the days that follow; nothing for none.
///
/// # Errors
/// What is wrong, in the reader's language.
fn words(v: &Viewer, f: &FieldDef, typed: &Typed) -> Result<String, String> {
    let mut edge = EdgeContext::new(v.language, v.today(), Mode::Patch);
    edge.time_zone = v.zone.clone();
    let rule = read(v, f, typed, &edge)?;
    if rule.is_empty() {
        return Ok(String::new());
    }
    let day = day_of(v, f, typed);
    let rule = asked(&rule, day, v.calendar, None).map_err(|_| v.t(keys::REPEAT_OVER))?;
    let next: Vec<String> = rule.occurrences(day + 1).take(NEXT).map(|d| v.date(d)).collect();
    let (then, comma, way) = if v.language == peyvand_numbers::Language::Fa {
        ("؛ ", "، ", RIGHT_TO_LEFT)
    } else {
        ("; ", ", ", "")
    };
    let mut out = rule.describe(v.language, v.digits);
    out.push_str(then);
    if next.is_empty() {
        out.push_str(&v.t(keys::REPEAT_LAST));
    } else {
        let days = Args::new().text("days", format!("{way}{}", next.join(comma)));
        out.push_str(&v.with(keys::REPEAT_NEXT, &days));
    }
    Ok(out)
}

/// What is typed, in words: asked by the script while it is typed.
pub(crate) async fn words_of(
    State(app): State<std::sync::Arc<App>>,
    visitor: Visitor,
    Query(typed): Query<HashMap<String, String>>,
) -> Json<serde_json::Value> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let object = app.object(caller, "activities").ok();
    let field = object.as_ref().and_then(|o| o.at(activity::RECURRENCE));
    let said = field.map_or_else(|| Ok(String::new()), |f| words(v, f, &typed));
    Json(match said {
        Ok(words) => json!({ "words": words, "wrong": false }),
        Err(text) => json!({ "words": text, "wrong": true }),
    })
}
