//! Roles: what their holders may do, as a table of objects and verbs, with the rules of fields; who holds a role; a new
//! one as a copy of another.

pub(crate) mod fields;
mod read;
mod table;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::rights::RoleRules;
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::{role, user};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::{Reach, Record, Value, Verb};
use peyvand_text::fold;

use self::read::Wrong;
use self::table::Part;
use crate::door::{Visitor, say};
use crate::form::Typed;
use crate::shell::{Answer, Chrome, checked, html, status};
use crate::view::Viewer;

const HERE: &str = "/settings/roles";

/// May the visitor change roles?
fn manages(visitor: &Visitor) -> Result<(), AppError> {
    match visitor.session.caller.policy.reach("role", Verb::Update) {
        Reach::All => Ok(()),
        _ => Err(AppError::Forbidden),
    }
}

/// A role with its rules, for whoever may change roles.
async fn role_of(app: &App, visitor: &Visitor, id: &str) -> Result<(Record, RoleRules), AppError> {
    manages(visitor)?;
    let id: Id = id.parse().map_err(|_| AppError::NotFound)?;
    let all = app.roles(&visitor.session.caller.workspace).await?;
    all.into_iter()
        .find(|(r, _)| r.id() == id)
        .ok_or(AppError::NotFound)
}

fn name_of(r: &Record) -> String {
    r.get(role::NAME).as_str().unwrap_or_default().to_owned()
}

/// A text whose arguments are other people's words: their digits stay as they are.
fn quoted(v: &Viewer, key: Key, args: &Args) -> String {
    peyvand_i18n::text(v.language, key, args)
}

/// Is it for the person to mend, on the page where they are?
fn to_be_mended(e: &AppError) -> bool {
    matches!(
        e,
        AppError::LastAdministrator
            | AppError::InUse { .. }
            | AppError::Changed { .. }
            | AppError::Invalid(_)
            | AppError::Parameter { .. }
            | AppError::Duplicate { .. }
    )
}

/// Somebody with the role.
struct Holder {
    id: String,
    name: String,
    active: bool,
}

async fn holders(app: &App, visitor: &Visitor, role: Id) -> Result<Vec<Holder>, AppError> {
    let all = app.everybody(&visitor.session.caller.workspace, "user").await?;
    Ok(all
        .iter()
        .filter(|u| u.get(user::ROLE_ID).as_id() == Some(role))
        .map(|u| Holder {
            id: u.id().to_string(),
            name: u.get(user::NAME).as_str().unwrap_or_default().to_owned(),
            active: *u.get(user::ACTIVE) != Value::Bool(false),
        })
        .collect())
}

struct Line {
    id: String,
    name: String,
    about: String,
}

#[derive(Template)]
#[template(path = "settings_roles.html")]
struct RolesPage {
    c: Chrome,
    css: String,
    lines: Vec<Line>,
    name: String,
    from: String,
    error: String,
}

async fn roles_page(app: &App, visitor: &Visitor, typed: &Typed, error: String) -> Answer {
    manages(visitor).map_err(visitor.fail())?;
    let v = &visitor.view;
    let w = &visitor.session.caller.workspace;
    let people = app.everybody(w, "user").await.map_err(visitor.fail())?;
    let roles = app.roles(w).await.map_err(visitor.fail())?;
    let lines = roles
        .iter()
        .map(|(r, rules)| {
            let held = people
                .iter()
                .filter(|u| u.get(user::ROLE_ID).as_id() == Some(r.id()))
                .count();
            let count = v.with(keys::ROLES_HELD_BY, &Args::new().number("count", held as i64));
            Line {
                id: r.id().to_string(),
                name: name_of(r),
                about: if rules.everything {
                    format!("{} · {count}", v.t(keys::PEOPLE_BECAUSE_EVERYTHING))
                } else {
                    count
                },
            }
        })
        .collect();
    let text = |k: &str| typed.get(k).cloned().unwrap_or_default();
    let page = RolesPage {
        css: crate::assets::url("record.css"),
        lines,
        name: text("name"),
        from: text("from"),
        error,
        c: Chrome::of(visitor, &v.t(keys::ROLES_TITLE)),
    };
    Ok(checked(&page, &page.error, visitor.said.is_some()))
}

/// Every role, and a form for a new one.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    roles_page(&app, &visitor, &Typed::new(), String::new()).await
}

/// Makes a role: with the rights of another one, or with none.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Answer {
    manages(&visitor).map_err(visitor.fail())?;
    let v = &visitor.view;
    let text = |k: &str| typed.get(k).map(|s| s.trim()).unwrap_or_default();
    let name = text("name");
    if name.is_empty() {
        let error = v.t(keys::SETTINGS_NAME_MISSING);
        return roles_page(&app, &visitor, &typed, error).await;
    }
    let from = match text("from") {
        "" => None,
        id => Some(id.parse::<Id>().map_err(|_| visitor.fail()(AppError::NotFound))?),
    };
    match app.copy_role(&visitor.session.caller, from, name).await {
        Ok(id) => Ok(say(&format!("{HERE}/{id}"), "settings-saved", "")),
        Err(e) if to_be_mended(&e) => roles_page(&app, &visitor, &typed, e.message(v.language)).await,
        Err(e) => Err(visitor.fail()(e)),
    }
}

