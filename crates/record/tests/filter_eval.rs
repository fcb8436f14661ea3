//! What filters mean: checked under rights, evaluated over a small world.

mod common;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use common::{NOW, catalog, id, ix, record};
use peyvand_calendar::Calendar;
use peyvand_catalog::{Catalog, FieldIx};
use peyvand_core::{Actor, Id, Instant};
use peyvand_numbers::Language::{self, En, Fa};
use peyvand_record::filter::{
    Filter, FilterContext, FilterError, FilterErrorCode as Code, Relation, TagResolver, World, check,
    matches, parse,
};
use peyvand_record::{
    FieldRule, MoneyValue, NameValue, ObjectPolicy, Point, Policy, Reach, Record, Value, Verb,
};

const DAY: i64 = Instant::DAY;

struct Tags;

impl TagResolver for Tags {
    fn tag(&self, name: &str) -> Option<Id> {
        (name == "مهم").then(|| id(77))
    }
}

struct Memory {
    catalog: Arc<Catalog>,
    records: Vec<Record>,
}

impl World for Memory {
    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    fn related(&self, relation: &Relation, record: &Record) -> Vec<&Record> {
        self.records
            .iter()
            .filter(|r| !r.is_deleted() && &*r.object == relation.object())
            .filter(|r| match relation {
                Relation::Forward { field, .. } => match record.get(*field) {
                    Value::Id(id) => *id == r.id(),
                    Value::Ids(ids) => ids.contains(&r.id()),
                    _ => false,
                },
                Relation::Inverse { field, .. } => match r.get(*field) {
                    Value::Id(id) => *id == record.id(),
                    Value::Ids(ids) => ids.contains(&record.id()),
                    _ => false,
                },
            })
            .collect()
    }

    fn has_key(&self, record: &Record, source: &str, key: Option<&str>) -> bool {
        record.id() == id(1) && source == "hubspot" && key.is_none_or(|k| k == "12")
    }

    fn tagged(&self, record: &Record, tag: Id) -> bool {
        record.id() == id(2) && tag == id(77)
    }
}

fn money(minor: i64, currency: &str, base: Option<i64>) -> Value {
    Value::money(MoneyValue {
        minor,
        currency: currency.into(),
        base,
        rate: None,
        rated_on: None,
    })
}

