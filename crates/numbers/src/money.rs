//! Money: exact whole numbers of the smallest unit of a currency, never binary fractions.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use crate::currency::{Currency, RialUnit, UnknownCurrency};
pub use crate::decimal::{Decimal, Rounding};
pub use crate::in_words::in_words;

/// Why an operation on money has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit.
    #[error("the amount is too large")]
    Overflow,
    /// The amounts are in two currencies.
    #[error("{left} and {right} cannot be reckoned together")]
    CurrencyMismatch {
        /// Of the first amount.
        left: Currency,
        /// Of the second amount.
        right: Currency,
    },
    /// The amount has more decimal places than the currency.
    #[error("{currency} has {} decimal places", currency.decimals())]
    TooPrecise {
        /// The currency.
        currency: Currency,
    },
    /// The shares of an allocation are empty or all zero.
    #[error("there is nothing to share among")]
    NoShares,
}

impl MoneyError {
    /// The stable key of the message.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Overflow => "money-overflow",
            Self::CurrencyMismatch { .. } => "money-currency-mismatch",
            Self::TooPrecise { .. } => "money-too-precise",
            Self::NoShares => "money-no-shares",
        }
    }
}

/// An amount of money.
///
/// ```
/// use peyvand_numbers::money::{Currency, Money, Rounding, line_total};
/// let total = line_total("12.345".parse().unwrap(), 3.into(), Currency::USD, Rounding::HalfUp).unwrap();
/// assert_eq!(total, Money::new(3704, Currency::USD)); // 37.035 → 37.04
/// assert_eq!(total.to_decimal().to_string(), "37.04");
/// assert_eq!(serde_json::to_string(&total).unwrap(), r#"{"amount":"3704","currency":"USD"}"#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount in the smallest unit of the currency: cents, or rials.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// So many of the smallest unit.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// No money.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// An amount in the main unit (dollars), which must not have more decimal places than the currency.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let places = u32::from(currency.decimals());
        if u32::from(amount.scale()) > places {
            return Err(MoneyError::TooPrecise { currency });
        }
        let minor = amount
            .scaled(places)
            .and_then(|m| i64::try_from(m).ok())
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, currency))
    }

    /// An amount in the main unit, rounded to the places of the currency.
    pub fn from_decimal_rounded(
        amount: Decimal,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        Self::from_decimal(amount.rescale(currency.decimals(), rounding), currency)
    }

    /// The amount in the main unit.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(i128::from(self.minor), u32::from(self.currency.decimals())).unwrap_or_default()
    }

    /// The sum of two amounts in the same currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor
            .checked_add(other.minor)
            .map(|m| Self::new(m, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The difference of two amounts in the same currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.minor
            .checked_sub(other.minor)
            .map(|m| Self::new(m, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The amount with the other sign.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        self.minor
            .checked_neg()
            .map(|m| Self::new(m, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// The amount times a factor (a quantity, a rate of discount or tax), rounded to the smallest unit.
    pub fn checked_mul(self, factor: Decimal, rounding: Rounding) -> Result<Self, MoneyError> {
        line_total(self.to_decimal(), factor, self.currency, rounding)
    }

    /// The amount in another currency at a rate (main unit of `to` per main unit of this currency).
    pub fn convert(self, rate: Decimal, to: Currency, rounding: Rounding) -> Result<Self, MoneyError> {
        line_total(self.to_decimal(), rate, to, rounding)
    }

    /// Splits the amount by shares so that the parts add up to it exactly. Each part is cut towards zero, and the
    /// units that are left go one each to the first parts whose share is not zero: instalments, cost centres.
    ///
    /// ```
    /// use peyvand_numbers::money::{Currency, Money};
    /// let parts = Money::new(1000, Currency::IRR).allocate(&[1, 1, 1]).unwrap();
    /// assert_eq!(parts.iter().map(|p| p.minor).collect::<Vec<_>>(), [334, 333, 333]);
    /// ```
    pub fn allocate(self, shares: &[u32]) -> Result<Vec<Self>, MoneyError> {
        let whole: i128 = shares.iter().map(|&s| i128::from(s)).sum();
        if whole == 0 {
            return Err(MoneyError::NoShares);
        }
        let part = |s: u32| (i128::from(self.minor) * i128::from(s) / whole) as i64;
        let mut parts: Vec<Self> = shares
            .iter()
            .map(|&s| Self::new(part(s), self.currency))
            .collect();
        let given: i128 = parts.iter().map(|p| i128::from(p.minor)).sum();
        let mut left = i128::from(self.minor) - given;
        for (part, _) in parts.iter_mut().zip(shares).filter(|(_, s)| **s > 0) {
            if left == 0 {
                break;
            }
            part.minor += left.signum() as i64;
            left -= left.signum();
        }
        Ok(parts)
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch {
            left: self.currency,
            right: other.currency,
        })
    }
}

/// Unit price times quantity, reckoned in 128 bits and rounded once, to the smallest unit of the currency.
pub fn line_total(
    unit_price: Decimal,
    quantity: Decimal,
    currency: Currency,
    rounding: Rounding,
) -> Result<Money, MoneyError> {
    let total = unit_price
        .mul_rounded(quantity, currency.decimals(), rounding)
        .ok_or(MoneyError::Overflow)?;
    Money::from_decimal(total, currency)
}

#[derive(Serialize, Deserialize)]
struct Wire {
    amount: String,
    currency: Currency,
}

/// `{"amount":"1250000","currency":"IRR"}`, the amount in the smallest unit, as a string.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Wire {
            amount: self.minor.to_string(),
            currency: self.currency,
        }
        .serialize(s)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(d)?;
        let minor = wire.amount.parse().map_err(serde::de::Error::custom)?;
        Ok(Self::new(minor, wire.currency))
    }
}
