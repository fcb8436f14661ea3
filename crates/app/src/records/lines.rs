//! Lines of orders and deals: what a line lacks is filled in, and the amounts of what it belongs to follow in the same
//! transaction.

use std::collections::{BTreeMap, HashMap, HashSet};

use peyvand_catalog::handles::{order, price_list, price_list_item, product};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Context, Id};
use peyvand_domain::lines::{self, Counted, Lines, OF_ORDERS, Seen, amount, lines_of, lines_under};
use peyvand_numbers::{Currency, Decimal, Rounding};
use peyvand_record::codec::{FieldError, FieldErrorCode};
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::query::{DeletedScope, Query};
use peyvand_record::{Batch, Change, Filter, Record, Value};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Lines read in one question.
const PAGE: u32 = 500;
/// Prices of one product in one list.
const PRICES: u32 = 100;

fn fault(object: &ObjectDef, ix: FieldIx, code: FieldErrorCode, said: &str) -> AppError {
    AppError::Invalid(vec![FieldError::at(object, ix, code, said)])
}

fn is(field: FieldIx, id: Id) -> Node {
    Node::Test(Test {
        field,
        op: Op::Eq,
        operand: Operand::Id(id),
    })
}

/// The live records of an object of which this holds.
pub(crate) fn where_is(object: &str, root: Node) -> Query {
    Query::of(object).filter(Filter {
        object: object.into(),
        root,
    })
}

impl App {
    /// The values of a line with what follows from them: its currency, its price and what it comes to. Of an order or a deal
    /// that has lines, its amounts, which are those of the lines whatever is typed.
    ///
    /// # Errors
    /// A currency that is not the one of the order, a quantity below zero where nothing goes back, too large a discount.
    pub(super) async fn with_amounts(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        if let Some(l) = lines_of(&object.key) {
            return self.with_line(caller, object, l, before, values).await;
        }
        match (lines_under(&object.key), before) {
            (Some(l), Some(before)) => self.as_lines_say(caller, l, before, values).await,
            _ => Ok(values),
        }
    }

    async fn as_lines_say(
        &self,
        caller: &Caller,
        l: &Lines,
        before: &Record,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        self.as_kind_says(caller, l, before, &values).await?;
        if !values.iter().any(|(ix, _)| l.summed().any(|s| s == *ix)) {
            return Ok(values);
        }
        let counted = self.counted(caller, l, before.id()).await?;
        let Some(currency) = lines::one_currency(&counted) else {
            return Ok(values);
        };
        let sum = lines::sum(counted.iter().map(|c| &c.line));
        let seen = Seen {
            before: Some(before),
            values: &values,
        };
        let sums = l.of_parent(seen, &sum, &sum, currency);
        values.retain(|(ix, _)| !sums.iter().any(|(s, _)| s == ix));
        values.extend(self.with_twins(&caller.workspace, sums).await?);
        Ok(values)
    }

    /// What goes back belongs to a return or a cancellation: an order with such lines becomes nothing else.
    async fn as_kind_says(
        &self,
        caller: &Caller,
        l: &Lines,
        before: &Record,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        let seen = Seen {
            before: Some(before),
            values,
        };
        let w = &caller.workspace;
        let Some(object) = w
            .catalog()
            .object(l.object)
            .filter(|_| l.object == OF_ORDERS.object)
        else {
            return Ok(());
        };
        if goes_back(seen.get(order::KIND)) || seen.get(order::KIND) == before.get(order::KIND) {
            return Ok(());
        }
        let negative = Node::All(vec![
            is(l.link, before.id()),
            Node::Test(Test {
                field: l.quantity,
                op: Op::Lt,
                operand: Operand::Int(0),
            }),
        ]);
        let all = Policy::all(caller.actor);
        let found = where_is(l.object, negative).limit(1);
        if self
            .store
            .page(w.id, &w.layout, &all, &found)
            .await?
            .records
            .is_empty()
        {
            return Ok(());
        }
        Err(fault(object, l.quantity, FieldErrorCode::NegativeQuantity, ""))
    }

