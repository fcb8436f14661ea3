//! One JSON object a line.

mod reader;
mod writer;

pub use reader::{NdjsonOptions, NdjsonReader};
pub use writer::NdjsonWriter;
