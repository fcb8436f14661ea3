//! Digits, decimals, amounts and numbers in words, in Persian and English.

pub mod decimal;
pub mod digits;
mod format;
mod language;
mod parse;

pub use decimal::{Decimal, DecimalError, Rounding};
pub use digits::Digits;
pub use format::{Form, Fraction, Style, format_number};
pub use language::Language;
pub use parse::{Convention, NumberContext, NumberError, parse_number};
