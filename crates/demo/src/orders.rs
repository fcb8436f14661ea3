//! Orders with their lines: many of a few customers, some sent back, some cancelled.

use peyvand_calendar::Jalali;
use serde_json::{Value, json};

use crate::Item;
use crate::companies;
use crate::deals::price;
use crate::draw::Draw;
use crate::setup::{USERS, taxed};
use crate::tables::goods::GOODS;
use crate::tables::places::{ABROAD, CITIES};
use crate::time::{PAST, TEHRAN, date, instant, season};
use crate::world::{Order, World, good_link, link, money};

/// One product of an order, amounts in minor units.
struct Line {
    good: usize,
    quantity: i64,
    unit_price: String,
    gross: i64,
    discount: i64,
    tax: i64,
}

/// The orders in the order of their days.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(6);
    let seasons = [season(world.today, false), season(world.today, true)];
    // A little more than a third buys at all. The more often somebody is in front, the more they buy: the weight
    // falls with the rank.
    let mut buyers: Vec<usize> = (0..world.people.len()).filter(|_| draw.chance(38)).collect();
    for i in (1..buyers.len()).rev() {
        buyers.swap(i, draw.below(i + 1));
    }
    let mut sum = 0;
    let ranks: Vec<u64> = (0..buyers.len())
        .map(|rank| {
            sum += 1_000_000 / (rank as u64 + 14);
            sum
        })
        .collect();
    let mut plan: Vec<(i32, usize)> = Vec::new();
    for n in 0..world.size.of(5_200) {
        let rank = if n < buyers.len() {
            n
        } else {
            draw.cumulative(&ranks)
        };
        let Some(&person) = buyers.get(rank) else { continue };
        let persian = world.people.get(person).is_some_and(|p| p.persian);
        let day = draw.cumulative(&seasons[usize::from(persian)]) as i32;
        plan.push((world.over() - PAST + day, person));
    }
    plan.sort_unstable();
    let mut out = Vec::new();
    for (n, (day, person)) in plan.into_iter().enumerate() {
        sale(&mut draw, world, &mut out, n, day, person);
    }
    out
}

fn lines(draw: &mut Draw, taste: &str, persian: bool, business: bool) -> Vec<Line> {
    let favourite: Vec<usize> = (0..GOODS.len())
        .filter(|&i| GOODS.get(i).is_some_and(|g| g.group == taste))
        .collect();
    let shelf: Vec<usize> = (0..GOODS.len())
        .filter(|&i| GOODS.get(i).is_some_and(|g| g.group != "trade"))
        .collect();
    let mut out: Vec<Line> = Vec::new();
    for _ in 0..draw
        .key(&[("1", 34), ("2", 28), ("3", 20), ("4", 10), ("5", 5), ("7", 3)])
        .parse()
        .unwrap_or(1)
    {
        let from = if draw.chance(70) { &favourite } else { &shelf };
        let good = *draw.pick(from);
        if out.iter().any(|l| l.good == good) {
            continue;
        }
        let service = GOODS
            .get(good)
            .is_some_and(|g| matches!(g.group, "trade" | "software"));
        let quantity = match (business, service) {
            (true, false) => *draw.pick(&[2, 4, 5, 6, 10, 12, 20, 24, 50]),
            (false, false) => *draw.pick(&[1, 1, 1, 1, 2, 2, 3]),
            (_, true) => *draw.pick(&[1, 1, 1, 2, 3]),
        };
        let (minor, unit_price) = price(good, persian);
        let gross = minor * quantity;
        let discount = gross * *draw.pick(&[0, 0, 0, 0, 5, 10, 15]) / 100;
        let tax = if persian && taxed(good) {
            (gross - discount) / 10
        } else {
            0
        };
        out.push(Line {
            good,
            quantity,
            unit_price,
            gross,
            discount,
            tax,
        });
    }
    out
}

