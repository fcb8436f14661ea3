//! Moving a card: what the server decides, what a stage asks for on the way.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use peyvand_app::deals::Place;
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::{deal, stage};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_record::codec::Mode;
use peyvand_record::{Record, Value};
use serde_json::json;

use crate::door::{Visitor, safe_path, say_undo, scripted};
use crate::form::inputs::Input;
use crate::form::{self, Typed, id_of};
use crate::shell::{self, Answer, Chrome, html};

/// What a stage asks for before a deal may enter it.
#[derive(Template)]
#[template(path = "move.html")]
struct Ask {
    c: Chrome,
    action: String,
    lead: String,
    keep: Vec<(String, String)>,
    inputs: Vec<Input>,
    back: String,
}

fn part<'a>(given: &'a Typed, key: &str) -> &'a str {
    given.get(key).map(|s| s.trim()).unwrap_or_default()
}

/// Does the form have this field?
fn asked(given: &Typed, key: &str) -> bool {
    given.keys().any(|k| {
        k == key
            || k.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with(['.', ':']))
    })
}

/// The fields that the form has, with their values.
async fn given_values(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    given: &Typed,
) -> (Vec<(FieldIx, Value)>, HashMap<String, String>) {
    let fields: Vec<FieldIx> = form::inputs::editable(&visitor.session.caller, object)
        .into_iter()
        .filter(|ix| !matches!(*ix, deal::STAGE_ID | deal::RANK))
        .filter(|ix| object.at(*ix).is_some_and(|f| asked(given, &f.key)))
        .collect();
    form::read::read(app, visitor, object, &fields, given, Mode::Patch).await
}

/// Moves a deal to another stage or place. A script is answered in JSON; what a stage asks for is a form in either case.
pub(crate) async fn move_deal(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(key): Path<String>,
    headers: HeaderMap,
    Form(given): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let id = id_of(&visitor, &key)?;
    let object = app.object(caller, "deals").map_err(visitor.fail())?;
    let parsed = |k: &str| part(&given, k).parse::<Id>().ok();
    let place = Place {
        stage: parsed("stage"),
        above: parsed("above"),
        below: parsed("below"),
    };
    let back = match part(&given, "back") {
        "" => "/deals/board",
        b => safe_path(b),
    };
    let version = part(&given, "version").parse::<i64>().ok();
    let before = app.get(caller, &object, id).await.ok();
    let (values, mut errors) = given_values(&app, &visitor, &object, &given).await;
    let moved = if errors.is_empty() {
        app.move_deal(caller, id, &place, values, version).await
    } else {
        Err(AppError::Invalid(Vec::new()))
    };
    match moved {
        Ok(record) if scripted(&headers) => {
            let said = v.with(keys::BOARD_MOVED, &Args::new().text("title", title(&record)));
            Ok(Json(json!({"version": record.version(), "said": said})).into_response())
        }
        Ok(record) => {
            let undo = before
                .filter(|b| b.get(deal::STAGE_ID) != record.get(deal::STAGE_ID))
                .and_then(|b| b.get(deal::STAGE_ID).as_id())
                .map(|s| format!("/deals/{id}/back/{s}"))
                .unwrap_or_default();
            Ok(say_undo(back, "web-moved", &undo, 0))
        }
        Err(AppError::Invalid(list)) if place.stage.is_some() => {
            let mut missing: Vec<FieldIx> = list
                .iter()
                .filter_map(|e| object.field(&e.field).map(|(ix, _)| ix))
                .chain(errors.keys().filter_map(|k| object.field(k).map(|(ix, _)| ix)))
                .collect();
            missing.sort_unstable();
            missing.dedup();
            missing
                .retain(|ix| *ix != deal::STAGE_ID && form::inputs::editable(caller, &object).contains(ix));
            let e = AppError::Invalid(list);
            if missing.is_empty() {
                return Ok(refusal(&visitor, &headers, &e));
            }
            // What the form asked for and did not get is said beside its field.
            let (said, _) = form::read::refusals(v, &object, &e);
            for (key, text) in said.into_iter().filter(|(key, _)| asked(&given, key)) {
                errors.entry(key).or_insert(text);
            }
            ask(&app, &visitor, &object, &given, id, &missing, &errors, back).await
        }
        Err(e) => Ok(refusal(&visitor, &headers, &e)),
    }
}

