//! Adding to the story of a record: a note, a task, a call, a meeting, a visit; a need; following.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::{App, AppError};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{activity, need, note};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::keys;
use peyvand_record::codec::{self, Mode};
use peyvand_record::{Record, Value, Verb};

use super::{link_key, may_make};
use crate::door::{Visitor, say};
use crate::form::read::edge;
use crate::form::{Typed, id_of};
use crate::shell::Answer;

/// What the composer offers.
pub(crate) struct Composer {
    /// Key, label, icon.
    pub(crate) kinds: Vec<(String, String, &'static str)>,
    /// Words for repeating that are offered; others are understood too.
    pub(crate) repeats: Vec<String>,
}

/// The composer of a record's page; `None` when the reader may add nothing.
pub(crate) fn composer(visitor: &Visitor, object: &ObjectDef) -> Option<Composer> {
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
        kinds.push(("note".to_owned(), v.label(&def.label).to_owned(), "note"));
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
            kinds.push((c.key.clone(), label, shape));
        }
    }
    let repeats = [
        keys::REPEAT_DAILY,
        keys::REPEAT_WEEKLY,
        keys::REPEAT_MONTHLY,
        keys::REPEAT_YEARLY,
    ];
    (!kinds.is_empty()).then(|| Composer {
        kinds,
        repeats: repeats.into_iter().map(|key| v.t(key)).collect(),
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

struct Refused(AppError);

impl From<AppError> for Refused {
    fn from(e: AppError) -> Self {
        Self(e)
    }
}

async fn add(
    app: &App,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    record: &Record,
    typed: &Typed,
) -> Result<(), Refused> {
    let caller = &visitor.session.caller;
    let text = typed.get("body").map(|s| s.trim()).unwrap_or_default();
    let kind = typed.get("kind").map_or("note", String::as_str);
    let named = if kind == "note" {
        let def = app.object(caller, "notes")?;
        let mut values = links(object, record, &def);
        values.push((note::BODY, Value::text(peyvand_text::marked::from_written(text))));
        app.create_values(caller, &def, values, None).await?;
        app.mentioned(caller, text).await?
    } else {
        let def = app.object(caller, "activities")?;
        let edge = edge(app, visitor, Mode::Create);
        let mut values = links(object, record, &def);
        let (subject, rest) = text.split_once('\n').unwrap_or((text, ""));
        let mut read = |ix: FieldIx, text: &str| -> Result<(), Refused> {
            if let Some(f) = def.at(ix).filter(|_| !text.trim().is_empty()) {
                let value = codec::parse_text(f, text, &edge).map_err(|e| AppError::Invalid(vec![e]))?;
                values.push((ix, value));
            }
            Ok(())
        };
        read(activity::SUBJECT, subject)?;
        read(activity::DESCRIPTION, rest)?;
        read(activity::KIND, kind)?;
        let when = typed.get("when").map_or("", String::as_str);
        read(activity::DUE_AT, when)?;
        if matches!(kind, "meeting" | "visit" | "call") {
            read(activity::STARTS_AT, when)?;
        }
        // In words: the use case makes the recurrence of them.
        read(activity::RECURRENCE, typed.get("repeat").map_or("", |s| s.trim()))?;
        values.push((system::OWNER_ID, Value::Id(visitor.session.user.id())));
        let made = app.create_values(caller, &def, values, None).await?;
        if typed.contains_key("done") {
            let mut after = vec![(activity::STATUS, Value::Choice("done".into()))];
            if let Some(outcome) = typed.get("outcome").map(|s| s.trim()).filter(|s| !s.is_empty()) {
                after.push((activity::OUTCOME, Value::text(outcome)));
            }
            app.patch_values(caller, &def, made.id(), after, Some(made.version()))
                .await?;
        }
        app.mentioned(caller, text).await?
    };
    app.tell(caller, "mentioned", &named, object, record).await?;
    // Who is named has heard of it.
    let mut followers = app.followers(caller, record.id()).await?;
    followers.retain(|f| !named.contains(f));
    app.tell(caller, "followed", &followers, object, record).await?;
    Ok(())
}

/// Adds to the story of a record.
pub(crate) async fn story(
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
    if typed.get("body").is_none_or(|s| s.trim().is_empty()) {
        return Ok(say(&back, "record-empty", ""));
    }
    match add(&app, &visitor, &object, &record, &typed).await {
        Ok(()) => Ok(say(&back, "record-added", "")),
        Err(Refused(AppError::Invalid(errors))) => {
            Ok(refused(&app, &visitor, &record, &object, typed, &errors).await)
        }
        Err(Refused(e)) => Err(visitor.fail()(e)),
    }
}

/// What could not be added stands in the full form of an activity, with its error beside the field.
async fn refused(
    app: &App,
    visitor: &Visitor,
    record: &Record,
    object: &ObjectDef,
    typed: Typed,
    errors: &[codec::FieldError],
) -> Response {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let Ok(def) = app.object(caller, "activities") else {
        return visitor.fail()(AppError::NotFound);
    };
    let text = typed.get("body").cloned().unwrap_or_default();
    let (subject, rest) = text.split_once('\n').unwrap_or((text.as_str(), ""));
    let when = typed.get("when").cloned().unwrap_or_default();
    let mut kept = Typed::from([
        ("subject".to_owned(), subject.trim().to_owned()),
        ("description".to_owned(), rest.trim().to_owned()),
        ("kind".to_owned(), typed.get("kind").cloned().unwrap_or_default()),
        ("due_at".to_owned(), when),
        (
            "recurrence".to_owned(),
            typed.get("repeat").map_or("", |s| s.trim()).to_owned(),
        ),
        ("to".to_owned(), format!("/{}/{}", object.plural, record.id())),
        ("owner_id.id".to_owned(), visitor.session.user.id().to_string()),
    ]);
    let ids: Vec<(String, Id)> = links(object, record, &def)
        .into_iter()
        .filter_map(|(ix, value)| Some((def.at(ix)?.key.clone(), value.as_id()?)))
        .collect();
    let mut wanted: HashMap<String, Vec<Id>> = HashMap::new();
    for (key, id) in &ids {
        if let Some((_, f)) = def.field(key)
            && let Some(to) = f.to.clone().filter(|to| to != "*")
        {
            wanted.entry(to).or_default().push(*id);
        }
    }
    let titles = app.titles(caller, &wanted).await.unwrap_or_default();
    for (key, id) in ids {
        kept.insert(key.clone(), titles.get(&id).cloned().unwrap_or_default());
        kept.insert(format!("{key}.id"), id.to_string());
    }
    let about = crate::form::About {
        object: &def,
        record: None,
        typed: kept,
        errors: errors
            .iter()
            .map(|e| (e.field.clone(), e.message(v.language)))
            .collect(),
        theirs: HashMap::new(),
        shown: None,
        problem: String::new(),
        only: None,
    };
    crate::form::render(app, visitor, about, StatusCode::UNPROCESSABLE_ENTITY).await
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
        &format!("/needs/{}/delete", made.id()),
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
