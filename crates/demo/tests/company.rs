//! The company as somebody who loads it sees it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use peyvand_catalog::Catalog;
use peyvand_core::{Id, Instant};
use peyvand_demo::{Item, Size, company};
use peyvand_numbers::Language;
use peyvand_record::codec::{EdgeContext, Mode, check_required, parse_json};
use peyvand_record::{Record, Value as Stored};
use serde_json::{Map, Value};

/// 2026-11-22.
const TODAY: i32 = 20_779;
/// When that day begins in Tehran, in microseconds of UTC.
const BEGINS: i64 = TODAY as i64 * 86_400_000_000 - 210 * 60_000_000;

static FULL: LazyLock<Vec<Item>> = LazyLock::new(|| company(TODAY, Size::Full).collect());

/// The full company, made once for all tests.
fn full() -> &'static [Item] {
    &FULL
}

fn text<'i>(item: &'i Item, field: &str) -> &'i str {
    item.values.get(field).and_then(Value::as_str).unwrap_or("")
}

fn minor(item: &Item, field: &str) -> i64 {
    item.values[field]["amount"].as_str().unwrap().parse().unwrap()
}

fn target(item: &Item, field: &str) -> Option<(String, String)> {
    let pair = item.values.get(field)?.get("@")?;
    Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()))
}

fn of<'i>(items: &'i [Item], object: &str) -> Vec<&'i Item> {
    items.iter().filter(|i| i.object == object).collect()
}

fn is_persian(c: char) -> bool {
    ('\u{600}'..='\u{6FF}').contains(&c)
}

/// The day of an ISO date or RFC 3339 instant in UTC.
fn day(text: &str) -> i32 {
    let at: peyvand_core::Instant = if text.len() == 10 {
        format!("{text}T00:00:00Z").parse().unwrap()
    } else {
        text.parse().unwrap()
    };
    at.0.div_euclid(86_400_000_000) as i32
}

#[test]
fn there_is_enough_of_everything() {
    let items = full();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for i in items {
        *counts.entry(i.object).or_default() += 1;
    }
    println!("{} records: {counts:?}", items.len());
    for (object, least) in [
        ("contact", 2_000),
        ("company", 300),
        ("deal", 500),
        ("product", 60),
        ("order", 5_000),
        ("order_line", 10_000),
        ("interaction", 10_000),
        ("activity", 1_500),
        ("note", 1_500),
        ("need", 300),
        ("competitor", 4),
        ("lost_reason", 5),
        ("pipeline", 3),
        ("tag", 5),
        ("campaign", 4),
        ("territory", 20),
        ("user", 8),
    ] {
        assert!(
            counts.get(object).copied().unwrap_or(0) >= least,
            "{object}: {counts:?}"
        );
    }
    let small = company(TODAY, Size::Small).count();
    assert!((items.len() / 14..items.len() / 6).contains(&small), "{small}");
}

#[test]
fn the_same_day_gives_the_same_company_and_another_day_moves_it() {
    assert!(company(TODAY, Size::Full).eq(full().iter().cloned()));
    let newest = |today| {
        company(today, Size::Small)
            .filter(|i| i.object == "interaction")
            .map(|i| day(text(&i, "occurred_at")))
            .max()
            .unwrap()
    };
    let (now, later) = (newest(TODAY), newest(TODAY + 400));
    assert!(now <= TODAY && now > TODAY - 30);
    assert!(later <= TODAY + 400 && later > TODAY + 370);
}

#[test]
fn keys_are_unique_and_links_point_backwards() {
    for size in [Size::Small, Size::Full] {
        let mut seen: HashSet<(String, String)> = HashSet::new();
        for item in company(TODAY, size) {
            for (field, value) in &item.values {
                if value.get("@").is_some() {
                    let link = target(&item, field).unwrap();
                    assert!(
                        seen.contains(&link),
                        "{} {}: {field} → {link:?}",
                        item.object,
                        item.key
                    );
                }
            }
            let own = (item.object.to_owned(), item.key.clone());
            assert!(seen.insert(own), "{} {} is there twice", item.object, item.key);
        }
    }
}

