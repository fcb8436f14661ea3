//! Every type of field, with good and bad values, from JSON and from typed text.

mod common;

use common::{catalog, edge, field, id, ix, record, sample};
use peyvand_core::Instant;
use peyvand_numbers::Language::{En, Fa};
use peyvand_record::codec::{
    FieldErrorCode as Code, Mode, apply_defaults, changes_json, check_required, parse_json, parse_json_value,
    parse_text, to_json, value_to_json, warnings, write_json,
};
use peyvand_record::{MoneyValue, Record, Value};
use serde_json::{Value as Json, json};

fn money(minor: i64, currency: &str, base: Option<i64>) -> Value {
    Value::money(MoneyValue {
        minor,
        currency: currency.into(),
        base,
        rate: None,
        rated_on: None,
    })
}

#[test]
fn json_values_of_every_type() {
    let c = catalog();
    let o = sample(&c);
    let edge = edge(En, Mode::Create);
    let uuid = id(7).to_string();
    let good: Vec<(&str, Json, Value)> = vec![
        ("title", json!("  علي \u{0} كريمي "), Value::text("علی کریمی")),
        ("title", json!(""), Value::Null),
        ("title", json!(null), Value::Null),
        ("body", json!("يك\r\nدو\n"), Value::text("یک\nدو")),
        ("code", json!(" ۱۲۳A٤ "), Value::text("123A4")),
        ("size", json!(12), Value::Int(12)),
        ("size", json!("۱۲"), Value::Int(12)),
        ("size", json!(12.0), Value::Int(12)),
        ("size", json!(""), Value::Null),
        ("ratio", json!(1.5), Value::Decimal(1500)),
        ("ratio", json!("-0.125"), Value::Decimal(-125)),
        (
            "amount",
            json!({"amount": "1250000", "currency": "IRR"}),
            money(1_250_000, "IRR", Some(1_250_000)),
        ),
        (
            "amount",
            json!({"amount": 5, "currency": "usd"}),
            money(5, "USD", None),
        ),
        ("amount", json!({"amount": "-۷"}), money(-7, "IRR", Some(-7))),
        ("active", json!(false), Value::Bool(false)),
        ("day", json!("2026-11-22"), Value::Date(common::TODAY)),
        ("day", json!("1970-01-01"), Value::Date(0)),
        (
            "moment",
            json!("2026-11-22T12:00:00+03:30"),
            Value::Instant(common::NOW),
        ),
        ("level", json!("high"), Value::Choice("high".into())),
        (
            "tags",
            json!(["c", "a", "c"]),
            Value::Choices(vec!["a".into(), "c".into()]),
        ),
        ("tags", json!([]), Value::Null),
        (
            "mail",
            json!(" Sara.A@Example.COM "),
            Value::text("sara.a@example.com"),
        ),
        ("phone", json!("۰۹۱۲ ۳۴۵ ۶۷۸۹"), Value::text("+989123456789")),
        (
            "phone",
            json!("021-88776655 داخلی ۱۲"),
            Value::text("+982188776655;ext=12"),
        ),
        ("contact_id", json!(uuid), Value::Id(id(7))),
        (
            "others",
            json!([uuid, id(8).to_string(), uuid]),
            Value::Ids(vec![id(7), id(8)]),
        ),
        ("scan", json!(uuid), Value::Id(id(7))),
        (
            "settings",
            json!({"a": [1, "x\u{0}y"]}),
            Value::Json(Box::new(json!({"a": [1, "xy"]}))),
        ),
    ];
    for (key, given, wanted) in good {
        assert_eq!(
            parse_json_value(field(&o, key), &given, &edge),
            Ok(wanted),
            "{key} {given}"
        );
    }
    let deep = (0..40).fold(json!(1), |j, _| json!([j]));
    let bad: Vec<(&str, Json, Code)> = vec![
        ("title", json!(5), Code::WrongType),
        ("title", json!("x".repeat(256)), Code::TooLong),
        ("short", json!("شش‌حرفی"), Code::TooLong),
        ("body", json!("x".repeat(100_001)), Code::TooLong),
        ("size", json!("twelve"), Code::NotANumber),
        ("size", json!(1001), Code::OutOfRange),
        ("size", json!(-1), Code::OutOfRange),
        ("size", json!(1.5), Code::TooManyDecimals),
        ("size", json!(true), Code::WrongType),
        ("ratio", json!("1.2345"), Code::TooManyDecimals),
        ("ratio", json!("9223372036854775.808"), Code::OutOfRange),
        ("ratio", json!(0.123_456_789_012_345_68), Code::InexactNumber),
        ("amount", json!("1250000 IRR"), Code::WrongType),
        (
            "amount",
            json!({"amount": "1.5", "currency": "IRR"}),
            Code::NotAnAmount,
        ),
        (
            "amount",
            json!({"amount": 1.5, "currency": "IRR"}),
            Code::NotAnAmount,
        ),
        ("amount", json!({"currency": "IRR"}), Code::NotAnAmount),
        (
            "amount",
            json!({"amount": "9223372036854775808"}),
            Code::OutOfRange,
        ),
        (
            "amount",
            json!({"amount": "1", "currency": "XXQ"}),
            Code::UnknownCurrency,
        ),
        ("amount", json!({"amount": "1", "unit": "IRR"}), Code::UnknownPart),
        ("active", json!("yes"), Code::WrongType),
        ("day", json!("22/11/2026"), Code::NotADate),
        ("day", json!("2026-02-30"), Code::NoSuchDate),
        ("day", json!("1405-09-01"), Code::NoSuchDate),
        ("moment", json!("2026-11-22 12:00"), Code::NotAnInstant),
        ("level", json!("High"), Code::UnknownChoice),
        ("level", json!("old"), Code::RetiredChoice),
        ("tags", json!(["a", "z"]), Code::UnknownChoice),
        ("mail", json!("sara"), Code::NotAnEmail),
        ("phone", json!("12"), Code::NotAPhone),
        ("site", json!("javascript:alert(1)"), Code::NotAUrl),
        ("contact_id", json!("7"), Code::NotAnId),
        (
            "contact_id",
            json!("00000000-0000-0000-0000-000000000000"),
            Code::NotAnId,
        ),
        ("others", json!([1]), Code::WrongType),
        ("settings", deep, Code::TooLarge),
        ("settings", json!("x".repeat(70_000)), Code::TooLarge),
        ("person", json!({"first": "علی"}), Code::UnknownPart),
        ("place", json!({"zip": "1"}), Code::UnknownPart),
        ("place", json!(7), Code::WrongType),
    ];
    for (key, given, code) in bad {
        let error = parse_json_value(field(&o, key), &given, &edge).unwrap_err();
        assert_eq!(error.code, code, "{key} {}", error.message_en());
        assert_eq!(error.field, key);
        assert!(error.value.chars().count() <= 80);
    }
}

