//! Numbers of orders and products, where people do not give them themselves: a prefix and a count with leading zeros.

use serde::{Deserialize, Serialize};

/// Longest prefix, in characters.
pub const LONGEST_PREFIX: usize = 20;
/// Most digits to which a count is filled up with zeros.
pub const MOST_DIGITS: u8 = 12;
/// Greatest number that can be the next one.
pub const GREATEST: i64 = 999_999_999_999;

/// How the records of an object are numbered. Each number is given once; a record that is not made after all leaves a gap.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Numbering {
    /// What stands before the count: `1405-`. Letters, digits and the signs `-`, `/`, `.`, `_`.
    pub prefix: String,
    /// The count has at least so many digits.
    pub width: u8,
}

/// What is wrong with a numbering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberingError {
    /// The prefix is too long or has other signs.
    #[error("the prefix cannot stand in a number")]
    Prefix,
    /// So many digits are not possible.
    #[error("a number has one to {MOST_DIGITS} digits")]
    Width,
    /// No count begins there.
    #[error("the next number is between 1 and {GREATEST}")]
    Next,
}

impl Numbering {
    /// A prefix and a width that can be used; spaces around the prefix do not count.
    ///
    /// # Errors
    /// Which of the two cannot.
    pub fn new(prefix: &str, width: u8) -> Result<Self, NumberingError> {
        let prefix = prefix.trim();
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '_');
        if prefix.chars().count() > LONGEST_PREFIX || !prefix.chars().all(plain) {
            return Err(NumberingError::Prefix);
        }
        if !(1..=MOST_DIGITS).contains(&width) {
            return Err(NumberingError::Width);
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            width,
        })
    }

    /// The text of a number.
    #[must_use]
    pub fn text(&self, n: i64) -> String {
        format!("{}{n:0width$}", self.prefix, width = usize::from(self.width))
    }
}
