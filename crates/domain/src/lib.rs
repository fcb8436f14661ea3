//! The rules of the product, one module per capability. Pure: what was read comes in, a batch goes out.

pub mod activities;
pub mod consent;
pub mod deals;
pub mod duplicates;
pub mod lines;
pub mod merge;
pub mod numbering;
pub mod points;
pub mod rates;
pub mod records;
pub mod reminders;
pub mod repeats;
pub mod teams;
pub mod timeline;

pub use records::Writer;
