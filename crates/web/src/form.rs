//! Forms of every object: made, changed; errors beside the field, what was typed kept, conflicts shown with both values.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::{App, AppError, Caller, ListRequest, reading};
use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::codec::{self, EdgeContext, FieldError, Mode};
use peyvand_record::{FieldRule, Record, Value, Verb};

use crate::door::{Visitor, say};
use crate::fields::{self, Titles};
use crate::shell::{self, Answer, Chrome, html};
use crate::view::Viewer;

type Typed = HashMap<String, String>;

/// Objects with so many records at most are chosen from a list, others by typing.
const CHOOSE: usize = 100;

/// An input of a part of a value.
struct Part {
    name: String,
    label: String,
    value: String,
}

/// An input.
struct Input {
    key: String,
    label: String,
    help: String,
    required: bool,
    /// `text`, `area`, `lines`, `choice`, `choices`, `check`, `pick`, `link`, `parts`.
    kind: &'static str,
    mode: &'static str,
    dir: &'static str,
    value: String,
    /// Id behind a typed link.
    id: String,
    to: String,
    options: Vec<(String, String, bool)>,
    parts: Vec<Part>,
    error: String,
    theirs: String,
}

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
    version: String,
    sections: Vec<Section>,
    problem: String,
    conflict: bool,
}

/// The label of a section.
pub(crate) fn section_label(v: &Viewer, name: Option<&str>) -> String {
    let key =
        Key::find(&format!("web-section-{}", name.unwrap_or("main"))).unwrap_or(keys::WEB_SECTION_OTHER);
    v.t(key)
}

/// The fields that a form of this caller has.
fn editable(caller: &Caller, object: &ObjectDef) -> Vec<FieldIx> {
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(ix, f)| {
            (!f.is_system() || f.key == "owner_id")
                && f.writes == Writes::Generic
                && f.class != Class::Secret
                && !matches!(
                    f.ty,
                    FieldType::Formula
                        | FieldType::Computed
                        | FieldType::Json
                        | FieldType::File
                        | FieldType::Links
                )
                && f.to.as_deref() != Some("*")
                && !matches!(
                    caller.policy.field(&object.key, *ix),
                    Some(FieldRule::Hidden | FieldRule::ReadOnly | FieldRule::Masked)
                )
        })
        .map(|(ix, _)| ix)
        .collect()
}

const NAME_PARTS: [(&str, Key); 3] = [
    ("title", keys::WEB_PART_TITLE),
    ("given", keys::WEB_PART_GIVEN),
    ("family", keys::WEB_PART_FAMILY),
];
const ADDRESS_PARTS: [(&str, Key); 5] = [
    ("province", keys::WEB_PART_PROVINCE),
    ("city", keys::WEB_PART_CITY),
    ("street", keys::WEB_PART_STREET),
    ("postal_code", keys::WEB_PART_POSTAL_CODE),
    ("country", keys::WEB_PART_COUNTRY),
];

fn target_of(field: &FieldDef) -> &str {
    field
        .to
        .as_deref()
        .unwrap_or(if field.key == "team_id" { "team" } else { "user" })
}

/// What a form's inputs hold for a record: the same texts that reading them gives back.
fn typed_of(v: &Viewer, object: &ObjectDef, record: &Record, fields: &[FieldIx], titles: &Titles) -> Typed {
    let mut out = Typed::new();
    for &ix in fields {
        let Some(f) = object.at(ix) else { continue };
        let value = record.get(ix);
        let json = codec::value_to_json(f, value);
        match value {
            Value::Null => {}
            Value::Name(_) | Value::Address(_) => {
                if let serde_json::Value::Object(map) = json {
                    for (k, x) in map {
                        if let serde_json::Value::String(s) = x {
                            out.insert(format!("{}.{k}", f.key), s);
                        }
                    }
                }
            }
            Value::Points(points) => {
                let lines: Vec<&str> = points.iter().map(|p| p.value.as_ref()).collect();
                out.insert(f.key.clone(), lines.join("\n"));
            }
            Value::Money(_) => {
                out.insert(f.key.clone(), fields::cell_text(v, f, value));
            }
            Value::Date(d) => {
                out.insert(f.key.clone(), v.date(*d));
            }
            Value::Instant(at) => {
                out.insert(f.key.clone(), v.instant(*at));
            }
            Value::Int(n) => {
                out.insert(f.key.clone(), v.in_digits(&n.to_string()));
            }
            Value::Decimal(d) => {
                out.insert(f.key.clone(), v.decimal(*d, f.decimals()));
            }
            Value::Bool(b) if *b => {
                out.insert(f.key.clone(), "true".to_owned());
            }
            Value::Choices(keys) => {
                out.insert(f.key.clone(), keys.join("\n"));
            }
            Value::Id(id) => {
                out.insert(f.key.clone(), titles.get(id).cloned().unwrap_or_default());
                out.insert(format!("{}.id", f.key), id.to_string());
            }
            Value::Text(s) if f.stored() == FieldType::RichText => {
                out.insert(f.key.clone(), peyvand_text::rich::to_typed(s));
            }
            Value::Text(s) | Value::Choice(s) => {
                out.insert(f.key.clone(), s.to_string());
            }
            _ => {}
        }
    }
    out
}

