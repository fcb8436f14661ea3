//! Plans: done, overdue and to come.

use serde_json::json;

use crate::Item;
use crate::draw::Draw;
use crate::interactions::ahead;
use crate::say::Facts;
use crate::setup::USERS;
use crate::tables::{texts_en, texts_fa};
use crate::time::{instant, workday, working_minute};
use crate::world::{World, link};

/// The plans: one for most open deals, the others for people.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(7);
    let mut out = Vec::new();
    let open: Vec<usize> = (0..world.deals.len())
        .filter(|&d| world.deals.get(d).is_some_and(|d| d.open))
        .collect();
    for n in 0..world.size.of(1_900) {
        let deal = match open.get(n) {
            Some(&d) => Some(d),
            None => (draw.chance(35) && !world.deals.is_empty()).then(|| draw.below(world.deals.len())),
        };
        let deal = deal.and_then(|d| world.deals.get(d));
        let person = deal.map_or_else(|| draw.below(world.people.len()), |d| d.person);
        let Some(p) = world.people.get(person) else {
            continue;
        };
        // Done in the past, overdue, to come, called off.
        let fate = if n < open.len() {
            60 + draw.below(36)
        } else {
            draw.below(100)
        };
        let (status, day) = match fate {
            0..=59 => ("done", -draw.between(1, 600)),
            60..=73 => (
                draw.word(&["open", "open", "in_progress", "waiting"]),
                -draw.between(1, 45),
            ),
            74..=95 => (
                draw.word(&["open", "open", "open", "waiting"]),
                draw.between(0, 60),
            ),
            _ => ("cancelled", -draw.between(1, 300)),
        };
        let mut day = workday(world.today + day as i32, p.persian);
        if fate < 74 {
            // What is over stays over when a day of rest pushes it.
            day = day.min(world.today - 1);
        }
        let good = deal.map_or(0, |d| d.good);
        let facts = Facts::new(&mut draw, p, good, None, day);
        let (plans, results) = if p.persian {
            (texts_fa::PLANS, texts_fa::RESULTS)
        } else {
            (texts_en::PLANS, texts_en::RESULTS)
        };
        let (kind, subject) = *draw.pick(plans);
        let minute = working_minute(&mut draw) / 15 * 15;
        let timed = matches!(kind, "meeting" | "visit");
        let late = draw.between(-1_440, 1_440);
        let done = (status == "done").then(|| {
            let at = minute + late;
            let last = i64::from(world.today - day) * 1_440;
            instant(day, at.min(last), ahead(p))
        });
        let user = USERS.get(p.owner).map_or("", |u| u.key);
        let place = match (timed, p.persian) {
            (false, _) => None,
            (true, true) => Some("دفتر مشتری، {c}"),
            (true, false) => Some("Customer's office, {c}"),
        };
        out.push(Item::new(
            "activity",
            format!("activity-{:04}", n + 1),
            json!({
                "subject": facts.fill(subject),
                "kind": kind,
                "status": status,
                "priority": draw.key(&[("normal", 60), ("low", 12), ("high", 20), ("urgent", 8)]),
                "due_at": instant(day, minute, ahead(p)),
                "starts_at": timed.then(|| instant(day, minute, ahead(p))),
                "ends_at": timed.then(|| instant(day, minute + 60, ahead(p))),
                "place": place.map(|t| facts.fill(t)),
                "contact_id": link("contact", &p.key),
                "company_id": p.firm.and_then(|f| world.firms.get(f)).map(|f| link("company", &f.key)),
                "deal_id": deal.map(|d| link("deal", &d.key)),
                "outcome": done.as_ref().map(|_| draw.word(results)),
                "completed_at": done,
                "owner_id": link("user", user),
            }),
        ));
    }
    out
}
