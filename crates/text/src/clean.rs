//! Cleaning on save: conservative, keeps the meaning.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use crate::chars::{HAMZA_ABOVE, ZWJ, ZWNJ, is_junk, is_mark_of_direction};

/// The form in which text is stored.
///
/// * Unicode NFC; ي and ى become ی, ك becomes ک, ی with a separate hamza becomes ئ; Arabic presentation forms
///   become base letters (word ligatures such as ﷺ and ﷼ stay);
/// * every kind of space (no-break, thin, ideographic …) becomes a space, every kind of line end `\n`;
/// * tatweel, zero-width spaces, byte order marks, control characters other than `\n` and `\t`, and direction
///   embeddings, overrides and isolates go; marks of direction and joiners go at the ends;
/// * a run of half-spaces (U+200C) becomes one, and half-spaces next to white space go.
///
/// ۀ and ه‌ی, the half-space inside a word, harakat, digits as typed and the spaces between words stay.
/// Idempotent; borrows when nothing changes; linear time.
///
/// ```
/// use peyvand_text::clean;
/// assert_eq!(clean("مشتري‌‌محوري ‌كتـــاب"), "مشتری‌محوری کتاب");
/// assert_eq!(clean("cafe\u{301}\u{a0}\u{feff}9\r\n"), "café 9\n");
/// ```
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_quiet(text) {
        return Cow::Borrowed(text);
    }
    let cleaned = clean_slowly(text);
    if cleaned == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(cleaned)
    }
}

/// [`clean`] for a field of one line: line ends and tabs become spaces, runs of spaces one, none at the ends.
///
/// ```
/// assert_eq!(peyvand_text::clean_line("  علي \n رضايي\t"), "علی رضایی");
/// ```
#[must_use]
pub fn clean_line(text: &str) -> String {
    // Marks of direction at an end may hide a space that is then at the end, and the other way round.
    let invisible = |c: char| c.is_whitespace() || is_invisible_at_ends(c);
    let cleaned = clean(text);
    let mut line = String::with_capacity(cleaned.len());
    for word in cleaned
        .trim_matches(invisible)
        .split(char::is_whitespace)
        .filter(|w| !w.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn is_invisible_at_ends(c: char) -> bool {
    c == ZWNJ || c == ZWJ || is_mark_of_direction(c)
}

/// Whether every character stands for itself whatever its neighbours are, so that the text is clean already.
/// May say no to a clean text, never yes to another.
fn is_quiet(text: &str) -> bool {
    let mut before_is_solid = false;
    let mut zwnj_pending = false;
    for c in text.chars() {
        let solid = match c {
            ' ' | '\n' | '\t' => false,
            'ك' => return false,
            // Latin without the soft hyphen
            '!'..='~' | '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{2FF}'
            // Arabic script: letters without ى and ي, digits and stops
            | 'ء'..='غ' | 'ف'..='و' | 'ٱ'..='ۓ' | 'ە' | '٠'..='٭' | '۰'..='۹' | '،' | '؛' | '؟' | '۔'
            // Greek and Cyrillic
            | 'Α'..='Ρ' | 'Σ'..='ώ' | 'Ѐ'..='\u{481}' | '\u{48A}'..='\u{52F}'
            // dashes, quotation marks and the like; Han; pictures
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '€'
            | '\u{4E00}'..='\u{9FFF}' | '\u{1F300}'..='\u{1FAFF}' => true,
            ZWNJ => {
                if zwnj_pending || !before_is_solid {
                    return false;
                }
                zwnj_pending = true;
                continue;
            }
            _ => return false,
        };
        if zwnj_pending && !solid {
            return false;
        }
        zwnj_pending = false;
        before_is_solid = solid;
    }
    !zwnj_pending
}

fn clean_slowly(text: &str) -> String {
    let mut raw = String::with_capacity(text.len());
    let mut after_cr = false;
    for c in text.chars() {
        let was_cr = std::mem::replace(&mut after_cr, c == '\r');
        match c {
            '\n' if was_cr => {}
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => raw.push('\n'),
            _ if is_junk(c) => {}
            '\n' | '\t' => raw.push(c),
            _ if c.is_whitespace() => raw.push(' '),
            '\u{FB50}'..='\u{FDF9}' | '\u{FE70}'..='\u{FEFC}' => push_base_letters(c, &mut raw),
            _ => raw.push(c),
        }
    }
    let mut out = String::with_capacity(raw.len());
    let mut zwnj = false;
    let mut last = None;
    for c in raw.nfc() {
        let c = match c {
            'ي' | 'ى' => 'ی',
            'ك' => 'ک',
            HAMZA_ABOVE if last == Some('ی') && !zwnj => {
                out.pop();
                last = Some('ئ');
                out.push('ئ');
                continue;
            }
            ZWNJ => {
                zwnj = true;
                continue;
            }
            _ => c,
        };
        if zwnj && !c.is_whitespace() && last.is_some_and(|l: char| !l.is_whitespace()) {
            out.push(ZWNJ);
        }
        zwnj = false;
        out.push(c);
        last = Some(c);
    }
    let trimmed = out.trim_matches(is_invisible_at_ends);
    if trimmed.len() == out.len() {
        out
    } else {
        trimmed.to_owned()
    }
}

/// A presentation form as base letters. The isolated forms of vowel signs carry a space or a tatweel in their
/// decomposition, which only hold the sign up.
fn push_base_letters(c: char, out: &mut String) {
    let mut buffer = [0; 4];
    let form: &str = c.encode_utf8(&mut buffer);
    out.extend(form.nfkd().filter(|d| !matches!(d, ' ' | '\u{640}')));
}
