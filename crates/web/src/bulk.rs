//! Changing many rows of a list at once: what is asked, how far it is, taking it back.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use peyvand_app::bulk_edit::{BulkEdit, Left, Selection, Task};
use peyvand_app::{App, AppError};
use peyvand_catalog::ObjectDef;
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_record::codec::{self, Mode};
use peyvand_record::{Value, Verb};
use serde_json::json;

use crate::door::{Visitor, safe_path, say_undo, scripted};
use crate::form::inputs::Input;
use crate::form::{self, Typed, id_of};
use crate::shell::{self, Answer, Chrome, html};

/// Different reasons that are told at once.
const MOST_REASONS: usize = 2;

type Given = Vec<(String, String)>;

fn part<'a>(given: &'a [(String, String)], key: &str) -> &'a str {
    given
        .iter()
        .find(|(k, _)| k == key)
        .map(|(_, v)| v.trim())
        .unwrap_or_default()
}

fn ids(given: &[(String, String)], key: &str) -> Vec<Id> {
    given
        .iter()
        .filter(|(k, _)| k == key)
        .filter_map(|(_, v)| v.parse().ok())
        .collect()
}

/// The page that asks for the value of a field for many records.
#[derive(Template)]
#[template(path = "bulk.html")]
struct Ask {
    c: Chrome,
    action: String,
    heading: String,
    lead: String,
    keep: Vec<(String, String)>,
    f: Input,
    back: String,
}

/// The page of a bulk edit on its way.
#[derive(Template)]
#[template(path = "bulk_progress.html")]
struct OnItsWay {
    c: Chrome,
    said: String,
    /// Address, name and reason of records that were left as they are.
    left: Vec<(String, String, String)>,
    seen: u64,
    total: Option<u64>,
    finished: bool,
    undo: String,
    back: String,
}

fn said(visitor: &Visitor, edit: &BulkEdit) -> String {
    let n = i64::try_from(edit.progress.changed).unwrap_or(i64::MAX);
    let r = i64::try_from(edit.progress.refused).unwrap_or(i64::MAX);
    let v = &visitor.view;
    let args = |n: i64| Args::new().number("count", n);
    let mut out = match (edit.state.as_str(), &edit.task) {
        ("undone", _) => v.with(keys::LIST_BULK_UNDONE, &args(n)),
        ("done", Task::Delete) => v.with(keys::LIST_BULK_DELETED, &args(n)),
        ("done", Task::Restore) => v.with(keys::LIST_BULK_RESTORED, &args(n)),
        ("done", Task::Untag { .. }) => v.with(keys::LIST_BULK_UNTAGGED, &args(n)),
        ("done", Task::Tag { .. }) => v.with(keys::LIST_BULK_TAGGED, &args(n)),
        ("done", Task::Set { .. }) => v.with(keys::LIST_BULK_SET, &args(n)),
        _ => v.with(keys::LIST_BULK_RUNNING, &args(n)),
    };
    if r > 0 {
        out.push(' ');
        out.push_str(&v.with(keys::LIST_BULK_REFUSED, &args(r)));
        let mut reasons: Vec<&str> = Vec::new();
        for left in &edit.progress.left {
            let why = left.why(v.language);
            if !reasons.contains(&why) {
                reasons.push(why);
            }
        }
        for why in reasons.into_iter().take(MOST_REASONS) {
            out.push(' ');
            out.push_str(why);
        }
    }
    out
}

fn told(visitor: &Visitor, edit: &BulkEdit) -> Response {
    Json(json!({
        "id": edit.id.to_string(),
        "finished": edit.finished(),
        "said": said(visitor, edit),
        "seen": edit.progress.seen,
        "total": edit.progress.total,
        "at": format!("/bulk/{}", edit.id),
        "undo": if edit.state == "done" && edit.progress.changed > 0 { format!("/bulk/{}/undo", edit.id) } else { String::new() },
    }))
    .into_response()
}

fn refuse(visitor: &Visitor, headers: &HeaderMap, e: &AppError) -> Response {
    if scripted(headers) {
        let text = e.message(visitor.view.language);
        return (shell::status(e), Json(json!({ "said": text }))).into_response();
    }
    shell::failure(e, visitor.view.language)
}

