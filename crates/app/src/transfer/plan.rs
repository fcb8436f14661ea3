//! A mapping compiled against a file's columns and the catalog: rows become drafts.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use peyvand_calendar::date_format::{DateFormat, parse_with};
use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::handles::{activity, deal};
use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_core::Instant;
use peyvand_domain::lines::{self, Seen, lines_of};
use peyvand_domain::repeats::{NotRepeating, asked};
use peyvand_exchange::{Cell, Row, Shape};
use peyvand_numbers::{Currency, Language, RialUnit};
use peyvand_record::codec::{self, EdgeContext, Expected, FieldError, FieldErrorCode};
use peyvand_record::{MoneyValue, Value};
use serde_json::json;

use super::bulk::{ANY, By, Draft, Link, Target, compared};
use super::consent::Said;
use super::mapping::{BadValues, Column, LinkBy, Mapping, Rule, When};
use super::propose::unit_of;
use super::tagged::{TAGS, takes_tags};
use crate::records::rules::no_repeat;

/// Why a mapping cannot be used with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The mapping file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// There is no such object, or it does not take generic writes.
    #[error("object {0}")]
    Object(String),
    /// The file lacks a column.
    #[error("column {0}")]
    Column(String),
    /// The object lacks a field, or it cannot be written.
    #[error("field {0}")]
    Field(String),
    /// A value of the mapping itself cannot be read.
    #[error("value {0}")]
    Value(String),
    /// A column of dates can be read in several ways.
    #[error("dates of {column}")]
    Dates {
        /// The column.
        column: String,
        /// A value of it.
        sample: String,
        /// The readings: format, and the day that it makes of the sample.
        readings: Vec<(String, String)>,
    },
}

impl MappingError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "mapping-unreadable",
            Self::Object(_) => "mapping-unknown-object",
            Self::Column(_) => "mapping-missing-column",
            Self::Field(_) => "mapping-unknown-field",
            Self::Value(_) => "mapping-bad-value",
            Self::Dates { .. } => "mapping-ambiguous-dates",
        }
    }

    /// A sentence for the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let fa = language == Language::Fa;
        match self {
            Self::Unreadable(m) if fa => format!("فایل نگاشت خوانده نمی‌شود: {m}"),
            Self::Unreadable(m) => format!("the mapping file cannot be read: {m}"),
            Self::Object(o) if fa => format!("چنین موجودیتی برای ورود داده نیست: {o}"),
            Self::Object(o) => format!("there is no such object to import: {o}"),
            Self::Column(c) if fa => format!("این ستون در فایل نیست: {c}"),
            Self::Column(c) => format!("the file has no column {c}"),
            Self::Field(f) if fa => format!("چنین فیلدی نیست یا نوشتنی نیست: {f}"),
            Self::Field(f) => format!("there is no such field, or it cannot be written: {f}"),
            Self::Value(v) if fa => format!("این مقدارِ نگاشت خوانده نمی‌شود: {v}"),
            Self::Value(v) => format!("this value of the mapping cannot be read: {v}"),
            Self::Dates {
                column,
                sample,
                readings,
            } => {
                let mut out = if fa {
                    format!("تاریخ‌های ستون «{column}» چند جور خوانده می‌شوند؛ «{sample}» یعنی:")
                } else {
                    format!("the dates of column {column} can be read in more than one way; {sample} is:")
                };
                for (format, day) in readings {
                    let _ = write!(out, "\n  {day}  date = \"{format}\"");
                }
                out.push_str(if fa {
                    "\nیکی را در فایل نگاشت کنار نام ستون بنویسید."
                } else {
                    "\nwrite the one that is meant beside the column's name in the mapping file."
                });
                out
            }
        }
    }
}

/// A row's part of a record: which rows make one record is decided by the key.
#[derive(Debug)]
pub struct Part {
    /// The draft, with the row's line as its child.
    pub draft: Draft,
    /// Words of the rules that fitted.
    pub notes: Vec<String>,
    /// Values that could not be read, when the row is written without them.
    pub problems: Vec<FieldError>,
}

/// A rule of the mapping with its column and the values that it sets.
type BoundRule = (usize, Rule, Vec<(FieldIx, Value)>);

