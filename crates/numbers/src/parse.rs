//! Numbers as people type them, in any digits and with the separators of either language.
//!
//! The rules, in order:
//!
//! 1. Direction marks are ignored; digits of every script count as digits.
//! 2. A sign may lead or trail (`-۵`, `5-`, U+2212 and its relatives); parentheses mean negative; a percent sign
//!    (`%`, `٪`), leading or trailing, divides by 100.
//! 3. `٫` is always the decimal separator. `٬`, `،`, apostrophes, underscores and spaces always group. `/` is the
//!    decimal separator in Persian («۲/۵») and refused in English, where it would be a fraction.
//! 4. Of `,` and `.`: when both occur, the last one is the decimal separator and the other groups; when one occurs
//!    several times, it groups; when one occurs once, it is the decimal separator if grouping is impossible (not
//!    exactly three digits after it, or none, more than three or a leading zero before it). What is left has the
//!    shape `d.ddd`: `,` groups in both languages; `.` is the decimal point in English; in Persian, where `.` is
//!    typed for both, the number is refused with both readings, unless the context states a [`Convention`].
//! 5. Groups have three digits, or with `,` the Indian 2-2-3 form; anything else is refused.

use crate::decimal::{Decimal, DecimalError};
use crate::digits;
use crate::language::Language;

/// Which of `.` and `,` is the decimal separator, where the source is known (a file of one program, say).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Convention {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

/// What is known about the one who typed the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NumberContext {
    /// The language of the typist.
    pub language: Language,
    /// The separators of the source, when they are known for certain.
    pub convention: Option<Convention>,
}

impl NumberContext {
    /// A person typing in the given language.
    #[must_use]
    pub const fn new(language: Language) -> Self {
        Self {
            language,
            convention: None,
        }
    }
}

/// Why a text is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing was typed.
    #[error("no number given")]
    Empty,
    /// There is something other than digits, separators and signs.
    #[error("{found:?} does not belong in a number")]
    Unexpected {
        /// The first character that does not belong.
        found: char,
    },
    /// No digit, or signs and separators in impossible places.
    #[error("not a number")]
    Malformed,
    /// The groups of digits are not groups of three.
    #[error("the digits are not grouped in threes")]
    Grouping,
    /// Two readings are equally likely.
    #[error("{} or {}?", readings[0], readings[1])]
    Ambiguous {
        /// With the separator as a decimal point, and as a separator of thousands.
        readings: [Decimal; 2],
    },
    /// More digits than a [`Decimal`] holds.
    #[error("the number is too large")]
    TooLarge,
    /// More than 18 decimal places.
    #[error("the number has more than 18 decimal places")]
    TooPrecise,
}

impl NumberError {
    /// The stable key of the message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "number-empty",
            Self::Unexpected { .. } => "number-unexpected-character",
            Self::Malformed => "number-malformed",
            Self::Grouping => "number-grouping",
            Self::Ambiguous { .. } => "number-ambiguous",
            Self::TooLarge => "number-too-large",
            Self::TooPrecise => "number-too-precise",
        }
    }
}

impl From<DecimalError> for NumberError {
    fn from(e: DecimalError) -> Self {
        match e {
            DecimalError::Syntax => Self::Malformed,
            DecimalError::TooLarge => Self::TooLarge,
            DecimalError::TooPrecise => Self::TooPrecise,
        }
    }
}

/// Marks of direction and joining that people paste along with numbers and do not see.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Hyphens and minus signs of all kinds.
pub(crate) const fn is_minus(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{2212}' | '\u{2010}'..='\u{2013}' | '\u{FE63}' | '\u{FF0D}' | '\u{207B}' | '\u{02D7}'
    )
}

const fn is_plus(c: char) -> bool {
    matches!(c, '+' | '\u{FF0B}' | '\u{FE62}')
}

const fn is_percent(c: char) -> bool {
    matches!(c, '%' | '٪' | '\u{FE6A}' | '\u{FF05}')
}

