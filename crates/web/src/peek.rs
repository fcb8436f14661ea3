//! The peek panel: a record at a glance, beside the list.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use peyvand_app::App;
use peyvand_app::reading::{self, Happening};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::tag;
use peyvand_catalog::{Class, FieldIx, FieldType};
use peyvand_i18n::{Args, keys};
use peyvand_record::Verb;

use crate::door::Visitor;
use crate::fields::{self, Shape};
use crate::form::id_of;
use crate::shell::{Answer, html, icon, initials, pigment};

/// Most fields of the panel.
const FIELDS: usize = 14;
/// Most entries of its timeline.
const ENTRIES: u32 = 8;

/// An entry of the timeline.
struct Entry {
    icon: &'static str,
    to: String,
    heading: String,
    when: String,
}

#[derive(Template)]
#[template(path = "peek.html")]
struct Peek {
    icons: String,
    address: String,
    title: String,
    initials: String,
    pigment: &'static str,
    facts: Vec<String>,
    tags: Vec<(String, String)>,
    acts: Vec<(String, &'static str, String)>,
    edit: String,
    convert: String,
    pairs: Vec<(String, String)>,
    timeline: Vec<Entry>,
    t_close: String,
    t_open: String,
    t_edit: String,
    t_convert: String,
    t_fields: String,
    t_timeline: String,
    t_quiet: String,
    t_prev: String,
    t_next: String,
}

/// The panel of a record: a fragment for the list's script.
pub(crate) async fn peek(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let visible: Vec<FieldIx> = app.visible(caller, &object, None).map_err(visitor.fail())?;
    let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&record), &visible)
        .await
        .map_err(visitor.fail())?;
    let (title_ix, title_field) = object.title_field();
    let (mut facts, mut acts, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
    for ix in visible {
        let Some(f) = object.at(ix) else { continue };
        let value = record.get(ix);
        let system_field = f.is_system() && ix != system::OWNER_ID;
        if value.is_null() || ix == title_ix || system_field || f.class == Class::Secret {
            continue;
        }
        if matches!(f.stored(), FieldType::Json | FieldType::RichText) {
            continue;
        }
        let cell = fields::cell(caller, v, f, value, &titles, false);
        if f.list && matches!(f.stored(), FieldType::Choice | FieldType::Money) && facts.len() < 3 {
            facts.push(cell.html());
            continue;
        }
        for p in &cell.pieces {
            if let Shape::Outside(to) = &p.shape {
                let (name, text) = if to.starts_with("tel:") {
                    ("phone", keys::LIST_CALL)
                } else if to.starts_with("mailto:") {
                    ("mail", keys::LIST_WRITE)
                } else {
                    continue;
                };
                if !acts.iter().any(|(_, n, _)| *n == name) {
                    acts.push((to.clone(), name, v.t(text)));
                }
            }
        }
        if pairs.len() < FIELDS {
            pairs.push((v.label(&f.label).to_owned(), cell.html()));
        }
    }
    let (mut timeline, mut tags) = (Vec::new(), Vec::new());
    if object.spine {
        for item in app.timeline(caller, id, ENTRIES).await.map_err(visitor.fail())? {
            timeline.push(match &item.what {
                Happening::Record(o, r) => Entry {
                    icon: icon(&o.icon),
                    to: format!("/{}/{}", o.plural, r.id()),
                    heading: reading::title(o, r),
                    when: v.ago(item.at),
                },
                Happening::Change { actor, action, .. } => {
                    let who = titles
                        .get(actor)
                        .cloned()
                        .unwrap_or_else(|| v.t(keys::WEB_SYSTEM_ACTOR));
                    let key = match action.as_str() {
                        "create" => keys::WEB_CHANGE_CREATE,
                        "update" => keys::WEB_CHANGE_UPDATE,
                        "delete" => keys::WEB_CHANGE_DELETE,
                        "restore" => keys::WEB_CHANGE_RESTORE,
                        _ => keys::WEB_CHANGE_OTHER,
                    };
                    Entry {
                        icon: "edit",
                        to: String::new(),
                        heading: v.with(key, &Args::new().text("who", who)),
                        when: v.ago(item.at),
                    }
                }
            });
        }
        for t in app.tags_of(caller, id).await.map_err(visitor.fail())? {
            let color = t.get(tag::COLOR).as_str().unwrap_or("clay").to_owned();
            tags.push((t.get(tag::NAME).as_str().unwrap_or_default().to_owned(), color));
        }
    }
    let shown = fields::cell(caller, v, title_field, record.get(title_ix), &titles, true).text();
    let title = if shown.is_empty() {
        reading::title(&object, &record)
    } else {
        shown
    };
    let address = format!("/{plural}/{id}");
    let page = Peek {
        icons: crate::assets::url("icons.svg"),
        initials: initials(&title),
        pigment: pigment(&title),
        facts,
        tags,
        acts,
        edit: if App::writable(caller, &object, Verb::Update).is_ok()
            && object.writes == peyvand_catalog::Writes::Generic
        {
            format!("{address}/edit")
        } else {
            String::new()
        },
        convert: if object.key == "contact"
            && caller
                .workspace
                .catalog()
                .object("deal")
                .is_some_and(|d| App::writable(caller, d, Verb::Create).is_ok())
        {
            format!("{address}/deal")
        } else {
            String::new()
        },
        t_convert: v.t(keys::LIST_MAKE_DEAL),
        pairs,
        timeline,
        t_close: v.t(keys::COMMON_CLOSE),
        t_open: v.t(keys::LIST_OPEN_RECORD),
        t_edit: v.t(keys::COMMON_EDIT),
        t_fields: v.t(keys::WEB_SECTION_MAIN),
        t_timeline: v.t(keys::WEB_TIMELINE),
        t_quiet: v.t(keys::TIMELINE_EMPTY),
        t_prev: v.t(keys::COMMON_PREVIOUS),
        t_next: v.t(keys::COMMON_NEXT),
        address,
        title,
    };
    Ok(html(StatusCode::OK, &page, false))
}
