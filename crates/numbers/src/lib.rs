//! Digits, decimals, amounts and numbers in words, in Persian and English.
//!
//! Everything is exact: [`Decimal`] for numbers, [`money::Money`] for amounts; binary fractions occur nowhere. What
//! people type is read in any digits and with the separators of either language; what could mean two things is
//! refused with both readings rather than guessed.
//!
//! ```
//! use peyvand_numbers::{Language, NumberContext, Style, format_number, parse_number, words};
//! let n = parse_number("۱۲٬۵۰۰٬۰۰۰", &NumberContext::new(Language::Fa)).unwrap();
//! assert_eq!(format_number(&n, &Style::new(Language::En)), "12,500,000");
//! assert_eq!(words::fa(12_500_000), "دوازده میلیون و پانصد هزار");
//! ```

pub mod amount;
pub mod currency;
pub mod decimal;
pub mod digits;
mod find;
mod format;
mod in_words;
mod language;
pub mod money;
mod parse;
pub mod quantity;
pub mod redenomination;
pub mod words;

pub use currency::{Currency, RialUnit};
pub use decimal::{Decimal, DecimalError, Rounding};
pub use digits::Digits;
pub use find::find;
pub use format::{Form, Fraction, Style, format_number};
pub use language::Language;
pub use money::Money;
pub use parse::{Convention, NumberContext, NumberError, parse_number};
