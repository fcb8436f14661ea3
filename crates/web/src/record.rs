//! The page of a record: fields in sections, timeline, related records, notes; into the bin and back.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use peyvand_app::reading::{self, Happening};
use peyvand_app::{App, AppError, ListRequest};
use peyvand_catalog::definition::system;
use peyvand_catalog::{Class, FieldIx, FieldType};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Reach, Value, Verb};
use serde::Deserialize;

use crate::door::{Visitor, say};
use crate::fields;
use crate::form::{id_of, section_label};
use crate::shell::{self, Answer, Chrome, html, initials, pigment};

/// Most entries of a timeline on the page.
const ENTRIES: u32 = 50;

/// A group of fields.
struct Section {
    label: String,
    pairs: Vec<(String, String)>,
}

/// An entry of the timeline.
struct Entry {
    icon: &'static str,
    pigment: String,
    /// Where its record is; empty for changes.
    address: String,
    heading: String,
    tag: String,
    when: String,
    exact: String,
    /// HTML: rich text cleaned, other text escaped.
    body: String,
    /// Label, before, after.
    changes: Vec<(String, String, String)>,
}

/// Records that point here.
struct Related {
    label: String,
    icon: &'static str,
    add: String,
    all: String,
    rows: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "record.html")]
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
struct RecordPage {
    c: Chrome,
    address: String,
    title: String,
    initials: String,
    pigment: &'static str,
    square: bool,
    list: String,
    list_label: String,
    facts: Vec<String>,
    sections: Vec<Section>,
    timeline: Vec<Entry>,
    related: Vec<Related>,
    may_edit: bool,
    may_delete: bool,
    may_note: bool,
}

/// The page of a record.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let visible: Vec<FieldIx> = app
        .visible(caller, &object, None)
        .map_err(visitor.fail())?
        .into_iter()
        .filter(|ix| *ix != system::ID && *ix != system::VERSION && *ix != system::DELETED_AT)
        .collect();
    let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&record), &visible)
        .await
        .map_err(visitor.fail())?;
    let (title_ix, _) = object.title_field();
    let mut sections: Vec<(String, Section)> = Vec::new();
    let mut facts = Vec::new();
    for ix in visible {
        let Some(f) = object.at(ix) else { continue };
        let value = record.get(ix);
        if value.is_null()
            || ix == title_ix
            || matches!(f.stored(), FieldType::Json)
            || f.class == Class::Secret
        {
            continue;
        }
        let cell = fields::cell(caller, v, f, value, &titles, false);
        if f.list && matches!(f.stored(), FieldType::Choice | FieldType::Money) && facts.len() < 3 {
            facts.push(cell.html());
        }
        let name = if f.is_system() && f.key != "owner_id" && f.key != "team_id" {
            "system".to_owned()
        } else {
            f.section.clone().unwrap_or_else(|| "main".to_owned())
        };
        let pair = (v.label(&f.label).to_owned(), cell.html());
        match sections.iter_mut().find(|(n, _)| *n == name) {
            Some((_, s)) => s.pairs.push(pair),
            None => sections.push((
                name.clone(),
                Section {
                    label: section_label(v, Some(&name)),
                    pairs: vec![pair],
                },
            )),
        }
    }
    sections.sort_by_key(|(n, _)| (n != "main", n == "system"));
    let timeline = if object.spine {
        timeline(&app, &visitor, &object, &record)
            .await
            .map_err(visitor.fail())?
    } else {
        Vec::new()
    };
    let related = related(&app, &visitor, &object, id).await;
    let title = reading::title(&object, &record);
    let title = if title.is_empty() {
        v.label(&object.label).to_owned()
    } else {
        fields::without_tags(&title)
    };
    let generic = object.writes == peyvand_catalog::Writes::Generic;
    let page = RecordPage {
        address: format!("/{plural}/{}", record.id()),
        initials: initials(&title),
        pigment: pigment(&title),
        square: object.key != "contact" && object.key != "user",
        list: format!("/{plural}"),
        list_label: v.label(&object.labels).to_owned(),
        facts,
        sections: sections.into_iter().map(|(_, s)| s).collect(),
        timeline,
        related,
        may_edit: generic && App::writable(caller, &object, Verb::Update).is_ok(),
        may_delete: generic && App::writable(caller, &object, Verb::Delete).is_ok(),
        may_note: matches!(object.key.as_str(), "contact" | "company" | "deal")
            && caller.policy.reach("note", Verb::Create) != Reach::None,
        c: Chrome::of(&visitor, &title),
        title,
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// The text of a stored change's side.
fn side(
    visitor: &Visitor,
    object: &peyvand_catalog::ObjectDef,
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
        Ok(value) => fields::cell(caller, &visitor.view, f, &value, titles, true).text(),
    }
}

