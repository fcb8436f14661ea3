//! Reading what was chosen in the tables of a role. A cell that cannot be read is named; cells that did not come stay as
//! they are.

use std::collections::BTreeSet;

use peyvand_app::rights::RoleRules;
use peyvand_catalog::{Catalog, ObjectDef};
use peyvand_i18n::{Args, keys};
use peyvand_record::{FieldRule, Reach, Verb};

use super::quoted;
use super::table::{self, REACHES, USUAL, VERBS};
use crate::form::Typed;
use crate::people::access;
use crate::view::Viewer;

/// The longest piece of what was sent that is said again.
const SAID: usize = 80;

/// A cell that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Its name in the form.
    pub(super) cell: String,
    /// Its name as people say it.
    label: String,
    value: String,
}

impl Wrong {
    fn new(cell: &str, label: &str, value: &str) -> Self {
        Self {
            cell: cell.to_owned(),
            label: label.chars().take(SAID).collect(),
            value: value.chars().take(SAID).collect(),
        }
    }

    pub(super) fn sentence(&self, v: &Viewer) -> String {
        let args = Args::new()
            .text("cell", self.label.clone())
            .text("value", self.value.clone());
        quoted(v, keys::ROLES_WRONG_CELL, &args)
    }
}

/// The rules with what was chosen in the table, and the cells that cannot be read.
pub(super) fn table(
    v: &Viewer,
    catalog: &Catalog,
    before: &RoleRules,
    typed: &Typed,
) -> (RoleRules, Vec<Wrong>) {
    let mut rules = before.known(catalog);
    rules.everything = typed.contains_key("everything");
    let mut wrong = Vec::new();
    let mut cells: Vec<(&String, &String)> = typed.iter().filter(|(k, _)| k.contains(':')).collect();
    cells.sort();
    for (cell, value) in cells {
        let Some((key, verb)) = cell.split_once(':') else {
            continue;
        };
        let object: Option<&ObjectDef> = catalog.object(key).map(AsRef::as_ref);
        let verb = VERBS.iter().find(|(k, _)| *k == verb).map(|(_, v)| *v);
        let (Some(verb), true) = (verb, object.is_some() || key == USUAL) else {
            wrong.push(Wrong::new(cell, cell, value));
            continue;
        };
        let now = rules.objects.get(key).and_then(|o| o.get(&verb)).copied();
        let offered = object.map_or_else(|| REACHES.to_vec(), |o| table::offered(o, verb, now));
        let chosen = offered.iter().find(|(k, _)| k == value).map(|(_, r)| *r);
        match (object, chosen) {
            (Some(_), Some(reach)) => {
                rules
                    .objects
                    .entry(key.to_owned())
                    .or_default()
                    .insert(verb, reach);
            }
            (Some(_), None) if value.is_empty() => {
                if let Some(o) = rules.objects.get_mut(key) {
                    o.remove(&verb);
                }
            }
            (None, Some(reach)) => {
                rules.default.insert(verb, reach);
            }
            _ => wrong.push(Wrong::new(cell, &table::cell_name(v, object, verb), value)),
        }
    }
    rules.objects.retain(|_, verbs| !verbs.is_empty());
    (rules, wrong)
}

/// The rule of a field, by the name that forms and rules give it.
pub(super) const RULES: [(&str, FieldRule); 3] = [
    ("read_only", FieldRule::ReadOnly),
    ("masked", FieldRule::Masked),
    ("hidden", FieldRule::Hidden),
];

/// What may be chosen for a field: what rights stand on cannot be hidden.
pub(super) fn offered(field: &peyvand_catalog::FieldDef) -> impl Iterator<Item = (&'static str, FieldRule)> {
    let system = field.is_system();
    RULES
        .into_iter()
        .filter(move |(_, rule)| !system || *rule == FieldRule::ReadOnly)
}

/// The rules with what was chosen for the fields of an object, and the cells that cannot be read.
pub(super) fn fields(
    v: &Viewer,
    catalog: &Catalog,
    object: &ObjectDef,
    before: &RoleRules,
    typed: &Typed,
) -> (RoleRules, Vec<Wrong>) {
    let mut rules = before.known(catalog);
    let mut wrong = Vec::new();
    let mut cells: Vec<(&String, &String)> = typed.iter().filter(|(k, _)| k.contains(':')).collect();
    cells.sort();
    let own = rules.fields.entry(object.key.clone()).or_default();
    for (cell, value) in cells {
        let field = cell.strip_prefix("field:").and_then(|k| object.field(k));
        let Some((_, field)) = field else {
            wrong.push(Wrong::new(cell, cell, value));
            continue;
        };
        if value.is_empty() {
            own.remove(&field.key);
        } else if let Some((_, rule)) = offered(field).find(|(k, _)| k == value) {
            own.insert(field.key.clone(), rule);
        } else {
            wrong.push(Wrong::new(cell, v.label(&field.label), value));
        }
    }
    rules.fields.retain(|_, own| !own.is_empty());
    (rules, wrong)
}

/// What stands in the cells now in which two sets of rules differ, as sentences: what somebody else has saved meanwhile.
pub(super) fn differences(
    v: &Viewer,
    catalog: &Catalog,
    mine: &RoleRules,
    theirs: &RoleRules,
) -> Vec<String> {
    let mut out = Vec::new();
    let mut say = |object: Option<&ObjectDef>, verb: Verb, now: Option<Reach>| {
        let value = v.t(now.map_or(keys::PEOPLE_BECAUSE_DEFAULT, access::reach));
        let args = Args::new()
            .text("cell", table::cell_name(v, object, verb))
            .text("value", value);
        out.push(quoted(v, keys::ROLES_NOW, &args));
    };
    for (_, verb) in VERBS {
        let of = |r: &RoleRules| r.default.get(&verb).copied().unwrap_or_default();
        if of(mine) != of(theirs) {
            say(None, verb, Some(of(theirs)));
        }
    }
    let keys: BTreeSet<&String> = mine.objects.keys().chain(theirs.objects.keys()).collect();
    for key in keys {
        let Some(object) = catalog.object(key) else {
            continue;
        };
        for (_, verb) in VERBS {
            let of = |r: &RoleRules| r.objects.get(key).and_then(|o| o.get(&verb)).copied();
            if of(mine) != of(theirs) {
                say(Some(object.as_ref()), verb, of(theirs));
            }
        }
    }
    out
}
