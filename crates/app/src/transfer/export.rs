//! Exporting: records of a filter as a stream, in pages by key set.

use std::collections::{HashMap, HashSet};
use std::io::{Seek, Write};
use std::sync::Arc;

use peyvand_calendar::Calendar;
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::{company, contact};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_exchange::{
    Cell, CsvWriteOptions, CsvWriter, NdjsonWriter, VcardVersion, VcardWriter, XlsxReport, XlsxWriteOptions,
    XlsxWriter,
};
use peyvand_numbers::{Currency, Decimal, Language};
use peyvand_record::policy::Verb;
use peyvand_record::query::Query;
use peyvand_record::{AuditAction, Batch, MoneyValue, NameValue, Point, Reach, Record, Value};

use super::cards::{card_of, company_of};
use super::import::TransferError;
use super::tagged::{TAGS, tags_cell, takes_tags};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// Records of a page.
const PAGE: u32 = 500;

/// Kinds of files that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// CSV in UTF-8.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// An Excel workbook.
    Xlsx,
    /// vCard 4.0, for contacts.
    Vcf,
}

impl std::str::FromStr for ExportFormat {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Ok(match s {
            "csv" => Self::Csv,
            "ndjson" => Self::Ndjson,
            "xlsx" => Self::Xlsx,
            "vcf" => Self::Vcf,
            other => return Err(other.to_owned()),
        })
    }
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct Exported {
    /// Records.
    pub records: u64,
    /// People who were left out since the use of their data is restricted.
    pub restricted: u64,
    /// What a workbook could not hold.
    pub xlsx: Option<XlsxReport>,
}

