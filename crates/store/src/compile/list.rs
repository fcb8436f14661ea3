//! Records by their ids, and pages in an order with the cursor behind which they go on.

use peyvand_catalog::FieldIx;
use peyvand_catalog::definition::system;
use peyvand_record::policy::Verb;
use peyvand_record::query::{Cursor, CursorKey, Direction, Query, Sort};
use sea_query::{Alias, Cond, Expr, ExprTrait, Order, SelectStatement};

use super::{CompileError, Compiler, Half, Part, Select, col, cond_expr, id_value, padded};
use crate::by_ids::ByIds;
use crate::layout::{ObjectLayout, Slot, sort_column};
use crate::reach::Reach;
use crate::tables::Kind;

impl Compiler<'_> {
    /// The records that are asked for by their ids, in no order.
    pub fn by_ids(&self, asked: &ByIds<'_>) -> Result<Select, CompileError> {
        let l = self.object(asked.object)?;
        let mut statement = self.from(l, "t");
        let kinds = Self::read_columns(l, &l.columns_of(asked.fields), &mut statement);
        let mut cond = self.base(l, "t", asked.verb, asked.deleted, 0)?;
        cond = match asked.ids {
            [one] => cond.add(col("t", "id").eq(id_value(*one))),
            many => cond.add(col("t", "id").is_in(padded(many).map(|i| i.0))),
        };
        if let Some(f) = asked.filter {
            cond = cond.add(self.node(l, "t", &f.root, 0)?);
        }
        statement.cond_where(cond);
        Ok(Select {
            statement,
            kinds,
            reach: Reach::Workspace(self.workspace),
            rows: u32::try_from(asked.ids.len()).ok(),
        })
    }

    /// One half of a page; the limit is one more than asked, so that the end is seen.
    pub fn page(&self, q: &Query, half: Half, limit: u64) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        let mut statement = self.from(l, "t");
        let columns = l.columns_of(q.fields.as_deref());
        let mut kinds = Self::read_columns(l, &columns, &mut statement);
        let sort = effective_sort(q);
        let mut cond = self.base(l, "t", Verb::Read, q.deleted, 0)?;
        if let Some(f) = &q.filter {
            cond = cond.add(self.node(l, "t", &f.root, 0)?);
        }
        let mut keys = Vec::new();
        for s in &sort {
            keys.push((self.sort_expr(l, s.field, &mut statement)?, s.direction, s.field));
        }
        match half {
            Half::Whole => {}
            Half::Filled => cond = cond.add(keys[0].0.clone().is_not_null()),
            Half::Empty => cond = cond.add(keys[0].0.clone().is_null()),
        }
        let nearest = self.nearest(l, q, &sort, limit)?;
        if let Some(c) = &q.after {
            // The first page of the second half has no cursor of that half yet.
            let applies = half != Half::Empty || c.keys.first().is_some_and(Option::is_none);
            if applies {
                if c.order != q.order_tag() || c.keys.len() != sort.len() {
                    return Err(CompileError::BadCursor);
                }
                // A cursor comes from outside: its keys must be of the kinds that the columns are.
                for (k, s) in c.keys.iter().zip(&sort) {
                    let fits = match (k, self.sort_kind(l, s.field)) {
                        (None, _)
                        | (Some(CursorKey::I(_)), Kind::Int)
                        | (Some(CursorKey::T(_)), Kind::Text)
                        | (Some(CursorKey::B(_)), Kind::Bytes) => true,
                        (Some(CursorKey::B(b)), Kind::Uuid) => b.len() == 16,
                        _ => false,
                    };
                    if !fits {
                        return Err(CompileError::BadCursor);
                    }
                }
                // The nearest are behind the cursor already.
                if nearest.is_none() {
                    cond = cond.add(after(&keys, c, half, &|f| self.sort_kind(l, f))?);
                }
            }
        }
        if let Some(nearest) = nearest {
            cond = cond.add(col("t", "id").in_subquery(nearest));
        }
        // The keys are read too: the cursor of the last row is made from them.
        for (expr, _, field) in &keys {
            statement.expr(expr.clone());
            kinds.push(self.sort_kind(l, *field));
        }
        statement.cond_where(cond);
        for (n, (expr, direction, field)) in keys.iter().enumerate() {
            let order = if *direction == Direction::Asc {
                Order::Asc
            } else {
                Order::Desc
            };
            if n == 0 && half == Half::Empty {
                continue;
            }
            if n > 0 && !never_null(l, *field) {
                statement.order_by_expr(expr.clone().is_null(), Order::Asc);
            }
            statement.order_by_expr(expr.clone(), order);
        }
        if !ends_with_id(&sort) {
            statement.order_by_expr(col("t", "id"), id_order(&sort));
        }
        statement.limit(limit);
        Ok(Select {
            statement,
            kinds,
            reach: Reach::Workspace(self.workspace),
            rows: u32::try_from(limit).ok(),
        })
    }

    /// Does the order have halves?
    pub fn has_halves(&self, q: &Query) -> Result<bool, CompileError> {
        let l = self.object(&q.object)?;
        Ok(!never_null(l, effective_sort(q)[0].field))
    }

    fn sort_kind(&self, l: &ObjectLayout, field: FieldIx) -> Kind {
        match l.slot(field) {
            Some(Slot::Custom(_)) => Kind::Bytes,
            // Creation order is the order of the ids.
            _ if field == system::CREATED_AT => Kind::Uuid,
            Some(slot) => sort_column(slot).map_or(Kind::Text, |at| l.table.columns[at].kind),
            None => Kind::Text,
        }
    }

    fn sort_expr(&self, l: &ObjectLayout, field: FieldIx, s: &mut SelectStatement) -> Part {
        let def = l
            .object
            .at(field)
            .ok_or_else(|| CompileError::NotSortable(field.0.to_string()))?;
        if !def.sort || !self.policy.sees(&l.object.key, field) {
            return Err(CompileError::NotSortable(def.key.clone()));
        }
        if field == system::CREATED_AT {
            return Ok(col("t", "id"));
        }
        match l.slot(field) {
            Some(Slot::Custom(number)) => {
                let alias = format!("s{number}");
                s.join_as(
                    sea_query::JoinType::LeftJoin,
                    "field_index",
                    Alias::new(&*alias),
                    Cond::all()
                        .add(col(&alias, "workspace_id").eq(self.workspace.0))
                        .add(col(&alias, "record_id").equals((Alias::new("t"), "id")))
                        .add(col(&alias, "field").eq(i64::from(*number)))
                        .add(col(&alias, "kind").eq(1)),
                );
                Ok(col(&alias, "key"))
            }
            Some(slot) => sort_column(slot)
                .map(|at| col("t", l.name(at)))
                .ok_or_else(|| CompileError::NotSortable(def.key.clone())),
            None => Err(CompileError::NotSortable(def.key.clone())),
        }
    }
}

