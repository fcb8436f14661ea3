//! Writing CSV as a stream.

use std::io::Write;

use crate::formula::guard_formula;
use crate::{Cell, ExchangeError};

/// How a CSV file is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvWriteOptions {
    /// Between cells; ASCII.
    pub delimiter: u8,
    /// A byte order mark at the beginning, without which Excel takes UTF-8 for an old code page. On by default.
    pub mark: bool,
    /// Texts that a spreadsheet would run get an apostrophe ([`guard_formula`]). On by default.
    pub guard: bool,
}

impl Default for CsvWriteOptions {
    fn default() -> Self {
        Self {
            delimiter: b',',
            mark: true,
            guard: true,
        }
    }
}

/// A streaming writer of CSV in UTF-8, records ended by CRLF (RFC 4180).
pub struct CsvWriter<W: Write> {
    inner: ::csv::Writer<W>,
    guard: bool,
    columns: usize,
}

impl<W: Write> CsvWriter<W> {
    /// Writes the header.
    pub fn new(mut writer: W, headers: &[String], options: &CsvWriteOptions) -> Result<Self, ExchangeError> {
        if options.mark {
            writer.write_all(b"\xEF\xBB\xBF")?;
        }
        let inner = ::csv::WriterBuilder::new()
            .delimiter(options.delimiter)
            .terminator(::csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(writer);
        let mut csv = Self {
            inner,
            guard: options.guard,
            columns: headers.len(),
        };
        let cells: Vec<Cell> = headers.iter().map(Cell::text).collect();
        csv.write_row(&cells)?;
        Ok(csv)
    }

    /// Writes one row; short rows are padded to the header.
    ///
    /// Only texts are guarded: numbers, dates and the like are written as they are, so a negative number stays one.
    pub fn write_row(&mut self, cells: &[Cell]) -> Result<(), ExchangeError> {
        for cell in cells {
            let text = cell.as_text();
            match cell {
                Cell::Text(_) | Cell::Error(_) | Cell::Json(_) if self.guard => {
                    self.inner
                        .write_field(guard_formula(&text).as_bytes())
                        .map_err(error)?;
                }
                _ => self.inner.write_field(text.as_bytes()).map_err(error)?,
            }
        }
        for _ in cells.len()..self.columns {
            self.inner.write_field(b"").map_err(error)?;
        }
        self.inner.write_record(None::<&[u8]>).map_err(error)
    }

    /// Writes what is still buffered and gives the writer back.
    pub fn finish(mut self) -> Result<W, ExchangeError> {
        self.inner.flush()?;
        self.inner
            .into_inner()
            .map_err(|e| ExchangeError::Io(std::io::Error::other(e.to_string())))
    }
}

fn error(e: ::csv::Error) -> ExchangeError {
    match e.into_kind() {
        ::csv::ErrorKind::Io(e) => ExchangeError::Io(e),
        other => ExchangeError::Io(std::io::Error::other(format!("{other:?}"))),
    }
}
