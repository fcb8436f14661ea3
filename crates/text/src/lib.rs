//! Persian and English text: cleaning, folding, tokens, sort keys, transliteration, names.

mod affixes;
mod chars;
mod clean;
pub mod companies;
mod direction;
mod explain;
mod fold;
pub mod names;
mod similarity;
mod sort;
mod tokens;
pub mod translit;

pub use clean::{clean, clean_line};
pub use direction::{Direction, Language, direction, language};
pub use explain::{Explain, explain};
pub use fold::{fold, fold_into};
pub use similarity::similarity;
pub use sort::{sort_key, sort_key_into};
pub use tokens::{Tokens, index_text, query_words, tokens};

/// Raised whenever the output of [`fold`], [`index_text`], [`query_words`] or [`sort_key`] changes for any text,
/// so that stored folds and keys can be renewed.
pub const TEXT_VERSION: u32 = 1;
