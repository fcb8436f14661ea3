//! The lines of orders and deals: what a line comes to, and what the amounts of an order or a deal become with its lines.
//!
//! A line comes to quantity × unit price − discount + tax, rounded once, to the smallest unit of its currency, a half away
//! from zero, as invoices are. What goes back has a negative quantity, and its discount and tax are negative with it.

use peyvand_catalog::handles::{deal, deal_line, order, order_line};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_numbers::money::{MoneyError, line_total};
use peyvand_numbers::{Currency, Decimal, Rounding};
use peyvand_record::codec::{FieldError, FieldErrorCode};
use peyvand_record::{MoneyValue, Record, Value};

/// The fields of a kind of lines, and those of what they belong to that follow from them.
#[derive(Debug, Clone, Copy)]
pub struct Lines {
    /// Key of the object of the lines.
    pub object: &'static str,
    /// Key of the object that they belong to.
    pub parent: &'static str,
    /// The link to it.
    pub link: FieldIx,
    /// What is sold.
    pub product: FieldIx,
    /// How many.
    pub quantity: FieldIx,
    /// For how much each.
    pub unit_price: FieldIx,
    /// In which currency.
    pub currency: FieldIx,
    /// What is taken off.
    pub discount: FieldIx,
    /// What is put on, where such lines have taxes.
    pub tax: Option<FieldIx>,
    /// What the line comes to.
    pub total: FieldIx,
    sums: &'static [(FieldIx, Part)],
}

/// An amount that follows from lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Before discounts and taxes.
    Subtotal,
    /// The discounts.
    Discount,
    /// The taxes.
    Tax,
    /// What is to be paid.
    Total,
}

/// The lines of orders.
pub const OF_ORDERS: Lines = Lines {
    object: order_line::OBJECT,
    parent: order::OBJECT,
    link: order_line::ORDER_ID,
    product: order_line::PRODUCT_ID,
    quantity: order_line::QUANTITY,
    unit_price: order_line::UNIT_PRICE,
    currency: order_line::CURRENCY,
    discount: order_line::DISCOUNT,
    tax: Some(order_line::TAX),
    total: order_line::TOTAL,
    sums: &[
        (order::SUBTOTAL, Part::Subtotal),
        (order::DISCOUNT, Part::Discount),
        (order::TAX, Part::Tax),
        (order::TOTAL, Part::Total),
    ],
};

/// The lines of deals.
pub const OF_DEALS: Lines = Lines {
    object: deal_line::OBJECT,
    parent: deal::OBJECT,
    link: deal_line::DEAL_ID,
    product: deal_line::PRODUCT_ID,
    quantity: deal_line::QUANTITY,
    unit_price: deal_line::UNIT_PRICE,
    currency: deal_line::CURRENCY,
    discount: deal_line::DISCOUNT,
    tax: None,
    total: deal_line::TOTAL,
    sums: &[(deal::AMOUNT, Part::Total)],
};

/// The lines that are records of this object.
#[must_use]
pub fn lines_of(object: &str) -> Option<&'static Lines> {
    [&OF_ORDERS, &OF_DEALS].into_iter().find(|l| l.object == object)
}

/// The lines that belong to records of this object.
#[must_use]
pub fn lines_under(parent: &str) -> Option<&'static Lines> {
    [&OF_ORDERS, &OF_DEALS].into_iter().find(|l| l.parent == parent)
}

/// What a line comes to, in the smallest unit of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Line {
    /// Quantity × unit price.
    pub gross: i64,
    /// What is taken off.
    pub discount: i64,
    /// What is put on.
    pub tax: i64,
    /// What is left to pay.
    pub total: i64,
}

