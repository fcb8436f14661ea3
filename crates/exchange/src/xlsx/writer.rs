//! Writing workbooks of any number of rows with constant memory: rows go to a temporary file until the end.

use std::borrow::Cow;
use std::io::{Seek, Write};
use std::path::PathBuf;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::{Cell, ExchangeError};

/// Rows of a sheet, the header among them.
pub const MAX_SHEET_ROWS: u32 = 1_048_576;
/// Columns of a sheet.
pub const MAX_SHEET_COLUMNS: usize = 16_384;
/// Characters (UTF-16 units) of one cell.
pub const MAX_SHEET_TEXT: usize = 32_767;
/// Significant digits a spreadsheet keeps of a number.
const EXACT_DIGITS: usize = 15;

/// How a workbook is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XlsxWriteOptions {
    /// Name of the first sheet; further ones get ` (2)`, ` (3)` ... Characters that a sheet's name may not have
    /// become spaces, and it is cut to 24 characters so that the number has room.
    pub sheet: String,
    /// Columns run from right to left.
    pub right_to_left: bool,
    /// Folder for temporary files; the system's by default.
    pub temporary_folder: Option<PathBuf>,
    /// Rows of a sheet, the header among them: [`MAX_SHEET_ROWS`] by default, fewer on request.
    pub rows_per_sheet: u32,
}

impl Default for XlsxWriteOptions {
    fn default() -> Self {
        Self {
            sheet: "Sheet1".to_owned(),
            right_to_left: false,
            temporary_folder: None,
            rows_per_sheet: MAX_SHEET_ROWS,
        }
    }
}

/// What a finished workbook holds and what the format could not hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct XlsxReport {
    /// Data rows written.
    pub rows: u64,
    /// Sheets they stand in.
    pub sheets: u32,
    /// Texts that were cut to [`MAX_SHEET_TEXT`].
    pub cut_texts: u64,
    /// The first hundred of them: data row and column, from 1.
    pub cut_at: Vec<(u64, u64)>,
    /// Numbers of more than 15 digits, written as text because a spreadsheet would round them.
    pub numbers_as_text: u64,
}

/// A streaming writer of workbooks.
///
/// Numbers stay numbers, dates become dates of the spreadsheet, texts are typed as strings, so that none of them
/// runs as a formula and none needs an apostrophe. Dates before 1900-03-01, which spreadsheets count wrongly, and
/// anything with a zone are written as text.
pub struct XlsxWriter {
    workbook: Workbook,
    headers: Vec<String>,
    options: XlsxWriteOptions,
    name: String,
    date: Format,
    date_time: Format,
    time: Format,
    bold: Format,
    sheet_row: u32,
    report: XlsxReport,
}

impl XlsxWriter {
    /// Begins the first sheet with the header. [`ExchangeError::SheetTooWide`] if there are too many columns.
    pub fn new(headers: &[String], options: XlsxWriteOptions) -> Result<Self, ExchangeError> {
        if headers.len() > MAX_SHEET_COLUMNS {
            return Err(ExchangeError::SheetTooWide {
                limit: MAX_SHEET_COLUMNS as u64,
            });
        }
        let mut workbook = Workbook::new();
        if let Some(folder) = &options.temporary_folder {
            workbook.set_tempdir(folder).map_err(error)?;
        }
        let mut xlsx = Self {
            workbook,
            headers: headers.to_vec(),
            name: sheet_name(&options.sheet),
            options,
            date: Format::new().set_num_format("yyyy-mm-dd"),
            date_time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            time: Format::new().set_num_format("[hh]:mm:ss"),
            bold: Format::new().set_bold(),
            sheet_row: 0,
            report: XlsxReport::default(),
        };
        xlsx.begin_sheet()?;
        Ok(xlsx)
    }

    fn begin_sheet(&mut self) -> Result<(), ExchangeError> {
        self.report.sheets += 1;
        let name = match self.report.sheets {
            1 => self.name.clone(),
            number => format!("{} ({number})", self.name),
        };
        let sheet = self
            .workbook
            .add_worksheet_with_constant_memory()
            .map_err(error)?;
        sheet.set_name(name).map_err(error)?;
        sheet.set_right_to_left(self.options.right_to_left);
        sheet.set_freeze_panes(1, 0).map_err(error)?;
        for (column, header) in (0u16..).zip(&self.headers) {
            let (text, _) = fitting(header);
            sheet
                .write_string_with_format(0, column, escape(text), &self.bold)
                .map_err(error)?;
        }
        self.sheet_row = 1;
        Ok(())
    }

