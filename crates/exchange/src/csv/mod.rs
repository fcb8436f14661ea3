//! CSV and its relatives: any delimiter, any of the encodings.

mod reader;
mod writer;

pub use reader::{CsvOptions, CsvReader, LongRows};
pub use writer::{CsvWriteOptions, CsvWriter};
