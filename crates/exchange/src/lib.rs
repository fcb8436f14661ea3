//! Readers and writers of CSV, XLSX, NDJSON and vCard files, hostile ones included.
//!
//! This crate knows files, not records: it takes bytes and gives [`Row`]s of [`Cell`]s, and the other way round.
//! What the columns mean is decided above it, with the help of [`headers`], [`presets`] and [`profile`].
//!
//! Everything streams: the memory of a reader depends on the [`Limits`], never on the size of the file. Every fault
//! of a file is an [`ExchangeError`] that says where it is.

pub mod csv;
mod decode;
mod encoding;
mod error;
mod formula;
pub mod headers;
mod limits;
pub mod ndjson;
pub mod presets;
pub mod profile;
mod row;
mod sniff;
pub mod vcard;
pub mod xlsx;

pub use crate::csv::{CsvOptions, CsvReader, CsvWriteOptions, CsvWriter, LongRows};
pub use encoding::{Encoding, EncodingGuess, detect};
pub use error::ExchangeError;
pub use formula::{guard_formula, starts_formula, unguard_formula};
pub use limits::{ArchiveLimits, Limits};
pub use ndjson::{NdjsonOptions, NdjsonReader, NdjsonWriter};
pub use row::{Cell, DuplicateHeaders, Position, Row, RowReader, Shape, column_letters};
pub use sniff::{Format, SNIFF_BYTES, Sniff, sniff};
pub use vcard::{Card, VcardOptions, VcardReader, VcardVersion, VcardWriter};
pub use xlsx::{
    HeaderRow, SheetInfo, XlsxOptions, XlsxReader, XlsxReport, XlsxRows, XlsxWriteOptions, XlsxWriter,
};
