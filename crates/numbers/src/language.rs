//! The two languages of the product.

use serde::{Deserialize, Serialize};

use crate::digits::Digits;

/// A language in which people read and type: Persian and English are equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Persian (`fa`).
    #[default]
    Fa,
    /// English (`en`).
    En,
}

impl Language {
    /// The BCP 47 language tag: `fa` or `en`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fa => "fa",
            Self::En => "en",
        }
    }

    /// The digits that this language is usually written with.
    #[must_use]
    pub const fn digits(self) -> Digits {
        match self {
            Self::Fa => Digits::Persian,
            Self::En => Digits::Latin,
        }
    }
}
