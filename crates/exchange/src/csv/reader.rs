//! Reading CSV as a stream, with positions to resume from.

use std::io::{Read, Seek};

use csv_core::ReadRecordResult;

use crate::decode::Decoder;
use crate::formula::unguard_formula;
use crate::row::{DuplicateHeaders, column_letters, prepare_headers};
use crate::{Cell, Encoding, ExchangeError, Limits, Position, Row, RowReader, Shape, Sniff};

/// What to do with rows that have more cells than the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LongRows {
    /// Give them, with [`Shape::Long`] and all of their cells.
    #[default]
    Report,
    /// Answer with [`ExchangeError::LongRow`]; the next call goes on behind the row.
    Refuse,
}

/// How a CSV file is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    /// Encoding of the file. A byte order mark that fits is skipped.
    pub encoding: Encoding,
    /// Between cells; ASCII.
    pub delimiter: u8,
    /// Around cells; ASCII.
    pub quote: u8,
    /// Whether the first record names the columns; without, they are named A, B, C ...
    pub has_header: bool,
    /// Two columns of one name.
    pub duplicate_headers: DuplicateHeaders,
    /// Rows with more cells than the header.
    pub long_rows: LongRows,
    /// Takes off the apostrophes of [`guard_formula`](crate::guard_formula). On by default.
    pub unguard: bool,
    /// Limits.
    pub limits: Limits,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf8,
            delimiter: b',',
            quote: b'"',
            has_header: true,
            duplicate_headers: DuplicateHeaders::Refuse,
            long_rows: LongRows::Report,
            unguard: true,
            limits: Limits::default(),
        }
    }
}

impl From<&Sniff> for CsvOptions {
    fn from(sniff: &Sniff) -> Self {
        Self {
            encoding: sniff.encoding,
            delimiter: sniff.delimiter,
            quote: sniff.quote,
            has_header: sniff.has_header,
            ..Self::default()
        }
    }
}

/// A streaming reader of CSV. Memory is bounded by one chunk of the file and one record
/// ([`Limits::max_line_bytes`]), however many rows there are.
///
/// Blank lines are skipped. LF, CRLF and CR end a record.
pub struct CsvReader<R> {
    decoder: Decoder<R>,
    core: csv_core::Reader,
    options: CsvOptions,
    headers: Vec<String>,
    /// Text of the current record, its cells one behind another.
    text: Vec<u8>,
    /// Where each cell ends in `text`.
    ends: Vec<usize>,
    /// Offset in the file behind the last record.
    offset: u64,
    /// Data rows given.
    row: u64,
    /// The first record of a file without header, read to learn the number of columns.
    held: Option<Row>,
    held_position: Option<Position>,
    done: bool,
}

/// Cells and place of one record.
struct Extent {
    cells: usize,
    bytes: usize,
    line: u64,
}

impl<R: Read> CsvReader<R> {
    /// Reads the header. An empty file is an error; one with a header only is not.
    pub fn new(reader: R, options: CsvOptions) -> Result<Self, ExchangeError> {
        let mut csv = Self {
            decoder: Decoder::new(reader, options.encoding),
            core: core(&options),
            headers: Vec::new(),
            text: vec![0; 4096],
            ends: vec![0; 64],
            offset: 0,
            row: 0,
            held: None,
            held_position: None,
            done: false,
            options,
        };
        csv.offset = csv.decoder.text_start()?;
        csv.read_header()?;
        Ok(csv)
    }

    fn read_header(&mut self) -> Result<(), ExchangeError> {
        let before = self.position();
        let Some(extent) = self.read_record()? else {
            return Err(ExchangeError::EmptyFile);
        };
        let names: Vec<String> = self.cell_texts(&extent).map(str::to_owned).collect();
        if self.options.has_header {
            self.headers = prepare_headers(
                names.iter().map(|name| self.unguarded(name).to_owned()),
                self.options.duplicate_headers,
            )?;
        } else {
            self.headers = (0..extent.cells).map(column_letters).collect();
            self.held = Some(self.make_row(&extent)?);
            self.held_position = Some(before);
        }
        Ok(())
    }

    /// How the file is being read.
    pub fn options(&self) -> &CsvOptions {
        &self.options
    }

