//! Roles as stored and the policy that follows from them.

use std::collections::HashMap;
use std::sync::Arc;

use peyvand_catalog::handles::{contact, contact_point, file, message, notification};
use peyvand_catalog::{Catalog, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::{Actor, Id};
use peyvand_record::formula::Formula;
use peyvand_record::policy::{FieldRule, ObjectPolicy, Policy, Reach, Verb};
use serde::{Deserialize, Serialize};

use crate::errors::AppError;

/// The rules of a role, as they stand in its `rules` field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleRules {
    /// May do everything.
    pub everything: bool,
    /// Reach of each verb on objects that are not named below.
    pub default: HashMap<Verb, Reach>,
    /// Reach of each verb by object key.
    pub objects: HashMap<String, HashMap<Verb, Reach>>,
    /// Rules of single fields: object key, field key, rule.
    pub fields: HashMap<String, HashMap<String, FieldRule>>,
}

/// Where a reach comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The role may do everything.
    Everything,
    /// The role names this object and this verb.
    Object,
    /// The role's reach for objects that it does not name.
    Default,
    /// What the firm is run with is read by all and changed by administrators.
    Settings,
    /// Everybody reads their own, and nobody another's.
    Personal,
    /// As far as on the records that these belong to.
    Parent,
    /// The same, where they are of several kinds: the least of their reaches.
    Parents,
    /// No further than they are seen.
    Seen,
    /// The role says nothing of it.
    Nothing,
}

impl RoleRules {
    /// The rules of a built-in role: `admin`, `manager`, `seller`, `reader`.
    #[must_use]
    pub fn built_in(key: &str) -> Option<Self> {
        let verbs = |read: Reach, write: Reach, delete: Reach, export: Reach| {
            HashMap::from([
                (Verb::Read, read),
                (Verb::Create, write),
                (Verb::Update, write),
                (Verb::Delete, delete),
                (Verb::Export, export),
            ])
        };
        Some(match key {
            "admin" => Self {
                everything: true,
                ..Self::default()
            },
            "manager" => Self {
                default: verbs(
                    Reach::All,
                    Reach::TeamAndBelow,
                    Reach::TeamAndBelow,
                    Reach::TeamAndBelow,
                ),
                ..Self::default()
            },
            "seller" => Self {
                default: verbs(Reach::Team, Reach::Own, Reach::Own, Reach::None),
                ..Self::default()
            },
            "reader" => Self {
                default: verbs(Reach::All, Reach::None, Reach::None, Reach::None),
                ..Self::default()
            },
            _ => return None,
        })
    }

    /// Rules as they come from outside: nothing unknown in them.
    ///
    /// # Errors
    /// The parameter `rules` with the place that is not understood.
    pub fn read(json: &serde_json::Value, catalog: &Catalog) -> Result<Self, AppError> {
        let bad = |place: String| AppError::Parameter {
            name: "rules",
            value: place.chars().take(120).collect(),
        };
        let rules: Self = serde_json::from_value(json.clone()).map_err(|e| {
            let mut place = String::new();
            misread(json, &|part| part, &mut place);
            bad(if place.is_empty() {
                e.to_string()
            } else {
                format!("{place}: {e}")
            })
        })?;
        if let Some(o) = rules.objects.keys().find(|o| catalog.object(o).is_none()) {
            return Err(bad(format!("objects.{o}")));
        }
        for (o, fields) in &rules.fields {
            let def = catalog.object(o).ok_or_else(|| bad(format!("fields.{o}")))?;
            for (k, rule) in fields {
                let place = || bad(format!("fields.{o}.{k}"));
                let (_, f) = def.field(k).ok_or_else(place)?;
                // Id, version and the owner are what rights stand on.
                if f.is_system() && *rule != FieldRule::ReadOnly {
                    return Err(place());
                }
            }
        }
        Ok(rules)
    }

    /// These rules without objects and fields that the catalog does not have (any more).
    #[must_use]
    pub fn known(&self, catalog: &Catalog) -> Self {
        let mut rules = self.clone();
        rules.objects.retain(|o, _| catalog.object(o).is_some());
        rules.fields.retain(|o, fields| {
            let def = catalog.object(o);
            fields.retain(|f, _| def.is_some_and(|d| d.field(f).is_some()));
            !fields.is_empty()
        });
        rules
    }

