//! Rows into drafts, drafts into transactions.

use std::collections::HashMap;

use peyvand_exchange::{ExchangeError, Format, Position, Row, RowReader};
use peyvand_store::ports::Plan as StorePlan;
use sha2::{Digest, Sha256};

use super::super::bulk::{Bulk, Draft, Journal, Outcome};
use super::log::{Log, Recent};
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
    rows: usize,
}

impl Run<'_> {
    pub(super) async fn rows(&mut self, reader: &mut dyn RowReader) -> Result<(), TransferError> {
        let mut waiting = Waiting {
            lines: std::mem::take(&mut self.recent),
            ..Waiting::default()
        };
        loop {
            let before = reader.position();
            let row = match reader.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => break,
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
                    self.flush(&mut waiting, reader.position()).await?;
                    self.bulk.finish(&mut self.log).await?;
                    return Err(e.into());
                }
            };
            if row.is_blank() {
                self.log.report.blank += 1;
                continue;
            }
            if self.is_full(&waiting, &row) {
                self.flush(&mut waiting, before).await?;
            }
            self.log.report.rows += 1;
            self.take(&mut waiting, &row);
        }
        self.flush(&mut waiting, reader.position()).await?;
        Ok(self.bulk.finish(&mut self.log).await?)
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
        if let Some((text, wrong)) = plan.beyond(row, self.preview.sniff.format == Format::Xlsx) {
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
                    // The person is written, what cannot be shown about them is not.
                    Err((field, e)) => {
                        self.log.count_note(e.code(), 1);
                        let reason = AppError::Consent(e).message(self.caller.language);
                        self.log
                            .tell(row.number, "consent-left-out", &field, "", reason, hash);
                    }
                }
                self.log
                    .problems(row.number, &part.problems, "value-left-out", hash);
                if !part.problems.is_empty() {
                    self.log.count_note("value-left-out", 1);
                }
                for n in part.notes {
                    self.log.count_note(&n, 1);
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
        let Waiting { drafts, said, .. } = std::mem::take(waiting);
        let recent = lines
            .iter()
            .map(|((k, h), (n, row))| (k.clone(), h.clone(), *n, *row))
            .collect();
        if said.is_empty() || self.bulk.dry {
            self.log.send(position, hashes, recent);
            self.bulk.push(drafts, &mut self.log).await?;
        } else {
            self.flush_said(drafts, said, position, hashes, recent).await?;
        }
        waiting.lines = lines;
        Ok(())
    }

    /// Writes people and what was said of their consent. It is put down that the rows are done when both are written:
    /// after a kill in between they are read again.
    async fn flush_said(
        &mut self,
        drafts: Vec<Draft>,
        mut said: HashMap<u64, Vec<Wish>>,
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
