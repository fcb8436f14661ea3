//! Rows in groups. By choices, by yes and no and by linked records each value is asked for in turn, and the page goes on in the
//! next group where one ends; by whatever else can be sorted, the sort makes the groups, of days and times their months. Each
//! group says how many records it has and what they come to, as long as the list is not too long to be counted; those that are
//! asked for one by one can be folded.
//! Linked records stand by name; in a list that is too long for that by the size of their groups, which have no end then: they are
//! read in stretches, and the place of a page says where its stretch begins.

use std::collections::HashMap;
use std::sync::Arc;

use peyvand_app::records::{COUNT_CAP, GroupKey, GroupPlace, ListGroups, Listed, MOST_GROUPS, Tally};
use peyvand_app::{App, AppError, Caller, ListRequest};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_record::Value;
use peyvand_text::sort_key;

use super::months;
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
    /// As the place of a page names it: its key, or its place among the groups by size.
    place: String,
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
    /// By their values, the largest group first: these, and where those after them begin.
    BySize(FieldIx, Vec<Part>, Option<String>),
}

impl Plan {
    /// The groups that are asked for by their values.
    fn parts(&self) -> Option<(FieldIx, &[Part])> {
        match self {
            Self::Flat | Self::Sorted(..) => None,
            Self::Values(ix, parts) | Self::BySize(ix, parts, _) => Some((*ix, parts)),
        }
    }

    /// Do the groups stand by size?
    pub(super) const fn is_by_size(&self) -> bool {
        matches!(self, Self::BySize(..))
    }
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
    object: &Arc<ObjectDef>,
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
    let list = ListGroups {
        by: ix,
        sums: summed.fields,
        filter,
        deleted: request.deleted,
    };
    let parts = Parts {
        visitor,
        object,
        f,
        list,
        columns: summed.columns,
        folded: state.get("fold").split(',').collect(),
    };
    // A page that goes on among groups by size stays among them, whatever the list has become meanwhile.
    let place = request.cursor.as_deref().and_then(|c| place_in(f, c));
    if place.is_some() && by_value(caller, object, ix) {
        return parts.by_size(app, place.as_ref()).await;
    }
    let told = if request.q.is_some() {
        None
    } else {
        app.groups(caller, object, &list).await?
    };
    if !by_value(caller, object, ix) {
        let told = told.unwrap_or_default();
        return Ok(Plan::Sorted(
            ix,
            if f.stored() == FieldType::Date {
                months::told(&visitor.view, told)
            } else {
                told
            },
        ));
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
        (None, FieldType::Link) => return parts.by_size(app, None).await,
        (None, _) => all(f).into_iter().map(|v| (v, None)).collect(),
        (Some(told), _) => told.into_iter().map(|t| (t.key.value(f), Some(t))).collect(),
    };
    if f.stored() == FieldType::Link {
        by_name(app, caller, f, &mut found).await?;
    } else {
        let order = all(f);
        found.sort_by_key(|(v, _)| order.iter().position(|o| o == v).unwrap_or(order.len()));
    }
    let mut all = Vec::with_capacity(found.len());
    for (value, tally) in found {
        let (count, sums) = match tally {
            Some(t) => (Some(t.count), t.sums),
            None if request.q.is_some() => (None, Vec::new()),
            None => {
                let filter = parts.filter(&value);
                let of = app.tally(caller, object, Some(&filter), request.deleted, summed.fields);
                let (n, sums) = of.await?;
                (Some(n), sums)
            }
        };
        if count != Some(0) {
            let count = count.map_or_else(String::new, |n| visitor.view.count(n, COUNT_CAP));
            all.push(parts.part(value, count, &sums));
        }
    }
    Ok(Plan::Values(ix, all))
}

/// The place among groups by size with which a page begins.
fn place_in(f: &FieldDef, cursor: &str) -> Option<GroupPlace> {
    let place: GroupPlace = cursor.split_once('~')?.0.parse().ok()?;
    let linked = matches!(place.key, GroupKey::Record(_) | GroupKey::Empty);
    (linked && f.stored() == FieldType::Link).then_some(place)
}

/// What the groups of a list are made of.
struct Parts<'a> {
    visitor: &'a Visitor,
    object: &'a Arc<ObjectDef>,
    f: &'a FieldDef,
    list: ListGroups<'a>,
    columns: &'a [FieldIx],
    folded: Vec<&'a str>,
}

impl Parts<'_> {
    /// The condition of the records of the list that have this value.
    fn filter(&self, value: &Value) -> String {
        let this = format!("{} = {}", self.f.key, named(value).1);
        match self.list.filter {
            Some(filter) => format!("({filter}) AND {this}"),
            None => this,
        }
    }

    fn part(&self, value: Value, count: String, sums: &[Option<i64>]) -> Part {
        let (key, _) = named(&value);
        Part {
            folded: self.folded.contains(&key.as_str()),
            place: key.clone(),
            key,
            filter: self.filter(&value),
            count,
            sums: rows::sums(self.visitor, self.object, self.columns, self.list.sums, sums),
            value,
        }
    }

    /// The same of a group with its exact figures.
    fn counted(&self, t: &Tally) -> Part {
        let count = self.visitor.view.count(t.count, u64::MAX);
        Part {
            place: t.place().to_string(),
            ..self.part(t.key.value(self.f), count, &t.sums)
        }
    }

    /// A stretch of the groups by size, beginning with the one at this place.
    async fn by_size(&self, app: &App, first: Option<&GroupPlace>) -> Result<Plan, AppError> {
        let caller = &self.visitor.session.caller;
        let mut found = app.largest_groups(caller, self.object, &self.list, first).await?;
        // The last one only says where the next stretch begins.
        let last = if found.len() == MOST_GROUPS {
            found.pop()
        } else {
            None
        };
        let beyond = last.map(|t| t.place().to_string());
        let mut parts = Vec::with_capacity(found.len() + 1);
        if let Some(first) = first {
            // It may have grown or shrunk since the page before: it goes on here, and only here.
            let filter = self.filter(&first.key.value(self.f));
            let one = ListGroups {
                filter: Some(&filter),
                ..self.list
            };
            let now = app.largest_groups(caller, self.object, &one, None).await?;
            let now = now.first().map_or_else(
                || self.part(first.key.value(self.f), String::new(), &[]),
                |t| self.counted(t),
            );
            parts.push(Part {
                place: first.to_string(),
                ..now
            });
            found.retain(|t| t.key != first.key);
        }
        parts.extend(found.iter().map(|t| self.counted(t)));
        Ok(Plan::BySize(self.list.by, parts, beyond))
    }
}

