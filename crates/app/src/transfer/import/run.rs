//! Rows into drafts, drafts into transactions.

use std::collections::HashMap;

use peyvand_exchange::{Position, Row, RowReader};
use peyvand_numbers::Language;
use sha2::{Digest, Sha256};

use super::super::bulk::{Bulk, CHUNK, Draft};
use super::log::Log;
use super::{Preview, TransferError};

/// Rows of one transaction at most.
const MOST_ROWS: usize = 2_500;
/// Rows over which the rows of one record may be strewn without two equal lines of it becoming one.
const STREWN: u64 = 1_000;

/// One import under way.
pub(super) struct Run<'a> {
    pub(super) language: Language,
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
    rows: usize,
}

impl Run<'_> {
    pub(super) async fn rows(&mut self, reader: &mut dyn RowReader) -> Result<(), TransferError> {
        let mut waiting = Waiting {
            lines: std::mem::take(&mut self.recent),
            ..Waiting::default()
        };
        loop {
            let row = match reader.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(e) if e.is_row_error() => {
                    self.log.report.rows += 1;
                    let row = reader.position().row;
                    let reason = TransferError::File(e).message(self.language);
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
            self.log.report.rows += 1;
            self.take(&mut waiting, &row);
            if waiting.drafts.len() >= CHUNK || waiting.rows >= MOST_ROWS {
                self.flush(&mut waiting, reader.position()).await?;
            }
        }
        self.flush(&mut waiting, reader.position()).await?;
        Ok(self.bulk.finish(&mut self.log).await?)
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
                self.log.count_row("failed");
                self.log.problems(row.number, &problems, "failed", hash);
            }
            Ok(part) => {
                self.log
                    .problems(row.number, &part.problems, "value-left-out", hash);
                if !part.problems.is_empty() {
                    *self
                        .log
                        .report
                        .notes
                        .entry("value-left-out".to_owned())
                        .or_default() += 1;
                }
                for n in part.notes {
                    *self.log.report.notes.entry(n).or_default() += 1;
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
                                .log
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
        let drafts = std::mem::take(waiting).drafts;
        let recent = lines
            .iter()
            .map(|((k, h), (n, row))| (k.clone(), h.clone(), *n, *row))
            .collect();
        self.log.send(position, hashes, recent);
        self.bulk.push(drafts, &mut self.log).await?;
        waiting.lines = lines;
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
