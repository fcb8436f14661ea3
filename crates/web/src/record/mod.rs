//! The page of a record: its next step, fields that are changed in place, the story, what belongs to it.

pub(crate) mod compose;
pub(crate) mod files;
mod lens;
pub(crate) mod merge;
mod related;
pub(crate) mod replace;
pub(crate) mod shares;
pub(crate) mod story;
pub(crate) mod tags;
pub(crate) mod undo;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use peyvand_app::{App, AppError, reading};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::activity;
use peyvand_catalog::{Class, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Reach, Record, Verb};

use self::compose::Composer;
use self::files::Attached;
use self::lens::{Complete, Lens};
use self::related::Related;
use self::story::{Asked, Story};
use crate::door::{Visitor, say};
use crate::fields;
use crate::form::inputs::editable;
use crate::form::{Typed, id_of, section_label};
use crate::shell::{Answer, Chrome, html, initials, pigment};

/// A field as the page shows it.
struct Pair {
    key: String,
    label: String,
    shown: String,
    /// Where it is changed; empty when it cannot be.
    edit: String,
    edit_label: String,
}

/// A group of fields.
struct Section {
    label: String,
    pairs: Vec<Pair>,
}

/// The next thing to do.
struct NextStep {
    /// The activity; empty when none is planned.
    to: String,
    text: String,
    when: String,
    late: bool,
    /// Where it is marked as done.
    done: String,
}

#[derive(Template)]
#[template(path = "record.html")]
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
struct RecordPage {
    c: Chrome,
    css: String,
    js: String,
    address: String,
    title: String,
    initials: String,
    pigment: &'static str,
    square: bool,
    list: String,
    list_label: String,
    facts: Vec<String>,
    object: String,
    id: String,
    version: i64,
    next: Option<NextStep>,
    sections: Vec<Section>,
    /// The card of permissions, of contacts.
    consent: String,
    complete: Option<Complete>,
    story: Option<Story>,
    composer: Option<Composer>,
    lens: Option<Lens>,
    related: Vec<Related>,
    files: Option<Vec<Attached>>,
    tags: Vec<tags::Tag>,
    may_tag: bool,
    may_edit: bool,
    may_delete: bool,
    may_merge: bool,
    may_share: bool,
    may_follow: bool,
    follows: bool,
    /// Where this activity itself is marked as done; empty for everything else and once it is closed.
    done: String,
}

/// The link of an activity or note to a record of this object, and the record's other people: what concerns a contact
/// concerns its company too.
pub(crate) fn link_key(object: &ObjectDef) -> String {
    match object.key.as_str() {
        "contact" | "company" | "deal" => format!("{}_id", object.key),
        _ => "target_id".to_owned(),
    }
}

async fn next_step(app: &App, visitor: &Visitor, object: &ObjectDef, id: Id) -> Option<NextStep> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    if !object.spine
        || object.area == "settings"
        || matches!(object.key.as_str(), "activity" | "interaction" | "note")
    {
        return None;
    }
    let def = caller.workspace.catalog().object(activity::OBJECT)?;
    let request = peyvand_app::ListRequest {
        filter: Some(format!(
            "{} = \"{id}\" AND status in (open, in_progress, waiting)",
            link_key(object)
        )),
        sort: Some("due_at".to_owned()),
        limit: Some(1),
        ..peyvand_app::ListRequest::default()
    };
    let listed = app.list(caller, def, &request).await.ok()?;
    Some(match listed.records.first() {
        Some(r) => {
            let due = r.get(activity::DUE_AT).as_instant();
            NextStep {
                to: format!("/{}/{}", def.plural, r.id()),
                text: reading::title(def, r),
                when: due.map(|at| v.instant(at)).unwrap_or_default(),
                late: due.is_some_and(|at| at < v.now),
                done: format!("/{}/{}/done", def.plural, r.id()),
            }
        }
        None => NextStep {
            to: String::new(),
            text: String::new(),
            when: String::new(),
            late: false,
            done: String::new(),
        },
    })
}

