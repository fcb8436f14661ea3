//! Queries, filters and policies as statements. The policy is part of every select of records, inside relations, counts
//! and sums too; there is no function here that selects records without one.

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, FieldType};
use peyvand_core::{Id, WorkspaceId};
use peyvand_record::filter::{Aggregate, Node, Op, Operand, Relation, Test};
use peyvand_record::policy::{Policy, Reach, Verb};
use peyvand_record::query::{Cursor, CursorKey, DeletedScope, Direction, Query, Sort};
use peyvand_record::{Filter, derive};
use sea_query::{Alias, Asterisk, Cond, Expr, ExprTrait, Func, Order, SelectStatement};

use crate::layout::{Layout, ObjectLayout, Slot, lookup_column, sort_column};
use crate::tables::Kind;
use crate::value::SqlVal;

/// Where the engines spell things differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL and its kin.
    Postgres,
}

/// A select and what its columns hold.
#[derive(Debug, Clone)]
pub struct Select {
    /// The statement.
    pub statement: SelectStatement,
    /// The kinds of its columns, in order.
    pub kinds: Vec<Kind>,
}

/// A question that cannot be asked in this form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// The object is not in the catalog.
    #[error("there is no object {0}")]
    UnknownObject(String),
    /// The field cannot be sorted by.
    #[error("{0} cannot be sorted by")]
    NotSortable(String),
    /// The comparison does not fit the field's type.
    #[error("{field} cannot be compared like this")]
    NotComparable {
        /// The field.
        field: String,
    },
    /// The cursor belongs to another list.
    #[error("the cursor does not belong to this list")]
    BadCursor,
}

/// Compiles for one workspace, policy and engine.
#[derive(Debug)]
pub struct Compiler<'a> {
    /// The layouts.
    pub layout: &'a Layout,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The rights of the one who asks.
    pub policy: &'a Policy,
    /// The engine.
    pub dialect: Dialect,
}

/// Which half of a list a select reads: records that have a value in the first sort field come first, those without
/// one after them; each half is served by the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// The order has no halves: its first key is never empty.
    Whole,
    /// Records with a value.
    Filled,
    /// Records without one.
    Empty,
}

/// Sums are made in two parts, multiples of this and the rest, so that neither leaves 64 bits below 2³¹ records.
pub const SUM_BASE: i64 = 1 << 32;

type Part = Result<Expr, CompileError>;

fn col(alias: &str, column: &str) -> Expr {
    Expr::col((Alias::new(alias), Alias::new(column)))
}

fn id_value(id: Id) -> Expr {
    Expr::val(id.0)
}

/// Runs `f` with a fresh alias; nested relations get `t1`, `t2` ….
fn next_alias(depth: usize) -> String {
    format!("t{depth}")
}

