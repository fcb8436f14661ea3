//! Reading workbooks sheet by sheet, row by row.
//!
//! Memory: what [`scan`] lets stay resident (at most [`ArchiveLimits::max_resident_bytes`](crate::ArchiveLimits),
//! as strings perhaps twice that) and one row of the sheet. The sheet itself is inflated as it is read.

use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::prescan::scan;
use crate::row::{DuplicateHeaders, column_letters, prepare_headers};
use crate::{Cell, ExchangeError, Limits, Position, Row, RowReader, Shape};

/// Where the names of the columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeaderRow {
    /// In the first row that has anything.
    #[default]
    First,
    /// In this row of the sheet, from 1; rows above it are passed over.
    At(u64),
    /// Nowhere: the columns are named A, B, C ...
    None,
}

/// How a sheet is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct XlsxOptions {
    /// Where the names of the columns stand.
    pub header: HeaderRow,
    /// Two columns of one name.
    pub duplicate_headers: DuplicateHeaders,
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    /// Its name.
    pub name: String,
    /// Whether a person sees it in the spreadsheet program.
    pub visible: bool,
}

/// A workbook that passed the scan of its archive.
pub struct XlsxReader<R> {
    workbook: Xlsx<R>,
    limits: Limits,
}

impl<R: Read + Seek> XlsxReader<R> {
    /// Scans the archive ([`scan`]) and only then opens the workbook.
    pub fn open(mut reader: R, limits: Limits) -> Result<Self, ExchangeError> {
        let mut magic = [0; 4];
        reader.seek(SeekFrom::Start(0))?;
        let mut filled = 0;
        while let Some(space) = magic.get_mut(filled..).filter(|space| !space.is_empty()) {
            match reader.read(space)? {
                0 => break,
                count => filled += count,
            }
        }
        if filled == 0 {
            return Err(ExchangeError::EmptyFile);
        }
        if magic == [0xD0, 0xCF, 0x11, 0xE0] {
            // an old workbook, or a new one that a password wraps: calamine can tell the two apart
            return Err(match Xlsx::new(reader) {
                Err(XlsxError::Password) => ExchangeError::Encrypted,
                _ => ExchangeError::UnsupportedFormat { found: "xls" },
            });
        }
        reader.seek(SeekFrom::Start(0))?;
        scan(&mut reader, &limits)?;
        reader.seek(SeekFrom::Start(0))?;
        let workbook = Xlsx::new(reader).map_err(workbook_error)?;
        Ok(Self { workbook, limits })
    }

    /// The sheets, in the order of the workbook.
    pub fn sheets(&self) -> Vec<SheetInfo> {
        let sheets = self.workbook.sheets_metadata().iter();
        sheets
            .map(|sheet| SheetInfo {
                name: sheet.name.clone(),
                visible: sheet.visible == SheetVisible::Visible,
            })
            .collect()
    }

    /// The rows of a sheet.
    pub fn rows(&mut self, sheet: &str, options: &XlsxOptions) -> Result<XlsxRows<'_, R>, ExchangeError> {
        let cells = self
            .workbook
            .worksheet_cells_reader(sheet)
            .map_err(workbook_error)?;
        let mut rows = XlsxRows {
            cells,
            limits: self.limits.clone(),
            headers: Vec::new(),
            next_cell: None,
            held: None,
            line: 0,
            row: 0,
            skip_to: 0,
            ended: false,
        };
        rows.read_header(options)?;
        Ok(rows)
    }

    /// The rows of a sheet behind a place that [`position`](RowReader::position) gave for the same sheet. The rows
    /// before it are read and passed over, as a sheet has no way to begin in its middle.
    pub fn rows_from(
        &mut self,
        sheet: &str,
        options: &XlsxOptions,
        position: Position,
    ) -> Result<XlsxRows<'_, R>, ExchangeError> {
        let mut rows = self.rows(sheet, options)?;
        rows.skip_to = position.row;
        Ok(rows)
    }
}

/// The rows of one sheet. Rows with nothing in them are passed over; a row that ends early is no fault, since
/// sheets leave empty cells out.
pub struct XlsxRows<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    limits: Limits,
    headers: Vec<String>,
    /// The first cell of the row behind the current one.
    next_cell: Option<(u32, u32, Cell)>,
    held: Option<(u64, Vec<Cell>)>,
    line: u64,
    row: u64,
    skip_to: u64,
    ended: bool,
}

