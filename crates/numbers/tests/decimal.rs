//! Decimals: canonical form, laws of arithmetic, rounding.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use peyvand_numbers::{Decimal, DecimalError, Rounding};
use proptest::prelude::*;

fn d(text: &str) -> Decimal {
    text.parse().expect("a canonical decimal")
}

#[test]
fn canonical_text() {
    for (given, shown) in [
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("2.50", "2.5"),
        ("-0.050", "-0.05"),
        ("1000", "1000"),
    ] {
        assert_eq!(d(given).to_string(), shown);
    }
    for bad in [
        "", "-", ".5", "5.", "+5", "1,000", "1e3", "۵", " 5", "5 ", "--5", "0x1", "1.2.3",
    ] {
        assert_eq!(Decimal::parse(bad), Err(DecimalError::Syntax), "{bad:?}");
    }
    assert_eq!(
        Decimal::parse("0.0000000000000000001"),
        Err(DecimalError::TooPrecise)
    );
    assert_eq!(Decimal::parse(&"9".repeat(39)), Err(DecimalError::TooLarge));
    assert_eq!(d(&i128::MAX.to_string()).coefficient(), i128::MAX);
}

#[test]
fn rounding_rules_at_ties_and_beside_them() {
    let table = [
        // value, half-even, half-up, down, up
        ("2.5", ["2", "3", "2", "3"]),
        ("3.5", ["4", "4", "3", "4"]),
        ("-2.5", ["-2", "-3", "-2", "-3"]),
        ("2.4999", ["2", "2", "2", "3"]),
        ("2.5001", ["3", "3", "2", "3"]),
        ("-0.1", ["0", "0", "0", "-1"]),
        ("7", ["7", "7", "7", "7"]),
    ];
    let rules = [Rounding::HalfEven, Rounding::HalfUp, Rounding::Down, Rounding::Up];
    for (value, results) in table {
        for (rule, result) in rules.into_iter().zip(results) {
            assert_eq!(d(value).rescale(0, rule), d(result), "{value} {rule:?}");
        }
    }
}

#[test]
fn division() {
    let third = d("1").div_rounded(d("3"), 4, Rounding::HalfUp).unwrap();
    assert_eq!(third.to_string(), "0.3333");
    assert_eq!(
        d("-1")
            .div_rounded(d("8"), 2, Rounding::HalfEven)
            .unwrap()
            .to_string(),
        "-0.12"
    );
    assert_eq!(
        d("1")
            .div_rounded(d("-0.25"), 0, Rounding::Down)
            .unwrap()
            .to_string(),
        "-4"
    );
    assert_eq!(d("1").div_rounded(Decimal::ZERO, 2, Rounding::Down), None);
}

#[test]
fn overflow_is_an_answer_and_not_a_panic() {
    let max = Decimal::from_int(i128::MAX);
    let min = Decimal::from_int(i128::MIN);
    assert_eq!(max.checked_add(Decimal::ONE), None);
    assert_eq!(min.checked_sub(Decimal::ONE), None);
    assert_eq!(min.checked_neg(), None);
    assert_eq!(max.checked_mul(d("1.5")), None);
    assert_eq!(min.to_string(), i128::MIN.to_string());
    assert!(min < d("0.000000000000000001") && max > d("-0.000000000000000001"));
}

#[test]
fn json_is_a_string() {
    assert_eq!(serde_json::to_string(&d("12.50")).unwrap(), "\"12.5\"");
    assert_eq!(serde_json::from_str::<Decimal>("\"-0.5\"").unwrap(), d("-0.5"));
    assert!(serde_json::from_str::<Decimal>("0.5").is_err());
}

fn decimals() -> impl Strategy<Value = Decimal> {
    (-(10i128.pow(24))..10i128.pow(24), 0u32..=9).prop_map(|(c, s)| Decimal::new(c, s).unwrap())
}

fn hash(n: &Decimal) -> u64 {
    let mut h = DefaultHasher::new();
    n.hash(&mut h);
    h.finish()
}

proptest! {
    #[test]
    fn text_round_trip(n in decimals()) {
        prop_assert_eq!(n.to_string().parse::<Decimal>().unwrap(), n);
    }

    #[test]
    fn addition_and_subtraction(a in decimals(), b in decimals()) {
        prop_assert_eq!(a.checked_add(b), b.checked_add(a));
        prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        prop_assert_eq!(a.cmp(&b), a.checked_sub(b).unwrap().cmp(&Decimal::ZERO));
    }

    #[test]
    fn equal_values_hash_alike(c in -1_000_000i128..1_000_000, s in 0u32..6, zeros in 0u32..6) {
        let (a, b) = (Decimal::new(c, s).unwrap(), Decimal::new(c * 10i128.pow(zeros), s + zeros).unwrap());
        prop_assert_eq!(a, b);
        prop_assert_eq!(hash(&a), hash(&b));
    }

    #[test]
    fn multiplication_distributes(a in -1_000i64..1_000, b in decimals(), c in decimals()) {
        let a = Decimal::from(a);
        let left = a.checked_mul(b.checked_add(c).unwrap());
        let right = a.checked_mul(b).unwrap().checked_add(a.checked_mul(c).unwrap());
        prop_assert_eq!(left, right);
    }

    #[test]
    fn rounding_stays_within_its_bounds(n in decimals(), places in 0u8..9) {
        let (down, up) = (n.rescale(places, Rounding::Down), n.rescale(places, Rounding::Up));
        let step = Decimal::new(1, u32::from(places)).unwrap();
        prop_assert!(down.checked_abs() <= n.checked_abs() && n.checked_abs() <= up.checked_abs());
        prop_assert!(up.checked_sub(down).unwrap().checked_abs().unwrap() <= step);
        let half = Decimal::new(5, u32::from(places) + 1).unwrap();
        for rule in [Rounding::HalfEven, Rounding::HalfUp] {
            prop_assert!(n.rescale(places, rule).checked_sub(n).unwrap().checked_abs().unwrap() <= half);
        }
    }

    #[test]
    fn rounding_is_symmetric(n in decimals(), places in 0u8..9) {
        for rule in [Rounding::HalfEven, Rounding::HalfUp, Rounding::Down, Rounding::Up] {
            let minus = n.checked_neg().unwrap().rescale(places, rule);
            prop_assert_eq!(minus, n.rescale(places, rule).checked_neg().unwrap());
        }
    }

    #[test]
    fn quotient_times_divisor(a in decimals(), b in 1i64..1_000_000) {
        let b = Decimal::from(b);
        let q = a.div_rounded(b, 12, Rounding::Down).unwrap();
        let rest = a.checked_sub(q.checked_mul(b).unwrap()).unwrap().checked_abs().unwrap();
        prop_assert!(rest < b.checked_mul(Decimal::new(1, 12).unwrap()).unwrap());
    }
}
