//! Forms of every object: made, changed; errors beside the field, what was typed kept, conflicts shown with both values.

pub(crate) mod inline;
pub(crate) mod inputs;
pub(crate) mod read;
pub(crate) mod repeat;
mod shown;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::{App, AppError};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::codec::Mode;
use peyvand_record::{Record, Value, Verb};

use self::inputs::{Input, Small, choices_of, editable, input, target_of, typed_of};
use self::read::{read, refusals};
use crate::door::{Visitor, say};
use crate::fields;
use crate::shell::{self, Answer, Chrome, html};
use crate::view::Viewer;

pub(crate) type Typed = HashMap<String, String>;

/// A group of inputs.
struct Section {
    label: String,
    inputs: Vec<Input>,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage {
    c: Chrome,
    heading: String,
    icon: &'static str,
    action: String,
    back: String,
    /// Where to go once the record is made; empty for its own page.
    to: String,
    version: String,
    sections: Vec<Section>,
    problem: String,
    conflict: bool,
    /// Mark and label of the fields with something to mend.
    mend: Vec<(String, String)>,
}

/// Where a form leads when it is done: a path of this site, or nothing.
fn way_back(typed: &Typed) -> String {
    match typed.get("to").map(|to| crate::door::safe_path(to)) {
        Some(to) if to != "/" => to.to_owned(),
        _ => String::new(),
    }
}

/// The label of a section.
pub(crate) fn section_label(v: &Viewer, name: Option<&str>) -> String {
    v.t(section_key(name.unwrap_or("main")).unwrap_or(keys::WEB_SECTION_OTHER))
}

/// What a section of the shipped objects is called; those of a firm's own are called "more".
fn section_key(name: &str) -> Option<Key> {
    Some(match name {
        "main" => keys::WEB_SECTION_MAIN,
        "contact" => keys::WEB_SECTION_CONTACT,
        "address" => keys::WEB_SECTION_ADDRESS,
        "business" => keys::WEB_SECTION_BUSINESS,
        "about" => keys::WEB_SECTION_ABOUT,
        "forecast" => keys::WEB_SECTION_FORECAST,
        "dates" => keys::WEB_SECTION_DATES,
        "outcome" => keys::WEB_SECTION_OUTCOME,
        "schedule" => keys::WEB_SECTION_SCHEDULE,
        "system" => keys::WEB_SECTION_SYSTEM,
        "insight" => keys::WEB_SECTION_INSIGHT,
        "proof" => keys::WEB_SECTION_PROOF,
        "preferences" => keys::WEB_SECTION_PREFERENCES,
        "rules" => keys::WEB_SECTION_RULES,
        "totals" => keys::WEB_SECTION_TOTALS,
        "legal" => keys::WEB_SECTION_LEGAL,
        "price" => keys::WEB_SECTION_PRICE,
        "personal" => keys::WEB_SECTION_PERSONAL,
        "details" => keys::WEB_SECTION_DETAILS,
        "delivery" => keys::WEB_SECTION_DELIVERY,
        "credit" => keys::WEB_SECTION_CREDIT,
        "tax" => keys::WEB_SECTION_TAX,
        "structure" => keys::WEB_SECTION_STRUCTURE,
        "cost" => keys::WEB_SECTION_COST,
        "security" => keys::WEB_SECTION_SECURITY,
        _ => return None,
    })
}

/// What a form page is about.
pub(crate) struct About<'a> {
    pub(crate) object: &'a ObjectDef,
    pub(crate) record: Option<(Id, i64)>,
    pub(crate) typed: Typed,
    pub(crate) errors: HashMap<String, String>,
    pub(crate) theirs: HashMap<String, String>,
    /// The texts of the record of which the form is about; `None` when it comes back as it was sent and says itself what it
    /// showed.
    pub(crate) shown: Option<Typed>,
    pub(crate) problem: String,
    /// Only this field.
    pub(crate) only: Option<FieldIx>,
}

/// The input of a field, with what it shows.
pub(crate) fn one_input(v: &Viewer, f: &FieldDef, about: &About<'_>, small: &Small) -> Input {
    let mut one = input(v, f, &about.typed, &about.errors, &about.theirs, small);
    let none = HashMap::new();
    one.was = match &about.shown {
        _ if about.record.is_none() => String::new(),
        Some(texts) => shown::of_input(&input(v, f, texts, &none, &none, small), texts),
        None => about.typed.get(&shown::name(&f.key)).cloned().unwrap_or_default(),
    };
    one
}

