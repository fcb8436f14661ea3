//! One field of a record by itself: changed in place with script, on a page of its own without.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use peyvand_app::{App, AppError};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::keys;
use peyvand_record::Verb;

use super::inputs::{Input, choices_of, editable, typed_of};
use super::{About, Typed, change, id_of, one_input, render, way_back};
use crate::door::{Visitor, say};
use crate::fields;
use crate::shell::{Answer, html};
use crate::view::Viewer;

/// What the input's template asks of a page.
struct Texts(Viewer);

impl Texts {
    fn t(&self, key: peyvand_i18n::Key) -> String {
        self.0.t(key)
    }

    fn marks(&self) -> String {
        crate::shell::marks(&self.0)
    }
}

#[derive(Template)]
#[template(path = "parts/inline.html")]
struct Inline {
    c: Texts,
    action: String,
    version: i64,
    f: Input,
    problem: String,
}

/// Did our own script ask, for a part of a page?
pub(crate) fn wants_part(headers: &HeaderMap) -> bool {
    headers.contains_key("x-part")
}

fn one_of(visitor: &Visitor, object: &ObjectDef, key: &str) -> Result<FieldIx, AppError> {
    let caller = &visitor.session.caller;
    App::writable(caller, object, Verb::Update)?;
    object
        .field(key)
        .map(|(ix, _)| ix)
        .filter(|ix| editable(caller, object).contains(ix))
        .ok_or(AppError::NotFound)
}

async fn answer(
    app: &App,
    visitor: &Visitor,
    headers: &HeaderMap,
    about: About<'_>,
    status: StatusCode,
) -> Response {
    let (Some(ix), Some((id, version))) = (about.only, about.record) else {
        return render(app, visitor, about, status).await;
    };
    let Some(f) = about.object.at(ix).filter(|_| wants_part(headers)) else {
        return render(app, visitor, about, status).await;
    };
    let v = &visitor.view;
    let small = choices_of(app, &visitor.session.caller, about.object, &[ix]).await;
    let part = Inline {
        action: format!("/{}/{id}/edit/{}", about.object.plural, f.key),
        version,
        f: one_input(v, f, &about, &small),
        problem: about.problem.clone(),
        c: Texts(v.clone()),
    };
    html(status, &part, false)
}

/// The form of one field.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((plural, id, key)): Path<(String, String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let ix = one_of(&visitor, &object, &key).map_err(visitor.fail())?;
    let id: Id = id_of(&visitor, &id)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&record), &[ix])
        .await
        .map_err(visitor.fail())?;
    let typed = typed_of(&visitor.view, &object, &record, &[ix], &titles);
    let about = About {
        object: &object,
        record: Some((record.id(), record.version())),
        shown: Some(typed.clone()),
        typed,
        errors: HashMap::new(),
        theirs: HashMap::new(),
        problem: String::new(),
        only: Some(ix),
    };
    Ok(answer(&app, &visitor, &headers, about, StatusCode::OK).await)
}

/// Saves one field.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    headers: HeaderMap,
    Path((plural, id, key)): Path<(String, String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let ix = one_of(&visitor, &object, &key).map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let to = way_back(&typed);
    let saved = change(&app, &visitor, &object, id, &[ix], typed)
        .await
        .map_err(visitor.fail())?;
    let record = match saved {
        Ok(r) => r,
        Err(unsaved) => {
            let (about, status) = unsaved.about(&object, id, Some(ix));
            return Ok(answer(&app, &visitor, &headers, about, status).await);
        }
    };
    if !wants_part(&headers) {
        let undo = crate::record::undo::address(&plural, &record);
        let to = if to.is_empty() {
            format!("/{plural}/{}", record.id())
        } else {
            to
        };
        return Ok(say(&to, "web-saved", &undo));
    }
    let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&record), &[ix])
        .await
        .map_err(visitor.fail())?;
    let shown = object
        .at(ix)
        .map(|f| fields::cell(caller, &visitor.view, f, record.get(ix), &titles, false).html())
        .unwrap_or_default();
    let mut r = Html(shown).into_response();
    r.headers_mut()
        .insert("x-version", HeaderValue::from(record.version()));
    Ok(r)
}