fn sections(
    visitor: &Visitor,
    object: &ObjectDef,
    record: &Record,
    visible: &[FieldIx],
    may_edit: bool,
    titles: &fields::Titles,
) -> (Vec<Section>, Vec<String>) {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let changeable = if may_edit {
        editable(caller, object)
    } else {
        Vec::new()
    };
    let mut out: Vec<(String, Section)> = Vec::new();
    let mut facts = Vec::new();
    for &ix in visible {
        let Some(f) = object.at(ix) else { continue };
        let value = record.get(ix);
        let edits = changeable.contains(&ix);
        if (value.is_null() && !edits) || matches!(f.stored(), FieldType::Json) || f.class == Class::Secret {
            continue;
        }
        let cell = fields::cell(caller, v, f, value, titles, false);
        if f.list
            && !value.is_null()
            && matches!(f.stored(), FieldType::Choice | FieldType::Money)
            && facts.len() < 3
        {
            facts.push(cell.html());
        }
        let name = if f.is_system() && f.key != "owner_id" && f.key != "team_id" {
            "system".to_owned()
        } else {
            f.section.clone().unwrap_or_else(|| "main".to_owned())
        };
        let label = v.label(&f.label).to_owned();
        let pair = Pair {
            shown: cell.html(),
            edit: if edits {
                format!("/{}/{}/edit/{}", object.plural, record.id(), f.key)
            } else {
                String::new()
            },
            edit_label: v.with(keys::RECORD_EDIT_FIELD, &Args::new().text("field", label.clone())),
            key: f.key.clone(),
            label,
        };
        match out.iter_mut().find(|(n, _)| *n == name) {
            Some((_, s)) => s.pairs.push(pair),
            None => out.push((
                name.clone(),
                Section {
                    label: section_label(v, Some(&name)),
                    pairs: vec![pair],
                },
            )),
        }
    }
    out.sort_by_key(|(n, _)| (n != "main", n == "system"));
    (out.into_iter().map(|(_, s)| s).collect(), facts)
}

/// What a record's page is shown with.
struct Page {
    asked: Asked,
    composer: Option<Composer>,
}

/// The page of a record.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let composer = compose::composer(&visitor, &object, &Typed::new(), &HashMap::new());
    let with = Page { asked, composer };
    show(&app, &visitor, &object, id, with, StatusCode::OK).await
}