impl Line {
    /// What a line comes to.
    ///
    /// # Errors
    /// Amounts that do not fit.
    pub fn of(
        quantity: Decimal,
        unit_price: Decimal,
        currency: Currency,
        discount: i64,
        tax: i64,
    ) -> Result<Self, MoneyError> {
        let gross = line_total(unit_price, quantity, currency, Rounding::HalfUp)?.minor;
        let total = gross.checked_sub(discount).and_then(|t| t.checked_add(tax));
        Ok(Self {
            gross,
            discount,
            tax,
            total: total.ok_or(MoneyError::Overflow)?,
        })
    }

    /// A line of which only the total is known.
    #[must_use]
    pub const fn stated(total: i64, discount: i64, tax: i64) -> Self {
        Self {
            gross: total.saturating_add(discount).saturating_sub(tax),
            discount,
            tax,
            total,
        }
    }

    /// Does the discount take off more than there is, or put something on?
    #[must_use]
    pub const fn overdiscounted(&self) -> bool {
        self.discount != 0
            && (self.discount.signum() != self.gross.signum()
                || self.discount.unsigned_abs() > self.gross.unsigned_abs())
    }

    /// Both together; what does not fit stays at the greatest amount there is.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            gross: self.gross.saturating_add(other.gross),
            discount: self.discount.saturating_add(other.discount),
            tax: self.tax.saturating_add(other.tax),
            total: self.total.saturating_add(other.total),
        }
    }

    /// The amount of a part.
    #[must_use]
    pub const fn part(&self, part: Part) -> i64 {
        match part {
            Part::Subtotal => self.gross,
            Part::Discount => self.discount,
            Part::Tax => self.tax,
            Part::Total => self.total,
        }
    }
}

/// All lines together.
#[must_use]
pub fn sum<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Line {
    lines.into_iter().fold(Line::default(), |a, b| a.and(*b))
}

/// What of a stated discount or tax is the order's own, beyond what its lines state.
#[must_use]
pub const fn own(stated: i64, of_lines: i64) -> i64 {
    let beyond = stated.saturating_sub(of_lines);
    if beyond.signum() == stated.signum() {
        beyond
    } else {
        0
    }
}

/// A record as it will be: its values, and those of a change of it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// As it is; `None` for a new one.
    pub before: Option<&'a Record>,
    /// What changes.
    pub values: &'a [(FieldIx, Value)],
}

impl<'a> Seen<'a> {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, ix: FieldIx) -> &'a Value {
        match self.values.iter().find(|(i, _)| *i == ix) {
            Some((_, v)) => v,
            None => self.before.map_or(&Value::Null, |b| b.get(ix)),
        }
    }

    fn decimal(&self, object: &ObjectDef, ix: FieldIx) -> Option<Decimal> {
        match self.get(ix) {
            Value::Decimal(d) => Decimal::new(i128::from(*d), u32::from(object.at(ix)?.decimals())).ok(),
            _ => None,
        }
    }

    fn minor(&self, ix: FieldIx) -> i64 {
        self.get(ix).as_money().map_or(0, |m| m.minor)
    }
}

impl Lines {
    /// May a change of these fields change what a line comes to?
    #[must_use]
    pub fn counts(&self, values: &[(FieldIx, Value)]) -> bool {
        let counted = [
            self.link,
            self.product,
            self.quantity,
            self.unit_price,
            self.currency,
            self.discount,
            self.total,
        ];
        values
            .iter()
            .any(|(ix, _)| counted.contains(ix) || self.tax == Some(*ix))
    }

    /// The fields of the parent that follow from its lines.
    pub fn summed(&self) -> impl Iterator<Item = FieldIx> + use<> {
        self.sums.iter().map(|(ix, _)| *ix)
    }

