//! Whose rows a call may touch: what the second wall between workspaces is told. The first wall is the workspace among
//! the conditions of every statement; this one stands beside the conditions, so that a statement that lacks them reaches
//! no further. PostgreSQL holds it itself, by policies of its tables; both engines refuse a call that names none.

use peyvand_core::WorkspaceId;

use crate::ports::{Plan, RowsCall, Step, StoreError};
use crate::tables::Table;
use crate::value::SqlVal;

/// Whose rows a call may touch, whatever its conditions say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reach {
    /// Nobody's: only tables that belong to no workspace.
    #[default]
    Nowhere,
    /// Those of one workspace; what belongs to the instance (accounts, sessions) stands under the number 0.
    Workspace(WorkspaceId),
    /// Everybody's: said by name by the few calls of the instance that need it, never by leaving something out.
    Everywhere,
}

impl Reach {
    /// The reach of a call whose conditions name this value as the workspace.
    fn named(value: Option<&SqlVal>) -> Self {
        value
            .and_then(SqlVal::int)
            .and_then(|n| i32::try_from(n).ok())
            .map_or(Self::Nowhere, |n| Self::Workspace(WorkspaceId(n)))
    }
}

/// What a refused call is told.
fn refused(table: &str) -> StoreError {
    StoreError::Denied {
        object: table.to_owned(),
        verb: "reach",
        field: None,
    }
}

/// How a step stands to the workspaces.
enum Named<'a> {
    /// Its table has none.
    Free,
    /// Rows of this reach in this table.
    In(Reach, &'a str),
}

fn in_key<'a>(table: &'a Table, key: &[(usize, SqlVal)]) -> Named<'a> {
    match table.workspace_at() {
        Some(w) => Named::In(
            Reach::named(key.iter().find(|(at, _)| *at == w).map(|(_, v)| v)),
            &table.name,
        ),
        None => Named::Free,
    }
}

fn named(step: &Step) -> Named<'_> {
    match step {
        Step::Insert { table, row, .. } => match table.workspace_at() {
            Some(w) => Named::In(Reach::named(row.get(w)), &table.name),
            None => Named::Free,
        },
        Step::Update { table, key, .. }
        | Step::Delete { table, key, .. }
        | Step::Check { table, key, .. } => in_key(table, key),
        Step::Count { workspace, name, .. } => Named::In(Reach::Workspace(*workspace), name),
        Step::Relink { workspace, table, .. } | Step::Unrelink { workspace, table, .. } => {
            Named::In(Reach::Workspace(*workspace), &table.name)
        }
        Step::Search(put) => Named::In(Reach::Workspace(put.workspace), &put.object),
    }
}

impl Plan {
    /// Whose rows the plan may touch: what was declared, else the one workspace that its steps name.
    ///
    /// # Errors
    /// `Denied` when a step names another workspace than the one declared, none at all, or when steps of several
    /// workspaces stand together and nobody has declared that.
    pub fn reaches(&self) -> Result<Reach, StoreError> {
        let mut reach = self.reach;
        for step in &self.steps {
            let Named::In(step, table) = named(step) else {
                continue;
            };
            match reach {
                Some(Reach::Everywhere) => {}
                None if step != Reach::Nowhere => reach = Some(step),
                Some(r) if r == step && r != Reach::Nowhere => {}
                _ => return Err(refused(table)),
            }
        }
        Ok(reach.unwrap_or_default())
    }

    /// Its steps stand in several workspaces, and shall.
    #[must_use]
    pub fn everywhere(mut self) -> Self {
        self.reach = Some(Reach::Everywhere);
        self
    }
}

impl RowsCall {
    /// Whose rows the call may see.
    ///
    /// # Errors
    /// `Denied` when the table belongs to workspaces and none is named.
    pub fn reaches(&self) -> Result<Reach, StoreError> {
        if self.reach == Reach::Nowhere && self.table.workspace_at().is_some() {
            return Err(refused(&self.table.name));
        }
        Ok(self.reach)
    }

