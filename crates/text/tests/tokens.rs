//! The spellings of a Persian compound find each other.

use peyvand_text::{fold, index_text, query_words, tokens};
use proptest::prelude::*;

/// Whether a query for `typed` finds a record with `stored`.
fn finds(typed: &str, stored: &str) -> Result<(), String> {
    let index = index_text(stored);
    let words = query_words(typed);
    if words.is_empty() && !fold(typed).is_empty() {
        return Err(format!("{typed:?} asks for nothing"));
    }
    match words
        .iter()
        .find(|w| !index.split(' ').any(|t| t.starts_with(w.as_str())))
    {
        Some(word) => Err(format!("{word:?} of {typed:?} is not in {index:?} of {stored:?}")),
        None => Ok(()),
    }
}

fn all_find_each_other(spellings: &[String]) -> Result<(), String> {
    for a in spellings {
        for b in spellings {
            finds(a, b)?;
        }
    }
    Ok(())
}

#[test]
fn spellings_of_real_words() {
    for list in [
        vec![
            "مشتری\u{200C}محوری",
            "مشتری محوری",
            "مشتریمحوری",
            "مشتري\u{200C}محوري",
            "مُشتری\u{200C}محـوری",
        ],
        vec!["کتاب\u{200C}ها", "کتاب ها", "کتابها", "كتابها"],
        vec!["می\u{200C}روم", "می روم", "میروم"],
        vec![
            "نمی\u{200C}خواسته\u{200C}ام",
            "نمی خواسته ام",
            "نمیخواسته\u{200C}ام",
            "نمی\u{200C}خواسته ام",
        ],
        vec!["پیش\u{200C}فاکتور", "پیش فاکتور", "پیشفاکتور"],
        vec!["خانه\u{200C}ی ما", "خانه ی ما", "خانهی ما"],
        vec!["می\u{200C}رم", "می رم", "میرم"],
        vec!["احمدی\u{200C}نژاد", "احمدی نژاد", "احمدینژاد"],
        vec!["O'Brien", "OBrien", "O’Brien"],
    ] {
        let list: Vec<String> = list.into_iter().map(str::to_owned).collect();
        all_find_each_other(&list).unwrap();
    }
}

#[test]
fn an_ending_is_an_extra_token() {
    assert_eq!(
        tokens("بزرگ\u{200C}ترین شرکت\u{200C}های ما").words,
        ["بزرگترین", "شرکتهای", "ما"]
    );
    let t = tokens("مشتری\u{200C}مدارها و مشتری\u{200C}مدار\u{200C}ها");
    assert_eq!(t.stems, ["مشتریمدار"]);
    assert_eq!(query_words("نمی\u{200C}خواهم"), ["خواهم"]);
    assert_eq!(query_words("کتاب های خوب"), ["کتاب", "خوب"]);
    // an ending alone is a word
    assert_eq!(query_words("تر"), ["تر"]);
    finds("کتاب\u{200C}ها", "یک کتاب").unwrap();
    finds("Jean-Luc", "jean luc").unwrap();
    finds("OBrien", "o brien").unwrap();
    finds("email", "E-Mail").unwrap();
}

#[test]
fn what_does_not_match() {
    for (typed, stored) in [
        ("رضا", "علی"),
        ("کتاب سبز", "کتاب زرد"),
        ("12", "21"),
        ("علی رضایی", "علی"),
    ] {
        assert!(finds(typed, stored).is_err(), "{typed} finds {stored}");
    }
    // neighbours with a stop between them are not one word
    assert!(!index_text("سلام، دوست").contains("سلامدوست"));
    assert!(index_text("سلام دوست").contains("سلامدوست"));
}

#[test]
fn index_grows_in_proportion() {
    for unit in [
        "مشتری\u{200C}محوری ",
        "ی",
        "آب و نان ",
        "a-b-",
        "می ",
        "\u{200C}می",
        "٣ ",
        "\u{301}",
    ] {
        let once = index_text(&unit.repeat(5_000)).len();
        let twice = index_text(&unit.repeat(10_000)).len();
        assert!(twice <= 2 * once + 200, "{unit:?}: {once} then {twice}");
    }
    for len in [5, 20, 32, 33] {
        let word: String = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیاب".chars().take(len).collect();
        assert!(index_text(&word).len() <= 20 * word.len());
    }
}

fn letters(min: usize, max: usize) -> impl Strategy<Value = String> {
    let letter = prop::sample::select("ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآئؤ".chars().collect::<Vec<_>>());
    prop::collection::vec(letter, min..=max).prop_map(String::from_iter)
}

fn ending() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "ها", "های", "هایی", "تر", "ترین", "ام", "ات", "اش", "مان", "تان", "شان",
    ])
    .prop_map(str::to_owned)
}

/// The parts of a compound as the contract has them.
fn parts() -> impl Strategy<Value = Vec<String>> {
    let prefix = prop::sample::select(vec!["می", "نمی"]).prop_map(str::to_owned);
    prop_oneof![
        (letters(2, 8), letters(3, 8)).prop_map(|(a, b)| vec![a, b]),
        (letters(2, 8), ending()).prop_map(|(a, b)| vec![a, b]),
        (prefix, letters(3, 8)).prop_map(|(a, b)| vec![a, b]),
        (letters(2, 8), letters(3, 8), ending())
            .prop_filter("one is short", |(a, b, c)| [a, b, c]
                .iter()
                .any(|p| p.chars().count() <= 3))
            .prop_map(|(a, b, c)| vec![a, b, c]),
        (letters(2, 8), letters(3, 3), letters(3, 8)).prop_map(|(a, b, c)| vec![a, b, c]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_contract(parts in parts(), before in letters(1, 6), after in letters(1, 6)) {
        let mut spellings: Vec<String> = ["\u{200C}", " ", ""].iter().map(|joint| parts.join(joint)).collect();
        spellings.push(spellings[0].replace('ی', "ي").replace('ک', "ك"));
        spellings.push(spellings[2].chars().flat_map(|c| [c, '\u{64E}']).collect());
        if let Some((last, front)) = parts.split_last() {
            spellings.push(format!("{} {last}", front.join("\u{200C}")));
        }
        all_find_each_other(&spellings).map_err(TestCaseError::fail)?;
        // and inside a longer text
        let stored: Vec<String> = spellings.iter().map(|s| format!("{before} . {s}، {after}")).collect();
        for typed in &spellings {
            for stored in &stored {
                finds(typed, stored).map_err(TestCaseError::fail)?;
            }
        }
    }

    #[test]
    fn a_text_finds_itself(text in any::<String>()) {
        finds(&text, &text).map_err(TestCaseError::fail)?;
        let words = tokens(&text).words.join(" ");
        prop_assert_eq!(words, fold(&text));
    }
}
