//! Sort keys against the alphabet and against the Persian collation of ICU4X.

use std::cmp::Ordering;

use icu::collator::{Collator, options::CollatorOptions};
use icu::locale::locale;
use peyvand_text::sort_key;
use proptest::prelude::*;

#[test]
fn the_persian_alphabet() {
    let letters = "آ ا ب پ ت ث ج چ ح خ د ذ ر ز ژ س ش ص ض ط ظ ع غ ف ق ک گ ل م ن و ه ی";
    let keys: Vec<_> = letters.split(' ').map(sort_key).collect();
    assert!(keys.is_sorted_by(|a, b| a < b));
}

#[test]
fn ascending() {
    let lists: &[&[&str]] = &[
        &["", "12", "آ", "a", "б"],
        &["بند ۱", "بند 2", "بند ٣", "بند ۱۰", "بند ۱۰۰"],
        &["7", "07", "8"],
        &["ali", "Ali", "ALI", "áli", "alias"],
        &["نو آور", "نو\u{200C}آور", "نوآور"],
        &["آب", "آبان", "ابر", "باد", "پا", "تا"],
        &["رامین", "رئیس", "ربیع"],
        &["کاظم", "گلی", "لاله", "مینا", "نادر", "وحید", "هما", "یاسر"],
        &["یاور", "Abel"],
    ];
    for list in lists {
        for pair in list.windows(2) {
            assert!(sort_key(pair[0]) < sort_key(pair[1]), "{pair:?}");
        }
    }
}

#[test]
fn keyboards_make_no_difference() {
    assert_eq!(sort_key("علي كريمي"), sort_key(" علی  کریمی\u{200F}"));
    let (plain, marked) = (sort_key("محمد"), sort_key("مُحَمَّد"));
    assert!(plain < marked && marked < sort_key("محمدا"));
    assert_eq!(sort_key("\"Ali\"")[..3], sort_key("ali")[..3]);
}

#[test]
fn keys_are_bounded() {
    for unit in [
        "ی",
        "A",
        "é",
        "字",
        "9",
        "0",
        "\u{301}",
        "\u{FDFA}",
        "\u{10FFFF}",
        "x ",
        "-",
        "\u{202E}",
    ] {
        assert!(sort_key(&unit.repeat(100_000)).len() <= 900, "{unit:?}");
    }
}

fn name() -> impl Strategy<Value = String> {
    let letter = prop::sample::select("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئؤء".chars().collect::<Vec<_>>());
    let persian = prop::collection::vec(letter, 1..8).prop_map(String::from_iter);
    let word = prop_oneof![3 => persian, 1 => "[A-Z]?[a-z]{1,7}"];
    prop::collection::vec(word, 1..4).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Where both define an order: names of letters and spaces. The names share a beginning half of the time, as
    /// names that differ in the first letter show little.
    #[test]
    fn icu_agrees(a in name(), b in name(), c in name(), share in any::<bool>()) {
        let collator = Collator::try_new(locale!("fa").into(), CollatorOptions::default()).unwrap();
        let (a, b) = if share { (format!("{c}{a}"), format!("{c}{b}")) } else { (a, b) };
        let theirs = collator.compare(&a, &b);
        let ours = sort_key(&a).cmp(&sort_key(&b));
        prop_assert_eq!(ours, theirs, "{} / {}", a, b);
    }

    #[test]
    fn the_order_is_total(a in any::<String>(), b in any::<String>()) {
        let (left, right) = (peyvand_text::clean_line(&a), peyvand_text::clean_line(&b));
        let short = left.chars().count() <= 16 && right.chars().count() <= 16;
        let equal = sort_key(&a).cmp(&sort_key(&b)) == Ordering::Equal;
        prop_assert!(left != right || equal);
        prop_assert!(!short || left == right || !equal, "{:?} {:?}", left, right);
    }
}
