//! What has passed between the house and its customers.

use serde_json::json;

use crate::Item;
use crate::draw::Draw;
use crate::say::{Facts, fresh};
use crate::setup::{CAMPAIGNS, USERS};
use crate::tables::places::ABROAD;
use crate::tables::texts_en::{Topic, Voice};
use crate::tables::{texts_en, texts_fa};
use crate::time::{PAST, TEHRAN, instant, workday, working_minute};
use crate::world::{Person, World, link};

/// Minutes that a person's place is ahead of UTC.
pub(crate) fn ahead(person: &Person) -> i64 {
    if person.persian {
        TEHRAN
    } else {
        ABROAD.get(person.city).map_or(0, |c| c.offset * 60)
    }
}

/// What an interaction hangs on.
struct Occasion {
    person: usize,
    day: i32,
    good: usize,
    order: Option<usize>,
    deal: Option<usize>,
    about: &'static [&'static str],
}

/// The interactions: around orders, within deals, and for themselves.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(8);
    let mut out = Vec::new();
    for n in 0..world.size.of(10_600) {
        let Some(o) = occasion(&mut draw, world) else {
            continue;
        };
        let Some(p) = world.people.get(o.person).cloned() else {
            continue;
        };
        let topics = if p.persian {
            texts_fa::TOPICS
        } else {
            texts_en::TOPICS
        };
        let fitting: Vec<&Topic> = topics.iter().filter(|t| o.about.contains(&t.about)).collect();
        let topic = *draw.pick(&fitting);
        let (channel, kind, direction) = manner(&mut draw, &p, topic.voice, topic.about);
        let order = o.order.and_then(|i| world.orders.get(i));
        let facts = Facts::new(&mut draw, &p, o.good, order.map(|r| r.number.as_str()), o.day);
        let short = matches!(channel, "sms" | "messenger" | "social");
        let subject = facts.fill(draw.pick::<&str>(topic.subjects));
        let body = fresh(&mut world.said, || {
            // The numbers differ each time, so that two people rarely read the same.
            let facts = Facts::new(&mut draw, &p, o.good, order.map(|r| r.number.as_str()), o.day);
            let gap = if channel == "email" { "\n\n" } else { " " };
            let mut text = facts.fill(draw.pick::<&str>(topic.opens));
            text.push_str(gap);
            text.push_str(&facts.fill(draw.pick::<&str>(topic.details)));
            if !short {
                text.push_str(gap);
                text.push_str(&facts.fill(draw.pick::<&str>(topic.closes)));
            }
            text
        });
        let talk = topic.voice == Voice::Talk;
        let minutes = match kind {
            "call" => draw.between(1, 18),
            "meeting" | "visit" => draw.between(4, 18) * 5,
            _ => 0,
        };
        let campaign = CAMPAIGNS
            .iter()
            .find(|c| (0..c.4).contains(&(o.day - (world.today - c.3))))
            .filter(|_| topic.about == "offer")
            .map(|c| link("campaign", c.0));
        let minute = working_minute(&mut draw);
        let user = USERS.get(p.owner).map_or("", |u| u.key);
        out.push(Item::new(
            "interaction",
            format!("interaction-{:05}", n + 1),
            json!({
                "subject": (!short).then_some(subject),
                "kind": kind,
                "channel": channel,
                "direction": direction,
                "occurred_at": instant(o.day, minute, ahead(&p)),
                "duration_seconds": (minutes > 0).then(|| minutes * 60 + draw.between(0, 59)),
                "body": body,
                "outcome": (talk || draw.chance(40)).then(|| facts.fill(draw.pick::<&str>(topic.outcomes))),
                "contact_id": link("contact", &p.key),
                "company_id": p.firm.and_then(|f| world.firms.get(f)).map(|f| link("company", &f.key)),
                "deal_id": o.deal.and_then(|d| world.deals.get(d)).map(|d| link("deal", &d.key)),
                "order_id": order.map(|r| link("order", &r.key)),
                "user_id": link("user", user),
                "campaign_id": campaign,
                "formality": draw.key(&[("formal", 50), ("neutral", 30), ("friendly", 20)]),
                "owner_id": link("user", user),
            }),
        ));
    }
    out
}

fn occasion(draw: &mut Draw, world: &World) -> Option<Occasion> {
    let fate = draw.below(100);
    if fate < 42 && !world.orders.is_empty() {
        let order = draw.below(world.orders.len());
        let o = world.orders.get(order)?;
        let about: &[&str] = if o.returned {
            &["complaint"]
        } else if draw.chance(8) {
            &["complaint", "service"]
        } else {
            &["order"]
        };
        let day = (o.day + draw.between(0, 12) as i32).min(world.over());
        return Some(Occasion {
            person: o.person,
            day,
            good: o.good,
            order: Some(order),
            deal: None,
            about,
        });
    }
    if fate < 70 && !world.deals.is_empty() {
        let deal = draw.below(world.deals.len());
        let d = world.deals.get(deal)?;
        // A deal that has only just been opened was talked about before.
        let day = (d.opened + draw.between(0, i64::from(d.until - d.opened)) as i32).min(world.over());
        return Some(Occasion {
            person: d.person,
            day,
            good: d.good,
            order: None,
            deal: Some(deal),
            about: &["price", "meeting"],
        });
    }
    let person = draw.below(world.people.len());
    let p = world.people.get(person)?;
    let day = world.today - draw.between(0, i64::from(PAST)) as i32;
    let good = crate::tables::goods::GOODS
        .iter()
        .position(|g| g.group == p.taste)?
        + draw.below(6);
    Some(Occasion {
        person,
        day: workday(day, p.persian).min(world.over()),
        good,
        order: None,
        deal: None,
        about: &["offer", "offer", "service", "price", "meeting"],
    })
}

/// Channel, kind and direction.
fn manner(
    draw: &mut Draw,
    p: &Person,
    voice: Voice,
    about: &str,
) -> (&'static str, &'static str, &'static str) {
    match (voice, about) {
        (Voice::Talk, "meeting") => {
            if draw.chance(65) {
                ("in_person", "meeting", "out")
            } else {
                ("in_person", "visit", draw.word(&["in", "out"]))
            }
        }
        (Voice::Talk, _) => ("phone", "call", draw.word(&["in", "in", "out"])),
        (v, _) => {
            let channels: &[(&'static str, u32)] = if p.persian {
                &[("sms", 30), ("messenger", 34), ("email", 24), ("social", 12)]
            } else {
                &[("email", 70), ("messenger", 18), ("sms", 6), ("social", 6)]
            };
            let direction = if v == Voice::Letter { "out" } else { "in" };
            (draw.key(channels), "message", direction)
        }
    }
}