#[test]
fn every_value_is_accepted_at_the_edge() {
    let catalog = Catalog::standard();
    let mut ids: HashMap<(String, String), Id> = HashMap::new();
    let mut uniques: HashSet<(String, String, String)> = HashSet::new();
    for (n, item) in full().iter().enumerate() {
        let object = catalog.object(item.object).unwrap();
        let own = matches!(item.object, "user" | "team");
        let context = EdgeContext {
            use_case: own,
            ..EdgeContext::new(Language::Fa, TODAY, Mode::Create)
        };
        let values: Map<String, Value> = item
            .values
            .iter()
            .map(|(k, v)| {
                let plain = target(item, k).map(|link| {
                    let (_, field) = object
                        .field(k)
                        .unwrap_or_else(|| panic!("{} has no {k}", item.object));
                    let to = field.to.as_deref().unwrap_or("");
                    assert!(
                        to == "*" || to == link.0,
                        "{}.{k} points to {to}, not {}",
                        item.object,
                        link.0
                    );
                    Value::from(ids[&link].to_string())
                });
                (k.clone(), plain.unwrap_or_else(|| v.clone()))
            })
            .collect();
        let parsed = parse_json(&catalog, object, &values, &context)
            .unwrap_or_else(|e| panic!("{} {}: {e:?}\n{values:?}", item.object, item.key));
        assert_eq!(parsed.len(), values.len());
        let mut bytes = [0x11; 16];
        bytes[6] = 0x70;
        bytes[8] = 0x80;
        bytes[9..13].copy_from_slice(&(n as u32).to_be_bytes());
        let id = Id::from_bytes(bytes);
        let mut record = Record::new(
            object,
            id,
            peyvand_core::Instant(0),
            peyvand_core::Actor::User(id),
        );
        for (ix, value) in parsed {
            let field = &object.fields[usize::from(ix.0)];
            assert_ne!(
                value,
                Stored::Null,
                "{} {}: {} is empty",
                item.object,
                item.key,
                field.key
            );
            if field.unique {
                let key = (item.object.to_owned(), field.key.clone(), format!("{value:?}"));
                assert!(
                    uniques.insert(key),
                    "{} {}: {} is not unique",
                    item.object,
                    item.key,
                    field.key
                );
            }
            record.set(ix, value);
        }
        let missing = check_required(object, &record);
        assert!(missing.is_empty(), "{} {}: {missing:?}", item.object, item.key);
        ids.insert((item.object.to_owned(), item.key.clone()), id);
    }
}

#[test]
fn totals_are_the_sums_of_their_lines() {
    let items = full();
    let mut sums: HashMap<String, [i64; 4]> = HashMap::new();
    for line in of(items, "order_line") {
        let price: f64 = text(line, "unit_price").parse().unwrap();
        let quantity: f64 = text(line, "quantity").parse().unwrap();
        let scale = if text(line, "currency") == "EUR" {
            100.0
        } else {
            1.0
        };
        let gross = (price * quantity * scale).round() as i64;
        let (discount, tax, total) = (minor(line, "discount"), minor(line, "tax"), minor(line, "total"));
        assert_eq!(gross - discount + tax, total, "{}", line.key);
        let s = sums.entry(target(line, "order_id").unwrap().1).or_default();
        for (sum, part) in s.iter_mut().zip([gross, discount, tax, total]) {
            *sum += part;
        }
    }
    let orders = of(items, "order");
    assert_eq!(orders.len(), sums.len(), "an order without lines");
    for o in orders {
        let head = ["subtotal", "discount", "tax", "total"].map(|f| minor(o, f));
        assert_eq!(head, sums[&o.key], "{}", o.key);
        assert_eq!(head[3] > 0, text(o, "kind") == "sale", "{}", o.key);
    }
    let mut amounts: HashMap<String, i64> = HashMap::new();
    for line in of(items, "deal_line") {
        *amounts.entry(target(line, "deal_id").unwrap().1).or_default() += minor(line, "total");
    }
    for d in of(items, "deal") {
        assert_eq!(Some(&minor(d, "amount")), amounts.get(&d.key), "{}", d.key);
    }
}

#[test]
fn orders_are_sent_back_bought_by_few_and_most_before_nowruz() {
    let items = full();
    let orders = of(items, "order");
    let by_key: HashMap<&str, &&Item> = orders.iter().map(|o| (o.key.as_str(), o)).collect();
    let kind = |k: &str| orders.iter().filter(|o| text(o, "kind") == k).count();
    assert!(kind("return") > 150 && kind("cancellation") > 100);
    for o in orders.iter().filter(|o| text(o, "kind") != "sale") {
        let original = by_key[target(o, "original_id").unwrap().1.as_str()];
        assert_eq!(original.values["contact_id"], o.values["contact_id"]);
        assert!(text(original, "ordered_at") < text(o, "ordered_at"));
        assert!(-minor(o, "total") <= minor(original, "total"));
    }
    let mut per_buyer: HashMap<String, usize> = HashMap::new();
    let mut per_month: BTreeMap<(i32, u8), usize> = BTreeMap::new();
    for o in orders.iter().filter(|o| text(o, "kind") == "sale") {
        *per_buyer.entry(target(o, "contact_id").unwrap().1).or_default() += 1;
        let date = peyvand_calendar::Jalali::from_days(day(text(o, "ordered_at")));
        if text(o, "country") == "IR" {
            *per_month.entry((date.year, date.month)).or_default() += 1;
        }
    }
    let mut counts: Vec<usize> = per_buyer.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let (all, top) = (
        counts.iter().sum::<usize>(),
        counts.iter().take(counts.len() / 5).sum::<usize>(),
    );
    assert!(top * 100 > all * 55, "the best fifth has {top} of {all}");
    assert!(counts.contains(&1));
    for year in [1403, 1404] {
        let esfand = per_month[&(year, 12)];
        assert!(esfand > 2 * per_month[&(year + 1, 1)], "{per_month:?}");
        assert!(esfand > per_month[&(year, 11)] * 3 / 2, "{per_month:?}");
    }
}