impl Compiler<'_> {
    fn object(&self, key: &str) -> Result<&ObjectLayout, CompileError> {
        self.layout
            .object(key)
            .map(AsRef::as_ref)
            .ok_or_else(|| CompileError::UnknownObject(key.to_owned()))
    }

    /// Workspace, life, object of shared tables, and the reach of the policy: what every select of records starts with.
    fn base(
        &self,
        l: &ObjectLayout,
        alias: &str,
        verb: Verb,
        deleted: DeletedScope,
        depth: usize,
    ) -> Result<Cond, CompileError> {
        let mut cond = Cond::all().add(col(alias, "workspace_id").eq(self.workspace.0));
        cond = match deleted {
            DeletedScope::Live => cond.add(col(alias, "deleted_at").is_null()),
            DeletedScope::Deleted => cond.add(col(alias, "deleted_at").is_not_null()),
        };
        if let Some(at) = l.object_column {
            cond = cond.add(col(alias, l.name(at)).eq(l.object.key.as_str()));
        }
        if let Some(reach) = self.reach(l, alias, verb, depth)? {
            cond = cond.add(reach);
        }
        Ok(cond)
    }

    /// The condition of the policy on rows of this alias; `None` when it holds for all.
    fn reach(
        &self,
        l: &ObjectLayout,
        alias: &str,
        verb: Verb,
        depth: usize,
    ) -> Result<Option<Expr>, CompileError> {
        if self.policy.unrestricted {
            return Ok(None);
        }
        let key = l.object.key.as_str();
        // A child has its parent's rights: whoever sees the order sees its lines.
        if !l.object.spine && l.object.parent.is_some() {
            let mut any = Cond::any();
            for link in [&l.object.parent, &l.object.parent_or].into_iter().flatten() {
                let Some((ix, field)) = l.object.field(link) else {
                    continue;
                };
                let Some(parent) = field.to.as_deref() else {
                    continue;
                };
                let near = self.link_column(l, ix)?;
                let pl = self.object(parent)?;
                let pa = next_alias(depth + 1);
                let mut sub = self.from(pl, &pa);
                sub.expr(Expr::val(1)).cond_where(
                    Cond::all()
                        .add(self.base(pl, &pa, verb, DeletedScope::Live, depth + 1)?)
                        .add(col(&pa, "id").equals((Alias::new(alias), Alias::new(&*near)))),
                );
                any = any.add(Expr::exists(sub));
            }
            return Ok(Some(cond_expr(any)));
        }
        let reach = self.policy.reach(key, verb);
        if !l.object.ownable {
            return Ok((reach == Reach::None).then(|| Expr::val(1).eq(0)));
        }
        let own = || col(alias, "owner_id").eq(id_value(self.policy.actor.id()));
        let teams = |ids: &[Id]| {
            let mut c = Cond::any().add(own());
            if !ids.is_empty() {
                c = c.add(col(alias, "team_id").is_in(ids.iter().map(|i| i.0)));
            }
            c
        };
        let reached = match reach {
            Reach::All => return Ok(None),
            // A share widens a reach; it gives no right that a role or the scopes of a token lack.
            Reach::None => return Ok(Some(Expr::val(1).eq(0))),
            Reach::Own => Cond::any().add(own()),
            Reach::Team => teams(&self.policy.teams),
            Reach::TeamAndBelow => teams(&self.policy.teams_below),
        };
        if !matches!(verb, Verb::Read | Verb::Update) {
            return Ok(Some(cond_expr(reached)));
        }
        let share = next_alias(depth + 1);
        let mut grantees = vec![self.policy.actor.id().0];
        grantees.extend(self.policy.teams.iter().map(|t| t.0));
        let mut sub = SelectStatement::new();
        sub.expr(Expr::val(1))
            .from_as("record_share", Alias::new(&*share))
            .cond_where(
                Cond::all()
                    .add(col(&share, "workspace_id").eq(self.workspace.0))
                    .add(col(&share, "record_id").equals((Alias::new(alias), "id")))
                    .add(col(&share, "grantee_id").is_in(grantees)),
            );
        if verb == Verb::Update {
            sub.and_where(col(&share, "may_update").eq(1));
        }
        Ok(Some(cond_expr(reached.add(Expr::exists(sub)))))
    }

    fn from(&self, l: &ObjectLayout, alias: &str) -> SelectStatement {
        let mut s = SelectStatement::new();
        s.from_as(Alias::new(&*l.table.name), Alias::new(alias));
        s
    }

    fn read_columns(l: &ObjectLayout, s: &mut SelectStatement) -> Vec<Kind> {
        l.read
            .iter()
            .map(|&at| {
                s.expr(col("t", l.name(at)));
                l.table.columns[at].kind
            })
            .collect()
    }

    /// The records with these ids that the verb reaches, in no order.
    pub fn by_ids(
        &self,
        object: &str,
        ids: &[Id],
        verb: Verb,
        deleted: DeletedScope,
        filter: Option<&Filter>,
    ) -> Result<Select, CompileError> {
        let l = self.object(object)?;
        let mut statement = self.from(l, "t");
        let kinds = Self::read_columns(l, &mut statement);
        let mut cond = self.base(l, "t", verb, deleted, 0)?;
        cond = match ids {
            [one] => cond.add(col("t", "id").eq(id_value(*one))),
            many => cond.add(col("t", "id").is_in(many.iter().map(|i| i.0))),
        };
        if let Some(f) = filter {
            cond = cond.add(self.node(l, "t", &f.root, 0)?);
        }
        statement.cond_where(cond);
        Ok(Select { statement, kinds })
    }

    /// One half of a page; the limit is one more than asked, so that the end is seen.
    pub fn page(&self, q: &Query, half: Half, limit: u64) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        let mut statement = self.from(l, "t");
        let mut kinds = Self::read_columns(l, &mut statement);
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
                cond = cond.add(after(&keys, c, half, &|f| self.sort_kind(l, f))?);
            }
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
        Ok(Select { statement, kinds })
    }

    /// Counts matching records up to `cap` + 1.
    pub fn count(&self, q: &Query, cap: u64) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        let mut inner = self.from(l, "t");
        let mut cond = self.base(l, "t", Verb::Read, q.deleted, 0)?;
        if let Some(f) = &q.filter {
            cond = cond.add(self.node(l, "t", &f.root, 0)?);
        }
        inner.expr_as(Expr::val(1), "one").cond_where(cond).limit(cap + 1);
        let mut statement = SelectStatement::new();
        statement
            .expr(Func::count(Expr::col(Asterisk)))
            .from_subquery(inner, "c");
        Ok(Select {
            statement,
            kinds: vec![Kind::Int],
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
        let (value, twin, currency) = match l.slot(field) {
            Some(Slot::Money(at)) => (*at, *at + 2, Some(*at + 1)),
            Some(Slot::Column { main, .. })
                if l.object
                    .at(field)
                    .is_some_and(|f| matches!(f.stored(), FieldType::Number | FieldType::Decimal)) =>
            {
                (*main, *main, None)
            }
            _ => return Err(not_comparable(l, field)),
        };
        let mut statement = self.from(l, "t");
        let mut cond = self.base(l, "t", Verb::Read, q.deleted, 0)?;
        if let Some(f) = &q.filter {
            cond = cond.add(self.node(l, "t", &f.root, 0)?);
        }
        cond = cond.add(col("t", l.name(value)).is_not_null());
        statement.cond_where(cond);
        match currency {
            Some(at) => {
                statement.expr(col("t", l.name(at)));
                statement.add_group_by([col("t", l.name(at))]);
                statement.order_by_expr(col("t", l.name(at)), Order::Asc);
            }
            None => {
                statement.expr(Expr::val(""));
            }
        }
        let whole = |e: Expr| Expr::expr(Func::sum(e)).cast_as(Alias::new("bigint"));
        statement.expr(Func::count(Expr::col(Asterisk)));
        for at in [value, twin] {
            let c = || col("t", l.name(at));
            statement.expr(whole(c().div(SUM_BASE)));
            statement.expr(whole(c().modulo(SUM_BASE)));
            statement.expr(Func::count(c()));
        }
        let mut kinds = vec![Kind::Text];
        kinds.extend([Kind::Int; 7]);
        Ok(Select { statement, kinds })
    }

    /// Counts matching records up to `cap` + 1 and sums these fields over them: numbers and decimals as they are stored,
    /// amounts by their twins in the base currency. Fields without a column of their own (custom ones) are left out as
    /// `NULL`.
    pub fn tally(&self, q: &Query, fields: &[FieldIx], cap: u64) -> Result<Select, CompileError> {
        let l = self.object(&q.object)?;
        let mut inner = self.from(l, "t");
        let mut cond = self.base(l, "t", Verb::Read, q.deleted, 0)?;
        if let Some(f) = &q.filter {
            cond = cond.add(self.node(l, "t", &f.root, 0)?);
        }
        inner.expr_as(Expr::val(1), "one");
        let mut statement = SelectStatement::new();
        statement.expr(Func::count(Expr::col(Asterisk)));
        for (n, field) in fields.iter().enumerate() {
            let name = format!("s{n}");
            match l.slot(*field).and_then(sort_column) {
                Some(at)
                    if self.policy.sees(&l.object.key, *field) && l.table.columns[at].kind == Kind::Int =>
                {
                    inner.expr_as(col("t", l.name(at)), Alias::new(&*name));
                    // A sum of whole numbers is of a wider type in PostgreSQL.
                    let sum = Expr::expr(Func::sum(col("c", &name)));
                    statement.expr(sum.cast_as(Alias::new("bigint")));
                }
                _ => {
                    statement.expr(Expr::val(Option::<i64>::None).cast_as(Alias::new("bigint")));
                }
            }
        }
        inner.cond_where(cond).limit(cap + 1);
        statement.from_subquery(inner, "c");
        Ok(Select {
            statement,
            kinds: vec![Kind::Int; fields.len() + 1],
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

    /// A condition on rows of `alias`; may be NULL only where it is not true.
    fn node(&self, l: &ObjectLayout, alias: &str, node: &Node, depth: usize) -> Part {
        Ok(match node {
            Node::All(list) => {
                let mut c = Cond::all();
                for n in list {
                    c = c.add(self.node(l, alias, n, depth)?);
                }
                if list.is_empty() {
                    Expr::val(1).eq(1)
                } else {
                    cond_expr(c)
                }
            }
            Node::Any(list) => {
                let mut c = Cond::any();
                for n in list {
                    c = c.add(self.node(l, alias, n, depth)?);
                }
                if list.is_empty() {
                    Expr::val(1).eq(0)
                } else {
                    cond_expr(c)
                }
            }
            Node::Not(inner) => not_true(self.node(l, alias, inner, depth)?),
            Node::Test(t) => self.test(l, alias, t, depth)?,
            Node::Related { relation, inner } => {
                let (mut sub, rl, ra) = self.related(l, alias, relation, depth)?;
                sub.expr(Expr::val(1))
                    .and_where(self.node(rl, &ra, inner, depth + 1)?);
                Expr::exists(sub)
            }
            Node::Aggregate {
                relation,
                function,
                inner,
                op,
                value,
            } => {
                let (mut sub, rl, ra) = self.related(l, alias, relation, depth)?;
                sub.and_where(self.node(rl, &ra, inner, depth + 1)?);
                match function {
                    Aggregate::Count => sub.expr(Func::count(Expr::col(Asterisk))),
                    Aggregate::Sum(f) => {
                        let at = rl
                            .slot(*f)
                            .and_then(sort_column)
                            .ok_or_else(|| not_comparable(rl, *f))?;
                        let sum =
                            Func::coalesce([Expr::expr(Func::sum(col(&ra, rl.name(at)))), Expr::val(0_i64)]);
                        sub.expr(sum)
                    }
                };
                compare(Expr::from(sub), *op, Expr::val(*value)).ok_or(CompileError::NotComparable {
                    field: "aggregate".to_owned(),
                })?
            }
            Node::HasKey { source, key } => {
                let a = next_alias(depth + 1);
                let mut sub = SelectStatement::new();
                sub.expr(Expr::val(1))
                    .from_as("external_key", Alias::new(&*a))
                    .cond_where(
                        Cond::all()
                            .add(col(&a, "workspace_id").eq(self.workspace.0))
                            .add(col(&a, "record_id").equals((Alias::new(alias), "id")))
                            .add(col(&a, "source").eq(&**source)),
                    );
                if let Some(k) = key {
                    sub.and_where(col(&a, "key").eq(&**k));
                }
                Expr::exists(sub)
            }
            Node::Tagged(tag) => {
                let a = next_alias(depth + 1);
                let mut sub = SelectStatement::new();
                sub.expr(Expr::val(1))
                    .from_as("record_tag", Alias::new(&*a))
                    .cond_where(
                        Cond::all()
                            .add(col(&a, "workspace_id").eq(self.workspace.0))
                            .add(col(&a, "record_id").equals((Alias::new(alias), "id")))
                            .add(col(&a, "tag_id").eq(id_value(*tag))),
                    );
                Expr::exists(sub)
            }
        })
    }

    fn related<'l>(
        &'l self,
        l: &ObjectLayout,
        alias: &str,
        relation: &Relation,
        depth: usize,
    ) -> Result<(SelectStatement, &'l ObjectLayout, String), CompileError> {
        let rl = self.object(relation.object())?;
        let ra = next_alias(depth + 1);
        let mut sub = self.from(rl, &ra);
        let (near, far) = match relation {
            Relation::Forward { field, .. } => (self.link_column(l, *field)?, "id".to_owned()),
            Relation::Inverse { field, .. } => ("id".to_owned(), self.link_column(rl, *field)?),
        };
        sub.cond_where(
            Cond::all()
                .add(self.base(rl, &ra, Verb::Read, DeletedScope::Live, depth + 1)?)
                .add(col(&ra, &far).equals((Alias::new(alias), Alias::new(&*near)))),
        );
        Ok((sub, rl, ra))
    }

    fn link_column(&self, l: &ObjectLayout, field: FieldIx) -> Result<String, CompileError> {
        match l.slot(field) {
            Some(Slot::Column { main, .. }) => Ok(l.name(*main).to_owned()),
            _ => Err(not_comparable(l, field)),
        }
    }

    fn test(&self, l: &ObjectLayout, alias: &str, t: &Test, depth: usize) -> Part {
        let Some(def) = l.object.at(t.field) else {
            return Err(not_comparable(l, t.field));
        };
        if t.op == Op::Ne {
            return Ok(not_true(self.test(
                l,
                alias,
                &Test {
                    op: Op::Eq,
                    ..t.clone()
                },
                depth,
            )?));
        }
        let slot = l.slot(t.field).ok_or_else(|| not_comparable(l, t.field))?;
        if let Slot::Custom(number) = slot {
            return self.custom_test(l, alias, t, *number, depth);
        }
        let at = lookup_column(slot).ok_or_else(|| not_comparable(l, t.field))?;
        let c = || col(alias, l.name(at));
        if let (Op::Eq, Operand::Null) = (t.op, &t.operand) {
            // The value itself, not its fold: «؟!» is a text whose fold is empty.
            let at = match slot {
                Slot::Column { main, .. } => *main,
                _ => at,
            };
            return Ok(col(alias, l.name(at)).is_null());
        }
        if let (Op::In, Operand::List(list)) = (t.op, &t.operand)
            && matches!(def.stored(), FieldType::Money | FieldType::Points)
        {
            // Each amount has its own column to be compared with (its currency's or the base twin's); contact points
            // stand in a table of their own.
            let mut any = Cond::any();
            for o in list {
                let one = Test {
                    field: t.field,
                    op: Op::Eq,
                    operand: o.clone(),
                };
                any = any.add(self.test(l, alias, &one, depth)?);
            }
            return Ok(if list.is_empty() {
                Expr::val(1).eq(0)
            } else {
                cond_expr(any)
            });
        }
        if let (Op::Has | Op::Eq, FieldType::Choices, Operand::Text(k)) = (t.op, def.stored(), &t.operand) {
            return Ok(self.contains(c(), &format!("\"{k}\"")));
        }
        if let (Op::Has | Op::Eq, FieldType::Links, Operand::Id(id)) = (t.op, def.stored(), &t.operand) {
            return Ok(self.contains(c(), &format!("\"{id}\"")));
        }
        if let (Op::Has | Op::Eq | Op::Starts, FieldType::Points, Operand::Text(v)) =
            (t.op, def.stored(), &t.operand)
        {
            return Ok(self.point_test(l, alias, def.channel.as_deref().unwrap_or(""), t.op, v, depth));
        }
        if let Operand::Money { minor, currency } = &t.operand {
            let Slot::Money(m) = slot else {
                return Err(not_comparable(l, t.field));
            };
            return match currency {
                Some(code) => {
                    let cmp = compare(col(alias, l.name(*m)), t.op, Expr::val(*minor))
                        .ok_or_else(|| not_comparable(l, t.field))?;
                    Ok(cmp.and(col(alias, l.name(m + 1)).eq(&**code)))
                }
                None => compare(col(alias, l.name(m + 2)), t.op, Expr::val(*minor))
                    .ok_or_else(|| not_comparable(l, t.field)),
            };
        }
        self.plain_test(l, t, &c)
    }

    fn plain_test(&self, l: &ObjectLayout, t: &Test, c: &dyn Fn() -> Expr) -> Part {
        let bad = || not_comparable(l, t.field);
        Ok(match (&t.operand, t.op) {
            (Operand::Range { from, to }, op) => match op {
                Op::Eq => c().gte(*from).and(c().lt(*to)),
                Op::Lt => c().lt(*from),
                Op::Le => c().lt(*to),
                Op::Gt => c().gte(*to),
                Op::Ge => c().gte(*from),
                _ => return Err(bad()),
            },
            (Operand::List(list), Op::In) => {
                let mut any = Cond::any();
                let mut plain = Vec::new();
                for o in list {
                    match o {
                        Operand::Int(_) | Operand::Text(_) | Operand::Id(_) => {
                            plain.push(operand_expr(o).ok_or_else(bad)?);
                        }
                        other => {
                            any = any.add(self.plain_test(
                                l,
                                &Test {
                                    field: t.field,
                                    op: Op::Eq,
                                    operand: other.clone(),
                                },
                                c,
                            )?);
                        }
                    }
                }
                if !plain.is_empty() {
                    any = any.add(c().is_in(plain));
                }
                if list.is_empty() {
                    Expr::val(1).eq(0)
                } else {
                    cond_expr(any)
                }
            }
            (Operand::Null, Op::Eq) => c().is_null(),
            (Operand::Text(s), Op::Has) => self.contains(c(), s),
            (Operand::Text(s), Op::Starts) => prefix(c(), s),
            (Operand::Id(_) | Operand::Int(_), Op::Has) => c().eq(operand_expr(&t.operand).ok_or_else(bad)?),
            (o, op) => compare(c(), op, operand_expr(o).ok_or_else(bad)?).ok_or_else(bad)?,
        })
    }

    fn contains(&self, c: Expr, needle: &str) -> Expr {
        let name = match self.dialect {
            Dialect::Sqlite => "instr",
            Dialect::Postgres => "strpos",
        };
        Expr::expr(Func::cust(name).arg(c).arg(needle)).gt(0)
    }

    fn point_test(
        &self,
        l: &ObjectLayout,
        alias: &str,
        channel: &str,
        op: Op,
        value: &str,
        depth: usize,
    ) -> Expr {
        let a = next_alias(depth + 1);
        let mut sub = SelectStatement::new();
        let parent = format!("{}_id", l.object.key);
        let channels: Vec<&str> = if channel == "phone" {
            vec!["phone", "mobile", "fax"]
        } else {
            vec![channel]
        };
        let test = match op {
            Op::Has => self.contains(col(&a, "normalised"), value),
            Op::Starts => prefix(col(&a, "normalised"), value),
            _ => col(&a, "normalised").eq(value),
        };
        sub.expr(Expr::val(1))
            .from_as("contact_point", Alias::new(&*a))
            .cond_where(
                Cond::all()
                    .add(col(&a, "workspace_id").eq(self.workspace.0))
                    .add(col(&a, &parent).equals((Alias::new(alias), "id")))
                    .add(col(&a, "deleted_at").is_null())
                    .add(col(&a, "channel").is_in(channels))
                    .add(test),
            );
        Expr::exists(sub)
    }

    fn custom_test(&self, l: &ObjectLayout, alias: &str, t: &Test, number: i32, depth: usize) -> Part {
        let def = l.object.at(t.field).ok_or_else(|| not_comparable(l, t.field))?;
        let a = next_alias(depth + 1);
        let rows = |test: Option<Expr>| {
            let mut sub = SelectStatement::new();
            sub.expr(Expr::val(1))
                .from_as("field_index", Alias::new(&*a))
                .cond_where(
                    Cond::all()
                        .add(col(&a, "workspace_id").eq(self.workspace.0))
                        .add(col(&a, "field").eq(i64::from(number)))
                        .add(col(&a, "kind").eq(0))
                        .add(col(&a, "record_id").equals((Alias::new(alias), "id")))
                        .add_option(test),
                );
            Expr::exists(sub)
        };
        let k = || col(&a, "key");
        let between = |from: Vec<u8>, to: Option<Vec<u8>>| match to {
            Some(to) => k().gte(from).and(k().lt(to)),
            None => k().gte(from),
        };
        Ok(match (&t.operand, t.op) {
            (Operand::Null, Op::Eq) => rows(None).not(),
            (Operand::List(list), Op::In) if list.is_empty() => Expr::val(1).eq(0),
            (Operand::Text(s), Op::Has)
                if !matches!(def.stored(), FieldType::Choice | FieldType::Choices) =>
            {
                rows(Some(match self.dialect {
                    Dialect::Sqlite => {
                        Expr::expr(Func::cust("instr").arg(k()).arg(s.as_bytes().to_vec())).gt(0)
                    }
                    Dialect::Postgres => {
                        let text = Func::cust("convert_from").arg(k()).arg("UTF8");
                        Expr::expr(Func::cust("strpos").arg(text).arg(&**s)).gt(0)
                    }
                }))
            }
            (operand, op) => {
                let lookup =
                    derive::index_lookup(def, op, operand).ok_or_else(|| not_comparable(l, t.field))?;
                match lookup {
                    derive::IndexLookup::Any => rows(None),
                    derive::IndexLookup::Keys(keys) => rows(Some(k().is_in(keys))),
                    derive::IndexLookup::Range(from, to) => rows(Some(between(from, to))),
                    derive::IndexLookup::Ranges(list) => {
                        let any = list
                            .into_iter()
                            .fold(Cond::any(), |c, (from, to)| c.add(between(from, to)));
                        rows(Some(cond_expr(any)))
                    }
                }
            }
        })
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
    sort.iter()
        .any(|s| s.field == system::ID || s.field == system::CREATED_AT)
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
    let keyed_by_id = |f: FieldIx| f == system::ID || f == system::CREATED_AT;
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

fn not_true(e: Expr) -> Expr {
    Expr::expr(Func::coalesce([e, Expr::val(1).eq(0)])).not()
}

fn cond_expr(c: Cond) -> Expr {
    Expr::from(c)
}

fn operand_expr(o: &Operand) -> Option<Expr> {
    match o {
        Operand::Int(i) => Some(Expr::val(*i)),
        Operand::Text(s) => Some(Expr::val(&**s)),
        Operand::Id(id) => Some(id_value(*id)),
        _ => None,
    }
}

fn compare(left: Expr, op: Op, right: Expr) -> Option<Expr> {
    Some(match op {
        Op::Eq => left.eq(right),
        Op::Ne => left.ne(right),
        Op::Lt => left.lt(right),
        Op::Le => left.lte(right),
        Op::Gt => left.gt(right),
        Op::Ge => left.gte(right),
        Op::Has | Op::Starts | Op::In => return None,
    })
}

fn prefix(c: Expr, s: &str) -> Expr {
    // The least text behind every text with this prefix: the prefix with its last character raised by one.
    let mut chars: Vec<char> = s.chars().collect();
    while let Some(last) = chars.pop() {
        let next = (last as u32 + 1..=0x0010_FFFF).find_map(char::from_u32);
        if let Some(n) = next {
            chars.push(n);
            let high: String = chars.into_iter().collect();
            return c.clone().gte(s).and(c.lt(high));
        }
    }
    c.gte(s)
}

fn not_comparable(l: &ObjectLayout, field: FieldIx) -> CompileError {
    CompileError::NotComparable {
        field: l
            .object
            .at(field)
            .map_or_else(|| field.0.to_string(), |f| f.key.clone()),
    }
}

/// A statement's value as a column value; `None` for a kind that this crate never binds.
#[must_use]
pub fn bound(value: sea_query::Value) -> Option<SqlVal> {
    use sea_query::Value as V;
    Some(match value {
        V::Bool(Some(b)) => SqlVal::Int(i64::from(b)),
        V::Int(Some(i)) => SqlVal::Int(i64::from(i)),
        V::BigInt(Some(i)) => SqlVal::Int(i),
        V::BigUnsigned(Some(i)) => SqlVal::Int(i64::try_from(i).ok()?),
        V::String(Some(s)) => SqlVal::Text(s),
        V::Bytes(Some(b)) => SqlVal::Bytes(b),
        V::Uuid(Some(u)) => SqlVal::Uuid(Id(u)),
        V::Bool(None) | V::Int(None) | V::BigInt(None) | V::String(None) | V::Bytes(None) | V::Uuid(None) => {
            SqlVal::Null
        }
        _ => return None,
    })
}