async fn timeline(
    app: &App,
    visitor: &Visitor,
    object: &peyvand_catalog::ObjectDef,
    record: &peyvand_record::Record,
) -> Result<Vec<Entry>, AppError> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let items = app.timeline(caller, record.id(), ENTRIES).await?;
    let mut wanted: HashMap<String, Vec<Id>> = HashMap::new();
    for item in &items {
        match &item.what {
            Happening::Change { actor, fields, .. } => {
                wanted.entry("user".to_owned()).or_default().push(*actor);
                for (key, before, after) in fields {
                    let Some((_, f)) = object.field(key) else { continue };
                    if f.stored() != FieldType::Link {
                        continue;
                    }
                    let to = f.to.clone().unwrap_or_else(|| "user".to_owned());
                    for side in [before, after] {
                        if let Some(id) = side.as_str().and_then(|s| s.parse().ok()) {
                            wanted.entry(to.clone()).or_default().push(id);
                        }
                    }
                }
            }
            Happening::Record(_, r) => {
                if let Some(id) = r.get(system::CREATED_BY).as_id() {
                    wanted.entry("user".to_owned()).or_default().push(id);
                }
            }
        }
    }
    let titles = app.titles(caller, &wanted).await?;
    let who = |id: Id| {
        titles
            .get(&id)
            .cloned()
            .unwrap_or_else(|| v.t(keys::WEB_SYSTEM_ACTOR))
    };
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        let (when, exact) = (v.ago(item.at), v.instant(item.at));
        out.push(match item.what {
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
                    pigment: "clay".to_owned(),
                    address: String::new(),
                    heading: v.with(key, &Args::new().text("who", who(actor))),
                    tag: String::new(),
                    when,
                    exact,
                    body: String::new(),
                    changes: fields
                        .iter()
                        .filter_map(|(k, before, after)| {
                            let (ix, f) = object.field(k)?;
                            Some((
                                v.label(&f.label).to_owned(),
                                side(visitor, object, ix, before, &titles),
                                side(visitor, object, ix, after, &titles),
                            ))
                        })
                        .collect(),
                }
            }
            Happening::Record(def, r) => {
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
                let tag = def
                    .field("kind")
                    .or_else(|| def.field("status"))
                    .map(|(ix, f)| fields::cell(caller, v, f, r.get(ix), &titles, true).text())
                    .unwrap_or_default();
                let author = r.get(system::CREATED_BY).as_id().map(who).unwrap_or_default();
                let note = def.key == "note";
                let title = reading::title(&def, &r);
                Entry {
                    icon: shell::icon(&def.icon),
                    pigment: match def.key.as_str() {
                        "note" => "saffron",
                        "activity" => "lapis",
                        "interaction" => "pistachio",
                        "order" => "violet",
                        _ => "firouzeh",
                    }
                    .to_owned(),
                    address: format!("/{}/{}", def.plural, r.id()),
                    heading: if note || title.is_empty() {
                        v.label(&def.label).to_owned()
                    } else {
                        title
                    },
                    tag,
                    when: v.with(keys::WEB_BY, &Args::new().text("who", author).date("when", when)),
                    exact,
                    body: if note {
                        text("body")
                    } else {
                        let b = text("body");
                        if b.is_empty() { text("description") } else { b }
                    },
                    changes: Vec::new(),
                }
            }
        });
    }
    Ok(out)
}