/// A mapping ready for use.
#[derive(Debug)]
pub struct Plan {
    /// The object of the records.
    pub object: Arc<ObjectDef>,
    /// Rows of one key are one record.
    pub group: bool,
    /// Columns that the file has a head for.
    width: usize,
    key: Vec<usize>,
    head: Fields,
    lines: Option<(FieldIx, Fields)>,
    sums: Vec<(FieldIx, lines::Part)>,
    rules: Vec<BoundRule>,
    bad_values: BadValues,
    pub(super) edge: EdgeContext,
    /// The same where amounts are in tomans.
    in_tomans: EdgeContext,
    base: Currency,
    /// Does the mapping say in which currency amounts are?
    currency_stated: bool,
    columns: HashMap<String, usize>,
    pub(super) consent: Vec<Said>,
    /// Columns that name tags.
    pub(super) tags: Vec<usize>,
}

#[derive(Debug)]
struct Fields {
    object: Arc<ObjectDef>,
    set: Vec<(FieldIx, Value)>,
    columns: Vec<Planned>,
}

#[derive(Debug)]
struct Planned {
    at: usize,
    field: FieldIx,
    kind: Kind,
    template: Option<String>,
    /// The column of its currency.
    currency: Option<usize>,
    /// Are its amounts in tomans where they say nothing themselves?
    tomans: bool,
    cut: Option<String>,
    values: BTreeMap<String, String>,
}

#[derive(Debug)]
enum Kind {
    Value {
        date: Option<DateFormat>,
    },
    Part(String),
    Point(Option<String>),
    /// A link to a record of any object, by its id.
    Any,
    Link {
        to: Arc<ObjectDef>,
        by: By,
        make: Vec<(FieldIx, String)>,
        leave: bool,
    },
}

/// The object of a name: its key or plural. Users and teams are among them, for those who may do everything.
#[must_use]
pub fn object_of<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c Arc<ObjectDef>> {
    catalog
        .by_plural(name)
        .or_else(|| catalog.object(name))
        .filter(|o| o.writes == Writes::Generic || matches!(o.key.as_str(), "user" | "team"))
}