    /// How far a verb reaches on an object, and where the role says so.
    #[must_use]
    pub fn reach(&self, object: &ObjectDef, verb: Verb) -> (Reach, Source) {
        if self.everything {
            return (Reach::All, Source::Everything);
        }
        let said = self.objects.get(&object.key).and_then(|o| o.get(&verb)).copied();
        // A file has no owner and belongs to the record that it hangs on: by themselves files are read by those only who read
        // all records, or are let read all files, and by others with the record.
        if object.key == file::OBJECT && matches!(verb, Verb::Read | Verb::Export) {
            let all = said.map_or_else(|| self.reads_all(), |r| r == Reach::All);
            if !all {
                return (Reach::None, said.map_or(Source::Nothing, |_| Source::Object));
            }
        }
        if let Some(r) = said {
            return (r, Source::Object);
        }
        if object.key == notification::OBJECT {
            let own = if verb == Verb::Read {
                Reach::Own
            } else {
                Reach::None
            };
            return (own, Source::Personal);
        }
        if object.area == "settings" && verb != Verb::Read {
            return (Reach::None, Source::Settings);
        }
        match self.default.get(&verb) {
            // A ledger has no owners: who may not read (or take out) all of it reads it person by person.
            Some(r)
                if object.writes == Writes::Append
                    && matches!(verb, Verb::Read | Verb::Export)
                    && *r != Reach::All =>
            {
                (Reach::None, Source::Nothing)
            }
            Some(r) => (*r, Source::Default),
            None => (Reach::None, Source::Nothing),
        }
    }

    /// Do the rules let every record of every object be read?
    fn reads_all(&self) -> bool {
        self.everything
            || self.default.get(&Verb::Read) == Some(&Reach::All)
                && self
                    .objects
                    .values()
                    .all(|o| o.get(&Verb::Read).is_none_or(|r| *r == Reach::All))
    }

    /// The policy of a user with these rules.
    #[must_use]
    pub fn policy(&self, catalog: &Catalog, user: Id, teams: Vec<Id>, teams_below: Vec<Id>) -> Arc<Policy> {
        if self.everything {
            // Their teams stay: what is shown to a team is shown to its administrators too.
            return Arc::new(Policy {
                actor: Actor::User(user),
                unrestricted: true,
                teams,
                teams_below,
                objects: HashMap::new(),
            });
        }
        let mut objects = HashMap::new();
        for o in catalog.objects() {
            let reach = Verb::ALL.iter().map(|v| (*v, self.reach(o, *v).0)).collect();
            let mut fields: HashMap<FieldIx, FieldRule> = self
                .fields
                .get(&o.key)
                .into_iter()
                .flatten()
                .filter_map(|(k, rule)| o.field(k).map(|(ix, _)| (ix, *rule)))
                .collect();
            hide_formulas(o, &mut fields);
            objects.insert(o.key.clone(), ObjectPolicy { reach, fields });
        }
        hide_points(catalog, &mut objects);
        Arc::new(Policy {
            actor: Actor::User(user),
            unrestricted: false,
            teams,
            teams_below,
            objects,
        })
    }
}

/// The teams and all below them, by pairs of team and parent. A circle ends where it closes.
#[must_use]
pub fn with_teams_below(teams: &[Id], tree: &[(Id, Option<Id>)]) -> Vec<Id> {
    let mut out = teams.to_vec();
    let mut at = 0;
    while at < out.len() {
        let parent = out[at];
        for (team, above) in tree {
            if *above == Some(parent) && !out.contains(team) {
                out.push(*team);
            }
        }
        at += 1;
    }
    out
}

pub(crate) const fn strictness(rule: Option<FieldRule>) -> u8 {
    match rule {
        None => 0,
        Some(FieldRule::ReadOnly) => 1,
        Some(FieldRule::Masked) => 2,
        Some(FieldRule::Hidden) => 3,
    }
}

