//! What is found while typing: for the palette (places, actions, records) and for inputs of links.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use peyvand_app::{App, Caller, ListRequest, reading};
use peyvand_catalog::Writes;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Reach, Verb};
use peyvand_text::fold;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::door::{Visitor, encode};
use crate::shell::{Answer, icon};

/// Objects that the palette searches, in their order.
const SEARCHED: [&str; 4] = ["contact", "company", "deal", "product"];
/// Most places and actions of one answer.
const ACTIONS: usize = 6;
/// Longest text that is looked for, in characters.
const LONGEST: usize = 200;

/// What was typed.
#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    q: String,
}

async fn found(app: &App, caller: &Caller, key: &str, q: &str, limit: u32) -> Vec<Value> {
    let Some(object) = caller.workspace.catalog().object(key) else {
        return Vec::new();
    };
    if caller.policy.reach(key, Verb::Read) == Reach::None {
        return Vec::new();
    }
    let request = ListRequest {
        q: Some(q.to_owned()).filter(|q| !q.trim().is_empty()),
        limit: Some(limit),
        ..ListRequest::default()
    };
    match app.list(caller, object, &request).await {
        Ok(l) => l
            .records
            .iter()
            .map(|r| {
                json!({"id": r.id().to_string(), "title": reading::title(object, r),
                       "to": format!("/{}/{}", object.plural, r.id()), "icon": icon(&object.icon)})
            })
            .collect(),
        Err(e) => {
            tracing::debug!("lookup: {e}");
            Vec::new()
        }
    }
}

/// A place or an action of the palette.
struct Action {
    title: String,
    /// Words by which it is also found, folded.
    also: String,
    value: Value,
}

/// How well an action fits what was typed (both folded): the smaller the better; `None` when it does not.
fn rank(title: &str, also: &str, typed: &str) -> Option<u32> {
    let starts = |text: &str| text.starts_with(typed);
    let word_starts = |text: &str| text.split(' ').any(starts);
    // Where one writes a half-space another writes a space, or nothing.
    let glued = |text: &str| text.replace(' ', "");
    if glued(title) == glued(typed) {
        Some(0)
    } else if glued(title).starts_with(&glued(typed)) {
        Some(1)
    } else if word_starts(title) {
        Some(2)
    } else if typed
        .split(' ')
        .all(|t| title.split(' ').any(|w| w.starts_with(t)))
    {
        Some(3)
    } else if word_starts(also) {
        Some(4)
    } else if typed.chars().count() > 2 && title.contains(typed) {
        Some(5)
    } else {
        None
    }
}

/// All places and actions of this person.
fn actions(visitor: &Visitor) -> Vec<Action> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let mut out = Vec::new();
    let mut put = |title: String, also: &str, value: Value| {
        out.push(Action {
            also: fold(also),
            title,
            value,
        });
    };
    put(
        v.t(keys::NAV_HOME),
        "home خانه",
        json!({"to": "/", "icon": "home", "key": "G H"}),
    );
    for o in caller.workspace.catalog().objects() {
        if !o.spine || o.writes == Writes::UseCase || caller.policy.reach(&o.key, Verb::Read) == Reach::None {
            continue;
        }
        let names = format!("{} {} {} {}", o.labels.fa, o.labels.en, o.label.fa, o.label.en);
        let sign = icon(&o.icon);
        put(
            v.label(&o.labels).to_owned(),
            &names,
            json!({"to": format!("/{}", o.plural), "icon": sign}),
        );
        if o.writes == Writes::Generic && App::writable(caller, o, Verb::Create).is_ok() {
            let title = v.new_of(&o.label);
            let also = format!("new تازه {names}");
            put(
                title,
                &also,
                json!({"to": format!("/{}/new", o.plural), "icon": "plus"}),
            );
        }
    }
    put(
        v.t(keys::SHELL_DEALS_BOARD),
        "board kanban تخته تابلو",
        json!({"to": "/deals/board", "icon": "board", "key": "G B"}),
    );
    put(
        v.t(keys::LIST_QUICK_TITLE),
        "lead quick سرنخ",
        json!({"to": "/quick", "icon": "user", "key": "L"}),
    );
    put(
        v.t(keys::BIN_TITLE),
        "bin trash restore سطل",
        json!({"to": "/bin", "icon": "trash"}),
    );
    put(
        v.t(keys::NOTIFICATIONS_TITLE),
        "notifications inbox bell اعلان",
        json!({"to": "/notifications", "icon": "bell"}),
    );
    put(
        v.t(keys::WEB_PREFS_TITLE),
        "preferences settings ترجیح",
        json!({"to": "/preferences", "icon": "gear"}),
    );
    let here = |key: &str, value: &str| json!({"to": "/", key: value});
    let dark = v.theme == "dark";
    put(
        v.t(keys::WEB_THEME_TOGGLE),
        "dark light theme تاریک روشن",
        json!({"post": "/preferences", "with": here("theme", if dark { "light" } else { "dark" }), "icon": "sun"}),
    );
    let other = if v.tag() == "fa" { "en" } else { "fa" };
    put(
        v.t(keys::WEB_OTHER_LANGUAGE),
        "language زبان english فارسی",
        json!({"post": "/preferences", "with": here("language", other), "icon": "globe"}),
    );
    put(
        v.t(keys::COMMON_SIGN_OUT),
        "sign out logout خروج",
        json!({"post": "/sign-out", "icon": "out"}),
    );
    out
}