#[test]
fn typed_values_in_both_languages() {
    let c = catalog();
    let o = sample(&c);
    let good: Vec<(peyvand_numbers::Language, &str, &str, Value)> = vec![
        (Fa, "size", "۱۲", Value::Int(12)),
        (En, "size", "1,000", Value::Int(1000)),
        (Fa, "ratio", "۲/۵", Value::Decimal(2500)),
        (En, "ratio", "12.5%", Value::Decimal(125)),
        (
            Fa,
            "amount",
            "۲۵ م ت",
            money(250_000_000, "IRR", Some(250_000_000)),
        ),
        (
            Fa,
            "amount",
            "۲/۵ میلیون تومان",
            money(25_000_000, "IRR", Some(25_000_000)),
        ),
        (En, "amount", "$1,250.50", money(125_050, "USD", None)),
        (Fa, "active", "بله", Value::Bool(true)),
        (En, "active", "No", Value::Bool(false)),
        (Fa, "active", "✓", Value::Bool(true)),
        (Fa, "day", "۱۴۰۵/۰۹/۰۱", Value::Date(common::TODAY)),
        (Fa, "day", "۱ آذر ۱۴۰۵", Value::Date(common::TODAY)),
        (En, "day", "2026-11-22", Value::Date(common::TODAY)),
        (Fa, "day", "فردا", Value::Date(common::TODAY + 1)),
        (Fa, "moment", "۱۴۰۵/۰۹/۰۱ ساعت ۱۲:۰۰", Value::Instant(common::NOW)),
        (En, "moment", "2026-11-22T08:30:00Z", Value::Instant(common::NOW)),
        (Fa, "level", "زياد", Value::Choice("high".into())),
        (En, "level", "HIGH", Value::Choice("high".into())),
        (
            En,
            "tags",
            "Gamma; الف",
            Value::Choices(vec!["a".into(), "c".into()]),
        ),
        (En, "size", "-", Value::Null),
        (En, "mail", "N/A", Value::Null),
        (Fa, "day", "  ", Value::Null),
        (
            En,
            "settings",
            "{\"a\":1}",
            Value::Json(Box::new(json!({"a": 1}))),
        ),
    ];
    for (language, key, given, wanted) in good {
        let edge = edge(language, Mode::Create);
        assert_eq!(
            parse_text(field(&o, key), given, &edge),
            Ok(wanted),
            "{key} {given}"
        );
    }
    let bad = [
        (Fa, "size", "دوازده تا", Code::NotANumber, 0),
        (Fa, "ratio", "۱.۲۳۴", Code::AmbiguousNumber, 2),
        (Fa, "amount", "پول", Code::NotAnAmount, 0),
        (En, "amount", "1.005 USD", Code::TooManyDecimals, 0),
        (En, "active", "maybe", Code::NotABoolean, 0),
        (En, "day", "03/04/2026", Code::AmbiguousDate, 2),
        (Fa, "day", "۱۴۰۵/۱۲/۳۱", Code::NoSuchDate, 0),
        (En, "day", "someday", Code::NotADate, 0),
        (En, "moment", "late", Code::NotAnInstant, 0),
        (Fa, "level", "متوسط", Code::UnknownChoice, 0),
        (En, "phones", "09123456789; 12", Code::NotAPhone, 0),
    ];
    for (language, key, given, code, readings) in bad {
        let error = parse_text(field(&o, key), given, &edge(language, Mode::Create)).unwrap_err();
        assert_eq!(error.code, code, "{key} {given}: {}", error.message_en());
        assert_eq!(error.readings.len(), readings, "{key} {given}");
    }
    // The places of a whole number leave one reading of an otherwise ambiguous text.
    assert_eq!(
        parse_text(field(&o, "size"), "۱.۰۰۰", &edge(Fa, Mode::Create)).map_err(|e| e.code),
        Err(Code::AmbiguousNumber),
        "1 and 1000 are both whole"
    );
    assert_eq!(
        parse_text(field(&o, "size"), "۰٫۵", &edge(Fa, Mode::Create)).map_err(|e| e.code),
        Err(Code::TooManyDecimals)
    );
}

