//! A lead in three fields and one key: who, how to reach them, what they want. With a deal at once, or later from the
//! contact, in one step. What the firm itself made required of contacts and deals is asked for beside them.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::{contact, deal};
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_i18n::{Args, keys};
use peyvand_record::codec::{self, FieldError, Mode};
use peyvand_record::{Value, Verb};

use crate::door::{Visitor, encode, say_undo};
use crate::form::inputs::{Input, choices_of, editable, input};
use crate::form::read::{called, edge, read as read_fields};
use crate::form::{Typed, id_of};
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
    /// What the firm requires of a contact.
    of_contact: Vec<Input>,
    /// What it requires of a deal.
    of_deal: Vec<Input>,
}

/// The names of the inputs of a firm's own fields begin so; it may call its fields as it likes.
const CONTACT: &str = "contact.";
/// The same of deals.
const DEAL: &str = "deal.";

/// The fields that the firm itself made required, and that have no value of their own accord.
fn required(visitor: &Visitor, object: &ObjectDef) -> Vec<FieldIx> {
    let mut all = editable(&visitor.session.caller, object);
    all.retain(|ix| {
        object
            .at(*ix)
            .is_some_and(|f| f.custom && f.required && f.default.is_none())
    });
    all
}

/// What was typed for the fields of one of the two.
fn typed_for(given: &Typed, prefix: &str) -> Typed {
    given
        .iter()
        .filter_map(|(k, x)| Some((k.strip_prefix(prefix)?.to_owned(), x.clone())))
        .collect()
}

/// The inputs of a firm's own required fields.
async fn own_inputs(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    prefix: &str,
    given: &Typed,
) -> Vec<Input> {
    let fields = required(visitor, object);
    let small = choices_of(app, &visitor.session.caller, object, &fields).await;
    let (typed, none) = (typed_for(given, prefix), HashMap::new());
    fields
        .into_iter()
        .filter_map(|ix| object.at(ix))
        .map(|f| {
            let mut one = input(&visitor.view, f, &typed, &none, &none, &small);
            one.key.insert_str(0, prefix);
            for part in &mut one.parts {
                part.name.insert_str(0, prefix);
            }
            one
        })
        .collect()
}

impl QuickPage {
    /// Says beside a firm's own field what is wrong with it; `false` when the form has no such input.
    fn tell_own(&mut self, key: &str, text: &str) -> bool {
        let all = self.of_contact.iter_mut().chain(&mut self.of_deal);
        let found = all
            .filter(|i| i.key == key)
            .map(|i| text.clone_into(&mut i.error));
        found.count() > 0
    }

    /// Which field takes the focus: the first with something to mend.
    fn first(&self) -> &'static str {
        let all = [
            ("name", &self.name_error),
            ("reach", &self.reach_error),
            ("wish", &self.wish_error),
        ];
        let own = self.of_contact.iter().chain(&self.of_deal);
        let mend = own.filter(|i| !i.error.is_empty()).count();
        all.iter()
            .find(|(_, e)| !e.is_empty())
            .map_or(if mend > 0 { "" } else { "name" }, |(k, _)| *k)
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
                key => {
                    let said = e.message(v.language);
                    let own = [CONTACT, DEAL].map(|p| format!("{p}{key}"));
                    if !own.iter().any(|key| self.tell_own(key, &said)) {
                        rest.push(said);
                    }
                    continue;
                }
            };
            *said = called(e, label).message(v.language);
        }
        self.problem = rest.join("\n");
    }
}