/// Separators that group in every language.
const fn is_group(c: char) -> bool {
    matches!(
        c,
        '٬' | '،' | '\'' | '\u{2019}' | '_' | ' ' | '\u{A0}' | '\u{2009}' | '\u{202F}' | '\t'
    )
}

/// A number with its digits folded to ASCII has at most this many characters between its ends; more cannot fit in
/// a [`Decimal`], however it is grouped.
const LONGEST: usize = 128;

/// Reads a number as a person typed it; the rules are those of [this module](self).
///
/// ```
/// use peyvand_numbers::{Language, NumberContext, NumberError, parse_number};
/// let fa = NumberContext::new(Language::Fa);
/// assert_eq!(parse_number("۱۲٬۵۰۰٬۰۰۰", &fa).unwrap().to_string(), "12500000");
/// assert_eq!(parse_number("۲/۵", &fa).unwrap().to_string(), "2.5");
/// assert!(matches!(parse_number("۱.۲۳۴", &fa), Err(NumberError::Ambiguous { .. })));
/// let en = NumberContext::new(Language::En);
/// assert_eq!(parse_number("(1,234.50)", &en).unwrap().to_string(), "-1234.5");
/// assert_eq!(parse_number("12.5%", &en).unwrap().to_string(), "0.125");
/// ```
pub fn parse_number(text: &str, context: &NumberContext) -> Result<Decimal, NumberError> {
    let context = &NumberContext {
        language: language_of(text, context.language),
        ..*context
    };
    let (mut minus, mut plus, mut percent, mut open, mut close) = (0u8, 0u8, 0u8, false, false);
    let mut body = String::new();
    let mut ended = false;
    let mut space = false;
    for c in text.trim().chars() {
        if is_invisible(c) {
            continue;
        }
        if c == '(' && body.is_empty() && !open {
            open = true;
        } else if c == ')' && open && !close && !body.is_empty() {
            close = true;
            ended = true;
        } else if is_minus(c) || is_plus(c) || is_percent(c) {
            let count = if is_percent(c) {
                &mut percent
            } else if is_plus(c) {
                &mut plus
            } else {
                &mut minus
            };
            *count = count.saturating_add(1);
            ended |= !body.is_empty();
        } else if c.is_whitespace() {
            space = true;
        } else {
            let c = match digits::value(c) {
                Some(d) => char::from(b'0' + d),
                None if matches!(c, ',' | '.' | '/' | '٫') => c,
                None if is_group(c) => ' ',
                None => return Err(NumberError::Unexpected { found: c }),
            };
            if ended {
                return Err(NumberError::Malformed);
            }
            if space && !body.is_empty() {
                body.push(' ');
            }
            space = false;
            body.push(c);
            if body.len() > LONGEST {
                return Err(NumberError::TooLarge);
            }
            continue;
        }
        if c != ' ' && !c.is_whitespace() {
            space = false;
        }
    }
    if body.is_empty() {
        let nothing = minus + plus + percent == 0 && !open;
        return Err(if nothing {
            NumberError::Empty
        } else {
            NumberError::Malformed
        });
    }
    if u16::from(minus) + u16::from(plus) > 1 || percent > 1 || open != close || (open && minus + plus > 0) {
        return Err(NumberError::Malformed);
    }
    let finish = |d: Decimal| -> Result<Decimal, NumberError> {
        let d = if percent == 1 {
            Decimal::new(d.coefficient(), u32::from(d.scale()) + 2)?
        } else {
            d
        };
        if minus == 1 || open {
            d.checked_neg().ok_or(NumberError::TooLarge)
        } else {
            Ok(d)
        }
    };
    match read_body(&body, *context) {
        Ok(d) => finish(d),
        Err(NumberError::Ambiguous { readings: [a, b] }) => Err(NumberError::Ambiguous {
            readings: [finish(a)?, finish(b)?],
        }),
        Err(e) => Err(e),
    }
}