    /// Memory held for the file, in bytes: what the tests of the memory bound look at.
    pub fn buffered_bytes(&self) -> usize {
        self.decoder.buffered_bytes() + self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    fn unguarded<'a>(&self, text: &'a str) -> &'a str {
        if self.options.unguard {
            unguard_formula(text)
        } else {
            text
        }
    }

    fn cell_texts<'a>(&'a self, extent: &Extent) -> impl Iterator<Item = &'a str> + 'a {
        // valid: the decoder gives UTF-8, and cells end at ASCII characters
        let text = std::str::from_utf8(self.text.get(..extent.bytes).unwrap_or_default()).unwrap_or_default();
        let ends = self.ends.get(..extent.cells).unwrap_or_default();
        let mut start = 0;
        ends.iter().map(move |&end| {
            let cell = text.get(start..end).unwrap_or_default();
            start = end;
            cell
        })
    }

    /// Reads one record into `text` and `ends`.
    fn read_record(&mut self) -> Result<Option<Extent>, ExchangeError> {
        let mut bytes = 0;
        let mut cells = 0;
        // where the record starts: moved on while only blank lines have been seen
        let mut line = self.core.line();
        loop {
            let input = self.decoder.fill()?;
            let at_end = input.is_empty();
            // the end of the file ends the last record as a line feed does, but for one inside quotes
            let input = if at_end { b"\n" } else { input };
            let blank = bytes == 0 && cells == 0;
            let (result, read, wrote, ended) = self.core.read_record(
                input,
                self.text.get_mut(bytes..).unwrap_or_default(),
                self.ends.get_mut(cells..).unwrap_or_default(),
            );
            if at_end {
                self.core.set_line(self.core.line() - read as u64);
            } else {
                let used = input.get(..read).unwrap_or_default();
                if blank {
                    let breaks = used
                        .iter()
                        .take_while(|&&b| matches!(b, b'\n' | b'\r'))
                        .filter(|&&b| b == b'\n');
                    line += breaks.count() as u64;
                }
                self.offset += self.options.encoding.encoded_len(used);
                self.decoder.consume(read);
            }
            bytes += wrote;
            cells += ended;
            match result {
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::InputEmpty if at_end => {
                    // either nothing was begun, or a quote is open; then this ends no record either
                    let (result, ..) = self.core.read_record(b"a\n", &mut [0; 4], &mut [0; 4]);
                    return match result {
                        ReadRecordResult::Record => Ok(None),
                        _ => Err(ExchangeError::UnterminatedQuote { line }),
                    };
                }
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => {
                    let limit = self.options.limits.max_line_bytes;
                    if self.text.len() >= limit {
                        return Err(ExchangeError::LineTooLong {
                            line,
                            limit: limit as u64,
                        });
                    }
                    let wider = (self.text.len() * 2).min(limit);
                    self.text.resize(wider, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    let limit = self.options.limits.max_columns;
                    if self.ends.len() > limit {
                        return Err(self.too_many_columns());
                    }
                    let wider = (self.ends.len() * 2).min(limit + 1);
                    self.ends.resize(wider, 0);
                }
            }
        }
        if cells > self.options.limits.max_columns {
            return Err(self.too_many_columns());
        }
        Ok(Some(Extent { cells, bytes, line }))
    }

    fn too_many_columns(&self) -> ExchangeError {
        let row = if self.headers.is_empty() { 0 } else { self.row + 1 };
        ExchangeError::TooManyColumns {
            row,
            limit: self.options.limits.max_columns as u64,
        }
    }

    /// Makes a row of the record just read, and counts it whether it is good or not.
    fn make_row(&mut self, extent: &Extent) -> Result<Row, ExchangeError> {
        let expected = self.headers.len();
        let number = self.row + 1;
        self.row = number;
        if number > self.options.limits.max_rows {
            return Err(ExchangeError::TooManyRows {
                limit: self.options.limits.max_rows,
            });
        }
        if extent.cells > expected && self.options.long_rows == LongRows::Refuse {
            return Err(ExchangeError::LongRow {
                row: number,
                line: extent.line,
                found: extent.cells as u64,
                expected: expected as u64,
            });
        }
        let limit = self.options.limits.max_cell_bytes;
        let mut cells = Vec::with_capacity(extent.cells.max(expected));
        for (index, text) in self.cell_texts(extent).enumerate() {
            if text.len() > limit {
                let column = index as u64 + 1;
                return Err(ExchangeError::CellTooLong {
                    row: number,
                    column,
                    limit: limit as u64,
                });
            }
            cells.push(Cell::text(self.unguarded(text)));
        }
        let shape = match extent.cells {
            found if found < expected => Shape::Short { found },
            found if found > expected => Shape::Long { found },
            _ => Shape::Exact,
        };
        if cells.len() < expected {
            cells.resize(expected, Cell::Empty);
        }
        Ok(Row {
            number,
            line: extent.line,
            cells,
            shape,
        })
    }

    fn advance(&mut self) -> Result<Option<Row>, ExchangeError> {
        match self.read_record()? {
            Some(extent) => self.make_row(&extent).map(Some),
            None => Ok(None),
        }
    }
}

impl<R: Read + Seek> CsvReader<R> {
    /// Goes on at a place that [`position`](RowReader::position) gave for the same file read with the same options.
    /// The header is read again from the beginning of the file.
    pub fn resume(reader: R, options: CsvOptions, position: Position) -> Result<Self, ExchangeError> {
        let mut csv = Self::new(reader, options)?;
        if position.offset < csv.decoder.text_start()? {
            return Err(ExchangeError::StalePosition {
                offset: position.offset,
            });
        }
        csv.decoder.seek(position)?;
        csv.core = core(&csv.options);
        csv.core.set_line(position.line);
        csv.held = None;
        csv.held_position = None;
        csv.offset = position.offset;
        csv.row = position.row;
        Ok(csv)
    }
}

impl<R: Read> RowReader for CsvReader<R> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn next_row(&mut self) -> Result<Option<Row>, ExchangeError> {
        if let Some(row) = self.held.take() {
            self.held_position = None;
            return Ok(Some(row));
        }
        if self.done {
            return Ok(None);
        }
        let result = self.advance();
        self.done = match &result {
            Ok(row) => row.is_none(),
            Err(e) => !e.is_row_error(),
        };
        result
    }

    fn position(&self) -> Position {
        self.held_position.unwrap_or(Position {
            offset: self.offset,
            row: self.row,
            line: self.core.line(),
        })
    }
}

fn core(options: &CsvOptions) -> csv_core::Reader {
    csv_core::ReaderBuilder::new()
        .delimiter(options.delimiter)
        .quote(options.quote)
        .build()
}
