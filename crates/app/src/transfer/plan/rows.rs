//! Rows as drafts: what stands in each cell becomes a value, a link or a line, or says what is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use peyvand_calendar::date_format::{DateFormat, parse_with};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Instant;
use peyvand_domain::lines::{Seen, lines_of};
use peyvand_exchange::profile::decimal_comma;
use peyvand_exchange::{Cell, Row};
use peyvand_numbers::Currency;
use peyvand_record::codec::{self, Expected, FieldError, FieldErrorCode};
use peyvand_record::{MoneyValue, Value};
use serde_json::json;

use super::super::bulk::{ANY, By, Draft, Link, Target, compared};
use super::super::mapping::{BadValues, When};

use super::{Fields, Kind, Part, Plan, readable};

impl Plan {
    /// The draft of a row.
    ///
    /// # Errors
    /// The values that cannot be read, when the mapping says that such rows are not written.
    pub fn part(&self, row: &Row, key: String, line_key: String) -> Result<Part, Vec<FieldError>> {
        let mut problems = Vec::new();
        let (mut values, links) = self.read(&self.head, row, &mut problems);
        // Lines of orders that are there are in the currency of their order, unless the file says another.
        if self.currency_stated {
            self.line_total(&self.object, &mut values);
        }
        let mut draft = Draft {
            object: Arc::clone(&self.object),
            key: Some(key),
            stated: self.key_of(row).is_some(),
            values,
            links,
            children: Vec::new(),
            sums: self.sums.clone(),
            row: row.number,
            made: None,
        };
        let mut notes = Vec::new();
        let mut ruled: Vec<FieldIx> = Vec::new();
        for (at, rule, set) in &self.rules {
            let cell = row.cell(*at).as_text();
            let text = cell.trim();
            let fits = match rule.when {
                When::Is => text == rule.value,
                When::Starts => text.starts_with(&rule.value),
                When::Empty => text.is_empty(),
                When::Negative => text.starts_with(['-', '−']),
            };
            if !fits || (!set.is_empty() && set.iter().all(|(ix, _)| ruled.contains(ix))) {
                continue;
            }
            for (ix, v) in set {
                if !ruled.contains(ix) {
                    ruled.push(*ix);
                    draft.values.retain(|(i, _)| i != ix);
                    draft.values.push((*ix, v.clone()));
                }
            }
            notes.extend(rule.note.clone());
        }
        if let Some((parent, l)) = &self.lines {
            let (mut values, links) = self.read(l, row, &mut problems);
            self.line_total(&l.object, &mut values);
            draft.children.push((
                *parent,
                Draft {
                    object: Arc::clone(&l.object),
                    key: Some(line_key),
                    stated: false,
                    values,
                    links,
                    children: Vec::new(),
                    sums: Vec::new(),
                    row: row.number,
                    made: None,
                },
            ));
        }
        if !problems.is_empty() && self.bad_values == BadValues::Row {
            return Err(problems);
        }
        Ok(Part {
            draft,
            notes,
            problems,
        })
    }

    /// The total of a line that states none, and its currency.
    fn line_total(&self, object: &ObjectDef, values: &mut Vec<(FieldIx, Value)>) {
        let Some(of) = lines_of(&object.key) else { return };
        let seen = Seen { before: None, values };
        if !seen.get(of.total).is_null() {
            return;
        }
        let stated = seen.get(of.currency).as_str().map(Currency::new);
        let currency = match stated {
            Some(Ok(c)) => c,
            _ => self.edge.base_currency,
        };
        // What cannot be so here was so elsewhere: such a line has no total.
        let line = of.reckon(object, seen, currency).ok().flatten();
        if let Some(line) = line {
            values.push((of.total, self.money(line.total, currency.code())));
        }
        if stated.is_none() {
            values.push((of.currency, Value::text(currency.code())));
        }
    }

    fn money(&self, minor: i64, currency: &str) -> Value {
        Value::money(MoneyValue {
            minor,
            currency: currency.into(),
            base: (currency == self.base.code()).then_some(minor),
            rate: None,
            rated_on: None,
        })
    }

