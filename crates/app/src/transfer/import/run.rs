//! Rows into drafts, drafts into transactions.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use peyvand_core::Id;
use peyvand_exchange::{
    CsvOptions, CsvReader, ExchangeError, Format, Limits, NdjsonOptions, NdjsonReader, Position, Row,
    RowReader, VcardOptions, VcardReader, XlsxOptions, XlsxReader,
};
use peyvand_store::ports::Plan as StorePlan;
use sha2::{Digest, Sha256};

use super::super::bulk::{Bulk, Draft, Journal, Outcome};
use super::super::tagged::{Known, TAGS};
use super::log::{Log, Recent};
use super::look::{first_sheet, skip};
use super::waiting::Rows;
use super::{Preview, TransferError};
use crate::app::App;
use crate::caller::Caller;
use crate::consent::Wish;
use crate::errors::AppError;

/// Rows over which the rows of one record may be strewn without two equal lines of it becoming one.
const STREWN: u64 = 1_000;

/// One import under way.
pub(super) struct Run<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) preview: &'a Preview,
    pub(super) bulk: Bulk<'a>,
    pub(super) log: Log<'a>,
    pub(super) recent: Lines,
    /// The file is read again: only these rows count, and what is to be said of reading them was said.
    pub(super) again: Option<Rows>,
    /// Where the file ended when it was read first.
    pub(super) end: Option<Position>,
    /// The tags that are known by now; read when the first row names some.
    pub(super) tags: Option<Known>,
}

/// How often each line of a record was met, and where last.
pub(super) type Lines = HashMap<(String, String), (u32, u64)>;

/// Drafts that wait for their transaction.
#[derive(Default)]
struct Waiting {
    drafts: Vec<Draft>,
    by_key: HashMap<String, usize>,
    lines: Lines,
    hashes: HashMap<u64, [u8; 32]>,
    said: HashMap<u64, Vec<Wish>>,
    tags: HashMap<u64, Vec<String>>,
    rows: usize,
}

