//! Countries by their names: the two-letter codes of ISO 3166-1 (and XK, which is used for Kosovo), with the names that
//! people and other programs write. The codes are all of ISO 3166-1; the names are general knowledge and editable, the
//! usual one of each language first, which for Persian and English is mostly that of Unicode CLDR: `data/countries.csv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use peyvand_numbers::Language;

use crate::fold;

const DATA: &str = include_str!("../data/countries.csv");

static CODES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut codes = HashMap::new();
    for line in DATA.lines().skip(1) {
        let Some((code, names)) = line.split_once(';') else {
            continue;
        };
        for name in names.split([';', '|']).chain([code]) {
            codes.insert(key(name), code);
        }
    }
    codes
});

/// The usual Persian and English name of each code.
static NAMES: LazyLock<HashMap<&'static str, [&'static str; 2]>> = LazyLock::new(|| {
    let usual = |names: &'static str| names.split('|').next().unwrap_or_default();
    DATA.lines()
        .skip(1)
        .filter_map(|line| {
            let (code, names) = line.split_once(';')?;
            let (fa, en) = names.split_once(';')?;
            Some((code, [usual(fa), usual(en)]))
        })
        .collect()
});

/// A name without what is written in several ways: case, marks, Arabic letters, points, spaces and half-spaces.
fn key(name: &str) -> String {
    let folded = fold(name);
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The code of a country that is given by its code or by a name, in Persian or English.
///
/// ```
/// use peyvand_text::countries::code_of;
/// assert_eq!(code_of("ایران"), Some("IR"));
/// assert_eq!(code_of("u.s.a"), Some("US"));
/// assert_eq!(code_of("de"), Some("DE"));
/// assert_eq!(code_of("Atlantis"), None);
/// ```
#[must_use]
pub fn code_of(text: &str) -> Option<&'static str> {
    CODES.get(&key(text)).copied()
}

/// The usual name of the country with this code.
///
/// ```
/// use peyvand_numbers::Language;
/// use peyvand_text::countries::name;
/// assert_eq!(name("DE", Language::Fa), Some("آلمان"));
/// assert_eq!(name("DE", Language::En), Some("Germany"));
/// assert_eq!(name("ZZ", Language::En), None);
/// ```
#[must_use]
pub fn name(code: &str, language: Language) -> Option<&'static str> {
    let [fa, en] = NAMES.get(code)?;
    Some(match language {
        Language::Fa => fa,
        Language::En => en,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No name means two countries, and every line has its code and both names.
    #[test]
    fn names_are_of_one_country() {
        let mut names = HashMap::new();
        for line in DATA.lines().skip(1) {
            let fields: Vec<&str> = line.split(';').collect();
            let [code, fa, en] = fields[..] else {
                panic!("{line}")
            };
            assert!(
                code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()),
                "{line}"
            );
            for name in fa.split('|').chain(en.split('|')) {
                assert!(!key(name).is_empty(), "{line}");
                let other = names.insert(key(name), code).filter(|c| *c != code);
                assert_eq!(other, None, "{name}");
            }
        }
        assert!(names.len() > 500);
        // The 249 of ISO 3166-1, and Kosovo.
        assert_eq!(NAMES.len(), 250);
        for (code, [fa, en]) in &*NAMES {
            assert_eq!((code_of(fa), code_of(en)), (Some(*code), Some(*code)), "{code}");
        }
    }

    #[test]
    fn names_are_known_as_they_are_written() {
        for (text, code) in [
            ("جمهوري اسلامي ايران", "IR"),
            ("هنگ کنگ", "HK"),
            ("United  Kingdom", "GB"),
            ("deutschland", "DE"),
            ("Korea, Republic of", "KR"),
            ("Turkiye", "TR"),
            (" ir ", "IR"),
        ] {
            assert_eq!(code_of(text), Some(code), "{text}");
        }
        assert_eq!(code_of(""), None);
        assert_eq!(code_of("ایر"), None);
    }
}
