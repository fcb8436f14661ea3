//! Importing a file: sniffed, mapped, streamed in transactions of a few hundred records, resumable, and told row by row.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::sync::Arc;

use peyvand_calendar::Calendar;
use peyvand_calendar::column::guess_column;
use peyvand_calendar::date_format::parse_with;
use peyvand_calendar::format::{DateStyle, DateView, format_date};
use peyvand_catalog::Writes;
use peyvand_core::Id;
use peyvand_exchange::profile::Column as Profile;
use peyvand_exchange::{
    Cell, CsvOptions, CsvReader, ExchangeError, Format, Limits, NdjsonOptions, NdjsonReader, Position, Row,
    RowReader, SNIFF_BYTES, Sniff, VcardOptions, VcardReader, XlsxOptions, XlsxReader, sniff,
};
use peyvand_numbers::Language;
use peyvand_record::codec::{FieldError, Mode};
use peyvand_store::ports::{OnKey, Plan as StorePlan, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::bulk::{Bulk, CHUNK, Draft, OnDuplicate, Outcome, Written};
use super::mapping::Mapping;
use super::plan::{MappingError, Plan, object_of, source_of};
use super::propose::{Proposed, propose};
use crate::app::App;
use crate::caller::Caller;
use crate::consent::Wish;
use crate::errors::AppError;

/// Rows looked at before a format is decided.
const LOOKED_AT: u64 = 5_000;
/// So many rows may change what the database goes by when it plans a question.
const MANY: u64 = 1_000;
/// Rows of one transaction at most.
const MOST_ROWS: usize = 2_500;
/// Rows over which the rows of one record may be strewn without two equal lines of it becoming one.
const STREWN: u64 = 1_000;

/// Why a file was not imported (any further).
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] ExchangeError),
    /// The mapping does not fit.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The records cannot be written or read.
    #[error(transparent)]
    App(#[from] AppError),
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

/// One thing that the report says of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowNote {
    /// Row of the file, from 1 behind the header.
    pub row: u64,
    /// Object of the record.
    pub object: String,
    /// `failed`, `duplicate`, or the word of a note.
    pub outcome: String,
    /// The field.
    pub field: String,
    /// The value.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The import, by which it can be undone.
    pub id: String,
    /// Rows read.
    pub rows: u64,
    /// Blank rows passed over.
    pub blank: u64,
    /// Number by `object.outcome`; records made for links are not among them.
    pub outcomes: BTreeMap<String, u64>,
    /// Number of rows by note.
    pub notes: BTreeMap<String, u64>,
    /// Row behind which an interrupted import went on.
    pub resumed_after: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Progress {
    position: Position,
    report: Report,
    /// Lines of the last rows: key of the record, hash, how often, row. Equal lines that stand on both sides of a
    /// transaction's end are still counted as two.
    recent: Vec<(String, String, u32, u64)>,
}

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
        let sniff = sniff(&head)?;
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
            let p = propose(catalog, &object, &headers);
            mapping.columns.clone_from(&p.mapping.columns);
            if mapping.key.is_empty() {
                mapping.key.clone_from(&p.mapping.key);
                mapping.source.clone_from(&p.mapping.source);
            }
            proposed = Some(p);
        }
        if let Some(p) = request.policy {
            mapping.policy = Some(p);
        }
        let edge = caller
            .workspace
            .edge(caller.language, self.clock.now(), Mode::Create);
        let mut plan = Plan::new(&mapping, &headers, catalog, edge)?;
        for column in plan.undecided_dates() {
            let Some(profile) = profiles.get(column) else {
                continue;
            };
            let samples: Vec<&str> = profile.date_samples().map(|(s, _)| s).collect();
            let guess = guess_column(&samples);
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
        let preview = self.preview_import(caller, file, request)?;
        let settings = serde_json::json!({
            "fingerprint": preview.fingerprint,
            "mapping": preview.mapping.to_toml(),
        })
        .to_string();
        let object = preview.plan.object.key.clone();
        let (id, start) = match self.interrupted(caller, &settings, request.dry_run).await? {
            Some((id, p)) => (id, p),
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
                if !request.dry_run {
                    self.put_transfer(caller, id, "running", &object, &settings, &p, &[])
                        .await?;
                }
                (id, p)
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
        let mut run = Run {
            app: self,
            caller,
            id,
            settings,
            preview: &preview,
            bulk,
            report: start.report,
            note,
            progress,
            kept: Vec::new(),
            recent: start
                .recent
                .into_iter()
                .map(|(k, h, n, row)| ((k, h), (n, row)))
                .collect(),
        };
        let at = (start.position.row > 0).then_some(start.position);
        run.report.resumed_after = at.map(|p| p.row);
        let reader = BufReader::with_capacity(1 << 16, File::open(file)?);
        match preview.sniff.format {
            Format::Csv => {
                let options = CsvOptions::from(&preview.sniff);
                let mut r = match at {
                    None => CsvReader::new(reader, options)?,
                    Some(p) => CsvReader::resume(reader, options, p)?,
                };
                run.rows(&mut r).await?;
            }
            Format::Ndjson => {
                let options = NdjsonOptions {
                    encoding: preview.sniff.encoding,
                    limits: Limits::default(),
                };
                let mut r = NdjsonReader::new(reader, options);
                r.set_headers(&preview.headers);
                skip(&mut r, at)?;
                run.rows(&mut r).await?;
            }
            Format::Vcard => {
                let options = VcardOptions {
                    encoding: preview.sniff.encoding,
                    limits: Limits::default(),
                };
                let mut r = VcardReader::new(reader, options);
                skip(&mut r, at)?;
                run.rows(&mut r).await?;
            }
            Format::Xlsx => {
                let mut book = XlsxReader::open(reader, Limits::default())?;
                let sheet = first_sheet(&book);
                let mut r = book.rows(&sheet, &XlsxOptions::default())?;
                skip(&mut r, at)?;
                run.rows(&mut r).await?;
            }
        }
        let p = Progress {
            position: Position::default(),
            report: run.report.clone(),
            recent: Vec::new(),
        };
        if !request.dry_run {
            self.put_transfer(caller, id, "done", &object, &run.settings, &p, &[])
                .await?;
            if run.report.rows >= MANY {
                // What was imported stands; a server that is too busy to count does so by itself later.
                drop(self.store.engine().count_anew().await);
            }
        }
        Ok(run.report)
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
        let key = [("workspace_id", i64::from(caller.workspace.id.0).into())];
        let rows = self
            .store
            .rows(RowsCall::new(t, &key).order("created_at", true).limit(200))
            .await?;
        Ok(rows
            .iter()
            .find(|r| {
                r[t.at("kind")].text() == Some("import")
                    && r[t.at("state")].text() == Some("running")
                    && r[t.at("settings")].text() == Some(settings)
            })
            .and_then(|r| {
                let p = serde_json::from_str(r[t.at("progress")].text()?).ok()?;
                Some((r[t.at("id")].uuid()?, p))
            }))
    }

    #[expect(clippy::too_many_arguments, reason = "one row, spelled out once")]
    async fn put_transfer(
        &self,
        caller: &Caller,
        id: Id,
        state: &str,
        object: &str,
        settings: &str,
        progress: &Progress,
        rows: &[(RowNote, [u8; 32])],
    ) -> Result<(), AppError> {
        let t = &SIDE.transfer;
        let now = self.clock.now().micros();
        let w: SqlVal = i64::from(caller.workspace.id.0).into();
        let mut row = vec![SqlVal::Null; t.columns.len()];
        for (c, v) in [
            ("workspace_id", w.clone()),
            ("id", id.into()),
            ("kind", "import".into()),
            ("object", object.into()),
            ("state", state.into()),
            ("actor", caller.actor.id().into()),
            ("settings", settings.into()),
            (
                "progress",
                serde_json::to_string(progress)
                    .unwrap_or_default()
                    .as_str()
                    .into(),
            ),
            ("created_at", now.into()),
            ("updated_at", now.into()),
        ] {
            row[t.at(c)] = v;
        }
        if state == "done" {
            row[t.at("finished_at")] = now.into();
        }
        let mut steps = vec![Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Replace,
        }];
        let t = &SIDE.transfer_row;
        for (n, hash) in rows {
            let mut row = vec![SqlVal::Null; t.columns.len()];
            for (c, v) in [
                ("workspace_id", w.clone()),
                ("transfer_id", id.into()),
                ("row_number", (n.row as i64).into()),
                ("hash", hash.to_vec().into()),
                ("outcome", n.outcome.as_str().into()),
                (
                    "detail",
                    serde_json::to_string(n).unwrap_or_default().as_str().into(),
                ),
            ] {
                row[t.at(c)] = v;
            }
            steps.push(Step::Insert {
                table: Arc::clone(t),
                row,
                on_key: OnKey::Replace,
            });
        }
        Ok(self.store.engine().apply(StorePlan { steps }).await?)
    }
}