/// How this reader's forms are read.
fn edge(app: &App, visitor: &Visitor, mode: Mode) -> EdgeContext {
    let caller = &visitor.session.caller;
    let mut edge = caller.workspace.edge(caller.language, app.clock.now(), mode);
    edge.time_zone = visitor.view.zone.clone();
    edge.today = visitor.view.today();
    edge.rial_unit = visitor.view.unit;
    // A year below 1634 is Jalali, one above Gregorian; words follow the reader's calendar.
    edge
}

/// A link as it was typed: the id that stands beside it while the text is still its title, else the one record of this
/// name.
async fn read_link(app: &App, visitor: &Visitor, field: &FieldDef, typed: &Typed) -> Result<Value, String> {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let text = typed.get(&field.key).map(|s| s.trim()).unwrap_or_default();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if let Ok(id) = text.parse::<Id>() {
        return Ok(Value::Id(id));
    }
    let to = target_of(field);
    let given = typed
        .get(&format!("{}.id", field.key))
        .and_then(|s| s.parse::<Id>().ok());
    if let Some(id) = given {
        let wanted = HashMap::from([(to.to_owned(), vec![id])]);
        let titles = app
            .titles(caller, &wanted)
            .await
            .map_err(|e| e.message(v.language))?;
        if titles.get(&id).is_some_and(|t| t.trim() == text) {
            return Ok(Value::Id(id));
        }
    }
    let none = || v.with(keys::WEB_FORM_LINK_NONE, &Args::new().text("value", text));
    let Some(object) = caller.workspace.catalog().object(to) else {
        return Err(none());
    };
    let request = ListRequest {
        q: Some(text.to_owned()),
        limit: Some(10),
        ..ListRequest::default()
    };
    let found = app
        .list(caller, object, &request)
        .await
        .map_err(|e| e.message(v.language))?
        .records;
    let exact: Vec<&Record> = found
        .iter()
        .filter(|r| reading::title(object, r).trim() == text)
        .collect();
    match (exact.as_slice(), found.as_slice()) {
        ([one], _) => Ok(Value::Id(one.id())),
        ([], [one]) => Ok(Value::Id(one.id())),
        ([], []) => Err(none()),
        _ => Err(v.with(keys::WEB_FORM_LINK_MANY, &Args::new().text("value", text))),
    }
}

