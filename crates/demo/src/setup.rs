//! What stands before the first customer: users, pipelines, goods, places.

use serde_json::{Value, json};

use crate::Item;
use crate::draw::Draw;
use crate::tables::goods::{GOODS, GROUPS};
use crate::tables::places::CITIES;
use crate::time::{PAST, date};
use crate::world::{User, World, code, good_link, link, money};

/// The users. The first is the head of the house.
pub(crate) const USERS: &[User] = &[
    user("user-niloufar", "نیلوفر آذرنوش", "Niloufar Azarnoush", true),
    user("user-babak", "بابک رفیعی", "Babak Rafiei", true),
    user("user-mahnaz", "مهناز ستوده", "Mahnaz Sotoudeh", true),
    user("user-omid", "امید کاویانی", "Omid Kaviani", true),
    user("user-shadi", "شادی مهرگان", "Shadi Mehregan", true),
    user("user-peyman", "پیمان زندی", "Peyman Zandi", true),
    user("user-laura", "لورا بنت", "Laura Bennett", false),
    user("user-colm", "کولم هیز", "Colm Hayes", false),
    user("user-sanaz", "ساناز وحدت", "Sanaz Vahdat", false),
];

const fn user(key: &'static str, name: &'static str, latin: &'static str, persian: bool) -> User {
    User {
        key,
        name,
        latin,
        persian,
    }
}

/// The stages of each pipeline: key, Persian name, English name, probability, forecast category, days until stale.
pub(crate) type Stage = (&'static str, &'static str, &'static str, i64, &'static str, i64);

/// The pipelines: key, kind, name, stages before the last two, which are won and lost.
pub(crate) const PIPELINES: &[(&str, &str, &str, &[Stage])] = &[
    (
        "hunting",
        "hunting",
        "فروش به مشتری تازه",
        &[
            ("lead", "سرنخ", "Lead", 10, "omitted", 10),
            ("qualified", "ارزیابی‌شده", "Qualified", 25, "pipeline", 14),
            ("needs", "شناخت نیاز", "Needs understood", 40, "pipeline", 21),
            ("proposal", "پیشنهاد قیمت", "Proposal", 60, "best_case", 21),
            ("negotiation", "مذاکره", "Negotiation", 80, "commit", 14),
        ],
    ),
    (
        "farming",
        "farming",
        "فروش به مشتری کنونی",
        &[
            ("review", "مرور حساب", "Account review", 30, "pipeline", 30),
            ("offer", "پیشنهاد", "Offer", 55, "best_case", 21),
            ("agreement", "توافق", "Agreement", 85, "commit", 14),
        ],
    ),
    (
        "partners",
        "partner",
        "همکاری با شریکان",
        &[
            ("first-talks", "گفت‌وگوی نخست", "First talks", 15, "omitted", 30),
            ("joint-plan", "برنامهٔ مشترک", "Joint plan", 45, "pipeline", 45),
            ("contract", "قرارداد", "Contract", 75, "commit", 30),
        ],
    ),
];

/// The reasons for which deals are lost.
pub(crate) const REASONS: &[(&str, &str, &str)] = &[
    ("price", "price", "قیمت بالاتر از انتظار"),
    ("competitor", "competitor", "رقیب را برگزید"),
    ("product", "product", "نیاز را پوشش نمی‌داد"),
    ("timing", "timing", "زمان مناسب نبود"),
    ("budget", "budget", "بودجه تصویب نشد"),
    ("no-response", "no_response", "دیگر پاسخ نداد"),
    ("other", "other", "دلیل دیگر"),
];

/// The competitors.
pub(crate) const RIVALS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "rival-abzarsara",
        "ابزارسرای مرکزی",
        "انبار بزرگ و تحویل همان روز در تهران",
        "پشتیبانی پس از فروش ندارد",
        "high",
    ),
    (
        "rival-ketabban",
        "کتاب‌بان",
        "تخفیف‌های سنگین نمایشگاهی",
        "چاپ نفیس و کتاب خارجی ندارد",
        "medium",
    ),
    (
        "rival-bazargan",
        "بازرگان‌یار",
        "دفتر در دبی و استانبول",
        "کارشناس ثابت نمی‌گذارد",
        "high",
    ),
    (
        "rival-harlow",
        "Harlow & Finch Supplies",
        "Next-day delivery everywhere in Britain",
        "No handicrafts, no Persian titles",
        "medium",
    ),
    (
        "rival-kontor",
        "Kontor Nord Handel",
        "Long terms of payment",
        "Slow to answer, no samples",
        "low",
    ),
];

