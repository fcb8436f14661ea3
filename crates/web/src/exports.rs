//! The export centre: files of what one may take out, written in the background and kept to fetch.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use peyvand_app::pieces::Pieces;
use peyvand_app::tasks::TaskLine;
use peyvand_app::{App, AppError};
use peyvand_catalog::ObjectDef;
use peyvand_core::Instant;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Reach, Verb};
use serde::Deserialize;

use crate::door::{Visitor, say};
use crate::form::id_of;
use crate::record::files::download;
use crate::shell::{Answer, Chrome, checked};

/// So many of the newest files are listed.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "export.html")]
struct ExportPage {
    c: Chrome,
    css: String,
    js: String,
    objects: Vec<(String, String, bool)>,
    formats: [(&'static str, String); 4],
    filter: String,
    files: Vec<Made>,
    /// Something is still on its way: the page looks again by itself.
    busy: bool,
    error: String,
}

/// A file that was asked for.
struct Made {
    to: String,
    object: String,
    format: String,
    filter: String,
    state: String,
    when: String,
    exact: String,
}

/// What is asked of an export.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    object: String,
    filter: String,
    format: String,
}

/// May the visitor take out records of this object now?
fn may_export(visitor: &Visitor, object: &ObjectDef) -> bool {
    let policy = &visitor.session.caller.policy;
    let reaches = |verb| policy.reach(&object.key, verb) != Reach::None;
    reaches(Verb::Export) && reaches(Verb::Read)
}

fn made(visitor: &Visitor, line: &TaskLine) -> Made {
    let v = &visitor.view;
    let at = line.created_at.parse::<Instant>().unwrap_or_default();
    let def = visitor.session.caller.workspace.catalog().by_plural(&line.object);
    let object = def.map_or_else(|| line.object.clone(), |o| v.label(&o.labels).to_owned());
    let done = line.progress["done"].as_i64().unwrap_or_default();
    let records = v.with(keys::EXPORT_RECORDS, &Args::new().number("count", done));
    let (state, to) = match line.state.as_str() {
        "done" if def.is_some_and(|o| may_export(visitor, o)) => (records, format!("/export/{}", line.id)),
        "done" => (v.t(keys::EXPORT_NO_LONGER), String::new()),
        "failed" => {
            let said = line.progress["error"]["message"][v.tag()].as_str();
            let text = said.map_or_else(|| v.t(keys::EXPORT_FAILED), str::to_owned);
            (text, String::new())
        }
        "running" => (
            format!("{} · {records}", v.t(keys::EXPORT_RUNNING)),
            String::new(),
        ),
        _ => (v.t(keys::EXPORT_WAITING), String::new()),
    };
    Made {
        to,
        object,
        format: line.task.format.to_uppercase(),
        filter: line.task.filter.clone().unwrap_or_default(),
        state,
        when: v.ago(at),
        exact: v.instant(at),
    }
}

async fn export_page(app: &App, visitor: &Visitor, wanted: &Wanted, error: String) -> Answer {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let tasks = app.tasks(caller, "export-task").await.map_err(visitor.fail())?;
    let busy = |t: &TaskLine| matches!(t.state.as_str(), "queued" | "running");
    let page = ExportPage {
        busy: tasks.iter().any(busy),
        files: tasks.iter().take(SHOWN).map(|t| made(visitor, t)).collect(),
        css: crate::assets::url("record.css"),
        objects: caller
            .workspace
            .catalog()
            .objects()
            .iter()
            .filter(|o| may_export(visitor, o))
            .map(|o| {
                (
                    o.plural.clone(),
                    v.label(&o.labels).to_owned(),
                    o.plural == wanted.object || (wanted.object.is_empty() && o.key == "contact"),
                )
            })
            .collect(),
        js: crate::assets::url("import.js"),
        formats: [
            ("xlsx", "Excel (XLSX)".to_owned()),
            ("csv", "CSV".to_owned()),
            ("ndjson", "NDJSON".to_owned()),
            ("vcf", v.t(keys::EXPORT_VCARD)),
        ],
        filter: wanted.filter.clone(),
        c: Chrome::of(visitor, &v.t(keys::EXPORT_TITLE)),
        error,
    };
    Ok(checked(&page, &page.error, visitor.said.is_some()))
}

/// Asks for a file: a job writes it, and tells when it is there.
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(wanted): Form<Wanted>,
) -> Answer {
    let filter = Some(wanted.filter.trim()).filter(|f| !f.is_empty());
    let begun = app
        .begin_export(&visitor.session.caller, &wanted.object, filter, &wanted.format)
        .await;
    match begun {
        Ok(_) => Ok(say("/export", "export-begun", "")),
        Err(AppError::Parameter { name: "format", .. }) if wanted.format == "vcf" => {
            let error = visitor.view.t(keys::EXPORT_VCARD_ONLY);
            export_page(&app, &visitor, &wanted, error).await
        }
        Err(e @ (AppError::Filter(_) | AppError::Parameter { .. })) => {
            export_page(&app, &visitor, &wanted, e.message(visitor.view.language)).await
        }
        Err(e) => Err(visitor.fail()(e)),
    }
}

/// A file that was written.
pub(crate) async fn file(State(app): State<Arc<App>>, visitor: Visitor, Path(key): Path<String>) -> Answer {
    let id = id_of(&visitor, &key)?;
    let found = app
        .exported(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    let media = match found.name.rsplit('.').next() {
        Some("csv") => "text/csv; charset=utf-8",
        Some("ndjson") => "application/x-ndjson",
        Some("vcf") => "text/vcard; charset=utf-8",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let pieces = Pieces::of(found.content, 0, found.size);
    Ok(download(pieces, &found.name, media))
}

/// The export centre.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(wanted): Query<Wanted>,
) -> Answer {
    export_page(&app, &visitor, &wanted, String::new()).await
}
