//! Dates in a running text.

use std::ops::Range;

use peyvand_numbers::{digits, find};

use super::{DateError, ParseContext, ParsedDate, Reading, parse_date};

/// Words of the longest date looked for in a text: «چهارشنبه بیست و پنجم اسفند ماه ۱۴۰۵».
const LONGEST: usize = 7;

/// A date in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDate {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// The day; or the readings, when there are several.
    pub day: Result<ParsedDate, Vec<Reading>>,
}

/// Finds the dates of a text, in the order in which they stand; they do not overlap. Numbers alone are dates only with
/// two separators: «۱۴۰۵/۸/۳۰», not «۱۴۰۵» or «۲/۵».
///
/// ```
/// use peyvand_calendar::{Calendar, Language, parse::{ParseContext, find_dates}};
/// let today = Calendar::Gregorian.days(2026, 11, 22).unwrap();
/// let text = "جلسهٔ شنبه آینده به ۱۴۰۵/۹/۲۰ رفت؛ ۲/۵ میلیون مانده را تا 22 Dec می‌پردازد.";
/// let found = find_dates(text, &ParseContext::new(today, Language::Fa));
/// let words: Vec<_> = found.iter().map(|f| &text[f.span.clone()]).collect();
/// assert_eq!(words, ["شنبه آینده", "۱۴۰۵/۹/۲۰", "22 Dec"]);
/// ```
#[must_use]
pub fn find_dates(text: &str, context: &ParseContext) -> Vec<FoundDate> {
    find(text, LONGEST, |words| {
        let separators = words.chars().filter(|c| matches!(c, '/' | '-' | '.')).count();
        let bare = words
            .chars()
            .all(|c| digits::value(c).is_some() || !c.is_alphanumeric());
        if bare && separators != 2 {
            return None;
        }
        match parse_date(words, context) {
            Ok(day) => Some(Ok(day)),
            Err(DateError::Ambiguous { readings }) => Some(Err(readings)),
            Err(_) => None,
        }
    })
    .into_iter()
    .map(|(span, day)| FoundDate { span, day })
    .collect()
}
