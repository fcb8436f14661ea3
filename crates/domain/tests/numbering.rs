//! Numbers as they are written.

use peyvand_domain::numbering::{Numbering, NumberingError};
use proptest::prelude::*;

#[test]
fn a_prefix_and_a_count_make_a_number() {
    for (prefix, width, n, text) in [
        ("", 1, 7, "7"),
        ("1405-", 5, 42, "1405-00042"),
        (" INV/ ", 3, 12_345, "INV/12345"),
        ("ف", 2, 3, "ف03"),
    ] {
        assert_eq!(Numbering::new(prefix, width).unwrap().text(n), text);
    }
    for (prefix, width, wrong) in [
        ("a b", 3, NumberingError::Prefix),
        ("<b>", 3, NumberingError::Prefix),
        ("\u{202e}x", 3, NumberingError::Prefix),
        ("123456789012345678901", 3, NumberingError::Prefix),
        ("", 0, NumberingError::Width),
        ("", 13, NumberingError::Width),
    ] {
        assert_eq!(Numbering::new(prefix, width), Err(wrong), "{prefix} {width}");
    }
}

proptest! {
    #[test]
    fn no_two_counts_make_one_number(prefix in "[A-Z0-9-]{0,6}", width in 1_u8..=12, a in 1_i64..10_000_000, b in 1_i64..10_000_000) {
        let of = Numbering::new(&prefix, width).unwrap();
        prop_assert_eq!(of.text(a) == of.text(b), a == b);
    }
}
