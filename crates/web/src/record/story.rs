//! The story of a record: everything that happened with it, newest first, by kind, page by page.

use std::collections::HashMap;

use peyvand_app::reading::{self, Happening, TimelineItem};
use peyvand_app::{App, AppError};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::tag;
use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_i18n::{Args, keys};
use peyvand_record::{Record, Value};
use serde::Deserialize;

use crate::door::Visitor;
use crate::fields;
use crate::shell;

/// Entries of a page.
const ENTRIES: u32 = 40;
/// Kinds by which the story can be narrowed, when there are any.
const KINDS: [&str; 8] = [
    "note",
    "activity",
    "interaction",
    "deal",
    "order",
    "need",
    "perception",
    "consent_entry",
];

/// What is asked of the story.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// One kind only.
    show: String,
    /// From behind this line of the story.
    before: String,
}

/// An entry of the story.
pub(crate) struct Entry {
    pub(crate) icon: &'static str,
    pub(crate) pigment: &'static str,
    /// Where its record is; empty for changes.
    pub(crate) address: String,
    pub(crate) heading: String,
    pub(crate) tag: String,
    pub(crate) when: String,
    pub(crate) exact: String,
    /// HTML: rich text cleaned, other text escaped.
    pub(crate) body: String,
    /// Where an open activity is marked as done; empty for everything else.
    pub(crate) done: String,
    /// Label, before, after.
    pub(crate) changes: Vec<(String, String, String)>,
}

/// The story.
pub(crate) struct Story {
    pub(crate) entries: Vec<Entry>,
    /// Address, label, chosen.
    pub(crate) kinds: Vec<(String, String, bool)>,
    pub(crate) older: String,
}

/// The text of a stored change's side.
fn side(
    visitor: &Visitor,
    object: &ObjectDef,
    ix: FieldIx,
    json: &serde_json::Value,
    titles: &fields::Titles,
) -> String {
    let Some(f) = object.at(ix) else {
        return String::new();
    };
    let caller = &visitor.session.caller;
    let edge = caller.workspace.edge(
        caller.language,
        visitor.view.now,
        peyvand_record::codec::Mode::Patch,
    );
    match peyvand_record::codec::parse_json_value(f, json, &edge) {
        Ok(Value::Null) | Err(_) => visitor.view.t(keys::WEB_NO_VALUE),
        Ok(value) => {
            let cell = fields::cell(caller, &visitor.view, f, &value, titles, true);
            // The sign of a number is written to the left, and would turn what stands alone with its unit.
            let turn = if cell.numeric && visitor.view.dir() == "rtl" {
                "\u{200f}"
            } else {
                ""
            };
            format!("{turn}{}", cell.text())
        }
    }
}

/// A change of a field, or of the tags: its label, before and after.
pub(crate) fn change(
    visitor: &Visitor,
    object: &ObjectDef,
    key: &str,
    before: &serde_json::Value,
    after: &serde_json::Value,
    titles: &fields::Titles,
) -> Option<(String, String, String)> {
    let v = &visitor.view;
    if let Some((ix, f)) = object.field(key) {
        return Some((
            v.label(&f.label).to_owned(),
            side(visitor, object, ix, before, titles),
            side(visitor, object, ix, after, titles),
        ));
    }
    if key != tag::OBJECT {
        return None;
    }
    let tags = visitor.session.caller.workspace.catalog().object(key)?;
    let name = |side: &serde_json::Value| {
        let id = side.as_str().and_then(|s| s.parse::<Id>().ok());
        id.and_then(|id| titles.get(&id).cloned())
            .unwrap_or_else(|| v.t(keys::WEB_NO_VALUE))
    };
    Some((v.label(&tags.label).to_owned(), name(before), name(after)))
}

/// The records whose titles a change needs.
pub(crate) fn named(
    object: &ObjectDef,
    key: &str,
    sides: [&serde_json::Value; 2],
    wanted: &mut HashMap<String, Vec<Id>>,
) {
    let to = match object.field(key) {
        Some((_, f)) if f.stored() == FieldType::Link => f.to.clone().unwrap_or_else(|| "user".to_owned()),
        None if key == tag::OBJECT => tag::OBJECT.to_owned(),
        _ => return,
    };
    for side in sides {
        if let Some(id) = side.as_str().and_then(|s| s.parse().ok()) {
            wanted.entry(to.clone()).or_default().push(id);
        }
    }
}

/// The records whose titles the entries need.
fn wanted(object: &ObjectDef, items: &[TimelineItem]) -> HashMap<String, Vec<Id>> {
    let mut wanted: HashMap<String, Vec<Id>> = HashMap::new();
    for item in items {
        match &item.what {
            Happening::Change { actor, fields, .. } => {
                wanted.entry("user".to_owned()).or_default().push(*actor);
                for (key, before, after) in fields {
                    named(object, key, [before, after], &mut wanted);
                }
            }
            Happening::Record(_, r) => {
                if let Some(id) = r.get(system::CREATED_BY).as_id() {
                    wanted.entry("user".to_owned()).or_default().push(id);
                }
            }
        }
    }
    wanted
}

fn pigment_of(object: &str) -> &'static str {
    match object {
        "note" => "saffron",
        "activity" => "lapis",
        "interaction" => "pistachio",
        "order" | "deal" => "violet",
        "consent_entry" => "anar",
        _ => "firouzeh",
    }
}

