//! Rows and cells: what every reader gives and every writer takes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::ExchangeError;

/// One cell, typed as far as the file itself types it. CSV gives only `Empty` and `Text`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text, unchanged.
    Text(String),
    /// A number as its exact decimal text (`-12.50`, `1e300`), so that no digit is lost on the way.
    Number(String),
    /// Yes or no.
    Bool(bool),
    /// A Gregorian date, `2026-11-22`.
    Date(String),
    /// A Gregorian date and time of day without a zone, `2026-11-22T08:30:00` (milliseconds if there are any).
    DateTime(String),
    /// A time of day or a duration, `08:30:00`; hours may exceed 24.
    Time(String),
    /// An array as JSON text.
    Json(String),
    /// A spreadsheet's error value (`#REF!`, `#N/A`): never data, to be reported.
    Error(String),
}

impl Cell {
    /// A text cell, or an empty one for the empty text.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The cell as text, in the form each variant documents; booleans are `true` and `false`.
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Bool(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
            Self::Text(s)
            | Self::Number(s)
            | Self::Date(s)
            | Self::DateTime(s)
            | Self::Time(s)
            | Self::Json(s)
            | Self::Error(s) => Cow::Borrowed(s),
        }
    }
}

/// How the number of cells of a row compares with the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// As many cells as columns.
    #[default]
    Exact,
    /// Fewer: the row was padded with empty cells. `found` is how many there were.
    Short {
        /// Cells in the file.
        found: usize,
    },
    /// More: all of them are in the row, beyond the header's columns. `found` is how many there were.
    Long {
        /// Cells in the file.
        found: usize,
    },
}

/// One data row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Number of the data row, from 1; the header does not count, nor do blank lines.
    pub number: u64,
    /// Physical line (text formats) or sheet row (XLSX) in which it starts, from 1.
    pub line: u64,
    /// The cells, at least as many as the header had columns when the row was read.
    pub cells: Vec<Cell>,
    /// Whether it had as many cells as the header.
    pub shape: Shape,
}

impl Row {
    /// Whether every cell is empty, as in the tails of comma-only lines that spreadsheets write.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_empty)
    }

    /// The cell of a column, empty where the row has none.
    pub fn cell(&self, column: usize) -> &Cell {
        static EMPTY: Cell = Cell::Empty;
        self.cells.get(column).unwrap_or(&EMPTY)
    }
}

/// A place between two rows from which a reader can go on. Only meaningful for the file it was taken from; it
/// can be kept as JSON beside the work it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Byte offset in the file where the next row begins (sheet rows read, for XLSX).
    pub offset: u64,
    /// Data rows given so far.
    pub row: u64,
    /// Line in which the next row begins.
    pub line: u64,
}

/// What all readers have in common.
pub trait RowReader {
    /// The names of the columns known so far. They grow only in NDJSON, and only at the end.
    fn headers(&self) -> &[String];

    /// The next row, or `None` at the end. After an error for which
    /// [`is_row_error`](ExchangeError::is_row_error) holds the next call goes on; after any other it gives `None`.
    fn next_row(&mut self) -> Result<Option<Row>, ExchangeError>;

    /// Where the next row begins.
    fn position(&self) -> Position;
}

/// The letters a spreadsheet gives column `index` (from 0): A, B, ... Z, AA: names of columns without a header,
/// the same in every language.
pub fn column_letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Cleans header names: outer white space, zero-width characters and byte order marks go; inner line breaks
/// become one space.
pub(crate) fn clean_header(raw: &str) -> String {
    let kept: String = raw
        .chars()
        .filter(|c| {
            !matches!(
                c,
                '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{200b}' | '\u{202a}'..='\u{202e}'
            )
        })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What to do with two columns of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DuplicateHeaders {
    /// Refuse the file with [`ExchangeError::DuplicateHeader`].
    #[default]
    Refuse,
    /// Name the later ones `Name (2)`, `Name (3)` ...
    Number,
}

/// Cleans, checks and if wanted renames the header row.
pub(crate) fn prepare_headers(
    raw: impl Iterator<Item = String>,
    duplicates: DuplicateHeaders,
) -> Result<Vec<String>, ExchangeError> {
    let mut seen: std::collections::HashMap<String, u64> = std::collections::HashMap::new();
    let mut headers: Vec<String> = Vec::new();
    for (index, name) in raw.enumerate() {
        let mut name = clean_header(&name);
        let column = index as u64 + 1;
        if !name.is_empty() {
            if let Some(&first) = seen.get(&name.to_lowercase()) {
                if duplicates == DuplicateHeaders::Refuse {
                    return Err(ExchangeError::DuplicateHeader {
                        name,
                        first,
                        second: column,
                    });
                }
                let base = name.clone();
                let mut count = 2;
                while seen.contains_key(&name.to_lowercase()) {
                    name = format!("{base} ({count})");
                    count += 1;
                }
            }
            seen.insert(name.to_lowercase(), column);
        }
        headers.push(name);
    }
    Ok(headers)
}
