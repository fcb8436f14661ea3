//! What the reader was told: a page by days, opening one, marking as read.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use peyvand_app::App;
use peyvand_app::notifications::{Notice, Work};
use peyvand_calendar::zone;
use peyvand_catalog::handles::notification;
use peyvand_core::Instant;
use peyvand_i18n::keys;
use peyvand_numbers::Language;
use serde::Deserialize;

use crate::door::{Visitor, encode, say};
use crate::form::id_of;
use crate::shell::{Answer, Chrome, html, icon};

/// Notifications of a page.
const PAGE: u32 = 50;
/// What is younger is told in the corner of a page, in microseconds.
const FRESH: i64 = 5 * 60 * Instant::SECOND;
/// Most that the corner tells at once.
const MOST_FRESH: u32 = 3;

/// What is asked of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    cursor: String,
}

struct Line {
    id: String,
    icon: &'static str,
    pigment: String,
    /// What it is about; the reader's words when it can no longer be seen.
    title: String,
    /// The title is a name of theirs, not a sentence of ours.
    own: bool,
    kind: String,
    who: String,
    ago: String,
    exact: String,
    unread: bool,
}

struct Day {
    name: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "notifications.html")]
struct NotificationsPage {
    c: Chrome,
    css: String,
    days: Vec<Day>,
    waiting: bool,
    older: String,
}

fn line(visitor: &Visitor, n: &Notice) -> Line {
    let v = &visitor.view;
    let catalog = visitor.session.caller.workspace.catalog();
    let kind = catalog
        .object(notification::OBJECT)
        .and_then(|def| def.at(notification::KIND))
        .and_then(|f| f.choice(&n.kind));
    let object = n
        .about
        .as_ref()
        .map(|a| a.object.as_str())
        .or(n.many.as_ref().map(|m| m.object.as_str()))
        .and_then(|key| catalog.object(key));
    let many = n.many.as_ref().zip(object).map(|(m, o)| v.counted(m.count, o));
    let title = match (&n.about, many, object) {
        (_, many, _) if n.ended.is_some() => ended(visitor, n, many),
        (Some(a), _, Some(o)) if a.title.is_empty() => v.label(&o.label).to_owned(),
        (Some(a), ..) => a.title.clone(),
        (None, Some(many), _) => many,
        _ => v.t(keys::NOTIFICATIONS_MISSING),
    };
    Line {
        id: n.id.to_string(),
        icon: object.map_or("bell", |o| icon(&o.icon)),
        pigment: kind
            .and_then(|c| c.color.clone())
            .unwrap_or_else(|| "clay".to_owned()),
        title,
        own: n.about.is_some(),
        kind: kind.map_or_else(
            || n.kind.clone(),
            |c| if v.language == Language::Fa { &c.fa } else { &c.en }.clone(),
        ),
        who: n
            .actor
            .as_ref()
            .map_or_else(|| v.t(keys::WEB_SYSTEM_ACTOR), |(_, name)| name.clone()),
        ago: v.ago(n.at),
        exact: v.instant(n.at),
        unread: n.read_at.is_none(),
    }
}

/// What ended, and what it was about.
fn ended(visitor: &Visitor, n: &Notice, many: Option<String>) -> String {
    let v = &visitor.view;
    let what = v.t(match n.ended.as_ref().map(|e| e.work) {
        Some(Work::BulkEdit) => keys::NOTIFICATIONS_WORK_BULK_EDIT,
        Some(Work::ExportTask) => keys::NOTIFICATIONS_WORK_EXPORT,
        _ => keys::NOTIFICATIONS_WORK_IMPORT,
    });
    match many {
        Some(many) => format!("{what}: {many}"),
        None => what,
    }
}