impl<R: Read + Seek> XlsxRows<'_, R> {
    fn read_header(&mut self, options: &XlsxOptions) -> Result<(), ExchangeError> {
        loop {
            let Some((line, cells)) = self.read_sheet_row()? else {
                return Err(ExchangeError::EmptyFile);
            };
            match options.header {
                HeaderRow::At(at) if line < at => {}
                HeaderRow::None => {
                    self.headers = (0..cells.len()).map(column_letters).collect();
                    self.held = Some((line, cells));
                    return Ok(());
                }
                _ => {
                    let names = cells.iter().map(|cell| cell.as_text().into_owned());
                    self.headers = prepare_headers(names, options.duplicate_headers)?;
                    return Ok(());
                }
            }
        }
    }

    /// The next row that has anything: its number in the sheet and its cells up to the last filled one.
    fn read_sheet_row(&mut self) -> Result<Option<(u64, Vec<Cell>)>, ExchangeError> {
        let mut current: Option<u32> = None;
        let mut cells: Vec<Cell> = Vec::new();
        while let Some((row, column, cell)) = self.take_cell()? {
            if cell.is_empty() {
                continue;
            }
            if current.is_some_and(|at| at != row) {
                self.next_cell = Some((row, column, cell));
                break;
            }
            let line = u64::from(row) + 1;
            if line <= self.line {
                return Err(ExchangeError::BadWorkbook {
                    message: format!("row {line} stands twice"),
                });
            }
            current = Some(row);
            let column = column as usize;
            let row = if self.headers.is_empty() { 0 } else { self.row + 1 };
            if column >= self.limits.max_columns {
                return Err(ExchangeError::TooManyColumns {
                    row,
                    limit: self.limits.max_columns as u64,
                });
            }
            let limit = self.limits.max_cell_bytes;
            if cell.as_text().len() > limit {
                let column = column as u64 + 1;
                return Err(ExchangeError::CellTooLong {
                    row,
                    column,
                    limit: limit as u64,
                });
            }
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            if let Some(place) = cells.get_mut(column) {
                *place = cell;
            }
        }
        let Some(row) = current else { return Ok(None) };
        self.line = u64::from(row) + 1;
        Ok(Some((self.line, cells)))
    }

    fn take_cell(&mut self) -> Result<Option<(u32, u32, Cell)>, ExchangeError> {
        if let Some(cell) = self.next_cell.take() {
            return Ok(Some(cell));
        }
        if self.ended {
            return Ok(None);
        }
        let cell = self.cells.next_cell().map_err(workbook_error);
        self.ended = !matches!(cell, Ok(Some(_)));
        Ok(cell?.map(|cell| {
            let (row, column) = cell.get_position();
            (row, column, convert(cell.get_value()))
        }))
    }

    fn advance(&mut self) -> Result<Option<Row>, ExchangeError> {
        loop {
            let next = match self.held.take() {
                Some(held) => Some(held),
                None => self.read_sheet_row()?,
            };
            let Some((line, mut cells)) = next else {
                return Ok(None);
            };
            self.row += 1;
            if self.row > self.limits.max_rows {
                return Err(ExchangeError::TooManyRows {
                    limit: self.limits.max_rows,
                });
            }
            if self.row <= self.skip_to {
                continue;
            }
            let expected = self.headers.len();
            let found = cells.len();
            let shape = if found > expected {
                Shape::Long { found }
            } else {
                Shape::Exact
            };
            if found < expected {
                cells.resize(expected, Cell::Empty);
            }
            return Ok(Some(Row {
                number: self.row,
                line,
                cells,
                shape,
            }));
        }
    }
}

impl<R: Read + Seek> RowReader for XlsxRows<'_, R> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn next_row(&mut self) -> Result<Option<Row>, ExchangeError> {
        let result = self.advance();
        if result.is_err() {
            // which cells of the row are missing is not known: nothing more is given
            self.ended = true;
            self.next_cell = None;
            self.held = None;
        }
        result
    }

    fn position(&self) -> Position {
        Position {
            offset: self.line,
            row: self.row,
            line: self.line + 1,
        }
    }
}

/// A cell of the library as one of ours.
fn convert(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(number.to_string()),
        // the shortest text that gives this very number again
        DataRef::Float(number) => Cell::Number(format!("{number}")),
        DataRef::String(text) => Cell::text(unescape(text)),
        DataRef::SharedString(text) => Cell::text(unescape(text)),
        DataRef::Bool(yes) => Cell::Bool(*yes),
        DataRef::DateTime(instant) => date_cell(instant),
        DataRef::DateTimeIso(text) if text.contains('T') => Cell::DateTime(text.clone()),
        DataRef::DateTimeIso(text) => Cell::Date(text.clone()),
        DataRef::DurationIso(text) => Cell::Time(text.clone()),
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

/// A serial date of a spreadsheet as an ISO date, date with time, or time of day. Days are counted from 1900 or
/// 1904, as the workbook says; what is not a date of those calendars stays a number.
fn date_cell(instant: &ExcelDateTime) -> Cell {
    let serial = instant.as_f64();
    let time = |milliseconds: u64| {
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        let base = format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
        if rest == 0 {
            base
        } else {
            format!("{base}.{rest:03}")
        }
    };
    if !(0.0..2_958_466.0).contains(&serial) {
        return Cell::Number(format!("{serial}"));
    }
    let milliseconds = (serial * 86_400_000.0).round() as u64;
    if instant.is_duration() || (serial < 1.0 && serial > 0.0) {
        return Cell::Time(time(milliseconds));
    }
    let (year, month, day, hour, minute, second, milli) = instant.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let of_day =
        ((u64::from(hour) * 60 + u64::from(minute)) * 60 + u64::from(second)) * 1000 + u64::from(milli);
    if of_day == 0 {
        Cell::Date(date)
    } else {
        Cell::DateTime(format!("{date}T{}", time(of_day)))
    }
}

/// Characters that XML cannot hold are written `_x000B_` in workbooks, and a text that looks like that has its
/// first underscore escaped the same way (ECMA-376 part 1, 22.9.2.19).
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let code = from
            .get(2..6)
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let escaped = code
            .filter(|_| from.get(6..7) == Some("_"))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if let Some(c) = escaped.and_then(char::from_u32).filter(|c| *c != '\0') {
            out.push(c);
            rest = from.get(7..).unwrap_or_default();
        } else {
            out.push_str("_x");
            rest = from.get(2..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn workbook_error(e: XlsxError) -> ExchangeError {
    match e {
        XlsxError::Password => ExchangeError::Encrypted,
        XlsxError::WorksheetNotFound(name) => ExchangeError::NoSuchSheet { name },
        XlsxError::Io(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => ExchangeError::Io(e),
        other => ExchangeError::BadWorkbook {
            message: other.to_string(),
        },
    }
}
