//! The list of every object: columns, quick search, filter, sort, key-set pages.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use peyvand_app::records::COUNT_CAP;
use peyvand_app::{App, AppError, ListRequest, reading};
use peyvand_catalog::{FieldType, ObjectDef};
use peyvand_i18n::{Args, keys};
use peyvand_record::Verb;
use serde::Deserialize;

use crate::door::{Visitor, encode};
use crate::fields;
use crate::shell::{self, Answer, Chrome, html, initials, pigment};

/// What the address of a list says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    q: String,
    filter: String,
    sort: String,
    cursor: String,
    deleted: String,
}

impl Asked {
    /// The address of this list with some of it changed.
    fn address(&self, plural: &str, filter: &str, sort: &str, cursor: &str) -> String {
        let mut out = format!("/{plural}");
        let mut sep = '?';
        for (key, value) in [
            ("q", self.q.as_str()),
            ("filter", filter),
            ("sort", sort),
            ("deleted", self.deleted.as_str()),
            ("cursor", cursor),
        ] {
            if !value.is_empty() {
                out.push(sep);
                sep = '&';
                out.push_str(key);
                out.push('=');
                out.push_str(&encode(value));
            }
        }
        out
    }
}

/// The head of a column.
struct Head {
    label: String,
    /// Where a click leads; empty when the list cannot be sorted by it.
    sort: String,
    /// `ascending`, `descending` or nothing.
    state: &'static str,
    numeric: bool,
}

/// A row.
struct Row {
    id: String,
    address: String,
    title: String,
    initials: String,
    pigment: &'static str,
    cells: Vec<(String, bool, bool)>,
}

/// A simple condition of the filter.
struct Chip {
    field: String,
    value: String,
    remove: String,
}

/// A choice field that can be filtered by a click.
struct Quick {
    label: String,
    options: Vec<(String, String, String, bool)>,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    c: Chrome,
    plural: String,
    icon: &'static str,
    label: String,
    count: String,
    asked: Asked,
    example: String,
    error: String,
    heads: Vec<Head>,
    rows: Vec<Row>,
    chips: Vec<Chip>,
    quick: Vec<Quick>,
    next: String,
    first: String,
    shown: String,
    cut: bool,
    may_create: bool,
    new_label: String,
    board: bool,
    empty_title: String,
    empty_lead: String,
    clear: String,
}

/// The conditions of a filter of the simple kind `field = value AND …`, each with its text; `None` for others.
fn simple(filter: &str) -> Option<Vec<(String, String, String)>> {
    let mut out = Vec::new();
    for part in filter.split(" AND ") {
        let part = part.trim();
        let (field, value) = part.split_once(" = ")?;
        let plain = |s: &str| {
            !s.is_empty()
                && s.chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '(' || c == ')')
        };
        if !plain(field) || !plain(value) {
            return None;
        }
        out.push((field.to_owned(), value.to_owned(), part.to_owned()));
    }
    Some(out)
}

