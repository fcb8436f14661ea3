//! Rates between currencies: what one unit of a currency costs in another.

use peyvand_catalog::handles::currency_rate as rate;
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_numbers::Currency;
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode};
use peyvand_record::{Record, Value};

/// The values of a rate that is made or changed, its currencies written as their codes are; `before` is the rate as it is.
///
/// # Errors
/// A currency that is not known, a rate between a currency and itself, and a rate that is not greater than zero: amounts are
/// multiplied and divided by it.
pub fn checked(
    object: &ObjectDef,
    before: Option<&Record>,
    mut values: Vec<(FieldIx, Value)>,
) -> Result<Vec<(FieldIx, Value)>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut fault = |ix: FieldIx, code, said: &str, expected| {
        errors.extend(object.at(ix).map(|f| FieldError::of(f, code, said, expected)));
    };
    for (ix, value) in &mut values {
        if [rate::CURRENCY, rate::BASE].contains(ix)
            && let Value::Text(code) = value
        {
            match Currency::new(code.trim()) {
                Ok(c) => *value = Value::text(c.code()),
                Err(_) => fault(*ix, FieldErrorCode::UnknownCurrency, code, Expected::Currency),
            }
        } else if *ix == rate::RATE
            && let Value::Decimal(units) = value
            && *units <= 0
        {
            fault(*ix, FieldErrorCode::OutOfRange, "0", Expected::SomeValue);
        }
    }
    let now = |ix: FieldIx| match values.iter().find(|(i, _)| *i == ix) {
        Some((_, v)) => v.as_str(),
        None => before.and_then(|b| b.get(ix).as_str()),
    };
    let said = |ix: FieldIx| values.iter().any(|(i, _)| *i == ix);
    if let (Some(one), Some(base)) = (now(rate::CURRENCY), now(rate::BASE))
        && one == base
    {
        let at = if said(rate::BASE) {
            rate::BASE
        } else {
            rate::CURRENCY
        };
        if said(at) {
            fault(at, FieldErrorCode::SameCurrency, base, Expected::Nothing);
        }
    }
    if errors.is_empty() {
        Ok(values)
    } else {
        Err(errors)
    }
}