/// The values of a form, or what is wrong with which field.
async fn read(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    typed: &Typed,
    mode: Mode,
) -> (Vec<(FieldIx, Value)>, HashMap<String, String>) {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let edge = edge(app, visitor, mode);
    let mut values = Vec::new();
    let mut errors = HashMap::new();
    for ix in editable(caller, object) {
        let Some(f) = object.at(ix) else { continue };
        let text = typed.get(&f.key).map(String::as_str).unwrap_or_default();
        let value = match f.stored() {
            FieldType::PersonName | FieldType::Address => {
                let prefix = format!("{}.", f.key);
                let map: serde_json::Map<String, serde_json::Value> = typed
                    .iter()
                    .filter_map(|(k, x)| k.strip_prefix(&prefix).map(|k| (k, x.trim())))
                    .filter(|(_, x)| !x.is_empty())
                    .map(|(k, x)| (k.to_owned(), x.into()))
                    .collect();
                if map.is_empty() {
                    Ok(Value::Null)
                } else {
                    codec::parse_json_value(f, &serde_json::Value::Object(map), &edge)
                        .map_err(|e| e.message(v.language))
                }
            }
            FieldType::Link => read_link(app, visitor, f, typed).await,
            FieldType::Boolean => Ok(Value::Bool(text == "true" || text == "on")),
            FieldType::Choices => {
                let prefix = format!("{}:", f.key);
                let picked: Vec<serde_json::Value> = f
                    .choices
                    .iter()
                    .filter(|c| typed.contains_key(&format!("{prefix}{}", c.key)))
                    .map(|c| c.key.clone().into())
                    .collect();
                codec::parse_json_value(f, &serde_json::Value::Array(picked), &edge)
                    .map_err(|e| e.message(v.language))
            }
            _ => codec::parse_text(f, text, &edge).map_err(|e| e.message(v.language)),
        };
        match value {
            Ok(Value::Null) if f.required => {
                errors.insert(
                    f.key.clone(),
                    peyvand_i18n::text_of_code(v.language, "required", &Args::new()),
                );
            }
            // A new record without a value takes the field's default; said is only what was typed.
            Ok(Value::Null) if mode == Mode::Create => {}
            Ok(x) => values.push((ix, x)),
            Err(e) => {
                errors.insert(f.key.clone(), e);
            }
        }
    }
    (values, errors)
}

/// Small objects, whose records are chosen from a list.
async fn choices_of(
    app: &App,
    caller: &Caller,
    object: &ObjectDef,
    fields: &[FieldIx],
) -> HashMap<String, Vec<(Id, String)>> {
    const SMALL: &[&str] = &[
        "user",
        "team",
        "stage",
        "pipeline",
        "lost_reason",
        "competitor",
        "campaign",
        "category",
        "territory",
        "price_list",
        "role",
    ];
    let mut out = HashMap::new();
    for &ix in fields {
        let Some(f) = object.at(ix).filter(|f| f.stored() == FieldType::Link) else {
            continue;
        };
        let to = target_of(f);
        if !SMALL.contains(&to) || out.contains_key(to) {
            continue;
        }
        let Some(target) = caller.workspace.catalog().object(to) else {
            continue;
        };
        let request = ListRequest {
            limit: Some(CHOOSE as u32),
            ..ListRequest::default()
        };
        if let Ok(l) = app.list(caller, target, &request).await
            && l.next.is_none()
        {
            let list = l
                .records
                .iter()
                .map(|r| (r.id(), reading::title(target, r)))
                .collect();
            out.insert(to.to_owned(), list);
        }
    }
    out
}