/// Where a notification leads; nowhere when what it is about is gone or hidden.
fn target(visitor: &Visitor, n: &Notice) -> Option<String> {
    let catalog = visitor.session.caller.workspace.catalog();
    if let Some(e) = &n.ended {
        return Some(match e.work {
            Work::Import => format!("/import/{}", e.id),
            Work::ImportTask => "/import".to_owned(),
            Work::ExportTask => "/export".to_owned(),
            Work::BulkEdit => format!("/bulk/{}", e.id),
        });
    }
    if let Some(a) = &n.about {
        return catalog
            .object(&a.object)
            .map(|o| format!("/{}/{}", o.plural, a.id));
    }
    let object = catalog.object(&n.many.as_ref()?.object)?;
    let me = visitor.session.user.id();
    let (filter, sort) = if n.kind == "overdue" {
        let open = "status in (open, in_progress, waiting)";
        let midnight = Instant(zone::instant(visitor.view.today(), 0, &visitor.view.zone));
        (
            format!("owner_id = \"{me}\" AND {open} AND due_at < \"{midnight}\""),
            "-due_at",
        )
    } else {
        (format!("owner_id = \"{me}\""), "-updated_at")
    };
    Some(format!(
        "/{}?filter={}&sort={sort}",
        object.plural,
        encode(&filter)
    ))
}

/// What came in the last minutes and was not read, for the corner of a page: id, text and where it leads. What is due is
/// told there with its time, by the look for reminders.
pub(crate) async fn fresh(app: &App, visitor: &Visitor) -> Vec<serde_json::Value> {
    let since = visitor.view.now.plus_micros(-FRESH);
    let found = app
        .notifications(&visitor.session.caller, true, MOST_FRESH, None)
        .await;
    let list = found.map(|n| n.list).unwrap_or_default();
    list.iter()
        .filter(|n| n.at >= since && n.kind != "due")
        .filter_map(|n| {
            let to = target(visitor, n)?;
            let line = line(visitor, n);
            let text = format!("{}: {}", line.kind, line.title);
            Some(serde_json::json!({"id": line.id, "to": to, "text": text}))
        })
        .collect()
}

/// The page.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let cursor = Some(asked.cursor.as_str()).filter(|c| !c.is_empty());
    let found = app
        .notifications(caller, false, PAGE, cursor)
        .await
        .map_err(visitor.fail())?;
    let mut days: Vec<(i32, Day)> = Vec::new();
    for n in &found.list {
        let day = zone::day_of(n.at.micros(), &v.zone);
        if days.last().is_none_or(|(d, _)| *d != day) {
            let name = v.long_date(day);
            days.push((
                day,
                Day {
                    name,
                    lines: Vec::new(),
                },
            ));
        }
        if let Some((_, d)) = days.last_mut() {
            d.lines.push(line(&visitor, n));
        }
    }
    let c = Chrome::of(&visitor, &v.t(keys::NOTIFICATIONS_TITLE));
    let page = NotificationsPage {
        css: crate::assets::url("record.css"),
        days: days.into_iter().map(|(_, d)| d).collect(),
        waiting: !c.unread.is_empty(),
        older: found
            .next
            .map(|c| format!("/notifications?cursor={}", encode(&c)))
            .unwrap_or_default(),
        c,
    };
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Opens what a notification is about; it counts as read then, so that no link does it.
pub(crate) async fn open(State(app): State<Arc<App>>, visitor: Visitor, Path(key): Path<String>) -> Answer {
    let caller = &visitor.session.caller;
    let id = id_of(&visitor, &key)?;
    let n = app.read_notification(caller, id).await.map_err(visitor.fail())?;
    let to = target(&visitor, &n);
    Ok(match to {
        Some(to) => Redirect::to(&to).into_response(),
        None => say("/notifications", "notifications-gone", ""),
    })
}

/// Marks one as read.
pub(crate) async fn read(State(app): State<Arc<App>>, visitor: Visitor, Path(key): Path<String>) -> Answer {
    let id = id_of(&visitor, &key)?;
    app.read_notification(&visitor.session.caller, id)
        .await
        .map_err(visitor.fail())?;
    Ok(Redirect::to("/notifications").into_response())
}

/// Marks all as read.
pub(crate) async fn read_all(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    app.read_notifications(&visitor.session.caller)
        .await
        .map_err(visitor.fail())?;
    Ok(say("/notifications", "notifications-marked", ""))
}
