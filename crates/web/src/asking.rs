//! What pages ask of their own accord. A field that is hidden from the reader can be neither a condition nor an order: a
//! page asks without it, or leaves out what cannot be told without it.

use peyvand_app::{App, Caller};
use peyvand_catalog::ObjectDef;

/// May the reader ask for this?
pub(crate) fn may(app: &App, caller: &Caller, object: &ObjectDef, filter: &str) -> bool {
    app.filter_by_ids(caller, object, filter).is_ok()
}

/// Those of the conditions that the reader may ask for, together; `None` when there is none.
pub(crate) fn conditions(
    app: &App,
    caller: &Caller,
    object: &ObjectDef,
    all: impl IntoIterator<Item = String>,
) -> Option<String> {
    let asked: Vec<String> = all
        .into_iter()
        .filter(|c| may(app, caller, object, c))
        .map(|c| format!("({c})"))
        .collect();
    (!asked.is_empty()).then(|| asked.join(" AND "))
}

/// The order by those of the keys whose fields the reader sees.
pub(crate) fn order(caller: &Caller, object: &ObjectDef, sort: &str) -> Option<String> {
    let seen: Vec<&str> = sort
        .split(',')
        .map(str::trim)
        .filter(|key| {
            object
                .field(key.trim_start_matches('-'))
                .is_some_and(|(ix, _)| caller.policy.sees(&object.key, ix))
        })
        .collect();
    (!seen.is_empty()).then(|| seen.join(","))
}
