//! What is written beside the values: folds, keys, search text.

mod common;

use common::{catalog, field, id, ix, record, sample};
use peyvand_core::Instant;
use peyvand_record::derive::{
    IndexKind, IndexLookup, Phase, SearchQuery, fold_of, index_entries, index_key, index_lookup, search_text,
    sort_key_of,
};
use peyvand_record::filter::{Op, Operand, eval::test_holds};
use peyvand_record::{MoneyValue, NameValue, Point, Record, Value};
use proptest::prelude::*;

fn name(title: &str, given: &str, family: &str) -> Value {
    Value::Name(Box::new(NameValue {
        title: title.into(),
        given: given.into(),
        family: family.into(),
        ..NameValue::default()
    }))
}

fn point(value: &str, channel: &str) -> Value {
    Value::Points(vec![Point {
        id: id(50),
        value: value.into(),
        normalised: value.to_lowercase().into(),
        channel: channel.into(),
        label: None,
        primary: true,
    }])
}

#[test]
fn folds_and_sort_keys() {
    let c = catalog();
    let o = sample(&c);
    let fold = |key: &str, v: &Value| fold_of(field(&o, key), v);
    assert_eq!(
        fold("title", &Value::text("كتاب‌هاي ۱۲")).as_deref(),
        Some("کتابهای 12")
    );
    assert_eq!(
        fold("person", &name("دکتر", "علی", "رضایی")).as_deref(),
        Some("علی رضایی"),
        "without the title"
    );
    assert_eq!(
        fold("html", &Value::text("<p>سلام&nbsp;<b>دنیا</b></p>")).as_deref(),
        Some("سلام دنیا")
    );
    assert_eq!(
        fold("code", &Value::text("AB-1")),
        None,
        "codes are compared as they are"
    );
    assert_eq!(fold("title", &Value::Null), None);
    let key = |v: &Value| sort_key_of(field(&o, "person"), v).unwrap();
    assert!(
        key(&name("", "یاسر", "احمدی")) < key(&name("", "آرش", "پارسا")),
        "by family"
    );
    assert!(
        key(&name("", "آرش", "احمدی")) < key(&name("", "یاسر", "احمدی")),
        "then by given name"
    );
    assert_eq!(
        sort_key_of(field(&o, "size"), &Value::Int(3)),
        None,
        "numbers sort by themselves"
    );
}

