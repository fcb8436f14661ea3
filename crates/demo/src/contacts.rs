//! People: customers of firms and on their own, some of them twice.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::Item;
use crate::companies;
use crate::draw::Draw;
use crate::setup::USERS;
use crate::tables::goods::TASTES;
use crate::tables::names::*;
use crate::tables::places::{ABROAD, CITIES};
use crate::time::{PAST, date};
use crate::world::{Person, World, link};

/// The contacts; about three in a hundred are there a second time, in another spelling.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(3);
    let mut mails = BTreeSet::new();
    let mut out = Vec::new();
    let count = world.size.of(2_160);
    for n in 0..count {
        let person = invent(&mut draw, world, &mut mails, n);
        let item = contact(&mut draw, world, &person, n);
        world.people.push(person);
        out.push(item);
    }
    for n in 0..count * 3 / 100 {
        // Spread over all contacts, so that a twin is far from its original.
        let place = n * 31 + 7;
        let (Some(original), Some(person)) = (out.get(place), world.people.get(place)) else {
            continue;
        };
        let twin = duplicate(original, person, n);
        out.push(twin);
    }
    out
}

fn invent(draw: &mut Draw, world: &World, mails: &mut BTreeSet<String>, n: usize) -> Person {
    // Two thirds work for a firm; the first firms have several people, and every firm has one.
    let firm = if n < world.firms.len() {
        Some(n)
    } else {
        draw.chance(55).then(|| draw.below(world.firms.len()))
    };
    let of = firm.and_then(|f| world.firms.get(f));
    let persian = of.map_or_else(|| draw.chance(60), |f| f.persian);
    let woman = draw.chance(47);
    let (given, family, local, short) = if persian {
        let table = if woman { WOMEN } else { MEN };
        let g = table
            .get(draw.weighted(table.iter().map(|t| t.2)))
            .unwrap_or(&table[0]);
        let f = FAMILIES
            .get(draw.weighted(FAMILIES.iter().map(|t| t.2)))
            .unwrap_or(&FAMILIES[0]);
        let local = format!("{}.{}", g.1, f.1).to_lowercase().replace(' ', "");
        let title = if woman { "خانم" } else { "آقای" };
        (g.0, f.0, local, format!("{title} {}", f.0))
    } else {
        let g = *draw.pick(if woman { WOMEN_EN } else { MEN_EN });
        let f = *draw.pick(FAMILIES_EN);
        let title = if woman { "Ms" } else { "Mr" };
        (g, f, ascii(&format!("{g}.{f}")), format!("{title} {f}"))
    };
    let mut unique = local.clone();
    let mut suffix = 2;
    while !mails.insert(unique.clone()) {
        unique = format!("{local}{suffix}");
        suffix += 1;
    }
    let city = match of {
        Some(f) if draw.chance(85) => f.city,
        _ if persian => draw.weighted(CITIES.iter().map(|c| c.weight)),
        _ => draw.weighted(ABROAD.iter().map(|c| c.weight)),
    };
    let taste = match of {
        Some(f) if draw.chance(75) => f.taste,
        _ => draw.key(&[
            ("cookbooks", 22),
            ("books", 18),
            ("home", 20),
            ("style", 18),
            ("tools", 16),
            ("software", 6),
        ]),
    };
    let owner = match of {
        Some(f) => f.owner,
        None => companies::owner(draw, persian),
    };
    Person {
        key: format!("contact-{:05}", n + 1),
        persian,
        short,
        given,
        family,
        local: unique,
        woman,
        mobile: mobile(draw, persian, city, n),
        firm,
        city,
        taste: if TASTES.contains(&taste) { taste } else { "books" },
        owner,
        born: draw.between(1952, 2004) as i32,
    }
}

/// Small Latin letters without marks, for addresses.
fn ascii(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter_map(|c| match c {
            'a'..='z' | '.' => Some(c),
            'é' | 'è' => Some('e'),
            'ö' => Some('o'),
            'ü' => Some('u'),
            'á' => Some('a'),
            _ => None,
        })
        .collect()
}