    fn read(
        &self,
        fields: &Fields,
        row: &Row,
        problems: &mut Vec<FieldError>,
    ) -> (Vec<(FieldIx, Value)>, Vec<Link>) {
        let mut values = fields.set.clone();
        let mut links = Vec::new();
        let mut parts: BTreeMap<FieldIx, serde_json::Map<String, serde_json::Value>> = BTreeMap::new();
        let mut points: BTreeMap<FieldIx, Vec<serde_json::Value>> = BTreeMap::new();
        for c in &fields.columns {
            let Some(f) = fields.object.at(c.field) else {
                continue;
            };
            let cell = if c.template.is_some() {
                &Cell::Empty
            } else {
                row.cell(c.at)
            };
            let shown = cell.as_text();
            let mut text = shown.trim();
            let filled = c.template.as_ref().map(|t| self.fill(t, row, text));
            if let Some(t) = &filled {
                text = t.trim();
            }
            if let Some(cut) = &c.cut {
                text = text.strip_suffix(cut.as_str()).unwrap_or(text);
            }
            if let Some(meant) = c.values.get(text) {
                text = meant;
            }
            if text.is_empty() {
                continue;
            }
            // A number that can only be meant with a point stays so, wherever it comes up in the column.
            let comma = c.commas && matches!(cell, Cell::Text(_)) && decimal_comma(text) != Some(false);
            let pointed = comma.then(|| text.replace('.', "").replace(',', "."));
            let (cell, text) = match &pointed {
                Some(number) => (&Cell::Empty, number.as_str()),
                None => (cell, text),
            };
            let currency = c.currency.map(|at| row.cell(at).as_text());
            let in_currency = currency.map(|c| format!("{text} {}", c.trim()));
            let (cell, text) = match &in_currency {
                Some(amount) => (&Cell::Empty, amount.trim_end()),
                None => (cell, text),
            };
            match &c.kind {
                Kind::Part(part) => {
                    parts
                        .entry(c.field)
                        .or_default()
                        .insert(part.clone(), json!(text));
                }
                Kind::Point(label) => {
                    let list = points.entry(c.field).or_default();
                    match cell {
                        Cell::Json(j) | Cell::Text(j) if j.trim_start().starts_with(['[', '{']) => {
                            match serde_json::from_str(j) {
                                Ok(serde_json::Value::Array(all)) => list.extend(all),
                                Ok(one) => list.push(one),
                                Err(_) => list.push(json!(text)),
                            }
                        }
                        _ => {
                            // A label that stands in another column of the row.
                            let label = label.as_ref().map(|l| {
                                if l.contains('{') {
                                    self.fill(l, row, "").trim().to_owned()
                                } else {
                                    l.clone()
                                }
                            });
                            let label = label.filter(|l| !l.is_empty());
                            list.extend(
                                codec::point_entries(text, false)
                                    .into_iter()
                                    .flat_map(|t| t.split(" ::: "))
                                    .map(str::trim)
                                    .filter(|t| !t.is_empty())
                                    .map(|t| match &label {
                                        Some(l) => json!({"value": t, "label": l}),
                                        None => json!({"value": t}),
                                    }),
                            );
                        }
                    }
                }
                Kind::Any => {
                    let (many, texts) = ends(f, cell, text);
                    links.extend(texts.into_iter().map(|said| Link {
                        field: c.field,
                        target: Target {
                            object: ANY.into(),
                            by: By::Id,
                            text: said.to_lowercase(),
                        },
                        said,
                        make: None,
                        many,
                        leave: false,
                    }));
                }
                Kind::Link {
                    to,
                    by,
                    make,
                    leave,
                    first,
                } => {
                    let make = (!make.is_empty()).then(|| {
                        make.iter()
                            .filter_map(|(ix, template)| {
                                let f = to.at(*ix)?;
                                let filled = self.fill(template, row, text);
                                let v = codec::parse_text(f, &filled, &self.edge).ok()?;
                                (!v.is_null()).then_some((*ix, v))
                            })
                            .collect()
                    });
                    let mut all = text.split(';').map(str::trim);
                    let text = all.find(|t| *first && !t.is_empty()).unwrap_or(text);
                    let (many, texts) = ends(f, cell, text);
                    links.extend(texts.into_iter().map(|said| Link {
                        field: c.field,
                        target: target(to, by, &said),
                        said,
                        make: make.clone(),
                        many,
                        leave: *leave,
                    }));
                }
                Kind::Value { date } => match self
                    .value(f, cell, text, date.as_ref(), c.tomans)
                    .and_then(|v| readable(&fields.object, c.field, f, v, self.edge.today))
                {
                    Ok(Value::Null) => {}
                    Ok(v) => {
                        // Of two columns for one field the first that is filled counts.
                        if !values.iter().any(|(ix, _)| *ix == c.field) {
                            values.push((c.field, v));
                        }
                    }
                    Err(e) => problems.push(e),
                },
            }
        }
        let whole = parts
            .into_iter()
            .map(|(ix, map)| (ix, serde_json::Value::Object(map)))
            .chain(
                points
                    .into_iter()
                    .map(|(ix, list)| (ix, serde_json::Value::Array(list))),
            );
        for (ix, json) in whole {
            let Some(f) = fields.object.at(ix) else { continue };
            match codec::parse_json_value(f, &json, &self.edge) {
                Ok(v) => {
                    // Parts of a name say more than the whole.
                    values.retain(|(i, _)| *i != ix);
                    values.push((ix, v));
                }
                Err(e) => problems.push(e),
            }
        }
        (values, links)
    }