/// The palette: the best places and actions, then records by object, then the same search in the lists.
pub(crate) async fn palette(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Response {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let q: String = typed.q.trim().chars().take(LONGEST).collect();
    if q.is_empty() {
        return plain(&json!({ "groups": [] }));
    }
    let folded = fold(&q);
    let mut ranked: Vec<(u32, Action)> = actions(&visitor)
        .into_iter()
        .filter_map(|a| Some((rank(&fold(&a.title), &a.also, &folded)?, a)))
        .collect();
    ranked.sort_by_key(|(n, a)| (*n, a.title.chars().count()));
    ranked.truncate(ACTIONS);
    let best = ranked.first().map_or(u32::MAX, |(n, _)| *n);
    let go: Vec<Value> = ranked
        .into_iter()
        .map(|(_, a)| {
            let mut value = a.value;
            value["title"] = a.title.into();
            // A sentence of ours runs the way of the page, whatever word stands first in it.
            value["own"] = true.into();
            value
        })
        .collect();
    let go = json!({"label": v.t(keys::WEB_PAL_GO), "items": go});
    let [a, b, c, d] = SEARCHED;
    let (a, b, c, d) = tokio::join!(
        found(&app, caller, a, &q, 5),
        found(&app, caller, b, &q, 5),
        found(&app, caller, c, &q, 5),
        found(&app, caller, d, &q, 5)
    );
    let mut groups = Vec::new();
    // What is called exactly so stands above the records, what only sounds like it below.
    if best <= 1 {
        groups.push(go.clone());
    }
    for (key, items) in SEARCHED.into_iter().zip([a, b, c, d]) {
        if let Some(o) = caller.workspace.catalog().object(key)
            && !items.is_empty()
        {
            groups.push(json!({"label": v.label(&o.labels), "items": items}));
        }
    }
    if best > 1 {
        groups.push(go);
    }
    let everywhere: Vec<Value> = SEARCHED
        .iter()
        .filter_map(|key| caller.workspace.catalog().object(key))
        .filter(|o| caller.policy.reach(&o.key, Verb::Read) != Reach::None)
        .map(|o| {
            let said = Args::new()
                .text("query", q.clone())
                .text("objects", v.label(&o.labels));
            // What was typed is said as it was typed, whatever digits the reader has chosen for those of the program.
            let title = peyvand_i18n::text(v.language, keys::SHELL_SEARCH_IN, &said);
            json!({"title": title, "to": format!("/{}?q={}", o.plural, encode(&q)), "icon": "search", "own": true})
        })
        .collect();
    groups.push(json!({"label": v.t(keys::COMMON_SEARCH), "items": everywhere}));
    plain(&json!({ "groups": groups }))
}

/// What the frame of a page asks for after the page: the views that this person has pinned.
pub(crate) async fn shell(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let caller = &visitor.session.caller;
    let pins: Vec<Value> = crate::list::views::all(&app, caller, None)
        .await
        .unwrap_or_default()
        .into_iter()
        .filter(|s| s.mine && s.pinned)
        .filter_map(|s| {
            let o = caller.workspace.catalog().object(&s.object)?;
            Some(json!({"title": s.name, "to": format!("/{}?view={}", o.plural, s.id)}))
        })
        .collect();
    plain(&json!({ "pins": pins }))
}

/// Records of one object.
pub(crate) async fn records(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(object): Path<String>,
    Query(typed): Query<Typed>,
) -> Answer {
    let q: String = typed.q.chars().take(LONGEST).collect();
    let items = found(&app, &visitor.session.caller, &object, &q, 8).await;
    Ok(plain(&json!({ "items": items })))
}

/// An answer for scripts in which no reader, however wrong, finds markup.
fn plain(json: &Value) -> Response {
    let kind = [(axum::http::header::CONTENT_TYPE, "application/json")];
    (kind, json.to_string().replace('<', "\\u003c")).into_response()
}

#[cfg(test)]
mod tests {
    use super::rank;
    use peyvand_text::fold;

    #[test]
    fn the_nearest_name_comes_first_in_either_spelling() {
        let of = |title: &str, typed: &str| rank(&fold(title), "", &fold(typed));
        assert_eq!(of("معامله‌ها", "معامله ها"), Some(0));
        assert_eq!(of("شرکت‌ها", "شركت"), Some(1));
        assert_eq!(of("مخاطب تازه", "تازه"), Some(2));
        assert_eq!(of("New deal", "DEAL"), Some(2));
        assert_eq!(of("New deal", "de ne"), Some(3));
        assert_eq!(of("Companies", "zzz"), None);
    }
}
