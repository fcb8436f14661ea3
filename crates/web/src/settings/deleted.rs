//! Fields of the workspace's own that are taken away: asked about first, and given back for thirty days.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::records::COUNT_CAP;
use peyvand_app::{App, AppError, ListRequest};
use peyvand_catalog::schema::{Change, FieldRef};
use peyvand_catalog::{FieldDef, ObjectDef};
use peyvand_i18n::{Args, keys};

use super::objects::object_of;
use crate::door::{Visitor, say};
use crate::shell::{Answer, Chrome, html};

/// A field that can be given back.
pub(super) struct Deleted {
    pub(super) number: i32,
    pub(super) label: String,
    /// Until when.
    pub(super) until: String,
}

/// The fields of an object that were taken away and can still be given back.
pub(super) fn of(visitor: &Visitor, object: &ObjectDef) -> Vec<Deleted> {
    let v = &visitor.view;
    let schema = &visitor.session.caller.workspace.schema;
    let own = schema.objects.iter().find(|o| o.key == object.key);
    let fields = own.map(|o| &o.fields).or_else(|| schema.fields.get(&object.key));
    let kept = |f: &FieldDef| {
        let day = f.deleted_on.filter(|day| *day > v.today())?;
        Some(Deleted {
            number: f.number?,
            label: v.label(&f.label).to_owned(),
            until: v.with(keys::SETTINGS_FIELD_UNTIL, &Args::new().word("date", v.date(day))),
        })
    };
    fields.into_iter().flatten().filter_map(kept).collect()
}

#[derive(Template)]
#[template(path = "settings_delete_field.html")]
struct AskPage {
    c: Chrome,
    back: String,
    address: String,
    /// How many records would lose what they show.
    held: String,
}

/// Asks whether a field is really to go, with how many records hold something in it.
pub(super) async fn ask(app: &App, visitor: &Visitor, object: &Arc<ObjectDef>, f: &FieldDef) -> Answer {
    let v = &visitor.view;
    let request = ListRequest {
        filter: Some(format!("NOT {} = null", f.key)),
        count: true,
        limit: Some(1),
        ..ListRequest::default()
    };
    // What cannot be filtered by is not counted: the question stands without a number.
    let held = match app.list(&visitor.session.caller, object, &request).await {
        Ok(l) => l.count,
        Err(_) => None,
    };
    let args = Args::new().word("name", v.label(&f.label).to_owned());
    let page = AskPage {
        c: Chrome::of(visitor, &v.with(keys::SETTINGS_FIELD_DELETE, &args)),
        back: format!("/settings/objects/{}#field-{}", object.key, f.key),
        address: format!(
            "/settings/objects/{}/{}",
            object.key,
            f.number.unwrap_or_default()
        ),
        held: held.map_or_else(String::new, |n| {
            let args = Args::new().word("count", v.count(n, COUNT_CAP));
            v.with(keys::SETTINGS_FIELD_HELD, &args)
        }),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// What is said once a field is gone, with the way back.
pub(super) fn gone(object: &str, number: i32) -> Response {
    let undo = format!("/settings/objects/{object}/{number}/restore");
    say(
        &format!("/settings/objects/{object}"),
        "settings-field-deleted",
        &undo,
    )
}

/// Gives a field back, with all that records hold in it.
pub(crate) async fn restore(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((key, number)): Path<(String, i32)>,
) -> Answer {
    let object = object_of(&visitor, &key).map_err(visitor.fail())?;
    if !of(&visitor, &object).iter().any(|d| d.number == number) {
        return Err(visitor.fail()(AppError::NotFound));
    }
    let change = Change::RestoreField {
        field: FieldRef {
            object: object.key.clone(),
            key: String::new(),
            number,
        },
    };
    app.change_schema(&visitor.session.caller, &[change], false)
        .await
        .map_err(visitor.fail())?;
    app.forget_sessions();
    Ok(say(
        &format!("/settings/objects/{key}"),
        "settings-field-restored",
        "",
    ))
}
