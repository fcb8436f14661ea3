//! A Latin spelling of Persian names.

use crate::chars::{ZWNJ, is_arabic_letter, is_dropped_by_fold, unify_letter};
use crate::clean::clean_line;
use crate::translit::{FAMILY_ENDINGS, FAMILY_NAMES, GIVEN_NAMES};

/// A Latin spelling of a Persian name, as a proposal to a person who knows better.
///
/// Known given names, family names and family endings are spelled as is usual; other words letter by letter, with an `a` where
/// no two consonants can meet, as the script does not show short vowels. Text in other scripts stays as it is.
///
/// ```
/// use peyvand_text::translit::to_latin;
/// assert_eq!(to_latin("محمدرضا احمدی‌نژاد"), "Mohammadreza Ahmadinejad");
/// assert_eq!(to_latin("شیرین کریم‌زاده"), "Shirin Karimzadeh");
/// ```
#[must_use]
pub fn to_latin(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in clean_line(name).split(' ') {
        if !out.is_empty() {
            out.push(' ');
        }
        if !word.chars().any(is_arabic_letter) {
            out.push_str(word);
            continue;
        }
        let letters: String = word
            .chars()
            .filter(|&c| c == ZWNJ || !is_dropped_by_fold(c))
            .map(|c| {
                if c == 'آ' || c == 'ئ' {
                    c
                } else {
                    unify_letter(c)
                }
            })
            .collect();
        let spelled =
            known(&letters).map_or_else(|| letters.split(ZWNJ).map(spell_part).collect(), str::to_owned);
        let mut chars = spelled.chars();
        if let Some(first) = chars.next() {
            out.extend(first.to_uppercase());
            out.push_str(chars.as_str());
        }
    }
    out
}

/// A name as a key is written: lower-case Latin letters and digits, and `joint` between the words. Persian names are spelled
/// as [`to_latin`] does. Empty when nothing of the name can be written so.
///
/// ```
/// use peyvand_text::translit::slug;
/// assert_eq!(slug("Shoe size (EU)", '_'), "shoe_size_eu");
/// assert_eq!(slug("شیراز ۲", '-'), "shiraz-2");
/// ```
#[must_use]
pub fn slug(name: &str, joint: char) -> String {
    let latin = to_latin(&peyvand_numbers::digits::to_ascii(name));
    let mut out = String::with_capacity(latin.len());
    for c in latin.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(joint) {
            out.push(joint);
        }
    }
    out.truncate(out.trim_end_matches(joint).len());
    out
}

fn known(part: &str) -> Option<&'static str> {
    GIVEN_NAMES
        .iter()
        .chain(FAMILY_NAMES)
        .find(|(fa, _)| *fa == part)
        .map(|(_, latin)| *latin)
}

/// The spelling of a word without half-spaces, in lower case.
fn spell_part(part: &str) -> String {
    if let Some(latin) = known(part) {
        return latin.to_lowercase();
    }
    if let Some((_, latin)) = FAMILY_ENDINGS.iter().find(|(fa, _)| *fa == part) {
        return (*latin).to_owned();
    }
    // names are short: a longer word is not looked up piece by piece
    if part.chars().count() <= 24 {
        for (at, _) in part.char_indices().skip(2) {
            let (front, back) = part.split_at(at);
            let ending = FAMILY_ENDINGS
                .iter()
                .find(|(fa, _)| *fa == back)
                .map(|(_, latin)| *latin);
            match (known(front), known(back), ending) {
                (Some(front), Some(back), _) => return (front.to_owned() + back).to_lowercase(),
                (Some(front), None, Some(back)) => return front.to_lowercase() + back,
                (Some(front), None, None) if matches!(back, "یی" | "ئی") => {
                    return front.to_lowercase() + "ei";
                }
                (Some(front), None, None) if back == "ی" => return front.to_lowercase() + "i",
                (None, _, Some(latin)) if back.chars().count() > 2 => return spell_letters(front) + latin,
                _ => {}
            }
        }
    }
    spell_letters(part)
}

fn spell_letters(part: &str) -> String {
    let w: Vec<char> = part.chars().collect();
    let mut out = String::new();
    // whether the syllable at hand has its vowel
    let mut open = false;
    for (i, &c) in w.iter().enumerate() {
        let previous = if i == 0 { None } else { w.get(i - 1).copied() };
        let next = w.get(i + 1).copied();
        let next_is_vowel = matches!(next, Some('ا' | 'و' | 'ی' | 'آ'));
        let vowel = match c {
            'ا' if previous.is_none() && next_is_vowel => Some(""),
            'ا' | 'ع' if previous.is_none() => Some(if next_is_vowel { "" } else { "a" }),
            'آ' | 'ا' => Some("a"),
            'ع' | 'ء' => Some(""),
            // the silent vav of خواجه
            'و' if previous == Some('خ') && next == Some('ا') => Some(""),
            'ئ' => Some("e"),
            'و' if previous.is_some() && previous != Some('ا') && !matches!(next, Some('ا' | 'ی')) => {
                Some("ou")
            }
            'ی' if previous.is_some() && next != Some('ا') => Some("i"),
            'ه' if next.is_none() && i > 1 && !matches!(previous, Some('ا' | 'و' | 'ی')) => Some("eh"),
            _ => None,
        };
        if let Some(vowel) = vowel {
            out.push_str(vowel);
            open |= !vowel.is_empty();
            continue;
        }
        out.push_str(consonant(c));
        let ends_syllable = open && !next_is_vowel;
        let needs_vowel = next.is_some_and(|n| !matches!(n, 'ا' | 'و' | 'ی' | 'آ' | 'ع'));
        let silent_he = next == Some('ه') && i + 2 == w.len();
        if ends_syllable {
            open = false;
        } else if needs_vowel && !silent_he {
            // before a closing ه it is mostly an e: Tehrani, Behzad
            out.push(if next == Some('ه') { 'e' } else { 'a' });
            open = true;
        } else {
            open = false;
        }
    }
    out
}

fn consonant(c: char) -> &'static str {
    match c {
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' => "t",
        'ث' | 'س' | 'ص' => "s",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' => "h",
        'خ' => "kh",
        'د' => "d",
        'ذ' | 'ز' | 'ض' | 'ظ' => "z",
        'ر' => "r",
        'ژ' => "zh",
        'ش' => "sh",
        'غ' | 'ق' => "gh",
        'ف' => "f",
        'ک' => "k",
        'گ' => "g",
        'ل' => "l",
        'م' => "m",
        'ن' => "n",
        'و' => "v",
        'ی' => "y",
        _ => "",
    }
}
