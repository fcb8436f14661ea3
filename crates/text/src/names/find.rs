//! Names of people in a running text.

use std::ops::Range;

use peyvand_numbers::find;

use super::parse::{is_known_given, parse};
use super::{PersonName, is_family_ending};
use crate::chars::is_arabic_letter;
use crate::fold::fold;

/// Words of the longest name looked for: «جناب آقای دکتر سید محمد رضا احمدی نژاد».
const LONGEST: usize = 8;

/// Finds what are probably names of people: a title or a common given name with the family name after it. A guess: a
/// verb after a given name is taken for the family name, and rare names without a title are not found.
///
/// ```
/// use peyvand_text::names::find_names;
/// let text = "با دکتر سید محمدرضا کاظمی‌نژاد و Sara Ahmadi از شرکت پارس تماس گرفتم.";
/// let found = find_names(text);
/// let families: Vec<_> = found.iter().map(|(_, n)| n.family.as_str()).collect();
/// assert_eq!(families, ["کاظمی‌نژاد", "Ahmadi"]);
/// ```
#[must_use]
pub fn find_names(text: &str) -> Vec<(Range<usize>, PersonName)> {
    find(text, LONGEST, |words| {
        let persian = words.chars().any(is_arabic_letter);
        let fits = |word: &str| {
            let letters = word
                .chars()
                .all(|c| !c.is_numeric() && (!c.is_ascii_punctuation() || "'-.".contains(c)));
            let one_script = word
                .chars()
                .all(|c| !c.is_alphabetic() || is_arabic_letter(c) == persian);
            // Latin names begin with a capital, but for van and de.
            let capital = persian || word.chars().next().is_some_and(char::is_uppercase) || word.len() <= 3;
            letters && one_script && capital
        };
        let first_capital = persian || words.chars().next().is_some_and(char::is_uppercase);
        if !first_capital || !words.split_whitespace().all(fits) {
            return None;
        }
        let name = parse(words);
        let family: Vec<&str> = name.family.split(' ').collect();
        let one_family = match family.as_slice() {
            [] | [""] => false,
            [only] => !is_family_ending(&fold(only)),
            [_, second] if persian => is_family_ending(&fold(second)),
            _ => !persian,
        };
        let known = name.given.split(' ').next().is_some_and(is_known_given);
        let titled = !name.title.is_empty();
        (one_family && (known || titled) && (titled || !name.given.is_empty()) && name.middle.is_empty())
            .then_some(name)
    })
}
