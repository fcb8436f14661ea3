//! A stage, a pipeline or a team that others stand on: where they go is asked before it is put into the bin.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use peyvand_app::{App, AppError};
use peyvand_catalog::ObjectDef;
use peyvand_catalog::handles::{deal, stage, user};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};

use crate::door::{Visitor, say};
use crate::form::{Typed, id_of, inputs};
use crate::shell::{self, Answer, Chrome, html};

#[derive(Template)]
#[template(path = "replace.html")]
struct AskPage {
    c: Chrome,
    back: String,
    address: String,
    /// What stands on it, and how many.
    held: String,
    /// What can take its place: id and name.
    places: Vec<(String, String)>,
    label: String,
}

/// What can take the place of the record: those of its kind that are not it.
async fn places(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    id: Id,
) -> Result<Vec<(String, String)>, AppError> {
    let caller = &visitor.session.caller;
    let (by, ix) = match object.key.as_str() {
        stage::OBJECT => (deal::OBJECT, deal::STAGE_ID),
        "pipeline" => (deal::OBJECT, deal::PIPELINE_ID),
        "team" => (user::OBJECT, user::TEAM_ID),
        _ => return Ok(Vec::new()),
    };
    let Some(holder) = caller.workspace.catalog().object(by) else {
        return Ok(Vec::new());
    };
    let mut all = inputs::choices_of(app, caller, holder, &[ix]).await;
    let mut all = all.remove(&object.key).unwrap_or_default();
    if object.key == stage::OBJECT {
        // A deal that is won stays won: only a stage of the same kind takes it over.
        let stages = crate::board::stages(app, caller).await?;
        let kind = |id: Id| {
            let found = stages.iter().find(|s| s.id() == id);
            found.and_then(|s| s.get(stage::KIND).as_str()).unwrap_or("open")
        };
        all.retain(|(other, ..)| kind(*other) == kind(id));
    }
    Ok(all
        .into_iter()
        .filter(|(other, _, offered)| *other != id && *offered)
        .map(|(other, name, _)| (other.to_string(), name))
        .collect())
}

/// Asks where what stands on a record is to go, or says why the answer cannot be.
pub(super) async fn ask(app: &App, visitor: &Visitor, object: &ObjectDef, id: Id, why: &AppError) -> Answer {
    let v = &visitor.view;
    let places = places(app, visitor, object, id).await.map_err(visitor.fail())?;
    let label = v.label(&object.label).to_owned();
    let title = v.with(keys::REPLACE_TITLE, &Args::new().text("object", label.clone()));
    let page = AskPage {
        back: format!("/{}/{id}", object.plural),
        address: format!("/{}/{id}/replace", object.plural),
        held: match why {
            AppError::Parameter { .. } => v.t(keys::REPLACE_NOT_THIS),
            e => e.message(v.language),
        },
        places,
        label,
        c: Chrome::of(visitor, &title),
    };
    Ok(html(shell::status(why), &page, visitor.said.is_some()))
}

/// Lets another take its place, and puts it into the bin.
pub(crate) async fn replace(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    let to = typed.get("to").and_then(|to| to.parse().ok()).unwrap_or(Id::NIL);
    match app.replace_and_delete(caller, &object, id, to).await {
        Ok(()) => Ok(say(
            &format!("/{plural}"),
            "web-deleted",
            &format!("/{plural}/{id}/restore"),
        )),
        Err(e @ (AppError::Parameter { .. } | AppError::InUse { .. })) => {
            ask(&app, &visitor, &object, id, &e).await
        }
        Err(e) => Err(visitor.fail()(e)),
    }
}
