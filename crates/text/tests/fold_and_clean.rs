//! Cleaning and folding: the table of vectors, the laws, and bad input.

use std::borrow::Cow;

use peyvand_text::{clean, clean_line, fold, fold_into};
use proptest::prelude::*;

/// Text as typed, as stored, as compared.
const VECTORS: &[(&str, &str, &str)] = &[
    // Arabic keyboards
    ("علي", "علی", "علی"),
    ("كتاب", "کتاب", "کتاب"),
    ("موسى", "موسی", "موسی"),
    ("مشتري\u{200C}محوري", "مشتری\u{200C}محوری", "مشتریمحوری"),
    // what cleaning keeps and folding levels
    ("خانۀ ما", "خانۀ ما", "خانه ما"),
    ("خانه\u{200C}ی ما", "خانه\u{200C}ی ما", "خانهی ما"),
    (
        "آب و أمر و إسم و ٱلله",
        "آب و أمر و إسم و ٱلله",
        "اب و امر و اسم و الله",
    ),
    ("مؤمن مسئول رئیس", "مؤمن مسئول رئیس", "مومن مسیول رییس"),
    ("مسي\u{654}ول مسی\u{654}ول", "مسئول مسئول", "مسیول مسیول"),
    ("ا\u{653}ب", "آب", "اب"),
    ("دفتر نشر مُحَمَّد", "دفتر نشر مُحَم\u{64E}\u{651}د", "دفتر نشر محمد"),
    ("رحمٰن", "رحمٰن", "رحمن"),
    ("فاطمة", "فاطمة", "فاطمه"),
    ("ضیاءالدین، علاء", "ضیاءالدین، علاء", "ضیاالدین علا"),
    ("۱۲٣٤56", "۱۲٣٤56", "123456"),
    ("۱۰٫۴۵۰", "۱۰٫۴۵۰", "10 450"),
    // half-spaces
    ("می\u{200C}\u{200C}\u{200C}روم", "می\u{200C}روم", "میروم"),
    ("می\u{200C} روم", "می روم", "می روم"),
    ("می \u{200C}روم", "می روم", "می روم"),
    ("\u{200C}می روم\u{200C}", "می روم", "می روم"),
    ("جمعه\u{200C}ها\n\u{200C}", "جمعه\u{200C}ها\n", "جمعهها"),
    // zero-width and control characters
    ("کتـــاب", "کتاب", "کتاب"),
    ("\u{FEFF}سلام\u{200F}", "سلام", "سلام"),
    ("سلام\u{200F}!", "سلام\u{200F}!", "سلام"),
    ("a\u{202E}cod\u{202C}.exe", "acod.exe", "acod exe"),
    ("a\0b\u{7}c\u{AD}d", "abcd", "abcd"),
    ("a\r\nb\rc\u{B}d\u{2028}e", "a\nb\nc\nd\ne", "a b c d e"),
    ("a\u{A0}b\u{202F}c\u{3000}d", "a b c d", "a b c d"),
    // presentation forms
    ("ﻣﺤﻤﺪ", "محمد", "محمد"),
    ("ﻼ ﻵ ﯽ", "لا لآ ی", "لا لا ی"),
    ("ب\u{FE76}", "ب\u{64E}", "ب"),
    ("\u{FDFC} ۵", "\u{FDFC} ۵", "ریال 5"),
    // Latin and others
    (
        "Straße ÉTÉ İzmir ısı",
        "Straße ÉTÉ İzmir ısı",
        "strasse ete izmir isi",
    ),
    ("cafe\u{301}", "café", "cafe"),
    ("Łódź Ærø Đorđe", "Łódź Ærø Đorđe", "lodz aero dorde"),
    ("ΟΔΥΣΣΕΥΣ Ёлка", "ΟΔΥΣΣΕΥΣ Ёлка", "οδυσσευσ елка"),
    ("ﬁn Ｗｉｄｅ ① x²", "ﬁn Ｗｉｄｅ ① x²", "fin wide 1 x2"),
    ("ガ 각 हिन्दी", "ガ 각 हिन्दी", "ガ 각 हिन्दी"),
    ("O'Brien & Sons, Ltd.", "O'Brien & Sons, Ltd.", "o brien sons ltd"),
    ("👩‍💻 ok", "👩‍💻 ok", "ok"),
    ("", "", ""),
    ("  ", "  ", ""),
];

#[test]
fn vectors() {
    for &(typed, stored, compared) in VECTORS {
        assert_eq!(clean(typed), stored, "clean of {typed:?}");
        assert_eq!(fold(typed), compared, "fold of {typed:?}");
        assert_eq!(fold(stored), compared, "fold of the clean form of {typed:?}");
    }
}

#[test]
fn the_four_spellings_of_one_word_fold_together_except_for_the_space() {
    let glued = fold("مشتریمحوری");
    for same in ["مشتری\u{200C}محوری", "مشتري\u{200C}محوري", "مُشتری\u{200C}محـوری"]
    {
        assert_eq!(fold(same), glued);
    }
    assert_eq!(fold("مشتری محوری").replace(' ', ""), glued);
}

#[test]
fn clean_text_is_borrowed() {
    for text in [
        "می\u{200C}روم به خانهٔ".trim_end_matches('\u{654}'),
        "Plain text\n",
        "۱۴۰۵/۰۸/۳۰ «نقل»",
        "قیمت: €",
    ] {
        assert!(matches!(clean(text), Cow::Borrowed(_)), "{text:?}");
    }
}

#[test]
fn one_line() {
    assert_eq!(clean_line("  علي \r\n\t رضايي "), "علی رضایی");
    assert_eq!(clean_line("\u{200F} الف \u{200C}\u{200E} "), "الف");
    assert_eq!(clean_line(" \n "), "");
}

