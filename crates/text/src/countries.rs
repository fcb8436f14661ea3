//! Countries by their names: the two-letter codes of ISO 3166-1 (and XK, which is used for Kosovo), with the names that
//! people and other programs write. The names are general knowledge and editable: `data/countries.csv`, of each language
//! the usual name first.

use std::collections::HashMap;
use std::sync::LazyLock;

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
        assert!(names.len() > 400);
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