fn sale(draw: &mut Draw, world: &mut World, out: &mut Vec<Item>, n: usize, day: i32, person: usize) {
    let Some(p) = world.people.get(person).cloned() else {
        return;
    };
    let firm = p.firm.and_then(|f| world.firms.get(f)).map(|f| f.key.clone());
    let lines = lines(draw, p.taste, p.persian, firm.is_some());
    let age = world.today - day;
    let fate = draw.below(100);
    // Nothing is sent back before it has arrived.
    let returned = fate < 5 && age > 20;
    let cancelled = (5..8).contains(&fate) && age > 3;
    let status = match (cancelled, age) {
        (true, _) => "cancelled",
        (_, 0..=2) => *draw.pick(&["draft", "confirmed", "confirmed", "preparing"]),
        (_, 3..=8) => *draw.pick(&["confirmed", "preparing", "shipped", "shipped"]),
        (_, 9..=20) => *draw.pick(&["shipped", "delivered"]),
        _ => *draw.pick(&["delivered", "completed", "completed"]),
    };
    let year = if p.persian {
        Jalali::from_days(day).year.to_string()
    } else {
        date(day).chars().take(4).collect()
    };
    let key = format!("order-{:05}", n + 1);
    let number = format!("{}-{year}-{:05}", if p.persian { "N" } else { "EX" }, n + 1);
    let delivered = matches!(status, "delivered" | "completed")
        .then(|| (day + draw.between(1, 9) as i32).min(world.over()));
    let head = |kind: &str, status: &str, number: &str, day: i32, minute: i64| {
        let (country, city, ahead) = if p.persian {
            ("IR", CITIES.get(p.city).map_or("", |c| c.name), TEHRAN)
        } else {
            ABROAD
                .get(p.city)
                .map_or(("GB", "", 0), |c| (c.country, c.name, c.offset * 60))
        };
        json!({
            "number": number,
            "kind": kind,
            "ordered_at": instant(day, minute, ahead),
            "contact_id": link("contact", &p.key),
            "company_id": firm.as_deref().map(|f| link("company", f)),
            "price_list_id": link("price_list", if p.persian { "list-retail" } else { "list-export" }),
            "status": status,
            "country": country,
            "city": city,
            "owner_id": link("user", USERS.get(p.owner).map_or("", |u| u.key)),
        })
    };
    let minute = draw.between(7 * 60, 16 * 60);
    let mut values = head("sale", status, &number, day, minute);
    let channel = draw.key(if p.persian {
        &[
            ("web", 34),
            ("phone", 20),
            ("in_person", 20),
            ("messenger", 14),
            ("app", 12),
        ]
    } else {
        &[("web", 60), ("phone", 14), ("marketplace", 20), ("partner", 6)]
    });
    let (street, _) = companies::address(draw, p.persian, p.city);
    let promised = date(day + draw.between(3, 10) as i32);
    if let Some(map) = values.as_object_mut() {
        map.insert("channel".into(), channel.into());
        map.insert("address".into(), street.into());
        map.insert("promised_on".into(), promised.into());
        map.insert("delivered_on".into(), delivered.map(date).into());
    }
    order(out, &key, values, &lines, p.persian, 1);
    let first = lines.first().map_or(0, |l| l.good);
    world.orders.push(Order {
        key: key.clone(),
        number: number.clone(),
        person,
        day,
        good: first,
        returned,
    });
    if cancelled {
        let later = (day + draw.between(0, 3) as i32).min(world.over());
        let mut values = head(
            "cancellation",
            "completed",
            &format!("{number}-C"),
            later,
            minute + 90,
        );
        refer(
            &mut values,
            &key,
            if p.persian {
                "پیش از ارسال لغو شد."
            } else {
                "Cancelled before dispatch."
            },
        );
        order(out, &format!("{key}-cancelled"), values, &lines, p.persian, -1);
    }
    if returned {
        let later = (day + draw.between(6, 20) as i32).min(world.over());
        let reason = draw.pick(if p.persian { RETURNS } else { RETURNS_EN });
        let mut values = head("return", "completed", &format!("{number}-R"), later, minute + 30);
        refer(&mut values, &key, reason);
        // Mostly one thing comes back, not all.
        let part = if draw.chance(70) {
            lines.get(..1).unwrap_or(&lines)
        } else {
            &lines
        };
        order(out, &format!("{key}-returned"), values, part, p.persian, -1);
    }
}

/// Why things come back.
const RETURNS: &[&str] = &[
    "شکستگی در ترابری",
    "اندازه مناسب نبود",
    "با تصویر فروشگاه فرق داشت",
    "دیر رسید",
    "اشتباه فرستاده شد",
];
const RETURNS_EN: &[&str] = &[
    "Damaged in transit",
    "Did not fit",
    "Not as pictured",
    "Arrived too late",
    "Wrong item sent",
];

fn refer(values: &mut Value, original: &str, why: &str) {
    if let Some(map) = values.as_object_mut() {
        map.insert("original_id".into(), link("order", original));
        map.insert("description".into(), why.into());
    }
}

/// The order and its lines; `sign` is −1 for what goes back.
fn order(out: &mut Vec<Item>, key: &str, mut values: Value, lines: &[Line], persian: bool, sign: i64) {
    let currency = if persian { "IRR" } else { "EUR" };
    let sum = |part: fn(&Line) -> i64| money(sign * lines.iter().map(part).sum::<i64>(), currency);
    if let Some(map) = values.as_object_mut() {
        map.insert("subtotal".into(), sum(|l| l.gross));
        map.insert("discount".into(), sum(|l| l.discount));
        map.insert("tax".into(), sum(|l| l.tax));
        map.insert("total".into(), sum(|l| l.gross - l.discount + l.tax));
    }
    out.push(Item::new("order", key, values));
    for (position, line) in lines.iter().enumerate() {
        let good = GOODS.get(line.good);
        out.push(Item::new(
            "order_line",
            format!("{key}-{}", position + 1),
            json!({
                "order_id": link("order", key),
                "product_id": good_link(line.good),
                "position": position,
                "description": good.map(|g| if persian { g.name } else { g.english }),
                "quantity": (sign * line.quantity).to_string(),
                "unit": good.map(|g| g.unit),
                "unit_price": line.unit_price,
                "currency": currency,
                "discount": money(sign * line.discount, currency),
                "tax": money(sign * line.tax, currency),
                "total": money(sign * (line.gross - line.discount + line.tax), currency),
            }),
        ));
    }
}