/// One import under way.
struct Run<'a> {
    app: &'a App,
    caller: &'a Caller,
    id: Id,
    settings: String,
    preview: &'a Preview,
    bulk: Bulk<'a>,
    report: Report,
    note: &'a mut dyn FnMut(RowNote),
    progress: &'a mut dyn FnMut(u64),
    kept: Vec<(RowNote, [u8; 32])>,
    recent: Lines,
}

/// How often each line of a record was met, and where last.
type Lines = HashMap<(String, String), (u32, u64)>;

/// Drafts that wait for their transaction.
#[derive(Default)]
struct Waiting {
    drafts: Vec<Draft>,
    by_key: HashMap<String, usize>,
    lines: Lines,
    hashes: HashMap<u64, [u8; 32]>,
    said: HashMap<u64, Vec<Wish>>,
    rows: usize,
}

impl Run<'_> {
    async fn rows(&mut self, reader: &mut dyn RowReader) -> Result<(), TransferError> {
        let mut waiting = Waiting {
            lines: std::mem::take(&mut self.recent),
            ..Waiting::default()
        };
        loop {
            let row = match reader.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(e) if e.is_row_error() => {
                    self.report.rows += 1;
                    let row = reader.position().row;
                    let reason = TransferError::File(e).message(self.caller.language);
                    self.count_row("failed");
                    self.tell(row, "failed", "", "", reason, [0; 32]);
                    continue;
                }
                Err(e) => {
                    // What stands before the damage is written; the next call goes on from there.
                    self.flush(&mut waiting, reader.position()).await?;
                    return Err(e.into());
                }
            };
            if row.is_blank() {
                self.report.blank += 1;
                continue;
            }
            self.report.rows += 1;
            self.take(&mut waiting, &row);
            if waiting.drafts.len() >= CHUNK || waiting.rows >= MOST_ROWS {
                self.flush(&mut waiting, reader.position()).await?;
            }
        }
        self.flush(&mut waiting, reader.position()).await
    }

    fn take(&mut self, waiting: &mut Waiting, row: &Row) {
        let plan = &self.preview.plan;
        let hash = hash_of(row);
        let short = self.preview.fingerprint.get(..16).unwrap_or_default();
        let key = plan
            .key_of(row)
            .unwrap_or_else(|| format!("{short}:{}", row.number));
        // Two equal lines of one record are two lines.
        let line = if plan.group {
            let text = hex::encode(&hash[..16]);
            let met = waiting.lines.entry((key.clone(), text.clone())).or_default();
            *met = (met.0 + 1, row.number);
            format!("{text}:{}", met.0)
        } else {
            "1".to_owned()
        };
        waiting.hashes.insert(row.number, hash);
        waiting.rows += 1;
        match plan.part(row, key.clone(), line) {
            Err(problems) => {
                self.count_row("failed");
                self.problems(row.number, &problems, "failed", hash);
            }
            Ok(part) => {
                match plan.said(row, &part.draft, self.app.clock.now()) {
                    Ok(said) if said.is_empty() => {}
                    Ok(said) => {
                        waiting.said.insert(row.number, said);
                    }
                    // The person is written, what cannot be shown about them is not.
                    Err((field, e)) => {
                        *self.report.notes.entry(e.code().to_owned()).or_default() += 1;
                        let reason = AppError::Consent(e).message(self.caller.language);
                        self.tell(row.number, "consent-left-out", &field, "", reason, hash);
                    }
                }
                self.problems(row.number, &part.problems, "value-left-out", hash);
                if !part.problems.is_empty() {
                    *self.report.notes.entry("value-left-out".to_owned()).or_default() += 1;
                }
                for n in part.notes {
                    *self.report.notes.entry(n).or_default() += 1;
                }
                match waiting
                    .by_key
                    .get(&key)
                    .filter(|_| plan.group)
                    .and_then(|&i| waiting.drafts.get_mut(i))
                {
                    Some(first) => {
                        let other = part
                            .draft
                            .values
                            .iter()
                            .find(|(ix, v)| first.values.iter().any(|(i, w)| i == ix && w != v));
                        let field = other
                            .and_then(|(ix, _)| plan.object.at(*ix))
                            .map(|f| f.key.clone());
                        first.children.extend(part.draft.children);
                        if let Some(field) = field {
                            *self
                                .report
                                .notes
                                .entry(format!("differs-within-record.{field}"))
                                .or_default() += 1;
                        }
                    }
                    None => {
                        waiting.by_key.insert(key, waiting.drafts.len());
                        waiting.drafts.push(part.draft);
                    }
                }
            }
        }
    }

    async fn flush(&mut self, waiting: &mut Waiting, position: Position) -> Result<(), TransferError> {
        let hashes = std::mem::take(&mut waiting.hashes);
        let mut lines = std::mem::take(&mut waiting.lines);
        lines.retain(|_, (_, row)| *row + STREWN > position.row);
        let Waiting { drafts, mut said, .. } = std::mem::take(waiting);
        for w in self.bulk.write(drafts).await? {
            self.count(&w);
            let there = matches!(
                w.outcome,
                Outcome::Created | Outcome::Updated | Outcome::Unchanged
            );
            if let (Some(said), Some(person), true) = (said.remove(&w.row), w.id, there && !self.bulk.dry) {
                let n = self.app.import_consent(self.caller, person, &said).await?;
                *self
                    .report
                    .notes
                    .entry("consent-recorded".to_owned())
                    .or_default() += n;
            }
            let hash = hashes.get(&w.row).copied().unwrap_or_default();
            match &w.outcome {
                Outcome::Failed(errors) => self.problems(w.row, errors, "failed", hash),
                Outcome::Duplicate(by) => {
                    let id = w.id.map(|i| i.to_string()).unwrap_or_default();
                    self.tell(w.row, "duplicate", by, &id, String::new(), hash);
                }
                // What would become of every row is what a dry run is for.
                outcome if self.bulk.dry && *w.object == *self.preview.plan.object.key => {
                    let id = w.id.filter(|_| !matches!(outcome, Outcome::Created));
                    let id = id.map(|i| i.to_string()).unwrap_or_default();
                    self.tell(w.row, outcome.key(), "", &id, String::new(), hash);
                }
                _ => {}
            }
        }
        (self.progress)(self.report.rows);
        if !self.bulk.dry {
            let p = Progress {
                position,
                report: self.report.clone(),
                recent: lines
                    .iter()
                    .map(|((k, h), (n, row))| (k.clone(), h.clone(), *n, *row))
                    .collect(),
            };
            let rows = std::mem::take(&mut self.kept);
            let object = &self.preview.plan.object.key;
            self.app
                .put_transfer(self.caller, self.id, "running", object, &self.settings, &p, &rows)
                .await?;
        }
        self.kept.clear();
        waiting.lines = lines;
        Ok(())
    }

    fn count(&mut self, w: &Written) {
        let key = format!("{}.{}", w.object, w.outcome.key());
        *self.report.outcomes.entry(key).or_default() += 1;
    }

    fn count_row(&mut self, outcome: &str) {
        let key = format!("{}.{outcome}", self.preview.plan.object.key);
        *self.report.outcomes.entry(key).or_default() += 1;
    }

    fn problems(&mut self, row: u64, errors: &[FieldError], outcome: &str, hash: [u8; 32]) {
        for e in errors {
            let reason = e.message(self.caller.language);
            self.tell(row, outcome, &e.field, &e.value, reason, hash);
        }
    }

    fn tell(&mut self, row: u64, outcome: &str, field: &str, value: &str, reason: String, hash: [u8; 32]) {
        let n = RowNote {
            row,
            object: self.preview.plan.object.key.clone(),
            outcome: outcome.to_owned(),
            field: field.to_owned(),
            value: value.to_owned(),
            reason,
        };
        self.kept.push((n.clone(), hash));
        (self.note)(n);
    }
}

