//! What the form of a chip does: a condition that is added to the filter, changed or taken away.

use peyvand_app::App;
use peyvand_catalog::{FieldType, ObjectDef};
use peyvand_i18n::keys;
use peyvand_record::filter::syntax::Expr;

use super::chips::{self, Act};
use super::state::State;
use crate::door::Visitor;
use crate::form;

/// What a chip's form asks for: the address of the changed list, or the reason why not.
pub(super) async fn act(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    state: &State,
) -> Option<Result<String, String>> {
    let op = state.besides("op");
    if op.is_empty() {
        return None;
    }
    let v = &visitor.view;
    if state.besides("field") == chips::TAGS {
        return Some(act_of_tag(app, visitor, object, state, op).await);
    }
    let (_, f) = object.field(state.besides("field"))?;
    let mut values: Vec<String> = state
        .rest
        .iter()
        .filter(|(k, _)| k == "value")
        .map(|(_, x)| x.clone())
        .filter(|x| !x.trim().is_empty())
        .collect();
    if op == "period" {
        values = state
            .rest
            .iter()
            .filter(|(k, _)| k == "period")
            .map(|(_, x)| x.clone())
            .collect();
    }
    if matches!(f.stored(), FieldType::Link | FieldType::Links) && !matches!(op, "empty" | "filled" | "me") {
        let typed = [
            (f.key.clone(), values.first().cloned().unwrap_or_default()),
            (format!("{}.id", f.key), state.besides("value.id").to_owned()),
        ];
        match form::read::read_link(app, visitor, f, &typed.into_iter().collect()).await {
            Ok(peyvand_record::Value::Id(id)) => values = vec![id.to_string()],
            Ok(_) => values.clear(),
            Err(e) => return Some(Err(e)),
        }
    }
    let Some(new) = chips::condition(f, op, &values) else {
        return Some(Err(v.t(keys::LIST_VALUE_MISSING)));
    };
    Some(put(app, visitor, object, state, new).await)
}

/// The address of the list with the condition that a chip's form says.
async fn put(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    state: &State,
    new: Expr,
) -> Result<String, String> {
    let v = &visitor.view;
    let what = Act::of(state.besides("act"));
    let text = chips::changed(state.get("filter"), what, state.besides("at"), new.clone())
        // The place is gone: somebody went back and forth. The condition is not lost for that.
        .or_else(|| chips::changed(state.get("filter"), Act::Add, "", new))
        .ok_or_else(|| v.t(keys::LIST_VALUE_MISSING))?;
    app.filter(&visitor.session.caller, object, &text)
        .await
        .map_err(|e| e.message(v.language))?;
    Ok(state.address(&[("filter", &text)]))
}

/// As [`act`], of the chip of tags: a tag is given by its id, or by its name as it was typed.
async fn act_of_tag(
    app: &App,
    visitor: &Visitor,
    object: &ObjectDef,
    state: &State,
    op: &str,
) -> Result<String, String> {
    let v = &visitor.view;
    let missing = || v.t(keys::LIST_VALUE_MISSING);
    let typed = state.besides("value").trim();
    let id = state
        .besides("value.id")
        .parse()
        .ok()
        .or_else(|| typed.parse().ok());
    let id = match id {
        Some(id) => id,
        None if typed.is_empty() => return Err(missing()),
        None => crate::bulk::tag_named(app, visitor, typed)
            .await
            .map_err(|e| e.message(v.language))?
            .ok_or_else(missing)?,
    };
    let new = chips::tag_condition(op, id).ok_or_else(missing)?;
    put(app, visitor, object, state, new).await
}