fn input(
    v: &Viewer,
    f: &FieldDef,
    typed: &Typed,
    errors: &HashMap<String, String>,
    theirs: &HashMap<String, String>,
    small: &HashMap<String, Vec<(Id, String)>>,
) -> Input {
    let fa = v.language == peyvand_numbers::Language::Fa;
    let mut help = f.help.as_ref().map(|h| v.label(h).to_owned()).unwrap_or_default();
    let mut value = typed.get(&f.key).cloned().unwrap_or_default();
    let mut options = Vec::new();
    let mut parts = Vec::new();
    let (mut mode, mut dir) = ("text", "auto");
    let kind = match f.stored() {
        FieldType::LongText | FieldType::RichText => "area",
        FieldType::Number | FieldType::Decimal | FieldType::Money => {
            mode = "decimal";
            dir = "ltr";
            if f.stored() == FieldType::Money {
                dir = "auto";
                mode = "text";
            }
            "text"
        }
        FieldType::Date | FieldType::Instant => {
            if help.is_empty() {
                help = v.with(
                    keys::WEB_FORM_DATE_HINT,
                    &Args::new().date("example", v.date(v.today())),
                );
            }
            "text"
        }
        FieldType::Email | FieldType::Url | FieldType::Phone | FieldType::Code => {
            dir = "ltr";
            mode = match f.stored() {
                FieldType::Email => "email",
                FieldType::Phone => "tel",
                FieldType::Url => "url",
                _ => "text",
            };
            "text"
        }
        FieldType::Points => {
            dir = "ltr";
            help = v.t(keys::WEB_FORM_MANY_HINT);
            "lines"
        }
        FieldType::Boolean => "check",
        FieldType::Choice => {
            options = f
                .choices
                .iter()
                .filter(|c| !c.retired || c.key == value)
                .map(|c| {
                    (
                        c.key.clone(),
                        if fa { c.fa.clone() } else { c.en.clone() },
                        c.key == value,
                    )
                })
                .collect();
            "choice"
        }
        FieldType::Choices => {
            options = f
                .choices
                .iter()
                .filter(|c| !c.retired)
                .map(|c| {
                    let on = value.lines().any(|k| k == c.key)
                        || typed.contains_key(&format!("{}:{}", f.key, c.key));
                    (c.key.clone(), if fa { c.fa.clone() } else { c.en.clone() }, on)
                })
                .collect();
            "choices"
        }
        FieldType::Link => match small.get(target_of(f)) {
            Some(list) => {
                let now = typed.get(&format!("{}.id", f.key)).unwrap_or(&value).clone();
                options = list
                    .iter()
                    .map(|(id, t)| {
                        let id = id.to_string();
                        let on = id == now || id == value;
                        (id, t.clone(), on)
                    })
                    .collect();
                "pick"
            }
            None => {
                help = v.t(keys::WEB_FORM_LINK_HINT);
                "link"
            }
        },
        FieldType::PersonName | FieldType::Address => {
            let list: &[(&str, Key)] = if f.stored() == FieldType::PersonName {
                &NAME_PARTS
            } else {
                &ADDRESS_PARTS
            };
            parts = list
                .iter()
                .map(|(k, key)| {
                    let name = format!("{}.{k}", f.key);
                    Part {
                        value: typed.get(&name).cloned().unwrap_or_default(),
                        label: v.t(*key),
                        name,
                    }
                })
                .collect();
            "parts"
        }
        _ => "text",
    };
    if kind == "pick" && value.parse::<Id>().is_err() {
        value = String::new();
    }
    Input {
        label: v.label(&f.label).to_owned(),
        help,
        required: f.required,
        kind,
        mode,
        dir,
        value,
        id: typed.get(&format!("{}.id", f.key)).cloned().unwrap_or_default(),
        to: target_of(f).to_owned(),
        options,
        parts,
        error: errors.get(&f.key).cloned().unwrap_or_default(),
        theirs: theirs.get(&f.key).cloned().unwrap_or_default(),
        key: f.key.clone(),
    }
}

/// What a form page is about.
struct About<'a> {
    object: &'a ObjectDef,
    record: Option<(Id, i64)>,
    typed: Typed,
    errors: HashMap<String, String>,
    theirs: HashMap<String, String>,
    problem: String,
}

