//! What becomes of a text, for administrators who wonder why a search missed.

use serde::Serialize;

use crate::companies::{self, CompanyName};
use crate::direction::{Direction, Language, direction, language};
use crate::names::{self, PersonName};
use crate::tokens::{Tokens, query_words, tokens};
use crate::{clean, fold, translit};

/// All that this crate finds in a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explain {
    /// The stored form.
    pub clean: String,
    /// The compared form.
    pub fold: String,
    /// The tokens that are indexed.
    pub tokens: Tokens,
    /// The words that it asks for as a query.
    pub query_words: Vec<String>,
    /// The direction of the first strong letter.
    pub direction: Direction,
    /// The guessed language.
    pub language: Option<Language>,
    /// The text divided as the name of a person.
    pub person: PersonName,
    /// The key under which that person is matched.
    pub person_key: String,
    /// The text divided as the name of a company.
    pub company: CompanyName,
    /// The key under which that company is matched.
    pub company_key: String,
    /// The proposed Latin spelling.
    pub latin: String,
}

/// Explains a text.
///
/// ```
/// let e = peyvand_text::explain("دکتر علي كريمي");
/// assert_eq!(e.clean, "دکتر علی کریمی");
/// assert_eq!((e.person.given.as_str(), e.person.family.as_str()), ("علی", "کریمی"));
/// assert_eq!(e.tokens.words, ["دکتر", "علی", "کریمی"]);
/// ```
#[must_use]
pub fn explain(text: &str) -> Explain {
    Explain {
        clean: clean(text).into_owned(),
        fold: fold(text),
        tokens: tokens(text),
        query_words: query_words(text),
        direction: direction(text),
        language: language(text),
        person: names::parse(text),
        person_key: names::match_key(text),
        company: companies::parse(text),
        company_key: companies::match_key(text),
        latin: translit::to_latin(text),
    }
}
