//! Excel workbooks.

mod prescan;
mod reader;
mod writer;

pub use prescan::{ScanReport, scan};
pub use reader::{HeaderRow, SheetInfo, XlsxOptions, XlsxReader, XlsxRows};
pub use writer::{
    MAX_SHEET_COLUMNS, MAX_SHEET_ROWS, MAX_SHEET_TEXT, XlsxReport, XlsxWriteOptions, XlsxWriter,
};