    fn value(
        &self,
        f: &FieldDef,
        cell: &Cell,
        text: &str,
        date: Option<&DateFormat>,
        tomans: bool,
    ) -> Result<Value, FieldError> {
        let edge = if tomans { &self.in_tomans } else { &self.edge };
        let fail = |code| FieldError::of(f, code, text, Expected::Date);
        let stored = f.stored();
        if let Cell::Error(_) = cell {
            return Err(FieldError::of(
                f,
                FieldErrorCode::WrongType,
                text,
                Expected::Nothing,
            ));
        }
        // A day that stands there with a time of day is that day.
        let text = match (cell, text.split_once('T')) {
            (Cell::DateTime(_), Some((day, _))) if stored == FieldType::Date => day,
            _ => text,
        };
        let format = match cell {
            Cell::Date(_) | Cell::DateTime(_) => None,
            _ => date,
        };
        if let Some(format) = format.filter(|_| matches!(stored, FieldType::Date | FieldType::Instant)) {
            let v = parse_with(format, text).map_err(|_| fail(FieldErrorCode::NotADate))?;
            return Ok(if stored == FieldType::Date {
                Value::Date(v.days)
            } else {
                Value::Instant(Instant(v.micros(&self.edge.time_zone)))
            });
        }
        let mut value = match cell {
            Cell::Json(j) => match serde_json::from_str(j) {
                Ok(json) => codec::parse_json_value(f, &json, edge)?,
                Err(_) => codec::parse_text(f, text, edge)?,
            },
            // The parts of an address in one cell, as exports used to write them.
            Cell::Text(j) if stored == FieldType::Address && j.trim_start().starts_with('{') => {
                match serde_json::from_str(j) {
                    Ok(json) => codec::parse_json_value(f, &json, edge)?,
                    Err(_) => codec::parse_text(f, text, edge)?,
                }
            }
            _ => codec::parse_text(f, text, edge)?,
        };
        if let Value::Money(m) = &value {
            value = self.money(m.minor, &m.currency);
        }
        Ok(value)
    }

    /// A template with the row's values in it; nothing when the row has none of them.
    pub(in crate::transfer) fn fill(&self, template: &str, row: &Row, value: &str) -> String {
        let mut out = String::new();
        let (mut asked, mut given) = (false, false);
        let mut rest = template;
        while let Some((before, tail)) = rest.split_once('{') {
            out.push_str(before);
            let Some((names, after)) = tail.split_once('}') else {
                rest = tail;
                break;
            };
            asked = true;
            for name in names.split('|') {
                let (name, slug) = name.strip_suffix(":slug").map_or((name, false), |n| (n, true));
                let text = if name == "value" {
                    value.to_owned()
                } else {
                    self.columns
                        .get(&name.to_lowercase())
                        .map(|&i| row.cell(i).as_text().trim().to_owned())
                        .unwrap_or_default()
                };
                if !text.is_empty() {
                    given = true;
                    if slug {
                        out.push_str(
                            &text
                                .to_lowercase()
                                .split_whitespace()
                                .collect::<Vec<_>>()
                                .join("."),
                        );
                    } else {
                        out.push_str(&text);
                    }
                    break;
                }
            }
            rest = after;
        }
        out.push_str(rest);
        if asked && !given {
            out.clear();
        }
        out
    }
}

/// Where a link leads. People who work here are known by their e-mail address as well.
fn target(to: &ObjectDef, by: &By, said: &str) -> Target {
    let address = to
        .field("email")
        .filter(|_| to.key == "user" && said.contains('@'));
    let (by, text) = match (by, address) {
        (By::Field(_), Some((ix, _))) => (By::Field(ix), said.to_lowercase()),
        (By::Field(ix), None) => {
            let text = to.at(*ix).map_or_else(String::new, |f| compared(f, said));
            (by.clone(), text)
        }
        (By::Key(_) | By::Id, _) => (by.clone(), said.to_owned()),
    };
    Target {
        object: to.key.as_str().into(),
        by,
        text,
    }
}

/// Does a link lead to several records, and what does a cell say of each?
fn ends(f: &FieldDef, cell: &Cell, text: &str) -> (bool, Vec<String>) {
    let many = f.stored() == FieldType::Links;
    let texts = if many {
        several(cell, text)
    } else {
        vec![text.to_owned()]
    };
    (many, texts)
}

/// The texts of a cell that names several: a list, or what stands between semicolons.
fn several(cell: &Cell, text: &str) -> Vec<String> {
    if let Cell::Json(j) = cell
        && let Ok(serde_json::Value::Array(list)) = serde_json::from_str(j)
    {
        return list
            .iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect();
    }
    text.split([';', '؛', '\n'])
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect()
}