pub(crate) async fn render(app: &App, visitor: &Visitor, about: About<'_>, status: StatusCode) -> Response {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = about.object;
    let mut fields = editable(caller, object);
    fields.retain(|ix| about.only.is_none_or(|only| only == *ix));
    let small = choices_of(app, caller, object, &fields).await;
    let mut sections: Vec<(String, Section)> = Vec::new();
    for ix in fields {
        let Some(f) = object.at(ix) else { continue };
        let name = f.section.clone().unwrap_or_else(|| "main".to_owned());
        let one = one_input(v, f, &about, &small);
        match sections.iter_mut().find(|(n, _)| *n == name) {
            Some((_, s)) => s.inputs.push(one),
            None => sections.push((
                name.clone(),
                Section {
                    label: section_label(v, Some(&name)),
                    inputs: vec![one],
                },
            )),
        }
    }
    sections.sort_by_key(|(n, _)| (n != "main", n == "system"));
    let one = v.label(&object.label).to_owned();
    let heading = match about.record {
        Some(_) => format!("{}: {one}", v.t(keys::COMMON_EDIT)),
        None => v.new_of(&object.label),
    };
    let to = way_back(&about.typed);
    let page = FormPage {
        icon: shell::icon(&object.icon),
        action: match about.record {
            Some((id, _)) => match about.only.and_then(|ix| object.at(ix)) {
                Some(f) => format!("/{}/{id}/edit/{}", object.plural, f.key),
                None => format!("/{}/{id}/edit", object.plural),
            },
            None => format!("/{}/new", object.plural),
        },
        back: match about.record {
            Some((id, _)) => format!("/{}/{id}", object.plural),
            None if !to.is_empty() => to.clone(),
            None => format!("/{}", object.plural),
        },
        to,
        version: about.record.map(|(_, n)| n.to_string()).unwrap_or_default(),
        mend: sections
            .iter()
            .flat_map(|(_, s)| &s.inputs)
            .filter(|i| !i.error.is_empty() || !i.theirs.is_empty())
            .map(|i| {
                let mark = if matches!(i.kind, "parts" | "choices") {
                    'l'
                } else {
                    'f'
                };
                (format!("{mark}-{}", i.key), i.label.clone())
            })
            .collect(),
        sections: sections.into_iter().map(|(_, s)| s).collect(),
        problem: if !about.problem.is_empty() {
            about.problem
        } else if about.errors.is_empty() {
            String::new()
        } else {
            v.with(
                keys::WEB_FORM_ERRORS,
                &Args::new().number("count", about.errors.len() as i64),
            )
        },
        conflict: !about.theirs.is_empty(),
        c: Chrome::of(visitor, &heading),
        heading,
    };
    html(status, &page, visitor.said.is_some())
}

/// An empty form; the query may fill fields (`/deals/new?company_id=…`).
pub(crate) async fn new_page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Query(given): Query<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    App::writable(caller, &object, Verb::Create).map_err(visitor.fail())?;
    let mut typed = Typed::new();
    for f in &object.fields {
        match &f.default {
            Some(toml::Value::String(s)) => typed.insert(f.key.clone(), s.clone()),
            Some(toml::Value::Integer(n)) => {
                typed.insert(f.key.clone(), visitor.view.in_digits(&n.to_string()))
            }
            Some(toml::Value::Boolean(true)) => typed.insert(f.key.clone(), "true".to_owned()),
            _ => None,
        };
    }
    if object.ownable {
        typed.insert("owner_id".to_owned(), String::new());
        typed.insert("owner_id.id".to_owned(), visitor.session.user.id().to_string());
    }
    let mut wanted: HashMap<String, Vec<Id>> = HashMap::new();
    if let Some(to) = given.get("to") {
        typed.insert("to".to_owned(), to.clone());
    }
    for (k, x) in &given {
        if let Some((_, f)) = object.field(k) {
            if f.stored() == FieldType::Link
                && let Ok(id) = x.parse::<Id>()
            {
                wanted.entry(target_of(f).to_owned()).or_default().push(id);
                typed.insert(format!("{k}.id"), x.clone());
            } else {
                typed.insert(k.clone(), x.clone());
            }
        }
    }
    let titles = app.titles(caller, &wanted).await.map_err(visitor.fail())?;
    for (k, x) in &given {
        if let Some(t) = x.parse::<Id>().ok().and_then(|id| titles.get(&id)) {
            typed.insert(k.clone(), t.clone());
        }
    }
    let about = About {
        object: &object,
        record: None,
        typed,
        errors: HashMap::new(),
        theirs: HashMap::new(),
        shown: None,
        problem: String::new(),
        only: None,
    };
    Ok(render(&app, &visitor, about, StatusCode::OK).await)
}