/// Samples 1 to 4 (4 is empty), contacts 31 and 32, orders 41 to 44 of contact 31 (44 deleted).
fn world() -> Memory {
    let catalog = catalog();
    let sample = catalog.object("sample").unwrap();
    let contact = catalog.object("contact").unwrap();
    let order = catalog.object("order").unwrap();
    let point = |value: &str, channel: &str| {
        Value::Points(vec![Point {
            id: id(60),
            value: value.into(),
            normalised: value.into(),
            channel: channel.into(),
            label: None,
            primary: true,
        }])
    };
    let name = |given: &str, family: &str| {
        Value::Name(Box::new(NameValue {
            given: given.into(),
            family: family.into(),
            ..NameValue::default()
        }))
    };
    let mut deleted = record(
        order,
        44,
        &[
            ("contact_id", Value::Id(id(31))),
            ("total", money(9_000_000, "IRR", Some(9_000_000))),
        ],
    );
    deleted.set(
        peyvand_catalog::definition::system::DELETED_AT,
        Value::Instant(NOW),
    );
    let records = vec![
        record(
            sample,
            1,
            &[
                ("title", Value::text("كتاب‌های خوب")),
                ("code", Value::text("AB-12")),
                ("size", Value::Int(5)),
                ("ratio", Value::Decimal(2_500)),
                ("amount", money(1_000_000, "IRR", Some(1_000_000))),
                ("active", Value::Bool(true)),
                ("day", Value::Date(common::TODAY)),
                ("moment", Value::Instant(NOW)),
                ("level", Value::Choice("high".into())),
                ("tags", Value::Choices(vec!["a".into(), "b".into()])),
                ("mail", Value::text("sara@example.com")),
                ("phone", Value::text("+989123456789")),
                ("site", Value::text("https://example.com/")),
                ("person", name("سارا", "احمدی")),
                ("phones", point("+989123456789", "mobile")),
                ("mails", point("sara@example.com", "email")),
                ("contact_id", Value::Id(id(31))),
                ("others", Value::Ids(vec![id(2), id(3)])),
                ("owner_id", Value::Id(id(200))),
                ("team_id", Value::Id(id(90))),
            ],
        ),
        record(
            sample,
            2,
            &[
                ("title", Value::text("Book")),
                ("code", Value::text("AB-99")),
                ("size", Value::Int(50)),
                ("amount", money(100, "USD", Some(2_000_000))),
                ("active", Value::Bool(false)),
                ("day", Value::Date(common::TODAY - 30)),
                ("moment", Value::Instant(Instant(NOW.0 - 40 * DAY))),
                ("level", Value::Choice("low".into())),
                ("contact_id", Value::Id(id(32))),
            ],
        ),
        record(
            sample,
            3,
            &[
                ("title", Value::text("دفتر")),
                ("amount", money(100, "EUR", None)),
                ("day", Value::Date(common::TODAY + 5)),
                ("contact_id", Value::Id(id(99))),
            ],
        ),
        record(sample, 4, &[]),
        record(
            contact,
            31,
            &[("city", Value::text("تهران")), ("name", name("علی", "رضایی"))],
        ),
        record(contact, 32, &[("name", name("Ann", "Lee"))]),
        record(
            order,
            41,
            &[
                ("contact_id", Value::Id(id(31))),
                ("kind", Value::Choice("sale".into())),
                ("total", money(3_000_000, "IRR", Some(3_000_000))),
                ("ordered_at", Value::Instant(Instant(NOW.0 - 10 * DAY))),
            ],
        ),
        record(
            order,
            42,
            &[
                ("contact_id", Value::Id(id(31))),
                ("kind", Value::Choice("return".into())),
                ("total", money(-1_000_000, "IRR", Some(-1_000_000))),
                ("ordered_at", Value::Instant(Instant(NOW.0 - 20 * DAY))),
            ],
        ),
        record(
            order,
            43,
            &[
                ("contact_id", Value::Id(id(31))),
                ("kind", Value::Choice("sale".into())),
                ("total", money(8_000_000, "IRR", Some(8_000_000))),
                ("ordered_at", Value::Instant(Instant(NOW.0 - 400 * DAY))),
            ],
        ),
        deleted,
    ];
    Memory { catalog, records }
}

fn administrator() -> Policy {
    Policy {
        actor: Actor::User(id(200)),
        unrestricted: true,
        teams: vec![id(90), id(91)],
        teams_below: vec![],
        objects: HashMap::new(),
    }
}

fn checked(text: &str, language: Language, policy: &Policy) -> Result<Filter, FilterError> {
    let context = FilterContext::new(language, NOW, Calendar::Jalali, policy, &Tags);
    check(&parse(text)?, &catalog(), "sample", &context)
}

fn found(text: &str, language: Language, world: &Memory) -> BTreeSet<u8> {
    let filter = checked(text, language, &administrator())
        .unwrap_or_else(|e| panic!("{text}: {} {}", e.message_en(), e.position));
    (1..=4u8)
        .filter(|n| {
            world
                .records
                .iter()
                .any(|r| r.id() == id(*n) && matches(&filter, r, world))
        })
        .collect()
}

