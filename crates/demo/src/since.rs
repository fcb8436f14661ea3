//! When each record was put down: what has a day of its own then, a customer before the first thing that is known of them.

use std::collections::HashMap;

use peyvand_core::Instant;
use serde_json::Value;

use crate::Item;
use crate::draw::Draw;
use crate::time::{PAST, TEHRAN};

/// The fields that say on which day something happened, or from which it was known.
const OWN_DAYS: &[&str] = &["ordered_at", "occurred_at", "opened_on", "observed_on", "due_at"];
/// Days before a task is due on which it was written down.
const AHEAD: i64 = 6;

/// Puts the days on which they were made into the records that can have happened before today.
pub(crate) fn put_back(items: &mut [Item], today: i32) {
    // The day begins earlier in Tehran than at Greenwich: nothing may have been put down later than the clock says.
    let now = i64::from(today) * Instant::DAY - TEHRAN * 60 * Instant::SECOND;
    let first = now - i64::from(PAST) * Instant::DAY;
    let mut draw = Draw::new(11);
    // The earliest day on which something is known of a customer.
    let mut known: HashMap<(String, String), i64> = HashMap::new();
    for item in items.iter_mut().rev() {
        let own = match item.object {
            "contact" | "company" => {
                let me = (item.object.to_owned(), item.key.clone());
                let before = draw.between(1, 21) * Instant::DAY;
                let any = first + draw.between(0, i64::from(PAST) * 1440 - 1) * 60 * Instant::SECOND;
                let at = known.get(&me).map_or(any, |k| (*k - before).min(any));
                Some(at.max(first - draw.between(1, 30) * Instant::DAY))
            }
            _ => own_day(item),
        };
        let Some(own) = own else { continue };
        let ahead = if item.object == "activity" {
            AHEAD * Instant::DAY
        } else {
            0
        };
        // What is planned was written down before today.
        let made = (own - ahead).min(now - draw.between(1, 1_440) * 60 * Instant::SECOND);
        item.made = Some(Instant(made));
        for link in item.values.values().filter_map(target) {
            let e = known.entry(link).or_insert(made);
            *e = (*e).min(made);
        }
    }
}

fn own_day(item: &Item) -> Option<i64> {
    OWN_DAYS.iter().find_map(|f| {
        let text = item.values.get(*f)?.as_str()?;
        let at: Instant = match text.len() {
            10 => format!("{text}T08:00:00Z").parse(),
            _ => text.parse(),
        }
        .ok()?;
        Some(at.micros())
    })
}

/// The customer that a link leads to.
fn target(value: &Value) -> Option<(String, String)> {
    let pair = value.as_object()?.get("@")?.as_array()?;
    let object = pair.first()?.as_str()?;
    matches!(object, "contact" | "company")
        .then(|| Some((object.to_owned(), pair.get(1)?.as_str()?.to_owned())))
        .flatten()
}
