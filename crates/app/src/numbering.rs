//! Numbers that the program gives to new records when people give none: set up by administrators, counted by the database, so
//! that no two servers give the same one.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use peyvand_catalog::handles::{order, product};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Via;
use peyvand_domain::numbering::{GREATEST, Numbering, NumberingError};
use peyvand_record::Value;
use peyvand_record::codec::{self, Mode};
use peyvand_store::layout::lookup_column;
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::workspace::Workspace;

/// What can be numbered: the object and the field that takes the number.
pub const NUMBERED: [(&str, FieldIx); 2] = [(order::OBJECT, order::NUMBER), (product::OBJECT, product::CODE)];
/// Numbers that people took already are stepped over, so many at most.
const TAKEN: usize = 1000;
/// Numbers asked for in one question.
const ASKED: usize = 250;

/// The numbering of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The object's key.
    pub object: &'static str,
    /// How; `None` when it is switched off.
    pub how: Option<Numbering>,
    /// The next number.
    pub next: i64,
}

fn counter(object: &str) -> String {
    format!("number:{object}")
}

impl App {
    /// The numberings of a workspace, those that are switched off among them.
    ///
    /// # Errors
    /// What the store says.
    pub async fn numberings(&self, workspace: &Workspace) -> Result<Vec<Numbered>, AppError> {
        let mut out = Vec::with_capacity(NUMBERED.len());
        for (object, _) in NUMBERED {
            let t = &SIDE.counter;
            let key: [(&str, SqlVal); 2] = [
                ("workspace_id", i64::from(workspace.id.0).into()),
                ("name", counter(object).into()),
            ];
            let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
            let given = rows.first().and_then(|r| r[t.at("value")].int()).unwrap_or(0);
            out.push(Numbered {
                object,
                how: workspace.settings.numbering.get(object).cloned(),
                next: given.saturating_add(1),
            });
        }
        Ok(out)
    }

    /// The number that the next record of the object gets: those that people gave by hand are stepped over.
    ///
    /// # Errors
    /// What the store says.
    pub async fn next_number(&self, workspace: &Arc<Workspace>, of: &Numbered) -> Result<i64, AppError> {
        let caller = Caller::system(workspace, Via::Job);
        let (Some(how), Some(object)) = (&of.how, workspace.catalog().object(of.object)) else {
            return Ok(of.next);
        };
        let Some((field, def)) = NUMBERED
            .iter()
            .find(|(key, _)| *key == of.object)
            .and_then(|(_, ix)| Some((*ix, object.at(*ix)?)))
        else {
            return Ok(of.next);
        };
        let edge = workspace.edge(caller.language, self.clock.now(), Mode::Create);
        let mut first = of.next;
        let last = of.next.saturating_add(TAKEN as i64);
        while first < last {
            let mut tried = Vec::with_capacity(ASKED);
            for n in first..first.saturating_add(ASKED as i64) {
                let value =
                    codec::parse_text(def, &how.text(n), &edge).map_err(|e| AppError::Invalid(vec![e]))?;
                tried.push((n, value));
            }
            let there = self.numbers_there(&caller, object, field, &tried).await?;
            let free = |v: &Value| !there.contains(v.as_str().unwrap_or_default());
            if let Some((n, _)) = tried.iter().find(|(_, v)| free(v)) {
                return Ok(*n);
            }
            first = first.saturating_add(ASKED as i64);
        }
        Ok(of.next)
    }

    /// Sets up how an object is numbered and what its next number is, or switches it off (`None`). Administrators only.
    ///
    /// # Errors
    /// `Forbidden`; an object that cannot be numbered; the parameter `next`.
    pub async fn set_numbering(
        &self,
        caller: &Caller,
        object: &str,
        how: Option<(Numbering, i64)>,
    ) -> Result<Arc<Workspace>, AppError> {
        if !caller.policy.unrestricted {
            return Err(AppError::Forbidden);
        }
        if !NUMBERED.iter().any(|(key, _)| *key == object) {
            return Err(AppError::NotFound);
        }
        let w = &caller.workspace;
        let mut settings = w.settings.clone();
        match how {
            None => drop(settings.numbering.remove(object)),
            Some((how, next)) => {
                if !(1..=GREATEST).contains(&next) {
                    return Err(AppError::Parameter {
                        name: "next",
                        value: NumberingError::Next.to_string(),
                    });
                }
                settings.numbering.insert(object.to_owned(), how);
                let t = &SIDE.counter;
                let mut row: Vec<SqlVal> = vec![SqlVal::Null; t.columns.len()];
                for (c, v) in [
                    ("workspace_id", SqlVal::from(i64::from(w.id.0))),
                    ("name", counter(object).into()),
                    ("window_start", 0_i64.into()),
                    ("value", (next - 1).into()),
                ] {
                    row[t.at(c)] = v;
                }
                let step = Step::Insert {
                    table: Arc::clone(t),
                    row,
                    on_key: OnKey::Replace,
                };
                self.store.engine().apply(Plan::of(vec![step])).await?;
            }
        }
        self.save_settings(caller, &settings).await
    }

