//! What the values of a column look like, as a ground for proposing a field for it.

use std::collections::BTreeMap;

use peyvand_numbers::digits::to_ascii;

use crate::Cell;

/// Distinct values kept of a column that may hold dates: the calendar decides from them how to read it.
pub const MAX_DATE_SAMPLES: usize = 1000;
/// More distinct values than this and a column is not a choice.
pub const MAX_CHOICES: usize = 50;
/// Values kept to be shown to a person.
pub const MAX_SAMPLES: usize = 5;
/// Characters of a sample that are kept.
const SAMPLE_CHARS: usize = 200;

/// What most values of a column look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// Every value is empty.
    Nothing,
    /// Whole numbers.
    Integer,
    /// Numbers, some with a fraction.
    Decimal,
    /// Dates or instants in some notation and calendar; see [`Column::date_samples`].
    Date,
    /// E-mail addresses.
    Email,
    /// Phone numbers.
    Phone,
    /// Yes and no, in words or as 0 and 1 both of which occur.
    Boolean,
    /// Few distinct values, often repeated; see [`Column::choices`].
    Choice,
    /// Anything else.
    Text,
}

/// The kinds a single value can be of; a value may be of several.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "six independent facts of one value")]
struct Kinds {
    integer: bool,
    decimal: bool,
    date: bool,
    email: bool,
    phone: bool,
    boolean: bool,
}

/// Accumulates the values of one column. Memory is bounded by the constants of this module.
#[derive(Debug, Clone, Default)]
pub struct Column {
    rows: u64,
    empties: u64,
    errors: u64,
    integer: u64,
    decimal: u64,
    date: u64,
    typed_date: u64,
    email: u64,
    phone: u64,
    boolean: u64,
    /// Numbers that can only be meant with a decimal comma, and those that can only be meant with a point.
    commas: u64,
    points: u64,
    leading_zero: u64,
    max_chars: usize,
    distinct: BTreeMap<String, u64>,
    too_many: bool,
    dates: BTreeMap<String, u64>,
    samples: Vec<String>,
}

impl Column {
    /// A column of which nothing has been seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one value.
    pub fn add(&mut self, cell: &Cell) {
        self.rows += 1;
        let shown = cell.as_text();
        let text = shown.trim();
        if text.is_empty() {
            self.empties += 1;
            return;
        }
        if matches!(cell, Cell::Error(_)) {
            self.errors += 1;
            return;
        }
        self.max_chars = self.max_chars.max(text.chars().count());
        let short: String = text.chars().take(SAMPLE_CHARS).collect();
        if self.samples.len() < MAX_SAMPLES && !self.samples.contains(&short) {
            self.samples.push(short.clone());
        }
        let plain = to_ascii(text);
        let kinds = kinds(cell, &plain);
        self.integer += u64::from(kinds.integer);
        self.decimal += u64::from(kinds.decimal);
        self.date += u64::from(kinds.date);
        self.typed_date += u64::from(matches!(cell, Cell::Date(_) | Cell::DateTime(_)));
        self.email += u64::from(kinds.email);
        self.phone += u64::from(kinds.phone);
        self.boolean += u64::from(kinds.boolean);
        match decimal_comma(&plain) {
            Some(true) => self.commas += 1,
            Some(false) => self.points += 1,
            None => {}
        }
        self.leading_zero += u64::from(kinds.integer && plain.len() > 1 && plain.starts_with('0'));
        if kinds.date && (self.dates.len() < MAX_DATE_SAMPLES || self.dates.contains_key(&short)) {
            *self.dates.entry(short.clone()).or_default() += 1;
        }
        if !self.too_many {
            *self.distinct.entry(short).or_default() += 1;
            if self.distinct.len() > MAX_CHOICES {
                self.too_many = true;
                self.distinct.clear();
            }
        }
    }

    /// Values seen, empty ones included.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Empty values seen.
    pub fn empties(&self) -> u64 {
        self.empties
    }

    /// Error values of a spreadsheet seen.
    pub fn errors(&self) -> u64 {
        self.errors
    }

    /// Characters of the longest value.
    pub fn max_chars(&self) -> usize {
        self.max_chars
    }

    /// The first distinct values, cut to 200 characters.
    pub fn samples(&self) -> &[String] {
        &self.samples
    }

    /// Up to [`MAX_DATE_SAMPLES`] distinct values that may be dates, with how often each was seen, in text order.
    pub fn date_samples(&self) -> impl Iterator<Item = (&str, u64)> {
        self.dates.iter().map(|(text, count)| (text.as_str(), *count))
    }

    /// Are the numbers of this column written with a decimal comma? Some can be read in no other way, and none only with a
    /// point: `10.000` beside `1.234,56` is ten thousand.
    pub fn has_decimal_commas(&self) -> bool {
        self.commas > 0 && self.points == 0
    }

    /// The distinct values with how often each was seen, in text order; `None` if there are more than
    /// [`MAX_CHOICES`].
    pub fn choices(&self) -> Option<Vec<(&str, u64)>> {
        (!self.too_many).then(|| {
            self.distinct
                .iter()
                .map(|(text, count)| (text.as_str(), *count))
                .collect()
        })
    }