/// A mobile number of a range in which nobody lives; no two contacts share one.
fn mobile(draw: &mut Draw, persian: bool, city: usize, n: usize) -> String {
    if persian {
        let prefix = draw.pick(&[
            "0912", "0912", "0919", "0935", "0936", "0901", "0990", "0914", "0913", "0915",
        ]);
        return format!("{prefix} 000 {:04}", (n * 7_919 + 13) % 10_000);
    }
    match ABROAD.get(city).map(|c| (c.country, c.area)) {
        Some(("IE", _)) => format!("+353 20 91{} {:04}", n / 1_000, (n * 7) % 10_000),
        Some(("FR", _)) => format!("+33 6 39 98 {:02} {:02}", n / 100 % 100, n % 100),
        Some(("DE", area)) => {
            let block = if area == "30" { "23125" } else { "90009" };
            format!("+49 {area} {block} {:03} ext. {}", n % 1_000, n / 1_000 + 1)
        }
        Some(("US", area)) => format!("+1 {area} 555 01{:02} ext. {}", n % 100, n / 100 + 1),
        // A thousand mobiles are kept free, then lines in Manchester and Bristol.
        _ => match n / 1_000 {
            0 => format!("+44 7700 900{n:03}"),
            1 => format!("+44 161 496 0{:03}", n % 1_000),
            _ => format!("+44 117 496 0{:03}", n % 1_000),
        },
    }
}

fn contact(draw: &mut Draw, world: &World, person: &Person, n: usize) -> Item {
    let persian = person.persian;
    let firm = person.firm.and_then(|f| world.firms.get(f));
    let (post, department) = post(person);
    let mut name = Map::new();
    if draw.chance(8) {
        let title = match (persian, person.woman) {
            (true, _) => *draw.pick(&["دکتر", "مهندس"]),
            (false, true) => *draw.pick(&["Dr", "Ms"]),
            (false, false) => *draw.pick(&["Dr", "Mr"]),
        };
        name.insert("title".into(), title.into());
    }
    name.insert("given".into(), person.given.into());
    name.insert("family".into(), person.family.into());
    if persian && draw.chance(40) {
        name.insert("latin".into(), latin(person).into());
    }
    let (country, province, city, territory, zone) = if persian {
        let c = CITIES.get(person.city);
        (
            "IR",
            c.map(|c| c.province),
            c.map_or("", |c| c.name),
            c.map_or("ir", |c| c.territory),
            "Asia/Tehran",
        )
    } else {
        let c = ABROAD.get(person.city);
        let country = c.map_or("GB", |c| c.country);
        let territory = if country == "US" { "america" } else { "europe" };
        (
            country,
            None,
            c.map_or("", |c| c.name),
            territory,
            c.map_or("Europe/London", |c| c.zone),
        )
    };
    let host = firm.map_or_else(
        || (*draw.pick(&["example.com", "example.org", "example.net"])).to_owned(),
        |f| format!("{}.example.com", f.host),
    );
    let mut mails = vec![json!({ "value": format!("{}@{host}", person.local), "primary": true })];
    if firm.is_some() && draw.chance(12) {
        let label = if persian { "شخصی" } else { "Private" };
        mails.push(json!({ "value": format!("{}@home.example.org", person.local), "label": label }));
    }
    let (street, postal) = companies::address(draw, persian, person.city);
    let private = firm.is_none();
    // Some have only a number, some only an address, as it is.
    let without_mail = draw.chance(9);
    let without_phone = !without_mail && draw.chance(7);
    let day = draw.between(1, 28);
    let month = draw.between(1, 12);
    let referred = (n > 30 && draw.chance(5)).then(|| draw.below(n));
    let referred = referred
        .and_then(|r| world.people.get(r))
        .map(|p| link("contact", &p.key));
    let mixed = draw.chance(4).then(|| {
        if persian {
            format!(
                "مدل‌های «{}» و «PRO-{}» را با فاکتور رسمی می‌خواهد؛ نشانی ایمیل دوم: info@example.net",
                draw.pick(&["X-200", "GT 5", "iPhone 6s"]),
                n
            )
        } else {
            format!(
                "Signs as «{}» on the Persian contract; file {}-PV.",
                draw.pick(&["مشتری گرامی", "طرف دوم", "خریدار"]),
                n
            )
        }
    });
    Item::new(
        "contact",
        person.key.clone(),
        json!({
            "name": name,
            "job_title": firm.map(|_| post),
            "department": firm.map(|_| department),
            "company_id": firm.map(|f| link("company", &f.key)),
            "emails": (!without_mail).then_some(mails),
            "phones": (!without_phone).then(|| json!([{ "value": person.mobile, "label": if persian { "همراه" } else { "Mobile" } }])),
            "lifecycle": draw.key(&[("identified", 26), ("acquired", 22), ("nurtured", 16), ("retained", 22), ("at_risk", 7), ("lost", 5), ("recovered", 2)]),
            "roles": roles(draw, firm.is_some()),
            "gender": if person.woman { "female" } else { "male" },
            "birth_date": draw.chance(55).then(|| format!("{}-{month:02}-{day:02}", person.born)),
            "language": if persian { "fa" } else { "en" },
            "calendar": if persian { "jalali" } else { "gregorian" },
            "time_zone": zone,
            "preferred_channel": draw.chance(60).then(|| *draw.pick(&["email", "mobile", "phone", "sms", "messenger"])),
            "preferred_hours": draw.chance(10).then_some(if persian { "عصرها پس از ساعت ۱۷" } else { "Mornings before 11" }),
            "formality": if draw.chance(70) { "formal" } else { "friendly" },
            "source": draw.pick(&["website", "referral", "event", "campaign", "social", "phone_in", "visit", "partner", "list"]),
            "referred_by_id": referred,
            "territory_id": link("territory", territory),
            "country": country,
            "province": province,
            "city": city,
            "address": private.then_some(street),
            "postal_code": if private { postal } else { None },
            "description": mixed,
            "owner_id": link("user", USERS.get(person.owner).map_or("", |u| u.key)),
        }),
    )
}