async fn page_of(app: &App, visitor: &Visitor, given: &Typed) -> QuickPage {
    let get = |k: &str| given.get(k).map(|s| s.trim().to_owned()).unwrap_or_default();
    let caller = &visitor.session.caller;
    let catalog = caller.workspace.catalog();
    let deals = catalog
        .object("deal")
        .filter(|d| App::writable(caller, d, Verb::Create).is_ok());
    let of_contact = match catalog.object(contact::OBJECT) {
        Some(object) => own_inputs(app, visitor, object, CONTACT, given).await,
        None => Vec::new(),
    };
    let of_deal = match deals {
        Some(object) => own_inputs(app, visitor, object, DEAL, given).await,
        None => Vec::new(),
    };
    // A rule of a role on a field leaves nothing to enter there.
    let free = |ix| caller.policy.field(contact::OBJECT, ix).is_none();
    QuickPage {
        c: Chrome::of(visitor, &visitor.view.t(keys::LIST_QUICK_TITLE)),
        name: get("name"),
        reach: get("reach"),
        wish: get("wish"),
        may_deal: deals.is_some(),
        may_phone: free(contact::PHONES),
        may_mail: free(contact::EMAILS),
        may_wish: free(contact::DESCRIPTION),
        name_error: String::new(),
        reach_error: String::new(),
        wish_error: String::new(),
        problem: String::new(),
        of_contact,
        of_deal,
    }
}

/// The form.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Query(given): Query<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let contacts = app.object(caller, "contacts").map_err(visitor.fail())?;
    App::writable(caller, &contacts, Verb::Create).map_err(visitor.fail())?;
    let page = page_of(&app, &visitor, &given).await;
    Ok(html(StatusCode::OK, &page, visitor.said.is_some()))
}

/// Makes the contact, and the deal when it was asked for.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Form(given): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let contacts = app.object(caller, "contacts").map_err(visitor.fail())?;
    App::writable(caller, &contacts, Verb::Create).map_err(visitor.fail())?;
    let mut page = page_of(&app, &visitor, &given).await;
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
    let with_deal = given.get("deal").is_some_and(|d| d == "1") && page.may_deal;
    let mut values_of_deal = Vec::new();
    let mut own_wrong = false;
    for (plural, prefix) in [("contacts", CONTACT), ("deals", DEAL)] {
        if prefix == DEAL && !with_deal {
            continue;
        }
        let object = app.object(caller, plural).map_err(visitor.fail())?;
        let (fields, typed) = (required(&visitor, &object), typed_for(&given, prefix));
        let (read, errors) = read_fields(&app, &visitor, &object, &fields, &typed, Mode::Create).await;
        for (key, text) in errors {
            own_wrong |= page.tell_own(&format!("{prefix}{key}"), &text);
        }
        if prefix == DEAL {
            values_of_deal = read;
        } else {
            values.extend(read);
        }
    }
    if nameless || own_wrong || !wrong.is_empty() {
        page.refuse(v, wrong);
        if nameless {
            page.name_error = peyvand_i18n::text_of_code(v.language, "required", &Args::new());
        }
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page, false));
    }
    let done = if with_deal {
        let name = if page.wish.is_empty() {
            v.with(
                keys::LIST_QUICK_DEAL,
                &Args::new().text("name", page.name.clone()),
            )
        } else {
            page.wish.chars().take(120).collect()
        };
        values_of_deal.push((deal::NAME, Value::Text(name.into())));
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

/// Makes a deal of a contact in one step and goes there; to its form when the firm requires more of a deal than is known.
pub(crate) async fn convert(State(app): State<Arc<App>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let contacts = app.object(caller, "contacts").map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let person = app.get(caller, &contacts, id).await.map_err(visitor.fail())?;
    let name = peyvand_app::reading::title(&contacts, &person);
    let title = v.with(keys::LIST_QUICK_DEAL, &Args::new().text("name", name));
    let deals = app.object(caller, "deals").map_err(visitor.fail())?;
    if !required(&visitor, &deals).is_empty() {
        let company = match person.get(contact::COMPANY_ID).as_id() {
            Some(company) => format!("&company_id={company}"),
            None => String::new(),
        };
        let form = format!("/deals/new?contact_id={id}{company}&name={}", encode(&title));
        return Ok(Redirect::to(&form).into_response());
    }
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
