//! The tags of a record: shown at its head, put on by name, taken off one by one, each with a way back.

use std::sync::Arc;

use axum::extract::{Form, Path, State};
use peyvand_app::bulk_edit::{Selection, Task};
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::tag;
use peyvand_core::Id;

use crate::door::{Visitor, encode, say, say_undo};
use crate::form::{Typed, id_of};
use crate::shell::Answer;

/// A tag as the page shows it.
pub(crate) struct Tag {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) pigment: String,
}

/// The tags of a record.
pub(crate) async fn of(app: &App, visitor: &Visitor, record: Id) -> Result<Vec<Tag>, AppError> {
    let mut all: Vec<Tag> = app
        .tags_of(&visitor.session.caller, record)
        .await?
        .iter()
        .map(|t| Tag {
            id: t.id().to_string(),
            name: t.get(tag::NAME).as_str().unwrap_or_default().to_owned(),
            pigment: t.get(tag::COLOR).as_str().unwrap_or("clay").to_owned(),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

/// Puts a tag on (`name`) or takes one off (`off`, its id).
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Form(given): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let back = format!("/{plural}/{id}");
    let name = given.get("name").map(|n| n.trim()).unwrap_or_default();
    let off = given.get("off").and_then(|t| t.parse::<Id>().ok());
    let task = match off {
        Some(tag) => Task::Untag { tag },
        None if name.is_empty() => return Ok(say(&back, "record-tag-missing", "")),
        None => Task::Tag {
            tag: crate::bulk::tag(&app, &visitor, name)
                .await
                .map_err(visitor.fail())?,
        },
    };
    let said = match task {
        Task::Untag { .. } => "record-untagged",
        _ => "record-tagged",
    };
    let selection = Selection {
        ids: vec![id],
        ..Selection::default()
    };
    let edit = app
        .start_bulk(caller, &object, selection, task)
        .await
        .map_err(visitor.fail())?;
    if edit.progress.refused > 0 {
        return Err(visitor.fail()(AppError::Forbidden));
    }
    let undo = if edit.progress.changed > 0 {
        format!("/bulk/{}/undo?back={}", edit.id, encode(&back))
    } else {
        String::new()
    };
    Ok(say_undo(&back, said, &undo, 1))
}
