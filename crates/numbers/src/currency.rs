//! Currencies and their decimal places.
//!
//! Codes and decimal places are those of ISO 4217 (list one, 2025) with two deliberate differences:
//!
//! * `IRR`, the current rial, has no decimal places here. ISO gives it two (dinars), which nobody has used for decades.
//! * `IRN` is the **new rial** of the redenomination that the Majles passed on 2025-10-05 (1 new rial = 10,000
//!   current rials = 100 qeran). It is a code of this product until ISO assigns one; it must not leave it in files
//!   for banks or the tax organisation.
//!
//! The toman is not a currency: it is a way to type and to show ten rials, see [`RialUnit`].
//! The table with the names is data: `data/currencies.csv`.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::language::Language;

/// A currency of the table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// How amounts in the current rial are typed and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RialUnit {
    /// In rials, as the law has it.
    #[default]
    Rial,
    /// In tomans of ten rials, as people speak.
    Toman,
}

/// The code names no currency of the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?} is not a currency code")]
pub struct UnknownCurrency {
    /// What was given, cut to 16 characters.
    pub code: String,
}

impl UnknownCurrency {
    /// The stable key of the message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "currency-unknown"
    }
}

/// The names and places of one currency.
#[derive(Debug, Clone, Default)]
pub(crate) struct Info {
    code: [u8; 3],
    decimals: u8,
    pub(crate) symbol: &'static str,
    pub(crate) fa: &'static str,
    pub(crate) fa_minor: &'static str,
    pub(crate) en: &'static str,
    pub(crate) en_plural: &'static str,
    pub(crate) en_minor: &'static str,
    pub(crate) en_minor_plural: &'static str,
    /// What people type for it, in lower case.
    pub(crate) typed: Vec<&'static str>,
}

static TABLE: LazyLock<Vec<Info>> = LazyLock::new(|| {
    let mut table: Vec<Info> = include_str!("../data/currencies.csv")
        .lines()
        .skip(1)
        .filter_map(read)
        .collect();
    table.sort_by_key(|i| i.code);
    table
});

fn read(line: &'static str) -> Option<Info> {
    let mut f = line.split('|');
    let code: [u8; 3] = f.next()?.as_bytes().try_into().ok()?;
    let decimals = f.next()?.parse().ok()?;
    let mut next = || f.next().unwrap_or("");
    let (symbol, fa, fa_minor) = (next(), next(), next());
    let (en, en_plural, en_minor, en_minor_plural) = (next(), next(), next(), next());
    let typed = f.filter(|s| !s.is_empty()).collect();
    Some(Info {
        code,
        decimals,
        symbol,
        fa,
        fa_minor,
        en,
        en_plural,
        en_minor,
        en_minor_plural,
        typed,
    })
}

impl Currency {
    /// The current rial of Iran, without decimal places.
    pub const IRR: Self = Self(*b"IRR");
    /// The new rial of Iran, with 100 qeran; a code of this product.
    pub const IRN: Self = Self(*b"IRN");
    /// The dollar of the United States.
    pub const USD: Self = Self(*b"USD");
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// Reads a code of three letters, in either case.
    pub fn new(code: &str) -> Result<Self, UnknownCurrency> {
        let unknown = || UnknownCurrency {
            code: code.chars().take(16).collect(),
        };
        let bytes: [u8; 3] = code.as_bytes().try_into().map_err(|_| unknown())?;
        let c = Self(bytes.map(|b| b.to_ascii_uppercase()));
        c.info().map(|_| c).ok_or_else(unknown)
    }

    /// The code: `IRR`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    /// The number of decimal places of an amount: 2 for dollars and cents, 0 for the current rial.
    #[must_use]
    pub fn decimals(self) -> u8 {
        self.info().map_or(2, |i| i.decimals)
    }

    /// The symbol, if it has one of its own (`$`, `€`).
    #[must_use]
    pub fn symbol(self) -> Option<&'static str> {
        self.info().map(|i| i.symbol).filter(|s| !s.is_empty())
    }

    /// The name in a language, in the singular: «دلار», "dollar".
    #[must_use]
    pub fn name(self, language: Language) -> &'static str {
        self.info().map_or("", |i| match language {
            Language::Fa => i.fa,
            Language::En => i.en,
        })
    }

    /// All currencies, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|i| Self(i.code))
    }

    pub(crate) fn info(self) -> Option<&'static Info> {
        TABLE
            .binary_search_by_key(&self.0, |i| i.code)
            .ok()
            .and_then(|i| TABLE.get(i))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        Self::new(code)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::new(&code).map_err(serde::de::Error::custom)
    }
}
