//! The people of a workspace: inviting, switching on and off, new passwords, handing over.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use peyvand_app::{App, AppError, Session};
use peyvand_catalog::handles::{role, team, user};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Reach, Value, Verb};
use serde::Deserialize;

use super::once;
use crate::door::{Visitor, encode, say};
use crate::shell::{Answer, Chrome, html};
use crate::view::Viewer;

const HERE: &str = "/settings/people";

/// What the forms of the page hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    name: String,
    email: String,
    role: String,
    team: String,
    on: String,
    to: String,
}

struct Person {
    id: String,
    name: String,
    email: String,
    role: String,
    team: String,
    active: bool,
    me: bool,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    c: Chrome,
    people: Vec<Person>,
    roles: Vec<(String, String)>,
    teams: Vec<(String, String)>,
    given: Given,
    error: String,
    /// What is wrong with the name, the address and the role, beside their inputs.
    wrong: [String; 3],
}

/// Only those who manage users come here: for others there is no such page.
fn manages(session: &Session) -> Result<(), AppError> {
    match session.caller.policy.reach("user", Verb::Update) {
        Reach::All => Ok(()),
        _ => Err(AppError::NotFound),
    }
}

/// What was refused: beside the inputs of the name, the address and the role, and what is about none of them.
fn told(v: &Viewer, error: Option<&AppError>) -> ([String; 3], String) {
    let mut wrong = <[String; 3]>::default();
    let list = match error {
        Some(AppError::Invalid(list)) => list,
        Some(AppError::Duplicate { .. }) => {
            let taken = v.t(keys::PEOPLE_EMAIL_TAKEN);
            return ([String::new(), taken, String::new()], String::new());
        }
        e => return (wrong, e.map(|e| e.message(v.language)).unwrap_or_default()),
    };
    let mut rest = Vec::new();
    for e in list {
        let at = ["name", "email", "role_id"].iter().position(|k| *k == e.field);
        match at.and_then(|at| wrong.get_mut(at)) {
            Some(place) => *place = e.message(v.language),
            None => rest.push(e.message(v.language)),
        }
    }
    (wrong, rest.join("\n"))
}

async fn show(app: &App, visitor: &Visitor, given: Given, error: Option<&AppError>) -> Answer {
    manages(&visitor.session).map_err(visitor.fail())?;
    let v = &visitor.view;
    let w = &visitor.session.caller.workspace;
    let text = |r: &peyvand_record::Record, ix| r.get(ix).as_str().unwrap_or_default().to_owned();
    let roles: Vec<(Id, String)> = app
        .roles(w)
        .await
        .map_err(visitor.fail())?
        .iter()
        .map(|(r, _)| (r.id(), text(r, role::NAME)))
        .collect();
    let teams: Vec<(Id, String)> = app
        .everybody(w, "team")
        .await
        .map_err(visitor.fail())?
        .iter()
        .map(|t| (t.id(), text(t, team::NAME)))
        .collect();
    let named = |list: &[(Id, String)], id: Option<Id>| {
        list.iter()
            .find(|(i, _)| Some(*i) == id)
            .map(|(_, n)| n.clone())
            .unwrap_or_default()
    };
    let mut people: Vec<Person> = app
        .everybody(w, "user")
        .await
        .map_err(visitor.fail())?
        .iter()
        .map(|p| Person {
            id: p.id().to_string(),
            name: text(p, user::NAME),
            email: text(p, user::EMAIL),
            role: named(&roles, p.get(user::ROLE_ID).as_id()),
            team: named(&teams, p.get(user::TEAM_ID).as_id()),
            active: *p.get(user::ACTIVE) != Value::Bool(false),
            me: p.id() == visitor.session.user.id(),
        })
        .collect();
    people.sort_by(|a, b| (!a.active, &a.name).cmp(&(!b.active, &b.name)));
    let plain = |list: Vec<(Id, String)>| list.into_iter().map(|(i, n)| (i.to_string(), n)).collect();
    let status = error.map_or(StatusCode::OK, super::status_of);
    let (wrong, error) = told(v, error);
    let page = PeoplePage {
        wrong,
        error,
        people,
        roles: plain(roles),
        teams: plain(teams),
        given,
        c: Chrome::of(visitor, &v.t(keys::PEOPLE_TITLE)),
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    show(&app, &visitor, Given::default(), None).await
}

fn prove_first() -> Response {
    Redirect::to(&format!("/account/prove?to={}", encode(HERE))).into_response()
}

/// The address of a one-time link: the configured base, never what the request says of itself.
fn address(app: &App, path: &str) -> Vec<String> {
    vec![format!("{}{path}", app.base_url())]
}

/// Makes a user and shows their invitation.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(given): Form<Given>,
) -> Answer {
    manages(&visitor.session).map_err(visitor.fail())?;
    let caller = &visitor.session.caller;
    let Some(object) = caller.workspace.catalog().object("user").map(Arc::clone) else {
        return Err(visitor.fail()(AppError::NotFound));
    };
    let mut json = serde_json::Map::new();
    for (key, value) in [
        ("name", &given.name),
        ("email", &given.email),
        ("role_id", &given.role),
        ("team_id", &given.team),
    ] {
        if !value.trim().is_empty() {
            json.insert(key.to_owned(), value.trim().into());
        }
    }
    let made = match app.create(caller, &object, &json, None).await {
        Ok(r) => r.id(),
        Err(e) if super::status_of(&e).is_server_error() => return Err(visitor.fail()(e)),
        Err(e) => return show(&app, &visitor, given, Some(&e)).await,
    };
    let token = app.invite(caller, made).await.map_err(visitor.fail())?;
    Ok(once(
        &visitor,
        keys::PEOPLE_INVITED_TITLE,
        keys::PEOPLE_INVITED_LEAD,
        address(&app, &format!("/join?token={token}")),
        HERE,
    ))
}