/// What shall be done; `None` when a value is still to be asked for.
async fn task(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    given: &[(String, String)],
) -> Result<Option<Task>, AppError> {
    let caller = &visitor.session.caller;
    let missing = |name: &'static str| AppError::Parameter {
        name,
        value: String::new(),
    };
    Ok(Some(match part(given, "do") {
        "delete" => Task::Delete,
        "restore" => Task::Restore,
        "assign" => {
            let to: Id = part(given, "owner").parse().map_err(|_| missing("owner"))?;
            Task::Set {
                field: "owner_id".to_owned(),
                value: to.to_string().into(),
            }
        }
        "tag" => {
            let name = part(given, "tag");
            if name.is_empty() {
                return Err(missing("tag"));
            }
            Task::Tag {
                tag: tag(app, visitor, name).await?,
            }
        }
        "untag" => {
            let name = part(given, "tag");
            let known = tag_named(app, visitor, name).await?;
            Task::Untag {
                tag: known.ok_or_else(|| missing("tag"))?,
            }
        }
        "set" => {
            let key = part(given, "field");
            let (ix, f) = object
                .field(key)
                .filter(|(ix, _)| form::inputs::editable(caller, object).contains(ix))
                .ok_or_else(|| missing("field"))?;
            let typed: Typed = given.iter().cloned().collect();
            let (values, errors) = form::read::read(app, visitor, object, &[ix], &typed, Mode::Patch).await;
            if errors.contains_key(key) {
                return Ok(None);
            }
            let value = values
                .into_iter()
                .find(|(i, _)| *i == ix)
                .map_or(Value::Null, |(_, v)| v);
            Task::Set {
                field: key.to_owned(),
                value: codec::value_to_json(f, &value),
            }
        }
        "edit" => return Ok(None),
        other => {
            return Err(AppError::Parameter {
                name: "do",
                value: other.to_owned(),
            });
        }
    }))
}

/// The tag of this name, when there is one.
pub(crate) async fn tag_named(app: &App, visitor: &Visitor, name: &str) -> Result<Option<Id>, AppError> {
    let caller = &visitor.session.caller;
    let tags = app.object(caller, "tags")?;
    let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
    let request = peyvand_app::ListRequest {
        filter: Some(format!("name = \"{quoted}\"")),
        limit: Some(1),
        ..peyvand_app::ListRequest::default()
    };
    let found = app.list(caller, &tags, &request).await?.records;
    Ok(found.first().map(peyvand_record::Record::id))
}

/// The tag of this name; made when there is none yet.
pub(crate) async fn tag(app: &App, visitor: &Visitor, name: &str) -> Result<Id, AppError> {
    if let Some(id) = tag_named(app, visitor, name).await? {
        return Ok(id);
    }
    let caller = &visitor.session.caller;
    let tags = app.object(caller, "tags")?;
    let values = vec![(peyvand_catalog::handles::tag::NAME, Value::Text(name.into()))];
    Ok(app.create_values(caller, &tags, values, None).await?.id())
}

