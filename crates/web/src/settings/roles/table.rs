//! The table of a role: which choices each cell offers and which one stands in it.

use peyvand_app::rights::{RoleRules, Source};
use peyvand_catalog::{Catalog, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::{Reach, Verb};

use super::read::Wrong;
use crate::people::access;
use crate::shell;
use crate::view::Viewer;

/// The reaches by the names that forms and rules give them.
pub(super) const REACHES: [(&str, Reach); 5] = [
    ("none", Reach::None),
    ("own", Reach::Own),
    ("team", Reach::Team),
    ("team_and_below", Reach::TeamAndBelow),
    ("all", Reach::All),
];

/// The verbs by the names that forms and rules give them.
pub(super) const VERBS: [(&str, Verb); 5] = [
    ("read", Verb::Read),
    ("create", Verb::Create),
    ("update", Verb::Update),
    ("delete", Verb::Delete),
    ("export", Verb::Export),
];

/// The name of the row for objects that the role does not name.
pub(super) const USUAL: &str = "default";

/// A choice of a cell.
pub(super) struct Choice {
    pub(super) value: &'static str,
    pub(super) label: String,
    pub(super) on: bool,
}

/// A cell: none of its choices when there is nothing to choose.
pub(super) struct Cell {
    pub(super) name: String,
    pub(super) caption: String,
    pub(super) choices: Vec<Choice>,
    pub(super) wrong: bool,
}

/// An object.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) note: String,
    pub(super) cells: Vec<Cell>,
    /// Where its rules of fields are, and what the link says.
    pub(super) fields: Option<(String, String)>,
}

/// The objects of an area.
pub(super) struct Part {
    pub(super) label: String,
    pub(super) rows: Vec<Row>,
}

/// What may be chosen for a verb on an object. Records without owner are reached all or not at all; records that belong to
/// another one are reached as it is, and whether any of them are taken out in bulk can be chosen. What stands there already
/// stays.
pub(super) fn offered(object: &ObjectDef, verb: Verb, now: Option<Reach>) -> Vec<(&'static str, Reach)> {
    if object.is_child() && verb != Verb::Export {
        return Vec::new();
    }
    REACHES
        .into_iter()
        .filter(|(_, r)| object.ownable || matches!(r, Reach::None | Reach::All) || now == Some(*r))
        .collect()
}

/// The name of a cell, as people say it.
pub(super) fn cell_name(v: &Viewer, object: Option<&ObjectDef>, verb: Verb) -> String {
    let what = object.map_or_else(|| v.t(keys::ROLES_USUAL_ROW), |o| v.label(&o.labels).to_owned());
    format!("{what}: {}", v.t(access::verb(verb)))
}

/// The name of a reach, short enough for a cell.
fn reach_name(reach: Reach) -> Key {
    match reach {
        Reach::None => keys::ROLES_REACH_NONE,
        Reach::Own => keys::ROLES_REACH_OWN,
        Reach::Team => keys::ROLES_REACH_TEAM,
        Reach::TeamAndBelow => keys::ROLES_REACH_BELOW,
        Reach::All => keys::ROLES_REACH_ALL,
    }
}

/// How far a verb reaches on an object that the role does not name.
fn usual(usual_rules: &RoleRules, object: &ObjectDef, verb: Verb) -> Reach {
    match usual_rules.reach(object, verb) {
        (reach, Source::Personal) => reach,
        (Reach::None, _) => Reach::None,
        _ if !object.ownable => Reach::All,
        (reach, _) => reach,
    }
}

fn cells(v: &Viewer, object: &ObjectDef, rules: &RoleRules, plain: &RoleRules, wrong: &[Wrong]) -> Vec<Cell> {
    VERBS
        .into_iter()
        .map(|(key, verb)| {
            let name = format!("{}:{key}", object.key);
            let now = rules.objects.get(&object.key).and_then(|o| o.get(&verb)).copied();
            let offered = offered(object, verb, now);
            let mut choices = Vec::new();
            if !offered.is_empty() {
                let reach = v.t(reach_name(usual(plain, object, verb)));
                choices.push(Choice {
                    value: "",
                    label: v.with(keys::ROLES_AS_USUAL, &Args::new().text("reach", reach)),
                    on: now.is_none(),
                });
            }
            choices.extend(offered.into_iter().map(|(value, reach)| Choice {
                value,
                label: v.t(reach_name(reach)),
                on: now == Some(reach),
            }));
            Cell {
                wrong: wrong.iter().any(|w| w.cell == name),
                caption: v.t(access::verb(verb)),
                choices,
                name,
            }
        })
        .collect()
}

fn usual_row(v: &Viewer, rules: &RoleRules, wrong: &[Wrong]) -> Row {
    Row {
        label: v.t(keys::ROLES_USUAL_ROW),
        note: v.t(keys::ROLES_USUAL_NOTE),
        cells: VERBS
            .into_iter()
            .map(|(key, verb)| {
                let name = format!("{USUAL}:{key}");
                let now = rules.default.get(&verb).copied().unwrap_or_default();
                Cell {
                    wrong: wrong.iter().any(|w| w.cell == name),
                    caption: v.t(access::verb(verb)),
                    choices: REACHES
                        .into_iter()
                        .map(|(value, reach)| Choice {
                            value,
                            label: v.t(reach_name(reach)),
                            on: now == reach,
                        })
                        .collect(),
                    name,
                }
            })
            .collect(),
        fields: None,
    }
}

/// The table: first the row for what the role does not name, then the objects by area, those that people work with before
/// those that belong to them.
pub(super) fn parts(
    v: &Viewer,
    catalog: &Catalog,
    rules: &RoleRules,
    role: Id,
    wrong: &[Wrong],
) -> Vec<Part> {
    let plain = RoleRules {
        objects: std::collections::HashMap::new(),
        ..rules.clone()
    };
    let mut out = vec![(
        0,
        Part {
            label: v.t(keys::ROLES_USUAL_PART),
            rows: vec![usual_row(v, rules, wrong)],
        },
    )];
    let mut objects: Vec<&ObjectDef> = catalog.objects().iter().map(AsRef::as_ref).collect();
    objects.sort_by_key(|o| o.is_child());
    for object in objects {
        let own = if object.custom { "custom" } else { &object.area };
        let (at, label) = shell::area(own).unwrap_or((9, keys::WEB_AREA_SETTINGS));
        let count = rules
            .fields
            .get(&object.key)
            .map_or(0, std::collections::HashMap::len);
        let row = Row {
            label: v.label(&object.labels).to_owned(),
            note: if object.is_child() {
                v.t(keys::PEOPLE_WHY_PARENT)
            } else {
                String::new()
            },
            cells: cells(v, object, rules, &plain, wrong),
            fields: Some((
                format!("{}/{role}/fields/{}", super::HERE, object.key),
                v.with(
                    keys::ROLES_FIELD_RULES,
                    &Args::new().number("count", count as i64),
                ),
            )),
        };
        match out.iter_mut().find(|(n, _)| *n == at + 1) {
            Some((_, part)) => part.rows.push(row),
            None => out.push((
                at + 1,
                Part {
                    label: v.t(label),
                    rows: vec![row],
                },
            )),
        }
    }
    out.sort_by_key(|(n, _)| *n);
    out.into_iter().map(|(_, part)| part).collect()
}
