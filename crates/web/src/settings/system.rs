//! What administrators watch: background jobs; and everybody's tokens.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::{App, AppError};
use peyvand_core::{Id, Instant};
use peyvand_i18n::keys;

use super::administrator;
use crate::door::{Visitor, say};
use crate::form::{Typed, id_of};
use crate::shell::{Answer, Chrome, checked, html};

struct Job {
    id: String,
    kind: String,
    state: String,
    pigment: &'static str,
    attempts: String,
    when: String,
    error: String,
    dead: bool,
}

#[derive(Template)]
#[template(path = "settings_jobs.html")]
struct JobsPage {
    c: Chrome,
    css: String,
    states: Vec<(String, String, bool)>,
    jobs: Vec<Job>,
}

/// Background jobs, dead letters first.
pub(crate) async fn jobs(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(asked): Query<Typed>,
) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let v = &visitor.view;
    let states = [
        ("dead", keys::SETTINGS_JOB_DEAD, "anar"),
        ("running", keys::SETTINGS_JOB_RUNNING, "lapis"),
        ("waiting", keys::SETTINGS_JOB_WAITING, "saffron"),
        ("done", keys::SETTINGS_JOB_DONE, "pistachio"),
    ];
    let wanted = states
        .iter()
        .map(|(k, ..)| *k)
        .find(|k| asked.get("state").is_some_and(|s| s == k));
    let mut lines = app
        .jobs(visitor.session.caller.workspace.id, wanted)
        .await
        .map_err(visitor.fail())?;
    lines.sort_by_key(|l| (l.state != "dead", std::cmp::Reverse(l.run_at)));
    lines.truncate(200);
    let mut tabs = vec![(
        "/settings/jobs".to_owned(),
        v.t(keys::COMMON_ALL),
        wanted.is_none(),
    )];
    tabs.extend(states.iter().map(|(key, label, _)| {
        (
            format!("/settings/jobs?state={key}"),
            v.t(*label),
            wanted == Some(*key),
        )
    }));
    let page = JobsPage {
        css: crate::assets::url("record.css"),
        states: tabs,
        jobs: lines
            .into_iter()
            .map(|l| {
                let state = states.iter().find(|(k, ..)| *k == l.state);
                Job {
                    state: state.map(|(_, key, _)| v.t(*key)).unwrap_or_default(),
                    pigment: state.map_or("clay", |(_, _, p)| *p),
                    attempts: v.number(l.attempts),
                    when: v.instant(Instant(l.run_at)),
                    error: l.error.unwrap_or_default(),
                    dead: l.state == "dead",
                    id: l.id,
                    kind: l.kind,
                }
            })
            .collect(),
        c: Chrome::of(&visitor, &v.t(keys::SETTINGS_JOBS)),
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Tries a dead letter again.
pub(crate) async fn retry(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    app.retry_job(visitor.session.caller.workspace.id, id)
        .await
        .map_err(visitor.fail())?;
    Ok(say("/settings/jobs", "settings-retried", ""))
}

struct Token {
    id: String,
    name: String,
    user: String,
    scopes: String,
    made: String,
    used: String,
    dead: bool,
}

#[derive(Template)]
#[template(path = "settings_tokens.html")]
struct TokensPage {
    c: Chrome,
    css: String,
    tokens: Vec<Token>,
    /// The text of a token that was just made; shown once.
    fresh: String,
    name: String,
    scopes: String,
    error: String,
}

async fn tokens_page(
    app: &App,
    visitor: &Visitor,
    typed: &Typed,
    fresh: String,
    error: String,
) -> Result<Response, AppError> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let lines = app.tokens(caller).await?;
    let people: Vec<Id> = lines.iter().map(|l| l.user).collect();
    let names = app
        .titles(caller, &HashMap::from([("user".to_owned(), people)]))
        .await?;
    let page = TokensPage {
        css: crate::assets::url("record.css"),
        tokens: lines
            .into_iter()
            .map(|l| Token {
                id: l.id.to_string(),
                user: names.get(&l.user).cloned().unwrap_or_default(),
                made: v.ago(l.created_at),
                used: l
                    .used_at
                    .map_or_else(|| v.t(keys::SETTINGS_NEVER), |at| v.ago(at)),
                dead: l.revoked_at.is_some(),
                name: l.name,
                scopes: l.scopes,
            })
            .collect(),
        name: typed.get("name").cloned().unwrap_or_default(),
        scopes: typed.get("scopes").cloned().unwrap_or_else(|| "*".to_owned()),
        c: Chrome::of(visitor, &v.t(keys::SETTINGS_TOKENS)),
        fresh,
        error,
    };
    Ok(checked(&page, &page.error, visitor.said.is_some()))
}

/// The tokens: one's own, for administrators all.
pub(crate) async fn tokens(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    tokens_page(&app, &visitor, &Typed::new(), String::new(), String::new())
        .await
        .map_err(visitor.fail())
}

/// Makes a token of one's own and shows it once.
pub(crate) async fn add_token(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Answer {
    let v = &visitor.view;
    let name = typed.get("name").map(|s| s.trim()).unwrap_or_default();
    let scopes: Vec<String> = typed
        .get("scopes")
        .map(|s| s.split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default();
    if name.is_empty() || scopes.is_empty() {
        let error = v.t(keys::SETTINGS_NAME_MISSING);
        return tokens_page(&app, &visitor, &typed, String::new(), error)
            .await
            .map_err(visitor.fail());
    }
    let new = peyvand_app::tokens::NewToken {
        name: name.to_owned(),
        scopes,
        ..peyvand_app::tokens::NewToken::default()
    };
    let (_, fresh) = app
        .issue_token(&visitor.session.caller, visitor.session.user.id(), &new)
        .await
        .map_err(visitor.fail())?;
    tokens_page(&app, &visitor, &Typed::new(), fresh, String::new())
        .await
        .map_err(visitor.fail())
}

/// Takes a token back.
pub(crate) async fn revoke(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let id = id_of(&visitor, &id)?;
    app.revoke_token(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    Ok(say("/settings/tokens", "settings-saved", ""))
}
