//! People: coming in and going out, one's own account, the people of a workspace and their rights.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod entry;
pub(crate) mod links;
pub(crate) mod members;

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use peyvand_app::{App, AppError};
use peyvand_i18n::{Args, Key, keys};

use self::entry::Given;
use crate::door::{Visitor, language};
use crate::shell::{Chrome, html};
use crate::view::Viewer;

/// An input of a page of the door.
struct Input {
    name: &'static str,
    label: String,
    kind: &'static str,
    value: String,
    complete: &'static str,
    help: String,
    error: String,
    /// What is chosen from, where nothing is typed: value, text, chosen.
    options: Vec<(String, String, bool)>,
    /// What is typed is the name of a time zone: offered by the browser, which may also put in its own.
    zone: Option<&'static str>,
}

/// A page outside: one form, or a sentence that says why there is none.
#[derive(Template)]
#[template(path = "door.html")]
struct DoorPage {
    c: Chrome,
    heading: String,
    lead: String,
    action: &'static str,
    hidden: Vec<(&'static str, String)>,
    inputs: Vec<Input>,
    error: String,
    usable: bool,
    button: String,
}

impl DoorPage {
    fn new(
        app: &App,
        headers: &HeaderMap,
        heading: Key,
        lead: Key,
        action: &'static str,
        button: Key,
    ) -> Self {
        let v = Viewer::stranger(app, language(headers));
        Self {
            heading: v.t(heading),
            lead: v.t(lead),
            action,
            hidden: Vec::new(),
            inputs: Vec::new(),
            error: String::new(),
            usable: true,
            button: v.t(button),
            c: Chrome::outside(v.clone(), &v.t(heading)),
        }
    }

    fn hide(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.hidden.push((name, value.to_owned()));
        }
        self
    }

    fn input(
        mut self,
        name: &'static str,
        label: Key,
        kind: &'static str,
        value: &str,
        complete: &'static str,
    ) -> Self {
        self.inputs.push(Input {
            name,
            label: self.c.t(label),
            kind,
            value: value.to_owned(),
            complete,
            help: String::new(),
            error: String::new(),
            options: Vec::new(),
            zone: None,
        });
        self
    }

    /// A choice among values with their texts.
    fn choice(
        self,
        name: &'static str,
        label: Key,
        chosen: &str,
        options: impl Iterator<Item = (String, String)>,
    ) -> Self {
        let mut page = self.input(name, label, "choice", chosen, "off");
        if let Some(i) = page.inputs.last_mut() {
            i.options = options
                .map(|(value, text)| {
                    let on = value == chosen;
                    (value, text, on)
                })
                .collect();
        }
        page
    }

    /// The name of a time zone; `own` lets the browser put its own in.
    fn zone(self, value: &str, own: bool) -> Self {
        let mut page = self.input("time_zone", keys::SETTINGS_ZONE, "text", value, "off");
        if let Some(i) = page.inputs.last_mut() {
            i.zone = Some(if own { "own" } else { "" });
        }
        page
    }

    fn help(mut self, text: String) -> Self {
        if let Some(i) = self.inputs.last_mut() {
            i.help = text;
        }
        self
    }

    fn email(self, value: &str) -> Self {
        self.input("email", keys::COMMON_EMAIL, "email", value, "username")
    }

    fn code(self) -> Self {
        let help = self.c.t(keys::PEOPLE_CODE_HELP);
        self.input("code", keys::PEOPLE_CODE, "text", "", "one-time-code")
            .help(help)
    }

    /// The page with what is missing said beside each input, or the page as it is when nothing is.
    fn complete(mut self, given: &Given) -> Result<Self, Response> {
        let mut lacking = false;
        for i in &mut self.inputs {
            if given.of(i.name).trim().is_empty() {
                i.error = peyvand_i18n::text_of_code(self.c.v.language, "required", &Args::new());
                lacking = true;
            }
        }
        if lacking {
            return Err(html(StatusCode::UNPROCESSABLE_ENTITY, &self, false));
        }
        Ok(self)
    }

    /// The page with what went wrong, beside its input where it has one.
    fn refused(mut self, e: &AppError) -> Response {
        let mut told = 0;
        let wrong: &[_] = if let AppError::Invalid(errors) = e {
            errors
        } else {
            &[]
        };
        for error in wrong {
            if let Some(i) = self.inputs.iter_mut().find(|i| i.name == error.field) {
                i.error = error.message(self.c.v.language);
                told += 1;
            }
        }
        if told == 0 || told < wrong.len() {
            self.error = e.message(self.c.v.language);
        }
        html(status_of(e), &self, false)
    }

    /// The page that says that a link no longer works.
    fn dead(mut self) -> Response {
        self.error = self.c.t(keys::WEB_LINK_DEAD);
        self.usable = false;
        html(StatusCode::NOT_FOUND, &self, false)
    }

    fn show(&self) -> Response {
        html(StatusCode::OK, self, false)
    }
}

/// The status of a form that was not taken.
fn status_of(e: &AppError) -> StatusCode {
    match e {
        AppError::Unauthenticated => StatusCode::UNPROCESSABLE_ENTITY,
        e => crate::shell::status(e),
    }
}

/// Something that is shown once: a link, recovery codes.
#[derive(Template)]
#[template(path = "shown_once.html")]
struct ShownOnce {
    c: Chrome,
    heading: String,
    lead: String,
    lines: Vec<String>,
    back: &'static str,
}

fn once(visitor: &Visitor, heading: Key, lead: Key, lines: Vec<String>, back: &'static str) -> Response {
    let v = &visitor.view;
    let page = ShownOnce {
        heading: v.t(heading),
        lead: v.t(lead),
        lines,
        back,
        c: Chrome::of(visitor, &v.t(heading)),
    };
    html(StatusCode::OK, &page, false)
}
