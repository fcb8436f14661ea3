//! Customers and partners that are firms.

use std::collections::BTreeSet;

use serde_json::json;

use crate::Item;
use crate::draw::Draw;
use crate::tables::firms::{FIRST, FIRST_EN, FORMS, FORMS_EN, NAMED, SECOND, SECOND_EN};
use crate::tables::places::{ABROAD, ALLEYS, CITIES, STREETS};
use crate::world::{Firm, World, link, money};

/// Places of the owners for customers in Iran and abroad among the users.
const OWNERS: &[usize] = &[1, 1, 1, 1, 2, 2, 2, 2, 3, 0];
const OWNERS_EN: &[usize] = &[6, 6, 6, 6, 7, 7, 7, 7, 8, 0];

/// The owner of a customer.
pub(crate) fn owner(draw: &mut Draw, persian: bool) -> usize {
    *draw.pick(if persian { OWNERS } else { OWNERS_EN })
}

/// A street address in a city: text and postal code.
pub(crate) fn address(draw: &mut Draw, persian: bool, city: usize) -> (String, Option<String>) {
    if persian {
        let text = format!(
            "{}، {}، پلاک {}، واحد {}",
            draw.pick(STREETS),
            draw.pick(ALLEYS),
            draw.between(1, 240),
            draw.between(1, 12)
        );
        let start = CITIES.get(city).map_or("15", |c| c.postal);
        let text = crate::say::persian_digits(&text);
        (
            text,
            Some(format!("{start}{:08}", draw.between(11_111_111, 99_999_999))),
        )
    } else {
        let street = ABROAD.get(city).map_or("", |c| c.street);
        (format!("{} {street}", draw.between(1, 190)), None)
    }
}

/// The firms: those of the stories first.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(2);
    let mut names = BTreeSet::new();
    let mut hosts = BTreeSet::new();
    let mut out = Vec::new();
    for n in 0..world.size.of(330) {
        let named = NAMED.get(n);
        let persian = named.map_or_else(|| draw.chance(60), |s| s.persian);
        let city = if persian {
            draw.weighted(CITIES.iter().map(|c| c.weight))
        } else {
            draw.weighted(ABROAD.iter().map(|c| c.weight))
        };
        let (name, legal, host, industry, taste) = match named {
            Some(s) => (
                s.name.to_owned(),
                s.legal.to_owned(),
                s.host.to_owned(),
                s.industry,
                s.taste,
            ),
            None => invent(&mut draw, &mut names, &mut hosts, persian, city),
        };
        let key = named.map_or_else(|| format!("company-{:04}", n + 1), |s| s.key.to_owned());
        let kind = named.map_or_else(
            || {
                draw.key(&[
                    ("customer", 70),
                    ("retailer", 12),
                    ("distributor", 6),
                    ("supplier", 6),
                    ("partner", 6),
                ])
            },
            |s| s.kind,
        );
        let owner = owner(&mut draw, persian);
        let firm = Firm {
            key: key.clone(),
            name: name.clone(),
            persian,
            city,
            host: host.clone(),
            taste,
            owner,
        };
        let (street, postal) = address(&mut draw, persian, city);
        // A few belong to a larger one of the same country.
        let above = (n > 20 && draw.chance(6)).then(|| draw.below(n));
        let above = above
            .and_then(|a| world.firms.get(a))
            .filter(|a| a.persian == persian)
            .map(|a| link("company", &a.key));
        let size = *draw.pick(&[3, 6, 9, 14, 22, 35, 60, 90, 140, 260, 480, 1200]);
        let (currency, revenue) = if persian {
            ("IRR", size * draw.between(4, 14) * 1_000_000_000)
        } else {
            ("EUR", size * draw.between(40, 190) * 100_000)
        };
        let city_name = if persian {
            CITIES.get(city).map_or("", |c| c.name)
        } else {
            ABROAD.get(city).map_or("", |c| c.name)
        };
        let country = if persian {
            "IR"
        } else {
            ABROAD.get(city).map_or("GB", |c| c.country)
        };
        let territory = match country {
            "IR" => CITIES.get(city).map_or("ir", |c| c.territory),
            "US" => "america",
            _ => "europe",
        };
        let story = named.map(|s| s.story.to_owned());
        out.push(Item::new(
            "company",
            key,
            json!({
                "name": name,
                "legal_name": legal,
                "kind": kind,
                "industry": industry,
                "size": size,
                "annual_revenue": draw.chance(70).then(|| money(revenue, currency)),
                "emails": [{ "value": format!("info@{host}.example.com"), "primary": true }],
                "phones": [{ "value": landline(persian, city, n), "label": if persian { "دفتر مرکزی" } else { "Main" } }],
                "website": format!("https://{host}.example.com/"),
                "credit_limit": draw.chance(45).then(|| money(revenue / 200 / 1000 * 1000, currency)),
                "credit_terms_days": draw.chance(45).then(|| *draw.pick(&[15, 30, 45, 60, 90])),
                "price_class": draw.pick(&["list", "retail", "wholesale", "wholesale", "partner"]),
                "parent_id": above,
                "territory_id": link("territory", territory),
                "country": country,
                "province": persian.then(|| CITIES.get(city).map_or("", |c| c.province)),
                "city": city_name,
                "address": street,
                "postal_code": postal,
                "source": draw.pick(&["website", "referral", "event", "campaign", "phone_in", "partner", "list"]),
                "founded_year": if persian { draw.between(1345, 1402) } else { draw.between(1921, 2022) },
                "description": story,
                "owner_id": link("user", crate::setup::USERS.get(owner).map_or("", |u| u.key)),
            }),
        ));
        world.firms.push(firm);
    }
    out
}

