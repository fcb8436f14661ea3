//! The direction and the language of a text.

use serde::{Deserialize, Serialize};

use crate::chars::is_arabic_letter;

/// The direction in which a text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
    /// No strong letter: the direction of what is around it.
    #[default]
    Neutral,
}

/// The languages that the product tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Persian.
    Fa,
    /// English, and Latin letters that give no other hint.
    En,
    /// Arabic.
    Ar,
    /// Another one.
    Other,
}

/// The direction of the first strong letter, as rules P2 and P3 of the Unicode Bidirectional Algorithm (UAX #9)
/// find it: isolated stretches are passed over.
///
/// ```
/// use peyvand_text::{Direction, direction};
/// assert_eq!(direction("۱۲ - سلام world"), Direction::Rtl);
/// assert_eq!(direction("(1) world سلام"), Direction::Ltr);
/// assert_eq!(direction("+98 912"), Direction::Neutral);
/// ```
#[must_use]
pub fn direction(text: &str) -> Direction {
    let mut isolates = 0u32;
    for c in text.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => isolates = isolates.saturating_add(1),
            '\u{2069}' => isolates = isolates.saturating_sub(1),
            _ if isolates > 0 => {}
            '\u{200E}' => return Direction::Ltr,
            '\u{200F}' | '\u{061C}' => return Direction::Rtl,
            _ if c.is_alphabetic() => {
                return if is_of_rtl_block(c) {
                    Direction::Rtl
                } else {
                    Direction::Ltr
                };
            }
            _ => {}
        }
    }
    Direction::Neutral
}

/// Blocks whose letters have the bidirectional class R or AL (DerivedBidiClass.txt).
fn is_of_rtl_block(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// A guess at the language by script and letters; `None` for a text without letters.
///
/// The script with most letters decides. In the Arabic script ة and the Arabic article speak for Arabic, and
/// پ چ ژ گ ک ی and the half-space for Persian; without a hint, it is Persian. Latin letters are English unless
/// one in ten is not an English one.
///
/// ```
/// use peyvand_text::{Language, language};
/// assert_eq!(language("گزارش ماه Excel"), Some(Language::Fa));
/// assert_eq!(language("الشركة العربية للتجارة"), Some(Language::Ar));
/// assert_eq!(language("A report"), Some(Language::En));
/// assert_eq!(language("Größe für Übung"), Some(Language::Other));
/// assert_eq!(language("12/3"), None);
/// ```
#[must_use]
pub fn language(text: &str) -> Option<Language> {
    let (mut arabic, mut latin, mut accented, mut others) = (0usize, 0usize, 0usize, 0usize);
    let (mut persian_hints, mut arabic_hints) = (0usize, 0usize);
    for c in text.chars() {
        match c {
            'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی' => persian_hints += 1,
            '\u{200C}' => persian_hints += 2,
            'ة' => arabic_hints += 2,
            'ي' | 'ك' | 'ى' | 'أ' | 'إ' => arabic_hints += 1,
            _ => {}
        }
        if c.is_ascii_alphabetic() {
            latin += 1;
        } else if is_arabic_letter(c) {
            arabic += 1;
        } else if matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}') && c.is_alphabetic() {
            accented += 1;
        } else if c.is_alphabetic() {
            others += 1;
        }
    }
    let most = arabic.max(latin + accented).max(others);
    if most == 0 {
        return None;
    }
    if arabic == most {
        let articles = text
            .split_whitespace()
            .filter(|w| w.chars().count() > 4 && w.starts_with("ال"))
            .count();
        let says_arabic = arabic_hints + 2 * articles;
        return Some(if says_arabic > persian_hints {
            Language::Ar
        } else {
            Language::Fa
        });
    }
    if latin + accented == most {
        return Some(if accented * 10 > most {
            Language::Other
        } else {
            Language::En
        });
    }
    Some(Language::Other)
}
