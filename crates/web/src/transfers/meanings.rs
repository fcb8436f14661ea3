//! Values of a file that are none of a field's choices, or name no stage: what each of them means is chosen on the page.

use std::collections::BTreeSet;
use std::sync::Arc;

use peyvand_app::App;
use peyvand_app::transfer::mapping::{Column, Mapping};
use peyvand_app::transfer::wizard::Upload;
use peyvand_catalog::handles::stage;
use peyvand_catalog::{FieldDef, FieldType, ObjectDef};
use peyvand_i18n::{Args, keys};
use peyvand_numbers::Language;

use crate::board;
use crate::door::Visitor;
use crate::form::Typed;
use crate::settings::choices::{add_choices, may_add_choices};

/// The value stays what it is: something that is not known.
const AS_IT_IS: &str = "";
/// It means that there is nothing.
const NOTHING: &str = "-";
/// It becomes a choice of its own.
const NEW: &str = "+";

/// A column with values that are to be explained.
pub(super) struct Unknown {
    /// Its place in the file.
    pub(super) index: usize,
    /// Its name in the file, and the field it goes to.
    pub(super) name: String,
    pub(super) field: String,
    pub(super) values: Vec<Meaning>,
}

/// One of the values.
pub(super) struct Meaning {
    pub(super) value: String,
    /// In how many rows it stands; nothing for one that is explained already.
    pub(super) rows: String,
    /// What it can mean: key, words, whether it does.
    pub(super) options: Vec<(String, String, bool)>,
}

/// Has the field one of several values that have names?
fn named(f: &FieldDef) -> bool {
    f.stored() == FieldType::Choice || is_stage(f)
}

fn is_stage(f: &FieldDef) -> bool {
    f.stored() == FieldType::Link && f.to.as_deref() == Some(stage::OBJECT)
}

/// The names that a value of the field may mean: what the mapping says, and the words for it.
async fn names(app: &App, visitor: &Visitor, f: &FieldDef) -> Vec<(String, String)> {
    let fa = visitor.view.language == Language::Fa;
    if !is_stage(f) {
        let offered = f.choices.iter().filter(|c| !c.retired);
        return offered
            .map(|c| (c.key.clone(), if fa { c.fa.clone() } else { c.en.clone() }))
            .collect();
    }
    let stages = board::stages(app, &visitor.session.caller).await;
    let mut seen = BTreeSet::new();
    let all = stages.unwrap_or_default();
    let name = |s: &peyvand_record::Record| s.get(stage::NAME).as_str().map(str::to_owned);
    all.iter()
        .filter_map(name)
        .filter(|n| seen.insert(n.clone()))
        .map(|n| (n.clone(), n))
        .collect()
}

/// The values that the last run did not know, and those that are explained already, by the columns of the file.
pub(super) async fn unknown(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    upload: &Upload,
    headers: &[String],
    mapping: &Mapping,
) -> Vec<Unknown> {
    let v = &visitor.view;
    let mut out = Vec::new();
    for c in &mapping.columns {
        let (Some(index), Some((_, f))) = (
            headers.iter().position(|h| *h == c.name),
            object.field(&c.field).filter(|(_, f)| named(f)),
        ) else {
            continue;
        };
        let found = upload.unknown.iter().filter(|u| u.field == c.field);
        let mut values: Vec<(String, String)> = found
            .map(|u| {
                let rows = Args::new().number("count", u.rows as i64);
                (u.value.clone(), v.with(keys::TRANSFER_ROWS, &rows))
            })
            .collect();
        let known = c.values.keys().filter(|k| !k.is_empty());
        let explained: Vec<_> = known
            .filter(|k| !values.iter().any(|(value, _)| value == *k))
            .collect();
        values.extend(explained.into_iter().map(|k| (k.clone(), String::new())));
        if values.is_empty() {
            continue;
        }
        let names = names(app, visitor, f).await;
        let adds = !is_stage(f) && f.takes_choices() && may_add_choices(visitor);
        let meaning = |(value, rows): (String, String)| {
            let means = c.values.get(&value);
            let mut options = vec![
                (
                    AS_IT_IS.to_owned(),
                    v.t(keys::TRANSFER_MEANS_UNKNOWN),
                    means.is_none(),
                ),
                (
                    NOTHING.to_owned(),
                    v.t(keys::TRANSFER_MEANS_NOTHING),
                    means.is_some_and(String::is_empty),
                ),
            ];
            options.extend(names.iter().map(|(key, label)| {
                let chosen = means.is_some_and(|m| m == key || m == label);
                (format!("={key}"), label.clone(), chosen)
            }));
            if adds {
                options.push((NEW.to_owned(), v.t(keys::TRANSFER_MEANS_NEW), false));
            }
            Meaning { value, rows, options }
        };
        out.push(Unknown {
            index,
            name: c.name.clone(),
            field: v.label(&f.label).to_owned(),
            values: values.into_iter().map(meaning).collect(),
        });
    }
    out
}

/// The values of a column as the form has them: the value, and what was chosen for it.
fn typed_of(typed: &Typed, index: usize) -> impl Iterator<Item = (&String, &str)> {
    (0..).map_while(move |n| {
        let value = typed.get(&format!("value:{index}:{n}"))?;
        let means = typed
            .get(&format!("means:{index}:{n}"))
            .map_or("", String::as_str);
        Some((value, means))
    })
}

/// Puts what was chosen into the column.
pub(super) fn put(column: &mut Column, typed: &Typed, index: usize) {
    for (value, means) in typed_of(typed, index) {
        match (means, means.strip_prefix('=')) {
            (NOTHING, _) => drop(column.values.insert(value.clone(), String::new())),
            (_, Some(meant)) => drop(column.values.insert(value.clone(), meant.to_owned())),
            // What is left as it is is looked for among the choices, and so is one that is new.
            _ => drop(column.values.remove(value)),
        }
    }
}

/// Makes choices of the values for which that was chosen.
pub(super) async fn add(
    app: &Arc<App>,
    visitor: &Visitor,
    object: &ObjectDef,
    headers: &[String],
    typed: &Typed,
) -> Result<(), peyvand_app::AppError> {
    for index in 0..headers.len() {
        let new: BTreeSet<&str> = typed_of(typed, index)
            .filter(|(_, means)| *means == NEW)
            .map(|(value, _)| value.trim())
            .collect();
        let field = typed.get(&format!("field:{index}"));
        if let (false, Some((_, f))) = (new.is_empty(), field.and_then(|f| object.field(f))) {
            add_choices(app, visitor, object, f, &new).await?;
        }
    }
    Ok(())
}
