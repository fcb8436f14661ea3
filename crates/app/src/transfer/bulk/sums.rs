//! Lines that a file brings for orders and deals that are there: what a line comes to, and what the amounts become of
//! what it belongs to, read and written once for a whole chunk.
//!
//! An amount that was stated otherwise than its lines say stays as it was stated, as it does when a file brings orders
//! together with their lines; all others follow, as they do wherever lines are written.

use std::collections::{HashMap, HashSet};

use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_domain::Writer;
use peyvand_domain::lines::{self, Counted, Line, Lines, Part, Seen, amount, lines_of};
use peyvand_numbers::Currency;
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::policy::{Policy, Verb};
use peyvand_record::{Record, Value, codec};

use super::{ASKED, Bulk, Draft, Making, Target};
use crate::errors::AppError;
use crate::records::{counted, touched, where_is};

/// The member of a before-image that says that it holds all amounts of what lines were brought for.
pub(in crate::transfer) const SUMS: &str = "@sums";
/// Lines read in one question.
const PAGE: u32 = 500;

type Values = Vec<(FieldIx, Value)>;

/// What a draft is a line of.
pub(super) fn parent_of(draft: &Draft) -> Option<&Target> {
    let of = lines_of(&draft.object.key)?;
    let link = draft.links.iter().find(|l| l.field == of.link)?;
    Some(&link.target)
}

/// The values of a line with what it comes to, when the file does not say it: in its own currency, else in that of what
/// it belongs to. What cannot be so here was so elsewhere: such a line has no total.
pub(super) fn with_total(
    object: &ObjectDef,
    before: Option<&Record>,
    mut values: Values,
    parents: &HashMap<Id, Record>,
    base: Currency,
) -> Values {
    let Some(of) = lines_of(&object.key) else {
        return values;
    };
    if !of.counts(&values) || values.iter().any(|(ix, _)| *ix == of.total) {
        return values;
    }
    let seen = Seen {
        before,
        values: &values,
    };
    let parent = seen.get(of.link).as_id().and_then(|id| parents.get(&id));
    let of_amount = |v: &Value| Some(v.as_money()?.currency.to_string());
    let stated = seen.get(of.currency).as_str().map(str::to_owned);
    let code = stated
        .clone()
        .or_else(|| of_amount(seen.get(of.discount)))
        .or_else(|| of_amount(seen.get(of.tax?)))
        .or_else(|| of.summed().find_map(|ix| of_amount(parent?.get(ix))));
    let Ok(currency) = code.map_or(Ok(base), |code| Currency::new(&code)) else {
        return values;
    };
    let Some(line) = of.reckon(object, seen, currency).ok().flatten() else {
        return values;
    };
    values.push((of.total, amount(line.total, currency)));
    if stated.is_none() {
        values.push((of.currency, Value::text(currency.code())));
    }
    values
}

/// What the amounts of a parent become when its lines do.
fn amounts(of: &Lines, parent: &Record, before: &[Counted], after: &[Counted]) -> Values {
    let one = lines::one_currency(after).or_else(|| lines::one_currency(before).filter(|_| after.is_empty()));
    // Lines of several currencies have no sum.
    let Some(currency) = one else { return Vec::new() };
    let foreign = |m: &peyvand_record::MoneyValue| m.minor != 0 && *m.currency != *currency.code();
    if of
        .summed()
        .any(|ix| parent.get(ix).as_money().is_some_and(foreign))
    {
        return Vec::new();
    }
    let sum = |all: &[Counted]| -> Line {
        lines::sum(all.iter().filter(|c| c.currency == currency).map(|c| &c.line))
    };
    let (was, is) = (sum(before), sum(after));
    let seen = Seen {
        before: Some(parent),
        values: &[],
    };
    let minor = |ix: FieldIx| parent.get(ix).as_money().map(|m| m.minor);
    let reckoned = of.of_parent(seen, &was, &was, currency);
    let follows = of
        .sums()
        .iter()
        .filter(|(_, part)| *part == Part::Total)
        .all(|(ix, _)| {
            let said = reckoned
                .iter()
                .find(|(i, _)| i == ix)
                .and_then(|(_, v)| v.as_money());
            minor(*ix).is_none_or(|m| m == 0 && before.is_empty() || said.is_some_and(|s| s.minor == m))
        });
    let nothing = |ix: FieldIx, v: &Value| minor(ix).is_none() && v.as_money().is_some_and(|m| m.minor == 0);
    if follows {
        let total = |ix: &FieldIx| of.sums().iter().any(|(i, part)| i == ix && *part == Part::Total);
        let mut all = of.of_parent(seen, &was, &is, currency);
        // An amount of nothing that nobody has stated says nothing.
        all.retain(|(ix, v)| total(ix) || !nothing(*ix, v));
        return all;
    }
    of.sums()
        .iter()
        .filter(|(_, part)| *part != Part::Total)
        .filter(|(ix, part)| minor(*ix).is_none_or(|m| m == was.part(*part)))
        .map(|(ix, part)| (*ix, amount(is.part(*part), currency)))
        .filter(|(ix, v)| !nothing(*ix, v))
        .collect()
}

