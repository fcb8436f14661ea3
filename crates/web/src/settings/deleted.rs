//! Fields and objects of the workspace's own that are taken away: asked about first, and given back for thirty days.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::records::COUNT_CAP;
use peyvand_app::{App, AppError, ListRequest};
use peyvand_catalog::schema::{Change, FieldRef};
use peyvand_catalog::{FieldDef, ObjectDef};
use peyvand_i18n::{Args, keys};

use super::objects::object_of;
use crate::door::{Visitor, say};
use crate::form::Typed;
use crate::shell::{Answer, Chrome, html};

/// A field or an object that can be given back.
pub(super) struct Deleted {
    /// Where it is asked for.
    pub(super) address: String,
    number: i32,
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
        let number = f.number?;
        Some(Deleted {
            address: format!("/settings/objects/{}/{number}/restore", object.key),
            number,
            label: v.label(&f.label).to_owned(),
            until: until(visitor, day),
        })
    };
    fields.into_iter().flatten().filter_map(kept).collect()
}

fn until(visitor: &Visitor, day: i32) -> String {
    let v = &visitor.view;
    v.with(keys::SETTINGS_FIELD_UNTIL, &Args::new().word("date", v.date(day)))
}

/// The objects that were taken away and can still be given back.
pub(super) fn objects(visitor: &Visitor) -> Vec<Deleted> {
    let v = &visitor.view;
    let own = visitor.session.caller.workspace.schema.objects.iter();
    own.filter_map(|o| {
        let day = o.deleted_on.filter(|day| *day > v.today())?;
        Some(Deleted {
            address: format!("/settings/objects/{}/restore", o.key),
            number: 0,
            label: v.label(&o.labels).to_owned(),
            until: until(visitor, day),
        })
    })
    .collect()
}

#[derive(Template)]
#[template(path = "settings_delete_field.html")]
struct AskPage {
    c: Chrome,
    back: String,
    address: String,
    /// How many records would lose what they show, or be gone.
    held: String,
    /// What becomes of it.
    lead: String,
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
        lead: v.t(keys::SETTINGS_FIELD_DELETE_LEAD),
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

/// An object of the workspace's own, by its key.
fn own_object(visitor: &Visitor, key: &str) -> Result<Arc<ObjectDef>, AppError> {
    let object = object_of(visitor, key)?;
    if object.custom {
        Ok(object)
    } else {
        Err(AppError::NotFound)
    }
}

/// Takes an object of the workspace's own away with all its records, once somebody has read what that means.
pub(crate) async fn delete_object(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(key): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let object = own_object(&visitor, &key).map_err(visitor.fail())?;
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let mut held = String::new();
    if typed.contains_key("sure") {
        let change = Change::DeleteObject {
            object: object.key.clone(),
        };
        match app.change_schema(&caller.workspace, &[change], true).await {
            Ok(_) => {
                app.forget_sessions();
                let undo = format!("/settings/objects/{key}/restore");
                return Ok(say("/settings/objects", "settings-object-deleted", &undo));
            }
            // A field of another object leads to it: that one has to go first.
            Err(e) => held = e.message(v.language),
        }
    }
    let refused = !held.is_empty();
    if !refused {
        let (n, _) = app
            .tally(caller, &object, None, false, &[])
            .await
            .map_err(visitor.fail())?;
        let args = Args::new().word("count", v.count(n, COUNT_CAP));
        held = v.with(keys::SETTINGS_OBJECT_HELD, &args);
    }
    let args = Args::new().word("name", v.label(&object.labels).to_owned());
    let page = AskPage {
        c: Chrome::of(&visitor, &v.with(keys::SETTINGS_OBJECT_DELETE, &args)),
        back: format!("/settings/objects/{key}"),
        address: format!("/settings/objects/{key}/delete"),
        held,
        lead: v.t(keys::SETTINGS_OBJECT_DELETE_LEAD),
    };
    let status = if refused {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// Gives an object back with its records.
pub(crate) async fn restore_object(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> Answer {
    super::administrator(&visitor).map_err(visitor.fail())?;
    let change = Change::RestoreObject { object: key.clone() };
    app.change_schema(&visitor.session.caller.workspace, &[change], false)
        .await
        .map_err(visitor.fail())?;
    app.forget_sessions();
    Ok(say(
        &format!("/settings/objects/{key}"),
        "settings-object-restored",
        "",
    ))
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
