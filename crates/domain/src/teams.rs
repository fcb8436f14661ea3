//! Records stand with the team of who owns them.

use std::collections::HashMap;

use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::user;
use peyvand_core::Id;
use peyvand_record::{NewJob, Record};
use serde::{Deserialize, Serialize};

use crate::Writer;

/// The kind of the job that brings the records of a person after them into another team.
pub const FOLLOW: &str = "follow-team";

/// Which team each person is in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Teams(HashMap<Id, Id>);

impl FromIterator<(Id, Id)> for Teams {
    fn from_iter<T: IntoIterator<Item = (Id, Id)>>(people: T) -> Self {
        Self(people.into_iter().collect())
    }
}

impl Teams {
    /// The team of a person.
    #[must_use]
    pub fn of(&self, person: Id) -> Option<Id> {
        self.0.get(&person).copied()
    }
}

/// A person has gone into another team: what they own and what stood with their old team, or with none, follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// The person.
    pub person: Id,
    /// The team that they were in.
    pub from: Option<Id>,
}

/// Brings a record that has another owner than before into the owner's team, unless the change says a team itself.
pub(crate) fn settle(writer: &Writer<'_>, object: &ObjectDef, before: Option<&Record>, after: &mut Record) {
    if !object.ownable {
        return;
    }
    let at = |r: &Record, ix| r.get(ix).as_id();
    let owner = at(after, system::OWNER_ID);
    let said = match before {
        None => at(after, system::TEAM_ID).is_some(),
        Some(b) => owner == at(b, system::OWNER_ID) || at(after, system::TEAM_ID) != at(b, system::TEAM_ID),
    };
    if !said {
        let team = owner.and_then(|o| writer.teams.of(o));
        after.set(system::TEAM_ID, team.into());
    }
}

/// The job that a change of a person's team asks for.
pub(crate) fn follow(
    writer: &Writer<'_>,
    object: &ObjectDef,
    before: &Record,
    after: &Record,
) -> Option<NewJob> {
    if object.key != user::OBJECT {
        return None;
    }
    let [from, to] = [before, after].map(|r| r.get(user::TEAM_ID).as_id());
    let follow = Follow {
        person: after.id(),
        from,
    };
    (from != to).then(|| NewJob {
        id: writer.ids.next(writer.context.now),
        kind: FOLLOW.into(),
        payload: serde_json::to_string(&follow).unwrap_or_default().into(),
        run_at: writer.context.now,
        dedupe: None,
    })
}
