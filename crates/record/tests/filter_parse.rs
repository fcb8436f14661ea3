//! The grammar of filters: what is read, what is refused and where, and that printing is the inverse of reading.

use peyvand_record::filter::syntax::{Expr, Literal, LiteralKind, Name, Path, Place, Syntax};
use peyvand_record::filter::{FilterErrorCode as Code, Op, parse, print};
use proptest::prelude::*;

#[test]
fn filters_are_read_and_printed() {
    let cases = [
        ("", ""),
        ("city = \"تهران\"", "city = \"تهران\""),
        ("city:تهران", "city : تهران"),
        (
            "شهر = «تهران» و نه (a<=۳ یا b in (x، \"y\"))",
            "شهر = \"تهران\" AND NOT (a <= ۳ OR b in (x, \"y\"))",
        ),
        ("-a = 1 and not b ^ 'c\\'d'", "NOT a = 1 AND NOT b ^ \"c'd\""),
        ("- (a = 1)", "NOT a = 1"),
        ("NOT -a = 1", "NOT NOT a = 1"),
        ("((a = null))", "a = null"),
        ("amount > 1000 irr AND b = -5", "amount > 1000 irr AND b = -5"),
        ("amount > ۵ تومان", "amount > ۵ تومان"),
        ("a = 5 AND b = 6", "a = 5 AND b = 6"),
        ("company.city != Tehran", "company.city != Tehran"),
        ("orders.any()", "orders.any()"),
        (
            "company.orders.count(kind = sale) >= 3",
            "company.orders.count(kind = sale) >= 3",
        ),
        (
            "orders.sum(total, ordered_at = last_days(90)) > 5000000 IRR",
            "orders.sum(total, ordered_at = last_days(90)) > 5000000 IRR",
        ),
        (
            "has_key(\"hubspot\",\"12\") OR tagged(\"مهم\")",
            "has_key(\"hubspot\", \"12\") OR tagged(\"مهم\")",
        ),
        ("team_id in my_team()", "team_id in my_team()"),
        ("a = date(\"۱۴۰۵/۸/۳۰\")", "a = date(\"۱۴۰۵/۸/۳۰\")"),
        ("a = \"x\\\\y\\\"z\"", "a = \"x\\\\y\\\"z\""),
    ];
    for (text, wanted) in cases {
        let syntax = parse(text).unwrap_or_else(|e| panic!("{text}: {} at {}", e.message_en(), e.position));
        assert_eq!(print(&syntax), wanted, "{text}");
        assert_eq!(parse(wanted).unwrap(), syntax, "{text}");
    }
}

#[test]
fn faults_are_named_with_their_place() {
    let deep = format!("{}a = 1{}", "(".repeat(9), ")".repeat(9));
    let nots = format!("{} a = 1", "NOT ".repeat(9));
    let many = (0..101)
        .map(|i| format!("a = {i}"))
        .collect::<Vec<_>>()
        .join(" OR ");
    let list = format!("a in ({})", vec!["1"; 101].join(","));
    let long = format!("a = \"{}\"", "x".repeat(8 * 1024));
    let cases: Vec<(&str, Code, u32)> = vec![
        ("a = 1 AND b = 2 OR c = 3", Code::MixedAndOr, 16),
        ("الف = ۱ یا ب = ۲ و ج = ۳", Code::MixedAndOr, 17),
        ("a =", Code::ValueMissing, 3),
        ("a = AND", Code::ValueMissing, 4),
        ("a", Code::OperatorMissing, 1),
        ("a b", Code::OperatorMissing, 2),
        ("= 1", Code::ConditionMissing, 0),
        ("a = 1 AND", Code::ConditionMissing, 9),
        ("a = 1 b = 2", Code::Unexpected, 6),
        ("(a = 1", Code::OpenBracket, 0),
        ("a = 1)", Code::Unexpected, 5),
        ("a = \"x", Code::OpenQuote, 4),
        ("a = \"x\\", Code::OpenQuote, 4),
        ("a ! 1", Code::Unexpected, 2),
        ("a..b = 1", Code::Unexpected, 2),
        ("--a = 1", Code::Unexpected, 1),
        ("a in 5", Code::Unexpected, 5),
        ("a in ()", Code::ValueMissing, 6),
        ("orders.most(a = 1)", Code::UnknownFunction, 7),
        ("orders.count()", Code::OperatorMissing, 14),
        (&deep, Code::TooDeep, 8),
        (&nots, Code::TooDeep, 32),
        (&many, Code::TooManyTerms, 990),
        (&list, Code::TooManyTerms, 206),
        (&long, Code::TooLong, 0),
    ];
    for (text, code, position) in cases {
        let e = parse(text).unwrap_err();
        let shown: String = text.chars().take(40).collect();
        assert_eq!(
            (e.code, e.position),
            (code, position),
            "{shown}: {}",
            e.message_en()
        );
        assert_ne!(e.message_fa(), e.message_en());
    }
    let e = parse("a = 1 AND b = 2 OR c = 3").unwrap_err();
    assert_eq!(e.code(), "filter-mixed-and-or");
    assert!(e.message_fa().contains("(نویسهٔ ۱۷)"), "{}", e.message_fa());
}

