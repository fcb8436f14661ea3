//! Sentences from templates.

use std::collections::BTreeSet;

use peyvand_calendar::names::month_name;
use peyvand_calendar::{Calendar, Language};

use crate::draw::Draw;
use crate::setup::USERS;
use crate::tables::goods::GOODS;
use crate::tables::places::{ABROAD, CITIES};
use crate::world::Person;

/// What is put into a template: `{p}` the person, `{g}` the product, `{c}` the city, `{n}` a number, `{m}` a larger
/// one, `{d}` a day, `{o}` an order or another reference, `{u}` a colleague.
pub(crate) struct Facts {
    persian: bool,
    values: [(&'static str, String); 8],
}

impl Facts {
    /// The facts about a person on a day; a reference is invented when there is none.
    pub(crate) fn new(
        draw: &mut Draw,
        person: &Person,
        good: usize,
        reference: Option<&str>,
        day: i32,
    ) -> Self {
        let persian = person.persian;
        let good = GOODS
            .get(good)
            .map_or("", |g| if persian { g.name } else { g.english });
        let city = if persian {
            CITIES.get(person.city).map_or("", |c| c.name)
        } else {
            ABROAD.get(person.city).map_or("", |c| c.name)
        };
        let colleague = USERS
            .get(person.owner)
            .map_or("", |u| if persian { u.name } else { u.latin });
        let about = day + draw.between(2, 24) as i32;
        let reference = reference.map_or_else(
            || format!("{}-{}", draw.between(10, 99), draw.between(1_000, 9_999)),
            str::to_owned,
        );
        let n = draw.between(2, 60);
        let m = draw.between(12, 480) * 5;
        Self {
            persian,
            values: [
                ("{p}", person.short.clone()),
                ("{g}", good.to_owned()),
                ("{c}", city.to_owned()),
                ("{n}", n.to_string()),
                ("{m}", m.to_string()),
                ("{d}", spoken(about, persian)),
                ("{o}", reference),
                ("{u}", colleague.to_owned()),
            ],
        }
    }

    /// The template with the facts in it. In Persian text the digits are Persian.
    pub(crate) fn fill(&self, template: &str) -> String {
        let mut text = template.to_owned();
        for (mark, value) in &self.values {
            if text.contains(mark) {
                // A reference is copied and searched for, so it keeps its digits.
                let digits = self.persian && *mark != "{o}";
                text = text.replace(
                    mark,
                    &if digits {
                        persian_digits(value)
                    } else {
                        value.clone()
                    },
                );
            }
        }
        text
    }
}

/// A day as it is spoken of: «۱۲ آذر», "3 December".
pub(crate) fn spoken(day: i32, persian: bool) -> String {
    let (calendar, language) = if persian {
        (Calendar::Jalali, Language::Fa)
    } else {
        (Calendar::Gregorian, Language::En)
    };
    let d = calendar.ymd(day);
    let text = format!("{} {}", d.day, month_name(calendar, d.month, language));
    if persian { persian_digits(&text) } else { text }
}

/// The text with Persian digits.
pub(crate) fn persian_digits(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0'..='9' => char::from_u32('۰' as u32 + (c as u32 - '0' as u32)).unwrap_or(c),
            other => other,
        })
        .collect()
}

/// A text that has not been written before: drawn again until it is new, and numbered if it never is.
pub(crate) fn fresh(said: &mut BTreeSet<String>, mut write: impl FnMut() -> String) -> String {
    let mut text = write();
    for _ in 0..20 {
        if !said.contains(&text) {
            break;
        }
        text = write();
    }
    let plain = text.clone();
    let mut n = 2;
    while !said.insert(text.clone()) {
        text = format!("{plain} ({n})");
        n += 1;
    }
    text
}