fn hash_of(row: &Row) -> [u8; 32] {
    let mut h = Sha256::new();
    for c in &row.cells {
        let text = c.as_text();
        h.update((text.len() as u64).to_le_bytes());
        h.update(text.as_bytes());
    }
    h.finalize().into()
}

/// SHA-256 of a file, in hexadecimal.
fn fingerprint(file: &Path) -> std::io::Result<String> {
    let mut h = Sha256::new();
    std::io::copy(&mut BufReader::with_capacity(1 << 16, File::open(file)?), &mut h)?;
    Ok(hex::encode(h.finalize()))
}

fn first_sheet<R: std::io::Read + std::io::Seek>(book: &XlsxReader<R>) -> String {
    let sheets = book.sheets();
    sheets
        .iter()
        .find(|s| s.visible)
        .or_else(|| sheets.first())
        .map(|s| s.name.clone())
        .unwrap_or_default()
}

fn skip(reader: &mut dyn RowReader, at: Option<Position>) -> Result<(), ExchangeError> {
    let rows = at.map_or(0, |p| p.row);
    while reader.position().row < rows {
        match reader.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(e) if e.is_row_error() => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// The columns of a file, and what stands in their first rows.
fn look(file: &Path, sniff: &Sniff) -> Result<(Vec<String>, Vec<Profile>), ExchangeError> {
    let reader = BufReader::with_capacity(1 << 16, File::open(file).map_err(ExchangeError::Io)?);
    match sniff.format {
        Format::Csv => look_at(&mut CsvReader::new(reader, CsvOptions::from(sniff))?),
        Format::Ndjson => look_at(&mut NdjsonReader::new(
            reader,
            NdjsonOptions {
                encoding: sniff.encoding,
                limits: Limits::default(),
            },
        )),
        Format::Vcard => look_at(&mut VcardReader::new(
            reader,
            VcardOptions {
                encoding: sniff.encoding,
                limits: Limits::default(),
            },
        )),
        Format::Xlsx => {
            let mut book = XlsxReader::open(reader, Limits::default())?;
            let sheet = first_sheet(&book);
            look_at(&mut book.rows(&sheet, &XlsxOptions::default())?)
        }
    }
}

fn look_at(reader: &mut dyn RowReader) -> Result<(Vec<String>, Vec<Profile>), ExchangeError> {
    let mut profiles: Vec<Profile> = Vec::new();
    for _ in 0..LOOKED_AT {
        match reader.next_row() {
            Ok(Some(row)) => {
                for (i, cell) in row.cells.iter().enumerate() {
                    if profiles.len() <= i {
                        profiles.push(Profile::new());
                    }
                    if let (Some(p), false) = (profiles.get_mut(i), matches!(cell, Cell::Json(_))) {
                        p.add(cell);
                    }
                }
            }
            Ok(None) => break,
            Err(e) if e.is_row_error() => {}
            // The damage is met again when the rows before it have been imported.
            Err(e) if profiles.is_empty() => return Err(e),
            Err(_) => break,
        }
    }
    Ok((reader.headers().to_vec(), profiles))
}
