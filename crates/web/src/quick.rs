//! A lead in three fields and one key: who, how to reach them, what they want. With a deal at once, or later from the
//! contact, in one step.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::{contact, deal};
use peyvand_i18n::{Args, keys};
use peyvand_record::codec::{self, FieldError, Mode};
use peyvand_record::{Value, Verb};

use crate::door::{Visitor, say_undo};
use crate::form::id_of;
use crate::form::read::{called, edge};
use crate::shell::{self, Answer, Chrome, html};
use crate::view::Viewer;

#[derive(Template)]
#[template(path = "quick.html")]
#[expect(clippy::struct_excessive_bools, reason = "independent properties of a page")]
struct QuickPage {
    c: Chrome,
    name: String,
    reach: String,
    wish: String,
    may_deal: bool,
    may_phone: bool,
    may_mail: bool,
    may_wish: bool,
    name_error: String,
    reach_error: String,
    wish_error: String,
    problem: String,
}

impl QuickPage {
    /// Which field takes the focus: the first with something to mend.
    fn first(&self) -> &'static str {
        let all = [
            ("name", &self.name_error),
            ("reach", &self.reach_error),
            ("wish", &self.wish_error),
        ];
        all.iter()
            .find(|(_, e)| !e.is_empty())
            .map_or("name", |(k, _)| *k)
    }

    /// Says of what was typed what is wrong with it. The form has one input for what the record keeps in two fields, so that
    /// an error calls the input as the form does; what is about no input of the form stands above it.
    fn refuse(&mut self, v: &Viewer, list: Vec<FieldError>) {
        let mut rest = Vec::new();
        for e in list {
            let (said, label) = match e.field.as_str() {
                "name" => (&mut self.name_error, keys::LIST_QUICK_NAME),
                "emails" | "phones" => (&mut self.reach_error, keys::LIST_QUICK_REACH),
                "description" => (&mut self.wish_error, keys::LIST_QUICK_WISH),
                _ => {
                    rest.push(e.message(v.language));
                    continue;
                }
            };
            *said = called(e, label).message(v.language);
        }
        self.problem = rest.join("\n");
    }
}

fn page_of(visitor: &Visitor, given: &HashMap<String, String>) -> QuickPage {
    let get = |k: &str| given.get(k).map(|s| s.trim().to_owned()).unwrap_or_default();
    let caller = &visitor.session.caller;
    let may_deal = caller
        .workspace
        .catalog()
        .object("deal")
        .is_some_and(|d| App::writable(caller, d, Verb::Create).is_ok());
    // A rule of a role on a field leaves nothing to enter there.
    let free = |ix| caller.policy.field(contact::OBJECT, ix).is_none();
    QuickPage {
        c: Chrome::of(visitor, &visitor.view.t(keys::LIST_QUICK_TITLE)),
        name: get("name"),
        reach: get("reach"),
        wish: get("wish"),
        may_deal,
        may_phone: free(contact::PHONES),
        may_mail: free(contact::EMAILS),
        may_wish: free(contact::DESCRIPTION),
        name_error: String::new(),
        reach_error: String::new(),
        wish_error: String::new(),
        problem: String::new(),
    }
}

/// The form.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(given): Query<HashMap<String, String>>,
) -> Answer {
    let caller = &visitor.session.caller;
    let contacts = app.object(caller, "contacts").map_err(visitor.fail())?;
    App::writable(caller, &contacts, Verb::Create).map_err(visitor.fail())?;
    let page = page_of(&visitor, &given);
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Makes the contact, and the deal when it was asked for.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(given): Form<HashMap<String, String>>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let contacts = app.object(caller, "contacts").map_err(visitor.fail())?;
    App::writable(caller, &contacts, Verb::Create).map_err(visitor.fail())?;
    let mut page = page_of(&visitor, &given);
    let edge = edge(&app, &visitor, Mode::Create);
    let mut values = Vec::new();
    let mut wrong = Vec::new();
    let read = |ix, text: &str| {
        let field = contacts.at(ix);
        field.map_or(Ok(Value::Null), |f| codec::parse_text(f, text, &edge))
    };
    let mut nameless = false;
    match read(contact::NAME, &page.name) {
        Ok(Value::Null) => nameless = true,
        Ok(name) => values.push((contact::NAME, name)),
        Err(e) => wrong.push(e),
    }
    if !page.may_phone && !page.may_mail {
        page.reach.clear();
    }
    if !page.may_wish {
        page.wish.clear();
    }
    if !page.reach.is_empty() {
        let ix = if page.reach.contains('@') {
            contact::EMAILS
        } else {
            contact::PHONES
        };
        let (free, only) = if ix == contact::EMAILS {
            (page.may_mail, keys::LIST_QUICK_ONLY_PHONE)
        } else {
            (page.may_phone, keys::LIST_QUICK_ONLY_MAIL)
        };
        if !free {
            page.reach_error = v.t(only);
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page, false));
        }
        match read(ix, &page.reach) {
            Ok(x) => values.push((ix, x)),
            Err(e) => wrong.push(e),
        }
    }
    if !page.wish.is_empty() {
        values.push((contact::DESCRIPTION, Value::Text(page.wish.as_str().into())));
    }
    if nameless || !wrong.is_empty() {
        page.refuse(v, wrong);
        if nameless {
            page.name_error = peyvand_i18n::text_of_code(v.language, "required", &Args::new());
        }
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page, false));
    }
    let done = if given.get("deal").is_some_and(|d| d == "1") && page.may_deal {
        let name = if page.wish.is_empty() {
            v.with(
                keys::LIST_QUICK_DEAL,
                &Args::new().text("name", page.name.clone()),
            )
        } else {
            page.wish.chars().take(120).collect()
        };
        let values_of_deal = vec![(deal::NAME, Value::Text(name.into()))];
        app.lead_to_deal(caller, Some(values), None, values_of_deal)
            .await
            .map(|(_, d)| (format!("/deals/{}", d.id()), format!("/deals/{}/delete", d.id())))
    } else {
        app.create_values(caller, &contacts, values, None).await.map(|r| {
            (
                format!("/contacts/{}", r.id()),
                format!("/contacts/{}/delete", r.id()),
            )
        })
    };
    match done {
        Ok((to, undo)) => Ok(say_undo(&to, "web-created", &undo, 0)),
        Err(e) => {
            let status = shell::status(&e);
            match e {
                AppError::Invalid(list) => page.refuse(v, list),
                e => page.problem = e.message(v.language),
            }
            Ok(html(status, &page, false))
        }
    }
}

/// Makes a deal of a contact in one step and goes there.
pub(crate) async fn convert(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let contacts = app.object(caller, "contacts").map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let person = app.get(caller, &contacts, id).await.map_err(visitor.fail())?;
    let name = peyvand_app::reading::title(&contacts, &person);
    let title = v.with(keys::LIST_QUICK_DEAL, &Args::new().text("name", name));
    let values = vec![(deal::NAME, Value::Text(title.into()))];
    let (_, made) = app
        .lead_to_deal(caller, None, Some(id), values)
        .await
        .map_err(|e: AppError| shell::failure(&e, v.language))?;
    let undo = format!("/deals/{}/delete", made.id());
    Ok(say_undo(
        &format!("/deals/{}", made.id()),
        "web-created",
        &undo,
        0,
    ))
}