#[test]
fn entries_of_the_field_index() {
    let c = catalog();
    let o = sample(&c);
    let r = record(
        &o,
        1,
        &[
            ("size", Value::Int(-5)),
            ("tags", Value::Choices(vec!["a".into(), "c".into()])),
            ("settings", Value::Json(Box::new(serde_json::json!({})))),
            ("level", Value::Choice("high".into())),
        ],
    );
    let entries = index_entries(&o, &r);
    let of = |key: &str, kind| {
        let number = field(&o, key).number.unwrap();
        entries
            .iter()
            .filter(|e| e.number == number && e.kind == kind)
            .map(|e| e.key.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("size", IndexKind::Value),
        [vec![0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFB]]
    );
    assert_eq!(of("size", IndexKind::Sort).len(), 1);
    assert_eq!(of("tags", IndexKind::Value), [b"a".to_vec(), b"c".to_vec()]);
    assert_eq!(of("tags", IndexKind::Sort), Vec::<Vec<u8>>::new());
    assert_eq!(of("settings", IndexKind::Value), Vec::<Vec<u8>>::new());
    assert_eq!(entries.iter().filter(|e| e.kind == IndexKind::Value).count(), 4);
    // Fields of the program have columns of their own.
    let contact = c.object("contact").unwrap();
    assert!(index_entries(contact, &record(contact, 2, &[("job_title", Value::text("x"))])).is_empty());
    let long = Value::text("x".repeat(3000));
    let entry = index_entries(&o, &record(&o, 1, &[("title", long)])).swap_remove(0);
    assert!(entry.key.len() <= 1100);
    let other = index_entries(
        &o,
        &record(&o, 1, &[("title", Value::text(format!("{}y", "x".repeat(2999))))]),
    );
    assert_ne!(entry.key, other[0].key, "long texts stay apart");
}

/// Does the lookup find one of the keys?
fn found(lookup: &IndexLookup, keys: &[Vec<u8>]) -> bool {
    let inside = |from: &Vec<u8>, to: &Option<Vec<u8>>| {
        keys.iter()
            .any(|k| k >= from && to.as_ref().is_none_or(|t| k < t))
    };
    match lookup {
        IndexLookup::Keys(wanted) => keys.iter().any(|k| wanted.contains(k)),
        IndexLookup::Range(from, to) => inside(from, to),
        IndexLookup::Ranges(list) => list.iter().any(|(from, to)| inside(from, to)),
        IndexLookup::Any => !keys.is_empty(),
    }
}

fn lookup_agrees(key: &str, value: &Value, op: Op, operand: Operand) -> Result<(), TestCaseError> {
    let c = catalog();
    let o = sample(&c);
    let f = field(&o, key);
    let r: Record = record(&o, 1, &[(key, value.clone())]);
    let keys: Vec<Vec<u8>> = index_entries(&o, &r)
        .into_iter()
        .filter(|e| Some(e.number) == f.number && e.kind == IndexKind::Value)
        .map(|e| e.key)
        .collect();
    let Some(lookup) = index_lookup(f, op, &operand) else {
        return Ok(());
    };
    let by_index = if op == Op::Ne {
        !found(&lookup, &keys)
    } else {
        found(&lookup, &keys)
    };
    let test = peyvand_record::filter::Test {
        field: ix(&o, key),
        op,
        operand,
    };
    prop_assert_eq!(by_index, test_holds(&test, f, value), "{:?} {:?}", test, value);
    Ok(())
}

proptest! {
    /// The index finds exactly the records that the evaluator finds.
    #[test]
    fn index_and_evaluator_agree_on_numbers(
        a in prop_oneof![any::<i64>(), -3i64..3], b in prop_oneof![any::<i64>(), -3i64..3], width in 0i64..5,
        op in prop::sample::select(vec![Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge]),
    ) {
        lookup_agrees("size", &Value::Int(a), op, Operand::Int(b))?;
        lookup_agrees("moment", &Value::Instant(Instant(a)), op, Operand::Int(b))?;
        lookup_agrees("moment", &Value::Instant(Instant(a)), op, Operand::Range { from: b, to: b.saturating_add(width) })?;
        lookup_agrees("size", &Value::Int(a), Op::In, Operand::List(vec![Operand::Int(b), Operand::Int(a)]))?;
        for (currency, base) in [("IRR", Some(a)), ("USD", None), ("USD", Some(b))] {
            let m = MoneyValue { minor: a, currency: currency.into(), base, rate: None, rated_on: None };
            for wanted in [None, Some("IRR".into()), Some("USD".into())] {
                let operand = Operand::Money { minor: b, currency: wanted };
                lookup_agrees("amount", &Value::money(m.clone()), op, operand)?;
            }
        }
    }

    #[test]
    fn index_and_evaluator_agree_on_text(a in "[abآبx ]{1,6}", b in "[abآبx]{1,3}", op in prop::sample::select(vec![Op::Eq, Op::Ne, Op::Starts])) {
        let folded = peyvand_text::fold(&b);
        lookup_agrees("title", &Value::text(a.clone()), op, Operand::Text(folded.into()))?;
        lookup_agrees("code", &Value::text(a.trim()), op, Operand::Text(b.into()))?;
    }

    /// Keys compare as the numbers do.
    #[test]
    fn number_keys_keep_the_order(a in any::<i64>(), b in any::<i64>()) {
        let c = catalog();
        let o = sample(&c);
        let key = |n| index_key(field(&o, "size"), &Operand::Int(n)).unwrap();
        prop_assert_eq!(a.cmp(&b), key(a).cmp(&key(b)));
    }
}

#[test]
fn search_text_is_split_by_class() {
    let c = catalog();
    let o = sample(&c);
    let r = record(
        &o,
        1,
        &[
            ("title", Value::text("پخش مواد غذایی")),
            ("code", Value::text("SEC-77")),
            ("person", name("دکتر", "علی", "رضایی")),
            ("phones", point("+989123456789", "mobile")),
            ("mails", point("Sara@Example.com", "email")),
            ("token", Value::text("topsecret")),
        ],
    );
    let t = search_text(&o, &r, |_| true);
    assert!(t.plain[0].contains("پخش مواد غذایی") && !t.plain[0].contains("رضایی"));
    assert!(t.plain[1].contains("علی رضایی") && t.exact[1].contains(&"علیرضایی".to_owned()));
    assert_eq!(t.exact[2], ["sec-77"]);
    assert!(
        t.exact[1].contains(&"09123456789".to_owned()) && t.exact[1].contains(&"+989123456789".to_owned())
    );
    assert!(!format!("{t:?}").contains("topsecret"));
    let hidden = ix(&o, "person");
    let part = search_text(&o, &r, |f| f != hidden);
    assert!(
        !format!("{part:?}").contains("رضایی"),
        "a hidden field is never found"
    );

    let phase = |q: &str| SearchQuery::parse(q).matches(&t);
    let cases = [
        ("علی رضایی", Some(Phase::Exact)),
        ("علي‌رضايي", Some(Phase::Exact)),
        ("رضایی علی", Some(Phase::Exact)),
        ("۰۹۱۲ ۳۴۵ ۶۷۸۹", Some(Phase::Exact)),
        ("+98 912 345 6789", Some(Phase::Exact)),
        ("SARA@example.com", Some(Phase::Exact)),
        ("sec-77", Some(Phase::Exact)),
        ("پخش مواد غذایی", Some(Phase::Exact)),
        ("رض", Some(Phase::Prefix)),
        ("غذ پخ", Some(Phase::Prefix)),
        ("0912 34", Some(Phase::Prefix)),
        ("دکتر رضایی", Some(Phase::Prefix)),
        ("Ali Rezaei", Some(Phase::Sound)),
        ("rezaee", Some(Phase::Sound)),
        ("345678", Some(Phase::Substring)),
        ("xample", Some(Phase::Substring)),
        ("sara@exa", Some(Phase::Prefix)),
        ("@example", Some(Phase::Prefix)),
        // Whole addresses that are nobody's: the domain counts as it is, the person by the beginning.
        ("sar@example.com", Some(Phase::Prefix)),
        ("sara@example.co", Some(Phase::Prefix)),
        ("ara@example.com", None),
        ("sar@xample.com", None),
        ("ara@exam", Some(Phase::Substring)),
        ("ذا", None),
        ("حسن", None),
        ("", None),
        ("!!", None),
    ];
    for (q, wanted) in cases {
        assert_eq!(phase(q), wanted, "{q}");
    }
    assert!(Phase::Exact < Phase::Prefix && Phase::Prefix < Phase::Sound && Phase::Sound < Phase::Substring);
    assert_eq!(
        SearchQuery::parse("ab").substring,
        None,
        "from three characters on"
    );
    // An address is no name: it has no sound, and nobody writes it in one word.
    let whole = SearchQuery::parse("Sara.Amini@Example.com");
    assert!(whole.whole_address && !SearchQuery::parse("sara.amini@exam").whole_address);
    assert_eq!((whole.glued, whole.sound), (None, None));
    assert!(whole.exact_keys.contains(&"sara.amini@example.com".to_owned()));
}
