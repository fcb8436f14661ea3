//! Adding to the story of a record: a note, a task, a call, a meeting, a visit; a need; following.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use peyvand_app::{App, AppError};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{activity, need, note};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::codec::{self, FieldError, Mode};
use peyvand_record::{Record, Value, Verb};
use serde_json::json;

use super::{link_key, may_make};
use crate::door::{Visitor, encode, safe_path, say, saying, scripted};
use crate::form::read::{called, edge};
use crate::form::{Typed, id_of};
use crate::shell::Answer;

/// An input of the composer besides the text.
pub(crate) struct Planned {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) value: String,
    pub(crate) error: String,
}

/// What the composer offers, with what was typed when it comes back.
pub(crate) struct Composer {
    /// Key, label, icon, chosen.
    pub(crate) kinds: Vec<(String, String, &'static str, bool)>,
    pub(crate) body: String,
    pub(crate) body_error: String,
    pub(crate) plan: Vec<Planned>,
    /// Words for repeating that are offered; others are understood too.
    pub(crate) repeats: Vec<String>,
    pub(crate) done: bool,
    /// What is wrong and about no input of it.
    pub(crate) problem: String,
}

/// The inputs of the composer, by the names of the form.
const INPUTS: [(&str, Key); 4] = [
    ("body", keys::RECORD_COMPOSE_TEXT),
    ("when", keys::RECORD_WHEN),
    ("repeat", keys::RECORD_REPEAT),
    ("outcome", keys::RECORD_OUTCOME),
];

/// What is wrong with what was typed, by the names of the form's inputs; under no name what is about none of them.
type Wrong = HashMap<&'static str, String>;

/// The composer of a record's page, empty or as it was sent; `None` when the reader may add nothing.
pub(crate) fn composer(
    visitor: &Visitor,
    object: &ObjectDef,
    typed: &Typed,
    wrong: &Wrong,
) -> Option<Composer> {
    let own = matches!(object.key.as_str(), "activity" | "interaction" | "note");
    if !object.spine || own || object.area == "settings" {
        return None;
    }
    let v = &visitor.view;
    let catalog = visitor.session.caller.workspace.catalog();
    let mut kinds = Vec::new();
    if may_make(visitor, note::OBJECT)
        && let Some(def) = catalog.object(note::OBJECT)
    {
        let label = v.label(&def.label).to_owned();
        kinds.push(("note".to_owned(), label, "note", false));
    }
    if may_make(visitor, activity::OBJECT)
        && let Some(def) = catalog.object(activity::OBJECT)
        && let Some(f) = def.at(activity::KIND)
    {
        for c in f.choices.iter().filter(|c| c.key != "reminder") {
            let label = match v.language {
                peyvand_numbers::Language::Fa => c.fa.clone(),
                peyvand_numbers::Language::En => c.en.clone(),
            };
            let shape = match c.key.as_str() {
                "call" => "phone",
                "meeting" => "people",
                "visit" => "map",
                _ => "check",
            };
            kinds.push((c.key.clone(), label, shape, false));
        }
    }
    let chosen = typed.get("kind").map_or("", String::as_str);
    let on = kinds.iter().position(|k| k.0 == chosen).unwrap_or_default();
    kinds.get_mut(on)?.3 = true;
    let said = |name: &str| wrong.get(name).cloned().unwrap_or_default();
    let value = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let planned = |(name, label): &(&'static str, Key)| Planned {
        name,
        label: v.t(*label),
        hint: match *name {
            "when" => v.t(keys::RECORD_WHEN_HINT),
            "repeat" => v.t(keys::RECORD_REPEAT_HINT),
            _ => String::new(),
        },
        value: value(name),
        error: said(name),
    };
    let repeats = [
        keys::REPEAT_DAILY,
        keys::REPEAT_WEEKLY,
        keys::REPEAT_MONTHLY,
        keys::REPEAT_YEARLY,
    ];
    Some(Composer {
        kinds,
        body: value("body"),
        body_error: said("body"),
        plan: INPUTS.iter().skip(1).map(planned).collect(),
        repeats: repeats.into_iter().map(|key| v.t(key)).collect(),
        done: typed.contains_key("done"),
        problem: said(""),
    })
}

/// The links of what is added: to the record itself, and to the people whom it concerns as well.
fn links(object: &ObjectDef, record: &Record, def: &ObjectDef) -> Vec<(FieldIx, Value)> {
    let mut out = Vec::new();
    let own = link_key(object);
    if let Some((ix, _)) = def.field(&own) {
        out.push((ix, Value::Id(record.id())));
    }
    for key in ["contact_id", "company_id"] {
        let (Some((from, _)), Some((to, _))) = (object.field(key), def.field(key)) else {
            continue;
        };
        if key != own && !record.get(from).is_null() {
            out.push((to, record.get(from).clone()));
        }
    }
    out
}

/// Adds it, and gives the path that takes it back; none for what is done already, which has made more than itself.
async fn add(
    app: &App,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    record: &Record,
    typed: &Typed,
) -> Result<String, AppError> {
    let caller = &visitor.session.caller;
    let text = typed.get("body").map(|s| s.trim()).unwrap_or_default();
    let kind = typed.get("kind").map_or("note", String::as_str);
    let mut undo = String::new();
    let back = format!("/{}/{}", object.plural, record.id());
    let mut made = |def: &ObjectDef, made: &Record| {
        undo = format!("/{}/{}/delete?to={}", def.plural, made.id(), encode(&back));
    };
    let named = if kind == "note" {
        let def = app.object(caller, "notes")?;
        let mut values = links(object, record, &def);
        values.push((note::BODY, Value::text(peyvand_text::marked::from_written(text))));
        made(&def, &app.create_values(caller, &def, values, None).await?);
        app.mentioned(caller, text).await?
    } else {
        let def = app.object(caller, "activities")?;
        let edge = edge(app, visitor, Mode::Create);
        let mut values = links(object, record, &def);
        let (subject, rest) = text.split_once('\n').unwrap_or((text, ""));
        let mut wrong = Vec::new();
        let mut read = |ix: FieldIx, text: &str| {
            if let Some(f) = def.at(ix).filter(|_| !text.trim().is_empty()) {
                match codec::parse_text(f, text, &edge) {
                    Ok(value) => values.push((ix, value)),
                    Err(e) => wrong.push(e),
                }
            }
        };
        read(activity::SUBJECT, subject);
        read(activity::DESCRIPTION, rest);
        read(activity::KIND, kind);
        let when = typed.get("when").map_or("", String::as_str);
        read(activity::DUE_AT, when);
        if matches!(kind, "meeting" | "visit" | "call") {
            read(activity::STARTS_AT, when);
        }
        // In words: the use case makes the recurrence of them.
        read(activity::RECURRENCE, typed.get("repeat").map_or("", |s| s.trim()));
        let done = typed.contains_key("done");
        let mut after = vec![(activity::STATUS, Value::Choice("done".into()))];
        let outcome = typed.get("outcome").map_or("", |s| s.trim());
        if let Some(f) = def.at(activity::OUTCOME).filter(|_| done && !outcome.is_empty()) {
            match codec::parse_text(f, outcome, &edge) {
                Ok(value) => after.push((activity::OUTCOME, value)),
                Err(e) => wrong.push(e),
            }
        }
        if !wrong.is_empty() {
            return Err(AppError::Invalid(wrong));
        }
        values.push((system::OWNER_ID, Value::Id(visitor.session.user.id())));
        if done {
            app.create_and_change(caller, &def, values, after).await?;
        } else {
            made(&def, &app.create_values(caller, &def, values, None).await?);
        }
        app.mentioned(caller, text).await?
    };
    app.tell(caller, "mentioned", &named, object, record).await?;
    // Who is named has heard of it.
    let mut followers = app.followers(caller, record.id()).await?;
    followers.retain(|f| !named.contains(f));
    app.tell(caller, "followed", &followers, object, record).await?;
    Ok(undo)
}

/// What was refused, beside the inputs it is about and by their names.
fn wrong(visitor: &Visitor, errors: Vec<FieldError>) -> Wrong {
    let v = &visitor.view;
    let mut out = Wrong::new();
    for e in errors {
        let name = match e.field.as_str() {
            "subject" | "description" | "body" => "body",
            "due_at" | "starts_at" => "when",
            "recurrence" => "repeat",
            "outcome" => "outcome",
            _ => "",
        };
        let text = match INPUTS.iter().find(|(n, _)| *n == name) {
            Some((_, label)) => called(e, *label).message(v.language),
            None => e.message(v.language),
        };
        out.entry(name).or_insert(text);
    }
    out
}

/// Adds to the story of a record. What is refused is said beside its input, with what was typed kept: to a script in JSON, else
/// on the page of the record.
pub(crate) async fn story(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let back = format!("/{plural}/{}", record.id());
    let added = if typed.get("body").is_none_or(|s| s.trim().is_empty()) {
        let lacking = peyvand_i18n::text_of_code(visitor.view.language, "required", &Args::new());
        Err(Wrong::from([("body", lacking)]))
    } else {
        match add(&app, &visitor, &object, &record, &typed).await {
            Ok(undo) => Ok(undo),
            Err(AppError::Invalid(errors)) => Err(wrong(&visitor, errors)),
            Err(e) if scripted(&headers) => Err(Wrong::from([("", e.message(visitor.view.language))])),
            Err(e) => return Err(visitor.fail()(e)),
        }
    };
    match added {
        Ok(undo) if scripted(&headers) => {
            let to = Json(json!({ "to": back })).into_response();
            Ok(saying(to, "record-added", &undo))
        }
        Ok(undo) => Ok(say(&back, "record-added", &undo)),
        Err(wrong) if scripted(&headers) => {
            let said = json!({ "wrong": wrong });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(said)).into_response())
        }
        Err(wrong) => {
            let composer = composer(&visitor, &object, &typed, &wrong);
            let page = super::Page {
                asked: super::Asked::default(),
                composer,
            };
            super::show(
                &app,
                &visitor,
                &object,
                id,
                page,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
    }
}

/// The address of what was refused leads to its record.
pub(crate) async fn back(_: Visitor, Path((plural, key)): Path<(String, String)>) -> Redirect {
    Redirect::to(safe_path(&format!("/{plural}/{key}")))
}

/// Adds a need, want, preference, value, habit or trait.
pub(crate) async fn need(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let back = format!("/{plural}/{}", record.id());
    let statement = typed.get("statement").map(|s| s.trim()).unwrap_or_default();
    if statement.is_empty() {
        return Ok(say(&back, "record-empty", ""));
    }
    let def = app.object(caller, "needs").map_err(visitor.fail())?;
    App::writable(caller, &def, Verb::Create).map_err(visitor.fail())?;
    let edge = edge(&app, &visitor, Mode::Create);
    let mut values = vec![(need::SOURCE, Value::Choice("said".into()))];
    for (ix, text) in [
        (need::STATEMENT, statement),
        (need::KIND, typed.get("kind").map_or("need", String::as_str)),
        (need::STRENGTH, typed.get("strength").map_or("", String::as_str)),
    ] {
        if let Some(f) = def.at(ix).filter(|_| !text.is_empty()) {
            let value =
                codec::parse_text(f, text, &edge).map_err(|e| visitor.fail()(AppError::Invalid(vec![e])))?;
            values.push((ix, value));
        }
    }
    if let Some((ix, _)) = def.field(&link_key(&object)) {
        values.push((ix, Value::Id(record.id())));
    }
    let made = app
        .create_values(caller, &def, values, None)
        .await
        .map_err(visitor.fail())?;
    Ok(say(
        &back,
        "record-added",
        &format!("/needs/{}/delete?to={}", made.id(), encode(&back)),
    ))
}

/// Follows a record, or no longer.
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let on = typed.get("on").is_some_and(|s| s == "true");
    app.follow(caller, &object, id, on)
        .await
        .map_err(visitor.fail())?;
    let said = if on {
        "record-followed"
    } else {
        "record-unfollowed"
    };
    Ok(say(&format!("/{plural}/{id}"), said, ""))
}