    async fn with_line(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        l: &Lines,
        before: Option<&Record>,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        if before.is_some() && !l.counts(&values) {
            return Ok(values);
        }
        let w = &caller.workspace;
        let seen = Seen {
            before,
            values: &values,
        };
        // Without what it belongs to a line is refused later, as any record without a required field.
        let Some(parent) = seen.get(l.link).as_id() else {
            return Ok(values);
        };
        let all = Policy::all(caller.actor);
        let parent = self
            .store
            .get(w.id, &w.layout, &all, l.parent, parent, DeletedScope::Live)
            .await?
            .ok_or(AppError::NotFound)?;
        let goes_back = l.object == OF_ORDERS.object && goes_back(parent.get(order::KIND));
        if let Value::Decimal(q) = seen.get(l.quantity)
            && *q < 0
            && !goes_back
        {
            return Err(fault(object, l.quantity, FieldErrorCode::NegativeQuantity, ""));
        }
        let asked = match seen.get(l.currency).as_str() {
            None => None,
            Some(code) => Some(
                Currency::new(code)
                    .map_err(|_| fault(object, l.currency, FieldErrorCode::UnknownCurrency, code))?,
            ),
        };
        let theirs = self
            .currency_of(caller, l, &parent, before.map(Record::id))
            .await?;
        if let (Some(asked), Some(theirs)) = (asked, theirs)
            && asked != theirs
        {
            return Err(fault(
                object,
                l.currency,
                FieldErrorCode::OtherCurrency,
                asked.code(),
            ));
        }
        let product = match seen.get(l.product).as_id() {
            Some(id) => self
                .allowed(w, &caller.policy, product::OBJECT, &[id], Verb::Read)
                .await?
                .into_iter()
                .next(),
            None => None,
        };
        // What is taken off or stated as the total says the currency too.
        let stated = [Some(l.total), Some(l.discount), l.tax]
            .into_iter()
            .flatten()
            .find_map(|ix| Currency::new(&seen.get(ix).as_money()?.currency).ok());
        let priced = product.as_ref().and_then(price_currency);
        let currency = asked
            .or(theirs)
            .or(stated)
            .or(priced)
            .unwrap_or(w.catalog().base_currency);
        if seen.get(l.unit_price).is_null()
            && let Some(product) = &product
            && let Some(price) = self.price_of(caller, l, &parent, product, seen, currency).await?
            && let Some(field) = object.at(l.unit_price)
        {
            let places = field.decimals();
            if let Some(units) = price
                .rescale(places, Rounding::HalfUp)
                .scaled(u32::from(places))
                .and_then(|u| i64::try_from(u).ok())
            {
                values.retain(|(ix, _)| *ix != l.unit_price);
                values.push((l.unit_price, Value::Decimal(units)));
            }
        }
        let seen = Seen {
            before,
            values: &values,
        };
        let line = l
            .reckon(object, seen, currency)
            .map_err(|e| AppError::Invalid(vec![e]))?;
        if line.is_none()
            && let Some(m) = seen
                .get(l.total)
                .as_money()
                .filter(|m| *m.currency != *currency.code())
        {
            return Err(fault(object, l.total, FieldErrorCode::OtherCurrency, &m.currency));
        }
        let known = line.is_some() || !seen.get(l.total).is_null();
        if asked.is_none() && known {
            values.retain(|(ix, _)| *ix != l.currency);
            values.push((l.currency, Value::text(currency.code())));
        }
        if let Some(line) = line {
            values.retain(|(ix, _)| *ix != l.total);
            values.push((l.total, amount(line.total, currency)));
            return self.with_twins(w, values).await;
        }
        Ok(values)
    }

    /// The currency in which an order or a deal is: that of its other lines, else of its amounts, else of its price list.
    async fn currency_of(
        &self,
        caller: &Caller,
        l: &Lines,
        parent: &Record,
        but: Option<Id>,
    ) -> Result<Option<Currency>, AppError> {
        let all = self.counted(caller, l, parent.id()).await?;
        let mut others = all.iter().filter(|c| Some(c.id) != but);
        if let Some(other) = others.next() {
            return Ok(Some(other.currency));
        }
        // The amounts of an order with a single line are this line's.
        if all.is_empty()
            && let Some(m) = l
                .summed()
                .find_map(|ix| parent.get(ix).as_money().filter(|m| m.minor != 0))
        {
            return Ok(Currency::new(&m.currency).ok());
        }
        let list = self.price_list(caller, l, parent).await?;
        Ok(list.and_then(|p| Currency::new(p.get(price_list::CURRENCY).as_str()?).ok()))
    }