/// The post and department of a person, the same wherever it is asked for.
fn post(person: &Person) -> (&'static str, &'static str) {
    let table = if person.persian { POSTS } else { POSTS_EN };
    let place = person.born as usize * 5 + person.local.len() * 7 + person.firm.unwrap_or(0);
    table.get(place % table.len()).copied().unwrap_or_default()
}

fn roles(draw: &mut Draw, works: bool) -> Value {
    if works {
        json!([draw.pick(&["buyer", "decision_maker", "decision_maker", "influencer"])])
    } else if draw.chance(15) {
        json!([
            "end_consumer",
            draw.pick(&["advocate", "supporter", "panel_member"])
        ])
    } else {
        json!(["buyer", "end_consumer"])
    }
}

/// The Latin form of a name: «Maryam Hassanzadeh».
fn latin(person: &Person) -> String {
    let find =
        |table: &[Persian], name: &str| table.iter().find(|t| t.0 == name).map_or("", |t| t.1).to_owned();
    let given = find(if person.woman { WOMEN } else { MEN }, person.given);
    format!("{given} {}", find(FAMILIES, person.family))
}

/// The same person as somebody else has typed them: Arabic letters, no half space, Latin letters, one more title; the
/// same mobile in another form.
fn duplicate(original: &Item, person: &Person, n: usize) -> Item {
    let (given, family) = (person.given, person.family);
    let arabic = |s: &str| s.replace('ی', "ي").replace('ک', "ك").replace('\u{200c}', " ");
    let name = match (person.persian, n % 4) {
        (true, 0) => json!({ "given": arabic(given), "family": arabic(family) }),
        (true, 1) => {
            json!({ "given": given.replace('\u{200c}', ""), "family": family.replace('\u{200c}', "") })
        }
        (true, 2) => {
            let full = latin(person);
            let (given, family) = full.split_once(' ').unwrap_or((&full, ""));
            json!({ "given": given, "family": family })
        }
        (true, _) => {
            json!({ "title": if person.woman { "سرکار خانم" } else { "جناب آقای" }, "given": arabic(given), "family": family })
        }
        (false, 0) => json!({ "given": given.to_uppercase(), "family": family.to_uppercase() }),
        (false, 1) => json!({ "given": given.chars().take(1).collect::<String>() + ".", "family": family }),
        (false, _) => json!({ "given": given, "family": family.replace('\'', "") }),
    };
    // Names without anything to misspell.
    let name = if name == json!({ "given": given, "family": family }) {
        if person.persian {
            json!({ "family": latin(person) })
        } else {
            json!({ "given": given.to_lowercase(), "family": family.to_lowercase() })
        }
    } else {
        name
    };
    let spaced = if person.persian {
        format!("+98{}", person.mobile.replace(' ', "").trim_start_matches('0'))
    } else {
        person.mobile.replace(' ', "-").replace("-ext.-", " ext. ")
    };
    let mut values = json!({
        "name": name,
        "phones": [spaced],
        "language": if person.persian { "fa" } else { "en" },
        "source": "import",
        "source_detail": if n.is_multiple_of(2) { "فهرست نمایشگاه" } else { "Business cards" },
    });
    if !n.is_multiple_of(3)
        && let (Some(map), Some(mail)) = (values.as_object_mut(), original.values.get("emails"))
    {
        map.insert("emails".into(), mail.clone());
    }
    Item::new("contact", format!("{}-again", person.key), values)
}

