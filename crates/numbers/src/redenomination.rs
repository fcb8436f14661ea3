//! The change from the current rial to the new rial: a fixed ratio and a date, both data.

use crate::currency::Currency;
use crate::decimal::{Decimal, Rounding};
use crate::money::{Money, MoneyError};

/// A change of currency at a fixed ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redenomination {
    /// The old currency.
    pub from: Currency,
    /// The new currency.
    pub to: Currency,
    /// How many main units of the old make one of the new.
    pub ratio: u32,
    /// The first day of the new currency, in days since 1970-01-01; `None` until the central bank names it.
    pub effective_day: Option<i32>,
}

/// The redenomination of the rial passed by the Majles on 2025-10-05: 10,000 current rials are one new rial of 100
/// qeran. No day has been named for it; a workspace sets [`Redenomination::effective_day`] when there is one.
pub const RIAL: Redenomination = Redenomination {
    from: Currency::IRR,
    to: Currency::IRN,
    ratio: 10_000,
    effective_day: None,
};

impl Redenomination {
    /// The currency of new documents on a day (days since 1970-01-01): old before the effective day, new from it.
    #[must_use]
    pub fn currency_on(&self, day: i32) -> Currency {
        if self.effective_day.is_some_and(|start| day >= start) {
            self.to
        } else {
            self.from
        }
    }

    /// The same amount in the new currency (or the old one, if it is in the new). Old to new rounds to the smallest
    /// unit, new to old is exact unless the ratio is odd.
    ///
    /// ```
    /// use peyvand_numbers::{money::{Currency, Money, Rounding}, redenomination::RIAL};
    /// let old = Money::new(12_345_600, Currency::IRR);
    /// let new = RIAL.convert(old, Rounding::HalfEven).unwrap();
    /// assert_eq!(new, Money::new(123_456, Currency::IRN)); // 1,234.56 new rials
    /// assert_eq!(RIAL.convert(new, Rounding::HalfEven).unwrap(), old);
    /// ```
    pub fn convert(&self, money: Money, rounding: Rounding) -> Result<Money, MoneyError> {
        let ratio = Decimal::from(self.ratio);
        let amount = money.to_decimal();
        let (value, to) = if money.currency == self.from {
            (amount.div_rounded(ratio, self.to.decimals(), rounding), self.to)
        } else if money.currency == self.to {
            (
                amount.mul_rounded(ratio, self.from.decimals(), rounding),
                self.from,
            )
        } else {
            return Err(MoneyError::CurrencyMismatch {
                left: money.currency,
                right: self.from,
            });
        };
        Money::from_decimal(value.ok_or(MoneyError::Overflow)?, to)
    }
}