async fn render(app: &App, visitor: &Visitor, about: About<'_>, status: StatusCode) -> Response {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = about.object;
    let fields = editable(caller, object);
    let small = choices_of(app, caller, object, &fields).await;
    let mut sections: Vec<(String, Section)> = Vec::new();
    for ix in fields {
        let Some(f) = object.at(ix) else { continue };
        let name = f.section.clone().unwrap_or_else(|| "main".to_owned());
        let one = input(v, f, &about.typed, &about.errors, &about.theirs, &small);
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
        None => v.with(keys::WEB_NEW_OF, &Args::new().text("object", one)),
    };
    let page = FormPage {
        icon: shell::icon(&object.icon),
        action: match about.record {
            Some((id, _)) => format!("/{}/{id}/edit", object.plural),
            None => format!("/{}/new", object.plural),
        },
        back: match about.record {
            Some((id, _)) => format!("/{}/{id}", object.plural),
            None => format!("/{}", object.plural),
        },
        version: about.record.map(|(_, n)| n.to_string()).unwrap_or_default(),
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

/// What a use case refused, beside the fields it is about.
fn refusals(v: &Viewer, object: &ObjectDef, e: &AppError) -> (HashMap<String, String>, String) {
    match e {
        AppError::Invalid(list) => {
            let known = |f: &&FieldError| object.field(&f.field).is_some();
            let map = list
                .iter()
                .filter(known)
                .map(|f| (f.field.clone(), f.message(v.language)))
                .collect::<HashMap<_, _>>();
            let rest: Vec<String> = list
                .iter()
                .filter(|f| !known(f))
                .map(|f| f.message(v.language))
                .collect();
            (map, rest.join("\n"))
        }
        AppError::Duplicate { fields } => {
            let text = e.message(v.language);
            let map: HashMap<String, String> = fields
                .split(',')
                .map(str::trim)
                .filter(|k| object.field(k).is_some())
                .map(|k| (k.to_owned(), text.clone()))
                .collect();
            (map, text)
        }
        e => (HashMap::new(), e.message(v.language)),
    }
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
        problem: String::new(),
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
    let (values, errors) = read(&app, &visitor, &object, &typed, Mode::Create).await;
    let (errors, problem) = if errors.is_empty() {
        match app.create_values(caller, &object, values, None).await {
            Ok(r) => return Ok(say(&format!("/{plural}/{}", r.id()), "web-created", "")),
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
        problem,
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
    let about = About {
        object: &object,
        record: Some((record.id(), record.version())),
        typed: typed_of(&visitor.view, &object, &record, &fields, &titles),
        errors: HashMap::new(),
        theirs: HashMap::new(),
        problem: String::new(),
    };
    Ok(render(&app, &visitor, about, StatusCode::OK).await)
}

/// Saves a record: only what differs from what the form showed.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, id)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    App::writable(caller, &object, Verb::Update).map_err(visitor.fail())?;
    let id = id_of(&visitor, &id)?;
    let known = typed.get("version").and_then(|s| s.parse::<i64>().ok());
    let before = app.get(caller, &object, id).await.map_err(visitor.fail())?;
    let (values, errors) = read(&app, &visitor, &object, &typed, Mode::Patch).await;
    let mut theirs = HashMap::new();
    let mut version = known.unwrap_or_else(|| before.version());
    let (errors, problem) = if errors.is_empty() {
        // What the person did not touch is not written: two people may change two fields at once.
        let fields = editable(caller, &object);
        let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&before), &fields)
            .await
            .map_err(visitor.fail())?;
        let shown = typed_of(v, &object, &before, &fields, &titles);
        let same = |ix: FieldIx| {
            object.at(ix).is_some_and(|f| {
                let prefix = format!("{}.", f.key);
                let mine = |t: &Typed| {
                    let mut all: Vec<(String, String)> = t
                        .iter()
                        .filter(|(k, x)| {
                            (**k == f.key || k.starts_with(&prefix))
                                && !x.trim().is_empty()
                                && k.rsplit('.').next() != Some("id")
                        })
                        .map(|(k, x)| (k.clone(), x.replace("\r\n", "\n").trim().to_owned()))
                        .collect();
                    all.sort();
                    all
                };
                f.stored() != FieldType::Link
                    && f.stored() != FieldType::Choices
                    && mine(&typed) == mine(&shown)
            })
        };
        let values: Vec<_> = values
            .into_iter()
            .filter(|(ix, x)| !same(*ix) && before.get(*ix) != x)
            .filter(|(ix, x)| !(*x == Value::Bool(false) && before.get(*ix).is_null()))
            .collect();
        match app.patch_values(caller, &object, id, values, known).await {
            Ok(r) => return Ok(say(&format!("/{plural}/{}", r.id()), "web-saved", "")),
            Err(AppError::Changed { version: now, .. }) => {
                let fresh = app.get(caller, &object, id).await.map_err(visitor.fail())?;
                let titles = fields::titles_of(&app, caller, &object, std::slice::from_ref(&fresh), &fields)
                    .await
                    .map_err(visitor.fail())?;
                for &ix in &fields {
                    let Some(f) = object.at(ix) else { continue };
                    if same(ix) {
                        continue;
                    }
                    let text = fields::cell(caller, v, f, fresh.get(ix), &titles, false).text();
                    let typed_now = typed.get(&f.key).cloned().unwrap_or_default();
                    if text != typed_now {
                        theirs.insert(
                            f.key.clone(),
                            if text.is_empty() {
                                v.t(keys::WEB_NO_VALUE)
                            } else {
                                text
                            },
                        );
                    }
                }
                version = now;
                (HashMap::new(), v.t(keys::WEB_CONFLICT_TITLE))
            }
            Err(e) => refusals(v, &object, &e),
        }
    } else {
        (errors, String::new())
    };
    let status = if theirs.is_empty() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::CONFLICT
    };
    let about = About {
        object: &object,
        record: Some((id, version)),
        typed,
        errors,
        theirs,
        problem,
    };
    Ok(render(&app, &visitor, about, status).await)
}
