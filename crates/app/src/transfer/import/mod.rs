//! Importing a file: sniffed, mapped, streamed in transactions of a few hundred records, resumable, and told row by row.

mod log;
mod look;
mod rights;
mod run;
mod waiting;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use peyvand_calendar::Calendar;
use peyvand_calendar::column::guess_column;
use peyvand_calendar::date_format::parse_with;
use peyvand_calendar::format::{DateStyle, DateView, format_date};
use peyvand_catalog::Writes;
use peyvand_core::Id;
use peyvand_exchange::{ExchangeError, Format, Position, SNIFF_BYTES, Sniff};
use peyvand_numbers::Language;
use peyvand_record::codec::Mode;
use peyvand_store::tables::SIDE;

pub use log::{Report, RowNote};

use super::bulk::{Bulk, OnDuplicate};
use super::mapping::{BadValues, Column, Mapping};
use super::plan::{MappingError, Plan, object_of, source_of};
use super::propose::{Proposed, propose};
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use log::{Log, Progress};
use look::fingerprint;
pub(crate) use look::{kind_of, look};
use peyvand_exchange::profile::Column as Profile;
use rights::{within_rights, writable};
use run::Run;

/// So many rows may change what the database goes by when it plans a question.
const MANY: u64 = 1_000;

/// Why a file was not imported (any further).
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] ExchangeError),
    /// The mapping does not fit.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Columns of dates can be read in several ways: the mapping has to say which is meant.
    #[error("dates of {}", .0.questions.len())]
    Asks(Box<Asks>),
    /// The records cannot be written or read.
    #[error(transparent)]
    App(#[from] AppError),
}

/// What a mapping has to answer before a file can be imported.
#[derive(Debug)]
pub struct Asks {
    /// The mapping so far, with all that could be decided.
    pub mapping: Mapping,
    /// What else is proposed.
    pub about: serde_json::Value,
    /// The columns.
    pub questions: Vec<Undecided>,
}

impl From<std::io::Error> for TransferError {
    fn from(e: std::io::Error) -> Self {
        Self::File(ExchangeError::Io(e))
    }
}

impl TransferError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(e) => e.code(),
            Self::Mapping(e) => e.code(),
            Self::Asks(_) => "mapping-ambiguous-dates",
            Self::App(e) => e.code(),
        }
    }

    /// A sentence for the reader.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::File(e) => {
                let mut args = peyvand_i18n::Args::new();
                for (k, v) in e.fields() {
                    args = args.text(k, v);
                }
                peyvand_i18n::text_of_code(language, e.code(), &args)
            }
            Self::Mapping(e) => e.message(language),
            Self::Asks(asks) => {
                let dates = |(column, sample, readings): &Undecided| MappingError::Dates {
                    column: column.clone(),
                    sample: sample.clone(),
                    readings: readings.clone(),
                };
                let all = asks.questions.iter().map(|q| dates(q).message(language));
                all.collect::<Vec<_>>().join("\n")
            }
            Self::App(e) => e.message(language),
        }
    }
}

/// What to import.
#[derive(Debug, Clone, Default)]
pub struct ImportRequest {
    /// Object, when the mapping does not say it.
    pub object: Option<String>,
    /// The mapping; proposed from the names of the columns when not given.
    pub mapping: Option<Mapping>,
    /// What becomes of records that are there already; overrides the mapping.
    pub policy: Option<OnDuplicate>,
    /// Only tell what would happen.
    pub dry_run: bool,
    /// What the file is called, where it does not lie under its own name.
    pub name: Option<String>,
}

/// What is known of a file before it is imported.
#[derive(Debug)]
pub struct Preview {
    /// How it is read.
    pub sniff: Sniff,
    /// Its columns.
    pub headers: Vec<String>,
    /// The mapping that will be used, with the date formats that were decided.
    pub mapping: Mapping,
    /// What was proposed, when no mapping was given.
    pub proposed: Option<Proposed>,
    /// Some values of each column.
    pub samples: Vec<Vec<String>>,
    plan: Plan,
    fingerprint: String,
}

/// A column of dates with several readings: its name, a value of it, the formats with the day that each makes of it.
pub type Undecided = (String, String, Vec<(String, String)>);

impl App {
    /// Reads as much of a file as is needed to say how it will be imported.
    ///
    /// # Errors
    /// A file that cannot be read, a mapping that does not fit, columns of dates with several readings.
    pub fn preview_import(
        &self,
        caller: &Caller,
        file: &Path,
        request: &ImportRequest,
    ) -> Result<Preview, TransferError> {
        self.preview_asking(caller, file, request, None)
    }

