//! What lines come to: the laws of the arithmetic.

use peyvand_domain::lines::{Line, own, sum};
use peyvand_numbers::{Currency, Decimal};
use proptest::prelude::*;

#[test]
fn a_line_is_rounded_once_to_the_places_of_its_currency() {
    let of = |quantity: &str, price: &str, currency: &str| {
        let d = |s: &str| s.parse::<Decimal>().unwrap();
        Line::of(d(quantity), d(price), Currency::new(currency).unwrap(), 0, 0)
            .unwrap()
            .total
    };
    assert_eq!(of("2.5", "1000.33", "IRR"), 2501);
    assert_eq!(of("3", "0.335", "EUR"), 101, "1.005 euros");
    assert_eq!(of("-3", "0.335", "EUR"), -101, "what goes back is as much");
    assert_eq!(of("1", "1.0004", "KWD"), 1000);
}

proptest! {
    /// Subtotal − discount + tax is the total, of a line and of all of them.
    #[test]
    fn the_parts_add_up(lines in proptest::collection::vec(
        (-10_000_i64..10_000, 0_i64..1_000_000_000, 0_i64..1_000_000, 0_i64..1_000_000), 0..40)) {
        let lines: Vec<Line> = lines
            .into_iter()
            .map(|(q, p, discount, tax)| {
                let (q, p) = (Decimal::new(i128::from(q), 2).unwrap(), Decimal::new(i128::from(p), 3).unwrap());
                Line::of(q, p, Currency::IRR, discount, tax).unwrap()
            })
            .collect();
        let all = sum(&lines);
        for l in lines.iter().chain([&all]) {
            prop_assert_eq!(l.total, l.gross - l.discount + l.tax);
        }
        prop_assert_eq!(all.total, lines.iter().map(|l| l.total).sum::<i64>());
    }

    /// What is a record's own stays what it is when its lines change, and is never of the other sign.
    #[test]
    fn what_is_its_own_stays(mine in 0_i64..1_000_000, of_lines in 0_i64..1_000_000) {
        prop_assert_eq!(own(mine + of_lines, of_lines), mine);
        prop_assert_eq!(own(-mine - of_lines, -of_lines), -mine);
        prop_assert!(own(mine, of_lines) >= 0);
    }
}
