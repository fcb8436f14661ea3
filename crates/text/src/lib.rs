//! Persian and English text: cleaning, folding, tokens, sort keys, transliteration, names.
//!
//! Pure functions, linear in time, that take any text without panic.
//!
//! | Purpose | Function | Stored |
//! |---|---|---|
//! | save what a person typed | [`clean`], [`clean_line`] | as the text |
//! | compare, match, look up | [`fold`] | beside the text, with [`TEXT_VERSION`] |
//! | full-text search | [`index_text`] and [`query_words`] | in the index, with [`TEXT_VERSION`] |
//! | sort | [`sort_key`] | beside the text, with [`TEXT_VERSION`] |
//! | rich text: keep what is safe | [`rich`] | as the text |
//! | set the text on a page | [`direction`], [`language`] | no |
//! | persons | [`names`], [`translit`] | keys, with [`TEXT_VERSION`] |
//! | companies | [`companies`] | keys, with [`TEXT_VERSION`] |
//! | find likely doubles | [`similarity`], [`translit::similarity`] | no |
//! | tell why a search missed | [`explain()`] | no |
//!
//! Cleaning keeps the meaning and is what a reader sees; folding is lossy and is never shown. Both are idempotent,
//! and folding gives the same for a text and its clean form.
//!
//! ```
//! use peyvand_text::{clean, fold, sort_key};
//!
//! // An Arabic keyboard, a double half-space, a tatweel:
//! assert_eq!(clean("مشتري‌‌محـوري"), "مشتری‌محوری");
//! assert_eq!(clean("Zoe\u{308}\u{A0}Müller"), "Zoë Müller");
//!
//! assert_eq!(fold("مُشتری‌محوری ۱۴۰۵"), "مشتریمحوری 1405");
//! assert_eq!(fold("Zoë MÜLLER-Strauß"), "zoe muller strauss");
//!
//! let mut names = vec!["یاسر", "Anna", "پری", "آرش", "گیتا", "هما", "Zoë"];
//! names.sort_by_cached_key(|name| sort_key(name));
//! assert_eq!(names, ["آرش", "پری", "گیتا", "هما", "یاسر", "Anna", "Zoë"]);
//! ```
//!
//! The spellings of a Persian compound find each other:
//!
//! ```
//! use peyvand_text::{index_text, query_words};
//!
//! let spellings = ["مشتری‌محوری", "مشتری محوری", "مشتریمحوری", "مشتري‌محوري"];
//! for typed in spellings {
//!     for stored in spellings {
//!         let index = index_text(stored);
//!         let found = |word: &String| index.split(' ').any(|token| token.starts_with(word.as_str()));
//!         assert!(query_words(typed).iter().all(found), "{typed} finds {stored}");
//!     }
//! }
//! ```
//!
//! Names meet across the scripts:
//!
//! ```
//! use peyvand_text::{names, translit};
//!
//! assert_eq!(names::match_key("دکتر محمدرضا رضایی"), names::match_key("Mohamad Reza Rezaei"));
//! assert!(translit::similarity("محمدرضا", "Mohammad Reza") > translit::PROBABLY_SAME);
//! assert_eq!(translit::to_latin("محمدرضا"), "Mohammadreza");
//! ```

mod affixes;
mod bag;
mod chars;
mod clean;
pub mod companies;
pub mod countries;
mod direction;
mod explain;
mod fold;
pub mod marked;
pub mod names;
pub mod rich;
mod similarity;
mod sort;
mod tokens;
pub mod translit;

pub use bag::WordBag;
pub use clean::{clean, clean_line};
pub use direction::{Direction, Language, direction, language};
pub use explain::{Explain, explain};
pub use fold::{fold, fold_into};
pub use similarity::similarity;
pub use sort::{sort_key, sort_key_into};
pub use tokens::{Tokens, index_into, index_text, query_words, tokens};

/// Raised whenever the output of [`fold`], [`index_text`], [`query_words`], [`sort_key`] or one of the match keys
/// changes for any text, so that what is stored can be renewed.
pub const TEXT_VERSION: u32 = 1;
