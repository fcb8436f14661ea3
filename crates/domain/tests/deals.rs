//! Ranks of cards.

use peyvand_core::Id;
use peyvand_domain::deals::{first_rank, rank_between};
use proptest::prelude::*;

proptest! {
    /// Wherever a card is dropped, its rank lies between its neighbours', however often that is done at one place.
    #[test]
    fn a_rank_lies_between_its_neighbours(places in prop::collection::vec(any::<prop::sample::Index>(), 1..60)) {
        let mut ranks: Vec<String> = vec!["i000000000005".to_owned(), "i00000000000a".to_owned()];
        for place in places {
            let at = place.index(ranks.len() + 1);
            let above = at.checked_sub(1).and_then(|i| ranks.get(i)).cloned();
            let below = ranks.get(at).cloned();
            let new = rank_between(above.as_deref(), below.as_deref());
            if let Some(a) = &above {
                prop_assert!(*a < new, "{} < {}", a, new);
            }
            if let Some(b) = &below {
                prop_assert!(new < *b, "{} < {}", new, b);
            }
            ranks.insert(at, new);
        }
    }
}

#[test]
fn a_newer_record_stands_above_an_older_one_until_somebody_moves_it() {
    let older: Id = "01900000-0000-7000-8000-000000000000".parse().unwrap();
    let newer: Id = "01900000-0001-7000-8000-000000000000".parse().unwrap();
    assert!(first_rank(newer) < first_rank(older));
    let between = rank_between(Some(&first_rank(newer)), Some(&first_rank(older)));
    assert!(first_rank(newer) < between && between < first_rank(older));
}