#[test]
fn names_addresses_and_points() {
    let object = sample(&catalog());
    let edge = edge(Fa, Mode::Create);
    let parse = |key: &str, j: Json| parse_json_value(field(&object, key), &j, &edge).map_err(|e| e.code);
    let Ok(Value::Name(n)) = parse("person", json!("دكتر علي رضايي")) else {
        panic!("a name")
    };
    assert_eq!((&*n.title, &*n.given, &*n.family), ("دکتر", "علی", "رضایی"));
    let Ok(Value::Name(n)) = parse(
        "person",
        json!({"given": " Sara ", "family": "Ahmadi", "latin": null}),
    ) else {
        panic!("a name")
    };
    assert_eq!(n.display(), "Sara Ahmadi");
    assert_eq!(parse("person", json!({})), Ok(Value::Null));
    let Ok(Value::Address(a)) = parse("place", json!({"city": "تهران", "postal_code": "۱۱۹۳۶۵۳۴۷۱"}))
    else {
        panic!("an address")
    };
    assert_eq!((&*a.city, &*a.postal_code), ("تهران", "1193653471"));

    let points = |key: &str, j: Json| match parse(key, j) {
        Ok(Value::Points(p)) => p,
        other => panic!("points expected, not {other:?}"),
    };
    let p = points(
        "phones",
        json!(["09123456789", {"value": "021-88776655", "label": "محل کار", "primary": true}, "+989123456789"]),
    );
    let seen: Vec<_> = p
        .iter()
        .map(|p| (&*p.normalised, &*p.channel, p.primary))
        .collect();
    assert_eq!(
        seen,
        [
            ("+989123456789", "mobile", false),
            ("+982188776655", "phone", true)
        ]
    );
    assert_eq!(p[1].label.as_deref(), Some("محل کار"));
    let p = points("mails", json!(["Sara@Example.com", "sara@example.COM"]));
    assert_eq!(p.len(), 1);
    assert_eq!(
        (&*p[0].value, &*p[0].normalised, p[0].primary),
        ("Sara@example.com", "sara@example.com", true)
    );
    let p = points("phones", json!({"value": "02188776655", "channel": "fax"}));
    assert_eq!(&*p[0].channel, "fax");
    let two =
        json!([{"value": "a@example.com", "primary": true}, {"value": "b@example.com", "primary": true}]);
    assert_eq!(parse("mails", two), Err(Code::SeveralPrimary));
    assert_eq!(parse("mails", json!([{"label": "x"}])), Err(Code::WrongType));
    assert_eq!(
        parse("mails", json!([{"value": "a@b.ir", "kind": "x"}])),
        Err(Code::UnknownPart)
    );
    assert_eq!(
        parse("mails", json!(vec!["a@example.com"; 101])),
        Err(Code::TooLarge)
    );
    let typed = parse_text(field(&object, "phones"), "۰۹۱۲۳۴۵۶۷۸۹؛ 021 8877 6655\n", &edge).unwrap();
    assert!(matches!(typed, Value::Points(p) if p.len() == 2 && p[0].primary && !p[1].primary));
}