#[test]
fn deals_stand_where_their_status_says() {
    let items = full();
    let stages: HashMap<&str, &Item> = items
        .iter()
        .filter(|i| i.object == "stage")
        .map(|s| (s.key.as_str(), s))
        .collect();
    let deals = of(items, "deal");
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for d in &deals {
        let stage = target(d, "stage_id").unwrap().1;
        assert_eq!(
            stages[stage.as_str()].values["pipeline_id"],
            d.values["pipeline_id"]
        );
        let status = text(d, "status");
        assert_eq!(text(stages[stage.as_str()], "kind"), status);
        assert_eq!(
            stages[stage.as_str()].values["probability"],
            d.values["probability"]
        );
        assert_eq!(d.values.contains_key("lost_reason_id"), status == "lost");
        assert_eq!(d.values.contains_key("closed_on"), status != "open");
        let opened = day(text(d, "opened_on"));
        assert!((TODAY - 730..=TODAY).contains(&opened));
        if status != "open" {
            assert!((opened..=TODAY).contains(&day(text(d, "closed_on"))));
        }
        if target(d, "lost_reason_id").is_some_and(|r| r.1 == "competitor") {
            assert!(d.values.contains_key("competitor_id"));
        }
        *seen.entry(status).or_default() += 1;
        used.insert(stage);
    }
    assert!(seen.values().all(|&n| n > 100), "{seen:?}");
    assert_eq!(used.len(), stages.len(), "a stage without deals");
    let late = deals
        .iter()
        .filter(|d| text(d, "status") == "open" && day(text(d, "expected_close")) < TODAY);
    assert!(late.count() > 15);
}

#[test]
fn work_is_overdue_and_to_come() {
    let items = full();
    let (mut overdue, mut coming) = (0, 0);
    for a in of(items, "activity") {
        let (status, due) = (text(a, "status"), day(text(a, "due_at")));
        assert_eq!(
            status == "done",
            a.values.contains_key("completed_at"),
            "{}",
            a.key
        );
        if status == "done" {
            assert!(day(text(a, "completed_at")) <= TODAY, "{}", a.key);
        }
        if matches!(status, "open" | "in_progress" | "waiting") {
            if due < TODAY { overdue += 1 } else { coming += 1 }
        }
    }
    assert!(overdue > 100 && coming > 200, "{overdue} {coming}");
    for (object, field) in [("order", "ordered_at"), ("interaction", "occurred_at")] {
        for i in of(items, object) {
            let d = day(text(i, field));
            assert!((TODAY - 733..=TODAY).contains(&d), "{object} {}", i.key);
            // It has happened when the company's day begins in Tehran.
            let at: Instant = text(i, field).parse().unwrap();
            assert!(at.micros() < BEGINS, "{object} {}", i.key);
        }
    }
}

#[test]
fn no_two_texts_are_equal() {
    let items = full();
    for object in ["note", "interaction"] {
        let bodies: Vec<&str> = of(items, object).iter().map(|i| text(i, "body")).collect();
        let unique: BTreeSet<&str> = bodies.iter().copied().collect();
        assert_eq!(bodies.len(), unique.len(), "{object}");
        assert!(
            bodies.iter().all(|b| b.len() > 10 && !b.contains('{')),
            "{object}"
        );
        // Numbering an equal text is the last resort, not the way.
        assert!(!bodies.iter().any(|b| b.ends_with("(2)")), "{object}");
    }
    for item in items {
        let all = serde_json::to_string(&item.values).unwrap();
        for mark in ["{p}", "{g}", "{c}", "{n}", "{m}", "{d}", "{o}", "{u}", "{f}"] {
            assert!(!all.contains(mark), "{} {}: {all}", item.object, item.key);
        }
    }
}

