//! Deals in their stages, won, lost and open.

use serde_json::json;

use crate::Item;
use crate::draw::Draw;
use crate::say::{Facts, fresh, persian_digits};
use crate::setup::{PIPELINES, REASONS, RIVALS, USERS, euro_cents};
use crate::tables::goods::GOODS;
use crate::time::{PAST, date};
use crate::world::{Deal, World, good_link, link, money};

/// Deals are about these groups for a buyer of that taste.
fn goods_of(taste: &str) -> Vec<usize> {
    (0..GOODS.len())
        .filter(|&i| GOODS.get(i).is_some_and(|g| g.group == taste))
        .collect()
}

/// The deals with their people and lines.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(5);
    let mut out = Vec::new();
    let firms = world.firms.len();
    for n in 0..world.size.of(560) {
        // Large firms come back: the first tenth has a third of the deals.
        let firm = if draw.chance(33) {
            draw.below(firms.div_ceil(10))
        } else {
            draw.below(firms)
        };
        let Some(f) = world.firms.get(firm) else { continue };
        let staff: Vec<usize> = (0..world.people.len())
            .filter(|&p| world.people.get(p).is_some_and(|p| p.firm == Some(firm)))
            .collect();
        let person = if staff.is_empty() {
            continue;
        } else {
            *draw.pick(&staff)
        };
        let Some(p) = world.people.get(person) else {
            continue;
        };
        let pipeline = draw.weighted([58, 32, 10].into_iter());
        let Some((pipe, _, _, stages)) = PIPELINES.get(pipeline) else {
            continue;
        };
        let status = draw.key(&[("won", 40), ("lost", 27), ("open", 33)]);
        let length = draw.between(6, 110) as i32;
        let opened = match status {
            "open" => world.today - draw.between(0, 170) as i32,
            _ => world.today - length - draw.between(0, i64::from(PAST - length)) as i32,
        };
        let closed = (status != "open").then_some(opened + length);
        let step = draw.below(stages.len());
        let (stage, probability, forecast) = match status {
            "open" => stages.get(step).map_or(("", 0, ""), |s| (s.0, s.3, s.4)),
            "won" => ("won", 100, "closed"),
            _ => ("lost", 0, "closed"),
        };
        let reason = draw.weighted([26, 24, 10, 12, 12, 12, 4].into_iter());
        let reason = REASONS.get(reason).map(|r| r.0).filter(|_| status == "lost");
        let rival = match reason {
            Some("competitor") => true,
            Some("price") => draw.chance(50),
            _ => status == "open" && draw.chance(12),
        };
        let rival = rival.then(|| {
            let local = if f.persian { 0..3 } else { 2..5 };
            draw.pick(RIVALS.get(local).unwrap_or(RIVALS)).0
        });
        let goods = goods_of(f.taste);
        let good = *draw.pick(&goods);
        let key = format!("deal-{:04}", n + 1);
        let currency = if f.persian { "IRR" } else { "EUR" };
        let mut lines = Vec::new();
        let mut amount = 0;
        for position in 0..draw.between(1, 3) {
            let line_good = if position == 0 { good } else { *draw.pick(&goods) };
            let service = matches!(f.taste, "trade" | "software");
            let quantity = if service {
                draw.between(1, 12)
            } else {
                draw.between(5, 120)
            };
            let (price, unit_price) = price(line_good, f.persian);
            let gross = price * quantity;
            let discount = gross * *draw.pick(&[0, 0, 0, 5, 8, 10]) / 100;
            amount += gross - discount;
            lines.push(Item::new(
                "deal_line",
                format!("{key}-{}", position + 1),
                json!({
                    "deal_id": link("deal", &key),
                    "product_id": good_link(line_good),
                    "position": position,
                    "description": GOODS.get(line_good).map(|g| if f.persian { g.name } else { g.english }),
                    "quantity": quantity.to_string(),
                    "unit_price": unit_price,
                    "currency": currency,
                    "discount": money(discount, currency),
                    "total": money(gross - discount, currency),
                }),
            ));
        }
        let open = status == "open";
        let expected = match closed {
            Some(day) => day + draw.between(-12, 12) as i32,
            // One open deal of five should have been closed by now.
            None if draw.chance(20) => {
                world.today - draw.between(1, 40).min(i64::from(world.today - opened)) as i32
            }
            None => world.today + draw.between(3, 120) as i32,
        };
        let facts = Facts::new(&mut draw, p, good, None, opened);
        let firm_name = f.name.clone();
        let name = fresh(&mut world.said, || {
            if f.persian {
                let template = draw.word(NAMES);
                persian_digits(&facts.fill(template)).replace("{f}", &firm_name)
            } else {
                let template = draw.word(NAMES_EN);
                facts.fill(template).replace("{f}", &firm_name)
            }
        });
        let idle = open && draw.chance(8);
        let next = open
            .then(|| draw.pick(if f.persian { STEPS } else { STEPS_EN }))
            .filter(|_| !idle);
        let source = if pipeline == 1 {
            "existing"
        } else {
            *draw.pick(&[
                "website", "referral", "event", "campaign", "phone_in", "outbound", "partner", "tender",
            ])
        };
        out.push(Item::new(
            "deal",
            key.clone(),
            json!({
                "name": name,
                "company_id": link("company", &f.key),
                "contact_id": link("contact", &p.key),
                "amount": money(amount, currency),
                "pipeline_id": link("pipeline", pipe),
                "stage_id": link("stage", &format!("{pipe}-{stage}")),
                "status": status,
                "probability": probability,
                "forecast_category": forecast,
                "expected_close": date(expected),
                "product_id": good_link(good),
                "source": source,
                "next_step": next.map(|s| facts.fill(s)),
                "opened_on": date(opened),
                "closed_on": closed.map(date),
                "lost_reason_id": reason.map(|r| link("lost_reason", r)),
                "competitor_id": rival.map(|r| link("competitor", r)),
                "owner_id": link("user", USERS.get(f.owner).map_or("", |u| u.key)),
            }),
        ));
        out.append(&mut lines);
        let role = draw.word(&["buyer", "decision_maker"]);
        out.push(member(&key, &p.key, role, true));
        for other in staff.iter().filter(|&&s| s != person).take(draw.below(3)) {
            if let Some(o) = world.people.get(*other) {
                let role = draw.word(&["influencer", "technical", "finance", "end_user", "opponent"]);
                out.push(member(&key, &o.key, role, false));
            }
        }
        world.deals.push(Deal {
            key,
            person,
            opened,
            until: closed.unwrap_or(world.today),
            open,
            good,
        });
    }
    out
}

