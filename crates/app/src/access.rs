//! The simulator: what can this person see and do here, and why.

use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{notification, role, saved_view, user};
use peyvand_catalog::{Catalog, FieldIx, ObjectDef};
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
use crate::people::managed;
use crate::rights::{RoleRules, Source};

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
    /// It is theirs, or was shown to them by whose it is.
    Shown,
    /// The right would reach it, but they do not see it.
    Unseen,
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
        let policy = s
            .rules
            .policy(w.catalog(), id, s.teams.clone(), s.teams_below.clone());
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
                        let (reach, because) = effective(w.catalog(), &s.rules, o, *v);
                        VerbAccess {
                            verb: *v,
                            reach,
                            because,
                        }
                    })
                    .collect(),
                fields: rules_of_fields(o, &policy),
            })
            .collect();
        let record = match (object, record) {
            (Some(o), Some(at)) => {
                let r = self.raw(caller, o, at, DeletedScope::Live).await?;
                Some(self.access_to(w, o, &r, &policy, active).await?)
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
        policy: &Policy,
        active: bool,
    ) -> Result<RecordAccess, AppError> {
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
        // The store is asked what it would answer: it follows links to parents, and knows what is shown to whom.
        let ids = [record.id()];
        let within = async |verb: Verb| -> Result<bool, AppError> {
            let found = self.within_reach(w, policy, &object.key, &ids, verb).await?;
            Ok(!found.is_empty())
        };
        let seen = within(Verb::Read).await?;
        let mut verbs = Vec::new();
        for verb in Verb::ALL {
            let verb = *verb;
            let (allowed, because) = if !active {
                (false, Why::Inactive)
            } else if personal(object) {
                match why(policy, object, verb, record, &shares) {
                    _ if !seen => (false, Why::OutOfReach),
                    _ if verb == Verb::Read => (true, Why::Shown),
                    said => said,
                }
            } else if policy.unrestricted {
                (true, Why::Everything)
            } else if object.is_child() {
                let allowed = match verb {
                    Verb::Read => seen,
                    // Whoever changes a record changes what belongs to it; that something is taken from it is a right too.
                    Verb::Create | Verb::Update => seen && within(Verb::Update).await?,
                    Verb::Delete => {
                        let deletes = parents(w.catalog(), object)
                            .iter()
                            .any(|p| policy.reach(&p.key, Verb::Delete) != Reach::None);
                        seen && deletes && within(Verb::Update).await?
                    }
                    Verb::Export => {
                        seen && policy.reach(&object.key, verb) != Reach::None && within(verb).await?
                    }
                };
                (allowed, Why::Parent)
            } else {
                match why(policy, object, verb, record, &shares) {
                    (true, _) if !seen && verb != Verb::Create => (false, Why::Unseen),
                    said => said,
                }
            };
            verbs.push(RecordVerb {
                verb,
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

/// The rules of the fields as they hold: those that the role names, and those that follow from them (what is worked out of a
/// hidden field, the addresses of people wherever they stand).
fn rules_of_fields(o: &ObjectDef, policy: &Policy) -> Vec<FieldAccess> {
    o.fields
        .iter()
        .enumerate()
        .filter_map(|(i, f)| {
            Some(FieldAccess {
                field: f.key.clone(),
                rule: policy.field(&o.key, FieldIx(i as u16))?,
            })
        })
        .collect()
}

/// The objects of which records of this one are parts.
fn parents<'c>(catalog: &'c Catalog, o: &ObjectDef) -> Vec<&'c ObjectDef> {
    [&o.parent, &o.parent_or]
        .into_iter()
        .flatten()
        .filter_map(|link| o.field(link)?.1.to.as_deref())
        .filter_map(|to| catalog.object(to).map(AsRef::as_ref))
        .collect()
}

/// What is somebody's own however far a role reaches: views, and what they were told.
fn personal(o: &ObjectDef) -> bool {
    matches!(o.key.as_str(), saved_view::OBJECT | notification::OBJECT)
}

/// How far a verb reaches in truth: what a role says of it, and what follows from the kind of object. Nothing is changed,
/// deleted or taken out that is not seen.
fn effective(catalog: &Catalog, rules: &RoleRules, o: &ObjectDef, verb: Verb) -> (Reach, Source) {
    let (said, because) = rules.reach(o, verb);
    if verb == Verb::Read && said != Reach::None && personal(o) {
        return (Reach::Own, Source::Personal);
    }
    let (reach, because) = if rules.everything {
        (said, because)
    } else if o.is_child() && !(verb == Verb::Export && said == Reach::None) {
        of_parents(catalog, rules, o, verb)
    } else if o.ownable {
        (said, because)
    } else if said == Reach::None || (managed(o) && verb != Verb::Read && said != Reach::All) {
        (Reach::None, because)
    } else {
        // Nobody owns them: they are reached all or not at all.
        (Reach::All, because)
    };
    if matches!(verb, Verb::Read | Verb::Create) || rules.everything {
        return (reach, because);
    }
    let (seen, _) = effective(catalog, rules, o, Verb::Read);
    if seen < reach {
        (seen, Source::Seen)
    } else {
        (reach, because)
    }
}

/// How far a verb reaches what belongs to other records; the least of their reaches where they are of several kinds.
fn of_parents(catalog: &Catalog, rules: &RoleRules, o: &ObjectDef, verb: Verb) -> (Reach, Source) {
    let reaches: Vec<Reach> = parents(catalog, o)
        .into_iter()
        .map(|p| match verb {
            Verb::Read | Verb::Export => effective(catalog, rules, p, verb).0,
            Verb::Delete if rules.reach(p, Verb::Delete).0 == Reach::None => Reach::None,
            Verb::Create | Verb::Update | Verb::Delete => effective(catalog, rules, p, Verb::Update).0,
        })
        .collect();
    let least = reaches.iter().copied().min().unwrap_or_default();
    let because = if reaches.iter().all(|r| *r == least) {
        Source::Parent
    } else {
        Source::Parents
    };
    (least, because)
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