fn title(r: &Record) -> String {
    r.get(deal::NAME).as_str().unwrap_or_default().to_owned()
}

fn refusal(visitor: &Visitor, headers: &HeaderMap, e: &AppError) -> axum::response::Response {
    let v = &visitor.view;
    let text = v.with(
        keys::WEB_REFUSED,
        &Args::new().text("reason", e.message(v.language)),
    );
    if scripted(headers) {
        return (shell::status(e), Json(json!({"code": e.code(), "said": text}))).into_response();
    }
    shell::failure(e, v.language)
}

#[expect(clippy::too_many_arguments, reason = "one page, all of whose parts matter")]
async fn ask(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    given: &Typed,
    id: Id,
    missing: &[FieldIx],
    errors: &HashMap<String, String>,
    back: &str,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let small = form::inputs::choices_of(app, caller, object, missing).await;
    let stages = app.object(caller, "stages").map_err(visitor.fail())?;
    let to = match part(given, "stage").parse::<Id>() {
        Ok(s) => app.get(caller, &stages, s).await.ok(),
        Err(_) => None,
    };
    let name = to
        .as_ref()
        .and_then(|s| s.get(stage::NAME).as_str())
        .unwrap_or_default()
        .to_owned();
    let none = HashMap::new();
    let page = Ask {
        action: format!("/deals/{id}/move"),
        lead: v.with(keys::BOARD_ASKS, &Args::new().text("stage", name.clone())),
        keep: ["stage", "above", "below", "version", "back"]
            .iter()
            .map(|k| ((*k).to_owned(), part(given, k).to_owned()))
            .filter(|(_, x)| !x.is_empty())
            .collect(),
        inputs: missing
            .iter()
            .filter_map(|ix| object.at(*ix))
            .map(|f| form::inputs::input(v, f, given, errors, &none, &small))
            .collect(),
        back: back.to_owned(),
        c: Chrome::of(
            visitor,
            &v.with(keys::BOARD_INTO, &Args::new().text("stage", name)),
        ),
    };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page, false))
}

/// Takes a deal back to the stage where it was.
pub(crate) async fn back(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((key, to)): Path<(String, String)>,
) -> Answer {
    let id = id_of(&visitor, &key)?;
    let place = Place {
        stage: Some(id_of(&visitor, &to)?),
        ..Place::default()
    };
    app.move_deal(&visitor.session.caller, id, &place, Vec::new(), None)
        .await
        .map_err(visitor.fail())?;
    Ok(say_undo("/deals/board", "web-moved", "", 0))
}

/// Gives a record of any object another choice: a card that goes to another column.
pub(crate) async fn move_card(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    headers: HeaderMap,
    Form(given): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let by = part(&given, "by");
    let to = part(&given, "stage");
    let field = super::choices(&object)
        .find(|(ix, f)| f.key == by && form::inputs::editable(caller, &object).contains(ix))
        .filter(|(_, f)| to.is_empty() || f.choice(to).is_some_and(|c| !c.retired));
    let Some((ix, _)) = field else {
        return Ok(refusal(&visitor, &headers, &AppError::Forbidden));
    };
    let value = if to.is_empty() {
        Value::Null
    } else {
        Value::Choice(to.into())
    };
    let version = part(&given, "version").parse::<i64>().ok();
    match app
        .patch_values(caller, &object, id, vec![(ix, value)], version)
        .await
    {
        Ok(record) if scripted(&headers) => {
            let title = peyvand_app::reading::title(&object, &record);
            let said = v.with(keys::BOARD_MOVED, &Args::new().text("title", title));
            Ok(Json(json!({"version": record.version(), "said": said})).into_response())
        }
        Ok(_) => Ok(say_undo(&format!("/{plural}/board?by={by}"), "web-moved", "", 0)),
        Err(e) => Ok(refusal(&visitor, &headers, &e)),
    }
}
