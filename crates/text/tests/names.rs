//! Names of persons.

use peyvand_text::Language::{En, Fa};
use peyvand_text::names::Formality::{Formal, Informal};
use peyvand_text::names::Gender::{Man, Unspecified, Woman};
use peyvand_text::names::{NameStyle, PersonName, address_form, display, match_key, parse};
use proptest::prelude::*;

/// Text; title, given, middle, family, suffix.
const PARSED: &[(&str, [&str; 5])] = &[
    ("سید محمدرضا احمدی نژاد", ["سید", "محمدرضا", "", "احمدی نژاد", ""]),
    ("محمد رضا احمدی نژاد", ["", "محمد رضا", "", "احمدی نژاد", ""]),
    ("علي رضايي", ["", "علی", "", "رضایی", ""]),
    ("علی رضا", ["", "علی", "", "رضا", ""]),
    ("دکتر حاج آقا علی کریمی", ["دکتر حاج آقا", "علی", "", "کریمی", ""]),
    (
        "جناب آقای مهندس رضا صادقی",
        ["جناب آقای مهندس", "رضا", "", "صادقی", ""],
    ),
    (
        "سرکار خانم دکتر مریم حسینی",
        ["سرکار خانم دکتر", "مریم", "", "حسینی", ""],
    ),
    ("آقای احمدی", ["آقای", "", "", "احمدی", ""]),
    ("خانم مینا", ["خانم", "", "", "مینا", ""]),
    ("احمدی", ["", "", "", "احمدی", ""]),
    ("مریم", ["", "مریم", "", "", ""]),
    ("حسین رضا زاده", ["", "حسین", "", "رضا زاده", ""]),
    ("محمد حسین علی پور", ["", "محمد حسین", "", "علی پور", ""]),
    (
        "علی اکبر هاشمی رفسنجانی",
        ["", "علی اکبر", "", "هاشمی رفسنجانی", ""],
    ),
    ("روح الله موسوی", ["", "روح الله", "", "موسوی", ""]),
    ("عبد الرضا کرمی", ["", "عبد الرضا", "", "کرمی", ""]),
    (
        "احمدی\u{200C}نژاد، محمود",
        ["", "محمود", "", "احمدی\u{200C}نژاد", ""],
    ),
    ("سیده فاطمه زهرا موسوی", ["سیده", "فاطمه زهرا", "", "موسوی", ""]),
    ("استاد", ["", "", "", "استاد", ""]),
    (
        "Dr. Ludwig van Beethoven Jr.",
        ["Dr.", "Ludwig", "", "van Beethoven", "Jr."],
    ),
    ("Smith, John", ["", "John", "", "Smith", ""]),
    (
        "Smith, Dr. John Paul, Jr.",
        ["Dr.", "John", "Paul", "Smith", "Jr."],
    ),
    ("John Quincy Adams III", ["", "John", "Quincy", "Adams", "III"]),
    ("Mrs Maria de la Cruz", ["Mrs.", "Maria", "", "de la Cruz", ""]),
    (
        "Prof. Dr. Anna Schmidt, PhD",
        ["Prof. Dr.", "Anna", "", "Schmidt", "PhD"],
    ),
    ("Mohammad Reza Ahmadi", ["", "Mohammad Reza", "", "Ahmadi", ""]),
    ("Ali Ahmadi Nejad", ["", "Ali", "", "Ahmadi Nejad", ""]),
    ("John A. Smith", ["", "John", "A.", "Smith", ""]),
    ("Conan O'Brien", ["", "Conan", "", "O'Brien", ""]),
    ("Charles de Gaulle", ["", "Charles", "", "de Gaulle", ""]),
    ("Smith", ["", "", "", "Smith", ""]),
    ("Mr. Jones", ["Mr.", "", "", "Jones", ""]),
    ("", ["", "", "", "", ""]),
    (" , ، ", ["", "", "", "", ""]),
];

#[test]
fn parsed() {
    for &(text, [title, given, middle, family, suffix]) in PARSED {
        let name = parse(text);
        let parts = [&name.title, &name.given, &name.middle, &name.family, &name.suffix];
        assert_eq!(parts, [title, given, middle, family, suffix], "{text}");
    }
}

