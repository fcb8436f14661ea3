//! The one format of a column of dates, decided from samples; asked of a person when several survive.

use crate::date_format::{DateFormat, Fields, YearDigits, parse_tokens};
use crate::parse::{FieldOrder, lex};
use crate::ymd::Calendar;

/// What the samples of a column allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnGuess {
    /// Every format that reads all samples that are not blank, the plainest first. One: decided. Several: ask, showing
    /// a sample in each reading. None: see `best`.
    pub survivors: Vec<DateFormat>,
    /// When nothing survives: the format that reads most samples, with how many it reads.
    pub best: Option<(DateFormat, usize)>,
    /// Samples that were not blank.
    pub samples: usize,
    /// Blank samples.
    pub blank: usize,
}

impl ColumnGuess {
    /// The format, when the samples leave no choice.
    #[must_use]
    pub fn decided(&self) -> Option<DateFormat> {
        match self.survivors.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

/// Tests every format against every sample.
///
/// Jalali is never offered month first: nobody writes it so. Day first with a two-digit year it is offered only where `home`,
/// the calendar that the firm reckons by, is Jalali: `12/05/60` is a birthday there, and elsewhere the habit of every export.
/// A column such as `20-10-16` keeps Gregorian day-month-year beside Jalali year-month-day and must be asked.
///
/// ```
/// use peyvand_calendar::{Calendar, column::guess_column};
/// let keys = |cells: &[&str]| guess_column(cells, Calendar::Gregorian).survivors.iter().map(|f| f.to_string()).collect::<Vec<_>>();
/// assert_eq!(keys(&["13/01/2026", "02/03/2026"]), ["gregorian:dd-mm-yyyy"]);
/// assert_eq!(keys(&["۱۴۰۵/۸/۳۰", ""]), ["jalali:yyyy-mm-dd"]);
/// assert_eq!(keys(&["20-10-16"]), ["gregorian:yy-mm-dd", "gregorian:dd-mm-yy", "jalali:yy-mm-dd"]);
/// ```
#[must_use]
pub fn guess_column(samples: &[&str], home: Calendar) -> ColumnGuess {
    let mut candidates: Vec<(DateFormat, usize)> = DateFormat::all()
        .filter(|format| is_offered(*format, home))
        .map(|format| (format, 0))
        .collect();
    let (mut count, mut blank) = (0, 0);
    for sample in samples {
        match lex(sample) {
            Ok(lexed) if lexed.tokens.is_empty() => blank += 1,
            Ok(lexed) => {
                count += 1;
                for (format, read) in &mut candidates {
                    *read += usize::from(parse_tokens(*format, &lexed.tokens).is_ok());
                }
            }
            Err(_) => count += 1,
        }
    }
    let survivors: Vec<DateFormat> = candidates
        .iter()
        .filter(|(_, read)| count > 0 && *read == count)
        .map(|(format, _)| *format)
        .collect();
    let best = candidates
        .into_iter()
        .rev()
        .filter(|(_, read)| *read > 0)
        .max_by_key(|(_, read)| *read);
    ColumnGuess {
        best: best.filter(|_| survivors.is_empty()),
        survivors,
        samples: count,
        blank,
    }
}

fn is_offered(format: DateFormat, home: Calendar) -> bool {
    let jalali = format.calendar == Calendar::Jalali;
    let day_first_short = format.order == FieldOrder::Dmy
        && format.year == YearDigits::Two
        && format.fields == Fields::Separated;
    !(jalali && (day_first_short && home != Calendar::Jalali || format.order == FieldOrder::Mdy))
}