/// The campaigns: key, name, kind, first day before today, days it runs.
pub(crate) const CAMPAIGNS: &[(&str, &str, &str, i32, i32)] = &[
    ("campaign-nowruz-1", "هدیهٔ نوروزی خانه و آشپزخانه", "sms", 640, 30),
    (
        "campaign-cookbooks",
        "آگهی‌های آشپزی برای خریداران کتاب آشپزی",
        "advertising",
        420,
        60,
    ),
    (
        "campaign-photo",
        "عکس‌های کاربران: با گوشی خودت بگیر",
        "social",
        300,
        45,
    ),
    ("campaign-nowruz-2", "سبد نوروز", "email", 275, 30),
    (
        "campaign-green",
        "Green fund: invitation to ecologically minded customers",
        "email",
        120,
        40,
    ),
    ("campaign-yalda", "شب یلدا با کتاب و زعفران", "sms", 20, 45),
];

/// The rials of one euro, dollar, pound and dirham on a day so many days ago: the rial falls slowly.
pub(crate) fn rate(currency: &str, days_ago: i64) -> i64 {
    let today = match currency {
        "EUR" => 1_180_000,
        "GBP" => 1_360_000,
        "AED" => 278_000,
        _ => 1_020_000,
    };
    today - today * days_ago / 1800
}

/// What stands before the first customer.
pub(crate) fn items(world: &mut World) -> Vec<Item> {
    let mut out = Vec::new();
    people(&mut out);
    selling(&mut out);
    goods(world, &mut out);
    money_and_places(world, &mut out);
    campaigns(world, &mut out);
    out
}

fn people(out: &mut Vec<Item>) {
    for (key, name, above) in [
        ("team-house", "بازرگانی نگارین", None),
        ("team-iran", "فروش ایران", Some("team-house")),
        ("team-export", "Export sales", Some("team-house")),
        ("team-care", "خدمات مشتریان", Some("team-house")),
    ] {
        out.push(Item::new(
            "team",
            key,
            json!({ "name": name, "parent_id": above.map(|k| link("team", k)) }),
        ));
    }
    for (i, u) in USERS.iter().enumerate() {
        let (team, job) = match i {
            0 => ("team-house", "مدیرعامل"),
            1..=3 => ("team-iran", "کارشناس فروش"),
            4 | 5 => ("team-care", "کارشناس خدمات مشتریان"),
            _ => ("team-export", "Export sales manager"),
        };
        let mail = u.latin.to_lowercase().replace(' ', ".");
        out.push(Item::new(
            "user",
            u.key,
            json!({
                "name": if u.persian { u.name } else { u.latin },
                "email": format!("{mail}@negarin.example.com"),
                "job_title": job,
                "language": if u.persian { "fa" } else { "en" },
                "calendar": if u.persian { "jalali" } else { "gregorian" },
                "digits": if u.persian { "persian" } else { "latin" },
                "extension": (101 + i).to_string(),
                "team_id": link("team", team),
            }),
        ));
    }
}

fn selling(out: &mut Vec<Item>) {
    for (position, (key, kind, name, stages)) in PIPELINES.iter().enumerate() {
        out.push(Item::new(
            "pipeline",
            *key,
            json!({ "name": name, "key": key, "kind": kind, "position": position }),
        ));
        let ends = [
            ("won", "برنده", "Won", 100, "closed", 0),
            ("lost", "ازدست‌رفته", "Lost", 0, "closed", 0),
        ];
        for (n, (stage, fa, en, probability, forecast, days)) in stages.iter().chain(&ends).enumerate() {
            out.push(Item::new(
                "stage",
                format!("{key}-{stage}"),
                json!({
                    "pipeline_id": link("pipeline", key),
                    "name": if *key == "hunting" || n >= stages.len() { (*fa).to_owned() } else { format!("{fa} · {en}") },
                    "key": stage,
                    "position": n,
                    "kind": if n < stages.len() { "open" } else { *stage },
                    "probability": probability,
                    "forecast_category": forecast,
                    "rotting_days": (*days > 0).then_some(days),
                    "next_step_required": matches!(*stage, "proposal" | "negotiation" | "offer" | "agreement"),
                }),
            ));
        }
    }
    for (position, (key, kind, name)) in REASONS.iter().enumerate() {
        out.push(Item::new(
            "lost_reason",
            *key,
            json!({ "name": name, "key": key, "kind": kind, "position": position }),
        ));
    }
    for (key, name, strengths, weaknesses, threat) in RIVALS {
        out.push(Item::new(
            "competitor",
            *key,
            json!({
                "name": name,
                "strengths": strengths,
                "weaknesses": weaknesses,
                "threat": threat,
                "website": format!("https://{}.example.org/", key.replace("rival-", "")),
            }),
        ));
    }
    for (name, color) in [
        ("مشتری ویژه", "saffron"),
        ("نمایشگاه", "violet"),
        ("خوش‌حساب", "pistachio"),
        ("Cookbook lover", "clay"),
        ("Wholesale", "lapis"),
        ("دوستدار محیط زیست", "firouzeh"),
        ("پیگیری فوری", "anar"),
    ] {
        out.push(Item::new("tag", name, json!({ "name": name, "color": color })));
    }
}