    /// Rows of every workspace: for calls of the instance.
    #[must_use]
    pub const fn everywhere(mut self) -> Self {
        self.reach = Reach::Everywhere;
        self
    }

    /// The reach of a call with this key.
    pub(crate) fn reach_of(table: &Table, key: &[(usize, SqlVal)]) -> Reach {
        match in_key(table, key) {
            Named::In(reach, _) => reach,
            Named::Free => Reach::Nowhere,
        }
    }
}

/// How the second wall stands in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wall {
    /// The engine has none: there is one wall, the conditions of every statement.
    None,
    /// The engine can have one, and it is not raised.
    Down,
    /// It stands on every table but these; to be raised anew.
    Gaps(Vec<String>),
    /// It stands, and the role by which the program comes in walks over it: a superuser, or one with BYPASSRLS.
    Passed {
        /// The role.
        role: String,
    },
    /// It stands and holds.
    Up,
}

impl Wall {
    /// A stable word for it, the key of its translated text.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Down => "down",
            Self::Gaps(_) => "gaps",
            Self::Passed { .. } => "passed",
            Self::Up => "up",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::tables::SIDE;

    fn delete(table: &Arc<Table>, key: &[(&str, SqlVal)]) -> Step {
        Step::Delete {
            table: Arc::clone(table),
            key: key.iter().map(|(c, v)| (table.at(c), v.clone())).collect(),
            expect_some: None,
        }
    }

    fn denied<T: std::fmt::Debug>(outcome: &Result<T, StoreError>) -> bool {
        matches!(outcome, Err(StoreError::Denied { verb: "reach", .. }))
    }

    #[test]
    fn a_plan_reaches_one_workspace_or_says_so() {
        let one = delete(&SIDE.alias, &[("workspace_id", 1.into())]);
        let two = delete(&SIDE.alias, &[("workspace_id", 2.into())]);
        let unnamed = delete(&SIDE.alias, &[("object", "person".into())]);
        let free = delete(&SIDE.meta, &[("key", "x".into())]);
        let reach = |steps: &[&Step]| Plan::of(steps.iter().map(|s| (*s).clone()).collect::<Vec<_>>());
        let w1 = Reach::Workspace(WorkspaceId(1));
        assert_eq!(reach(&[&one, &free, &one]).reaches().unwrap(), w1);
        assert_eq!(reach(&[&free]).reaches().unwrap(), Reach::Nowhere);
        assert_eq!(reach(&[]).reaches().unwrap(), Reach::Nowhere);
        for plan in [reach(&[&one, &two]), reach(&[&unnamed]), reach(&[&one, &unnamed])] {
            assert!(denied(&plan.reaches()));
            assert_eq!(plan.everywhere().reaches().unwrap(), Reach::Everywhere);
        }
        // What was declared is not widened by what the steps say.
        let declared = |steps: &[&Step]| Plan {
            reach: Some(w1),
            ..reach(steps)
        };
        assert_eq!(declared(&[&one]).reaches().unwrap(), w1);
        assert!(denied(&declared(&[&two]).reaches()));
        assert!(denied(&declared(&[&unnamed]).reaches()));
    }

    #[test]
    fn a_question_names_a_workspace_or_all() {
        let call = RowsCall::new(&SIDE.alias, &[("workspace_id", 7.into())]);
        assert_eq!(call.reaches().unwrap(), Reach::Workspace(WorkspaceId(7)));
        let unnamed = RowsCall::new(&SIDE.alias, &[]);
        assert!(denied(&unnamed.reaches()));
        assert_eq!(unnamed.everywhere().reaches().unwrap(), Reach::Everywhere);
        let free = RowsCall::new(&SIDE.meta, &[]);
        assert_eq!(free.reaches().unwrap(), Reach::Nowhere);
    }
}