/// The newest records of each relation that ends here.
async fn related(app: &App, visitor: &Visitor, object: &peyvand_catalog::ObjectDef, id: Id) -> Vec<Related> {
    const SHOWN: &[&str] = &[
        "deal",
        "contact",
        "order",
        "activity",
        "employment",
        "need",
        "stage",
        "product",
    ];
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let mut out = Vec::new();
    for inverse in caller.workspace.catalog().inverses(&object.key) {
        let Some(def) = caller.workspace.catalog().object(&inverse.object) else {
            continue;
        };
        if !(SHOWN.contains(&def.key.as_str()) || def.custom)
            || caller.policy.reach(&def.key, Verb::Read) == Reach::None
        {
            continue;
        }
        let Some(link) = def.at(inverse.field) else {
            continue;
        };
        let filter = format!("{} = {id}", link.key);
        let request = ListRequest {
            filter: Some(format!("{} = \"{id}\"", link.key)),
            limit: Some(6),
            sort: Some("-created_at".to_owned()),
            ..ListRequest::default()
        };
        let listed = match app.list(caller, def, &request).await {
            Ok(l) => l,
            Err(e) => {
                tracing::debug!(object = def.key, "related records: {e}");
                continue;
            }
        };
        let more = listed.next.is_some();
        let fact = def
            .fields
            .iter()
            .position(|f| f.list && matches!(f.stored(), FieldType::Choice | FieldType::Money))
            .map(|i| FieldIx(i as u16));
        let rows: Vec<_> = listed
            .records
            .iter()
            .take(5)
            .map(|r| {
                let title = reading::title(def, r);
                let shown = fact
                    .and_then(|ix| def.at(ix).map(|f| (ix, f)))
                    .map(|(ix, f)| fields::cell(caller, v, f, r.get(ix), &fields::Titles::new(), true).html())
                    .unwrap_or_default();
                let title = if title.is_empty() {
                    v.label(&def.label).to_owned()
                } else {
                    title
                };
                (format!("/{}/{}", def.plural, r.id()), title, shown)
            })
            .collect();
        let may_add = def.spine && App::writable(caller, def, Verb::Create).is_ok();
        if rows.is_empty() && !matches!(def.key.as_str(), "deal" | "activity" | "contact") {
            continue;
        }
        out.push(Related {
            label: v.label(&def.labels).to_owned(),
            icon: shell::icon(&def.icon),
            add: if may_add {
                format!("/{}/new?{}={id}", def.plural, link.key)
            } else {
                String::new()
            },
            all: if more {
                format!(
                    "/{}?filter={}",
                    def.plural,
                    crate::door::encode(&filter.replace(&id.to_string(), &format!("\"{id}\"")))
                )
            } else {
                String::new()
            },
            rows,
        });
    }
    out
}

/// Puts a record into the bin, with a way back.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    app.delete(caller, &object, id, None)
        .await
        .map_err(visitor.fail())?;
    Ok(say(
        &format!("/{plural}"),
        "web-deleted",
        &format!("/{plural}/{id}/restore"),
    ))
}

/// Takes a record out of the bin.
pub(crate) async fn restore(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    app.restore(caller, &object, id).await.map_err(visitor.fail())?;
    Ok(say(&format!("/{plural}/{id}"), "web-restored", ""))
}

/// A note as it was typed.
#[derive(Debug, Deserialize)]
pub(crate) struct Noted {
    body: String,
}

/// Adds a note to a record.
pub(crate) async fn add_note(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Form(noted): Form<Noted>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let back = format!("/{plural}/{id}");
    let link = format!("{}_id", object.key);
    let note = app.object(caller, "notes").map_err(visitor.fail())?;
    if note.field(&link).is_none() || noted.body.trim().is_empty() {
        return Ok(axum::response::IntoResponse::into_response(
            axum::response::Redirect::to(&back),
        ));
    }
    let mut body = String::with_capacity(noted.body.len() + 16);
    for line in noted.body.trim().lines().filter(|l| !l.trim().is_empty()) {
        body.push_str("<p>");
        fields::escape_into(&mut body, line.trim());
        body.push_str("</p>");
    }
    let mut json = serde_json::Map::new();
    json.insert("body".to_owned(), body.into());
    json.insert(link, id.to_string().into());
    app.create(caller, &note, &json, None)
        .await
        .map_err(visitor.fail())?;
    Ok(say(&back, "web-noted", ""))
}
