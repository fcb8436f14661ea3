//! Rights as data: what the acting user may do with which records and fields. Every select and every batch is made
//! under a policy; there is no way to ask without one.

use std::collections::HashMap;
use std::sync::Arc;

use peyvand_catalog::FieldIx;
use peyvand_core::{Actor, Id};
use serde::{Deserialize, Serialize};

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// To nothing.
    #[default]
    None,
    /// To records that the user owns.
    Own,
    /// And to those of the user's team.
    Team,
    /// And to those of the teams below it.
    TeamAndBelow,
    /// To every record of the workspace.
    All,
}

/// What can be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// See it.
    Read,
    /// Make one.
    Create,
    /// Change it, restore it.
    Update,
    /// Put it into the recycle bin.
    Delete,
    /// Take it out in bulk.
    Export,
}

impl Verb {
    /// Every verb.
    pub const ALL: &[Self] = &[Self::Read, Self::Create, Self::Update, Self::Delete, Self::Export];
}

/// What a role does to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRule {
    /// It is as if the field did not exist.
    Hidden,
    /// Seen, never written.
    ReadOnly,
    /// Seen in part (`•••••••••••71`), or only that there is a value; never written, filtered or sorted by.
    Masked,
}

/// Rights on one object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectPolicy {
    /// Reach of each verb; absent is `None`.
    pub reach: HashMap<Verb, Reach>,
    /// Rules of single fields.
    pub fields: HashMap<FieldIx, FieldRule>,
}

/// The rights of one acting user in one workspace.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Who acts.
    pub actor: Actor,
    /// May do everything (administrators and the system).
    pub unrestricted: bool,
    /// The user's teams.
    pub teams: Vec<Id>,
    /// The user's teams and all below them.
    pub teams_below: Vec<Id>,
    /// Rights by object key.
    pub objects: HashMap<String, ObjectPolicy>,
}

impl Policy {
    /// The policy of the program itself and of administrators.
    #[must_use]
    pub fn all(actor: Actor) -> Arc<Self> {
        Arc::new(Self {
            actor,
            unrestricted: true,
            teams: Vec::new(),
            teams_below: Vec::new(),
            objects: HashMap::new(),
        })
    }

    /// How far this verb reaches on this object.
    #[must_use]
    pub fn reach(&self, object: &str, verb: Verb) -> Reach {
        if self.unrestricted {
            return Reach::All;
        }
        self.objects
            .get(object)
            .and_then(|o| o.reach.get(&verb))
            .copied()
            .unwrap_or_default()
    }

    /// The rule of a field, when there is one.
    #[must_use]
    pub fn field(&self, object: &str, field: FieldIx) -> Option<FieldRule> {
        if self.unrestricted {
            return None;
        }
        self.objects
            .get(object)
            .and_then(|o| o.fields.get(&field))
            .copied()
    }

    /// May the field's values be seen in full, filtered and sorted by?
    #[must_use]
    pub fn sees(&self, object: &str, field: FieldIx) -> bool {
        !matches!(
            self.field(object, field),
            Some(FieldRule::Hidden | FieldRule::Masked)
        )
    }

    /// Does the verb reach a record with this owner and team?
    #[must_use]
    pub fn reaches(&self, object: &str, verb: Verb, owner: Option<Id>, team: Option<Id>) -> bool {
        let own = owner.is_some_and(|o| o == self.actor.id());
        match self.reach(object, verb) {
            Reach::None => false,
            Reach::Own => own,
            Reach::Team => own || team.is_some_and(|t| self.teams.contains(&t)),
            Reach::TeamAndBelow => own || team.is_some_and(|t| self.teams_below.contains(&t)),
            Reach::All => true,
        }
    }
}