/// A column of an export.
enum Column {
    Field(FieldIx),
    Part(FieldIx, &'static str),
    /// An amount as a number, which spreadsheets can add up.
    Number(FieldIx),
    /// The currency of the amount beside it.
    Currency(FieldIx),
}

const PARTS: &[&str] = &["title", "given", "middle", "family", "suffix", "latin"];
const ADDRESS: &[&str] = &["street", "city", "province", "postal_code", "country"];

enum Sink<W: Write> {
    Csv(Box<CsvWriter<W>>),
    Ndjson(NdjsonWriter<W>),
    Xlsx(Box<XlsxWriter>, W),
    Vcf(VcardWriter<W>, Vec<String>),
}

impl App {
    /// Writes the records of a filter that the caller may export, newest first, and says so in the audit log. The rights
    /// are looked at again for every page.
    ///
    /// # Errors
    /// No right to export, rights that were taken while it ran (what was written must not be given to anybody then), a filter that cannot be read, a file that cannot be written.
    pub async fn export<W: Write + Seek + Send>(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        filter: Option<&str>,
        format: ExportFormat,
        out: W,
        mut progress: impl FnMut(u64),
    ) -> Result<Exported, TransferError> {
        if caller.policy.reach(&object.key, Verb::Export) == Reach::None {
            self.note_refused(caller, object, "export").await?;
            return Err(AppError::Forbidden.into());
        }
        // A card is somebody's whom one can reach: no address book shall take deals for people.
        if format == ExportFormat::Vcf && !matches!(object.key.as_str(), contact::OBJECT | company::OBJECT) {
            let value = format!("vcf: {}", object.plural);
            return Err(AppError::Parameter {
                name: "format",
                value,
            }
            .into());
        }
        let mut watch = self.watch(caller).await?;
        let mut visible = self.visible(caller, object, None)?;
        if format == ExportFormat::Vcf {
            // Nobody is reached by dots: what is masked stands on no card.
            visible.retain(|ix| caller.policy.sees(&object.key, *ix));
        }
        let columns = columns(object, &visible, format);
        let mut headers: Vec<String> = columns.iter().map(|c| header(object, c)).collect();
        let tags = if takes_tags(object) {
            self.readable_tags(caller).await?
        } else {
            None
        };
        headers.extend(tags.as_ref().map(|_| TAGS.to_owned()));
        let mut sink = match format {
            ExportFormat::Csv => Sink::Csv(Box::new(CsvWriter::new(
                out,
                &headers,
                &CsvWriteOptions::default(),
            )?)),
            ExportFormat::Ndjson => Sink::Ndjson(NdjsonWriter::new(out, &headers)),
            ExportFormat::Xlsx => {
                let options = XlsxWriteOptions {
                    sheet: object.labels.en.clone(),
                    right_to_left: caller.language == Language::Fa,
                    ..XlsxWriteOptions::default()
                };
                Sink::Xlsx(Box::new(XlsxWriter::new(&headers, options)?), out)
            }
            ExportFormat::Vcf => Sink::Vcf(VcardWriter::new(out, VcardVersion::V40), headers.clone()),
        };
        let filter = match filter.map(str::trim).filter(|f| !f.is_empty()) {
            Some(text) => Some(self.filter(caller, object, text).await?),
            None => None,
        };
        let w = &caller.workspace;
        let mut query = Query::of(&object.key).limit(PAGE);
        query.filter = filter;
        let mut done = Exported::default();
        let spared = self.spared(w, object).await?;
        loop {
            let page = self
                .store
                .page(w.id, &w.layout, &caller.policy, &query)
                .await
                .map_err(AppError::from)?;
            // After the page was read and before any of it is written.
            self.still_allowed(caller, object, &mut watch, done.records)
                .await?;
            let companies = match &sink {
                Sink::Vcf(..) => {
                    let ids = page
                        .records
                        .iter()
                        .filter_map(|r| company_of(object, r))
                        .collect();
                    self.titles(caller, &HashMap::from([("company".to_owned(), ids)]))
                        .await?
                }
                _ => HashMap::new(),
            };
            let mut records = page.records;
            let whole = records.len();
            records.retain(|r| !spared.contains(&r.id()));
            done.restricted += (whole - records.len()) as u64;
            self.exportable(caller, object, &mut records).await?;
            self.dress(caller, object, &mut records);
            let carried = match &tags {
                Some(_) => {
                    let ids: Vec<Id> = records.iter().map(Record::id).collect();
                    self.carried(caller, &ids).await?
                }
                None => HashMap::new(),
            };
            for record in &records {
                let json = matches!(sink, Sink::Ndjson(_));
                let mut cells: Vec<Cell> = columns.iter().map(|c| cell(object, record, c, json)).collect();
                if let Some(tags) = &tags {
                    let own = carried.get(&record.id()).into_iter().flatten();
                    let mut names: Vec<String> = own.filter_map(|id| tags.get(id).cloned()).collect();
                    names.sort();
                    cells.push(tags_cell(&names, json || matches!(sink, Sink::Vcf(..))));
                }
                match &mut sink {
                    Sink::Csv(s) => s.write_row(&cells)?,
                    Sink::Ndjson(s) => s.write_row(&cells)?,
                    Sink::Xlsx(s, _) => s.write_row(&cells)?,
                    Sink::Vcf(s, headers) => {
                        let company = company_of(object, record).and_then(|id| companies.get(&id));
                        s.write_card(&card_of(object, record, headers, &cells, company))?;
                    }
                }
                done.records += 1;
            }
            progress(done.records);
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        match sink {
            Sink::Csv(s) => s.finish().map(drop)?,
            Sink::Ndjson(s) => s.finish().map(drop)?,
            Sink::Vcf(s, _) => s.finish().map(drop)?,
            Sink::Xlsx(s, out) => done.xlsx = Some(s.finish(out)?),
        }
        self.still_allowed(caller, object, &mut watch, done.records)
            .await?;
        let context = self.context(caller);
        let mut batch = Batch::default();
        peyvand_domain::Writer {
            catalog: w.catalog(),
            context: &context,
            ids: &self.ids,
            zone: &w.settings.time_zone,
            teams: self.teams(w.id),
        }
        .entry(
            &mut batch,
            AuditAction::Export,
            object,
            Id::NIL,
            serde_json::json!({"records": done.records, "restricted": done.restricted}).to_string(),
        );
        self.store
            .apply(&context, &w.layout, &caller.policy, &batch)
            .await
            .map_err(AppError::from)?;
        Ok(done)
    }

    /// Leaves those of the records that the caller may take out in bulk. A record that belongs to another one is taken out
    /// by those who may take out that one.
    pub(super) async fn exportable(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        records: &mut Vec<Record>,
    ) -> Result<(), AppError> {
        let policy = &caller.policy;
        if policy.unrestricted {
            return Ok(());
        }
        if !object.is_child() {
            records.retain(|r| {
                !object.ownable
                    || policy.reaches(
                        &object.key,
                        Verb::Export,
                        r.get(system::OWNER_ID).as_id(),
                        r.get(system::TEAM_ID).as_id(),
                    )
            });
            return Ok(());
        }
        let ids: Vec<Id> = records.iter().map(Record::id).collect();
        let within = self
            .within_reach(&caller.workspace, policy, &object.key, &ids, Verb::Export)
            .await?;
        let within: HashSet<Id> = within.into_iter().collect();
        records.retain(|r| within.contains(&r.id()));
        Ok(())
    }
}

/// The columns of an export; where cells are JSON an address is one of them, and in a workbook an amount is two.
fn columns(object: &ObjectDef, visible: &[FieldIx], format: ExportFormat) -> Vec<Column> {
    let json = format == ExportFormat::Ndjson;
    let mut out = vec![Column::Field(system::ID)];
    for &ix in visible {
        let Some(f) = object.at(ix) else { continue };
        if f.is_system() && !matches!(f.key.as_str(), "owner_id" | "team_id") {
            continue;
        }
        match f.stored() {
            FieldType::PersonName => out.extend(PARTS.iter().map(|p| Column::Part(ix, p))),
            FieldType::Address if !json => out.extend(ADDRESS.iter().map(|p| Column::Part(ix, p))),
            FieldType::Money if format == ExportFormat::Xlsx => {
                out.extend([Column::Number(ix), Column::Currency(ix)]);
            }
            _ => out.push(Column::Field(ix)),
        }
    }
    out
}

fn header(object: &ObjectDef, column: &Column) -> String {
    let key = |ix: FieldIx| object.at(ix).map(|f| f.key.clone()).unwrap_or_default();
    match column {
        Column::Field(ix) | Column::Number(ix) => key(*ix),
        Column::Currency(ix) => format!("{}.currency", key(*ix)),
        Column::Part(ix, part) => format!("{}.{part}", key(*ix)),
    }
}

/// A cell of a file; `json` is one in which lists are lists, however few stand in them.
fn cell(object: &ObjectDef, record: &Record, column: &Column, json: bool) -> Cell {
    match column {
        Column::Part(ix, part) => match record.get(*ix) {
            Value::Name(n) => Cell::text(part_of(n, part)),
            Value::Address(a) => Cell::text(match *part {
                "street" => &*a.street,
                "city" => &*a.city,
                "province" => &*a.province,
                "postal_code" => &*a.postal_code,
                _ => &*a.country,
            }),
            // The mask of a name or an address stands for each of its parts.
            Value::Text(s) => Cell::text(&**s),
            _ => Cell::Empty,
        },
        Column::Number(ix) => match record.get(*ix) {
            Value::Money(m) => number(m),
            v => object.at(*ix).map_or(Cell::Empty, |f| value(f, v)),
        },
        Column::Currency(ix) => currency(record.get(*ix)),
        Column::Field(ix) => match object.at(*ix) {
            Some(f) => match record.get(*ix) {
                Value::Points(points) if json => points_json(points),
                Value::Choices(keys) if json => Cell::Json(
                    serde_json::json!(keys.iter().map(|k| &**k).collect::<Vec<&str>>()).to_string(),
                ),
                Value::Ids(ids) if json => Cell::Json(
                    serde_json::json!(ids.iter().map(ToString::to_string).collect::<Vec<_>>()).to_string(),
                ),
                v => value(f, v),
            },
            None => Cell::Empty,
        },
    }
}

/// An amount without its currency.
pub(super) fn number(m: &MoneyValue) -> Cell {
    let places = Currency::new(&m.currency).map_or(0, Currency::decimals);
    Decimal::new(i128::from(m.minor), u32::from(places)).map_or(Cell::Empty, |d| Cell::Number(d.to_string()))
}

/// The currency of an amount. A masked one has none.
pub(super) fn currency(v: &Value) -> Cell {
    v.as_money().map_or(Cell::Empty, |m| Cell::text(&*m.currency))
}

fn part_of<'n>(n: &'n NameValue, part: &str) -> &'n str {
    match part {
        "title" => &n.title,
        "given" => &n.given,
        "middle" => &n.middle,
        "family" => &n.family,
        "suffix" => &n.suffix,
        _ => &n.latin,
    }
}

