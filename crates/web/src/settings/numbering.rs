//! How orders and products are numbered when nobody gives them a number.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::numbering::NUMBERED;
use peyvand_app::{App, AppError};
use peyvand_domain::numbering::{GREATEST, Numbering, NumberingError};
use peyvand_i18n::keys;
use peyvand_numbers::digits;

use super::administrator;
use crate::door::{Visitor, say};
use crate::form::Typed;
use crate::shell::{Answer, Chrome, html, icon};

struct Line {
    object: String,
    label: String,
    field: String,
    icon: &'static str,
    on: bool,
    prefix: String,
    width: String,
    next: String,
    /// The next number as it will be written; empty when it is switched off.
    example: String,
    /// Errors of prefix, width and next number.
    errors: [String; 3],
}

#[derive(Template)]
#[template(path = "settings_numbering.html")]
struct NumberingPage {
    c: Chrome,
    css: String,
    lines: Vec<Line>,
}

/// What was typed for an object, and what is wrong with it.
struct Wrong<'t> {
    typed: &'t Typed,
    error: NumberingError,
}

async fn show(app: &App, visitor: &Visitor, wrong: Option<Wrong<'_>>) -> Result<Response, AppError> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let catalog = caller.workspace.catalog();
    let mut lines = Vec::new();
    for mut n in app.numberings(&caller.workspace).await? {
        n.next = app.next_number(&caller.workspace, &n).await?;
        let Some(def) = catalog.object(n.object) else {
            continue;
        };
        let field = NUMBERED
            .iter()
            .find(|(key, _)| *key == n.object)
            .and_then(|(_, ix)| def.at(*ix));
        let how = n.how.clone().unwrap_or(Numbering {
            prefix: String::new(),
            width: 5,
        });
        let mut line = Line {
            object: n.object.to_owned(),
            label: v.label(&def.labels).to_owned(),
            field: field.map(|f| v.label(&f.label).to_owned()).unwrap_or_default(),
            icon: icon(&def.icon),
            on: n.how.is_some(),
            example: n.how.map(|h| v.in_digits(&h.text(n.next))).unwrap_or_default(),
            prefix: how.prefix,
            width: how.width.to_string(),
            next: n.next.to_string(),
            errors: Default::default(),
        };
        if let Some(w) = wrong
            .as_ref()
            .filter(|w| w.typed.get("object") == Some(&line.object))
        {
            let typed = |k: &str| w.typed.get(k).cloned().unwrap_or_default();
            line.on = true;
            line.prefix = typed("prefix");
            line.width = typed("width");
            line.next = typed("next");
            let [prefix, width, next] = &mut line.errors;
            match w.error {
                NumberingError::Prefix => *prefix = v.t(keys::NUMBERING_BAD_PREFIX),
                NumberingError::Width => *width = v.t(keys::NUMBERING_BAD_WIDTH),
                NumberingError::Next => *next = v.t(keys::NUMBERING_BAD_NEXT),
            }
        }
        lines.push(line);
    }
    let page = NumberingPage {
        css: crate::assets::url("record.css"),
        lines,
        c: Chrome::of(visitor, &v.t(keys::NUMBERING_TITLE)),
    };
    let status = if wrong.is_none() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

/// The numberings.
pub(crate) async fn page(State(app): State<Arc<App>>, visitor: Visitor) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    show(&app, &visitor, None).await.map_err(visitor.fail())
}

/// What was typed: the numbering and its next number.
fn read(typed: &Typed) -> Result<(Numbering, i64), NumberingError> {
    let text = |k: &str| {
        typed
            .get(k)
            .map(|s| digits::to_ascii(s.trim()).into_owned())
            .unwrap_or_default()
    };
    let width = text("width").parse().map_err(|_| NumberingError::Width)?;
    let how = Numbering::new(&text("prefix"), width)?;
    let next = text("next")
        .parse()
        .ok()
        .filter(|n| (1..=GREATEST).contains(n))
        .ok_or(NumberingError::Next)?;
    Ok((how, next))
}

/// Saves one.
pub(crate) async fn save(State(app): State<Arc<App>>, visitor: Visitor, Form(typed): Form<Typed>) -> Answer {
    administrator(&visitor).map_err(visitor.fail())?;
    let object = typed.get("object").map_or("", String::as_str);
    let how = if typed.contains_key("on") {
        match read(&typed) {
            Ok(how) => Some(how),
            Err(error) => {
                let wrong = Wrong { typed: &typed, error };
                return show(&app, &visitor, Some(wrong)).await.map_err(visitor.fail());
            }
        }
    } else {
        None
    };
    app.set_numbering(&visitor.session.caller, object, how)
        .await
        .map_err(visitor.fail())?;
    app.forget_sessions();
    Ok(say("/settings/numbering", "settings-saved", ""))
}