impl Run<'_> {
    /// Reads the file from where it was left, and then again for the rows that lead to records further down, until none
    /// finds its record any more. What is damaged at its end does not keep these rows out.
    pub(super) async fn file(&mut self, file: &Path, at: Option<Position>) -> Result<(), TransferError> {
        let read = self.read(file, at).await;
        if !matches!(read, Ok(()) | Err(TransferError::File(_))) {
            return read;
        }
        while self.bulk.defer && self.log.waiting.len() > 0 {
            let before = self.log.waiting.len();
            self.again = Some(self.log.waiting.clone());
            self.recent.clear();
            match self.read(file, None).await {
                Err(TransferError::File(_)) if read.is_err() => {}
                again => again?,
            }
            if self.log.waiting.len() == before {
                break;
            }
        }
        if self.log.waiting.len() > 0 {
            // Those that are left lead nowhere, and are told so.
            self.bulk.defer = false;
            self.again = Some(self.log.waiting.clone());
            self.recent.clear();
            match self.read(file, None).await {
                Err(TransferError::File(_)) if read.is_err() => {}
                again => again?,
            }
        }
        read
    }

    async fn read(&mut self, file: &Path, at: Option<Position>) -> Result<(), TransferError> {
        let sniff = &self.preview.sniff;
        let limits = Limits::default();
        let encoding = sniff.encoding;
        let reader = BufReader::with_capacity(1 << 16, File::open(file)?);
        match sniff.format {
            Format::Csv => {
                let options = CsvOptions::from(sniff);
                let mut r = match at {
                    None => CsvReader::new(reader, options)?,
                    Some(p) => CsvReader::resume(reader, options, p)?,
                };
                self.rows(&mut r).await
            }
            Format::Ndjson => {
                let mut r = NdjsonReader::new(reader, NdjsonOptions { encoding, limits });
                r.set_headers(&self.preview.headers);
                skip(&mut r, at)?;
                self.rows(&mut r).await
            }
            Format::Vcard => {
                let mut r = VcardReader::new(reader, VcardOptions { encoding, limits });
                skip(&mut r, at)?;
                self.rows(&mut r).await
            }
            Format::Xlsx => {
                let mut book = XlsxReader::open(reader, limits)?;
                let sheet = first_sheet(&book);
                let mut r = book.rows(&sheet, &XlsxOptions::default())?;
                skip(&mut r, at)?;
                self.rows(&mut r).await
            }
        }
    }

    async fn rows(&mut self, reader: &mut dyn RowReader) -> Result<(), TransferError> {
        let mut waiting = Waiting {
            lines: std::mem::take(&mut self.recent),
            ..Waiting::default()
        };
        loop {
            let before = reader.position();
            let row = match reader.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(e) if e.is_row_error() && self.again.is_some() => continue,
                Err(e) if e.is_row_error() => {
                    self.log.report.rows += 1;
                    let row = reader.position().row;
                    let reason = TransferError::File(e).message(self.caller.language);
                    self.log.count_row("failed");
                    self.log.tell(row, "failed", "", "", reason, [0; 32]);
                    continue;
                }
                Err(e) => {
                    // What stands before the damage is written; the next call goes on from there.
                    self.rest(&mut waiting, reader.position()).await?;
                    return Err(e.into());
                }
            };
            if let Some(again) = &self.again {
                if again.end_before(row.number) {
                    break;
                }
                if !again.contains(row.number) {
                    continue;
                }
            } else if row.is_blank() {
                self.log.report.blank += 1;
                continue;
            }
            if self.is_full(&waiting, &row) {
                self.flush(&mut waiting, before).await?;
            }
            if self.again.is_none() {
                self.log.report.rows += 1;
            }
            self.take(&mut waiting, &row);
        }
        self.rest(&mut waiting, reader.position()).await
    }

    /// Writes what is left at the end of the file, and what is to be told of it.
    async fn rest(&mut self, waiting: &mut Waiting, position: Position) -> Result<(), TransferError> {
        self.end.get_or_insert(position);
        self.flush(waiting, position).await?;
        self.bulk.finish(&mut self.log).await?;
        if self.log.owes() {
            self.flush(waiting, position).await?;
            self.bulk.finish(&mut self.log).await?;
        }
        Ok(())
    }

    /// Shall the rows be written before this one is taken? A record whose rows stand together is not torn apart, unless
    /// there are very many of them.
    fn is_full(&self, waiting: &Waiting, row: &Row) -> bool {
        let fits = self.bulk.fits();
        let plan = &self.preview.plan;
        let goes_on = || plan.group && plan.key_of(row).is_some_and(|k| waiting.by_key.contains_key(&k));
        waiting.rows >= fits && (waiting.rows >= fits * 2 || !goes_on())
    }

    fn take(&mut self, waiting: &mut Waiting, row: &Row) {
        let plan = &self.preview.plan;
        let first_time = self.again.is_none();
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
        let workbook = self.preview.sniff.format == Format::Xlsx;
        if let Some((text, wrong)) = plan.beyond(row, workbook).filter(|_| first_time) {
            let e = ExchangeError::LongRow {
                row: row.number,
                line: row.line,
                found: row.cells.len() as u64,
                expected: self.preview.headers.len() as u64,
            };
            let reason = TransferError::File(e).message(self.caller.language);
            let outcome = if wrong { "failed" } else { "value-left-out" };
            self.log.tell(row.number, outcome, "", &text, reason, hash);
            if wrong {
                self.log.count_row("failed");
                return;
            }
            self.log.count_note("value-left-out", 1);
        }
        match plan.part(row, key.clone(), line) {
            Err(problems) => {
                self.log.count_row("failed");
                self.log.problems(row.number, &problems, "failed", hash);
            }
            Ok(part) => {
                match plan.said(row, &part.draft, self.app.clock.now()) {
                    Ok(said) if said.is_empty() => {}
                    Ok(said) => {
                        waiting.said.insert(row.number, said);
                    }
                    Err(_) if !first_time => {}
                    // The person is written, what cannot be shown about them is not.
                    Err((field, e)) => {
                        self.log.count_note(e.code(), 1);
                        let reason = AppError::Consent(e).message(self.caller.language);
                        self.log
                            .tell(row.number, "consent-left-out", &field, "", reason, hash);
                    }
                }
                if first_time {
                    self.log
                        .problems(row.number, &part.problems, "value-left-out", hash);
                    if !part.problems.is_empty() {
                        self.log.count_note("value-left-out", 1);
                    }
                    for n in part.notes {
                        self.log.count_note(&n, 1);
                    }
                }
                let tags = plan.tags_of(row);
                if !tags.is_empty() {
                    waiting.tags.insert(row.number, tags);
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
                        if let Some(field) = field.filter(|_| first_time) {
                            self.log.count_note(&format!("differs-within-record.{field}"), 1);
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
        // Rows that are read again need no place from which to go on: they cease to wait when they are written.
        let position = self.end.unwrap_or(position);
        let Waiting {
            drafts, said, tags, ..
        } = std::mem::take(waiting);
        let tags = self.tags_of(tags, &hashes).await?;
        let recent = lines
            .iter()
            .map(|((k, h), (n, row))| (k.clone(), h.clone(), *n, *row))
            .collect();
        if said.is_empty() && tags.is_empty() || self.bulk.dry {
            self.log.send(position, hashes, recent);
            self.bulk.push(drafts, &mut self.log).await?;
        } else {
            self.flush_said(drafts, (said, tags), position, hashes, recent)
                .await?;
        }
        waiting.lines = lines;
        Ok(())
    }

    /// The tags that rows name, made where there are none. What cannot be made is told, and the row goes without it.
    async fn tags_of(
        &mut self,
        named: HashMap<u64, Vec<String>>,
        hashes: &HashMap<u64, [u8; 32]>,
    ) -> Result<HashMap<u64, Vec<Id>>, TransferError> {
        let mut out = HashMap::new();
        if named.is_empty() {
            return Ok(out);
        }
        let mut known = match self.tags.take() {
            Some(known) => known,
            None => self.app.known_tags(self.caller).await?,
        };
        let mut named: Vec<(u64, Vec<String>)> = named.into_iter().collect();
        named.sort();
        for (row, names) in named {
            let mut ids: Vec<Id> = Vec::new();
            let mut refused = 0;
            for name in names {
                let (operation, dry) = (self.bulk.operation, self.bulk.dry);
                let found = self.app.tag_named(self.caller, &mut known, &name, operation, dry);
                match found.await? {
                    Ok(id) => ids.extend(id.filter(|id| !ids.contains(id))),
                    Err(_) if self.again.is_some() => {}
                    Err(e) => {
                        refused += 1;
                        let hash = hashes.get(&row).copied().unwrap_or_default();
                        let reason = e.message(self.caller.language);
                        self.log.tell(row, "value-left-out", TAGS, &name, reason, hash);
                    }
                }
            }
            if refused > 0 {
                self.log.count_note("value-left-out", 1);
            }
            if !ids.is_empty() {
                out.insert(row, ids);
            }
        }
        self.tags = Some(known);
        Ok(out)
    }

    /// Writes records with their tags, and people with what was said of their consent. It is put down that the rows are done
    /// when both are written: after a kill in between they are read again.
    async fn flush_said(
        &mut self,
        drafts: Vec<Draft>,
        (mut said, tags): (HashMap<u64, Vec<Wish>>, HashMap<u64, Vec<Id>>),
        position: Position,
        hashes: HashMap<u64, [u8; 32]>,
        recent: Recent,
    ) -> Result<(), TransferError> {
        self.bulk.finish(&mut self.log).await?;
        let written = self.bulk.write(drafts).await?;
        for w in &written {
            let there = matches!(
                w.outcome,
                Outcome::Created | Outcome::Updated | Outcome::Unchanged
            );
            if let (Some(said), Some(person), true) = (said.remove(&w.row), w.id, there) {
                let n = self
                    .app
                    .import_consent(self.caller, person, &said, self.bulk.operation)
                    .await?;
                self.log.count_note("consent-recorded", n);
            }
        }
        let object = &self.preview.plan.object;
        let how = (self.bulk.operation, self.bulk.policy);
        self.app
            .import_tags(self.caller, object, &written, &tags, how)
            .await?;
        self.log.send(position, hashes, recent);
        let mut rest = StorePlan::default();
        let steps = Journal::steps(&mut self.log, &written);
        self.bulk.add_to(&mut rest, steps).await?;
        self.app
            .store
            .engine()
            .apply(rest)
            .await
            .map_err(AppError::from)?;
        self.log.landed(&written);
        Ok(())
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
