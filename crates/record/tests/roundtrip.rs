//! What is written is read back as the same value.

mod common;

use common::{catalog, edge, id, record, sample};
use peyvand_core::Instant;
use peyvand_numbers::Language::{En, Fa};
use peyvand_record::codec::{Mode, is_writable, parse_json, push_json_string, to_json, write_json};
use peyvand_record::{MoneyValue, Value};
use proptest::prelude::*;
use serde_json::Value as Json;

/// The pieces that texts are made of: both scripts, half-spaces, quotes, brackets, control characters.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "علی", "ي", "ك", "\u{200c}", " ", "\n", "\t", "a", "B", "\"", "\\", "<b>", "۱۲", "7", "é", "\u{0}",
        "\u{202e}", "\u{2028}", "👍", "/", "&amp;",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|p| p.concat())
}

proptest! {
    /// Reading JSON, writing the record, and reading again gives the same values.
    #[test]
    fn parse_of_write_is_identity(
        (title, body, code) in (text(), text(), text()),
        size in 0i64..=1000,
        ratio in any::<i64>(),
        minor in any::<i64>(),
        foreign in any::<bool>(),
        day in -122_000i32..2_900_000,
        micros in -60_000_000_000_000_000i64..250_000_000_000_000_000,
        level in prop::sample::select(vec!["low", "high"]),
        tags in prop::sample::subsequence(vec!["a", "b", "c"], 0..=3),
        mails in prop::collection::vec("[a-z]{1,8}(\\.[A-Z]{1,5})?@[a-z]{2,8}\\.(ir|com)", 0..4),
        phones in prop::collection::vec("09[1-3][0-9]{8}", 0..4),
        (given, family, city) in (text(), text(), text()),
        fa in any::<bool>(),
    ) {
        let c = catalog();
        let o = sample(&c);
        let edge = edge(if fa { Fa } else { En }, Mode::Create);
        let currency = if foreign { "USD" } else { "IRR" };
        let amount = MoneyValue {
            minor, currency: currency.into(), base: (!foreign).then_some(minor), rate: None, rated_on: None,
        };
        let body = serde_json::json!({
            "title": format!("x{title}"), "body": body, "code": code, "mails": mails, "phones": phones, "tags": tags,
            "level": level, "person": {"given": given, "family": family}, "place": {"city": city},
            "others": [id(3).to_string(), id(4).to_string()], "settings": {"k": [title, ratio]}, "size": size,
        });
        let first = parse_json(&c, &o, body.as_object().unwrap(), &edge).unwrap();
        let mut r = record(&o, 1, &[
            ("ratio", Value::Decimal(ratio)), ("amount", Value::money(amount)), ("day", Value::Date(day)),
            ("moment", Value::Instant(Instant(micros))), ("active", Value::Bool(fa)), ("contact_id", Value::Id(id(9))),
        ]);
        for (ix, value) in &first {
            r.set(*ix, value.clone());
        }
        let mut bytes = Vec::new();
        write_json(&mut bytes, &o, &r, None);
        let written: Json = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&written, &Json::Object(to_json(&o, &r, None)));
        let mut own = written.as_object().unwrap().clone();
        own.retain(|key, value| !value.is_null() && is_writable(o.field(key).unwrap().1, &edge));
        for (ix, value) in parse_json(&c, &o, &own, &edge).unwrap() {
            prop_assert_eq!(&value, r.get(ix), "{}", o.at(ix).unwrap().key);
        }
        prop_assert!(own.len() >= 12);
    }

    /// Strings are written as serde_json reads them, whatever they hold.
    #[test]
    fn strings_are_json(s in any::<String>()) {
        let mut out = Vec::new();
        push_json_string(&mut out, &s);
        prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), s);
    }

    /// No JSON makes the reader panic.
    #[test]
    fn any_text_is_read_or_refused(s in any::<String>(), key in 0usize..60) {
        let c = catalog();
        let o = sample(&c);
        let field = &o.fields[key % o.fields.len()];
        let edge = edge(Fa, Mode::Create);
        for result in [
            peyvand_record::codec::parse_text(field, &s, &edge),
            peyvand_record::codec::parse_json_value(field, &Json::String(s.clone()), &edge),
        ] {
            if let Err(e) = result {
                prop_assert!(!e.message_fa().is_empty() && !e.message_en().is_empty());
            }
        }
    }
}