/// Chips of the filter, and menus of choices that add a condition.
fn chips(visitor: &Visitor, object: &ObjectDef, asked: &Asked) -> (Vec<Chip>, Vec<Quick>) {
    let v = &visitor.view;
    let filter = asked.filter.trim();
    let parts = if filter.is_empty() {
        Some(Vec::new())
    } else {
        simple(filter)
    };
    let without = |skip: &str| {
        parts
            .iter()
            .flatten()
            .map(|(_, _, text)| text.as_str())
            .filter(|t| *t != skip)
            .collect::<Vec<_>>()
            .join(" AND ")
    };
    let shown = match &parts {
        None => vec![Chip {
            field: v.t(keys::WEB_FILTER_LABEL),
            value: filter.to_owned(),
            remove: asked.address(&object.plural, "", &asked.sort, ""),
        }],
        Some(parts) => parts
            .iter()
            .map(|(field, value, text)| {
                let f = object.field(field).map(|(_, f)| f);
                Chip {
                    field: f.map_or_else(|| field.clone(), |f| v.label(&f.label).to_owned()),
                    value: f.and_then(|f| f.choice(value)).map_or_else(
                        || value.clone(),
                        |c| {
                            (if v.language == peyvand_numbers::Language::Fa {
                                &c.fa
                            } else {
                                &c.en
                            })
                            .clone()
                        },
                    ),
                    remove: asked.address(&object.plural, &without(text), &asked.sort, ""),
                }
            })
            .collect(),
    };
    let quick = match &parts {
        None => Vec::new(),
        Some(parts) => object
            .fields
            .iter()
            .filter(|f| f.ty == FieldType::Choice && f.list && f.filter)
            .take(3)
            .map(|f| Quick {
                label: v.label(&f.label).to_owned(),
                options: f
                    .choices
                    .iter()
                    .filter(|c| !c.retired)
                    .map(|c| {
                        let condition = format!("{} = {}", f.key, c.key);
                        let mut all: Vec<&str> = parts
                            .iter()
                            .filter(|(field, _, _)| *field != f.key)
                            .map(|(_, _, t)| t.as_str())
                            .collect();
                        all.push(&condition);
                        (
                            if v.language == peyvand_numbers::Language::Fa {
                                c.fa.clone()
                            } else {
                                c.en.clone()
                            },
                            asked.address(&object.plural, &all.join(" AND "), &asked.sort, ""),
                            c.color.clone().unwrap_or_else(|| "clay".to_owned()),
                            parts
                                .iter()
                                .any(|(field, value, _)| *field == f.key && *value == c.key),
                        )
                    })
                    .collect(),
            })
            .collect(),
    };
    (shown, quick)
}

/// An example of a filter that fits the object.
fn example(object: &ObjectDef) -> String {
    if let Some(f) = object
        .fields
        .iter()
        .find(|f| f.ty == FieldType::Choice && f.filter)
        && let Some(c) = f.choices.first()
    {
        return format!("{} = {}", f.key, c.key);
    }
    "created_at = this_month()".to_owned()
}

