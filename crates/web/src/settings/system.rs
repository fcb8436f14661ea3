//! What administrators watch: background jobs.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use peyvand_app::App;
use peyvand_core::Instant;
use peyvand_i18n::keys;

use super::administrator;
use crate::door::{Visitor, say};
use crate::form::{Typed, id_of};
use crate::shell::{Answer, Chrome, html};

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
                    kind: super::words::job(v, &l.kind),
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
