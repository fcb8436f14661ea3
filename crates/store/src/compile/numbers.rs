//! Counts and sums over the records of a question.

use peyvand_catalog::{FieldIx, FieldType};
use peyvand_record::policy::Verb;
use peyvand_record::query::Query;
use sea_query::{Alias, Asterisk, Cond, Expr, ExprTrait, Func, Order, SelectStatement};

use super::custom::Part;
use super::{CompileError, Compiler, SUM_BASE, Select, col, not_comparable};
use crate::layout::{ObjectLayout, Slot};
use crate::reach::Reach;
use crate::tables::Kind;
use crate::value::SqlVal;

/// A cap that leaves nothing out.
pub const ALL: u64 = u64::MAX;

/// How many rows there are.
fn counted() -> Expr {
    Func::count(Expr::col(Asterisk)).into()
}

impl Compiler<'_> {
    /// Counts matching records up to `cap` + 1.
    pub fn count(&self, q: &Query, cap: u64) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        let inner = match self.ways(l, q)? {
            Some(ways) if cap < ALL => ways.first(&Order::Asc, cap + 1),
            _ => {
                let mut inner = self.looked_at(l, q, cap)?;
                inner.expr_as(Expr::val(1), "one");
                inner
            }
        };
        let mut statement = SelectStatement::new();
        statement.expr(counted()).from_subquery(inner, "c");
        Ok(Select {
            statement,
            kinds: vec![Kind::Int],
            reach: Reach::Workspace(self.workspace),
            rows: None,
        })
    }

    /// Sums a number, decimal or amount over the matching records: for each currency its code, how many records, and the
    /// sum in two halves of which neither can overflow: whole multiples of [`SUM_BASE`] and the rest; then how many have
    /// a twin, and the twins' sum likewise. A number has one group without a currency.
    pub fn sums(&self, q: &Query, field: FieldIx) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        if !self.policy.sees(&l.object.key, field) {
            return Err(not_comparable(l, field));
        }
        let number = l
            .object
            .at(field)
            .is_some_and(|f| matches!(f.stored(), FieldType::Number | FieldType::Decimal));
        let amount = l.object.at(field).is_some_and(|f| f.stored() == FieldType::Money);
        let column = |at: &usize| Some(col("t", l.name(*at)));
        let part = |part| self.custom_part(l, "t", field, part);
        let (value, twin, currency) = match l.slot(field) {
            Some(Slot::Money(at)) => (column(at), column(&(at + 2)), column(&(at + 1))),
            Some(Slot::Column { main, .. }) if number => (column(main), column(main), None),
            Some(Slot::Custom(_)) if number => (part(Part::Whole), part(Part::Whole), None),
            Some(Slot::Custom(_)) if amount => (part(Part::Minor), part(Part::Base), part(Part::Currency)),
            _ => return Err(not_comparable(l, field)),
        };
        let (Some(value), Some(twin)) = (value, twin) else {
            return Err(not_comparable(l, field));
        };
        // Inside, the parts have names: what is grouped by is the same expression wherever it stands.
        let mut inner = self.looked_at(l, q, ALL)?;
        inner.and_where(value.clone().is_not_null());
        inner.expr_as(value, "v").expr_as(twin, "b");
        let mut statement = SelectStatement::new();
        match currency {
            Some(code) => {
                inner.expr_as(code, "code");
                statement.expr(col("c", "code"));
                statement.add_group_by([col("c", "code")]);
                statement.order_by_expr(col("c", "code"), Order::Asc);
            }
            None => {
                statement.expr(Expr::val(""));
            }
        }
        let whole = |e: Expr| Expr::expr(Func::sum(e)).cast_as(Alias::new("bigint"));
        statement.expr(counted());
        for at in ["v", "b"] {
            let c = || col("c", at);
            statement.expr(whole(c().div(SUM_BASE)));
            statement.expr(whole(c().modulo(SUM_BASE)));
            statement.expr(Func::count(c()));
        }
        statement.from_subquery(inner, "c");
        let mut kinds = vec![Kind::Text];
        kinds.extend([Kind::Int; 7]);
        Ok(Select {
            statement,
            kinds,
            reach: Reach::Workspace(self.workspace),
            rows: None,
        })
    }

    /// Counts matching records up to `cap` + 1 and sums these fields over them: numbers and decimals as they are stored,
    /// amounts by their twins in the base currency. Fields that are no numbers are left out as `NULL`.
    pub fn tally(&self, q: &Query, fields: &[FieldIx], cap: u64) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        let mut statement = SelectStatement::new();
        let mut inner = self.looked_at(l, q, cap)?;
        inner.expr_as(Expr::val(1), "one");
        self.totals(l, fields, &mut inner, &mut statement);
        statement.from_subquery(inner, "c");
        Ok(Select {
            statement,
            kinds: vec![Kind::Int; fields.len() + 1],
            reach: Reach::Workspace(self.workspace),
            rows: None,
        })
    }

    /// The matching records, of which `cap` + 1 are looked at.
    fn looked_at(&self, l: &ObjectLayout, q: &Query, cap: u64) -> Result<SelectStatement, CompileError> {
        let mut inner = self.from(l, "t");
        let mut cond = self.base(l, "t", Verb::Read, q.deleted, 0)?;
        if let Some(f) = &q.filter {
            cond = cond.add(self.node(l, "t", &f.root, 0)?);
        }
        inner.cond_where(cond);
        if cap < ALL {
            inner.limit(cap + 1);
        }
        Ok(inner)
    }

    /// How many records there are inside, and the sums of these fields over them.
    fn totals(
        &self,
        l: &ObjectLayout,
        fields: &[FieldIx],
        inner: &mut SelectStatement,
        statement: &mut SelectStatement,
    ) {
        statement.expr(counted());
        for (n, field) in fields.iter().enumerate() {
            let name = format!("s{n}");
            let summand = Some(*field)
                .filter(|ix| self.policy.sees(&l.object.key, *ix))
                .and_then(|ix| self.summand(l, "t", ix));
            match summand {
                Some(summand) => {
                    inner.expr_as(summand, Alias::new(&*name));
                    // A sum of whole numbers is of a wider type in PostgreSQL.
                    let sum = Expr::expr(Func::sum(col("c", &name)));
                    statement.expr(sum.cast_as(Alias::new("bigint")));
                }
                _ => {
                    statement.expr(Expr::val(Option::<i64>::None).cast_as(Alias::new("bigint")));
                }
            }
        }
    }

    /// The values of a field over the matching records, of which `cap` + 1 are looked at ([`ALL`] for all): for each value
    /// how many records and the sums of these fields, as [`Self::tally`] gives them; at most `most` values, those of most
    /// records first, of equally many the smaller value first and what has none last; beginning after a value with its
    /// count, where one is given.
    ///
    /// # Errors
    /// A field whose values are no plain ones, or that the caller does not see; a value that is none of the field.
    pub fn groups(
        &self,
        q: &Query,
        group: FieldIx,
        fields: &[FieldIx],
        cap: u64,
        after: Option<&(u64, SqlVal)>,
        most: u64,
    ) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        if !self.policy.sees(&l.object.key, group) {
            return Err(not_comparable(l, group));
        }
        let (value, kind) = self
            .grouping(l, "t", group)
            .ok_or_else(|| not_comparable(l, group))?;
        let mut statement = SelectStatement::new();
        statement.expr(col("c", "g"));
        let mut inner = self.looked_at(l, q, cap)?;
        inner.expr_as(value, "g");
        self.totals(l, fields, &mut inner, &mut statement);
        statement
            .from_subquery(inner, "c")
            .add_group_by([col("c", "g")])
            .order_by_expr(counted(), Order::Desc)
            .order_by_expr(col("c", "g").is_null(), Order::Asc)
            .order_by_expr(col("c", "g"), Order::Asc)
            .limit(most);
        if let Some((count, value)) = after {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            let behind = match (value, kind) {
                // What has no value is the last of its size.
                (SqlVal::Null, _) => None,
                (SqlVal::Int(n), Kind::Int) => Some(Expr::val(*n)),
                (SqlVal::Text(s), Kind::Text) => Some(Expr::val(s.as_str())),
                (SqlVal::Uuid(id), Kind::Uuid) => Some(Expr::val(id.0)),
                (SqlVal::Uuid(id), Kind::Text) => Some(Expr::val(id.to_string())),
                _ => return Err(not_comparable(l, group)),
            };
            let mut cond = Cond::any().add(counted().lt(count));
            if let Some(value) = behind {
                let later = Cond::any()
                    .add(col("c", "g").gt(value))
                    .add(col("c", "g").is_null());
                cond = cond.add(Cond::all().add(counted().eq(count)).add(later));
            }
            statement.cond_having(cond);
        }
        let mut kinds = vec![kind];
        kinds.extend(vec![Kind::Int; fields.len() + 1]);
        Ok(Select {
            statement,
            kinds,
            reach: Reach::Workspace(self.workspace),
            rows: None,
        })
    }
}