#[test]
fn both_languages_have_their_share() {
    let items = full();
    for (object, field) in [
        ("company", "name"),
        ("contact", "name"),
        ("interaction", "body"),
        ("note", "body"),
    ] {
        let all = of(items, object);
        let persian = all
            .iter()
            .filter(|i| {
                let value = &i.values[field];
                // Of a person the name counts, not its Latin form; of a text the first letter.
                let shown = value.get("family").unwrap_or(value).as_str().unwrap_or("");
                shown.chars().find(|c| c.is_alphabetic()).is_some_and(is_persian)
            })
            .count();
        let share = persian * 100 / all.len();
        assert!((50..=70).contains(&share), "{object}: {share} %");
    }
}

#[test]
fn persian_is_clean_but_in_the_duplicates() {
    let items = full();
    let mut again = 0;
    let mut arabic = 0;
    let contacts: HashMap<&str, &Item> = items
        .iter()
        .filter(|i| i.object == "contact")
        .map(|c| (c.key.as_str(), c))
        .collect();
    for item in items {
        let all = serde_json::to_string(&item.values).unwrap();
        let spoilt = all.contains(['ي', 'ك']);
        if item.object == "contact"
            && let Some(original) = item.key.strip_suffix("-again").map(|k| contacts[k])
        {
            again += 1;
            arabic += usize::from(spoilt);
            let same = |part: &str| original.values["name"].get(part) == item.values["name"].get(part);
            assert!(
                !(same("given") && same("family") && same("title")),
                "{}",
                item.key
            );
        } else {
            assert!(!spoilt, "{} {}: {all}", item.object, item.key);
        }
    }
    assert!((50..=80).contains(&again), "{again} duplicates");
    assert!(arabic >= 10, "{arabic} in Arabic letters");
}

#[test]
fn addresses_and_numbers_belong_to_nobody() {
    for item in full()
        .iter()
        .filter(|i| matches!(i.object, "contact" | "company" | "user"))
    {
        let all = serde_json::to_string(&item.values).unwrap();
        for part in all.split('@').skip(1) {
            // The marks of links have no address behind them.
            let host: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
                .collect();
            if host.contains('.') {
                assert!(
                    ["example.com", "example.org", "example.net"]
                        .iter()
                        .any(|e| host.ends_with(e)),
                    "{host}"
                );
            }
        }
        for phone in item
            .values
            .get("phones")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let raw = phone.as_str().or_else(|| phone["value"].as_str()).unwrap();
            let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
            let national = digits
                .strip_prefix("98")
                .map_or(digits.clone(), |n| format!("0{n}"));
            let invented = match raw.strip_prefix('+').filter(|r| !r.starts_with("98")) {
                None => national.get(4..7) == Some("000") || national.get(3..7) == Some("2000"),
                Some(_) => {
                    [
                        "447700900",
                        "442079460",
                        "441134960",
                        "441614960",
                        "441174960",
                        "441314960",
                        "3532091",
                        "336399",
                        "33199",
                        "3346571",
                        "493023125",
                        "496990009",
                    ]
                    .iter()
                    .any(|p| digits.starts_with(p))
                        || (digits.starts_with('1') && digits.get(4..9) == Some("55501"))
                }
            };
            assert!(invented, "{raw}");
        }
    }
}

#[test]
fn customers_came_over_two_years_and_before_what_they_did() {
    let items = full();
    let mut made: BTreeMap<(String, String), i32> = BTreeMap::new();
    let mut months: BTreeMap<i32, u32> = BTreeMap::new();
    for i in items.iter().filter(|i| matches!(i.object, "contact" | "company")) {
        let at = i.made.expect("a customer was put down some day").utc_day();
        assert!((TODAY - 761..=TODAY).contains(&at), "{} {at}", i.key);
        made.insert((i.object.to_owned(), i.key.clone()), at);
        if i.object == "contact" {
            *months.entry((TODAY - at) / 30).or_default() += 1;
        }
    }
    assert!(
        months.len() >= 24 && months.values().all(|n| *n < 400),
        "{months:?}"
    );
    assert!(months[&0] > 5 && months[&1] > 5, "{months:?}");
    // When the company's day begins in Tehran nothing lies ahead of the clock.
    let latest = items.iter().filter_map(|i| i.made).map(Instant::micros).max();
    assert!(latest.is_some_and(|at| at < BEGINS), "{latest:?}");
    let mut told = 0;
    for (object, field, link) in [
        ("order", "ordered_at", "contact_id"),
        ("interaction", "occurred_at", "contact_id"),
        ("deal", "opened_on", "company_id"),
    ] {
        for i in of(items, object) {
            if let Some(t) = target(i, link) {
                assert!(made[&t] <= day(text(i, field)), "{object} {}", i.key);
                told += 1;
            }
        }
    }
    assert!(told > 10_000, "{told}");
}
