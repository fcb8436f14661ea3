//! The ways to the records of somebody who reaches only some of them. Records by the time they were made, and how many there
//! are, are found in the index of those who own them: walking through everybody's would look at a thousand records of
//! others for each one of a salesperson's own.

use peyvand_record::filter::{Node, Op};
use peyvand_record::policy::{Reach, Verb};
use peyvand_record::query::{DeletedScope, Direction, Query, Sort};
use sea_query::{Alias, Cond, ExprTrait, JoinType, Order, SelectStatement, UnionType};

use super::{CompileError, Compiler, Dialect, col, id_value};
use crate::layout::{ObjectLayout, lookup_column};

/// Teams that are walked one by one, at most: beyond them walking through everything is not longer.
const TEAMS: usize = 8;
/// The alias of the rows that a way leads to.
const WAY: &str = "w";
/// The alias of what was shared.
const SHARE: &str = "s";

/// Ways that lead to every record that is reached, and to no other; a record may stand at the end of several.
#[derive(Debug)]
pub(super) struct Ways {
    dialect: Dialect,
    /// By owner and by team: each gives its records in the order of its index.
    indexed: Vec<SelectStatement>,
    /// What was shared: gathered whole, since a record that was shared twice stands there twice.
    shared: SelectStatement,
}

impl Ways {
    /// The ids of the first so many records at the end of all ways, in the order of their making.
    pub(super) fn first(self, order: &Order, limit: u64) -> SelectStatement {
        let id = Alias::new("id");
        let mut parts = self.indexed;
        match self.dialect {
            // The ways are walked side by side, each as far as it is needed.
            Dialect::Sqlite => parts.push(self.shared),
            // The server would walk each to its end: a part of a union stops only at a bound of its own.
            Dialect::Postgres => {
                for way in &mut parts {
                    way.order_by_expr(col(WAY, "id"), order.clone()).limit(limit);
                }
                parts.push(self.shared);
                for way in &mut parts {
                    let within = std::mem::take(way);
                    way.column(id.clone()).from_subquery(within, Alias::new(WAY));
                }
            }
        }
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_default();
        for part in parts {
            all.union(UnionType::Distinct, part);
        }
        all.order_by(id, order.clone()).limit(limit);
        all
    }
}

impl Compiler<'_> {
    /// The ways to the live records of a question; none when the caller reaches all, or where the question itself leads to
    /// fewer records, or the object keeps no index of whom they belong to.
    pub(super) fn ways(&self, l: &ObjectLayout, q: &Query) -> Result<Option<Ways>, CompileError> {
        let indexed = |column: &str| {
            let mut leading = l.table.indexes.iter().map(|i| i.columns.get(1..3));
            leading.any(|c| c.is_some_and(|c| c[0] == column && c[1] == "id"))
        };
        if self.policy.unrestricted
            || !l.object.ownable
            || !l.object.spine
            || q.deleted != DeletedScope::Live
            || q.filter.as_ref().is_some_and(|f| leads(l, &f.root))
        {
            return Ok(None);
        }
        let teams = match self.policy.reach(&l.object.key, Verb::Read) {
            Reach::Own => &[][..],
            Reach::Team => &self.policy.teams,
            Reach::TeamAndBelow => &self.policy.teams_below,
            Reach::None | Reach::All => return Ok(None),
        };
        if teams.len() > TEAMS || !indexed("owner_id") || !(teams.is_empty() || indexed("team_id")) {
            return Ok(None);
        }
        let live = || -> Result<Cond, CompileError> {
            let mut cond = Cond::all()
                .add(col(WAY, "workspace_id").eq(self.workspace.0))
                .add(col(WAY, "deleted_at").is_null());
            if let Some(at) = l.object_column {
                cond = cond.add(col(WAY, l.name(at)).eq(l.object.key.as_str()));
            }
            if let Some(f) = &q.filter {
                cond = cond.add(self.node(l, WAY, &f.root, 0)?);
            }
            Ok(cond)
        };
        let mut belongs = vec![col(WAY, "owner_id").eq(id_value(self.policy.actor.id()))];
        belongs.extend(teams.iter().map(|t| col(WAY, "team_id").eq(id_value(*t))));
        let indexed: Result<Vec<_>, CompileError> = belongs
            .into_iter()
            .map(|belongs| {
                let mut way = self.from(l, WAY);
                way.expr(col(WAY, "id")).cond_where(live()?.add(belongs));
                Ok(way)
            })
            .collect();
        // From what was shared to the records: SQLite keeps to the order of a cross join.
        let mut shared = self.shares(Verb::Read, SHARE);
        shared
            .expr(col(WAY, "id"))
            .join_as(
                JoinType::CrossJoin,
                Alias::new(&*l.table.name),
                Alias::new(WAY),
                Cond::all(),
            )
            .cond_where(live()?.add(col(WAY, "id").equals((Alias::new(SHARE), Alias::new("record_id")))));
        Ok(Some(Ways {
            dialect: self.dialect,
            indexed: indexed?,
            shared,
        }))
    }

    /// The first records of a page at the end of the ways, when they are wanted in the order of their making.
    pub(super) fn nearest(
        &self,
        l: &ObjectLayout,
        q: &Query,
        sort: &[Sort],
        limit: u64,
    ) -> Result<Option<SelectStatement>, CompileError> {
        let [only] = sort else { return Ok(None) };
        if !super::list::keyed_by_id(only.field) {
            return Ok(None);
        }
        let Some(mut ways) = self.ways(l, q)? else {
            return Ok(None);
        };
        let up = only.direction == Direction::Asc;
        if let Some(c) = &q.after {
            for way in ways.indexed.iter_mut().chain([&mut ways.shared]) {
                let id = col(WAY, "id");
                let behind = id_value(c.id);
                way.and_where(if up { id.gt(behind) } else { id.lt(behind) });
            }
        }
        let order = if up { Order::Asc } else { Order::Desc };
        Ok(Some(ways.first(&order, limit)))
    }
}

/// Does a condition lead to few records by an index of its own?
fn leads(l: &ObjectLayout, node: &Node) -> bool {
    match node {
        Node::All(all) => all.iter().any(|n| leads(l, n)),
        Node::Test(t) if matches!(t.op, Op::Eq | Op::In) => {
            let column = l.slot(t.field).and_then(lookup_column).map(|at| l.name(at));
            let mut leading = l.table.indexes.iter().filter_map(|i| i.columns.get(1));
            column.is_some_and(|c| c == "id" || leading.any(|i| i == c))
        }
        Node::Related { .. } | Node::HasKey { .. } | Node::Tagged(_) => true,
        Node::Test(_) | Node::Any(_) | Node::Not(_) | Node::Aggregate { .. } => false,
    }
}
