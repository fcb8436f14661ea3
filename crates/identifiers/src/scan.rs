//! Reading what people paste: digits of any script, separators and invisible marks.

use peyvand_numbers::digits;

/// Marks of direction and joining that people paste along and do not see.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Hyphens, dashes and minus signs of all kinds.
pub(crate) const fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}'
    )
}

/// What people put between the digits of an identifier.
pub(crate) fn is_separator(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || is_dash(c) || matches!(c, '.' | '/' | '_' | 'ـ')
}

/// No identifier, however it is spaced, is longer than this; what is gets refused unread.
pub(crate) const LONGEST: usize = 4096;

/// The ASCII digits of a text that has nothing but digits and separators; `None` when there is anything else, or
/// more than `most` digits.
pub(crate) fn only_digits(text: &str, most: usize) -> Result<String, Scan> {
    if text.len() > LONGEST {
        return Err(Scan::TooLong);
    }
    let mut out = String::with_capacity(most.min(32));
    for c in text.chars() {
        if let Some(d) = digits::value(c) {
            if out.len() == most {
                return Err(Scan::TooLong);
            }
            out.push(char::from(b'0' + d));
        } else if !is_separator(c) {
            return Err(Scan::Unexpected);
        }
    }
    Ok(out)
}

/// Upper-case ASCII letters and digits of a text that has nothing else but separators.
pub(crate) fn only_alphanumerics(text: &str, most: usize) -> Result<String, Scan> {
    if text.len() > LONGEST {
        return Err(Scan::TooLong);
    }
    let mut out = String::with_capacity(most.min(64));
    for c in text.chars() {
        let kept = match digits::value(c) {
            Some(d) => char::from(b'0' + d),
            None if c.is_ascii_alphabetic() => c.to_ascii_uppercase(),
            None if is_separator(c) => continue,
            None => return Err(Scan::Unexpected),
        };
        if out.len() == most {
            return Err(Scan::TooLong);
        }
        out.push(kept);
    }
    Ok(out)
}

/// The values of ASCII digits.
pub(crate) fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> + '_ {
    digits.bytes().map(|b| u32::from(b.wrapping_sub(b'0')))
}

/// Why a scan stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// A character that does not belong.
    Unexpected,
    /// More characters than the identifier has.
    TooLong,
}
