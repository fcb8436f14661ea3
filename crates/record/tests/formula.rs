//! Formulas: exact values, no value where nothing can be told, bounded cost, types told before.

use peyvand_catalog::{Catalog, FieldIx, ObjectDef, parse_object};
use peyvand_core::{Actor, Id, Instant};
use peyvand_numbers::Currency;
use peyvand_record::formula::{self, Formula, FormulaProblem, LONGEST, Now};
use peyvand_record::{MoneyValue, NameValue, Record, Value};
use proptest::prelude::*;

/// An object with a field of each type and one formula of the given type.
fn object(of: &str, text: &str) -> ObjectDef {
    let fields = [
        ("title", "text", ""),
        ("whole", "number", ""),
        ("part", "decimal", "scale = 4"),
        ("price", "money", ""),
        ("other", "money", ""),
        ("flag", "boolean", ""),
        ("day", "date", ""),
        ("since", "instant", ""),
        (
            "kind",
            "choice",
            "[[field.choices]]\nkey = \"vip\"\nfa = \"ویژه\"\nen = \"VIP\"",
        ),
        (
            "marks",
            "choices",
            "[[field.choices]]\nkey = \"a\"\nfa = \"الف\"\nen = \"A\"",
        ),
        ("who", "person_name", ""),
        ("note", "rich_text", ""),
    ];
    let mut out = String::from(
        "key = \"thing\"\nplural = \"things\"\ntitle = \"title\"\nlabel = { fa = \"چیز\", en = \"Thing\" }\nlabels = { fa = \"چیزها\", en = \"Things\" }\n",
    );
    for (key, ty, more) in fields {
        out.push_str(&format!(
            "[[field]]\nkey = \"{key}\"\ntype = \"{ty}\"\nlabel = {{ fa = \"ف\", en = \"F\" }}\n{more}\n"
        ));
    }
    let text = toml::Value::String(text.to_owned());
    out.push_str(&format!(
        "[[field]]\nkey = \"result\"\ntype = \"formula\"\nof = \"{of}\"\nformula = {text}\nfilter = false\nlabel = {{ fa = \"ف\", en = \"F\" }}\n"
    ));
    parse_object("thing", &out).unwrap()
}

/// A catalog with the object, and with the users and teams that every record may name.
fn catalog(thing: ObjectDef) -> Catalog {
    let mut all = vec![thing];
    for key in ["user", "team"] {
        let text = format!(
            "key = \"{key}\"\nplural = \"{key}s\"\ntitle = \"title\"\nlabel = {{ fa = \"ف\", en = \"F\" }}\n\
             labels = {{ fa = \"ف\", en = \"F\" }}\n\
             [[field]]\nkey = \"title\"\ntype = \"text\"\nlabel = {{ fa = \"ف\", en = \"F\" }}\n"
        );
        all.push(parse_object(key, &text).unwrap());
    }
    Catalog::from_objects(all, 0).unwrap()
}

fn ix(o: &ObjectDef, key: &str) -> FieldIx {
    o.field(key).unwrap().0
}

fn money(minor: i64, currency: &str) -> Value {
    Value::money(MoneyValue {
        minor,
        currency: currency.into(),
        base: (currency == "IRR").then_some(minor),
        rate: None,
        rated_on: None,
    })
}

fn record(o: &ObjectDef) -> Record {
    let mut r = Record::new(o, Id::from_bytes([7; 16]), Instant(1_000_000), Actor::System);
    for (key, value) in [
        ("title", Value::text("پیوند")),
        ("whole", Value::Int(7)),
        ("part", Value::Decimal(25_000)),
        ("price", money(1_000_001, "IRR")),
        ("other", money(1_250, "EUR")),
        ("flag", Value::Bool(true)),
        ("day", Value::Date(20_000)),
        ("since", Value::Instant(Instant(0))),
        ("kind", Value::Choice("vip".into())),
        ("marks", Value::Choices(vec!["a".into()])),
        (
            "who",
            Value::Name(Box::new(NameValue {
                given: "علی".into(),
                family: "رضایی".into(),
                ..NameValue::default()
            })),
        ),
    ] {
        r.set(ix(o, key), value);
    }
    r
}

fn value(of: &str, text: &str) -> Value {
    let o = object(of, text);
    let catalog = catalog(o.clone());
    formula::check(&catalog).unwrap_or_else(|e| panic!("{text}: {e}"));
    let mut r = record(&o);
    formula::fill(&o, &mut r, Currency::IRR);
    r.get(ix(&o, "result")).clone()
}

fn problem(of: &str, text: &str) -> Option<FormulaProblem> {
    let catalog = catalog(object(of, text));
    formula::check(&catalog).err().map(|e| e.problem)
}

