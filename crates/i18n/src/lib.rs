//! The product's language: Fluent catalogs in Persian and English, checked at build time.
//!
//! The texts stand in `locales/fa` and `locales/en`, in files of the same names. The build makes a constant of every
//! key, so that a misspelt key does not compile, and fails when the two languages do not fit each other.
//!
//! ```
//! use peyvand_i18n::{Args, Lang, keys, text};
//! assert_eq!(text(Lang::Fa, keys::COMMON_SAVE, &Args::new()), "ذخیره");
//! let args = Args::new().number("count", 1250);
//! assert_eq!(text(Lang::Fa, keys::LIST_SELECTED, &args), "۱٬۲۵۰ مورد انتخاب شده است");
//! assert_eq!(text(Lang::En, keys::LIST_SELECTED, &args), "1,250 items selected");
//! ```
//!
//! A key that is not in the catalogs does not compile:
//!
//! ```compile_fail
//! let key = peyvand_i18n::keys::COMMON_SVAE;
//! ```
//!
//! **Numbers** are shown in the digits and with the separators of the language, with or without Fluent's `NUMBER`.
//! **Texts** from outside (names, addresses, values) are put between U+2068 and U+2069 only when their direction could
//! disturb the sentence around them: Latin words or bare digits in Persian, Arabic script in English.

mod args;
mod catalog;
#[cfg(test)]
mod check;
mod isolation;

pub use args::Args;
pub use catalog::{Key, text, text_in, text_of_code};
pub use peyvand_numbers::Language as Lang;

/// One constant for each text, named after its key: `error-not-found` is `ERROR_NOT_FOUND`.
pub mod keys {
    use crate::Key;
    include!(concat!(env!("OUT_DIR"), "/keys.rs"));
}