/// Makes a record.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    App::writable(caller, &object, Verb::Create).map_err(visitor.fail())?;
    let (values, errors) = read(
        &app,
        &visitor,
        &object,
        &editable(caller, &object),
        &typed,
        Mode::Create,
    )
    .await;
    let (errors, problem) = if errors.is_empty() {
        match app.create_values(caller, &object, values, None).await {
            Ok(r) => {
                let to = match way_back(&typed) {
                    to if to.is_empty() => format!("/{plural}/{}", r.id()),
                    to => to,
                };
                return Ok(say(&to, "web-created", &format!("/{plural}/{}/delete", r.id())));
            }
            Err(e) => refusals(&visitor.view, &object, &e),
        }
    } else {
        (errors, String::new())
    };
    let about = About {
        object: &object,
        record: None,
        typed,
        errors,
        theirs: HashMap::new(),
        shown: None,
        problem,
        only: None,
    };
    Ok(render(&app, &visitor, about, StatusCode::UNPROCESSABLE_ENTITY).await)
}

#[expect(clippy::result_large_err, reason = "the error is the page that is shown")]
pub(crate) fn id_of(visitor: &Visitor, text: &str) -> Result<Id, Response> {
    text.parse()
        .map_err(|_| shell::failure(&AppError::NotFound, visitor.view.language))
}

/// The form of a record.
pub(crate) async fn edit_page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, id)): Path<(String, String)>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    App::writable(caller, &object, Verb::Update).map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let record = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let fields = editable(caller, &object);
    let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&record), &fields)
        .await
        .map_err(visitor.fail())?;
    let typed = typed_of(&visitor.view, &object, &record, &fields, &titles);
    let about = About {
        object: &object,
        record: Some((record.id(), record.version())),
        shown: Some(typed.clone()),
        typed,
        errors: HashMap::new(),
        theirs: HashMap::new(),
        problem: String::new(),
        only: None,
    };
    Ok(render(&app, &visitor, about, StatusCode::OK).await)
}

/// What became of a form that was not saved.
pub(crate) struct Unsaved {
    typed: Typed,
    errors: HashMap<String, String>,
    theirs: HashMap<String, String>,
    /// The texts of the record as it is now, when somebody else has changed it.
    shown: Option<Typed>,
    problem: String,
    version: i64,
}

impl Unsaved {
    /// Its page.
    pub(crate) fn about(self, object: &ObjectDef, id: Id, only: Option<FieldIx>) -> (About<'_>, StatusCode) {
        let status = if self.theirs.is_empty() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::CONFLICT
        };
        let about = About {
            object,
            record: Some((id, self.version)),
            typed: self.typed,
            errors: self.errors,
            theirs: self.theirs,
            shown: self.shown,
            problem: self.problem,
            only,
        };
        (about, status)
    }
}