/// Begins a bulk edit, or asks for the value that it needs.
pub(crate) async fn start(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Answer {
    let caller = &visitor.session.caller;
    let refused = |e: &AppError| refuse(&visitor, &headers, e);
    let object = app.object(caller, &plural).map_err(|e| refused(&e))?;
    let back = safe_path(part(&given, "back")).to_owned();
    let all = part(&given, "all") == "1";
    let some = |s: &str| Some(s.to_owned()).filter(|s| !s.is_empty());
    let selection = Selection {
        ids: if all { Vec::new() } else { ids(&given, "id") },
        filter: some(part(&given, "filter")),
        q: some(part(&given, "q")),
        except: ids(&given, "except"),
    };
    if !all && selection.ids.is_empty() {
        if scripted(&headers) {
            let text = visitor.view.t(keys::LIST_NOTHING_SELECTED);
            return Ok((StatusCode::BAD_REQUEST, Json(json!({ "said": text }))).into_response());
        }
        return Ok(say_undo(&back, "list-nothing-selected", "", 0));
    }
    let Some(task) = task(&app, &visitor, &object, &given)
        .await
        .map_err(|e| refused(&e))?
    else {
        return ask(&app, &visitor, &object, &given, &selection, all).await;
    };
    let edit = app
        .start_bulk(caller, &object, selection, task)
        .await
        .map_err(|e| refused(&e))?;
    if scripted(&headers) {
        return Ok(told(&visitor, &edit));
    }
    if edit.finished() {
        return Ok(after(&edit, &back));
    }
    Ok(Redirect::to(&format!("/bulk/{}?back={}", edit.id, crate::door::encode(&back))).into_response())
}

fn after(edit: &BulkEdit, back: &str) -> Response {
    let key = match (&edit.task, edit.state.as_str()) {
        (_, "undone") => "list-bulk-undone",
        (Task::Delete, _) => "list-bulk-deleted",
        (Task::Restore, _) => "list-bulk-restored",
        (Task::Untag { .. }, _) => "list-bulk-untagged",
        (Task::Tag { .. }, _) => "list-bulk-tagged",
        (Task::Set { .. }, _) => "list-bulk-set",
    };
    let undo = if edit.state == "done" && edit.progress.changed > 0 {
        format!("/bulk/{}/undo", edit.id)
    } else {
        String::new()
    };
    say_undo(back, key, &undo, edit.progress.changed)
}

/// The page that asks for the value.
async fn ask(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    given: &[(String, String)],
    selection: &Selection,
    all: bool,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    App::writable(caller, object, Verb::Update).map_err(visitor.fail())?;
    let key = part(given, "field");
    let found = object
        .field(key)
        .filter(|(ix, _)| form::inputs::editable(caller, object).contains(ix));
    let Some((ix, f)) = found else {
        return Err(shell::failure(&AppError::NotFound, v.language));
    };
    let typed: Typed = given.iter().cloned().collect();
    let mut errors = HashMap::new();
    if part(given, "do") == "set" {
        let (_, e) = form::read::read(app, visitor, object, &[ix], &typed, Mode::Patch).await;
        errors = e;
    }
    let small = form::inputs::choices_of(app, caller, object, &[ix]).await;
    let count = app
        .selected(caller, object, selection)
        .await
        .map_err(visitor.fail())?
        .and_then(|n| i64::try_from(n).ok());
    let label = v.label(&f.label).to_owned();
    let heading = v.with(keys::LIST_BULK_FIELD, &Args::new().text("field", label));
    let page = Ask {
        action: format!("/{}/bulk", object.plural),
        lead: match (count, all) {
            (Some(n), true) => v.with(keys::LIST_BULK_LEAD_COUNT, &Args::new().number("count", n)),
            (Some(n), false) => v.with(keys::LIST_BULK_LEAD, &Args::new().number("count", n)),
            (None, _) => v.t(keys::LIST_BULK_LEAD_ALL),
        },
        keep: given
            .iter()
            .filter(|(k, _)| {
                matches!(
                    k.as_str(),
                    "id" | "all" | "filter" | "q" | "except" | "back" | "field"
                )
            })
            .cloned()
            .collect(),
        f: form::inputs::input(v, f, &typed, &errors, &HashMap::new(), &small),
        back: safe_path(part(given, "back")).to_owned(),
        c: Chrome::of(visitor, &heading),
        heading,
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// How far a bulk edit is: a page that looks again by itself, or JSON.
pub(crate) async fn progress(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    axum::extract::Query(given): axum::extract::Query<HashMap<String, String>>,
) -> Answer {
    let id = id_of(&visitor, &id)?;
    let edit = app
        .bulk(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    if scripted(&headers) {
        return Ok(told(&visitor, &edit));
    }
    let back = given.get("back").map_or("/", |b| safe_path(b)).to_owned();
    let caller = &visitor.session.caller;
    let ids = edit.progress.left.iter().map(|l| l.id).collect();
    let titles = app
        .titles(caller, &HashMap::from([(edit.object.clone(), ids)]))
        .await
        .map_err(visitor.fail())?;
    let plural = caller.workspace.catalog().object(&edit.object);
    let plural = plural.map_or_else(String::new, |o| o.plural.clone());
    let of = |l: &Left| {
        let why = l.why(visitor.view.language).to_owned();
        Some((format!("/{plural}/{}", l.id), titles.get(&l.id)?.clone(), why))
    };
    let page = OnItsWay {
        left: edit.progress.left.iter().filter_map(of).collect(),
        said: said(&visitor, &edit),
        seen: edit.progress.seen,
        total: edit.progress.total,
        finished: edit.finished(),
        undo: if edit.state == "done" && edit.progress.changed > 0 {
            format!("/bulk/{}/undo", edit.id)
        } else {
            String::new()
        },
        back,
        c: Chrome::of(&visitor, &visitor.view.t(keys::LIST_BULK_TITLE)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Takes a bulk edit back.
pub(crate) async fn undo(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    axum::extract::Query(given): axum::extract::Query<HashMap<String, String>>,
) -> Answer {
    let id = id_of(&visitor, &id)?;
    let edit = app
        .undo_bulk(&visitor.session.caller, id)
        .await
        .map_err(|e| refuse(&visitor, &headers, &e))?;
    if scripted(&headers) {
        return Ok(told(&visitor, &edit));
    }
    if let Some(back) = given.get("back") {
        return Ok(after(&edit, safe_path(back)));
    }
    let plural = visitor
        .session
        .caller
        .workspace
        .catalog()
        .object(&edit.object)
        .map_or_else(|| "/".to_owned(), |o| format!("/{}", o.plural));
    Ok(after(&edit, &plural))
}