    async fn price_list(
        &self,
        caller: &Caller,
        l: &Lines,
        parent: &Record,
    ) -> Result<Option<Record>, AppError> {
        let id = (l.object == OF_ORDERS.object)
            .then(|| parent.get(order::PRICE_LIST_ID).as_id())
            .flatten();
        let Some(id) = id else { return Ok(None) };
        let w = &caller.workspace;
        let found = self
            .allowed(w, &caller.policy, price_list::OBJECT, &[id], Verb::Read)
            .await?;
        Ok(found.into_iter().next())
    }

    /// The price of a product that a line does not state: the one of the order's list for this quantity, else the product's
    /// own, as far as the caller may see them and they are in this currency.
    async fn price_of(
        &self,
        caller: &Caller,
        l: &Lines,
        parent: &Record,
        product: &Record,
        line: Seen<'_>,
        currency: Currency,
    ) -> Result<Option<Decimal>, AppError> {
        let w = &caller.workspace;
        let decimal = |object: &str, record: &Record, ix: FieldIx| {
            let field = w.catalog().object(object)?.at(ix)?;
            match record.get(ix) {
                Value::Decimal(d) if caller.policy.sees(object, ix) => {
                    Decimal::new(i128::from(*d), u32::from(field.decimals())).ok()
                }
                _ => None,
            }
        };
        let list = self.price_list(caller, l, parent).await?;
        if let Some(list) = list.filter(|p| p.get(price_list::CURRENCY).as_str() == Some(currency.code())) {
            let items = where_is(
                price_list_item::OBJECT,
                Node::All(vec![
                    is(price_list_item::PRICE_LIST_ID, list.id()),
                    is(price_list_item::PRODUCT_ID, product.id()),
                ]),
            )
            .limit(PRICES);
            let items = self
                .store
                .page(w.id, &w.layout, &Policy::all(caller.actor), &items)
                .await?
                .records;
            let many = match line.get(l.quantity) {
                Value::Decimal(q) => q.saturating_abs(),
                _ => 0,
            };
            let least = |r: &Record| match r.get(price_list_item::MIN_QUANTITY) {
                Value::Decimal(q) => *q,
                _ => 0,
            };
            let best = items.iter().filter(|r| least(r) <= many).max_by_key(|r| least(r));
            if let Some(price) =
                best.and_then(|r| decimal(price_list_item::OBJECT, r, price_list_item::UNIT_PRICE))
            {
                return Ok(Some(price));
            }
        }
        if price_currency(product).unwrap_or(w.catalog().base_currency) != currency {
            return Ok(None);
        }
        let own = decimal(product::OBJECT, product, product::UNIT_PRICE);
        Ok(own.or_else(|| {
            let seen = caller.policy.sees(product::OBJECT, product::PRICE);
            let m = product.get(product::PRICE).as_money().filter(|_| seen)?;
            Decimal::new(i128::from(m.minor), u32::from(currency.decimals())).ok()
        }))
    }

    /// The live lines of an order or a deal of which it is known what they come to.
    async fn counted(&self, caller: &Caller, l: &Lines, parent: Id) -> Result<Vec<Counted>, AppError> {
        let Some(object) = caller.workspace.catalog().object(l.object) else {
            return Ok(Vec::new());
        };
        let lines = self.lines_in(caller, l, parent).await?;
        Ok(lines.iter().filter_map(|r| counted(l, object, r)).collect())
    }

    async fn lines_in(&self, caller: &Caller, l: &Lines, parent: Id) -> Result<Vec<Record>, AppError> {
        let w = &caller.workspace;
        let all = Policy::all(caller.actor);
        let query = where_is(l.object, is(l.link, parent)).limit(PAGE);
        Ok(self.store.every(w.id, &w.layout, &all, query).await?)
    }

    /// Adds to a batch that writes lines what the amounts of their orders and deals become. They are guarded by their
    /// version: of two who write lines of one order at once the second decides again.
    ///
    /// # Errors
    /// Lines of one order in two currencies; what the store says.
    pub(crate) async fn settle(
        &self,
        caller: &Caller,
        context: &Context,
        batch: &mut Batch,
    ) -> Result<(), AppError> {
        self.settle_but(caller, context, batch, &HashSet::new()).await
    }