impl Bulk<'_> {
    /// What the drafts are lines of, as far as it is there.
    pub(super) async fn parents_of(
        &self,
        drafts: &[Draft],
        fresh: &HashMap<Target, Id>,
    ) -> Result<HashMap<Id, Record>, AppError> {
        let mut wanted: HashMap<&'static str, HashSet<Id>> = HashMap::new();
        for draft in drafts {
            if let (Some(of), Some(target)) = (lines_of(&draft.object.key), parent_of(draft)) {
                let id = fresh.get(target).or_else(|| self.known.get(target));
                wanted.entry(of.parent).or_default().extend(id);
            }
        }
        let mut out = HashMap::new();
        for (object, ids) in wanted {
            out.extend(self.whatever(object, ids.into_iter().collect()).await?);
        }
        Ok(out)
    }

    /// Live records by their ids, whoever may see them: what a line does to its order does not depend on that.
    pub(super) async fn whatever(&self, object: &str, ids: Vec<Id>) -> Result<HashMap<Id, Record>, AppError> {
        let all = Policy::all(self.caller.actor);
        let found = self
            .app
            .allowed(&self.caller.workspace, &all, object, &ids, Verb::Read)
            .await?;
        Ok(found.into_iter().map(|r| (r.id(), r)).collect())
    }

    /// The live lines of these parents, with what they come to.
    async fn lines_of_all(&self, of: &Lines, ids: &[Id]) -> Result<HashMap<Id, Vec<Counted>>, AppError> {
        let w = &self.caller.workspace;
        let all = Policy::all(self.caller.actor);
        let mut out: HashMap<Id, Vec<Counted>> = HashMap::new();
        let Some(object) = w.catalog().object(of.object) else {
            return Ok(out);
        };
        for chunk in ids.chunks(ASKED) {
            let root = Node::Test(Test {
                field: of.link,
                op: Op::In,
                operand: Operand::List(chunk.iter().map(|id| Operand::Id(*id)).collect()),
            });
            let query = where_is(of.object, root).limit(PAGE);
            for line in self.app.store.every(w.id, &w.layout, &all, query).await? {
                if let (Some(at), Some(one)) = (line.get(of.link).as_id(), counted(of, object, &line)) {
                    out.entry(at).or_default().push(one);
                }
            }
        }
        Ok(out)
    }

    /// Adds to the batch what the amounts of orders and deals become with the lines that stand in it. They are guarded by
    /// their version: when somebody else was faster it is decided again.
    pub(super) async fn sum_up(
        &self,
        drafts: &[Draft],
        writer: &Writer<'_>,
        making: &mut Making,
    ) -> Result<(), AppError> {
        if self.dry || !drafts.iter().any(|d| lines_of(&d.object.key).is_some()) {
            return Ok(());
        }
        let touched = touched(&making.batch);
        let mut wanted: HashMap<&'static str, Vec<Id>> = HashMap::new();
        for (object, parent) in touched.keys() {
            wanted.entry(object).or_default().push(*parent);
        }
        for (object, ids) in wanted {
            let (Some(of), Some(line)) = (lines_of(object), writer.catalog.object(object)) else {
                continue;
            };
            let Some(def) = writer.catalog.object(of.parent) else {
                continue;
            };
            let before = self.lines_of_all(of, &ids).await?;
            let mut parents: Vec<Record> = self.whatever(of.parent, ids).await?.into_values().collect();
            parents.sort_by_key(Record::id);
            for parent in parents {
                let Some(changes) = touched.get(&(object, parent.id())) else {
                    continue;
                };
                let before = before.get(&parent.id()).map_or(&[][..], Vec::as_slice);
                let mut after: Vec<Counted> = before
                    .iter()
                    .filter(|c| !changes.contains_key(&c.id))
                    .copied()
                    .collect();
                after.extend(changes.values().flatten().filter_map(|r| counted(of, line, r)));
                let values = amounts(of, &parent, before, &after);
                let (now, part) = writer
                    .patch(def, &parent, values, &[])
                    .map_err(AppError::Invalid)?;
                let stood = of.summed().filter_map(|ix| {
                    let f = def.at(ix)?;
                    Some((f.key.clone(), codec::value_to_json(f, parent.get(ix))))
                });
                let mut image: serde_json::Map<_, _> = stood.collect();
                image.insert(SUMS.to_owned(), true.into());
                let image = serde_json::Value::Object(image).to_string();
                if !part.is_empty() {
                    let shared = self.app.share_of(self.caller, def, &parent).await?;
                    making.batch.guards.extend(shared);
                    making.batch.append(part);
                }
                // Also of what stays as it is: an undo has to know that it stood so before there were lines.
                self.image(&mut making.batch, def, parent.id(), now.version(), Some(image));
            }
        }
        Ok(())
    }
}
