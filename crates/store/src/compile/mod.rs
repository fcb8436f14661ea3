//! Queries, filters and policies as statements. The policy is part of every select of records, inside relations, counts
//! and sums too; there is no function here that selects records without one.

mod custom;
mod filter;
mod list;
mod numbers;
mod ways;

pub use numbers::ALL;

use peyvand_catalog::FieldIx;
use peyvand_catalog::handles::{notification, saved_view};
use peyvand_core::{Actor, Id, WorkspaceId};
use peyvand_record::policy::{Policy, Reach, Verb};
use peyvand_record::query::DeletedScope;
use sea_query::{Alias, Cond, Expr, ExprTrait, SelectStatement};

use crate::layout::{Columns, Layout, ObjectLayout};
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
    /// Whose rows it may see, beside its conditions.
    pub reach: crate::reach::Reach,
    /// So many rows are read at most, where an index leads to them; `None` where many are gone through.
    pub rows: Option<u32>,
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

/// The list with its last value again up to the next power of two: few statements serve lists of all lengths, and are
/// known already.
pub fn padded<T>(list: &[T]) -> impl Iterator<Item = &T> {
    let most = if list.is_empty() {
        0
    } else {
        list.len().next_power_of_two()
    };
    list.iter().chain(list.last().into_iter().cycle()).take(most)
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
        let key = l.object.key.as_str();
        let personal = match key {
            saved_view::OBJECT => self.views(alias),
            notification::OBJECT => self.told(alias),
            _ => None,
        };
        if self.policy.unrestricted {
            return Ok(personal);
        }
        // A child has its parent's rights: whoever sees the order sees its lines.
        if l.object.is_child() {
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
        // What is personal is read by whom it is shown to, however far the role reaches; the rest is within the reach.
        let within = if l.object.ownable && !(personal.is_some() && verb == Verb::Read) {
            self.owned(alias, verb, reach, depth)
        } else {
            (reach == Reach::None).then(|| Expr::val(1).eq(0))
        };
        if let Some(personal) = personal {
            return Ok(Some(cond_expr(Cond::all().add(personal).add_option(within))));
        }
        Ok(within)
    }

    /// The condition of a reach on rows that have owners; `None` when it holds for all.
    fn owned(&self, alias: &str, verb: Verb, reach: Reach, depth: usize) -> Option<Expr> {
        let own = || col(alias, "owner_id").eq(id_value(self.policy.actor.id()));
        let teams = |ids: &[Id]| {
            let mut c = Cond::any().add(own());
            if !ids.is_empty() {
                c = c.add(col(alias, "team_id").is_in(ids.iter().map(|i| i.0)));
            }
            c
        };
        let reached = match reach {
            Reach::All => return None,
            // A share widens a reach; it gives no right that a role or the scopes of a token lack.
            Reach::None => return Some(Expr::val(1).eq(0)),
            Reach::Own => Cond::any().add(own()),
            Reach::Team => teams(&self.policy.teams),
            Reach::TeamAndBelow => teams(&self.policy.teams_below),
        };
        if !matches!(verb, Verb::Read | Verb::Update) {
            return Some(cond_expr(reached));
        }
        let shared = self.shared(verb, depth);
        Some(cond_expr(reached.add(col(alias, "id").in_subquery(shared))))
    }

    /// What somebody was told is theirs, and nobody else's whatever their rights. `None` for the program itself.
    fn told(&self, alias: &str) -> Option<Expr> {
        let Actor::User(me) = self.policy.actor else {
            return None;
        };
        Some(col(alias, "user_id").eq(id_value(me)))
    }

    /// Saved views are somebody's own: a person is shown theirs and those that were shown to them, administrators too.
    /// `None` for the program itself.
    fn views(&self, alias: &str) -> Option<Expr> {
        let Actor::User(me) = self.policy.actor else {
            return None;
        };
        let shown_to = |who: &str| col(alias, "visibility").eq(who);
        let mut any = Cond::any()
            .add(col(alias, "owner_id").eq(id_value(me)))
            .add(shown_to("everyone"));
        if !self.policy.teams.is_empty() {
            let teams = col(alias, "team_id").is_in(self.policy.teams.iter().map(|t| t.0));
            any = any.add(Cond::all().add(shown_to("team")).add(teams));
        }
        Some(cond_expr(any))
    }

    /// The ids of what was shared with the caller: gathered once for a question, not looked for at every record.
    fn shared(&self, verb: Verb, depth: usize) -> SelectStatement {
        let share = next_alias(depth + 1);
        let mut ids = self.shares(verb, &share);
        ids.expr(col(&share, "record_id"));
        ids
    }

    /// The shares that give the caller this right.
    fn shares(&self, verb: Verb, alias: &str) -> SelectStatement {
        let mut grantees = vec![self.policy.actor.id().0];
        grantees.extend(self.policy.teams.iter().map(|t| t.0));
        let mut shares = SelectStatement::new();
        shares.from_as("record_share", Alias::new(alias)).cond_where(
            Cond::all()
                .add(col(alias, "workspace_id").eq(self.workspace.0))
                .add(col(alias, "grantee_id").is_in(grantees)),
        );
        if verb == Verb::Update {
            shares.and_where(col(alias, "may_update").eq(1));
        }
        shares
    }

    fn from(&self, l: &ObjectLayout, alias: &str) -> SelectStatement {
        let mut s = SelectStatement::new();
        s.from_as(Alias::new(&*l.table.name), Alias::new(alias));
        s
    }

    fn read_columns(l: &ObjectLayout, columns: &Columns, s: &mut SelectStatement) -> Vec<Kind> {
        columns
            .list
            .iter()
            .map(|&at| {
                s.expr(col("t", l.name(at)));
                l.table.columns[at].kind
            })
            .collect()
    }
}

fn cond_expr(c: Cond) -> Expr {
    Expr::from(c)
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