fn id_of(visitor: &Visitor, id: &str) -> Result<Id, Response> {
    id.parse().map_err(|_| visitor.fail()(AppError::NotFound))
}

/// Shows an invitation.
pub(crate) async fn invite(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let id = id_of(&visitor, &id)?;
    let token = app
        .invite(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    Ok(once(
        &visitor,
        keys::PEOPLE_INVITED_TITLE,
        keys::PEOPLE_INVITED_LEAD,
        address(&app, &format!("/join?token={token}")),
        HERE,
    ))
}

/// Shows a link to a new password; whoever asks proves themselves first.
pub(crate) async fn reset_link(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let id = id_of(&visitor, &id)?;
    if visitor.session.proved(visitor.view.now).is_err() {
        return Ok(prove_first());
    }
    let token = app
        .create_reset_link(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    Ok(once(
        &visitor,
        keys::PEOPLE_RESET_LINK_TITLE,
        keys::PEOPLE_RESET_LINK_LEAD,
        address(&app, &format!("/reset?token={token}")),
        HERE,
    ))
}

/// Switches a person on or off.
pub(crate) async fn active(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Answer {
    let id = id_of(&visitor, &id)?;
    let done = app
        .set_active(&visitor.session.caller, id, given.on == "true")
        .await;
    match done {
        Ok(()) => Ok(say(HERE, "web-saved", "")),
        Err(e @ AppError::LastAdministrator) => show(&app, &visitor, Given::default(), Some(&e)).await,
        Err(e) => Err(visitor.fail()(e)),
    }
}

#[derive(Template)]
#[template(path = "hand_over.html")]
struct HandOverPage {
    c: Chrome,
    action: String,
    heading: String,
    people: Vec<(String, String)>,
    error: String,
}

async fn hand_over_form(app: &App, visitor: &Visitor, id: Id, error: Option<&AppError>) -> Answer {
    manages(&visitor.session).map_err(visitor.fail())?;
    let w = &visitor.session.caller.workspace;
    let all = app.everybody(w, "user").await.map_err(visitor.fail())?;
    let name = |p: &peyvand_record::Record| p.get(user::NAME).as_str().unwrap_or_default().to_owned();
    let Some(leaver) = all.iter().find(|p| p.id() == id) else {
        return Err(visitor.fail()(AppError::NotFound));
    };
    let heading = visitor.view.with(
        keys::PEOPLE_HAND_OVER_TITLE,
        &Args::new().text("name", name(leaver)),
    );
    let page = HandOverPage {
        action: format!("{HERE}/{id}/hand-over"),
        people: all
            .iter()
            .filter(|p| p.id() != id && *p.get(user::ACTIVE) != Value::Bool(false))
            .map(|p| (p.id().to_string(), name(p)))
            .collect(),
        error: match error {
            Some(AppError::Parameter { .. }) => visitor.view.t(keys::PEOPLE_HAND_OVER_CHOOSE),
            Some(e) => e.message(visitor.view.language),
            None => String::new(),
        },
        c: Chrome::of(visitor, &heading),
        heading,
    };
    Ok(html(error.map_or(StatusCode::OK, super::status_of), &page, false))
}

/// The page that asks to whom.
pub(crate) async fn hand_over_page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let id = id_of(&visitor, &id)?;
    hand_over_form(&app, &visitor, id, None).await
}

/// Hands a leaver over.
pub(crate) async fn hand_over(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Answer {
    let id = id_of(&visitor, &id)?;
    let to: Id = given.to.parse().unwrap_or(Id::NIL);
    match app.hand_over(&visitor.session.caller, id, to).await {
        Ok(done) => {
            let v = &visitor.view;
            let lead = if done.more {
                keys::PEOPLE_HANDED_MORE
            } else {
                keys::PEOPLE_HANDED_LEAD
            };
            let line = v.with(
                keys::PEOPLE_HANDED_COUNT,
                &Args::new().number("count", done.records as i64),
            );
            Ok(once(&visitor, keys::PEOPLE_HANDED_TITLE, lead, vec![line], HERE))
        }
        Err(e @ (AppError::LastAdministrator | AppError::Parameter { .. })) => {
            hand_over_form(&app, &visitor, id, Some(&e)).await
        }
        Err(e) => Err(visitor.fail()(e)),
    }
}
