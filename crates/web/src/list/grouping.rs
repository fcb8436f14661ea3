//! Rows in groups. By choices, by yes and no and by linked records each value is asked for in turn, and the page goes on in the
//! next group where one ends; by whatever else can be sorted, the sort makes the groups. Each group says how many records it has
//! and what they come to, as long as the list is not too long to be counted; those that are asked for one by one can be folded.

use std::collections::HashMap;

use peyvand_app::records::{COUNT_CAP, GroupKey, Listed, Tally};
use peyvand_app::{App, AppError, Caller, ListRequest};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_record::Value;
use peyvand_text::sort_key;

use super::rows;
use super::state::{State, filterable};
use super::{Line, PAGE};
use crate::door::Visitor;
use crate::fields::{self, Titles};
use crate::form::inputs::target_of;

/// Can rows be grouped by this field's values one by one? By choices, by yes and no and by links, as far as they can be
/// filtered.
pub(super) fn by_value(caller: &Caller, object: &ObjectDef, ix: FieldIx) -> bool {
    object.at(ix).is_some_and(|f| {
        let kind = match f.stored() {
            FieldType::Choice | FieldType::Boolean => true,
            FieldType::Link => !f.custom && f.to.as_deref() != Some("*"),
            _ => false,
        };
        kind && filterable(caller, object, ix)
    })
}

/// A group that is asked for by its value.
pub(super) struct Part {
    /// As the address names it.
    key: String,
    /// The condition of its records.
    filter: String,
    value: Value,
    count: String,
    sums: Vec<String>,
    folded: bool,
}

/// How the rows of a page are grouped.
pub(super) enum Plan {
    /// Not at all.
    Flat,
    /// By the sort, with what is known of the groups.
    Sorted(FieldIx, Vec<Tally>),
    /// By their values.
    Values(FieldIx, Vec<Part>),
    /// By links of more records than can be counted.
    TooMany,
}

/// A stretch of a page: the group and how many of the page's rows it has.
pub(super) struct Stretch {
    part: usize,
    rows: usize,
}

/// What the groups of a list show besides their rows.
pub(super) struct Summed<'a> {
    pub(super) columns: &'a [FieldIx],
    pub(super) fields: &'a [FieldIx],
}

/// How the address and a filter name a value.
fn named(value: &Value) -> (String, String) {
    match value {
        Value::Bool(b) => (b.to_string(), b.to_string()),
        Value::Choice(c) => (c.to_string(), format!("\"{c}\"")),
        Value::Id(id) => (id.to_string(), format!("\"{id}\"")),
        _ => ("-".to_owned(), "null".to_owned()),
    }
}

/// The linked records in the order of their names.
async fn by_name(
    app: &App,
    caller: &Caller,
    f: &FieldDef,
    found: &mut [(Value, Option<Tally>)],
) -> Result<(), AppError> {
    let ids: Vec<Id> = found.iter().filter_map(|(v, _)| v.as_id()).collect();
    let titles = app
        .titles(caller, &HashMap::from([(target_of(f).to_owned(), ids)]))
        .await?;
    found.sort_by_cached_key(|(v, _)| match v.as_id() {
        // What cannot be seen comes after what has a name, and what has none last.
        Some(id) => titles.get(&id).map_or((1, Vec::new()), |t| (0, sort_key(t))),
        None => (2, Vec::new()),
    });
    Ok(())
}