fn goods(world: &World, out: &mut Vec<Item>) {
    for (position, g) in GROUPS.iter().enumerate() {
        out.push(Item::new(
            "category",
            g.code,
            json!({
                "name": g.name,
                "code": g.code,
                "parent_id": (!g.above.is_empty()).then(|| link("category", g.above)),
                "position": position,
                "description": g.english,
            }),
        ));
    }
    for (i, g) in GOODS.iter().enumerate() {
        let service = matches!(g.group, "trade" | "software");
        let kind = match g.english {
            "Phone, internet and music bundle" => "bundle",
            _ if service => "service",
            _ => "goods",
        };
        out.push(Item::new(
            "product",
            code(i),
            json!({
                "name": g.name,
                "code": code(i),
                "kind": kind,
                "category_id": link("category", g.group),
                "unit": g.unit,
                "unit_price": (g.price * 10_000).to_string(),
                "price": money(g.price * 10_000, "IRR"),
                "cost": money(g.price * 10_000 * if service { 45 } else { 68 } / 100, "IRR"),
                "tax_class": if taxed(i) { "standard" } else { "exempt" },
                "brand": match g.group { "tools" => Some("کارمایه"), "home" => Some("گلپونه"), "style" => Some("شیراز بافت"), _ => None },
                "active": g.english != "Die grinder 710 W",
                "description": g.english,
            }),
        ));
    }
    let lists = [
        ("list-retail", "فهرست قیمت خرده‌فروشی", "IRR", "retail"),
        ("list-export", "Export price list", "EUR", "list"),
    ];
    for (key, name, currency, class) in lists {
        out.push(Item::new(
            "price_list",
            key,
            json!({
                "name": name,
                "code": key,
                "currency": currency,
                "price_class": class,
                "valid_from": date(world.today - PAST),
            }),
        ));
        for (i, g) in GOODS.iter().enumerate() {
            let price = if currency == "EUR" {
                decimal(euro_cents(i))
            } else {
                (g.price * 10_000).to_string()
            };
            out.push(Item::new(
                "price_list_item",
                format!("{key}-{}", code(i)),
                json!({ "price_list_id": link("price_list", key), "product_id": good_link(i), "unit_price": price }),
            ));
        }
    }
}

/// Is value added tax due on it? Books are exempt in Iran.
pub(crate) fn taxed(good: usize) -> bool {
    GOODS
        .get(good)
        .is_some_and(|g| !matches!(g.group, "books" | "cookbooks"))
}

/// The export price in cents: a round sum above the price at home.
pub(crate) fn euro_cents(good: usize) -> i64 {
    let rials = GOODS.get(good).map_or(0, |g| g.price * 10_000);
    let cents = rials * 100 / 1_000_000 * 13 / 10;
    (cents / 50).max(1) * 50
}

/// Cents as a decimal.
pub(crate) fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn money_and_places(world: &World, out: &mut Vec<Item>) {
    for currency in ["USD", "EUR", "GBP", "AED"] {
        for month in (0..=24).rev() {
            let ago = month * 30;
            let day = date(world.today - ago);
            out.push(Item::new(
                "currency_rate",
                format!("{currency}-{day}"),
                json!({
                    "currency": currency,
                    "base": "IRR",
                    "rate": rate(currency, i64::from(ago)).to_string(),
                    "valid_on": day,
                    "source": "نرخ نمایشی",
                }),
            ));
        }
    }
    let territory = |key: &str, name: &str, kind: &str, above: Option<&str>| {
        Item::new(
            "territory",
            key,
            json!({
                "name": name,
                "code": key.to_uppercase(),
                "kind": kind,
                "parent_id": above.map(|k| link("territory", k)),
            }),
        )
    };
    out.push(territory("ir", "ایران", "country", None));
    let mut done = Vec::new();
    for city in CITIES {
        if !done.contains(&city.territory) {
            done.push(city.territory);
            out.push(territory(city.territory, city.province, "province", Some("ir")));
        }
    }
    out.push(territory("europe", "Europe", "region", None));
    out.push(territory("america", "North America", "region", None));
}

fn campaigns(world: &World, out: &mut Vec<Item>) {
    let mut draw = Draw::new(1);
    for (key, name, kind, ago, length) in CAMPAIGNS {
        let starts = world.today - ago;
        let over = starts + length < world.today;
        let values: Value = json!({
            "name": name,
            "kind": kind,
            "status": if over { "completed" } else { "active" },
            "starts_on": date(starts),
            "ends_on": date(starts + length),
            "budget": money(draw.between(30, 240) * 10_000_000, "IRR"),
        });
        out.push(Item::new("campaign", *key, values));
    }
}