/// Does a person belong to a list?
type Belongs<'f> = &'f dyn Fn(&Person) -> bool;

/// What hangs on contacts: earlier posts, ties, lists.
pub(crate) fn after(world: &mut World) -> Vec<Item> {
    let mut draw = Draw::new(4);
    let mut out = Vec::new();
    let firms = world.firms.len();
    for (n, p) in world.people.iter().enumerate() {
        let Some(now) = p.firm.and_then(|f| world.firms.get(f)) else {
            continue;
        };
        let (post, department) = post(p);
        let since = world.today - draw.between(60, 3_200) as i32;
        out.push(Item::new(
            "employment",
            format!("{}-now", p.key),
            json!({
                "contact_id": link("contact", &p.key),
                "company_id": link("company", &now.key),
                "role": post,
                "department": department,
                "from": date(since),
                "primary": true,
            }),
        ));
        if draw.chance(7) {
            let before = draw.below(firms);
            if let Some(b) = world
                .firms
                .get(before)
                .filter(|b| b.persian == p.persian && b.key != now.key)
            {
                out.push(Item::new(
                    "employment",
                    format!("{}-before", p.key),
                    json!({
                        "contact_id": link("contact", &p.key),
                        "company_id": link("company", &b.key),
                        "role": draw.pick(if p.persian { POSTS } else { POSTS_EN }).0,
                        "from": date(since - 1_500),
                        "to": date(since - 20),
                    }),
                ));
            }
        }
        if draw.chance(3) && n > 40 {
            let other = draw.below(n);
            if let Some(o) = world.people.get(other) {
                out.push(Item::new(
                    "relationship",
                    format!("tie-{n}"),
                    json!({
                        "kind": draw.pick(&["colleague", "friend", "relative", "sibling", "spouse"]),
                        "direction": "mutual",
                        "from_contact_id": link("contact", &p.key),
                        "to_contact_id": link("contact", &o.key),
                        "since": date(world.today - draw.between(400, 4_000) as i32),
                    }),
                ));
            }
        }
    }
    let year = date(world.today)
        .get(..4)
        .and_then(|y| y.parse::<i32>().ok())
        .unwrap_or(2_026);
    let lists: [(&str, &str, Belongs); 3] = [
        ("women-30-50", "زنان ۳۰ تا ۵۰ سال", &|p| {
            p.woman && (30..=50).contains(&(year - p.born))
        }),
        (
            "cookbook-buyers",
            "خریداران کتاب آشپزی · Cookbook buyers",
            &|p| p.taste == "cookbooks",
        ),
        ("fair", "Visitors of the Frankfurt book fair", &|p| {
            !p.persian && p.taste == "books"
        }),
    ];
    for (key, name, belongs) in lists {
        out.push(Item::new(
            "list",
            key,
            json!({ "name": name, "object_key": "contact" }),
        ));
        for p in world.people.iter().filter(|p| belongs(p)).take(240) {
            out.push(Item::new(
                "list_member",
                format!("{key}-{}", p.key),
                json!({
                    "list_id": link("list", key),
                    "target_id": link("contact", &p.key),
                    "added_at": crate::time::instant(world.today - draw.between(5, i64::from(PAST)) as i32, 600, 0),
                }),
            ));
        }
    }
    out
}