#[test]
fn every_operator_on_every_type() {
    let world = world();
    let uuid = id(31);
    let by_contact = format!("contact_id = {uuid}");
    let by_contact_not = format!("contact != {uuid}");
    let other = format!("others : {}", id(3));
    let other_in = format!("others in ({}, {})", id(9), id(2));
    let cases: Vec<(&str, &[u8])> = vec![
        ("", &[1, 2, 3, 4]),
        // text, folded in both spellings
        ("title = \"کتابهای خوب\"", &[1]),
        ("title != \"کتابهای خوب\"", &[2, 3, 4]),
        ("title : \"تابها\"", &[1]),
        ("title ^ \"BOO\"", &[2]),
        ("title in (book, دفتر)", &[2, 3]),
        ("title = null", &[4]),
        ("title != null", &[1, 2, 3]),
        ("person : احمدي", &[1]),
        ("code = \"AB-۱۲\"", &[1]),
        ("code = \"ab-12\"", &[]),
        ("code ^ AB", &[1, 2]),
        // numbers
        ("size = ۵", &[1]),
        ("size != 5", &[2, 3, 4]),
        ("size < 50", &[1]),
        ("size <= 50", &[1, 2]),
        ("size > 5", &[2]),
        ("size >= \"۵\"", &[1, 2]),
        ("size in (5, 50, 500)", &[1, 2]),
        ("NOT size > 5", &[1, 3, 4]),
        ("-size > 5", &[1, 3, 4]),
        ("ratio = 2.5", &[1]),
        ("ratio >= 2.501", &[]),
        // amounts: with a currency as given, without one by the twin in the base currency
        ("amount >= 1000000", &[1, 2]),
        ("amount > 1000000 IRR", &[]),
        ("amount >= 100000 تومان", &[1]),
        ("amount = 1 USD", &[2]),
        ("amount != 1 USD", &[1, 3, 4]),
        ("amount >= \"صد هزار تومان\"", &[1]),
        ("amount > 0 EUR", &[3]),
        ("amount in (1 USD, 1 EUR)", &[2, 3]),
        // booleans
        ("active = true", &[1]),
        ("active = خیر", &[2]),
        ("active != true", &[2, 3, 4]),
        // days
        ("day = 1405/09/01", &[1]),
        ("day = \"۱ آذر ۱۴۰۵\"", &[1]),
        ("day = today()", &[1]),
        ("day < today()", &[2]),
        ("day > now()", &[3]),
        ("day = this_month()", &[1, 3]),
        ("day != this_month()", &[2, 4]),
        ("day = this_month(gregorian)", &[1, 3]),
        ("day = last_month(jalali)", &[2]),
        ("day < this_month(jalali)", &[2]),
        ("day <= this_month(jalali)", &[1, 2, 3]),
        ("day > last_month(jalali)", &[1, 3]),
        ("day >= last_month(jalali)", &[1, 2, 3]),
        ("day in (today(), next_days(7))", &[1, 3]),
        ("day = next_days(5)", &[1]),
        ("day = next_days(6)", &[1, 3]),
        ("day = last_days(30)", &[1]),
        ("day = last_days(31)", &[1, 2]),
        ("day = since_nowruz()", &[1, 2]),
        ("day = this_year(میلادی)", &[1, 2, 3]),
        // instants
        ("moment = today()", &[1]),
        ("moment = 2026-11-22", &[1]),
        ("moment = \"2026-11-22T12:00:00+03:30\"", &[1]),
        ("moment > \"2026-11-22T08:29:59Z\"", &[1]),
        ("moment < 2026-11-22", &[2]),
        ("moment = last_days(41)", &[1, 2]),
        ("moment = last_days(40)", &[1]),
        ("moment >= datetime(\"1405/09/01 12:00\")", &[1]),
        // choices and links
        ("level = high", &[1]),
        ("level = \"زیاد\"", &[1]),
        ("level : high", &[1]),
        ("level in (high, کم)", &[1, 2]),
        ("level != high", &[2, 3, 4]),
        ("tags : a", &[1]),
        ("tags : \"پ\"", &[]),
        ("tags in (c, b)", &[1]),
        ("tags = null", &[2, 3, 4]),
        (&by_contact, &[1]),
        (&by_contact_not, &[2, 3, 4]),
        (&other, &[1]),
        (&other_in, &[1]),
        ("owner_id = me()", &[1]),
        ("owner = me()", &[1]),
        ("team_id = my_team()", &[1]),
        ("team in my_team()", &[1]),
        ("team != my_team()", &[2, 3, 4]),
        // contact points and addresses
        ("mail = \"SARA@Example.com\"", &[1]),
        ("mail : example", &[1]),
        ("mails = sara@example.com", &[1]),
        ("phone = 09123456789", &[1]),
        ("phones = \"۰۹۱۲ ۳۴۵ ۶۷۸۹\"", &[1]),
        ("phones ^ 0912", &[1]),
        ("phones ^ 0913", &[]),
        ("phones : 0912345", &[1]),
        ("phones != 09120000000", &[1, 2, 3, 4]),
        ("site : example", &[1]),
        // joints
        ("size = 5 OR title = Book", &[1, 2]),
        ("size = 5 AND title = Book", &[]),
        ("size = 5 یا (title = Book و نه active = true)", &[1, 2]),
        ("NOT (size = 5 OR title = null)", &[2, 3]),
        // relations
        ("contact.city = تهران", &[1]),
        ("contact_id.city = null", &[2]),
        ("NOT contact.city = تهران", &[2, 3, 4]),
        ("contact.name : رضا", &[1]),
        ("others.any(title = Book)", &[1]),
        ("others.count() = 2", &[1]),
        ("others.count() = 0", &[2, 3, 4]),
        ("contact.orders.any(total > 5000000 IRR)", &[1]),
        ("contact.orders.any(total > 8500000 IRR)", &[]),
        ("contact.orders.count(kind = sale) >= 2", &[1]),
        ("contact.orders.count() = 3", &[1]),
        ("contact.orders.count() = 0", &[2]),
        ("contact.orders.sum(total) = 10000000", &[1]),
        ("contact.orders.sum(total) = 1000000 toman", &[1]),
        (
            "contact.orders.sum(total, ordered_at = last_days(90)) > 1999999 IRR",
            &[1],
        ),
        (
            "contact.orders.sum(total, ordered_at = last_days(90)) > 2000000 IRR",
            &[],
        ),
        ("contact.orders.sum(total, kind = cancellation) = 0", &[1, 2]),
        ("contact.samples.any(size = 5)", &[1]),
        // keys and tags
        ("has_key(\"hubspot\")", &[1]),
        ("has_key(\"hubspot\", \"13\")", &[]),
        ("tagged(\"مهم\")", &[2]),
        ("NOT tagged(\"مهم\")", &[1, 3, 4]),
    ];
    for (text, wanted) in cases {
        for language in [Fa, En] {
            assert_eq!(
                found(text, language, &world),
                wanted.iter().copied().collect(),
                "{text}"
            );
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let cases = [
        ("nope = 1", Code::UnknownField, 0),
        ("size = 1 AND token = x", Code::UnknownField, 13),
        ("title.x = 1", Code::UnknownField, 0),
        ("contact.nope = 1", Code::UnknownField, 8),
        ("settings != null", Code::NotFilterable, 0),
        ("body : x", Code::WrongOperator, 0),
        ("size : 1", Code::WrongOperator, 0),
        ("title > x", Code::WrongOperator, 0),
        ("active < true", Code::WrongOperator, 0),
        ("tags = a", Code::WrongOperator, 0),
        ("size > null", Code::WrongOperator, 7),
        ("size in (1, null)", Code::WrongValue, 12),
        ("size = many", Code::WrongValue, 7),
        ("size = 1.5", Code::WrongValue, 7),
        ("size = 5 IRR", Code::WrongValue, 7),
        ("size = today()", Code::WrongValue, 7),
        ("amount > 1.5 IRR", Code::WrongValue, 9),
        ("amount > 1 XXQ", Code::WrongValue, 9),
        ("level = middle", Code::WrongValue, 8),
        ("day = someday", Code::WrongValue, 6),
        ("day = 03/04/2026", Code::AmbiguousValue, 6),
        ("contact_id = 5", Code::WrongValue, 13),
        ("contact_id = me()", Code::WrongValue, 13),
        ("title = \"…\"", Code::EmptyText, 8),
        ("day = this_era()", Code::UnknownFunction, 6),
        ("day = this_month(hijri)", Code::WrongArguments, 6),
        ("day = last_days(0)", Code::WrongArguments, 6),
        ("day = now(1)", Code::WrongArguments, 6),
        ("frobnicate(1)", Code::UnknownFunction, 0),
        ("tagged(\"ناشناس\")", Code::UnknownTag, 7),
        ("has_key()", Code::WrongArguments, 0),
        ("contact.orders = null", Code::RelationNeedsFunction, 8),
        ("contact.orders.total > 1", Code::RelationNeedsFunction, 8),
        ("contact.orders.count() : 3", Code::WrongOperator, 25),
        ("contact.orders.count() > many", Code::WrongValue, 25),
        ("contact.orders.count() > 1.5", Code::WrongAggregate, 25),
        ("contact.orders.sum(number) > 1", Code::WrongAggregate, 19),
        ("contact.orders.sum(total) > 1 USD", Code::WrongAggregate, 28),
        (
            "contact.contact.contact.contact.contact.contact.contact.city = x",
            Code::UnknownField,
            8,
        ),
        (
            "others.others.others.others.others.others.others.size = 1",
            Code::TooDeep,
            49,
        ),
    ];
    let policy = administrator();
    for (text, code, position) in cases {
        let e = checked(text, En, &policy).unwrap_err();
        assert_eq!(
            (e.code, e.position),
            (code, position),
            "{text}: {}",
            e.message_en()
        );
        assert!(!e.message_fa().is_empty());
    }
    let e = checked("level = middle", En, &policy).unwrap_err();
    assert_eq!(e.expected.to_vec(), ["low", "high", "old"]);
    let e = checked("ratio = \"۱.۲۳۴\"", Fa, &policy).unwrap_err();
    assert_eq!((e.code, e.expected.len()), (Code::AmbiguousValue, 2));
    let system = Policy::all(Actor::System);
    assert_eq!(
        checked("owner = me()", En, &system).unwrap_err().code,
        Code::NoUser
    );
}

/// A filter tells nothing that the page hides: hidden and masked fields, and relations to what cannot be read, are
/// refused with the same words as fields that do not exist.
#[test]
fn rights_hold_inside_filters() {
    let c = catalog();
    let sample = c.object("sample").unwrap();
    let rules: HashMap<FieldIx, FieldRule> = [
        (ix(sample, "hidden"), FieldRule::Hidden),
        (ix(sample, "mail"), FieldRule::Masked),
        (ix(sample, "title"), FieldRule::ReadOnly),
    ]
    .into();
    let contact = c.object("contact").unwrap();
    let mut policy = administrator();
    policy.unrestricted = false;
    let read = HashMap::from([(Verb::Read, Reach::All)]);
    policy.objects = HashMap::from([
        (
            "sample".to_owned(),
            ObjectPolicy {
                reach: read.clone(),
                fields: rules,
            },
        ),
        (
            "contact".to_owned(),
            ObjectPolicy {
                reach: read,
                fields: HashMap::from([(ix(contact, "city"), FieldRule::Hidden)]),
            },
        ),
    ]);
    for text in [
        "hidden = x",
        "mail : x",
        "contact.city = x",
        "contact.orders.any()",
        "contact.orders.count() > 1",
        "NOT (size = 1 OR hidden != null)",
    ] {
        let e = checked(text, En, &policy).unwrap_err();
        assert_eq!(e.code, Code::UnknownField, "{text}");
    }
    let absent = checked("absent = x", En, &policy).unwrap_err();
    let hidden = checked("hidden = x", En, &policy).unwrap_err();
    assert_eq!(
        absent.message_en().replace("absent", ""),
        hidden.message_en().replace("hidden", "")
    );
    for text in ["title = x", "contact.job_title = x", "owner_id = me()"] {
        assert!(checked(text, En, &policy).is_ok(), "{text}");
    }
}
