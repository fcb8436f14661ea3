//! The log of the workspace: who did what, when, by which road, and from what to what; narrowed by each of these.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use peyvand_app::App;
use peyvand_app::oversight::{LogFilter, LogLine};
use peyvand_calendar::zone;
use peyvand_catalog::{Class, ObjectDef};
use peyvand_core::{Id, Instant};
use peyvand_i18n::{Key, keys};
use serde_json::Value as Json;

use super::words::{self, ACTIONS, ROADS};
use crate::door::{Visitor, encode};
use crate::form::Typed;
use crate::record::story;
use crate::shell::{Answer, Chrome, html};

/// Entries of a page.
const ENTRIES: u32 = 50;

struct Entry {
    when: String,
    exact: String,
    who: String,
    via: String,
    what: String,
    object: String,
    to: String,
    /// What is no change of a field: words.
    detail: String,
    /// The labels of the fields that were changed.
    fields: String,
    /// Label, before, after.
    changes: Vec<(String, String, String)>,
}

/// What can be chosen for a part of the question: its name, its label, and value, label and state of each choice.
struct Choice {
    name: &'static str,
    label: String,
    options: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "settings_log.html")]
struct LogPage {
    c: Chrome,
    css: String,
    choices: Vec<Choice>,
    from: String,
    until: String,
    asked: bool,
    error: String,
    entries: Vec<Entry>,
    older: String,
}

/// The two sides of a change, as the log keeps them.
fn sides(told: &Json) -> Option<[&Json; 2]> {
    match told.as_array()?.as_slice() {
        [before, after] => Some([before, after]),
        _ => None,
    }
}

fn entry(visitor: &Visitor, l: &LogLine, titles: &HashMap<Id, String>) -> Entry {
    let v = &visitor.view;
    let object = visitor.session.caller.workspace.catalog().object(&l.object);
    let told = l.detail.as_ref().and_then(Json::as_object);
    let (mut changes, mut others) = (Vec::new(), Vec::new());
    for (key, what) in told.into_iter().flatten() {
        // What is sensitive is looked at on the record, where looking is written down.
        let open = |o: &ObjectDef| {
            let class = o.field(key).map(|(_, f)| f.class);
            !matches!(class, Some(Class::Sensitive | Class::Secret))
        };
        let change = object
            .filter(|o| open(o))
            .zip(sides(what))
            .and_then(|(o, [a, b])| story::change(visitor, o, key, a, b, titles));
        match (change, what) {
            (Some(change), _) => changes.push(change),
            (None, what) => {
                let words = words::detail(v, key, what).unwrap_or_else(|| match what {
                    Json::String(text) if !text.is_empty() => text.clone(),
                    _ => field_label(visitor, object.map(AsRef::as_ref), key),
                });
                if !words.is_empty() {
                    others.push(words);
                }
            }
        }
    }
    let comma = if v.dir() == "rtl" { "، " } else { ", " };
    Entry {
        when: v.ago(l.at),
        exact: v.instant(l.at),
        who: l
            .actor
            .and_then(|id| titles.get(&id).cloned())
            .unwrap_or_else(|| v.t(keys::WEB_SYSTEM_ACTOR)),
        via: words::said(v, &ROADS, &l.via),
        what: words::said(v, &ACTIONS, &l.action),
        object: object.map_or_else(|| words::subject(v, &l.object), |o| v.label(&o.label).to_owned()),
        to: object
            .map(|o| format!("/{}/{}", o.plural, l.record))
            .unwrap_or_default(),
        detail: others.join(comma),
        fields: changes
            .iter()
            .map(|c| c.0.as_str())
            .collect::<Vec<_>>()
            .join(comma),
        changes,
    }
}

fn field_label(visitor: &Visitor, object: Option<&ObjectDef>, key: &str) -> String {
    object.and_then(|o| o.field(key)).map_or_else(
        || key.to_owned(),
        |(_, f)| visitor.view.label(&f.label).to_owned(),
    )
}