    /// The values of a new record with its number, where the workspace numbers the object and the values have none.
    pub(crate) async fn with_number(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        let Some((_, field)) = numbered(caller, object) else {
            return Ok(values);
        };
        if has_number(field, &values) {
            return Ok(values);
        }
        let free = self
            .free_numbers(caller, object, 1, &mut BTreeSet::new(), &HashSet::new())
            .await?;
        if let Some((_, number)) = free.into_iter().next() {
            values.retain(|(ix, _)| *ix != field);
            values.push((field, number));
        }
        Ok(values)
    }

    /// So many numbers that no record has: of those in `spare` first, the others from one reservation; each with its
    /// count. Numbers in `avoid` are stepped over as if records had them. There are fewer, or none, when the object is
    /// not numbered, or people gave too many numbers in a row by hand: then records are made without one.
    pub(crate) async fn free_numbers(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        wanted: usize,
        spare: &mut BTreeSet<i64>,
        avoid: &HashSet<String>,
    ) -> Result<Vec<(i64, Value)>, AppError> {
        let w = &caller.workspace;
        let Some((how, field)) = numbered(caller, object) else {
            return Ok(Vec::new());
        };
        let Some(def) = object.at(field) else {
            return Ok(Vec::new());
        };
        let edge = w.edge(caller.language, self.clock.now(), Mode::Create);
        let mut free = Vec::with_capacity(wanted);
        let mut taken = 0;
        while free.len() < wanted && taken < TAKEN {
            let missing = wanted - free.len();
            let new = missing.saturating_sub(spare.len()) as i64;
            if new > 0 {
                let last = self
                    .store
                    .engine()
                    .reserve(w.id, &counter(&object.key), new)
                    .await?;
                spare.extend((1..=new).map(|n| last.saturating_add(n)));
            }
            let mut tried = Vec::with_capacity(missing);
            while tried.len() < missing
                && let Some(n) = spare.pop_first()
            {
                let value =
                    codec::parse_text(def, &how.text(n), &edge).map_err(|e| AppError::Invalid(vec![e]))?;
                tried.push((n, value));
            }
            let there = self.numbers_there(caller, object, field, &tried).await?;
            for (n, value) in tried {
                let text = value.as_str().unwrap_or_default();
                if there.contains(text) || avoid.contains(text) {
                    taken += 1;
                } else {
                    free.push((n, value));
                }
            }
        }
        Ok(free)
    }

    /// Those of the numbers that records have, also such as the caller may not see.
    async fn numbers_there(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        field: FieldIx,
        numbers: &[(i64, Value)],
    ) -> Result<HashSet<String>, AppError> {
        let w = &caller.workspace;
        let mut there = HashSet::new();
        let Some((layout, at)) = w
            .layout
            .object(&object.key)
            .and_then(|l| Some((l, lookup_column(l.slot(field)?)?)))
        else {
            return Ok(there);
        };
        let Some(column) = layout.table.columns.get(at) else {
            return Ok(there);
        };
        let key = [
            ("workspace_id", i64::from(w.id.0).into()),
            ("deleted_at", SqlVal::Null),
        ];
        for some in numbers.chunks(ASKED) {
            let texts = some.iter().map(|(_, v)| v.as_str().unwrap_or_default().into());
            let call = RowsCall::new(&layout.table, &key)
                .any_of(&column.name, texts.collect())
                .limit(5000);
            let rows = self.store.rows(call).await?;
            there.extend(rows.iter().filter_map(|r| r[at].text().map(str::to_owned)));
        }
        Ok(there)
    }
}

/// How an object is numbered, and the field that takes the number.
pub(crate) fn numbered<'c>(caller: &'c Caller, object: &ObjectDef) -> Option<(&'c Numbering, FieldIx)> {
    let (_, field) = NUMBERED.iter().find(|(key, _)| *key == object.key)?;
    let how = caller.workspace.settings.numbering.get(&object.key)?;
    Some((how, *field))
}

/// Do the values of a record state its number?
pub(crate) fn has_number(field: FieldIx, values: &[(FieldIx, Value)]) -> bool {
    values.iter().any(|(ix, v)| *ix == field && !v.is_null())
}