/// A page of records.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(plural): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let object = app.object(caller, &plural).map_err(visitor.fail())?;
    if caller.policy.reach(&object.key, Verb::Read) == peyvand_record::Reach::None && object.spine {
        return Err(shell::failure(&AppError::Forbidden, v.language));
    }
    let some = |s: &str| Some(s.trim().to_owned()).filter(|s| !s.is_empty());
    let mut request = ListRequest {
        filter: some(&asked.filter),
        sort: some(&asked.sort),
        limit: Some(50),
        cursor: some(&asked.cursor),
        fields: None,
        q: some(&asked.q),
        deleted: asked.deleted == "1",
        count: true,
        ..ListRequest::default()
    };
    let mut error = String::new();
    let listed = match app.list(caller, &object, &request).await {
        Ok(l) => l,
        Err(e @ (AppError::Filter(_) | AppError::Parameter { .. })) => {
            error = if matches!(e, AppError::Filter(_)) {
                v.with(
                    keys::WEB_FILTER_ERROR,
                    &Args::new().text("reason", e.message(v.language)),
                )
            } else {
                e.message(v.language)
            };
            request.filter = None;
            request.cursor = None;
            request.sort = None;
            app.list(caller, &object, &request)
                .await
                .map_err(visitor.fail())?
        }
        Err(e) => return Err(visitor.fail()(e)),
    };
    let columns = fields::list_columns(&app, caller, &object);
    let titles = fields::titles_of(&app, caller, &object, &listed.records, &columns)
        .await
        .map_err(visitor.fail())?;
    let (title_ix, title_field) = object.title_field();
    let sorted = some(&asked.sort)
        .or_else(|| object.default_sort.clone())
        .unwrap_or_default();
    let heads = columns
        .iter()
        .filter_map(|ix| object.at(*ix))
        .map(|f| {
            let state = match sorted.split(',').next().unwrap_or_default() {
                s if s == f.key => "ascending",
                s if s.strip_prefix('-') == Some(&f.key) => "descending",
                _ => "",
            };
            let wanted = if state == "ascending" {
                format!("-{}", f.key)
            } else {
                f.key.clone()
            };
            Head {
                label: v.label(&f.label).to_owned(),
                sort: if f.sort && asked.q.is_empty() {
                    asked.address(&plural, &asked.filter, &wanted, "")
                } else {
                    String::new()
                },
                state,
                numeric: matches!(
                    f.stored(),
                    FieldType::Number | FieldType::Decimal | FieldType::Money
                ),
            }
        })
        .collect();
    let rows = listed
        .records
        .iter()
        .map(|r| {
            let shown = fields::cell(caller, v, title_field, r.get(title_ix), &titles, true).text();
            let title = if shown.is_empty() {
                reading::title(&object, r)
            } else {
                shown
            };
            Row {
                id: r.id().to_string(),
                address: format!("/{plural}/{}", r.id()),
                initials: initials(&title),
                pigment: pigment(&title),
                title: if title.is_empty() { "—".to_owned() } else { title },
                cells: columns
                    .iter()
                    .filter(|ix| **ix != title_ix)
                    .filter_map(|ix| object.at(*ix).map(|f| (ix, f)))
                    .map(|(ix, f)| {
                        let c = fields::cell(caller, v, f, r.get(*ix), &titles, true);
                        let wide = matches!(
                            f.stored(),
                            FieldType::LongText | FieldType::RichText | FieldType::Text
                        );
                        (c.html(), c.numeric, wide)
                    })
                    .collect(),
            }
        })
        .collect::<Vec<_>>();
    let (chips, quick) = chips(&visitor, &object, &asked);
    let may_create = App::writable(caller, &object, Verb::Create).is_ok()
        && object.writes == peyvand_catalog::Writes::Generic;
    let searched = !asked.q.trim().is_empty() || !asked.filter.trim().is_empty();
    let one = v.label(&object.label).to_owned();
    let label = v.label(&object.labels).to_owned();
    let status = if error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    let page = ListPage {
        icon: shell::icon(&object.icon),
        count: listed.count.map(|n| v.count(n, COUNT_CAP)).unwrap_or_default(),
        example: v.with(
            keys::WEB_FILTER_EXAMPLE,
            &Args::new().text("example", example(&object)),
        ),
        error,
        heads,
        chips,
        quick,
        next: listed
            .next
            .as_deref()
            .map(|n| asked.address(&plural, &asked.filter, &asked.sort, n))
            .unwrap_or_default(),
        first: if asked.cursor.is_empty() {
            String::new()
        } else {
            asked.address(&plural, &asked.filter, &asked.sort, "")
        },
        shown: v.with(keys::WEB_SHOWN, &Args::new().number("count", rows.len() as i64)),
        rows,
        cut: listed.cut,
        may_create,
        new_label: v.with(keys::WEB_NEW_OF, &Args::new().text("object", one.clone())),
        board: object.key == "deal",
        empty_title: if searched {
            v.t(keys::WEB_EMPTY_NONE_TITLE)
        } else {
            v.with(keys::WEB_EMPTY_TITLE, &Args::new().text("object", one.clone()))
        },
        empty_lead: if !asked.q.trim().is_empty() {
            v.with(
                keys::LIST_EMPTY_SEARCH,
                &Args::new().text("query", asked.q.clone()),
            )
        } else if searched {
            v.t(keys::LIST_EMPTY_FILTER)
        } else if may_create {
            v.with(keys::WEB_EMPTY_LEAD, &Args::new().text("object", one))
        } else {
            v.t(keys::WEB_EMPTY_READ)
        },
        clear: if searched {
            format!("/{plural}")
        } else {
            String::new()
        },
        c: Chrome::of(&visitor, &label),
        label,
        plural,
        asked,
    };
    Ok(html(status, &page, visitor.said.is_some()))
}