#[test]
fn requests_are_refused_field_by_field() {
    let c = catalog();
    let o = sample(&c);
    let body = json!({
        "title": null, "nope": 1, "id": id(1).to_string(), "version": 3, "twice": 4, "score": 1, "locked": "x",
        "token": "x", "size": "x", "level": "high", "owner_id": id(9).to_string()
    });
    let map = body.as_object().unwrap();
    let errors = parse_json(&c, &o, map, &edge(En, Mode::Patch)).unwrap_err();
    let seen: Vec<_> = errors.iter().map(|e| (e.field.as_str(), e.code())).collect();
    assert_eq!(
        seen,
        [
            ("title", "required"),
            ("nope", "unknown-field"),
            ("id", "read-only"),
            ("version", "read-only"),
            ("twice", "read-only"),
            ("score", "read-only"),
            ("locked", "read-only"),
            ("token", "read-only"),
            ("size", "not-a-number"),
        ]
    );
    let mut own = edge(En, Mode::Patch);
    own.use_case = true;
    let body = json!({"locked": "x", "token": "y", "level": "old"});
    assert_eq!(
        parse_json(&c, &o, body.as_object().unwrap(), &own).unwrap().len(),
        3
    );
    let contact = c.object("contact").unwrap();
    let body = json!({"orders": []});
    let errors = parse_json(&c, contact, body.as_object().unwrap(), &own).unwrap_err();
    assert_eq!(
        errors[0].code,
        Code::ReadOnly,
        "a relation is written at its other end"
    );
}

#[test]
fn errors_speak_both_languages() {
    let c = catalog();
    let o = sample(&c);
    let e = parse_text(field(&o, "size"), "بسیار", &edge(Fa, Mode::Create)).unwrap_err();
    assert_eq!(
        e.message_fa(),
        "«فیلد size»: عدد نیست (مقدار: «بسیار»). انتظار می‌رود: عددی صحیح از ۰ تا ۱٬۰۰۰.".replace('٬', "")
    );
    assert_eq!(
        e.message_en(),
        "“Field size”: not a number (value: “بسیار”). Expected: a whole number from 0 to 1000."
    );
    let e = parse_text(field(&o, "day"), "03/04/2026", &edge(En, Mode::Create)).unwrap_err();
    assert!(
        e.message_en()
            .ends_with("Which is meant: 2026/04/03 Gregorian or 2026/03/04 Gregorian?"),
        "{}",
        e.message_en()
    );
    assert!(
        e.message_fa().contains("۲۰۲۶/۰۴/۰۳ میلادی یا ۲۰۲۶/۰۳/۰۴ میلادی؟"),
        "{}",
        e.message_fa()
    );
    assert_eq!(e.to_json()["readings"], json!(["2026-04-03", "2026-03-04"]));
    let e = parse_text(field(&o, "level"), &"x".repeat(500), &edge(En, Mode::Create)).unwrap_err();
    assert_eq!(e.to_json()["choices"], json!(["low", "high"]));
    assert_eq!(e.value.chars().count(), 80);
    assert!(e.message_fa().contains("کم (low)، زیاد (high)"));
    let mut keys: Vec<_> = Code::ALL.iter().map(|c| c.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), Code::ALL.len());
}