#[test]
fn exact_values() {
    let table: &[(&str, &str, Value)] = &[
        ("number", "whole + 1", Value::Int(8)),
        ("number", "7 / 2", Value::Int(4)),
        ("number", "5 / 2", Value::Int(2)),
        ("decimal", "7 / 2", Value::Decimal(35_000)),
        ("decimal", "0.1 + 0.2", Value::Decimal(3_000)),
        ("decimal", "1 / 3", Value::Decimal(3_333)),
        ("decimal", "part * 2", Value::Decimal(50_000)),
        ("number", "9223372036854775807", Value::Int(i64::MAX)),
        ("number", "-whole % 4", Value::Int(-3)),
        ("number", "floor(-2.5)", Value::Int(-3)),
        ("number", "ceil(-2.5)", Value::Int(-2)),
        ("decimal", "round(2.345, 2)", Value::Decimal(23_400)),
        ("decimal", "round(2.355, 2)", Value::Decimal(23_600)),
        ("number", "min(whole, 3, 9)", Value::Int(3)),
        ("number", "max(whole, 3)", Value::Int(7)),
        ("number", "abs(-5)", Value::Int(5)),
        ("number", "size(title)", Value::Int(5)),
        ("number", "day - 1 - (day - 8)", Value::Int(7)),
        ("date", "day + 30", Value::Date(20_030)),
        ("boolean", "kind == 'vip' && flag", Value::Bool(true)),
        ("boolean", "'a' in marks", Value::Bool(true)),
        ("boolean", "'b' in marks", Value::Bool(false)),
        ("boolean", "kind in ['x', 'vip']", Value::Bool(true)),
        ("boolean", "!flag || whole > 6", Value::Bool(true)),
        ("boolean", "title.startsWith('پی')", Value::Bool(true)),
        ("text", "flag ? 'بله' : 'نه'", Value::text("بله")),
        ("text", "who + '!'", Value::text("علی رضایی!")),
        ("number", "coalesce(null, whole)", Value::Int(7)),
        ("decimal", "amount(other)", Value::Decimal(125_000)),
        ("text", "currency(other)", Value::text("EUR")),
        ("decimal", "price / price", Value::Decimal(10_000)),
        ("boolean", "price > money(1, 'IRR')", Value::Bool(true)),
    ];
    for (of, text, wanted) in table {
        assert_eq!(&value(of, text), wanted, "{text}");
    }
}

#[test]
fn amounts_are_exact_and_keep_their_currency() {
    let Value::Money(m) = value("money", "price * whole / 100") else {
        panic!("no amount")
    };
    // 7,000,007 / 100, a tie-free rounding of the smallest unit.
    assert_eq!((m.minor, &*m.currency, m.base), (70_000, "IRR", Some(70_000)));
    let Value::Money(m) = value("money", "other * 0.5") else {
        panic!("no amount")
    };
    assert_eq!((m.minor, &*m.currency, m.base), (625, "EUR", None));
    // A twin follows the rate of the amount from which it was worked out.
    let o = object("money", "other * 2");
    let mut r = record(&o);
    r.set(
        ix(&o, "other"),
        Value::money(MoneyValue {
            minor: 1_250,
            currency: "EUR".into(),
            base: Some(12_500_000),
            rate: Some("1000000".into()),
            rated_on: Some(19_999),
        }),
    );
    formula::fill(&o, &mut r, Currency::IRR);
    let m = r.get(ix(&o, "result")).as_money().unwrap().clone();
    assert_eq!(
        (m.minor, m.base, m.rated_on),
        (2_500, Some(25_000_000), Some(19_999))
    );
}

#[test]
fn what_cannot_be_told_is_no_value() {
    for (of, text) in [
        ("number", "whole / 0"),
        ("number", "whole % 0"),
        ("number", "9223372036854775807 + 1"),
        ("money", "price + other"),
        ("boolean", "price < other"),
        ("decimal", "price / other"),
        ("money", "money(1, 'XXQ')"),
        ("number", "null + whole"),
        ("boolean", "null && true"),
        ("date", "day + 99999999999"),
        ("money", "price * 9223372036854775807"),
        ("number", "round(whole, 99)"),
    ] {
        assert_eq!(value(of, text), Value::Null, "{text}");
    }
    // What one side decides holds whatever the other is; an empty field can be asked for.
    assert_eq!(value("boolean", "false && null == 1"), Value::Bool(false));
    assert_eq!(value("boolean", "true || whole / 0 > 1"), Value::Bool(true));
    assert_eq!(value("boolean", "whole == null"), Value::Bool(false));
}

