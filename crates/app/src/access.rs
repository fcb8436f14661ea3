//! The simulator: what can this person see and do here, and why.

use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{role, user};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Actor, Id};
use peyvand_record::policy::{FieldRule, Policy, Reach, Verb};
use peyvand_record::query::DeletedScope;
use peyvand_record::{Record, Value};
use peyvand_store::RowsCall;
use peyvand_store::tables::SIDE;
use serde::Serialize;

use crate::accounts::number;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::people::Standing;
use crate::rights::Source;

/// What a person may do, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Access {
    /// The user.
    pub user: Id,
    /// Their name.
    pub name: String,
    /// May they come in at all?
    pub active: bool,
    /// The key of their role.
    pub role: Option<String>,
    /// The name of their role.
    pub role_name: Option<String>,
    /// Their teams.
    pub teams: Vec<Id>,
    /// Their teams and all below.
    pub teams_below: Vec<Id>,
    /// Rights by object.
    pub objects: Vec<ObjectAccess>,
    /// Rights on one record, when it was asked for.
    pub record: Option<RecordAccess>,
}

/// Rights on an object.
#[derive(Debug, Clone, Serialize)]
pub struct ObjectAccess {
    /// Its key.
    pub object: String,
    /// Its plural, as in addresses.
    pub plural: String,
    /// Reach of each verb and where it comes from.
    pub verbs: Vec<VerbAccess>,
    /// Rules of its fields.
    pub fields: Vec<FieldAccess>,
}

/// The reach of a verb.
#[derive(Debug, Clone, Serialize)]
pub struct VerbAccess {
    /// The verb.
    pub verb: Verb,
    /// How far it reaches.
    pub reach: Reach,
    /// Where the role says so.
    pub because: Source,
}

/// The rule of a field.
#[derive(Debug, Clone, Serialize)]
pub struct FieldAccess {
    /// The field.
    pub field: String,
    /// Its rule.
    pub rule: FieldRule,
}

/// Rights on one record.
#[derive(Debug, Clone, Serialize)]
pub struct RecordAccess {
    /// Its object.
    pub object: String,
    /// Its id.
    pub id: Id,
    /// Each verb: may they, and why or why not.
    pub verbs: Vec<RecordVerb>,
}

/// A verb on one record.
#[derive(Debug, Clone, Serialize)]
pub struct RecordVerb {
    /// The verb.
    pub verb: Verb,
    /// May they?
    pub allowed: bool,
    /// Why, or why not.
    pub because: Why,
}

/// Why a verb is allowed on a record, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The user is switched off.
    Inactive,
    /// The role may do everything.
    Everything,
    /// The reach is the whole workspace.
    All,
    /// The record is theirs.
    Own,
    /// The record is of their team.
    Team,
    /// The record is of a team below theirs.
    TeamBelow,
    /// The record was shared with them.
    Share,
    /// The record was shared with their team.
    TeamShare,
    /// As on the record that it belongs to.
    Parent,
    /// The role has no such right on the object.
    NoRight,
    /// The role has the right, but it does not reach this record.
    OutOfReach,
}

impl App {
    /// What a user may do: on all objects or one, and on one record. Everybody may ask about themselves; about others
    /// those who manage users. A record that the asker may not see is not told of.
    pub async fn access(
        &self,
        caller: &Caller,
        id: Id,
        object: Option<&ObjectDef>,
        record: Option<Id>,
    ) -> Result<Access, AppError> {
        let w = &caller.workspace;
        if caller.actor != Actor::User(id) {
            self.may_manage(caller, "user", Verb::Update)?;
        }
        let s = self.standing(w, id).await.map_err(|e| match e {
            AppError::Unauthenticated => AppError::NotFound,
            e => e,
        })?;
        let active = *s.person.get(user::ACTIVE) != Value::Bool(false);
        let objects = w
            .catalog()
            .objects()
            .iter()
            .filter(|o| object.is_none_or(|one| one.key == o.key))
            .map(|o| ObjectAccess {
                object: o.key.clone(),
                plural: o.plural.clone(),
                verbs: Verb::ALL
                    .iter()
                    .map(|v| {
                        let (reach, because) = s.rules.reach(o, *v);
                        VerbAccess {
                            verb: *v,
                            reach,
                            because,
                        }
                    })
                    .collect(),
                fields: rules_of_fields(o, &s),
            })
            .collect();
        let record = match (object, record) {
            (Some(o), Some(at)) => {
                let r = self.raw(caller, o, at, DeletedScope::Live).await?;
                Some(self.access_to(w, o, &r, id, &s, active).await?)
            }
            _ => None,
        };
        let text = |ix: FieldIx| {
            s.role
                .as_ref()
                .and_then(|r| r.get(ix).as_str().map(str::to_owned))
        };
        Ok(Access {
            user: id,
            name: s.person.get(user::NAME).as_str().unwrap_or_default().to_owned(),
            active,
            role: text(role::KEY),
            role_name: text(role::NAME),
            teams: s.teams.clone(),
            teams_below: s.teams_below.clone(),
            objects,
            record,
        })
    }

