//! A mapping compiled against a file's columns and the catalog: rows become drafts.

mod errors;
mod rows;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use peyvand_calendar::date_format::DateFormat;
use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::handles::{activity, deal};
use peyvand_catalog::{Catalog, FieldDef, FieldIx, FieldType, ObjectDef, Writes};
use peyvand_domain::lines::{self, lines_of};
use peyvand_domain::repeats::{NotRepeating, asked};
use peyvand_exchange::{Row, Shape};
use peyvand_numbers::{Currency, Language, RialUnit};
use peyvand_record::Value;
use peyvand_record::codec::{self, EdgeContext, FieldError};

use super::bulk::{ANY, By, Draft};
use super::consent::Said;
use super::mapping::{BadValues, Column, LinkBy, Mapping, Rule};
use super::propose::unit_of;
use super::tagged::{TAGS, takes_tags};
use crate::records::rules::no_repeat;

pub use self::errors::MappingError;

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
    /// Are its numbers written with a decimal comma?
    commas: bool,
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
        first: bool,
    },
}

/// What a mapping says of all its columns.
struct From {
    /// The other system.
    source: String,
    /// Are rows written without an owner who is not among the users?
    owners: bool,
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
        let from = From {
            source: source_of(mapping),
            owners: mapping.bad_values != Some(BadValues::Row),
        };
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
            &from,
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
                    fields(catalog, child, Vec::new(), &l.columns, &columns, &from)?,
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
            bad_values: mapping.bad_values.unwrap_or_default(),
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

    /// The columns that hold amounts and numbers with decimal places.
    pub fn amounts(&self) -> Vec<usize> {
        let of = |f: &Fields| {
            let numbers = f.columns.iter().filter(|c| {
                f.object
                    .at(c.field)
                    .is_some_and(|f| matches!(f.stored(), FieldType::Money | FieldType::Decimal))
            });
            numbers.map(|c| c.at).collect::<Vec<_>>()
        };
        let mut all = of(&self.head);
        all.extend(self.lines.iter().flat_map(|(_, f)| of(f)));
        all
    }

    /// States that the numbers of a column are written with a decimal comma: `1.234,5`, and `10.000` is ten thousand.
    pub fn decide_commas(&mut self, column: usize) {
        let all = self.head.columns.iter_mut();
        for c in all.chain(self.lines.iter_mut().flat_map(|(_, f)| &mut f.columns)) {
            c.commas |= c.at == column;
        }
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
    from: &From,
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
        let mut kind = match (part, &c.link, f.stored()) {
            (Some(p), _, FieldType::PersonName | FieldType::Address) => Kind::Part(p.to_owned()),
            (Some(_), _, _) => return Err(unknown()),
            (None, _, FieldType::Link | FieldType::Links) if f.to.as_deref() == Some(ANY) => Kind::Any,
            (None, Some(link), FieldType::Link | FieldType::Links) => {
                link_kind(catalog, f, link, &from.source)?
            }
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
                    first: false,
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
        if let Kind::Link { leave, .. } = &mut kind {
            *leave |= from.owners && f.is_system() && f.key == "owner_id";
        }
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
            commas: false,
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
        first: link.first,
    })
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
