//! Rows in groups. By what can be sorted, the sort makes the groups; by a choice that the store does not sort by, each of
//! its values is asked for in turn, and the page goes on in the next group where one ends.

use peyvand_app::records::Listed;
use peyvand_app::{App, AppError, Caller, ListRequest};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};

use super::state::{State, filterable};
use super::{Line, PAGE};
use crate::door::Visitor;

/// Can rows be grouped by this field's values one by one? By choices and by yes and no, as far as they can be filtered.
pub(super) fn by_value(caller: &Caller, object: &ObjectDef, ix: FieldIx) -> bool {
    object.at(ix).is_some_and(|f| {
        !f.sort
            && matches!(f.stored(), FieldType::Choice | FieldType::Boolean)
            && filterable(caller, object, ix)
    })
}

/// The values of such a field in their order, as a filter names them; what has none comes last.
fn values(f: &FieldDef) -> Vec<String> {
    let mut out: Vec<String> = match f.stored() {
        FieldType::Boolean => vec!["true".to_owned(), "false".to_owned()],
        _ => f.choices.iter().map(|c| format!("\"{}\"", c.key)).collect(),
    };
    out.push("null".to_owned());
    out
}

/// A page of a list, in the groups that are asked for.
pub(super) async fn listed_in(
    app: &App,
    caller: &Caller,
    object: &std::sync::Arc<ObjectDef>,
    request: &ListRequest,
    group: Option<FieldIx>,
) -> Result<Listed, AppError> {
    let Some(f) = group.and_then(|ix| object.at(ix)).filter(|f| !f.sort) else {
        return app.list(caller, object, request).await;
    };
    let values = values(f);
    // The place of a page is its group and the place in it.
    let cursor = request.cursor.as_deref().unwrap_or("0~");
    let (first, mut inner) = match cursor.split_once('~') {
        Some((n, rest)) => (
            n.parse::<usize>().unwrap_or(0),
            Some(rest.to_owned()).filter(|r| !r.is_empty()),
        ),
        None => {
            return Err(AppError::Parameter {
                name: "cursor",
                value: cursor.chars().take(40).collect(),
            });
        }
    };
    let mut page: Option<Listed> = None;
    for (n, value) in values.iter().enumerate().skip(first) {
        let so_far = page.as_ref().map_or(0, |p| p.records.len());
        let this = format!("{} = {value}", f.key);
        let mut one = request.clone();
        one.limit = Some(PAGE.saturating_sub(so_far as u32).max(1));
        one.cursor = inner.take();
        one.filter = Some(match request.filter.as_deref() {
            Some(filter) => format!("({filter}) AND {this}"),
            None => this,
        });
        let mut listed = app.list(caller, object, &one).await?;
        let next = listed.next.take();
        let all = match page.take() {
            Some(mut all) => {
                all.records.append(&mut listed.records);
                all.cut |= listed.cut;
                page.insert(all)
            }
            None => page.insert(listed),
        };
        if let Some(next) = next {
            all.next = Some(format!("{n}~{next}"));
            break;
        }
        if all.records.len() >= PAGE as usize {
            all.next = (n + 1 < values.len()).then(|| format!("{}~", n + 1));
            break;
        }
    }
    match page {
        Some(page) => Ok(page),
        // Beyond the last group there is nothing more.
        None => {
            let mut one = request.clone();
            one.cursor = None;
            let mut listed = app.list(caller, object, &one).await?;
            listed.records.clear();
            listed.next = None;
            Ok(listed)
        }
    }
}

/// The lines of the menu: the fields by which rows can be grouped.
pub(super) fn group_lines(visitor: &Visitor, object: &ObjectDef, state: &State) -> Vec<Line> {
    let v = &visitor.view;
    let now = state.group(&visitor.session.caller, object);
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(ix, f)| {
            let kind = matches!(
                f.stored(),
                FieldType::Choice
                    | FieldType::Date
                    | FieldType::Boolean
                    | FieldType::Text
                    | FieldType::Number
            );
            let groups = f.sort && visitor.session.caller.policy.sees(&object.key, *ix)
                || by_value(&visitor.session.caller, object, *ix);
            groups && kind && *ix != object.title_field().0
        })
        .map(|(ix, f)| {
            let on = now == Some(ix);
            Line {
                label: v.label(&f.label).to_owned(),
                to: state.address(&[("group", if on { "" } else { &f.key })]),
                on,
                mark: "",
                up: String::new(),
                down: String::new(),
            }
        })
        .collect()
}
