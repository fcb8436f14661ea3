//! Notes, needs and perceptions.

use serde_json::json;

use crate::Item;
use crate::draw::Draw;
use crate::say::{Facts, fresh};
use crate::setup::USERS;
use crate::tables::goods::GOODS;
use crate::tables::{texts_en, texts_fa};
use crate::time::date;
use crate::world::{World, good_link, link};

/// The notes on people, firms and deals; then what customers need and how they see us.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(9);
    let mut out = Vec::new();
    notes(&mut draw, world, &mut out);
    needs(&mut draw, world, &mut out);
    perceptions(&mut draw, world, &mut out);
    out
}

fn notes(draw: &mut Draw, world: &mut World, out: &mut Vec<Item>) {
    out.push(Item::new(
        "note",
        "note-adoption",
        json!({
            "body": "Roll-out of the CRM, after Gartner: 45 % executive leadership, 40 % project management, 15 % technology. پس نخست مدیران باید از آن استفاده کنند.",
            "pinned": true,
            "company_id": link("company", "company-121trd"),
            "owner_id": link("user", "user-niloufar"),
        }),
    ));
    for n in 0..world.size.of(1_600) {
        let deal = draw.chance(30).then(|| draw.below(world.deals.len()));
        let deal = deal.and_then(|d| world.deals.get(d));
        let person = deal.map_or_else(|| draw.below(world.people.len()), |d| d.person);
        let Some(p) = world.people.get(person).cloned() else {
            continue;
        };
        let good = deal.map_or_else(|| draw.below(GOODS.len()), |d| d.good);
        let day = world.today - draw.between(0, 700) as i32;
        let parts = if p.persian {
            texts_fa::NOTES
        } else {
            texts_en::NOTES
        };
        let body = fresh(&mut world.said, || {
            let facts = Facts::new(draw, &p, good, None, day);
            let chosen = parts.map(|part| facts.fill(draw.word(part)));
            chosen.join(" ").trim_end().to_owned()
        });
        let firm = p.firm.and_then(|f| world.firms.get(f));
        let on_firm = deal.is_none() && firm.is_some() && draw.chance(25);
        out.push(Item::new(
            "note",
            format!("note-{:04}", n + 1),
            json!({
                "body": body,
                "pinned": draw.chance(5),
                "contact_id": (!on_firm).then(|| link("contact", &p.key)),
                "company_id": firm.map(|f| link("company", &f.key)),
                "deal_id": deal.map(|d| link("deal", &d.key)),
                "owner_id": link("user", USERS.get(p.owner).map_or("", |u| u.key)),
            }),
        ));
    }
}

fn needs(draw: &mut Draw, world: &mut World, out: &mut Vec<Item>) {
    for n in 0..world.size.of(420) {
        let person = draw.below(world.people.len());
        let Some(p) = world.people.get(person).cloned() else {
            continue;
        };
        let good = GOODS.iter().position(|g| g.group == p.taste).unwrap_or(0) + draw.below(6);
        let day = world.today - draw.between(10, 700) as i32;
        let (kind, template) = *draw.pick(if p.persian {
            texts_fa::NEEDS
        } else {
            texts_en::NEEDS
        });
        let statement = fresh(&mut world.said, || {
            Facts::new(draw, &p, good, None, day).fill(template)
        });
        let status = draw.key(&[("open", 55), ("met", 32), ("cannot_serve", 6), ("lost", 7)]);
        out.push(Item::new(
            "need",
            format!("need-{:03}", n + 1),
            json!({
                "statement": statement,
                "kind": kind,
                "strength": draw.between(1, 5),
                "confidence": draw.between(30, 100),
                "status": status,
                "source": draw.word(&["said", "said", "observed", "survey", "behaviour", "inferred"]),
                "contact_id": link("contact", &p.key),
                "category_id": link("category", p.taste),
                "met_on": (status == "met").then(|| date(day + 5)),
                "owner_id": link("user", USERS.get(p.owner).map_or("", |u| u.key)),
            }),
        ));
    }
}

/// Words of customers about goods: in both languages, aspect, score.
const WORDS: &[(&str, &str, &str, i64)] = &[
    ("محکم و خوش‌دست است", "Sturdy and well made", "quality", 4),
    (
        "از آنچه فکر می‌کردم بهتر بود",
        "Better than I expected",
        "quality",
        5,
    ),
    ("زود خراب شد", "Broke too soon", "quality", -4),
    ("همهٔ امکانات لازم را دارد", "Has everything I need", "features", 3),
    (
        "راهنمای فارسی‌اش کامل نیست",
        "The English manual is incomplete",
        "features",
        -2,
    ),
    (
        "حس خانهٔ مادربزرگ را می‌دهد",
        "Feels like my grandmother's house",
        "feeling",
        5,
    ),
    (
        "در فروشگاه به من نگاه هم نکردند",
        "Nobody looked at me in the shop",
        "service",
        -5,
    ),
    (
        "با حوصله پاسخ دادند",
        "They took their time to answer",
        "service",
        4,
    ),
    (
        "بسته‌بندی کاغذی با باورهایم می‌خواند",
        "Paper packaging fits what I believe in",
        "personal_values",
        4,
    ),
    (
        "برای کیفیتش گران نیست",
        "Not expensive for what it is",
        "price",
        2,
    ),
    ("از جاهای دیگر گران‌تر است", "Dearer than elsewhere", "price", -3),
];

fn perceptions(draw: &mut Draw, world: &World, out: &mut Vec<Item>) {
    for n in 0..world.size.of(380) {
        if world.orders.is_empty() {
            return;
        }
        let order = draw.below(world.orders.len());
        let Some(order) = world.orders.get(order) else {
            continue;
        };
        let Some(p) = world.people.get(order.person) else {
            continue;
        };
        let (fa, en, aspect, score) = *draw.pick(WORDS);
        let day = (order.day + draw.between(3, 40) as i32).min(world.today);
        out.push(Item::new(
            "perception",
            format!("perception-{:03}", n + 1),
            json!({
                "words": if p.persian { fa } else { en },
                "aspect": aspect,
                "score": score,
                "observed_on": date(day),
                "contact_id": link("contact", &p.key),
                "product_id": good_link(order.good),
                "owner_id": link("user", USERS.get(p.owner).map_or("", |u| u.key)),
            }),
        ));
    }
}
