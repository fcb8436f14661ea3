//! Filters as conditions.

use peyvand_catalog::{FieldIx, FieldType};
use peyvand_record::derive;
use peyvand_record::filter::{Aggregate, Node, Op, Operand, Relation, Test};
use peyvand_record::policy::Verb;
use peyvand_record::query::DeletedScope;
use sea_query::{Alias, Asterisk, Cond, Expr, ExprTrait, Func, SelectStatement};

use super::custom::End;
use super::{CompileError, Compiler, Dialect, Part, col, cond_expr, id_value, next_alias, not_comparable};
use crate::layout::{ObjectLayout, Slot, lookup_column};

impl Compiler<'_> {
    /// A condition on rows of `alias`; may be NULL only where it is not true.
    pub(super) fn node(&self, l: &ObjectLayout, alias: &str, node: &Node, depth: usize) -> Part {
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
                        let summand = self.summand(rl, &ra, *f).ok_or_else(|| not_comparable(rl, *f))?;
                        let sum = Func::coalesce([Expr::expr(Func::sum(summand)), Expr::val(0_i64)]);
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
        sub.cond_where(self.base(rl, &ra, Verb::Read, DeletedScope::Live, depth + 1)?);
        let (owner, field, end) = match relation {
            Relation::Forward { field, .. } => (l, *field, End::Linking),
            Relation::Inverse { field, .. } => (rl, *field, End::Linked),
        };
        self.tie(
            &mut sub,
            owner,
            field,
            end,
            (alias, &ra),
            &format!("l{}", depth + 1),
        )?;
        Ok((sub, rl, ra))
    }

    pub(super) fn link_column(&self, l: &ObjectLayout, field: FieldIx) -> Result<String, CompileError> {
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
        let rows_of = |kinds: &[derive::IndexKind], test: Option<Expr>| {
            let kinds: Vec<i64> = kinds.iter().map(|k| i64::from(*k as u8)).collect();
            let mut sub = SelectStatement::new();
            sub.expr(Expr::val(1))
                .from_as("field_index", Alias::new(&*a))
                .cond_where(
                    Cond::all()
                        .add(col(&a, "workspace_id").eq(self.workspace.0))
                        .add(col(&a, "field").eq(i64::from(number)))
                        .add(col(&a, "kind").is_in(kinds))
                        .add(col(&a, "record_id").equals((Alias::new(alias), "id")))
                        .add_option(test),
                );
            Expr::exists(sub)
        };
        let rows = |test| rows_of(&[derive::IndexKind::Value], test);
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
                if s.len() > derive::LONGEST_PART {
                    return Err(not_comparable(l, t.field));
                }
                // Bytes in bytes. The key of a long text is cut and ends with a hash, which is no text: its pieces have all
                // of it.
                let name = match self.dialect {
                    Dialect::Sqlite => "instr",
                    Dialect::Postgres => "pg_catalog.position",
                };
                let at = Func::cust(name).arg(k()).arg(s.as_bytes().to_vec());
                let whole = Expr::expr(Func::cust("length").arg(k())).lte(derive::LONGEST_KEY as i64);
                let kinds = [derive::IndexKind::Value, derive::IndexKind::Part];
                rows_of(&kinds, Some(Expr::expr(at).gt(0).and(whole)))
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

fn not_true(e: Expr) -> Expr {
    Expr::expr(Func::coalesce([e, Expr::val(1).eq(0)])).not()
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