/// A landline of a range in which nobody lives.
fn landline(persian: bool, city: usize, n: usize) -> String {
    if persian {
        let area = CITIES.get(city).map_or("021", |c| c.area);
        return format!("{area} 2000 {:04}", n % 10_000);
    }
    let Some(c) = ABROAD.get(city) else {
        return String::new();
    };
    let n = n % 1_000;
    match (c.country, c.area) {
        ("GB", "20") => format!("+44 20 7946 0{n:03}"),
        ("GB", area) => format!("+44 {area} 496 0{n:03}"),
        ("IE", _) => format!("+353 20 919 {n:04}"),
        ("FR", "4") => format!("+33 4 65 71 {:02} {:02}", n / 100, n % 100),
        ("FR", _) => format!("+33 1 99 00 {:02} {:02}", n / 100, n % 100),
        ("DE", "30") => format!("+49 30 23125 {n:03}"),
        ("DE", area) => format!("+49 {area} 90009 {n:03}"),
        (_, area) => format!("+1 {area} 555 01{:02}", n % 100),
    }
}

type Invented = (String, String, String, &'static str, &'static str);

/// A name that no other firm has: trade name, legal name, host, industry, taste.
fn invent(
    draw: &mut Draw,
    names: &mut BTreeSet<String>,
    hosts: &mut BTreeSet<String>,
    persian: bool,
    city: usize,
) -> Invented {
    loop {
        let (name, legal, host, industry, taste) = if persian {
            let (first, latin) = *draw.pick(FIRST);
            let (second, second_latin, industry, taste) = *draw.pick(SECOND);
            let place = CITIES.get(city);
            let name = if draw.chance(25) {
                format!("{first} {second} {}", place.map_or("", |c| c.name))
            } else {
                format!("{first} {second}")
            };
            let legal = if draw.chance(3) {
                // Some names are longer than any column.
                format!("شرکت بازرگانی، تولیدی، خدماتی و پیمانکاری بین‌المللی {name} و شرکا (تضامنی)")
            } else {
                draw.pick(FORMS).replace("{}", &name)
            };
            (name, legal, format!("{latin}-{second_latin}"), industry, taste)
        } else {
            let first = *draw.pick(FIRST_EN);
            let (second, industry, taste) = *draw.pick(SECOND_EN);
            let country = ABROAD.get(city).map_or("GB", |c| c.country);
            let forms = FORMS_EN
                .iter()
                .find(|f| f.0 == country)
                .map_or(&["Ltd"][..], |f| f.1);
            let name = format!("{first} {second}");
            let legal = format!("{name} {}", draw.pick(forms));
            let host = name.to_lowercase().replace(' ', "-");
            (name, legal, host, industry, taste)
        };
        if names.insert(name.clone()) {
            let mut unique = host.clone();
            let mut n = 2;
            while !hosts.insert(unique.clone()) {
                unique = format!("{host}{n}");
                n += 1;
            }
            return (name, legal, unique, industry, taste);
        }
    }
}
