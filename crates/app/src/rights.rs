//! Roles as stored and the policy that follows from them.

use std::collections::HashMap;
use std::sync::Arc;

use peyvand_catalog::{Catalog, FieldIx, FieldType, ObjectDef};
use peyvand_core::{Actor, Id};
use peyvand_record::formula::Formula;
use peyvand_record::policy::{FieldRule, ObjectPolicy, Policy, Reach, Verb};
use serde::{Deserialize, Serialize};

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

    /// The policy of a user with these rules.
    #[must_use]
    pub fn policy(&self, catalog: &Catalog, user: Id, teams: Vec<Id>, teams_below: Vec<Id>) -> Arc<Policy> {
        if self.everything {
            return Policy::all(Actor::User(user));
        }
        let mut objects = HashMap::new();
        for o in catalog.objects() {
            let mut reach = self.default.clone();
            if o.area == "settings" {
                // What the firm is run with is read by all and changed by administrators.
                reach.retain(|v, _| *v == Verb::Read);
            }
            if let Some(own) = self.objects.get(&o.key) {
                reach.extend(own.iter().map(|(v, r)| (*v, *r)));
            }
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
        Arc::new(Policy {
            actor: Actor::User(user),
            unrestricted: false,
            teams,
            teams_below,
            objects,
        })
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
