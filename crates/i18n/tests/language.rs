//! What the product says: both languages, their letters, numbers and directions.

use peyvand_i18n::{Args, Key, Lang, keys, text, text_of_code};
use std::path::Path;

/// Texts that are the same in both languages, and why.
const SAME: &[(&str, &str)] = &[
    ("calendar-day-heading", "only arguments and their marks"),
    ("consent-happened", "only arguments and their marks"),
    ("consent-why-since", "only arguments and brackets"),
    ("consent-why-at-address", "only arguments and brackets"),
    ("error-field", "only arguments and a colon"),
    ("web-by", "only arguments and a comma"),
    ("web-other-language", "the other language, by its own name"),
];

fn sample(key: Key) -> Args {
    key.arguments()
        .iter()
        .fold(Args::new(), |args, name| args.number(name, 3))
}

#[test]
fn persian_is_persian_and_english_is_english() {
    let persian_letter = |c: char| ('\u{0600}'..='\u{06FF}').contains(&c) && c.is_alphabetic();
    for key in Key::all() {
        if SAME.iter().any(|(name, _)| *name == key.name()) {
            continue;
        }
        let (fa, en) = (
            text(Lang::Fa, key, &sample(key)),
            text(Lang::En, key, &sample(key)),
        );
        assert!(fa.chars().any(persian_letter), "{}: {fa}", key.name());
        assert!(
            en.chars().any(|c| c.is_ascii_alphabetic()),
            "{}: {en}",
            key.name()
        );
        assert!(!en.chars().any(persian_letter), "{}: {en}", key.name());
    }
    for (name, _) in SAME {
        assert!(Key::find(name).is_some(), "{name} is gone");
    }
}

/// What is wrong with the spelling of a Persian text, if anything.
fn misspelt(text: &str) -> Option<String> {
    let foreign = |c: char| {
        matches!(
            c,
            'ي' | 'ك' | 'ى' | 'ة' | '\u{0660}'..='\u{0669}' | '\u{0640}' | '"' | '?' | ';'
        )
    };
    if let Some(c) = text.chars().find(|c| foreign(*c)) {
        return Some(format!("{c:?} is not Persian"));
    }
    let half_space = '\u{200C}';
    let mut previous = ' ';
    for c in text.chars().chain([' ']) {
        let edge = |c: char| !c.is_alphabetic();
        if (c == half_space && edge(previous)) || (previous == half_space && edge(c)) {
            return Some("a half-space beside no letter".to_owned());
        }
        previous = c;
    }
    // The prefix of the present tense and the ending of the plural are joined by a half-space.
    let loose = |word: &str| matches!(word, "می" | "نمی" | "ها" | "های" | "هایی" | "تر" | "ترین");
    text.split(' ')
        .find(|word| loose(word))
        .map(|word| format!("{word} stands alone"))
}

#[test]
fn persian_is_spelt_as_an_editor_would() {
    for key in Key::all() {
        let fa = text(Lang::Fa, key, &sample(key));
        assert_eq!(misspelt(&fa), None, "{}: {fa}", key.name());
    }
    for wrong in [
        "كتاب",
        "مشتري",
        "کتاب ها",
        "می شود",
        "کتاب\u{200C} ها",
        "چرا?",
        "٣ مورد",
    ] {
        assert!(misspelt(wrong).is_some(), "not seen: {wrong}");
    }
}

#[test]
fn sources_are_spelt_with_persian_letters_too() {
    // What stands in the variants that no sample reaches.
    let folder = Path::new("locales/fa");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains(['ي', 'ك', '\u{0640}']));
        files += 1;
    }
    assert!(files >= 5);
}

#[test]
fn numbers_come_in_the_digits_of_the_language() {
    let count = |n: i64| Args::new().number("count", n);
    assert_eq!(
        text(Lang::Fa, keys::LIST_SELECTED, &count(1250)),
        "۱٬۲۵۰ مورد انتخاب شده است"
    );
    assert_eq!(
        text(Lang::En, keys::LIST_SELECTED, &count(1250)),
        "1,250 items selected"
    );
    assert_eq!(text(Lang::En, keys::LIST_SELECTED, &count(1)), "1 item selected");
    assert_eq!(text(Lang::En, keys::LIST_SELECTED, &count(0)), "0 items selected");
    // Beyond what a binary fraction of 64 bits can count.
    assert_eq!(
        text(Lang::En, keys::LIST_SELECTED, &count(9_007_199_254_740_993)),
        "9,007,199,254,740,993 items selected"
    );
}

#[test]
fn names_of_the_other_direction_are_isolated() {
    let name = |name: &str| Args::new().text("query", name);
    let fa = text(Lang::Fa, keys::LIST_EMPTY_SEARCH, &name("Maryam"));
    assert!(fa.contains("«\u{2068}Maryam\u{2069}»"), "{fa}");
    let fa = text(Lang::Fa, keys::LIST_EMPTY_SEARCH, &name("مریم"));
    assert!(fa.contains("«مریم»"), "{fa}");
    let en = text(Lang::En, keys::LIST_EMPTY_SEARCH, &name("مریم"));
    assert!(en.contains("“\u{2068}مریم\u{2069}”"), "{en}");
}

#[test]
fn what_is_copied_stays_letter_for_letter() {
    let command = "peyvand import --undo 01a20b74-1879";
    let args = Args::new().number("rows", 2508).exact("command", command);
    let fa = text(Lang::Fa, keys::CLI_IMPORT_STOPPED, &args);
    assert!(fa.ends_with(command) && fa.contains("۲٬۵۰۸"), "{fa}");
}

#[test]
fn codes_of_errors_become_sentences() {
    assert_eq!(
        text_of_code(Lang::Fa, "not-found", &Args::new()),
        "چنین رکوردی پیدا نشد."
    );
    let two = Args::new()
        .date("first", "۱ آذر ۱۴۰۵")
        .date("second", "۱ آذر ۱۳۰۵");
    assert_eq!(
        text_of_code(Lang::Fa, "date-ambiguous", &two),
        "این تاریخ دو خوانش دارد: ۱ آذر ۱۴۰۵ یا ۱ آذر ۱۳۰۵. یکی را برگزینید."
    );
    // Without its data, and without a text, the code itself is shown.
    assert_eq!(
        text_of_code(Lang::En, "date-ambiguous", &Args::new()),
        "An error with the code date-ambiguous occurred."
    );
    assert_eq!(
        text_of_code(Lang::En, "no-such-code", &Args::new()),
        "An error with the code no-such-code occurred."
    );
}

#[test]
fn keys_are_found_by_name_only_if_they_exist() {
    for key in Key::all() {
        assert_eq!(Key::find(key.name()), Some(key));
    }
    assert_eq!(Key::find("error-not-fuond"), None);
}
