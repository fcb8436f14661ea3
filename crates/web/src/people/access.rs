//! The simulator: what can this person see and do here, and why.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use peyvand_app::access::Why;
use peyvand_app::rights::Source;
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::user;
use peyvand_core::Id;
use peyvand_i18n::{Key, keys};
use peyvand_record::{FieldRule, Reach, Verb};
use serde::Deserialize;

use crate::door::Visitor;
use crate::shell::{Answer, Chrome, html};

/// What is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    user: String,
    object: String,
    record: String,
}

struct Line {
    label: String,
    verbs: Vec<(String, String)>,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "access.html")]
struct AccessPage {
    c: Chrome,
    users: Vec<(String, String, bool)>,
    objects: Vec<(String, String, bool)>,
    asked: Asked,
    verbs: Vec<String>,
    lines: Vec<Line>,
    record: Vec<(String, String, String)>,
    summary: String,
    error: String,
}

/// The name of a verb.
pub(crate) fn verb(v: Verb) -> Key {
    match v {
        Verb::Read => keys::PEOPLE_VERB_READ,
        Verb::Create => keys::PEOPLE_VERB_CREATE,
        Verb::Update => keys::PEOPLE_VERB_UPDATE,
        Verb::Delete => keys::PEOPLE_VERB_DELETE,
        Verb::Export => keys::PEOPLE_VERB_EXPORT,
    }
}

/// The name of a reach.
pub(crate) fn reach(r: Reach) -> Key {
    match r {
        Reach::None => keys::PEOPLE_REACH_NONE,
        Reach::Own => keys::PEOPLE_REACH_OWN,
        Reach::Team => keys::PEOPLE_REACH_TEAM,
        Reach::TeamAndBelow => keys::PEOPLE_REACH_BELOW,
        Reach::All => keys::PEOPLE_REACH_ALL,
    }
}

fn source(s: Source) -> Key {
    match s {
        Source::Everything => keys::PEOPLE_BECAUSE_EVERYTHING,
        Source::Object => keys::PEOPLE_BECAUSE_OBJECT,
        Source::Default => keys::PEOPLE_BECAUSE_DEFAULT,
        Source::Settings => keys::PEOPLE_BECAUSE_SETTINGS,
        Source::Personal => keys::PEOPLE_BECAUSE_PERSONAL,
        Source::Parent | Source::Parents => keys::PEOPLE_WHY_PARENT,
        Source::Seen => keys::PEOPLE_BECAUSE_SEEN,
        Source::Nothing => keys::PEOPLE_BECAUSE_NOTHING,
    }
}

fn why(w: Why) -> Key {
    match w {
        Why::Inactive => keys::PEOPLE_WHY_INACTIVE,
        Why::Everything => keys::PEOPLE_BECAUSE_EVERYTHING,
        Why::All => keys::PEOPLE_REACH_ALL,
        Why::Own => keys::PEOPLE_WHY_OWN,
        Why::Team => keys::PEOPLE_WHY_TEAM,
        Why::TeamBelow => keys::PEOPLE_WHY_BELOW,
        Why::Share => keys::PEOPLE_WHY_SHARE,
        Why::TeamShare => keys::PEOPLE_WHY_TEAM_SHARE,
        Why::Parent => keys::PEOPLE_WHY_PARENT,
        Why::Shown => keys::PEOPLE_WHY_SHOWN,
        Why::Unseen => keys::PEOPLE_WHY_UNSEEN,
        Why::NoRight => keys::PEOPLE_WHY_NO_RIGHT,
        Why::OutOfReach => keys::PEOPLE_WHY_OUT_OF_REACH,
    }
}

/// The name of a rule.
pub(crate) fn rule(r: FieldRule) -> Key {
    match r {
        FieldRule::Hidden => keys::PEOPLE_RULE_HIDDEN,
        FieldRule::ReadOnly => keys::PEOPLE_RULE_READ_ONLY,
        FieldRule::Masked => keys::PEOPLE_RULE_MASKED,
    }
}