/// How a list is grouped.
pub(super) async fn plan(
    app: &App,
    visitor: &Visitor,
    object: &std::sync::Arc<ObjectDef>,
    state: &State,
    request: &ListRequest,
    summed: &Summed<'_>,
) -> Result<Plan, AppError> {
    let caller = &visitor.session.caller;
    let Some((ix, f)) = state
        .group(caller, object)
        .and_then(|ix| Some((ix, object.at(ix)?)))
    else {
        return Ok(Plan::Flat);
    };
    let filter = request.filter.as_deref();
    let told = if request.q.is_some() {
        None
    } else {
        app.groups(caller, object, filter, request.deleted, ix, summed.fields)
            .await?
    };
    if !by_value(caller, object, ix) {
        return Ok(Plan::Sorted(ix, told.unwrap_or_default()));
    }
    let all = |f: &FieldDef| -> Vec<Value> {
        let mut out: Vec<Value> = match f.stored() {
            FieldType::Boolean => vec![Value::Bool(true), Value::Bool(false)],
            _ => f
                .choices
                .iter()
                .map(|c| Value::Choice(c.key.as_str().into()))
                .collect(),
        };
        out.push(Value::Null);
        out
    };
    let mut found: Vec<(Value, Option<Tally>)> = match (told, f.stored()) {
        (None, FieldType::Link) => return Ok(Plan::TooMany),
        (None, _) => all(f).into_iter().map(|v| (v, None)).collect(),
        (Some(told), _) => told.into_iter().map(|t| (t.key.value(f), Some(t))).collect(),
    };
    if f.stored() == FieldType::Link {
        by_name(app, caller, f, &mut found).await?;
    } else {
        let order = all(f);
        found.sort_by_key(|(v, _)| order.iter().position(|o| o == v).unwrap_or(order.len()));
    }
    let folded: Vec<&str> = state.get("fold").split(',').collect();
    let mut parts = Vec::with_capacity(found.len());
    for (value, tally) in found {
        let (key, literal) = named(&value);
        let this = format!("{} = {literal}", f.key);
        let filter = match filter {
            Some(filter) => format!("({filter}) AND {this}"),
            None => this,
        };
        let (count, sums) = match tally {
            Some(t) => (Some(t.count), t.sums),
            None if request.q.is_some() => (None, Vec::new()),
            None => {
                let of = app.tally(caller, object, Some(&filter), request.deleted, summed.fields);
                let (n, sums) = of.await?;
                (Some(n), sums)
            }
        };
        if count == Some(0) {
            continue;
        }
        parts.push(Part {
            folded: folded.contains(&key.as_str()),
            key,
            filter,
            value,
            count: count.map_or_else(String::new, |n| visitor.view.count(n, COUNT_CAP)),
            sums: rows::sums(visitor, object, summed.columns, summed.fields, &sums),
        });
    }
    Ok(Plan::Values(ix, parts))
}

/// A page of a list, in the groups that are asked for.
pub(super) async fn listed_in(
    app: &App,
    caller: &Caller,
    object: &std::sync::Arc<ObjectDef>,
    request: &ListRequest,
    plan: &Plan,
) -> Result<(Listed, Vec<Stretch>), AppError> {
    let Plan::Values(_, parts) = plan else {
        return Ok((app.list(caller, object, request).await?, Vec::new()));
    };
    // The place of a page is its group, by its value since groups come and go, and the place in it.
    let (first, mut inner) = match request.cursor.as_deref() {
        None => (0, None),
        Some(cursor) => cursor
            .split_once('~')
            .and_then(|(key, rest)| {
                let first = parts.iter().position(|p| p.key == key)?;
                Some((first, Some(rest.to_owned()).filter(|r| !r.is_empty())))
            })
            .ok_or_else(|| AppError::Parameter {
                name: "cursor",
                value: cursor.chars().take(40).collect(),
            })?,
    };
    let mut page: Option<Listed> = None;
    let mut stretches = Vec::new();
    for (n, part) in parts.iter().enumerate().skip(first) {
        if part.folded {
            stretches.push(Stretch { part: n, rows: 0 });
            continue;
        }
        let so_far = page.as_ref().map_or(0, |p| p.records.len());
        if so_far >= PAGE as usize {
            if let Some(all) = &mut page {
                all.next = Some(format!("{}~", part.key));
            }
            break;
        }
        let mut one = request.clone();
        one.limit = Some(PAGE.saturating_sub(so_far as u32).max(1));
        one.cursor = inner.take();
        one.filter = Some(part.filter.clone());
        let mut listed = app.list(caller, object, &one).await?;
        let next = listed.next.take();
        stretches.push(Stretch {
            part: n,
            rows: listed.records.len(),
        });
        let all = match page.take() {
            Some(mut all) => {
                all.records.append(&mut listed.records);
                all.cut |= listed.cut;
                page.insert(all)
            }
            None => page.insert(listed),
        };
        if let Some(next) = next {
            all.next = Some(format!("{}~{next}", part.key));
            break;
        }
    }
    match page {
        Some(page) => Ok((page, stretches)),
        // Nothing but folded groups.
        None => {
            let mut one = request.clone();
            one.cursor = None;
            one.limit = Some(1);
            let mut listed = app.list(caller, object, &one).await?;
            listed.records.clear();
            listed.next = None;
            Ok((listed, stretches))
        }
    }
}

/// The head of a group of rows.
#[derive(Default)]
pub(super) struct GroupHead {
    /// As the page knows it again.
    pub(super) key: String,
    /// HTML: the field and its value.
    pub(super) label: String,
    pub(super) count: String,
    /// By column.
    pub(super) sums: Vec<String>,
    /// Folds or opens it; empty where groups are not folded.
    pub(super) fold: String,
    pub(super) folded: bool,
}

/// The records whose titles the heads need.
pub(super) fn linked(
    object: &ObjectDef,
    plan: &Plan,
    stretches: &[Stretch],
    wanted: &mut HashMap<String, Vec<Id>>,
) {
    let Plan::Values(ix, parts) = plan else { return };
    let Some(f) = object.at(*ix).filter(|f| f.stored() == FieldType::Link) else {
        return;
    };
    let ids = stretches.iter().filter_map(|s| parts.get(s.part)?.value.as_id());
    wanted.entry(target_of(f).to_owned()).or_default().extend(ids);
}