/// The price of a product in minor units and as a decimal: rials at home, euros abroad.
pub(crate) fn price(good: usize, persian: bool) -> (i64, String) {
    if persian {
        let rials = GOODS.get(good).map_or(0, |g| g.price * 10_000);
        (rials, rials.to_string())
    } else {
        let cents = euro_cents(good);
        (cents, crate::setup::decimal(cents))
    }
}

fn member(deal: &str, contact: &str, role: &str, primary: bool) -> Item {
    Item::new(
        "deal_contact",
        format!("{deal}-{contact}"),
        json!({
            "deal_id": link("deal", deal),
            "contact_id": link("contact", contact),
            "role": role,
            "primary": primary,
        }),
    )
}

/// What deals are called.
const NAMES: &[&str] = &[
    "{g} برای {f}",
    "خرید {n} عدد {g} برای {f}",
    "قرارداد سالانهٔ {f}",
    "{f}: تأمین {g}",
    "همکاری با {f} در {c}",
    "{f} ـ سفارش عمدهٔ {d}",
    "تمدید قرارداد {f}",
];
const NAMES_EN: &[&str] = &[
    "{g} for {f}",
    "{f}: {n} × {g}",
    "{f}: yearly contract",
    "Supply of {g} to {f}",
    "{f}: opening order",
    "{f}: new branch in {c}",
    "{f}: renewal",
];

/// What comes next in open deals.
const STEPS: &[&str] = &[
    "تماس با {p} دربارهٔ پیش‌فاکتور تا {d}",
    "فرستادن نمونهٔ {g} تا {d}",
    "جلسهٔ حضوری با {p} در {c}، {d}",
    "گرفتن تأیید مدیر مالی تا {d}",
    "بازنگری قیمت برای {n} عدد",
    "ارسال پیش‌نویس قرارداد به {p}",
];
const STEPS_EN: &[&str] = &[
    "Call {p} about the quotation by {d}",
    "Send a sample of {g} by {d}",
    "Meet {p} in {c} on {d}",
    "Get the finance director's approval by {d}",
    "Rework the price for {n} pieces",
    "Send {p} the draft contract",
];