#[derive(Template)]
#[template(path = "settings_role.html")]
struct RolePage {
    c: Chrome,
    css: String,
    id: String,
    name: String,
    version: String,
    everything: bool,
    verbs: Vec<String>,
    parts: Vec<Part>,
    holders: Vec<Holder>,
    error: String,
    errors: Vec<String>,
}

/// What went wrong with the table of a role.
#[derive(Default)]
struct Trouble {
    error: String,
    errors: Vec<String>,
    wrong: Vec<Wrong>,
    status: Option<StatusCode>,
}

async fn role_page(
    app: &App,
    visitor: &Visitor,
    record: &Record,
    name: String,
    shown: &RoleRules,
    trouble: Trouble,
) -> Result<Response, AppError> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let mut errors: Vec<String> = trouble.wrong.iter().map(|w| w.sentence(v)).collect();
    errors.extend(trouble.errors);
    let page = RolePage {
        css: crate::assets::url("record.css"),
        id: record.id().to_string(),
        name,
        version: record.version().to_string(),
        everything: shown.everything,
        verbs: Verb::ALL
            .iter()
            .map(|x| v.t(crate::people::access::verb(*x)))
            .collect(),
        parts: table::parts(v, caller.workspace.catalog(), shown, record.id(), &trouble.wrong),
        holders: holders(app, visitor, record.id()).await?,
        error: trouble.error,
        errors,
        c: Chrome::of(visitor, &name_of(record)),
    };
    let status = trouble.status.unwrap_or(StatusCode::OK);
    Ok(html(status, &page, visitor.said.is_some()))
}

/// The table of a role.
pub(crate) async fn role(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (record, rules) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
    let name = name_of(&record);
    role_page(&app, &visitor, &record, name, &rules, Trouble::default())
        .await
        .map_err(visitor.fail())
}

/// Saves the table of a role. What cannot be read is named cell by cell, and nothing is saved; so it is when the firm
/// would be left without an administrator.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let (record, before) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let catalog = caller.workspace.catalog();
    let name = typed.get("name").map(|s| s.trim()).unwrap_or_default().to_owned();
    let (rules, wrong) = read::table(v, catalog, &before, &typed);
    if !wrong.is_empty() {
        let trouble = Trouble {
            error: v.t(keys::ROLES_NOT_SAVED),
            wrong,
            status: Some(StatusCode::UNPROCESSABLE_ENTITY),
            ..Trouble::default()
        };
        return role_page(&app, &visitor, &record, name, &rules, trouble)
            .await
            .map_err(visitor.fail());
    }
    let known = typed.get("version").and_then(|n| n.parse().ok());
    let json = serde_json::to_value(&rules).unwrap_or_default();
    match app
        .change_role(caller, record.id(), Some(&name), Some(&json), known)
        .await
    {
        Ok(r) => Ok(say(&format!("{HERE}/{}", r.id()), "settings-saved", "")),
        Err(e) if to_be_mended(&e) => {
            let (now, theirs) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
            let errors = match e {
                AppError::Changed { .. } => read::differences(v, catalog, &rules, &theirs),
                _ => Vec::new(),
            };
            let trouble = Trouble {
                error: e.message(v.language),
                errors,
                status: Some(match e {
                    AppError::Parameter { .. } => StatusCode::UNPROCESSABLE_ENTITY,
                    ref e => status(e),
                }),
                ..Trouble::default()
            };
            role_page(&app, &visitor, &now, name, &rules, trouble)
                .await
                .map_err(visitor.fail())
        }
        Err(e) => Err(visitor.fail()(e)),
    }
}

/// A role with the same rights and another name.
pub(crate) async fn copy(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (record, _) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
    let plain = quoted(
        &visitor.view,
        keys::ROLES_COPY_OF,
        &Args::new().text("name", name_of(&record)),
    );
    let there = app
        .roles(&visitor.session.caller.workspace)
        .await
        .map_err(visitor.fail())?;
    // Roles are told apart by their names: the second copy has a number.
    let mut name = plain.clone();
    let mut n = 2;
    while there.iter().any(|(r, _)| fold(&name_of(r)) == fold(&name)) {
        name = format!("{plain} {}", visitor.view.number(n));
        n += 1;
    }
    let made = app
        .copy_role(&visitor.session.caller, Some(record.id()), &name)
        .await
        .map_err(visitor.fail())?;
    Ok(say(&format!("{HERE}/{made}"), "settings-saved", ""))
}

/// Puts a role that nobody holds into the recycle bin.
pub(crate) async fn delete(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (record, rules) = role_of(&app, &visitor, &id).await.map_err(visitor.fail())?;
    let caller = &visitor.session.caller;
    let object = app.object(caller, "roles").map_err(visitor.fail())?;
    match app.delete(caller, &object, record.id(), None).await {
        Ok(()) => Ok(say(
            HERE,
            "web-deleted",
            &format!("/roles/{}/restore", record.id()),
        )),
        // It is held by somebody.
        Err(AppError::InUse { .. }) => {
            let trouble = Trouble {
                error: visitor.view.t(keys::ROLES_HELD),
                status: Some(StatusCode::CONFLICT),
                ..Trouble::default()
            };
            role_page(&app, &visitor, &record, name_of(&record), &rules, trouble)
                .await
                .map_err(visitor.fail())
        }
        Err(e) => Err(visitor.fail()(e)),
    }
}