#[test]
fn fold_into_appends() {
    let mut out = String::from("x ");
    fold_into(" علي ", &mut out);
    assert_eq!(out, "x علی");
}

/// All code points but those of planes 4 to 13, which have no characters, and of most of the private planes.
fn all_chars() -> impl Iterator<Item = char> {
    ('\0'..='\u{33FFF}')
        .chain('\u{E0000}'..='\u{E01FF}')
        .chain('\u{10FFF0}'..=char::MAX)
}

/// The fold of a letter equals the fold of its other case. Left out: the Greek iota subscript, a diacritic whose
/// upper case is a letter.
#[test]
fn case_never_matters() {
    let subscript = |c: &char| *c == '\u{345}' || ('\u{1F80}'..='\u{1FFF}').contains(c);
    for c in all_chars().filter(|c| c.is_alphabetic() && !subscript(c)) {
        let upper: String = c.to_uppercase().collect();
        let lower: String = c.to_lowercase().collect();
        assert_eq!(fold(&upper), fold(&c.to_string()), "{c:?}");
        assert_eq!(fold(&upper), fold(&lower), "{c:?}");
    }
}

#[test]
fn every_single_character_obeys_the_laws() {
    for c in all_chars() {
        laws(&format!("آ{c}b{c}\u{654} {c}\u{301}"));
    }
}

fn laws(text: &str) {
    let cleaned = clean(text);
    assert_eq!(clean(&cleaned), cleaned, "clean of {text:?} is stable");
    let folded = fold(text);
    assert_eq!(fold(&folded), folded, "fold of {text:?} is stable");
    assert_eq!(fold(&cleaned), folded, "fold after clean of {text:?}");
    let line = clean_line(text);
    assert_eq!(clean_line(&line), line);
    assert_eq!(clean(&line), line, "a cleaned line is clean: {text:?}");
    assert_eq!(fold(&line), folded);
    assert!(!folded.starts_with(' ') && !folded.ends_with(' ') && !folded.contains("  "));
    assert!(!folded.chars().any(char::is_uppercase) || !folded.is_ascii());
    // the worst of NFKC is U+FDFA with 33 bytes for 3
    assert!(folded.len() <= 11 * text.len() && cleaned.len() <= 3 * text.len());
}

/// Characters that meet in real and in hostile Persian text, more often than chance would have them.
fn nasty() -> impl Strategy<Value = String> {
    let chars = prop::sample::select(
        "ابيىیكکةۀهئؤآأء \u{200C}\u{200D}\u{200E}\u{200F}\u{202E}\u{2066}\u{2069}\u{640}\u{64B}\u{651}\u{653}\u{654}\u{655}\u{670}\
         \u{FEFF}\u{0}\r\n\t\u{A0}\u{FE70}\u{FDFA}\u{FB50}\u{FEFB}aAßİıéǅ\u{300}\u{301}\u{323}\u{345}\u{338}=\u{1100}\u{1161}\u{11A8}\
         \u{915}\u{93C}\u{94D}\u{3099}かｶ١۱1½²ﬁ\u{E000}\u{10FFFD}\u{1F468}.-'\u{7A6}\u{730}\u{711}"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(chars, 0..40).prop_map(|v| v.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn laws_on_nasty_text(text in nasty()) {
        laws(&text);
    }

    #[test]
    fn laws_on_any_text(text in any::<String>()) {
        laws(&text);
    }

    /// Long ASCII takes a way of its own; here is what it means, said simply.
    #[test]
    fn fold_of_ascii(pieces in prop::collection::vec("[ -~]{0,40}|[a-zA-Z0-9]{1,60}( [a-z]{1,9}){0,30}|[\\x00-\\x7f]{0,9}", 0..30)) {
        let text = pieces.concat();
        let control = |c: &char| c.is_ascii_control() && !c.is_whitespace() && *c != '\u{B}';
        let kept: String = text.chars().filter(|c| !control(c)).collect();
        let words: Vec<String> = kept
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_ascii_lowercase)
            .collect();
        prop_assert_eq!(fold(&text), words.join(" "));
    }

    #[test]
    fn fold_of_a_joined_text_is_the_joined_folds(a in nasty(), b in nasty()) {
        let joined = format!("{} {}", fold(&a), fold(&b));
        prop_assert_eq!(fold(&format!("{a} \n{b}")), joined.trim());
    }
}

const UNITS: &[&str] = &[
    "\u{301}",
    "a\u{301}\u{323}",
    "\u{654}",
    "ی\u{654}",
    "\u{202E}",
    "\u{FDFA}",
    "\u{93C}",
    "٣",
    "\u{200C}",
    "می\u{200C}",
    "\u{E000}",
    "\u{1F468}\u{200D}",
    "-",
    "\u{10FFFF}",
];

#[test]
fn output_grows_no_faster_than_input() {
    for unit in UNITS {
        let once = unit.repeat(60_000 / unit.len());
        let twice = once.repeat(2);
        let (short, long) = (fold(&once).len(), fold(&twice).len());
        assert!(long <= 2 * short + 1, "fold of {unit:?}: {short} then {long}");
        let (short, long) = (clean(&once).len(), clean(&twice).len());
        assert!(long <= 2 * short + 4, "clean of {unit:?}: {short} then {long}");
    }
}

/// Quadratic work on four megabytes would not end in the time of a test run.
#[test]
fn four_megabytes_of_marks_end() {
    let marks = "\u{301}\u{323}".repeat(1_000_000);
    assert_eq!(fold(&marks), "");
    let marks = format!("a{marks}");
    assert_eq!(fold(&marks), "a");
    assert!(clean(&marks).len() <= marks.len());
}