    /// As [`Self::settle`], but for these orders and deals, whose amounts are put right otherwise.
    ///
    /// # Errors
    /// As [`Self::settle`].
    pub(crate) async fn settle_but(
        &self,
        caller: &Caller,
        context: &Context,
        batch: &mut Batch,
        but: &HashSet<Id>,
    ) -> Result<(), AppError> {
        for ((line, id), changes) in touched(batch) {
            if let Some(l) = lines_of(line).filter(|_| !but.contains(&id)) {
                self.settle_one(caller, context, l, id, &changes, batch).await?;
            }
        }
        Ok(())
    }

    async fn settle_one(
        &self,
        caller: &Caller,
        context: &Context,
        l: &Lines,
        id: Id,
        changes: &HashMap<Id, Option<Record>>,
        batch: &mut Batch,
    ) -> Result<(), AppError> {
        let w = &caller.workspace;
        let (Some(object), Some(of_lines)) = (w.catalog().object(l.parent), w.catalog().object(l.object))
        else {
            return Ok(());
        };
        let all = Policy::all(caller.actor);
        let live = DeletedScope::Live;
        let Some(parent) = self.store.get(w.id, &w.layout, &all, l.parent, id, live).await? else {
            return Ok(());
        };
        let before = self.counted(caller, l, id).await?;
        let mut after: Vec<Counted> = before
            .iter()
            .filter(|c| !changes.contains_key(&c.id))
            .copied()
            .collect();
        after.extend(changes.values().flatten().filter_map(|r| counted(l, of_lines, r)));
        let currency = match (lines::one_currency(&after), lines::one_currency(&before)) {
            (Some(one), _) => one,
            (None, was) if after.is_empty() => match was {
                Some(was) => was,
                None => return Ok(()),
            },
            _ => {
                let odd = changes.values().flatten().filter_map(|r| counted(l, of_lines, r));
                for c in odd {
                    if after.iter().any(|o| o.currency != c.currency) {
                        let said = c.currency.code();
                        return Err(fault(of_lines, l.currency, FieldErrorCode::OtherCurrency, said));
                    }
                }
                // Lines of several currencies that came so from elsewhere have no sum.
                return Ok(());
            }
        };
        let sum =
            |all: &[Counted]| lines::sum(all.iter().filter(|c| c.currency == currency).map(|c| &c.line));
        let seen = Seen {
            before: Some(&parent),
            values: &[],
        };
        let values = l.of_parent(seen, &sum(&before), &sum(&after), currency);
        let values = self.with_twins(w, values).await?;
        let (_, part) = self
            .writer(caller, context)
            .patch(object, &parent, values, &[])
            .map_err(AppError::Invalid)?;
        if !part.is_empty() {
            let shared = self.share_of(caller, object, &parent).await?;
            batch.guards.extend(shared);
            batch.append(part);
        }
        Ok(())
    }
}

/// The lines that a batch changes, by what they belong to: as they will be, or `None` for one that is there no more.
pub(crate) type Touched = BTreeMap<(&'static str, Id), HashMap<Id, Option<Record>>>;

/// What the lines of a batch belong to: the key of the lines' object and the id.
pub(crate) fn touched(batch: &Batch) -> Touched {
    let mut touched = Touched::new();
    for change in &batch.changes {
        let (before, after) = match change {
            Change::Insert(r) => (None, r),
            Change::Update { before, after } => (Some(before), after),
            _ => continue,
        };
        let Some(l) = lines_of(&after.object) else {
            continue;
        };
        let parent = |r: &Record| r.get(l.link).as_id();
        let now = parent(after).filter(|_| !after.is_deleted());
        for at in before.and_then(|b| parent(b)).into_iter().chain(now) {
            let line = (now == Some(at)).then(|| (**after).clone());
            touched
                .entry((l.object, at))
                .or_default()
                .insert(after.id(), line);
        }
    }
    touched
}

/// What a stored line comes to; `None` when that is not known.
pub(crate) fn counted(l: &Lines, object: &ObjectDef, record: &Record) -> Option<Counted> {
    let (currency, line) = l.stored(object, record)?;
    Some(Counted {
        id: record.id(),
        currency,
        line,
    })
}

/// Is it the kind of an order by which something goes back?
fn goes_back(kind: &Value) -> bool {
    matches!(kind.as_str(), Some("return" | "cancellation"))
}

fn price_currency(product: &Record) -> Option<Currency> {
    Currency::new(&product.get(product::PRICE).as_money()?.currency).ok()
}