/// A page of a list, in the groups that are asked for.
pub(super) async fn listed_in(
    app: &App,
    caller: &Caller,
    object: &Arc<ObjectDef>,
    request: &ListRequest,
    plan: &Plan,
) -> Result<(Listed, Vec<Stretch>), AppError> {
    let Some((_, parts)) = plan.parts() else {
        return Ok((app.list(caller, object, request).await?, Vec::new()));
    };
    // The place of a page is its group, by its value since groups come and go, and the place in it.
    let (first, mut inner) = match request.cursor.as_deref() {
        None => (0, None),
        Some(cursor) => cursor
            .split_once('~')
            .and_then(|(key, rest)| {
                let first = parts.iter().position(|p| p.place == key)?;
                Some((first, Some(rest.to_owned()).filter(|r| !r.is_empty())))
            })
            .ok_or_else(|| AppError::Parameter {
                name: "cursor",
                value: cursor.chars().take(40).collect(),
            })?,
    };
    let most = request.limit.unwrap_or(PAGE);
    let mut page: Option<Listed> = None;
    let mut stretches = Vec::new();
    for (n, part) in parts.iter().enumerate().skip(first) {
        if part.folded {
            stretches.push(Stretch { part: n, rows: 0 });
            continue;
        }
        let so_far = page.as_ref().map_or(0, |p| p.records.len());
        if so_far >= most as usize {
            if let Some(all) = &mut page {
                all.next = Some(format!("{}~", part.place));
            }
            break;
        }
        let mut one = request.clone();
        one.limit = Some(most.saturating_sub(so_far as u32).max(1));
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
            all.next = Some(format!("{}~{next}", part.place));
            break;
        }
    }
    let beyond = match plan {
        Plan::BySize(_, _, Some(place)) => Some(format!("{place}~")),
        _ => None,
    };
    match page {
        Some(mut page) => {
            page.next = page.next.or(beyond);
            Ok((page, stretches))
        }
        // Nothing but folded groups.
        None => {
            let mut one = request.clone();
            one.cursor = None;
            one.limit = Some(1);
            let mut listed = app.list(caller, object, &one).await?;
            listed.records.clear();
            listed.next = beyond;
            Ok((listed, stretches))
        }
    }
}

/// The head of a group of rows.
#[derive(Default)]
pub(super) struct GroupHead {
    /// As the page knows it again.
    pub(super) key: String,
    pub(super) field: String,
    /// HTML: the value.
    pub(super) label: String,
    /// The value as text: where the head is cut, this is said whole.
    pub(super) text: String,
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
    let Some((ix, parts)) = plan.parts() else { return };
    let Some(f) = object.at(ix).filter(|f| f.stored() == FieldType::Link) else {
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
    /// A head with what it is called; it has no rows yet.
    fn named(&self, f: &FieldDef, value: &Value) -> GroupHead {
        let caller = &self.visitor.session.caller;
        let v = &self.visitor.view;
        if let Some(day) = months::day(v, value) {
            let month = months::name(v, day);
            return GroupHead {
                field: v.label(&f.label).to_owned(),
                label: month.clone(),
                text: month,
                ..GroupHead::default()
            };
        }
        let cell = fields::cell(caller, v, f, value, self.titles, true);
        GroupHead {
            field: v.label(&f.label).to_owned(),
            label: cell.html(),
            text: cell.text(),
            ..GroupHead::default()
        }
    }

    /// The heads of a page's groups, each with how many of the page's rows it has.
    pub(super) fn of(
        &self,
        plan: &Plan,
        stretches: &[Stretch],
        records: &[peyvand_record::Record],
    ) -> Vec<(GroupHead, usize)> {
        match plan {
            Plan::Flat => vec![(GroupHead::default(), records.len())],
            Plan::Values(ix, parts) | Plan::BySize(ix, parts, _) => {
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
                            count: p.count.clone(),
                            sums: p.sums.clone(),
                            fold: self.state.address(&[("fold", &others.join(","))]),
                            folded: p.folded,
                            ..self.named(f, &p.value)
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
                    let key = months::group(&self.visitor.view, value);
                    if !before.is_some_and(|b| months::together(&self.visitor.view, b, value)) {
                        let tally = told.iter().find(|t| Some(&t.key) == key.as_ref());
                        let v = &self.visitor.view;
                        out.push((
                            GroupHead {
                                key: key.as_ref().map(|k| format!("{k:?}")).unwrap_or_default(),
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
                                ..self.named(f, value)
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
