//! A cell of a list that is changed where it stands: the editor of one field, and saving it.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use peyvand_app::{App, AppError};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_i18n::keys;
use peyvand_record::codec::Mode;
use peyvand_record::{Record, Verb};
use serde_json::json;

use crate::door::Visitor;
use crate::fields;
use crate::form::inputs::Input;
use crate::form::{self, Typed, id_of};
use crate::list::state::State as ListState;
use crate::shell::{self, Answer};

/// The editor of one field.
#[derive(Template)]
#[template(path = "cell.html")]
struct Editor {
    f: Input,
    action: String,
    version: i64,
    save: String,
    cancel: String,
    choose: String,
}

/// What a script is told when a change is refused.
fn refusal(status: StatusCode, said: &str) -> Response {
    (status, Json(json!({ "said": said }))).into_response()
}

async fn found(
    app: &App,
    visitor: &Visitor,
    plural: &str,
    id: &str,
    field: &str,
) -> Result<(Arc<ObjectDef>, Record, FieldIx), Response> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let no = |e: &AppError| refusal(shell::status(e), &e.message(v.language));
    let object = app.object(caller, plural).map_err(|e| no(&e))?;
    App::writable(caller, &object, Verb::Update).map_err(|e| no(&e))?;
    let id = id_of(visitor, id)?;
    let (ix, _) = object
        .field(field)
        .filter(|(ix, _)| form::inputs::editable(caller, &object).contains(ix))
        .ok_or_else(|| no(&AppError::Forbidden))?;
    let record = app.get(caller, &object, id).await.map_err(|e| no(&e))?;
    Ok((object, record, ix))
}

async fn typed_now(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    record: &Record,
    ix: FieldIx,
) -> Result<Typed, Response> {
    let caller = &visitor.session.caller;
    let titles = fields::titles_of(app, caller, object, std::slice::from_ref(record), &[ix])
        .await
        .map_err(visitor.fail())?;
    Ok(form::inputs::typed_of(
        &visitor.view,
        object,
        record,
        &[ix],
        &titles,
    ))
}

/// The editor of a field of a record.
pub(crate) async fn editor(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, id, field)): Path<(String, String, String)>,
) -> Answer {
    let (object, record, ix) = found(&app, &visitor, &plural, &id, &field).await?;
    let v = &visitor.view;
    let typed = typed_now(&app, &visitor, &object, &record, ix).await?;
    let small = form::inputs::choices_of(&app, &visitor.session.caller, &object, &[ix]).await;
    let none = HashMap::new();
    let Some(f) = object.at(ix) else {
        return Err(refusal(StatusCode::NOT_FOUND, ""));
    };
    let page = Editor {
        f: form::inputs::input(v, f, &typed, &none, &none, &small),
        action: format!("/{plural}/{}/cell/{field}", record.id()),
        version: record.version(),
        save: v.t(keys::COMMON_SAVE),
        cancel: v.t(keys::COMMON_CANCEL),
        choose: v.t(keys::WEB_FORM_CHOOSE),
    };
    Ok(shell::html(StatusCode::OK, &page, false))
}

/// The cells of a record as a list with these columns shows them: by field, as HTML.
pub(crate) async fn cells(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    record: &Record,
    columns: &str,
) -> Result<serde_json::Map<String, serde_json::Value>, Response> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let state = ListState::read(&object.plural, vec![("columns".to_owned(), columns.to_owned())]);
    let ixs: Vec<FieldIx> = state
        .columns(app, caller, object)
        .into_iter()
        .map(|(ix, _)| ix)
        .collect();
    let titles = fields::titles_of(app, caller, object, std::slice::from_ref(record), &ixs)
        .await
        .map_err(visitor.fail())?;
    let (title, _) = object.title_field();
    Ok(ixs
        .iter()
        .filter_map(|ix| object.at(*ix).map(|f| (*ix, f)))
        .map(|(ix, f)| {
            let cell = fields::cell(caller, v, f, record.get(ix), &titles, true);
            let html = if ix == title { cell.text() } else { cell.html() };
            (f.key.clone(), html.into())
        })
        .collect())
}

/// Saves one field. The answer holds all cells of the row: a change of one can change others.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, id, field)): Path<(String, String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let (object, before, ix) = found(&app, &visitor, &plural, &id, &field).await?;
    let known = typed.get("version").and_then(|s| s.parse::<i64>().ok());
    let columns = typed.get("columns").cloned().unwrap_or_default();
    let (values, errors) = form::read::read(&app, &visitor, &object, &[ix], &typed, Mode::Patch).await;
    if let Some(e) = errors.get(&field) {
        return Ok(refusal(StatusCode::UNPROCESSABLE_ENTITY, e));
    }
    match app
        .patch_values(caller, &object, before.id(), values, known)
        .await
    {
        Ok(r) => {
            let cells = cells(&app, &visitor, &object, &r, &columns).await?;
            let said = v.t(keys::WEB_SAVED);
            Ok(Json(json!({"version": r.version(), "cells": cells, "said": said})).into_response())
        }
        Err(AppError::Changed { version, .. }) => {
            let now = app
                .get(caller, &object, before.id())
                .await
                .map_err(visitor.fail())?;
            let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&now), &[ix])
                .await
                .map_err(visitor.fail())?;
            let theirs = object
                .at(ix)
                .map(|f| fields::cell(caller, v, f, now.get(ix), &titles, false).text())
                .filter(|t| !t.is_empty())
                .unwrap_or_else(|| v.t(keys::WEB_NO_VALUE));
            let body = json!({
                "version": version,
                "said": v.t(keys::WEB_CONFLICT_TITLE),
                "theirs": theirs,
                "label": v.t(keys::WEB_CONFLICT_THEIRS),
                "keep": v.t(keys::LIST_KEEP_THEIRS),
                "mine": v.t(keys::LIST_SAVE_MINE),
                "cells": cells(&app, &visitor, &object, &now, &columns).await?,
            });
            Ok((StatusCode::CONFLICT, Json(body)).into_response())
        }
        Err(e) => {
            let (map, problem) = form::read::refusals(v, &object, &e);
            let said = map.get(&field).cloned().unwrap_or_else(|| {
                let mut all: Vec<String> = map
                    .iter()
                    .map(|(k, text)| {
                        let label = object.field(k).map_or(k.as_str(), |(_, f)| v.label(&f.label));
                        format!("{label}: {text}")
                    })
                    .collect();
                all.sort();
                if all.is_empty() { problem } else { all.join("\n") }
            });
            Ok(refusal(shell::status(&e), &said))
        }
    }
}

/// The cells of a record as they are now: what a list asks for when it hears that the record has changed.
pub(crate) async fn row(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, id)): Path<(String, String)>,
    Query(given): Query<HashMap<String, String>>,
) -> Answer {
    let caller = &visitor.session.caller;
    let no = |e: &AppError| refusal(shell::status(e), &e.message(visitor.view.language));
    let object = app.object(caller, &plural).map_err(|e| no(&e))?;
    let id = id_of(&visitor, &id)?;
    let record = app.get(caller, &object, id).await.map_err(|e| no(&e))?;
    let columns = given.get("columns").cloned().unwrap_or_default();
    let cells = cells(&app, &visitor, &object, &record, &columns).await?;
    Ok(Json(json!({"version": record.version(), "cells": cells})).into_response())
}