/// Has the first every right that the second has? Nobody gives rights that they lack.
#[must_use]
pub fn covers(mine: &Policy, theirs: &Policy, catalog: &Catalog) -> bool {
    if mine.unrestricted {
        return true;
    }
    !theirs.unrestricted
        && catalog.objects().iter().all(|o| {
            Verb::ALL
                .iter()
                .all(|v| mine.reach(&o.key, *v) >= theirs.reach(&o.key, *v))
                && (0..o.fields.len())
                    .map(|i| FieldIx(i as u16))
                    .all(|ix| strictness(mine.field(&o.key, ix)) <= strictness(theirs.field(&o.key, ix)))
        })
}

/// The addresses of a person or company stand in its points fields, in the records of its contact points, and in the
/// messages that went to them. Who does not see a points field in full sees an address in none of these: not by channel or
/// by whose it is, because a rule of a field holds for all records of its object.
fn hide_points(catalog: &Catalog, objects: &mut HashMap<String, ObjectPolicy>) {
    // The strictest rule of an object's points fields, where it closes them.
    let closed: Vec<(&str, FieldRule)> = catalog
        .objects()
        .iter()
        .filter_map(|o| {
            let rules = &objects.get(&o.key)?.fields;
            let strictest = peyvand_domain::points::fields(o)
                .filter_map(|ix| rules.get(&ix).copied())
                .filter(|r| *r != FieldRule::ReadOnly)
                .max_by_key(|r| strictness(Some(*r)))?;
            Some((o.key.as_str(), strictest))
        })
        .collect();
    let mut close = |object: &str, field: FieldIx, rule: FieldRule| {
        if let Some(p) = objects.get_mut(object) {
            let now = p.fields.get(&field).copied();
            if strictness(now) < strictness(Some(rule)) {
                p.fields.insert(field, rule);
            }
        }
    };
    if let Some((_, rule)) = closed.iter().max_by_key(|(_, r)| strictness(Some(*r))) {
        close(contact_point::OBJECT, contact_point::VALUE, *rule);
        // What is only kept to find equal ones by.
        close(
            contact_point::OBJECT,
            contact_point::NORMALISED,
            FieldRule::Hidden,
        );
    }
    // Messages go to people only.
    if let Some((_, rule)) = closed.iter().find(|(o, _)| *o == contact::OBJECT) {
        close(message::OBJECT, message::ADDRESS, *rule);
    }
}

/// A formula is visible to whom all its inputs are visible: what is worked out of a hidden field tells it.
fn hide_formulas(object: &ObjectDef, fields: &mut HashMap<FieldIx, FieldRule>) {
    // A formula may use another one: a hidden one hides those that use it, in as many rounds as there are formulas.
    loop {
        let mut found = false;
        for (i, f) in object.fields.iter().enumerate() {
            let ix = FieldIx(i as u16);
            if f.ty != FieldType::Formula || fields.get(&ix) == Some(&FieldRule::Hidden) {
                continue;
            }
            let Some(Ok(formula)) = f.formula.as_deref().map(Formula::cached) else {
                continue;
            };
            let hidden = formula
                .inputs()
                .iter()
                .filter_map(|k| object.field(k))
                .any(|(input, _)| matches!(fields.get(&input), Some(FieldRule::Hidden | FieldRule::Masked)));
            if hidden {
                fields.insert(ix, FieldRule::Hidden);
                found = true;
            }
        }
        if !found {
            return;
        }
    }
}

/// The place of what cannot be read in rules, such as `objects.contact.read`: of each member alone it is tried whether it
/// is what is wrong. `within` puts a part where it stands.
fn misread(
    json: &serde_json::Value,
    within: &dyn Fn(serde_json::Value) -> serde_json::Value,
    place: &mut String,
) {
    for (key, part) in json.as_object().into_iter().flatten() {
        let alone = |part: serde_json::Value| within(serde_json::json!({ key: part }));
        if serde_json::from_value::<RoleRules>(alone(part.clone())).is_err() {
            if !place.is_empty() {
                place.push('.');
            }
            place.push_str(key);
            return misread(part, &alone, place);
        }
    }
}
