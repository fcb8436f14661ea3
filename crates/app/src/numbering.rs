//! Numbers that the program gives to new records when people give none: set up by administrators, counted by the database, so
//! that no two servers give the same one.

use std::sync::Arc;

use peyvand_catalog::handles::{order, product};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_domain::numbering::{GREATEST, Numbering, NumberingError};
use peyvand_record::codec::{self, Mode};
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::policy::Policy;
use peyvand_record::query::Query;
use peyvand_record::{Filter, Value};
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
        self.save_settings(w, &settings).await
    }

    /// The values of a new record with its number, where the workspace numbers the object and the values have none.
    pub(crate) async fn with_number(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        mut values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        let w = &caller.workspace;
        let Some((_, field)) = NUMBERED.iter().find(|(key, _)| *key == object.key) else {
            return Ok(values);
        };
        let Some(how) = w.settings.numbering.get(&object.key) else {
            return Ok(values);
        };
        if values.iter().any(|(ix, v)| ix == field && !v.is_null()) {
            return Ok(values);
        }
        let Some(def) = object.at(*field) else {
            return Ok(values);
        };
        let edge = w.edge(caller.language, self.clock.now(), Mode::Create);
        for _ in 0..TAKEN {
            let n = self
                .store
                .engine()
                .reserve(w.id, &counter(&object.key), 1)
                .await?;
            let text = how.text(n.saturating_add(1));
            let value = codec::parse_text(def, &text, &edge).map_err(|e| AppError::Invalid(vec![e]))?;
            let query = Query::of(&object.key).filter(Filter {
                object: object.key.as_str().into(),
                root: Node::Test(Test {
                    field: *field,
                    op: Op::Eq,
                    operand: Operand::Text(value.as_str().unwrap_or_default().into()),
                }),
            });
            let taken = self
                .store
                .count(w.id, &w.layout, &Policy::all(caller.actor), &query, 1)
                .await?;
            if taken == 0 {
                values.retain(|(ix, _)| ix != field);
                values.push((*field, value));
                return Ok(values);
            }
        }
        // So many numbers in a row were given by hand: the record is made without one.
        Ok(values)
    }
}