    /// What at least 95 % of the filled values are, the narrowest first. A stray value does not hide what a column
    /// is; the values that do not fit are found one by one when they are read.
    pub fn guess(&self) -> Guess {
        let filled = self.rows - self.empties - self.errors;
        if filled == 0 {
            return Guess::Nothing;
        }
        let most = |count: u64| count * 20 >= filled * 19;
        let numbers_only_01 = self.integer == filled && self.distinct.len() < 2;
        if most(self.email) {
            Guess::Email
        } else if most(self.boolean) && !numbers_only_01 {
            Guess::Boolean
        } else if most(self.typed_date) || (most(self.date) && !most(self.integer)) {
            Guess::Date
        } else if most(self.phone) && (!most(self.integer) || self.leading_zero * 2 > filled) {
            Guess::Phone
        } else if most(self.integer) {
            Guess::Integer
        } else if most(self.decimal) {
            Guess::Decimal
        } else if !self.too_many && self.distinct.len() as u64 * 2 <= filled && filled >= 4 {
            Guess::Choice
        } else {
            Guess::Text
        }
    }
}

/// Whether a cell is plainly a value and not the name of a column.
pub(crate) fn looks_like_data(text: &str) -> bool {
    let text = to_ascii(text.trim());
    let kinds = kinds(&Cell::Empty, &text);
    !text.is_empty() && (kinds.integer || kinds.decimal || kinds.date || kinds.email || kinds.phone)
}

/// The kinds of one trimmed value with ASCII digits.
fn kinds(cell: &Cell, text: &str) -> Kinds {
    match cell {
        Cell::Number(_) => {
            let integer = is_integer(text);
            let boolean = text == "0" || text == "1";
            return Kinds {
                integer,
                decimal: true,
                boolean,
                ..Kinds::default()
            };
        }
        Cell::Bool(_) => {
            return Kinds {
                boolean: true,
                ..Kinds::default()
            };
        }
        Cell::Date(_) | Cell::DateTime(_) => {
            return Kinds {
                date: true,
                ..Kinds::default()
            };
        }
        _ => {}
    }
    Kinds {
        integer: is_integer(text),
        decimal: is_decimal(text),
        date: is_date(text),
        email: is_email(text),
        phone: is_phone(text),
        boolean: is_boolean(text),
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Digits with a fraction, grouping or exponent: `1,250.5`, `1٬250٫5`, `-3e5`.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    let first = digits
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_digit() || c == '.');
    first
        && digits.contains(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '٫' | '٬' | '،' | 'e' | 'E'))
        && digits.matches(['.', '٫']).count() <= 1
        && digits.matches(['e', 'E']).count() <= 1
}

/// Two or three groups of digits held together as dates are, an ISO instant, or a day, a month's name and a year.
/// Which it is, and in which calendar, is for the calendar to say: this only finds candidates.
fn is_date(text: &str) -> bool {
    if text.chars().count() > 40 || !text.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    for separator in ['/', '-', '.'] {
        let parts: Vec<&str> = day.split(separator).collect();
        if parts.len() == 3 {
            let digits = parts
                .iter()
                .all(|p| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
            let month_name = parts
                .get(1)
                .is_some_and(|p| p.len() >= 3 && p.chars().all(char::is_alphabetic));
            let ends = |i: usize| {
                parts
                    .get(i)
                    .is_some_and(|p| !p.is_empty() && p.len() <= 4 && p.bytes().all(|b| b.is_ascii_digit()))
            };
            return digits || (month_name && ends(0) && ends(2));
        }
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        // 14030115 and 20240403
        return matches!(text.get(..2), Some("13" | "14" | "19" | "20"));
    }
    let words: Vec<&str> = text.split([' ', ',', '،']).filter(|w| !w.is_empty()).collect();
    let number = |w: &&&str| w.len() <= 4 && w.bytes().all(|b| b.is_ascii_digit());
    let numbers = words.iter().filter(number).count();
    let names = words
        .iter()
        .filter(|w| w.chars().all(char::is_alphabetic))
        .count();
    let year = words
        .iter()
        .any(|w| w.len() == 4 && w.bytes().all(|b| b.is_ascii_digit()));
    (3..=5).contains(&words.len()) && numbers == 2 && names >= 1 && numbers + names == words.len() && year
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.contains([' ', ',', ';', '\n'])
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits)
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '.' | '/'))
        && !is_date(text)
        && (text.starts_with(['+', '0', '(']) || text.contains([' ', '-']) || digits == 10)
        && !text.starts_with('-')
}

fn is_boolean(text: &str) -> bool {
    matches!(
        text.to_lowercase().as_str(),
        "true"
            | "false"
            | "yes"
            | "no"
            | "y"
            | "n"
            | "0"
            | "1"
            | "بله"
            | "بلی"
            | "خیر"
            | "نه"
            | "درست"
            | "نادرست"
    )
}

/// Is a number written with a decimal comma (`1.234,56`, `75,5`, `1.234.567`) or with a point? `None` where it may be either,
/// as `10.000`, or is no number.
pub fn decimal_comma(text: &str) -> Option<bool> {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit());
    if !number
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' '))
    {
        return None;
    }
    let (dots, commas) = (number.matches('.').count(), number.matches(',').count());
    let behind = |c: char| number.rsplit(c).next().map_or(0, str::len);
    match (dots, commas) {
        (0, 0) => None,
        (1, 0) => (behind('.') != 3).then_some(false),
        (0, 1) => (behind(',') != 3).then_some(true),
        (_, 0) => Some(true),
        (0, _) => Some(false),
        _ => Some(number.rfind(',') > number.rfind('.')),
    }
}
