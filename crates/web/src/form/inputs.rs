//! The inputs of forms: which fields have one, of which kind, with what in it.

use std::collections::HashMap;

use peyvand_app::{App, Caller, ListRequest, reading};
use peyvand_catalog::handles::{pipeline, stage, user};
use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_record::codec;
use peyvand_record::{FieldRule, Record, Value};

use super::Typed;
use super::repeat::{self, is_repeat};
use crate::fields::{self, Titles};
use crate::view::Viewer;

/// Objects with so many records at most are chosen from a list, others by typing.
const CHOOSE: usize = 100;

/// The records of small objects, by object: id, title, and whether they are still chosen anew.
pub(crate) type Small = HashMap<String, Vec<(Id, String, bool)>>;

/// An input of a part of a value.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) value: String,
}

/// An input.
pub(crate) struct Input {
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) help: String,
    pub(crate) required: bool,
    /// `text`, `area`, `marked`, `lines`, `choice`, `choices`, `check`, `pick`, `link`, `parts`, `repeat`.
    pub(crate) kind: &'static str,
    pub(crate) mode: &'static str,
    /// What a calendar puts into it: `day`, `time` for a day with a time; empty for nothing.
    pub(crate) date: &'static str,
    pub(crate) dir: &'static str,
    pub(crate) value: String,
    /// The name of a time zone, which the browser offers.
    pub(crate) zone: bool,
    /// Id behind a typed link.
    pub(crate) id: String,
    pub(crate) to: String,
    pub(crate) options: Vec<(String, String, bool)>,
    pub(crate) parts: Vec<Part>,
    /// The parts of a `repeat`.
    pub(crate) repeat: Option<repeat::Parts>,
    pub(crate) error: String,
    pub(crate) theirs: String,
    /// What tells an untouched input when the form comes back; empty on the form of a new record.
    pub(crate) was: String,
}

/// The fields that a form of this caller has.
pub(crate) fn editable(caller: &Caller, object: &ObjectDef) -> Vec<FieldIx> {
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(ix, f)| {
            (!f.is_system() || matches!(f.key.as_str(), "owner_id" | "team_id"))
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

pub(crate) fn target_of(field: &FieldDef) -> &str {
    field
        .to
        .as_deref()
        .unwrap_or(if field.key == "team_id" { "team" } else { "user" })
}

/// What a form's inputs hold for a record: the same texts that reading them gives back.
pub(crate) fn typed_of(
    v: &Viewer,
    object: &ObjectDef,
    record: &Record,
    fields: &[FieldIx],
    titles: &Titles,
) -> Typed {
    let mut out = Typed::new();
    for &ix in fields {
        let Some(f) = object.at(ix) else { continue };
        let value = record.get(ix);
        if is_repeat(f) {
            repeat::typed_of(v, f, record, value.as_str(), &mut out);
            continue;
        }
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
                out.insert(f.key.clone(), peyvand_text::marked::to_written(s));
            }
            // Reading the name gives the code back.
            Value::Text(s) if f.is_country() => {
                out.insert(f.key.clone(), fields::country(v, s).to_owned());
            }
            Value::Text(s) | Value::Choice(s) => {
                out.insert(f.key.clone(), s.to_string());
            }
            _ => {}
        }
    }
    out
}

/// Small objects, whose records are chosen from a list.
pub(crate) async fn choices_of(app: &App, caller: &Caller, object: &ObjectDef, fields: &[FieldIx]) -> Small {
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
            let list = if to == stage::OBJECT {
                let named = stages(app, caller, target, &l.records).await;
                named.into_iter().map(|(id, title)| (id, title, true)).collect()
            } else {
                let named = |r: &Record| {
                    // Who was deactivated is shown where they stand, and offered nowhere.
                    let gone = to == user::OBJECT && *r.get(user::ACTIVE) == Value::Bool(false);
                    (r.id(), reading::title(target, r), !gone)
                };
                l.records.iter().map(named).collect()
            };
            out.insert(to.to_owned(), list);
        }
    }
    out
}

/// Stages in their order, each behind the name of its pipeline where there are several.
async fn stages(app: &App, caller: &Caller, object: &ObjectDef, stages: &[Record]) -> Vec<(Id, String)> {
    let request = ListRequest {
        limit: Some(CHOOSE as u32),
        ..ListRequest::default()
    };
    let pipelines = match caller.workspace.catalog().object(pipeline::OBJECT) {
        Some(def) => app.list(caller, def, &request).await.ok(),
        None => None,
    };
    let mut lines = pipelines.map_or_else(Vec::new, |l| l.records);
    lines.sort_by_key(|p| p.get(pipeline::POSITION).as_int());
    let mut out: Vec<_> = stages
        .iter()
        .map(|s| {
            let of = s.get(stage::PIPELINE_ID).as_id();
            let at = lines.iter().position(|p| Some(p.id()) == of);
            let own = reading::title(object, s);
            let name = match at.and_then(|at| lines.get(at)).filter(|_| lines.len() > 1) {
                Some(p) => format!("{} / {own}", p.get(pipeline::NAME).as_str().unwrap_or_default()),
                None => own,
            };
            let place = (at.unwrap_or(usize::MAX), s.get(stage::POSITION).as_int());
            (place, (s.id(), name))
        })
        .collect();
    out.sort_by_key(|(place, _)| *place);
    out.into_iter().map(|(_, choice)| choice).collect()
}

pub(crate) fn input(
    v: &Viewer,
    f: &FieldDef,
    typed: &Typed,
    errors: &HashMap<String, String>,
    theirs: &HashMap<String, String>,
    small: &Small,
) -> Input {
    let fa = v.language == peyvand_numbers::Language::Fa;
    let mut help = f.help.as_ref().map(|h| v.label(h).to_owned()).unwrap_or_default();
    let mut value = typed.get(&f.key).cloned().unwrap_or_default();
    let mut options = Vec::new();
    let mut parts = Vec::new();
    let mut again = None;
    let (mut mode, mut dir, mut date) = ("text", "auto", "");
    let kind = match f.stored() {
        FieldType::RichText => {
            help = v.t(keys::RECORD_MARKS_HINT);
            "marked"
        }
        FieldType::LongText => "area",
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
            date = if f.stored() == FieldType::Date {
                "day"
            } else {
                "time"
            };
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
            if f.is_country() {
                dir = "auto";
            }
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
                .filter_map(|c| {
                    let on = value.lines().any(|k| k == c.key)
                        || typed.contains_key(&format!("{}:{}", f.key, c.key));
                    let text = if fa { &c.fa } else { &c.en };
                    (!c.retired || on).then(|| (c.key.clone(), text.clone(), on))
                })
                .collect();
            "choices"
        }
        FieldType::Link => match small.get(target_of(f)) {
            Some(list) => {
                let now = typed.get(&format!("{}.id", f.key)).unwrap_or(&value).clone();
                options = list
                    .iter()
                    .filter_map(|(id, t, open)| {
                        let id = id.to_string();
                        let on = id == now || id == value;
                        (*open || on).then(|| (id, t.clone(), on))
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
        FieldType::Text if is_repeat(f) => {
            again = Some(repeat::parts(v, f, typed));
            "repeat"
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
        date,
        zone: f.is_zone(),
        value,
        id: typed.get(&format!("{}.id", f.key)).cloned().unwrap_or_default(),
        to: target_of(f).to_owned(),
        options,
        parts,
        repeat: again,
        error: errors.get(&f.key).cloned().unwrap_or_default(),
        theirs: theirs.get(&f.key).cloned().unwrap_or_default(),
        was: String::new(),
        key: f.key.clone(),
    }
}