/// The sort of a query; newest first when it says nothing.
fn effective_sort(q: &Query) -> Vec<Sort> {
    if q.sort.is_empty() {
        vec![Sort {
            field: system::CREATED_AT,
            direction: Direction::Desc,
        }]
    } else {
        q.sort.clone()
    }
}

fn ends_with_id(sort: &[Sort]) -> bool {
    sort.iter().any(|s| keyed_by_id(s.field))
}

fn id_order(sort: &[Sort]) -> Order {
    if sort.last().is_some_and(|s| s.direction == Direction::Desc) {
        Order::Desc
    } else {
        Order::Asc
    }
}

fn never_null(l: &ObjectLayout, field: FieldIx) -> bool {
    if matches!(
        field,
        system::ID | system::CREATED_AT | system::UPDATED_AT | system::VERSION
    ) {
        return true;
    }
    !matches!(l.slot(field), Some(Slot::Custom(_)))
        && l.slot(field)
            .and_then(sort_column)
            .is_some_and(|at| !l.table.columns[at].nullable)
}

/// Is a field in the order of the ids?
pub(super) fn keyed_by_id(field: FieldIx) -> bool {
    field == system::ID || field == system::CREATED_AT
}

/// The rows behind the cursor, in the order of the keys.
fn after(
    keys: &[(Expr, Direction, FieldIx)],
    c: &Cursor,
    half: Half,
    kind: &dyn Fn(FieldIx) -> Kind,
) -> Result<Expr, CompileError> {
    let value = |k: &CursorKey, field: FieldIx| -> Expr {
        match k {
            CursorKey::I(i) => Expr::val(*i),
            CursorKey::T(s) => Expr::val(s.as_str()),
            CursorKey::B(b) if kind(field) == Kind::Uuid => {
                uuid::Uuid::from_slice(b).map_or_else(|_| Expr::val(b.clone()), Expr::val)
            }
            CursorKey::B(b) => Expr::val(b.clone()),
        }
    };
    let start = usize::from(half == Half::Empty);
    let id_direction = keys.last().map_or(Direction::Desc, |k| k.1);
    let by_id = |d: Direction| {
        let c_id = col("t", "id");
        if d == Direction::Asc {
            c_id.gt(id_value(c.id))
        } else {
            c_id.lt(id_value(c.id))
        }
    };
    // One key: the row comparison that the index serves.
    if keys.len() == 1 && start == 0 {
        let (expr, d, f) = &keys[0];
        if keyed_by_id(*f) {
            return Ok(by_id(*d));
        }
        let Some(Some(k)) = c.keys.first() else {
            return Err(CompileError::BadCursor);
        };
        let left = Expr::tuple([expr.clone(), col("t", "id")]);
        let right = Expr::tuple([value(k, *f), id_value(c.id)]);
        return Ok(if *d == Direction::Asc {
            left.gt(right)
        } else {
            left.lt(right)
        });
    }
    let mut any = Cond::any();
    for j in start..=keys.len() {
        let mut all = Cond::all();
        for (i, (expr, _, f)) in keys.iter().enumerate().take(j).skip(start) {
            all = match &c.keys[i] {
                Some(k) => all.add(expr.clone().eq(value(k, *f))),
                None => all.add(expr.clone().is_null()),
            };
        }
        if j == keys.len() {
            any = any.add(all.add(by_id(id_direction)));
            break;
        }
        let (expr, d, f) = &keys[j];
        let Some(k) = &c.keys[j] else { continue };
        let v = value(k, *f);
        let beyond = if *d == Direction::Asc {
            expr.clone().gt(v)
        } else {
            expr.clone().lt(v)
        };
        any = any.add(all.add(Cond::any().add(beyond).add(expr.clone().is_null())));
    }
    Ok(cond_expr(any))
}
