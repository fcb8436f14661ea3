//! Merging two records: side by side, a choice for each field in which they differ, and a way back.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use peyvand_app::{App, AppError, reading};
use peyvand_catalog::{FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_i18n::keys;
use peyvand_record::{Record, Verb};

use crate::door::{Visitor, say};
use crate::fields;
use crate::form::read::read_link_to;
use crate::form::{Typed, id_of};
use crate::shell::{Answer, Chrome, html};

/// A field in which both differ, or which only one has.
struct Row {
    key: String,
    label: String,
    mine: String,
    theirs: String,
    /// Is the other's value chosen from the start? When this record has none.
    take: bool,
}

#[derive(Template)]
#[template(path = "merge.html")]
struct MergePage {
    c: Chrome,
    css: String,
    address: String,
    object: String,
    title: String,
    typed: String,
    other: String,
    other_title: String,
    rows: Vec<Row>,
    error: String,
}

fn checked(visitor: &Visitor, object: &ObjectDef) -> Result<(), AppError> {
    if !object.mergeable {
        return Err(AppError::NotMergeable);
    }
    App::writable(&visitor.session.caller, object, Verb::Update)
}

async fn rows(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    mine: &Record,
    theirs: &Record,
) -> Result<Vec<Row>, AppError> {
    let caller = &visitor.session.caller;
    let visible = app.visible(caller, object, None)?;
    let both = [mine.clone(), theirs.clone()];
    let titles = fields::titles_of(app, caller, object, &both, &visible).await?;
    let shown = |ix: FieldIx, r: &Record| {
        object
            .at(ix)
            .map(|f| fields::cell(caller, &visitor.view, f, r.get(ix), &titles, false).html())
            .unwrap_or_default()
    };
    Ok(visible
        .into_iter()
        .filter_map(|ix| object.at(ix).map(|f| (ix, f)))
        .filter(|(ix, f)| {
            (!f.is_system() || f.key == "owner_id")
                && f.writes == Writes::Generic
                && !matches!(f.stored(), FieldType::Json | FieldType::Points)
                && mine.get(*ix) != theirs.get(*ix)
                && !theirs.get(*ix).is_null()
        })
        .map(|(ix, f)| Row {
            key: f.key.clone(),
            label: visitor.view.label(&f.label).to_owned(),
            mine: shown(ix, mine),
            theirs: shown(ix, theirs),
            take: mine.get(ix).is_null(),
        })
        .collect())
}

/// Both records side by side.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Query(typed): Query<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    checked(&visitor, &object).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let mine = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let mut page = MergePage {
        css: crate::assets::url("record.css"),
        address: format!("/{plural}/{id}"),
        object: object.key.clone(),
        title: reading::title(&object, &mine),
        typed: typed.get("with").cloned().unwrap_or_default(),
        other: String::new(),
        other_title: String::new(),
        rows: Vec::new(),
        error: String::new(),
        c: Chrome::of(&visitor, &v.t(keys::RECORD_MERGE_TITLE)),
    };
    let mut status = StatusCode::OK;
    if !page.typed.trim().is_empty() {
        let found = read_link_to(&app, &visitor, &object.key, "with", &typed).await;
        match found {
            Ok(Some(other)) if other != mine.id() => {
                let theirs = app.get(caller, &object, other).await.map_err(visitor.fail())?;
                page.rows = rows(&app, &visitor, &object, &mine, &theirs)
                    .await
                    .map_err(visitor.fail())?;
                page.other_title = reading::title(&object, &theirs);
                page.other = theirs.id().to_string();
                page.typed.clone_from(&page.other_title);
            }
            Ok(_) => {
                page.error = AppError::NotMergeable.message(v.language);
                status = StatusCode::UNPROCESSABLE_ENTITY;
            }
            Err(e) => {
                page.error = e;
                status = StatusCode::UNPROCESSABLE_ENTITY;
            }
        }
    }
    Ok(html(status, &page, visitor.said.is_some()))
}

/// Merges them.
pub(crate) async fn merge(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    checked(&visitor, &object).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let other: Id = id_of(&visitor, typed.get("other").map_or("", String::as_str))?;
    let take: Vec<String> = typed
        .iter()
        .filter(|(_, side)| *side == "theirs")
        .filter_map(|(k, _)| k.strip_prefix("take:"))
        .map(str::to_owned)
        .collect();
    let done = app
        .merge(caller, &object, id, other, &take)
        .await
        .map_err(visitor.fail())?;
    Ok(say(
        &format!("/{plural}/{}", done.survivor.id()),
        "record-merged",
        &format!("/{plural}/{}/unmerge?to={}", done.operation, done.survivor.id()),
    ))
}

/// Takes a merge back, and stays at the record from which that was asked.
pub(crate) async fn unmerge(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, operation)): Path<(String, String)>,
    Query(asked): Query<HashMap<String, String>>,
) -> Answer {
    let caller = &visitor.session.caller;
    let operation = id_of(&visitor, &operation)?;
    let back = app.unmerge(caller, operation).await.map_err(visitor.fail())?;
    let to = asked.get("to").and_then(|id| id.parse::<Id>().ok());
    Ok(say(
        &format!(
            "/{}/{}",
            crate::door::encode(&plural),
            to.unwrap_or_else(|| back.id())
        ),
        "record-unmerged",
        "",
    ))
}
