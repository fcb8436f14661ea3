//! The twin of every amount: the same in the workspace's base currency, at the rate of the day on which it was written.

use std::collections::HashMap;

use peyvand_catalog::FieldIx;
use peyvand_numbers::{Currency, Decimal, Money, Rounding};
use peyvand_record::codec::Mode;
use peyvand_record::{Batch, Change, MoneyValue, Value, formula};
use peyvand_store::ports::Bound;
use peyvand_store::{RowsCall, SqlVal};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::workspace::Workspace;

/// A rate with its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    rate: Decimal,
    on: i32,
}

/// Rates of one day, by currency; `None` where none is known.
pub(crate) type Rates = HashMap<Box<str>, Option<Rate>>;

/// Does the amount lack its twin?
fn lacks(value: &Value) -> Option<&MoneyValue> {
    value.as_money().filter(|m| m.base.is_none())
}

/// Gives an amount its twin; `false` when there is no rate for it, or the twin does not fit.
fn twin(m: &mut MoneyValue, base: Currency, rates: &Rates) -> bool {
    let Ok(currency) = Currency::new(&m.currency) else {
        return false;
    };
    if currency == base {
        m.base = Some(m.minor);
        return true;
    }
    let Some(Some(rate)) = rates.get(&m.currency) else {
        return false;
    };
    let Ok(twin) = Money::new(m.minor, currency).convert(rate.rate, base, Rounding::HalfEven) else {
        return false;
    };
    m.base = Some(twin.minor);
    m.rate = Some(rate.rate.to_string().into());
    m.rated_on = Some(rate.on);
    true
}

impl App {
    /// Reads the rates that these values need and that are not known yet: the newest of each currency that held on
    /// `day` (days since 1970-01-01).
    pub(crate) async fn rates_for<'v>(
        &self,
        workspace: &Workspace,
        day: i32,
        values: impl Iterator<Item = &'v Value>,
        rates: &mut Rates,
    ) -> Result<(), AppError> {
        let base = workspace.catalog().base_currency;
        let missing: Vec<Box<str>> = values
            .filter_map(lacks)
            .filter(|m| *m.currency != *base.code())
            .map(|m| m.currency.clone())
            .collect();
        for currency in missing {
            if rates.contains_key(&currency) {
                continue;
            }
            let rate = self.rate_on(workspace, &currency, day).await?;
            rates.insert(currency, rate);
        }
        Ok(())
    }

    async fn rate_on(
        &self,
        workspace: &Workspace,
        currency: &str,
        day: i32,
    ) -> Result<Option<Rate>, AppError> {
        let Some(l) = workspace.layout.object("currency_rate") else {
            return Ok(None);
        };
        let t = &l.table;
        let key = [
            ("workspace_id", i64::from(workspace.id.0).into()),
            ("currency", currency.into()),
            ("base", workspace.catalog().base_currency.code().into()),
            ("deleted_at", SqlVal::Null),
        ];
        let call = RowsCall::new(t, &key)
            .bound("valid_on", Bound::Le, i64::from(day))
            .order("valid_on", true)
            .limit(1);
        let rows = self.store.rows(call).await?;
        let places = l.object.field("rate").map_or(4, |(_, f)| u32::from(f.decimals()));
        Ok(rows.first().and_then(|r| {
            let rate = Decimal::new(i128::from(r[t.at("rate")].int()?), places).ok()?;
            let on = i32::try_from(r[t.at("valid_on")].int()?).ok()?;
            (!rate.is_zero()).then_some(Rate { rate, on })
        }))
    }

    /// Gives the amounts among these values their twins, as far as rates are known. `true` when one got one.
    pub(crate) fn twin_all<'v>(
        workspace: &Workspace,
        values: impl Iterator<Item = &'v mut Value>,
        rates: &Rates,
    ) -> bool {
        let base = workspace.catalog().base_currency;
        let mut any = false;
        for value in values {
            if let Value::Money(m) = value
                && m.base.is_none()
            {
                any |= twin(m, base, rates);
            }
        }
        any
    }

    /// Takes the twins of these amounts away: they are in a currency that is not the base any more.
    pub(crate) fn without_twins<'v>(values: impl Iterator<Item = &'v mut Value>) {
        for value in values {
            if let Value::Money(m) = value {
                (m.base, m.rate, m.rated_on) = (None, None, None);
            }
        }
    }

    /// The values with the twins of their amounts, at today's rates.
    pub(crate) async fn with_twins(
        &self,
        workspace: &Workspace,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        if values.iter().any(|(_, v)| lacks(v).is_some()) {
            let language = peyvand_numbers::Language::En;
            let today = workspace.edge(language, self.clock.now(), Mode::Patch).today;
            let mut rates = Rates::new();
            self.rates_for(workspace, today, values.iter().map(|(_, v)| v), &mut rates)
                .await?;
            Self::twin_all(workspace, values.iter_mut().map(|(_, v)| v), &rates);
        }
        Ok(values)
    }

    /// Gives the amounts of the records in a batch their twins, and what follows from them.
    pub(crate) async fn twin_batch(&self, caller: &Caller, batch: &mut Batch) -> Result<(), AppError> {
        let written = |c: &Change| match c {
            Change::Insert(r) | Change::Update { after: r, .. } => {
                r.values.iter().any(|v| lacks(v).is_some())
            }
            _ => false,
        };
        if !batch.changes.iter().any(written) {
            return Ok(());
        }
        let w = &caller.workspace;
        let today = w.edge(caller.language, self.clock.now(), Mode::Patch).today;
        let mut rates = Rates::new();
        let values = batch.changes.iter().flat_map(|c| match c {
            Change::Insert(r) | Change::Update { after: r, .. } => r.values.as_slice(),
            _ => &[],
        });
        self.rates_for(w, today, values, &mut rates).await?;
        for change in &mut batch.changes {
            if let Change::Insert(r) | Change::Update { after: r, .. } = change
                && Self::twin_all(w, r.values.iter_mut(), &rates)
                && let Some(object) = w.catalog().object(&r.object)
            {
                formula::fill(object, r, w.catalog().base_currency);
            }
        }
        Ok(())
    }

    /// After a rate was written, amounts that lack their twin for want of it get it, by a job.
    pub(crate) async fn after_write(&self, workspace: &Workspace, object: &str) -> Result<(), AppError> {
        if object == "currency_rate" {
            self.plan_derive(workspace, &[]).await?;
        }
        Ok(())
    }
}
