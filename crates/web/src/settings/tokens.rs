//! Tokens of programs: what each may do and until when, made, shown once, taken back.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::tokens::NewToken;
use peyvand_app::{App, AppError};
use peyvand_calendar::zone;
use peyvand_catalog::ObjectDef;
use peyvand_core::{Id, Instant};
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::{Reach, Verb};

use crate::door::{Visitor, say};
use crate::form::{Typed, id_of};
use crate::shell::{Answer, Chrome, html};

/// What a token may be allowed of the records of an object: the word of its scope, its name, and the right behind it.
const VERBS: [(&str, Key, Verb); 4] = [
    ("read", keys::TOKENS_READ, Verb::Read),
    ("write", keys::TOKENS_WRITE, Verb::Update),
    ("delete", keys::TOKENS_DELETE, Verb::Delete),
    ("export", keys::TOKENS_EXPORT, Verb::Export),
];

struct Token {
    id: String,
    name: String,
    user: String,
    scopes: String,
    made: String,
    used: String,
    /// Until when; empty without an end.
    until: String,
    over: bool,
    revoked: bool,
}

/// An object with its boxes: the name of the input, its label, ticked.
struct Row {
    label: String,
    boxes: Vec<Option<(String, String, bool)>>,
}

#[derive(Default)]
struct Errors {
    name: String,
    scopes: String,
    expires: String,
}

impl Errors {
    fn none(&self) -> bool {
        self.name.is_empty() && self.scopes.is_empty() && self.expires.is_empty()
    }
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
    /// What it may do as a whole: value, label, chosen.
    wholes: Vec<(&'static str, String, bool)>,
    verbs: Vec<String>,
    rows: Vec<Row>,
    scopes: String,
    expires: String,
    /// A day as it is typed.
    example: String,
    errors: Errors,
}

fn offered(visitor: &Visitor) -> impl Iterator<Item = &Arc<ObjectDef>> {
    let caller = &visitor.session.caller;
    caller
        .workspace
        .catalog()
        .objects()
        .iter()
        .filter(|o| o.spine && caller.policy.reach(&o.key, Verb::Read) != Reach::None)
}

fn rows(visitor: &Visitor, typed: &Typed) -> Vec<Row> {
    let v = &visitor.view;
    offered(visitor)
        .map(|o| Row {
            label: v.label(&o.labels).to_owned(),
            boxes: VERBS
                .iter()
                .map(|(word, label, verb)| {
                    if visitor.session.caller.policy.reach(&o.key, *verb) == Reach::None {
                        return None;
                    }
                    let name = format!("scope:{}:{word}", o.plural);
                    let ticked = typed.contains_key(&name);
                    Some((name, format!("{}: {}", v.label(&o.labels), v.t(*label)), ticked))
                })
                .collect(),
        })
        .collect()
}

async fn show(
    app: &App,
    visitor: &Visitor,
    typed: &Typed,
    fresh: String,
    errors: Errors,
) -> Result<Response, AppError> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let lines = app.tokens(caller).await?;
    let people: Vec<Id> = lines.iter().map(|l| l.user).collect();
    let names = app
        .titles(caller, &HashMap::from([("user".to_owned(), people)]))
        .await?;
    let text = |k: &str| typed.get(k).cloned().unwrap_or_default();
    let whole = text("whole");
    let status = if errors.none() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
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
                until: l.expires_at.map(|at| v.instant(at)).unwrap_or_default(),
                over: l.expires_at.is_some_and(|at| at <= v.now),
                revoked: l.revoked_at.is_some(),
                name: l.name,
                scopes: l.scopes,
            })
            .collect(),
        name: text("name"),
        wholes: [
            ("", keys::TOKENS_SOME),
            ("*:read", keys::TOKENS_ALL_READ),
            ("*", keys::TOKENS_ALL),
        ]
        .map(|(value, label)| (value, v.t(label), value == whole))
        .to_vec(),
        verbs: VERBS.iter().map(|(_, label, _)| v.t(*label)).collect(),
        rows: rows(visitor, typed),
        scopes: text("scopes"),
        expires: text("expires"),
        example: v.date(v.today() + 90),
        c: Chrome::of(visitor, &v.t(keys::SETTINGS_TOKENS)),
        fresh,
        errors,
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// The tokens: one's own, for administrators all.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    show(&app, &visitor, &Typed::new(), String::new(), Errors::default())
        .await
        .map_err(visitor.fail())
}

/// The scopes that were ticked, chosen and typed.
fn scopes_of(typed: &Typed) -> Vec<String> {
    let whole = typed.get("whole").map(|s| s.trim()).filter(|s| !s.is_empty());
    let written = typed.get("scopes").map(String::as_str).unwrap_or_default();
    let mut all: Vec<String> = typed
        .keys()
        .filter_map(|k| k.strip_prefix("scope:"))
        .chain(written.split(|c: char| c.is_whitespace() || matches!(c, ',' | '،' | ';' | '؛')))
        .chain(whole)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Makes a token of one's own and shows it once.
pub(crate) async fn add(State(app): State<Arc<App>>, visitor: Visitor, Form(typed): Form<Typed>) -> Answer {
    let v = &visitor.view;
    let text = |k: &str| typed.get(k).map(|s| s.trim()).unwrap_or_default();
    let mut errors = Errors::default();
    if text("name").is_empty() {
        errors.name = v.t(keys::SETTINGS_NAME_MISSING);
    }
    let scopes = scopes_of(&typed);
    if scopes.is_empty() {
        errors.scopes = v.t(keys::TOKENS_NO_SCOPE);
    }
    let expires_at = match text("expires") {
        "" => None,
        day => {
            // A token works on its last day.
            let end = crate::agenda::moving::day_typed(&app, &visitor, day)
                .map(|d| Instant(zone::instant(d + 1, 0, &v.zone)));
            match end {
                None => errors.expires = v.t(keys::SETTINGS_LOG_DAY),
                Some(at) if at <= v.now => errors.expires = v.t(keys::TOKENS_PAST),
                Some(_) => {}
            }
            end
        }
    };
    if !errors.none() {
        return show(&app, &visitor, &typed, String::new(), errors)
            .await
            .map_err(visitor.fail());
    }
    let new = NewToken {
        name: text("name").to_owned(),
        scopes,
        expires_at,
        ..NewToken::default()
    };
    let made = app
        .issue_token(&visitor.session.caller, visitor.session.user.id(), &new)
        .await;
    let (typed, fresh) = match made {
        Ok((_, fresh)) => (Typed::new(), fresh),
        Err(AppError::Parameter {
            name: "scopes",
            value,
        }) => {
            errors.scopes = v.with(keys::TOKENS_BAD_SCOPE, &Args::new().word("scope", value));
            (typed, String::new())
        }
        Err(e) => return Err(visitor.fail()(e)),
    };
    show(&app, &visitor, &typed, fresh, errors)
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