/// What groups are drawn with.
pub(super) struct Heads<'a> {
    pub(super) visitor: &'a Visitor,
    pub(super) object: &'a ObjectDef,
    pub(super) state: &'a State,
    pub(super) titles: &'a Titles,
    pub(super) summed: &'a Summed<'a>,
}

impl Heads<'_> {
    fn label(&self, f: &FieldDef, value: &Value) -> String {
        let caller = &self.visitor.session.caller;
        let v = &self.visitor.view;
        let cell = fields::cell(caller, v, f, value, self.titles, true);
        let mut out = String::from("<span class=\"mute\">");
        fields::escape_into(&mut out, v.label(&f.label));
        out.push_str("</span> ");
        out.push_str(&cell.html());
        out
    }

    /// The heads of a page's groups, each with how many of the page's rows it has.
    pub(super) fn of(
        &self,
        plan: &Plan,
        stretches: &[Stretch],
        records: &[peyvand_record::Record],
    ) -> Vec<(GroupHead, usize)> {
        match plan {
            Plan::Flat | Plan::TooMany => vec![(GroupHead::default(), records.len())],
            Plan::Values(ix, parts) => {
                let Some(f) = self.object.at(*ix) else {
                    return Vec::new();
                };
                let shut: Vec<&str> = parts
                    .iter()
                    .filter(|p| p.folded)
                    .map(|p| p.key.as_str())
                    .collect();
                stretches
                    .iter()
                    .filter_map(|s| Some((parts.get(s.part)?, s.rows)))
                    .filter(|(p, rows)| p.folded || *rows > 0)
                    .map(|(p, rows)| {
                        let mut others: Vec<&str> = shut.iter().copied().filter(|k| *k != p.key).collect();
                        if !p.folded {
                            others.push(&p.key);
                        }
                        let head = GroupHead {
                            key: p.key.clone(),
                            label: self.label(f, &p.value),
                            count: p.count.clone(),
                            sums: p.sums.clone(),
                            fold: self.state.address(&[("fold", &others.join(","))]),
                            folded: p.folded,
                        };
                        (head, rows)
                    })
                    .collect()
            }
            Plan::Sorted(ix, told) => {
                let Some(f) = self.object.at(*ix) else {
                    return Vec::new();
                };
                let mut out: Vec<(GroupHead, usize)> = Vec::new();
                let mut before: Option<&Value> = None;
                for r in records {
                    let value = r.get(*ix);
                    if before != Some(value) {
                        let key = GroupKey::of(value);
                        let tally = told.iter().find(|t| Some(&t.key) == key.as_ref());
                        let v = &self.visitor.view;
                        out.push((
                            GroupHead {
                                key: key.map(|k| format!("{k:?}")).unwrap_or_default(),
                                label: self.label(f, value),
                                count: tally.map_or_else(String::new, |t| v.count(t.count, COUNT_CAP)),
                                sums: tally.map_or_else(
                                    || vec![String::new(); self.summed.columns.len()],
                                    |t| {
                                        rows::sums(
                                            self.visitor,
                                            self.object,
                                            self.summed.columns,
                                            self.summed.fields,
                                            &t.sums,
                                        )
                                    },
                                ),
                                ..GroupHead::default()
                            },
                            0,
                        ));
                    }
                    before = Some(value);
                    if let Some((_, rows)) = out.last_mut() {
                        *rows += 1;
                    }
                }
                out
            }
        }
    }
}

/// The lines of the menu: the fields by which rows can be grouped.
pub(super) fn group_lines(visitor: &Visitor, object: &ObjectDef, state: &State) -> Vec<Line> {
    let v = &visitor.view;
    let caller = &visitor.session.caller;
    let now = state.group(caller, object);
    object
        .fields
        .iter()
        .enumerate()
        .map(|(i, f)| (FieldIx(i as u16), f))
        .filter(|(ix, f)| {
            let sorted = matches!(f.stored(), FieldType::Date | FieldType::Text | FieldType::Number)
                && f.sort
                && caller.policy.sees(&object.key, *ix);
            (sorted || by_value(caller, object, *ix)) && *ix != object.title_field().0
        })
        .map(|(ix, f)| {
            let on = now == Some(ix);
            Line {
                label: v.label(&f.label).to_owned(),
                to: state.address(&[("group", if on { "" } else { &f.key }), ("fold", "")]),
                on,
                mark: "",
                up: String::new(),
                down: String::new(),
            }
        })
        .collect()
}
