//! Exporting what a list shows: its columns in their order, its filter, its search and its sort.

use std::collections::HashMap;
use std::io::{Seek, Write};
use std::sync::Arc;

use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_exchange::{Cell, CsvWriteOptions, CsvWriter, XlsxWriteOptions, XlsxWriter};
use peyvand_i18n::{Args, keys, text};
use peyvand_numbers::Language;
use peyvand_record::policy::Verb;
use peyvand_record::{AuditAction, Batch, Reach, Value};

use super::export::{ExportFormat, Exported, currency, number, value as plain_cell};
use super::import::TransferError;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::records::ListRequest;

/// Records of a page.
const PAGE: u32 = 200;
/// Most records of one file: whoever asks waits until it is made. Longer lists go through the export centre.
pub const MOST: u64 = 100_000;

impl App {
    /// Writes what a list shows, with heads in the language of the caller and linked records by their titles, and says so
    /// in the audit log. At most [`MOST`] records.
    ///
    /// # Errors
    /// No right to export, or one that was taken while it ran; a filter or sort that cannot be read; another format than CSV and XLSX.
    pub async fn export_view<W: Write + Seek + Send>(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        request: &ListRequest,
        columns: &[FieldIx],
        format: ExportFormat,
        out: W,
    ) -> Result<Exported, TransferError> {
        enum Sink<W: Write> {
            Csv(Box<CsvWriter<W>>),
            Xlsx(Box<XlsxWriter>, W),
        }
        if caller.policy.reach(&object.key, Verb::Export) == Reach::None {
            return Err(AppError::Forbidden.into());
        }
        let mut watch = self.watch(caller).await?;
        let fa = caller.language == Language::Fa;
        let label = |t: &peyvand_catalog::definition::Text| if fa { t.fa.clone() } else { t.en.clone() };
        // In a workbook amounts are numbers, with their currency in the column beside them.
        let two = |f: &FieldDef| format == ExportFormat::Xlsx && f.stored() == FieldType::Money;
        let headers: Vec<String> = columns
            .iter()
            .filter_map(|ix| object.at(*ix))
            .flat_map(|f| {
                let label = label(&f.label);
                let args = Args::new().text("field", label.clone());
                let beside = two(f).then(|| text(caller.language, keys::TRANSFER_CURRENCY_OF, &args));
                std::iter::once(label).chain(beside)
            })
            .collect();
        let mut sink = match format {
            ExportFormat::Csv => Sink::Csv(Box::new(CsvWriter::new(
                out,
                &headers,
                &CsvWriteOptions::default(),
            )?)),
            ExportFormat::Xlsx => {
                let options = XlsxWriteOptions {
                    sheet: label(&object.labels),
                    right_to_left: fa,
                    ..XlsxWriteOptions::default()
                };
                Sink::Xlsx(Box::new(XlsxWriter::new(&headers, options)?), out)
            }
            ExportFormat::Ndjson | ExportFormat::Vcf => {
                return Err(AppError::Parameter {
                    name: "format",
                    value: "csv, xlsx".to_owned(),
                }
                .into());
            }
        };
        let mut done = Exported::default();
        let spared = self.spared(&caller.workspace, object).await?;
        let mut cursor = None;
        loop {
            let page = ListRequest {
                limit: Some(PAGE),
                cursor: cursor.take(),
                count: false,
                ..request.clone()
            };
            let mut listed = self.list(caller, object, &page).await?;
            self.still_allowed(caller, object, &mut watch, done.records)
                .await?;
            let whole = listed.records.len();
            listed.records.retain(|r| !spared.contains(&r.id()));
            done.restricted += (whole - listed.records.len()) as u64;
            self.exportable(caller, object, &mut listed.records).await?;
            let titles = self.link_titles(caller, object, &listed.records, columns).await?;
            for record in &listed.records {
                let cells: Vec<Cell> = columns
                    .iter()
                    .filter_map(|ix| object.at(*ix).map(|f| (f, record.get(*ix))))
                    .flat_map(|(f, value)| {
                        let beside = two(f).then(|| currency(value));
                        let cell = match value {
                            Value::Money(m) if two(f) => number(m),
                            Value::Id(id) => titles.get(id).map_or(Cell::Empty, |t| Cell::text(t.clone())),
                            Value::Choice(k) => Cell::text(f.choice(k).map_or_else(
                                || k.to_string(),
                                |c| if fa { c.fa.clone() } else { c.en.clone() },
                            )),
                            Value::Name(n) => Cell::text(n.display()),
                            v => plain_cell(f, v),
                        };
                        std::iter::once(cell).chain(beside)
                    })
                    .collect();
                match &mut sink {
                    Sink::Csv(s) => s.write_row(&cells)?,
                    Sink::Xlsx(s, _) => s.write_row(&cells)?,
                }
                done.records += 1;
            }
            match listed.next {
                Some(next) if done.records < MOST => cursor = Some(next),
                _ => break,
            }
        }
        match sink {
            Sink::Csv(s) => s.finish().map(drop)?,
            Sink::Xlsx(s, out) => done.xlsx = Some(s.finish(out)?),
        }
        self.still_allowed(caller, object, &mut watch, done.records)
            .await?;
        let context = self.context(caller);
        let mut batch = Batch::default();
        let detail = serde_json::json!({"records": done.records, "restricted": done.restricted}).to_string();
        self.writer(caller, &context)
            .entry(&mut batch, AuditAction::Export, object, Id::NIL, detail);
        self.store
            .apply(&context, &caller.workspace.layout, &caller.policy, &batch)
            .await
            .map_err(AppError::from)?;
        Ok(done)
    }

    async fn link_titles(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        records: &[peyvand_record::Record],
        columns: &[FieldIx],
    ) -> Result<HashMap<Id, String>, AppError> {
        let mut wanted: HashMap<String, Vec<Id>> = HashMap::new();
        for ix in columns {
            let Some(f) = object.at(*ix) else { continue };
            // The fields that every record has name no object: owners and makers are people.
            let to = match f.to.as_deref() {
                Some("*") => continue,
                Some(to) => to,
                None if f.stored() != FieldType::Link => continue,
                None if f.key == "team_id" => "team",
                None => "user",
            };
            let list = wanted.entry(to.to_owned()).or_default();
            list.extend(records.iter().filter_map(|r| r.get(*ix).as_id()));
        }
        self.titles(caller, &wanted).await
    }
}