fn of_record(
    visitor: &Visitor,
    def: &ObjectDef,
    r: &Record,
    titles: &fields::Titles,
    author: String,
    at: Instant,
) -> Entry {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let text = |key: &str| {
        let mut shown = String::new();
        if let Some((ix, f)) = def.field(key)
            && let Some(s) = r.get(ix).as_str()
        {
            if f.stored() == FieldType::RichText {
                fields::rich_into(s, &mut shown);
            } else {
                fields::escape_into(&mut shown, s);
            }
        }
        shown
    };
    let tags: Vec<String> = ["kind", "status", "aspect"]
        .iter()
        .filter_map(|key| def.field(key))
        .filter(|(ix, _)| !r.get(*ix).is_null())
        .map(|(ix, f)| fields::cell(caller, v, f, r.get(ix), titles, true).text())
        .collect();
    let note = def.key == "note";
    let title = reading::title(def, r);
    let open = def.key == "activity"
        && def
            .field("status")
            .and_then(|(ix, _)| r.get(ix).as_str())
            .is_some_and(|s| matches!(s, "open" | "in_progress" | "waiting"));
    let body = [text("body"), text("description"), text("outcome")]
        .into_iter()
        .filter(|s| !s.is_empty())
        .take(if note { 1 } else { 2 })
        .collect::<Vec<_>>()
        .join("\n");
    Entry {
        icon: shell::icon(&def.icon),
        pigment: pigment_of(&def.key),
        address: format!("/{}/{}", def.plural, r.id()),
        heading: if def.key == "consent_entry" {
            crate::consent::headline(visitor, r)
        } else if note || title.is_empty() {
            v.label(&def.label).to_owned()
        } else {
            title
        },
        tag: tags.join(" · "),
        when: v.with(
            keys::WEB_BY,
            &Args::new().text("who", author).date("when", v.ago(at)),
        ),
        exact: v.instant(at),
        body,
        done: if open {
            format!("/{}/{}/done", def.plural, r.id())
        } else {
            String::new()
        },
        changes: Vec::new(),
    }
}

/// The story of a record, as it is asked for.
pub(crate) async fn story(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    record: &Record,
    asked: &Asked,
) -> Result<Story, AppError> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let catalog = caller.workspace.catalog();
    let address = format!("/{}/{}", object.plural, record.id());
    let show =
        (asked.show == "change" || KINDS.contains(&asked.show.as_str())).then_some(asked.show.as_str());
    let page = app
        .timeline_of(caller, record.id(), show, asked.before.parse().ok(), ENTRIES)
        .await?;
    let items = page.items;
    let titles = app.titles(caller, &wanted(object, &items)).await?;
    let who = |id: Id| {
        titles
            .get(&id)
            .cloned()
            .unwrap_or_else(|| v.t(keys::WEB_SYSTEM_ACTOR))
    };
    let mut kinds = vec![(
        format!("{address}#story"),
        v.t(keys::RECORD_SHOW_ALL),
        show.is_none(),
    )];
    for key in KINDS {
        let Some(def) = catalog.object(key) else { continue };
        if def.timeline.iter().any(|t| {
            def.field(t)
                .is_some_and(|(_, f)| f.to.as_deref() == Some(&object.key) || f.to.as_deref() == Some("*"))
        }) && caller.policy.reach(key, peyvand_record::Verb::Read) != peyvand_record::Reach::None
        {
            kinds.push((
                format!("{address}?show={key}#story"),
                v.label(&def.labels).to_owned(),
                show == Some(key),
            ));
        }
    }
    kinds.push((
        format!("{address}?show=change#story"),
        v.t(keys::RECORD_SHOW_CHANGES),
        show == Some("change"),
    ));
    let older = page.next.map_or_else(String::new, |next| {
        let kind = show.map(|s| format!("show={s}&")).unwrap_or_default();
        format!("{address}?{kind}before={next}#story")
    });
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        entries.push(match item.what {
            Happening::Change {
                actor,
                action,
                fields,
            } => {
                let key = match action.as_str() {
                    "create" => keys::WEB_CHANGE_CREATE,
                    "update" => keys::WEB_CHANGE_UPDATE,
                    "delete" => keys::WEB_CHANGE_DELETE,
                    "restore" => keys::WEB_CHANGE_RESTORE,
                    _ => keys::WEB_CHANGE_OTHER,
                };
                Entry {
                    icon: "edit",
                    pigment: "clay",
                    address: String::new(),
                    heading: v.with(key, &Args::new().text("who", who(actor))),
                    tag: String::new(),
                    when: v.ago(item.at),
                    exact: v.instant(item.at),
                    body: String::new(),
                    done: String::new(),
                    changes: fields
                        .iter()
                        .filter_map(|(k, before, after)| change(visitor, object, k, before, after, &titles))
                        .collect(),
                }
            }
            Happening::Record(def, r) => {
                let author = r.get(system::CREATED_BY).as_id().map(who).unwrap_or_default();
                of_record(visitor, &def, &r, &titles, author, item.at)
            }
        });
    }
    Ok(Story {
        entries,
        kinds,
        older,
    })
}