/// A day as it was typed: when it begins.
fn day(app: &App, visitor: &Visitor, text: &str, after: i32) -> Result<Option<Instant>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    crate::agenda::moving::day_typed(app, visitor, text)
        .map(|d| Some(Instant(zone::instant(d + after, 0, &visitor.view.zone))))
        .ok_or_else(|| visitor.view.t(keys::SETTINGS_LOG_DAY))
}

/// The log, newest first.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(asked): Query<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let get = |key: &str| asked.get(key).map(|s| s.trim()).unwrap_or_default();
    let some = |key: &str| Some(get(key)).filter(|s| !s.is_empty()).map(str::to_owned);
    let before: Option<Id> = get("before").parse().ok();
    let mut error = String::new();
    let mut read = |key: &str, after: i32| match day(&app, &visitor, get(key), after) {
        Ok(at) => at,
        Err(e) => {
            error = e;
            None
        }
    };
    let wanted = LogFilter {
        actor: match get("who") {
            "system" => Some(Id::NIL),
            who => who.parse().ok(),
        },
        action: some("what"),
        object: some("on"),
        via: some("via"),
        from: read("from", 0),
        until: read("until", 1),
    };
    let lines = app
        .log_of_workspace(caller, &wanted, before, ENTRIES)
        .await
        .map_err(visitor.fail())?;
    let catalog = caller.workspace.catalog();
    let mut names: HashMap<String, Vec<Id>> = HashMap::new();
    for l in &lines {
        names.entry("user".to_owned()).or_default().extend(l.actor);
        let told = l.detail.as_ref().and_then(Json::as_object);
        for (key, what) in told.into_iter().flatten() {
            if let Some((o, both)) = catalog.object(&l.object).zip(sides(what)) {
                story::named(o, key, both, &mut names);
            }
        }
    }
    let titles = app.titles(caller, &names).await.map_err(visitor.fail())?;
    let kept: String = ["who", "what", "on", "via", "from", "until"]
        .iter()
        .filter(|k| !get(k).is_empty())
        .map(|k| format!("{k}={}&", encode(get(k))))
        .collect();
    let older = match lines.last() {
        Some(l) if lines.len() >= ENTRIES as usize => format!("/settings/log?{kept}before={}", l.id),
        _ => String::new(),
    };
    let choice = |name: &'static str, label: Key, list: Vec<(String, String)>| Choice {
        name,
        label: v.t(label),
        options: list
            .into_iter()
            .map(|(key, label)| {
                let on = key == get(name);
                (key, label, on)
            })
            .collect(),
    };
    let said = |list: &[(&str, Key)]| {
        let all = list.iter().map(|(k, label)| ((*k).to_owned(), v.t(*label)));
        all.collect::<Vec<_>>()
    };
    let mut people = crate::list::people(&app, &visitor).await;
    people.push(("system".to_owned(), v.t(keys::WEB_SYSTEM_ACTOR)));
    let objects = catalog.objects().iter();
    let objects = objects.map(|o| (o.key.clone(), v.label(&o.label).to_owned()));
    let page = LogPage {
        css: crate::assets::url("record.css"),
        choices: vec![
            choice("who", keys::SETTINGS_WHO, people),
            choice("what", keys::SETTINGS_WHAT, said(&ACTIONS)),
            choice("on", keys::SETTINGS_ON, objects.collect()),
            choice("via", keys::SETTINGS_VIA, said(&ROADS)),
        ],
        from: get("from").to_owned(),
        until: get("until").to_owned(),
        asked: !kept.is_empty(),
        error,
        entries: lines.iter().map(|l| entry(&visitor, l, &titles)).collect(),
        older,
        c: Chrome::of(&visitor, &v.t(keys::SETTINGS_LOG)),
    };
    let status = if page.error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(html(status, &page, visitor.said.is_some()))
}
