//! Who calls a use case, with which rights.

use std::sync::Arc;

use peyvand_calendar::Calendar;
use peyvand_core::{Actor, Via};
use peyvand_numbers::Language;
use peyvand_record::Policy;

use crate::workspace::Workspace;

/// How somebody reads and writes: by their own choices, else by those of their workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    /// The language.
    pub language: Language,
    /// The calendar by which their months and years are reckoned.
    pub calendar: Calendar,
}

/// One caller: a person, a program with a token, or the system.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The workspace.
    pub workspace: Arc<Workspace>,
    /// Who acts.
    pub actor: Actor,
    /// By which road.
    pub via: Via,
    /// The rights.
    pub policy: Arc<Policy>,
    /// The language of answers.
    pub language: Language,
    /// The calendar of periods that are asked for.
    pub calendar: Calendar,
}

/// Who changes a workspace itself (its settings, its definitions), and by which road: the log names them.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// Who acts.
    pub actor: Actor,
    /// By which road.
    pub via: Via,
}

impl<'a> From<&'a Caller> for By<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self {
            workspace: &caller.workspace,
            actor: caller.actor,
            via: caller.via,
        }
    }
}

/// The program itself, as its commands do.
impl<'a> From<&'a Workspace> for By<'a> {
    fn from(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            actor: Actor::System,
            via: Via::Cli,
        }
    }
}

impl<'a> From<&'a Arc<Workspace>> for By<'a> {
    fn from(workspace: &'a Arc<Workspace>) -> Self {
        Self::from(&**workspace)
    }
}

impl Caller {
    /// The program itself, with all rights.
    #[must_use]
    pub fn system(workspace: &Arc<Workspace>, via: Via) -> Self {
        Self {
            workspace: Arc::clone(workspace),
            actor: Actor::System,
            via,
            policy: Policy::all(Actor::System),
            language: Language::En,
            calendar: workspace.calendar(),
        }
    }
}