/// A value as a cell that is read again as the same value.
pub(super) fn value(f: &FieldDef, v: &Value) -> Cell {
    match v {
        Value::Null => Cell::Empty,
        Value::Text(s) | Value::Choice(s) => Cell::text(&**s),
        Value::Int(i) => Cell::Number(i.to_string()),
        Value::Decimal(d) => Decimal::new(i128::from(*d), u32::from(f.decimals()))
            .map_or(Cell::Empty, |d| Cell::Number(d.to_string())),
        Value::Money(m) => {
            let places = Currency::new(&m.currency).map_or(0, Currency::decimals);
            Decimal::new(i128::from(m.minor), u32::from(places))
                .map_or(Cell::Empty, |d| Cell::text(format!("{d} {}", m.currency)))
        }
        Value::Bool(b) => Cell::Bool(*b),
        Value::Date(d) => {
            let at = Calendar::Gregorian.ymd(*d);
            Cell::Date(format!("{:04}-{:02}-{:02}", at.year, at.month, at.day))
        }
        Value::Instant(i) => Cell::text(i.to_string()),
        Value::Choices(keys) => Cell::text(keys.join("; ")),
        Value::Id(id) => Cell::text(id.to_string()),
        Value::Ids(ids) => Cell::text(ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        Value::Name(n) => Cell::text(n.display()),
        Value::Points(points) => points_cell(points),
        Value::Address(_) | Value::Json(_) => {
            Cell::Json(peyvand_record::codec::value_to_json(f, v).to_string())
        }
    }
}

/// Contact points: as values where that says everything, with their labels where it does not.
fn points_cell(points: &[Point]) -> Cell {
    let plain = points
        .iter()
        .enumerate()
        .all(|(i, p)| p.label.is_none() && p.primary == (i == 0) && p.channel.as_ref() != "fax");
    if plain {
        return Cell::text(points.iter().map(|p| &*p.value).collect::<Vec<_>>().join("; "));
    }
    points_json(points)
}

/// Contact points with all that is to be said of them.
fn points_json(points: &[Point]) -> Cell {
    let list: Vec<serde_json::Value> = points
        .iter()
        .map(|p| {
            let mut one = serde_json::json!({"value": p.value, "primary": p.primary});
            if let Some(l) = &p.label {
                one["label"] = (**l).into();
            }
            if p.channel.as_ref() == "fax" {
                one["channel"] = "fax".into();
            }
            one
        })
        .collect();
    Cell::Json(serde_json::Value::Array(list).to_string())
}