#[test]
fn wrong_formulas_are_refused_by_name() {
    use FormulaProblem as P;
    let deep = format!("{}1{}", "(".repeat(200), ")".repeat(200));
    let wide = vec!["whole"; 390].join(" + ");
    let long = "1".repeat(LONGEST + 1);
    for (of, text, wanted) in [
        ("number", "whole +", P::Syntax),
        ("number", "", P::Syntax),
        ("number", "1 2", P::Syntax),
        ("number", deep.as_str(), P::TooLong),
        ("number", wide.as_str(), P::TooLong),
        ("number", long.as_str(), P::TooLong),
        ("number", "salary + 1", P::UnknownField),
        ("text", "note", P::FieldType),
        ("number", "sqrt(whole)", P::UnknownFunction),
        ("number", "abs(1, 2)", P::UnknownFunction),
        ("number", "[1, 2].map(x, x * 2).size()", P::NotAllowed),
        ("boolean", "marks.exists(m, m == 'a')", P::NotAllowed),
        ("number", "{'a': 1}['a']", P::NotAllowed),
        ("number", "who.family", P::NotAllowed),
        ("number", "whole + title", P::Types),
        ("money", "price * price", P::Types),
        ("money", "price + 1", P::Types),
        ("boolean", "day < whole", P::Types),
        ("boolean", "whole && true", P::Types),
        ("number", "flag ? 1 : 'x'", P::Types),
        ("text", "whole", P::ResultType),
        ("number", "price", P::ResultType),
        ("number", "result + 1", P::Circle),
    ] {
        assert_eq!(problem(of, text), Some(wanted), "{text}");
    }
    assert_eq!(problem("number", "whole"), None);
}

/// What made programs run elsewhere, typed as a formula: refused, or a plain value that holds nothing of the machine. The
/// control: formulas that are built of the same pieces are taken.
#[test]
fn a_formula_reaches_nothing_but_its_record() {
    const NAMES: &[&str] = &[
        "env",
        "system",
        "exec",
        "eval",
        "open",
        "read",
        "include",
        "require",
        "import",
        "getenv",
        "process",
        "fetch",
        "spawn",
        "load_file",
        "shell",
        "popen",
        "version",
        "secret",
        "this",
        "self",
        "globals",
        "__class__",
    ];
    const WAYS: &[&str] = &[
        "NAME('/etc/passwd')",
        "NAME.HOME",
        "NAME['HOME']",
        "title.NAME('id')",
        "NAME('id') + title",
    ];
    let mut tried = 0;
    for name in NAMES {
        for way in WAYS {
            let text = way.replace("NAME", name);
            assert!(problem("text", &text).is_some(), "{text}");
            tried += 1;
        }
    }
    for text in [
        "`id`",
        "$(id)",
        "${7*7}",
        "{{7*7}}",
        "<%= 7*7 %>",
        "{% for x in y %}",
        "title; title",
        "title\u{0}",
        "title // comment\n + title",
        "function() { return 1 }",
        "() => 1",
        "new Object()",
        "title = 'x'",
        "id",
        "version",
        "owner_id",
        "created_by",
        "who",
        "\u{FEFF}whole",
    ] {
        // A text that is read is a value, never what it would be elsewhere.
        if problem("text", text).is_none() {
            let shown = format!("{:?}", value("text", text));
            assert!(
                !shown.contains("49") && !shown.contains("uid="),
                "{text}: {shown}"
            );
        }
        tried += 1;
    }
    assert!(tried > 100, "{tried}");
    assert_eq!(problem("text", "title + 'x'"), None);
}

#[test]
fn the_present_is_shown_and_not_stored() {
    let o = object("number", "today() - day");
    let mut r = record(&o);
    formula::fill(&o, &mut r, Currency::IRR);
    assert_eq!(r.get(ix(&o, "result")), &Value::Null);
    assert!(formula::has_timed(&o));
    let now = Now {
        instant: Instant(0),
        today: 20_010,
    };
    formula::show(&o, &mut r, Currency::IRR, now);
    assert_eq!(r.get(ix(&o, "result")), &Value::Int(10));
    // It cannot be filtered by.
    let mut filtered = o.clone();
    if let Some(f) = filtered.fields.iter_mut().find(|f| f.key == "result") {
        f.filter = true;
    }
    let catalog = catalog(filtered);
    assert_eq!(
        formula::check(&catalog).unwrap_err().problem,
        FormulaProblem::TimedFilter
    );
}

#[test]
fn the_shipped_formulas_hold() {
    formula::check(&Catalog::standard()).unwrap();
    let deal = Catalog::standard().object("deal").cloned().unwrap();
    let f = Formula::parse(
        deal.field("weighted_amount")
            .unwrap()
            .1
            .formula
            .as_deref()
            .unwrap(),
    )
    .unwrap();
    assert_eq!(f.inputs(), ["amount", "probability"]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[a-z0-9+*/%<>=!&|?:,.()\\[\\]{}'\" -]{0,80}") {
        if let Ok(f) = Formula::parse(&text) {
            let o = object("number", "1");
            let mut with = o.clone();
            if let Some(d) = with.fields.iter_mut().find(|d| d.key == "result") {
                d.formula = Some(text.clone());
            }
            let mut r = record(&with);
            formula::fill(&with, &mut r, Currency::IRR);
            prop_assert!(f.inputs().len() <= text.len());
        }
    }

    #[test]
    fn sums_and_products_are_those_of_whole_numbers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000, c in 1_i64..1000) {
        let o = object("number", &format!("(whole + {b}) * {c}"));
        let mut r = record(&o);
        r.set(ix(&o, "whole"), Value::Int(a));
        formula::fill(&o, &mut r, Currency::IRR);
        prop_assert_eq!(r.get(ix(&o, "result")), &Value::Int((a + b) * c));
    }
}
