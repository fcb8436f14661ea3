//! Names of companies, and the explanation of a text.

use peyvand_text::companies::LegalForm::*;
use peyvand_text::companies::{LegalForm, match_key, parse};
use proptest::prelude::*;

const PARSED: &[(&str, &str, Option<LegalForm>)] = &[
    (
        "شرکت بازرگانی پارس گستر (سهامی خاص)",
        "پارس گستر",
        Some(PrivateJointStock),
    ),
    ("شرکت سهامی خاص پارس گستر", "پارس گستر", Some(PrivateJointStock)),
    (
        "پارس\u{200C}گستر سهامي عام",
        "پارس\u{200C}گستر",
        Some(PublicJointStock),
    ),
    (
        "شرکت نرم\u{200C}افزاری آوا با مسئولیت محدود",
        "نرم\u{200C}افزاری آوا",
        Some(LimitedLiability),
    ),
    ("شرکت آوا (با مسئوليت محدود)", "آوا", Some(LimitedLiability)),
    ("شرکت تعاونی مصرف کارکنان", "مصرف کارکنان", Some(Cooperative)),
    ("گروه صنعتی ایران", "ایران", None),
    ("صنایع غذایی مهر", "غذایی مهر", None),
    ("موسسه غیرتجاری مهر", "مهر", Some(NonCommercial)),
    ("مؤسسه غیر تجاری مهر", "مهر", Some(NonCommercial)),
    ("«پارس» (سهامی خاص)", "پارس", Some(PrivateJointStock)),
    ("شرکت", "شرکت", None),
    ("Acme Ltd", "Acme", Some(LimitedLiability)),
    ("ACME Co., Ltd.", "ACME", Some(LimitedLiability)),
    ("Acme, Inc.", "Acme", Some(Corporation)),
    ("Müller & Söhne GmbH", "Müller & Söhne", Some(LimitedLiability)),
    ("Bau GmbH & Co. KG", "Bau", Some(LimitedPartnership)),
    ("Total S.A.", "Total", Some(PublicJointStock)),
    ("The Coca-Cola Company", "Coca-Cola", None),
    ("Smith and Co.", "Smith", None),
    ("O'Brien & Sons", "O'Brien & Sons", None),
    ("Group Ltd", "Group", Some(LimitedLiability)),
    ("Ltd", "Ltd", None),
    ("SE", "SE", None),
    ("", "", None),
];

#[test]
fn parsed() {
    for &(name, core, form) in PARSED {
        let company = parse(name);
        assert_eq!((company.core.as_str(), company.form), (core, form), "{name}");
    }
}

#[test]
fn keys() {
    for same in [
        [
            "شرکت پارس گستر",
            "پارس\u{200C}گستر (سهامی خاص)",
            "بازرگانی پارسگستر",
            "شركت پارس گستر با مسئوليت محدود",
        ]
        .as_slice(),
        &["Acme", "ACME Inc.", "Acme Co Ltd", "the acme group"],
        &["فولاد و آهن مهر", "شرکت فولاد آهن مهر"],
        &["Smith and Jones", "Smith & Jones LLP"],
    ] {
        for name in same {
            assert_eq!(match_key(name), match_key(same[0]), "{name}");
        }
    }
    assert_ne!(match_key("شرکت پارس"), match_key("شرکت فارس"));
    assert_ne!(match_key("Acme Ltd"), match_key("Acne Ltd"));
    assert_eq!(match_key("و"), "و");
    assert_eq!(match_key("-"), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_name_with_letters_keeps_some(text in any::<String>()) {
        let has_words = !peyvand_text::fold(&text).is_empty();
        prop_assert_eq!(!match_key(&text).is_empty(), has_words);
    }

    #[test]
    fn adding_a_form_changes_nothing(core in "[ب-د]{3,8}( [ب-د]{3,8})?") {
        for dressed in [format!("شرکت {core}"), format!("{core} (سهامی خاص)"), format!("{core} Ltd.")] {
            prop_assert_eq!(match_key(&dressed), match_key(&core));
        }
    }
}

#[test]
fn explanation_as_json() {
    let json = serde_json::to_value(peyvand_text::explain("شركت كتاب\u{200C}ها")).unwrap();
    assert_eq!(json["clean"], "شرکت کتاب\u{200C}ها");
    assert_eq!(json["fold"], "شرکت کتابها");
    assert_eq!(json["tokens"]["stems"][0], "کتاب");
    assert_eq!(json["direction"], "rtl");
    assert_eq!(json["language"], "fa");
    assert_eq!(json["company"]["core"], "کتاب\u{200C}ها");
}

#[test]
fn long_text_is_explained() {
    let text = "شرکت کتاب\u{200C}های Ltd. ".repeat(2_000);
    let explained = peyvand_text::explain(&text);
    assert_eq!(explained.tokens.words.len(), 6_000);
}