/// Saves what was typed for these fields: only what differs from what the form showed, so that two people may change two
/// fields at once, and nobody takes back by their form what another has changed meanwhile.
pub(crate) async fn change(
    app: &App,
    visitor: &Visitor,
    object: &Arc<ObjectDef>,
    id: Id,
    fields: &[FieldIx],
    typed: Typed,
) -> Result<Result<Record, Unsaved>, AppError> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let known = typed.get("version").and_then(|s| s.parse::<i64>().ok());
    let before = app.get(caller, object, id).await?;
    let says = shown::is_said(&typed);
    let touched: Vec<FieldIx> = fields
        .iter()
        .copied()
        .filter(|ix| {
            object
                .at(*ix)
                // A form that says what it showed had no input for the others.
                .is_some_and(|f| !shown::untouched(f, &typed).unwrap_or(says))
        })
        .collect();
    let (values, errors) = read(app, visitor, object, &touched, &typed, Mode::Patch).await;
    let mut unsaved = Unsaved {
        version: known.unwrap_or_else(|| before.version()),
        typed,
        errors,
        theirs: HashMap::new(),
        shown: None,
        problem: String::new(),
    };
    if !unsaved.errors.is_empty() {
        return Ok(Err(unsaved));
    }
    let theirs = |ix: FieldIx| {
        object
            .at(ix)
            .is_some_and(|f| unsaved.typed.contains_key(&format!("theirs:{}", f.key)))
    };
    let values: Vec<_> = values
        .into_iter()
        .filter(|(ix, x)| !theirs(*ix) && before.get(*ix) != x)
        .filter(|(ix, x)| !(*x == Value::Bool(false) && before.get(*ix).is_null()))
        .collect();
    match app.patch_values(caller, object, id, values, known).await {
        Ok(r) => Ok(Ok(r)),
        Err(AppError::Changed {
            version,
            fields: both,
            ..
        }) => {
            let fresh = app.get(caller, object, id).await?;
            let titles = fields::titles_of(app, caller, object, std::slice::from_ref(&fresh), fields).await?;
            for &ix in &touched {
                let Some(f) = object.at(ix) else { continue };
                if !both.is_empty() && !both.iter().any(|(k, _)| *k == f.key) {
                    continue;
                }
                let text = fields::cell(caller, v, f, fresh.get(ix), &titles, false).text();
                if text != unsaved.typed.get(&f.key).cloned().unwrap_or_default() {
                    let text = if text.is_empty() {
                        v.t(keys::WEB_NO_VALUE)
                    } else {
                        text
                    };
                    unsaved.theirs.insert(f.key.clone(), text);
                }
            }
            // The form goes on from the record as it is now: with what was typed in the fields that were touched, and with
            // what others have written in the rest.
            let now = typed_of(v, object, &fresh, fields, &titles);
            let mine: Vec<&str> = touched
                .iter()
                .filter_map(|ix| object.at(*ix))
                .map(|f| f.key.as_str())
                .collect();
            let kept = |k: &str| !k.starts_with("was:") && mine.iter().any(|m| belongs(k, m));
            let mut typed: Typed = now
                .iter()
                .filter(|(k, _)| !kept(k))
                .map(|(k, x)| (k.clone(), x.clone()))
                .collect();
            typed.extend(unsaved.typed.into_iter().filter(|(k, _)| kept(k) || k == "to"));
            unsaved.typed = typed;
            unsaved.shown = Some(now);
            unsaved.version = version;
            unsaved.problem = v.t(keys::WEB_CONFLICT_TITLE);
            Ok(Err(unsaved))
        }
        Err(e) => {
            (unsaved.errors, unsaved.problem) = refusals(v, object, &e);
            Ok(Err(unsaved))
        }
    }
}

/// Is this the name of an input, or of a part of one, of a field?
fn belongs(name: &str, key: &str) -> bool {
    name.strip_prefix(key)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':']))
}

/// Saves a record.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, id)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    App::writable(caller, &object, Verb::Update).map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let fields = editable(caller, &object);
    let saved = change(&app, &visitor, &object, id, &fields, typed)
        .await
        .map_err(visitor.fail())?;
    match saved {
        Ok(r) => Ok(say(
            &format!("/{plural}/{}", r.id()),
            "web-saved",
            &crate::record::undo::address(&plural, &r),
        )),
        Err(unsaved) => {
            let (about, status) = unsaved.about(&object, id, None);
            Ok(render(&app, &visitor, about, status).await)
        }
    }
}

#[cfg(test)]
mod tests {
    use peyvand_catalog::Catalog;

    use super::section_key;

    #[test]
    fn every_section_of_the_shipped_objects_has_a_name() {
        let catalog = Catalog::standard();
        let sections: Vec<&str> = catalog
            .objects()
            .iter()
            .flat_map(|o| &o.fields)
            .filter_map(|f| f.section.as_deref())
            .collect();
        assert!(sections.len() > 300, "{}", sections.len());
        for s in sections {
            assert!(section_key(s).is_some(), "{s}");
        }
        // Control: a section of a firm's own has none.
        assert_eq!(section_key("warranty"), None);
    }
}