async fn show(
    app: &Arc<App>,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    id: Id,
    with: Page,
    status: StatusCode,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let plural = object.plural.as_str();
    let record = app.get(caller, object, id).await.map_err(visitor.fail())?;
    let id = record.id();
    let visible: Vec<FieldIx> = app
        .visible(caller, object, None)
        .map_err(visitor.fail())?
        .into_iter()
        .filter(|ix| *ix != system::ID && *ix != system::VERSION && *ix != system::DELETED_AT)
        .collect();
    let titles = fields::titles_of(app, caller, object, std::slice::from_ref(&record), &visible)
        .await
        .map_err(visitor.fail())?;
    let generic = object.writes == Writes::Generic;
    let may_edit = generic && App::writable(caller, object, Verb::Update).is_ok();
    let (sections, facts) = sections(visitor, object, &record, &visible, may_edit, &titles);
    let story = if object.spine {
        let story = story::story(app, visitor, object, &record, &with.asked);
        Some(story.await.map_err(visitor.fail())?)
    } else {
        None
    };
    let person = matches!(object.key.as_str(), "contact" | "company");
    let followers = if object.spine {
        app.followers(caller, id).await.map_err(visitor.fail())?
    } else {
        Vec::new()
    };
    let title = reading::title(object, &record);
    let title = if title.is_empty() {
        v.label(&object.label).to_owned()
    } else {
        title
    };
    let may_tag = may_edit && object.spine;
    let tags = if object.spine {
        tags::of(app, visitor, id).await.map_err(visitor.fail())?
    } else {
        Vec::new()
    };
    let page = RecordPage {
        css: crate::assets::url("record.css"),
        js: crate::assets::url("record.js"),
        address: format!("/{plural}/{id}"),
        initials: initials(&title),
        pigment: pigment(&title),
        square: object.key != "contact" && object.key != "user",
        list: format!("/{plural}"),
        list_label: v.label(&object.labels).to_owned(),
        facts,
        object: object.key.clone(),
        id: id.to_string(),
        version: record.version(),
        next: next_step(app, visitor, object, id).await,
        sections,
        consent: crate::consent::card(app, visitor, &object.key, id)
            .await
            .map_err(visitor.fail())?,
        complete: person.then(|| lens::complete(visitor, object, &record, may_edit)),
        story,
        composer: with.composer,
        lens: if person {
            lens::lens(app, visitor, object, id).await
        } else {
            None
        },
        related: related::related(app, visitor, object, id).await,
        files: if object.spine && object.area != "settings" && app.folder.is_some() {
            Some(
                files::attached(app, visitor, object, id)
                    .await
                    .map_err(visitor.fail())?,
            )
        } else {
            None
        },
        tags,
        may_tag,
        may_edit,
        may_delete: generic && App::writable(caller, object, Verb::Delete).is_ok(),
        may_merge: object.mergeable && may_edit,
        may_share: object.ownable && may_edit,
        may_follow: object.spine && object.area != "settings",
        done: if object.key == activity::OBJECT
            && may_edit
            && matches!(
                record.get(activity::STATUS).as_str(),
                Some("open" | "in_progress" | "waiting")
            ) {
            format!("/{plural}/{id}/done")
        } else {
            String::new()
        },
        follows: followers.contains(&visitor.session.user.id()),
        c: Chrome::of(visitor, &title),
        title,
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// The record in whose story a note or an interaction stands: there one is once it is gone.
fn beside(object: &peyvand_catalog::ObjectDef, gone: &Record) -> Option<String> {
    if !matches!(object.key.as_str(), "note" | "interaction") {
        return None;
    }
    [
        ("deal_id", "deals"),
        ("contact_id", "contacts"),
        ("company_id", "companies"),
    ]
    .into_iter()
    .find_map(|(key, plural)| {
        let (ix, _) = object.field(key)?;
        Some(format!("/{plural}/{}", gone.get(ix).as_id()?))
    })
}

/// Where to go when a record is gone.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Then {
    to: Option<String>,
}

/// Puts a record into the bin, with a way back.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Query(then): Query<Then>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    match app.delete(caller, &object, id, None).await {
        Ok(()) => {}
        Err(e @ AppError::InUse { .. }) => return replace::ask(&app, &visitor, &object, id, &e).await,
        Err(e) => return Err(visitor.fail()(e)),
    }
    let to = then.to.map(|to| crate::door::safe_path(&to).to_owned());
    Ok(say(
        &to.or_else(|| beside(&object, &record))
            .unwrap_or_else(|| format!("/{plural}")),
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

/// Marks an activity as done; for a call, a meeting or a visit this writes its interaction.
pub(crate) async fn done(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(key): Path<String>,
    axum::extract::Form(given): axum::extract::Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, "activities").map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let back = given
        .get("to")
        .map_or("/", |to| crate::door::safe_path(to))
        .to_owned();
    let outcome = given.get("outcome").map(|s| s.trim()).filter(|s| !s.is_empty());
    let completion = app
        .complete(caller, &object, id, outcome)
        .await
        .map_err(visitor.fail())?;
    Ok(say(
        &back,
        "record-completed",
        &undo::completion(&completion, &back),
    ))
}

/// May the caller make records of this object?
pub(crate) fn may_make(visitor: &Visitor, object: &str) -> bool {
    visitor.session.caller.policy.reach(object, Verb::Create) != Reach::None
}