#[test]
fn shown() {
    let name = parse("Dr. John Paul Smith Jr.");
    assert_eq!(display(&name, NameStyle::Full), "Dr. John Paul Smith Jr.");
    assert_eq!(display(&name, NameStyle::Plain), "John Paul Smith");
    assert_eq!(display(&name, NameStyle::FamilyFirst), "Smith, John Paul");
    assert_eq!(display(&name, NameStyle::Short), "J. Smith");
    let name = parse("مهندس رضا صادقی");
    assert_eq!(display(&name, NameStyle::Full), "مهندس رضا صادقی");
    assert_eq!(display(&name, NameStyle::FamilyFirst), "صادقی، رضا");
    assert_eq!(display(&name, NameStyle::Short), "ر. صادقی");
    let only = PersonName {
        given: "مریم".into(),
        ..PersonName::default()
    };
    for style in [
        NameStyle::Full,
        NameStyle::Plain,
        NameStyle::FamilyFirst,
        NameStyle::Short,
    ] {
        assert_eq!(display(&only, style), "مریم");
        assert_eq!(display(&PersonName::default(), style), "");
    }
}

#[test]
fn addressed() {
    for (name, gender, formality, language, form) in [
        ("دکتر رضا احمدی", Man, Formal, Fa, "جناب آقای دکتر احمدی"),
        ("دکتر سارا احمدی", Woman, Formal, Fa, "سرکار خانم دکتر احمدی"),
        ("سارا احمدی", Unspecified, Formal, Fa, "سارا احمدی گرامی"),
        ("خانم سارا احمدی", Unspecified, Formal, Fa, "سرکار خانم احمدی"),
        ("سید رضا احمدی", Man, Formal, Fa, "جناب آقای احمدی"),
        (
            "جناب آقای مهندس احمدی",
            Unspecified,
            Formal,
            Fa,
            "جناب آقای مهندس احمدی",
        ),
        ("سارا احمدی", Woman, Informal, Fa, "سارای عزیز"),
        ("علی احمدی", Man, Informal, Fa, "علی عزیز"),
        ("آقای احمدی", Man, Informal, Fa, "جناب آقای احمدی"),
        ("مریم", Woman, Formal, Fa, "سرکار خانم مریم"),
        ("John Smith", Man, Formal, Fa, "جناب آقای Smith"),
        ("John Smith", Man, Formal, En, "Mr. Smith"),
        ("Mrs. Jane Smith", Unspecified, Formal, En, "Ms. Smith"),
        ("Jo Smith", Unspecified, Formal, En, "Jo Smith"),
        ("Dr. Jo Smith", Unspecified, Formal, En, "Dr. Smith"),
        ("Dr. Jo Smith", Woman, Informal, En, "Jo"),
        ("رضا احمدی", Man, Formal, En, "Mr. Ahmadi"),
        ("دکتر رضا احمدی", Unspecified, Formal, En, "Dr. Ahmadi"),
        ("", Man, Formal, Fa, ""),
        ("", Man, Formal, En, ""),
    ] {
        assert_eq!(
            address_form(&parse(name), gender, formality, language),
            form,
            "{name}"
        );
    }
}

#[test]
fn keys() {
    for same in [
        ["سید محمدرضا رضایی", "محمد رضا رضائي", "Mohammad Reza Rezaei"],
        ["علی حسین\u{200C}زاده", "علي حسين زاده", "Ali Hosseinzadeh"],
        [
            "احمدی\u{200C}نژاد، محمود",
            "محمود احمدی نژاد",
            "Mahmood Ahmadi Nejad",
        ],
        ["دکتر علی کریمی", "علی کریمی", "Dr. Ali Karimi"],
        ["John Smith", "smith, JOHN", "Mr. John Smith Jr."],
    ] {
        assert_eq!(match_key(same[0]), match_key(same[1]));
        assert_eq!(match_key(same[0]), match_key(same[2]));
    }
    let keys: Vec<String> = ["علی کریمی", "علی رضایی", "رضا کریمی", "کریم علوی"]
        .map(match_key)
        .into();
    for (i, a) in keys.iter().enumerate() {
        assert!(keys.iter().skip(i + 1).all(|b| a != b), "{keys:?}");
    }
    assert_eq!(match_key("!"), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// No letter of a name is lost or made up, titles and suffixes aside, which get their usual spelling.
    #[test]
    fn letters_stay(words in prop::collection::vec("[b-y]{4,7}|[ب-د]{3,6}", 1..6)) {
        let text = words.join(" ");
        let name = parse(&text);
        prop_assert_eq!(display(&name, NameStyle::Plain), text);
    }

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        let name = parse(&text);
        for gender in [Man, Woman, Unspecified] {
            let _ = address_form(&name, gender, Formal, Fa);
            let _ = address_form(&name, gender, Informal, En);
        }
        let _ = match_key(&text);
    }
}