    /// As [`Self::preview_import`], but columns of dates with several readings are put into `undecided` to be asked about:
    /// column, a value of it, and the readings with the day that each makes of it.
    ///
    /// # Errors
    /// A file that cannot be read, a mapping that does not fit.
    pub fn preview_asking(
        &self,
        caller: &Caller,
        file: &Path,
        request: &ImportRequest,
        mut undecided: Option<&mut Vec<Undecided>>,
    ) -> Result<Preview, TransferError> {
        let mut head = Vec::with_capacity(SNIFF_BYTES);
        File::open(file)?
            .take(SNIFF_BYTES as u64)
            .read_to_end(&mut head)?;
        let name = match &request.name {
            Some(name) => name.as_str(),
            None => file.file_name().and_then(|n| n.to_str()).unwrap_or_default(),
        };
        let sniff = kind_of(name, &head)?;
        let catalog = caller.workspace.catalog();
        let mut mapping = request.mapping.clone().unwrap_or_default();
        if let Some(o) = &request.object {
            mapping.object.clone_from(o);
        }
        if mapping.object.is_empty() && sniff.format == Format::Vcard {
            "contacts".clone_into(&mut mapping.object);
        }
        let object = object_of(catalog, &mapping.object)
            .cloned()
            .ok_or_else(|| MappingError::Object(mapping.object.clone()))?;
        if object.writes != Writes::Generic && !caller.policy.unrestricted {
            return Err(AppError::Forbidden.into());
        }
        let (headers, profiles) = look(file, &sniff)?;
        let mut proposed = None;
        if mapping.columns.is_empty() && mapping.lines.is_none() {
            let mut p = propose(catalog, &object, &headers);
            // What the caller may not write is none of their columns.
            let (may, not) = std::mem::take(&mut p.mapping.columns)
                .into_iter()
                .partition(|c| writable(&caller.policy, &object, &c.field));
            p.mapping.columns = may;
            p.left.extend(not.into_iter().map(|c: Column| c.name));
            mapping.columns.clone_from(&p.mapping.columns);
            if mapping.key.is_empty() {
                mapping.key.clone_from(&p.mapping.key);
                mapping.source.clone_from(&p.mapping.source);
            }
            // An address book is full of half-said things: nobody is left out for a birthday without its year.
            if sniff.format == Format::Vcard {
                mapping.bad_values = Some(BadValues::Value);
            }
            proposed = Some(p);
        }
        // A list without records, as an export writes it, has no columns either.
        if head.is_empty() {
            mapping = Mapping {
                object: mapping.object,
                ..Mapping::default()
            };
        }
        if let Some(p) = request.policy {
            mapping.policy = Some(p);
        }
        within_rights(caller, &object, &mapping)?;
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Create);
        let mut plan = Plan::new(&mapping, &headers, catalog, edge)?;
        for column in plan.amounts() {
            if profiles.get(column).is_some_and(Profile::has_decimal_commas) {
                plan.decide_commas(column);
            }
        }
        for column in plan.undecided_dates() {
            let Some(profile) = profiles.get(column) else {
                continue;
            };
            let samples: Vec<&str> = profile.date_samples().map(|(s, _)| s).collect();
            let home = caller.workspace.calendar();
            let mut guess = guess_column(&samples, home);
            if guess.survivors.is_empty() {
                // A day that no calendar has says nothing of how the others are written.
                let days = samples.iter().copied();
                let readable: Vec<&str> = days
                    .filter(|s| !guess_column(&[s], home).survivors.is_empty())
                    .collect();
                guess = guess_column(&readable, home);
            }
            if let Some(format) = guess.decided() {
                plan.decide_dates(column, format);
                let all = mapping.columns.iter_mut();
                for c in all.chain(mapping.lines.iter_mut().flat_map(|l| &mut l.columns)) {
                    if headers.get(column) == Some(&c.name) && c.date.is_none() {
                        c.date = Some(format.to_string());
                    }
                }
            } else if guess.survivors.len() > 1 {
                let sample = samples.first().copied().unwrap_or_default();
                let readings = guess
                    .survivors
                    .iter()
                    .filter_map(|f| {
                        let days = parse_with(f, sample).ok()?.days;
                        let view = DateView::EN.in_calendar(Calendar::Gregorian);
                        Some((f.to_string(), format_date(days, DateStyle::LongWeekday, view)))
                    })
                    .collect();
                if let Some(list) = undecided.as_deref_mut() {
                    list.push((
                        headers.get(column).cloned().unwrap_or_default(),
                        sample.to_owned(),
                        readings,
                    ));
                    continue;
                }
                return Err(MappingError::Dates {
                    column: headers.get(column).cloned().unwrap_or_default(),
                    sample: sample.to_owned(),
                    readings,
                }
                .into());
            }
        }
        Ok(Preview {
            fingerprint: fingerprint(file)?,
            sniff,
            headers,
            mapping,
            proposed,
            samples: profiles
                .iter()
                .map(|p| p.samples().iter().take(3).cloned().collect())
                .collect(),
            plan,
        })
    }

    /// Imports a file. `note` is told what the report says of single rows, `progress` the rows done.
    ///
    /// # Errors
    /// As [`Self::preview_import`], and what the store says. What was written stays, and the same call goes on.
    pub async fn import(
        &self,
        caller: &Caller,
        file: &Path,
        request: &ImportRequest,
        note: &mut dyn FnMut(RowNote),
        progress: &mut dyn FnMut(u64),
    ) -> Result<Report, TransferError> {
        self.import_told(caller, file, request, &mut |_, _| {}, note, progress)
            .await
    }

    /// As [`Self::import`]; `begins` is told the import, by which it can be taken back, before the first row is written,
    /// and how many rows of it were done before. A trial is no import.
    ///
    /// # Errors
    /// As [`Self::import`].
    pub async fn import_told(
        &self,
        caller: &Caller,
        file: &Path,
        request: &ImportRequest,
        begins: &mut dyn FnMut(Id, u64),
        note: &mut dyn FnMut(RowNote),
        progress: &mut dyn FnMut(u64),
    ) -> Result<Report, TransferError> {
        let preview = self.preview_import(caller, file, request)?;
        let m = &preview.mapping;
        if !preview.headers.is_empty() && m.columns.is_empty() && m.lines.is_none() && m.consent.is_empty() {
            return Err(MappingError::Nothing.into());
        }
        let settings = serde_json::json!({
            "fingerprint": preview.fingerprint,
            "mapping": preview.mapping.to_toml(),
        })
        .to_string();
        let object = preview.plan.object.key.clone();
        let (id, start, new) = match self.interrupted(caller, &settings, request.dry_run).await? {
            Some((id, p)) => (id, p, false),
            None => {
                let id = self.ids.next(self.clock.now());
                let report = Report {
                    id: id.to_string(),
                    ..Report::default()
                };
                let p = Progress {
                    position: Position::default(),
                    report,
                    recent: Vec::new(),
                };
                (id, p, true)
            }
        };
        let mut bulk = Bulk::new(
            self,
            caller,
            id,
            &source_of(&preview.mapping),
            preview.mapping.policy.unwrap_or_default(),
        );
        bulk.matching = true;
        bulk.dry = request.dry_run;
        bulk.defer = true;
        let mut log = Log::new(
            self,
            caller,
            id,
            settings,
            object,
            request.dry_run,
            start.report.clone(),
            note,
            progress,
        );
        if new {
            log.put("running", &start).await?;
        } else {
            log.waiting = self.waiting_rows(caller, id).await?;
        }
        if !request.dry_run {
            begins(id, start.position.row);
        }
        let mut run = Run {
            app: self,
            caller,
            preview: &preview,
            bulk,
            log,
            recent: start
                .recent
                .into_iter()
                .map(|(k, h, n, row)| ((k, h), (n, row)))
                .collect(),
            again: None,
            end: None,
            tags: None,
        };
        let at = (start.position.row > 0).then_some(start.position);
        run.log.report.resumed_after = at.map(|p| p.row);
        run.file(file, at).await?;
        let report = run.log.finished();
        let p = Progress {
            position: Position::default(),
            report: report.clone(),
            recent: Vec::new(),
        };
        run.log.put("done", &p).await?;
        if report.rows >= MANY && !request.dry_run {
            // What was imported stands; a server that is too busy to count does so by itself later.
            drop(self.store.engine().count_anew().await);
        }
        Ok(report)
    }

    /// The import of the same file with the same mapping that did not come to its end.
    async fn interrupted(
        &self,
        caller: &Caller,
        settings: &str,
        dry: bool,
    ) -> Result<Option<(Id, Progress)>, AppError> {
        if dry {
            return Ok(None);
        }
        let t = &SIDE.transfer;
        let rows = self.running_imports(caller).await?;
        Ok(rows
            .iter()
            .find(|r| r[t.at("settings")].text() == Some(settings))
            .and_then(|r| {
                let p = serde_json::from_str(r[t.at("progress")].text()?).ok()?;
                Some((r[t.at("id")].uuid()?, p))
            }))
    }
}