    /// Writes one row, beginning a further sheet when the current one is full.
    pub fn write_row(&mut self, cells: &[Cell]) -> Result<(), ExchangeError> {
        if cells.len() > MAX_SHEET_COLUMNS {
            return Err(ExchangeError::SheetTooWide {
                limit: MAX_SHEET_COLUMNS as u64,
            });
        }
        if self.sheet_row >= self.options.rows_per_sheet.clamp(2, MAX_SHEET_ROWS) {
            self.begin_sheet()?;
        }
        self.report.rows += 1;
        let index = self.report.sheets as usize - 1;
        let sheet = self.workbook.worksheet_from_index(index).map_err(error)?;
        let row = self.sheet_row;
        self.sheet_row += 1;
        for (column, cell) in (0u16..).zip(cells) {
            let written = match cell {
                Cell::Empty => true,
                Cell::Bool(yes) => sheet
                    .write_boolean(row, column, *yes)
                    .map(|_| true)
                    .map_err(error)?,
                Cell::Number(text) => {
                    if let Some(number) = exact_number(text) {
                        sheet
                            .write_number(row, column, number)
                            .map(|_| true)
                            .map_err(error)?
                    } else {
                        self.report.numbers_as_text += 1;
                        false
                    }
                }
                Cell::Date(text) => write_date(sheet, row, column, date_of(text), &self.date)?,
                Cell::DateTime(text) => write_date(sheet, row, column, date_time_of(text), &self.date_time)?,
                Cell::Time(text) => write_date(sheet, row, column, time_of(text), &self.time)?,
                Cell::Text(_) | Cell::Json(_) | Cell::Error(_) => false,
            };
            if !written {
                let text = cell.as_text();
                let (text, cut) = fitting(&text);
                if cut {
                    self.report.cut_texts += 1;
                    if self.report.cut_at.len() < 100 {
                        self.report.cut_at.push((self.report.rows, u64::from(column) + 1));
                    }
                }
                sheet.write_string(row, column, escape(text)).map_err(error)?;
            }
        }
        Ok(())
    }

    /// Packs the workbook into the writer and says what became of the rows.
    pub fn finish<W: Write + Seek + Send>(mut self, writer: W) -> Result<XlsxReport, ExchangeError> {
        self.workbook.save_to_writer(writer).map_err(error)?;
        Ok(self.report)
    }
}

fn write_date(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    date: Option<ExcelDateTime>,
    format: &Format,
) -> Result<bool, ExchangeError> {
    match date {
        Some(date) => sheet
            .write_datetime_with_format(row, column, date, format)
            .map(|_| true)
            .map_err(error),
        None => Ok(false),
    }
}

/// The number, if a spreadsheet keeps all of its digits.
fn exact_number(text: &str) -> Option<f64> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0');
    let significant = if mantissa.contains('.') {
        significant
    } else {
        significant.trim_end_matches('0')
    };
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !plain || significant.len() > EXACT_DIGITS {
        return None;
    }
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && (*number != 0.0 || significant.is_empty()))
}

/// Year, month and day of `2026-11-22`, from March 1900 on.
fn ymd(text: &str) -> Option<(u16, u8, u8)> {
    let mut parts = text.splitn(3, '-');
    let year: u16 = parts.next().filter(|part| part.len() == 4)?.parse().ok()?;
    let month: u8 = parts.next().filter(|part| part.len() == 2)?.parse().ok()?;
    let day: u8 = parts.next().filter(|part| part.len() == 2)?.parse().ok()?;
    ((year, month) >= (1900, 3)).then_some((year, month, day))
}

fn date_of(text: &str) -> Option<ExcelDateTime> {
    let (year, month, day) = ymd(text)?;
    ExcelDateTime::from_ymd(year, month, day).ok()
}

/// Hours, minutes, and seconds with milliseconds.
fn hms(text: &str) -> Option<(u16, u8, f64)> {
    let mut parts = text.splitn(3, ':');
    let hour = parts
        .next()
        .filter(|part| (1..=4).contains(&part.len()))?
        .parse()
        .ok()?;
    let minute = parts.next().filter(|part| part.len() == 2)?.parse().ok()?;
    let second = parts.next().unwrap_or("0");
    let plain = second.len() <= 6 && second.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    Some((hour, minute, second.parse().ok().filter(|_| plain)?))
}

fn date_time_of(text: &str) -> Option<ExcelDateTime> {
    let (date, time) = text.split_once('T')?;
    let (hour, minute, second) = hms(time)?;
    date_of(date)?.and_hms(hour, minute, second).ok()
}

fn time_of(text: &str) -> Option<ExcelDateTime> {
    let (hour, minute, second) = hms(text)?;
    ExcelDateTime::from_hms(hour, minute, second).ok()
}

/// The text as far as a cell holds it, and whether it was cut.
fn fitting(text: &str) -> (&str, bool) {
    if text.len() <= MAX_SHEET_TEXT {
        return (text, false);
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > MAX_SHEET_TEXT {
            return (text.get(..at).unwrap_or_default(), true);
        }
    }
    (text, false)
}

/// A text that looks like an escaped character (`_x000D_`) would be read as that character: its first underscore is
/// escaped itself (ECMA-376 part 1, 22.9.2.19). Characters that XML cannot hold are escaped by the library.
fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let code = from.as_bytes().get(2..7);
        let looks = code.is_some_and(|c| c.ends_with(b"_") && c.iter().take(4).all(u8::is_ascii_hexdigit));
        out.push_str(if looks { "_x005F_x" } else { "_x" });
        rest = from.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn sheet_name(wanted: &str) -> String {
    let clean: String = wanted
        .chars()
        .map(|c| {
            if "[]:*?/\\'".contains(c) || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .take(24)
        .collect();
    let clean = clean.trim();
    if clean.is_empty() {
        "Sheet1".to_owned()
    } else {
        clean.to_owned()
    }
}

fn error(e: XlsxError) -> ExchangeError {
    match e {
        XlsxError::IoError(e) => ExchangeError::Io(e),
        other => ExchangeError::Io(std::io::Error::other(other.to_string())),
    }
}