#[test]
fn defaults_required_and_warnings() {
    let c = catalog();
    let o = sample(&c);
    let mut r = record(&o, 1, &[("active", Value::Bool(false))]);
    apply_defaults(&o, &mut r);
    assert_eq!(
        r.get(ix(&o, "active")),
        &Value::Bool(false),
        "what is given stays"
    );
    assert_eq!(r.get(ix(&o, "level")), &Value::Choice("low".into()));
    let missing = check_required(&o, &r);
    assert_eq!(
        missing.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
        ["title"]
    );
    r.set(ix(&o, "title"), Value::text("x"));
    assert!(check_required(&o, &r).is_empty());
    let given = [
        (ix(&o, "national_id"), Value::text("1234567890")),
        (ix(&o, "mail"), Value::text("a@gmial.com")),
        (ix(&o, "code"), Value::text("1234567890")),
    ];
    let fields: Vec<_> = warnings(&o, &given).into_iter().map(|w| w.field).collect();
    assert_eq!(fields, ["national_id", "mail"]);
    assert!(warnings(&o, &[(ix(&o, "national_id"), Value::text("0499370899"))]).is_empty());
}

#[test]
fn records_are_written_flat() {
    let c = catalog();
    let o = sample(&c);
    let r = record(
        &o,
        3,
        &[
            ("title", Value::text("a\"<b>\n\u{2028}\u{1}")),
            ("ratio", Value::Decimal(-1_050)),
            ("amount", money(i64::MIN, "IRR", None)),
            ("day", Value::Date(-1)),
            ("moment", Value::Instant(Instant(-1))),
            ("token", Value::text("secret")),
        ],
    );
    let mut out = Vec::new();
    write_json(&mut out, &o, &r, None);
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains(r#""title":"a\"\u003cb>\n\u2028\u0001""#), "{text}");
    assert!(!text.contains("secret") && !text.contains("token"));
    let back: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(back["id"], json!(id(3).to_string()));
    assert_eq!(back["version"], json!(1));
    assert_eq!(back["created_at"], json!("2026-11-22T08:30:00.000000Z"));
    assert_eq!(back["title"], json!("a\"<b>\n\u{2028}\u{1}"));
    assert_eq!(back["ratio"], json!("-1.05"));
    assert_eq!(
        back["amount"],
        json!({"amount": "-9223372036854775808", "currency": "IRR"})
    );
    assert_eq!(back["day"], json!("1969-12-31"));
    assert_eq!(back["moment"], json!("1969-12-31T23:59:59.999999Z"));
    assert_eq!(back["body"], Json::Null);
    assert_eq!(Json::Object(to_json(&o, &r, None)), back);
    let some = to_json(&o, &r, Some(&[ix(&o, "day"), ix(&o, "token")]));
    assert_eq!(some.keys().collect::<Vec<_>>(), ["day"]);
    let mut after: Record = r.touched(Instant(5), peyvand_core::Actor::System);
    after.set(ix(&o, "short"), Value::text("ب"));
    after.set(ix(&o, "day"), Value::Null);
    after.set(ix(&o, "token"), Value::text("other"));
    assert_eq!(
        changes_json(&o, Some(&r), Some(&after)),
        r#"{"short":[null,"ب"],"day":["1969-12-31",null]}"#
    );
    assert_eq!(changes_json(&o, Some(&r), Some(&r)), "{}");
    assert_eq!(
        value_to_json(field(&o, "ratio"), &Value::Decimal(5)),
        json!("0.005")
    );
}