fn word() -> impl Strategy<Value = String> {
    "[a-zآ-ی_][a-z0-9آ-ی_]{0,6}".prop_filter("no keyword", |w| {
        !matches!(
            w.as_str(),
            "and" | "or" | "not" | "null" | "in" | "و" | "یا" | "نه"
        )
    })
}

fn path() -> impl Strategy<Value = Path> {
    prop::collection::vec(word(), 1..3).prop_map(|names| {
        Path(
            names
                .into_iter()
                .map(|text| Name {
                    text,
                    place: Place(0),
                })
                .collect(),
        )
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    let number = "-?[0-9۰-۹]{1,5}(\\.[0-9]{1,2})?";
    let leaf = prop_oneof![
        Just(LiteralKind::Null),
        any::<String>().prop_map(LiteralKind::Quoted),
        "[\"'\\\\«»“”،,()a]{0,6}".prop_map(LiteralKind::Quoted),
        word().prop_map(LiteralKind::Word),
        number.prop_map(LiteralKind::Word),
        (
            number,
            prop::sample::select(vec!["IRR", "usd", "ریال", "تومان", "toman"])
        )
            .prop_map(|(number, c)| LiteralKind::Amount {
                number,
                currency: c.to_owned()
            }),
    ]
    .prop_map(|kind| Literal {
        kind,
        place: Place(0),
    });
    (
        leaf.clone(),
        proptest::option::of((word(), prop::collection::vec(leaf, 0..3))),
    )
        .prop_map(|(leaf, call)| match call {
            Some((name, args)) => Literal {
                kind: LiteralKind::Call { name, args },
                place: Place(0),
            },
            None => leaf,
        })
}

fn op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![
        Op::Eq,
        Op::Ne,
        Op::Lt,
        Op::Le,
        Op::Gt,
        Op::Ge,
        Op::Has,
        Op::Starts,
    ])
}

fn expr() -> impl Strategy<Value = Expr> {
    let name = || {
        word().prop_map(|text| Name {
            text,
            place: Place(0),
        })
    };
    let leaf = prop_oneof![
        (path(), op(), literal()).prop_map(|(path, op, value)| Expr::Compare { path, op, value }),
        (path(), prop::collection::vec(literal(), 1..4)).prop_map(|(path, values)| Expr::In { path, values }),
        (name(), prop::collection::vec(literal(), 0..3)).prop_map(|(name, args)| Expr::Call { name, args }),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let some = || proptest::option::of(inner.clone().prop_map(Box::new));
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.clone().prop_map(|e| Expr::Not(Box::new(e))),
            (path(), some()).prop_map(|(path, inner)| Expr::Any { path, inner }),
            (path(), some(), op(), literal()).prop_map(|(path, inner, op, value)| Expr::Count {
                path,
                inner,
                op,
                value
            }),
            (path(), word(), some(), op(), literal()).prop_map(|(path, f, inner, op, value)| Expr::Sum {
                path,
                field: Name {
                    text: f,
                    place: Place(0)
                },
                inner,
                op,
                value
            }),
        ]
    })
}

proptest! {
    /// What is printed is read as the same filter.
    #[test]
    fn parse_of_print_is_identity(e in expr()) {
        let syntax = Syntax { root: Some(e) };
        let text = print(&syntax);
        prop_assert_eq!(parse(&text), Ok(syntax), "{}", text);
    }

    /// No text makes the reader panic; a fault lies within the text, and what is read is printed and read again.
    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![
        any::<String>(),
        "[a-c=<>!:^()\"'«»,. 0-9\\-]{0,40}",
        prop::collection::vec(prop::sample::select(vec![
            "a", " ", "AND", "OR", "NOT", "و", "(", ")", "=", "!=", ":", "\"", "1", "IRR", "in", ",", ".any(", ".count(",
            ".sum(", "null", "-", "\\", "\u{200f}",
        ]), 0..30).prop_map(|p| p.concat()),
    ]) {
        match parse(&text) {
            Ok(syntax) => prop_assert_eq!(parse(&print(&syntax)), Ok(syntax)),
            Err(e) => prop_assert!(e.position as usize <= text.chars().count()),
        }
    }
}

/// Reading is linear: the longest filters of hostile shapes take no longer than their length allows. Counted in pieces
/// that are accepted or refused, not in time.
#[test]
fn hostile_filters_of_full_length_are_refused() {
    for piece in [
        "(", "-", "NOT ", "a.", "a=(", "a.any(", "\"", "a in (", "f(f(", "\\",
    ] {
        let text = piece.repeat(8 * 1024 / piece.len());
        assert!(parse(&text).is_err(), "{piece}");
    }
}

/// The documentation names every code, and its first examples are filters.
#[test]
fn the_documentation_is_complete() {
    let text = include_str!("../../../docs/filter.md");
    for code in Code::ALL {
        assert!(text.contains(code.key()), "{}", code.key());
    }
    let examples: Vec<&str> = text
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap()
        .lines()
        .collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        assert!(parse(example).is_ok(), "{example}");
    }
}