impl Plan {
    /// Compiles a mapping for a file with these columns.
    ///
    /// # Errors
    /// Columns, objects, fields, formats and values that are not known.
    pub fn new(
        mapping: &Mapping,
        headers: &[String],
        catalog: &Catalog,
        mut edge: EdgeContext,
    ) -> Result<Self, MappingError> {
        let base = edge.base_currency;
        if let Some(c) = &mapping.currency {
            edge.base_currency = Currency::new(c).map_err(|_| MappingError::Value(c.clone()))?;
        }
        match mapping.language.as_deref() {
            None => {}
            Some("fa") => edge.language = Language::Fa,
            Some("en") => edge.language = Language::En,
            Some(other) => return Err(MappingError::Value(other.to_owned())),
        }
        if let Some(z) = &mapping.time_zone {
            edge.time_zone = zone::zone(z).ok_or_else(|| MappingError::Value(z.clone()))?;
        }
        let object = object_of(catalog, &mapping.object)
            .cloned()
            .ok_or_else(|| MappingError::Object(mapping.object.clone()))?;
        let columns: HashMap<String, usize> = headers
            .iter()
            .enumerate()
            .map(|(i, h)| (h.to_lowercase(), i))
            .collect();
        let find = |name: &str| {
            columns
                .get(&name.to_lowercase())
                .copied()
                .ok_or_else(|| MappingError::Column(name.to_owned()))
        };
        let source = source_of(mapping);
        let fixed = |object: &ObjectDef, set: &BTreeMap<String, String>| {
            set.iter()
                .map(|(k, v)| {
                    let (ix, f) = object.field(k).ok_or_else(|| MappingError::Field(k.clone()))?;
                    let value = codec::parse_text(f, v, &edge)
                        .and_then(|value| readable(object, ix, f, value, edge.today))
                        .map_err(|_| MappingError::Value(v.clone()))?;
                    Ok((ix, value))
                })
                .collect::<Result<Vec<_>, MappingError>>()
        };
        let key = mapping.key.iter().map(|k| find(k)).collect::<Result<_, _>>()?;
        let (tagging, own): (Vec<Column>, Vec<Column>) = mapping
            .columns
            .iter()
            .cloned()
            .partition(|c| c.field == TAGS && takes_tags(&object));
        let tags = tagging.iter().map(|c| find(&c.name)).collect::<Result<_, _>>()?;
        let head = fields(
            catalog,
            &object,
            fixed(&object, &mapping.set)?,
            &own,
            &columns,
            &source,
        )?;
        let lines = match &mapping.lines {
            None => None,
            Some(l) => {
                let child =
                    object_of(catalog, &l.object).ok_or_else(|| MappingError::Object(l.object.clone()))?;
                let (parent, _) = child
                    .field(&l.parent)
                    .filter(|(_, f)| f.to.as_deref() == Some(object.key.as_str()))
                    .ok_or_else(|| MappingError::Field(l.parent.clone()))?;
                Some((
                    parent,
                    fields(catalog, child, Vec::new(), &l.columns, &columns, &source)?,
                ))
            }
        };
        let mut rules = Vec::new();
        for r in &mapping.rules {
            rules.push((find(&r.column)?, r.clone(), fixed(&object, &r.set)?));
        }
        let mut sums = Vec::new();
        if let Some(of) = lines.as_ref().and_then(|(_, l)| lines_of(&l.object.key)) {
            let stated = |to: FieldIx| head.columns.iter().any(|c| c.field == to);
            sums.extend(of.sums().iter().copied().filter(|(to, _)| !stated(*to)));
        }
        let consent = mapping
            .consent
            .iter()
            .map(|r| Said::new(r, &object, &columns))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            object,
            group: mapping.group,
            width: headers.len(),
            key,
            head,
            lines,
            sums,
            rules,
            bad_values: mapping.bad_values,
            in_tomans: EdgeContext {
                rial_unit: RialUnit::Toman,
                base_currency: match &mapping.currency {
                    None => Currency::IRR,
                    Some(_) => edge.base_currency,
                },
                ..edge.clone()
            },
            edge,
            base,
            currency_stated: mapping.currency.is_some(),
            columns,
            consent,
            tags,
        })
    }

    /// The columns that hold dates for which the mapping states no format.
    pub fn undecided_dates(&self) -> Vec<usize> {
        let of = |f: &Fields| {
            f.columns
                .iter()
                .filter(|c| {
                    matches!(c.kind, Kind::Value { date: None })
                        && f.object
                            .at(c.field)
                            .is_some_and(|f| matches!(f.stored(), FieldType::Date | FieldType::Instant))
                })
                .map(|c| c.at)
                .collect::<Vec<_>>()
        };
        let mut all = of(&self.head);
        all.extend(self.lines.iter().flat_map(|(_, f)| of(f)));
        all
    }

    /// States the format of a column of dates.
    pub fn decide_dates(&mut self, column: usize, format: DateFormat) {
        let all = self
            .head
            .columns
            .iter_mut()
            .chain(self.lines.iter_mut().flat_map(|(_, f)| &mut f.columns));
        for c in all.filter(|c| c.at == column) {
            if let Kind::Value { date } = &mut c.kind {
                *date = Some(format);
            }
        }
    }

    /// The key of a row's record; `None` when one of its columns is empty, or there are none.
    #[must_use]
    pub fn key_of(&self, row: &Row) -> Option<String> {
        let parts: Vec<String> = self
            .key
            .iter()
            .map(|&i| row.cell(i).as_text().trim().to_owned())
            .collect();
        (!parts.is_empty() && parts.iter().all(|p| !p.is_empty())).then(|| parts.join("/"))
    }

    /// What stands in a row beyond the columns that the file has a head for, and whether it is an error of the row. In a
    /// text file the cells of such a row stand in wrong columns most often, since a delimiter within a value was not put
    /// into quotes; in a workbook each cell stands where somebody put it.
    #[must_use]
    pub fn beyond(&self, row: &Row, workbook: bool) -> Option<(String, bool)> {
        let Shape::Long { .. } = row.shape else {
            return None;
        };
        let cells = row.cells.get(self.width..)?.iter();
        let texts: Vec<String> = cells.map(|c| c.as_text().trim().to_owned()).collect();
        let filled: Vec<&str> = texts
            .iter()
            .map(String::as_str)
            .filter(|t| !t.is_empty())
            .collect();
        let wrong = !workbook && self.bad_values == BadValues::Row;
        (!filled.is_empty()).then(|| (filled.join(" · "), wrong))
    }

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
                Kind::Link { to, by, make, leave } => {
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
                    let (many, texts) = ends(f, cell, text);
                    links.extend(texts.into_iter().map(|said| Link {
                        field: c.field,
                        target: Target {
                            object: to.key.as_str().into(),
                            by: by.clone(),
                            text: match by {
                                By::Field(ix) => to.at(*ix).map_or_else(String::new, |f| compared(f, &said)),
                                By::Key(_) | By::Id => said.clone(),
                            },
                        },
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
    pub(super) fn fill(&self, template: &str, row: &Row, value: &str) -> String {
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

/// The value, unless it is to be how an activity repeats and says nothing of the kind. What it means follows from the day
/// of the activity, which may be known only when it is written.
fn readable(
    object: &ObjectDef,
    ix: FieldIx,
    f: &FieldDef,
    value: Value,
    today: i32,
) -> Result<Value, FieldError> {
    if object.key == activity::OBJECT
        && ix == activity::RECURRENCE
        && let Some(said) = value.as_str()
        && let Err(NotRepeating::Unreadable(_)) = asked(said, today, Calendar::Gregorian, None)
    {
        return Err(no_repeat(f, said));
    }
    Ok(value)
}

/// The other system of a mapping.
#[must_use]
pub fn source_of(mapping: &Mapping) -> String {
    if mapping.source.is_empty() {
        "file".to_owned()
    } else {
        mapping.source.clone()
    }
}

fn fields(
    catalog: &Catalog,
    object: &Arc<ObjectDef>,
    set: Vec<(FieldIx, Value)>,
    columns: &[Column],
    headers: &HashMap<String, usize>,
    source: &str,
) -> Result<Fields, MappingError> {
    let mut planned = Vec::new();
    for c in columns {
        let at = match headers.get(&c.name.to_lowercase()) {
            Some(at) => *at,
            None if c.name.is_empty() && c.template.is_some() => usize::MAX,
            None => return Err(MappingError::Column(c.name.clone())),
        };
        let unknown = || MappingError::Field(format!("{}.{}", object.key, c.field));
        let (key, part) = match c.field.split_once('.') {
            Some((k, p)) => (k, Some(p)),
            None => (c.field.as_str(), None),
        };
        let (field, f) = object.field(key).ok_or_else(unknown)?;
        if !may_bring(object, f) {
            return Err(unknown());
        }
        let kind = match (part, &c.link, f.stored()) {
            (Some(p), _, FieldType::PersonName | FieldType::Address) => Kind::Part(p.to_owned()),
            (Some(_), _, _) => return Err(unknown()),
            (None, _, FieldType::Link | FieldType::Links) if f.to.as_deref() == Some(ANY) => Kind::Any,
            (None, Some(link), FieldType::Link | FieldType::Links) => link_kind(catalog, f, link, source)?,
            (None, None, FieldType::Link | FieldType::Links) => {
                let to =
                    f.to.as_deref()
                        .and_then(|o| catalog.object(o))
                        .ok_or_else(unknown)?;
                Kind::Link {
                    to: Arc::clone(to),
                    by: By::Id,
                    make: Vec::new(),
                    leave: false,
                }
            }
            (None, _, FieldType::Points) => Kind::Point(c.label.clone()),
            _ => Kind::Value {
                date: match &c.date {
                    None => None,
                    Some(d) => Some(d.parse().map_err(|_| MappingError::Value(d.clone()))?),
                },
            },
        };
        let currency = match c.currency.as_ref().filter(|_| f.stored() == FieldType::Money) {
            None => None,
            Some(name) => {
                let at = headers.get(&name.to_lowercase());
                Some(*at.ok_or_else(|| MappingError::Column(name.clone()))?)
            }
        };
        planned.push(Planned {
            at,
            currency,
            tomans: currency.is_none()
                && f.stored() == FieldType::Money
                && unit_of(&c.name) == Some(RialUnit::Toman),
            field,
            kind,
            template: c.template.clone(),
            cut: c.cut.clone(),
            values: c.values.clone(),
        });
    }
    Ok(Fields {
        object: Arc::clone(object),
        set,
        columns: planned,
    })
}

/// May a file say this field? When a deal came into its stage happened elsewhere, as the stage did.
pub(super) fn may_bring(object: &ObjectDef, f: &FieldDef) -> bool {
    if f.is_system() {
        return matches!(f.key.as_str(), "owner_id" | "team_id");
    }
    f.writes == Writes::Generic || object.key == deal::OBJECT && f.key == "stage_entered_at"
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

fn link_kind(catalog: &Catalog, f: &FieldDef, link: &LinkBy, source: &str) -> Result<Kind, MappingError> {
    let to =
        f.to.as_deref()
            .and_then(|o| catalog.object(o))
            .ok_or_else(|| MappingError::Field(f.key.clone()))?;
    let by = if link.by == "key" {
        By::Key(link.source.as_deref().unwrap_or(source).into())
    } else {
        let (ix, _) = to
            .field(&link.by)
            .ok_or_else(|| MappingError::Field(format!("{}.{}", to.key, link.by)))?;
        By::Field(ix)
    };
    let make = link
        .make
        .iter()
        .map(|(k, t)| {
            to.field(k)
                .map(|(ix, _)| (ix, t.clone()))
                .ok_or_else(|| MappingError::Field(format!("{}.{k}", to.key)))
        })
        .collect::<Result<_, _>>()?;
    Ok(Kind::Link {
        to: Arc::clone(to),
        by,
        make,
        leave: link.leave,
    })
}
