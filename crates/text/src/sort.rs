//! Sort keys: bytes whose order is the order of the alphabet, on every database engine.
//!
//! The order: nothing, space and half-space, numbers by their value, Persian letters in the order
//! آ ا ء ب پ ت ث ج چ ح خ د ذ ر ز ژ س ش ص ض ط ظ ع غ ف ق ک گ ل م ن و ه ی (hamza and its seats أ إ ؤ ئ between
//! ا and ب), Latin letters, then the letters of other scripts by code point. That Persian comes before Latin and
//! where hamza goes is as in the Persian tailoring of CLDR's collation. Case, diacritics, harakat and punctuation
//! decide only between texts that are otherwise equal; punctuation parts words as a space does.

use peyvand_numbers::digits;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::chars::{is_dropped_by_fold, plain_latin, unify_letter};
use crate::clean::clean_line;

/// How many weights of the first level a key holds at most; texts that agree in so many are told apart no more
/// than by their first [`MAX_SOURCE`] characters.
const MAX_PRIMARY: usize = 64;
/// How many characters of the cleaned text are looked at.
const MAX_SOURCE: usize = 128;

/// Ends the first level; lower than any weight.
const LEVEL: u8 = 0x00;
const SPACE: u8 = 0x02;
const NUMBER: u8 = 0x04;
const PERSIAN: u8 = 0x10;
const LATIN: u8 = 0x40;
const OTHER: u8 = 0xF0;

/// The Persian alphabet. A letter's weight is [`PERSIAN`] plus its place.
const ALPHABET: [char; 34] = [
    'آ', 'ا', 'ء', 'ب', 'پ', 'ت', 'ث', 'ج', 'چ', 'ح', 'خ', 'د', 'ذ', 'ر', 'ز', 'ژ', 'س', 'ش', 'ص', 'ض', 'ط',
    'ظ', 'ع', 'غ', 'ف', 'ق', 'ک', 'گ', 'ل', 'م', 'ن', 'و', 'ه', 'ی',
];

/// The sort key of a text, to be stored in the row and compared byte by byte.
///
/// The first level has at most 64 weights; the key at most 900 bytes, commonly one byte a letter and two a capital.
/// A text sorts by its [`clean_line`] form: texts of equal keys agree in the first 128 characters of it, or in 64
/// letters.
///
/// ```
/// use peyvand_text::sort_key;
/// let mut names = ["یاسر", "پروین", "Zoe", "گلی", "آرش", "ابر", "کامران", "اتاق ۱۲", "اتاق ۳", "ali", "Ali"];
/// names.sort_by_key(|n| sort_key(n));
/// assert_eq!(
///     names,
///     ["آرش", "ابر", "اتاق ۳", "اتاق ۱۲", "پروین", "کامران", "گلی", "یاسر", "ali", "Ali", "Zoe"]
/// );
/// ```
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len().min(128));
    sort_key_into(text, &mut key);
    key
}

/// Appends the [`sort_key`] of `text` to `key`.
pub fn sort_key_into(text: &str, key: &mut Vec<u8>) {
    // Cleaning needs no more of a long text than what can reach the key.
    let line = clean_line(bounded(text));
    let mut level = Primary {
        key,
        weights: 0,
        space: false,
        started: false,
        number: Vec::new(),
    };
    let mut variants: Vec<u8> = Vec::new();
    for (place, c) in line.chars().take(MAX_SOURCE).enumerate() {
        if level.weights >= MAX_PRIMARY {
            break;
        }
        let plain = level.put_char(c);
        if !plain {
            // A text that departs from the plain form later sorts first.
            variants.push(0xFF - place as u8);
            variants.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    level.end_number();
    if !variants.is_empty() {
        key.push(LEVEL);
        key.extend_from_slice(&variants);
    }
}

/// The start of a text, with room for characters that cleaning takes away.
fn bounded(text: &str) -> &str {
    text.char_indices()
        .nth(MAX_SOURCE * 8)
        .map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

/// Writes the weights of the first level.
struct Primary<'a> {
    key: &'a mut Vec<u8>,
    weights: usize,
    /// A separator waits for the weight after it.
    space: bool,
    started: bool,
    /// The digits of the number at hand, without leading zeros; not empty only inside a number.
    number: Vec<u8>,
}

impl Primary<'_> {
    /// Adds a character, and says whether it is the plain form of its weight, so that the key needs no trace of
    /// which form it was.
    fn put_char(&mut self, c: char) -> bool {
        match c {
            ' ' => {
                self.separate();
                true
            }
            'a'..='z' => {
                self.weight(LATIN + (c as u8 - b'a'));
                true
            }
            'A'..='Z' => {
                self.weight(LATIN + (c as u8 - b'A'));
                false
            }
            '\u{200C}' => {
                self.separate();
                false
            }
            _ => {
                if let Some(at) = ALPHABET.iter().position(|&l| l == c) {
                    self.weight(PERSIAN + at as u8);
                    return true;
                }
                if let Some(d) = digits::value(c) {
                    return self.digit(d) && c.is_ascii();
                }
                self.put_variant(c);
                false
            }
        }
    }

    fn put_variant(&mut self, c: char) {
        if let 'أ' | 'إ' | 'ؤ' | 'ئ' | 'ٲ' | 'ٳ' = c {
            self.weight(PERSIAN + 2);
            return;
        }
        for d in c.to_lowercase().nfkd() {
            if is_dropped_by_fold(d) {
                continue;
            }
            if let Some(plain) = plain_latin(d) {
                for b in plain.bytes() {
                    self.weight(LATIN + (b - b'a'));
                }
            } else if let Some(value) = digits::value(d) {
                self.digit(value);
            } else if d.is_alphanumeric() || is_combining_mark(d) {
                let letter = unify_letter(d);
                if letter.is_ascii_alphabetic() {
                    self.weight(LATIN + (letter.to_ascii_lowercase() as u8 - b'a'));
                } else if let Some(at) = ALPHABET.iter().position(|&l| l == letter) {
                    self.weight(PERSIAN + at as u8);
                } else {
                    self.open();
                    let code = letter as u32;
                    self.key
                        .extend_from_slice(&[OTHER, (code >> 16) as u8, (code >> 8) as u8, code as u8]);
                    self.weights += 1;
                }
            } else {
                self.separate();
            }
        }
    }

    fn separate(&mut self) {
        self.end_number();
        self.space = self.started;
    }

    /// Writes the separator that waits.
    fn open(&mut self) {
        self.end_number();
        self.begin();
    }

    fn begin(&mut self) {
        if std::mem::take(&mut self.space) {
            self.key.push(SPACE);
            self.weights += 1;
        }
        self.started = true;
    }

    fn weight(&mut self, weight: u8) {
        self.open();
        self.key.push(weight);
        self.weights += 1;
    }

    /// Adds a digit to the number at hand. False for a leading zero, which its value does not show.
    fn digit(&mut self, value: u8) -> bool {
        if self.number.is_empty() {
            self.begin();
            self.weights += 1;
            self.number.push(value);
            return true;
        }
        // A zero in front of a further digit turns out to be a leading one.
        if self.number == [0] {
            self.number.clear();
            self.number.push(value);
            return false;
        }
        self.weights += 1;
        self.number.push(value);
        true
    }

    fn end_number(&mut self) {
        if self.number.is_empty() {
            return;
        }
        self.key.push(NUMBER);
        self.key.push(self.number.len() as u8);
        self.key.extend(self.number.iter().map(|d| d + 1));
        self.number.clear();
    }
}
