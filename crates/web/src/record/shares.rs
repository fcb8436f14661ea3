//! With whom a record is shared: people and teams beyond its owner's reach, what they may do, added and taken away.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use peyvand_app::{App, AppError, reading};
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{team, user};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Record, Value};

use crate::door::{Visitor, say};
use crate::form::{Typed, id_of};
use crate::shell::{Answer, Chrome, html};

/// Somebody with whom the record is shared.
struct Line {
    id: String,
    name: String,
    team: bool,
    may: String,
    since: String,
    off: String,
}

/// Ids and names, and whether one is chosen.
type Options = Vec<(String, String, bool)>;

#[derive(Template)]
#[template(path = "shares.html")]
struct SharesPage {
    c: Chrome,
    css: String,
    address: String,
    title: String,
    lines: Vec<Line>,
    may_share: bool,
    people: Options,
    teams: Options,
    may_change: bool,
    error: String,
}

/// Who works here, by id.
struct Names {
    /// Those who may come in.
    people: Vec<(Id, String)>,
    teams: Vec<(Id, String)>,
    all: HashMap<Id, String>,
}

impl Names {
    async fn read(app: &App, visitor: &Visitor) -> Result<Self, AppError> {
        let w = &visitor.session.caller.workspace;
        let users = app.everybody(w, user::OBJECT).await?;
        let named = |r: &Record, ix| (r.id(), r.get(ix).as_str().unwrap_or_default().to_owned());
        let all: Vec<(Id, String)> = users.iter().map(|u| named(u, user::NAME)).collect();
        let mut people: Vec<(Id, String)> = users
            .iter()
            .filter(|u| *u.get(user::ACTIVE) != Value::Bool(false))
            .map(|u| named(u, user::NAME))
            .collect();
        let found = app.everybody(w, team::OBJECT).await?;
        let mut teams: Vec<(Id, String)> = found.iter().map(|t| named(t, team::NAME)).collect();
        people.sort_by(|a, b| a.1.cmp(&b.1));
        teams.sort_by(|a, b| a.1.cmp(&b.1));
        Ok(Self {
            all: all.into_iter().chain(teams.iter().cloned()).collect(),
            people,
            teams,
        })
    }
}

/// The page of a record's shares.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
) -> Answer {
    let object = app
        .object(&visitor.session.caller, &plural)
        .map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    show(&app, &visitor, &object, id, &Typed::new(), String::new()).await
}

async fn show(
    app: &App,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    id: Id,
    typed: &Typed,
    error: String,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    if !object.ownable {
        return Err(visitor.fail()(AppError::NotFound));
    }
    let record = app.get(caller, object, id).await.map_err(visitor.fail())?;
    let shares = app.shares(caller, object, id).await.map_err(visitor.fail())?;
    let names = Names::read(app, visitor).await.map_err(visitor.fail())?;
    let mut lines: Vec<Line> = shares
        .iter()
        .map(|s| {
            let name = match names.all.get(&s.grantee) {
                Some(name) => name.clone(),
                None => v.t(keys::RECORD_SHARE_GONE),
            };
            Line {
                id: s.grantee.to_string(),
                team: s.kind == "team",
                may: v.t(if s.may_update {
                    keys::RECORD_SHARE_CHANGE
                } else {
                    keys::RECORD_SHARE_SEE
                }),
                since: v.ago(s.at),
                off: v.with(keys::RECORD_SHARE_OFF, &Args::new().text("name", name.as_str())),
                name,
            }
        })
        .collect();
    lines.sort_by(|a, b| (!a.team, &a.name).cmp(&(!b.team, &b.name)));
    let chosen = typed.get("with").map(String::as_str).unwrap_or_default();
    // Whose it is, and their team, see it in any case.
    let theirs = [system::OWNER_ID, system::TEAM_ID].map(|ix| record.get(ix).as_id());
    let options = |all: &[(Id, String)]| -> Options {
        all.iter()
            .filter(|(id, _)| !theirs.contains(&Some(*id)))
            .map(|(id, name)| (id.to_string(), name.clone(), id.to_string() == chosen))
            .collect()
    };
    let page = SharesPage {
        css: crate::assets::url("record.css"),
        address: format!("/{}/{}", object.plural, record.id()),
        title: reading::title(object, &record),
        lines,
        may_share: app
            .may_share(caller, object, record.id())
            .await
            .map_err(visitor.fail())?,
        people: options(&names.people),
        teams: options(&names.teams),
        may_change: typed.get("may").is_some_and(|m| m == "change"),
        c: Chrome::of(visitor, &v.t(keys::RECORD_SHARES)),
        error,
    };
    let status = if page.error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// Shares the record (`with` and `may`), or takes a share away (`off`); each with the way back in its address.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Query(asked): Query<Typed>,
    Form(mut given): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    let id = id_of(&visitor, &key)?;
    given.extend(asked);
    let get = |k: &str| given.get(k).map(|s| s.trim()).unwrap_or_default();
    let off = !get("off").is_empty();
    let grantee = match get(if off { "off" } else { "with" }).parse::<Id>() {
        Ok(grantee) => grantee,
        Err(_) if off => return Err(visitor.fail()(AppError::NotFound)),
        Err(_) => {
            let lacks = peyvand_i18n::text_of_code(visitor.view.language, "required", &Args::new());
            return show(&app, &visitor, &object, id, &given, lacks).await;
        }
    };
    let before = app
        .shares(caller, &object, id)
        .await
        .map_err(visitor.fail())?
        .into_iter()
        .find(|s| s.grantee == grantee);
    let wanted = (!off).then(|| get("may") == "change");
    match app.share(caller, &object, id, grantee, wanted).await {
        Ok(()) => {}
        Err(e @ AppError::Parameter { .. }) => {
            let said = e.message(visitor.view.language);
            return show(&app, &visitor, &object, id, &given, said).await;
        }
        Err(e) => return Err(visitor.fail()(e)),
    }
    let at = format!("/{plural}/{id}");
    let undo = match before {
        None => format!("{at}/shares?off={grantee}"),
        Some(s) => {
            let may = if s.may_update { "change" } else { "see" };
            format!("{at}/shares?with={grantee}&may={may}")
        }
    };
    let said = if off { "record-unshared" } else { "record-shared" };
    Ok(say(&at, said, &undo))
}