    async fn access_to(
        &self,
        w: &crate::workspace::Workspace,
        object: &ObjectDef,
        record: &Record,
        id: Id,
        s: &Standing,
        active: bool,
    ) -> Result<RecordAccess, AppError> {
        let policy = s
            .rules
            .policy(w.catalog(), id, s.teams.clone(), s.teams_below.clone());
        let t = &SIDE.record_share;
        let key = [("workspace_id", number(w.id)), ("record_id", record.id().into())];
        let shares: Vec<(Id, bool)> = self
            .store
            .rows(RowsCall::new(t, &key))
            .await?
            .iter()
            .filter_map(|r| {
                Some((
                    r[t.at("grantee_id")].uuid()?,
                    r[t.at("may_update")].int() == Some(1),
                ))
            })
            .collect();
        let child = !object.spine && object.parent.is_some();
        let mut verbs = Vec::new();
        for verb in Verb::ALL {
            let (allowed, because) = if !active {
                (false, Why::Inactive)
            } else if policy.unrestricted {
                (true, Why::Everything)
            } else if child {
                // The store follows the link to the parent; it is asked what it would answer.
                let found = self
                    .within_reach(w, &policy, &object.key, &[record.id()], *verb)
                    .await?;
                (!found.is_empty(), Why::Parent)
            } else {
                why(&policy, object, *verb, record, &shares)
            };
            verbs.push(RecordVerb {
                verb: *verb,
                allowed,
                because,
            });
        }
        Ok(RecordAccess {
            object: object.key.clone(),
            id: record.id(),
            verbs,
        })
    }
}

fn rules_of_fields(o: &ObjectDef, s: &Standing) -> Vec<FieldAccess> {
    if s.rules.everything {
        return Vec::new();
    }
    let mut out: Vec<FieldAccess> = s
        .rules
        .fields
        .get(&o.key)
        .into_iter()
        .flatten()
        .filter(|(k, _)| o.field(k).is_some())
        .map(|(k, rule)| FieldAccess {
            field: k.clone(),
            rule: *rule,
        })
        .collect();
    out.sort_by(|a, b| a.field.cmp(&b.field));
    out
}

/// May the verb be used on a record that stands on its own, and why? `shares` are its grantees and whether they may
/// change it.
#[must_use]
pub fn why(
    policy: &Policy,
    object: &ObjectDef,
    verb: Verb,
    record: &Record,
    shares: &[(Id, bool)],
) -> (bool, Why) {
    if policy.unrestricted {
        return (true, Why::Everything);
    }
    let reach = policy.reach(&object.key, verb);
    if !object.ownable {
        return match reach {
            Reach::None => (false, Why::NoRight),
            _ => (true, Why::All),
        };
    }
    let team = record.get(system::TEAM_ID).as_id();
    let of = |teams: &[Id]| team.is_some_and(|t| teams.contains(&t));
    if reach == Reach::None {
        return (false, Why::NoRight);
    }
    if reach == Reach::All {
        return (true, Why::All);
    }
    if reach >= Reach::Own && App::owned_by(record, policy.actor.id()) {
        return (true, Why::Own);
    }
    if reach >= Reach::Team && of(&policy.teams) {
        return (true, Why::Team);
    }
    if reach >= Reach::TeamAndBelow && of(&policy.teams_below) {
        return (true, Why::TeamBelow);
    }
    if matches!(verb, Verb::Read | Verb::Update) {
        let shared = |to: &dyn Fn(Id) -> bool| {
            shares
                .iter()
                .any(|(g, update)| to(*g) && (verb == Verb::Read || *update))
        };
        if shared(&|g| g == policy.actor.id()) {
            return (true, Why::Share);
        }
        if shared(&|g| policy.teams.contains(&g)) {
            return (true, Why::TeamShare);
        }
    }
    (false, Why::OutOfReach)
}