/// The language that a number is read in: Persian where it is written in that script or with its digits, whatever the
/// language around it. Whoever writes «۲/۵» in an English form means two and a half.
pub(crate) fn language_of(text: &str, around: Language) -> Language {
    if text.chars().any(|c| matches!(c, '\u{600}'..='\u{6FF}')) {
        Language::Fa
    } else {
        around
    }
}

/// Reads ASCII digits with the separators `,` `.` `/` `٫` and the space, which stands for all that always group.
fn read_body(body: &str, context: NumberContext) -> Result<Decimal, NumberError> {
    let count = |c: char| body.chars().filter(|&b| b == c).count();
    let sure = |d: Option<char>| value(body, d);
    match (count('٫'), count('/')) {
        (0, 0) => {}
        (1, 0) => return sure(Some('٫')),
        (0, 1) if context.language == Language::Fa => return sure(Some('/')),
        (0, _) if context.language == Language::En => return Err(NumberError::Unexpected { found: '/' }),
        _ => return Err(NumberError::Malformed),
    }
    let (commas, points) = (count(','), count('.'));
    match context.convention {
        Some(Convention::Point) if commas + points > 0 => {
            return sure((points > 0).then_some('.'));
        }
        Some(Convention::Comma) if commas + points > 0 => {
            return sure((commas > 0).then_some(','));
        }
        _ => {}
    }
    match (commas, points) {
        (1.., 1..) => sure(body.chars().rev().find(|c| matches!(c, ',' | '.'))),
        (0 | 2.., 0) | (0, 2..) => sure(None),
        _ => {
            let mark = if commas == 1 { ',' } else { '.' };
            let (before, after) = body.split_once(mark).unwrap_or((body, ""));
            let grouped_before = before.contains(' ');
            let may_group = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
            if !may_group || grouped_before || after.contains(' ') {
                // With other groups in front («1 234.567») only a decimal separator is left to it.
                return if after.contains(' ') {
                    sure(None)
                } else {
                    sure(Some(mark))
                };
            }
            match (mark, context.language) {
                (',', _) => sure(None),
                (_, Language::En) => sure(Some('.')),
                (_, Language::Fa) => Err(NumberError::Ambiguous {
                    readings: [value(body, Some(mark))?, value(body, None)?],
                }),
            }
        }
    }
}

/// The value, once the decimal separator (if any) is known; everything else groups.
fn value(body: &str, decimal: Option<char>) -> Result<Decimal, NumberError> {
    let (whole, fraction) = match decimal {
        Some(mark) => {
            let (whole, fraction) = body.split_once(mark).ok_or(NumberError::Malformed)?;
            if !fraction.bytes().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
                return Err(NumberError::Malformed);
            }
            (whole, fraction)
        }
        None => (body, ""),
    };
    if whole.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Decimal::from_digits(false, whole, fraction)?);
    }
    // One kind of separator groups a number; two kinds are a slip of the finger.
    let mark = whole.chars().find(|c| !c.is_ascii_digit()).unwrap_or(' ');
    let groups: Vec<&str> = whole.split(mark).collect();
    if groups
        .iter()
        .any(|g| g.is_empty() || !g.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err(NumberError::Grouping);
    }
    let (Some((first, rest)), Some(last)) = (groups.split_first(), groups.last()) else {
        return Err(NumberError::Malformed);
    };
    let middle = rest.get(..rest.len().saturating_sub(1)).unwrap_or(&[]);
    let threes = first.len() <= 3 && rest.iter().all(|g| g.len() == 3);
    let indian = mark == ','
        && !middle.is_empty()
        && first.len() <= 2
        && last.len() == 3
        && middle.iter().all(|g| g.len() == 2);
    if !threes && !indian {
        return Err(NumberError::Grouping);
    }
    Ok(Decimal::from_digits(false, &groups.concat(), fraction)?)
}