    /// The fields of the parent that follow from its lines, each with what it is.
    #[must_use]
    pub const fn sums(&self) -> &'static [(FieldIx, Part)] {
        self.sums
    }

    /// What a line in this currency comes to; `None` while quantity or price are not known.
    ///
    /// # Errors
    /// Discount or tax in another currency, a discount that is larger than what it is taken off, amounts that do not fit.
    pub fn reckon(
        &self,
        object: &ObjectDef,
        seen: Seen<'_>,
        currency: Currency,
    ) -> Result<Option<Line>, FieldError> {
        let fault = |ix, code, said: &str| FieldError::at(object, ix, code, said);
        for ix in std::iter::once(self.discount).chain(self.tax) {
            if let Some(m) = seen
                .get(ix)
                .as_money()
                .filter(|m| *m.currency != *currency.code())
            {
                return Err(fault(ix, FieldErrorCode::OtherCurrency, &m.currency));
            }
        }
        let (Some(quantity), Some(price)) = (
            seen.decimal(object, self.quantity),
            seen.decimal(object, self.unit_price),
        ) else {
            return Ok(None);
        };
        let tax = self.tax.map_or(0, |ix| seen.minor(ix));
        let line = Line::of(quantity, price, currency, seen.minor(self.discount), tax)
            .map_err(|_| fault(self.quantity, FieldErrorCode::TooLarge, &quantity.to_string()))?;
        if line.overdiscounted() {
            return Err(fault(self.discount, FieldErrorCode::DiscountTooLarge, ""));
        }
        Ok(Some(line))
    }

    /// What a stored line comes to, and in which currency; `None` when it comes to nothing that is known.
    #[must_use]
    pub fn stored(&self, object: &ObjectDef, record: &Record) -> Option<(Currency, Line)> {
        let seen = Seen {
            before: Some(record),
            values: &[],
        };
        let total = record.get(self.total).as_money();
        let code = total
            .map(|m| &*m.currency)
            .or_else(|| record.get(self.currency).as_str())?;
        let currency = Currency::new(code).ok()?;
        let reckoned = self.reckon(object, seen, currency).ok().flatten();
        let tax = self.tax.map_or(0, |ix| seen.minor(ix));
        let line = match (reckoned, total) {
            // What another system said a line comes to is what it comes to.
            (Some(line), Some(t)) => Line {
                total: t.minor,
                ..line
            },
            (Some(line), None) => line,
            (None, Some(t)) => Line::stated(t.minor, seen.minor(self.discount), tax),
            (None, None) => return None,
        };
        Some((currency, line))
    }

    /// The amounts of a parent with these lines, as values of its fields. `before` is what its lines came to: what its
    /// discount and tax are beyond that is its own and stays.
    #[must_use]
    pub fn of_parent(
        &self,
        parent: Seen<'_>,
        before: &Line,
        after: &Line,
        currency: Currency,
    ) -> Vec<(FieldIx, Value)> {
        let own_of = |part: Part| {
            let at = self.sums.iter().find(|(_, p)| *p == part);
            let stated = at.and_then(|(ix, _)| parent.get(*ix).as_money());
            stated
                .filter(|m| *m.currency == *currency.code())
                .map_or(0, |m| own(m.minor, before.part(part)))
        };
        let (discount, tax) = (own_of(Part::Discount), own_of(Part::Tax));
        let whole = after.and(Line {
            gross: 0,
            discount,
            tax,
            total: tax.saturating_sub(discount),
        });
        self.sums
            .iter()
            .map(|(ix, part)| (*ix, amount(whole.part(*part), currency)))
            .collect()
    }
}

/// An amount without its twin.
#[must_use]
pub fn amount(minor: i64, currency: Currency) -> Value {
    Value::money(MoneyValue {
        minor,
        currency: currency.code().into(),
        base: None,
        rate: None,
        rated_on: None,
    })
}

/// A live line that belongs to a parent, with what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The line.
    pub id: Id,
    /// Its currency.
    pub currency: Currency,
    /// What it comes to.
    pub line: Line,
}

/// The currency of all of them; `None` when there are none, or several.
#[must_use]
pub fn one_currency(lines: &[Counted]) -> Option<Currency> {
    let first = lines.first()?.currency;
    lines.iter().all(|l| l.currency == first).then_some(first)
}