/// The record that a text names: its id alone, or its address as it is copied from above the page, which also says of which
/// kind it is.
fn record_in(text: &str) -> (Option<&str>, Option<Id>) {
    let path = text.trim().split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').filter(|p| !p.is_empty()).peekable();
    while let Some(part) = parts.next() {
        if let Ok(id) = part.parse() {
            return (None, Some(id));
        }
        if let Some(id) = parts.peek().and_then(|next| next.parse().ok()) {
            return (Some(part), Some(id));
        }
    }
    (None, None)
}

/// The page.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(mut asked): Query<Asked>,
) -> Answer {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let w = &caller.workspace;
    let me = visitor.session.user.id();
    let nobody = || visitor.fail()(AppError::NotFound);
    let whom: Id = match asked.user.trim() {
        "" => me,
        user => user.parse().map_err(|_| nobody())?,
    };
    let mut object = match asked.object.trim() {
        "" => None,
        key => Some(w.catalog().object(key).ok_or_else(nobody)?),
    };
    let mut wrong = String::new();
    let mut record: Option<Id> = None;
    if !asked.record.trim().is_empty() {
        let (plural, id) = record_in(&asked.record);
        // The address of a record says of which kind it is.
        if let Some(named) = plural.and_then(|p| w.catalog().by_plural(p)) {
            object = Some(named);
            asked.object.clone_from(&named.key);
        }
        match (id, object) {
            (Some(_), Some(_)) => record = id,
            (Some(_), None) => wrong = v.t(keys::PEOPLE_RECORD_KIND),
            (None, _) => wrong = v.t(keys::PEOPLE_RECORD_UNREAD),
        }
    }
    let everybody = app.everybody(w, "user").await.map_err(visitor.fail())?;
    let manages = caller.policy.reach("user", Verb::Update) == Reach::All;
    let users = everybody
        .iter()
        .filter(|u| manages || u.id() == me)
        .map(|u| {
            (
                u.id().to_string(),
                u.get(user::NAME).as_str().unwrap_or_default().to_owned(),
                u.id() == whom,
            )
        })
        .collect();
    let found = app.access(caller, whom, object.map(AsRef::as_ref), record).await;
    let (access, error) = match found {
        Ok(a) => (a, wrong),
        Err(AppError::NotFound) if record.is_some() => (
            app.access(caller, whom, object.map(AsRef::as_ref), None)
                .await
                .map_err(visitor.fail())?,
            v.t(keys::ERROR_NOT_FOUND),
        ),
        Err(e) => return Err(visitor.fail()(e)),
    };
    let lines = access
        .objects
        .iter()
        .filter_map(|o| {
            let def = w.catalog().object(&o.object)?;
            Some(Line {
                label: v.label(&def.labels).to_owned(),
                verbs: o
                    .verbs
                    .iter()
                    .map(|x| match x.because {
                        // No one word holds for all of them.
                        Source::Parents => (String::new(), v.t(source(x.because))),
                        _ => (v.t(reach(x.reach)), v.t(source(x.because))),
                    })
                    .collect(),
                fields: o
                    .fields
                    .iter()
                    .filter_map(|f| {
                        let (_, field) = def.field(&f.field)?;
                        Some((v.label(&field.label).to_owned(), v.t(rule(f.rule))))
                    })
                    .collect(),
            })
        })
        .collect();
    let page = AccessPage {
        users,
        objects: w
            .catalog()
            .objects()
            .iter()
            .map(|o| {
                (
                    o.key.clone(),
                    v.label(&o.labels).to_owned(),
                    o.key == asked.object,
                )
            })
            .collect(),
        asked,
        verbs: Verb::ALL.iter().map(|x| v.t(verb(*x))).collect(),
        lines,
        record: access
            .record
            .iter()
            .flat_map(|r| &r.verbs)
            .map(|x| {
                let may = if x.allowed { keys::WEB_YES } else { keys::WEB_NO };
                (v.t(verb(x.verb)), v.t(may), v.t(why(x.because)))
            })
            .collect(),
        summary: [access.name, access.role_name.unwrap_or_default()]
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        error,
        c: Chrome::of(&visitor, &v.t(keys::PEOPLE_ACCESS_TITLE)),
    };
    let status = if page.error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(html(status, &page, false))
}
